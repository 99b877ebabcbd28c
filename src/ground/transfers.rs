//! Transfers: exact amounts that sum to zero, rounded so that the whole ones do too.

use num_traits::{Signed, ToPrimitive, Zero};

use super::ratio::{self, Ratio};

/// Why amounts cannot be transfers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotTransfers {
    /// They sum to this.
    Sum(Ratio),
    /// An amount outside the range of a 64-bit number.
    TooLarge,
}

/// Rounds exact amounts that sum to zero, in units, to whole units that sum to zero. Everybody's amount is cut
/// towards zero; the units that are missing then go one each to the largest remainders of the side that was cut
/// more. So nobody is a whole unit away from the exact amount, and the negative of a list gives the negative
/// result. Ties go to the larger amount, then to the smaller rank.
///
/// ```
/// use fordel::ground::{ratio, transfers::balanced};
/// let third = ratio::fraction(1, 3);
/// let values = [ratio::whole(-1), third.clone(), third.clone(), third];
/// assert_eq!(balanced(&values, &[0, 1, 2, 3]), Ok(vec![-1, 1, 0, 0]));
/// ```
///
/// # Errors
/// [`NotTransfers`] when the amounts do not sum to zero or are too large.
pub fn balanced(values: &[Ratio], ranks: &[u32]) -> Result<Vec<i128>, NotTransfers> {
    let sum: Ratio = values.iter().sum();
    if !sum.is_zero() {
        return Err(NotTransfers::Sum(sum));
    }
    let cut =
        |value: &Ratio| value.trunc().to_integer().to_i64().map(i128::from).ok_or(NotTransfers::TooLarge);
    let mut amounts: Vec<i128> = values.iter().map(cut).collect::<Result<_, _>>()?;
    let total: i128 = amounts.iter().sum();
    let unit = if total < 0 { 1 } else { -1 };
    let remainder = |position: usize| (&values[position] - values[position].trunc()) * ratio::whole(unit);
    let mut queue: Vec<(usize, Ratio)> = (0..values.len())
        .map(|position| (position, remainder(position)))
        .filter(|(_, remainder)| remainder.is_positive())
        .collect();
    queue.sort_by(|(a, of_a), (b, of_b)| {
        let by_amount = || values[*b].abs().cmp(&values[*a].abs());
        of_b.cmp(of_a).then_with(by_amount).then_with(|| ranks[*a].cmp(&ranks[*b]))
    });
    // Each remainder is below 1 and they make up the total, so there are more of them than units missing.
    let missing = usize::try_from(total.unsigned_abs()).map_err(|_| NotTransfers::TooLarge)?;
    for (position, _) in queue.into_iter().take(missing) {
        amounts[position] += unit;
    }
    debug_assert_eq!(amounts.iter().sum::<i128>(), 0, "transfers sum to zero");
    Ok(amounts)
}
