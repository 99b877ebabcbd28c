//! The difference between two budgets as JSON, schema `fordel.diff/1`. Amounts and numbers are texts in the machine
//! dialect, so that no reader turns them into binary fractions.

use num_traits::Zero;
use serde::Serialize;

use crate::ground::money::{Money, TooLarge};
use crate::ground::ratio::{self, Ratio, decimal_text};
use crate::ground::split::nearest_multiple;
use crate::whatif::alteration::{Alteration, Value};
use crate::whatif::difference::{Difference, Pair, Side, Subject};

use super::difference_csv;
use super::difference_text::{Comparison, Version};
use super::signed::percent;

/// The name and version of the schema.
pub const SCHEMA: &str = "fordel.diff/1";

#[derive(Serialize)]
struct Document<'d> {
    schema: &'static str,
    before: Named<'d>,
    after: Named<'d>,
    currency: &'d str,
    differs: bool,
    changes: Vec<Change<'d>>,
    per: Option<PerUnit<'d>>,
    measures: Vec<Listed<'d>>,
    parties: Vec<PartyTotal<'d>>,
    figures: Vec<Figure>,
    fordel: &'static str,
}

/// One of the two things that are compared.
#[derive(Serialize)]
pub struct Named<'d> {
    title: &'d str,
    path: &'d str,
    notes: &'d [String],
}

/// A change, as it is written wherever changes are listed.
#[derive(Serialize)]
pub struct Change<'d> {
    kind: &'static str,
    of: &'d str,
    what: &'d str,
    before: Option<String>,
    after: Option<String>,
}

#[derive(Serialize)]
struct PerUnit<'d> {
    driver: &'d str,
    unit: Option<&'d str>,
}

/// A party or measure, as it is written wherever they are listed.
#[derive(Serialize)]
pub struct Listed<'d> {
    id: &'d str,
    title: &'d str,
    there: &'static str,
}

#[derive(Serialize)]
struct PartyTotal<'d> {
    id: &'d str,
    title: &'d str,
    there: &'static str,
    before: String,
    after: String,
    change: String,
    percent: Option<String>,
    per_unit: Option<String>,
}

#[derive(Serialize)]
struct Figure {
    year: String,
    figure: &'static str,
    subject: String,
    party: String,
    before: Option<String>,
    after: Option<String>,
    change: String,
}

/// Writes a comparison.
///
/// # Errors
/// [`TooLarge`] when a sum does not fit.
pub fn write(comparison: Comparison<'_>) -> Result<String, TooLarge> {
    let Comparison { before, after, alterations, difference } = comparison;
    let mut figures = Vec::new();
    for row in difference_csv::rows(difference)? {
        let change = row.after.unwrap_or_default().minus(row.before.unwrap_or_default())?;
        figures.push(Figure {
            year: row.year,
            figure: row.figure,
            subject: row.subject,
            party: row.party,
            before: row.before.map(|amount| amount.to_string()),
            after: row.after.map(|amount| amount.to_string()),
            change: change.to_string(),
        });
    }
    let document = Document {
        schema: SCHEMA,
        before: named(before),
        after: named(after),
        currency: &difference.currency,
        differs: difference.is_any(),
        changes: changes(alterations),
        per: difference.per.as_ref().map(|per| PerUnit { driver: &per.driver, unit: per.unit.as_deref() }),
        measures: difference.measures.iter().map(listed).collect(),
        parties: party_totals(difference)?,
        figures,
        fordel: env!("CARGO_PKG_VERSION"),
    };
    let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
    text.push('\n');
    Ok(text)
}

/// What was changed.
pub fn changes(alterations: &[Alteration]) -> Vec<Change<'_>> {
    let change = |own: &'_ Alteration| (own.before.as_ref().map(value), own.after.as_ref().map(value));
    let written = |own| {
        let (before, after) = change(own);
        Change { kind: own.kind.word(), of: &own.of, what: &own.what, before, after }
    };
    alterations.iter().map(written).collect()
}

fn value(value: &Value) -> String {
    match value {
        Value::Money(amount) => amount.to_string(),
        Value::Number(number) => decimal_text(number, 12).unwrap_or_else(|| number.to_string()),
        Value::Text(text) => text.clone(),
    }
}

/// What is compared.
pub fn named(version: &Version) -> Named<'_> {
    Named { title: &version.title, path: &version.path, notes: &version.notes }
}

fn there(side: Side) -> &'static str {
    match side {
        Side::Both => "both",
        Side::BeforeOnly => "before",
        Side::AfterOnly => "after",
    }
}

/// A party or measure.
pub fn listed(subject: &Subject) -> Listed<'_> {
    Listed { id: &subject.id, title: &subject.title, there: there(subject.side) }
}

/// What each party pays in all, over all years that are compared.
fn party_totals(difference: &Difference) -> Result<Vec<PartyTotal<'_>>, TooLarge> {
    let mut totals = Vec::new();
    for (position, party) in difference.parties.iter().enumerate() {
        let pair: Pair = difference.of_party(position)?;
        let change: Money = pair.change()?;
        let units = difference.per.as_ref().and_then(|per| per.values.last()?[position].clone());
        totals.push(PartyTotal {
            id: &party.id,
            title: &party.title,
            there: there(party.side),
            before: pair.before.to_string(),
            after: pair.after.to_string(),
            change: change.to_string(),
            percent: percent(pair.before, change).as_ref().map(hundredths),
            per_unit: units.map(|units| hundredths(&(change.kroner() / units))),
        });
    }
    Ok(totals)
}

/// A number to two decimals, halves away from zero.
fn hundredths(number: &Ratio) -> String {
    let rounded = nearest_multiple(number, &ratio::fraction(1, 100));
    if rounded.is_zero() { "0".to_owned() } else { decimal_text(&rounded, 2).unwrap_or_default() }
}
