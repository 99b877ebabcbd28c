//! The words for keys: proportions, their years, their scaling and adding, and who shares in a part.

use std::collections::BTreeMap;

use num_traits::Signed;
use rhai::{Array, Dynamic, FnPtr, INT, Map, NativeCallContext};

use crate::ground::ratio::{self, Ratio};

use super::declared::{
    DeclaredBase, DeclaredKey, DeclaredPart, DriverName, DriverYear, Narrowing, ScriptPlace, Word, refuse,
};
use super::numbers::{self, exact_value};
use super::vocabulary::Vocabulary;

/// How many parts a key may have.
const PARTS_MAX: usize = 500;

/// Registers the words.
pub fn register(words: &mut Vocabulary) {
    words.register_type_with_name::<DeclaredKey>("key");
    words.register_fn("equally", |context: NativeCallContext| {
        DeclaredKey::of_part(DeclaredBase::Equal, &context)
    });
    words.register_fn("by", |context: NativeCallContext, driver: &str| {
        DeclaredKey::of_part(DeclaredBase::Driver(driver_name(driver)), &context)
    });
    words.register_fn("by", |context: NativeCallContext, rule: FnPtr| {
        DeclaredKey::of_part(DeclaredBase::Computed(rule), &context)
    });
    words.register_fn("percent", |context: NativeCallContext, shares: Map| -> Word<DeclaredKey> {
        Ok(DeclaredKey::of_part(DeclaredBase::Percent(named_numbers("percent", shares)?), &context))
    });
    words.register_fn("weights", |context: NativeCallContext, weights: Map| -> Word<DeclaredKey> {
        Ok(DeclaredKey::of_part(DeclaredBase::Weights(named_numbers("weights", weights)?), &context))
    });
    register_years(words);
    register_arithmetic(words);
    register_narrowing(words);
    words.register_fn("rate_rounded_to", |mut key: DeclaredKey, unit: Dynamic| -> Word<DeclaredKey> {
        let unit = positive("rate_rounded_to", &unit)?;
        if !key.limits.is_empty() {
            return refuse(
                "limit-of-a-rounded-rate",
                "a key with limits cannot have a rounded rate: its shares would not sum to the amount",
                "leave out `rate_rounded_to` or the limits",
            );
        }
        for part in &mut key.parts {
            if part.base.is_fixed() {
                return refuse(
                    "rate-of-amounts",
                    "`rate_rounded_to` rounds the rate of a proportion; fixed amounts have none",
                    "put it right after the proportion, as in by(\"inhabitants\").rate_rounded_to(1)",
                );
            }
            if part.rate_unit.replace(unit.clone()).is_some() {
                return refuse("rate-twice", "the rate is rounded twice", "leave one of the two out");
            }
        }
        Ok(key)
    });
}

/// A driver of the year of the split.
pub fn driver_name(id: &str) -> DriverName {
    DriverName { id: id.trim().to_owned(), year: DriverYear::Lag(0) }
}

/// The numbers of a map by name.
///
/// # Errors
/// When a value is not a number.
pub fn named_numbers(word: &str, map: Map) -> Word<BTreeMap<String, Ratio>> {
    let mut numbers = BTreeMap::new();
    for (name, value) in map {
        let Some(number) = exact_value(&value) else {
            let message = format!("`{word}` needs a number for \"{name}\"");
            return refuse("not-a-number", message, "as in #{ \"Lyngen\": 50, \"Rana\": 50 }");
        };
        numbers.insert(name.to_string(), number);
    }
    Ok(numbers)
}

/// A number that a word needs.
///
/// # Errors
/// When it is not a number.
pub fn number(word: &str, value: &Dynamic) -> Word<Ratio> {
    match exact_value(value) {
        Some(number) => Ok(number),
        None => refuse(
            "not-a-number",
            format!("`{word}` needs a number"),
            format!("as in {word}(1) or {word}(0.5)"),
        ),
    }
}

/// A number above zero that a word needs.
///
/// # Errors
/// When it is not a number or not above zero.
pub fn positive(word: &str, value: &Dynamic) -> Word<Ratio> {
    let number = number(word, value)?;
    if number.is_positive() {
        return Ok(number);
    }
    refuse("not-positive", format!("`{word}` needs a number above zero"), format!("as in {word}(1)"))
}

