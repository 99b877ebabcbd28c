//! Draws and the ledgers of grants and reserves as text.

use crate::engine::budget::{Budget, Draw, Limit, Lot};
use crate::ground::money::{Money, TooLarge};
use crate::ground::numerals::{money_norwegian, percent_norwegian};
use crate::ground::ratio::Ratio;
use crate::model::measure::Version;
use crate::model::scenario::{FundSource, Scenario};
use crate::rules::plan::Plan;

use super::grid::{Grid, Head};

/// Writes the draws and ledgers of all years; nothing where there are no grants and reserves.
///
/// # Errors
/// [`TooLarge`] when a sum does not fit.
pub fn write(scenario: &Scenario, plan: &Plan, budget: &Budget, width: usize) -> Result<String, TooLarge> {
    let mut text = String::new();
    let draws = draws(scenario, plan, budget);
    if !draws.rows.is_empty() {
        text.push_str("\nDraws\n\n");
        text.push_str(&draws.text(width));
    }
    for (index, grant) in scenario.grants.iter().enumerate() {
        let funder = grant.funder.as_ref().map_or(String::new(), |funder| format!(", {funder}"));
        text.push_str(&format!("\nGrant: {}{funder}\n\n", grant.title));
        text.push_str(&grant_ledger(budget, index)?.text(width));
        let payments = payments(budget, index);
        if !payments.rows.is_empty() {
            text.push_str(&format!("\nPayments: {}\n\n{}", grant.title, payments.text(width)));
        }
    }
    for (index, reserve) in scenario.reserves.iter().enumerate() {
        let purpose =
            reserve.purpose.as_ref().map_or(String::new(), |purpose| format!(", bound to {purpose}"));
        let minimum = match reserve.minimum {
            minimum if minimum.is_zero() => String::new(),
            minimum => format!(", at least {}", money_norwegian(minimum)),
        };
        text.push_str(&format!("\nReserve: {}{purpose}{minimum}\n\n", reserve.title));
        text.push_str(&reserve_ledger(budget, index).text(width));
    }
    Ok(text)
}

fn reserve_ledger(budget: &Budget, reserve: usize) -> Grid {
    let ledgers = || (0..budget.billed.len()).map(|year| &budget.closing_walk(year).reserves[reserve]);
    let payouts = ledgers().any(|ledger| !ledger.payout.is_zero());
    let mut grid = if payouts {
        columns(&["Opening", "Deposits", "Drawn", "Paid out", "Closing"])
    } else {
        columns(&["Opening", "Deposits", "Drawn", "Closing"])
    };
    for (year, ledger) in budget.years.iter().zip(ledgers()) {
        let mut amounts = vec![ledger.opening, ledger.deposit, ledger.drawn];
        amounts.extend(payouts.then_some(ledger.payout));
        amounts.push(ledger.closing);
        grid.add_row(Head::new(year.to_string()), amounts.into_iter().map(money_norwegian).collect());
    }
    grid
}

/// What was earned and paid, year by year; no rows where that is not followed.
fn payments(budget: &Budget, grant: usize) -> Grid {
    let mut grid =
        columns(&["Receivable before", "Earned", "Paid", "Receivable", "Paid so far", "May be paid"]);
    for (year_index, year) in budget.years.iter().enumerate() {
        if let Some(payment) = &budget.closing_walk(year_index).grants[grant].payment {
            let amounts =
                [payment.opening, payment.earned, payment.paid, payment.receivable, payment.paid_so_far];
            let ceiling = payment.ceiling.map_or_else(|| "all earned".to_owned(), money_norwegian);
            let cells = amounts.map(money_norwegian).into_iter().chain([ceiling]).collect();
            grid.add_row(Head::new(year.to_string()), cells);
        }
    }
    grid
}

