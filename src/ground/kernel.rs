//! The kernel: one row of shares by largest remainder, several parties at a time in floating-point registers.
//!
//! The one place where the ban on floats is lifted, because here they hold nothing but whole numbers that they
//! hold exactly. For a total `N`, weights `w` and their sum `W`, all below 2⁵⁰:
//!
//! 1. `hi = fl(N·w)` and `lo = N·w − hi`. A fused multiply-add rounds once, and the error of a product is
//!    itself representable, so `hi + lo = N·w` exactly. `|lo| ≤ 2⁻⁵³·N·w < 2⁴⁷`.
//! 2. `x = w·fl(N·fl(1/W))` differs from `N·w/W ≤ N < 2⁵⁰` by two roundings of 2⁻⁵³ each, so by less than 3·2⁻³ =
//!    0.375. A fused multiply-add of 2⁵², whose last bit counts whole numbers, rounds `x` once, to its nearest whole
//!    number `q`; that is at most 0.5 + 0.375 < 1 away from `N·w/W`.
//! 3. So `r = N·w − q·W` lies between −W and W. `hi − q·W = r − lo` is a whole number below 2⁵¹, so the fused
//!    multiply-add that computes it does not round; nor does the sum with `lo`, below 2⁵⁰.
//! 4. Where `r < 0`, `q` was one too many: `q − 1` and `r + W` are the quotient and the remainder, else `q` and
//!    `r` are. Both are exact.
//!
//! The left-over units go to the largest remainders. Who gets one is found by a threshold: the remainder that
//! exactly as many reach as there are units, searched by counting, without sorting. Where several tie at the
//! threshold, or nearly, those alone are put in order, by remainder, weight and rank.
//!
//! Every result is compared with the plain integer path by a property test. A machine without fused multiply-add,
//! or numbers of 2⁵⁰ and more, are refused, and the caller takes the plain path.

#![expect(
    clippy::float_arithmetic,
    reason = "whole numbers below 2^53 are exact in it; the proof stands above"
)]

use std::array::from_fn;

use pulp::{Arch, Simd, WithSimd};

/// Widths of rows are multiples of this.
pub const LANES: usize = 8;

/// Totals, weights and their sums are below this power of two.
const BITS_MAX: u32 = 50;

/// Adding this to a whole number from 0 to 2⁵¹ puts it into the low bits of the sum; taking it away again rounds
/// to the nearest whole number.
const SHIFTER: f64 = 4_503_599_627_370_496.0;

/// The place in the queue of who takes no part.
pub const ABSENT: i64 = i64::MAX;

/// How often a threshold is guessed before who is near it is put in order.
const GUESSES_MAX: u32 = 8;

/// So few columns are sooner put in order than told apart by another guess.
const NEAR_MAX: i64 = 2;

/// How many registers of columns are divided side by side: each step waits for the one before it, and not for its
/// neighbour's.
const SIDE_BY_SIDE: usize = 2;

/// Weights as the kernel wants them.
#[derive(Clone, Debug)]
pub struct KernelWeights {
    /// By column; 0 for who takes no part, and to fill up the last lanes.
    weights: Vec<f64>,
    sum: f64,
    /// 1 / sum, rounded.
    inverse: f64,
    /// How many weights are above 0.
    present: i64,
}

/// The kernel with its working memory.
pub struct Kernel {
    arch: Arch,
    quotients: Vec<f64>,
    remainders: Vec<f64>,
    /// The columns near the threshold of the last row.
    near: Vec<usize>,
}

/// Who gets one of the units that are left over.
struct Threshold {
    /// Everybody whose remainder is at least this.
    reach: f64,
    /// And so many of those below it, who are at least at `below`.
    more: usize,
    below: f64,
}

impl KernelWeights {
    /// Takes weights by column; none where they are too large for the kernel.
    pub fn new(weights: &[u64], sum: u64) -> Option<KernelWeights> {
        let fits = sum > 0 && sum >> BITS_MAX == 0;
        fits.then(|| {
            let sum = exact(sum);
            let weights: Vec<f64> = weights.iter().map(|weight| exact(*weight)).collect();
            let present =
                weights.iter().fold(0i64, |count, weight| count.wrapping_add(i64::from(*weight > 0.0)));
            KernelWeights { weights, sum, inverse: 1.0 / sum, present }
        })
    }
}

