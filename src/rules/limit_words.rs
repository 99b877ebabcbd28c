//! The words for minimum and maximum shares, and for keys that come and go over the years.

use num_traits::Signed;
use rhai::{Dynamic, INT, Map, NativeCallContext};

use crate::ground::ratio;

use super::declared::{
    DeclaredKey, DeclaredLimit, DeclaredTag, LimitNumbers, LimitOf, Phase, ScriptPlace, Word, refuse,
};
use super::key_words::{driver_name, named_numbers, number};
use super::vocabulary::Vocabulary;
use super::words::example;

/// Registers the words.
pub fn register(words: &mut Vocabulary) {
    words.register_fn("at_least", |context: NativeCallContext, key: DeclaredKey, least: Dynamic| {
        let least = Some(limit_numbers("at_least", least)?);
        limited(
            key,
            DeclaredLimit { least, most: None, of: LimitOf::Kroner, place: ScriptPlace::of(&context) },
        )
    });
    words.register_fn("at_most", |context: NativeCallContext, key: DeclaredKey, most: Dynamic| {
        let most = Some(limit_numbers("at_most", most)?);
        limited(
            key,
            DeclaredLimit { least: None, most, of: LimitOf::Kroner, place: ScriptPlace::of(&context) },
        )
    });
    words.register_fn("within", |context: NativeCallContext, key: DeclaredKey, part: Dynamic| {
        let part = number("within", &part)?;
        if part.is_negative() || part > ratio::whole(1) {
            let help = "as in .within(5.percent).of_last_year()";
            return refuse("not-a-part", "`within` needs a part from 0 to 1 (0 % to 100 %)", help);
        }
        let least = Some(LimitNumbers::Same(ratio::whole(1) - &part));
        let most = Some(LimitNumbers::Same(ratio::whole(1) + &part));
        limited(key, DeclaredLimit { least, most, of: LimitOf::Unsaid, place: ScriptPlace::of(&context) })
    });
    words.register_fn("of_last_year", |key: DeclaredKey| of(key, "of_last_year", LimitOf::LastYear));
    words.register_fn("of_amount", |key: DeclaredKey| of(key, "of_amount", LimitOf::Amount));
    words.register_fn("per", |key: DeclaredKey, driver: &str| {
        of(key, "per", LimitOf::Driver(driver_name(driver)))
    });
    words.register_fn("phased_to", phased_to);
    words.register_fn(
        "of_tag",
        |context: NativeCallContext, key: DeclaredKey, tag: &str| -> Word<DeclaredKey> {
            if !key.by_tag.is_empty() {
                return refuse(
                    "tag-twice",
                    "this key already has a tag",
                    "one key, one tag: key_a().of_tag(\"a\") + key_b().of_tag(\"b\")",
                );
            }
            if key.parts.iter().any(|part| part.base.is_transfers()) {
                let help = "make a measure of its own for them";
                return refuse("transfers-and-more", "transfers stand alone and split no cost", help);
            }
            Ok(key.of_tag(DeclaredTag { tag: tag.trim().to_owned(), place: ScriptPlace::of(&context) }))
        },
    );
}

/// The numbers of a limit: one for everybody, or a map.
fn limit_numbers(word: &str, numbers: Dynamic) -> Word<LimitNumbers> {
    let numbers = match numbers.try_cast_result::<Map>() {
        Ok(map) => LimitNumbers::Named(named_numbers(word, map)?),
        Err(other) if other.is_string() || other.is_fnptr() => {
            let help = format!(
                "as in .{word}(100_000), .{word}(#{{ \"Rana\": 100_000 }}) or .{word}(120).per(\"inhabitants\")"
            );
            return refuse("not-a-number", format!("`{word}` needs a number, or a number by name"), help);
        }
        Err(other) => LimitNumbers::Same(number(word, &other)?),
    };
    let negative = match &numbers {
        LimitNumbers::Same(number) => number.is_negative(),
        LimitNumbers::Named(named) => named.values().any(Signed::is_negative),
    };
    if negative {
        return refuse(
            "negative-limit",
            format!("`{word}` cannot be below zero"),
            format!("as in .{word}(15_000)"),
        );
    }
    Ok(numbers)
}

fn limited(mut key: DeclaredKey, limit: DeclaredLimit) -> Word<DeclaredKey> {
    if !key.by_tag.is_empty() {
        return refuse(
            "limit-of-tags",
            "a key by tags has no limit of its own",
            "put the limit before .of_tag(…), as in by(\"inhabitants\").at_most(100_000).of_tag(\"investment\")",
        );
    }
    if key.parts.iter().any(|part| part.rate_unit.is_some()) {
        return refuse(
            "limit-of-a-rounded-rate",
            "a key with a rounded rate cannot have limits: its shares do not sum to the amount",
            "leave out `rate_rounded_to`, or compute the amounts: amounts(|p| min(21 * p.inhabitants, 100_000))",
        );
    }
    if key.parts.iter().any(|part| part.base.is_transfers()) {
        return refuse(
            "limit-of-transfers",
            "transfers cannot have limits: they would no longer sum to zero",
            "put the limit into the rule",
        );
    }
    match key.rest {
        None => key.limits.push(limit),
        Some(_) => key.limits_of_all.push(limit),
    }
    Ok(key)
}

/// Says what the last limit is a part of.
fn of(mut key: DeclaredKey, word: &str, what: LimitOf) -> Word<DeclaredKey> {
    let limits = if key.rest.is_some() { &mut key.limits_of_all } else { &mut key.limits };
    let Some(limit) = limits.last_mut().filter(|limit| matches!(limit.of, LimitOf::Kroner | LimitOf::Unsaid))
    else {
        let message = format!("`{word}` stands right after a limit");
        return refuse("no-limit", message, format!("as in {}", example(word).unwrap_or_default()));
    };
    if matches!(limit.of, LimitOf::Unsaid) && !matches!(what, LimitOf::LastYear) {
        return refuse(
            "within-of-what",
            "`within` is of last year",
            "as in .within(5.percent).of_last_year()",
        );
    }
    limit.of = what;
    Ok(key)
}

/// A key that becomes another one in equal steps.
fn phased_to(old: DeclaredKey, new: DeclaredKey, first: INT, last: INT) -> Word<DeclaredKey> {
    let years = |first: INT, last: INT| Some((i32::try_from(first).ok()?, i32::try_from(last).ok()?));
    let Some((first, last)) = years(first, last).filter(|(first, last)| {
        (1000..=9999).contains(first) && (1000..=9999).contains(last) && first <= last
    }) else {
        return refuse(
            "bad-phase",
            "`phased_to` needs the first year of change and the first year of the new key",
            "as in old_key().phased_to(new_key(), 2025, 2028)",
        );
    };
    let fixed = |key: &DeclaredKey| key.parts.iter().any(|part| part.base.is_fixed());
    if !old.is_plain() || !new.is_plain() || fixed(&old) || fixed(&new) {
        return refuse(
            "phase-of-parts",
            "`phased_to` goes from one sum of proportions to another",
            "put limits after it; for amounts, let the rule ask for the year: if year < 2026 { … } else { … }",
        );
    }
    let phased = |key: DeclaredKey, comes: bool| {
        key.parts.into_iter().map(move |mut part| {
            part.phases.push(Phase { first, last, comes });
            part
        })
    };
    let parts = phased(old.clone(), false).chain(phased(new, true)).collect();
    Ok(DeclaredKey { parts, ..old })
}
