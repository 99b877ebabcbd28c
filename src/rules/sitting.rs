//! The rules of a run at work: asked once, and again where a rule file changes. Only what an edited rule is called by
//! is asked again; everything else in the plan stands.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use crate::ground::diagnostic::Diagnostics;
use crate::ground::source::Spanned;
use crate::model::inputs::{Found, Inputs, Shelf};
use crate::model::measure::MeasureIx;
use crate::model::scenario::Scenario;

use super::plan::{KeyPatch, Plan};
use super::planner::{self, Planned};
use super::rulebook::{Rulebook, words};
use super::sandbox::Clock;

/// The rules of a run, and the texts that they are from.
#[derive(Clone)]
pub struct Sitting {
    /// The scenario with all figures that follow an index.
    pub scenario: Arc<Scenario>,
    /// The rules.
    pub rulebook: Rulebook,
    /// The texts.
    pub inputs: Inputs,
    /// The scenario as it was resolved, for asking what follows an index again.
    as_resolved: Arc<Scenario>,
    rule_files: Vec<Spanned<String>>,
    clock: Arc<dyn Clock>,
    /// Who calls which rule, looked up when it is first asked for.
    callers: Arc<OnceLock<Callers>>,
}

/// Which expressions of a scenario hold a word.
#[derive(Default)]
struct Callers {
    /// By word: the measures in whose keys it stands.
    keys: BTreeMap<String, BTreeSet<MeasureIx>>,
    /// The words of all other expressions.
    elsewhere: BTreeSet<String>,
}

/// What an edited rule file comes to.
pub struct Edit {
    /// What is different in the plan.
    pub change: Change,
    rulebook: Rulebook,
    inputs: Inputs,
    /// Where figures follow indexes that rules have changed.
    scenario: Option<Arc<Scenario>>,
}

/// What is different in a plan.
pub enum Change {
    /// The keys of some measures.
    Keys(KeyPatch),
    /// Perhaps everything.
    All(Box<Planned>),
}

impl Sitting {
    /// Loads the rules of a scenario and asks them everything. Faults go to `found`.
    pub fn new(
        scenario: &Arc<Scenario>,
        rule_files: &[Spanned<String>],
        shelf: &(dyn Shelf + Sync),
        mut inputs: Inputs,
        clock: Arc<dyn Clock>,
        found: &mut Diagnostics,
    ) -> Option<(Sitting, Plan)> {
        let errors_before = found.error_count();
        let planned =
            planner::plan(Some(scenario), rule_files, shelf, &mut inputs, Arc::clone(&clock), found);
        let sitting = Sitting {
            scenario: planned.scenario.filter(|_| found.error_count() == errors_before)?,
            rulebook: planned.rulebook,
            inputs,
            as_resolved: Arc::clone(scenario),
            rule_files: rule_files.to_vec(),
            clock,
            callers: Arc::default(),
        };
        Some((sitting, planned.plan))
    }

    /// Tries other bytes in the place of a rule file, against the plan that stands. Faults go to `found`, and then
    /// there is nothing to take over.
    pub fn try_edit(
        &self,
        file: &Found,
        plan: &Plan,
        shelf: &(dyn Shelf + Sync),
        found: &mut Diagnostics,
    ) -> Option<Edit> {
        let mut inputs = self.inputs.clone();
        let source = found.take(inputs.replace_rules(file))?;
        // Parameters are of the plan as a whole, and each stands in one place.
        let alone = !self.rulebook.has_imports() && plan.parameters.is_empty();
        let Some(source) = source.filter(|_| alone) else { return self.all_again(inputs, shelf, found) };
        let errors_before = found.error_count();
        let clock = Arc::clone(&self.clock);
        let asked = planner::keys_again(&self.scenario, plan, &inputs, clock, found, |engine, found| {
            let rulebook = self.rulebook.with_file(source, &inputs, engine, found)?;
            let changed = self.rulebook.changed(&self.inputs, &rulebook, &inputs);
            let measures = self.measures_that_call(&changed)?;
            Some((rulebook, measures))
        });
        match asked {
            Some((rulebook, patch)) if found.error_count() == errors_before => {
                Some(Edit { change: Change::Keys(patch), rulebook, inputs, scenario: None })
            }
            // What calls the edited rules is more than keys, or the names of rules clash: from the start.
            None if found.error_count() == errors_before => self.all_again(inputs, shelf, found),
            _ => None,
        }
    }

    /// Takes over an edit; what is different in the plan goes to whoever holds it.
    pub fn take_over(&mut self, edit: Edit) -> Change {
        (self.rulebook, self.inputs) = (edit.rulebook, edit.inputs);
        if let Some(scenario) = edit.scenario {
            self.scenario = scenario;
            self.callers = Arc::default();
        }
        edit.change
    }

    fn all_again(&self, inputs: Inputs, shelf: &(dyn Shelf + Sync), found: &mut Diagnostics) -> Option<Edit> {
        let errors_before = found.error_count();
        let mut inputs = inputs;
        let planned = planner::plan(
            Some(&self.as_resolved),
            &self.rule_files,
            shelf,
            &mut inputs,
            Arc::clone(&self.clock),
            found,
        );
        if found.error_count() > errors_before {
            return None;
        }
        let (scenario, rulebook) = (planned.scenario.clone(), planned.rulebook.clone());
        Some(Edit { change: Change::All(Box::new(planned)), rulebook, inputs, scenario })
    }

    /// The measures whose keys call any of these rules; none where anything but keys does.
    fn measures_that_call(&self, rules: &BTreeSet<String>) -> Option<Vec<MeasureIx>> {
        let callers = self.callers.get_or_init(|| Callers::of(&self.scenario));
        if rules.iter().any(|rule| callers.elsewhere.contains(rule)) {
            return None;
        }
        let measures = rules.iter().filter_map(|rule| callers.keys.get(rule)).flatten();
        Some(measures.copied().collect::<BTreeSet<_>>().into_iter().collect())
    }
}

impl Callers {
    fn of(scenario: &Scenario) -> Callers {
        let mut callers = Callers::default();
        for (index, measure) in scenario.measures() {
            for word in measure.key().into_iter().flat_map(|key| words(&key.value)) {
                callers.keys.entry(word.to_owned()).or_default().insert(index);
            }
        }
        let of_measures = scenario.measures.iter().flat_map(|own| {
            let figures = std::iter::once(&own.decided).chain(own.lines.iter().map(|line| &line.budget));
            own.funding.iter().chain(figures.filter_map(|figures| figures.index.as_ref()))
        });
        let of_grants = scenario.grants.iter().flat_map(|own| own.carry_over.iter().chain(&own.payment));
        let of_reserves = scenario.reserves.iter().flat_map(|own| &own.exit_key);
        for expression in of_measures.chain(of_grants).chain(of_reserves) {
            callers.elsewhere.extend(words(&expression.value).map(str::to_owned));
        }
        callers
    }
}
