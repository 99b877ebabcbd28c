//! Floor 1: the scenario as written and the scenario resolved; one noun per file.
//!
//! [`scenario_file`] holds what the user wrote, with the place of everything; [`scenario`] holds what it
//! means: every party, driver, grant and reserve is an index, so an unknown name cannot be represented and
//! nobody above this floor checks names again. [`resolve`] is the way from one to the other.
//!
//! [`variant_file`] holds a variant of a scenario: changes ([`change`]) of what the user wrote, made before it is resolved.
//!
//! Deliberately absent: disk access. Files come from a [`Shelf`](inputs::Shelf) that the top floor brings.

pub mod change;
pub mod change_apply;
mod change_faults;
pub mod change_file;
pub mod charge;
pub mod decode;
pub mod driver;
mod driver_change;
pub mod entries;
pub mod faults;
pub mod fund_file;
pub mod grant;
pub mod index;
pub mod inputs;
pub mod measure;
pub mod measure_file;
pub mod parameter;
mod parameter_faults;
pub mod party;
pub mod period;
pub mod reserve;
pub mod resolve;
mod resolve_measure;
pub mod ron_tree;
pub mod scenario;
pub mod scenario_file;
pub mod set;
pub mod settlement;
pub mod table;
pub mod variant_file;
pub mod years;
