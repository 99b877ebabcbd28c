//! Reserves: money put aside, drawn on and added to.

use crate::ground::money::Money;
use crate::ground::source::Place;

/// Which reserve of the scenario, by its position in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReserveIx(pub usize);

/// A reserve.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reserve {
    /// Its name in rules and tables.
    pub id: String,
    /// Its name for people.
    pub title: String,
    /// What is in it when the first year starts; never negative.
    pub opening: Money,
    /// The place of its id.
    pub place: Place,
}
