//! The plan: what the rules of a run declared, as plain data. It can be compared, shown and handed over.

use crate::ground::money::Money;
use crate::ground::ratio::Ratio;
use crate::ground::source::Place;
use crate::model::driver::DriverIx;
use crate::model::grant::GrantIx;
use crate::model::measure::MeasureIx;
use crate::model::party::PartyIx;
use crate::model::scenario::FundSource;
use crate::model::years::Year;

/// Which of the plan's keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyIx(pub usize);

/// What the rules declared for every measure, grant and year.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// The different keys of the run; many measures and years may share one.
    pub keys: Vec<KeyPlan>,
    /// By year and measure: the key, or none where nothing is split.
    pub(super) key_of: Vec<Vec<Option<KeyIx>>>,
    /// By year and measure: the funding steps in order.
    pub(super) draws_of: Vec<Vec<Vec<DrawPlan>>>,
    /// By grant and award year.
    pub(super) carry_over_of: Vec<Vec<CarryOverPlan>>,
}

/// A key: exact proportions, fixed amounts, or both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyPlan {
    /// Its parts; the factors of the proportional ones sum to 1, unless there are none.
    pub parts: Vec<PartPlan>,
    /// What becomes of what the fixed amounts leave.
    pub rest: Option<Box<KeyPlan>>,
}

/// A part of a key with its values worked out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartPlan {
    /// Who shares in this part, in the order of the scenario; never empty.
    pub parties: Vec<PartyIx>,
    /// A value for each of them: a base of the proportion, or a fixed amount in kroner.
    pub values: Vec<Ratio>,
    /// How the values are used.
    pub base: Base,
    /// The word in the rule file that declared it.
    pub place: Place,
}

/// How the values of a part are used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Base {
    /// A fraction of the amount in proportion to the values; their sum is above zero.
    Proportional {
        /// The fraction of the amount, above 0 and at most 1.
        factor: Ratio,
        /// What the values are.
        by: Proportion,
        /// Where given, the rate per unit of the base is rounded to a multiple of this, in kroner.
        rate_unit: Option<Ratio>,
    },
    /// Fixed amounts in kroner, whatever there is to split.
    Fixed(Tariff),
}

/// What a proportional part is proportional to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proportion {
    /// Everybody the same.
    Equal,
    /// A driver's values of a year; without a year those that hold for all years.
    Driver(DriverIx, Option<Year>),
    /// Numbers computed by a rule.
    Computed,
    /// Percentages that sum to 100; those who take part and are not named have 0.
    Percent(Vec<PartyIx>),
    /// Given weights; those who take part and are not named have 0.
    Weights(Vec<PartyIx>),
}

/// Where fixed amounts come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tariff {
    /// An amount for each party by name.
    Named,
    /// The same amount for everybody.
    Each,
    /// A rate in kroner times a driver's value of a year.
    Rate(Ratio, DriverIx, Option<Year>),
    /// Amounts computed by a rule.
    Computed,
}

/// A funding step: a draw on a grant or reserve.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DrawPlan {
    /// The part of the eligible cost it may cover, from 0 to 1.
    pub rate: Ratio,
    /// The positions of the cost lines that are eligible; `None` for the whole gross cost.
    pub lines: Option<Vec<usize>>,
    /// Where the money comes from.
    pub source: FundSource,
    /// The most it may draw in a year.
    pub ceiling: Option<Money>,
    /// The word that declared it.
    pub place: Place,
}

/// What happens to the unused part of an award at year end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CarryOverPlan {
    /// How many years after its own an award may be used; `None` without end.
    pub years: Option<u32>,
    /// The most that is carried into the next year, as a part of the award.
    pub at_most: Option<Ratio>,
    /// Whether what is not carried over is paid back to the funder; else it lapses.
    pub repay: bool,
    /// The word that declared it; `None` where the grant has no rule and nothing is carried over.
    pub place: Option<Place>,
}

impl Plan {
    /// The key of a measure in the year at this position, where anything is split.
    pub fn key(&self, year_index: usize, measure: MeasureIx) -> Option<&KeyPlan> {
        self.key_ix(year_index, measure).map(|key| &self.keys[key.0])
    }

    /// Which key it is.
    pub fn key_ix(&self, year_index: usize, measure: MeasureIx) -> Option<KeyIx> {
        self.key_of[year_index][measure.0]
    }

    /// The funding steps of a measure in the year at this position, in order.
    pub fn draws(&self, year_index: usize, measure: MeasureIx) -> &[DrawPlan] {
        &self.draws_of[year_index][measure.0]
    }

    /// What happens to what is unused of the award of the year at this position.
    pub fn carry_over(&self, grant: GrantIx, award_year_index: usize) -> &CarryOverPlan {
        &self.carry_over_of[grant.0][award_year_index]
    }
}

impl KeyPlan {
    /// Whether it bills exactly what there is to split: proportions without rounded rates, or fixed amounts
    /// whose rest is shared so.
    pub fn shares_exactly(&self) -> bool {
        let exact = |part: &PartPlan| matches!(part.base, Base::Proportional { rate_unit: None, .. });
        match &self.rest {
            Some(rest) => rest.shares_exactly(),
            None => self.parts.iter().all(exact),
        }
    }

    /// Whether it is fixed amounts alone, which are billed whatever there is to split.
    pub fn is_tariff(&self) -> bool {
        self.rest.is_none() && self.parts.iter().all(|part| matches!(part.base, Base::Fixed(_)))
    }
}

impl CarryOverPlan {
    /// The meaning of a grant without a rule: what is unused lapses at the end of its year.
    pub const LAPSE: CarryOverPlan =
        CarryOverPlan { years: Some(0), at_most: None, repay: false, place: None };
}
