//! The rules of two scenarios, compared and put beside each other. A rule that only one of them has can be used with
//! the rules of the other; of a rule that both have, and that says something else in each, only one can be asked at a
//! time. Which numbers parameters are given is no part of what a rule says.

use std::collections::{BTreeMap, BTreeSet};

use crate::ground::source::SourceId;
use crate::rules::parameter_text::without_numbers;
use crate::rules::rulebook::{Rule, words};

use super::side::Side;

/// The rules that say something else in each of two scenarios.
#[derive(Clone, Debug)]
pub enum ChangedRules {
    /// These, and those that call them.
    Named(BTreeSet<String>),
    /// Any may: rule files that import others are not looked into.
    Any,
}

/// What tells a rule from others: its name, and how many parameters it has.
type Signature<'r> = (&'r str, usize);

impl ChangedRules {
    /// Compares the rules of two scenarios.
    pub fn between(first: &Side<'_>, second: &Side<'_>) -> ChangedRules {
        if has_imports(first) || has_imports(second) {
            return ChangedRules::Any;
        }
        let (own, others) = (by_signature(first), by_signature(second));
        let differ = |(signature, rule): (&Signature<'_>, &&Rule)| {
            let other = others.get(signature)?;
            (without_numbers(text(first, rule)) != without_numbers(text(second, other)))
                .then(|| rule.name.clone())
        };
        let mut changed: BTreeSet<String> = own.iter().filter_map(differ).collect();
        loop {
            let calls = |rule: &&&Rule| rule.calls.iter().any(|name| changed.contains(name));
            let callers = own.values().chain(others.values()).filter(calls).map(|rule| rule.name.clone());
            let more: Vec<String> = callers.filter(|name| !changed.contains(name)).collect();
            if more.is_empty() {
                return ChangedRules::Named(changed);
            }
            changed.extend(more);
        }
    }

    /// Whether an expression calls any of them.
    pub fn are_called_by(&self, expression: &str) -> bool {
        match self {
            ChangedRules::Named(changed) => words(expression).any(|word| changed.contains(word)),
            ChangedRules::Any => true,
        }
    }
}

/// The rule files of the other scenario, with only those rules in them that the own one does not have. Everything
/// keeps its place.
pub fn only_there(own: &Side<'_>, other: &Side<'_>) -> Vec<(SourceId, String)> {
    if has_imports(own) || has_imports(other) {
        return vec![];
    }
    let known = by_signature(own);
    let is_new = |rule: &&Rule| !known.contains_key(&(rule.name.as_str(), rule.parameters.len()));
    let mut files = Vec::new();
    for file in &other.outcome.rulebook.files {
        let text = &other.inputs.sources.get(file.source).text;
        let stretches: Vec<_> =
            file.rules.iter().filter(is_new).map(|rule| start(text, rule)..end(text, rule)).collect();
        if !stretches.is_empty() {
            let inside = |byte: usize| stretches.iter().any(|stretch| stretch.contains(&byte));
            let keep = |(byte, sign): (usize, char)| match sign {
                '\n' => "\n".to_owned(),
                _ if inside(byte) => sign.to_string(),
                _ => " ".repeat(sign.len_utf8()),
            };
            files.push((file.source, text.char_indices().map(keep).collect()));
        }
    }
    files
}

fn has_imports(side: &Side<'_>) -> bool {
    side.outcome.rulebook.files.iter().any(|file| file.has_imports)
}

fn by_signature<'r>(side: &'r Side<'_>) -> BTreeMap<Signature<'r>, &'r Rule> {
    side.outcome.rulebook.rules().map(|rule| ((rule.name.as_str(), rule.parameters.len()), rule)).collect()
}

fn text<'r>(side: &'r Side<'_>, rule: &Rule) -> &'r str {
    &side.inputs.sources.get(rule.place.source).text[rule.place.bytes.start..rule.end]
}

/// Where the definition of a rule starts: before its name stands `fn`, and perhaps `private`.
fn start(text: &str, rule: &Rule) -> usize {
    let before = text[..rule.place.bytes.start].trim_end();
    let before = before.strip_suffix("fn").unwrap_or(before).trim_end();
    before.strip_suffix("private").map_or(before.len(), |before| before.trim_end().len())
}

/// Where it ends: after its closing brace.
fn end(text: &str, rule: &Rule) -> usize {
    text[rule.end..].find('}').map_or(text.len(), |brace| rule.end + brace + 1)
}
