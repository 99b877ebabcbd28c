//! The catalogue of rules: each with its documentation, its place and the measures that use it.

use crate::engine::walk::Outcome;
use crate::ground::source::Sources;
use crate::rules::rulebook::Rule;

/// Names of measures on one line; more of them are counted.
const USERS_SHOWN_MAX: usize = 12;

/// Writes the rules of an outcome: those that are used, in the order of their files, then the others.
pub fn write(outcome: &Outcome, sources: &Sources) -> String {
    let (mut used, mut unused) = (String::new(), String::new());
    for rule in outcome.rulebook.rules() {
        let users = users(outcome, rule);
        let text = if users.is_empty() { &mut unused } else { &mut used };
        let parameters = rule.parameters.join(", ");
        text.push_str(&format!("{}({parameters})   {}\n", rule.name, sources.locate_line(&rule.place)));
        for line in &rule.documentation {
            text.push_str(&format!("    {line}\n"));
        }
        if rule.documentation.is_empty() {
            text.push_str("    (no documentation: write it above the function, after ///)\n");
        }
        text.push_str(&format!("    used by: {}\n\n", shown(&users)));
    }
    if outcome.rulebook.rules().next().is_none() {
        return "This scenario has no rules of its own: its keys are written in scenario.ron.\n".to_owned();
    }
    used.push_str(&unused);
    used
}

fn shown(users: &[String]) -> String {
    let more = users.len().saturating_sub(USERS_SHOWN_MAX);
    let names = users.iter().take(USERS_SHOWN_MAX).map(String::as_str).collect::<Vec<_>>().join(", ");
    match (users.len(), more) {
        (0, _) => "nothing".to_owned(),
        (_, 0) => names,
        (_, more) => format!("{names} and {more} more"),
    }
}

/// The measures and grants whose expressions call a rule, directly or through others.
fn users(outcome: &Outcome, rule: &Rule) -> Vec<String> {
    let calls = |expression: &str| outcome.rulebook.rules_called(expression).contains(&rule);
    let mut users = Vec::new();
    for measure in &outcome.scenario.measures {
        let mut expressions = measure.funding.iter().chain(measure.key());
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
