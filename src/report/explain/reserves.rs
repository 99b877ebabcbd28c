//! The year of a reserve: what was in it, what was put in, drawn and paid out.

use crate::engine::books::{Books, FlowFrom};
use crate::engine::budget::Payout;
use crate::engine::reserves::Flow;
use crate::ground::money::TooLarge;
use crate::ground::numerals::money_norwegian;
use crate::model::reserve::ReserveIx;
use crate::model::scenario::FundSource;
use crate::report::figures::{FigureKey, FigureKind};
use crate::rules::deliberation::Deliberation;

use super::node::{Node, Role};
use super::{Case, draws, key, rules, share, size};

/// The certificate of a figure of a reserve; none where there is no such reserve.
///
/// # Errors
/// [`TooLarge`] when a number does not fit.
pub fn figure(case: &Case<'_>, books: &Books<'_>, key: &FigureKey) -> Result<Option<Node>, TooLarge> {
    let reserves = &case.outcome.scenario.reserves;
    let Some(index) = reserves.iter().position(|reserve| reserve.id == key.subject) else { return Ok(None) };
    let index = ReserveIx(index);
    let node = match key.kind {
        FigureKind::Opening => Node::new("").with([opening(case, books, index).role(Role::Result)]),
        FigureKind::Deposit => Node::new("").with(flow_nodes(case, books, index, false)?),
        FigureKind::Drawn => Node::new("").with(drawn(case, books, index)?),
        FigureKind::Payout => {
            let party = case.party_of(key);
            let wanted =
                |payout: &&Payout| payout.reserve == index && party.is_none_or(|party| party == payout.party);
            let payouts = books.walked.payouts.iter().filter(wanted);
            let payouts = payouts.map(|payout| Ok(payout_node(case, books, payout)?.plus()));
            Node::new("").with(payouts.collect::<Result<Vec<_>, TooLarge>>()?)
        }
        _ => closing(case, books, index)?,
    };
    Ok(Some(node.with(rules::of_reserve(case, books, index))))
}

/// The whole year.
fn closing(case: &Case<'_>, books: &Books<'_>, index: ReserveIx) -> Result<Node, TooLarge> {
    let ledger = &books.walked.reserves[index.0];
    let money = money_norwegian;
    let mut node = Node::new("").with([opening(case, books, index).plus()]);
    let deposits = Node::money(ledger.deposit, format!("+ {} put in", money(ledger.deposit)));
    node.under.push(deposits.with(flow_nodes(case, books, index, false)?).plus());
    let drawn_node = Node::money(ledger.drawn, format!("− {} drawn", money(ledger.drawn)));
    node.under.push(drawn_node.with(drawn(case, books, index)?).minus());
    for payout in books.walked.payouts.iter().filter(|payout| payout.reserve == index) {
        node.under.push(taken(payout_node(case, books, payout)?));
    }
    let minimum = case.scenario().reserves[index.0].minimum;
    if !minimum.is_zero() {
        node.under.push(Node::money(minimum, format!("{} always stays in it", money(minimum))));
    }
    Ok(node)
}

/// A line that is taken away, and says so.
pub fn taken(node: Node) -> Node {
    Node { text: format!("− {}", node.text), ..node }.minus()
}

fn opening(case: &Case<'_>, books: &Books<'_>, index: ReserveIx) -> Node {
    let (year, reserve) = (books.walked.year, &case.scenario().reserves[index.0]);
    let amount = books.walked.reserves[index.0].opening;
    let last = case.key(year - 1, FigureKind::Closing, &reserve.id, "");
    match case.reference(&last, &format!("closing of {}", year - 1)) {
        Some(closing) => Node { text: format!("opening, the {}", closing.text), ..closing },
        None => Node::money(amount, format!("opening {}", money_norwegian(amount))).at(&reserve.place),
    }
}

/// What goes in at the end of the year, or comes out.
fn flow_nodes(
    case: &Case<'_>,
    books: &Books<'_>,
    index: ReserveIx,
    out: bool,
) -> Result<Vec<Node>, TooLarge> {
    let flows = books.flows()?;
    let flows = flows.iter().filter(|(_, flow)| flow.reserve == index && flow.amount.is_negative() == out);
    Ok(flows.map(|(from, flow)| flow_node(case, books, *from, flow).plus()).collect())
}

fn flow_node(case: &Case<'_>, books: &Books<'_>, from: FlowFrom, flow: &Flow) -> Node {
    let measure = books.measure(flow.measure);
    let (amount, title) = (size(flow.amount), case.measure_title(flow.measure));
    let shown = money_norwegian(amount);
    match from {
        FlowFrom::Line(line) => {
            let line = &measure.lines[line];
            Node::money(amount, format!("{shown} by the cost line {} of {title}", line.name)).at(&line.place)
        }
        FlowFrom::Residual => {
            let words = if flow.amount.is_negative() { "too little" } else { "too much" };
            Node::money(amount, format!("{shown} billed {words} for {title}, its residual"))
                .at(&measure.place)
        }
        FlowFrom::Settlement => {
            let words = if flow.amount.is_negative() { "overspend" } else { "underspend" };
            let text = format!("{shown} {words} of {title}, its settlement");
            Node::money(amount, text).at(&measure.place)
        }
    }
}

/// What was drawn: by measures, and at the end of the year.
fn drawn(case: &Case<'_>, books: &Books<'_>, index: ReserveIx) -> Result<Vec<Node>, TooLarge> {
    let source = FundSource::Reserve(index);
    let mut nodes = draws::on_source(case, books, source)?;
    nodes.extend(flow_nodes(case, books, index, true)?);
    Ok(nodes)
}

/// What a party that leaves gets.
///
/// # Errors
/// [`TooLarge`] when a number does not fit.
pub fn payout_node(case: &Case<'_>, books: &Books<'_>, payout: &Payout) -> Result<Node, TooLarge> {
    let reserve = &case.outcome.scenario.reserves[payout.reserve.0];
    let party = case.scenario().parties.get(payout.party);
    let (balance, steps) = books.payout(payout).map_err(|_| TooLarge)?;
    let key_text = reserve.exit_key.as_ref().map(|key| key.value.as_str()).unwrap_or_default();
    let text = format!(
        "{} paid out of {} to {}: its part of {} by {key_text}",
        money_norwegian(payout.amount),
        reserve.title,
        party.name,
        money_norwegian(balance)
    );
    let figure = case.key(books.walked.year, FigureKind::Payout, &reserve.id, &party.id);
    let mut node = Node::money(payout.amount, text).figure(figure);
    let mut told = Deliberation::default();
    if let Some(key) = &reserve.exit_key {
        told = rules::deliberation(case, key, books.walked.year, None, Some(payout.party));
        node = node.at(&key.place).with(rules::told(case, &told));
    }
    for step in &steps {
        node.under.extend(key::parts(case, step, &told.parts));
        node.under.extend(share::after_parts(case, step));
    }
    if let Some(last) = node.under.last_mut().filter(|last| last.number.is_some()) {
        last.role = Role::Result;
    }
    Ok(node)
}
