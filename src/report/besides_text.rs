//! What a year has besides the matrix of shares, as text: charges between measures, cost by tag, what is payable
//! in all, instalments.

use std::collections::BTreeSet;

use crate::engine::budget::{Budget, YearBudget};
use crate::ground::money::{Money, TooLarge};
use crate::ground::numerals::money_norwegian;
use crate::model::measure::{Measure, MeasureIx};
use crate::model::party::PartyIx;
use crate::model::scenario::Scenario;

use super::grid::{Grid, Head};

/// Writes what there is besides shares in a year; nothing where there is nothing.
///
/// # Errors
/// [`TooLarge`] when a total does not fit.
pub fn write(
    scenario: &Scenario,
    budget: &Budget,
    year_index: usize,
    width: usize,
) -> Result<String, TooLarge> {
    let walked = &budget.billed[year_index];
    let sections = [
        ("charged from one measure to another", charges(scenario, walked)),
        ("gross cost by tag", tags(scenario, walked)?),
        ("payable in all", payable(scenario, budget, year_index)?),
        ("instalments of the shares", instalments(scenario, walked)?),
    ];
    let mut text = String::new();
    for (title, grid) in sections.iter().filter(|(_, grid)| !grid.rows.is_empty()) {
        text.push_str(&format!("\n{}: {title}\n\n{}", walked.year, grid.text(width)));
    }
    Ok(text)
}

/// Budget and actual figures of the measures that are settled in a year.
///
/// # Errors
/// [`TooLarge`] when a sum does not fit.
pub fn actual(scenario: &Scenario, budget: &Budget, year_index: usize) -> Result<Grid, TooLarge> {
    let titles = ["Gross", "Actual gross", "Net", "Actual net", "Billed", "Actual shares", "Settlement"];
    let mut grid = Grid { columns: titles.map(Head::new).to_vec(), ..Grid::default() };
    let (billed, Some(actual)) = (&budget.billed[year_index], &budget.actual[year_index]) else {
        return Ok(grid);
    };
    for (index, measure) in scenario.measures() {
        if !budget.is_settled(year_index, measure, index) {
            continue;
        }
        let (of_budget, of_accounts) = (&billed.measures[index.0], &actual.measures[index.0]);
        let amounts = [
            of_budget.gross,
            of_accounts.gross,
            of_budget.net,
            of_accounts.net,
            of_budget.billed,
            of_accounts.billed,
            budget.overspend(year_index, index)?,
        ];
        grid.add_row(Head::new(measure.title.clone()), amounts.map(money_norwegian).to_vec());
    }
    Ok(grid)
}

/// What each party pays in each year and in all years together.
///
/// # Errors
/// [`TooLarge`] when a sum does not fit.
pub fn by_year(scenario: &Scenario, budget: &Budget) -> Result<Grid, TooLarge> {
    let columns = budget.years.iter().map(|year| Head::new(year.to_string()));
    let mut grid = Grid { columns: columns.chain([Head::ruled("Sum")]).collect(), ..Grid::default() };
    let mut totals = vec![Money::ZERO; grid.columns.len()];
    for (party, entry) in scenario.parties.iter() {
        let mut amounts = Vec::new();
        for (year_index, walked) in budget.billed.iter().enumerate() {
            amounts.push(walked.payable(party, &budget.closing_walk(year_index).payouts)?);
        }
        amounts.push(Money::sum(amounts.iter().copied())?);
        for (total, amount) in totals.iter_mut().zip(&amounts) {
            *total = total.plus(*amount)?;
        }
        grid.add_row(Head::new(entry.name.clone()), amounts.into_iter().map(money_norwegian).collect());
    }
    if scenario.parties.count() > 1 {
        grid.add_row(Head::ruled("Sum"), totals.into_iter().map(money_norwegian).collect());
    }
    Ok(grid)
}

fn charges(scenario: &Scenario, walked: &YearBudget) -> Grid {
    let title = |measure: MeasureIx| scenario.measures[measure.0].title.clone();
    let mut grid = Grid { columns: vec![Head::words("To"), Head::new("Amount")], ..Grid::default() };
    for charge in &walked.charges {
        grid.add_row(Head::new(title(charge.from)), vec![title(charge.to), money_norwegian(charge.amount)]);
    }
    grid
}

