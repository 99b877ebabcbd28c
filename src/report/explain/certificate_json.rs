//! Certificates as JSON, schema `fordel.explain/1`. Amounts are texts in the machine dialect, exact numbers are texts
//! of the form `n/d`, so that no reader turns them into binary fractions.

use serde::Serialize;

use crate::engine::walk::Outcome;
use crate::ground::ratio::Ratio;
use crate::ground::source::Sources;
use crate::report::figures::FigureKey;

use super::node::{Node, Number, Role};

/// The name and version of the schema.
pub const SCHEMA: &str = "fordel.explain/1";

#[derive(Serialize)]
struct Explanation<'e> {
    schema: &'static str,
    title: &'e str,
    source: Option<&'e str>,
    currency: &'e str,
    certificates: Vec<Line<'e>>,
    seal: Seal<'e>,
}

#[derive(Serialize)]
struct Line<'e> {
    text: &'e str,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'static str>,
    /// An amount in kroner.
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<String>,
    /// A number that is no amount.
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<String>,
    /// The amount before it was rounded.
    #[serde(skip_serializing_if = "Option::is_none")]
    exact: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    factors: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    terms: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    figure: Option<Figure<'e>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<Position<'e>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    under: Vec<Line<'e>>,
}

#[derive(Serialize)]
struct Figure<'e> {
    year: Option<i32>,
    figure: std::borrow::Cow<'static, str>,
    subject: &'e str,
    party: &'e str,
}

#[derive(Serialize)]
struct Position<'e> {
    file: &'e str,
    line: usize,
    column: usize,
}

#[derive(Serialize)]
struct Seal<'e> {
    rules: &'e str,
    data: &'e str,
    fordel: &'static str,
}

/// Writes certificates; `seals` are those of the rules and of the data.
pub fn write(nodes: &[Node], outcome: &Outcome, sources: &Sources, seals: &(String, String)) -> String {
    let explanation = Explanation {
        schema: SCHEMA,
        title: &outcome.scenario.title,
        source: outcome.scenario.source.as_deref(),
        currency: &outcome.scenario.currency,
        certificates: nodes.iter().map(|node| line(node, sources)).collect(),
        seal: Seal { rules: &seals.0, data: &seals.1, fordel: env!("CARGO_PKG_VERSION") },
    };
    let mut text = serde_json::to_string_pretty(&explanation).unwrap_or_default();
    text.push('\n');
    text
}

fn line<'e>(node: &'e Node, sources: &'e Sources) -> Line<'e> {
    let (amount, number) = match &node.number {
        Some(Number::Money(amount)) => (Some(amount.to_string()), None),
        Some(Number::Exact(number)) => (None, Some(fraction(number))),
        None => (None, None),
    };
    Line {
        text: &node.text,
        role: role(node.role),
        amount,
        number,
        exact: node.exact.as_ref().map(fraction),
        factors: node.factors.iter().map(fraction).collect(),
        terms: node.terms.iter().map(fraction).collect(),
        figure: node.figure.as_ref().map(figure),
        place: node.place.as_ref().map(|place| {
            let source = sources.get(place.source);
            let (line, column) = source.line_column(place.bytes.start);
            Position { file: &source.name, line, column }
        }),
        under: node.under.iter().map(|node| line(node, sources)).collect(),
    }
}

fn role(role: Role) -> Option<&'static str> {
    match role {
        Role::Remark => None,
        Role::Plus => Some("plus"),
        Role::Minus => Some("minus"),
        Role::Limit => Some("limit"),
        Role::Result => Some("result"),
    }
}

fn figure(key: &FigureKey) -> Figure<'_> {
    Figure { year: key.year, figure: key.kind.word(), subject: &key.subject, party: &key.party }
}

/// `n/d`, and `n` for a whole number.
fn fraction(number: &Ratio) -> String {
    number.to_string()
}
