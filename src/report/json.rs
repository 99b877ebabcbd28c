//! The budget as JSON, schema `fordel.run/1`. Amounts are texts in the machine dialect, so that no reader
//! turns them into binary fractions.

use serde::Serialize;

use crate::engine::walk::Outcome;
use crate::ground::money::Money;

use super::difference_json;
use super::figures::{FigureKey, Figures};
use super::variant_text::Changed;

/// The name and version of the schema.
pub const SCHEMA: &str = "fordel.run/1";

/// A budget, or the schema alone where there is none.
#[derive(Serialize)]
#[serde(untagged)]
pub enum MaybeRun<'r> {
    /// A budget.
    Run(Box<Run<'r>>),
    /// No budget.
    None {
        /// The schema that it would have.
        schema: &'static str,
    },
}

/// A budget, ready to be written.
#[derive(Serialize)]
pub struct Run<'r> {
    schema: &'static str,
    title: &'r str,
    source: Option<&'r str>,
    currency: &'r str,
    years: Vec<i32>,
    parties: Vec<Named<'r>>,
    measures: Vec<Named<'r>>,
    grants: Vec<Named<'r>>,
    reserves: Vec<Named<'r>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    figures: Option<Vec<Row<'r>>>,
    reconciliation: Reconciliation,
    seal: Seal<'r>,
    #[serde(skip_serializing_if = "Option::is_none")]
    changed: Option<ChangedFrom<'r>>,
}

#[derive(Serialize)]
struct ChangedFrom<'r> {
    scenario: &'r str,
    variants: Vec<Variant<'r>>,
    set: &'r [String],
    changes: Vec<difference_json::Change<'r>>,
}

#[derive(Serialize)]
struct Variant<'r> {
    path: &'r str,
    title: &'r str,
    author: Option<&'r str>,
    reference: Option<&'r str>,
    reason: Option<&'r str>,
}

#[derive(Serialize)]
struct Named<'r> {
    id: &'r str,
    title: &'r str,
}

#[derive(Serialize)]
struct Row<'r> {
    year: Option<i32>,
    figure: std::borrow::Cow<'static, str>,
    subject: &'r str,
    party: &'r str,
    #[serde(serialize_with = "as_text")]
    amount: Money,
}

#[derive(Serialize)]
struct Reconciliation {
    holds: bool,
    checks: Vec<Check>,
}

#[derive(Serialize)]
struct Check {
    identity: &'static str,
    count: usize,
}

#[derive(Serialize)]
struct Seal<'r> {
    rules: &'r str,
    data: &'r str,
    fordel: &'static str,
}

/// Writes a budget; `changed` is what it was changed by, and `seals` are those of the rules and of the data.
pub fn write(
    outcome: &Outcome,
    changed: Option<&Changed>,
    figures: &Figures,
    seals: &(String, String),
) -> String {
    let run = document(outcome, changed, Some(figures.rows.iter().collect()), seals);
    let mut text = serde_json::to_string_pretty(&run).unwrap_or_default();
    text.push('\n');
    text
}

/// A budget as a document, with these of its figures; without any the document has no list of them.
pub fn document<'r>(
    outcome: &'r Outcome,
    changed: Option<&'r Changed>,
    figures: Option<Vec<&'r (FigureKey, Money)>>,
    seals: &'r (String, String),
) -> Run<'r> {
    let scenario = &outcome.scenario;
    let checks = outcome.proof.checked();
    Run {
        schema: SCHEMA,
        title: &scenario.title,
        source: scenario.source.as_deref(),
        currency: &scenario.currency,
        years: scenario.years.iter().collect(),
        parties: scenario
            .parties
            .iter()
            .map(|(_, party)| Named { id: &party.id, title: &party.name })
            .collect(),
        measures: scenario
            .measures
            .iter()
            .map(|measure| Named { id: &measure.id, title: &measure.title })
            .collect(),
        grants: scenario.grants.iter().map(|grant| Named { id: &grant.id, title: &grant.title }).collect(),
        reserves: scenario
            .reserves
            .iter()
            .map(|reserve| Named { id: &reserve.id, title: &reserve.title })
            .collect(),
        figures: figures.map(|rows| rows.into_iter().map(row).collect()),
        reconciliation: Reconciliation {
            holds: outcome.proof.holds(),
            checks: checks.map(|(identity, count)| Check { identity: identity.words(), count }).collect(),
        },
        seal: Seal { rules: &seals.0, data: &seals.1, fordel: env!("CARGO_PKG_VERSION") },
        changed: changed.map(changed_from),
    }
}

fn row((key, amount): &(FigureKey, Money)) -> Row<'_> {
    Row { year: key.year, figure: key.kind.word(), subject: &key.subject, party: &key.party, amount: *amount }
}

fn changed_from(changed: &Changed) -> ChangedFrom<'_> {
    let variants = changed.variants.iter().map(|variant| Variant {
        path: &variant.name,
        title: &variant.title.value,
        author: variant.author.as_deref(),
        reference: variant.reference.as_deref(),
        reason: variant.reason.as_deref(),
    });
    ChangedFrom {
        scenario: &changed.scenario.1,
        variants: variants.collect(),
        set: &changed.set,
        changes: difference_json::changes(&changed.alterations),
    }
}

fn as_text<S: serde::Serializer>(amount: &Money, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(amount)
}
