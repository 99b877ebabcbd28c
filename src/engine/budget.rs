//! The budget: the result of a walk. Shares are dense, `[year][measure][party]`.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::ground::cells::Cells;
use crate::ground::money::{Money, TooLarge};
use crate::ground::ratio::Ratio;
use crate::ground::split::{Weights, split};
use crate::model::measure::{GrossCost, Measure, MeasureIx, Version};
use crate::model::party::PartyIx;
use crate::model::reserve::ReserveIx;
use crate::model::scenario::{FundSource, Scenario};
use crate::model::settlement::Settle;
use crate::model::years::{Year, Years};

use super::rows::{Rows, RowsView, Shape, Shares};
use super::state::Investment;

/// The result of a walk over all years.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Budget {
    /// The years.
    pub years: Years,
    /// What the parties are billed, by year.
    pub billed: Vec<YearBudget>,
    /// The same with the actual figures, for years that have both kinds.
    pub actual: Vec<Option<YearBudget>>,
}

/// One year walked with one version of its figures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct YearBudget {
    /// Which year.
    pub year: Year,
    /// Which figures.
    pub version: Version,
    /// What each party pays for each measure.
    pub rows: Rows,
    /// By party: what it pays for all measures, in øre. Nothing where a walk that only asks for new totals has found
    /// that all shares are those that stand.
    pub(super) totals: Arc<[i128]>,
    /// By measure.
    pub measures: Vec<MeasureBudget>,
    /// By measure, in the order of its steps.
    pub draws: Vec<Draw>,
    /// By grant.
    pub grants: Vec<GrantLedger>,
    /// By reserve.
    pub reserves: Vec<ReserveLedger>,
    /// What measures charged to others, by the measure that is paid for.
    pub charges: Vec<Charge>,
    /// By measure with newcomers: how they bought in.
    pub buy_ins: BTreeMap<MeasureIx, BuyInYear>,
    /// By measure: what each party is to pay of last year's settlement.
    pub brought_forward: BTreeMap<MeasureIx, Vec<Money>>,
    /// What leavers got out of reserves.
    pub payouts: Vec<Payout>,
    /// By measure with memory: by how many units each party was behind before.
    pub behind: BTreeMap<MeasureIx, Vec<Ratio>>,
}

/// The buying in of the newcomers of a year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuyInYear {
    /// What each party pays, or gets where it is below zero. Sums to zero.
    pub amounts: Vec<Money>,
    /// Who came, with its part of the key.
    pub newcomers: Vec<(PartyIx, Ratio)>,
    /// What was invested earlier, as it was held before.
    pub investments: Vec<Investment>,
}

/// What one measure charged to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Charge {
    /// Which is paid for.
    pub from: MeasureIx,
    /// Which pays.
    pub to: MeasureIx,
    /// How much.
    pub amount: Money,
}

/// What a party got out of a reserve when it left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Payout {
    /// Out of which reserve.
    pub reserve: ReserveIx,
    /// Who.
    pub party: PartyIx,
    /// How much.
    pub amount: Money,
}

/// The figures of a measure in a year.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MeasureBudget {
    /// Whether there is anything to split in this year.
    pub active: bool,
    /// What is to be covered, and how it came about.
    pub gross: Money,
    /// The sum of the cost lines, where there are any.
    pub lines: Option<Money>,
    /// Whether the gross cost was decided.
    pub decided: bool,
    /// The value of work in kind, which is not part of the gross cost.
    pub in_kind: Money,
    /// What other measures charged to it.
    pub received: Money,
    /// What it charged to other measures.
    pub charged: Money,
    /// What grants and reserves covered.
    pub drawn: Money,
    /// What is left for the parties: gross + received − charged − drawn.
    pub net: Money,
    /// What the parties are billed: the sum of the shares.
    pub billed: Money,
    /// Billed − net, shown or moved to a reserve.
    pub residual: Money,
    /// What the host's share was changed by, to make billed equal net.
    pub host_part: Money,
}

/// A draw on a grant or reserve.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draw {
    /// For which measure.
    pub measure: MeasureIx,
    /// Which of its funding steps, from 0.
    pub step: usize,
    /// From where.
    pub source: FundSource,
    /// The cost that the step may cover a part of.
    pub eligible: Money,
    /// Rate × eligible cost, rounded half up to the øre.
    pub by_rate: Money,
    /// What was left in the source before.
    pub available: Money,
    /// What the measure still needed before.
    pub needed: Money,
    /// The most it could be for the own contribution to match it, where that is asked.
    pub matched: Option<Money>,
    /// What was drawn.
    pub amount: Money,
    /// Why it was not more.
    pub limit: Limit,
    /// From which awards, oldest first; empty for a reserve.
    pub lots: Vec<(Year, Money)>,
}

