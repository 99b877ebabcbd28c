//! The certificate of a share as a tree of text, ending in the documentation of the rules.

use crate::engine::budget::{Draw, Limit};
use crate::engine::certificate::{BuyInStep, Certificate, KeyStep, LineStep, PartStep, Rounding};
use crate::engine::walk::Outcome;
use crate::ground::limits::Hold;
use crate::ground::money::Money;
use crate::ground::numerals::{decimal_norwegian, exact_norwegian, money_norwegian, truncated_norwegian};
use crate::ground::ratio::{self, Ratio};
use crate::ground::source::Sources;
use crate::model::index::IndexStep;
use crate::model::measure::Residual;
use crate::model::party::PartyIx;
use crate::model::period::MONTHS;
use crate::model::settlement::Settle;
use crate::rules::plan::{Base, DrawPlan, LimitBase, Proportion, Side, Tariff};

use super::ledger_text::has_minimum;
use super::tree::Branch;

/// How many remainders of the queue are shown.
const QUEUE_SHOWN_MAX: usize = 12;

/// Writes a certificate.
pub fn write(certificate: &Certificate, outcome: &Outcome, sources: &Sources) -> String {
    let scenario = &outcome.scenario;
    let measure = &scenario.measures[certificate.measure.0];
    let party = &scenario.parties.get(certificate.party).name;
    let title = format!(
        "{party} · {} · {} = {} {}",
        measure.title,
        certificate.year,
        money_norwegian(certificate.share),
        scenario.currency
    );
    let mut root = Branch { text: title, under: vec![net_cost(certificate, outcome, sources)] };
    for (index, step) in certificate.steps.iter().enumerate() {
        root.under.push(key(step, index, certificate, outcome, sources));
        // A maximum before `.rest(…)` cuts what has been rounded; else limits come before rounding.
        let rounding = step.rounding.as_ref().map(|step| rounding(step, outcome));
        let held = step.limit.as_ref().is_some_and(|limit| limit.hold != Hold::Free);
        let (first, second) =
            if held { (rounding, limit(step, outcome)) } else { (limit(step, outcome), rounding) };
        root.under.extend(first.into_iter().chain(second));
    }
    root.under.extend(together(certificate, outcome));
    if measure.residual == Some(Residual::Host(certificate.party)) && !certificate.figures.host_part.is_zero()
    {
        let part = money_norwegian(certificate.figures.host_part);
        root.under.push(Branch::leaf(format!(
            "the host's share is changed by {part}, so that all shares sum to the net cost"
        )));
    }
    root.under.extend(besides(certificate, outcome));
    root.under.push(proof(certificate, outcome));
    root.under.extend(documentation(certificate, outcome, sources));
    root.text()
}

fn net_cost(certificate: &Certificate, outcome: &Outcome, sources: &Sources) -> Branch {
    let figures = &certificate.figures;
    let mut under = Vec::new();
    let lines_text = |lines: Money| format!("the cost lines sum to {}", money_norwegian(lines));
    let mut gross = Branch::leaf(match (figures.decided, figures.lines) {
        (true, Some(lines)) => {
            format!("gross {}, as decided; {}", money_norwegian(figures.gross), lines_text(lines))
        }
        (true, None) => format!("gross {}, as decided", money_norwegian(figures.gross)),
        (false, _) => format!("gross {}, the sum of the cost lines", money_norwegian(figures.gross)),
    });
    if let Some(step) = &certificate.decided_by {
        gross.text = format!("{}: {}", gross.text, index_text(step));
    }
    gross.under = certificate.lines.iter().map(|line| Branch::leaf(line_text(line))).collect();
    under.push(gross);
    for charge in &certificate.charges {
        let from = &outcome.scenario.measures[charge.from.0].title;
        under.push(Branch::leaf(format!("+ {} charged by {from}", money_norwegian(charge.amount))));
    }
    for (draw, place) in &certificate.draws {
        let rule = draw_rule(outcome, certificate, draw);
        let mut limits = vec![format!(
            "{} of {} is {}",
            percent(&rule.rate),
            money_norwegian(draw.eligible),
            money_norwegian(draw.by_rate)
        )];
        limits.extend(rule.ceiling.map(|ceiling| format!("its ceiling is {}", money_norwegian(ceiling))));
        limits.push(match draw.limit {
            Limit::ProRata => format!(
                "the source has {}, shared with others that ask pro rata",
                money_norwegian(draw.available)
            ),
            _ if has_minimum(outcome.scenario.as_ref(), draw.source) => {
                format!("the reserve has {} above its minimum", money_norwegian(draw.available))
            }
            _ => format!("the source has {}", money_norwegian(draw.available)),
        });
        limits.extend(draw.matched.map(|matched| {
            let rate = rule.match_rate.as_ref().map(percent).unwrap_or_default();
            format!(
                "it may be {rate} of itself and the own contribution, which is {}",
                money_norwegian(matched)
            )
        }));
        limits.push(format!("the measure needs {}", money_norwegian(draw.needed)));
        under.push(Branch {
            text: format!(
                "− {} from {}, the least of these   {}",
                money_norwegian(draw.amount),
                outcome.scenario.source_title(draw.source),
                sources.locate_line(place)
            ),
            under: limits.into_iter().map(Branch::leaf).collect(),
        });
    }
    Branch { text: format!("net cost {}", money_norwegian(figures.net)), under }
}

