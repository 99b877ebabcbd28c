//! The end of a year for grants: unused awards carry over, lapse or are paid back, and funders pay.

use crate::ground::money::{Money, TooLarge};
use crate::ground::ratio::Ratio;
use crate::ground::split;
use crate::model::grant::{Grant, GrantIx};
use crate::model::scenario::Scenario;
use crate::model::years::Year;
use crate::rules::plan::{CarryOverPlan, PaymentPlan, Plan};

use super::budget::{GrantLedger, Lot, PaymentLedger, YearBudget};
use super::state::{OpenLot, Payments, State};

/// Closes the grants of a year: what is left of each award by lot, and the payments so far.
///
/// # Errors
/// [`TooLarge`] when an amount does not fit.
pub fn close_grants(
    scenario: &Scenario,
    plan: &Plan,
    before: &State,
    budget: &mut YearBudget,
) -> Result<(Vec<OpenLot>, Vec<Payments>), TooLarge> {
    let year = budget.year;
    let mut open = Vec::with_capacity(budget.grants.len());
    let mut payments = before.payments.clone();
    for (index, ledger) in budget.grants.iter_mut().enumerate() {
        let grant = GrantIx(index);
        for lot in &mut ledger.lots {
            let left = lot.left()?;
            // Most awards are used up, and their rule need not be looked up.
            if left.is_zero() {
                continue;
            }
            let award_year = scenario.years.index(lot.award_year);
            close_lot(lot, left, plan.carry_over(grant, award_year), year)?;
            if !lot.carried.is_zero() {
                let Lot { award_year, awarded, carried: left, .. } = *lot;
                open.push(OpenLot { grant, award_year, awarded, left });
            }
        }
        if let Some(rule) = plan.payment(grant) {
            let of_year = pay(&scenario.grants[index], rule, &mut payments[index], ledger, year)?;
            ledger.payment = Some(of_year);
        }
    }
    Ok((open, payments))
}

/// What a funder pays in a year: at first up to a part of its awards, and everything that is earned from the year of
/// the final report on. Adds it to what there was so far.
fn pay(
    grant: &Grant,
    rule: &PaymentPlan,
    so_far: &mut Payments,
    ledger: &GrantLedger,
    year: Year,
) -> Result<PaymentLedger, TooLarge> {
    let before = *so_far;
    let awarded = before.awarded.plus(ledger.sum(|lot| lot.award)?)?;
    let earned_now = ledger.sum(|lot| lot.drawn)?;
    let earned = before.earned.plus(earned_now)?;
    let reported = grant.final_report.is_some_and(|report| report <= year);
    let ceiling = if reported { None } else { Some(ceiling(rule, awarded)?) };
    let paid = ceiling.map_or(earned, |ceiling| earned.min(ceiling));
    *so_far = Payments { awarded, earned, paid };
    Ok(PaymentLedger {
        opening: before.earned.minus(before.paid)?,
        earned: earned_now,
        paid: paid.minus(before.paid)?,
        ceiling,
        paid_so_far: paid,
        receivable: earned.minus(paid)?,
    })
}

/// What may be paid before the final report: a part of the awards, cut down to the øre.
///
/// # Errors
/// [`TooLarge`] when an amount does not fit.
pub fn ceiling(rule: &PaymentPlan, awarded: Money) -> Result<Money, TooLarge> {
    part_within(awarded, &rule.prepaid)
}

/// A part of an amount that is not negative, cut down to the øre.
fn part_within(amount: Money, part: &Ratio) -> Result<Money, TooLarge> {
    let ore = u64::try_from(amount.ore()).map_err(|_| TooLarge)?;
    split::part_within(ore, part).map(Money::from_ore).ok_or(TooLarge)
}

fn close_lot(lot: &mut Lot, left: Money, rule: &CarryOverPlan, year: Year) -> Result<(), TooLarge> {
    let age = i64::from(year) - i64::from(lot.award_year);
    let may_carry = rule.years.is_none_or(|years| age < i64::from(years));
    let most = match &rule.at_most {
        None => left,
        Some(rate) => part_within(lot.awarded, rate)?,
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
