//! Numbers as people and machines write them, in two dialects kept strictly apart.
//!
//! *Machine* (RON, rules, CSV output, JSON): ASCII digits, a point, `-`, underscores for reading.
//! *Norwegian* (screens, spreadsheets): `1 234 567,89` with no-break spaces and the minus sign U+2212.
//! Reading accepts what is unmistakable and names what is not; nothing is rounded on the way in.

use std::fmt;

use num_bigint::BigInt;
use num_traits::Signed;

use super::money::Money;
use super::ratio::{self, Ratio};

/// Digits beyond which a number is taken for a mistake: an i128 has 39.
const DIGITS_MAX: usize = 38;
/// Digits and a point that an i64 holds whatever they are.
const PLAIN_DIGITS_MAX: usize = 18;

/// Why a text is not a number, each with its own remedy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumeralFault {
    /// Nothing there.
    Blank,
    /// `1.234,50` or `1,234.50`: which sign is the decimal sign?
    AmbiguousSeparators,
    /// `(500)` or `500-`: bookkeepers' minus.
    BookkeepersMinus,
    /// `12 %`.
    PercentSign,
    /// `1,5E+06`: a spreadsheet has already rounded it.
    Scientific,
    /// `#REF!`, `#N/A`: an error of the spreadsheet it came from.
    SpreadsheetError,
    /// More digits than any amount has.
    TooManyDigits,
    /// Anything else.
    NotANumber,
}

impl fmt::Display for NumeralFault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            NumeralFault::Blank => "nothing is written here; a blank is not a zero, so write 0 if you mean 0",
            NumeralFault::AmbiguousSeparators => {
                "point and comma in one number: write the decimal sign only, as in 1234,50 or 1234.50"
            }
            NumeralFault::BookkeepersMinus => "write a minus in front, as in -500",
            NumeralFault::PercentSign => "write the number without the percent sign",
            NumeralFault::Scientific => {
                "this number was shortened by a spreadsheet; format the column as a number and export again"
            }
            NumeralFault::SpreadsheetError => {
                "this is a fault of the spreadsheet that the table came from; mend it there and export again"
            }
            NumeralFault::TooManyDigits => "a number has at most 38 digits here",
            NumeralFault::NotANumber => "this is not a number",
        })
    }
}

/// Reads the machine dialect exactly: `-3_031_843.28`.
///
/// # Errors
/// [`NumeralFault`], never a rounded number.
///
/// ```
/// use fordel::ground::{numerals, ratio};
/// assert_eq!(numerals::parse_machine("0.1").unwrap(), ratio::fraction(1, 10));
/// assert!(numerals::parse_machine("1e3").is_err());
/// ```
pub fn parse_machine(text: &str) -> Result<Ratio, NumeralFault> {
    if let Some((number, 0)) = plain_digits(text) {
        return Ok(ratio::whole(number));
    }
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let plain: String = digits.chars().filter(|sign| *sign != '_').collect();
    parse_digits(&plain, negative)
}

/// The digits of a number that is written in the plainest way, `-1234.56`, and how many of them are decimals; none
/// where it has anything else in it or more digits than a register holds. For the many numbers that are.
pub fn plain_digits(text: &str) -> Option<(i64, usize)> {
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |digits| (true, digits));
    let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
    let has_point = whole.len() < digits.len();
    if whole.is_empty() || has_point && decimals.is_empty() || digits.len() > PLAIN_DIGITS_MAX {
        return None;
    }
    let mut number = 0;
    for digit in whole.bytes().chain(decimals.bytes()) {
        number = number * 10 + i64::from(digit.is_ascii_digit().then(|| digit - b'0')?);
    }
    Some((if negative { -number } else { number }, decimals.len()))
}

/// Reads a cell of a table: also decimal comma, spaces of any width between the digits, and U+2212.
///
/// # Errors
/// [`NumeralFault`] with the remedy in its text.
///
/// ```
/// use fordel::ground::{numerals, ratio};
/// assert_eq!(numerals::parse_table("1\u{a0}234,5").unwrap(), ratio::fraction(12_345, 10));
/// assert_eq!(numerals::parse_table("\u{2212}5").unwrap(), ratio::whole(-5));
/// ```
pub fn parse_table(cell: &str) -> Result<Ratio, NumeralFault> {
    if let Some((number, 0)) = plain_digits(cell) {
        return Ok(ratio::whole(number));
    }
    let cell = cell.trim();
    if cell.is_empty() {
        return Err(NumeralFault::Blank);
    }
    if cell.starts_with('#') {
        return Err(NumeralFault::SpreadsheetError);
    }
    if cell.ends_with('%') {
        return Err(NumeralFault::PercentSign);
    }
    if cell.starts_with('(') && cell.ends_with(')') || cell.ends_with(['-', '\u{2212}']) {
        return Err(NumeralFault::BookkeepersMinus);
    }
    if cell.contains(',') && cell.contains('.') || cell.matches(',').count() > 1 {
        return Err(NumeralFault::AmbiguousSeparators);
    }
    let (negative, digits) = match cell.strip_prefix(['-', '\u{2212}']) {
        Some(rest) => (true, rest.trim_start()),
        None => (false, cell),
    };
    if !digits_grouped_properly(digits) {
        return Err(NumeralFault::NotANumber);
    }
    let plain: String = digits
        .chars()
        .filter(|sign| !sign.is_whitespace())
        .map(|sign| if sign == ',' { '.' } else { sign })
        .collect();
    let scientific = plain.contains(['e', 'E']) && plain.starts_with(|sign: char| sign.is_ascii_digit());
    if scientific { Err(NumeralFault::Scientific) } else { parse_digits(&plain, negative) }
}

