//! Floor 4: what if, and why. Pure functions of scenarios and their changes: what was changed, what that does to each
//! party, and which kind of change did how much of it.
//!
//! Why a difference is what it is: [`game`] divides a change between those who made it, and knows neither money nor
//! scenarios; [`scenarios`] plays it with two scenarios, by walking [hybrids](hybrid) of them, [`years`] with two years
//! of one; [`attribution`] closes what came out to the øre.
//!
//! What many variants come to: [`sweep`] walks them, [`lot`] draws what is drawn, [`spread`] says from what to what.
//!
//! How a variant is read and made is on the floor of the model, since the walk reads it. Deliberately absent: a way of
//! splitting. Whatever is compared here was walked by the one walk.

pub mod alteration;
pub mod alteration_measure;
pub mod attribution;
pub mod calendar;
pub mod difference;
pub mod facets;
pub mod figure;
pub mod game;
pub mod hybrid;
mod hybrid_drivers;
pub mod hybrid_walk;
pub mod kind;
pub mod lot;
pub mod narrow;
pub mod rules_of_both;
pub mod scenarios;
pub mod side;
pub mod spread;
pub mod sweep;
pub mod years;
