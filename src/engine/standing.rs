//! A budget that stands, with what it was made from. When something of that is changed, only the groups of measures
//! that depend on the change are walked again; the result is the one that a walk from scratch would give.

use std::sync::Arc;

use crate::ground::cells::Cells;
use crate::ground::diagnostic::Diagnostics;
use crate::model::measure::MeasureIx;
use crate::model::scenario::Scenario;
use crate::rules::plan::{KeyPatch, Plan};

use super::budget::{Budget, YearBudget};
use super::groups::{Groups, Selection};
use super::keys::KnownKeys;
use super::part::{self, Part};
use super::proof::Proof;
use super::reconcile::reconcile;
use super::walk;

/// A budget that stands.
#[derive(Clone, Debug)]
pub struct Standing {
    /// What was asked.
    pub scenario: Arc<Scenario>,
    /// What the rules declared.
    pub plan: Plan,
    /// What came out.
    pub budget: Budget,
    keys: KnownKeys,
    /// When there are more keys than this, those of earlier revisions are forgotten.
    keys_max: usize,
    groups: Groups,
    /// Cells that the last revision was walked in, for the next one: fresh memory costs more than splitting.
    spare: Arc<Cells>,
}

/// What a revision has walked again.
#[derive(Clone, Debug)]
pub struct Revision {
    /// The measures, in the order of the file.
    pub measures: Vec<MeasureIx>,
    /// That what was walked again adds up.
    pub proof: Proof,
}

/// Some measures of a standing budget with all that they depend on, to be changed and walked in many copies.
#[derive(Clone, Debug)]
pub struct Portion {
    /// The scenario and the plan of these measures alone: what is changed here is changed in the copy.
    pub part: Part,
    /// What is in it, by positions in the whole.
    pub selection: Selection,
    /// By year, then by party: what the parties pay for all other measures. None where the measures are so few that
    /// they are soon taken off the whole.
    others: Option<Arc<[Vec<i128>]>>,
}

impl Portion {
    /// The same with other keys for some of its measures; `plan` is that of the whole.
    #[must_use]
    pub fn with_keys(&self, patch: &KeyPatch, plan: &Plan) -> Portion {
        let mut portion = self.clone();
        portion.part.plan.apply_to_part(patch, plan, &self.selection.measures);
        portion
    }
}

/// The shares of more measures are added up once for all copies.
const MEASURES_TAKEN_OFF_MAX: usize = 4;

/// What each party pays in all, in øre: by year, then by party.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Totals(pub Vec<Vec<i128>>);

impl Standing {
    /// Walks a scenario. Faults go to `found`.
    pub fn new(scenario: Arc<Scenario>, plan: Plan, found: &mut Diagnostics) -> Option<Standing> {
        let mut keys = KnownKeys::default();
        let ready = keys.ready(&plan, &scenario.parties);
        keys.learn(&ready);
        let budget = walk::budget_by(&scenario, &plan, &ready, found)?;
        let groups = Groups::new(&scenario, &plan);
        let keys_max = keys_max(&plan);
        Some(Standing { scenario, plan, budget, keys, keys_max, groups, spare: Arc::default() })
    }

    /// Takes over a changed scenario or plan. Where it cannot be walked, its faults go to `found`, those of a walk
    /// from scratch, and the budget stands as it was.
    pub fn revise(
        &mut self,
        scenario: Arc<Scenario>,
        plan: Plan,
        found: &mut Diagnostics,
    ) -> Option<Revision> {
        let Some(changed) = self.changed(&scenario, &plan) else {
            *self = Standing::new(scenario, plan, found)?;
            let measures = self.scenario.measures().map(|(index, _)| index).collect();
            return Some(Revision { measures, proof: reconcile(&self.scenario, &self.plan, &self.budget) });
        };
        let funding_same = changed.measures.iter().all(|measure| {
            let same = |year| self.plan.draws(year, *measure) == plan.draws(year, *measure);
            (0..scenario.years.count()).all(same)
        });
        // Also what depends on a measure no more is walked again.
        let mut groups = self.groups.clone();
        if !funding_same || !Arc::ptr_eq(&scenario, &self.scenario) {
            groups.join_by(&scenario, &plan);
        }
        let selection = groups.around(&changed.measures, &changed.grants, &changed.reserves);
        let Some(proof) = self.replace(&scenario, &plan, &selection) else {
            // From scratch, so that every fault is told, and only once.
            walk::budget(&scenario, &plan, found);
            return None;
        };
        if !funding_same || !Arc::ptr_eq(&scenario, &self.scenario) {
            self.groups = Groups::new(&scenario, &plan);
        }
        (self.scenario, self.plan) = (scenario, plan);
        self.forget_unused_keys();
        Some(Revision { measures: selection.measures, proof })
    }

    /// Takes over other keys for some measures, as [`revise`](Standing::revise) does a whole plan.
    pub fn revise_keys(&mut self, patch: KeyPatch, found: &mut Diagnostics) -> Option<Revision> {
        let selection = self.groups.around(&patch.measures, &[], &[]);
        let back = self.plan.apply(patch);
        let (scenario, plan) = (Arc::clone(&self.scenario), std::mem::take(&mut self.plan));
        let proof = self.replace(&scenario, &plan, &selection);
        self.plan = plan;
        if proof.is_none() {
            walk::budget(&self.scenario, &self.plan, found);
            self.plan.apply(back);
        }
        if self.plan.keys.len() > self.keys_max {
            self.forget_unused_keys();
        }
        Some(Revision { measures: selection.measures, proof: proof? })
    }