/// Why a draw is as large as it is, in words.
pub fn limit_words(draw: &Draw, rate: &Ratio, scenario: &Scenario) -> String {
    let eligible = money_norwegian(draw.eligible);
    match draw.limit {
        Limit::Rate if *rate == Ratio::from_integer(1.into()) => format!("all of {eligible}"),
        Limit::Rate => format!("{} of {eligible}", percent_norwegian(rate)),
        Limit::Ceiling => "its ceiling".to_owned(),
        Limit::Source if has_minimum(scenario, draw.source) && draw.available.is_zero() => {
            "nothing, since the reserve has no more than its minimum".to_owned()
        }
        Limit::Source if has_minimum(scenario, draw.source) => {
            "all that the reserve has above its minimum".to_owned()
        }
        Limit::Source if draw.available.is_zero() => {
            "nothing, since nothing was left of the source".to_owned()
        }
        Limit::Match if draw.amount.is_zero() => "nothing, since no own contribution matches it".to_owned(),
        Limit::Match => "as much as the own contribution matches".to_owned(),
        Limit::ProRata => "its part, pro rata, of what was left of the source".to_owned(),
        Limit::Source => "all that was left of the source".to_owned(),
        Limit::Need if draw.amount.is_zero() => "nothing, since nothing was needed".to_owned(),
        Limit::Need => "all that the measure still needed".to_owned(),
    }
}

/// Whether a source is a reserve that keeps a minimum.
pub fn has_minimum(scenario: &Scenario, source: FundSource) -> bool {
    match source {
        FundSource::Reserve(reserve) => !scenario.reserves[reserve.0].minimum.is_zero(),
        FundSource::Grant(_) => false,
    }
}

fn draws(scenario: &Scenario, plan: &Plan, budget: &Budget) -> Grid {
    let heads = vec![Head::words("From"), Head::new("Amount"), Head::words("Which is")];
    let mut grid = Grid { columns: heads, ..Grid::default() };
    for (year_index, billed) in budget.billed.iter().enumerate() {
        let actual = budget.actual[year_index].as_ref();
        for walked in std::iter::once(billed).chain(actual) {
            let version = match (actual, walked.version) {
                (None, _) => "",
                (Some(_), Version::Budget) => " budget",
                (Some(_), Version::Actual) => " actual",
            };
            for draw in &walked.draws {
                let title = format!("{}{version} {}", walked.year, scenario.measures[draw.measure.0].title);
                let source = scenario.source_title(draw.source).to_owned();
                let rate = &plan.draws(year_index, draw.measure)[draw.step].rate;
                grid.add_row(
                    Head::new(title),
                    vec![source, money_norwegian(draw.amount), limit_words(draw, rate, scenario)],
                );
            }
        }
    }
    grid
}

/// One row a year, and under it one for each award where there are several.
fn grant_ledger(budget: &Budget, grant: usize) -> Result<Grid, TooLarge> {
    type LotFigure = fn(&Lot) -> Money;
    let figures: [LotFigure; 6] = [
        |lot| lot.opening,
        |lot| lot.award,
        |lot| lot.drawn,
        |lot| lot.carried,
        |lot| lot.repaid,
        |lot| lot.lapsed,
    ];
    let mut grid = columns(&["Opening", "Award", "Drawn", "Carried over", "Repaid", "Lapsed"]);
    for (year_index, year) in budget.years.iter().enumerate() {
        let ledger = &budget.closing_walk(year_index).grants[grant];
        let sums: Result<Vec<String>, TooLarge> =
            figures.iter().map(|figure| ledger.sum(figure).map(money_norwegian)).collect();
        grid.add_row(Head::new(year.to_string()), sums?);
        if ledger.lots.len() > 1 || ledger.lots.iter().any(|lot| lot.award_year != year) {
            for lot in &ledger.lots {
                let cells = figures.iter().map(|figure| money_norwegian(figure(lot))).collect();
                grid.add_row(Head::new(format!("  award {}", lot.award_year)), cells);
            }
        }
    }
    Ok(grid)
}

fn columns(titles: &[&str]) -> Grid {
    Grid { columns: titles.iter().map(|title| Head::new(*title)).collect(), ..Grid::default() }
}
