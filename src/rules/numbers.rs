//! Exact numbers in rules: `0.4` is a decimal, `1/3` is one third, `40.percent` is two fifths. There are no
//! floats, and whole numbers divide exactly.

use std::ops::{Range, RangeInclusive};

use rhai::{Dynamic, INT};
use rust_decimal::Decimal;

use crate::ground::numerals;
use crate::ground::ratio::{self, Ratio};
use crate::ground::split::nearest_multiple;

use super::declared::{Word, refuse};
use super::vocabulary::Vocabulary;

/// The longest number a rule may compute, in bits; a thousand of them would still be small.
const NUMBER_BITS_MAX: u64 = 2048;

/// An exact fraction in a rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Exact(pub Ratio);

/// From one number to another, both included: `0.percent..100.percent`, with `..` as with `..=`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// The smallest.
    pub low: Ratio,
    /// The largest.
    pub high: Ratio,
}

/// What can stand for a number in a rule.
trait Number: rhai::Variant + Clone {
    /// Its exact value.
    fn exact(&self) -> Ratio;
}

impl Number for INT {
    fn exact(&self) -> Ratio {
        ratio::whole(*self)
    }
}

impl Number for Decimal {
    fn exact(&self) -> Ratio {
        ratio::from_decimal(*self)
    }
}

impl Number for Exact {
    fn exact(&self) -> Ratio {
        self.0.clone()
    }
}

/// The exact value of a number of any kind, or `None` for anything else.
pub fn exact_value(value: &Dynamic) -> Option<Ratio> {
    if let Some(number) = value.clone().try_cast::<Exact>() {
        return Some(number.0);
    }
    if let Ok(number) = value.as_int() {
        return Some(ratio::whole(number));
    }
    value.as_decimal().ok().map(ratio::from_decimal)
}

/// From what to what a range goes, of whatever numbers it is, or `None` for anything else.
pub fn span(value: &Dynamic) -> Option<Span> {
    let whole = |low: INT, high: INT| Span { low: ratio::whole(low), high: ratio::whole(high) };
    if let Some(span) = value.clone().try_cast::<Span>() {
        return Some(span);
    }
    if let Some(range) = value.clone().try_cast::<Range<INT>>() {
        return Some(whole(range.start, range.end));
    }
    value.clone().try_cast::<RangeInclusive<INT>>().map(|range| whole(*range.start(), *range.end()))
}

/// A number for a rule: a whole one as an integer, any other as a fraction.
pub fn to_dynamic(number: &Ratio) -> Dynamic {
    match (number.is_integer(), INT::try_from(number.numer())) {
        (true, Ok(whole)) => Dynamic::from(whole),
        _ => Dynamic::from(Exact(number.clone())),
    }
}

/// Registers numbers and their operators.
pub fn register(words: &mut Vocabulary) {
    words.register_type_with_name::<Exact>("number");
    register_pair::<INT, Decimal>(words);
    register_pair::<Decimal, INT>(words);
    register_pair::<Decimal, Decimal>(words);
    register_pair::<INT, Exact>(words);
    register_pair::<Exact, INT>(words);
    register_pair::<Decimal, Exact>(words);
    register_pair::<Exact, Decimal>(words);
    register_pair::<Exact, Exact>(words);
    register_pair::<INT, INT>(words);
    words.register_type_with_name::<Span>("range");
    // Ranges of whole numbers are the engine's own.
    register_range::<INT, Decimal>(words);
    register_range::<Decimal, INT>(words);
    register_range::<Decimal, Decimal>(words);
    register_range::<INT, Exact>(words);
    register_range::<Exact, INT>(words);
    register_range::<Decimal, Exact>(words);
    register_range::<Exact, Decimal>(words);
    register_range::<Exact, Exact>(words);
    refuse_text_comparisons::<INT>(words);
    refuse_text_comparisons::<Decimal>(words);
    refuse_text_comparisons::<Exact>(words);
    words.register_fn("round_down", |a: Dynamic, step: Dynamic| {
        to_step("round_down", &a, &step, Ratio::floor)
    });
    words.register_fn("round_up", |a: Dynamic, step: Dynamic| to_step("round_up", &a, &step, Ratio::ceil));
    words.register_fn("round_to", |a: Dynamic, step: Dynamic| {
        to_step("round_to", &a, &step, |n| nearest_multiple(n, &ratio::whole(1)))
    });
    register_single::<INT>(words);
    register_single::<Decimal>(words);
    register_single::<Exact>(words);
    // These change a variable in place and so cannot turn it into a fraction; the built-in ones would round.
    words.register_fn("/=", |_: &mut INT, _: INT| refuse_in_place::<()>("/"));
    words.register_fn("/=", |_: &mut Decimal, _: Decimal| refuse_in_place::<()>("/"));
    words.register_fn("*=", |_: &mut Decimal, _: Decimal| refuse_in_place::<()>("*"));
    words.register_fn("/=", |_: &mut Decimal, _: INT| refuse_in_place::<()>("/"));
    words.register_fn("*=", |_: &mut Decimal, _: INT| refuse_in_place::<()>("*"));
    words.register_fn("-", |a: Decimal| Exact(-a.exact()));
    words.register_fn("-", |a: Exact| Exact(-a.0));
    words.register_fn("to_string", |a: Exact| numerals::exact_norwegian(&a.0));
}

