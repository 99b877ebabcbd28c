//! What was changed, as text: a line for each thing, with what it was and what it is. Equal changes of several things,
//! figures of several years and many values of one driver are put together, so that the list can be read.

use crate::ground::money::Money;
use crate::ground::numerals::{exact_norwegian, money_norwegian};
use crate::ground::ratio::Ratio;
use crate::whatif::alteration::{Alteration, Kind, Value};

use super::alteration_words::{always, kind, kinds, told};
use super::language::{Language, say};
use super::signed::signed_money;

/// From how many years or values on they are put together.
const TOGETHER_MIN: usize = 3;
/// How many values of a driver are written one by one.
const DRIVER_VALUES_MAX: usize = 6;
/// How many things are named that have the same change.
const NAMES_MAX: usize = 6;
/// How many lines are written.
const LINES_MAX: usize = 40;
/// The longest text of a value, in characters.
const VALUE_CHARACTERS_MAX: usize = 240;

/// How many words are shown before two long texts part.
const WORDS_BEFORE: usize = 4;

/// A line before it is written: of what, what, before, after.
struct Line {
    kind: Kind,
    of: Vec<String>,
    what: String,
    before: Option<String>,
    after: Option<String>,
    remark: String,
}

/// Writes what was changed, under a title; nothing where nothing was.
pub fn write(alterations: &[Alteration], width: usize, language: Language) -> String {
    if alterations.is_empty() {
        return String::new();
    }
    let alterations: Vec<Alteration> = alterations.iter().map(|own| told(language, own)).collect();
    let lines = alike_together(lines(&alterations, language));
    let mut text = language.choose("\nEndret\n", "\nEndra\n", "\nChanged\n").to_owned();
    for line in lines.iter().take(LINES_MAX) {
        text.push_str(&written(line, width, language));
    }
    if lines.len() > LINES_MAX {
        let more = lines.len() - LINES_MAX;
        text.push_str(&say!(language, "  og {more} til\n", "  og {more} til\n", "  and {more} more\n"));
    }
    text
}

/// The same lines by themselves.
pub fn texts(alterations: &[Alteration], language: Language) -> Vec<String> {
    write(alterations, usize::MAX, language).lines().skip(2).map(|line| line.trim().to_owned()).collect()
}

/// A line for each alteration, or for several that follow each other.
fn lines(alterations: &[Alteration], language: Language) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut at = 0;
    while at < alterations.len() {
        let first = &alterations[at];
        let same = |own: &&Alteration| own.kind == first.kind && own.of == first.of;
        let of_driver = alterations[at..].iter().take_while(same).count();
        let series = alterations[at..]
            .iter()
            .take_while(same)
            .take_while(|own| stem(&own.what).is_some() && stem(&own.what) == stem(&first.what));
        let years = series.count();
        let (count, line) = if first.kind == Kind::Driver && of_driver > DRIVER_VALUES_MAX {
            (of_driver, of_many_values(&alterations[at..at + of_driver], language))
        } else if years >= TOGETHER_MIN {
            (years, of_years(&alterations[at..at + years], language))
        } else {
            (1, None)
        };
        match line {
            Some(line) => {
                lines.push(line);
                at += count;
            }
            None => {
                lines.push(of_one(first));
                at += 1;
            }
        }
    }
    lines
}

/// What is in front of a year at the end.
fn stem(what: &str) -> Option<&str> {
    let (stem, year) = what.rsplit_once(' ')?;
    (year.len() == 4 && year.bytes().all(|byte| byte.is_ascii_digit())).then_some(stem)
}

fn of_one(alteration: &Alteration) -> Line {
    let remark = match (&alteration.before, &alteration.after) {
        (Some(Value::Money(before)), Some(Value::Money(after))) => {
            after.minus(*before).map(|change| format!(" ({})", signed_money(change))).unwrap_or_default()
        }
        _ => String::new(),
    };
    let (before, after) = match (&alteration.before, &alteration.after) {
        (Some(Value::Text(before)), Some(Value::Text(after))) => {
            let alike = alike(before, after);
            (Some(from(before, alike)), Some(from(after, alike)))
        }
        (before, after) => (before.as_ref().map(shown), after.as_ref().map(shown)),
    };
    Line {
        kind: alteration.kind,
        of: vec![alteration.of.clone()],
        what: alteration.what.clone(),
        before,
        after,
        remark,
    }
}

/// How many bytes two long texts can do without: what is the same at their beginning, but for a few words.
fn alike(before: &str, after: &str) -> usize {
    if before.chars().count().max(after.chars().count()) <= VALUE_CHARACTERS_MAX {
        return 0;
    }
    let same = before.chars().zip(after.chars()).take_while(|(old, new)| old == new);
    let same: usize = same.map(|(sign, _)| sign.len_utf8()).sum();
    let words: Vec<usize> = before[..same].match_indices(' ').map(|(space, _)| space + 1).collect();
    words.len().checked_sub(WORDS_BEFORE).map_or(0, |word| words[word])
}

/// A text from a byte on.
fn from(text: &str, start: usize) -> String {
    let rest = shown(&Value::Text(text[start..].to_owned()));
    if start == 0 { rest } else { format!("…{rest}") }
}