impl Kernel {
    /// The kernel for rows of a width, a multiple of [`LANES`].
    pub fn new(width: usize) -> Kernel {
        let (quotients, remainders) = (vec![0.0; width], vec![0.0; width]);
        Kernel { arch: Arch::new(), quotients, remainders, near: vec![] }
    }

    /// Splits a total over a row; `ranks` orders columns of equal remainder and weight. Gives false, and leaves the
    /// row as it is, where the total is too large or the machine has no fused multiply-add.
    ///
    /// # Panics
    /// When the row is not as wide as the weights and the kernel.
    pub fn split(&mut self, size: u64, weights: &KernelWeights, ranks: &[u32], row: &mut [i64]) -> bool {
        if size >> BITS_MAX != 0 || matches!(self.arch, Arch::Scalar) {
            return false;
        }
        let width = self.quotients.len();
        assert!(
            width.is_multiple_of(LANES) && row.len() == width && weights.weights.len() == width,
            "one width"
        );
        let (quotients, remainders) = (&mut self.quotients[..], &mut self.remainders[..]);
        let near = &mut self.near;
        let more = self.arch.dispatch(Row { size, weights, quotients, remainders, near, row });
        if more > 0 {
            self.settle_near(more, weights, ranks, row);
        }
        true
    }

    /// Gives everybody the quotient and the first `left` of the queue one unit more. `places` holds the place of each
    /// column in the queue, from 1, and [`ABSENT`] for who takes no part.
    pub fn share_equally(&self, quotient: i64, left: i64, places: &[i64], row: &mut [i64]) {
        assert!(row.len() == places.len(), "one width");
        self.arch.dispatch(EqualRow { quotient, left, places, row });
    }

    /// Gives so many units to the first of those who are near the threshold.
    fn settle_near(&mut self, more: usize, weights: &KernelWeights, ranks: &[u32], row: &mut [i64]) {
        let by_claim = |a: &usize, b: &usize| {
            let claim = |column: usize| (self.remainders[column], weights.weights[column]);
            let ((a_remainder, a_weight), (b_remainder, b_weight)) = (claim(*a), claim(*b));
            let order = b_remainder.total_cmp(&a_remainder).then(b_weight.total_cmp(&a_weight));
            order.then_with(|| ranks[*a].cmp(&ranks[*b]))
        };
        self.near.select_nth_unstable_by(more - 1, by_claim);
        for column in &self.near[..more] {
            row[*column] += 1;
        }
    }
}

/// A row to be split, for whatever registers the machine has.
struct Row<'r> {
    size: u64,
    weights: &'r KernelWeights,
    quotients: &'r mut [f64],
    remainders: &'r mut [f64],
    near: &'r mut Vec<usize>,
    row: &'r mut [i64],
}

impl WithSimd for Row<'_> {
    /// How many of those who are near the threshold get one unit more.
    type Output = usize;

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) -> usize {
        let Divided { given, reach_half } = self.divide(simd);
        let left = whole(exact(self.size) - given);
        let threshold = self.threshold(simd, left, reach_half);
        self.hand_out(simd, threshold.reach);
        if threshold.more > 0 {
            self.gather(simd, &threshold);
        }
        threshold.more
    }
}

/// What the division of a row comes to.
struct Divided {
    /// The sum of the quotients. It is at most the total, so it is exact.
    given: f64,
    /// How many remainders are at least half the sum of the weights.
    reach_half: i64,
}

/// A row that everybody shares in equally.
struct EqualRow<'r> {
    quotient: i64,
    left: i64,
    places: &'r [i64],
    row: &'r mut [i64],
}

impl WithSimd for EqualRow<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let (quotient, left) = (simd.splat_i64s(self.quotient), simd.splat_i64s(self.left));
        let (zero, one, absent) = (simd.splat_i64s(0), simd.splat_i64s(1), simd.splat_i64s(ABSENT));
        let (places, _) = S::as_simd_i64s(self.places);
        let (row, _) = S::as_mut_simd_i64s(self.row);
        for (share, place) in row.iter_mut().zip(places) {
            let present = simd.select_i64s(simd.less_than_i64s(*place, absent), quotient, zero);
            let more = simd.select_i64s(simd.less_than_or_equal_i64s(*place, left), one, zero);
            *share = simd.add_i64s(present, more);
        }
    }
}

