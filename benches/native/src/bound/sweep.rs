//! What-if sweeps, defined in `WORKLOAD.md`: 1000 variants, of each the totals of every party and year. A variant
//! recomputes only what depends on the changed figure.

use std::fmt::Write as _;

use rayon::iter::{IntoParallelIterator, ParallelIterator};

use crate::bound::funding::{Funding, fund};
use crate::bound::kernel::{Key, Scratch, split_row};
use crate::bound::keys::VectorKeys;
use crate::bound::measure::{Report, peak_mb, repeat};
use crate::bound::proof::digest;
use crate::bound::workload::{KIND_MIXED, Workload};

const VARIANTS: i64 = 1000;

/// What all variants of a sweep start from.
struct Base<'a> {
    workload: &'a Workload,
    keys: VectorKeys<'a>,
    funding: Funding,
    /// `[year][stride]`: the totals that a variant changes or adds to
    totals: Vec<i64>,
}

/// What a thread needs for one variant after the other.
struct Desk {
    scratch: Scratch,
    /// `[year][stride]`: the totals of the variant
    totals: Vec<i64>,
    /// Room for one padded row of shares, and one of weights
    row: Vec<i64>,
    weights: Vec<f64>,
}

/// The amount sweep: in variant i, from 0 to 999, one measure has i thousandths more to share in every year.
pub fn amounts(workload: &Workload, repetitions: usize) -> Report {
    let base = Base::of(workload, |_| true);
    // SAFETY: `main` starts nothing here unless the processor has AVX2 and FMA.
    sweep(repetitions, &base, 0, |variant, desk| unsafe { vary_amount(&base, variant, desk) })
}

/// The key sweep: in variant i, from 1 to 1000, the mixed key is i thousandths equally, the rest by inhabitants.
pub fn keys(workload: &Workload, repetitions: usize) -> Report {
    let base = Base::of(workload, |kind| kind != KIND_MIXED);
    // SAFETY: `main` starts nothing here unless the processor has AVX2 and FMA.
    sweep(repetitions, &base, 1, |variant, desk| unsafe { vary_key(&base, variant, desk) })
}

/// Sum and moment of one variant of the amount sweep.
pub fn amount_variant(workload: &Workload, variant: i64) -> (i64, i64) {
    let base = Base::of(workload, |_| true);
    let mut desk = Desk::of(&base);
    // SAFETY: `main` starts nothing here unless the processor has AVX2 and FMA.
    unsafe { vary_amount(&base, variant, &mut desk) };
    sum_and_moment(workload, base.keys.stride, &desk.totals)
}

/// Sum and moment of one variant of the key sweep.
pub fn key_variant(workload: &Workload, variant: i64) -> (i64, i64) {
    let base = Base::of(workload, |kind| kind != KIND_MIXED);
    let mut desk = Desk::of(&base);
    // SAFETY: `main` starts nothing here unless the processor has AVX2 and FMA.
    unsafe { vary_key(&base, variant, &mut desk) };
    sum_and_moment(workload, base.keys.stride, &desk.totals)
}

/// Times all variants on two threads; then goes through them once more for the sweep id.
fn sweep(repetitions: usize, base: &Base, first: i64, vary: impl Fn(i64, &mut Desk) + Sync) -> Report {
    let variants = first..first + VARIANTS;
    let (times, _) = repeat(repetitions, || {
        let sums = variants.clone().into_par_iter().map_init(
            || Desk::of(base),
            |desk, variant| {
                vary(variant, desk);
                desk.totals.iter().sum::<i64>()
            },
        );
        sums.sum::<i64>()
    });
    let peak_mb = peak_mb();
    let (mut desk, mut lines) = (Desk::of(base), String::new());
    for variant in variants {
        vary(variant, &mut desk);
        let (sum, moment) = sum_and_moment(base.workload, base.keys.stride, &desk.totals);
        writeln!(lines, "{variant},{sum},{moment}").expect("text takes any text");
    }
    Report { times, peak_mb, result_id: digest(&lines), more: vec![("variants", VARIANTS.into())] }
}

