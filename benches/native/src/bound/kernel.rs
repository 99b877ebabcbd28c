//! The vector kernels: one amount split by largest remainder, four parties at a time, exactly, in doubles.
//!
//! # Why doubles are exact here
//!
//! Let N be the amount, w a weight and W the sum of the weights: whole numbers, 0 <= w <= W, N and W below 2^50.
//! A double holds every whole number up to 2^53, and an operation whose true result is such a number gives it exactly.
//!
//! 1. *The product is an exact sum of two doubles.* `hi` is N*w rounded. A fused multiply-add rounds only once, so
//!    `lo = fma(N, w, -hi)` is the rounding error itself, and N*w = hi + lo. Since N*w < 2^100, |lo| <= 2^46.
//! 2. *The estimated quotient is off by at most one.* `hi`, 1/W and their product are each rounded with a relative
//!    error of at most 2^-53, the three together below 2^-51. The quotient N*w/W is at most N < 2^50, so the estimate
//!    errs by less than 1/2, and its floor q by at most one, up or down.
//! 3. *The remainder is exact.* r = N*w - q*W lies between -W and 2W, so |r| < 2^51. Then hi - q*W = r - lo is a whole
//!    number below 2^51 + 2^46, which one fused multiply-add gives exactly; so does adding `lo`. A negative r says that
//!    q was one too large, r >= W that it was one too small; both corrections are again exact.
//! 4. *The sum of the quotients* is at most N, so adding them in any order is exact, and so is k = N - sum: how many
//!    parties get one øre more.
//!
//! The k largest remainders are found without sorting: the search asks how many remainders reach a threshold until
//! exactly k do. Only parties that tie on the last place are sorted, by (remainder, weight, party).

use std::arch::x86_64::{
    __m256d, __m256i, _CMP_GE_OQ, _CMP_LT_OQ, _MM_FROUND_NO_EXC, _MM_FROUND_TO_NEG_INF, _mm256_add_epi64,
    _mm256_add_pd, _mm256_and_pd, _mm256_andnot_si256, _mm256_castpd_si256, _mm256_cmp_pd,
    _mm256_cmpeq_epi64, _mm256_cmpgt_epi64, _mm256_fmsub_pd, _mm256_fnmadd_pd, _mm256_loadu_pd,
    _mm256_loadu_si256, _mm256_mul_pd, _mm256_round_pd, _mm256_set1_epi64x, _mm256_set1_pd,
    _mm256_setzero_pd, _mm256_setzero_si256, _mm256_storeu_pd, _mm256_storeu_si256, _mm256_sub_epi64,
    _mm256_sub_pd, _mm256_xor_si256,
};

/// Rows are padded to a multiple of this: two vectors, so that two chains of additions run side by side.
pub const PADDING: usize = 8;
/// The rank of a party that does not take part in an equal split.
pub const ABSENT: i64 = i64::MAX;

/// Probes of the threshold search before ties are sorted out instead.
const PROBES_MAX: u32 = 10;
/// 2^52: a whole number below it, added to it, stands unchanged in the last bits of the double.
const INTEGER_BITS: f64 = 4_503_599_627_370_496.0;

/// What one row leaves for its second pass; kept from row to row.
pub struct Scratch {
    quotients: Vec<f64>,
    remainders: Vec<f64>,
    ties: Vec<(f64, f64, usize)>,
}

impl Scratch {
    pub fn new(parties: usize) -> Self {
        let stride = parties.next_multiple_of(PADDING);
        Self { quotients: vec![0.0; stride], remainders: vec![0.0; stride], ties: Vec::new() }
    }
}