    fn forget_unused_keys(&mut self) {
        self.plan.forget_unused_keys();
        self.keys.keep_those_of(&self.plan);
        self.keys_max = keys_max(&self.plan);
    }

    /// Walks a part of a scenario and puts it in the place of what stands; gives the proof of the part, or none where
    /// it cannot be walked, and then everything stands as it was.
    fn replace(&mut self, scenario: &Scenario, plan: &Plan, selection: &Selection) -> Option<Proof> {
        let part = part::part(scenario, plan, selection);
        let ready = self.keys.ready(&part.plan, &scenario.parties);
        let cells = Arc::try_unwrap(std::mem::take(&mut self.spare)).unwrap_or_default();
        let unheard = &mut Diagnostics::default();
        let mut walked = walk::budget_in(cells, &part.scenario, &part.plan, &ready, unheard)?;
        let proof = reconcile(&part.scenario, &part.plan, &walked);
        self.keys.learn(&ready);
        self.budget.replace(selection, &walked);
        self.spare = walked.detach();
        Some(proof)
    }

    /// What differs between what stands and what is to be; none where it is not the same parties, years, measures
    /// and funds.
    fn changed(&self, scenario: &Arc<Scenario>, plan: &Plan) -> Option<Selection> {
        let old = &self.scenario;
        let same_scenario = Arc::ptr_eq(old, scenario);
        if !same_scenario && !same_shape(old, scenario) {
            return None;
        }
        let measure = |index: &MeasureIx| {
            let same = same_scenario || old.measures[index.0] == scenario.measures[index.0];
            !same || !self.plan.agrees_on_measure(plan, *index)
        };
        let grant = |grant: &usize| {
            let same = same_scenario || old.grants[*grant] == scenario.grants[*grant];
            !same || !self.plan.agrees_on_grant(plan, *grant)
        };
        let reserve = |reserve: &usize| {
            let same = same_scenario || old.reserves[*reserve] == scenario.reserves[*reserve];
            !same || !self.plan.agrees_on_reserve(plan, *reserve)
        };
        Some(Selection {
            measures: scenario.measures().map(|(index, _)| index).filter(measure).collect(),
            grants: (0..scenario.grants.len()).filter(grant).collect(),
            reserves: (0..scenario.reserves.len()).filter(reserve).collect(),
        })
    }

    /// Some measures with all that they depend on, for copies in which something of them is changed.
    pub fn portion(&self, measures: &[MeasureIx]) -> Portion {
        let selection = self.groups.around(measures, &[], &[]);
        let part = part::part(&self.scenario, &self.plan, &selection);
        let others = |walked: &YearBudget| {
            let mut others = walked.totals.clone();
            take_off(&mut others, walked, &selection);
            others
        };
        let many = selection.measures.len() > MEASURES_TAKEN_OFF_MAX;
        let others = many.then(|| self.budget.billed.iter().map(others).collect());
        Portion { part, others, selection }
    }

    /// What each party pays in all when a portion is as it is now, and everything else as it stands. Faults go to
    /// `found`.
    pub fn totals_with(&self, portion: &Portion, found: &mut Diagnostics) -> Option<Totals> {
        let Part { scenario, plan } = &portion.part;
        let ready = self.keys.ready(plan, &scenario.parties);
        let walked = walk::totals_by(scenario, plan, &ready, found)?;
        let of_year = walked.billed.into_iter().zip(&self.budget.billed).enumerate();
        let of_year = of_year.map(|(year_index, (walked, whole))| {
            let others = portion.others.as_ref().map_or(&whole.totals, |others| &others[year_index]);
            let mut totals = walked.totals;
            totals.iter_mut().zip(others).for_each(|(total, others)| *total += others);
            if portion.others.is_none() {
                take_off(&mut totals, whole, &portion.selection);
            }
            totals
        });
        Some(Totals(of_year.collect()))
    }

    /// What each party pays in all in the budget that stands.
    pub fn totals(&self) -> Totals {
        Totals(self.budget.billed.iter().map(|walked| walked.totals.clone()).collect())
    }
}

/// Takes what the parties pay for some measures in a year off their totals.
fn take_off(totals: &mut [i128], walked: &YearBudget, selection: &Selection) {
    let rows = walked.rows.view();
    for index in &selection.measures {
        let own = rows.row(*index).iter().map(i128::from);
        totals.iter_mut().zip(own).for_each(|(total, own)| *total -= own);
    }
}

/// How many keys there may be until those that nothing uses are looked for: half as many again as there are in use.
fn keys_max(plan: &Plan) -> usize {
    plan.keys.len() + plan.keys.len() / 2
}

/// Whether two scenarios have the same parties, years, measures and funds, in the same order, and are settled in
/// the same years.
fn same_shape(a: &Scenario, b: &Scenario) -> bool {
    let measures = |scenario: &Scenario| -> Vec<String> {
        scenario.measures.iter().map(|measure| measure.id.clone()).collect()
    };
    let funds = |scenario: &Scenario| -> Vec<String> {
        let grants = scenario.grants.iter().map(|grant| format!("grant {}", grant.id));
        grants.chain(scenario.reserves.iter().map(|reserve| format!("reserve {}", reserve.id))).collect()
    };
    a.parties == b.parties
        && a.years == b.years
        && a.circles == b.circles
        && measures(a) == measures(b)
        && funds(a) == funds(b)
        && a.years.iter().all(|year| a.is_settled(year) == b.is_settled(year))
}