/// The sum of all totals T, and the sum of (party + 1) * (year + 1) * T, counting parties and years from 0.
pub fn sum_and_moment(workload: &Workload, stride: usize, totals: &[i64]) -> (i64, i64) {
    let (mut sum, mut moment) = (0, 0);
    for (year, row) in totals.chunks(stride).enumerate() {
        for (party, total) in row[..workload.parties].iter().enumerate() {
            sum += total;
            moment += (party as i64 + 1) * (year as i64 + 1) * total;
        }
    }
    (sum, moment)
}

impl<'a> Base<'a> {
    /// The totals hold the measures of the wanted kinds.
    fn of(workload: &'a Workload, wanted: impl Fn(u8) -> bool) -> Self {
        let keys = VectorKeys::of(workload);
        let totals = vec![0; workload.years * keys.stride];
        let mut base = Self { workload, keys, funding: fund(workload), totals };
        let mut desk = Desk::of(&base);
        for year in 0..workload.years {
            let totals = &mut desk.totals[year * base.keys.stride..][..base.keys.stride];
            for measure in (0..workload.measures).filter(|measure| wanted(workload.kinds[*measure])) {
                let (net, key) = (base.net(measure, year), base.keys.key(measure, year));
                // SAFETY: `main` starts nothing here unless the processor has AVX2 and FMA.
                unsafe {
                    split_row::<false>(net, key, workload.parties, &mut [], totals, &mut desk.scratch);
                }
            }
        }
        base.totals = desk.totals;
        base
    }

    fn net(&self, measure: usize, year: usize) -> i64 {
        self.funding.net[measure * self.workload.years + year]
    }
}

impl Desk {
    fn of(base: &Base) -> Self {
        let stride = base.keys.stride;
        Self {
            scratch: Scratch::new(base.workload.parties),
            totals: base.totals.clone(),
            row: vec![0; stride],
            weights: vec![0.0; stride],
        }
    }
}

/// Takes the old shares of one measure out of the totals and puts the new ones in.
#[target_feature(enable = "avx2,fma")]
fn vary_amount(base: &Base, variant: i64, desk: &mut Desk) {
    let Desk { scratch, totals, row, .. } = desk;
    let (parties, stride) = (base.workload.parties, base.keys.stride);
    let measure = variant as usize % base.workload.measures;
    totals.copy_from_slice(&base.totals);
    for (year, totals) in totals.chunks_mut(stride).enumerate() {
        let (net, key) = (base.net(measure, year), base.keys.key(measure, year));
        row.fill(0);
        split_row::<false>(net, key, parties, &mut [], row, scratch);
        for (total, share) in totals.iter_mut().zip(row.iter()) {
            *total -= share;
        }
        split_row::<false>(net + net * variant / VARIANTS, key, parties, &mut [], totals, scratch);
    }
}

/// Adds every measure with the mixed key, by its new weights, to the totals of all others.
#[target_feature(enable = "avx2,fma")]
fn vary_key(base: &Base, variant: i64, desk: &mut Desk) {
    let Desk { scratch, totals, weights, .. } = desk;
    let (parties, stride) = (base.workload.parties, base.keys.stride);
    totals.copy_from_slice(&base.totals);
    for (year, totals) in totals.chunks_mut(stride).enumerate() {
        let in_all = base.keys.inhabitants_in_all(year) as f64;
        let (equally, by_head) = (variant as f64 * in_all, ((VARIANTS - variant) * parties as i64) as f64);
        // Whole numbers below 2^50, so the doubles are exact.
        for (weight, count) in weights[..parties].iter_mut().zip(base.keys.inhabitants_of(year)) {
            *weight = equally + by_head * count;
        }
        let key = Key::Weighted { weights, sum: (VARIANTS * parties as i64) as f64 * in_all };
        for measure in 0..base.workload.measures {
            if base.workload.kinds[measure] == KIND_MIXED {
                split_row::<false>(base.net(measure, year), key, parties, &mut [], totals, scratch);
            }
        }
    }
}
