//! What one year hands to the next. The engine owns it; rules never do.

use std::collections::BTreeMap;

use crate::ground::money::{Money, TooLarge};
use crate::ground::ratio::Ratio;
use crate::model::grant::GrantIx;
use crate::model::measure::MeasureIx;
use crate::model::scenario::Scenario;
use crate::model::years::Year;
use crate::rules::plan::Plan;

use super::close;

/// What is left, owed and remembered when a year starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// What is left of the awards, by grant, oldest first.
    pub lots: Vec<OpenLot>,
    /// By grant: what has been awarded, earned and paid so far.
    pub payments: Vec<Payments>,
    /// By reserve: what is in it.
    pub reserves: Vec<Money>,
    /// By measure: what each party was billed the year before, where anything was split and somebody asks.
    pub last_year: BTreeMap<MeasureIx, Vec<Option<Money>>>,
    /// By measure: what each party is to pay of the year before's settlement, where it is carried forward.
    pub brought_forward: BTreeMap<MeasureIx, Vec<Money>>,
    /// By measure with memory: who took part, and by how many units each party is behind.
    pub behind: BTreeMap<MeasureIx, Memory>,
    /// By measure with buy-in: the investments so far.
    pub investments: BTreeMap<MeasureIx, Vec<Investment>>,
}

/// What is left of an award.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenLot {
    /// Of which grant.
    pub grant: GrantIx,
    /// The year of the award.
    pub award_year: Year,
    /// The whole award.
    pub awarded: Money,
    /// What is left of it.
    pub left: Money,
}

/// The payments of a grant so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Payments {
    /// All awards.
    pub awarded: Money,
    /// All draws.
    pub earned: Money,
    /// All that was paid.
    pub paid: Money,
}

/// By how many units each party is behind its exact shares, in a series of years with the same participants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Memory {
    /// Who takes part in the series, by party.
    pub takes_part: Vec<bool>,
    /// By party; less than 1 in size.
    pub behind: Vec<Ratio>,
}

/// What was invested in a year, and who has paid which part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Investment {
    /// The year.
    pub year: Year,
    /// What it cost, net.
    pub amount: Money,
    /// By party, as parts of 1.
    pub parts: Vec<Ratio>,
}

impl State {
    /// What the end of a year opens the next one with, before the year has been walked: what measures remember.
    /// Lots, payments and reserves are told by the year's close.
    #[must_use]
    pub fn carried(&self) -> State {
        State {
            lots: vec![],
            payments: vec![],
            reserves: vec![],
            last_year: BTreeMap::new(),
            brought_forward: BTreeMap::new(),
            behind: self.behind.clone(),
            investments: self.investments.clone(),
        }
    }

    /// What there is before the first year.
    ///
    /// # Errors
    /// [`TooLarge`] when what is left of the awards of a grant does not fit.
    pub fn opening(scenario: &Scenario, plan: &Plan) -> Result<State, TooLarge> {
        let lots = scenario.grants.iter().enumerate().flat_map(|(index, grant)| {
            grant.opening.iter().map(move |(year, left)| OpenLot {
                grant: GrantIx(index),
                award_year: *year,
                awarded: grant.awards.get(year).map_or(left.value, |award| award.value),
                left: left.value,
            })
        });
        let billed_before =
            scenario.measures().filter_map(|(index, measure)| Some((index, measure.billed_before.clone()?)));
        let payments = scenario.grants.iter().enumerate().map(|(index, grant)| {
            let whole = |year: &Year, left: Money| grant.awards.get(year).map_or(left, |award| award.value);
            let awarded = Money::sum(grant.opening.iter().map(|(year, left)| whole(year, left.value)))?;
            let left = Money::sum(grant.opening.values().map(|left| left.value))?;
            // What is no longer left has been earned, and paid as far as it may be.
            let earned = awarded.minus(left)?;
            let paid = plan.payment(GrantIx(index)).map(|rule| close::ceiling(rule, awarded));
            let paid = paid.transpose()?.map_or(Money::ZERO, |ceiling| earned.min(ceiling));
            Ok(Payments { awarded, earned, paid })
        });
        Ok(State {
            lots: lots.collect(),
            payments: payments.collect::<Result<_, TooLarge>>()?,
            reserves: scenario.reserves.iter().map(|reserve| reserve.opening).collect(),
            last_year: billed_before.collect(),
            brought_forward: BTreeMap::new(),
            behind: BTreeMap::new(),
            investments: BTreeMap::new(),
        })
    }
}
