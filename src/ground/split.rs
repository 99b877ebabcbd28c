//! The split: a whole number of units over weights by largest remainder. The only rounding in the program.
//!
//! `q = ⌊N·w/W⌋` each, and the units left go one each to the largest remainders; ties go to the larger
//! weight, then to the smaller rank (the engine ranks parties by id in byte order). Negative totals are
//! mirror images. Every comparison is between integers, so a tie is a tie and never a rounding artefact.
//!
//! The method is Hamilton's (1792). It keeps quota (nobody is a whole unit away from the exact share) and
//! pays for it with the known paradoxes: a larger total may cost somebody a unit.
//!
//! What the units are, øre, kroner or seats, is not known here.

use std::cmp::Ordering;

use num_bigint::{BigInt, BigUint};
use num_integer::Integer;
use num_traits::{One, Signed, ToPrimitive, Zero};

use super::ratio::{self, Ratio};

/// Why a list of numbers cannot be weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WeightFault {
    /// There is nobody to split over.
    Empty,
    /// The weight at this position is negative.
    Negative(usize),
    /// Nobody has a weight above zero.
    AllZero,
}

/// Exact, non-negative weights with a positive sum. Only their proportions matter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Weights(Width);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Width {
    /// The sum fits in 64 bits, and so products with a 64-bit total fit in 128.
    Narrow { weights: Vec<u64>, sum: u64 },
    /// Everything else, exactly, at the price of big integers.
    Wide { weights: Vec<BigUint>, sum: BigUint },
}

impl Weights {
    /// Reduces exact fractions to the smallest integers in the same proportion.
    ///
    /// # Errors
    /// [`WeightFault`] for an empty list, a negative number, or nothing but zeros.
    pub fn from_ratios(numbers: &[Ratio]) -> Result<Weights, WeightFault> {
        let mut weights = Vec::with_capacity(numbers.len());
        for (position, weight) in ratio::smallest_integers(numbers).into_iter().enumerate() {
            weights.push(weight.to_biguint().ok_or(WeightFault::Negative(position))?);
        }
        Weights::from_big(weights)
    }

    /// Takes integers as weights.
    ///
    /// # Errors
    /// [`WeightFault`] for an empty list or nothing but zeros.
    pub fn from_integers(weights: &[u64]) -> Result<Weights, WeightFault> {
        let sum = weights.iter().try_fold(0u64, |sum, weight| sum.checked_add(*weight));
        match sum {
            Some(sum) if sum > 0 => Ok(Weights(Width::Narrow { weights: weights.to_vec(), sum })),
            _ => Weights::from_big(weights.iter().map(|weight| BigUint::from(*weight)).collect()),
        }
    }

    /// The weights and their sum, where they fit in 64 bits.
    pub fn narrow(&self) -> Option<(&[u64], u64)> {
        match &self.0 {
            Width::Narrow { weights, sum } => Some((weights, *sum)),
            Width::Wide { .. } => None,
        }
    }

    fn from_big(weights: Vec<BigUint>) -> Result<Weights, WeightFault> {
        if weights.is_empty() {
            return Err(WeightFault::Empty);
        }
        let sum: BigUint = weights.iter().sum();
        if sum.is_zero() {
            return Err(WeightFault::AllZero);
        }
        Ok(Weights(match sum.to_u64() {
            Some(sum) => Width::Narrow { weights: weights.iter().filter_map(BigUint::to_u64).collect(), sum },
            None => Width::Wide { weights, sum },
        }))
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        match &self.0 {
            Width::Narrow { weights, .. } => weights.len(),
            Width::Wide { weights, .. } => weights.len(),
        }
    }

    /// The weights at these positions; none where there is none above zero.
    pub fn subset(&self, positions: &[usize]) -> Option<Weights> {
        let chosen = |position: &usize| self.weight_of_sum(*position).0;
        Weights::from_big(positions.iter().map(chosen).collect()).ok()
    }

    /// The weight at a position and the sum of all, as fractions of nothing.
    pub fn weight_of_sum(&self, position: usize) -> (BigUint, BigUint) {
        match &self.0 {
            Width::Narrow { weights, sum } => (weights[position].into(), (*sum).into()),
            Width::Wide { weights, sum } => (weights[position].clone(), sum.clone()),
        }
    }
}

