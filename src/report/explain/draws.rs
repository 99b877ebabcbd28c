//! Draws on grants and reserves: each of the amounts that a draw is the least of, and which of them bound it.

use crate::engine::books::{Books, ProRataStep};
use crate::engine::budget::{Draw, Limit, Lot};
use crate::ground::money::{Money, TooLarge};
use crate::ground::numerals::{exact_norwegian, money_norwegian, percent_norwegian};
use crate::ground::ratio;
use crate::model::measure::{MeasureIx, Version};
use crate::model::scenario::FundSource;
use crate::model::years::Year;
use crate::report::figures::FigureKind;
use crate::report::language::{Language, say};
use crate::report::ledger_text::has_minimum;

use super::node::{Node, Role};
use super::{Case, rounding, rules};

/// What a measure drew from a source, or from all of them.
///
/// # Errors
/// [`TooLarge`] when a number does not fit.
pub fn of_measure(
    case: &Case<'_>,
    books: &Books<'_>,
    index: MeasureIx,
    source: &str,
) -> Result<Node, TooLarge> {
    let wanted = |draw: &&Draw| source.is_empty() || case.outcome.scenario.source_id(draw.source) == source;
    let draws = books.walked.draws_of(index).filter(wanted);
    let draws: Vec<Node> = draws.map(|draw| draw_node(case, books, draw)).collect::<Result<_, _>>()?;
    let node = Node::new("").with(draws.into_iter().map(Node::plus));
    Ok(node.with(rules::of_funding(case, books, index)))
}

/// A draw that is taken off a cost.
///
/// # Errors
/// [`TooLarge`] when a number does not fit.
pub fn draw(case: &Case<'_>, books: &Books<'_>, draw: &Draw) -> Result<Node, TooLarge> {
    let node = draw_node(case, books, draw)?;
    Ok(Node { text: format!("− {}", node.text), ..node })
}

/// What measures drew on a source, in the order of the file.
///
/// # Errors
/// [`TooLarge`] when a number does not fit.
pub fn on_source(case: &Case<'_>, books: &Books<'_>, source: FundSource) -> Result<Vec<Node>, TooLarge> {
    let draws = books.walked.draws.iter().filter(|draw| draw.source == source);
    let by_measure = |draw: &Draw| {
        let node = draw_node(case, books, draw)?;
        let title = case.measure_title(draw.measure);
        let amount = money_norwegian(draw.amount);
        let text = say!(
            case.language,
            "{amount} brukt av {title}, det minste av disse beløpene",
            "{amount} brukt av {title}, det minste av desse beløpa",
            "{amount} by {title}, the least of these",
        );
        Ok(Node { text, ..node }.plus())
    };
    draws.map(by_measure).collect()
}

fn draw_node(case: &Case<'_>, books: &Books<'_>, draw: &Draw) -> Result<Node, TooLarge> {
    let scenario = case.scenario();
    let plan = books.draw_plan(draw);
    let (amount, source) = (money_norwegian(draw.amount), scenario.source_title(draw.source));
    let language = case.language;
    let binds = language.choose(": dette avgjør", ": dette avgjer", ": this one binds");
    let bound = |limit: Limit| if draw.limit == limit { binds } else { "" };
    let mut limits = decided(case, books, draw);
    limits.push(by_rate(language, books, draw, bound(Limit::Rate)).role(Role::Limit));
    limits.extend(plan.ceiling.map(|ceiling| {
        let (most, bound) = (money_norwegian(ceiling), bound(Limit::Ceiling));
        let text = say!(
            language,
            "taket er {most}{bound}",
            "taket er {most}{bound}",
            "its ceiling is {most}{bound}",
        );
        Node::money(ceiling, text).role(Role::Limit)
    }));
    let pro_rata = if draw.limit == Limit::ProRata { books.pro_rata(draw)? } else { None };
    let left = available(case, books, draw, bound(Limit::Source));
    limits.push(match &pro_rata {
        None => left.role(Role::Limit),
        Some(step) => pro_rata_node(case, books, draw, step)?.with([left]).role(Role::Limit),
    });
    limits.extend(
        draw.matched.map(|matched| matched_node(language, books, draw, matched, bound(Limit::Match))),
    );
    limits.push(needed(language, books, draw, bound(Limit::Need)));
    let measure = books.measure(draw.measure);
    let key = case.key(books.walked.year, FigureKind::Draw, &measure.id, scenario.source_id(draw.source));
    let text = say!(
        language,
        "{amount} fra {source}, det minste av disse beløpene",
        "{amount} frå {source}, det minste av desse beløpa",
        "{amount} from {source}, the least of these",
    );
    let node = Node::money(draw.amount, text).at(&plan.place);
    let node = if is_the_figure(books, draw) { node.figure(key) } else { node };
    let lots = lots(language, draw);
    Ok(node.with(limits).with(lots))
}

