//! Floor 1: the scenario as written and the scenario resolved; one noun per file.
//!
//! [`scenario_file`] holds what the user wrote, with the place of everything; [`scenario`] holds what it
//! means: every party, driver, grant and reserve is an index, so an unknown name cannot be represented and
//! nobody above this floor checks names again. [`resolve`] is the way from one to the other.
//!
//! Deliberately absent: disk access. Files come from a [`Shelf`](inputs::Shelf) that the top floor brings.

pub mod charge;
pub mod decode;
pub mod driver;
pub mod entries;
pub mod faults;
pub mod fund_file;
pub mod grant;
pub mod index;
pub mod inputs;
pub mod measure;
pub mod measure_file;
pub mod party;
pub mod period;
pub mod reserve;
pub mod resolve;
mod resolve_measure;
pub mod ron_tree;
pub mod scenario;
pub mod scenario_file;
pub mod settlement;
pub mod table;
pub mod years;
