//! A key of a plan, with what is asked of it again and again.

use std::sync::Arc;

use super::plan::{Base, KeyPlan};

/// A key of a plan, which other plans may have as well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharedKey {
    /// What was declared.
    pub plan: Arc<KeyPlan>,
    /// What is asked of it for each measure and year.
    pub traits: KeyTraits,
}

/// What is asked of keys again and again, looked up once and kept beside them: in memory the keys themselves lie far apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyTraits {
    /// Whether it bills exactly what there is to split.
    pub shares_exactly: bool,
    /// Whether anything in it is a transfer.
    pub has_transfers: bool,
    /// Whether anything in it has limits.
    pub has_limits: bool,
}

impl From<KeyPlan> for SharedKey {
    fn from(plan: KeyPlan) -> SharedKey {
        let traits = KeyTraits {
            shares_exactly: plan.shares_exactly(),
            has_transfers: plan.has_part(|part| matches!(part.base, Base::Transfers)),
            has_limits: plan.has_limits(),
        };
        SharedKey { plan: Arc::new(plan), traits }
    }
}
