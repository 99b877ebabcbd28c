//! What becomes of the difference between budget and actual figures.

use super::reserve::ReserveIx;

/// Where a settlement goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settle {
    /// The parties settle it directly.
    Refund,
    /// A reserve gets what was billed too much and gives what was billed too little.
    Reserve(ReserveIx),
    /// Each party's difference is added to what it pays the next year.
    CarryForward,
}

/// Where the settlements of a measure go, by whether it cost more or less than was billed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SettlementPolicy {
    /// When the actual shares are more than the billed ones.
    pub overspend: Settle,
    /// When they are less.
    pub underspend: Settle,
}

impl SettlementPolicy {
    /// Where a settlement of this sum, in øre, goes.
    pub fn of(self, sum_ore: i64) -> Settle {
        if sum_ore > 0 { self.overspend } else { self.underspend }
    }

    /// Both destinations.
    pub fn both(self) -> [Settle; 2] {
        [self.overspend, self.underspend]
    }
}
