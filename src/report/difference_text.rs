//! The difference between two budgets for the terminal: the change itself first, then what each party pays before and
//! after, who pays more and who less, the change by year and by measure, and what else is different.

use std::collections::BTreeMap;

use num_traits::Signed;

use crate::ground::money::{Money, TooLarge};
use crate::ground::numerals::money_norwegian;
use crate::ground::ratio::{self, Ratio};
use crate::whatif::alteration::Alteration;
use crate::whatif::difference::{Difference, Pair, Period, Side, Subject};
use crate::whatif::figure::SETTLEMENT;
use crate::whatif::narrow::{OTHER_MEASURES, OTHER_YEARS};

use super::alteration_text;
use super::budget_text::short;
use super::grid::{Grid, Head};
use super::language::Language;
use super::signed::{percent, signed_decimal, signed_money};

/// The room that is kept for how many more there are, in characters.
const MORE_CHARACTERS: usize = 12;

/// One of the two things that are compared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Version {
    /// What it is called.
    pub title: String,
    /// How it was named on the command line.
    pub path: String,
    /// Who says so and why, a line each.
    pub notes: Vec<String>,
}

/// A comparison: what is compared, what was changed, and what that does.
#[derive(Clone, Copy)]
pub struct Comparison<'c> {
    /// What there was.
    pub before: &'c Version,
    /// What there is.
    pub after: &'c Version,
    /// What was changed.
    pub alterations: &'c [Alteration],
    /// What that does.
    pub difference: &'c Difference,
}

/// Writes a comparison for a terminal of this width.
///
/// # Errors
/// [`TooLarge`] when a sum does not fit.
pub fn write(comparison: Comparison<'_>, width: usize) -> Result<String, TooLarge> {
    let does = what_it_does(comparison.difference, width)?;
    Ok(format!("{}{does}", what_was_changed(comparison, width)))
}

/// What a change does, for a terminal of this width.
///
/// # Errors
/// [`TooLarge`] when a sum does not fit.
pub fn what_it_does(difference: &Difference, width: usize) -> Result<String, TooLarge> {
    let mut text = String::new();
    if !difference.is_any() {
        text.push_str("\nNo figure differs.\n");
        return Ok(text);
    }
    text.push_str(&format!("\n{}: what each party pays, in {}\n\n", span(difference), difference.currency));
    text.push_str(&parties(difference)?.text(width));
    if let Some(per) = &difference.per {
        let unit = per.unit.as_ref().map(|unit| format!(" ({unit})")).unwrap_or_default();
        text.push_str(&format!("\nper unit: change / `{}`{unit}\n", per.driver));
    }
    text.push_str(&winners(difference, width)?);
    if difference.periods.len() > 1 {
        text.push_str("\nChange by year\n\n");
        text.push_str(&compact(&by_period(difference)?, width));
    }
    let by_measure = by_measure(difference)?;
    if by_measure.columns.len() > 2 {
        text.push_str("\nChange by measure\n\n");
        text.push_str(&compact(&by_measure, width));
    }
    text.push_str(&figures(difference, width)?);
    Ok(text)
}

/// What is compared, and what was changed.
pub fn what_was_changed(comparison: Comparison<'_>, width: usize) -> String {
    let mut text = version("Before", comparison.before);
    text.push_str(&version("After", comparison.after));
    text.push_str(&alteration_text::write(comparison.alterations, width, Language::English));
    if comparison.alterations.is_empty() {
        text.push_str("\nNothing was changed.\n");
    }
    text
}

fn version(word: &str, version: &Version) -> String {
    let mut text = format!("{word:<8}{}\n        {}\n", version.title, version.path);
    for note in &version.notes {
        text.push_str(&format!("        {note}\n"));
    }
    text
}

/// The years that are looked at, in words.
fn span(difference: &Difference) -> String {
    let periods = looked_at(difference);
    match (periods.first(), periods.last()) {
        (Some(first), Some(last)) if periods.len() > 1 => {
            format!("{}–{} together", period(first), period(last))
        }
        (Some(first), _) => period(first),
        _ => OTHER_YEARS.to_owned(),
    }
}

fn looked_at(difference: &Difference) -> &[Period] {
    let count = difference.periods.len() - usize::from(difference.rest.periods);
    &difference.periods[..count]
}

/// The name of a period.
pub fn period(period: &Period) -> String {
    match (period.before, period.after) {
        (Some(before), Some(after)) if before != after => format!("{before} → {after}"),
        (_, Some(year)) | (Some(year), None) => year.to_string(),
        (None, None) => OTHER_YEARS.to_owned(),
    }
}