/// Figures of several years as their sums.
fn of_years(alterations: &[Alteration], language: Language) -> Option<Line> {
    let (first, last) = (alterations.first()?, alterations.last()?);
    let sum = |side: fn(&Alteration) -> &Option<Value>| -> Option<Option<Money>> {
        let mut amounts = Vec::new();
        for alteration in alterations {
            match side(alteration) {
                Some(Value::Money(amount)) => amounts.push(*amount),
                Some(_) => return None,
                None => {}
            }
        }
        let none = amounts.is_empty();
        Some(Money::sum(amounts).ok().filter(|_| !none))
    };
    let (before, after) = (sum(|own| &own.before)?, sum(|own| &own.after)?);
    let change = after.unwrap_or_default().minus(before.unwrap_or_default()).ok()?;
    let (what, last_year) = (&first.what, last.what.rsplit_once(' ')?.1);
    Some(Line {
        kind: first.kind,
        of: vec![first.of.clone()],
        what: say!(
            language,
            "{what}–{last_year} i alt",
            "{what}–{last_year} i alt",
            "{what}–{last_year} in all",
        ),
        before: before.map(money_norwegian),
        after: after.map(money_norwegian),
        remark: if before.is_some() && after.is_some() {
            format!(" ({})", signed_money(change))
        } else {
            String::new()
        },
    })
}

/// Many values of a driver as their number and sums.
fn of_many_values(alterations: &[Alteration], language: Language) -> Option<Line> {
    let first = alterations.first()?;
    let sum = |side: fn(&Alteration) -> &Option<Value>| -> Option<Ratio> {
        let value = |own: &Alteration| match side(own) {
            Some(Value::Number(number)) => Some(number.clone()),
            _ => None,
        };
        alterations.iter().map(value).sum()
    };
    let (before, after) = (sum(|own| &own.before), sum(|own| &own.after));
    let both = before.is_some() && after.is_some();
    let (count, in_all) =
        (alterations.len(), if both { language.choose(", i alt", ", i alt", ", in all") } else { "" });
    Some(Line {
        kind: first.kind,
        of: vec![first.of.clone()],
        what: say!(language, "{count} verdier{in_all}", "{count} verdiar{in_all}", "{count} values{in_all}",),
        before: before.filter(|_| both).map(|sum| exact_norwegian(&sum)),
        after: after.filter(|_| both).map(|sum| exact_norwegian(&sum)),
        remark: String::new(),
    })
}

/// Things that are changed in the same way are named in one line.
fn alike_together(lines: Vec<Line>) -> Vec<Line> {
    let mut together: Vec<Line> = Vec::new();
    for line in lines {
        let alike = together.iter_mut().find(|own| {
            own.kind == line.kind
                && (!line.what.is_empty() || line.kind == Kind::Party)
                && (&own.what, &own.before, &own.after) == (&line.what, &line.before, &line.after)
        });
        match alike {
            Some(own) => own.of.extend(line.of),
            None => together.push(line),
        }
    }
    together
}

fn written(line: &Line, width: usize, language: Language) -> String {
    let of = match line.of.as_slice() {
        [one] => one.clone(),
        many if many.len() <= NAMES_MAX => many.join(", "),
        many => format!("{} {}", many.len(), kinds(language, line.kind)),
    };
    // Where the names alone do not say it.
    let is_named = matches!(line.kind, Kind::Rule | Kind::Party) || line.what.is_empty();
    let word = match line.of.len() {
        _ if !is_named || line.kind == Kind::Scenario => String::new(),
        1 => format!("{} ", kind(language, line.kind)),
        count if count <= NAMES_MAX => format!("{} ", kinds(language, line.kind)),
        _ => String::new(),
    };
    let name = [of.as_str(), line.what.as_str()].into_iter().filter(|part| !part.is_empty());
    let name = format!("{word}{}", name.collect::<Vec<_>>().join(" · "));
    let (sign, value) = match (&line.before, &line.after) {
        (Some(before), Some(after)) => {
            let both = format!("  {name}: {before} → {after}{}", line.remark);
            if both.chars().count() <= width {
                return format!("{both}\n");
            }
            return format!("  {name}:\n      {before}\n    → {after}{}\n", line.remark);
        }
        (Some(before), None) => (language.choose("utgått", "utgått", "no more"), before),
        (None, Some(after)) => (language.choose("ny", "ny", "new"), after),
        (None, None) => return format!("  {name}\n"),
    };
    if value == always(language) {
        return format!("  {name}: {sign}\n");
    }
    let whole = format!("  {name}: {sign}, {value}");
    if whole.chars().count() <= width {
        format!("{whole}\n")
    } else {
        format!("  {name}: {sign}\n      {value}\n")
    }
}

/// A value for people.
pub fn shown(value: &Value) -> String {
    match value {
        Value::Money(amount) => money_norwegian(*amount),
        Value::Number(number) => exact_norwegian(number),
        Value::Text(text) => match text.char_indices().nth(VALUE_CHARACTERS_MAX) {
            Some((end, _)) => format!("{}…", &text[..end]),
            None => text.clone(),
        },
    }
}
