//! One year: gross cost, charges, grants open, draws, net cost and split, deposits, settlement, close.

use std::ops::Range;

use rayon::prelude::{IndexedParallelIterator, ParallelIterator, ParallelSliceMut};

use crate::ground::cells::{Cell, Cells, CellsMut};
use crate::ground::diagnostic::{Diagnostic, Diagnostics};
use crate::ground::money::{Money, TooLarge};
use crate::ground::ratio::{self, Ratio};
use crate::ground::rows::{Splitter, row_width};
use crate::ground::sums::ColumnSums;
use crate::model::measure::{Measure, MeasureIx, Residual, Version};
use crate::model::scenario::Scenario;
use crate::model::years::Year;
use crate::rules::plan::{DrawPlan, Plan};

use super::budget::{BuyInYear, YearBudget};
use super::gross::Opened;
use super::keys::ReadyKeys;
use super::reserves::Flow;
use super::rows::{RowsView, Shape};
use super::share::{Circumstances, ReadyKey};
use super::standing::Stands;
use super::state::{Memory, State};
use super::traits::Traits;
use super::{buy_in, charging, close, draw, faults, tag_net};

/// A year with more shares is split by several threads. Fewer are split sooner than a thread wakes up.
const SHARES_ALONE_MAX: usize = 60_000;

/// Several threads split a year in tasks of about so many shares at most.
const SHARES_PER_TASK: usize = 90_000;

/// What a year is walked with.
pub struct YearWalk<'w> {
    /// The scenario.
    pub scenario: &'w Scenario,
    /// What its rules declared.
    pub plan: &'w Plan,
    /// The plan's keys, reduced to weights.
    pub keys: &'w ReadyKeys,
    /// Which year.
    pub year: Year,
    /// Its position, from 0.
    pub year_index: usize,
    /// Which figures.
    pub version: Version,
    /// For the actual figures: where the rows of what was billed by the budget start.
    pub billed_start: Option<usize>,
    /// What every year asks of the measures.
    pub traits: &'w Traits,
    /// For a walk that only asks for new totals, and in which nothing asks for rows: what stands. No rows are kept.
    pub stands: Option<&'w Stands<'w>>,
}

/// What rows are split with: memory that is used again and again.
pub struct Desk {
    pub(super) splitter: Splitter,
    /// A row before it is put into the cells.
    pub(super) row: Vec<i64>,
}

impl Desk {
    /// For so many parties.
    pub fn new(parties: usize) -> Desk {
        Desk { splitter: Splitter::new(parties), row: vec![0; row_width(parties)] }
    }
}

/// What the splits of measures came to, in their order, where that is not just what they cost.
type AllShared = Vec<(MeasureIx, Result<Shared, Diagnostic>)>;

/// What the split of a measure came to, besides its row.
#[derive(Default)]
struct Shared {
    /// What the parties are billed, what is left over or missing, and what the host's share was changed by.
    billed: Money,
    residual: Money,
    host_part: Money,
    /// The residual on its way to a reserve.
    flow: Option<Flow>,
    /// By how many units each party was behind before, and the memory afterwards.
    memory: Option<(Vec<Ratio>, Memory)>,
}

