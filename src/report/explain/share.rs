//! Why a party's share of a measure is what it is: what there is to split, what the key gives the party of it, how that
//! is rounded, and what it pays or gets besides.

use crate::engine::books::Books;
use crate::engine::certificate::KeyStep;
use crate::ground::limits::Hold;
use crate::ground::money::{Money, TooLarge};
use crate::ground::numerals::money_norwegian;
use crate::ground::ratio::{self, Ratio};
use crate::model::measure::{MeasureIx, Residual, Version};
use crate::model::party::PartyIx;

use super::node::{Node, Role};
use super::{Case, besides, cost, key, rounding, rules};

/// The certificate of a share, by the budget or by the actual figures.
///
/// # Errors
/// [`TooLarge`] when a number does not fit.
pub fn share(
    case: &Case<'_>,
    books: &Books<'_>,
    measure: MeasureIx,
    party: PartyIx,
) -> Result<Node, TooLarge> {
    let mut node = bare(case, books, measure, party)?;
    if books.walked.version == Version::Budget {
        node.under.extend(besides::besides(case, books, measure, party)?);
    }
    node.under.push(cost::proof(case, books, measure));
    node.under.extend(rules::of_measure(case, books, measure));
    Ok(node)
}

/// The same without what the party pays besides, and without the rules.
///
/// # Errors
/// [`TooLarge`] when a number does not fit.
pub fn bare(
    case: &Case<'_>,
    books: &Books<'_>,
    measure: MeasureIx,
    party: PartyIx,
) -> Result<Node, TooLarge> {
    let steps = books.key_steps(measure, party).map_err(|_| TooLarge)?;
    let mut node = Node::new("").with([cost::net(case, books, measure)?]);
    let year = books.walked.year;
    let key = books.measure(measure).key();
    let told = key.map(|key| rules::deliberation(case, key, year, Some(measure), Some(party)));
    let told = told.unwrap_or_default();
    let mut parts_told = told.parts.as_slice();
    for (index, step) in steps.iter().enumerate() {
        let (own, others) = parts_told.split_at(step.parts.len().min(parts_told.len()));
        parts_told = others;
        let parts = key::parts(case, step, own);
        // A key by tags has a line for each of them, and else the key itself is the first step.
        match (index, &step.tag) {
            (0, None) => node.under.push(key::head(case, books, measure, &told).with(parts)),
            (0, Some(_)) => {
                node.under.push(key::head(case, books, measure, &told));
                node.under.push(key::step_head(step).with(parts));
            }
            _ => node.under.push(key::step_head(step).with(parts)),
        }
        node.under.extend(after_parts(case, step));
    }
    let amount = books.walked.share(measure, party);
    let host_part = books.walked.measures[measure.0].host_part;
    let is_host = books.measure(measure).residual == Some(Residual::Host(party)) && !host_part.is_zero();
    if is_host {
        let part = money_norwegian(host_part);
        let text = format!("the host's share is changed by {part}, so that all shares sum to the net cost");
        node.under.push(Node::money(host_part, text));
    }
    let host = is_host.then_some(host_part);
    concluded(&mut node, together(&steps, host), amount);
    Ok(node)
}

/// How the proportional parts of a step were rounded, and its limits. A maximum before `.rest(…)` cuts what has been
/// rounded; else limits come before rounding.
pub fn after_parts(case: &Case<'_>, step: &KeyStep) -> Vec<Node> {
    let rounding = step.rounding.as_ref().map(|step| rounding::node(step, |party| case.party_name(party)));
    let held = step.limit.as_ref().is_some_and(|limit| limit.hold != Hold::Free);
    let limits = rounding::limits(case, step);
    let (first, second) = if held { (rounding, limits) } else { (limits, rounding) };
    first.into_iter().chain(second).collect()
}

/// What a share is the sum of, in kroner.
fn together(steps: &[KeyStep], host_part: Option<Money>) -> Vec<Ratio> {
    let mut terms: Vec<Ratio> = Vec::new();
    for step in steps {
        // Several amounts of one key are shown one by one, unless a limit has changed their sum.
        let one_by_one = || step.parts.iter().filter_map(|part| part.rounded.clone());
        let rounded = step.rounding.as_ref().and_then(|rounding| rounding.given().ok());
        let amounts: Ratio = one_by_one().chain(rounded.map(Money::kroner)).sum();
        if amounts == step.given.kroner() {
            terms.extend(one_by_one().chain(rounded.map(Money::kroner)));
        } else {
            terms.push(step.given.kroner());
        }
    }
    terms.extend(host_part.map(Money::kroner));
    terms.retain(|term| *term != ratio::whole(0));
    terms
}

/// Ends a certificate with what it comes to: the sum of several terms, or the line that says the one there is.
fn concluded(node: &mut Node, terms: Vec<Ratio>, amount: Money) {
    if terms.len() == 1 {
        let says = |line: &&mut Node| line.number.as_ref().is_some_and(|number| number.ratio() == terms[0]);
        let lines = node.under.iter_mut().skip(1);
        let mut lines: Vec<&mut Node> = lines.collect();
        if let Some(line) = lines.iter_mut().rev().find(|line| says(line)) {
            line.role = Role::Result;
            return;
        }
    }
    let sum = money_norwegian(amount);
    let line = match terms.len() {
        0 => format!("together {sum}: nothing of it is for this party"),
        1 => format!("together {sum}"),
        _ => {
            let words: Vec<String> = terms.iter().map(key::factor_text).collect();
            format!("together {} = {sum}", words.join(" + "))
        }
    };
    node.under.push(Node::money(amount, line).sum_of(terms).role(Role::Result));
}