/// The texts of a list.
///
/// # Errors
/// When an item is not a text.
pub fn texts(word: &str, list: Array) -> Word<Vec<String>> {
    let mut texts = Vec::with_capacity(list.len());
    for item in list {
        match item.into_string() {
            Ok(text) => texts.push(text),
            Err(_) => {
                return refuse(
                    "not-a-name",
                    format!("`{word}` needs names"),
                    format!("as in {word}([\"Lyngen\", \"Rana\"])"),
                );
            }
        }
    }
    Ok(texts)
}

fn register_years(words: &mut Vocabulary) {
    words.register_fn("lag", |key: DeclaredKey, years: INT| -> Word<DeclaredKey> {
        match i32::try_from(years) {
            Ok(years) if (0..=200).contains(&years) => with_year(key, "lag", DriverYear::Lag(years)),
            _ => refuse(
                "bad-lag",
                "`lag` needs a number of years from 0 to 200",
                "as in by(\"inhabitants\").lag(1)",
            ),
        }
    });
    words.register_fn("as_of", |key: DeclaredKey, year: INT| -> Word<DeclaredKey> {
        match i32::try_from(year) {
            Ok(year) if (1000..=9999).contains(&year) => with_year(key, "as_of", DriverYear::AsOf(year)),
            _ => refuse("bad-year", "`as_of` needs a year", "as in by(\"inhabitants\").as_of(2023)"),
        }
    });
}

fn with_year(mut key: DeclaredKey, word: &str, year: DriverYear) -> Word<DeclaredKey> {
    for part in key.parts_mut() {
        match &mut part.base {
            DeclaredBase::Driver(driver) | DeclaredBase::Rate(_, driver)
                if driver.year == DriverYear::Lag(0) =>
            {
                driver.year = year;
            }
            DeclaredBase::Driver(_) | DeclaredBase::Rate(..) => {
                let help = "as in .lag(2) for two years back";
                return refuse("year-twice", "the year of this driver is set twice", help);
            }
            _ => {
                let message = format!("`{word}` picks the year of a driver, and this is not a driver");
                return refuse(
                    "year-of-no-driver",
                    message,
                    format!("put it right after by(\"…\"), as in by(\"inhabitants\").{word}(…)"),
                );
            }
        }
    }
    Ok(key)
}

fn register_arithmetic(words: &mut Vocabulary) {
    words.register_fn("+", |mut a: DeclaredKey, b: DeclaredKey| -> Word<DeclaredKey> {
        if !a.by_tag.is_empty() || !b.by_tag.is_empty() {
            return join_tags(a, b);
        }
        if !a.limits.is_empty() || !b.limits.is_empty() {
            return refuse(
                "limit-not-last",
                "a limit is of the whole key and comes after all parts are added",
                "as in (40.percent * equally() + 60.percent * by(\"inhabitants\")).at_most(100_000)",
            );
        }
        if a.parts.iter().chain(&b.parts).any(|part| part.base.is_transfers()) {
            return refuse(
                "transfers-and-more",
                "transfers stand alone",
                "make a measure of its own for them",
            );
        }
        if a.rest.is_some() || b.rest.is_some() {
            return refuse(
                "rest-not-last",
                "`.rest(…)` comes last, after all amounts are added",
                "as in (amounts(#{…}) + amounts_each(100)).rest(equally())",
            );
        }
        a.parts.extend(b.parts);
        if a.parts.len() > PARTS_MAX {
            return refuse(
                "too-many-parts",
                format!("a key has at most {PARTS_MAX} parts"),
                "is there a loop too many?",
            );
        }
        Ok(a)
    });
    words.register_fn("*", |factor: Dynamic, key: DeclaredKey| scaled(&factor, key));
    words.register_fn("*", |key: DeclaredKey, factor: Dynamic| scaled(&factor, key));
    words.register_fn("/", |key: DeclaredKey, divisor: Dynamic| -> Word<DeclaredKey> {
        let divisor = positive("/", &divisor)?;
        scaled(&numbers::to_dynamic(&(ratio::whole(1) / divisor)), key)
    });
    words.register_fn("rest", |mut amounts: DeclaredKey, rest: DeclaredKey| -> Word<DeclaredKey> {
        let proportions = amounts.parts.iter().any(|part| !part.base.is_fixed());
        let cut = proportions && !amounts.limits.is_empty();
        if cut && amounts.limits.iter().any(|limit| limit.least.is_some()) {
            return refuse(
                "rest-of-a-minimum",
                "what a minimum adds leaves no rest",
                "put the minimum after .rest(…), where it is of the whole share",
            );
        }
        let leaves = !proportions || cut;
        let transfers = amounts.parts.iter().any(|part| part.base.is_transfers());
        if amounts.rest.is_some()
            || !leaves
            || transfers
            || !amounts.by_tag.is_empty()
            || !rest.by_tag.is_empty()
        {
            return refuse(
                "rest-of-no-amounts",
                "`.rest(…)` shares what fixed amounts or maximums leave, so only those may stand before it",
                "as in amounts(#{ \"Lyngen\": 100_000 }).rest(equally())",
            );
        }
        amounts.rest = Some(Box::new(rest));
        Ok(amounts)
    });
}

