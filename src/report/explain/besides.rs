//! What a party pays or gets besides its share: settlements, what is brought forward, buying in, instalments.

use crate::engine::books::{Books, BuyInStep, InvestmentStep};
use crate::ground::money::{Money, TooLarge};
use crate::ground::numerals::{exact_norwegian, money_norwegian, percent_norwegian};
use crate::ground::ratio::{self, Ratio};
use crate::model::measure::MeasureIx;
use crate::model::party::PartyIx;
use crate::model::settlement::Settle;
use crate::report::figures::FigureKind;
use crate::rules::plan::{Base, PartPlan};

use super::key::factor_text;
use super::node::{Node, Role};
use super::{Case, cost, rounding, rules, share, size};

/// What hangs under a share because it is paid besides it.
///
/// # Errors
/// [`TooLarge`] when a number does not fit.
pub fn besides(
    case: &Case<'_>,
    books: &Books<'_>,
    measure: MeasureIx,
    party: PartyIx,
) -> Result<Vec<Node>, TooLarge> {
    let (year, own) = (books.walked.year, books.measure(measure));
    let party_id = &case.scenario().parties.get(party).id;
    let key = |kind| case.key(year, kind, &own.id, party_id);
    let mut nodes = Vec::new();
    if let Some(step) = books.buy_in(measure, party)?.filter(|step| !step.amount.is_zero()) {
        let amount = money_norwegian(size(step.amount));
        let text = if step.amount.is_negative() {
            format!("besides: gets {amount} from newcomers, in proportion to what it paid")
        } else {
            format!("besides: buys in for {amount}")
        };
        let node = Node::money(step.amount, text).figure(key(FigureKind::BuyIn));
        nodes.push(node.with(buy_in_lines(case, books, measure, &step)));
    }
    if let Some(forward) = case.figures.get(&key(FigureKind::BroughtForward)).filter(|own| !own.is_zero()) {
        let text = format!(
            "besides: {} brought forward from the settlement of {}",
            money_norwegian(forward),
            year - 1
        );
        nodes.push(Node::money(forward, text).figure(key(FigureKind::BroughtForward)));
    }
    if let Some(settlement) = case.figures.get(&key(FigureKind::Settlement)) {
        let billed = books.walked.share(measure, party);
        let actual = billed.plus(settlement)?;
        let text = format!(
            "settlement: actual share {} − billed share {} = {}{}",
            money_norwegian(actual),
            money_norwegian(billed),
            money_norwegian(settlement),
            settled_words(case, books, measure)?
        );
        let terms = [actual.kroner(), -billed.kroner()];
        nodes.push(Node::money(settlement, text).sum_of(terms).figure(key(FigureKind::Settlement)));
    }
    let instalments = books.walked.instalments(own, measure, party);
    if !instalments.is_empty() {
        let parts: Vec<String> = instalments.iter().map(|part| money_norwegian(*part)).collect();
        let text = format!("paid in {} instalments: {}", parts.len(), parts.join(" + "));
        nodes.push(Node::new(text));
    }
    Ok(nodes)
}

/// The settlement of a party: its share by the actual figures and by the budget.
///
/// # Errors
/// [`TooLarge`] when a number does not fit.
pub fn settlement(
    case: &Case<'_>,
    books: &Books<'_>,
    measure: MeasureIx,
    party: PartyIx,
) -> Result<Node, TooLarge> {
    let Some(actual) = Books::actual(case.outcome, books.year_index) else { return Ok(Node::new("")) };
    let (year, own) = (books.walked.year, books.measure(measure));
    let party_id = &case.scenario().parties.get(party).id;
    let of = |books: &Books<'_>, kind: FigureKind, words: &str| -> Result<Node, TooLarge> {
        let amount = books.walked.share(measure, party);
        let text = format!("{words} {}", money_norwegian(amount));
        let node = Node::money(amount, text).figure(case.key(year, kind, &own.id, party_id));
        Ok(node.with(share::bare(case, books, measure, party)?.under))
    };
    let node = Node::new("").with([
        of(&actual, FigureKind::ActualShare, "actual share")?.plus(),
        of(books, FigureKind::Share, "− billed share")?.minus(),
    ]);
    let node = node.with(settled_with(case, books, measure)?);
    Ok(node.with(rules::of_measure(case, books, measure)))
}

