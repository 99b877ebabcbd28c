//! The budget: the result of a walk. Shares are one dense array a year, `[measure][party]`.

use crate::ground::money::{Money, TooLarge};
use crate::model::measure::{GrossCost, Measure, MeasureIx, Version};
use crate::model::party::PartyIx;
use crate::model::scenario::FundSource;
use crate::model::years::{Year, Years};

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
    party_count: usize,
    shares: Vec<Money>,
    /// By measure.
    pub measures: Vec<MeasureBudget>,
    /// In the order they were made.
    pub draws: Vec<Draw>,
    /// By grant.
    pub grants: Vec<GrantLedger>,
    /// By reserve.
    pub reserves: Vec<ReserveLedger>,
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
    /// What grants and reserves covered.
    pub drawn: Money,
    /// What is left for the parties: gross − drawn.
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
}

/// The year of a grant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GrantLedger {
    /// By award, oldest first. The totals below are sums over them.
    pub lots: Vec<Lot>,
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
    /// Brought into the next year.
    pub closing: Money,
}

impl YearBudget {
    /// An empty year.
    pub fn new(year: Year, version: Version, measure_count: usize, party_count: usize) -> YearBudget {
        YearBudget {
            year,
            version,
            party_count,
            shares: vec![Money::ZERO; measure_count * party_count],
            measures: vec![MeasureBudget::default(); measure_count],
            draws: vec![],
            grants: vec![],
            reserves: vec![],
        }
    }

    /// What a party pays for a measure.
    pub fn share(&self, measure: MeasureIx, party: PartyIx) -> Money {
        self.shares[measure.0 * self.party_count + party.0]
    }

    /// What all parties pay for a measure, by party.
    pub fn shares(&self, measure: MeasureIx) -> &[Money] {
        &self.shares[measure.0 * self.party_count..(measure.0 + 1) * self.party_count]
    }

    /// The same, to be filled.
    pub fn shares_mut(&mut self, measure: MeasureIx) -> &mut [Money] {
        &mut self.shares[measure.0 * self.party_count..(measure.0 + 1) * self.party_count]
    }

    /// What a party pays for all measures.
    ///
    /// # Errors
    /// [`TooLarge`] when the sum does not fit.
    pub fn party_total(&self, party: PartyIx) -> Result<Money, TooLarge> {
        Money::sum(self.shares.iter().skip(party.0).step_by(self.party_count.max(1)).copied())
    }

    /// What all parties pay for all measures.
    ///
    /// # Errors
    /// [`TooLarge`] when the sum does not fit.
    pub fn total(&self) -> Result<Money, TooLarge> {
        Money::sum(self.shares.iter().copied())
    }

    /// The draws of a measure, in order.
    pub fn draws_of(&self, measure: MeasureIx) -> impl Iterator<Item = &Draw> {
        self.draws.iter().filter(move |draw| draw.measure == measure)
    }
}

impl Budget {
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

    /// Whether a measure is settled in a year: it has actual figures beside its budget, or the actual draws of
    /// others have changed what is left for it.
    pub fn is_settled(&self, year_index: usize, measure: &Measure, index: MeasureIx) -> bool {
        let billed = &self.billed[year_index];
        self.actual[year_index].as_ref().is_some_and(|actual| {
            measure.is_settled(billed.year) || actual.shares(index) != billed.shares(index)
        })
    }
}

impl MeasureBudget {
    /// The figures of gross cost.
    #[must_use]
    pub fn with_gross(self, gross: GrossCost) -> MeasureBudget {
        MeasureBudget { active: true, gross: gross.gross, lines: gross.lines, decided: gross.decided, ..self }
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
