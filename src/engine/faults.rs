//! The faults of this floor: one constructor each, with measure, year and amounts named.

use crate::ground::diagnostic::Diagnostic;
use crate::ground::limits::{Bounds, Contradiction};
use crate::ground::money::{Money, TooLarge};
use crate::ground::numerals::money_norwegian;
use crate::ground::ratio::fraction;
use crate::ground::source::Place;
use crate::ground::split::nearest_multiple;
use crate::model::measure::Measure;
use crate::model::party::PartyIx;
use crate::model::reserve::Reserve;
use crate::model::scenario::Scenario;
use crate::model::years::Year;
use crate::rules::plan::{KeyPlan, LimitBase, LimitPlan, Side};

use super::share::ShareFault;

/// An amount outside the range of money.
pub fn too_large(measure: &Measure, year: Year) -> Diagnostic {
    Diagnostic::error("amount-too-large", format!("`{}` in {year}: {TooLarge}", measure.id))
        .at(&measure.place, "")
}

/// A net cost that is not a multiple of what shares are rounded to.
pub fn not_a_multiple(measure: &Measure, year: Year, net: Money, gross: Money) -> Diagnostic {
    let unit = measure.round_to;
    let whole = nearest_multiple(&net.kroner(), &unit.kroner());
    let whole = Money::from_kroner(&whole).unwrap_or(net);
    let whole_gross = gross.ore() % unit.ore() == 0;
    let indexed = measure.lines.iter().any(|line| line.budget.indexed.contains_key(&year));
    let indexed = indexed || measure.decided.indexed.contains_key(&year);
    let help = if indexed {
        format!(
            "let the index round to it, as in indexed(`deflator`).rounded_to({unit}), or split to the øre with round_to: 0.01"
        )
    } else if net == gross {
        format!(
            "decide the amount to split, as in amount: {{{year}: {whole}}}, or split to the øre with round_to: 0.01"
        )
    } else if !whole_gross {
        format!(
            "its gross cost of {} is no multiple of it either: round a cost line, or split to the øre with round_to: 0.01",
            money_norwegian(gross)
        )
    } else {
        "the grants leave a broken amount: give the draw a ceiling with .up_to(…), or split to the øre with round_to: 0.01"
            .to_owned()
    };
    Diagnostic::error(
        "not-a-multiple",
        format!(
            "the net cost of `{}` in {year} is {}, which is not a multiple of {} (`round_to`)",
            measure.id,
            money_norwegian(net),
            money_norwegian(unit)
        ),
    )
    .at(&measure.place, "")
    .help(help)
}

/// Fixed amounts that are more than there is to share.
pub fn nothing_left(measure: &Measure, year: Year, net: Money, fixed: Money) -> Diagnostic {
    Diagnostic::error(
        "nothing-left",
        format!(
            "the fixed amounts of `{}` in {year} sum to {}, and there is {} to share: nothing is left for .rest(…)",
            measure.id,
            money_norwegian(fixed),
            money_norwegian(net)
        ),
    )
    .at(key_place(measure), "")
}

/// A difference between what is split and what is billed, without a destination.
pub fn undeclared_residual(
    measure: &Measure,
    year: Year,
    net: Money,
    billed: Money,
    residual: Money,
) -> Diagnostic {
    let word = if residual.is_negative() { "too little" } else { "too much" };
    Diagnostic::error(
        "undeclared-residual",
        format!(
            "`{}` in {year}: the key bills {} of a net cost of {}, {} {word}",
            measure.id,
            money_norwegian(billed),
            money_norwegian(net),
            money_norwegian(Money::from_ore(residual.ore().saturating_abs()))
        ),
    )
    .at(&measure.place, "")
    .help("say where the difference goes: residual: Show, residual: Reserve(\"…\") or residual: Host(\"…\")")
}

/// More to be taken from a reserve than it has above its minimum.
pub fn reserve_below_minimum(
    measure: &Measure,
    year: Year,
    reserve: &Reserve,
    available: Money,
    wanted: Money,
) -> Diagnostic {
    let above = if reserve.minimum.is_zero() {
        String::new()
    } else {
        format!(" above its minimum of {}", money_norwegian(reserve.minimum))
    };
    Diagnostic::error(
        "reserve-below-zero",
        format!(
            "`{}` in {year} takes {} from the reserve `{}`, which has {}{above}",
            measure.id,
            money_norwegian(wanted),
            reserve.id,
            money_norwegian(available)
        ),
    )
    .at(&measure.place, "")
    .help("let another reserve or the parties bear it, or raise the opening if the reserve had more")
}

