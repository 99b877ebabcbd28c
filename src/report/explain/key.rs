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
    Node::new(format!("key {}", key.value)).at(&key.place).with(rules::told(case, told))
}

/// A later step of a key: what its amounts leave.
pub fn rest_head(step: &KeyStep) -> Node {
    let text = format!("what is left, {}, is shared", money_norwegian(step.amount));
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
    lines.extend(limits.map(|limit| {
        Node::new(format!("limits of the shares: {}", written_at(case, &limit.place))).at(&limit.place)
    }));
    if let Some(rest) = &plan.rest {
        lines.push(Node::new("what is left is shared").with(summary(case, rest)));
    }
    for (tag, key) in &plan.by_tag {
        lines.push(Node::new(format!("cost with the tag `{tag}`")).with(summary(case, key)));
    }
    lines
}

fn summary_line(case: &Case<'_>, part: &PartPlan) -> Node {
    let among = match part.parties.len() {
        count if count == case.scenario().parties.count() => String::new(),
        1 => ", for 1 party".to_owned(),
        count => format!(", among {count} parties"),
    };
    let text = match &part.base {
        Base::Proportional { factor, by, rate_unit } => {
            let rounded =
                rate_unit.as_ref().map(|unit| format!(", rate rounded to {}", exact_norwegian(unit)));
            let all = factor_text(&part.values.sum());
            let (base, year) = proportion_words(case, by);
            format!("{} by {all} {base}{year}{}", percent_norwegian(factor), rounded.unwrap_or_default())
        }
        Base::Fixed(Tariff::Rate(rate, driver, year)) => {
            format!("{} per {}{}", exact_norwegian(rate), unit_of(case, *driver), of_year(*year))
        }
        Base::Fixed(_) => format!("fixed amounts of {} in all", exact_norwegian(&part.values.sum())),
        Base::Transfers => "transfers that sum to 0".to_owned(),
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
        let words: Vec<String> = terms.iter().map(factor_text).collect();
        let text = format!("exactly {} = {}", words.join(" + "), exact_norwegian(&sum));
        nodes.push(Node::exact(sum.clone(), text).sum_of(terms));
    }
    if *exact != rounded.kroner() && sum != ratio::whole(0) {
        let factor = rounded.kroner() / exact;
        let share = &sum * &factor;
        let text = format!(
            "in all these parts share {}, which is rounded to {}: {} × {} = {}",
            exact_norwegian(exact),
            money_norwegian(*rounded),
            factor_text(&sum),
            factor_text(&factor),
            exact_norwegian(&share)
        );
        nodes.push(Node::exact(share, text).times([sum, factor]));
    }
    nodes
}

/// How a part that a closure has to do with was worked out for the party: the closure as it is written, what it looked
/// up, and the branches that it took.
fn worked_out(case: &Case<'_>, step: &PartStep, told: &PartDeliberation) -> Vec<Node> {
    let is_computed = match &step.part.base {
        Base::Proportional { by: Proportion::Computed, .. } | Base::Fixed(Tariff::Computed) => true,
        Base::Transfers => true,
        Base::Proportional { .. } | Base::Fixed(_) => false,
    };
    let mut nodes: Vec<Node> = told.phased.iter().map(|(factor, phases)| phased(factor, phases)).collect();
    if !is_computed && told.is_wanted.is_none() {
        return nodes;
    }
    let written = written_at(case, &step.part.place);
    nodes.push(match &told.answer {
        Some(answer) => Node::exact(answer.clone(), format!("{written} = {}", exact_norwegian(answer))),
        None => Node::new(written),
    });
    nodes.extend(rules::facts(&told.facts));
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
        nodes.push(Node::new("so it is not among those who share in this part"));
    }
    nodes
}

/// The factor of a part that comes or goes over the years.
fn phased(factor: &Ratio, phases: &[Ratio]) -> Node {
    let of_year: Ratio = phases.iter().product::<Ratio>() * factor;
    let fractions: Vec<String> = phases.iter().map(exact_norwegian).collect();
    let (whole, part) = (percent_norwegian(factor), percent_norwegian(&of_year));
    let text = format!("{part} = {whole} × {}, as it comes or goes over the years", fractions.join(" × "));
    Node::new(text)
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
    let Some(value) = &step.value else {
        let written = written_at(case, &step.part.place);
        return Node::new(format!("does not share in this part: {written}"));
    };
    let exact = exact_norwegian(&step.exact);
    let result = match &step.rounded {
        Some(rounded) if *rounded != step.exact => format!("{exact} → {}", exact_norwegian(rounded)),
        _ => exact,
    };
    let node = |text: String| {
        let number = step.rounded.as_ref().unwrap_or(&step.exact);
        Node::exact(number.clone(), text).rounded_from(&step.exact)
    };
    match &step.part.base {
        Base::Fixed(Tariff::Rate(rate, driver, year)) => {
            let count = if *rate == ratio::whole(0) { value.clone() } else { value / rate };
            let (rate_text, count_text) = (exact_norwegian(rate), exact_norwegian(&count));
            let (unit, year) = (unit_of(case, *driver), of_year(*year));
            node(format!("{rate_text} × {count_text} {unit}{year} = {result}")).times([rate.clone(), count])
        }
        Base::Transfers => {
            let written =
                Node::exact(step.exact.clone(), format!("by the rule {}", exact_norwegian(&step.exact)));
            node(format!("transfer {result}, where all transfers sum to 0")).with([written])
        }
        Base::Fixed(Tariff::Named | Tariff::Each) => node(format!("fixed amount {result}")),
        Base::Fixed(Tariff::Computed) => node(format!("computed amount {result}")),
        Base::Proportional { factor, by, .. } => {
            let (base, year) = proportion_words(case, by);
            let share = format!("{} × {}", money_norwegian(amount), percent_norwegian(factor));
            let own = match step.months {
                Some(months) => {
                    let of_a_year = value * ratio::fraction(MONTHS, months);
                    format!("({} × {months}/{MONTHS} months)", factor_text(&of_a_year))
                }
                None => factor_text(value),
            };
            let all = factor_text(&step.sum);
            match &step.rate {
                Some((exact, rate)) => {
                    let text = format!(
                        "{share} / {all} {base}{year} = {} each, rounded to {}; × {own} = {result}",
                        truncated_norwegian(exact, 6),
                        exact_norwegian(rate)
                    );
                    node(text).times([rate.clone(), value.clone()])
                }
                None => node(format!("{share} × {own}/{all} {base}{year} = {result}")).times([
                    amount.kroner(),
                    factor.clone(),
                    value / &step.sum,
                ]),
            }
        }
    }
}

/// What a proportion is by, and of which year.
fn proportion_words(case: &Case<'_>, by: &Proportion) -> (String, String) {
    match by {
        Proportion::Driver(driver, year) => (unit_of(case, *driver), of_year(*year)),
        Proportion::Equal => ("equal parts".to_owned(), String::new()),
        Proportion::Percent(_) => ("percent".to_owned(), String::new()),
        Proportion::Weights(_) | Proportion::Computed => ("weights".to_owned(), String::new()),
    }
}

fn unit_of(case: &Case<'_>, driver: DriverIx) -> String {
    let driver = &case.scenario().drivers[driver.0];
    driver.unit.clone().unwrap_or_else(|| driver.id.clone())
}

/// A number as a factor: in brackets where it is written as a fraction.
pub fn factor_text(number: &Ratio) -> String {
    factor_norwegian(number, DECIMALS_MAX)
}

fn of_year(year: Option<i32>) -> String {
    year.map_or_else(String::new, |year| format!(" of {year}"))
}
