//! Hybrids walked: what each comes to, or the fault for which it makes no sense.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::engine::budget::Budget;
use crate::engine::exact::Walked;
use crate::engine::keys::ReadyKeys;
use crate::engine::walk;
use crate::ground::diagnostic::{Diagnostics, Severity};
use crate::ground::money::TooLarge;
use crate::ground::source::Spanned;
use crate::model::entries::{GrantEntry, MeasureEntry, ReserveEntry, ResidualEntry};
use crate::model::inputs::{Found, Inputs, ReadFault, Shelf};
use crate::model::resolve::{Reading, resolve};
use crate::model::scenario::Scenario;
use crate::model::scenario_file::ScenarioFile;
use crate::rules::plan::Plan;
use crate::rules::planner;
use crate::rules::sandbox::Clock;

use super::facets::funds_call;
use super::hybrid::Hybrid;
use super::kind::Kind;
use super::rules_of_both::{ChangedRules, only_there};
use super::side::Side;

/// Why something cannot be walked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What is wrong, as a clause.
    pub message: String,
    /// File and line, where it has a place.
    pub at: Option<String>,
}

impl From<TooLarge> for Refusal {
    fn from(fault: TooLarge) -> Refusal {
        Refusal { message: fault.to_string(), at: None }
    }
}

/// A hybrid that was walked.
pub struct HybridWalk {
    scenario: Arc<Scenario>,
    plan: Plan,
    keys: ReadyKeys,
    budget: Budget,
}

impl HybridWalk {
    /// What came out, with what it was walked with.
    pub fn walked(&self) -> Walked<'_> {
        Walked { scenario: &self.scenario, plan: &self.plan, keys: &self.keys, budget: &self.budget }
    }
}

impl Refusal {
    /// The first error of those that were found.
    pub fn first_of(found: &Diagnostics, inputs: &Inputs) -> Refusal {
        let mut errors = found.iter().filter(|fault| fault.severity == Severity::Error);
        let first = errors.next();
        let at =
            first.and_then(|fault| fault.place.as_ref()).map(|(place, _)| inputs.sources.locate_line(place));
        Refusal { message: first.map(|fault| fault.message.clone()).unwrap_or_default(), at }
    }
}

/// Walks hybrids of two scenarios.
pub struct HybridWalker<'w> {
    /// Which rules say something else in each.
    pub rules: &'w ChangedRules,
    /// The clock that rules are stopped by.
    pub clock: Arc<dyn Clock>,
}

impl HybridWalker<'_> {
    /// Walks a hybrid, written as this file.
    ///
    /// # Errors
    /// The first fault, where it makes no sense.
    pub fn walk(&self, hybrid: Hybrid<'_>, file: ScenarioFile) -> Result<HybridWalk, Refusal> {
        let (of_keys, of_funds) = (hybrid.side(Kind::Key), hybrid.side(Kind::Grants));
        let one_is_enough = std::ptr::eq(of_keys, of_funds)
            || ![hybrid.first, hybrid.second].into_iter().any(|side| funds_call(side, self.rules));
        let (scenario, plan) = if one_is_enough {
            self.plan(hybrid, file, of_keys)?
        } else {
            // Keys ask the rules of one scenario and funding steps those of the other.
            let (_, keys) = self.plan(hybrid, without_funds(file.clone()), of_keys)?;
            let (_, funds) = self.plan(hybrid, without_keys(file.clone()), of_funds)?;
            let mut inputs = hybrid.second.inputs.clone();
            (Arc::new(resolved(file, &RuleShelf::default(), &mut inputs)?), keys.with_funds_of(funds))
        };
        walk_planned(scenario, plan, &hybrid.second.inputs)
    }

    /// Asks the rules of one of the scenarios, and of the other one those that it alone has.
    fn plan(
        &self,
        hybrid: Hybrid<'_>,
        mut file: ScenarioFile,
        rules_of: &Side<'_>,
    ) -> Result<(Arc<Scenario>, Plan), Refusal> {
        let other = if std::ptr::eq(rules_of, hybrid.first) { hybrid.second } else { hybrid.first };
        // The second scenario was read beside the first, and has the texts of both.
        let mut inputs = hybrid.second.inputs.asked_as(&rules_of.inputs);
        let mut shelf = RuleShelf::default();
        file.rules.clone_from(&rules_of.file.rules);
        for (source, text) in only_there(rules_of, other) {
            let shown_name = inputs.sources.get(source).name.clone();
            inputs.sources.replace(source, text);
            let name = format!("\u{1}{}", shelf.shown_names.len());
            file.rules.push(Spanned { value: name.clone(), place: file.place.clone() });
            shelf.shown_names.insert(name, shown_name);
        }
        let mut scenario = resolved(file, &shelf, &mut inputs)?;
        scenario.rules_ahead = -hybrid.moved(rules_of);
        planned(&Arc::new(scenario), &shelf, &mut inputs, &self.clock)
    }
}