/// The settlements of all parties.
///
/// # Errors
/// [`TooLarge`] when a number does not fit.
pub fn settlements(case: &Case<'_>, books: &Books<'_>, measure: MeasureIx) -> Result<Node, TooLarge> {
    let (year, own) = (books.walked.year, books.measure(measure));
    let parties = case.outcome.scenario.parties.iter();
    let of_parties = parties.filter_map(|(_, party)| {
        let key = case.key(year, FigureKind::Settlement, &own.id, &party.id);
        Some(case.reference(&key, &party.name)?.plus())
    });
    let mut node = Node::new("").with(of_parties);
    node.under.extend(settled_with(case, books, measure)?);
    if let Some(actual) = Books::actual(case.outcome, books.year_index) {
        for (words, books) in [("by the actual figures", &actual), ("by the budget", books)] {
            let net = cost::net(case, books, measure)?;
            node.under.push(Node { text: format!("{words}: {}", net.text), ..net });
        }
    }
    node.under.extend(rules::of_cost(case, books, measure));
    Ok(node)
}

/// What becomes of the settlement of a measure, where it is settled.
///
/// # Errors
/// [`TooLarge`] when a sum does not fit.
pub fn settled_with(
    case: &Case<'_>,
    books: &Books<'_>,
    measure: MeasureIx,
) -> Result<Option<Node>, TooLarge> {
    if !books.budget.is_settled(books.year_index, books.measure(measure), measure) {
        return Ok(None);
    }
    let more = books.budget.overspend(books.year_index, measure)?;
    let word = match more.ore() {
        0 => "the actual shares are the billed ones together".to_owned(),
        ore if ore > 0 => format!("overspend {}", money_norwegian(more)),
        _ => format!("underspend {}", money_norwegian(size(more))),
    };
    let words = settled_words(case, books, measure)?;
    Ok(Some(Node::new(format!("all parties together: {word}{words}"))))
}

fn settled_words(case: &Case<'_>, books: &Books<'_>, measure: MeasureIx) -> Result<String, TooLarge> {
    let more = books.budget.overspend(books.year_index, measure)?;
    Ok(match books.measure(measure).settlement.map(|policy| policy.of(more.ore())) {
        Some(Settle::Reserve(reserve)) => {
            format!(", which {} takes up", case.scenario().reserves[reserve.0].title)
        }
        Some(Settle::CarryForward) => format!(", carried to {}", books.walked.year + 1),
        Some(Settle::Refund) | None => ", settled between the parties".to_owned(),
    })
}

/// What a party pays of last year's settlement.
///
/// # Errors
/// [`TooLarge`] when a number does not fit.
pub fn brought_forward(
    case: &Case<'_>,
    books: &Books<'_>,
    measure: MeasureIx,
    party: PartyIx,
) -> Result<Node, TooLarge> {
    let Some(last_index) = books.year_index.checked_sub(1) else { return Ok(Node::new("")) };
    let last = Books::billed(case.outcome, last_index);
    let party_id = &case.scenario().parties.get(party).id;
    let key = case.key(last.walked.year, FigureKind::Settlement, &books.measure(measure).id, party_id);
    let words = format!("the settlement of {}", last.walked.year);
    let Some(node) = case.reference(&key, &words) else { return Ok(Node::new("")) };
    let under = settlement(case, &last, measure, party)?.under;
    Ok(Node::new("").with([node.with(under).role(Role::Result)]))
}

/// What a party pays for buying in, or gets from those who do.
///
/// # Errors
/// [`TooLarge`] when a number does not fit.
pub fn buy_in(
    case: &Case<'_>,
    books: &Books<'_>,
    measure: MeasureIx,
    party: PartyIx,
) -> Result<Option<Node>, TooLarge> {
    let Some(step) = books.buy_in(measure, party)? else { return Ok(None) };
    let node = Node::new("").with(buy_in_lines(case, books, measure, &step));
    let Some(key) = books.measure(measure).key() else { return Ok(Some(node)) };
    let told = rules::deliberation(case, key, books.walked.year, Some(measure), Some(party));
    let node = node.with(rules::told(case, &told));
    Ok(Some(node.with(rules::of_measure(case, books, measure))))
}

