//! What a measure costs: its lines, what others charge, what is drawn, what is left for the parties and what
//! they are billed.

use crate::engine::books::Books;
use crate::ground::money::{Money, TooLarge};
use crate::ground::numerals::{exact_norwegian, factor_norwegian, money_norwegian};
use crate::model::index::IndexStep;
use crate::model::measure::{CostLine, Figures, MeasureIx, Residual, Version};
use crate::model::years::Year;
use crate::report::figures::FigureKind;
use crate::report::language::{Language, say};

use super::node::{Node, Role};
use super::{Case, besides, charges, draws, key, rules};

/// Decimals beyond which the factor of an index is written as a fraction.
const INDEX_DECIMALS_MAX: u32 = 12;

/// The gross cost of a measure and its lines.
pub fn gross(case: &Case<'_>, books: &Books<'_>, index: MeasureIx) -> Node {
    let figures = &books.walked.measures[index.0];
    let (measure, year) = (books.measure(index), books.walked.year);
    let (language, gross) = (case.language, money_norwegian(figures.gross));
    let role = if figures.decided { Role::Remark } else { Role::Plus };
    let lines = line_nodes(case, books, index, |line| !line.in_kind).map(|line| line.role(role));
    let decided = measure.decided.amounts.get(&year).filter(|_| figures.decided);
    let mut node = match decided {
        Some(decided) => {
            let text = match figures.lines.map(money_norwegian) {
                None => say!(
                    language,
                    "bruttokostnad {gross}, som vedtatt",
                    "bruttokostnad {gross}, som vedteke",
                    "gross {gross}, as decided",
                ),
                Some(lines) => say!(
                    language,
                    "bruttokostnad {gross}, som vedtatt; kostnadslinjene summerer til {lines}",
                    "bruttokostnad {gross}, som vedteke; kostnadslinjene summerer til {lines}",
                    "gross {gross}, as decided; the cost lines sum to {lines}",
                ),
            };
            let node = Node::money(figures.gross, text).at(&decided.place);
            indexed(language, node, &measure.decided, year)
        }
        None => {
            let text = match figures.lines {
                None => say!(
                    language,
                    "bruttokostnad {gross}: tiltaket har ingen kostnadslinjer",
                    "bruttokostnad {gross}: tiltaket har ingen kostnadslinjer",
                    "gross {gross}: it has no cost lines",
                ),
                Some(_) => say!(
                    language,
                    "bruttokostnad {gross}, summen av kostnadslinjene",
                    "bruttokostnad {gross}, summen av kostnadslinjene",
                    "gross {gross}, the sum of the cost lines",
                ),
            };
            Node::money(figures.gross, text)
        }
    };
    node.under.extend(lines);
    node.under.extend(line_nodes(case, books, index, |line| line.in_kind));
    if books.walked.version == Version::Actual {
        node.under.extend(measure.lines_without_actual(year).map(|line| {
            Node::new(say!(
                language,
                "{line} har ikke noe regnskapstall og teller 0",
                "{line} har ikkje noko rekneskapstal og tel 0",
                "{line} has no actual figure and counts 0",
            ))
        }));
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
        let in_kind = match line.in_kind {
            true => case.language.choose(
                ", egeninnsats, som ikke faktureres",
                ", eigeninnsats, som ikkje blir fakturert",
                ", work in kind, which is not billed",
            ),
            false => "",
        };
        let text = format!("{} {}{in_kind}", line.name, money_norwegian(figure.value));
        let node = Node::money(figure.value, text).at(&figure.place);
        let is_budget = version == Version::Budget;
        Some(if is_budget { indexed(case.language, node, &line.budget, year) } else { node })
    })
}

/// A figure with how it follows an index, where it does.
fn indexed(language: Language, mut node: Node, figures: &Figures, year: Year) -> Node {
    let Some(step) = figures.indexed.get(&year) else { return node };
    let unit = match step.unit {
        Money::ORE => String::new(),
        unit => {
            let unit = money_norwegian(unit);
            say!(language, ", avrundet til {unit}", ", avrunda til {unit}", ", rounded to {unit}")
        }
    };
    let exact = step.from.kroner() * &step.factor;
    let changed = node.number.as_ref().is_some_and(|number| number.ratio() != exact);
    let exact_text = if changed { format!(" = {}", exact_norwegian(&exact)) } else { String::new() };
    node.text = format!("{}: {}{exact_text}{unit}", node.text, index_text(language, step));
    node = node.rounded_from(&exact).times([step.from.kroner(), step.factor.clone()]);
    // Year on year, the figure it starts from follows the index as well.
    if figures.indexed.contains_key(&step.from_year) {
        let from = Node::money(step.from, format!("{}: {}", step.from_year, money_norwegian(step.from)));
        node.under.push(indexed(language, from, figures, step.from_year));
    }
    node
}

fn index_text(language: Language, step: &IndexStep) -> String {
    let (from, factor) = (money_norwegian(step.from), factor_norwegian(&step.factor, INDEX_DECIMALS_MAX));
    let (year, index) = (step.from_year, &step.index);
    say!(
        language,
        "{from} fra {year} × {factor} etter `{index}`",
        "{from} frå {year} × {factor} etter `{index}`",
        "{from} of {year} × {factor} by `{index}`",
    )
}

