//! What measures charge each other: how much of whose cost, by what, and how that is rounded.

use crate::engine::books::Books;
use crate::engine::budget::Charge;
use crate::engine::charging::{self, ChargeStep, Equation};
use crate::ground::money::TooLarge;
use crate::ground::numerals::{exact_norwegian, money_norwegian};
use crate::ground::ratio::Ratio;
use crate::model::charge::{ChargedTo, Circles};
use crate::model::measure::{MeasureIx, PaidBy, Version};
use crate::report::figures::FigureKind;
use crate::report::language::say;

use super::key::factor_text;
use super::node::{Node, Role};
use super::{Case, rounding};

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
///
/// # Errors
/// [`TooLarge`] when a number does not fit.
pub fn charge_nodes(
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
    let language = case.language;
    let exact = &step.cost * &step.part;
    let (cost, part) = (exact_norwegian(&step.cost), factor_text(&step.part));
    let is_solved = !step.equations.is_empty();
    let of_what = match step.made_of[2].is_zero() {
        _ if is_solved => language.choose(
            "kostnaden når alle gjensidige belastninger er regnet med",
            "kostnaden når alle gjensidige belastningar er rekna med",
            "its cost with the charges of the whole circle",
        ),
        true => language.choose("det tiltaket koster", "det tiltaket kostar", "what it costs"),
        false => language.choose(
            "det som er igjen av kostnaden",
            "det som er att av kostnaden",
            "what is left of its cost",
        ),
    };
    let product = format!("{cost}, {of_what}, × {part} = {}", exact_norwegian(&exact));
    let product = Node::exact(exact.clone(), product).times([step.cost.clone(), step.part.clone()]);
    let product = product.with(made_of(case, step));
    let (from_id, to_id) = (&books.measure(from).id, &books.measure(to).id);
    let figure = case.key(books.walked.year, FigureKind::Charge, from_id, to_id);
    let (payee, payer) = (case.measure_title(from), case.measure_title(to));
    let shown = money_norwegian(amount);
    let text = say!(
        language,
        "{payee} til {payer} {shown}",
        "{payee} til {payer} {shown}",
        "{payee} to {payer} {shown}",
    );
    let node = Node::money(amount, text);
    let node = if books.walked.version == Version::Budget { node.figure(figure) } else { node };
    let node = node.rounded_from(&exact).with([product, by_what(case, books, step)]);
    match &step.rounding {
        Some(rounded) => {
            let name = |payer| case.measure_title(payer);
            node.with([rounding::node(language, rounded, name).role(Role::Result)])
        }
        None => {
            let unit = money_norwegian(books.measure(from).round_to);
            let text = say!(
                language,
                "avrundet til nærmeste {unit}: {shown}",
                "avrunda til næraste {unit}: {shown}",
                "rounded to the nearest {unit}: {shown}",
            );
            node.with([Node::money(amount, text).role(Role::Result)])
        }
    }
}

/// Of what a cost that is charged out is made: its own and what was charged to it, or the equations of a circle.
fn made_of(case: &Case<'_>, step: &ChargeStep) -> Vec<Node> {
    let language = case.language;
    let equation = |equation: &Equation| {
        let mut words = exact_norwegian(&equation.own);
        let mut terms = vec![equation.own.clone()];
        for (other, part, cost) in &equation.others {
            let (part_text, cost_text) = (factor_text(part), factor_text(cost));
            let other = case.measure_title(*other);
            words.push_str(&say!(
                language,
                " + {part_text} × {cost_text} av {other}",
                " + {part_text} × {cost_text} av {other}",
                " + {part_text} × {cost_text} of {other}",
            ));
            terms.push(part * cost);
        }
        let (title, cost) = (case.measure_title(equation.measure), exact_norwegian(&equation.cost));
        let text = say!(
            language,
            "{title} koster {words} = {cost}",
            "{title} kostar {words} = {cost}",
            "{title} costs {words} = {cost}",
        );
        Node::exact(equation.cost.clone(), text).sum_of(terms)
    };
    if !step.equations.is_empty() {
        return step.equations.iter().map(equation).collect();
    }
    let [gross, received, charged] = step.made_of;
    if received.is_zero() && charged.is_zero() {
        return vec![];
    }
    let amount = money_norwegian(gross);
    let mut words = say!(language, "bruttokostnad {amount}", "bruttokostnad {amount}", "gross {amount}");
    if !received.is_zero() {
        let amount = money_norwegian(received);
        words.push_str(&say!(
            language,
            " + {amount} belastet av andre",
            " + {amount} belasta av andre",
            " + {amount} charged by others",
        ));
    }
    if !charged.is_zero() {
        let amount = money_norwegian(charged);
        words.push_str(&say!(
            language,
            " − {amount} allerede belastet",
            " − {amount} allereie belasta",
            " − {amount} charged before",
        ));
    }
    let text = format!("{words} = {}", exact_norwegian(&step.cost));
    let terms = [gross.kroner(), received.kroner(), -charged.kroner()];
    vec![Node::exact(step.cost.clone(), text).sum_of(terms)]
}

/// By what a measure charges the others.
fn by_what(case: &Case<'_>, books: &Books<'_>, step: &ChargeStep) -> Node {
    let measure = books.measure(step.charge.from);
    let title = |index: &MeasureIx| case.measure_title(*index);
    let language = case.language;
    let (by, numbers): (&str, Vec<(&str, Ratio)>) = match &measure.paid_by {
        PaidBy::Measures(ChargedTo::Weights(weights)) => {
            let by = language.choose("etter vektene", "etter vektene", "by the weights");
            (by, weights.iter().map(|(index, weight)| (title(index), weight.clone())).collect())
        }
        PaidBy::Measures(ChargedTo::ByCost(measures)) => {
            let by =
                language.choose("etter bruttokostnadene", "etter bruttokostnadene", "by the gross costs");
            let gross = |index: &MeasureIx| books.walked.measures[index.0].gross.kroner();
            (by, measures.iter().map(|index| (title(index), gross(index))).collect())
        }
        PaidBy::Parties(_) => ("", vec![]),
    };
    let sum: Ratio = numbers.iter().map(|(_, number)| number).sum();
    let names = numbers.iter().map(|(title, number)| format!("{title} {}", exact_norwegian(number)));
    let names = names.collect::<Vec<_>>().join(" + ");
    let all = format!("{by} {names} = {}", exact_norwegian(&sum));
    let remark = match books.scenario.circles {
        Circles::InOrder => language.choose(
            "; tiltak som alt er belastet videre, får ikke mer",
            "; tiltak som alt er belasta vidare, får ikkje meir",
            "; who has been charged out already gets nothing more",
        ),
        _ => "",
    };
    let terms = numbers.into_iter().map(|(_, number)| number);
    Node::exact(sum, format!("{all}{remark}")).sum_of(terms).at(&measure.place)
}