/// What a draw was limited by: the first of the smallest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// Its rate of the eligible cost.
    Rate,
    /// Its ceiling.
    Ceiling,
    /// What the source had left.
    Source,
    /// What the measure still needed.
    Need,
    /// The own contribution that has to match it.
    Match,
    /// What the source had left, shared with others.
    ProRata,
}

/// The year of a grant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GrantLedger {
    /// By award, oldest first. The totals below are sums over them.
    pub lots: Vec<Lot>,
    /// What was earned and paid, where that is followed.
    pub payment: Option<PaymentLedger>,
}

/// The year of the payments of a grant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PaymentLedger {
    /// Earned before and not yet paid.
    pub opening: Money,
    /// Earned: what was drawn this year.
    pub earned: Money,
    /// Paid by the funder.
    pub paid: Money,
    /// What may be paid in all years up to this one before the final report; none from then on.
    pub ceiling: Option<Money>,
    /// Paid in all years up to this one.
    pub paid_so_far: Money,
    /// Earned and not yet paid at the end of the year.
    pub receivable: Money,
}

/// The year of one award of a grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lot {
    /// The year of the award.
    pub award_year: Year,
    /// The whole award, whatever has been used of it.
    pub awarded: Money,
    /// Brought in from the year before.
    pub opening: Money,
    /// Awarded this year.
    pub award: Money,
    /// Used.
    pub drawn: Money,
    /// Carried into the next year.
    pub carried: Money,
    /// Paid back.
    pub repaid: Money,
    /// Lapsed.
    pub lapsed: Money,
}

/// The year of a reserve.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReserveLedger {
    /// Brought in from the year before.
    pub opening: Money,
    /// Put in.
    pub deposit: Money,
    /// Taken out.
    pub drawn: Money,
    /// Paid out to parties that left.
    pub payout: Money,
    /// Brought into the next year.
    pub closing: Money,
}

impl YearBudget {
    /// A year with the figures of its measures, and nothing else yet.
    pub fn new(year: Year, version: Version, measures: Vec<MeasureBudget>) -> YearBudget {
        YearBudget {
            year,
            version,
            rows: Rows::default(),
            totals: Arc::default(),
            measures,
            draws: vec![],
            grants: vec![],
            reserves: vec![],
            charges: vec![],
            buy_ins: BTreeMap::new(),
            brought_forward: BTreeMap::new(),
            payouts: vec![],
            behind: BTreeMap::new(),
        }
    }

    /// What a party pays for a measure.
    pub fn share(&self, measure: MeasureIx, party: PartyIx) -> Money {
        self.shares(measure).of(party)
    }

    /// What all parties pay for a measure, by party.
    pub fn shares(&self, measure: MeasureIx) -> Shares<'_> {
        self.rows.view().shares(measure)
    }

    /// What a party pays for all measures.
    ///
    /// # Errors
    /// [`TooLarge`] when the sum does not fit.
    pub fn party_total(&self, party: PartyIx) -> Result<Money, TooLarge> {
        Money::from_wide_ore(self.totals[party.0])
    }

    /// What all parties pay for all measures.
    ///
    /// # Errors
    /// [`TooLarge`] when the sum does not fit.
    pub fn total(&self) -> Result<Money, TooLarge> {
        Money::from_wide_ore(self.totals.iter().sum())
    }

    /// What a party is to pay in the year in all: its shares, buy-ins and what was brought forward, less what it
    /// got on leaving.
    ///
    /// # Errors
    /// [`TooLarge`] when the sum does not fit.
    pub fn payable(&self, party: PartyIx, payouts: &[Payout]) -> Result<Money, TooLarge> {
        let buy_ins = self.buy_ins.values().map(|buy_in| buy_in.amounts[party.0]);
        let more = buy_ins.chain(self.brought_forward.values().map(|amounts| amounts[party.0]));
        let own = payouts.iter().filter(|payout| payout.party == party);
        let payouts = Money::sum(own.map(|payout| payout.amount))?;
        Money::sum(more.chain([self.party_total(party)?]))?.minus(payouts)
    }

    /// The instalments of a share, which add up to it; none where it is paid at once. The first ones get the units
    /// that are left over.
    pub fn instalments(&self, measure: &Measure, index: MeasureIx, party: PartyIx) -> Vec<Money> {
        let count = usize::from(measure.instalments.unwrap_or(0));
        let (share, unit) = (self.share(index, party).ore(), measure.round_to.ore());
        let ranks: Vec<u32> = (0..).take(count).collect();
        let Ok(weights) = Weights::from_integers(&vec![1; count]) else { return vec![] };
        // What the host's share was changed by need not be whole units, and is paid first.
        let mut parts = split(i128::from(share / unit), &weights, &ranks);
        parts.iter_mut().for_each(|part| *part *= i128::from(unit));
        parts[0] += i128::from(share % unit);
        parts.into_iter().filter_map(|part| Money::from_wide_ore(part).ok()).collect()
    }

    /// The draws of a measure, in order.
    pub fn draws_of(&self, measure: MeasureIx) -> impl Iterator<Item = &Draw> {
        self.draws.iter().filter(move |draw| draw.measure == measure)
    }
}