/// Which branches the rule of a draw took.
fn decided(case: &Case<'_>, books: &Books<'_>, draw: &Draw) -> Vec<Node> {
    let Some(step) = books.measure(draw.measure).funding.get(draw.step) else { return vec![] };
    let told = rules::deliberation(case, step, books.walked.year, Some(draw.measure), None);
    rules::told(case, &told)
}

/// Whether it is all that the measure draws from this source, by the budget.
fn is_the_figure(books: &Books<'_>, draw: &Draw) -> bool {
    let is_budget = books.walked.version == Version::Budget;
    is_budget && books.walked.draws_of(draw.measure).filter(|other| other.source == draw.source).count() == 1
}

/// Its rate of the eligible cost.
fn by_rate(language: Language, books: &Books<'_>, draw: &Draw, bound: &str) -> Node {
    let plan = books.draw_plan(draw);
    let (eligible, by_rate) = (money_norwegian(draw.eligible), money_norwegian(draw.by_rate));
    let exact = draw.eligible.kroner() * &plan.rate;
    let rate = percent_norwegian(&plan.rate);
    let text = if exact == draw.by_rate.kroner() {
        say!(
            language,
            "{rate} av {eligible} er {by_rate}{bound}",
            "{rate} av {eligible} er {by_rate}{bound}",
            "{rate} of {eligible} is {by_rate}{bound}",
        )
    } else {
        say!(
            language,
            "{rate} av {eligible} er {by_rate}, avrundet til hele øre{bound}",
            "{rate} av {eligible} er {by_rate}, avrunda til heile øre{bound}",
            "{rate} of {eligible}, rounded to the øre, is {by_rate}{bound}",
        )
    };
    let node = Node::money(draw.by_rate, text);
    let node = match draw.eligible.is_negative() {
        true => node,
        false => node.rounded_from(&exact).times([plan.rate.clone(), draw.eligible.kroner()]),
    };
    let Some(lines) = &plan.lines else { return node };
    let measure = books.measure(draw.measure);
    let version = measure.version_standing_for(books.walked.version, books.walked.year);
    let lines = lines.iter().filter_map(|line| {
        let line = &measure.lines[*line];
        Some((line.name.as_str(), line.amount(version, books.walked.year)?))
    });
    let (names, terms): (Vec<String>, Vec<_>) =
        lines.map(|(name, amount)| (format!("{name} {}", money_norwegian(amount)), amount.kroner())).unzip();
    let names = names.join(" + ");
    let text = say!(
        language,
        "støtteberettiget {eligible}: {names}",
        "støtteberettiga {eligible}: {names}",
        "eligible {eligible}: {names}",
    );
    node.with([Node::money(draw.eligible, text).sum_of(terms)])
}

/// What a source had before the draw, and who had drawn on it.
fn available(case: &Case<'_>, books: &Books<'_>, draw: &Draw, bound: &str) -> Node {
    let scenario = case.scenario();
    let left = money_norwegian(draw.available);
    let language = case.language;
    let words = if has_minimum(scenario, draw.source) {
        say!(
            language,
            "fondet har {left} over minstebeløpet{bound}",
            "fondet har {left} over minstebeløpet{bound}",
            "the reserve has {left} above its minimum{bound}",
        )
    } else {
        say!(language, "kilden har {left}{bound}", "kjelda har {left}{bound}", "the source has {left}{bound}",)
    };
    let node = Node::money(draw.available, words);
    let opened = books.opened(draw.source).ok().filter(|opened| !opened.is_negative());
    let Some(opened) = opened else { return node };
    let lots = |figure: fn(&Lot) -> Money| match draw.source {
        FundSource::Grant(grant) => books.walked.grants[grant.0].sum(figure).unwrap_or_default(),
        FundSource::Reserve(_) => Money::ZERO,
    };
    let (opening, award) = (lots(|lot| lot.opening), lots(|lot| lot.award));
    let is_both = !opening.is_zero() && !award.is_zero();
    let words = opened_words(case, books, draw, (opening, award, opened));
    let less = |amount: Money, by: &str| {
        let shown = money_norwegian(amount);
        let text = say!(
            language,
            "− {shown} allerede brukt{by}",
            "− {shown} allereie brukt{by}",
            "− {shown} drawn before{by}",
        );
        Node::money(amount, text).minus()
    };
    let before: Vec<Node> = match books.drawn_before(draw) {
        Some(before) => before
            .iter()
            .filter(|draw| !draw.amount.is_zero())
            .map(|before| {
                let title = case.measure_title(before.measure);
                less(before.amount, &say!(language, " av {title}", " av {title}", " by {title}"))
            })
            .collect(),
        None => {
            let before = opened.minus(draw.available).ok().filter(|before| !before.is_zero());
            before.map(|before| less(before, "")).into_iter().collect()
        }
    };
    // One number alone says nothing that the line above does not say.
    if before.is_empty() && !is_both {
        return node;
    }
    let terms = [opening.kroner(), award.kroner()];
    let opened = Node::money(opened, words).sum_of(terms.into_iter().filter(|_| is_both)).plus();
    node.with([opened]).with(before)
}

