//! The faults of this floor: one constructor each, with measure, year and amounts named.

use crate::ground::diagnostic::Diagnostic;
use crate::ground::money::{Money, TooLarge};
use crate::ground::numerals::money_norwegian;
use crate::ground::split::nearest_multiple;
use crate::model::measure::Measure;
use crate::model::years::Year;

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
    let help = if net == gross {
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
    .at(&measure.key.place, "")
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

/// A residual that a reserve cannot cover.
pub fn reserve_below_zero(
    measure: &Measure,
    year: Year,
    reserve: &str,
    left: Money,
    wanted: Money,
) -> Diagnostic {
    Diagnostic::error(
        "reserve-below-zero",
        format!(
            "`{}` in {year} takes {} from the reserve `{reserve}`, which has {}",
            measure.id,
            money_norwegian(wanted),
            money_norwegian(left)
        ),
    )
    .at(&measure.place, "")
}

/// A host that is not a party in the year.
pub fn host_absent(measure: &Measure, year: Year, host: &str) -> Diagnostic {
    Diagnostic::error(
        "host-absent",
        format!("{host} is the host of `{}`, but not a party in {year}", measure.id),
    )
    .at(&measure.place, "")
}
