//! The years of a scenario.

use litemap::LiteMap;

use crate::ground::money::Money;
use crate::ground::source::Spanned;

/// A calendar year, four digits.
pub type Year = i32;

/// Amounts by year, in their order, each with its place. They lie side by side in memory: a scenario has many such
/// lists, nearly all of them short, and they are looked through far more often than they are changed.
pub type YearAmounts = LiteMap<Year, Spanned<Money>>;

/// The years of a scenario, first to last, both included. There is always at least one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Years {
    first: Year,
    last: Year,
}

impl Years {
    /// The years from first to last, or `None` when they run backwards.
    pub fn new(first: Year, last: Year) -> Option<Years> {
        (first <= last).then_some(Years { first, last })
    }

    /// The first year.
    pub fn first(self) -> Year {
        self.first
    }

    /// The last year.
    pub fn last(self) -> Year {
        self.last
    }

    /// Whether the year is one of them.
    pub fn contains(self, year: Year) -> bool {
        (self.first..=self.last).contains(&year)
    }

    /// How many there are.
    pub fn count(self) -> usize {
        usize::try_from(i64::from(self.last) - i64::from(self.first) + 1).unwrap_or(0)
    }

    /// The years in order.
    pub fn iter(self) -> impl Iterator<Item = Year> + Clone {
        self.first..=self.last
    }

    /// The position of a year, from 0.
    pub fn index(self, year: Year) -> Option<usize> {
        let position = usize::try_from(i64::from(year) - i64::from(self.first)).ok();
        position.filter(|_| self.contains(year))
    }
}
