//! The whole workload with the vector kernels, on one thread and on two.

use rayon::iter::{IntoParallelIterator, ParallelIterator};

use crate::bound::funding::{Funding, fund};
use crate::bound::kernel::{Scratch, split_row};
use crate::bound::keys::VectorKeys;
use crate::bound::pages::Pages;
use crate::bound::proof::{Books, reconcile};
use crate::bound::workload::Workload;

/// Neighbouring measures of one year, and the place of their shares.
struct Part<'a> {
    year: usize,
    first_measure: usize,
    /// `[measure][stride]`
    shares: &'a mut [i64],
}

pub fn on_one_thread(workload: &Workload) -> Books {
    run(workload, |keys, funding, shares, totals| {
        let mut scratch = Scratch::new(workload.parties);
        for part in parts(shares, workload, keys.stride, workload.measures) {
            let totals = &mut totals[part.year * keys.stride..][..keys.stride];
            // SAFETY: `main` starts nothing here unless the processor has AVX2 and FMA.
            unsafe { split_part(workload, keys, funding, part, totals, &mut scratch) };
        }
    })
}

/// Cut into quarters of a year, with totals of their own, so that a slow core does not hold up the other for long.
pub fn on_two_threads(workload: &Workload) -> Books {
    let quarter = workload.measures.div_ceil(4);
    // At the smallest size a quarter of a year is less work than handing it to another thread.
    let measures = if workload.share_count() < 100_000 { workload.measures } else { quarter };
    run(workload, |keys, funding, shares, totals| {
        let parts: Vec<Part> = parts(shares, workload, keys.stride, measures).collect();
        let done: Vec<(usize, Vec<i64>)> = parts
            .into_par_iter()
            .map_init(
                || Scratch::new(workload.parties),
                |scratch, part| {
                    let (year, mut totals) = (part.year, vec![0; keys.stride]);
                    // SAFETY: `main` starts nothing here unless the processor has AVX2 and FMA.
                    unsafe { split_part(workload, keys, funding, part, &mut totals, scratch) };
                    (year, totals)
                },
            )
            .collect();
        for (year, part_totals) in done {
            for (total, part_total) in totals[year * keys.stride..].iter_mut().zip(part_totals) {
                *total += part_total;
            }
        }
    })
}

/// Everything around the splitting: funding and keys before, reconciliation after.
fn run(workload: &Workload, split_all: impl FnOnce(&VectorKeys, &Funding, &mut [i64], &mut [i64])) -> Books {
    let funding = fund(workload);
    let keys = VectorKeys::of(workload);
    let stride = keys.stride;
    let mut shares = Pages::zeroed(workload.years * workload.measures * stride);
    let mut totals = vec![0; workload.years * stride];
    split_all(&keys, &funding, &mut shares, &mut totals);
    let books = Books { funding, shares, totals, stride };
    reconcile(workload, &books);
    books
}

/// Cuts the shares into parts of at most so many measures.
fn parts<'a>(
    shares: &'a mut [i64],
    workload: &Workload,
    stride: usize,
    measures: usize,
) -> impl Iterator<Item = Part<'a>> {
    let of_year = shares.chunks_mut(workload.measures * stride).enumerate();
    of_year.flat_map(move |(year, shares)| {
        let parts = shares.chunks_mut(measures * stride).enumerate();
        parts.map(move |(index, shares)| Part { year, first_measure: index * measures, shares })
    })
}

#[target_feature(enable = "avx2,fma")]
fn split_part(
    workload: &Workload,
    keys: &VectorKeys,
    funding: &Funding,
    part: Part,
    totals: &mut [i64],
    scratch: &mut Scratch,
) {
    for (index, row) in part.shares.chunks_mut(keys.stride).enumerate() {
        let measure = part.first_measure + index;
        let net = funding.net[measure * workload.years + part.year];
        split_row::<true>(net, keys.key(measure, part.year), workload.parties, row, totals, scratch);
        assert_eq!(row.iter().sum::<i64>(), net, "measure {measure}, year {}", part.year);
    }
}
