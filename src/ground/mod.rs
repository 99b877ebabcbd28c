//! Floor 0: numbers, texts and faults. Knows no word of the domain: no party, no measure, no grant.
//!
//! Suggested reading order is the order of the modules below. [`split`] is the one place in the program
//! where a fraction becomes a whole number of øre.

pub mod diagnostic;
pub mod money;
pub mod numerals;
pub mod ratio;
pub mod seal;
pub mod source;
pub mod split;
pub mod suggest;
