//! The figures of two budgets besides what parties pay: what measures cost, what grants and reserves gave, and what is
//! settled. By the words of the tables of a run.

use std::collections::{BTreeMap, BTreeSet};

use crate::engine::budget::{Budget, Lot};
use crate::engine::walk::Outcome;
use crate::ground::money::{Money, TooLarge};
use crate::model::scenario::Scenario;
use crate::model::years::Year;

use super::difference::Period;

/// A figure besides what parties pay, on both sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figure {
    /// Of which period, by its position.
    pub period: usize,
    /// Its word in the tables of a run: `gross`, `closing`.
    pub word: &'static str,
    /// Of which measure, grant or reserve.
    pub subject: String,
    /// Of which party or source, where it is of one.
    pub party: String,
    /// What it was; none where there was no such figure.
    pub before: Option<Money>,
    /// What it is.
    pub after: Option<Money>,
}

/// The word of what is settled with a party.
pub const SETTLEMENT: &str = "settlement";

/// What names a figure in its period: its word, of what it is, of whom.
type Key = (&'static str, String, String);

/// The figures of both sides of some periods, side by side.
///
/// # Errors
/// [`TooLarge`] when a sum does not fit.
pub(super) fn of_periods(
    before: &Outcome,
    after: &Outcome,
    periods: &[Period],
) -> Result<Vec<Figure>, TooLarge> {
    let mut figures = Vec::new();
    for (position, period) in periods.iter().enumerate() {
        let (old, new) = (of_year(before, period.before)?, of_year(after, period.after)?);
        let by_key = |list: &[(Key, Money)]| list.iter().cloned().collect::<BTreeMap<Key, Money>>();
        let (old_amounts, new_amounts) = (by_key(&old), by_key(&new));
        let mut seen = BTreeSet::new();
        for (key, _) in old.iter().chain(&new).filter(|(key, _)| seen.insert(key.clone())) {
            let (word, subject, party) = key.clone();
            figures.push(Figure {
                period: position,
                word,
                subject,
                party,
                before: old_amounts.get(key).copied(),
                after: new_amounts.get(key).copied(),
            });
        }
    }
    Ok(figures)
}

fn of_year(outcome: &Outcome, year: Option<Year>) -> Result<Vec<(Key, Money)>, TooLarge> {
    let Outcome { scenario, budget, .. } = outcome;
    let Some(index) = year.and_then(|year| budget.years.index(year)) else { return Ok(vec![]) };
    let mut list = of_measures(scenario, budget, index)?;
    let closing = budget.closing_walk(index);
    type LotFigure = fn(&Lot) -> Money;
    let columns: [(&str, LotFigure); 6] = [
        ("opening", |lot| lot.opening),
        ("award", |lot| lot.award),
        ("drawn", |lot| lot.drawn),
        ("repaid", |lot| lot.repaid),
        ("lapsed", |lot| lot.lapsed),
        ("closing", |lot| lot.carried),
    ];
    for (grant, ledger) in scenario.grants.iter().zip(&closing.grants) {
        for (word, figure) in columns {
            list.push(((word, grant.id.clone(), String::new()), ledger.sum(figure)?));
        }
    }
    for (reserve, ledger) in scenario.reserves.iter().zip(&closing.reserves) {
        let figures = [
            ("opening", ledger.opening),
            ("deposit", ledger.deposit),
            ("drawn", ledger.drawn),
            ("payout", ledger.payout),
            ("closing", ledger.closing),
        ];
        for (word, amount) in figures {
            list.push(((word, reserve.id.clone(), String::new()), amount));
        }
    }
    Ok(list)
}

fn of_measures(
    scenario: &Scenario,
    budget: &Budget,
    year_index: usize,
) -> Result<Vec<(Key, Money)>, TooLarge> {
    let walked = &budget.billed[year_index];
    let mut list = Vec::new();
    for (index, measure) in scenario.measures() {
        let figures = &walked.measures[index.0];
        let mut add = |word: &'static str, party: &str, amount: Money| {
            list.push(((word, measure.id.clone(), party.to_owned()), amount));
        };
        if figures.active {
            add("gross", "", figures.gross);
            figures.lines.into_iter().for_each(|lines| add("lines", "", lines));
            if !figures.received.is_zero() {
                add("received", "", figures.received);
            }
            if !figures.charged.is_zero() {
                add("charge", "", figures.charged);
            }
            let mut by_source: BTreeMap<&str, Money> = BTreeMap::new();
            for draw in walked.draws_of(index) {
                let sum = by_source.entry(scenario.source_id(draw.source)).or_default();
                *sum = sum.plus(draw.amount)?;
            }
            by_source.into_iter().for_each(|(source, amount)| add("draw", source, amount));
            add("net", "", figures.net);
            if measure.key().is_some() {
                add("billed", "", figures.billed);
                add("residual", "", figures.residual);
            }
        }
        if budget.is_settled(year_index, measure, index) {
            for (party, entry) in scenario.parties.iter() {
                let settlement = budget.settlement(year_index, index, party)?.unwrap_or_default();
                if !settlement.is_zero() {
                    add(SETTLEMENT, &entry.id, settlement);
                }
            }
        }
    }
    Ok(list)
}
