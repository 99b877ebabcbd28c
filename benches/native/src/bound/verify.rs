//! The vector kernels against the plain reference: random rows far beyond the workload, then the workload itself,
//! cell by cell, and variants of both sweeps. Any difference is a panic.

use crate::bound::kernel::{ABSENT, Key, PADDING, Scratch, split_row};
use crate::bound::keys::padded;
use crate::bound::measure::{Report, peak_mb, repeat};
use crate::bound::plain::{IntegerKeys, run as run_plainly, split};
use crate::bound::proof::{Books, result_id};
use crate::bound::run::{on_one_thread, on_two_threads};
use crate::bound::sweep::{amount_variant, key_variant, sum_and_moment};
use crate::bound::workload::{KIND_MIXED, Workload};

const ROWS_PER_ROUND: u64 = 200_000;
const LIMIT: i64 = 1 << 50;

/// How many random rows were compared, and how many of them had a product beyond 64 bits.
#[derive(Default)]
struct Compared {
    rows: u64,
    beyond_64_bits: u64,
}

/// Each repetition is a round of other random rows; only the rounds are timed.
pub fn all(workload: &Workload, rounds: usize) -> Report {
    let (mut dice, mut compared) = (Dice { state: 1 }, Compared::default());
    let (times, ()) = repeat(rounds, || random_rows(&mut dice, &mut compared));
    let plain = run_plainly(workload);
    same_shares(workload, &plain, &on_one_thread(workload));
    same_shares(workload, &plain, &on_two_threads(workload));
    same_variants(workload, &plain);
    Report {
        times,
        peak_mb: peak_mb(),
        result_id: result_id(workload, &plain),
        more: vec![("random_rows", compared.rows.into()), ("beyond_64_bits", compared.beyond_64_bits.into())],
    }
}

fn random_rows(dice: &mut Dice, compared: &mut Compared) {
    for index in 0..ROWS_PER_ROUND {
        let (amount, weights) = (dice.amount(), dice.weights(index));
        let weight_sum: i64 = weights.iter().sum();
        if weight_sum == 0 || weight_sum >= LIMIT {
            continue;
        }
        let parties = weights.len();
        let mut expected = vec![0; parties];
        split(amount, &weights, &mut expected, &mut Vec::new());
        let stride = parties.next_multiple_of(PADDING);
        let doubles = padded(&weights, parties, stride);
        same_row(amount, Key::Weighted { weights: &doubles, sum: weight_sum as f64 }, &weights, &expected);
        if weights.iter().all(|weight| *weight <= 1) {
            let mut ranks = ranks(&weights);
            ranks.resize(stride, ABSENT);
            same_row(amount, Key::Equal { ranks: &ranks, count: weight_sum }, &weights, &expected);
        }
        compared.rows += 1;
        let largest = weights.iter().copied().max().unwrap_or_default();
        compared.beyond_64_bits += u64::from(amount.checked_mul(largest).is_none());
    }
}

fn same_row(amount: i64, key: Key, weights: &[i64], expected: &[i64]) {
    let parties = weights.len();
    let stride = parties.next_multiple_of(PADDING);
    let (mut shares, mut totals) = (vec![0; stride], vec![0; stride]);
    let mut scratch = Scratch::new(parties);
    // SAFETY: `main` starts nothing here unless the processor has AVX2 and FMA.
    unsafe { split_row::<true>(amount, key, parties, &mut shares, &mut totals, &mut scratch) };
    assert_eq!(shares[..parties], *expected, "{amount} by {weights:?}");
    assert_eq!(totals, shares, "{amount} by {weights:?}");
    assert!(shares[parties..].iter().all(|share| *share == 0), "the padding got a share");
}

fn ranks(flags: &[i64]) -> Vec<i64> {
    let mut count = 0;
    let rank = |flag: &i64| {
        count += flag;
        if *flag == 1 { count } else { ABSENT }
    };
    flags.iter().map(rank).collect()
}

fn same_shares(workload: &Workload, plain: &Books, fast: &Books) {
    let rows = plain.shares.chunks(plain.stride).zip(fast.shares.chunks(fast.stride));
    for (index, (plain_row, fast_row)) in rows.enumerate() {
        assert_eq!(plain_row, &fast_row[..workload.parties], "row {index}");
    }
}

/// Variants from the start, the middle and the end of both sweeps, each computed anew from nothing.
fn same_variants(workload: &Workload, plain: &Books) {
    let keys = IntegerKeys::of(workload);
    let usual = |measure, year| keys.weights(workload, measure, year).to_vec();
    for variant in [0, 421, 999] {
        let changed = variant as usize % workload.measures;
        let net =
            |measure: usize, net: i64| if measure == changed { net + net * variant / 1000 } else { net };
        assert_eq!(amount_variant(workload, variant), from_nothing(workload, plain, net, usual));
    }
    for variant in [1, 400, 1000] {
        let weights = |measure: usize, year: usize| {
            if workload.kinds[measure] != KIND_MIXED {
                return usual(measure, year);
            }
            let equally = variant * keys.inhabitants_in_all[year];
            let by_head = (1000 - variant) * workload.parties as i64;
            workload.inhabitants_of(year).iter().map(|count| equally + by_head * count).collect()
        };
        assert_eq!(key_variant(workload, variant), from_nothing(workload, plain, |_, net| net, weights));
    }
}

/// Sum and moment of the whole workload with other amounts or other weights.
fn from_nothing(
    workload: &Workload,
    plain: &Books,
    net_of: impl Fn(usize, i64) -> i64,
    weights_of: impl Fn(usize, usize) -> Vec<i64>,
) -> (i64, i64) {
    let parties = workload.parties;
    let (mut totals, mut row) = (vec![0; workload.years * parties], vec![0; parties]);
    for (year, totals) in totals.chunks_mut(parties).enumerate() {
        for measure in 0..workload.measures {
            let net = net_of(measure, plain.funding.net[measure * workload.years + year]);
            split(net, &weights_of(measure, year), &mut row, &mut Vec::new());
            for (total, share) in totals.iter_mut().zip(&row) {
                *total += share;
            }
        }
    }
    sum_and_moment(workload, parties, &totals)
}

/// Random numbers, the same on every machine.
struct Dice {
    state: u64,
}

impl Dice {
    /// A number from 0 to below `below`.
    fn roll(&mut self, below: u64) -> i64 {
        self.state =
            self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let mixed = (self.state ^ (self.state >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 11;
        (mixed % below) as i64
    }

    /// Of any length up to 49 bits.
    fn amount(&mut self) -> i64 {
        let bits = 1 + self.roll(49);
        self.roll(1 << bits)
    }

    /// One row in five has few distinct weights (many ties), one has only ones and zeros, the rest have any
    /// weights, short ones in every second row.
    fn weights(&mut self, index: u64) -> Vec<i64> {
        let parties = 1 + self.roll(400);
        let bits = 1 + self.roll(if index.is_multiple_of(2) { 41 } else { 12 });
        let distinct = 1 + self.roll(6) as u64;
        let weight = |_| match index % 5 {
            0 => self.roll(distinct) << (bits - 1).min(38),
            1 => self.roll(2),
            _ => self.roll(1 << bits),
        };
        (0..parties).map(weight).collect()
    }
}
