//! What a measure costs: its lines, what other measures charge, what is drawn, what is left for the parties and what
//! they are billed.

use crate::engine::books::Books;
use crate::engine::budget::Charge;
use crate::engine::charging::{self, ChargeStep, Equation};
use crate::ground::money::{Money, TooLarge};
use crate::ground::numerals::{exact_norwegian, factor_norwegian, money_norwegian};
use crate::ground::ratio::Ratio;
use crate::model::charge::{ChargedTo, Circles};
use crate::model::index::IndexStep;
use crate::model::measure::{CostLine, Figures, MeasureIx, PaidBy, Residual, Version};
use crate::model::years::Year;
use crate::report::figures::FigureKind;

use super::key::factor_text;
use super::node::{Node, Role};
use super::{Case, besides, draws, key, rounding, rules};

/// Decimals beyond which the factor of an index is written as a fraction.
const INDEX_DECIMALS_MAX: u32 = 12;

/// The gross cost of a measure and its lines.
pub fn gross(case: &Case<'_>, books: &Books<'_>, index: MeasureIx) -> Node {
    let figures = &books.walked.measures[index.0];
    let (measure, year) = (books.measure(index), books.walked.year);
    let gross = money_norwegian(figures.gross);
    let lines_text = figures.lines.map(|lines| format!("; the cost lines sum to {}", money_norwegian(lines)));
    let role = if figures.decided { Role::Remark } else { Role::Plus };
    let lines = line_nodes(case, books, index, |line| !line.in_kind).map(|line| line.role(role));
    let decided = measure.decided.amounts.get(&year).filter(|_| figures.decided);
    let mut node = match decided {
        Some(decided) => {
            let text = format!("gross {gross}, as decided{}", lines_text.unwrap_or_default());
            let node = Node::money(figures.gross, text).at(&decided.place);
            indexed(node, &measure.decided, year)
        }
        None if figures.lines.is_none() => {
            Node::money(figures.gross, format!("gross {gross}: it has no cost lines"))
        }
        None => Node::money(figures.gross, format!("gross {gross}, the sum of the cost lines")),
    };
    node.under.extend(lines);
    node.under.extend(line_nodes(case, books, index, |line| line.in_kind));
    if books.walked.version == Version::Actual {
        let without = measure.lines_without_actual(year);
        node.under.extend(without.map(|line| Node::new(format!("{line} has no actual figure and counts 0"))));
    }
    node
}

/// The sum of the cost lines of a measure, or the line of a name.
pub fn lines(case: &Case<'_>, books: &Books<'_>, index: MeasureIx, name: &str) -> Node {
    if name.is_empty() {
        return Node::new("").with(line_nodes(case, books, index, |line| !line.in_kind).map(Node::plus));
    }
    let line = line_nodes(case, books, index, |line| line.name == name).next();
    Node::new("").with(line.map(|line| line.role(Role::Result)))
}

/// The gross cost of the lines of a measure with a tag.
pub fn tagged(case: &Case<'_>, books: &Books<'_>, index: MeasureIx, tag: &str) -> Node {
    let has = |line: &CostLine| !line.in_kind && line.tags.iter().any(|own| own == tag);
    Node::new("").with(line_nodes(case, books, index, has).map(Node::plus))
}

/// The gross cost of the lines of all measures with a tag.
pub fn tagged_over_measures(case: &Case<'_>, books: &Books<'_>, tag: &str) -> Node {
    let of_measure = |measure: &std::sync::Arc<crate::model::measure::Measure>| {
        let key = case.key(books.walked.year, FigureKind::Tagged, &measure.id, tag);
        Some(case.reference(&key, &measure.title)?.plus())
    };
    Node::new("").with(case.outcome.scenario.measures.iter().filter_map(of_measure))
}

/// The value of work in kind.
pub fn in_kind(case: &Case<'_>, books: &Books<'_>, index: MeasureIx) -> Node {
    Node::new("").with(line_nodes(case, books, index, |line| line.in_kind).map(Node::plus))
}

