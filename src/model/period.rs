//! Times from one month to another: when somebody is a party, or takes part in a measure.

use std::fmt;

use super::years::Year;

/// The months of a year.
pub const MONTHS: u32 = 12;

/// A month of a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Month {
    /// The year.
    pub year: Year,
    /// From 1, January, to 12.
    pub month: u32,
}

/// From the first day of one month to the last day of another; either end may be open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Period {
    /// The first month, where there is one.
    pub since: Option<Month>,
    /// The last month, where there is one.
    pub until: Option<Month>,
}

/// Which months of a year, one bit each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Months(u16);

impl Period {
    /// Without end on either side.
    pub const ALWAYS: Period = Period { since: None, until: None };

    /// Whether it ends before it begins.
    pub fn is_backwards(self) -> bool {
        matches!((self.since, self.until), (Some(since), Some(until)) if until < since)
    }

    /// Whether the two have a month in common.
    pub fn overlaps(self, other: Period) -> bool {
        let before =
            |a: Period, b: Period| matches!((a.until, b.since), (Some(until), Some(since)) if until < since);
        !before(self, other) && !before(other, self)
    }

    /// The months of a year that lie in it.
    ///
    /// ```
    /// use fordel::model::period::{Month, Period};
    /// let from_july = Period { since: Some(Month { year: 2020, month: 7 }), until: None };
    /// assert_eq!(from_july.months(2019).count(), 0);
    /// assert_eq!(from_july.months(2020).count(), 6);
    /// assert_eq!(from_july.months(2021).count(), 12);
    /// ```
    pub fn months(self, year: Year) -> Months {
        // Nearly everybody is always there.
        if self == Period::default() {
            return Months::ALL;
        }
        let within = |month: &u32| {
            let month = Month { year, month: *month };
            self.since.is_none_or(|since| since <= month) && self.until.is_none_or(|until| month <= until)
        };
        Months((1..=MONTHS).filter(within).fold(0, |bits, month| bits | 1 << (month - 1)))
    }
}

impl Months {
    /// The whole year.
    pub const ALL: Months = Months(0x0fff);
    /// None of them.
    pub const NONE: Months = Months(0);

    /// How many there are, from 0 to 12.
    pub fn count(self) -> u32 {
        self.0.count_ones()
    }

    /// The months that are in both.
    #[must_use]
    pub fn and(self, other: Months) -> Months {
        Months(self.0 & other.0)
    }

    /// The months that are in either.
    #[must_use]
    pub fn or(self, other: Months) -> Months {
        Months(self.0 | other.0)
    }

    /// The months that are not in it.
    #[must_use]
    pub fn others(self) -> Months {
        Months(!self.0 & Months::ALL.0)
    }
}

/// `2020-07`.
impl fmt::Display for Month {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:04}-{:02}", self.year, self.month)
    }
}