impl YearWalk<'_> {
    /// Walks an opened year and gives its budget and what the next year opens with; the shares are written to the
    /// cells from `start` on, whatever is there before. Faults go to `found`.
    pub fn walk(
        &self,
        opened: Opened,
        before: &State,
        (cells, start): (&mut Cells, usize),
        desk: &mut Desk,
        found: &mut Diagnostics,
    ) -> Option<(YearBudget, State)> {
        let errors_before = found.error_count();
        let Opened { mut budget, active, faults } = opened;
        faults.into_iter().for_each(|fault| found.push(fault));
        if self.traits.anything_charged {
            found.take(charging::charge(self.scenario, self.year, &mut budget))?;
            for index in &active {
                // Others might have charged it, and have charged nothing.
                let figures = &mut budget.measures[index.0];
                let own = self.scenario.measures[index.0].is_active(self.year);
                figures.active = !figures.received.is_zero() || own;
            }
        }
        draw::open(&self.traits.awards[self.year_index], before, &mut budget);
        found.take(self.fund(&active, &mut budget))?;
        let mut after = before.carried();
        let mut flows = Vec::new();
        let shape = Shape { measures: budget.measures.len(), parties: self.scenario.parties.count() };
        let unlike_net = self.share_all(before, (cells, start), desk, &mut budget);
        for figures in budget.measures.iter_mut().filter(|figures| figures.active) {
            figures.billed = figures.net;
        }
        for (index, shared) in unlike_net {
            let Some(shared) = found.take(shared) else { continue };
            let figures = &mut budget.measures[index.0];
            (figures.billed, figures.residual, figures.host_part) =
                (shared.billed, shared.residual, shared.host_part);
            flows.extend(shared.flow);
            if let Some((behind, memory)) = shared.memory {
                budget.behind.insert(index, behind);
                after.behind.insert(index, memory);
            }
        }
        if found.error_count() > errors_before {
            return None;
        }
        for index in self.traits.busy.iter().copied().filter(|index| active.binary_search(index).is_ok()) {
            let measure = self.scenario.measures[index.0].as_ref();
            let rows = RowsView::new(cells, start, shape);
            let billed = self.billed_start.map(|start| RowsView::new(cells, start, shape));
            if budget.measures[index.0].active {
                self.line_deposits(index, measure, &mut flows);
                found.take(self.buy_in(index, measure, rows, &mut after, &mut budget));
            }
            // Also what was billed and has cost nothing is settled.
            found.take(self.settlement_with_reserve(index, measure, (rows, billed), &mut flows));
        }
        found.take(self.put_and_take(flows, &mut budget));
        found.take(self.pay_out_leavers(&mut budget));
        // What last year's settlements leave to be paid.
        budget.brought_forward.clone_from(&before.brought_forward);
        let closed = close::close_grants(self.scenario, self.plan, before, &mut budget);
        let closed = closed.map_err(|fault| Diagnostic::error("amount-too-large", fault.to_string()));
        (after.lots, after.payments) = found.take(closed)?;
        after.reserves = budget.reserves.iter().map(|reserve| reserve.closing).collect();
        (found.error_count() == errors_before).then_some((budget, after))
    }

    pub(super) fn too_large(&self, measure: MeasureIx) -> Diagnostic {
        faults::too_large(&self.scenario.measures[measure.0], self.year)
    }

    /// Splits the net costs of all measures into their rows, and adds up what each party pays. A share that is too
    /// large for narrow cells makes them wide, and then all is split once more.
    fn share_all(
        &self,
        before: &State,
        (cells, start): (&mut Cells, usize),
        desk: &mut Desk,
        budget: &mut YearBudget,
    ) -> AllShared {
        if let Some(stands) = self.stands {
            if stands.gives_the_same(self, budget) {
                return vec![];
            }
            let (shared, totals) = self.share_each(0..budget.measures.len(), before, budget, desk, |_| {});
            budget.totals = totals.into();
            return shared;
        }
        let rows = start..start + budget.measures.len() * row_width(self.scenario.parties.count());
        if let CellsMut::Narrow(rows) = cells.view_mut().slice(rows.clone()) {
            if let Some(shared) = self.share_into(before, rows, desk, budget) {
                return shared;
            }
            cells.widen();
        }
        let CellsMut::Wide(rows) = cells.view_mut().slice(rows) else { return vec![] };
        self.share_into(before, rows, desk, budget).unwrap_or_default()
    }

    /// The same into cells of one kind; none where a share does not fit into them.
    fn share_into<C: Cell>(
        &self,
        before: &State,
        rows: &mut [C],
        desk: &mut Desk,
        budget: &mut YearBudget,
    ) -> Option<AllShared> {
        let parties = self.scenario.parties.count();
        let width = row_width(parties);
        let threads = if rows.len() > SHARES_ALONE_MAX { rayon::current_num_threads() } else { 1 };
        let rows_per_task =
            (SHARES_PER_TASK / width.max(1)).min(budget.measures.len().div_ceil(threads)).max(1);
        let walked: &YearBudget = budget;
        let task = |desk: &mut Desk, (number, rows): (usize, &mut [C])| {
            let first = number * rows_per_task;
            let mut fits = true;
            let mut rows = rows.chunks_exact_mut(width);
            let measures = first..first + rows.len();
            let keep = |row: Option<&[i64]>| match (rows.next(), row) {
                (Some(cells), Some(row)) => fits &= C::store(row, cells),
                (Some(cells), None) => cells.fill(C::zeroed()),
                (None, _) => {}
            };
            let shared = self.share_each(measures, before, walked, desk, keep);
            fits.then_some(shared)
        };
        let chunk = rows_per_task * width;
        let done: Option<Vec<_>> = if threads > 1 {
            let tasks = rows.par_chunks_mut(chunk).enumerate();
            tasks.map_init(|| Desk::new(parties), task).collect()
        } else {
            rows.chunks_mut(chunk.max(1)).enumerate().map(|piece| task(desk, piece)).collect()
        };
        let mut done = done?.into_iter();
        let (mut all, mut totals) = done.next().unwrap_or_default();
        totals.resize(parties, 0);
        for (shared, more) in done {
            totals.iter_mut().zip(more).for_each(|(sum, part)| *sum += part);
            all.extend(shared);
        }
        budget.totals = totals.into();
        Some(all)
    }

    /// Splits the net costs of some measures in order, and adds up what each party pays for them; `keep` gets each
    /// row, and none for a measure that has nothing to split.
    fn share_each(
        &self,
        measures: Range<usize>,
        before: &State,
        budget: &YearBudget,
        desk: &mut Desk,
        mut keep: impl FnMut(Option<&[i64]>),
    ) -> (AllShared, Vec<i128>) {
        let mut unlike_net = Vec::new();
        let mut totals = ColumnSums::new(self.scenario.parties.count());
        for index in measures.map(MeasureIx) {
            if !budget.measures[index.0].active {
                keep(None);
                continue;
            }
            if !self.split_net(index, budget, desk) {
                unlike_net.push((index, self.share_out(index, before, budget, &mut desk.row)));
            }
            totals.add(&desk.row);
            keep(Some(&desk.row));
        }
        (unlike_net, totals.finish())
    }

    /// Splits the net cost of a measure into the row on the desk, where that is all that its key does, as it nearly
    /// always is: the parties are then billed just that cost. Else gives false, and leaves the row as it is.
    fn split_net(&self, index: MeasureIx, budget: &YearBudget, desk: &mut Desk) -> bool {
        let (unit, with_memory) = self.traits.splits[index.0];
        let key = self.plan.key_ix(self.year_index, index).filter(|_| !with_memory);
        let split = key.and_then(|key| self.keys.one_split(key));
        let net = budget.measures[index.0].net;
        split.is_some_and(|split| split.split_row(net, unit, &mut desk.splitter, &mut desk.row))
    }

    /// Shares the net cost of a measure by its key, whatever that does, into the row, and says where a residual goes.
    fn share_out(
        &self,
        index: MeasureIx,
        before: &State,
        budget: &YearBudget,
        row: &mut [i64],
    ) -> Result<Shared, Diagnostic> {
        let Some(key) = self.plan.key_ix(self.year_index, index) else {
            row.fill(0);
            return Ok(Shared::default());
        };
        let (key, net) = (self.keys.get(key), budget.measures[index.0].net);
        let measure = self.scenario.measures[index.0].as_ref();
        let memory = measure.with_memory.then(|| self.memory(index, key, before));
        let nets = by_tag(key, (index, measure), self.plan.draws(self.year_index, index), budget)
            .map_err(|TooLarge| self.too_large(index))?;
        let circumstances = Circumstances {
            unit: split_unit(measure, self.version, self.year, nets.iter().copied().chain([net])),
            last_year: before.last_year.get(&index).map(Vec::as_slice),
            behind: memory.as_ref().map(|memory| memory.behind.as_slice()),
            nets: &nets,
        };
        let mut shares = vec![Money::ZERO; self.scenario.parties.count()];
        let behind = key.share(net, &circumstances, &mut shares).map_err(|fault| {
            let amounts = (net, budget.measures[index.0].gross);
            faults::share(fault, self.scenario, measure, &key.plan, self.year, amounts)
        })?;
        let mut shared = self.residual(index, net, &mut shares)?;
        if let (Some(memory), Some(behind)) = (memory, behind) {
            shared.memory = Some((memory.behind, Memory { takes_part: memory.takes_part, behind }));
        }
        let filled_up = shares.into_iter().map(Money::ore).chain(std::iter::repeat(0));
        row.iter_mut().zip(filled_up).for_each(|(cell, share)| *cell = share);
        Ok(shared)
    }

    /// By how many units everybody is behind; nobody at all when others share in the key than before.
    fn memory(&self, index: MeasureIx, key: &ReadyKey, before: &State) -> Memory {
        let mut takes_part = vec![false; self.scenario.parties.count()];
        key.plan.parties().iter().for_each(|party| takes_part[party.0] = true);
        let remembered = before.behind.get(&index).filter(|memory| memory.takes_part == takes_part);
        remembered
            .cloned()
            .unwrap_or_else(|| Memory { behind: vec![ratio::whole(0); takes_part.len()], takes_part })
    }

    /// Sends the difference between what is split and what is billed where the measure says.
    fn residual(&self, index: MeasureIx, net: Money, shares: &mut [Money]) -> Result<Shared, Diagnostic> {
        let too_large = |TooLarge| self.too_large(index);
        let measure = &self.scenario.measures[index.0];
        let billed = Money::sum(shares.iter().copied()).map_err(too_large)?;
        let residual = billed.minus(net).map_err(too_large)?;
        let as_it_is = Shared { billed, residual, ..Shared::default() };
        match measure.residual {
            _ if residual.is_zero() => Ok(as_it_is),
            // A pure tariff has nothing to split: all that it bills is residual, and that is no surprise.
            None if measure.has_no_figures() && net.is_zero() => Ok(as_it_is),
            None => Err(faults::undeclared_residual(measure, self.year, net, billed, residual)),
            Some(Residual::Show) => Ok(as_it_is),
            Some(Residual::Host(host)) => {
                let party = self.scenario.parties.get(host);
                if !party.is_active(self.year) {
                    return Err(faults::host_absent(measure, self.year, &party.id));
                }
                let host_part = Money::ZERO.minus(residual).map_err(too_large)?;
                let share = &mut shares[host.0];
                *share = share.plus(host_part).map_err(too_large)?;
                Ok(Shared { billed: net, host_part, ..Shared::default() })
            }
            Some(Residual::Reserve(reserve)) => {
                let flow = Some(Flow { measure: index, reserve, amount: residual });
                Ok(Shared { flow, ..as_it_is })
            }
        }
    }

    /// Lets newcomers buy in to earlier investments, and remembers this year's.
    fn buy_in(
        &self,
        index: MeasureIx,
        measure: &Measure,
        rows: RowsView<'_>,
        after: &mut State,
        budget: &mut YearBudget,
    ) -> Result<(), Diagnostic> {
        let Some(rule) = &measure.buy_in else { return Ok(()) };
        let too_large = |TooLarge| self.too_large(index);
        let investments = after.investments.entry(index).or_default();
        if let Some(key) = self.plan.buy_in_key(self.year_index, index).map(|key| self.keys.get(key)) {
            let parties = self.scenario.participants(index, self.year).into_iter();
            let newcomers: Vec<_> = parties
                .filter(|party| self.scenario.is_newcomer(index, *party, self.year))
                .map(|party| (party, key.fraction(party)))
                .collect();
            let (year, unit) = (self.year, measure.round_to);
            let amounts =
                buy_in::buy_ins(investments, &newcomers, rule, year, unit, self.scenario.parties.ranks())
                    .map_err(too_large)?;
            let after = investments.iter().map(|held| buy_in::after(held, &newcomers)).collect();
            let before = std::mem::replace(investments, after);
            if amounts.iter().any(|amount| !amount.is_zero()) {
                budget.buy_ins.insert(index, BuyInYear { amounts, newcomers, investments: before });
            }
        }
        let amount = match &rule.tag {
            None => budget.measures[index.0].net,
            Some(tag) => {
                let of_tag = |line: usize| measure.lines[line].tags.contains(tag).then_some(0);
                let plans = self.plan.draws(self.year_index, index);
                let nets = tag_net::nets((index, measure), plans, budget, 1, of_tag).map_err(too_large)?;
                nets[0].min(budget.measures[index.0].net)
            }
        };
        investments.extend(buy_in::of_year(self.year, amount, rows.shares(index)));
        Ok(())
    }
}

/// What shares of a net cost are multiples of. Accounts have øre where bills have none: actual figures that are no
/// multiple of `round_to` are split to the øre.
pub fn split_unit(
    measure: &Measure,
    version: Version,
    year: Year,
    mut nets: impl Iterator<Item = Money>,
) -> Money {
    let broken = nets.any(|net| net.ore() % measure.round_to.ore() != 0);
    let of_accounts = || measure.version_standing_for(version, year) == Version::Actual;
    if broken && !measure.with_memory && of_accounts() { Money::ORE } else { measure.round_to }
}

/// The net cost of each tag of a key by tags.
///
/// # Errors
/// [`TooLarge`] when an amount does not fit.
pub fn by_tag(
    key: &ReadyKey,
    (index, measure): (MeasureIx, &Measure),
    plans: &[DrawPlan],
    budget: &YearBudget,
) -> Result<Vec<Money>, TooLarge> {
    let tags = &key.plan.by_tag;
    if tags.is_empty() {
        return Ok(vec![]);
    }
    let group = |line: usize| tags.iter().position(|(tag, _)| measure.lines[line].tags.contains(tag));
    tag_net::nets((index, measure), plans, budget, tags.len(), group)
}