/// The cost lines of the year that are wanted, each with the place of its figure.
fn line_nodes<'n>(
    case: &'n Case<'_>,
    books: &'n Books<'_>,
    index: MeasureIx,
    wanted: impl Fn(&CostLine) -> bool + 'n,
) -> impl Iterator<Item = Node> + 'n {
    let year = books.walked.year;
    let measure = &case.outcome.scenario.measures[index.0];
    let version = measure.version_standing_for(books.walked.version, year);
    measure.lines.iter().filter(move |line| wanted(line)).filter_map(move |line| {
        let figure = line.figures(version).get(&year)?;
        let in_kind = if line.in_kind { ", work in kind, which is not billed" } else { "" };
        let text = format!("{} {}{in_kind}", line.name, money_norwegian(figure.value));
        let node = Node::money(figure.value, text).at(&figure.place);
        Some(if version == Version::Budget { indexed(node, &line.budget, year) } else { node })
    })
}

/// A figure with how it follows an index, where it does.
fn indexed(mut node: Node, figures: &Figures, year: Year) -> Node {
    let Some(step) = figures.indexed.get(&year) else { return node };
    let unit = match step.unit {
        Money::ORE => String::new(),
        unit => format!(", rounded to {}", money_norwegian(unit)),
    };
    let exact = step.from.kroner() * &step.factor;
    let changed = node.number.as_ref().is_some_and(|number| number.ratio() != exact);
    let exact_text = if changed { format!(" = {}", exact_norwegian(&exact)) } else { String::new() };
    node.text = format!("{}: {}{exact_text}{unit}", node.text, index_text(step));
    node = node.rounded_from(&exact).times([step.from.kroner(), step.factor.clone()]);
    // Year on year, the figure it starts from follows the index as well.
    if figures.indexed.contains_key(&step.from_year) {
        let from = Node::money(step.from, format!("{}: {}", step.from_year, money_norwegian(step.from)));
        node.under.push(indexed(from, figures, step.from_year));
    }
    node
}

fn index_text(step: &IndexStep) -> String {
    let (from, factor) = (money_norwegian(step.from), factor_norwegian(&step.factor, INDEX_DECIMALS_MAX));
    format!("{from} of {} × {factor} by `{}`", step.from_year, step.index)
}

/// What is left of the cost of a measure for the parties.
///
/// # Errors
/// [`TooLarge`] when a number does not fit.
pub fn net(case: &Case<'_>, books: &Books<'_>, index: MeasureIx) -> Result<Node, TooLarge> {
    let figures = &books.walked.measures[index.0];
    let mut node = Node::money(figures.net, format!("net cost {}", money_norwegian(figures.net)));
    node.under.push(gross(case, books, index).plus());
    let charges = charge_nodes(case, books, |charge| charge.to == index || charge.from == index)?;
    for (charge, told) in charges {
        let amount = money_norwegian(charge.amount);
        node.under.push(if charge.to == index {
            let text = format!("+ {amount} charged by {}", case.measure_title(charge.from));
            Node { text, ..told }.plus()
        } else {
            let text = format!("− {amount} charged to {}", case.measure_title(charge.to));
            Node { text, ..told }.minus()
        });
    }
    for draw in books.walked.draws_of(index) {
        node.under.push(draws::draw(case, books, draw)?.minus());
    }
    Ok(node)
}

/// What other measures charged to a measure.
///
/// # Errors
/// [`TooLarge`] when a number does not fit.
pub fn received(case: &Case<'_>, books: &Books<'_>, index: MeasureIx) -> Result<Node, TooLarge> {
    let charges = charge_nodes(case, books, |charge| charge.to == index)?.into_iter();
    Ok(Node::new("").with(charges.map(|(_, told)| told.plus())))
}

/// What a measure charged to another, or to all.
///
/// # Errors
/// [`TooLarge`] when a number does not fit.
pub fn charge(case: &Case<'_>, books: &Books<'_>, from: MeasureIx, to: &str) -> Result<Node, TooLarge> {
    let wanted = |charge: &Charge| {
        charge.from == from && (to.is_empty() || case.outcome.scenario.measures[charge.to.0].id == to)
    };
    let charges = charge_nodes(case, books, wanted)?.into_iter().map(|(_, told)| told.plus());
    Ok(Node::new("").with(charges))
}

/// The charges that are wanted, each with how it came about.
fn charge_nodes(
    case: &Case<'_>,
    books: &Books<'_>,
    wanted: impl Fn(&Charge) -> bool,
) -> Result<Vec<(Charge, Node)>, TooLarge> {
    if !books.walked.charges.iter().any(&wanted) {
        return Ok(vec![]);
    }
    let steps = charging::explained(books.scenario, books.walked).map_err(|_| TooLarge)?;
    let steps = steps.iter().filter(|step| wanted(&step.charge));
    Ok(steps.map(|step| (step.charge, charge_node(case, books, step))).collect())
}

