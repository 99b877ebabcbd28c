//! An attribution for other programs: a long table, and JSON of the schema `fordel.why/1`. Amounts are texts in the
//! machine dialect; exact parts are fractions of kroner, as `1000/3`, and nothing of them is rounded.

use serde::Serialize;

use crate::ground::money::{Money, TooLarge};
use crate::ground::ratio::{self, Ratio};
use crate::whatif::attribution::{Attribution, Cell, KindPart};
use crate::whatif::difference::{Period, Subject};
use crate::whatif::kind::Kind;

use super::difference_csv::{id, year};
use super::difference_json::{Change, Listed, Named, changes, listed, named};
use super::difference_text::Comparison;
use super::long_csv;

/// The name and version of the schema.
pub const SCHEMA: &str = "fordel.why/1";

/// The columns of the long table.
const HEADER: [&str; 5] = ["year", "party", "part", "amount", "exact"];

#[derive(Serialize)]
struct Document<'d> {
    schema: &'static str,
    before: Named<'d>,
    after: Named<'d>,
    currency: &'d str,
    changes: Vec<Change<'d>>,
    /// The order that was stated; none where every order was tried.
    order: Option<Vec<&'static str>>,
    parts: Vec<Part<'d>>,
    parties: Vec<Listed<'d>>,
    bills: Vec<Bill>,
    fordel: &'static str,
}

#[derive(Serialize)]
struct Part<'d> {
    part: String,
    kinds: Vec<&'static str>,
    /// Why several kinds cannot be told apart.
    together: Option<Together<'d>>,
}

#[derive(Serialize)]
struct Together<'d> {
    alone: Vec<&'static str>,
    reason: &'d str,
    at: Option<&'d str>,
}

#[derive(Serialize)]
struct Bill {
    year: String,
    party: String,
    before: String,
    after: String,
    change: String,
    parts: Vec<Amount>,
    rounding: String,
}

#[derive(Serialize)]
struct Amount {
    part: String,
    amount: String,
    exact: String,
}

/// Writes an attribution as JSON, with the order that was stated for it.
///
/// # Errors
/// [`TooLarge`] when a difference does not fit.
pub fn json(
    comparison: Comparison<'_>,
    attribution: &Attribution,
    order: Option<&[Kind]>,
) -> Result<String, TooLarge> {
    let bill = |(period, subject, cell): (&Period, &Subject, &Cell)| {
        let amounts = attribution.parts.iter().zip(cell.amounts.iter().zip(&cell.exact));
        let amount = |(part, (amount, exact)): (&KindPart, (&Money, &Ratio))| Amount {
            part: name(part),
            amount: amount.to_string(),
            exact: kroner(exact),
        };
        Ok(Bill {
            year: year(period),
            party: id(subject),
            before: cell.pair.before.to_string(),
            after: cell.pair.after.to_string(),
            change: cell.pair.change()?.to_string(),
            parts: amounts.map(amount).collect(),
            rounding: cell.rounding.to_string(),
        })
    };
    let document = Document {
        schema: SCHEMA,
        before: named(comparison.before),
        after: named(comparison.after),
        currency: &attribution.currency,
        changes: changes(comparison.alterations),
        order: order.map(words),
        parts: attribution.parts.iter().map(part).collect(),
        parties: attribution.parties.iter().map(listed).collect(),
        bills: cells(attribution).map(bill).collect::<Result<_, TooLarge>>()?,
        fordel: env!("CARGO_PKG_VERSION"),
    };
    let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
    text.push('\n');
    Ok(text)
}

/// Writes an attribution as a long table: what each party pays before and after, and between them each part of the
/// change. In the Norwegian dialect of spreadsheets where asked; exact parts are the same in both.
pub fn csv(attribution: &Attribution, norwegian: bool) -> String {
    let mut table = Vec::new();
    for (period, subject, cell) in cells(attribution) {
        let mut add = |part: &str, amount: Money, exact: String| {
            let (year, party) = (year(period), long_csv::harmless(&id(subject)));
            table.push([year, party, part.to_owned(), long_csv::amount(amount, norwegian), exact]);
        };
        add("before", cell.pair.before, String::new());
        for (part, (amount, exact)) in attribution.parts.iter().zip(cell.amounts.iter().zip(&cell.exact)) {
            add(&name(part), *amount, kroner(exact));
        }
        add("rounding", cell.rounding, String::new());
        add("after", cell.pair.after, String::new());
    }
    long_csv::table(HEADER, table.into_iter(), norwegian)
}

fn cells(attribution: &Attribution) -> impl Iterator<Item = (&Period, &Subject, &Cell)> {
    attribution.periods.iter().zip(&attribution.cells).flat_map(|(period, cells)| {
        attribution.parties.iter().zip(cells).map(move |(subject, cell)| (period, subject, cell))
    })
}

fn part(part: &KindPart) -> Part<'_> {
    let together = part.together.as_ref().map(|together| Together {
        alone: words(&together.alone),
        reason: &together.refusal.message,
        at: together.refusal.at.as_deref(),
    });
    Part { part: name(part), kinds: words(&part.kinds), together }
}

/// The name of a part: its kind, or several with a plus between them.
fn name(part: &KindPart) -> String {
    words(&part.kinds).join("+")
}

fn words(kinds: &[Kind]) -> Vec<&'static str> {
    kinds.iter().map(|kind| kind.word()).collect()
}

/// Øre as a fraction of kroner.
fn kroner(ore: &Ratio) -> String {
    (ore / ratio::whole(100)).to_string()
}
