//! Money as a whole number of øre (minor units, 1/100 of the currency).
//!
//! Deliberately absent: multiplication and division. Money can be added, subtracted, compared and negated;
//! what turns a fraction of an amount into øre is [`split`](super::split) alone. No operation wraps or
//! saturates: what does not fit is [`TooLarge`].

use std::fmt;

use num_traits::{One, ToPrimitive};

use super::ratio::{self, Ratio};

/// An exact amount in øre, from −92 233 720 368 547 758.08 to +92 233 720 368 547 758.07 kroner.
///
/// ```
/// use fordel::ground::money::Money;
/// let licence = Money::from_ore(15_000_000);
/// let salary = Money::from_ore(303_184_328);
/// assert_eq!(licence.plus(salary).unwrap().to_string(), "3181843.28");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Money(i64);

/// An amount outside the range of [`Money`]. Carries no number, since the number did not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLarge;

/// Why an exact number is not an amount of money.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotMoney {
    /// The number has parts of an øre, as `10.005` has.
    FractionOfOre,
    /// The number is outside the range of [`Money`].
    TooLarge,
}

impl Money {
    /// No money.
    pub const ZERO: Money = Money(0);
    /// One øre.
    pub const ORE: Money = Money(1);

    /// The amount of so many øre.
    pub const fn from_ore(ore: i64) -> Money {
        Money(ore)
    }

    /// The amount of so many øre, where they fit.
    ///
    /// # Errors
    /// [`TooLarge`] outside the range of [`Money`].
    pub fn from_wide_ore(ore: i128) -> Result<Money, TooLarge> {
        i64::try_from(ore).map(Money).map_err(|_| TooLarge)
    }

    /// The amount of so many kroner, given as an exact number; nothing is rounded.
    ///
    /// # Errors
    /// [`NotMoney::FractionOfOre`] when øre are left over, [`NotMoney::TooLarge`] out of range.
    ///
    /// ```
    /// use fordel::ground::{money::{Money, NotMoney}, numerals};
    /// let kroner = numerals::parse_machine("3_031_843.28").unwrap();
    /// assert_eq!(Money::from_kroner(&kroner), Ok(Money::from_ore(303_184_328)));
    /// let half_ore = numerals::parse_machine("0.005").unwrap();
    /// assert_eq!(Money::from_kroner(&half_ore), Err(NotMoney::FractionOfOre));
    /// ```
    pub fn from_kroner(kroner: &Ratio) -> Result<Money, NotMoney> {
        let ore = kroner * ratio::whole(100);
        if !ore.denom().is_one() {
            return Err(NotMoney::FractionOfOre);
        }
        ore.numer().to_i64().map(Money).ok_or(NotMoney::TooLarge)
    }

    /// The number of øre.
    pub const fn ore(self) -> i64 {
        self.0
    }

    /// The amount as an exact number of kroner.
    pub fn kroner(self) -> Ratio {
        ratio::fraction(self.0, 100)
    }

    /// The amount as an exact number of øre.
    pub fn ore_ratio(self) -> Ratio {
        ratio::whole(self.0)
    }

    /// The sum of two amounts.
    ///
    /// # Errors
    /// [`TooLarge`] outside the range of [`Money`].
    pub fn plus(self, other: Money) -> Result<Money, TooLarge> {
        self.0.checked_add(other.0).map(Money).ok_or(TooLarge)
    }

    /// This amount less the other.
    ///
    /// # Errors
    /// [`TooLarge`] outside the range of [`Money`].
    pub fn minus(self, other: Money) -> Result<Money, TooLarge> {
        self.0.checked_sub(other.0).map(Money).ok_or(TooLarge)
    }

    /// The sum of any number of amounts; the order does not matter.
    ///
    /// # Errors
    /// [`TooLarge`] when the sum is outside the range of [`Money`].
    pub fn sum(amounts: impl IntoIterator<Item = Money>) -> Result<Money, TooLarge> {
        Money::from_wide_ore(amounts.into_iter().map(|amount| i128::from(amount.0)).sum())
    }

    /// Whether this is exactly nothing.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// Whether this is less than nothing.
    pub const fn is_negative(self) -> bool {
        self.0 < 0
    }
}

/// The machine dialect: ASCII, a point, no grouping; øre only where there are any.
impl fmt::Display for Money {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let ore = self.0.unsigned_abs();
        match ore % 100 {
            0 => write!(out, "{sign}{}", ore / 100),
            rest => write!(out, "{sign}{}.{rest:02}", ore / 100),
        }
    }
}

impl fmt::Display for TooLarge {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "the amount is larger than ±92 233 720 368 547 758.07, which is as far as fordel counts")
    }
}

impl std::error::Error for TooLarge {}
