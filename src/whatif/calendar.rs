//! Calendars that are moved, so that a year of one lies on a year of another.

use crate::model::period::{Month, Period};
use crate::model::years::{Year, YearAmounts};

/// The same amounts so many years later.
pub fn moved_years(amounts: &YearAmounts, by: Year) -> YearAmounts {
    amounts.iter().map(|(year, amount)| (year + by, amount.clone())).collect()
}

/// A time, so many years later.
pub fn moved_period(period: Period, by: Year) -> Period {
    let moved = |month: Month| Month { year: month.year + by, ..month };
    Period { since: period.since.map(moved), until: period.until.map(moved) }
}
