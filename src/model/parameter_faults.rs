//! The faults of the parameters of a sweep.

use num_bigint::BigInt;

use crate::ground::diagnostic::Diagnostic;
use crate::ground::numerals::exact_norwegian;
use crate::ground::ratio::Ratio;
use crate::ground::source::Place;
use crate::ground::suggest::nearest;

use super::parameter::{DISTRIBUTIONS, RUNS_MAX, Way};

/// A text that is no path and values.
pub fn not_a_parameter(place: &Place, way: Way) -> Diagnostic {
    let example = match way {
        Way::Over => "as in measures.drift.amount.2024=3_500_000, 4_000_000",
        Way::Draw => "as in drivers.inhabitants.Rana.2023=uniform(24_000, 27_000)",
    };
    Diagnostic::error("not-a-parameter", format!("expected path=values, {example}")).at(place, "")
}

/// A path that is swept twice.
pub fn double_parameter(place: &Place) -> Diagnostic {
    Diagnostic::error("double-parameter", "the same thing is swept twice").at(place, "")
}

/// Nothing after the equals sign, or in the parentheses.
pub fn no_values(place: &Place) -> Diagnostic {
    Diagnostic::error("no-values", "there are no values here").at(place, "followed by nothing")
}

/// A comma without a value on one of its sides.
pub fn missing_value(place: &Place) -> Diagnostic {
    Diagnostic::error("missing-value", "a value is missing here").at(place, "").help("leave out this comma")
}

/// A value that is listed twice.
pub fn double_value(place: &Place, value: &str) -> Diagnostic {
    Diagnostic::error("double-value", format!("{value} is listed twice, and would count twice")).at(place, "")
}

/// A range that does not say in what steps.
pub fn range_without_step(place: &Place) -> Diagnostic {
    Diagnostic::error("range-without-step", "this range does not say in what steps")
        .at(place, "add them, as in 0.2..0.6 by 0.1")
}

/// A step of zero.
pub fn step_of_zero(place: &Place) -> Diagnostic {
    Diagnostic::error("step-of-zero", "a step of zero never comes to the end").at(place, "")
}

/// A step that leads away from the end.
pub fn step_wrong_way(place: &Place, from: &Ratio, to: &Ratio, step: &Ratio) -> Diagnostic {
    let way = if to < from { "down" } else { "up" };
    let message = format!("from {} to {} it goes {way}", exact_norwegian(from), exact_norwegian(to));
    let typed = super::parameter::Value::number(&-step.clone()).text;
    Diagnostic::error("step-wrong-way", message).at(place, format!("did you mean {typed}?"))
}

/// A range whose steps do not come to its end.
pub fn range_misses_end(place: &Place, last: &str, next: &str) -> Diagnostic {
    Diagnostic::error("range-misses-end", format!("the steps come to {last} and then to {next}"))
        .at(place, "never to this")
        .help(format!("end the range with {last} or {next}, or take another step"))
}

/// More values than a sweep has runs.
pub fn too_many_values(place: &Place, count: &BigInt) -> Diagnostic {
    Diagnostic::error(
        "too-many-runs",
        format!("these are {count} values; a sweep has at most {RUNS_MAX} runs"),
    )
    .at(place, "")
    .help("take larger steps")
}

/// What is drawn from no distribution.
pub fn no_distribution(place: &Place) -> Diagnostic {
    Diagnostic::error("no-distribution", "expected a distribution, as in uniform(24_000, 27_000)")
        .at(place, "")
        .help("the distributions are uniform(low, high), triangular(low, most likely, high), normal(mean, deviation) and choice(…); values one after the other are swept with --over")
}

/// A word that is no distribution.
pub fn unknown_distribution(place: &Place, written: &str) -> Diagnostic {
    let fault = Diagnostic::error("unknown-distribution", format!("there is no distribution `{written}`"));
    match nearest(written, DISTRIBUTIONS) {
        Some(near) => fault.at(place, format!("did you mean `{near}`?")),
        None => fault.at(place, "").help(format!("there is: {}", DISTRIBUTIONS.join(", "))),
    }
}

/// More or fewer numbers than a distribution has.
pub fn wrong_count(place: &Place, word: &str, wanted: usize, there: usize) -> Diagnostic {
    let example = match word {
        "triangular" => "triangular(low, most likely, high)",
        "normal" => "normal(mean, deviation)",
        _ => "uniform(low, high)",
    };
    Diagnostic::error("wrong-count", format!("{word} takes {wanted} numbers, and here are {there}"))
        .at(place, format!("write {example}"))
}

/// Ends in the wrong order.
pub fn low_above_high(place: &Place, low: &Ratio, high: &Ratio) -> Diagnostic {
    let message = format!("{} is above {}", exact_norwegian(low), exact_norwegian(high));
    Diagnostic::error("low-above-high", message).at(place, "the lower number comes first")
}

/// A spread of nothing or less.
pub fn no_deviation(place: &Place) -> Diagnostic {
    Diagnostic::error("no-deviation", "a deviation is a number above zero").at(place, "")
}

/// A number that no whole number of steps leads to.
pub fn no_whole_steps(place: &Place, low: &str, step: &str) -> Diagnostic {
    Diagnostic::error("no-whole-steps", format!("steps of {step} from {low} do not come to this"))
        .at(place, "")
        .help("say in what steps is drawn, as in uniform(0.25, 0.5) by 0.05")
}

/// Something after a distribution that is no step.
pub fn not_a_step(place: &Place) -> Diagnostic {
    Diagnostic::error("not-a-step", "expected nothing more, or in what steps is drawn, as in by 100")
        .at(place, "")
}

/// A step that is not above zero.
pub fn step_not_positive(place: &Place) -> Diagnostic {
    Diagnostic::error("step-not-positive", "a step is a number above zero").at(place, "")
}

/// A step where values are listed.
pub fn step_of_choice(place: &Place) -> Diagnostic {
    Diagnostic::error("not-a-step", "what is chosen from a list has no steps").at(place, "leave this out")
}
