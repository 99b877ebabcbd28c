//! The ledgers of grants and reserves over all years, as tables; the year that is looked at does not narrow them, since
//! what is brought on is the point of them.

use std::collections::BTreeSet;

use crate::engine::budget::{Budget, Lot};
use crate::ground::money::{Money, TooLarge};
use crate::model::grant::GrantIx;
use crate::model::measure::MeasureIx;
use crate::model::reserve::ReserveIx;
use crate::model::scenario::{FundSource, Scenario};

use super::numbers::Manner;
use super::selection::Selection;
use super::table::{Draft, Entry, Table};
use super::words::{Words, filled};

/// How many grants and reserves are shown, where there are more of them.
const FUNDS_MAX: usize = 24;

/// The ledgers that are shown.
pub struct Ledgers {
    /// The ledgers.
    pub tables: Vec<Table>,
    /// That there are others, where there are.
    pub note: Option<String>,
}

/// The ledgers; where there are many, those of the grants and reserves that the measures of the page draw on.
///
/// # Errors
/// [`TooLarge`] when a sum does not fit.
pub fn ledgers(
    scenario: &Scenario,
    budget: &Budget,
    selection: &Selection<'_, '_>,
    (manner, words): (Manner, &Words),
) -> Result<Ledgers, TooLarge> {
    let grants = (0..scenario.grants.len()).map(|index| FundSource::Grant(GrantIx(index)));
    let reserves = (0..scenario.reserves.len()).map(|index| FundSource::Reserve(ReserveIx(index)));
    let all: Vec<FundSource> = grants.chain(reserves).collect();
    let (shown, note) = if all.len() > FUNDS_MAX {
        let drawn_on = drawn_on(budget, selection);
        let shown: Vec<FundSource> =
            all.iter().copied().filter(|source| drawn_on.contains(source)).take(FUNDS_MAX).collect();
        let (count, of) = (manner.count(shown.len()), manner.count(all.len()));
        (shown, Some(filled(words.some_funds, &[("count", &count), ("of", &of)])))
    } else {
        (all, None)
    };
    let mut tables = Vec::new();
    for source in shown {
        match source {
            FundSource::Grant(GrantIx(index)) => {
                let grant = &scenario.grants[index];
                let funder = grant.funder.as_ref().map_or(String::new(), |funder| format!(", {funder}"));
                let title = format!("{}{funder}", grant.title);
                tables.extend(of_grant(budget, index, &grant.id, title, words)?.written(manner));
                tables.extend(payments(budget, index, (&grant.id, &grant.title), words).written(manner));
            }
            FundSource::Reserve(ReserveIx(index)) => {
                let reserve = &scenario.reserves[index];
                let names = (reserve.id.as_str(), reserve.title.as_str());
                tables.extend(of_reserve(budget, index, names, words).written(manner));
            }
        }
    }
    Ok(Ledgers { tables, note })
}

/// The grants and reserves that the measures of a page draw on in any year.
fn drawn_on(budget: &Budget, selection: &Selection<'_, '_>) -> BTreeSet<FundSource> {
    let measures: BTreeSet<MeasureIx> = selection.measures.iter().filter_map(|own| own.now).collect();
    let draws = (0..budget.years.count()).flat_map(|year_index| &budget.closing_walk(year_index).draws);
    draws.filter(|draw| measures.contains(&draw.measure)).map(|draw| draw.source).collect()
}

/// One row a year, and under it one for each award where there are several.
fn of_grant(
    budget: &Budget,
    grant: usize,
    id: &str,
    title: String,
    words: &Words,
) -> Result<Draft, TooLarge> {
    type LotFigure = fn(&Lot) -> Money;
    let figures: [(&str, LotFigure); 6] = [
        (words.opening, |lot| lot.opening),
        (words.award, |lot| lot.award),
        (words.drawn, |lot| lot.drawn),
        (words.carried, |lot| lot.carried),
        (words.repaid, |lot| lot.repaid),
        (words.lapsed, |lot| lot.lapsed),
    ];
    let mut draft = Draft::new(format!("grant:{id}"), title, words.year, &figures.map(|(title, _)| title));
    for (year_index, year) in budget.years.iter().enumerate() {
        let ledger = &budget.closing_walk(year_index).grants[grant];
        let sums = figures.iter().map(|(_, figure)| ledger.sum(figure)).collect::<Result<Vec<_>, _>>()?;
        draft.add(year.to_string(), "plain", sums);
        if ledger.lots.len() > 1 || ledger.lots.iter().any(|lot| lot.award_year != year) {
            for lot in &ledger.lots {
                let title = filled(words.award_of, &[("year", &lot.award_year.to_string())]);
                draft.add(title, "part", figures.iter().map(|(_, figure)| figure(lot)));
            }
        }
    }
    Ok(draft)
}

/// What was earned and paid, year by year; no rows where that is not followed.
fn payments(budget: &Budget, grant: usize, (id, title): (&str, &str), words: &Words) -> Draft {
    let columns = [
        words.receivable_before,
        words.earned,
        words.paid,
        words.receivable,
        words.paid_so_far,
        words.may_be_paid,
    ];
    let title = filled(words.payments, &[("title", title)]);
    let mut draft = Draft::new(format!("payments:{id}"), title, words.year, &columns);
    for (year_index, year) in budget.years.iter().enumerate() {
        if let Some(own) = &budget.closing_walk(year_index).grants[grant].payment {
            let amounts = [own.opening, own.earned, own.paid, own.receivable, own.paid_so_far];
            let ceiling = own.ceiling.map_or_else(|| Entry::Words(words.all_earned.to_owned()), Entry::Money);
            let cells = amounts.into_iter().map(Entry::Money).chain([ceiling]).collect();
            draft.add_entries(year.to_string(), "plain", cells);
        }
    }
    draft
}

fn of_reserve(budget: &Budget, reserve: usize, (id, title): (&str, &str), words: &Words) -> Draft {
    let ledgers = || (0..budget.billed.len()).map(|year| &budget.closing_walk(year).reserves[reserve]);
    let payouts = ledgers().any(|ledger| !ledger.payout.is_zero());
    let mut columns = vec![words.opening, words.deposits, words.drawn];
    columns.extend(payouts.then_some(words.paid_out));
    columns.push(words.closing);
    let mut draft = Draft::new(format!("reserve:{id}"), title, words.year, &columns);
    for (year, ledger) in budget.years.iter().zip(ledgers()) {
        let payout = payouts.then_some(ledger.payout);
        let amounts = [ledger.opening, ledger.deposit, ledger.drawn].into_iter().chain(payout);
        draft.add(year.to_string(), "plain", amounts.chain([ledger.closing]));
    }
    draft
}