/// One position of a split, with how its share came about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Portion {
    /// The exact share before rounding, with the sign of the total.
    pub exact: Ratio,
    /// The exact share cut to whole units, towards zero.
    pub cut: i128,
    /// What was cut off, between 0 and 1 unit, without sign.
    pub remainder: Ratio,
    /// The place in the queue for the left-over units: 1 is first.
    pub queue: usize,
    /// Whether this position got one of the left-over units.
    pub got_left_over: bool,
}

impl Portion {
    /// The share: the cut one, and the left-over unit where this position got one.
    pub fn share(&self) -> i128 {
        let unit = i128::from(self.got_left_over);
        if self.exact.is_negative() { self.cut - unit } else { self.cut + unit }
    }

    /// The same portion of the negative total.
    #[must_use]
    pub fn mirrored(self) -> Portion {
        Portion { exact: -self.exact, cut: -self.cut, ..self }
    }
}

/// Splits `total` units over the weights; the shares sum to the total exactly.
///
/// `ranks` orders positions of equal remainder and equal weight, smaller first, and holds no number twice.
///
/// ```
/// use fordel::ground::split::{split, Weights};
/// let weights = Weights::from_integers(&[1, 1, 1]).unwrap();
/// assert_eq!(split(100, &weights, &[0, 1, 2]), [34, 33, 33]);
/// assert_eq!(split(-100, &weights, &[0, 1, 2]), [-34, -33, -33]);
/// ```
///
/// # Panics
/// When there are not as many ranks as weights, which is a fault of the caller.
pub fn split(total: i128, weights: &Weights, ranks: &[u32]) -> Vec<i128> {
    assert_eq!(weights.count(), ranks.len(), "one rank per weight");
    let size = total.unsigned_abs();
    let shares = match (&weights.0, u64::try_from(size)) {
        (Width::Narrow { weights, sum }, Ok(size)) => split_narrow(size, weights, *sum, ranks),
        (Width::Narrow { weights, sum }, Err(_)) => {
            let wide: Vec<BigUint> = weights.iter().map(|weight| BigUint::from(*weight)).collect();
            split_wide(size, &wide, &BigUint::from(*sum), ranks)
        }
        (Width::Wide { weights, sum }, _) => split_wide(size, weights, sum, ranks),
    };
    debug_assert_eq!(shares.iter().sum::<u128>(), size, "the shares sum to the total");
    shares.into_iter().map(|share| with_sign_of(total, share)).collect()
}

/// Splits as [`split`] does and says of each position how its share came about.
///
/// # Panics
/// When there are not as many ranks as weights, which is a fault of the caller.
pub fn split_explained(total: i128, weights: &Weights, ranks: &[u32]) -> Vec<Portion> {
    let shares = split(total, weights, ranks);
    let exact: Vec<Ratio> = (0..weights.count())
        .map(|position| {
            let (weight, sum) = weights.weight_of_sum(position);
            Ratio::new(BigInt::from(total) * BigInt::from(weight), BigInt::from(sum))
        })
        .collect();
    let remainders: Vec<Ratio> = exact.iter().map(|exact| exact.fract().abs()).collect();
    let mut queue: Vec<usize> = (0..exact.len()).collect();
    queue.sort_by(|&a, &b| {
        remainders[b]
            .cmp(&remainders[a])
            .then_with(|| weights.weight_of_sum(b).0.cmp(&weights.weight_of_sum(a).0))
            .then_with(|| ranks[a].cmp(&ranks[b]))
    });
    let mut place = vec![0; queue.len()];
    for (index, &position) in queue.iter().enumerate() {
        place[position] = index + 1;
    }
    let cuts = exact.iter().map(|exact| exact.trunc().to_integer().to_i128().unwrap_or(total));
    cuts.enumerate()
        .map(|(position, cut)| Portion {
            exact: exact[position].clone(),
            cut,
            remainder: remainders[position].clone(),
            queue: place[position],
            got_left_over: shares[position] != cut,
        })
        .collect()
}

/// The multiple of `unit` nearest to the number, halves away from zero. For tariffs and rates, which are
/// rounded one by one; what belongs to a sum is split, never rounded.
///
/// ```
/// use fordel::ground::{ratio, split::nearest_multiple};
/// let rate = ratio::fraction(1_588_800, 76_107);
/// assert_eq!(nearest_multiple(&rate, &ratio::whole(1)), ratio::whole(21));
/// ```
pub fn nearest_multiple(number: &Ratio, unit: &Ratio) -> Ratio {
    let half = ratio::fraction(1, 2);
    let quotient = number / unit;
    let rounded = (quotient.abs() + half).floor();
    let sign = if quotient.is_negative() { -Ratio::one() } else { Ratio::one() };
    rounded * sign * unit
}

