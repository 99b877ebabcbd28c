//! Floor 4: what if. Pure functions of scenarios and their changes: what was changed, and what that does to each party.
//!
//! How a variant is read and made is on the floor of the model, since the walk reads it. Deliberately absent: a way of
//! splitting. Whatever is compared here was walked by the one walk.

pub mod alteration;
pub mod alteration_measure;
pub mod difference;
pub mod figure;
pub mod narrow;
