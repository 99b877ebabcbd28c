//! From what to what many figures go: minimum, quantiles, maximum. Each is a figure that occurred, so that there is a run
//! which gave it.

use crate::ground::money::Money;

/// The quantiles, in percent.
pub const LEVELS: [usize; 5] = [5, 25, 50, 75, 95];

/// A figure that occurred.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    /// The figure.
    pub amount: Money,
    /// The position of the first run that gave it.
    pub run: usize,
    /// How many runs gave it.
    pub count: usize,
}

/// From what to what some figures go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spread {
    /// The smallest.
    pub minimum: Point,
    /// By [level](LEVELS): the smallest figure that at least so many percent of all figures do not exceed.
    pub quantiles: [Point; LEVELS.len()],
    /// The largest.
    pub maximum: Point,
}

impl Spread {
    /// The spread of figures, each with the position of its run; none of no figures.
    pub fn of(figures: impl IntoIterator<Item = (Money, usize)>) -> Option<Spread> {
        let mut figures: Vec<(Money, usize)> = figures.into_iter().collect();
        figures.sort_unstable();
        let point = |(amount, _): (Money, usize)| {
            let start = figures.partition_point(|(other, _)| *other < amount);
            let end = figures.partition_point(|(other, _)| *other <= amount);
            Point { amount, run: figures[start].1, count: end - start }
        };
        let (minimum, maximum) = (point(*figures.first()?), point(*figures.last()?));
        // The nearest rank: of 20 figures the first one is the 5 % quantile, of 21 the second.
        let quantile = |level: usize| point(figures[(level * figures.len()).div_ceil(100).max(1) - 1]);
        Some(Spread { minimum, quantiles: LEVELS.map(quantile), maximum })
    }

    /// All of them, rising: minimum, quantiles, maximum.
    pub fn points(&self) -> impl Iterator<Item = Point> {
        std::iter::once(self.minimum).chain(self.quantiles).chain([self.maximum])
    }

    /// Whether all figures are the same.
    pub fn is_constant(&self) -> bool {
        self.minimum.amount == self.maximum.amount
    }
}
