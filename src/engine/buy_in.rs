//! Buy-in: a newcomer pays its part of what was invested before it came, as far as it is not written off, and
//! those who paid for it get it back in proportion to what they paid.

use num_traits::{Signed, Zero};

use crate::ground::money::{Money, TooLarge};
use crate::ground::ratio::{self, Ratio};
use crate::ground::split::{Weights, nearest_multiple, split};
use crate::model::measure::BuyIn;
use crate::model::party::PartyIx;
use crate::model::years::Year;

use super::rows::Shares;
use super::state::Investment;

/// What is left of an investment in a year, in kroner: it is written off in equal parts.
pub fn book_value(investment: &Investment, rule: &BuyIn, year: Year) -> Ratio {
    let age = i64::from(year) - i64::from(investment.year);
    let left = (i64::from(rule.years) - age).max(0);
    investment.amount.kroner() * ratio::fraction(left, rule.years)
}

/// What each party pays for buying in, or gets for it, in whole units that sum to zero. `newcomers` are the
/// parties that come, each with its part of the key.
///
/// # Errors
/// [`TooLarge`] when an amount does not fit.
pub fn buy_ins(
    investments: &[Investment],
    newcomers: &[(PartyIx, Ratio)],
    rule: &BuyIn,
    year: Year,
    unit: Money,
    ranks: &[u32],
) -> Result<Vec<Money>, TooLarge> {
    let exact = exact_buy_ins(investments, newcomers, rule, year, ranks.len());
    let mut amounts = vec![Money::ZERO; ranks.len()];
    for side in sides(&exact, unit, ranks)? {
        for (party, units) in side.parties.iter().zip(split(side.units, &side.weights, &side.ranks)) {
            amounts[*party] = Money::from_wide_ore(units * i128::from(unit.ore()))?;
        }
    }
    Ok(amounts)
}

/// What each party pays or gets before it is rounded, in kroner.
pub fn exact_buy_ins(
    investments: &[Investment],
    newcomers: &[(PartyIx, Ratio)],
    rule: &BuyIn,
    year: Year,
    party_count: usize,
) -> Vec<Ratio> {
    let all: Ratio = newcomers.iter().map(|(_, part)| part).sum();
    let mut exact = vec![Ratio::zero(); party_count];
    for investment in investments {
        let book = book_value(investment, rule, year);
        for (party, part) in newcomers {
            exact[party.0] += part * &book;
        }
        for (credit, part) in exact.iter_mut().zip(&investment.parts) {
            *credit -= &all * part * &book;
        }
    }
    exact
}

/// Those who pay, or those who get: they share so many units in proportion to their exact amounts.
pub struct Side {
    /// Who, by position.
    pub parties: Vec<usize>,
    /// Their exact amounts, without sign.
    pub weights: Weights,
    /// What orders those with equal remainders.
    pub ranks: Vec<u32>,
    /// What they pay in all; below zero for those who get it.
    pub units: i128,
}

/// The two sides of exact amounts that sum to zero; both share what is paid in all, rounded to whole units.
///
/// # Errors
/// [`TooLarge`] when an amount does not fit.
pub fn sides(exact: &[Ratio], unit: Money, ranks: &[u32]) -> Result<Vec<Side>, TooLarge> {
    let paid: Ratio = exact.iter().filter(|amount| amount.is_positive()).sum();
    let units = Money::from_kroner(&nearest_multiple(&paid, &unit.kroner())).map_err(|_| TooLarge)?;
    let units = i128::from(units.ore() / unit.ore());
    let mut sides = Vec::new();
    for (units, sign) in [(units, ratio::whole(1)), (-units, ratio::whole(-1))] {
        let parties: Vec<usize> =
            (0..exact.len()).filter(|party| (&exact[*party] * &sign).is_positive()).collect();
        let weights: Vec<Ratio> = parties.iter().map(|party| exact[*party].abs()).collect();
        let ranks: Vec<u32> = parties.iter().map(|party| ranks[*party]).collect();
        let Ok(weights) = Weights::from_ratios(&weights) else { continue };
        sides.push(Side { parties, weights, ranks, units });
    }
    Ok(sides)
}

/// Who holds an investment after newcomers have bought in.
pub fn after(investment: &Investment, newcomers: &[(PartyIx, Ratio)]) -> Investment {
    let all: Ratio = newcomers.iter().map(|(_, part)| part).sum();
    let kept = ratio::whole(1) - all;
    let mut parts: Vec<Ratio> = investment.parts.iter().map(|part| part * &kept).collect();
    for (party, part) in newcomers {
        parts[party.0] += part;
    }
    Investment { parts, ..investment.clone() }
}

/// The investment of a year: its net cost, and who has paid which part of it. None where nothing was paid.
pub fn of_year(year: Year, amount: Money, shares: Shares<'_>) -> Option<Investment> {
    let sum: Ratio = shares.iter().map(Money::kroner).sum();
    if amount <= Money::ZERO || !sum.is_positive() {
        return None;
    }
    Some(Investment { year, amount, parts: shares.iter().map(|share| share.kroner() / &sum).collect() })
}
