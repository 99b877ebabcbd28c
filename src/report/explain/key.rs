//! What a key gave a party: its parts with the numbers that they were worked out from, and which branches of the rules
//! led to it.

use crate::engine::books::Books;
use crate::engine::certificate::{KeyStep, PartStep};
use crate::ground::money::Money;
use crate::ground::numerals::{
    exact_norwegian, factor_norwegian, money_norwegian, percent_norwegian, truncated_norwegian,
};
use crate::ground::ratio::{self, Ratio};
use crate::ground::source::Place;
use crate::model::driver::DriverIx;
use crate::model::measure::MeasureIx;
use crate::model::period::MONTHS;
use crate::report::language::{Language, say};
use crate::rules::deliberation::{Deliberation, PartDeliberation};
use crate::rules::plan::{Base, KeyPlan, PartPlan, Proportion, Tariff};

use super::node::Node;
use super::{Case, rules};

/// How many characters of a rule are shown in a line.
const WRITTEN_CHARACTERS_MAX: usize = 200;
/// Decimals beyond which a factor is written as a fraction.
const DECIMALS_MAX: u32 = 6;

/// The key of a measure, and how its rules came to it; what its steps did hangs under it and follows it.
pub fn head(case: &Case<'_>, books: &Books<'_>, measure: MeasureIx, told: &Deliberation) -> Node {
    let Some(key) = books.measure(measure).key() else { return Node::new("") };
    let written = &key.value;
    let text =
        say!(case.language, "fordelingsnøkkel {written}", "fordelingsnøkkel {written}", "key {written}");
    Node::new(text).at(&key.place).with(rules::told(case, told))
}

/// A later step of a key: what its amounts leave.
pub fn rest_head(case: &Case<'_>, step: &KeyStep) -> Node {
    let amount = money_norwegian(step.amount);
    let text = say!(
        case.language,
        "det som er igjen, {amount}, fordeles",
        "det som er att, {amount}, blir fordelt",
        "what is left, {amount}, is shared",
    );
    Node::money(step.amount, text)
}

/// The key of a measure as it is for everybody.
pub fn of_all(case: &Case<'_>, books: &Books<'_>, measure: MeasureIx) -> Option<Node> {
    let plan = books.plan.key(books.year_index, measure)?;
    let key = books.measure(measure).key()?;
    let told = rules::deliberation(case, key, books.walked.year, Some(measure), None);
    Some(head(case, books, measure, &told).with(summary(case, plan)))
}

/// The parts of a key in one line each, for everybody.
fn summary(case: &Case<'_>, plan: &KeyPlan) -> Vec<Node> {
    let mut lines: Vec<Node> = plan.parts.iter().map(|part| summary_line(case, part)).collect();
    let limits = plan.limits.iter().chain(&plan.limits_of_all);
    let language = case.language;
    lines.extend(limits.map(|limit| {
        let written = written_at(case, &limit.place);
        let text = say!(
            language,
            "grenser for andelene: {written}",
            "grenser for delane: {written}",
            "limits of the shares: {written}",
        );
        Node::new(text).at(&limit.place)
    }));
    if let Some(rest) = &plan.rest {
        let text = language.choose(
            "det som er igjen, fordeles",
            "det som er att, blir fordelt",
            "what is left is shared",
        );
        lines.push(Node::new(text).with(summary(case, rest)));
    }
    for (tag, key) in &plan.by_tag {
        let text = say!(
            language,
            "kostnaden med merkelappen `{tag}`",
            "kostnaden med merkelappen `{tag}`",
            "cost with the tag `{tag}`",
        );
        lines.push(Node::new(text).with(summary(case, key)));
    }
    lines
}

