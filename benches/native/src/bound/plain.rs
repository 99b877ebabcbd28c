//! The reference: the largest remainder as the definition says it, in i128, with a full sort.

use std::cmp::Reverse;

use crate::bound::funding::fund;
use crate::bound::pages::Pages;
use crate::bound::proof::{Books, reconcile};
use crate::bound::workload::{KIND_INHABITANTS, KIND_MIXED, KIND_PERCENT, Workload};

/// A remainder, its weight and its party: what decides who gets an øre that is left.
pub type Claim = (i128, i64, usize);

/// The whole workload on one thread.
pub fn run(workload: &Workload) -> Books {
    let funding = fund(workload);
    let keys = IntegerKeys::of(workload);
    let (parties, years) = (workload.parties, workload.years);
    let mut shares = Pages::zeroed(workload.share_count());
    let mut totals = vec![0; years * parties];
    let mut claims = Vec::with_capacity(parties);
    for (row_index, row) in shares.chunks_mut(parties).enumerate() {
        let (year, measure) = (row_index / workload.measures, row_index % workload.measures);
        split(funding.net[measure * years + year], keys.weights(workload, measure, year), row, &mut claims);
        for (total, share) in totals[year * parties..].iter_mut().zip(row) {
            *total += *share;
        }
    }
    let books = Books { funding, shares, totals, stride: parties };
    reconcile(workload, &books);
    books
}

/// Splits one amount. The weights are not all zero.
pub fn split(amount: i64, weights: &[i64], shares: &mut [i64], claims: &mut Vec<Claim>) {
    let weight_sum: i128 = weights.iter().map(|weight| i128::from(*weight)).sum();
    let mut left = amount;
    claims.clear();
    for (party, (weight, share)) in weights.iter().zip(shares.iter_mut()).enumerate() {
        let product = i128::from(amount) * i128::from(*weight);
        *share = (product / weight_sum) as i64;
        left -= *share;
        claims.push((product % weight_sum, *weight, party));
    }
    if left > 0 {
        claims.sort_by_key(|(remainder, weight, party)| (Reverse(*remainder), Reverse(*weight), *party));
        for (_, _, party) in &claims[..left as usize] {
            shares[*party] += 1;
        }
    }
}

/// The exact weights of every key.
pub struct IntegerKeys {
    /// `[year][party]`: 40 % equally and 60 % by inhabitants, brought to a common denominator
    pub mixed: Vec<i64>,
    /// `[year]`
    pub inhabitants_in_all: Vec<i64>,
}

impl IntegerKeys {
    pub fn of(workload: &Workload) -> Self {
        let in_all = |year| workload.inhabitants_of(year).iter().sum();
        let inhabitants_in_all: Vec<i64> = (0..workload.years).map(in_all).collect();
        let mut mixed = Vec::with_capacity(workload.inhabitants.len());
        for (year, in_all) in inhabitants_in_all.iter().enumerate() {
            let by_head = 6 * workload.parties as i64;
            mixed.extend(workload.inhabitants_of(year).iter().map(|count| 4 * in_all + by_head * count));
        }
        Self { mixed, inhabitants_in_all }
    }

    /// The weights of a measure in a year, by party.
    pub fn weights<'a>(&'a self, workload: &'a Workload, measure: usize, year: usize) -> &'a [i64] {
        match workload.kinds[measure] {
            KIND_PERCENT => workload.percents_of(measure),
            KIND_MIXED => &self.mixed[year * workload.parties..][..workload.parties],
            KIND_INHABITANTS => workload.inhabitants_of(year),
            _ => workload.opted_in_of(measure),
        }
    }
}
