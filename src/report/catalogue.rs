//! The catalogue of rules: each with its documentation, its place and the measures that use it.

use crate::engine::walk::Outcome;
use crate::ground::source::Sources;
use crate::rules::rulebook::Rule;

/// Names of measures on one line; more of them are counted.
const USERS_SHOWN_MAX: usize = 12;

/// Writes the rules of an outcome in the order of their files, and after them the names of those that
/// nothing uses.
pub fn write(outcome: &Outcome, sources: &Sources) -> String {
    let mut text = String::new();
    let mut unused = Vec::new();
    for rule in &outcome.rulebook.rules {
        let users = users(outcome, rule);
        if users.is_empty() {
            unused.push(rule.name.as_str());
            continue;
        }
        let parameters = rule.parameters.join(", ");
        text.push_str(&format!("{}({parameters})   {}\n", rule.name, sources.locate_line(&rule.place)));
        for line in &rule.documentation {
            text.push_str(&format!("    {line}\n"));
        }
        if rule.documentation.is_empty() {
            text.push_str("    (no documentation: write it above the function, after ///)\n");
        }
        let shown = users.iter().take(USERS_SHOWN_MAX).map(String::as_str).collect::<Vec<_>>().join(", ");
        let more = users.len().saturating_sub(USERS_SHOWN_MAX);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        text.push_str(&format!("    used by: {shown}{more}\n\n"));
    }
    if !unused.is_empty() {
        text.push_str(&format!("used by nothing: {}\n", unused.join(", ")));
    }
    if text.is_empty() {
        text.push_str("This scenario has no rules of its own: its keys are written in scenario.ron.\n");
    }
    text
}

/// The measures and grants whose expressions call a rule, directly or through others.
fn users(outcome: &Outcome, rule: &Rule) -> Vec<String> {
    let calls = |expression: &str| outcome.rulebook.rules_called(expression).contains(&rule);
    let mut users = Vec::new();
    for measure in &outcome.scenario.measures {
        let mut expressions = measure.funding.iter().chain([&measure.key]);
        if expressions.any(|expression| calls(&expression.value)) {
            users.push(measure.id.clone());
        }
    }
    for grant in &outcome.scenario.grants {
        if grant.carry_over.as_ref().is_some_and(|expression| calls(&expression.value)) {
            users.push(grant.id.clone());
        }
    }
    users
}