fn summary_line(case: &Case<'_>, part: &PartPlan) -> Node {
    let language = case.language;
    let among = match part.parties.len() {
        count if count == case.scenario().parties.count() => String::new(),
        1 => language.choose(", for 1 part", ", for 1 part", ", for 1 party").to_owned(),
        count => {
            say!(language, ", mellom {count} parter", ", mellom {count} partar", ", among {count} parties",)
        }
    };
    let text = match &part.base {
        Base::Proportional { factor, by, rate_unit } => {
            let rounded = rate_unit.as_ref().map(|unit| {
                let unit = exact_norwegian(unit);
                say!(
                    language,
                    ", med sats avrundet til {unit}",
                    ", med sats avrunda til {unit}",
                    ", rate rounded to {unit}",
                )
            });
            let (factor, all) = (percent_norwegian(factor), factor_text(&part.values.sum()));
            let (base, rounded) = (proportion_words(case, by), rounded.unwrap_or_default());
            say!(
                language,
                "{factor} fordelt på {all} {base}{rounded}",
                "{factor} fordelt på {all} {base}{rounded}",
                "{factor} by {all} {base}{rounded}",
            )
        }
        Base::Fixed(Tariff::Rate(rate, driver, year)) => {
            let (rate, unit) = (exact_norwegian(rate), unit_of(case, *driver, *year));
            say!(language, "sats {rate} per {unit}", "sats {rate} per {unit}", "{rate} per {unit}")
        }
        Base::Fixed(_) => {
            let all = exact_norwegian(&part.values.sum());
            say!(
                language,
                "faste beløp, {all} i alt",
                "faste beløp, {all} i alt",
                "fixed amounts of {all} in all",
            )
        }
        Base::Transfers => language
            .choose(
                "overføringer som summerer til 0",
                "overføringar som summerer til 0",
                "transfers that sum to 0",
            )
            .to_owned(),
    };
    Node::new(format!("{text}{among}")).at(&part.place)
}

/// The parts of a key with what each came to for the party; `told` is how the closures of each came to their answers.
pub fn parts(case: &Case<'_>, step: &KeyStep, told: &[PartDeliberation]) -> Vec<Node> {
    let part = |(index, part): (usize, &PartStep)| {
        let node = part_node(case, part, step.amount).at(&part.part.place);
        node.with(told.get(index).map(|told| worked_out(case, part, told)).into_iter().flatten())
    };
    let mut nodes: Vec<Node> = step.parts.iter().enumerate().map(part).collect();
    let Some((exact, rounded)) = &step.shared else { return nodes };
    let proportional = step.parts.iter().filter(|part| part.rounded.is_none() && part.value.is_some());
    let terms: Vec<Ratio> = proportional.map(|part| part.exact.clone()).collect();
    let sum: Ratio = terms.iter().sum();
    if terms.len() > 1 {
        nodes.push(exactly(case.language, terms));
    }
    if *exact != rounded.kroner() && sum != ratio::whole(0) {
        let factor = rounded.kroner() / exact;
        let share = &sum * &factor;
        let (all, rounded) = (exact_norwegian(exact), money_norwegian(*rounded));
        let (own, times, result) = (factor_text(&sum), factor_text(&factor), exact_norwegian(&share));
        let text = say!(
            case.language,
            "i alt fordeles {all} på disse leddene, avrundet til {rounded}: {own} × {times} = {result}",
            "i alt blir {all} fordelt på desse ledda, avrunda til {rounded}: {own} × {times} = {result}",
            "in all these parts share {all}, which is rounded to {rounded}: {own} × {times} = {result}",
        );
        nodes.push(Node::exact(share, text).times([sum, factor]));
    }
    nodes
}

/// Several exact amounts and their sum.
pub fn exactly(language: Language, terms: Vec<Ratio>) -> Node {
    let sum: Ratio = terms.iter().sum();
    let words = terms.iter().map(factor_text).collect::<Vec<_>>().join(" + ");
    let result = exact_norwegian(&sum);
    let text = say!(
        language,
        "eksakt {words} = {result}",
        "eksakt {words} = {result}",
        "exactly {words} = {result}"
    );
    Node::exact(sum, text).sum_of(terms)
}

