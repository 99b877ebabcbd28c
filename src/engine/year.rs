//! One year: gross cost, charges, grants open, draws, net cost and split, deposits, settlement, close.

use rayon::prelude::{IntoParallelIterator, ParallelIterator};

use crate::ground::cells::Cells;
use crate::ground::diagnostic::{Diagnostic, Diagnostics};
use crate::ground::money::{Money, TooLarge};
use crate::ground::ratio::{self, Ratio};
use crate::ground::rows::row_width;
use crate::ground::sums::ColumnSums;
use crate::model::measure::{Measure, MeasureIx, Residual, Version};
use crate::model::scenario::Scenario;
use crate::model::years::Year;
use crate::rules::plan::{DrawPlan, Plan};

use super::budget::{BuyInYear, YearBudget};
use super::funding::set_net;
use super::gross::Opened;
use super::keys::ReadyKeys;
use super::reserves::Flow;
use super::row_maker::{Desk, Row, RowMaker};
use super::rows::{RowsView, SHARES_ALONE_MAX, Shape};
use super::share::{Circumstances, ReadyKey};
use super::standing::Stands;
use super::state::{Memory, State};
use super::traits::Traits;
use super::{buy_in, charging, close, draw, faults, tag_net};

/// What a year is walked with.
#[derive(Clone, Copy)]
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
    /// Whether rows are split later, together with those of other years, and count in no total before.
    pub rows_later: bool,
    /// For a walk that only asks for new totals, and in which nothing asks for rows: what stands. No rows are kept.
    pub stands: Option<&'w Stands<'w>>,
}

/// A year that has been walked.
pub struct Walked {
    /// Its budget.
    pub budget: YearBudget,
    /// What the next year opens with.
    pub after: State,
    /// Its rows, where they are split later; else nothing.
    pub rows: Vec<Row>,
}

/// What sharing came to, by measures in their order, where that is not just what they cost.
type AllShared = Vec<(MeasureIx, Result<Shared, Diagnostic>)>;

/// What sharing the net cost of a measure came to.
#[derive(Default)]
struct Shared {
    /// Its row, in øre.
    row: Vec<i64>,
    /// What the parties are billed, what is left over or missing, and what the host's share was changed by.
    billed: Money,
    residual: Money,
    host_part: Money,
    /// The residual on its way to a reserve.
    flow: Option<Flow>,
    /// By how many units each party was behind before, and the memory afterwards.
    memory: Option<(Vec<Ratio>, Memory)>,
}

impl<'w> YearWalk<'w> {
    /// Walks an opened year; the shares are written to the cells from `start` on, whatever is there before. Faults go to
    /// `found`.
    pub fn walk(
        &self,
        opened: Opened,
        before: &State,
        (cells, start): (&mut Cells, usize),
        desk: &mut Desk,
        found: &mut Diagnostics,
    ) -> Option<Walked> {
        let errors_before = found.error_count();
        let mut budget = YearBudget::new(opened.year, self.version, opened.measures());
        opened.faults.into_iter().for_each(|fault| found.push(fault));
        let is_open = |index: &MeasureIx| budget.measures[index.0].active;
        let busy: Vec<MeasureIx> = self.traits.busy.iter().copied().filter(is_open).collect();
        if self.traits.anything_charged {
            found.take(self.charge(&mut budget))?;
        }
        draw::open(&self.traits.awards[self.year_index], before, &mut budget);
        found.take(self.fund(&mut budget))?;
        let mut after = before.carried();
        let mut flows = Vec::new();
        let shape = Shape { measures: budget.measures.len(), parties: self.scenario.parties.count() };
        let mut rows = self.row_maker().of_year(self.year_index, &budget);
        let is_same = self.stands.is_some_and(|stands| stands.gives_the_same(self, &budget));
        let unlike = if is_same { vec![] } else { self.share_unlike(&rows, before, &budget) };
        for (index, shared) in unlike {
            let Some(shared) = found.take(shared) else { continue };
            rows[index.0] = Row::Unlike(shared.row);
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
        let rows = if is_same { vec![] } else { self.split(rows, (cells, start), desk, &mut budget) };
        for index in busy {
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
        (found.error_count() == errors_before).then_some(Walked { budget, after, rows })
    }

    /// Charges measures that others pay for to these, and looks again what each has to split.
    fn charge(&self, budget: &mut YearBudget) -> Result<(), Diagnostic> {
        charging::charge(self.scenario, self.year, budget)?;
        let measures = self.scenario.measures().zip(&mut budget.measures);
        for ((index, measure), figures) in measures.filter(|(_, figures)| figures.active) {
            // Others might have charged it, and have charged nothing.
            figures.active = !figures.received.is_zero() || measure.is_active(self.year);
            if figures.active {
                set_net(figures).map_err(|TooLarge| self.too_large(index))?;
            } else {
                (figures.net, figures.billed) = (Money::ZERO, Money::ZERO);
            }
        }
        Ok(())
    }

    /// What its rows are made with.
    pub(super) fn row_maker(&self) -> RowMaker<'w> {
        let parties = self.scenario.parties.count();
        RowMaker { plan: self.plan, keys: self.keys, traits: self.traits, parties }
    }

    pub(super) fn too_large(&self, measure: MeasureIx) -> Diagnostic {
        faults::too_large(&self.scenario.measures[measure.0], self.year)
    }

    /// Splits the rows of the year and adds up what each party pays; gives them back where they are split later.
    fn split(
        &self,
        rows: Vec<Row>,
        (cells, start): (&mut Cells, usize),
        desk: &mut Desk,
        budget: &mut YearBudget,
    ) -> Vec<Row> {
        if self.rows_later {
            return rows;
        }
        let sums = match self.stands {
            None => self.row_maker().split(&[rows], (cells, start), desk),
            Some(_) => {
                let mut sums = ColumnSums::new(self.scenario.parties.count());
                self.row_maker().split_some(&rows, 0..rows.len(), desk, &mut sums, |_, _| {});
                vec![sums]
            }
        };
        sums.iter().for_each(|sums| budget.totals = sums.all());
        vec![]
    }

    /// Shares the net costs whose keys are more than one split.
    fn share_unlike(&self, rows: &[Row], before: &State, budget: &YearBudget) -> AllShared {
        let unlike = |(index, row): (usize, &Row)| matches!(row, Row::Unlike(_)).then_some(MeasureIx(index));
        let unlike: Vec<MeasureIx> = rows.iter().enumerate().filter_map(unlike).collect();
        let share = |index: MeasureIx| (index, self.share_out(index, before, budget));
        if unlike.len() * self.scenario.parties.count() > SHARES_ALONE_MAX {
            unlike.into_par_iter().map(share).collect()
        } else {
            unlike.into_iter().map(share).collect()
        }
    }

    /// Shares the net cost of a measure by its key, whatever that does, and says where a residual goes.
    fn share_out(&self, index: MeasureIx, before: &State, budget: &YearBudget) -> Result<Shared, Diagnostic> {
        let width = row_width(self.scenario.parties.count());
        let Some(key) = self.plan.key_ix(self.year_index, index) else {
            return Ok(Shared { row: vec![0; width], ..Shared::default() });
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
        shared.row = shares.into_iter().map(Money::ore).collect();
        shared.row.resize(width, 0);
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
