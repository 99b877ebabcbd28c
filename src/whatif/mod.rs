//! Floor 4: what if, and why. Everything here is a pure function of scenarios and changes.
//!
//! [`game`] divides a change between those who made it; it knows neither money nor scenarios.

pub mod game;