fn key(
    step: &KeyStep,
    index: usize,
    certificate: &Certificate,
    outcome: &Outcome,
    sources: &Sources,
) -> Branch {
    let measure = &outcome.scenario.measures[certificate.measure.0];
    let text = match index {
        _ if step.tag.is_some() => {
            let tag = step.tag.as_deref().unwrap_or_default();
            format!("cost with the tag `{tag}`, {}, is shared", money_norwegian(step.amount))
        }
        0 => {
            let key = measure.key();
            let place = key.map(|key| sources.locate_line(&key.place)).unwrap_or_default();
            format!("key {}   {place}", key.map(|key| key.value.as_str()).unwrap_or_default())
        }
        _ => format!("what is left, {}, is shared", money_norwegian(step.amount)),
    };
    let parts = step.parts.iter().map(|part| {
        let place = sources.locate_line(&part.part.place);
        let text = format!("{}   {place}", part_text(part, step.amount, outcome));
        Branch { text, under: computed_from(part, certificate, outcome, sources) }
    });
    Branch { text, under: parts.collect() }
}

/// The driver values of the party that a computed part may have read: those its rule file or key names.
fn computed_from(
    step: &PartStep,
    certificate: &Certificate,
    outcome: &Outcome,
    sources: &Sources,
) -> Vec<Branch> {
    let computed = match &step.part.base {
        Base::Proportional { by: Proportion::Computed, .. } | Base::Fixed(Tariff::Computed) => true,
        Base::Transfers => true,
        Base::Proportional { .. } | Base::Fixed(_) => false,
    };
    if !computed || step.value.is_none() {
        return vec![];
    }
    let rules = &sources.get(step.part.place.source).text;
    let named = outcome.scenario.drivers.iter().filter(|driver| rules.contains(&driver.id));
    let values = named.filter_map(|driver| {
        let value = driver.values(certificate.year)?.of(certificate.party)?;
        Some(Branch::leaf(format!("{} = {}", driver.id, exact_norwegian(&value))))
    });
    values.collect()
}