/// A part of a non-negative whole number, rounded to a whole number, halves up. [`nearest_multiple`] with a unit of
/// 1, without fractions where that is possible.
///
/// ```
/// use fordel::ground::{ratio, split::nearest_part};
/// assert_eq!(nearest_part(5, &ratio::fraction(1, 2)), Some(3));
/// ```
pub fn nearest_part(number: u64, part: &Ratio) -> Option<i64> {
    if let (Some(numerator), Some(denominator)) = (part.numer().to_u32(), part.denom().to_u32()) {
        let twice = 2 * u128::from(number) * u128::from(numerator) + u128::from(denominator);
        return i64::try_from(twice / (2 * u128::from(denominator))).ok();
    }
    nearest_multiple(&(part * ratio::whole(number)), &Ratio::one()).to_integer().to_i64()
}

/// The largest whole number that is not above a part of a non-negative whole number.
pub fn part_within(number: u64, part: &Ratio) -> Option<i64> {
    if let (Some(numerator), Some(denominator)) = (part.numer().to_u32(), part.denom().to_u32()) {
        let product = u128::from(number) * u128::from(numerator);
        return i64::try_from(product / u128::from(denominator)).ok();
    }
    multiple_within(&(part * ratio::whole(number)), &Ratio::one()).to_integer().to_i64()
}

/// The largest multiple of `unit` that is not above the non-negative number. For limits, which are not
/// passed by even a fraction.
///
/// ```
/// use fordel::ground::{ratio, split::multiple_within};
/// assert_eq!(multiple_within(&ratio::fraction(7, 2), &ratio::whole(1)), ratio::whole(3));
/// ```
pub fn multiple_within(number: &Ratio, unit: &Ratio) -> Ratio {
    (number / unit).floor() * unit
}

fn split_narrow(size: u64, weights: &[u64], sum: u64, ranks: &[u32]) -> Vec<u128> {
    let mut shares = Vec::with_capacity(weights.len());
    let mut remainders = Vec::with_capacity(weights.len());
    let mut left = u128::from(size);
    for &weight in weights {
        let product = u128::from(size) * u128::from(weight);
        let share = product / u128::from(sum);
        shares.push(share);
        remainders.push(product % u128::from(sum));
        left -= share;
    }
    hand_out(&mut shares, left, |a, b| {
        remainders[b].cmp(&remainders[a]).then(weights[b].cmp(&weights[a])).then(ranks[a].cmp(&ranks[b]))
    });
    shares
}

fn split_wide(size: u128, weights: &[BigUint], sum: &BigUint, ranks: &[u32]) -> Vec<u128> {
    let mut shares = Vec::with_capacity(weights.len());
    let mut remainders = Vec::with_capacity(weights.len());
    let mut left = size;
    for weight in weights {
        let (share, remainder) = (weight * size).div_rem(sum);
        let share = share.to_u128().unwrap_or(size);
        shares.push(share);
        remainders.push(remainder);
        left -= share;
    }
    hand_out(&mut shares, left, |a, b| {
        remainders[b]
            .cmp(&remainders[a])
            .then_with(|| weights[b].cmp(&weights[a]))
            .then_with(|| ranks[a].cmp(&ranks[b]))
    });
    shares
}

/// Gives one unit each to the `left` positions that come first in the order. There are always fewer units
/// left than positions with a remainder, so a position of weight zero never gets one.
fn hand_out(shares: &mut [u128], left: u128, order: impl Fn(usize, usize) -> Ordering) {
    let left = usize::try_from(left).unwrap_or(shares.len());
    if left == 0 {
        return;
    }
    let mut positions: Vec<usize> = (0..shares.len()).collect();
    positions.select_nth_unstable_by(left - 1, |&a, &b| order(a, b));
    for &position in &positions[..left] {
        shares[position] += 1;
    }
}

fn with_sign_of(total: i128, share: u128) -> i128 {
    // A share is at most the size of the total, so the wrapped negation is exact even for i128::MIN.
    if total < 0 { 0i128.wrapping_sub_unsigned(share) } else { 0i128.wrapping_add_unsigned(share) }
}
