//! What a party pays or gets besides its share: settlements, what is brought forward, buying in, instalments.

use crate::engine::books::{Books, BuyInStep, InvestmentStep};
use crate::ground::money::{Money, TooLarge};
use crate::ground::numerals::{exact_norwegian, money_norwegian, percent_norwegian};
use crate::ground::ratio::{self, Ratio};
use crate::model::measure::MeasureIx;
use crate::model::party::PartyIx;
use crate::model::settlement::Settle;
use crate::report::figures::FigureKind;
use crate::report::language::{Language, say};
use crate::rules::plan::{Base, PartPlan};

use super::key::factor_text;
use super::node::{Node, Role};
use super::{Case, cost, key, rounding, rules, share, size};

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
    let language = case.language;
    let mut nodes = Vec::new();
    if let Some(step) = books.buy_in(measure, party)?.filter(|step| !step.amount.is_zero()) {
        let amount = money_norwegian(size(step.amount));
        let text = if step.amount.is_negative() {
            say!(
                language,
                "i tillegg: får {amount} fra nye parter, i forhold til det parten har betalt",
                "i tillegg: får {amount} frå nye partar, i høve til det parten har betalt",
                "besides: gets {amount} from newcomers, in proportion to what it paid",
            )
        } else {
            say!(
                language,
                "i tillegg: kjøper seg inn for {amount}",
                "i tillegg: kjøper seg inn for {amount}",
                "besides: buys in for {amount}",
            )
        };
        let node = Node::money(step.amount, text).figure(key(FigureKind::BuyIn));
        nodes.push(node.with(buy_in_lines(case, books, measure, &step)));
    }
    if let Some(forward) = case.figures.get(&key(FigureKind::BroughtForward)).filter(|own| !own.is_zero()) {
        let (amount, last) = (money_norwegian(forward), year - 1);
        let text = say!(
            language,
            "i tillegg: {amount} overført fra avregningen for {last}",
            "i tillegg: {amount} overført frå avrekninga for {last}",
            "besides: {amount} brought forward from the settlement of {last}",
        );
        nodes.push(Node::money(forward, text).figure(key(FigureKind::BroughtForward)));
    }
    if let Some(settlement) = case.figures.get(&key(FigureKind::Settlement)) {
        let billed = books.walked.share(measure, party);
        let actual = billed.plus(settlement)?;
        let settled = settled_words(case, books, measure)?;
        let (actual_text, billed_text) = (money_norwegian(actual), money_norwegian(billed));
        let amount = money_norwegian(settlement);
        let text = say!(
            language,
            "avregning: andel etter regnskapet {actual_text} − fakturert andel {billed_text} = {amount}{settled}",
            "avrekning: del etter rekneskapen {actual_text} − fakturert del {billed_text} = {amount}{settled}",
            "settlement: actual share {actual_text} − billed share {billed_text} = {amount}{settled}",
        );
        let terms = [actual.kroner(), -billed.kroner()];
        nodes.push(Node::money(settlement, text).sum_of(terms).figure(key(FigureKind::Settlement)));
    }
    let instalments = books.walked.instalments(own, measure, party);
    if !instalments.is_empty() {
        let parts: Vec<String> = instalments.iter().map(|part| money_norwegian(*part)).collect();
        let (count, parts) = (parts.len(), parts.join(" + "));
        nodes.push(Node::new(say!(
            language,
            "betales i {count} terminer: {parts}",
            "blir betalt i {count} terminar: {parts}",
            "paid in {count} instalments: {parts}",
        )));
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
    let language = case.language;
    let actual_share = language.choose("andel etter regnskapet", "del etter rekneskapen", "actual share");
    let billed_share = language.choose("− fakturert andel", "− fakturert del", "− billed share");
    let node = Node::new("").with([
        of(&actual, FigureKind::ActualShare, actual_share)?.plus(),
        of(books, FigureKind::Share, billed_share)?.minus(),
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
        let language = case.language;
        let by_actual = language.choose("etter regnskapet", "etter rekneskapen", "by the actual figures");
        let by_budget = language.choose("etter budsjettet", "etter budsjettet", "by the budget");
        for (words, books) in [(by_actual, &actual), (by_budget, books)] {
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
    let (language, amount) = (case.language, money_norwegian(size(more)));
    let words = settled_words(case, books, measure)?;
    Ok(Some(Node::new(match more.ore() {
        0 => say!(
            language,
            "alle parter til sammen: andelene etter regnskapet er like store som de fakturerte{words}",
            "alle partar til saman: delane etter rekneskapen er like store som dei fakturerte{words}",
            "all parties together: the actual shares are the billed ones together{words}",
        ),
        ore if ore > 0 => say!(
            language,
            "alle parter til sammen: merforbruk {amount}{words}",
            "alle partar til saman: meirforbruk {amount}{words}",
            "all parties together: overspend {amount}{words}",
        ),
        _ => say!(
            language,
            "alle parter til sammen: mindreforbruk {amount}{words}",
            "alle partar til saman: mindreforbruk {amount}{words}",
            "all parties together: underspend {amount}{words}",
        ),
    })))
}

fn settled_words(case: &Case<'_>, books: &Books<'_>, measure: MeasureIx) -> Result<String, TooLarge> {
    let more = books.budget.overspend(books.year_index, measure)?;
    let language = case.language;
    Ok(match books.measure(measure).settlement.map(|policy| policy.of(more.ore())) {
        Some(Settle::Reserve(reserve)) => {
            let reserve = &case.scenario().reserves[reserve.0].title;
            say!(
                language,
                ", som føres mot {reserve}",
                ", som blir ført mot {reserve}",
                ", which {reserve} takes up",
            )
        }
        Some(Settle::CarryForward) => {
            let next = books.walked.year + 1;
            say!(language, ", overført til {next}", ", overført til {next}", ", carried to {next}")
        }
        Some(Settle::Refund) | None => language
            .choose(
                ", gjort opp mellom partene",
                ", gjort opp mellom partane",
                ", settled between the parties",
            )
            .to_owned(),
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
    let year = last.walked.year;
    let words =
        say!(case.language, "avregningen for {year}:", "avrekninga for {year}:", "the settlement of {year}",);
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
    let language = case.language;
    let mut nodes = newcomer_lines(case, books, measure, step);
    let bought: Vec<Node> =
        step.investments.iter().flat_map(|own| investment_lines(language, step, own)).collect();
    let terms: Vec<Ratio> = bought.iter().filter_map(|node| Some(node.number.as_ref()?.ratio())).collect();
    nodes.extend(bought);
    let sum: Ratio = terms.iter().sum();
    if terms.len() > 1 {
        nodes.push(key::exactly(language, terms));
    }
    let (exact, paid) = &step.paid;
    if *exact != paid.kroner() && *exact != ratio::whole(0) {
        let factor = paid.kroner() / exact;
        let own = &sum * &factor;
        let (all, rounded) = (exact_norwegian(exact), money_norwegian(*paid));
        let (sum_text, times, result) = (factor_text(&sum), factor_text(&factor), exact_norwegian(&own));
        let text = say!(
            language,
            "nye parter betaler {all} til sammen, avrundet til {rounded}: {sum_text} × {times} = {result}",
            "nye partar betaler {all} til saman, avrunda til {rounded}: {sum_text} × {times} = {result}",
            "newcomers pay {all} together, which is rounded to {rounded}: {sum_text} × {times} = {result}",
        );
        nodes.push(Node::exact(own, text).times([sum, factor]));
    }
    if let Some(rounded) = &step.rounding {
        let node = rounding::node(language, rounded, |party| case.party_name(party));
        let how = &node.text;
        let text = match step.amount.is_negative() {
            true => say!(
                language,
                "avrundet sammen med beløpene til alle som får: {how}",
                "avrunda saman med beløpa til alle som får: {how}",
                "rounded together with those of all who get it: {how}",
            ),
            false => say!(
                language,
                "avrundet sammen med beløpene til alle som betaler: {how}",
                "avrunda saman med beløpa til alle som betaler: {how}",
                "rounded together with those of all who pay: {how}",
            ),
        };
        nodes.push(Node { text, ..node }.role(Role::Result));
    }
    nodes
}

/// What a party pays or gets of what was invested in a year.
fn investment_lines(language: Language, step: &BuyInStep, investment: &InvestmentStep) -> Vec<Node> {
    let InvestmentStep { year, cost, book, held } = investment;
    let (own, all) = (&step.own_part, &step.all_parts);
    let (cost, worth) = (money_norwegian(*cost), factor_text(book));
    let mut nodes = Vec::new();
    if *own != ratio::whole(0) {
        let exact = book * own;
        let (part, result) = (factor_text(own), exact_norwegian(&exact));
        let text = say!(
            language,
            "{year}: kostet {cost} netto og er nå verdt {worth} × {part} som parten overtar = {result}",
            "{year}: kosta {cost} netto og er no verdt {worth} × {part} som parten overtek = {result}",
            "{year} cost {cost} net and is worth {worth} × {part} which it takes = {result}",
        );
        nodes.push(Node::exact(exact, text).times([book.clone(), own.clone()]));
    }
    if *held != ratio::whole(0) {
        let factors = [book.clone(), held.clone(), all.clone()];
        let exact: Ratio = factors.iter().product();
        let (paid, taken, result) = (factor_text(held), factor_text(all), exact_norwegian(&exact));
        let text = say!(
            language,
            "{year}: kostet {cost} netto og er nå verdt {worth} × {paid} som parten har betalt × {taken} som nye parter overtar = {result}",
            "{year}: kosta {cost} netto og er no verdt {worth} × {paid} som parten har betalt × {taken} som nye partar overtek = {result}",
            "{year} cost {cost} net and is worth {worth} × {paid} which it paid × {taken} which newcomers take = {result}",
        );
        nodes.push(Node::exact(exact, text).times(factors));
    }
    nodes
}

/// The part of the key that each newcomer takes.
fn newcomer_lines(case: &Case<'_>, books: &Books<'_>, measure: MeasureIx, step: &BuyInStep) -> Vec<Node> {
    let key = books.plan.buy_in_key(books.year_index, measure).map(|key| &books.plan.keys[key.0].plan);
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
        let words = words.join(" + ");
        let text = say!(
            case.language,
            "{name} overtar {words} = {part_text}",
            "{name} overtek {words} = {part_text}",
            "{name} takes {words} = {part_text}",
        );
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
    let language = case.language;
    let share = case.reference(&key, language.choose("andelen er", "delen er", "the share is"));
    let words: Vec<String> = parts.iter().map(|part| money_norwegian(*part)).collect();
    let terms: Vec<_> = parts.iter().map(|part| part.kroner()).collect();
    let unit = money_norwegian(own.round_to);
    let (count, words) = (parts.len(), words.join(" + "));
    let all = money_norwegian(books.walked.share(measure, party));
    let sum = say!(
        language,
        "i {count} terminer i hele {unit}, der de første får det som er til overs: {words} = {all}",
        "i {count} terminar i heile {unit}, der dei første får det som er til overs: {words} = {all}",
        "in {count} instalments of whole {unit}, of which the first ones get what is left over: {words} = {all}",
    );
    let sum = Node::money(books.walked.share(measure, party), sum).sum_of(terms);
    let amount = usize::from(number).checked_sub(1).and_then(|at| parts.get(at)).copied();
    let amount = amount.unwrap_or(Money::ZERO);
    let shown = money_norwegian(amount);
    let own = say!(
        language,
        "termin {number} er {shown}",
        "termin {number} er {shown}",
        "number {number} is {shown}",
    );
    Node::new("").with(share).with([sum, Node::money(amount, own).role(Role::Result)])
}
