//! The keys in the form that the kernels want: padded rows of doubles, or ranks for the equal splits.

use crate::bound::kernel::{ABSENT, Key, PADDING};
use crate::bound::plain::IntegerKeys;
use crate::bound::workload::{KIND_INHABITANTS, KIND_MIXED, KIND_PERCENT, Workload};

/// Every key of a workload; what depends on the year alone is made once per year.
pub struct VectorKeys<'a> {
    workload: &'a Workload,
    /// Parties, padded.
    pub stride: usize,
    /// `[slot][stride]`
    percents: Vec<f64>,
    /// `[year][stride]`
    mixed: Vec<f64>,
    /// `[year][stride]`
    inhabitants: Vec<f64>,
    /// `[year]`
    inhabitants_in_all: Vec<i64>,
    /// `[slot][stride]`
    ranks: Vec<i64>,
    /// `[slot]`: how many opted in
    opted_in_counts: Vec<i64>,
}

impl<'a> VectorKeys<'a> {
    pub fn of(workload: &'a Workload) -> Self {
        let IntegerKeys { mixed, inhabitants_in_all } = IntegerKeys::of(workload);
        let stride = workload.parties.next_multiple_of(PADDING);
        let padded = |rows: &[i64]| padded(rows, workload.parties, stride);
        let mut keys = Self {
            workload,
            stride,
            percents: padded(&workload.percents),
            mixed: padded(&mixed),
            inhabitants: padded(&workload.inhabitants),
            inhabitants_in_all,
            ranks: Vec::new(),
            opted_in_counts: Vec::new(),
        };
        for opted_in in workload.opted_in.chunks(workload.parties) {
            let mut count = 0;
            keys.ranks.extend(opted_in.iter().map(|flag| {
                count += flag;
                if *flag == 1 { count } else { ABSENT }
            }));
            keys.ranks.resize(keys.ranks.len().next_multiple_of(PADDING), ABSENT);
            keys.opted_in_counts.push(count);
        }
        keys
    }

    /// The key of a measure in a year.
    #[inline]
    pub fn key(&self, measure: usize, year: usize) -> Key<'_> {
        let slot = self.workload.slots[measure];
        let in_all = self.inhabitants_in_all[year];
        match self.workload.kinds[measure] {
            KIND_PERCENT => Key::Weighted { weights: self.row(&self.percents, slot), sum: 1e6 },
            KIND_MIXED => {
                let sum = (10 * self.workload.parties as i64 * in_all) as f64;
                Key::Weighted { weights: self.row(&self.mixed, year), sum }
            }
            KIND_INHABITANTS => Key::Weighted { weights: self.inhabitants_of(year), sum: in_all as f64 },
            _ => Key::Equal { ranks: self.row(&self.ranks, slot), count: self.opted_in_counts[slot] },
        }
    }

    /// The inhabitants of a year by party, padded.
    pub fn inhabitants_of(&self, year: usize) -> &[f64] {
        self.row(&self.inhabitants, year)
    }

    pub fn inhabitants_in_all(&self, year: usize) -> i64 {
        self.inhabitants_in_all[year]
    }

    #[inline]
    fn row<'b, N>(&self, rows: &'b [N], index: usize) -> &'b [N] {
        &rows[index * self.stride..][..self.stride]
    }
}

/// Rows of integers as rows of doubles, with zeros after each.
pub fn padded(rows: &[i64], parties: usize, stride: usize) -> Vec<f64> {
    let mut doubles = Vec::with_capacity(rows.len() / parties * stride);
    for row in rows.chunks(parties) {
        doubles.extend(row.iter().map(|number| *number as f64));
        doubles.resize(doubles.len() + stride - parties, 0.0);
    }
    doubles
}
