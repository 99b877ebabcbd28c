//! Numbers as the page shows them, in three languages and three units. A text for people may be shortened to whole
//! thousands; the machine text beside it never is. Nothing that is shortened is ever added up.

use num_traits::{Signed, ToPrimitive, Zero};

use crate::ground::money::Money;
use crate::ground::ratio::{self, Ratio};
use crate::ground::split::nearest_multiple;
use crate::report::language::Language;

use super::asked::Unit;

/// Øre in a thousand kroner.
const THOUSAND_KRONER_ORE: i64 = 100_000;
/// The minus sign for people.
const MINUS: char = '\u{2212}';
/// The space that does not break.
const NO_BREAK: char = '\u{a0}';

/// How amounts are written for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Manner {
    /// By the rules of which language.
    pub language: Language,
    /// In what.
    pub unit: Unit,
    /// Whether two decimals are written also where they are zeros, so that columns stand in line.
    pub with_ore: bool,
}

impl Manner {
    /// An amount: `1 234 567,89`. Nothing is `0`.
    pub fn money(self, amount: Money) -> String {
        if amount.is_zero() {
            return "0".to_owned();
        }
        let ore = amount.ore();
        match self.unit {
            Unit::Ore => self.number(ore < 0, ore.unsigned_abs(), ""),
            Unit::Thousands => {
                let thousands = whole_thousands(amount);
                self.number(thousands < 0, thousands.unsigned_abs(), "")
            }
            Unit::Kroner => {
                let size = ore.unsigned_abs();
                let decimals = match size % 100 {
                    0 if !self.with_ore => String::new(),
                    rest => format!("{rest:02}"),
                };
                self.number(ore < 0, size / 100, &decimals)
            }
        }
    }

    /// A change with its sign: `+100 302`.
    pub fn change(self, change: Money) -> String {
        let text = self.money(change);
        if change > Money::ZERO && text != "0" { format!("+{text}") } else { text }
    }

    /// A change as a part of what it was, in percent with one decimal and its sign; none where that was nothing.
    pub fn change_percent(self, before: Money, change: Money) -> Option<String> {
        tenths_of_percent(change, before).map(|tenths| self.signed_percent(tenths))
    }

    /// Tenths of a percent with their sign: `+2,1 %`.
    pub fn signed_percent(self, tenths: i128) -> String {
        let text = self.percent(tenths);
        if tenths > 0 { format!("+{text}") } else { text }
    }

    /// A part of a whole in percent with one decimal; none of nothing.
    pub fn part_percent(self, part: Money, whole: Money) -> Option<String> {
        tenths_of_percent(part, whole).map(|tenths| self.percent(tenths))
    }

    /// An amount for each inhabitant, in kroner and with øre whatever the unit.
    pub fn per_head(self, amount: Money) -> String {
        Manner { unit: Unit::Kroner, with_ore: true, ..self }.money(amount)
    }

    /// A count.
    pub fn count(self, count: usize) -> String {
        self.number(false, u64::try_from(count).unwrap_or(u64::MAX), "")
    }

    fn percent(self, tenths: i128) -> String {
        let size = u64::try_from(tenths.unsigned_abs()).unwrap_or(u64::MAX);
        let number = self.number(tenths < 0, size / 10, &(size % 10).to_string());
        match self.language {
            Language::English => format!("{number}%"),
            Language::Bokmaal | Language::Nynorsk => format!("{number}{NO_BREAK}%"),
        }
    }

    fn number(self, is_negative: bool, whole: u64, decimals: &str) -> String {
        let (group, point) = match self.language {
            Language::English => (',', '.'),
            Language::Bokmaal | Language::Nynorsk => (NO_BREAK, ','),
        };
        let digits = whole.to_string();
        let mut text = String::with_capacity(digits.len() * 2 + decimals.len() + 4);
        // Whole thousands may come to nothing, which has no sign.
        if is_negative && (whole > 0 || decimals.bytes().any(|digit| digit != b'0')) {
            text.push(MINUS);
        }
        for (position, digit) in digits.char_indices() {
            if position > 0 && (digits.len() - position).is_multiple_of(3) {
                text.push(group);
            }
            text.push(digit);
        }
        if !decimals.is_empty() {
            text.push(point);
            text.push_str(decimals);
        }
        text
    }
}

/// Tenths of a percent for machines: `-0.1`.
pub fn machine_percent(tenths: i128) -> String {
    let sign = if tenths < 0 { "-" } else { "" };
    let size = tenths.unsigned_abs();
    format!("{sign}{}.{}", size / 10, size % 10)
}

/// An amount in whole thousands of kroner, halves away from zero.
pub fn whole_thousands(amount: Money) -> i64 {
    let (ore, half) = (amount.ore(), THOUSAND_KRONER_ORE / 2);
    let (thousands, rest) = (ore / THOUSAND_KRONER_ORE, ore % THOUSAND_KRONER_ORE);
    if rest.abs() >= half { thousands + rest.signum() } else { thousands }
}

/// What an amount is for each of so many, to the øre, halves away from zero; none of nobody, and where it does not fit.
pub fn per_unit(amount: Money, units: &Ratio) -> Option<Money> {
    if units.is_zero() || units.is_negative() {
        return None;
    }
    // Counts of people fit in registers; whatever else there is takes the long way.
    if let (Some(count), Some(parts)) = (units.numer().to_i64(), units.denom().to_i64()) {
        let ore = rounded(i128::from(amount.ore()) * i128::from(parts), i128::from(count));
        return Money::from_wide_ore(ore).ok();
    }
    let exact = amount.kroner() / units;
    Money::from_kroner(&nearest_multiple(&exact, &ratio::fraction(1, 100))).ok()
}

/// A quotient by a whole number above zero, rounded to a whole one, halves away from zero.
fn rounded(number: i128, by: i128) -> i128 {
    let (whole, rest) = (number / by, number % by);
    if rest.abs() * 2 >= by { whole + rest.signum() } else { whole }
}

/// A part of a whole in tenths of a percent, halves away from zero; the sign is that of the part.
pub fn tenths_of_percent(part: Money, whole: Money) -> Option<i128> {
    let (part, whole) = (i128::from(part.ore()) * 1000, i128::from(whole.ore()).abs());
    (whole > 0).then(|| rounded(part, whole))
}
