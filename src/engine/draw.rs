//! Draws on grants and reserves: the least of what the rate allows, the ceiling, what the source has left
//! and what the measure still needs. Oldest award first.

use crate::ground::money::{Money, TooLarge};
use crate::ground::split::nearest_multiple;
use crate::model::grant::GrantIx;
use crate::model::measure::{Measure, MeasureIx, Version};
use crate::model::scenario::{FundSource, Scenario};
use crate::model::years::Year;
use crate::rules::plan::DrawPlan;

use super::budget::{Draw, GrantLedger, Limit, Lot, ReserveLedger, YearBudget};

/// What is left of every grant and reserve from one year to the next.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Funds {
    /// By grant: what is left of each award, oldest first.
    pub lots: Vec<Vec<OpenLot>>,
    /// By reserve.
    pub reserves: Vec<Money>,
}

/// What is left of an award.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenLot {
    /// The year of the award.
    pub award_year: Year,
    /// The whole award.
    pub awarded: Money,
    /// What is left of it.
    pub left: Money,
}

impl Funds {
    /// What there is before the first year.
    pub fn opening(scenario: &Scenario) -> Funds {
        Funds {
            lots: vec![vec![]; scenario.grants.len()],
            reserves: scenario.reserves.iter().map(|reserve| reserve.opening).collect(),
        }
    }
}

/// Opens the ledgers of a year: what was carried over, and the year's award as a new lot.
pub fn open(scenario: &Scenario, funds: &Funds, budget: &mut YearBudget) {
    for (grant, lots) in scenario.grants.iter().zip(&funds.lots) {
        let older = lots.iter().map(|lot| Lot {
            award_year: lot.award_year,
            awarded: lot.awarded,
            opening: lot.left,
            ..Lot::empty(budget.year)
        });
        let new = grant.awards.get(&budget.year).map(|award| Lot {
            awarded: award.value,
            award: award.value,
            ..Lot::empty(budget.year)
        });
        budget.grants.push(GrantLedger { lots: older.chain(new).collect() });
    }
    for opening in &funds.reserves {
        budget.reserves.push(ReserveLedger {
            opening: *opening,
            closing: *opening,
            ..ReserveLedger::default()
        });
    }
}

/// Makes one funding step of a measure.
///
/// # Errors
/// [`TooLarge`] when an amount does not fit.
pub fn draw(
    measure: (MeasureIx, &Measure),
    step: (usize, &DrawPlan),
    needed: Money,
    budget: &mut YearBudget,
) -> Result<Draw, TooLarge> {
    let (measure_ix, measure) = measure;
    let (step, plan) = step;
    let eligible =
        eligible_cost(measure, plan, budget.version, budget.year, budget.measures[measure_ix.0].gross)?;
    let by_rate = if eligible.is_negative() { Money::ZERO } else { rate_of(eligible, plan)? };
    let available = available(plan.source, budget)?;
    let nothing_below_zero = |amount: Money| amount.max(Money::ZERO);
    let limits = [
        (Limit::Rate, by_rate),
        (Limit::Ceiling, plan.ceiling.unwrap_or(Money::from_ore(i64::MAX))),
        (Limit::Source, available),
        (Limit::Need, nothing_below_zero(needed)),
    ];
    let (limit, amount) =
        limits.into_iter().min_by_key(|(_, amount)| *amount).unwrap_or((Limit::Rate, Money::ZERO));
    let lots = take(plan.source, amount, budget)?;
    Ok(Draw {
        measure: measure_ix,
        step,
        source: plan.source,
        eligible,
        by_rate,
        available,
        needed,
        amount,
        limit,
        lots,
    })
}

/// Takes an amount out of a source, oldest award first, and says from which awards.
///
/// # Errors
/// [`TooLarge`] when an amount does not fit.
pub fn take(
    source: FundSource,
    amount: Money,
    budget: &mut YearBudget,
) -> Result<Vec<(Year, Money)>, TooLarge> {
    match source {
        FundSource::Grant(GrantIx(grant)) => {
            let (mut wanted, mut taken) = (amount, Vec::new());
            for lot in &mut budget.grants[grant].lots {
                let part = wanted.min(lot.left()?);
                if part > Money::ZERO {
                    lot.drawn = lot.drawn.plus(part)?;
                    wanted = wanted.minus(part)?;
                    taken.push((lot.award_year, part));
                }
            }
            Ok(taken)
        }
        FundSource::Reserve(reserve) => {
            let ledger = &mut budget.reserves[reserve.0];
            ledger.drawn = ledger.drawn.plus(amount)?;
            ledger.closing = ledger.closing.minus(amount)?;
            Ok(vec![])
        }
    }
}

/// The cost that a step may cover a part of: the named lines, else the whole gross cost.
fn eligible_cost(
    measure: &Measure,
    plan: &DrawPlan,
    version: Version,
    year: Year,
    gross: Money,
) -> Result<Money, TooLarge> {
    let version = measure.version_standing_for(version, year);
    match &plan.lines {
        None => Ok(gross),
        Some(lines) => Money::sum(lines.iter().filter_map(|line| measure.lines[*line].amount(version, year))),
    }
}

fn rate_of(eligible: Money, plan: &DrawPlan) -> Result<Money, TooLarge> {
    let exact = eligible.kroner() * &plan.rate;
    Money::from_kroner(&nearest_multiple(&exact, &Money::ORE.kroner())).map_err(|_| TooLarge)
}

fn available(source: FundSource, budget: &YearBudget) -> Result<Money, TooLarge> {
    match source {
        FundSource::Reserve(reserve) => Ok(budget.reserves[reserve.0].closing),
        FundSource::Grant(grant) => {
            let left: Result<Vec<Money>, TooLarge> =
                budget.grants[grant.0].lots.iter().map(Lot::left).collect();
            Money::sum(left?)
        }
    }
}

impl Lot {
    /// A lot without any amount.
    fn empty(award_year: Year) -> Lot {
        let zero = Money::ZERO;
        Lot {
            award_year,
            awarded: zero,
            opening: zero,
            award: zero,
            drawn: zero,
            carried: zero,
            repaid: zero,
            lapsed: zero,
        }
    }
}