/// What a source had at the start of the year: what was left of it, and what was awarded.
fn opened_words(
    case: &Case<'_>,
    books: &Books<'_>,
    draw: &Draw,
    (opening, award, opened): (Money, Money, Money),
) -> String {
    let (language, scenario, year) = (case.language, case.scenario(), books.walked.year);
    let all = money_norwegian(opened);
    match draw.source {
        FundSource::Grant(_) if !opening.is_zero() && !award.is_zero() => {
            let (opening, award) = (money_norwegian(opening), money_norwegian(award));
            say!(
                language,
                "inngående balanse {opening} + tilsagn for {year} på {award} = {all}",
                "inngåande balanse {opening} + tilsegn for {year} på {award} = {all}",
                "opening {opening} + award of {year} {award} = {all}",
            )
        }
        FundSource::Grant(_) if !award.is_zero() => say!(
            language,
            "tilsagn for {year} på {all}",
            "tilsegn for {year} på {all}",
            "award of {year} {all}",
        ),
        FundSource::Reserve(reserve) if has_minimum(scenario, draw.source) => {
            let minimum = money_norwegian(scenario.reserves[reserve.0].minimum);
            say!(
                language,
                "inngående balanse i {year} minus minstebeløpet på {minimum}: {all}",
                "inngåande balanse i {year} minus minstebeløpet på {minimum}: {all}",
                "opening of {year} less the minimum of {minimum}: {all}",
            )
        }
        FundSource::Grant(_) | FundSource::Reserve(_) => say!(
            language,
            "inngående balanse i {year} på {all}",
            "inngåande balanse i {year} på {all}",
            "opening of {year} {all}",
        ),
    }
}

/// The part of what a source had that a draw got, since it was not enough for all who asked at the same time.
fn pro_rata_node(
    case: &Case<'_>,
    books: &Books<'_>,
    draw: &Draw,
    step: &ProRataStep,
) -> Result<Node, TooLarge> {
    let (amount, available) = (money_norwegian(draw.amount), money_norwegian(draw.available));
    let wants = Money::sum(step.wants.iter().map(|(_, want)| *want))?;
    let names: Vec<String> = step
        .wants
        .iter()
        .map(|(measure, want)| format!("{} {}", case.measure_title(*measure), money_norwegian(*want)))
        .collect();
    let (all, own) = (money_norwegian(wants), books.wanted(draw));
    let (language, names) = (case.language, names.join(" + "));
    let all_text = say!(
        language,
        "pro rata er det bedt om {all} i alt: {names}",
        "pro rata er det bede om {all} i alt: {names}",
        "all who ask pro rata want {all}: {names}",
    );
    let factor = own.kroner() / wants.kroner();
    let exact = draw.available.kroner() * &factor;
    let product = format!("{available} × {}/{all} = {}", money_norwegian(own), exact_norwegian(&exact));
    let rounded = rounding::node(language, &step.rounding, |measure| case.measure_title(measure));
    let text = say!(
        language,
        "delen pro rata av det kilden har, er {amount}: dette avgjør",
        "delen pro rata av det kjelda har, er {amount}: dette avgjer",
        "its part, pro rata, of what the source has is {amount}: this one binds",
    );
    Ok(Node::money(draw.amount, text).with([
        Node::money(wants, all_text).sum_of(step.wants.iter().map(|(_, want)| want.kroner())),
        Node::exact(exact, product).times([draw.available.kroner(), factor]),
        rounded.role(Role::Result),
    ]))
}

