//! The net cost of a measure by groups of cost lines: what draws have left of each.

use crate::ground::money::{Money, TooLarge};
use crate::ground::split::{Weights, split};
use crate::model::measure::{Measure, MeasureIx};
use crate::rules::plan::DrawPlan;

use super::budget::{Draw, YearBudget};

/// The net cost of each group; `group` says in which group a line is, by its position. What is in no group, and
/// what other measures charged, is the last entry.
///
/// A draw on named lines reduces the groups of those lines, a draw on the whole cost reduces all, each in
/// proportion to what is left of it, by largest remainder in øre.
///
/// # Errors
/// [`TooLarge`] when an amount does not fit.
pub fn nets(
    measure: (MeasureIx, &Measure),
    plans: &[DrawPlan],
    walked: &YearBudget,
    count: usize,
    group: impl Fn(usize) -> Option<usize>,
) -> Result<Vec<Money>, TooLarge> {
    nets_and_tell(measure, plans, walked, count, group, &mut |_| {})
}

/// What a draw took from the groups.
pub struct TagStep<'s> {
    /// The draw.
    pub draw: &'s Draw,
    /// What of each group it may cover.
    pub sizes: &'s [Money],
    /// What was left of each group before.
    pub before: &'s [Money],
    /// What is left of each group after.
    pub after: &'s [Money],
}

/// The same with every draw told, for a certificate.
///
/// # Errors
/// [`TooLarge`] when an amount does not fit.
pub fn nets_and_tell(
    (index, measure): (MeasureIx, &Measure),
    plans: &[DrawPlan],
    walked: &YearBudget,
    count: usize,
    group: impl Fn(usize) -> Option<usize>,
    tell: &mut dyn FnMut(TagStep<'_>),
) -> Result<Vec<Money>, TooLarge> {
    let version = measure.version_standing_for(walked.version, walked.year);
    let paid = |line: usize| !measure.lines[line].in_kind;
    let sums = |lines: &mut dyn Iterator<Item = usize>| -> Result<Vec<Money>, TooLarge> {
        let mut sums = vec![Money::ZERO; count + 1];
        for line in lines {
            let sum = &mut sums[group(line).unwrap_or(count)];
            *sum = sum.plus(measure.lines[line].amount(version, walked.year).unwrap_or_default())?;
        }
        Ok(sums)
    };
    let mut left = sums(&mut (0..measure.lines.len()).filter(|line| paid(*line)))?;
    left[count] = left[count].plus(walked.measures[index.0].received)?;
    for draw in walked.draws_of(index) {
        let eligible = match &plans[draw.step].lines {
            None => left.clone(),
            Some(lines) => {
                let eligible = sums(&mut lines.iter().copied())?;
                eligible.iter().zip(&left).map(|(eligible, left)| *eligible.min(left)).collect()
            }
        };
        let before = left.clone();
        let more = reduce(&mut left, &eligible, draw.amount)?;
        let all = left.clone();
        reduce(&mut left, &all, more)?;
        tell(TagStep { draw, sizes: &eligible, before: &before, after: &left });
    }
    Ok(left)
}

/// Takes an amount from groups in proportion to sizes, at most those sizes, and gives what it could not take.
fn reduce(left: &mut [Money], sizes: &[Money], amount: Money) -> Result<Money, TooLarge> {
    let sizes: Vec<u64> = sizes.iter().map(|size| u64::try_from(size.ore()).unwrap_or(0)).collect();
    let all: u128 = sizes.iter().map(|size| u128::from(*size)).sum();
    let taken = u128::try_from(amount.ore()).unwrap_or(0).min(all);
    let Ok(weights) = Weights::from_integers(&sizes) else { return Ok(amount) };
    let ranks: Vec<u32> = (0..).take(sizes.len()).collect();
    let taken = i128::try_from(taken).map_err(|_| TooLarge)?;
    for (left, part) in left.iter_mut().zip(split(taken, &weights, &ranks)) {
        *left = left.minus(Money::from_wide_ore(part)?)?;
    }
    amount.minus(Money::from_wide_ore(taken)?)
}
