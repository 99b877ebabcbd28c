//! Reserves: money put aside, drawn on and added to.

use crate::ground::money::Money;
use crate::ground::source::{Place, Spanned};

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
    /// What is in it when the first year starts; not below the minimum.
    pub opening: Money,
    /// What always stays in it; not negative.
    pub minimum: Money,
    /// The purpose it is bound to, where it is: only measures of this purpose draw on it.
    pub purpose: Option<String>,
    /// By which key a party that leaves gets its part: an expression over the rules.
    pub exit_key: Option<Spanned<String>>,
    /// The place of its id.
    pub place: Place,
}