fn part_text(step: &PartStep, amount: Money, outcome: &Outcome) -> String {
    let unit = |driver: crate::model::driver::DriverIx| {
        let driver = &outcome.scenario.drivers[driver.0];
        driver.unit.clone().unwrap_or_else(|| driver.id.clone())
    };
    let Some(value) = &step.value else { return "does not share in this part".to_owned() };
    let result = exact_norwegian(&step.exact);
    let rounded = match &step.rounded {
        Some(rounded) if *rounded != step.exact => format!("{result} → {}", exact_norwegian(rounded)),
        _ => result,
    };
    match &step.part.base {
        Base::Fixed(Tariff::Rate(rate, driver, year)) => {
            let count = if *rate == ratio::whole(0) { value.clone() } else { value / rate };
            format!(
                "{} × {} {}{} = {rounded}",
                exact_norwegian(rate),
                exact_norwegian(&count),
                unit(*driver),
                of_year(*year)
            )
        }
        Base::Transfers => format!("transfer {rounded}, where all transfers sum to 0"),
        Base::Fixed(Tariff::Named | Tariff::Each) => format!("fixed amount {rounded}"),
        Base::Fixed(Tariff::Computed) => format!("computed amount {rounded}"),
        Base::Proportional { factor, by, .. } => {
            let (base, year) = match by {
                Proportion::Driver(driver, year) => (unit(*driver), of_year(*year)),
                Proportion::Equal => ("equal parts".to_owned(), String::new()),
                Proportion::Percent(_) => ("percent".to_owned(), String::new()),
                Proportion::Weights(_) | Proportion::Computed => ("weights".to_owned(), String::new()),
            };
            let share = format!("{} × {}", money_norwegian(amount), percent(factor));
            let own = match step.months {
                Some(months) => {
                    let of_a_year = value * ratio::fraction(MONTHS, months);
                    format!("({} × {months}/{MONTHS} months)", factor_text(&of_a_year))
                }
                None => factor_text(value),
            };
            let all = factor_text(&step.sum);
            match &step.rate {
                Some((exact, rate)) => format!(
                    "{share} / {all} {base}{year} = {} each, rounded to {}; × {own} = {rounded}",
                    truncated_norwegian(exact, 6),
                    exact_norwegian(rate)
                ),
                None => format!("{share} × {own}/{all} {base}{year} = {rounded}"),
            }
        }
    }
}

/// What the share is the sum of, where it is one.
fn together(certificate: &Certificate, outcome: &Outcome) -> Option<Branch> {
    let mut terms: Vec<String> = Vec::new();
    for step in &certificate.steps {
        // Several amounts of one key are shown one by one, unless a limit has changed their sum.
        let one_by_one = || step.parts.iter().filter_map(|part| part.rounded.as_ref());
        let amounts: Ratio = one_by_one().sum();
        if step.rounding.is_none() && step.limit.is_none() && amounts == step.given.kroner() {
            terms.extend(one_by_one().filter(|amount| **amount != ratio::whole(0)).map(exact_norwegian));
        } else if let Some(rounding) = step.rounding.as_ref().filter(|_| step.limit.is_none()) {
            terms.extend(one_by_one().filter(|amount| **amount != ratio::whole(0)).map(exact_norwegian));
            let unit = if rounding.got_left_over { &rounding.unit } else { &Money::ZERO };
            terms.push(money_norwegian(rounding.cut.plus(*unit).unwrap_or(rounding.cut)));
        } else {
            terms.push(money_norwegian(step.given));
        }
    }
    let residual = outcome.scenario.measures[certificate.measure.0].residual;
    if residual == Some(Residual::Host(certificate.party)) && !certificate.figures.host_part.is_zero() {
        terms.push(money_norwegian(certificate.figures.host_part));
    }
    (terms.len() > 1).then(|| {
        Branch::leaf(format!("together {} = {}", terms.join(" + "), money_norwegian(certificate.share)))
    })
}

fn line_text(line: &LineStep) -> String {
    let in_kind = if line.in_kind { ", work in kind, which is not billed" } else { "" };
    let indexed = line.indexed.as_ref().map(|step| format!(": {}", index_text(step))).unwrap_or_default();
    format!("{} {}{in_kind}{indexed}", line.name, money_norwegian(line.amount))
}

/// The factor of an index: as a decimal number where it is one, else as a fraction in brackets.
pub fn index_factor(factor: &Ratio) -> String {
    decimal_norwegian(factor, 12).unwrap_or_else(|| factor_text(factor))
}

/// How an indexed amount came about.
fn index_text(step: &IndexStep) -> String {
    let unit = if step.unit == Money::ORE {
        String::new()
    } else {
        format!(", rounded to {}", money_norwegian(step.unit))
    };
    format!(
        "{} of {} × {} by `{}`{unit}",
        money_norwegian(step.from),
        step.from_year,
        index_factor(&step.factor),
        step.index
    )
}

