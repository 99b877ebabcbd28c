//! Changes for people: amounts and percentages with their sign.

use num_traits::Zero;

use crate::ground::money::Money;
use crate::ground::numerals::{decimal_norwegian, money_norwegian};
use crate::ground::ratio::{self, Ratio};
use crate::ground::split::nearest_multiple;

/// A change in kroner: `+100 302`, `−9 447`, `0`.
pub fn signed_money(change: Money) -> String {
    if change > Money::ZERO { format!("+{}", money_norwegian(change)) } else { money_norwegian(change) }
}

/// A number with its sign and exactly so many decimals, halves away from zero.
pub fn signed_decimal(number: &Ratio, decimals: u32) -> String {
    let step = ratio::fraction(1, num_bigint::BigInt::from(10).pow(decimals));
    let rounded = nearest_multiple(number, &step);
    let mut text = decimal_norwegian(&rounded, decimals).unwrap_or_default();
    let written = text.split_once(',').map_or(0, |(_, rest)| rest.len());
    if written == 0 && decimals > 0 {
        text.push(',');
    }
    text.push_str(&"0".repeat(usize::try_from(decimals).unwrap_or(0).saturating_sub(written)));
    if *number > Ratio::zero() { format!("+{text}") } else { text }
}

/// A change as a part of what it was, in percent; none where that was nothing.
pub fn percent(before: Money, change: Money) -> Option<Ratio> {
    let base = before.ore_ratio();
    let base = if before.is_negative() { -base } else { base };
    (!before.is_zero()).then(|| change.ore_ratio() * ratio::whole(100) / base)
}
