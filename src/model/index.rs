//! Indexes: dated levels by which amounts are carried from one year to another, and how an amount was.

use std::collections::BTreeMap;

use crate::ground::money::Money;
use crate::ground::ratio::Ratio;

use super::years::Year;

/// An index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    /// Its name in rules.
    pub id: String,
    /// Where the figures come from.
    pub source: Option<String>,
    /// The level of each year, above zero; only their proportions matter.
    pub levels: BTreeMap<Year, Ratio>,
}

/// From which amount an indexed one is worked out. Each order of rounding gives other øre.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IndexOrder {
    /// From the first written figure, unrounded until the end.
    FromBase,
    /// From the latest written figure.
    FromPublished,
    /// From the figure of the year before, rounded every year.
    YearOnYear,
}

/// How an indexed amount came about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexStep {
    /// The index.
    pub index: String,
    /// The year of the amount it started from.
    pub from_year: Year,
    /// That amount.
    pub from: Money,
    /// The level of the year / the level of that year.
    pub factor: Ratio,
    /// What the result was rounded to.
    pub unit: Money,
}

impl Index {
    /// The level of one year over that of another, where both are known.
    pub fn factor(&self, from: Year, to: Year) -> Option<Ratio> {
        Some(self.levels.get(&to)? / self.levels.get(&from)?)
    }
}
