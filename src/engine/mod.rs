//! Floor 3: from a scenario and its plan to the reconciled budget.
//!
//! [`walk`] is where every command begins. [`year`] reads like the contract: gross cost, grants open, draws, net cost
//! and split, close. [`reconcile`] proves the result by sums of its own and shares no arithmetic with the code that
//! splits. Deliberately absent: scripts, disk, and any rounding outside [`ground::split`](crate::ground::split).

mod absent;
pub mod books;
pub mod budget;
pub mod buy_in;
pub mod certificate;
pub mod charging;
pub mod close;
pub mod draw;
pub mod exact;
pub mod funding;
pub mod gross;
pub mod groups;
pub mod keys;
pub mod limit;
pub mod part;
pub mod proof;
pub mod reconcile;
mod reconcile_funds;
mod replace;
pub mod reserves;
mod resplit;
pub mod row_maker;
pub mod rows;
pub mod share;
pub mod standing;
pub mod state;
pub mod tag_net;
pub mod traits;
pub mod walk;
pub mod year;
mod years;

pub mod faults;
