//! Floor 4: what if, and why. Everything here is a pure function of scenarios and changes.
//!
//! Why a difference is what it is: [`game`] divides a change between those who made it, and knows neither money nor
//! scenarios; [`scenarios`] plays it with two scenarios, by walking [hybrids](hybrid) of them, [`years`] with two years of
//! one; [`attribution`] closes what came out to the øre.

pub mod attribution;
pub mod facets;
pub mod game;
pub mod hybrid;
pub mod hybrid_walk;
pub mod kind;
pub mod rules_of_both;
pub mod scenarios;
pub mod side;
pub mod years;