/// What newcomers take by the key, what was invested, and how what comes of it is rounded.
fn buy_in_lines(case: &Case<'_>, books: &Books<'_>, measure: MeasureIx, step: &BuyInStep) -> Vec<Node> {
    let mut nodes = newcomer_lines(case, books, measure, step);
    let mut terms: Vec<Ratio> = Vec::new();
    for InvestmentStep { year, cost, book, held } in &step.investments {
        let (cost, worth) = (money_norwegian(*cost), factor_text(book));
        let worth = format!("{year} cost {cost} net and is worth {worth}");
        let mut add = |words: String, factors: Vec<Ratio>| {
            let exact: Ratio = factors.iter().product();
            let text = format!("{worth} × {words} = {}", exact_norwegian(&exact));
            terms.push(exact.clone());
            nodes.push(Node::exact(exact, text).times(factors));
        };
        let (own, all) = (&step.own_part, &step.all_parts);
        if *own != ratio::whole(0) {
            add(format!("{} which it takes", factor_text(own)), vec![book.clone(), own.clone()]);
        }
        if *held != ratio::whole(0) {
            let words =
                format!("{} which it paid × {} which newcomers take", factor_text(held), factor_text(all));
            add(words, vec![book.clone(), held.clone(), all.clone()]);
        }
    }
    let sum: Ratio = terms.iter().sum();
    if terms.len() > 1 {
        let words: Vec<String> = terms.iter().map(factor_text).collect();
        let text = format!("exactly {} = {}", words.join(" + "), exact_norwegian(&sum));
        nodes.push(Node::exact(sum.clone(), text).sum_of(terms));
    }
    let (exact, paid) = &step.paid;
    if *exact != paid.kroner() && *exact != ratio::whole(0) {
        let factor = paid.kroner() / exact;
        let own = &sum * &factor;
        let text = format!(
            "newcomers pay {} together, which is rounded to {}: {} × {} = {}",
            exact_norwegian(exact),
            money_norwegian(*paid),
            factor_text(&sum),
            factor_text(&factor),
            exact_norwegian(&own)
        );
        nodes.push(Node::exact(own, text).times([sum, factor]));
    }
    if let Some(rounded) = &step.rounding {
        let node = rounding::node(rounded, |party| case.party_name(party));
        let who = if step.amount.is_negative() { "all who get it" } else { "all who pay" };
        let text = format!("rounded together with those of {who}: {}", node.text);
        nodes.push(Node { text, ..node }.role(Role::Result));
    }
    nodes
}

/// The part of the key that each newcomer takes.
fn newcomer_lines(case: &Case<'_>, books: &Books<'_>, measure: MeasureIx, step: &BuyInStep) -> Vec<Node> {
    let key = books.plan.buy_in_key(books.year_index, measure).map(|key| &books.plan.keys[key.0]);
    let line = |(party, part): &(PartyIx, Ratio)| {
        let own = |plan: &PartPlan| {
            let position = plan.parties.iter().position(|own| own == party)?;
            let Base::Proportional { factor, .. } = &plan.base else { return None };
            let (value, sum) = (plan.values.get(position), plan.values.sum());
            let words =
                format!("{} × {}/{}", percent_norwegian(factor), factor_text(&value), factor_text(&sum));
            Some((words, factor * value / sum))
        };
        let parts = key.iter().flat_map(|key| &key.parts).filter_map(own);
        let (words, terms): (Vec<String>, Vec<Ratio>) = parts.unzip();
        let (name, part_text) = (case.party_name(*party), exact_norwegian(part));
        let text = format!("{name} takes {} = {part_text}", words.join(" + "));
        let node = Node::exact(part.clone(), text).sum_of(terms);
        match books.measure(measure).key() {
            Some(key) => node.at(&key.place),
            None => node,
        }
    };
    step.newcomers.iter().map(line).collect()
}

/// One of the instalments of a share, counted from 1.
pub fn instalment(
    case: &Case<'_>,
    books: &Books<'_>,
    measure: MeasureIx,
    party: PartyIx,
    number: u8,
) -> Node {
    let own = books.measure(measure);
    let party_id = &case.scenario().parties.get(party).id;
    let parts = books.walked.instalments(own, measure, party);
    let key = case.key(books.walked.year, FigureKind::Share, &own.id, party_id);
    let share = case.reference(&key, "the share is");
    let words: Vec<String> = parts.iter().map(|part| money_norwegian(*part)).collect();
    let terms: Vec<_> = parts.iter().map(|part| part.kroner()).collect();
    let unit = money_norwegian(own.round_to);
    let sum = format!(
        "in {} instalments of whole {unit}, of which the first ones get what is left over: {} = {}",
        parts.len(),
        words.join(" + "),
        money_norwegian(books.walked.share(measure, party))
    );
    let sum = Node::money(books.walked.share(measure, party), sum).sum_of(terms);
    let amount = usize::from(number).checked_sub(1).and_then(|at| parts.get(at)).copied();
    let amount = amount.unwrap_or(Money::ZERO);
    let own = format!("number {number} is {}", money_norwegian(amount));
    Node::new("").with(share).with([sum, Node::money(amount, own).role(Role::Result)])
}
