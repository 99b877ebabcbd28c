//! The years of a walk, one after the other: each opens with what the one before has left.

use std::iter::Peekable;
use std::vec::IntoIter;

use crate::ground::cells::Cells;
use crate::ground::diagnostic::{Diagnostic, Diagnostics};
use crate::ground::money::TooLarge;
use crate::ground::rows::row_width;
use crate::model::measure::Version;
use crate::model::scenario::Scenario;
use crate::model::years::Year;
use crate::rules::plan::{KeyPlan, Plan};

use super::budget::{Budget, YearBudget, billed_last_year, carried_forward};
use super::gross::{self, Opened};
use super::keys::ReadyKeys;
use super::row_maker::{Desk, Row};
use super::rows::{RowsView, SHARES_ALONE_MAX, Shape};
use super::standing::Stands;
use super::state::State;
use super::traits::Traits;
use super::year::{Walked, YearWalk};

/// While the rows of one year are split by one thread, another one can walk so many.
const WALKED_WHILE_SPLIT: usize = 3;

/// At most one row in so many is more than one split where rows are split later.
const UNLIKE_PART: usize = 16;

/// What is kept of the shares of a year once the year has been walked.
pub(super) enum Keep<'k> {
    /// All of them, in these cells where they are enough.
    Shares(Cells),
    /// What they add up to, where that is not what stands.
    Totals(&'k Stands<'k>),
}

/// How far a walk has come.
struct Course<'w> {
    walk: YearWalk<'w>,
    /// The years to come, and those of them that have actual figures as well.
    opened: IntoIter<Opened>,
    of_accounts: Peekable<IntoIter<Opened>>,
    /// What the next year opens with.
    state: State,
    billed: Vec<YearBudget>,
    actual: Vec<Option<YearBudget>>,
    /// The rows of the years that are split later.
    rows: Vec<Vec<Row>>,
    /// Where the cells of the next year start.
    start: usize,
    keeps_shares: bool,
}

/// Walks all years; what is kept of the shares is asked for. Faults go to `found`.
pub(super) fn years(
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
    let of_accounts = gross::open(scenario, &traits, Version::Actual, &settled).into_iter().peekable();
    let opening = State::opening(scenario, plan).map_err(|fault| too_large(scenario, fault));
    let state = found.take(opening)?;
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
    let rows_later =
        !asks_for_rows && keeps_shares && are_nearly_all_one_split(scenario, plan, keys, &traits);
    let walk = YearWalk {
        scenario,
        plan,
        keys,
        year: scenario.years.first(),
        year_index: 0,
        version: Version::Budget,
        billed_start: None,
        traits: &traits,
        rows_later,
        stands,
    };
    let mut course = Course {
        walk,
        opened: of_budget.into_iter(),
        of_accounts,
        state,
        billed: vec![],
        actual: vec![],
        rows: vec![],
        start: 0,
        keeps_shares,
    };
    if rows_later {
        course.walk_and_split_later(&mut cells, found)?;
    } else {
        course.walk_some(usize::MAX, &mut cells, found)?;
    }
    let mut budget = Budget { years: scenario.years, billed: course.billed, actual: course.actual };
    if keeps_shares {
        budget.hold(cells, shape);
    }
    Some(budget)
}

/// Whether nearly all rows are one split, so that the few others can be held until all are split.
fn are_nearly_all_one_split(scenario: &Scenario, plan: &Plan, keys: &ReadyKeys, traits: &Traits) -> bool {
    let (mut all, mut unlike) = (0, 0);
    for year_index in 0..scenario.years.count() {
        for (key, (_, with_memory)) in plan.keys_of_year(year_index).iter().zip(&traits.splits) {
            let Some(key) = key else { continue };
            all += 1;
            unlike += usize::from(*with_memory || keys.one_split(*key).is_none());
        }
    }
    unlike * UNLIKE_PART <= all
}

impl Course<'_> {
    /// Walks some of the years that are left.
    fn walk_some(&mut self, count: usize, cells: &mut Cells, found: &mut Diagnostics) -> Option<()> {
        let (scenario, plan, keys) = (self.walk.scenario, self.walk.plan, self.walk.keys);
        let shape = Shape { measures: scenario.measures.len(), parties: scenario.parties.count() };
        let mut desk = Desk::new(shape.parties);
        for opened in self.opened.by_ref().take(count) {
            let (year, start) = (opened.year, self.start);
            let accounts = self.of_accounts.next_if(|opened| opened.year == year);
            if self.keeps_shares {
                self.start += (1 + usize::from(accounts.is_some())) * shape.cell_count();
            }
            (self.walk.year, self.walk.year_index) = (year, self.billed.len());
            let (Walked { budget, mut after, rows }, of_accounts) =
                both_versions(self.walk, (opened, accounts), &self.state, (cells, start), &mut desk, found)?;
            self.billed.push(budget);
            self.actual.push(of_accounts);
            self.rows.push(rows);
            if keys.have_limits() {
                let rows = RowsView::new(cells, start, shape);
                remember_billed(scenario, plan, &self.billed, rows, &mut after);
            }
            self.state = after;
        }
        Some(())
    }

    /// Walks all years, and splits the rows of many years together. A year has to wait for the one before, and rows for
    /// nothing: where there are several threads, those of the years that have been walked are split while more and more
    /// others are walked.
    fn walk_and_split_later(&mut self, cells: &mut Cells, found: &mut Diagnostics) -> Option<()> {
        let (maker, count) = (self.walk.row_maker(), self.opened.len());
        let of_a_year = self.walk.scenario.measures.len() * row_width(maker.parties);
        let alone = count * of_a_year <= SHARES_ALONE_MAX || rayon::current_num_threads() == 1;
        let split = |rows: &[Vec<Row>], cells: &mut Cells, start: usize| {
            maker.split(rows, (cells, start), &mut Desk::new(maker.parties))
        };
        // No row is put into cells before it is split.
        let no_cells = &mut Cells::default();
        let mut sums = Vec::with_capacity(count);
        self.walk_some(if alone { count } else { 1 }, no_cells, found)?;
        while self.opened.len() > 0 {
            let (rows, start) = (std::mem::take(&mut self.rows), sums.len() * of_a_year);
            let (walked, more) = rayon::join(
                || self.walk_some(WALKED_WHILE_SPLIT * rows.len(), no_cells, found),
                || split(&rows, cells, start),
            );
            walked?;
            sums.extend(more);
        }
        sums.extend(split(&self.rows, cells, sums.len() * of_a_year));
        self.billed.iter_mut().zip(&sums).for_each(|(walked, sums)| walked.totals = sums.all());
        Some(())
    }
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
    let shape = Shape { measures: billed.budget.measures.len(), parties: walk.scenario.parties.count() };
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