impl Budget {
    /// Takes hold of the shares of all walks: year by year, the actual ones after the billed ones.
    pub(super) fn hold(&mut self, cells: Cells, shape: Shape) {
        let cells = Arc::new(cells);
        let mut start = 0;
        for (billed, actual) in self.billed.iter_mut().zip(&mut self.actual) {
            for walked in std::iter::once(billed).chain(actual) {
                walked.rows = Rows::new(&cells, start, shape);
                start += shape.cell_count();
            }
        }
    }

    /// The walk whose closing balances are the next year's opening ones: actual figures where there are any.
    pub fn closing_walk(&self, year_index: usize) -> &YearBudget {
        self.actual[year_index].as_ref().unwrap_or(&self.billed[year_index])
    }

    /// Actual share − billed share, where the year has both kinds of figures for the measure.
    ///
    /// # Errors
    /// [`TooLarge`] when the difference does not fit.
    pub fn settlement(
        &self,
        year_index: usize,
        measure: MeasureIx,
        party: PartyIx,
    ) -> Result<Option<Money>, TooLarge> {
        let billed = self.billed[year_index].share(measure, party);
        let actual = self.actual[year_index].as_ref().map(|actual| actual.share(measure, party));
        actual.map(|actual| actual.minus(billed)).transpose()
    }

    /// What each party was billed for a measure in the year before the one at this position; none where nothing
    /// was split, and none for who took no part.
    pub fn billed_last_year(
        &self,
        scenario: &Scenario,
        year_index: usize,
        measure: MeasureIx,
    ) -> Option<Vec<Option<Money>>> {
        let earlier = &self.billed[..year_index];
        let rows = earlier.last().map(|last| last.rows.view());
        billed_last_year(scenario, earlier, rows, measure)
    }

    /// How much more the actual shares of a measure are than the billed ones; nothing where there are none.
    ///
    /// # Errors
    /// [`TooLarge`] when a sum does not fit.
    pub fn overspend(&self, year_index: usize, measure: MeasureIx) -> Result<Money, TooLarge> {
        match &self.actual[year_index] {
            Some(actual) => {
                actual.shares(measure).sum()?.minus(self.billed[year_index].shares(measure).sum()?)
            }
            None => Ok(Money::ZERO),
        }
    }

    /// Whether all its amounts, added up without their signs, are so small that no sum of them can be too large.
    pub fn is_small(&self) -> bool {
        let walks = || self.billed.iter().chain(self.actual.iter().flatten());
        let sizes =
            |amounts: &[Money]| amounts.iter().map(|own| u128::from(own.ore().unsigned_abs())).sum::<u128>();
        let of_walk = |walked: &YearBudget| {
            let measure = |own: &MeasureBudget| {
                let lines = own.lines.unwrap_or_default();
                let costs = [own.gross, lines, own.in_kind, own.received, own.charged, own.drawn];
                sizes(&costs) + sizes(&[own.net, own.billed, own.residual, own.host_part])
            };
            let measures: u128 = walked.measures.iter().map(measure).sum();
            let shares = walked.rows.view().cells.iter().map(|share| u128::from(share.unsigned_abs()));
            let lots = walked.grants.iter().flat_map(|ledger| &ledger.lots);
            let lots: u128 = lots.map(|lot| sizes(&[lot.awarded, lot.opening, lot.award])).sum();
            let reserve =
                |own: &ReserveLedger| sizes(&[own.opening, own.deposit, own.drawn, own.payout, own.closing]);
            let reserves: u128 = walked.reserves.iter().map(reserve).sum();
            let buy_ins = walked.buy_ins.values().map(|own| sizes(&own.amounts)).sum::<u128>();
            let forward = walked.brought_forward.values().map(|own| sizes(own)).sum::<u128>();
            measures + shares.sum::<u128>() + lots + reserves + buy_ins + forward
        };
        // Every figure is a sum of such amounts, each counted a few times at most.
        walks().map(of_walk).sum::<u128>() < u128::from(u64::MAX >> 8)
    }