/// A leaver whose part would take a reserve below its minimum.
pub fn exit_below_minimum(
    reserve: &Reserve,
    year: Year,
    party: &str,
    amount: Money,
    balance: Money,
) -> Diagnostic {
    Diagnostic::error(
        "reserve-below-zero",
        format!(
            "{party} leaves in {year} with {} of the {} in the reserve `{}`, whose minimum is {}",
            money_norwegian(amount),
            money_norwegian(balance),
            reserve.id,
            money_norwegian(reserve.minimum)
        ),
    )
    .at(&reserve.place, "")
    .help("lower the minimum, or remove `exit_key`")
}

/// Funding steps that ask pro rata and wait for each other.
pub fn waiting_for_each_other<'p>(places: impl Iterator<Item = &'p Place>, year: Year) -> Diagnostic {
    let mut fault = Diagnostic::error(
        "pro-rata-circle",
        format!("in {year} these funding steps wait for each other: each asks pro rata before it comes to the other's"),
    )
    .help("let the measures ask the sources in the same order");
    for (index, place) in places.enumerate() {
        fault = if index == 0 { fault.at(place, "") } else { fault.also(place, "and this one") };
    }
    fault
}

/// An own contribution that does not match a draw once all draws are made.
pub fn match_broken(place: &Place, measure: &Measure, year: Year, draw: Money, own: Money) -> Diagnostic {
    Diagnostic::error(
        "match-broken",
        format!(
            "`{}` in {year}: after all draws the own contribution is {}, which does not match the {} drawn here",
            measure.id,
            money_norwegian(own),
            money_norwegian(draw)
        ),
    )
    .at(place, "")
    .help("put the step with `match_rate` last, so that it counts what the others leave")
}

/// A cost that is to be charged on and is no multiple of `round_to`.
pub fn charge_not_a_multiple(measure: &Measure, year: Year, cost: Money) -> Diagnostic {
    Diagnostic::error(
        "not-a-multiple",
        format!(
            "the cost of `{}` in {year} that is charged to other measures is {}, which is not a multiple of {} (`round_to`)",
            measure.id,
            money_norwegian(cost),
            money_norwegian(measure.round_to)
        ),
    )
    .at(&measure.place, "")
    .help("round a cost line, or charge to the øre with round_to: 0.01 on this measure")
}

/// A measure charged by the cost of others that have none.
pub fn charge_by_no_cost(measure: &Measure, year: Year) -> Diagnostic {
    Diagnostic::error(
        "charge-by-no-cost",
        format!("`{}` is charged by the cost of other measures, and these have none in {year}", measure.id),
    )
    .at(&measure.place, "")
    .help("use Weights({…}) or Equally([…])")
}

/// A measure charged by the cost of another that is below zero.
pub fn charge_by_a_credit(measure: &Measure, year: Year, payer: &str) -> Diagnostic {
    Diagnostic::error(
        "charge-by-no-cost",
        format!("`{}` is charged by cost, and that of `{payer}` is below zero in {year}", measure.id),
    )
    .at(&measure.place, "")
    .help("use Weights({…}) or Equally([…])")
}

/// A measure all of whose payers have been charged out before it.
pub fn nobody_left_to_charge(measure: &Measure, year: Year) -> Diagnostic {
    Diagnostic::error(
        "nobody-left-to-charge",
        format!("all measures that pay for `{}` have been charged out before it in {year}", measure.id),
    )
    .at(&measure.place, "")
    .help("put it before them, or let a measure with a key pay for it")
}

/// A circle of charges that nobody outside pays for.
pub fn circle_pays_itself(measure: &Measure, ids: &[&str], year: Year) -> Diagnostic {
    let ids = ids.iter().map(|id| format!("`{id}`")).collect::<Vec<_>>().join(", ");
    Diagnostic::error("circle-pays-itself", format!("{ids} charge only each other in {year}, so nobody pays"))
        .at(&measure.place, "")
        .help("let one of them charge a measure with a key")
}

