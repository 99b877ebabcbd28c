//! The walk: from a shelf of files to the reconciled budget, or from rules that have been asked to the budget alone. It
//! touches nothing but its arguments.

use std::sync::Arc;

use crate::ground::cells::Cells;
use crate::ground::diagnostic::Diagnostics;
use crate::model::change::Change;
use crate::model::change_apply::apply;
use crate::model::inputs::{Inputs, Shelf};
use crate::model::resolve::{read_file_and, resolve};
use crate::model::scenario::Scenario;
use crate::model::scenario_file::ScenarioFile;
use crate::rules::plan::Plan;
use crate::rules::planner;
use crate::rules::rulebook::Rulebook;
use crate::rules::sandbox::Clock;
use crate::rules::threads::on_a_large_stack;

use super::budget::Budget;
use super::keys::ReadyKeys;
use super::proof::Proof;
use super::reconcile;
use super::standing::Stands;
use super::years::{Keep, years};

/// What a walk leaves: the texts it read, what it found wrong, and the result where there is one.
pub struct Walk {
    /// The texts.
    pub inputs: Inputs,
    /// Faults and notices.
    pub diagnostics: Diagnostics,
    /// The result; none when there is an error.
    pub outcome: Option<Outcome>,
}

/// The result of a walk.
pub struct Outcome {
    /// What was asked.
    pub scenario: Arc<Scenario>,
    /// The rules, with their documentation.
    pub rulebook: Rulebook,
    /// What the rules declared.
    pub plan: Plan,
    /// What came out.
    pub budget: Budget,
    /// That it adds up.
    pub proof: Proof,
}

/// Walks a scenario.
pub fn walk(shelf: &(dyn Shelf + Sync), clock: Arc<dyn Clock>) -> Walk {
    walk_changed(shelf, Inputs::default(), &[], clock)
}

/// Walks a scenario with changes; `inputs` has the texts that they are from.
pub fn walk_changed(
    shelf: &(dyn Shelf + Sync),
    mut inputs: Inputs,
    changes: &[Change],
    clock: Arc<dyn Clock>,
) -> Walk {
    let mut found = Diagnostics::default();
    let go_on = |mut file: ScenarioFile, inputs: &mut Inputs, found: &mut Diagnostics| {
        // What is wrong with the scenario itself is told first: what has a fault is left out, and could not be found.
        if !found.has_errors() {
            apply(&mut file, changes, found);
            if found.has_errors() {
                return None;
            }
        }
        walk_file(file, shelf, clock, inputs, found)
    };
    // The parser works beside, and whoever waits for it should have rules asked meanwhile.
    let outcome = on_a_large_stack(|| read_file_and(shelf, &mut inputs, &mut found, go_on));
    Walk { inputs, outcome: outcome.flatten().filter(|_| !found.has_errors()), diagnostics: found }
}

/// Walks a scenario as it was written, or changed since. `inputs` has what was read before, which is not read again;
/// `found` has what was found wrong so far.
pub fn walk_written(
    file: ScenarioFile,
    shelf: &(dyn Shelf + Sync),
    mut inputs: Inputs,
    mut found: Diagnostics,
    clock: Arc<dyn Clock>,
) -> Walk {
    let outcome = walk_file(file, shelf, clock, &mut inputs, &mut found);
    Walk { inputs, outcome: outcome.filter(|_| !found.has_errors()), diagnostics: found }
}

fn walk_file(
    file: ScenarioFile,
    shelf: &(dyn Shelf + Sync),
    clock: Arc<dyn Clock>,
    inputs: &mut Inputs,
    found: &mut Diagnostics,
) -> Option<Outcome> {
    let reading = resolve(file, shelf, inputs, found);
    let scenario = reading.scenario.map(Arc::new);
    let planned = planner::plan(scenario.as_ref(), &reading.rules, shelf, inputs, clock, found);
    let (rulebook, plan) = (planned.rulebook, planned.plan);
    let scenario = planned.scenario.filter(|_| !found.has_errors())?;
    let budget = budget(&scenario, &plan, found)?;
    let proof = reconcile::reconcile(&scenario, &plan, &budget);
    Some(Outcome { scenario, rulebook, plan, budget, proof })
}

/// Walks the years of a scenario whose rules have been asked. Faults go to `found`.
pub fn budget(scenario: &Scenario, plan: &Plan, found: &mut Diagnostics) -> Option<Budget> {
    budget_by(scenario, plan, &ReadyKeys::new(plan, &scenario.parties), found)
}

/// The same with keys that are ready.
pub fn budget_by(
    scenario: &Scenario,
    plan: &Plan,
    keys: &ReadyKeys,
    found: &mut Diagnostics,
) -> Option<Budget> {
    budget_in(Cells::default(), scenario, plan, keys, found)
}

/// The same in cells that have been used before, where they are enough.
pub(super) fn budget_in(
    cells: Cells,
    scenario: &Scenario,
    plan: &Plan,
    keys: &ReadyKeys,
    found: &mut Diagnostics,
) -> Option<Budget> {
    years(scenario, plan, keys, Keep::Shares(cells), found)
}

/// The same without the shares themselves: what they add up to where that is not what stands, and everything else.
pub(super) fn totals_by(
    scenario: &Scenario,
    plan: &Plan,
    keys: &ReadyKeys,
    stands: &Stands<'_>,
    found: &mut Diagnostics,
) -> Option<Budget> {
    years(scenario, plan, keys, Keep::Totals(stands), found)
}