/// An amount for the screen: `1 234 567,89` with no-break spaces; øre only where there are any.
pub fn money_norwegian(amount: Money) -> String {
    to_norwegian(&amount.to_string())
}

/// A number for the screen where it ends within `digits` decimals, else `None`.
pub fn decimal_norwegian(number: &Ratio, digits: u32) -> Option<String> {
    ratio::decimal_text(number, digits).map(|text| to_norwegian(&text))
}

/// A fraction for the screen: as a decimal where it ends within six decimals, else as a sum like
/// `1 874 420 + 340/423`.
///
/// ```
/// use fordel::ground::{numerals, ratio};
/// assert_eq!(numerals::exact_norwegian(&ratio::fraction(542, 10)), "54,2");
/// assert_eq!(numerals::exact_norwegian(&ratio::fraction(10, 3)), "3 + 1/3");
/// ```
pub fn exact_norwegian(number: &Ratio) -> String {
    if let Some(text) = decimal_norwegian(number, 6) {
        return text;
    }
    let (whole, rest) = ratio::mixed(number);
    let fraction = format!("{}/{}", integer_norwegian(&rest.numer().abs()), integer_norwegian(rest.denom()));
    let sign = if number.is_negative() { "\u{2212}" } else { "" };
    match whole.abs() {
        whole if whole == BigInt::ZERO => format!("{sign}{fraction}"),
        whole => {
            let joint = if number.is_negative() { '\u{2212}' } else { '+' };
            format!("{sign}{} {joint} {fraction}", integer_norwegian(&whole))
        }
    }
}

/// A fraction in percent for the screen.
pub fn percent_norwegian(part: &Ratio) -> String {
    format!("{} %", factor_norwegian(&(part * ratio::whole(100)), 6))
}

/// A number as a factor for the screen: as a decimal where it ends within `digits` decimals, else in brackets.
pub fn factor_norwegian(number: &Ratio, digits: u32) -> String {
    decimal_norwegian(number, digits).unwrap_or_else(|| match exact_norwegian(number) {
        text if text.contains('/') => format!("({text})"),
        text => text,
    })
}

/// The first decimals of a fraction, cut and not rounded, with an ellipsis where something was cut.
pub fn truncated_norwegian(number: &Ratio, digits: u32) -> String {
    match decimal_norwegian(number, digits) {
        Some(text) => text,
        None => format!("{}…", to_norwegian(&ratio::truncated_text(number, digits))),
    }
}

/// A whole number for the screen.
pub fn integer_norwegian(number: &BigInt) -> String {
    to_norwegian(&number.to_string())
}

fn to_norwegian(machine: &str) -> String {
    let (sign, rest) = machine.strip_prefix('-').map_or(("", machine), |rest| ("\u{2212}", rest));
    let (whole, decimals) = rest.split_once('.').unwrap_or((rest, ""));
    let mut text = String::with_capacity(sign.len() + 2 * rest.len());
    text.push_str(sign);
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            text.push('\u{a0}');
        }
        text.push(digit);
    }
    if !decimals.is_empty() {
        text.push(',');
        text.push_str(decimals);
    }
    text
}

/// Spaces may stand between groups of three digits only: `12 34` is two numbers that ran together.
fn digits_grouped_properly(digits: &str) -> bool {
    let (whole, decimals) = digits.split_once([',', '.']).unwrap_or((digits, ""));
    let groups: Vec<&str> = whole.split(char::is_whitespace).collect();
    let grouped =
        groups.len() == 1 || groups[0].len() <= 3 && groups[1..].iter().all(|group| group.len() == 3);
    grouped && !decimals.contains(char::is_whitespace)
}

fn parse_digits(plain: &str, negative: bool) -> Result<Ratio, NumeralFault> {
    let (whole, decimals) = plain.split_once('.').unwrap_or((plain, ""));
    let digits = format!("{whole}{decimals}");
    let only_digits = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !only_digits || whole.is_empty() || plain.ends_with('.') {
        return Err(if plain.is_empty() { NumeralFault::Blank } else { NumeralFault::NotANumber });
    }
    if digits.len() > DIGITS_MAX {
        return Err(NumeralFault::TooManyDigits);
    }
    let scale = u32::try_from(decimals.len()).map_err(|_| NumeralFault::TooManyDigits)?;
    let number: BigInt = digits.parse().map_err(|_| NumeralFault::NotANumber)?;
    let number = if negative { -number } else { number };
    Ok(ratio::fraction(number, BigInt::from(10).pow(scale)))
}