/// The title of a party or measure, and whether it is on one side only.
pub fn named(subject: &Subject) -> String {
    let title = short(&subject.title);
    match subject.side {
        Side::Both => title,
        Side::AfterOnly => format!("{title} (new)"),
        Side::BeforeOnly => format!("{title} (gone)"),
    }
}

/// Sums over the years and measures that are looked at.
struct Looked<'d> {
    difference: &'d Difference,
    periods: usize,
    measures: usize,
}

impl<'d> Looked<'d> {
    fn at(difference: &'d Difference) -> Looked<'d> {
        let measures = difference.measures.len() - usize::from(difference.rest.measures);
        Looked { difference, periods: looked_at(difference).len(), measures }
    }

    fn party(&self, party: usize) -> Result<Pair, TooLarge> {
        let rows = self.difference.cells[..self.periods].iter();
        Pair::sum(rows.flat_map(|measures| &measures[..self.measures]).map(|row| row[party]))
    }

    fn in_period(&self, period: usize, party: usize) -> Result<Pair, TooLarge> {
        Pair::sum(self.difference.cells[period][..self.measures].iter().map(|row| row[party]))
    }

    fn of_measure(&self, measure: usize, party: usize) -> Result<Pair, TooLarge> {
        Pair::sum(self.difference.cells[..self.periods].iter().map(|measures| measures[measure][party]))
    }

    fn parties(&self) -> Result<Vec<Pair>, TooLarge> {
        (0..self.difference.parties.len()).map(|party| self.party(party)).collect()
    }
}

fn parties(difference: &Difference) -> Result<Grid, TooLarge> {
    let looked = Looked::at(difference);
    let mut columns = vec![Head::new("Before"), Head::new("After"), Head::new("Change"), Head::new("%")];
    columns.extend(difference.per.as_ref().map(|_| Head::new("per unit")));
    let mut grid = Grid { columns, ..Grid::default() };
    let pairs = looked.parties()?;
    let sum = Pair::sum(pairs.iter().copied())?;
    let mut per_unit = Vec::new();
    for (pair, units) in pairs.iter().chain([&sum]).zip(units(difference, looked.periods)) {
        let change = pair.change()?;
        per_unit.push(units.map(|units| change.kroner() / units));
    }
    let decimals = decimals(&per_unit);
    let shown =
        |change: Option<Ratio>| change.map(|change| signed_decimal(&change, decimals)).unwrap_or_default();
    let mut per_unit = per_unit.into_iter().map(shown);
    let mut cells = |pair: Pair| -> Result<Vec<String>, TooLarge> {
        let more = difference.per.as_ref().map(|_| per_unit.next().unwrap_or_default());
        Ok(amounts(pair)?.into_iter().chain(more).collect())
    };
    for (party, pair) in difference.parties.iter().zip(&pairs) {
        grid.add_row(Head::new(named(party)), cells(*pair)?);
    }
    grid.add_row(Head::ruled("Sum"), cells(sum)?);
    let rest = rest(difference, &looked)?;
    for (title, pair) in &rest {
        grid.add_row(Head::new(*title), cells(*pair)?);
    }
    if !rest.is_empty() {
        let everything = Pair::sum(difference.cells.iter().flatten().flatten().copied())?;
        grid.add_row(Head::ruled("All"), cells(everything)?);
    }
    Ok(grid)
}

/// How many units each party has, and all together, in the last year that is looked at.
fn units(difference: &Difference, periods: usize) -> Vec<Option<Ratio>> {
    let none = || vec![None; difference.parties.len() + 1];
    let Some(per) = &difference.per else { return none() };
    let Some(units) = periods.checked_sub(1).and_then(|last| per.values.get(last)) else { return none() };
    let all = units.iter().cloned().sum::<Option<Ratio>>();
    units.iter().cloned().chain([all]).collect()
}

/// How many decimals changes per unit are shown with: more where they are all small.
fn decimals(per_unit: &[Option<Ratio>]) -> u32 {
    let large = |change: &Ratio| change.abs() >= ratio::whole(1);
    if per_unit.iter().flatten().any(large) { 2 } else { 4 }
}

/// What is not looked at: other measures of the same years, and other years.
fn rest(difference: &Difference, looked: &Looked<'_>) -> Result<Vec<(&'static str, Pair)>, TooLarge> {
    let mut rest = Vec::new();
    if difference.rest.measures {
        let rows = difference.cells[..looked.periods].iter().filter_map(|measures| measures.last());
        rest.push((OTHER_MEASURES, Pair::sum(rows.flatten().copied())?));
    }
    if difference.rest.periods {
        let rows = difference.cells.last().into_iter().flatten();
        rest.push((OTHER_YEARS, Pair::sum(rows.flatten().copied())?));
    }
    Ok(rest)
}

/// Before, after, change and percent.
fn amounts(pair: Pair) -> Result<Vec<String>, TooLarge> {
    let change = pair.change()?;
    let part = percent(pair.before, change).map(|part| format!("{} %", signed_decimal(&part, 1)));
    Ok(vec![
        money_norwegian(pair.before),
        money_norwegian(pair.after),
        signed_money(change),
        part.unwrap_or_else(|| if change.is_zero() { String::new() } else { "–".to_owned() }),
    ])
}

/// Who pays more and who less, the largest changes first.
fn winners(difference: &Difference, width: usize) -> Result<String, TooLarge> {
    let looked = Looked::at(difference);
    let count = difference.parties.len() - usize::from(difference.rest.parties);
    let mut changes = Vec::new();
    for (position, party) in difference.parties[..count].iter().enumerate() {
        changes.push((looked.party(position)?.change()?, party));
    }
    changes.sort_by_key(|(change, _)| std::cmp::Reverse(change.ore().unsigned_abs()));
    let mut text = String::from("\n");
    let line = |word: &str, is_one: &dyn Fn(Money) -> bool| {
        let own: Vec<&(Money, &Subject)> = changes.iter().filter(|(change, _)| is_one(*change)).collect();
        let mut line = format!("{word:<10}{:>3}", own.len());
        for (position, (change, party)) in own.iter().enumerate() {
            let joint = if position == 0 { ": " } else { ", " };
            let next = format!("{joint}{} {}", party.title, signed_money(*change));
            if position > 0 && line.chars().count() + next.chars().count() + MORE_CHARACTERS > width {
                line.push_str(&format!(" and {} more", own.len() - position));
                break;
            }
            line.push_str(&next);
        }
        format!("{line}\n")
    };
    text.push_str(&line("Pay more", &|change| change > Money::ZERO));
    text.push_str(&line("Pay less", &|change| change.is_negative()));
    let same = changes.iter().filter(|(change, _)| change.is_zero()).count();
    if same > 0 {
        text.push_str(&format!("{:<10}{same:>3}\n", "The same"));
    }
    Ok(text)
}

fn by_period(difference: &Difference) -> Result<Grid, TooLarge> {
    let looked = Looked::at(difference);
    let columns = difference.periods.iter().map(|own| Head::new(period(own)));
    changes(difference, columns.collect(), |column, party| looked.in_period(column, party))
}

fn by_measure(difference: &Difference) -> Result<Grid, TooLarge> {
    let looked = Looked::at(difference);
    let mut differing = Vec::new();
    for measure in 0..difference.measures.len() {
        for party in 0..difference.parties.len() {
            let pair = looked.of_measure(measure, party)?;
            if pair.before != pair.after {
                differing.push(measure);
                break;
            }
        }
    }
    let columns = differing.iter().map(|measure| Head::new(named(&difference.measures[*measure])));
    changes(difference, columns.collect(), |column, party| looked.of_measure(differing[column], party))
}

/// A matrix of changes with its sums.
fn changes(
    difference: &Difference,
    columns: Vec<Head>,
    pair: impl Fn(usize, usize) -> Result<Pair, TooLarge>,
) -> Result<Grid, TooLarge> {
    let count = columns.len();
    let mut grid =
        Grid { columns: columns.into_iter().chain([Head::ruled("Sum")]).collect(), ..Grid::default() };
    let mut sums = vec![Money::ZERO; count + 1];
    for (position, party) in difference.parties.iter().enumerate() {
        let mut amounts = Vec::with_capacity(count + 1);
        for column in 0..count {
            amounts.push(pair(column, position)?.change()?);
        }
        amounts.push(Money::sum(amounts.iter().copied())?);
        for (sum, amount) in sums.iter_mut().zip(&amounts) {
            *sum = sum.plus(*amount)?;
        }
        grid.add_row(Head::new(named(party)), amounts.into_iter().map(signed_money).collect());
    }
    grid.add_row(Head::ruled("Sum"), sums.into_iter().map(signed_money).collect());
    Ok(grid)
}

/// What the other figures of the measures, and those of grants and reserves, come to.
fn figures(difference: &Difference, width: usize) -> Result<String, TooLarge> {
    let sums = sums(difference)?;
    let mut text = String::new();
    let costs = costs(difference, &sums)?;
    if !costs.rows.is_empty() {
        text.push_str(&format!("\nChange of what the measures cost\n\n{}", costs.text(width)));
    }
    let funds = funds(&sums)?;
    if !funds.rows.is_empty() {
        text.push_str(&format!("\nGrants, reserves and settlements\n\n{}", funds.text(width)));
    }
    Ok(text)
}

/// A subject, a word and a party with the figures of both sides.
type Sums = Vec<((String, &'static str, String), Pair)>;

/// The other figures over all years that are looked at, of balances those of the last one; in order.
fn sums(difference: &Difference) -> Result<Sums, TooLarge> {
    let mut positions: BTreeMap<(String, &'static str, String), usize> = BTreeMap::new();
    let mut sums: Sums = Vec::new();
    for figure in &difference.figures {
        let party = if figure.word == SETTLEMENT { String::new() } else { figure.party.clone() };
        let key = (figure.subject.clone(), figure.word, party);
        let pair =
            Pair { before: figure.before.unwrap_or_default(), after: figure.after.unwrap_or_default() };
        let position = *positions.entry(key.clone()).or_insert(sums.len());
        match sums.get_mut(position) {
            Some((_, sum)) if figure.word == "closing" => *sum = pair,
            Some((_, sum)) => *sum = Pair::sum([*sum, pair])?,
            None => sums.push((key, pair)),
        }
    }
    Ok(sums)
}

/// Changes of the figures of each measure that has any; what draws cover is taken off.
fn costs(difference: &Difference, sums: &Sums) -> Result<Grid, TooLarge> {
    const WORDS: [(&str, &str, bool); 6] = [
        ("gross", "Gross", false),
        ("received", "Charged to it", false),
        ("charge", "Charged out", true),
        ("draw", "Grants, reserves", true),
        ("net", "Net", false),
        ("residual", "Residual", false),
    ];
    let of_words = |word: &str| WORDS.iter().position(|(own, ..)| *own == word);
    let mut rows: Vec<(&str, [Money; WORDS.len()])> = Vec::new();
    for ((subject, word, _), pair) in sums {
        let Some(column) = of_words(word) else { continue };
        let change = pair.change()?;
        let change = if WORDS[column].2 { Money::ZERO.minus(change)? } else { change };
        let known = rows.iter().position(|(own, _)| own == subject);
        let row = known.unwrap_or_else(|| {
            rows.push((subject, Default::default()));
            rows.len() - 1
        });
        let changes = &mut rows[row].1;
        changes[column] = changes[column].plus(change)?;
    }
    rows.retain(|(_, changes)| changes.iter().any(|change| !change.is_zero()));
    let used: Vec<usize> = (0..WORDS.len())
        .filter(|column| rows.iter().any(|(_, changes)| !changes[*column].is_zero()))
        .collect();
    let columns = used.iter().map(|column| Head::new(WORDS[*column].1)).collect();
    let mut grid = Grid { columns, ..Grid::default() };
    let cells =
        |changes: &[Money; WORDS.len()]| used.iter().map(|column| signed_money(changes[*column])).collect();
    let mut all = [Money::ZERO; WORDS.len()];
    for (id, changes) in &rows {
        let measure = difference.measures.iter().find(|own| own.id == *id);
        let title = measure.map_or_else(|| short(id), named);
        grid.add_row(Head::new(title), cells(changes));
        for (sum, change) in all.iter_mut().zip(changes) {
            *sum = sum.plus(*change)?;
        }
    }
    if rows.len() > 1 {
        grid.add_row(Head::ruled("Sum"), cells(&all));
    }
    Ok(grid)
}

/// Figures of grants and reserves that differ, and what is settled.
fn funds(sums: &Sums) -> Result<Grid, TooLarge> {
    const WORDS: [(&str, &str); 8] = [
        ("award", "awarded"),
        ("deposit", "put in"),
        ("drawn", "drawn"),
        ("repaid", "paid back"),
        ("lapsed", "lapsed"),
        ("payout", "paid out"),
        ("closing", "left at the end"),
        (SETTLEMENT, "to be settled"),
    ];
    let columns = ["Before", "After", "Change"].map(Head::new).to_vec();
    let mut grid = Grid { columns, ..Grid::default() };
    for ((subject, word, _), pair) in sums.iter().filter(|(_, pair)| pair.before != pair.after) {
        let Some((_, title)) = WORDS.iter().find(|(own, _)| own == word) else { continue };
        let cells = [money_norwegian(pair.before), money_norwegian(pair.after), signed_money(pair.change()?)];
        grid.add_row(Head::new(format!("{}, {title}", short(subject))), cells.to_vec());
    }
    Ok(grid)
}

/// The table, or the same on its side, whichever takes fewer lines.
fn compact(grid: &Grid, width: usize) -> String {
    let (upright, turned) = (grid.text(width), grid.turned().text(width));
    if turned.lines().count() < upright.lines().count() { turned } else { upright }
}
