//! The catalogue of rules: each with its documentation, its place and the measures that use it.

use crate::engine::walk::Outcome;
use crate::ground::source::Sources;
use crate::rules::rulebook::Rule;

/// Writes the rules of an outcome in the order of their files.
pub fn write(outcome: &Outcome, sources: &Sources) -> String {
    let mut text = String::new();
    for rule in &outcome.rulebook.rules {
        text.push_str(&format!(
            "{}({})   {}\n",
            rule.name,
            rule.parameters.join(", "),
            sources.locate_line(&rule.place)
        ));
        for line in &rule.documentation {
            text.push_str(&format!("    {line}\n"));
        }
        if rule.documentation.is_empty() {
            text.push_str("    (no documentation: write it above the function, after ///)\n");
        }
        let users = users(outcome, rule);
        let users = if users.is_empty() { "nothing".to_owned() } else { users.join(", ") };
        text.push_str(&format!("    used by: {users}\n\n"));
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