/// The limits of the share, and whether one holds it.
fn limit(step: &KeyStep, outcome: &Outcome) -> Option<Branch> {
    let limit = step.limit.as_ref().filter(|limit| !limit.least.is_zero() || limit.most.is_some())?;
    let least = (!limit.least.is_zero()).then(|| format!("at least {}", money_norwegian(limit.least)));
    let most = limit.most.map(|most| format!("at most {}", money_norwegian(most)));
    let limits: Vec<String> = least.into_iter().chain(most).collect();
    let origins = limit.origins.iter().filter_map(|(side, of, number, base)| {
        let side = if *side == Side::Least { "at least" } else { "at most" };
        let what = if *of == LimitBase::LastYear { "billed last year" } else { "of the amount" };
        let base = (*base)?;
        let exact = exact_norwegian(&(base.kroner() * number));
        Some(format!("{side} {} × {} {what} = {exact}", percent(number), money_norwegian(base)))
    });
    let held = match limit.hold {
        Hold::Least => format!("the minimum holds: {}", money_norwegian(step.given)),
        Hold::Most => format!("the maximum holds: {}", money_norwegian(step.given)),
        Hold::Free => "none of them holds it".to_owned(),
    };
    let mut under: Vec<String> = origins.collect();
    if !limit.others.is_empty() {
        let other = |(party, hold, amount): &(PartyIx, Hold, Money)| {
            let which = if *hold == Hold::Most { "maximum" } else { "minimum" };
            let name = &outcome.scenario.parties.get(*party).name;
            format!("{name} {} ({which})", money_norwegian(*amount))
        };
        let shown = limit.others.iter().take(QUEUE_SHOWN_MAX).map(other).collect::<Vec<_>>().join(" · ");
        let more = limit.others.len().saturating_sub(QUEUE_SHOWN_MAX);
        let more = if more > 0 { format!(" · and {more} others") } else { String::new() };
        let also = if limit.hold == Hold::Free { "" } else { " as well" };
        under.push(format!("held by their limits{also}: {shown}{more}"));
    }
    if let Some((left, part)) = limit.left.as_ref().filter(|_| !limit.others.is_empty()) {
        let exact = left.kroner() * part;
        under.push(format!(
            "what they leave, {}, × {} of the weights of those whom no limit holds = {}",
            money_norwegian(*left),
            exact_norwegian(part),
            exact_norwegian(&exact)
        ));
    }
    Some(Branch::with_leaves(format!("limits: {}; {held}", limits.join(" and ")), under))
}

/// What the party pays or gets besides its share.
fn besides(certificate: &Certificate, outcome: &Outcome) -> Vec<Branch> {
    let besides = &certificate.besides;
    let mut branches = Vec::new();
    branches.extend(besides.buy_in.as_ref().filter(|step| !step.amount.is_zero()).map(buy_in));
    if !besides.brought_forward.is_zero() {
        branches.push(Branch::leaf(format!(
            "besides: {} brought forward from the settlement of {}",
            money_norwegian(besides.brought_forward),
            certificate.year - 1
        )));
    }
    if let Some(settlement) = besides.settlement {
        let goes = match besides.settled_with {
            Some(Settle::Reserve(reserve)) => {
                format!(", which {} takes up", outcome.scenario.reserves[reserve.0].title)
            }
            Some(Settle::CarryForward) => format!(", carried to {}", certificate.year + 1),
            Some(Settle::Refund) | None => ", settled between the parties".to_owned(),
        };
        branches.push(Branch::leaf(format!(
            "settlement: actual share {} − billed share {} = {}{goes}",
            certificate.share.plus(settlement).map(money_norwegian).unwrap_or_default(),
            money_norwegian(certificate.share),
            money_norwegian(settlement)
        )));
    }
    if !besides.instalments.is_empty() {
        let parts: Vec<String> = besides.instalments.iter().map(|part| money_norwegian(*part)).collect();
        branches.push(Branch::leaf(format!("paid in {} instalments: {}", parts.len(), parts.join(" + "))));
    }
    branches
}

/// What a party pays for buying in or gets for it, year by year.
fn buy_in(step: &BuyInStep) -> Branch {
    let gets = step.amount.is_negative();
    let text = if gets {
        format!("besides: gets {} from newcomers, in proportion to what it paid", positive(step.amount))
    } else {
        format!("besides: buys in for {}", money_norwegian(step.amount))
    };
    let leaf = |(year, cost, book, part): &(i32, Money, Ratio, Ratio)| {
        let held = if gets { format!(" × {} which it paid", exact_norwegian(part)) } else { String::new() };
        format!(
            "{year} cost {} net and is worth {}{held} × {} which newcomers take = {}",
            money_norwegian(*cost),
            exact_norwegian(book),
            exact_norwegian(&step.part),
            exact_norwegian(&(book * part * &step.part))
        )
    };
    Branch::with_leaves(text, step.investments.iter().map(leaf))
}

