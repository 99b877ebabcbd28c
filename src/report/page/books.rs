//! The rules with who uses them, and the proof that the books close, in the language of the page.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::engine::proof::Proof;
use crate::engine::walk::Outcome;
use crate::ground::source::{Place, Sources};
use crate::report::language::Language;
use crate::rules::rulebook::Rule;

use super::numbers::Manner;
use super::selection::Selection;
use super::words::{Words, filled, identity};

/// Names of measures that are shown; more of them are counted.
const USERS_SHOWN_MAX: usize = 12;

/// How many rules are shown whether they are used on the page or not.
const RULES_MAX: usize = 100;

/// A rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RuleCard {
    /// Its name.
    pub name: String,
    /// What it is given.
    pub parameters: Vec<String>,
    /// What it says of itself, a line each.
    pub documentation: Vec<String>,
    /// `file:line`.
    pub place: String,
    /// The titles of what uses it.
    pub used_by: Vec<String>,
    /// How many more there are; nothing where there are none.
    pub more: String,
}

/// The proof.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reconciliation {
    /// Whether everything holds.
    pub ok: bool,
    /// How many checks hold.
    pub summary: String,
    /// The identities.
    pub checks: Vec<Check>,
    /// What does not hold.
    pub failures: Vec<String>,
}

/// An identity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// In words.
    pub words: &'static str,
    /// How often it was checked.
    pub count: String,
    /// Whether it holds.
    pub ok: bool,
}

/// The rules: those that are used, in the order of their files, then the others.
pub fn catalogue(
    outcome: &Outcome,
    sources: &Sources,
    selection: &Selection<'_, '_>,
    (manner, words): (Manner, &Words),
) -> Vec<RuleCard> {
    let users = users(outcome);
    let are_many = outcome.rulebook.rules().count() > RULES_MAX;
    let on_page: BTreeSet<&str> = selection.measures.iter().map(|measure| measure.title).collect();
    // Of many rules those that the measures of the page use.
    let is_shown = |rule: &&Rule| {
        let titles = users.get(&place_key(&rule.place)).map_or(&[][..], Vec::as_slice);
        !are_many || titles.iter().any(|title| on_page.contains(title))
    };
    let card = |rule: &Rule| {
        let titles = users.get(&place_key(&rule.place)).map_or(&[][..], Vec::as_slice);
        let more = titles.len().saturating_sub(USERS_SHOWN_MAX);
        let count = manner.count(more);
        RuleCard {
            name: rule.name.clone(),
            parameters: rule.parameters.clone(),
            documentation: rule.documentation.clone(),
            place: sources.locate_line(&rule.place),
            used_by: titles.iter().take(USERS_SHOWN_MAX).map(|title| (*title).to_owned()).collect(),
            more: if more == 0 { String::new() } else { filled(words.and_more, &[("count", &count)]) },
        }
    };
    let (used, unused): (Vec<RuleCard>, Vec<RuleCard>) =
        outcome.rulebook.rules().filter(is_shown).map(card).partition(|card| !card.used_by.is_empty());
    used.into_iter().chain(unused).collect()
}

/// What makes a rule another one.
fn place_key(place: &Place) -> (crate::ground::source::SourceId, usize) {
    (place.source, place.bytes.start)
}

/// The titles of the measures and grants that call each rule. Many measures have the same expression, which is looked
/// through once.
fn users(outcome: &Outcome) -> BTreeMap<(crate::ground::source::SourceId, usize), Vec<&str>> {
    let mut by_expression: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for measure in &outcome.scenario.measures {
        for expression in measure.key().into_iter().chain(&measure.funding) {
            by_expression.entry(&expression.value).or_default().push(&measure.title);
        }
    }
    for grant in &outcome.scenario.grants {
        if let Some(expression) = &grant.carry_over {
            by_expression.entry(&expression.value).or_default().push(&grant.title);
        }
    }
    let mut users: BTreeMap<_, Vec<&str>> = BTreeMap::new();
    for (expression, titles) in by_expression {
        for rule in outcome.rulebook.rules_called(expression) {
            users.entry(place_key(&rule.place)).or_default().extend(&titles);
        }
    }
    for titles in users.values_mut() {
        let mut seen = BTreeSet::new();
        titles.retain(|title| seen.insert(*title));
    }
    users
}

/// The proof in words.
pub fn reconciliation(proof: &Proof, language: Language, words: &Words, manner: Manner) -> Reconciliation {
    let checks = proof.checked().map(|(own, count)| Check {
        words: identity(language, own),
        count: manner.count(count),
        ok: proof.failures.iter().all(|failure| failure.identity != own),
    });
    let failure = |own: &crate::engine::proof::Failure| {
        let year = own.year.map_or_else(|| words.all_years.to_owned(), |year| year.to_string());
        let parts = [
            ("year", year.as_str()),
            ("subject", &own.subject),
            ("difference", &own.difference_ore.to_string()),
        ];
        format!("{}: {}", identity(language, own.identity), filled(words.fails_by, &parts))
    };
    let (all, failed) = (proof.check_count(), proof.failures.len());
    let (holds, count) = (manner.count(all - failed.min(all)), manner.count(all));
    Reconciliation {
        ok: proof.holds(),
        summary: filled(words.checks_hold, &[("holds", &holds), ("checks", &count)]),
        checks: checks.collect(),
        failures: proof.failures.iter().map(failure).collect(),
    }
}
