//! How an exact amount was rounded together with others: cut to whole units, and who got the units left over.

use num_traits::Signed;

use crate::engine::certificate::{KeyStep, Rounding};
use crate::ground::limits::Hold;
use crate::ground::money::Money;
use crate::ground::numerals::{exact_norwegian, money_norwegian, percent_norwegian, truncated_norwegian};
use crate::ground::ratio;
use crate::model::party::PartyIx;
use crate::rules::plan::{LimitBase, Side};

use super::Case;
use super::key::factor_text;
use super::node::Node;

/// How many names a list in a line has at most.
const NAMES_MAX: usize = 12;

/// How an amount was rounded; `name` names whose the others are.
pub fn node<'n, N: Copy>(rounding: &Rounding<N>, name: impl Fn(N) -> &'n str) -> Node {
    let given = rounding.given().unwrap_or(rounding.cut);
    let given_text = money_norwegian(given);
    if rounding.behind.is_none() && rounding.remainder == ratio::whole(0) {
        return Node::money(given, format!("exact {given_text}: nothing to round"));
    }
    let mut exact = exact_norwegian(&rounding.exact);
    let mut target = rounding.exact.clone();
    let mut remembered = None;
    if let Some(behind) = rounding.behind.as_ref().filter(|behind| **behind != ratio::whole(0)) {
        let word = if behind.is_negative() { "ahead" } else { "behind" };
        let sign = if behind.is_negative() { "−" } else { "+" };
        let size = factor_text(&behind.abs());
        target += behind;
        let text = format!(
            "{} {sign} {size} {word} from earlier years = {}",
            factor_text(&rounding.exact),
            exact_norwegian(&target)
        );
        exact = exact_norwegian(&target);
        let terms = [rounding.exact.clone(), behind.clone()];
        remembered = Some(Node::exact(target.clone(), text).sum_of(terms));
    }
    let left_over = match rounding.left_over {
        0 => {
            let text = format!("exact {exact} → {given_text}: no unit is left over");
            return Node::money(given, text).rounded_from(&target).with(remembered);
        }
        1 => "1 unit is".to_owned(),
        count => format!("{count} units are"),
    };
    let tie = if rounding.tie { "; of equal remainders the larger weight is first, then the id" } else { "" };
    let (got, unit) = match rounding.got_left_over {
        true => (format!("gets one, which makes {given_text}"), rounding.unit),
        false => ("gets none".to_owned(), Money::ZERO),
    };
    let text = format!(
        "exact {exact} → {}; remainder {} is number {} of {}{tie}; {left_over} left over: {got}",
        money_norwegian(rounding.cut),
        truncated_norwegian(&rounding.remainder, 3),
        rounding.queue,
        rounding.queued.len()
    );
    let shown = rounding.queued.iter().enumerate().map(|(place, (other, remainder))| {
        let got = if place < rounding.left_over { " (+1)" } else { "" };
        format!("{} {}{got}", name(*other), truncated_norwegian(remainder, 3))
    });
    let queue = Node::new(format!("remainders: {}", some_names(shown, "smaller")));
    let terms = [rounding.cut.kroner(), unit.kroner()];
    Node::money(given, text).rounded_from(&target).sum_of(terms).with(remembered).with([queue])
}

/// A list of names for a line; those that are too many are counted.
pub fn some_names(names: impl Iterator<Item = String>, others: &str) -> String {
    let names: Vec<String> = names.collect();
    let more = names.len().saturating_sub(NAMES_MAX);
    let more = if more > 0 { format!(" · and {more} {others}") } else { String::new() };
    format!("{}{more}", names.iter().take(NAMES_MAX).cloned().collect::<Vec<_>>().join(" · "))
}

/// The limits of a share, and whether one holds it.
pub fn limits(case: &Case<'_>, step: &KeyStep) -> Option<Node> {
    let limit = step.limit.as_ref()?;
    if limit.least.is_zero() && limit.most.is_none() {
        let others = held(case, step);
        return (!others.is_empty()).then(|| Node::new("limits: none of its own").with(others));
    }
    let least = (!limit.least.is_zero()).then(|| format!("at least {}", money_norwegian(limit.least)));
    let most = limit.most.map(|most| format!("at most {}", money_norwegian(most)));
    let limits = least.into_iter().chain(most).collect::<Vec<_>>().join(" and ");
    let origins = limit.origins.iter().filter_map(|origin| {
        let side = if origin.side == Side::Least { "at least" } else { "at most" };
        let Some(base) = origin.base else {
            let text = format!("{side} {}", exact_norwegian(&origin.number));
            return (origin.of == LimitBase::Kroner)
                .then(|| Node::exact(origin.number.clone(), text).at(&origin.place));
        };
        let what = if origin.of == LimitBase::LastYear { "billed last year" } else { "of the amount" };
        let exact = base.kroner() * &origin.number;
        let (number, base_text) = (percent_norwegian(&origin.number), money_norwegian(base));
        let text = format!("{side} {number} × {base_text} {what} = {}", exact_norwegian(&exact));
        let factors = [origin.number.clone(), base.kroner()];
        Some(Node::exact(exact, text).times(factors).at(&origin.place))
    });
    let mut under: Vec<Node> = origins.collect();
    under.extend(held(case, step));
    let given = money_norwegian(step.given);
    Some(match limit.hold {
        Hold::Least => Node::money(step.given, format!("limits: {limits}; the minimum holds: {given}")),
        Hold::Most => Node::money(step.given, format!("limits: {limits}; the maximum holds: {given}")),
        Hold::Free => Node::new(format!("limits: {limits}; none of them holds it")),
    })
    .map(|node| node.with(under))
}

/// Who else is held by a limit, and what that leaves for the others.
fn held(case: &Case<'_>, step: &KeyStep) -> Vec<Node> {
    let Some(limit) = step.limit.as_ref().filter(|limit| !limit.others.is_empty()) else { return vec![] };
    let other = |(party, hold, amount): &(PartyIx, Hold, Money)| {
        let which = if *hold == Hold::Most { "maximum" } else { "minimum" };
        format!("{} {} ({which})", case.party_name(*party), money_norwegian(*amount))
    };
    let also = if limit.hold == Hold::Free { "" } else { " as well" };
    let names = some_names(limit.others.iter().map(other), "others");
    let mut under = vec![Node::new(format!("held by their limits{also}: {names}"))];
    if let Some((left, part)) = &limit.left {
        let exact = left.kroner() * part;
        let text = format!(
            "what they leave, {}, × {} of the weights of those whom no limit holds = {}",
            money_norwegian(*left),
            factor_text(part),
            exact_norwegian(&exact)
        );
        under.push(Node::exact(exact, text).times([left.kroner(), part.clone()]));
    }
    under
}
