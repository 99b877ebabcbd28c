//! Calendars that are moved, so that a year of one lies on a year of another.

use std::collections::BTreeMap;

use crate::model::period::{Month, Period};
use crate::model::years::Year;

/// What is known by year, so many years later.
pub fn moved_years<T: Clone>(by_year: &BTreeMap<Year, T>, by: Year) -> BTreeMap<Year, T> {
    by_year.iter().map(|(year, value)| (year + by, value.clone())).collect()
}

/// A time, so many years later.
pub fn moved_period(period: Period, by: Year) -> Period {
    let moved = |month: Month| Month { year: month.year + by, ..month };
    Period { since: period.since.map(moved), until: period.until.map(moved) }
}
