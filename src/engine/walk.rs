//! The walk: from a shelf of files to the reconciled budget. Every command, test and benchmark calls this
//! one function, and it touches nothing but its arguments.

use std::sync::Arc;

use crate::ground::cells::Cells;
use crate::ground::diagnostic::{Diagnostic, Diagnostics};
use crate::ground::money::TooLarge;
use crate::model::change::Change;
use crate::model::change_apply::apply;
use crate::model::inputs::{Inputs, Shelf};
use crate::model::measure::Version;
use crate::model::resolve::{read_file_and, resolve};
use crate::model::scenario::Scenario;
use crate::model::scenario_file::ScenarioFile;
use crate::model::years::Year;
use crate::rules::plan::{KeyPlan, Plan};
use crate::rules::planner;
use crate::rules::rulebook::Rulebook;
use crate::rules::sandbox::Clock;
use crate::rules::threads::on_a_large_stack;

use super::budget::{Budget, YearBudget, billed_last_year, carried_forward};
use super::gross::{self, Opened};
use super::keys::ReadyKeys;
use super::proof::Proof;
use super::reconcile;
use super::rows::{RowsView, Shape};
use super::standing::Stands;
use super::state::State;
use super::traits::Traits;
use super::year::{Desk, Walked, YearWalk};

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

/// What is kept of the shares of a year once the year has been walked.
enum Keep<'k> {
    /// All of them, in these cells where they are enough.
    Shares(Cells),
    /// What they add up to, where that is not what stands.
    Totals(&'k Stands<'k>),
}

fn years(
    scenario: &Scenario,
    plan: &Plan,
    keys: &ReadyKeys,
    keep: Keep<'_>,
    found: &mut Diagnostics,
) -> Option<Budget> {
    let shape = Shape { measures: scenario.measures.len(), parties: scenario.parties.count() };
    let traits = Traits::of(scenario);
    let (all, settled): (Vec<Year>, Vec<Year>) =
        (scenario.years.iter().collect(), traits.settled.iter().copied().collect());
    let of_budget = gross::open(scenario, &traits, Version::Budget, &all);
    let mut of_accounts = gross::open(scenario, &traits, Version::Actual, &settled).into_iter().peekable();
    let opening = State::opening(scenario, plan).map_err(|fault| too_large(scenario, fault));
    let mut state = found.take(opening)?;
    let keeps_shares = matches!(keep, Keep::Shares(_));
    let asks_for_rows = traits.ask_for_rows() || keys.have_limits();
    let (cells, walk_count, stands) = match keep {
        Keep::Shares(cells) => (cells, of_budget.len() + settled.len(), None),
        // The rows of a year at a time.
        Keep::Totals(_) if asks_for_rows => (Cells::default(), 1 + usize::from(!settled.is_empty()), None),
        Keep::Totals(stands) => (Cells::default(), 0, Some(stands)),
    };
    let mut cells = cells.or_new(walk_count * shape.cell_count());
    // Nothing in a year depends on rows that nobody asks for.
    let plain_later = !asks_for_rows && keeps_shares;
    let mut walk = YearWalk {
        scenario,
        plan,
        keys,
        year: scenario.years.first(),
        year_index: 0,
        version: Version::Budget,
        billed_start: None,
        traits: &traits,
        plain_later,
        stands,
    };
    let mut next = 0;
    let mut desk = Desk::new(shape.parties);
    let (mut billed, mut actual, mut rows) = (vec![], vec![], vec![]);
    for ((year_index, year), opened) in scenario.years.iter().enumerate().zip(of_budget) {
        let accounts = of_accounts.next_if(|opened| opened.budget.year == year);
        let start = next;
        if keeps_shares {
            next += (1 + usize::from(accounts.is_some())) * shape.cell_count();
        }
        (walk.year, walk.year_index) = (year, year_index);
        let (Walked { budget, mut after, rows: own }, of_accounts) =
            both_versions(walk, (opened, accounts), &state, (&mut cells, start), &mut desk, found)?;
        billed.push(budget);
        actual.push(of_accounts);
        rows.push(own);
        if keys.have_limits() {
            remember_billed(scenario, plan, &billed, RowsView::new(&cells, start, shape), &mut after);
        }
        state = after;
    }
    if plain_later {
        let sums = walk.plain().split(&rows, (&mut cells, 0), &mut desk);
        billed.iter_mut().zip(&sums).for_each(|(walked, sums)| walked.totals = sums.added_to(&walked.totals));
    }
    let mut budget = Budget { years: scenario.years, billed, actual };
    if keeps_shares {
        budget.hold(cells, shape);
    }
    Some(budget)
}

/// Walks a year by its budget, and again with its actual figures where it has some: then it is these that the next year
/// opens with. The cells from `start` on get the rows of the one after those of the other.
fn both_versions(
    walk: YearWalk<'_>,
    (opened, accounts): (Opened, Option<Opened>),
    before: &State,
    (cells, start): (&mut Cells, usize),
    desk: &mut Desk,
    found: &mut Diagnostics,
) -> Option<(Walked, Option<YearBudget>)> {
    let billed = walk.walk(opened, before, (cells, start), desk, found)?;
    let Some(opened) = accounts else { return Some((billed, None)) };
    let shape = Shape { measures: billed.rows.len(), parties: walk.scenario.parties.count() };
    let actual_start = start + shape.cell_count();
    let with_accounts = YearWalk { version: Version::Actual, billed_start: Some(start), ..walk };
    let actual = with_accounts.walk(opened, before, (cells, actual_start), desk, found)?;
    let (rows, mut after) = (|start| RowsView::new(cells, start, shape), actual.after);
    let forward = bring_forward(walk.scenario, walk.year, rows(start), rows(actual_start), &mut after);
    found.take(forward.map_err(|fault| too_large(walk.scenario, fault)))?;
    Some((Walked { after, ..billed }, Some(actual.budget)))
}

fn too_large(scenario: &Scenario, fault: TooLarge) -> Diagnostic {
    Diagnostic::error("amount-too-large", fault.to_string()).at(&scenario.place, "")
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
        let forward = carried_forward(measure, year, billed.shares(index), actual.shares(index))?;
        state.brought_forward.extend(forward.map(|amounts| (index, amounts)));
    }
    Ok(())
}

/// Puts into the state what was billed, where the next year's key asks for it.
fn remember_billed(
    scenario: &Scenario,
    plan: &Plan,
    billed: &[YearBudget],
    rows: RowsView<'_>,
    state: &mut State,
) {
    if billed.len() == scenario.years.count() {
        return;
    }
    for (index, _) in scenario.measures() {
        if plan.key(billed.len(), index).is_some_and(KeyPlan::has_limits) {
            let last_year = billed_last_year(scenario, billed, Some(rows), index);
            state.last_year.extend(last_year.map(|shares| (index, shares)));
        }
    }
}