impl Row<'_> {
    /// Quotients and remainders.
    #[inline(always)]
    fn divide<S: Simd>(&mut self, simd: S) -> Divided {
        let size = exact(self.size);
        let (weights, _) = S::as_simd_f64s(&self.weights.weights);
        let (quotients, _) = S::as_mut_simd_f64s(self.quotients);
        let (remainders, _) = S::as_mut_simd_f64s(self.remainders);
        let (weights, last_weights) = weights.as_chunks::<SIDE_BY_SIDE>();
        let (quotients, last_quotients) = quotients.as_chunks_mut::<SIDE_BY_SIDE>();
        let (remainders, last_remainders) = remainders.as_chunks_mut::<SIDE_BY_SIDE>();
        let half = simd.splat_f64s(self.weights.sum / 2.0);
        let mut given = [simd.splat_f64s(0.0); SIDE_BY_SIDE];
        let mut reach_half = [simd.splat_i64s(0); SIDE_BY_SIDE];
        let by = (size, self.weights.sum, size * self.weights.inverse);
        let columns = weights.iter().zip(quotients).zip(remainders);
        for ((weights, quotients), remainders) in columns {
            (*quotients, *remainders) = divided(simd, by, *weights);
            for at in 0..SIDE_BY_SIDE {
                given[at] = simd.add_f64s(given[at], quotients[at]);
                reach_half[at] = counted(simd, reach_half[at], remainders[at], half);
            }
        }
        // Registers of eight lanes leave a last one.
        let columns = last_weights.iter().zip(last_quotients).zip(last_remainders);
        for ((weight, quotient), remainder) in columns {
            ([*quotient], [*remainder]) = divided(simd, by, [*weight]);
            given[0] = simd.add_f64s(given[0], *quotient);
            reach_half[0] = counted(simd, reach_half[0], *remainder, half);
        }
        Divided {
            given: given.into_iter().map(|given| simd.reduce_sum_f64s(given)).sum(),
            reach_half: bytemuck::cast_slice::<_, i64>(&reach_half).iter().sum(),
        }
    }

    /// The remainder that `left` columns reach, by guesses between one that too many reach and one that too few do.
    #[inline(always)]
    fn threshold<S: Simd>(&self, simd: S, left: i64, reach_half: i64) -> Threshold {
        let nobody = Threshold { reach: self.weights.sum, more: 0, below: 0.0 };
        if left == 0 {
            return nobody;
        }
        let (mut low, mut reach_low, mut high, mut reach_high) =
            (0.0, self.weights.present, self.weights.sum, 0);
        // The first guess is half, as every other remainder is about left over.
        let (mut guess, mut reach) = (self.weights.sum / 2.0, reach_half);
        for guesses in 1.. {
            if reach == left {
                return Threshold { reach: guess, ..nobody };
            } else if reach > left {
                (low, reach_low) = (guess, reach);
            } else {
                (high, reach_high) = (guess, reach);
            }
            if reach_low - reach_high <= NEAR_MAX || high - low <= 1.0 || guesses == GUESSES_MAX {
                break;
            }
            // Where it would be if the numbers between the two were evenly spread.
            let part = (signed(reach_low - left) + 0.5) / (signed(reach_low - reach_high) + 1.0);
            guess = (low + (high - low) * part).min(high - 1.0).max(low + 1.0);
            reach = self.count(simd, guess);
        }
        let more = usize::try_from(left - reach_high).unwrap_or(0);
        Threshold { reach: high, more, below: low }
    }

    /// How many remainders are at least a number.
    #[inline(always)]
    fn count<S: Simd>(&self, simd: S, least: f64) -> i64 {
        let (least, zero) = (simd.splat_f64s(least), simd.splat_i64s(0));
        let (remainders, _) = S::as_simd_f64s(self.remainders);
        // Two sums at a time: each would wait for itself.
        let (pairs, last) = remainders.as_chunks::<2>();
        let (mut even, mut odd) = (zero, zero);
        for [first, second] in pairs {
            even = counted(simd, even, *first, least);
            odd = counted(simd, odd, *second, least);
        }
        for remainder in last {
            even = counted(simd, even, *remainder, least);
        }
        let counts = [simd.add_i64s(even, odd)];
        bytemuck::cast_slice::<_, i64>(&counts).iter().sum()
    }

    /// Finds the columns near the threshold, without those that take no part.
    #[inline(always)]
    fn gather<S: Simd>(&mut self, simd: S, threshold: &Threshold) {
        let (below, reach) = (simd.splat_f64s(threshold.below), simd.splat_f64s(threshold.reach));
        let (remainders, _) = S::as_simd_f64s(self.remainders);
        self.near.clear();
        for (first, remainders) in (0..).step_by(S::F64_LANES).zip(remainders) {
            let least = simd.greater_than_or_equal_f64s(*remainders, below);
            let near = simd.and_m64s(least, simd.less_than_f64s(*remainders, reach));
            if simd.first_true_m64s(near) < S::F64_LANES {
                let near = |column: &usize| {
                    let takes_part = self.weights.weights[*column] > 0.0;
                    takes_part && (threshold.below..threshold.reach).contains(&self.remainders[*column])
                };
                self.near.extend((first..first + S::F64_LANES).filter(near));
            }
        }
    }

    /// Writes the quotients, and one more for everybody whose remainder reaches the threshold.
    #[inline(always)]
    fn hand_out<S: Simd>(&mut self, simd: S, reach: f64) {
        let (reach, zero, one) = (simd.splat_f64s(reach), simd.splat_f64s(0.0), simd.splat_f64s(1.0));
        let shifter = simd.splat_f64s(SHIFTER);
        let shifter_bits = simd.transmute_u64s_f64s(shifter);
        let (quotients, _) = S::as_simd_f64s(self.quotients);
        let (remainders, _) = S::as_simd_f64s(self.remainders);
        let (row, _) = S::as_mut_simd_i64s(self.row);
        for ((quotient, remainder), share) in quotients.iter().zip(remainders).zip(row) {
            let reaches = simd.greater_than_or_equal_f64s(*remainder, reach);
            let units = simd.add_f64s(*quotient, simd.select_f64s(reaches, one, zero));
            let bits = simd.transmute_u64s_f64s(simd.add_f64s(units, shifter));
            *share = simd.transmute_i64s_u64s(simd.xor_u64s(bits, shifter_bits));
        }
    }
}