/// What the own contribution matches.
fn matched_node(language: Language, books: &Books<'_>, draw: &Draw, matched: Money, bound: &str) -> Node {
    let plan = books.draw_plan(draw);
    let rate = plan.match_rate.clone().unwrap_or_else(|| ratio::whole(0));
    let figures = &books.walked.measures[draw.measure.0];
    let in_kind = if plan.with_in_kind { figures.in_kind } else { Money::ZERO };
    let of = draw.needed.plus(in_kind).unwrap_or(draw.needed);
    let exact = of.kroner() * &rate;
    let cut = match exact == matched.kroner() {
        true => "",
        false => language.choose(
            ", rundet ned til hele øre",
            ", runda ned til heile øre",
            ", cut down to the øre,",
        ),
    };
    let of_text = money_norwegian(of);
    let what = if in_kind.is_zero() {
        say!(
            language,
            "det som gjenstår å dekke, {of_text}",
            "det som står att å dekkje, {of_text}",
            "what is still to be covered, {of_text}",
        )
    } else {
        let (needed, in_kind) = (money_norwegian(draw.needed), money_norwegian(in_kind));
        say!(
            language,
            "det som gjenstår å dekke når egeninnsatsen er regnet med, {needed} + {in_kind} = {of_text}",
            "det som står att å dekkje når eigeninnsatsen er rekna med, {needed} + {in_kind} = {of_text}",
            "what is still to be covered with the work in kind, {needed} + {in_kind} = {of_text}",
        )
    };
    let (part, most) = (percent_norwegian(&rate), money_norwegian(matched));
    let text = say!(
        language,
        "tilskuddet kan være {part} av tilskudd og egenandel til sammen, det vil si av {what}{cut}: {most}{bound}",
        "tilskotet kan vere {part} av tilskot og eigendel til saman, det vil seie av {what}{cut}: {most}{bound}",
        "it may be {part} of itself and the own contribution, that is of {what}{cut}: {most}{bound}",
    );
    let node = Node::money(matched, text).role(Role::Limit);
    if of.is_negative() { node } else { node.rounded_from(&exact).times([rate, of.kroner()]) }
}

/// What the measure still needed before the draw.
fn needed(language: Language, books: &Books<'_>, draw: &Draw, bound: &str) -> Node {
    let figures = &books.walked.measures[draw.measure.0];
    let need = draw.needed.max(Money::ZERO);
    let amount = money_norwegian(need);
    let text = say!(
        language,
        "tiltaket trenger {amount}{bound}",
        "tiltaket treng {amount}{bound}",
        "the measure needs {amount}{bound}",
    );
    let node = Node::money(need, text).role(Role::Limit);
    let earlier: Vec<Money> = books
        .walked
        .draws_of(draw.measure)
        .filter(|other| other.step < draw.step && !other.amount.is_zero())
        .map(|other| other.amount)
        .collect();
    let gross = money_norwegian(figures.gross);
    let mut words = say!(language, "bruttokostnad {gross}", "bruttokostnad {gross}", "gross {gross}");
    let mut terms = vec![figures.gross.kroner()];
    if !figures.received.is_zero() {
        let amount = money_norwegian(figures.received);
        words.push_str(&say!(
            language,
            " + {amount} belastet av andre tiltak",
            " + {amount} belasta av andre tiltak",
            " + {amount} charged by other measures",
        ));
        terms.push(figures.received.kroner());
    }
    for amount in &earlier {
        terms.push(-amount.kroner());
        let amount = money_norwegian(*amount);
        words.push_str(&say!(
            language,
            " − {amount} allerede dekket",
            " − {amount} allereie dekt",
            " − {amount} drawn before",
        ));
    }
    if terms.len() == 1 {
        return node;
    }
    let sum = format!("{words} = {}", money_norwegian(draw.needed));
    node.with([Node::money(draw.needed, sum).sum_of(terms)])
}

/// From which awards it was taken, oldest first.
fn lots(language: Language, draw: &Draw) -> Option<Node> {
    let part = |(year, part): &(Year, Money)| {
        let amount = money_norwegian(*part);
        say!(
            language,
            "{amount} fra tilsagnet for {year}",
            "{amount} frå tilsegna for {year}",
            "{amount} from the award of {year}",
        )
    };
    let all = money_norwegian(draw.amount);
    let text = match draw.lots.as_slice() {
        [(year, _)] => say!(
            language,
            "alt, {all}, fra tilsagnet for {year}",
            "alt, {all}, frå tilsegna for {year}",
            "all {all} of it from the award of {year}",
        ),
        lots => format!("{} = {all}", lots.iter().map(part).collect::<Vec<_>>().join(" + ")),
    };
    let terms = draw.lots.iter().map(|(_, part)| part.kroner());
    (!draw.lots.is_empty()).then(|| Node::money(draw.amount, text).sum_of(terms))
}