/// A row of weights as the kernels want it.
#[derive(Clone, Copy)]
pub enum Key<'a> {
    /// Weights padded with zeros, and their sum, which is above zero and below 2^50.
    Weighted { weights: &'a [f64], sum: f64 },
    /// Equally among `count` parties: `ranks` numbers them from 1 on, the others and the padding are `ABSENT`.
    Equal { ranks: &'a [i64], count: i64 },
}

/// Splits one amount (from 0 to below 2^50): into `shares` if `STORE`, and added to `totals` in any case.
///
/// `shares` (empty unless `STORE`) and `totals` are as long as the padded row.
#[target_feature(enable = "avx2,fma")]
#[inline]
pub fn split_row<const STORE: bool>(
    amount: i64,
    key: Key,
    parties: usize,
    shares: &mut [i64],
    totals: &mut [i64],
    scratch: &mut Scratch,
) {
    match key {
        Key::Weighted { weights, sum } => {
            fma_row::<STORE>(amount, weights, sum, parties, shares, totals, scratch);
        }
        Key::Equal { ranks, count } => equal_row::<STORE>(amount, ranks, count, shares, totals),
    }
}

#[target_feature(enable = "avx2,fma")]
#[inline]
fn fma_row<const STORE: bool>(
    amount: i64,
    weights: &[f64],
    weight_sum: f64,
    parties: usize,
    shares: &mut [i64],
    totals: &mut [i64],
    scratch: &mut Scratch,
) {
    let Scratch { quotients, remainders, ties } = scratch;
    let left = amount - divide(amount, weights, weight_sum, quotients, remainders);
    let cut = if left > 0 {
        find_cut(remainders, parties, weight_sum, left)
    } else {
        Cut { threshold: weight_sum, ties_from: weight_sum, tied_gains: 0 }
    };
    hand_out::<STORE>(cut.threshold, quotients, remainders, shares, totals);
    if cut.tied_gains > 0 {
        ties.clear();
        for (party, remainder) in remainders[..parties].iter().enumerate() {
            if (cut.ties_from..cut.threshold).contains(remainder) {
                ties.push((*remainder, weights[party], party));
            }
        }
        ties.sort_by(|a, b| b.0.total_cmp(&a.0).then(b.1.total_cmp(&a.1)).then(a.2.cmp(&b.2)));
        for (_, _, party) in &ties[..cut.tied_gains] {
            totals[*party] += 1;
            if STORE {
                shares[*party] += 1;
            }
        }
    }
}

/// First pass: quotients and remainders of every party; returns the sum of the quotients. Steps 1 to 4 above.
#[target_feature(enable = "avx2,fma")]
#[inline]
fn divide(
    amount: i64,
    weights: &[f64],
    weight_sum: f64,
    quotients: &mut [f64],
    remainders: &mut [f64],
) -> i64 {
    let (zero, one) = (_mm256_setzero_pd(), _mm256_set1_pd(1.0));
    let amount = _mm256_set1_pd(amount as f64);
    let inverse = _mm256_set1_pd(1.0 / weight_sum);
    let weight_sum = _mm256_set1_pd(weight_sum);
    let mut sums = [zero; 2];
    let rows = pairs(weights).iter().zip(pairs_mut(quotients)).zip(pairs_mut(remainders));
    for ((weights, quotients), remainders) in rows {
        for half in 0..2 {
            let weight = load(&weights[half]);
            let hi = _mm256_mul_pd(amount, weight);
            let lo = _mm256_fmsub_pd(amount, weight, hi);
            let q =
                _mm256_round_pd::<{ _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC }>(_mm256_mul_pd(hi, inverse));
            let r = _mm256_add_pd(_mm256_fnmadd_pd(q, weight_sum, hi), lo);
            let below = _mm256_cmp_pd::<_CMP_LT_OQ>(r, zero);
            let q = _mm256_sub_pd(q, _mm256_and_pd(below, one));
            let r = _mm256_add_pd(r, _mm256_and_pd(below, weight_sum));
            let above = _mm256_cmp_pd::<_CMP_GE_OQ>(r, weight_sum);
            let q = _mm256_add_pd(q, _mm256_and_pd(above, one));
            let r = _mm256_sub_pd(r, _mm256_and_pd(above, weight_sum));
            store(&mut quotients[half], q);
            store(&mut remainders[half], r);
            sums[half] = _mm256_add_pd(sums[half], q);
        }
    }
    let mut lanes = [0.0; 4];
    store(&mut lanes, _mm256_add_pd(sums[0], sums[1]));
    lanes.iter().sum::<f64>() as i64
}

/// Who gets one øre more: everybody whose remainder reaches `threshold`, and the first `tied_gains` of those from
/// `ties_from` to below it.
struct Cut {
    threshold: f64,
    ties_from: f64,
    tied_gains: usize,
}

/// Searches a threshold that exactly `left` remainders reach, by interpolation.
///
/// Throughout, more than `left` remainders reach `low` and fewer than `left` reach `high`. So it is at first: the
/// remainders add up to `left` times the sum of the weights and each is less than that sum, so more than `left` of them
/// are above zero. For the same reason the sum is at least 2 here, and there is a whole number to guess in between.
#[target_feature(enable = "avx2,fma")]
#[inline]
fn find_cut(remainders: &[f64], parties: usize, weight_sum: f64, left: i64) -> Cut {
    let (mut low, mut reach_low) = (0.0, parties as i64);
    let (mut high, mut reach_high) = (weight_sum, 0);
    for _ in 0..PROBES_MAX {
        let guess = low + (high - low) * ((reach_low - left) as f64 / (reach_low - reach_high) as f64);
        let guess = guess.ceil().min(high - 1.0).max(low + 1.0);
        let reach = count_reaching(remainders, guess);
        if reach == left {
            return Cut { threshold: guess, ties_from: guess, tied_gains: 0 };
        }
        if reach > left {
            (low, reach_low) = (guess, reach);
        } else {
            (high, reach_high) = (guess, reach);
        }
        if high - low <= 1.0 {
            break;
        }
    }
    Cut { threshold: high, ties_from: low, tied_gains: (left - reach_high) as usize }
}

#[target_feature(enable = "avx2,fma")]
#[inline]
fn count_reaching(remainders: &[f64], threshold: f64) -> i64 {
    let threshold = _mm256_set1_pd(threshold);
    let mut counts = [_mm256_setzero_si256(); 2];
    for pair in pairs(remainders) {
        for half in 0..2 {
            // A comparison that holds is all ones, which is the integer -1.
            let reached = _mm256_cmp_pd::<_CMP_GE_OQ>(load(&pair[half]), threshold);
            counts[half] = _mm256_sub_epi64(counts[half], _mm256_castpd_si256(reached));
        }
    }
    let mut lanes = [0; 4];
    store_integers(&mut lanes, _mm256_add_epi64(counts[0], counts[1]));
    lanes.iter().sum()
}

/// Second pass: one øre more for every remainder that reaches the threshold, then from doubles to integers.
#[target_feature(enable = "avx2,fma")]
#[inline]
fn hand_out<const STORE: bool>(
    threshold: f64,
    quotients: &[f64],
    remainders: &[f64],
    shares: &mut [i64],
    totals: &mut [i64],
) {
    let (threshold, one) = (_mm256_set1_pd(threshold), _mm256_set1_pd(1.0));
    let magic = _mm256_set1_pd(INTEGER_BITS);
    let (quotients, remainders) = (quotients.as_chunks().0, remainders.as_chunks().0);
    let shares = if STORE { &mut shares.as_chunks_mut().0[..quotients.len()] } else { &mut [] };
    let totals = totals.as_chunks_mut().0.iter_mut();
    for (index, ((quotient, remainder), total)) in quotients.iter().zip(remainders).zip(totals).enumerate() {
        let gains = _mm256_cmp_pd::<_CMP_GE_OQ>(load(remainder), threshold);
        let share = _mm256_add_pd(load(quotient), _mm256_and_pd(gains, one));
        let bits = _mm256_castpd_si256(_mm256_add_pd(share, magic));
        let share = _mm256_xor_si256(bits, _mm256_castpd_si256(magic));
        if STORE {
            store_integers(&mut shares[index], share);
        }
        store_integers(total, _mm256_add_epi64(load_integers(total), share));
    }
}

/// Equal weights tie on every remainder, so the øre that are left go to the first parties: no division per party.
#[target_feature(enable = "avx2,fma")]
#[inline]
fn equal_row<const STORE: bool>(
    amount: i64,
    ranks: &[i64],
    count: i64,
    shares: &mut [i64],
    totals: &mut [i64],
) {
    let quotient = _mm256_set1_epi64x(amount / count);
    let first_without = _mm256_set1_epi64x(amount % count + 1);
    let absent = _mm256_set1_epi64x(ABSENT);
    let ranks = ranks.as_chunks().0;
    let shares = if STORE { &mut shares.as_chunks_mut().0[..ranks.len()] } else { &mut [] };
    for (index, (rank, total)) in ranks.iter().zip(totals.as_chunks_mut().0).enumerate() {
        let rank = load_integers(rank);
        let share = _mm256_sub_epi64(quotient, _mm256_cmpgt_epi64(first_without, rank));
        let share = _mm256_andnot_si256(_mm256_cmpeq_epi64(rank, absent), share);
        if STORE {
            store_integers(&mut shares[index], share);
        }
        store_integers(total, _mm256_add_epi64(load_integers(total), share));
    }
}

/// A padded row as pairs of vectors.
fn pairs(row: &[f64]) -> &[[[f64; 4]; 2]] {
    row.as_chunks().0.as_chunks().0
}

fn pairs_mut(row: &mut [f64]) -> &mut [[[f64; 4]; 2]] {
    row.as_chunks_mut().0.as_chunks_mut().0
}

#[target_feature(enable = "avx2,fma")]
#[inline]
fn load(numbers: &[f64; 4]) -> __m256d {
    // SAFETY: reads the four doubles of the reference; no alignment is asked for.
    unsafe { _mm256_loadu_pd(numbers.as_ptr()) }
}

#[target_feature(enable = "avx2,fma")]
#[inline]
fn store(numbers: &mut [f64; 4], vector: __m256d) {
    // SAFETY: writes the four doubles of the reference; no alignment is asked for.
    unsafe { _mm256_storeu_pd(numbers.as_mut_ptr(), vector) };
}

#[target_feature(enable = "avx2,fma")]
#[inline]
fn load_integers(numbers: &[i64; 4]) -> __m256i {
    // SAFETY: reads the four integers of the reference; no alignment is asked for.
    unsafe { _mm256_loadu_si256(numbers.as_ptr().cast()) }
}

#[target_feature(enable = "avx2,fma")]
#[inline]
fn store_integers(numbers: &mut [i64; 4], vector: __m256i) {
    // SAFETY: writes the four integers of the reference; no alignment is asked for.
    unsafe { _mm256_storeu_si256(numbers.as_mut_ptr().cast(), vector) };
}