/// Quotients and remainders of a size times weights; `rate` is the size by their sum, rounded. Steps 1 to 4 of the proof.
#[inline(always)]
fn divided<S: Simd, const N: usize>(
    simd: S,
    (size, sum, rate): (f64, f64, f64),
    weights: [S::f64s; N],
) -> ([S::f64s; N], [S::f64s; N]) {
    let (size, sum, rate) = (simd.splat_f64s(size), simd.splat_f64s(sum), simd.splat_f64s(rate));
    let (zero, one, shifter) = (simd.splat_f64s(0.0), simd.splat_f64s(1.0), simd.splat_f64s(SHIFTER));
    let shifted = weights.map(|weight| simd.mul_add_f64s(rate, weight, shifter));
    let high = weights.map(|weight| simd.mul_f64s(size, weight));
    let low: [_; N] = from_fn(|at| simd.mul_add_f64s(size, weights[at], simd.neg_f64s(high[at])));
    let nearest = shifted.map(|shifted| simd.sub_f64s(shifted, shifter));
    let rest: [_; N] = from_fn(|at| simd.negate_mul_add_f64s(nearest[at], sum, high[at]));
    let rest: [_; N] = from_fn(|at| simd.add_f64s(rest[at], low[at]));
    let too_many = rest.map(|rest| simd.less_than_f64s(rest, zero));
    let quotients = from_fn(|at| simd.sub_f64s(nearest[at], simd.select_f64s(too_many[at], one, zero)));
    let remainders = from_fn(|at| simd.add_f64s(rest[at], simd.select_f64s(too_many[at], sum, zero)));
    (quotients, remainders)
}

/// A count by lane, with one more where a remainder is at least a number. Whole numbers are added beside the
/// comparisons, floating-point ones would wait for them.
#[inline(always)]
fn counted<S: Simd>(simd: S, count: S::i64s, remainder: S::f64s, least: S::f64s) -> S::i64s {
    let reaches = simd.greater_than_or_equal_f64s(remainder, least);
    simd.add_i64s(count, simd.select_i64s(reaches, simd.splat_i64s(1), simd.splat_i64s(0)))
}

/// A whole number below 2⁵².
#[inline(always)]
fn exact(number: u64) -> f64 {
    // Below 2⁵² a number is the low bits of 2⁵² + itself, for several numbers at a time.
    f64::from_bits(number | SHIFTER.to_bits()) - SHIFTER
}

/// A count of columns in a register.
#[inline(always)]
#[expect(clippy::cast_precision_loss, reason = "a row is shorter than 2^50")]
fn signed(number: i64) -> f64 {
    number as f64
}

/// The whole number in a register, from 0 to 2⁵¹.
#[inline(always)]
fn whole(number: f64) -> i64 {
    ((number + SHIFTER).to_bits() ^ SHIFTER.to_bits()).cast_signed()
}
