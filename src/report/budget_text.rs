//! The budget for the terminal: a matrix of measures and parties for each year and over all years, ledgers,
//! notes on everything that a reader might miss, the reconciliation and the seal.

use std::collections::BTreeSet;

use rayon::prelude::{IntoParallelIterator, ParallelIterator};

use crate::engine::budget::{Budget, MeasureBudget, YearBudget};
use crate::engine::proof::Proof;
use crate::engine::walk::Outcome;
use crate::ground::money::{Money, TooLarge};
use crate::ground::numerals::money_norwegian;
use crate::model::measure::MeasureIx;
use crate::model::party::PartyIx;
use crate::model::scenario::Scenario;

use super::grid::{Grid, Head};
use super::{besides_text, ledger_text, notes};

/// The longest title of a measure in a table, in characters.
const TITLE_CHARACTERS_MAX: usize = 36;

/// Writes a budget for a terminal of this width; `heading` stands under its title, and `seals` are those of the rules
/// and of the data.
///
/// # Errors
/// [`TooLarge`] when a total does not fit.
pub fn write(
    outcome: &Outcome,
    heading: &str,
    seals: &(String, String),
    width: usize,
) -> Result<String, TooLarge> {
    let Outcome { scenario, plan, budget, proof, .. } = outcome;
    let mut text = format!("{}\n", scenario.title);
    if let Some(source) = &scenario.source {
        text.push_str(&format!("{source}\n"));
    }
    text.push_str(heading);
    // Side by side: for a council's budget writing takes longer than all splitting.
    let years = (0..budget.billed.len()).into_par_iter();
    let years = years.map(|year_index| year(scenario, budget, year_index, width));
    let ((years, all_years), (ledgers, notes)) = rayon::join(
        || rayon::join(|| years.collect(), || all_years(scenario, budget, width)),
        || (ledger_text::write(scenario, plan, budget, width), notes::write(scenario, plan, budget)),
    );
    let years: Result<Vec<String>, TooLarge> = years;
    text.extend(years?);
    text.push_str(&all_years?);
    text.push_str(&ledgers?);
    text.push_str(&notes);
    text.push_str(&reconciliation(proof));
    text.push_str(&format!("rules {} · data {} · fordel {}\n", seals.0, seals.1, env!("CARGO_PKG_VERSION")));
    Ok(text)
}

/// A year: its shares, what else is paid, and its settlement.
fn year(scenario: &Scenario, budget: &Budget, year_index: usize, width: usize) -> Result<String, TooLarge> {
    let walked = &budget.billed[year_index];
    if !walked.measures.iter().any(|figures| figures.active) {
        return Ok(format!("\n{}: nothing to split\n", walked.year));
    }
    let mut text = format!("\n{}: shares in {}\n\n", walked.year, scenario.currency);
    text.push_str(&matrix(scenario, &[walked])?.text(width));
    text.push_str(&besides_text::write(scenario, budget, year_index, width)?);
    if budget.actual[year_index].is_some() {
        text.push_str(&format!("\n{}: settlement, actual share − billed share\n\n", walked.year));
        text.push_str(&settlement(scenario, budget, year_index)?.text(width));
        text.push_str(&format!("\n{}: budget and actual figures\n\n", walked.year));
        text.push_str(&besides_text::actual(scenario, budget, year_index)?.text(width));
    }
    Ok(text)
}

/// All years together, where there are several.
fn all_years(scenario: &Scenario, budget: &Budget, width: usize) -> Result<String, TooLarge> {
    if scenario.years.count() == 1 {
        return Ok(String::new());
    }
    let (first, last) = (scenario.years.first(), scenario.years.last());
    let mut text = format!("\n{first}–{last}: shares in {}\n\n", scenario.currency);
    text.push_str(&matrix(scenario, &budget.billed.iter().collect::<Vec<_>>())?.text(width));
    text.push_str(&format!("\n{first}–{last}: what each party pays in all\n\n"));
    text.push_str(&besides_text::by_year(scenario, budget)?.text(width));
    Ok(text)
}

