//! The catalogue of rules: each with its documentation, its place, its parameters and the measures that use it.

use crate::engine::walk::Outcome;
use crate::ground::numerals::exact_norwegian;
use crate::ground::source::Sources;
use crate::rules::parameters::{Given, Parameter};
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
        for parameter in declared_in(outcome, rule) {
            text.push_str(&format!("    parameter {}\n", parameter_line(parameter)));
        }
        text.push_str(&format!("    used by: {}\n\n", shown(&users)));
    }
    if outcome.rulebook.rules().next().is_none() {
        used.push_str("This scenario has no rules of its own: its keys are written in scenario.ron.\n");
    }
    used.push_str(&unused);
    used.push_str(&elsewhere(outcome, sources));
    used
}

/// The parameters that a rule declares.
fn declared_in<'o>(outcome: &'o Outcome, rule: &Rule) -> impl Iterator<Item = &'o Parameter> {
    let (source, bytes) = (rule.place.source, rule.place.bytes.start..rule.end);
    let parameters = outcome.plan.parameters.iter();
    parameters.filter(move |own| own.place.source == source && bytes.contains(&own.place.bytes.start))
}

/// The parameters that no rule of the catalogue declares: they stand in the scenario or in an imported file.
fn elsewhere(outcome: &Outcome, sources: &Sources) -> String {
    let in_a_rule = |own: &&Parameter| {
        outcome.rulebook.rules().any(|rule| declared_in(outcome, rule).any(|declared| declared == *own))
    };
    let others = outcome.plan.parameters.iter().filter(|own| !in_a_rule(own));
    let line = |own: &Parameter| {
        format!("parameter {}   {}\n", parameter_line(own), sources.locate_line(&own.place))
    };
    others.map(line).collect()
}

/// A parameter with its value, what that is from, and what else it may be.
pub fn parameter_line(parameter: &Parameter) -> String {
    let [value, default, low, high, step] =
        [&parameter.value, &parameter.default, &parameter.minimum, &parameter.maximum, &parameter.step]
            .map(exact_norwegian);
    let but = match parameter.given {
        Given::Default => String::new(),
        Given::Assumption | Given::Set(_) => format!("; the default is {default}"),
    };
    let words = parameter.given.words();
    format!("{} = {value} ({words}{but}), from {low} to {high} in steps of {step}", parameter.name)
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