fn charge_node(case: &Case<'_>, books: &Books<'_>, step: &ChargeStep) -> Node {
    let Charge { from, to, amount } = step.charge;
    let names = format!("{} to {}", case.measure_title(from), case.measure_title(to));
    let exact = &step.cost * &step.part;
    let (cost, part) = (exact_norwegian(&step.cost), factor_text(&step.part));
    let is_solved = !step.equations.is_empty();
    let of_what = match step.made_of[2].is_zero() {
        _ if is_solved => "its cost with the charges of the whole circle",
        true => "what it costs",
        false => "what is left of its cost",
    };
    let product = format!("{cost}, {of_what}, × {part} = {}", exact_norwegian(&exact));
    let product = Node::exact(exact.clone(), product).times([step.cost.clone(), step.part.clone()]);
    let product = product.with(made_of(case, step));
    let (from_id, to_id) = (&books.measure(from).id, &books.measure(to).id);
    let figure = case.key(books.walked.year, FigureKind::Charge, from_id, to_id);
    let node = Node::money(amount, format!("{names} {}", money_norwegian(amount)));
    let node = if books.walked.version == Version::Budget { node.figure(figure) } else { node };
    let node = node.rounded_from(&exact).with([product, by_what(case, books, step)]);
    match &step.rounding {
        Some(rounded) => {
            node.with([rounding::node(rounded, |payer| case.measure_title(payer)).role(Role::Result)])
        }
        None => {
            let unit = money_norwegian(books.measure(from).round_to);
            let text = format!("rounded to the nearest {unit}: {}", money_norwegian(amount));
            node.with([Node::money(amount, text).role(Role::Result)])
        }
    }
}

/// Of what a cost that is charged out is made: its own and what was charged to it, or the equations of a circle.
fn made_of(case: &Case<'_>, step: &ChargeStep) -> Vec<Node> {
    let equation = |equation: &Equation| {
        let mut words = exact_norwegian(&equation.own);
        let mut terms = vec![equation.own.clone()];
        for (other, part, cost) in &equation.others {
            let (part_text, cost_text) = (factor_text(part), factor_text(cost));
            words.push_str(&format!(" + {part_text} × {cost_text} of {}", case.measure_title(*other)));
            terms.push(part * cost);
        }
        let title = case.measure_title(equation.measure);
        let text = format!("{title} costs {words} = {}", exact_norwegian(&equation.cost));
        Node::exact(equation.cost.clone(), text).sum_of(terms)
    };
    if !step.equations.is_empty() {
        return step.equations.iter().map(equation).collect();
    }
    let [gross, received, charged] = step.made_of;
    if received.is_zero() && charged.is_zero() {
        return vec![];
    }
    let mut words = format!("gross {}", money_norwegian(gross));
    if !received.is_zero() {
        words.push_str(&format!(" + {} charged by others", money_norwegian(received)));
    }
    if !charged.is_zero() {
        words.push_str(&format!(" − {} charged before", money_norwegian(charged)));
    }
    let text = format!("{words} = {}", exact_norwegian(&step.cost));
    let terms = [gross.kroner(), received.kroner(), -charged.kroner()];
    vec![Node::exact(step.cost.clone(), text).sum_of(terms)]
}

/// By what a measure charges the others.
fn by_what(case: &Case<'_>, books: &Books<'_>, step: &ChargeStep) -> Node {
    let measure = books.measure(step.charge.from);
    let title = |index: &MeasureIx| case.measure_title(*index);
    let (by, numbers): (&str, Vec<(&str, Ratio)>) = match &measure.paid_by {
        PaidBy::Measures(ChargedTo::Weights(weights)) => {
            ("weights", weights.iter().map(|(index, weight)| (title(index), weight.clone())).collect())
        }
        PaidBy::Measures(ChargedTo::ByCost(measures)) => {
            let gross = |index: &MeasureIx| books.walked.measures[index.0].gross.kroner();
            ("gross costs", measures.iter().map(|index| (title(index), gross(index))).collect())
        }
        PaidBy::Parties(_) => ("", vec![]),
    };
    let sum: Ratio = numbers.iter().map(|(_, number)| number).sum();
    let names = numbers.iter().map(|(title, number)| format!("{title} {}", exact_norwegian(number)));
    let names = names.collect::<Vec<_>>().join(" + ");
    let all = format!("by the {by} {names} = {}", exact_norwegian(&sum));
    let in_order = books.scenario.circles == Circles::InOrder;
    let remark = if in_order { "; who has been charged out already gets nothing more" } else { "" };
    let terms = numbers.into_iter().map(|(_, number)| number);
    Node::exact(sum, format!("{all}{remark}")).sum_of(terms).at(&measure.place)
}

