//! An attribution for other programs: a long table, and JSON of the schema `fordel.why/1`. Amounts are in the machine
//! dialect; exact parts are fractions of kroner, as `1000/3`, and nothing of them is rounded.

use serde::Serialize;

use crate::ground::money::{Money, TooLarge};
use crate::ground::ratio::{self, Ratio};
use crate::whatif::attribution::{Attribution, KindPart, Row};
use crate::whatif::kind::Kind;

use super::attribution_text::Asked;
use super::long_csv::{harmless, number, records};

/// The name and version of the schema.
pub const SCHEMA: &str = "fordel.why/1";

/// The columns of the long table.
pub const HEADER: [&str; 5] = ["year", "party", "part", "amount", "exact"];

#[derive(Serialize)]
struct Why<'w> {
    schema: &'static str,
    before: &'w str,
    after: &'w str,
    currency: &'w str,
    /// The order that was stated; none where every order was tried.
    order: Option<Vec<&'static str>>,
    parts: Vec<WhyPart<'w>>,
    parties: Vec<WhyParty<'w>>,
    rows: Vec<WhyRow<'w>>,
}

#[derive(Serialize)]
struct WhyPart<'w> {
    name: String,
    kinds: Vec<&'static str>,
    together: Option<WhyTogether<'w>>,
}

#[derive(Serialize)]
struct WhyTogether<'w> {
    alone: Vec<&'static str>,
    reason: &'w str,
    at: Option<&'w str>,
}

#[derive(Serialize)]
struct WhyParty<'w> {
    id: &'w str,
    title: &'w str,
}

#[derive(Serialize)]
struct WhyRow<'w> {
    year: Option<i32>,
    party: &'w str,
    before: String,
    after: String,
    change: String,
    parts: Vec<WhyAmount>,
    rounding: String,
}

#[derive(Serialize)]
struct WhyAmount {
    part: String,
    amount: String,
    exact: String,
}

/// Writes an attribution as JSON.
///
/// # Errors
/// [`TooLarge`] when a difference does not fit.
pub fn json(attribution: &Attribution, asked: &Asked<'_>) -> Result<String, TooLarge> {
    let parties = attribution.parties.iter().map(|payer| WhyParty { id: &payer.id, title: &payer.name });
    let why = Why {
        schema: SCHEMA,
        before: asked.before,
        after: asked.after,
        currency: asked.currency,
        order: asked.order.map(words),
        parts: attribution.parts.iter().map(why_part).collect(),
        parties: parties.collect(),
        rows: rows(attribution, asked)
            .map(|row| why_row(attribution, row))
            .collect::<Result<_, TooLarge>>()?,
    };
    let mut text = serde_json::to_string_pretty(&why).unwrap_or_default();
    text.push('\n');
    Ok(text)
}

fn why_part(part: &KindPart) -> WhyPart<'_> {
    let together = part.together.as_ref().map(|together| WhyTogether {
        alone: words(&together.alone),
        reason: &together.refusal.message,
        at: together.refusal.at.as_deref(),
    });
    WhyPart { name: name(part), kinds: words(&part.kinds), together }
}

fn why_row<'w>(attribution: &'w Attribution, row: &Row) -> Result<WhyRow<'w>, TooLarge> {
    let amounts = attribution.parts.iter().zip(row.amounts.iter().zip(&row.exact));
    let amount = |(part, (amount, exact)): (&KindPart, (&Money, &Ratio))| WhyAmount {
        part: name(part),
        amount: amount.to_string(),
        exact: kroner(exact),
    };
    Ok(WhyRow {
        year: row.year,
        party: &attribution.parties[row.party].id,
        before: row.before.to_string(),
        after: row.after.to_string(),
        change: row.after.minus(row.before)?.to_string(),
        parts: amounts.map(amount).collect(),
        rounding: row.rounding.to_string(),
    })
}

/// Writes an attribution as a long table: what each party pays before and after, and each part of the change between
/// them. In the Norwegian dialect of spreadsheets where asked; exact parts are the same in both.
pub fn csv(attribution: &Attribution, asked: &Asked<'_>, norwegian: bool) -> String {
    let mut table = Vec::new();
    for row in rows(attribution, asked) {
        let year = row.year.map_or_else(String::new, |year| year.to_string());
        let party = harmless(&attribution.parties[row.party].id);
        let mut add = |part: &str, amount: Money, exact: String| {
            table.push([year.clone(), party.clone(), part.to_owned(), number(amount, norwegian), exact]);
        };
        add("before", row.before, String::new());
        for (part, (amount, exact)) in attribution.parts.iter().zip(row.amounts.iter().zip(&row.exact)) {
            add(&name(part), *amount, kroner(exact));
        }
        add("rounding", row.rounding, String::new());
        add("after", row.after, String::new());
    }
    records(&HEADER, table, norwegian)
}

fn rows<'r>(attribution: &'r Attribution, asked: &'r Asked<'_>) -> impl Iterator<Item = &'r Row> {
    let is_asked = |row: &&Row| {
        asked.party.is_none_or(|party| party == row.party) && (asked.year.is_none() || asked.year == row.year)
    };
    attribution.rows.iter().filter(is_asked)
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
