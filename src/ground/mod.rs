//! Floor 0: numbers, texts and faults. Knows no word of the domain: no party, no measure, no grant.
//!
//! Fractions become whole numbers of øre here and nowhere else: in [`split`], and in its three relatives
//! [`limits`], [`memory`] and [`transfers`].

pub mod cells;
pub mod column;
pub mod diagnostic;
pub mod kernel;
pub mod limits;
pub mod memory;
pub mod money;
pub mod numerals;
pub mod ratio;
pub mod rows;
pub mod seal;
pub mod source;
pub mod split;
pub mod suggest;
pub mod sums;
pub mod transfers;