/// Why an amount cannot be shared by the key of a measure; `net` and gross cost.
pub fn share(
    fault: ShareFault,
    scenario: &Scenario,
    measure: &Measure,
    key: &KeyPlan,
    year: Year,
    (net, gross): (Money, Money),
) -> Diagnostic {
    match fault {
        ShareFault::NotAMultiple => not_a_multiple(measure, year, net, gross),
        ShareFault::NothingLeft(fixed) => nothing_left(measure, year, net, fixed),
        ShareFault::TooLarge => too_large(measure, year),
        ShareFault::Limits(fault, bounds, amount) => {
            let told = limits_contradict(&fault, &bounds, scenario, measure, year, amount);
            let tenth = |limit: &&LimitPlan| {
                let part = limit.numbers.iter().map(|(_, number)| number).min();
                let small = part.is_some_and(|part| *part < fraction(1, 2));
                limit.side == Side::Most && limit.of == LimitBase::LastYear && small
            };
            let told = match key.all_limits().into_iter().find(tenth) {
                Some(_) => told.help("a part of last year is less than last year: 10 % more is at_most(110.percent)"),
                None => told,
            };
            match key.all_limits().first() {
                Some(limit) if limit.place.source != key_place(measure).source => {
                    told.at(&limit.place, "").also(key_place(measure), "asked for here")
                }
                Some(limit) => told.at(&limit.place, ""),
                None => told,
            }
        }
        ShareFault::NoLastYear(place) => no_last_year(&place, scenario, measure, year),
        ShareFault::TooSmall => Diagnostic::error(
            "memory-too-small",
            format!(
                "`{}` in {year}: shares of less than {} cannot be rounded with memory without putting somebody a whole unit ahead",
                measure.id,
                money_norwegian(measure.round_to)
            ),
        )
        .at(&measure.place, "")
        .help("round to a smaller unit with `round_to`, or remove `rounding: WithMemory`"),
    }
}

/// A limit of last year where nothing was split.
fn no_last_year(place: &Place, scenario: &Scenario, measure: &Measure, year: Year) -> Diagnostic {
    let help = if year == scenario.years.first() {
        "write on the measure what each party was billed before the first year, as in billed_before: {\"Rana\": 694_089}"
    } else {
        "let the rule ask for the year: key(year) with if year == … { … } else { … }"
    };
    let message =
        format!("nothing was split in `{}` in {}, and a limit is a part of last year", measure.id, year - 1);
    Diagnostic::error("no-last-year", message)
        .at(place, "")
        .also(&measure.place, "of this measure")
        .help(help)
}

/// Limits that cannot be met, with the smallest set of parties that contradicts.
fn limits_contradict(
    fault: &Contradiction,
    bounds: &[(PartyIx, Bounds)],
    scenario: &Scenario,
    measure: &Measure,
    year: Year,
    amount: Money,
) -> Diagnostic {
    let name = |position: usize| scenario.parties.get(bounds[position].0).id.as_str();
    let shown = |units: i128| {
        let ore = units.checked_mul(i128::from(measure.round_to.ore()));
        let money = ore.and_then(|ore| Money::from_wide_ore(ore).ok());
        money.map_or_else(|| "more than any amount".to_owned(), money_norwegian)
    };
    let most = |position: usize| bounds[position].1.most.unwrap_or(bounds[position].1.least);
    let told = |positions: &[usize], limit: &dyn Fn(usize) -> i128| {
        let sum = positions.iter().map(|position| limit(*position)).sum();
        let each =
            positions.iter().map(|position| format!("{} {}", name(*position), shown(limit(*position))));
        let each: Vec<String> = each.collect();
        format!("{}, and {} is split: {}", shown(sum), money_norwegian(amount), each.join(", "))
    };
    let (message, help) = match fault {
        Contradiction::Crossed(position) => {
            let (least, most) = (bounds[*position].1.least, most(*position));
            let name = name(*position);
            let message = if most < 0 {
                format!("the fixed amounts of {name} alone are more than it may pay")
            } else if most < least {
                format!("{name} pays at least {} and at most {}", shown(least), shown(most))
            } else {
                format!("what is left for the key of the rest does not let {name} keep to its limits")
            };
            (
                message,
                "change one of the two; limits are rounded to `round_to`, minimums up and maximums down",
            )
        }
        Contradiction::TooMuch(positions) => {
            let sum = told(positions, &|position| bounds[position].1.least);
            (
                format!("the minimum shares of these parties alone are {sum}"),
                "lower the minimums, or let fewer pay them",
            )
        }
        Contradiction::TooLittle(positions) => (
            format!("all maximum shares together are {}", told(positions, &most)),
            "raise the maximums; .rest(key) after the limit shares what they leave, beyond the maximums",
        ),
    };
    let message = format!("the limits of `{}` in {year} cannot be met: {message}", measure.id);
    Diagnostic::error("limits-contradict", message).at(key_place(measure), "").help(help)
}

/// Where the key of a measure stands.
fn key_place(measure: &Measure) -> &Place {
    measure.key().map_or(&measure.place, |key| &key.place)
}

/// A host that is not a party in the year.
pub fn host_absent(measure: &Measure, year: Year, host: &str) -> Diagnostic {
    Diagnostic::error(
        "host-absent",
        format!("{host} is the host of `{}`, but not a party in {year}", measure.id),
    )
    .at(&measure.place, "")
}
