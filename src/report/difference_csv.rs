//! The difference between two budgets as CSV: `year,figure,subject,party,before,after,change`, by the words of the long
//! table. What stands for several others is named in brackets.

use crate::ground::money::{Money, TooLarge};
use crate::whatif::difference::{Difference, Pair, Period, Subject};

use super::long_csv;

/// The columns.
const HEADER: [&str; 7] = ["year", "figure", "subject", "party", "before", "after", "change"];

/// A row: year, figure, subject, party, before, after.
pub struct Row {
    /// The year, or both years; empty over all years.
    pub year: String,
    /// What it is.
    pub figure: &'static str,
    /// Of which measure, grant or reserve.
    pub subject: String,
    /// Of which party or source.
    pub party: String,
    /// What it was; none where there was no such figure.
    pub before: Option<Money>,
    /// What it is.
    pub after: Option<Money>,
}

/// Writes a difference, in the Norwegian dialect of spreadsheets where asked.
///
/// # Errors
/// [`TooLarge`] when a sum does not fit.
pub fn write(difference: &Difference, norwegian: bool) -> Result<String, TooLarge> {
    let amount =
        |amount: Option<Money>| amount.map_or_else(String::new, |amount| long_csv::amount(amount, norwegian));
    let mut table = Vec::new();
    for row in rows(difference)? {
        let change = row.after.unwrap_or_default().minus(row.before.unwrap_or_default())?;
        table.push([
            row.year,
            row.figure.to_owned(),
            long_csv::harmless(&row.subject),
            long_csv::harmless(&row.party),
            amount(row.before),
            amount(row.after),
            amount(Some(change)),
        ]);
    }
    Ok(long_csv::table(HEADER, table.into_iter(), norwegian))
}

/// All figures of both sides: shares and totals, then the others.
///
/// # Errors
/// [`TooLarge`] when a sum does not fit.
pub fn rows(difference: &Difference) -> Result<Vec<Row>, TooLarge> {
    let mut rows = Vec::new();
    let mut add = |year: &str, figure, subject: &str, party: &str, pair: Pair| {
        let (before, after) = (Some(pair.before), Some(pair.after));
        rows.push(Row {
            year: year.to_owned(),
            figure,
            subject: subject.to_owned(),
            party: party.to_owned(),
            before,
            after,
        });
    };
    for (position, period) in difference.periods.iter().enumerate() {
        let year = year(period);
        for (measure, cells) in difference.measures.iter().zip(&difference.cells[position]) {
            for (party, pair) in difference.parties.iter().zip(cells) {
                if *pair != Pair::default() {
                    add(&year, "share", &id(measure), &id(party), *pair);
                }
            }
        }
        for (party, subject) in difference.parties.iter().enumerate() {
            add(&year, "total", "", &id(subject), difference.over_measures(position, party)?);
        }
        add(&year, "total", "", "", Pair::sum(difference.cells[position].iter().flatten().copied())?);
    }
    if difference.periods.len() > 1 {
        for (party, subject) in difference.parties.iter().enumerate() {
            add("", "total", "", &id(subject), difference.of_party(party)?);
        }
        add("", "total", "", "", Pair::sum(difference.cells.iter().flatten().flatten().copied())?);
    }
    for figure in &difference.figures {
        rows.push(Row {
            year: year(&difference.periods[figure.period]),
            figure: figure.word,
            subject: figure.subject.clone(),
            party: figure.party.clone(),
            before: figure.before,
            after: figure.after,
        });
    }
    Ok(rows)
}

/// A year, or two with dots between.
pub fn year(period: &Period) -> String {
    match (period.before, period.after) {
        (Some(before), Some(after)) if before != after => format!("{before}..{after}"),
        (_, Some(year)) | (Some(year), None) => year.to_string(),
        (None, None) => "(other years)".to_owned(),
    }
}

/// The id of a party or measure; what has none is named in brackets.
pub fn id(subject: &Subject) -> String {
    if subject.id.is_empty() { format!("({})", subject.title.to_lowercase()) } else { subject.id.clone() }
}
