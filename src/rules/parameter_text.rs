//! Calls of `param` as they are written: where their arguments stand, what a text says apart from them, and a number
//! written as another one is.

use std::ops::Range;

use crate::ground::numerals;
use crate::ground::ratio::{self, Ratio};

use super::aliases;

/// The word.
pub const PARAM: &str = "param";
/// More decimals than any number in a rule has.
const DECIMALS_MAX: u32 = 28;

/// The arguments of a call whose word ends at a byte, without the blanks around them, and the byte after its last
/// bracket; none where no call stands there.
pub fn arguments(text: &str, word_end: usize) -> Option<(Vec<Range<usize>>, usize)> {
    let open = word_end + text.get(word_end..)?.find(|sign: char| !sign.is_whitespace())?;
    let mut start = open + text[open..].strip_prefix('(').map(|_| 1)?;
    let (mut arguments, mut depth, mut quote) = (Vec::new(), 0_usize, None);
    let first = start;
    for (at, sign) in text[first..].char_indices() {
        let at = first + at;
        match (quote, sign) {
            (Some(open), _) if open == sign => quote = None,
            (Some(_), _) => {}
            (None, '"' | '`') => quote = Some(sign),
            (None, '(' | '[' | '{') => depth += 1,
            (None, ')') if depth == 0 => {
                arguments.push(trimmed(text, start..at));
                return Some((arguments, at + 1));
            }
            (None, ')' | ']' | '}') => depth = depth.saturating_sub(1),
            (None, ',') if depth == 0 => {
                arguments.push(trimmed(text, start..at));
                start = at + 1;
            }
            _ => {}
        }
    }
    None
}

/// The bytes without blanks at their ends.
fn trimmed(text: &str, bytes: Range<usize>) -> Range<usize> {
    let own = &text[bytes.clone()];
    let start = bytes.start + own.len() - own.trim_start().len();
    start..start.max(bytes.start + own.trim_end().len())
}

/// The calls of the word in a text: where each starts, and what stands in its brackets.
fn calls(text: &str) -> impl Iterator<Item = (Range<usize>, Vec<Range<usize>>)> {
    let is_part = |sign: char| sign.is_alphanumeric() || sign == '_';
    text.match_indices(PARAM).filter_map(move |(start, _)| {
        let end = start + text[start..].find(|sign| !is_part(sign)).unwrap_or(text.len() - start);
        let word = &text[start..end];
        let is_word = aliases::english(word).unwrap_or(word) == PARAM && !text[..start].ends_with(is_part);
        let (arguments, after) = arguments(text, end).filter(|_| is_word)?;
        Some((start..after, arguments))
    })
}

/// Where in a stretch of a text a parameter is declared.
pub fn declaration(text: &str, within: Range<usize>, name: &str) -> Option<Range<usize>> {
    let own = text.get(within.clone())?;
    let quoted = |argument: &Range<usize>| {
        own[argument.clone()].trim_matches(|sign| ['"', '`', '\\'].contains(&sign)) == name
    };
    let (call, _) = calls(own).find(|(_, arguments)| arguments.first().is_some_and(quoted))?;
    Some(within.start + call.start..within.start + call.end)
}

/// A text in which every parameter is only named: what it says apart from the numbers that parameters are given.
///
/// ```
/// use fordel::rules::parameter_text::without_numbers;
/// assert_eq!(without_numbers("param(\"part\", 40.percent, 0..1) * equally()"), "param(\"part\") * equally()");
/// ```
pub fn without_numbers(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut at = 0;
    for (call, arguments) in calls(text) {
        if let Some(name) = arguments.first().filter(|_| call.start >= at) {
            kept.push_str(&text[at..name.end]);
            kept.push(')');
            at = call.end;
        }
    }
    kept.push_str(&text[at..]);
    kept
}

/// A number that is written out, and what it is.
///
/// ```
/// use fordel::ground::ratio::fraction;
/// use fordel::rules::parameter_text::Literal;
/// let literal = Literal::read("40.percent").unwrap();
/// assert_eq!(literal.value, fraction(2, 5));
/// assert_eq!(literal.write(&fraction(3, 10)).as_deref(), Some("30.percent"));
/// assert_eq!(Literal::read("0.4").unwrap().write(&fraction(3, 10)).as_deref(), Some("0.3"));
/// assert_eq!(Literal::read("2 * 0.2"), None);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Literal<'l> {
    /// What it is.
    pub value: Ratio,
    /// What follows the digits: `.percent`, or nothing.
    unit: &'l str,
    /// How many units one is.
    units: Ratio,
    /// Whether thousands stand apart, as in `15_000`.
    in_groups: bool,
}

impl<'l> Literal<'l> {
    /// Reads a number; none for what is worked out.
    pub fn read(written: &'l str) -> Option<Literal<'l>> {
        let unit = written.find(|sign: char| sign.is_alphabetic()).map_or(written.len(), |at| at - 1);
        let (digits, unit) = written.split_at_checked(unit)?;
        let word = unit.strip_prefix('.').unwrap_or(unit);
        let units = match aliases::english(word).unwrap_or(word) {
            "" => ratio::whole(1),
            "percent" => ratio::whole(100),
            "promille" => ratio::whole(1000),
            _ => return None,
        };
        let number = numerals::parse_machine(digits).ok()?;
        Some(Literal { value: number / &units, unit, units, in_groups: digits.contains('_') })
    }

    /// A number written plainly, for a remedy.
    pub fn plain(value: &Ratio) -> String {
        ratio::decimal_text(value, DECIMALS_MAX).unwrap_or_else(|| value.to_string())
    }

    /// Another number written in the same way; none for one that no decimal is.
    pub fn write(&self, value: &Ratio) -> Option<String> {
        let digits = ratio::decimal_text(&(value * &self.units), DECIMALS_MAX)?;
        let digits = if self.in_groups { in_groups(&digits) } else { digits };
        Some(format!("{digits}{}", self.unit))
    }
}

/// Digits with an underscore between thousands.
fn in_groups(digits: &str) -> String {
    let (whole, decimals) = digits.split_at(digits.find('.').unwrap_or(digits.len()));
    let mut grouped = String::new();
    for (at, sign) in whole.char_indices() {
        let left = whole.len() - at;
        if left.is_multiple_of(3) && grouped.ends_with(|sign: char| sign.is_ascii_digit()) {
            grouped.push('_');
        }
        grouped.push(sign);
    }
    grouped + decimals
}