fn register_pair<A: Number, B: Number>(words: &mut Vocabulary) {
    words.register_fn("+", |a: A, b: B| bounded(&(a.exact() + b.exact())));
    words.register_fn("-", |a: A, b: B| bounded(&(a.exact() - b.exact())));
    words.register_fn("*", |a: A, b: B| bounded(&(a.exact() * b.exact())));
    words.register_fn("/", |a: A, b: B| divide(a.exact(), b.exact()));
    words.register_fn("==", |a: A, b: B| a.exact() == b.exact());
    words.register_fn("!=", |a: A, b: B| a.exact() != b.exact());
    words.register_fn("<", |a: A, b: B| a.exact() < b.exact());
    words.register_fn("<=", |a: A, b: B| a.exact() <= b.exact());
    words.register_fn(">", |a: A, b: B| a.exact() > b.exact());
    words.register_fn(">=", |a: A, b: B| a.exact() >= b.exact());
    words.register_fn("min", |a: A, b: B| to_dynamic(&a.exact().min(b.exact())));
    words.register_fn("max", |a: A, b: B| to_dynamic(&a.exact().max(b.exact())));
}

fn register_range<A: Number, B: Number>(words: &mut Vocabulary) {
    words.register_fn("..", |a: A, b: B| Span { low: a.exact(), high: b.exact() });
    words.register_fn("..=", |a: A, b: B| Span { low: a.exact(), high: b.exact() });
}

/// A text is neither larger nor smaller than a number; the engine would call that false and go on.
fn refuse_text_comparisons<A: Number>(words: &mut Vocabulary) {
    for operator in ["==", "!=", "<", "<=", ">", ">="] {
        let refused = || {
            let help = "a number in quotation marks is a text: write it without them";
            refuse::<bool>("text-and-number", "a text cannot be compared with a number", help)
        };
        words.register_fn(operator, move |_: A, _: &str| refused());
        words.register_fn(operator, move |_: &str, _: A| refused());
    }
}

/// A number rounded to a step, for rules that say so.
fn to_step(word: &str, number: &Dynamic, step: &Dynamic, round: impl Fn(&Ratio) -> Ratio) -> Word<Dynamic> {
    let (Some(number), Some(step)) = (exact_value(number), exact_value(step)) else {
        return refuse(
            "not-a-number",
            format!("`{word}` needs two numbers"),
            format!("as in {word}(x, 100)"),
        );
    };
    if step <= ratio::whole(0) {
        return refuse(
            "not-positive",
            format!("`{word}` needs a step above zero"),
            format!("as in {word}(x, 100)"),
        );
    }
    bounded(&(round(&(number / &step)) * step))
}

fn register_single<A: Number>(words: &mut Vocabulary) {
    words.register_get("percent", |a: &mut A| Exact(a.exact() / ratio::whole(100)));
    words.register_get("promille", |a: &mut A| Exact(a.exact() / ratio::whole(1000)));
}

fn divide(a: Ratio, b: Ratio) -> Word<Dynamic> {
    if b == ratio::whole(0) {
        return refuse(
            "division-by-zero",
            "division by zero",
            "a driver may be zero for somebody; test for it first",
        );
    }
    bounded(&(a / b))
}

fn bounded(number: &Ratio) -> Word<Dynamic> {
    if ratio::size_bits(number) > NUMBER_BITS_MAX {
        return refuse("number-too-long", "this number has grown too long", "a rule needs a few digits only");
    }
    Ok(to_dynamic(number))
}

fn refuse_in_place<T>(operator: &str) -> Word<T> {
    let message = format!("`{operator}=` would round the number in place");
    refuse("inexact-in-place", message, format!("write x = x {operator} y instead of x {operator}= y"))
}
