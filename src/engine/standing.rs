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
use super::reconcile::{reconcile, reconcile_rows};
use super::resplit::Resplit;
use super::row_maker::Desk;
use super::walk;
use super::year::YearWalk;

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
    /// Whether nothing but rows was split again, and costs, draws and ledgers stand.
    pub rows_alone: bool,
}

/// Some measures of a standing budget with all that they depend on, to be changed and walked in many copies.
#[derive(Clone, Debug)]
pub struct Trial {
    /// The scenario and the plan of these measures alone: what is changed here is changed in the copy.
    pub part: Part,
    /// What is in it, by positions in the whole.
    pub selection: Selection,
}

impl Trial {
    /// The same with other keys for some of its measures; `plan` is that of the whole.
    #[must_use]
    pub fn with_keys(&self, patch: &KeyPatch, plan: &Plan) -> Trial {
        let mut trial = self.clone();
        trial.part.plan.apply_to_part(patch, plan, &self.selection.measures);
        trial
    }
}

/// What the parties pay for all measures but some, whose keys are tried in many copies.
#[derive(Clone, Debug)]
pub struct Others {
    measures: Vec<MeasureIx>,
    by_year: Vec<Vec<i128>>,
}

/// What each party pays in all, in øre: by year, then by party. A year in which nothing has changed is shared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Totals(pub Vec<Arc<[i128]>>);

/// What stands for the measures of a part, for a walk that only asks for new totals.
pub struct Stands<'s> {
    standing: &'s Standing,
    selection: &'s Selection,
}

impl Stands<'_> {
    /// Whether the shares of a year are those that stand: the same amounts by the same keys, none of which asks for
    /// anything else.
    pub fn gives_the_same(&self, walk: &YearWalk<'_>, walked: &YearBudget) -> bool {
        let Standing { scenario, plan, budget, .. } = self.standing;
        let stood = &budget.billed[walk.year_index];
        self.selection.measures.iter().zip(walk.scenario.measures()).all(|(before, (index, measure))| {
            let (figures, old) = (&walked.measures[index.0], &stood.measures[before.0]);
            let rounded_alike =
                measure.round_to == scenario.measures[before.0].round_to && !measure.with_memory;
            let key = walk.plan.key_ix(walk.year_index, index);
            let by_same_key = match (key, plan.key_ix(walk.year_index, *before)) {
                (Some(own), Some(old)) => {
                    let one_split = walk.keys.one_split(own);
                    Arc::ptr_eq(&walk.plan.keys[own.0].plan, &plan.keys[old.0].plan)
                        && one_split.is_some_and(|split| split.takes(figures.net, measure.round_to))
                }
                (own, old) => own.is_none() && old.is_none(),
            };
            figures.active == old.active && figures.net == old.net && rounded_alike && by_same_key
        })
    }
}

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
            let proof = reconcile(&self.scenario, &self.plan, &self.budget);
            return Some(Revision { measures, proof, rows_alone: false });
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
        Some(Revision { measures: selection.measures, proof, rows_alone: false })
    }

    /// Takes over other keys for some measures, as [`revise`](Standing::revise) does a whole plan.
    pub fn revise_keys(&mut self, patch: KeyPatch, found: &mut Diagnostics) -> Option<Revision> {
        let scenario = Arc::clone(&self.scenario);
        let ready = self.keys.ready_of(patch.keys(), &scenario.parties);
        let others = Resplit::new(&scenario, &self.plan, &self.budget, (&patch, &ready))
            .map(|rows| rows.put_into(&mut self.budget));
        let selection = match &others {
            Some(_) => Selection { measures: patch.measures.clone(), ..Selection::default() },
            None => self.groups.around(&patch.measures, &[], &[]),
        };
        let rows_alone = others.is_some();
        let back = self.plan.apply(patch);
        let proof = match others {
            Some(others) => {
                self.keys.learn(&ready);
                Some(reconcile_rows(&scenario, &self.budget, &selection.measures, &others))
            }
            None => {
                let plan = std::mem::take(&mut self.plan);
                let proof = self.replace(&scenario, &plan, &selection);
                self.plan = plan;
                proof
            }
        };
        if proof.is_none() {
            walk::budget(&self.scenario, &self.plan, found);
            self.plan.apply(back);
        } else {
            // The next edit takes the memory that this one leaves; fresh memory would cost it more than its splits.
            self.keys.forget(&self.plan.named_in(&back));
        }
        if self.plan.keys.len() > self.keys_max {
            self.forget_unused_keys();
        }
        Some(Revision { measures: selection.measures, proof: proof?, rows_alone })
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
    pub fn trial(&self, measures: &[MeasureIx]) -> Trial {
        let selection = self.groups.around(measures, &[], &[]);
        Trial { part: part::part(&self.scenario, &self.plan, &selection), selection }
    }

    /// What each party pays in all when a trial is as it is now, and everything else as it stands. Faults go to
    /// `found`.
    pub fn totals_with(&self, trial: &Trial, found: &mut Diagnostics) -> Option<Totals> {
        let Part { scenario, plan } = &trial.part;
        let ready = self.keys.ready(plan, &scenario.parties);
        let stands = Stands { standing: self, selection: &trial.selection };
        let walked = walk::totals_by(scenario, plan, &ready, &stands, found)?;
        let of_year = |(walked, whole): (&YearBudget, &YearBudget)| {
            if walked.totals.is_empty() {
                return Arc::clone(&whole.totals);
            }
            let mut others = whole.totals.to_vec();
            take_off(&mut others, whole, &trial.selection.measures);
            walked.totals.iter().zip(others).map(|(own, others)| own + others).collect()
        };
        Some(Totals(walked.billed.iter().zip(&self.budget.billed).map(of_year).collect()))
    }

    /// What the parties pay for all measures but some.
    pub fn others(&self, measures: &[MeasureIx]) -> Others {
        let others = |walked: &YearBudget| {
            let mut others = walked.totals.to_vec();
            take_off(&mut others, walked, measures);
            others
        };
        Others { measures: measures.to_vec(), by_year: self.budget.billed.iter().map(others).collect() }
    }

    /// What each party pays in all with other keys for some measures, and everything else as it stands; `others` is
    /// best that of the same measures. Faults go to `found`.
    pub fn totals_with_keys(
        &self,
        patch: &KeyPatch,
        others: &Others,
        found: &mut Diagnostics,
    ) -> Option<Totals> {
        let parties = &self.scenario.parties;
        let ready = self.keys.ready_of(patch.keys(), parties);
        let same_measures = others.measures == patch.measures;
        let rows = Resplit::new(&self.scenario, &self.plan, &self.budget, (patch, &ready));
        let Some(rows) = rows.filter(|_| same_measures) else {
            return self.totals_with(&self.trial(&patch.measures).with_keys(patch, &self.plan), found);
        };
        let mut desk = Desk::new(parties.count());
        let of_year = |(year_index, (walked, others)): (usize, (&YearBudget, &Vec<i128>))| {
            rows.split_year(year_index, walked, &mut desk, |_, _| {}).added_to(others)
        };
        Some(Totals(self.budget.billed.iter().zip(&others.by_year).enumerate().map(of_year).collect()))
    }

    /// What each party pays in all in the budget that stands.
    pub fn totals(&self) -> Totals {
        Totals(self.budget.billed.iter().map(|walked| Arc::clone(&walked.totals)).collect())
    }
}

/// Takes what the parties pay for some measures in a year off their totals.
fn take_off(totals: &mut [i128], walked: &YearBudget, measures: &[MeasureIx]) {
    let rows = walked.rows.view();
    for index in measures {
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
        && a.settled_years() == b.settled_years()
}