fn positive(amount: Money) -> String {
    money_norwegian(Money::from_ore(amount.ore().saturating_abs()))
}

fn rounding(rounding: &Rounding, outcome: &Outcome) -> Branch {
    let mut exact = exact_norwegian(&rounding.exact);
    if let Some(behind) = &rounding.behind {
        let word = if *behind < ratio::whole(0) { "ahead" } else { "behind" };
        let size = if *behind < ratio::whole(0) { -behind } else { behind.clone() };
        exact = format!("{exact}, {} {word} from earlier years", exact_norwegian(&size));
    }
    let cut = money_norwegian(rounding.cut);
    if rounding.remainder == ratio::whole(0) {
        return Branch::leaf(format!("exact {exact}: nothing to round"));
    }
    let left_over = match rounding.left_over {
        1 => "1 unit is".to_owned(),
        count => format!("{count} units are"),
    };
    let tie = if rounding.tie { "; of equal remainders the larger weight is first, then the id" } else { "" };
    let got = if rounding.got_left_over {
        let whole = rounding.cut.plus(rounding.unit).unwrap_or(rounding.cut);
        format!("gets one, which makes {}", money_norwegian(whole))
    } else {
        "gets none".to_owned()
    };
    let text = format!(
        "exact {exact} → {cut}; remainder {} is number {} of {}{tie}; {left_over} left over: {got}",
        truncated_norwegian(&rounding.remainder, 3),
        rounding.queue,
        rounding.queued.len()
    );
    let shown = rounding.queued.iter().take(QUEUE_SHOWN_MAX).map(|(party, remainder)| {
        format!("{} {}", outcome.scenario.parties.get(*party).name, truncated_norwegian(remainder, 3))
    });
    let more = rounding.queued.len().saturating_sub(QUEUE_SHOWN_MAX);
    let more = if more > 0 { format!(" · and {more} smaller") } else { String::new() };
    let queue = format!("remainders: {}{more}", shown.collect::<Vec<_>>().join(" · "));
    Branch { text, under: vec![Branch::leaf(queue)] }
}

fn proof(certificate: &Certificate, outcome: &Outcome) -> Branch {
    let figures = &certificate.figures;
    let residual = match figures.residual {
        residual if residual.is_zero() => String::new(),
        residual => format!(" + residual {}", money_norwegian(residual)),
    };
    let mark = if outcome.proof.holds() { "✓" } else { "✗" };
    Branch::leaf(format!(
        "proof: all shares {} = net cost {}{residual} {mark}",
        money_norwegian(figures.billed),
        money_norwegian(figures.net)
    ))
}

fn documentation(certificate: &Certificate, outcome: &Outcome, sources: &Sources) -> Option<Branch> {
    let measure = &outcome.scenario.measures[certificate.measure.0];
    let expressions = measure.key().into_iter().chain(&measure.funding);
    let mut rules = Vec::new();
    for rule in expressions.flat_map(|expression| outcome.rulebook.rules_called(&expression.value)) {
        if !rules.contains(&rule) {
            rules.push(rule);
        }
    }
    let under = rules.iter().map(|rule| Branch {
        text: format!("{}   {}", rule.name, sources.locate_line(&rule.place)),
        under: rule.documentation.iter().map(Branch::leaf).collect(),
    });
    (!rules.is_empty()).then(|| Branch { text: "rules".to_owned(), under: under.collect() })
}

fn draw_rule<'o>(outcome: &'o Outcome, certificate: &Certificate, draw: &Draw) -> &'o DrawPlan {
    let year_index = outcome.scenario.years.index(certificate.year).unwrap_or(0);
    &outcome.plan.draws(year_index, draw.measure)[draw.step]
}

/// A number as a factor: in brackets where it is written as a fraction.
fn factor_text(number: &Ratio) -> String {
    let text = exact_norwegian(number);
    if text.contains('/') { format!("({text})") } else { text }
}

/// A fraction in percent.
pub fn percent(factor: &Ratio) -> String {
    format!("{} %", exact_norwegian(&(factor * ratio::whole(100))))
}

fn of_year(year: Option<i32>) -> String {
    year.map_or_else(String::new, |year| format!(" of {year}"))
}
