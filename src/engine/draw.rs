//! Draws on grants and reserves: the least of what the rate allows, the ceiling, what the source has left
//! and what the measure still needs. Oldest award first.

use crate::ground::money::{Money, TooLarge};
use crate::ground::ratio::Ratio;
use crate::ground::split::{nearest_part, part_within};
use crate::model::grant::GrantIx;
use crate::model::measure::{Measure, MeasureIx, Version};
use crate::model::scenario::{FundSource, Scenario};
use crate::model::years::Year;
use crate::rules::plan::DrawPlan;

use super::budget::{Draw, GrantLedger, Limit, Lot, ReserveLedger, YearBudget};
use super::state::State;

/// Opens the ledgers of a year: what was carried over, and the year's award, where the grant has one, as a new lot.
pub fn open(awards: &[Option<Money>], state: &State, budget: &mut YearBudget) {
    budget.grants.reserve_exact(awards.len());
    let mut carried = state.lots.as_slice();
    for (index, award) in awards.iter().enumerate() {
        let own = carried.iter().take_while(|lot| lot.grant == GrantIx(index)).count();
        let (lots, others) = carried.split_at(own);
        carried = others;
        let brought = lots.iter().map(|lot| Lot {
            award_year: lot.award_year,
            awarded: lot.awarded,
            opening: lot.left,
            ..Lot::empty(budget.year)
        });
        let of_year = award.map(|award| Lot { awarded: award, award, ..Lot::empty(budget.year) });
        budget.grants.push(GrantLedger { lots: brought.chain(of_year).collect(), payment: None });
    }
    for opening in &state.reserves {
        budget.reserves.push(ReserveLedger {
            opening: *opening,
            closing: *opening,
            ..ReserveLedger::default()
        });
    }
}

/// What a funding step may draw, before it is known how much others take.
///
/// # Errors
/// [`TooLarge`] when an amount does not fit.
pub fn want(
    measure: (MeasureIx, &Measure),
    step: (usize, &DrawPlan),
    drawn: Money,
    budget: &YearBudget,
) -> Result<Draw, TooLarge> {
    let (measure_ix, measure) = measure;
    let (step, plan) = step;
    let figures = &budget.measures[measure_ix.0];
    let cost = figures.gross.plus(figures.received)?;
    let needed = cost.minus(drawn)?;
    let eligible = eligible_cost(measure, plan, budget.version, budget.year, cost)?;
    let by_rate = part_of(eligible, &plan.rate, nearest_part)?;
    let matched = plan.match_rate.as_ref().map(|rate| {
        let in_kind = if plan.with_in_kind { figures.in_kind } else { Money::ZERO };
        part_of(needed.plus(in_kind)?, rate, part_within)
    });
    let matched = matched.transpose()?;
    let largest = Money::from_ore(i64::MAX);
    let limits = [
        (Limit::Rate, by_rate),
        (Limit::Ceiling, plan.ceiling.unwrap_or(largest)),
        (Limit::Match, matched.unwrap_or(largest)),
        (Limit::Need, needed.max(Money::ZERO)),
    ];
    let (limit, amount) =
        limits.into_iter().min_by_key(|(_, amount)| *amount).unwrap_or((Limit::Rate, Money::ZERO));
    Ok(Draw {
        measure: measure_ix,
        step,
        source: plan.source,
        eligible,
        by_rate,
        available: Money::ZERO,
        needed,
        matched,
        amount,
        limit,
        lots: vec![],
    })
}

/// Makes a wanted draw, as far as the source reaches.
///
/// # Errors
/// [`TooLarge`] when an amount does not fit.
pub fn draw(mut wanted: Draw, scenario: &Scenario, budget: &mut YearBudget) -> Result<Draw, TooLarge> {
    wanted.available = available(wanted.source, scenario, budget)?;
    // Of limits that are equal the source counts before the need.
    let equal = wanted.available == wanted.amount && wanted.limit == Limit::Need;
    if wanted.available < wanted.amount || equal {
        (wanted.limit, wanted.amount) = (Limit::Source, wanted.available);
    }
    wanted.lots = take(wanted.source, wanted.amount, budget)?;
    Ok(wanted)
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

/// The cost that a step may cover a part of: the named lines, else the whole cost with what was charged.
fn eligible_cost(
    measure: &Measure,
    plan: &DrawPlan,
    version: Version,
    year: Year,
    cost: Money,
) -> Result<Money, TooLarge> {
    let Some(lines) = &plan.lines else { return Ok(cost) };
    let version = measure.version_standing_for(version, year);
    Money::sum(lines.iter().filter_map(|line| measure.lines[*line].amount(version, year)))
}

/// A part of an amount, rounded to the øre; nothing of an amount below zero.
fn part_of(
    amount: Money,
    part: &Ratio,
    rounded: impl Fn(u64, &Ratio) -> Option<i64>,
) -> Result<Money, TooLarge> {
    match u64::try_from(amount.ore()) {
        Ok(ore) => rounded(ore, part).map(Money::from_ore).ok_or(TooLarge),
        Err(_) => Ok(Money::ZERO),
    }
}

/// What can be drawn from a source: what is left of all awards, or what a reserve has above its minimum.
///
/// # Errors
/// [`TooLarge`] when the sum does not fit.
pub fn available(source: FundSource, scenario: &Scenario, budget: &YearBudget) -> Result<Money, TooLarge> {
    match source {
        FundSource::Reserve(reserve) => {
            let above = budget.reserves[reserve.0].closing.minus(scenario.reserves[reserve.0].minimum)?;
            Ok(above.max(Money::ZERO))
        }
        FundSource::Grant(grant) => {
            let mut lots = budget.grants[grant.0].lots.iter();
            lots.try_fold(Money::ZERO, |sum, lot| sum.plus(lot.left()?))
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
