//! The words for draws on grants and reserves, and for what happens to the unused part of an award.

use num_traits::{One, Signed};
use rhai::{Array, Dynamic, INT, NativeCallContext};

use crate::ground::ratio::{self, Ratio};

use super::declared::{
    AtMost, DeclaredCarryOver, DeclaredDraw, DeclaredPayment, ScriptPlace, SourceKind, Word, refuse,
};
use super::key_words::{number, texts};
use super::vocabulary::Vocabulary;

/// What the word `all` becomes when a rule is read; see [`super::sandbox`].
pub const ALL: &str = "all";

/// Registers the words.
pub fn register(words: &mut Vocabulary) {
    words.register_type_with_name::<DeclaredDraw>("draw");
    words.register_type_with_name::<DeclaredCarryOver>("carry-over");
    words.register_type_with_name::<AtMost>("unfinished carry-over");
    words.register_fn("cover", |context: NativeCallContext, rate: Dynamic| -> Word<DeclaredDraw> {
        let rate = if rate.clone().into_string().is_ok_and(|word| word == ALL) {
            Ratio::one()
        } else {
            part_of_one("cover", &rate)?
        };
        Ok(DeclaredDraw {
            rate,
            lines: None,
            tags: vec![],
            pro_rata: false,
            match_rate: None,
            with_in_kind: false,
            source: None,
            ceiling: None,
            place: ScriptPlace::of(&context),
        })
    });
    words.register_fn("of", |mut draw: DeclaredDraw, lines: Array| -> Word<DeclaredDraw> {
        if lines.is_empty() || draw.lines.is_some() {
            return refuse(
                "no-lines",
                "`.of([…])` names the cost lines, once",
                "as in cover(50.percent).of([\"Lønn\"])",
            );
        }
        draw.lines = Some(texts("of", lines)?);
        Ok(draw)
    });
    words.register_fn("from", |draw: DeclaredDraw, grant: &str| with_source(draw, SourceKind::Grant, grant));
    words.register_fn("from_reserve", |draw: DeclaredDraw, reserve: &str| {
        with_source(draw, SourceKind::Reserve, reserve)
    });
    words.register_fn("up_to", |mut draw: DeclaredDraw, ceiling: Dynamic| -> Word<DeclaredDraw> {
        let ceiling = number("up_to", &ceiling)?;
        if ceiling.is_negative() {
            return refuse("negative-ceiling", "a ceiling cannot be below zero", "as in .up_to(700_000)");
        }
        if draw.ceiling.is_some() {
            return refuse("two-ceilings", "one draw has one ceiling", "leave the larger one out");
        }
        draw.ceiling = Some(ceiling);
        Ok(draw)
    });
    register_conditions(words);
    register_carry_over(words);
}

fn register_conditions(words: &mut Vocabulary) {
    words.register_type_with_name::<DeclaredPayment>("payment");
    words.register_fn("of_tag", |draw: DeclaredDraw, tag: &str| with_tag(draw, tag, true));
    words.register_fn("except_tag", |draw: DeclaredDraw, tag: &str| with_tag(draw, tag, false));
    words.register_fn("pro_rata", |draw: DeclaredDraw| DeclaredDraw { pro_rata: true, ..draw });
    words.register_fn("match_rate", |mut draw: DeclaredDraw, rate: Dynamic| -> Word<DeclaredDraw> {
        let rate = part_of_one("match_rate", &rate)?;
        if draw.match_rate.replace(rate).is_some() {
            return refuse("two-match-rates", "one draw has one match rate", "leave the larger one out");
        }
        Ok(draw)
    });
    words.register_fn("with_in_kind", |draw: DeclaredDraw| -> Word<DeclaredDraw> {
        if draw.match_rate.is_none() {
            return refuse(
                "in-kind-without-match",
                "`with_in_kind` says what counts as own contribution, and comes after `match_rate`",
                "as in cover(all).from(\"grant\").match_rate(50.percent).with_in_kind()",
            );
        }
        Ok(DeclaredDraw { with_in_kind: true, ..draw })
    });
    words.register_fn("prepaid", |context: NativeCallContext, part: Dynamic| -> Word<DeclaredPayment> {
        Ok(DeclaredPayment { prepaid: part_of_one("prepaid", &part)?, place: ScriptPlace::of(&context) })
    });
}

/// Narrows a draw to lines with a tag, or to those without it.
fn with_tag(mut draw: DeclaredDraw, tag: &str, has: bool) -> Word<DeclaredDraw> {
    draw.tags.push((tag.trim().to_owned(), has));
    Ok(draw)
}

fn register_carry_over(words: &mut Vocabulary) {
    words.register_fn("carry_over", |context: NativeCallContext| DeclaredCarryOver {
        years: None,
        at_most: None,
        repay: false,
        place: ScriptPlace::of(&context),
    });
    words.register_fn("repay", |context: NativeCallContext| DeclaredCarryOver {
        years: Some(0),
        at_most: None,
        repay: true,
        place: ScriptPlace::of(&context),
    });
    words.register_fn(
        "for_years",
        |mut carry_over: DeclaredCarryOver, years: INT| -> Word<DeclaredCarryOver> {
            match u32::try_from(years) {
                Ok(years) if (1..=200).contains(&years) => {
                    carry_over.years = Some(years);
                    Ok(carry_over)
                }
                _ => refuse(
                    "bad-years",
                    "`for_years` needs a number of years from 1 to 200",
                    "as in carry_over().for_years(2)",
                ),
            }
        },
    );
    words.register_fn("at_most", |carry_over: DeclaredCarryOver, rate: Dynamic| -> Word<AtMost> {
        Ok(AtMost { rate: part_of_one("at_most", &rate)?, carry_over })
    });
    words.register_fn("of_award", |limit: AtMost| DeclaredCarryOver {
        at_most: Some(limit.rate),
        ..limit.carry_over
    });
    words.register_fn("then_repay", |mut carry_over: DeclaredCarryOver| {
        carry_over.repay = true;
        carry_over
    });
}

fn with_source(mut draw: DeclaredDraw, kind: SourceKind, id: &str) -> Word<DeclaredDraw> {
    if draw.source.is_some() {
        return refuse(
            "two-sources",
            "one draw comes from one source",
            "write two funding steps, one for each source",
        );
    }
    draw.source = Some((kind, id.trim().to_owned()));
    Ok(draw)
}

/// A part of a whole, from 0 to 1.
fn part_of_one(word: &str, value: &Dynamic) -> Word<Ratio> {
    let part = number(word, value)?;
    if part.is_negative() || part > ratio::whole(1) {
        let message = format!("`{word}` needs a part from 0 to 1 (0 % to 100 %)");
        let help = format!("as in {word}(50.percent) or {word}(0.5)");
        return refuse("not-a-part", message, help);
    }
    Ok(part)
}