/// How a part that a closure has to do with was worked out for the party: the closure as it is written, what it looked
/// up, and the branches that it took.
fn worked_out(case: &Case<'_>, step: &PartStep, told: &PartDeliberation) -> Vec<Node> {
    let is_computed = match &step.part.base {
        Base::Proportional { by: Proportion::Computed, .. } | Base::Fixed(Tariff::Computed) => true,
        Base::Transfers => true,
        Base::Proportional { .. } | Base::Fixed(_) => false,
    };
    let mut nodes: Vec<Node> =
        told.phased.iter().map(|(factor, phases)| phased(case.language, factor, phases)).collect();
    if !is_computed && told.is_wanted.is_none() {
        return nodes;
    }
    let written = written_at(case, &step.part.place);
    nodes.push(match &told.answer {
        Some(answer) => Node::exact(answer.clone(), format!("{written} = {}", exact_norwegian(answer))),
        None => Node::new(written),
    });
    nodes.extend(rules::facts(case.language, &told.facts));
    nodes.extend(rules::decision_nodes(case, &told.decisions));
    // Fixed amounts may be multiplied in the rule.
    let is_fixed = matches!(step.part.base, Base::Fixed(_) | Base::Transfers);
    if let (true, Some(answer), Some(value)) = (is_fixed, &told.answer, &step.value)
        && answer != value
        && *answer != ratio::whole(0)
    {
        let factor = value / answer;
        let (times, own) = (factor_text(&factor), factor_text(answer));
        let text = format!("{times} × {own} = {}", exact_norwegian(value));
        nodes.push(Node::exact(value.clone(), text).times([factor, answer.clone()]));
    }
    if told.is_wanted == Some(false) {
        nodes.push(Node::new(case.language.choose(
            "så parten er ikke med i dette leddet",
            "så parten er ikkje med i dette leddet",
            "so it is not among those who share in this part",
        )));
    }
    nodes
}

/// The factor of a part that comes or goes over the years.
fn phased(language: Language, factor: &Ratio, phases: &[Ratio]) -> Node {
    let of_year: Ratio = phases.iter().product::<Ratio>() * factor;
    let fractions = phases.iter().map(exact_norwegian).collect::<Vec<_>>().join(" × ");
    let (whole, part) = (percent_norwegian(factor), percent_norwegian(&of_year));
    Node::new(say!(
        language,
        "{part} = {whole} × {fractions}, siden leddet fases inn eller ut over årene",
        "{part} = {whole} × {fractions}, sidan leddet blir fasa inn eller ut over åra",
        "{part} = {whole} × {fractions}, as it comes or goes over the years",
    ))
}

/// The words of a rule from a place on, with what hangs on them: `by(|p| …).where(|p| …)`, on one line.
fn written_at(case: &Case<'_>, place: &Place) -> String {
    let text = case.sources().get(place.source).text.get(place.bytes.start..).unwrap_or_default();
    let (mut depth, mut quoted, mut end) = (0_usize, false, text.len());
    for (at, sign) in text.char_indices() {
        match sign {
            '"' => quoted = !quoted,
            _ if quoted => {}
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => {
                depth = depth.saturating_sub(1);
                let next = text[at + 1..].trim_start();
                if depth == 0 && !next.starts_with('.') {
                    end = at + 1;
                    break;
                }
            }
            _ => {}
        }
    }
    let written = text[..end].split_whitespace().collect::<Vec<_>>().join(" ");
    match written.char_indices().nth(WRITTEN_CHARACTERS_MAX) {
        Some((byte, _)) => format!("{}…", &written[..byte]),
        None => written,
    }
}

