//! The end of a year: unused awards carry over, lapse or are paid back, and reserves close.

use crate::ground::money::{Money, TooLarge};
use crate::ground::split::multiple_within;
use crate::model::grant::GrantIx;
use crate::model::years::{Year, Years};
use crate::rules::plan::{CarryOverPlan, Plan};

use super::budget::{Lot, YearBudget};
use super::draw::{Funds, OpenLot};

/// Closes the ledgers of a year and gives what the next one opens with.
///
/// # Errors
/// [`TooLarge`] when an amount does not fit.
pub fn close(plan: &Plan, years: Years, budget: &mut YearBudget) -> Result<Funds, TooLarge> {
    let mut funds =
        Funds { lots: vec![], reserves: budget.reserves.iter().map(|reserve| reserve.closing).collect() };
    for (grant, ledger) in budget.grants.iter_mut().enumerate() {
        let mut open = Vec::new();
        for lot in &mut ledger.lots {
            let award_year = years.index(lot.award_year).unwrap_or(0);
            close_lot(lot, plan.carry_over(GrantIx(grant), award_year), budget.year)?;
            if !lot.carried.is_zero() {
                open.push(OpenLot { award_year: lot.award_year, awarded: lot.awarded, left: lot.carried });
            }
        }
        funds.lots.push(open);
    }
    Ok(funds)
}

fn close_lot(lot: &mut Lot, rule: &CarryOverPlan, year: Year) -> Result<(), TooLarge> {
    let left = lot.left()?;
    let age = i64::from(year) - i64::from(lot.award_year);
    let may_carry = rule.years.is_none_or(|years| age < i64::from(years));
    let most = match &rule.at_most {
        None => left,
        // The limit is a part of an award and so fits wherever the award does.
        Some(rate) => {
            let exact = lot.awarded.kroner() * rate;
            Money::from_kroner(&multiple_within(&exact, &Money::ORE.kroner())).map_err(|_| TooLarge)?
        }
    };
    lot.carried = if may_carry { left.min(most) } else { Money::ZERO };
    let gone = left.minus(lot.carried)?;
    if rule.repay {
        lot.repaid = gone;
    } else {
        lot.lapsed = gone;
    }
    Ok(())
}
