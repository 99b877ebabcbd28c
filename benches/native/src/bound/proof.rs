//! The finished books, their reconciliation (part of every timed run) and the result id (made afterwards).

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use crate::bound::funding::Funding;
use crate::bound::pages::Pages;
use crate::bound::workload::Workload;

/// The result of one run.
pub struct Books {
    pub funding: Funding,
    /// `[year][measure][stride]`
    pub shares: Pages,
    /// `[year][stride]`: what each party pays in all
    pub totals: Vec<i64>,
    /// Cells in a row: the parties, and what the row is padded with.
    pub stride: usize,
}

/// Parties, years and measures must come to the same sums.
pub fn reconcile(workload: &Workload, books: &Books) {
    let net: i64 = books.funding.net.iter().sum();
    let drawn: i64 = books.funding.drawn.iter().sum();
    assert_eq!(books.totals.iter().sum::<i64>(), net, "the parties do not pay what is left");
    assert_eq!(workload.costs.iter().sum::<i64>(), drawn + net, "funding and net are not the cost");
    for (year, totals) in books.totals.chunks(books.stride).enumerate() {
        let net_of_year: i64 = books.funding.net.iter().skip(year).step_by(workload.years).sum();
        assert_eq!(totals[..workload.parties].iter().sum::<i64>(), net_of_year, "year {year} does not close");
    }
}

/// The result id of `WORKLOAD.md`: totals and moments of every party and year. Checks every row's sum on the way.
pub fn result_id(workload: &Workload, books: &Books) -> String {
    let (parties, stride) = (workload.parties, books.stride);
    let mut moments = vec![0i64; workload.years * parties];
    for (row_index, row) in books.shares.chunks(stride).enumerate() {
        let (year, measure) = (row_index / workload.measures, row_index % workload.measures);
        let row = &row[..parties];
        let net = books.funding.net[measure * workload.years + year];
        assert_eq!(row.iter().sum::<i64>(), net, "measure {measure}, year {year}");
        for (moment, share) in moments[year * parties..].iter_mut().zip(row) {
            *moment += (measure as i64 + 1) * share;
        }
    }
    let mut lines = String::new();
    for party in 0..parties {
        for year in 0..workload.years {
            let calendar_year = workload.first_year + year as i64;
            let (total, moment) = (books.totals[year * stride + party], moments[year * parties + party]);
            writeln!(lines, "{party},{calendar_year},{total},{moment}").expect("text takes any text");
        }
    }
    digest(&lines)
}

/// SHA-256 in hexadecimal digits.
pub fn digest(text: &str) -> String {
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}
