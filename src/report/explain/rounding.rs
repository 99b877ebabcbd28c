//! How an exact amount was rounded together with others: cut to whole units, and who got the units left over.

use num_traits::Signed;

use crate::engine::certificate::{KeyStep, LimitOrigin, Rounding};
use crate::ground::limits::Hold;
use crate::ground::money::Money;
use crate::ground::numerals::{exact_norwegian, money_norwegian, percent_norwegian, truncated_norwegian};
use crate::ground::ratio;
use crate::model::party::PartyIx;
use crate::report::language::{Language, say};
use crate::rules::plan::{LimitBase, Side};

use super::Case;
use super::key::factor_text;
use super::node::Node;

/// How many names a list in a line has at most.
const NAMES_MAX: usize = 12;

/// How an amount was rounded; `name` names whose the others are.
pub fn node<'n, N: Copy>(language: Language, rounding: &Rounding<N>, name: impl Fn(N) -> &'n str) -> Node {
    let given = rounding.given().unwrap_or(rounding.cut);
    let given_text = money_norwegian(given);
    if rounding.behind.is_none() && rounding.remainder == ratio::whole(0) {
        let text = say!(
            language,
            "eksakt {given_text}: ingenting å avrunde",
            "eksakt {given_text}: ingenting å runde av",
            "exact {given_text}: nothing to round",
        );
        return Node::money(given, text);
    }
    let mut exact = exact_norwegian(&rounding.exact);
    let mut target = rounding.exact.clone();
    let mut remembered = None;
    if let Some(behind) = rounding.behind.as_ref().filter(|behind| **behind != ratio::whole(0)) {
        let word = if behind.is_negative() { "ahead" } else { "behind" };
        let sign = if behind.is_negative() { "−" } else { "+" };
        let (own, size) = (factor_text(&rounding.exact), factor_text(&behind.abs()));
        target += behind;
        exact = exact_norwegian(&target);
        let text = say!(
            language,
            "{own} {sign} {size} avrundingsrest fra tidligere år = {exact}",
            "{own} {sign} {size} avrundingsrest frå tidlegare år = {exact}",
            "{own} {sign} {size} {word} from earlier years = {exact}",
        );
        let terms = [rounding.exact.clone(), behind.clone()];
        remembered = Some(Node::exact(target.clone(), text).sum_of(terms));
    }
    if rounding.left_over == 0 {
        let text = say!(
            language,
            "eksakt {exact} → {given_text}: ingen restenhet å fordele",
            "eksakt {exact} → {given_text}: inga resteining å fordele",
            "exact {exact} → {given_text}: no unit is left over",
        );
        return Node::money(given, text).rounded_from(&target).with(remembered);
    }
    let unit = if rounding.got_left_over { rounding.unit } else { Money::ZERO };
    let text = queued_text(language, rounding, &exact, &given_text);
    let shown = rounding.queued.iter().enumerate().map(|(place, (other, remainder))| {
        let got = if place < rounding.left_over { " (+1)" } else { "" };
        format!("{} {}{got}", name(*other), truncated_norwegian(remainder, 3))
    });
    let others =
        |more| say!(language, "og {more} som er mindre", "og {more} som er mindre", "and {more} smaller");
    let names = some_names(shown, others);
    let queue = Node::new(say!(language, "rester: {names}", "restar: {names}", "remainders: {names}"));
    let terms = [rounding.cut.kroner(), unit.kroner()];
    Node::money(given, text).rounded_from(&target).sum_of(terms).with(remembered).with([queue])
}

/// The place of a remainder in the queue for the units that are left over, and whether it gets one.
fn queued_text<N>(language: Language, rounding: &Rounding<N>, exact: &str, given: &str) -> String {
    let (cut, remainder) = (money_norwegian(rounding.cut), truncated_norwegian(&rounding.remainder, 3));
    let (queue, of) = (rounding.queue, rounding.queued.len());
    let tie = match rounding.tie {
        true => language.choose(
            "; ved like rester kommer den største vekten først, deretter id-en",
            "; ved like restar kjem den største vekta først, deretter id-en",
            "; of equal remainders the larger weight is first, then the id",
        ),
        false => "",
    };
    let left_over = match rounding.left_over {
        1 => language
            .choose("1 restenhet skal fordeles", "1 resteining skal fordelast", "1 unit is left over")
            .to_owned(),
        count => say!(
            language,
            "{count} restenheter skal fordeles",
            "{count} resteiningar skal fordelast",
            "{count} units are left over",
        ),
    };
    let got = match rounding.got_left_over {
        true => say!(
            language,
            "får én, og det gir {given}",
            "får éi, og det gir {given}",
            "gets one, which makes {given}",
        ),
        false => language.choose("får ingen", "får inga", "gets none").to_owned(),
    };
    say!(
        language,
        "eksakt {exact} → {cut}; resten {remainder} er nummer {queue} av {of}{tie}; {left_over}: {got}",
        "eksakt {exact} → {cut}; resten {remainder} er nummer {queue} av {of}{tie}; {left_over}: {got}",
        "exact {exact} → {cut}; remainder {remainder} is number {queue} of {of}{tie}; {left_over}: {got}",
    )
}

