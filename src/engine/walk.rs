//! The walk: from a shelf of files to the reconciled budget. Every command, test and benchmark calls this
//! one function, and it touches nothing but its arguments.

use std::sync::Arc;

use crate::ground::cells::Cells;
use crate::ground::diagnostic::{Diagnostic, Diagnostics};
use crate::ground::money::TooLarge;
use crate::model::inputs::{Inputs, Shelf};
use crate::model::measure::Version;
use crate::model::resolve::read_scenario;
use crate::model::scenario::Scenario;
use crate::model::years::Year;
use crate::rules::plan::{KeyPlan, Plan};
use crate::rules::planner;
use crate::rules::rulebook::Rulebook;
use crate::rules::sandbox::Clock;

use super::budget::{Budget, YearBudget, billed_last_year, carried_forward};
use super::keys::ReadyKeys;
use super::proof::Proof;
use super::reconcile;
use super::rows::{Rows, RowsView, Shape};
use super::state::State;
use super::year::YearWalk;

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
    let mut inputs = Inputs::default();
    let mut found = Diagnostics::default();
    let outcome = walk_inputs(shelf, clock, &mut inputs, &mut found);
    Walk { inputs, outcome: outcome.filter(|_| !found.has_errors()), diagnostics: found }
}

fn walk_inputs(
    shelf: &(dyn Shelf + Sync),
    clock: Arc<dyn Clock>,
    inputs: &mut Inputs,
    found: &mut Diagnostics,
) -> Option<Outcome> {
    let reading = read_scenario(shelf, inputs, found);
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
    let shape = Shape { measures: scenario.measures.len(), parties: scenario.parties.count() };
    let settled: Vec<bool> = scenario.years.iter().map(|year| scenario.is_settled(year)).collect();
    let walk_count = settled.len() + settled.iter().filter(|settled| **settled).count();
    let mut cells = Cells::new(walk_count * shape.cell_count());
    let too_large =
        |fault: TooLarge| Diagnostic::error("amount-too-large", fault.to_string()).at(&scenario.place, "");
    let mut state = found.take(State::opening(scenario, plan).map_err(too_large))?;
    let (mut billed, mut actual): (Vec<YearBudget>, Vec<Option<YearBudget>>) = (vec![], vec![]);
    let mut starts = Vec::with_capacity(walk_count);
    let mut rest = cells.as_mut_slice();
    let mut next_rows = || {
        starts.push(starts.last().map_or(0, |start| start + shape.cell_count()));
        rest.split_off_mut(..shape.cell_count()).unwrap_or_default()
    };
    for ((year_index, year), is_settled) in scenario.years.iter().enumerate().zip(settled) {
        let walk = |version, billed| YearWalk::new(scenario, plan, keys, (year_index, year), version, billed);
        let rows = next_rows();
        let (of_budget, mut after) = walk(Version::Budget, None).walk(&state, rows, found)?;
        let billed_rows = RowsView { cells: rows, shape };
        let mut of_accounts = None;
        if is_settled {
            let rows = next_rows();
            let (walked, after_actual) =
                walk(Version::Actual, Some(billed_rows)).walk(&state, rows, found)?;
            after = after_actual;
            let actual_rows = RowsView { cells: rows, shape };
            let forward = bring_forward(scenario, year, billed_rows, actual_rows, &mut after);
            found.take(forward.map_err(too_large))?;
            of_accounts = Some(walked);
        } else {
            after.brought_forward.fill(None);
        }
        billed.push(of_budget);
        actual.push(of_accounts);
        remember_billed(scenario, (plan, keys), &billed, billed_rows, &mut after);
        state = after;
    }
    let (cells, mut starts) = (Arc::new(cells), starts.into_iter());
    for (billed, actual) in billed.iter_mut().zip(&mut actual) {
        for walked in std::iter::once(billed).chain(actual) {
            walked.rows = Rows::new(&cells, starts.next().unwrap_or(0), shape);
        }
    }
    Some(Budget { years: scenario.years, billed, actual })
}

/// Puts into the state what the next year asks of this one's settlement.
fn bring_forward(
    scenario: &Scenario,
    year: Year,
    billed: RowsView<'_>,
    actual: RowsView<'_>,
    state: &mut State,
) -> Result<(), TooLarge> {
    for (index, measure) in scenario.measures() {
        state.brought_forward[index.0] =
            carried_forward(measure, year, billed.shares(index), actual.shares(index))?;
    }
    Ok(())
}

/// Puts into the state what was billed, where the next year's key asks for it.
fn remember_billed(
    scenario: &Scenario,
    (plan, keys): (&Plan, &ReadyKeys),
    billed: &[YearBudget],
    rows: RowsView<'_>,
    state: &mut State,
) {
    state.last_year.fill(None);
    if !keys.have_limits() || billed.len() == scenario.years.count() {
        return;
    }
    for (index, _) in scenario.measures() {
        if plan.key(billed.len(), index).is_some_and(KeyPlan::has_limits) {
            state.last_year[index.0] = billed_last_year(scenario, billed, Some(rows), index);
        }
    }
}