fn part_node(case: &Case<'_>, step: &PartStep, amount: Money) -> Node {
    let language = case.language;
    let Some(value) = &step.value else {
        let written = written_at(case, &step.part.place);
        return Node::new(say!(
            language,
            "er ikke med i dette leddet: {written}",
            "er ikkje med i dette leddet: {written}",
            "does not share in this part: {written}",
        ));
    };
    let exact = exact_norwegian(&step.exact);
    let result = match &step.rounded {
        Some(rounded) if *rounded != step.exact => format!("{exact} → {}", exact_norwegian(rounded)),
        _ => exact.clone(),
    };
    let node = |text: String| {
        let number = step.rounded.as_ref().unwrap_or(&step.exact);
        Node::exact(number.clone(), text).rounded_from(&step.exact)
    };
    match &step.part.base {
        Base::Fixed(Tariff::Rate(rate, driver, year)) => {
            let count = if *rate == ratio::whole(0) { value.clone() } else { value / rate };
            let (rate_text, count_text) = (exact_norwegian(rate), exact_norwegian(&count));
            let unit = unit_of(case, *driver, *year);
            node(format!("{rate_text} × {count_text} {unit} = {result}")).times([rate.clone(), count])
        }
        Base::Transfers => {
            let text =
                say!(language, "etter regelen {exact}", "etter regelen {exact}", "by the rule {exact}");
            let written = Node::exact(step.exact.clone(), text);
            let text = say!(
                language,
                "overføring {result}, der alle overføringene summerer til 0",
                "overføring {result}, der alle overføringane summerer til 0",
                "transfer {result}, where all transfers sum to 0",
            );
            node(text).with([written])
        }
        Base::Fixed(Tariff::Named | Tariff::Each) => {
            node(say!(language, "fast beløp {result}", "fast beløp {result}", "fixed amount {result}"))
        }
        Base::Fixed(Tariff::Computed) => node(say!(
            language,
            "beregnet beløp {result}",
            "utrekna beløp {result}",
            "computed amount {result}",
        )),
        Base::Proportional { factor, by, .. } => {
            let (text, factors) = proportional(case, (step, value, &result), (amount, factor, by));
            node(text).times(factors)
        }
    }
}

/// A part of an amount in proportion to something: its line, and the numbers in it whose product it is.
fn proportional(
    case: &Case<'_>,
    (step, value, result): (&PartStep, &Ratio, &str),
    (amount, factor, by): (Money, &Ratio, &Proportion),
) -> (String, Vec<Ratio>) {
    let language = case.language;
    let base = proportion_words(case, by);
    let share = format!("{} × {}", money_norwegian(amount), percent_norwegian(factor));
    let own = match step.months {
        Some(months) => {
            let of_a_year = factor_text(&(value * ratio::fraction(MONTHS, months)));
            say!(
                language,
                "({of_a_year} × {months}/{MONTHS} måneder)",
                "({of_a_year} × {months}/{MONTHS} månader)",
                "({of_a_year} × {months}/{MONTHS} months)",
            )
        }
        None => factor_text(value),
    };
    let all = factor_text(&step.sum);
    let Some((exact, rate)) = &step.rate else {
        let factors = vec![amount.kroner(), factor.clone(), value / &step.sum];
        return (format!("{share} × {own}/{all} {base} = {result}"), factors);
    };
    let (each, rounded) = (truncated_norwegian(exact, 6), exact_norwegian(rate));
    let text = say!(
        language,
        "{share} / {all} {base} = {each} for hver, avrundet til {rounded}; × {own} = {result}",
        "{share} / {all} {base} = {each} for kvar, avrunda til {rounded}; × {own} = {result}",
        "{share} / {all} {base} = {each} each, rounded to {rounded}; × {own} = {result}",
    );
    (text, vec![rate.clone(), value.clone()])
}

/// What a proportion is by, with its year.
fn proportion_words(case: &Case<'_>, by: &Proportion) -> String {
    let language = case.language;
    let words = match by {
        Proportion::Driver(driver, year) => return unit_of(case, *driver, *year),
        Proportion::Equal => language.choose("like deler", "like delar", "equal parts"),
        Proportion::Percent(_) => language.choose("prosent", "prosent", "percent"),
        Proportion::Weights(_) | Proportion::Computed => language.choose("vekter", "vekter", "weights"),
    };
    words.to_owned()
}

/// What a driver counts, and of which year where one is named.
fn unit_of(case: &Case<'_>, driver: DriverIx, year: Option<i32>) -> String {
    let driver = &case.scenario().drivers[driver.0];
    let unit = driver.unit.as_ref().unwrap_or(&driver.id);
    match year {
        None => unit.clone(),
        Some(year) => say!(case.language, "{unit} i {year}", "{unit} i {year}", "{unit} of {year}"),
    }
}

/// A number as a factor: in brackets where it is written as a fraction.
pub fn factor_text(number: &Ratio) -> String {
    factor_norwegian(number, DECIMALS_MAX)
}