/// A list of names for a line; those that are too many are counted, and `others` says of a number that they are there.
pub fn some_names(names: impl Iterator<Item = String>, others: impl Fn(usize) -> String) -> String {
    let names: Vec<String> = names.collect();
    let more = names.len().saturating_sub(NAMES_MAX);
    let more = if more > 0 { format!(" · {}", others(more)) } else { String::new() };
    format!("{}{more}", names.iter().take(NAMES_MAX).cloned().collect::<Vec<_>>().join(" · "))
}

/// The limits of a share, and whether one holds it.
pub fn limits(case: &Case<'_>, step: &KeyStep) -> Option<Node> {
    let (language, limit) = (case.language, step.limit.as_ref()?);
    if limit.least.is_zero() && limit.most.is_none() {
        let text = language.choose("grenser: ingen egne", "grenser: ingen eigne", "limits: none of its own");
        let others = held(case, step);
        return (!others.is_empty()).then(|| Node::new(text).with(others));
    }
    let side = |side| side_words(language, side);
    let least =
        (!limit.least.is_zero()).then(|| format!("{} {}", side(Side::Least), money_norwegian(limit.least)));
    let most = limit.most.map(|most| format!("{} {}", side(Side::Most), money_norwegian(most)));
    let and = language.choose(" og ", " og ", " and ");
    let limits = least.into_iter().chain(most).collect::<Vec<_>>().join(and);
    let mut under: Vec<Node> =
        limit.origins.iter().filter_map(|origin| origin_node(language, origin)).collect();
    under.extend(held(case, step));
    let given = money_norwegian(step.given);
    let node = match limit.hold {
        Hold::Least => {
            let text = say!(
                language,
                "grenser: {limits}; minstebeløpet gjelder: {given}",
                "grenser: {limits}; minstebeløpet gjeld: {given}",
                "limits: {limits}; the minimum holds: {given}",
            );
            Node::money(step.given, text)
        }
        Hold::Most => {
            let text = say!(
                language,
                "grenser: {limits}; taket gjelder: {given}",
                "grenser: {limits}; taket gjeld: {given}",
                "limits: {limits}; the maximum holds: {given}",
            );
            Node::money(step.given, text)
        }
        Hold::Free => Node::new(say!(
            language,
            "grenser: {limits}; ingen av dem slår inn",
            "grenser: {limits}; ingen av dei slår inn",
            "limits: {limits}; none of them holds it",
        )),
    };
    Some(node.with(under))
}

fn side_words(language: Language, side: Side) -> &'static str {
    match side {
        Side::Least => language.choose("minst", "minst", "at least"),
        Side::Most => language.choose("høyst", "høgst", "at most"),
    }
}

/// Where a limit is from; none where the amount alone says it.
fn origin_node(language: Language, origin: &LimitOrigin) -> Option<Node> {
    let side = side_words(language, origin.side);
    let Some(base) = origin.base else {
        let text = format!("{side} {}", exact_norwegian(&origin.number));
        return (origin.of == LimitBase::Kroner)
            .then(|| Node::exact(origin.number.clone(), text).at(&origin.place));
    };
    let what = match origin.of {
        LimitBase::LastYear => language.choose("fakturert i fjor", "fakturert i fjor", "billed last year"),
        _ => language.choose("av beløpet", "av beløpet", "of the amount"),
    };
    let exact = base.kroner() * &origin.number;
    let (number, base_text) = (percent_norwegian(&origin.number), money_norwegian(base));
    let text = format!("{side} {number} × {base_text} {what} = {}", exact_norwegian(&exact));
    let factors = [origin.number.clone(), base.kroner()];
    Some(Node::exact(exact, text).times(factors).at(&origin.place))
}

/// Who else is held by a limit, and what that leaves for the others.
fn held(case: &Case<'_>, step: &KeyStep) -> Vec<Node> {
    let Some(limit) = step.limit.as_ref().filter(|limit| !limit.others.is_empty()) else { return vec![] };
    let language = case.language;
    let other = |(party, hold, amount): &(PartyIx, Hold, Money)| {
        let which = match hold {
            Hold::Most => language.choose("tak", "tak", "maximum"),
            _ => language.choose("minstebeløp", "minstebeløp", "minimum"),
        };
        format!("{} {} ({which})", case.party_name(*party), money_norwegian(*amount))
    };
    let others = |more| other_names(language, more);
    let names = some_names(limit.others.iter().map(other), others);
    let text = match limit.hold {
        Hold::Free => say!(
            language,
            "bundet av grensene sine: {names}",
            "bundne av grensene sine: {names}",
            "held by their limits: {names}",
        ),
        _ => say!(
            language,
            "også bundet av grensene sine: {names}",
            "også bundne av grensene sine: {names}",
            "held by their limits as well: {names}",
        ),
    };
    let mut under = vec![Node::new(text)];
    if let Some((left, part)) = &limit.left {
        let exact = left.kroner() * part;
        let (left_text, part_text, result) =
            (money_norwegian(*left), factor_text(part), exact_norwegian(&exact));
        let text = say!(
            language,
            "det som er igjen etter dem, {left_text}, × {part_text} av vektene til dem som ingen grense binder = {result}",
            "det som er att etter dei, {left_text}, × {part_text} av vektene til dei som inga grense bind = {result}",
            "what they leave, {left_text}, × {part_text} of the weights of those whom no limit holds = {result}",
        );
        under.push(Node::exact(exact, text).times([left.kroner(), part.clone()]));
    }
    under
}

/// That there are more parties than those that are named.
pub fn other_names(language: Language, more: usize) -> String {
    say!(language, "og {more} andre", "og {more} andre", "and {more} others")
}
