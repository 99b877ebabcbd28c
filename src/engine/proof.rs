//! What a proof consists of: the identities, how often each was checked, and what failed.

use crate::model::years::Year;

/// The identities that every budget satisfies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Identity {
    /// Σ shares of those who take part = net cost + declared residual, per measure and year. Others pay nothing.
    SharesCoverNet,
    /// Gross cost = draws + net cost, per measure and year.
    GrossIsCovered,
    /// Σ over measures = Σ over parties, per year and over all years.
    TotalsAgree,
    /// Award + opening = drawn + carried + repaid + lapsed, per award; closing(y) = opening(y+1).
    GrantsBalance,
    /// Opening + deposits = draws + payouts + closing, per reserve; never below its minimum; closing(y) = opening(y+1).
    ReservesBalance,
    /// No draw above its rate, its ceiling, its match or its award; what sources gave is what measures got.
    DrawsWithinLimits,
    /// What a measure charges to others is all that it cost, and what they got is what was charged.
    ChargesBalance,
    /// Opening + earned = paid + receivable, per grant; no more paid than may be before the final report.
    PaymentsBalance,
    /// No share below its minimum or above its maximum.
    SharesWithinLimits,
    /// Transfers and buy-ins sum to zero.
    TransfersCancel,
    /// Σ settlements = Σ actual − Σ billed; what is carried forward is what the next year brings forward.
    SettlementsAgree,
    /// Instalments add up to the share.
    InstalmentsAddUp,
    /// With memory, nobody is a whole unit ahead or behind over the years.
    MemoryWithinUnit,
}

/// What was checked, how often, and what failed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proof {
    /// How many times each identity was checked, in the order of [`Identity::ALL`].
    checked: [usize; Identity::ALL.len()],
    /// What failed, in the order of the years.
    pub failures: Vec<Failure>,
}

/// An identity that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Which.
    pub identity: Identity,
    /// In which year; `None` over all years.
    pub year: Option<Year>,
    /// Of what.
    pub subject: String,
    /// By how many øre: left side − right side.
    pub difference_ore: i128,
}

impl Identity {
    /// All of them, in their order.
    pub const ALL: [Identity; 13] = [
        Identity::SharesCoverNet,
        Identity::GrossIsCovered,
        Identity::TotalsAgree,
        Identity::GrantsBalance,
        Identity::ReservesBalance,
        Identity::DrawsWithinLimits,
        Identity::ChargesBalance,
        Identity::PaymentsBalance,
        Identity::SharesWithinLimits,
        Identity::TransfersCancel,
        Identity::SettlementsAgree,
        Identity::InstalmentsAddUp,
        Identity::MemoryWithinUnit,
    ];

    /// The identity in words.
    pub fn words(self) -> &'static str {
        match self {
            Identity::SharesCoverNet => "Σ shares = net cost + declared residual",
            Identity::GrossIsCovered => "gross cost = draws + net cost",
            Identity::TotalsAgree => "Σ over measures = Σ over parties",
            Identity::GrantsBalance => "award + opening = drawn + carried + repaid + lapsed",
            Identity::ReservesBalance => {
                "opening + deposits = drawn + paid out + closing, never below the minimum"
            }
            Identity::DrawsWithinLimits => "no draw above its rate, ceiling, match or award",
            Identity::ChargesBalance => "charges = the cost of what is charged, and what is received",
            Identity::PaymentsBalance => "opening + earned = paid + receivable, paid as agreed",
            Identity::SharesWithinLimits => "no share below its minimum or above its maximum",
            Identity::TransfersCancel => "transfers and buy-ins sum to zero",
            Identity::SettlementsAgree => "Σ settlements = Σ actual − Σ billed, carried forward to the øre",
            Identity::InstalmentsAddUp => "instalments add up to the share",
            Identity::MemoryWithinUnit => "over the years nobody is a whole unit ahead or behind",
        }
    }
}

impl Proof {
    /// Whether everything holds.
    pub fn holds(&self) -> bool {
        self.failures.is_empty()
    }

    /// How many checks were made.
    pub fn check_count(&self) -> usize {
        self.checked.iter().sum()
    }

    /// The identities that were checked, and how many times.
    pub fn checked(&self) -> impl Iterator<Item = (Identity, usize)> {
        Identity::ALL.into_iter().zip(self.checked).filter(|(_, count)| *count > 0)
    }

    /// Adds what another proof has checked.
    pub(super) fn add(&mut self, other: Proof) {
        self.checked.iter_mut().zip(other.checked).for_each(|(own, more)| *own += more);
        self.failures.extend(other.failures);
    }

    /// Notes whether two sides are equal.
    #[inline]
    pub(super) fn check(
        &mut self,
        identity: Identity,
        year: Option<Year>,
        subject: impl FnOnce() -> String,
        left: i128,
        right: i128,
    ) {
        self.checked[identity as usize] += 1;
        if left != right {
            self.fail(identity, year, subject, left - right);
        }
    }

    #[cold]
    fn fail(
        &mut self,
        identity: Identity,
        year: Option<Year>,
        subject: impl FnOnce() -> String,
        difference_ore: i128,
    ) {
        self.failures.push(Failure { identity, year, subject: subject(), difference_ore });
    }

    /// Notes whether one side is not above the other.
    #[inline]
    pub(super) fn check_not_above(
        &mut self,
        identity: Identity,
        year: Year,
        subject: impl FnOnce() -> String,
        small: i128,
        large: i128,
    ) {
        self.check(identity, Some(year), subject, small.max(large), large);
    }
}
