//! Minimum and maximum shares: one exact water-filling, before any remainder is handed out.
//!
//! Everybody's share is `clamp(λ·w, least, most)` for the one λ that makes the shares sum to the total. Limits
//! are whole units, so nobody can be pushed over one by a left-over unit: who is held by a limit gets exactly the
//! limit, and what is left is [`split`](super::split::split) over the others.

use num_bigint::{BigInt, Sign};
use num_traits::Zero;

use super::split::{Weights, split};

/// The limits of one position, in whole units, for a total that is not negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// The smallest share; not negative.
    pub least: i128,
    /// The largest share, where there is one.
    pub most: Option<i128>,
}

/// What holds a share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    /// Its minimum.
    Least,
    /// Its maximum.
    Most,
    /// Nothing: it shares what the others leave.
    Free,
}

/// Limits that cannot be met, with the smallest set of positions that contradicts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Contradiction {
    /// The minimum of this position is above its maximum.
    Crossed(usize),
    /// The minimums of these positions alone sum to more than the total.
    TooMuch(Vec<usize>),
    /// All who could pay have a maximum, and together these are less than the total.
    TooLittle(Vec<usize>),
}

impl Bounds {
    /// No limits.
    pub const NONE: Bounds = Bounds { least: 0, most: None };

    /// The limits that remain after so much of the share has been settled elsewhere. Who has no minimum gets none by
    /// having been settled with a rebate.
    #[must_use]
    pub fn less(self, settled: i128, has_minimum: bool) -> Bounds {
        let least = if has_minimum { (self.least - settled).max(0) } else { 0 };
        Bounds { least, most: self.most.map(|most| most - settled) }
    }

    /// Both limits and those of another at once.
    #[must_use]
    pub fn and(self, other: Bounds) -> Bounds {
        let most = match (self.most, other.most) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        Bounds { least: self.least.max(other.least), most }
    }

    /// The share of a position that is held, with the sign of the total; nothing for one that is not.
    pub fn held(self, hold: Hold, negative: bool) -> i128 {
        let size = match hold {
            Hold::Least => self.least,
            Hold::Most => self.most.unwrap_or(self.least),
            Hold::Free => 0,
        };
        if negative { -size } else { size }
    }

    /// Whether a share keeps to them.
    fn holds(self, share: i128) -> bool {
        self.least <= share && self.most.is_none_or(|most| share <= most)
    }
}

/// Splits a total over weights so that every share keeps to its limits; the shares sum to the total exactly.
/// A negative total is the mirror image: limits are of sizes.
///
/// ```
/// use fordel::ground::{limits::{split_within, Bounds}, split::Weights};
/// let weights = Weights::from_integers(&[6, 3, 1]).unwrap();
/// let most = Bounds { least: 0, most: Some(50) };
/// let least = Bounds { least: 15, most: None };
/// assert_eq!(split_within(100, &weights, &[0, 1, 2], &[most, Bounds::NONE, least]).unwrap(), [50, 35, 15]);
/// ```
///
/// # Errors
/// [`Contradiction`] when the limits cannot be met.
///
/// # Panics
/// When there are not as many limits and ranks as weights, which is a fault of the caller.
pub fn split_within(
    total: i128,
    weights: &Weights,
    ranks: &[u32],
    bounds: &[Bounds],
) -> Result<Vec<i128>, Contradiction> {
    let holds = fill(total.unsigned_abs(), weights, bounds)?;
    let (free, left) = what_is_left(total, &holds, bounds);
    let mut shares: Vec<i128> =
        holds.iter().zip(bounds).map(|(hold, bounds)| bounds.held(*hold, total < 0)).collect();
    if let Some(weights) = weights.subset(&free) {
        let ranks: Vec<u32> = free.iter().map(|position| ranks[*position]).collect();
        for (position, share) in free.iter().zip(split(left, &weights, &ranks)) {
            shares[*position] = share;
        }
    }
    assert!(
        shares.iter().zip(bounds).all(|(share, bounds)| bounds.holds(if total < 0 {
            -share
        } else {
            *share
        })),
        "the shares keep to their limits"
    );
    debug_assert_eq!(shares.iter().sum::<i128>(), total, "the shares sum to the total");
    Ok(shares)
}

/// The positions that no limit holds, and what the held ones leave of the total for them.
pub fn what_is_left(total: i128, holds: &[Hold], bounds: &[Bounds]) -> (Vec<usize>, i128) {
    let taken: i128 = holds.iter().zip(bounds).map(|(hold, bounds)| bounds.held(*hold, total < 0)).sum();
    let free = (0..holds.len()).filter(|position| holds[*position] == Hold::Free);
    (free.collect(), total - taken)
}