/// Walks a scenario with the rules of a side that it was made from.
///
/// # Errors
/// The first fault.
pub fn walk_scenario(
    scenario: Scenario,
    side: &Side<'_>,
    clock: &Arc<dyn Clock>,
) -> Result<HybridWalk, Refusal> {
    let mut inputs = side.inputs.clone();
    let (scenario, plan) = planned(&Arc::new(scenario), &RuleShelf::default(), &mut inputs, clock)?;
    walk_planned(scenario, plan, &inputs)
}

/// Asks the rules of a scenario.
fn planned(
    scenario: &Arc<Scenario>,
    shelf: &RuleShelf,
    inputs: &mut Inputs,
    clock: &Arc<dyn Clock>,
) -> Result<(Arc<Scenario>, Plan), Refusal> {
    let mut found = Diagnostics::default();
    let planned =
        planner::plan(Some(scenario), &scenario.rules, shelf, inputs, Arc::clone(clock), &mut found);
    match planned.scenario.filter(|_| !found.has_errors()) {
        Some(scenario) => Ok((scenario, planned.plan)),
        None => Err(Refusal::first_of(&found, inputs)),
    }
}

fn walk_planned(scenario: Arc<Scenario>, plan: Plan, inputs: &Inputs) -> Result<HybridWalk, Refusal> {
    let keys = ReadyKeys::new(&plan, &scenario.parties);
    let mut found = Diagnostics::default();
    match walk::budget_by(&scenario, &plan, &keys, &mut found) {
        Some(budget) => Ok(HybridWalk { scenario, plan, keys, budget }),
        None => Err(Refusal::first_of(&found, inputs)),
    }
}

fn resolved(file: ScenarioFile, shelf: &RuleShelf, inputs: &mut Inputs) -> Result<Scenario, Refusal> {
    let mut found = Diagnostics::default();
    let Reading { scenario, .. } = resolve(file, shelf, inputs, &mut found);
    scenario.filter(|_| !found.has_errors()).ok_or_else(|| Refusal::first_of(&found, inputs))
}

/// A shelf for what has been read: only rule files that go by another name are asked of it.
#[derive(Default)]
struct RuleShelf {
    shown_names: BTreeMap<String, String>,
}

impl Shelf for RuleShelf {
    fn read(&self, _: &str) -> Result<Found, ReadFault> {
        Err(ReadFault::Missing(vec![]))
    }

    fn read_rule(&self, name: &str) -> Result<Found, ReadFault> {
        let known = self.shown_names.get(name);
        let found = |shown_name: &String| Found { shown_name: shown_name.clone(), bytes: vec![] };
        known.map(found).ok_or(ReadFault::Missing(vec![]))
    }
}

/// The scenario without anything that asks for funding: for its keys.
fn without_funds(mut file: ScenarioFile) -> ScenarioFile {
    file.measures.iter_mut().for_each(|measure: &mut MeasureEntry| measure.funding.clear());
    for grant in &mut file.grants {
        let GrantEntry { payment, final_report, carry_over, .. } = grant;
        (*payment, *final_report, *carry_over) = (None, None, None);
    }
    file
}

/// The scenario with keys that ask nothing: for its funding.
fn without_keys(mut file: ScenarioFile) -> ScenarioFile {
    for measure in &mut file.measures {
        if let Some(key) = &mut measure.key {
            "amounts_each(0)".clone_into(&mut key.value);
            measure.residual = Some(ResidualEntry::Show);
            (measure.buy_in, measure.with_memory) = (None, false);
        }
    }
    file.reserves.iter_mut().for_each(|reserve: &mut ReserveEntry| reserve.exit_key = None);
    file
}