/// Adds keys of different tags.
fn join_tags(mut a: DeclaredKey, b: DeclaredKey) -> Word<DeclaredKey> {
    if a.by_tag.is_empty() || b.by_tag.is_empty() {
        return refuse(
            "tags-and-none",
            "a key with a tag cannot be added to one without",
            "give every part of the cost its key: key_a().of_tag(\"a\") + key_b().of_tag(\"b\")",
        );
    }
    if let Some((tag, _)) =
        b.by_tag.iter().find(|(tag, _)| a.by_tag.iter().any(|(own, _)| own.tag == tag.tag))
    {
        return refuse(
            "tag-twice",
            format!("there are two keys for the tag `{}`", tag.tag),
            "add them inside: (… + …).of_tag(\"…\")",
        );
    }
    a.by_tag.extend(b.by_tag);
    Ok(a)
}

fn scaled(factor: &Dynamic, key: DeclaredKey) -> Word<DeclaredKey> {
    let Some(factor) = exact_value(factor) else {
        return refuse("not-a-number", "a key is multiplied by a number", "as in 40.percent * equally()");
    };
    // A part that counts nothing may be one whose number somebody has set to 0.
    if factor.is_negative() {
        return refuse(
            "bad-factor",
            "a key is not multiplied by a number below zero",
            "the factors of a mixed key are from 0 to 1, and sum to 1",
        );
    }
    if !key.by_tag.is_empty() {
        return refuse(
            "scaled-tag",
            "the key of a tag shares all of the cost with that tag",
            "leave the factor out",
        );
    }
    if !key.limits.is_empty() {
        return refuse(
            "scaled-limit",
            "a key with limits is a whole key, and no part of another",
            "put the limit after the sum, as in (40.percent * equally() + 60.percent * by(\"…\")).at_most(100_000)",
        );
    }
    if key.rest.is_some() {
        return refuse(
            "scaled-rest",
            "a key with `.rest(…)` already shares all of the amount",
            "leave the factor out",
        );
    }
    Ok(scale(key, &factor))
}

fn scale(mut key: DeclaredKey, factor: &Ratio) -> DeclaredKey {
    for part in &mut key.parts {
        part.factor *= factor;
    }
    key
}

fn register_narrowing(words: &mut Vocabulary) {
    words.register_fn(
        "among",
        |context: NativeCallContext, key: DeclaredKey, names: Array| -> Word<DeclaredKey> {
            let narrowing = Narrowing::Among(texts("among", names)?, ScriptPlace::of(&context));
            Ok(narrowed(key, &narrowing))
        },
    );
    words.register_fn(
        "except",
        |context: NativeCallContext, key: DeclaredKey, names: Array| -> Word<DeclaredKey> {
            let narrowing = Narrowing::Except(texts("except", names)?, ScriptPlace::of(&context));
            Ok(narrowed(key, &narrowing))
        },
    );
    words.register_fn("where", |context: NativeCallContext, key: DeclaredKey, rule: FnPtr| {
        narrowed(key, &Narrowing::Where(rule, ScriptPlace::of(&context)))
    });
}

fn narrowed(mut key: DeclaredKey, narrowing: &Narrowing) -> DeclaredKey {
    for part in key.parts_mut() {
        let DeclaredPart { narrowings, .. } = part;
        narrowings.push(narrowing.clone());
    }
    key
}
