//! Exact fractions of any size. What a key computes with before the one rounding in [`split`](super::split).
//!
//! Deliberately absent: floating point, and any rounding. Fractions come from `num-rational` over big
//! integers, so nothing overflows and nothing is cut off.

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Signed, ToPrimitive, Zero};
use rust_decimal::Decimal;

/// An exact fraction in lowest terms with a positive denominator.
pub type Ratio = num_rational::BigRational;

/// The whole number as a fraction.
pub fn whole(number: impl Into<BigInt>) -> Ratio {
    Ratio::from_integer(number.into())
}

/// `numerator / denominator`, in lowest terms. The denominator is not zero.
pub fn fraction(numerator: impl Into<BigInt>, denominator: impl Into<BigInt>) -> Ratio {
    Ratio::new(numerator.into(), denominator.into())
}

/// The sum of some fractions. Small ones are added up in machine integers and reduced once.
///
/// ```
/// use fordel::ground::ratio::{fraction, sum, whole};
/// assert_eq!(sum([fraction(2, 5), fraction(3, 5)].iter()), whole(1));
/// assert_eq!(sum([fraction(1, 2), fraction(-1, 3)].iter()), fraction(1, 6));
/// ```
pub fn sum<'r>(numbers: impl Iterator<Item = &'r Ratio> + Clone) -> Ratio {
    let small = numbers.clone().try_fold((0i128, 1i128), |(numerator, denominator), number| {
        let own = i128::from(number.denom().to_i64()?);
        let scaled = i128::from(number.numer().to_i64()?).checked_mul(denominator)?;
        Some((numerator.checked_mul(own)?.checked_add(scaled)?, denominator.checked_mul(own)?))
    });
    match small {
        Some((numerator, denominator)) if numerator % denominator == 0 => whole(numerator / denominator),
        Some((numerator, denominator)) => fraction(numerator, denominator),
        None => numbers.sum(),
    }
}

/// The decimal number as a fraction: `0.4` is exactly 2/5.
///
/// ```
/// use fordel::ground::ratio;
/// let rate: rust_decimal::Decimal = "0.4".parse().unwrap();
/// assert_eq!(ratio::from_decimal(rate), ratio::fraction(2, 5));
/// ```
pub fn from_decimal(decimal: Decimal) -> Ratio {
    fraction(decimal.mantissa(), BigInt::from(10).pow(decimal.scale()))
}

/// The number of bits of the larger of numerator and denominator: what a computation with it costs.
pub fn size_bits(number: &Ratio) -> u64 {
    number.numer().bits().max(number.denom().bits())
}

/// The fraction as decimal text where it ends within `digits` decimals, else `None`.
///
/// ```
/// use fordel::ground::ratio;
/// assert_eq!(ratio::decimal_text(&ratio::fraction(542, 1000), 6).as_deref(), Some("0.542"));
/// assert_eq!(ratio::decimal_text(&ratio::fraction(1, 3), 6), None);
/// ```
pub fn decimal_text(number: &Ratio, digits: u32) -> Option<String> {
    let scaled = number * whole(BigInt::from(10).pow(digits));
    scaled.denom().is_one().then(|| shift_point(scaled.numer(), digits))
}

/// The fraction cut (not rounded) after `digits` decimals, for showing the size of a remainder.
pub fn truncated_text(number: &Ratio, digits: u32) -> String {
    let scaled = number * whole(BigInt::from(10).pow(digits));
    let (sign, units) = (if scaled.is_negative() { "-" } else { "" }, scaled.trunc().numer().abs());
    let (whole, rest) = units.div_rem(&BigInt::from(10).pow(digits));
    format!("{sign}{whole}.{rest:0>width$}", width = usize::try_from(digits).unwrap_or(0))
}

/// The integer part towards zero and the rest, as in 1 874 420 340/423 = (1 874 420, 340/423).
pub fn mixed(number: &Ratio) -> (BigInt, Ratio) {
    (number.trunc().to_integer(), number.fract())
}

/// The smallest integers in the same proportion as the given fractions, all of them non-negative.
/// An empty or all-zero list gives zeros.
pub fn smallest_integers(numbers: &[Ratio]) -> Vec<BigInt> {
    let common = numbers.iter().fold(BigInt::one(), |lcm, number| lcm.lcm(number.denom()));
    let scaled: Vec<BigInt> =
        numbers.iter().map(|number| number.numer() * (&common / number.denom())).collect();
    let divisor = scaled.iter().fold(BigInt::zero(), |gcd, number| gcd.gcd(number));
    if divisor.is_zero() || divisor.is_one() {
        return scaled;
    }
    scaled.into_iter().map(|number| number / &divisor).collect()
}

/// Writes an integer with the decimal point `digits` places from the right, without trailing zeros.
fn shift_point(number: &BigInt, digits: u32) -> String {
    let sign = if number.is_negative() { "-" } else { "" };
    let (whole, rest) = number.abs().div_rem(&BigInt::from(10).pow(digits));
    let decimals = format!("{rest:0>width$}", width = usize::try_from(digits).unwrap_or(0));
    match decimals.trim_end_matches('0') {
        "" => format!("{sign}{whole}"),
        decimals => format!("{sign}{whole}.{decimals}"),
    }
}