/// The matrix of measures and parties, summed over the given years; the longer side stands upright.
fn matrix(scenario: &Scenario, years: &[&YearBudget]) -> Result<Grid, TooLarge> {
    let sum = |figure: &dyn Fn(&YearBudget) -> Money| Money::sum(years.iter().map(|year| figure(year)));
    let active: Vec<MeasureIx> = scenario
        .measures()
        .map(|(index, _)| index)
        .filter(|index| years.iter().any(|year| year.measures[index.0].active))
        .collect();
    let with_residual =
        years.iter().any(|year| year.measures.iter().any(|figures| !figures.residual.is_zero()));
    let with_grants = !scenario.grants.is_empty() || !scenario.reserves.is_empty();
    let with_charges = years.iter().any(|year| !year.charges.is_empty());
    let mut columns = vec![Head::new("Gross")];
    if with_charges {
        columns.push(Head::new("Charges"));
    }
    if with_grants {
        columns.push(Head::new(match (scenario.grants.is_empty(), scenario.reserves.is_empty()) {
            (false, false) => "Grants, reserves",
            (false, true) => "Grants",
            (true, _) => "Reserves",
        }));
    }
    if with_charges || with_grants {
        columns.push(Head::new("Net"));
    }
    columns.push(Head::new("Billed"));
    if with_residual {
        columns.push(Head::new("Residual"));
    }
    let first_party = columns.len();
    for (index, (_, party)) in scenario.parties.iter().enumerate() {
        columns.push(Head { rule_before: index == 0, ..Head::new(party.name.clone()) });
    }
    let mut grid = Grid { columns, ..Grid::default() };
    let mut totals: Vec<Money> = vec![Money::ZERO; grid.columns.len()];
    for measure in &active {
        let of = |figure: fn(&MeasureBudget) -> Money| sum(&|year| figure(&year.measures[measure.0]));
        let mut amounts = vec![of(|figures| figures.gross)?];
        if with_charges {
            amounts.push(of(|figures| figures.received)?.minus(of(|figures| figures.charged)?)?);
        }
        if with_grants {
            amounts.push(Money::ZERO.minus(of(|figures| figures.drawn)?)?);
        }
        if with_charges || with_grants {
            amounts.push(of(|figures| figures.net)?);
        }
        amounts.push(of(|figures| figures.billed)?);
        if with_residual {
            amounts.push(of(|figures| figures.residual)?);
        }
        for (party, _) in scenario.parties.iter() {
            amounts.push(sum(&|year| year.share(*measure, party))?);
        }
        for (total, amount) in totals.iter_mut().zip(&amounts) {
            *total = total.plus(*amount)?;
        }
        let cells = cells(scenario, *measure, years, &amounts, first_party);
        grid.add_row(Head::new(short(&scenario.measures[measure.0].title)), cells);
    }
    if active.len() != 1 {
        grid.add_row(Head::ruled("Sum"), totals.iter().map(|total| money_norwegian(*total)).collect());
    }
    Ok(upright(&grid, scenario.parties.count() > active.len()))
}

/// A title that does not blow up a table.
pub fn short(title: &str) -> String {
    match title.char_indices().nth(TITLE_CHARACTERS_MAX) {
        Some((end, _)) => format!("{}…", title[..end].trim_end()),
        None => title.to_owned(),
    }
}

/// The cells of a measure: amounts, and a dash for a party that takes no part.
fn cells(
    scenario: &Scenario,
    measure: MeasureIx,
    years: &[&YearBudget],
    amounts: &[Money],
    first_party: usize,
) -> Vec<String> {
    let takes_part: BTreeSet<PartyIx> = if scenario.measures[measure.0].key().is_none() {
        BTreeSet::new()
    } else {
        years.iter().flat_map(|year| scenario.participants(measure, year.year)).collect()
    };
    let cell = |(index, amount): (usize, &Money)| {
        let party = index.checked_sub(first_party).filter(|party| *party < scenario.parties.count());
        match party {
            Some(party) if amount.is_zero() && !takes_part.contains(&PartyIx(party)) => "–".to_owned(),
            _ => money_norwegian(*amount),
        }
    };
    amounts.iter().enumerate().map(cell).collect()
}

/// Puts the longer side of a table upright.
fn upright(grid: &Grid, turn: bool) -> Grid {
    if turn { grid.turned() } else { grid.clone() }
}

fn settlement(scenario: &Scenario, budget: &Budget, year_index: usize) -> Result<Grid, TooLarge> {
    let walked = &budget.billed[year_index];
    let columns = scenario.parties.iter().map(|(_, party)| Head::new(party.name.clone()));
    let mut grid = Grid { columns: columns.chain([Head::ruled("Sum")]).collect(), ..Grid::default() };
    let settled: Vec<_> = scenario
        .measures()
        .filter(|(index, measure)| budget.is_settled(year_index, measure, *index))
        .collect();
    let mut totals = vec![Money::ZERO; grid.columns.len()];
    for (index, measure) in &settled {
        let mut amounts = Vec::new();
        for (party, _) in scenario.parties.iter() {
            amounts.push(budget.settlement(year_index, *index, party)?.unwrap_or_default());
        }
        let sum = Money::sum(amounts.iter().copied())?;
        amounts.push(sum);
        for (total, amount) in totals.iter_mut().zip(&amounts) {
            *total = total.plus(*amount)?;
        }
        grid.add_row(Head::new(short(&measure.title)), cells(scenario, *index, &[walked], &amounts, 0));
    }
    if settled.len() > 1 {
        grid.add_row(Head::ruled("Sum"), totals.into_iter().map(money_norwegian).collect());
    }
    Ok(upright(&grid, scenario.parties.count() > settled.len()))
}

/// The reconciliation as text: each identity with how often it was checked, and every failure.
pub fn reconciliation(proof: &Proof) -> String {
    let mut text = String::from("\nReconciliation\n");
    for (identity, count) in proof.checked() {
        let mark =
            if proof.failures.iter().any(|failure| failure.identity == identity) { "✗" } else { "✓" };
        let word = if count == 1 { "check" } else { "checks" };
        text.push_str(&format!("  {mark} {}  ({count} {word})\n", identity.words()));
    }
    for failure in &proof.failures {
        let year = failure.year.map_or_else(|| "all years".to_owned(), |year| year.to_string());
        let identity = failure.identity.words();
        let difference = failure.difference_ore;
        text.push_str(&format!("  ✗ {year} {}: {identity} fails by {difference} øre\n", failure.subject));
    }
    text
}
