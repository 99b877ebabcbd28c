//! Rounding with memory: over a series of splits the left-over units go to whoever is furthest behind its exact
//! cumulative share.
//!
//! The target of a split is the exact share plus what the position is behind from before. Everybody gets the whole
//! units of the target, and the units left go to the largest fractions of it. Afterwards nobody is a whole unit
//! behind or ahead: `|behind| < 1` holds before and after every split.

use num_traits::{One, Signed, ToPrimitive, Zero};

use super::ratio::{self, Ratio};
use super::split::{Portion, Weights};

/// The shares are so small that somebody would come a whole unit ahead or behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooSmall;

/// Splits `total` units over the weights; `behind` says, in units, by how much each position has had less than
/// its exact shares so far, and is less than 1 in size. In the portions, `exact` is this split's exact share and
/// `remainder` the fraction of the target.
///
/// ```
/// use fordel::ground::{memory::split_with_memory, ratio, split::Weights};
/// let weights = Weights::from_integers(&[1, 1, 1]).unwrap();
/// let behind = [ratio::fraction(-2, 3), ratio::fraction(1, 3), ratio::fraction(1, 3)];
/// let portions = split_with_memory(100, &weights, &[0, 1, 2], &behind).unwrap();
/// assert_eq!(portions.iter().map(|portion| portion.share()).collect::<Vec<_>>(), [33, 34, 33]);
/// ```
///
/// # Errors
/// [`TooSmall`] when the bound cannot be kept. It can whenever those who share stay the same and each exact share
/// is a whole unit or more.
///
/// # Panics
/// When there are not as many ranks as weights, which is a fault of the caller.
pub fn split_with_memory(
    total: i128,
    weights: &Weights,
    ranks: &[u32],
    behind: &[Ratio],
) -> Result<Vec<Portion>, TooSmall> {
    assert_eq!(weights.count(), ranks.len(), "one rank per weight");
    if total < 0 {
        let ahead: Vec<Ratio> = behind.iter().map(|behind| -behind).collect();
        let mirrored = split_with_memory(-total, weights, ranks, &ahead)?;
        return Ok(mirrored.into_iter().map(Portion::mirrored).collect());
    }
    let weight = |position: usize| weights.weight_of_sum(position);
    let exact: Vec<Ratio> = (0..weights.count())
        .map(|position| {
            ratio::whole(total) * Ratio::new(weight(position).0.into(), weight(position).1.into())
        })
        .collect();
    let targets = exact.iter().zip(behind).map(|(exact, behind)| exact + behind);
    let cut_and_rest = |(position, target): (usize, Ratio)| {
        let cut =
            if weight(position).0.is_zero() { Ratio::zero() } else { target.floor().max(Ratio::zero()) };
        (cut.to_integer().to_i128().unwrap_or(0), target - cut)
    };
    let cuts: Vec<(i128, Ratio)> = targets.enumerate().map(cut_and_rest).collect();
    let left = total - cuts.iter().map(|(cut, _)| cut).sum::<i128>();
    let mut queue: Vec<usize> = (0..cuts.len())
        .filter(|position| cuts[*position].1.is_positive() && !weight(*position).0.is_zero())
        .collect();
    queue.sort_by(|&a, &b| {
        let by_rest = cuts[b].1.cmp(&cuts[a].1);
        by_rest.then_with(|| weight(b).0.cmp(&weight(a).0)).then_with(|| ranks[a].cmp(&ranks[b]))
    });
    let left = usize::try_from(left).ok().filter(|left| *left <= queue.len()).ok_or(TooSmall)?;
    let place = |position: usize| queue.iter().position(|queued| *queued == position).map(|index| index + 1);
    let portion = |(position, (cut, rest)): (usize, (i128, Ratio))| {
        let queue = place(position).unwrap_or(cuts.len());
        let got_left_over = place(position).is_some_and(|place| place <= left);
        Portion { exact: exact[position].clone(), cut, remainder: rest, queue, got_left_over }
    };
    let portions: Vec<Portion> = cuts.iter().cloned().enumerate().map(portion).collect();
    let within = |(portion, behind): (&Portion, &Ratio)| still_behind(portion, behind).abs() < Ratio::one();
    if portions.iter().zip(behind).all(within) { Ok(portions) } else { Err(TooSmall) }
}

/// How far behind a position is after a split, in units.
pub fn still_behind(portion: &Portion, before: &Ratio) -> Ratio {
    &portion.exact + before - ratio::whole(portion.share())
}
