//! The year of a reserve: what was in it, what was put in, drawn and paid out.

use crate::engine::books::{Books, FlowFrom};
use crate::engine::budget::Payout;
use crate::engine::reserves::Flow;
use crate::ground::money::TooLarge;
use crate::ground::numerals::money_norwegian;
use crate::model::reserve::ReserveIx;
use crate::model::scenario::FundSource;
use crate::report::figures::{FigureKey, FigureKind};
use crate::report::language::say;
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
    let language = case.language;
    let mut node = Node::new("").with([opening(case, books, index).plus()]);
    let amount = money_norwegian(ledger.deposit);
    let text = say!(language, "+ {amount} avsatt", "+ {amount} avsett", "+ {amount} put in");
    let deposits = Node::money(ledger.deposit, text);
    node.under.push(deposits.with(flow_nodes(case, books, index, false)?).plus());
    let amount = money_norwegian(ledger.drawn);
    let text = say!(language, "− {amount} brukt", "− {amount} brukt", "− {amount} drawn");
    let drawn_node = Node::money(ledger.drawn, text);
    node.under.push(drawn_node.with(drawn(case, books, index)?).minus());
    for payout in books.walked.payouts.iter().filter(|payout| payout.reserve == index) {
        node.under.push(taken(payout_node(case, books, payout)?));
    }
    let minimum = case.scenario().reserves[index.0].minimum;
    if !minimum.is_zero() {
        let amount = money_norwegian(minimum);
        let text = say!(
            language,
            "{amount} blir alltid stående i fondet",
            "{amount} blir alltid ståande i fondet",
            "{amount} always stays in it",
        );
        node.under.push(Node::money(minimum, text));
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
    let (language, last) = (case.language, year - 1);
    let closing = say!(
        language,
        "inngående balanse, som er utgående balanse i {last},",
        "inngåande balanse, som er utgåande balanse i {last},",
        "opening, the closing of {last}",
    );
    case.reference(&case.key(last, FigureKind::Closing, &reserve.id, ""), &closing).unwrap_or_else(|| {
        let amount_text = money_norwegian(amount);
        let text = say!(
            language,
            "inngående balanse {amount_text}",
            "inngåande balanse {amount_text}",
            "opening {amount_text}",
        );
        Node::money(amount, text).at(&reserve.place)
    })
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
    let (language, shown) = (case.language, money_norwegian(amount));
    let (text, place) = match (from, flow.amount.is_negative()) {
        (FlowFrom::Line(line), _) => {
            let line = &measure.lines[line];
            let name = &line.name;
            let text = say!(
                language,
                "{shown} fra kostnadslinja {name} i {title}",
                "{shown} frå kostnadslinja {name} i {title}",
                "{shown} by the cost line {name} of {title}",
            );
            (text, &line.place)
        }
        (FlowFrom::Residual, true) => {
            let text = say!(
                language,
                "{shown} fakturert for lite for {title}, resten",
                "{shown} fakturert for lite for {title}, resten",
                "{shown} billed too little for {title}, its residual",
            );
            (text, &measure.place)
        }
        (FlowFrom::Residual, false) => {
            let text = say!(
                language,
                "{shown} fakturert for mye for {title}, resten",
                "{shown} fakturert for mykje for {title}, resten",
                "{shown} billed too much for {title}, its residual",
            );
            (text, &measure.place)
        }
        (FlowFrom::Settlement, true) => {
            let text = say!(
                language,
                "{shown} merforbruk i {title}, avregningen",
                "{shown} meirforbruk i {title}, avrekninga",
                "{shown} overspend of {title}, its settlement",
            );
            (text, &measure.place)
        }
        (FlowFrom::Settlement, false) => {
            let text = say!(
                language,
                "{shown} mindreforbruk i {title}, avregningen",
                "{shown} mindreforbruk i {title}, avrekninga",
                "{shown} underspend of {title}, its settlement",
            );
            (text, &measure.place)
        }
    };
    Node::money(amount, text).at(place)
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
    let (amount, balance) = (money_norwegian(payout.amount), money_norwegian(balance));
    let (title, name) = (&reserve.title, &party.name);
    let text = say!(
        case.language,
        "{amount} utbetalt fra {title} til {name}: andelen av {balance} etter {key_text}",
        "{amount} utbetalt frå {title} til {name}: delen av {balance} etter {key_text}",
        "{amount} paid out of {title} to {name}: its part of {balance} by {key_text}",
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