    /// Whether anybody pays or gets anything besides shares in any year.
    pub fn has_more_than_shares(&self) -> bool {
        let more = |walked: &YearBudget| {
            !walked.buy_ins.is_empty() || !walked.brought_forward.is_empty() || !walked.payouts.is_empty()
        };
        (0..self.billed.len()).any(|year_index| more(self.closing_walk(year_index)))
    }

    /// Whether a measure is settled in a year: it has actual figures beside its budget, or the actual draws of
    /// others have changed what is left for it.
    pub fn is_settled(&self, year_index: usize, measure: &Measure, index: MeasureIx) -> bool {
        let billed = &self.billed[year_index];
        self.actual[year_index].as_ref().is_some_and(|actual| {
            measure.is_settled(billed.year) || actual.shares(index) != billed.shares(index)
        })
    }
}

/// What each party was billed for a measure in the last of some years; none where nothing was split, and none for
/// who took no part. `rows` are that year's.
pub(super) fn billed_last_year(
    scenario: &Scenario,
    earlier: &[YearBudget],
    rows: Option<RowsView<'_>>,
    measure: MeasureIx,
) -> Option<Vec<Option<Money>>> {
    // What is written stands for the year before the first in which the measure has a cost.
    let never = earlier.iter().all(|walked| !walked.measures[measure.0].active);
    let (Some(last), Some(rows), false) = (earlier.last(), rows, never) else {
        return scenario.measures[measure.0].billed_before.clone();
    };
    let takes_part = |party| scenario.months(measure, party, last.year) > 0;
    let share = |(party, _)| takes_part(party).then(|| rows.shares(measure).of(party));
    last.measures[measure.0].active.then(|| scenario.parties.iter().map(share).collect())
}

/// What each party is to pay of a year's settlement of a measure in the next year, where it is carried forward.
///
/// # Errors
/// [`TooLarge`] when a difference does not fit.
pub(super) fn carried_forward(
    measure: &Measure,
    year: Year,
    billed: Shares<'_>,
    actual: Shares<'_>,
) -> Result<Option<Vec<Money>>, TooLarge> {
    let is_settled = measure.is_settled(year) || actual != billed;
    let Some(policy) = measure.settlement.filter(|_| is_settled) else { return Ok(None) };
    let settlements = actual.iter().zip(billed.iter()).map(|(actual, billed)| actual.minus(billed));
    let settlements: Vec<Money> = settlements.collect::<Result<_, TooLarge>>()?;
    let sum = Money::sum(settlements.iter().copied())?;
    let forward = policy.of(sum.ore()) == Settle::CarryForward;
    Ok((forward && settlements.iter().any(|amount| !amount.is_zero())).then_some(settlements))
}

impl MeasureBudget {
    /// The figures of a gross cost before anything is charged or drawn: all of it is billed.
    pub fn of_gross(cost: GrossCost) -> MeasureBudget {
        let GrossCost { gross, lines, decided } = cost;
        MeasureBudget {
            active: true,
            gross,
            lines,
            decided,
            net: gross,
            billed: gross,
            ..MeasureBudget::default()
        }
    }
}

impl GrantLedger {
    /// The sum of one figure over all awards.
    ///
    /// # Errors
    /// [`TooLarge`] when the sum does not fit.
    pub fn sum(&self, figure: impl Fn(&Lot) -> Money) -> Result<Money, TooLarge> {
        Money::sum(self.lots.iter().map(figure))
    }
}

impl Lot {
    /// What can still be used.
    ///
    /// # Errors
    /// [`TooLarge`] when the difference does not fit.
    pub fn left(&self) -> Result<Money, TooLarge> {
        self.opening.plus(self.award)?.minus(self.drawn)
    }
}