/// What is left of the cost of a measure for the parties.
///
/// # Errors
/// [`TooLarge`] when a number does not fit.
pub fn net(case: &Case<'_>, books: &Books<'_>, index: MeasureIx) -> Result<Node, TooLarge> {
    let figures = &books.walked.measures[index.0];
    let (language, net) = (case.language, money_norwegian(figures.net));
    let text = say!(language, "nettokostnad {net}", "nettokostnad {net}", "net cost {net}");
    let mut node = Node::money(figures.net, text);
    node.under.push(gross(case, books, index).plus());
    let charged = charges::charge_nodes(case, books, |charge| charge.to == index || charge.from == index)?;
    for (charge, told) in charged {
        let amount = money_norwegian(charge.amount);
        node.under.push(if charge.to == index {
            let from = case.measure_title(charge.from);
            let text = say!(
                language,
                "+ {amount} belastet av {from}",
                "+ {amount} belasta av {from}",
                "+ {amount} charged by {from}",
            );
            Node { text, ..told }.plus()
        } else {
            let to = case.measure_title(charge.to);
            let text = say!(
                language,
                "− {amount} belastet på {to}",
                "− {amount} belasta på {to}",
                "− {amount} charged to {to}",
            );
            Node { text, ..told }.minus()
        });
    }
    for draw in books.walked.draws_of(index) {
        node.under.push(draws::draw(case, books, draw)?.minus());
    }
    Ok(node)
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
    let amount = money_norwegian(billed);
    let text = say!(
        case.language,
        "andelene til partene {amount}",
        "delane til partane {amount}",
        "the shares of the parties {amount}",
    );
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
    let language = case.language;
    let billed = language.choose("fakturert", "fakturert", "billed");
    let billed = case.reference(&key, billed).map(Node::plus);
    let mut node = Node::new("").with(billed).with([net(case, books, index)?.minus()]);
    if !figures.host_part.is_zero() {
        let part = money_norwegian(figures.host_part);
        let text = say!(
            language,
            "andelen til vertskommunen endres med {part}",
            "delen til vertskommunen blir endra med {part}",
            "the host's share is changed by {part}",
        );
        node.under.push(Node::money(figures.host_part, text));
    }
    node.under.extend(residual_node(case, books, index));
    node.under.extend(rules::of_measure(case, books, index));
    Ok(node)
}

/// Where a difference between what is split and what is billed goes.
fn residual_node(case: &Case<'_>, books: &Books<'_>, index: MeasureIx) -> Option<Node> {
    let (language, figures) = (case.language, &books.walked.measures[index.0]);
    let goes = match books.measure(index).residual {
        Some(Residual::Reserve(reserve)) => {
            let reserve = &case.outcome.scenario.reserves[reserve.0].title;
            match figures.residual.is_negative() {
                true => say!(
                    language,
                    "som tas fra {reserve}",
                    "som blir teken frå {reserve}",
                    "which comes out of {reserve}",
                ),
                false => say!(
                    language,
                    "som settes av til {reserve}",
                    "som blir sett av til {reserve}",
                    "which goes into {reserve}",
                ),
            }
        }
        Some(Residual::Host(party)) if !figures.host_part.is_zero() => {
            let (part, party) = (money_norwegian(figures.host_part), case.party_name(party));
            let text = say!(
                language,
                "andelen til vertskommunen, {party}, endres med {part}",
                "delen til vertskommunen, {party}, blir endra med {part}",
                "the share of the host, {party}, is changed by {part}",
            );
            return Some(Node::money(figures.host_part, text));
        }
        Some(Residual::Host(_) | Residual::Show) | None => {
            let words = match figures.residual.is_negative() {
                true => language.choose(
                    "som ingen blir fakturert for",
                    "som ingen blir fakturert for",
                    "which is billed to nobody",
                ),
                false => language.choose(
                    "som faktureres og ikke brukes",
                    "som blir fakturert og ikkje brukt",
                    "which is billed and not used",
                ),
            };
            words.to_owned()
        }
    };
    let residual = money_norwegian(figures.residual);
    let (billed, net) = (money_norwegian(figures.billed), money_norwegian(figures.net));
    let text = say!(
        language,
        "rest {residual} = fakturert {billed} − nettokostnad {net}, {goes}",
        "rest {residual} = fakturert {billed} − nettokostnad {net}, {goes}",
        "residual {residual} = billed {billed} − net cost {net}, {goes}",
    );
    let terms = [figures.billed.kroner(), -figures.net.kroner()];
    (!figures.residual.is_zero()).then(|| Node::money(figures.residual, text).sum_of(terms))
}

/// That the shares come to the net cost.
pub fn proof(case: &Case<'_>, books: &Books<'_>, index: MeasureIx) -> Node {
    let (language, figures) = (case.language, &books.walked.measures[index.0]);
    let mark = if case.outcome.proof.holds() { "✓" } else { "✗" };
    let (billed, net) = (money_norwegian(figures.billed), money_norwegian(figures.net));
    let text = if figures.residual.is_zero() {
        say!(
            language,
            "avstemming: alle andeler {billed} = nettokostnad {net} {mark}",
            "avstemming: alle delar {billed} = nettokostnad {net} {mark}",
            "proof: all shares {billed} = net cost {net} {mark}",
        )
    } else {
        let residual = money_norwegian(figures.residual);
        say!(
            language,
            "avstemming: alle andeler {billed} = nettokostnad {net} + rest {residual} {mark}",
            "avstemming: alle delar {billed} = nettokostnad {net} + rest {residual} {mark}",
            "proof: all shares {billed} = net cost {net} + residual {residual} {mark}",
        )
    };
    Node::money(figures.billed, text).sum_of([figures.net.kroner(), figures.residual.kroner()])
}