/// Finds who is held by which limit when a total of this size is shared.
///
/// # Errors
/// [`Contradiction`] when the limits cannot be met.
///
/// # Panics
/// When there are not as many limits as weights, which is a fault of the caller.
pub fn fill(size: u128, weights: &Weights, bounds: &[Bounds]) -> Result<Vec<Hold>, Contradiction> {
    assert_eq!(weights.count(), bounds.len(), "limits for every weight");
    let weights: Vec<BigInt> = (0..bounds.len())
        .map(|position| BigInt::from_biguint(Sign::Plus, weights.weight_of_sum(position).0))
        .collect();
    check(size, &weights, bounds)?;
    let levels = levels(&weights, bounds);
    let below = |level: &Level| filled_to(level, &weights, bounds) <= BigInt::from(size) * &level.weight;
    let reached = levels.partition_point(below);
    let (lower, upper) = (reached.checked_sub(1).map(|index| &levels[index]), levels.get(reached));
    let hold = |(weight, bounds): (&BigInt, &Bounds)| {
        let level = |bound: i128| Level { bound: bound.into(), weight: weight.clone() };
        if weight.is_zero() {
            return Hold::Least;
        }
        let passed = |bound: i128| lower.is_some_and(|lower| level(bound).not_above(lower));
        match bounds.most {
            Some(most) if passed(most) => Hold::Most,
            _ if upper.is_some_and(|upper| upper.not_above(&level(bounds.least))) => Hold::Least,
            _ => Hold::Free,
        }
    };
    Ok(weights.iter().zip(bounds).map(hold).collect())
}

/// A water level at which somebody reaches a limit: `bound / weight`.
#[derive(Clone, Debug)]
struct Level {
    bound: BigInt,
    weight: BigInt,
}

impl Level {
    fn not_above(&self, other: &Level) -> bool {
        &self.bound * &other.weight <= &other.bound * &self.weight
    }
}

fn levels(weights: &[BigInt], bounds: &[Bounds]) -> Vec<Level> {
    let mut levels = Vec::with_capacity(2 * bounds.len());
    for (weight, bounds) in weights.iter().zip(bounds).filter(|(weight, _)| !weight.is_zero()) {
        for bound in std::iter::once(bounds.least).chain(bounds.most) {
            levels.push(Level { bound: bound.into(), weight: weight.clone() });
        }
    }
    levels.sort_by(|a, b| (&a.bound * &b.weight).cmp(&(&b.bound * &a.weight)));
    levels
}

/// What everybody holds at a water level, times the weight of the level.
fn filled_to(level: &Level, weights: &[BigInt], bounds: &[Bounds]) -> BigInt {
    let share = |(weight, bounds): (&BigInt, &Bounds)| {
        let free = &level.bound * weight;
        let least = BigInt::from(bounds.least) * &level.weight;
        let raised = free.max(least);
        match bounds.most {
            Some(most) => raised.min(BigInt::from(most) * &level.weight),
            None => raised,
        }
    };
    weights.iter().zip(bounds).map(share).sum()
}

fn check(size: u128, weights: &[BigInt], bounds: &[Bounds]) -> Result<(), Contradiction> {
    let crossed = bounds.iter().position(|bounds| bounds.most.is_some_and(|most| most < bounds.least));
    if let Some(position) = crossed {
        return Err(Contradiction::Crossed(position));
    }
    let size = BigInt::from(size);
    let sum = |positions: &[usize], bound: &dyn Fn(usize) -> i128| -> BigInt {
        positions.iter().map(|position| BigInt::from(bound(*position))).sum()
    };
    let mut by_least: Vec<usize> = (0..bounds.len()).collect();
    by_least.sort_by_key(|position| (std::cmp::Reverse(bounds[*position].least), *position));
    let least = |position: usize| bounds[position].least;
    if sum(&by_least, &least) > size {
        // The largest minimums contradict with the fewest positions.
        let enough = (1..=by_least.len()).find(|count| sum(&by_least[..*count], &least) > size);
        by_least.truncate(enough.unwrap_or(by_least.len()));
        return Err(Contradiction::TooMuch(by_least));
    }
    // Who has no weight pays its minimum and no more.
    let most = |position: usize| {
        if weights[position].is_zero() { Some(bounds[position].least) } else { bounds[position].most }
    };
    let all: Vec<usize> = (0..bounds.len()).collect();
    let bounded = all.iter().all(|position| most(*position).is_some());
    if bounded && sum(&all, &|position| most(position).unwrap_or(0)) < size {
        let paying =
            all.into_iter().filter(|position| most(*position) != Some(0) || !weights[*position].is_zero());
        return Err(Contradiction::TooLittle(paying.collect()));
    }
    Ok(())
}