fn tags(scenario: &Scenario, walked: &YearBudget) -> Result<Grid, TooLarge> {
    let mut of_measures = Vec::new();
    for measure in &scenario.measures {
        let tagged = measure.tagged(walked.version, walked.year)?;
        if !tagged.is_empty() {
            of_measures.push((measure, tagged));
        }
    }
    let tags: BTreeSet<&str> = of_measures.iter().flat_map(|(_, tagged)| tagged.keys().copied()).collect();
    let columns = tags.iter().map(|tag| Head::new(*tag)).collect();
    let mut grid = Grid { columns, ..Grid::default() };
    let cells = |amounts: &dyn Fn(&str) -> Result<Option<Money>, TooLarge>| -> Result<Vec<String>, TooLarge> {
        tags.iter().map(|tag| Ok(amounts(tag)?.map_or_else(|| "–".to_owned(), money_norwegian))).collect()
    };
    for (measure, tagged) in &of_measures {
        grid.add_row(Head::new(measure.title.clone()), cells(&|tag| Ok(tagged.get(tag).copied()))?);
    }
    if of_measures.len() > 1 {
        let sum = |tag: &str| {
            let amounts = of_measures.iter().filter_map(|(_, tagged)| tagged.get(tag).copied());
            Money::sum(amounts).map(Some)
        };
        grid.add_row(Head::ruled("Sum"), cells(&sum)?);
    }
    Ok(grid)
}

/// Shares, buy-ins, what is brought forward and payouts of a year, where there is more than shares.
fn payable(scenario: &Scenario, budget: &Budget, year_index: usize) -> Result<Grid, TooLarge> {
    let (walked, closing) = (&budget.billed[year_index], budget.closing_walk(year_index));
    let columns = scenario.parties.iter().map(|(_, party)| Head::new(party.name.clone()));
    let mut grid = Grid { columns: columns.chain([Head::ruled("Sum")]).collect(), ..Grid::default() };
    if walked.buy_ins.is_empty() && walked.brought_forward.is_empty() && closing.payouts.is_empty() {
        return Ok(grid);
    }
    let parties: Vec<PartyIx> = scenario.parties.iter().map(|(party, _)| party).collect();
    let mut add = |head: Head, amounts: Vec<Money>| -> Result<(), TooLarge> {
        let sum = Money::sum(amounts.iter().copied())?;
        grid.add_row(head, amounts.into_iter().chain([sum]).map(money_norwegian).collect());
        Ok(())
    };
    let shares = parties.iter().map(|party| walked.party_total(*party)).collect::<Result<_, _>>()?;
    add(Head::new("Shares"), shares)?;
    let titled = |words: &str, measure: &MeasureIx| {
        Head::new(format!("{words}: {}", scenario.measures[measure.0].title))
    };
    for (measure, buy_in) in &walked.buy_ins {
        add(titled("Buy-in", measure), buy_in.amounts.clone())?;
    }
    for (measure, amounts) in &walked.brought_forward {
        add(titled("Brought forward", measure), amounts.clone())?;
    }
    for (index, reserve) in scenario.reserves.iter().enumerate() {
        let of_party = |party: &PartyIx| {
            let own =
                closing.payouts.iter().filter(|payout| payout.reserve.0 == index && payout.party == *party);
            Money::ZERO.minus(Money::sum(own.map(|payout| payout.amount))?)
        };
        let amounts: Vec<Money> = parties.iter().map(of_party).collect::<Result<_, _>>()?;
        if amounts.iter().any(|amount| !amount.is_zero()) {
            add(Head::new(format!("Paid out: {}", reserve.title)), amounts)?;
        }
    }
    let all =
        parties.iter().map(|party| walked.payable(*party, &closing.payouts)).collect::<Result<_, _>>()?;
    add(Head::ruled("Payable"), all)?;
    Ok(grid.turned())
}

/// Each instalment of a party over all measures that are paid in instalments.
fn instalments(scenario: &Scenario, walked: &YearBudget) -> Result<Grid, TooLarge> {
    let paid: Vec<(MeasureIx, &Measure)> = scenario
        .measures()
        .filter(|(index, measure)| measure.instalments.is_some() && walked.measures[index.0].active)
        .collect();
    let count = paid.iter().filter_map(|(_, measure)| measure.instalments).max().unwrap_or(0);
    let columns = (1..=count).map(|number| Head::new(format!("{number}")));
    let mut grid = Grid { columns: columns.chain([Head::ruled("Sum")]).collect(), ..Grid::default() };
    if count < 2 {
        return Ok(grid);
    }
    for (party, entry) in scenario.parties.iter() {
        let mut sums = vec![Money::ZERO; usize::from(count)];
        for (index, measure) in &paid {
            for (sum, part) in sums.iter_mut().zip(walked.instalments(measure, *index, party)) {
                *sum = sum.plus(part)?;
            }
        }
        let all = Money::sum(sums.iter().copied())?;
        grid.add_row(
            Head::new(entry.name.clone()),
            sums.into_iter().chain([all]).map(money_norwegian).collect(),
        );
    }
    Ok(grid)
}
