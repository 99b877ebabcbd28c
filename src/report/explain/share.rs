//! Why a party's share of a measure is what it is: what there is to split, what the key gives the party of it, how that
//! is rounded, and what it pays or gets besides.

use crate::engine::books::Books;
use crate::engine::budget::YearBudget;
use crate::engine::certificate::KeyStep;
use crate::ground::limits::Hold;
use crate::ground::money::{Money, TooLarge};
use crate::ground::numerals::{exact_norwegian, money_norwegian};
use crate::ground::ratio::{self, Ratio};
use crate::model::measure::{MeasureIx, Residual, Version};
use crate::model::party::PartyIx;
use crate::report::language::{Language, say};

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
        let last = index.checked_sub(1).map(|last| &steps[last]);
        // A key by tags has a line for each of them; else the key itself is the first step.
        let head = match (last, &step.tag) {
            (None, None) => key::head(case, books, measure, &told),
            (Some(last), tag) if last.tag == *tag => key::rest_head(case, step),
            (_, Some(tag)) => tagged_head(case, books, measure, (tag, step))?,
            (Some(_), None) => key::rest_head(case, step),
        };
        if last.is_none() && step.tag.is_some() {
            node.under.push(key::head(case, books, measure, &told));
        }
        node.under.push(head.with(parts));
        let remembers = step.rounding.as_ref().is_some_and(|rounding| rounding.behind.is_some());
        let before = if remembers { remembered(case, books, measure, party)? } else { vec![] };
        node.under.extend(before.into_iter().chain(after_parts(case, step)));
    }
    let amount = books.walked.share(measure, party);
    let host_part = books.walked.measures[measure.0].host_part;
    let is_host = books.measure(measure).residual == Some(Residual::Host(party)) && !host_part.is_zero();
    if is_host {
        let part = money_norwegian(host_part);
        let text = say!(
            case.language,
            "andelen til vertskommunen endres med {part}, slik at andelene summerer til nettokostnaden",
            "delen til vertskommunen blir endra med {part}, slik at delane summerer til nettokostnaden",
            "the host's share is changed by {part}, so that all shares sum to the net cost",
        );
        node.under.push(Node::money(host_part, text));
    }
    let host = is_host.then_some(host_part);
    concluded(case.language, &mut node, together(&steps, host), amount);
    Ok(node)
}

/// The cost with a tag that a step shares, and what draws have left of it.
fn tagged_head(
    case: &Case<'_>,
    books: &Books<'_>,
    measure: MeasureIx,
    (tag, step): (&str, &KeyStep),
) -> Result<Node, TooLarge> {
    let (language, amount) = (case.language, money_norwegian(step.amount));
    let text = say!(
        language,
        "kostnaden med merkelappen `{tag}`, {amount}, fordeles",
        "kostnaden med merkelappen `{tag}`, {amount}, blir fordelt",
        "cost with the tag `{tag}`, {amount}, is shared",
    );
    let head = Node::money(step.amount, text);
    let Some((gross, draws)) = books.tag_steps(measure, tag)? else { return Ok(head) };
    if draws.is_empty() || gross.minus(Money::sum(draws.iter().map(|draw| draw.taken))?)? != step.amount {
        return Ok(head);
    }
    let lines = money_norwegian(gross);
    let text = say!(
        language,
        "linjer med merkelappen {lines}",
        "linjer med merkelappen {lines}",
        "lines with the tag {lines}",
    );
    let mut under = vec![Node::money(gross, text).plus()];
    for draw in &draws {
        let source = case.scenario().source_title(draw.source);
        let (taken, amount) = (money_norwegian(draw.taken), money_norwegian(draw.amount));
        let (size, sizes) = (money_norwegian(draw.size), money_norwegian(draw.sizes));
        let text = say!(
            language,
            "− {taken} av {amount} fra {source}, i forhold til {size} av {sizes} som kilden kan dekke",
            "− {taken} av {amount} frå {source}, i høve til {size} av {sizes} som kjelda kan dekkje",
            "− {taken} of {amount} from {source}, in proportion to {size} of {sizes} that it may cover",
        );
        under.push(Node::money(draw.taken, text).minus());
    }
    Ok(head.with(under))
}

/// By how much the party came behind or ahead in each of the years that its rounding remembers.
fn remembered(
    case: &Case<'_>,
    books: &Books<'_>,
    measure: MeasureIx,
    party: PartyIx,
) -> Result<Vec<Node>, TooLarge> {
    let mut lines = Vec::new();
    let unit = books.measure(measure).round_to.kroner();
    let behind = |walked: &YearBudget| walked.behind.get(&measure).map(|behind| &behind[party.0] * &unit);
    let mut next = behind(books.walked);
    for year_index in (0..books.year_index).rev() {
        let walked = books.budget.closing_walk(year_index);
        let Some(before) = behind(walked) else { continue };
        let earlier = Books { year_index, walked, ..*books };
        let steps = earlier.key_steps(measure, party).map_err(|_| TooLarge)?;
        let rounding = steps.into_iter().find_map(|step| step.rounding);
        let Some((exact, share)) = rounding.and_then(|own| Some((own.exact.clone(), own.given().ok()?)))
        else {
            break;
        };
        let after = &before + &exact - share.kroner();
        // When others share in the key than before, memory starts afresh.
        if next.as_ref() != Some(&after) {
            break;
        }
        let (exact_text, share_text) = (key::factor_text(&exact), money_norwegian(share));
        let (year, result) = (walked.year, exact_norwegian(&after));
        let text = if before == ratio::whole(0) {
            say!(
                case.language,
                "avrundingsrest etter {year}: eksakt {exact_text} − andel {share_text} = {result}",
                "avrundingsrest etter {year}: eksakt {exact_text} − del {share_text} = {result}",
                "behind after {year}: exact {exact_text} − share {share_text} = {result}",
            )
        } else {
            let carried = key::factor_text(&before);
            say!(
                case.language,
                "avrundingsrest etter {year}: {carried} fra før + eksakt {exact_text} − andel {share_text} = {result}",
                "avrundingsrest etter {year}: {carried} frå før + eksakt {exact_text} − del {share_text} = {result}",
                "behind after {year}: {carried} before + exact {exact_text} − share {share_text} = {result}",
            )
        };
        lines.push(Node::exact(after, text).sum_of([before.clone(), exact, -share.kroner()]));
        if before == ratio::whole(0) {
            break;
        }
        next = Some(before);
    }
    lines.reverse();
    Ok(lines)
}

/// How the proportional parts of a step were rounded, and its limits. A maximum before `.rest(…)` cuts what has been
/// rounded; else limits come before rounding.
pub fn after_parts(case: &Case<'_>, step: &KeyStep) -> Vec<Node> {
    let rounding = step
        .rounding
        .as_ref()
        .map(|step| rounding::node(case.language, step, |party| case.party_name(party)));
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
fn concluded(language: Language, node: &mut Node, terms: Vec<Ratio>, amount: Money) {
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
        0 => say!(
            language,
            "til sammen {sum}: ingenting av dette faller på denne parten",
            "til saman {sum}: ingenting av dette fell på denne parten",
            "together {sum}: nothing of it is for this party",
        ),
        1 => say!(language, "til sammen {sum}", "til saman {sum}", "together {sum}"),
        _ => {
            let words = terms.iter().map(key::factor_text).collect::<Vec<_>>().join(" + ");
            say!(
                language,
                "til sammen {words} = {sum}",
                "til saman {words} = {sum}",
                "together {words} = {sum}",
            )
        }
    };
    node.under.push(Node::money(amount, line).sum_of(terms).role(Role::Result));
}