/// What the parties are billed for a measure: everything there is to know of it.
///
/// # Errors
/// [`TooLarge`] when a number does not fit.
pub fn billed(case: &Case<'_>, books: &Books<'_>, index: MeasureIx) -> Result<Node, TooLarge> {
    let (year, measure) = (books.walked.year, books.measure(index));
    let mut node = Node::new("").with([net(case, books, index)?]);
    node.under.extend(key::of_all(case, books, index));
    let shares = case.outcome.scenario.parties.iter().filter_map(|(_, party)| {
        let key = case.key(year, FigureKind::Share, &measure.id, &party.id);
        Some(case.reference(&key, &party.name)?.plus())
    });
    let billed = books.walked.measures[index.0].billed;
    let text = format!("the shares of the parties {}", money_norwegian(billed));
    node.under.push(Node::money(billed, text).role(Role::Result).with(shares));
    node.under.extend(residual_node(case, books, index));
    node.under.extend(besides::settled_with(case, books, index)?);
    node.under.push(proof(case, books, index));
    node.under.extend(rules::of_measure(case, books, index));
    Ok(node)
}

/// What was billed and not to be split.
///
/// # Errors
/// [`TooLarge`] when a number does not fit.
pub fn residual(case: &Case<'_>, books: &Books<'_>, index: MeasureIx) -> Result<Node, TooLarge> {
    let figures = &books.walked.measures[index.0];
    let key = case.key(books.walked.year, FigureKind::Billed, &books.measure(index).id, "");
    let billed = case.reference(&key, "billed").map(Node::plus);
    let mut node = Node::new("").with(billed).with([net(case, books, index)?.minus()]);
    if !figures.host_part.is_zero() {
        let part = money_norwegian(figures.host_part);
        node.under.push(Node::money(figures.host_part, format!("the host's share is changed by {part}")));
    }
    node.under.extend(residual_node(case, books, index));
    node.under.extend(rules::of_measure(case, books, index));
    Ok(node)
}

/// Where a difference between what is split and what is billed goes.
fn residual_node(case: &Case<'_>, books: &Books<'_>, index: MeasureIx) -> Option<Node> {
    let figures = &books.walked.measures[index.0];
    let goes = match books.measure(index).residual {
        Some(Residual::Reserve(reserve)) if figures.residual.is_negative() => {
            format!("which comes out of {}", case.outcome.scenario.reserves[reserve.0].title)
        }
        Some(Residual::Reserve(reserve)) => {
            format!("which goes into {}", case.outcome.scenario.reserves[reserve.0].title)
        }
        Some(Residual::Host(party)) if !figures.host_part.is_zero() => {
            let part = money_norwegian(figures.host_part);
            let text = format!("the share of the host, {}, is changed by {part}", case.party_name(party));
            return Some(Node::money(figures.host_part, text));
        }
        Some(Residual::Host(_)) | Some(Residual::Show) | None if figures.residual.is_negative() => {
            "which is billed to nobody".to_owned()
        }
        Some(Residual::Host(_)) | Some(Residual::Show) | None => "which is billed and not used".to_owned(),
    };
    let (billed, net) = (figures.billed, figures.net);
    let text = format!(
        "residual {} = billed {} − net cost {}, {goes}",
        money_norwegian(figures.residual),
        money_norwegian(billed),
        money_norwegian(net)
    );
    let node = Node::money(figures.residual, text).sum_of([billed.kroner(), -net.kroner()]);
    (!figures.residual.is_zero()).then_some(node)
}

/// That the shares come to the net cost.
pub fn proof(case: &Case<'_>, books: &Books<'_>, index: MeasureIx) -> Node {
    let figures = &books.walked.measures[index.0];
    let residual = match figures.residual {
        residual if residual.is_zero() => String::new(),
        residual => format!(" + residual {}", money_norwegian(residual)),
    };
    let mark = if case.outcome.proof.holds() { "✓" } else { "✗" };
    let (billed, net) = (money_norwegian(figures.billed), money_norwegian(figures.net));
    let text = format!("proof: all shares {billed} = net cost {net}{residual} {mark}");
    Node::money(figures.billed, text).sum_of([figures.net.kroner(), figures.residual.kroner()])
}
