//! The keys of a plan, reduced to weights. Reducing costs more than many splits, so a key that two plans have in
//! common is reduced once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::model::party::Parties;
use crate::rules::plan::{KeyIx, KeyPlan, Plan};

use super::share::{Mixes, ReadyKey};

/// The keys of a plan, in its order.
#[derive(Clone, Debug)]
pub struct ReadyKeys(Vec<Arc<ReadyKey>>);

/// The keys that have been reduced, for the plans to come.
#[derive(Clone, Debug, Default)]
pub struct KnownKeys(BTreeMap<usize, Arc<ReadyKey>>);

impl ReadyKeys {
    /// Reduces all keys of a plan.
    pub fn new(plan: &Plan, parties: &Parties) -> ReadyKeys {
        KnownKeys::default().ready(plan, parties)
    }

    /// Whether any of them has limits.
    pub fn have_limits(&self) -> bool {
        self.0.iter().any(|key| key.has_limits)
    }

    /// A key.
    pub fn get(&self, key: KeyIx) -> &ReadyKey {
        &self.0[key.0]
    }
}

impl KnownKeys {
    /// The keys of a plan; only those that are not known are reduced.
    pub fn ready(&self, plan: &Plan, parties: &Parties) -> ReadyKeys {
        self.ready_of(&plan.keys, parties)
    }

    /// These keys; only those that are not known are reduced.
    pub fn ready_of(&self, keys: &[Arc<KeyPlan>], parties: &Parties) -> ReadyKeys {
        let mut mixes = Mixes::default();
        let ready = |plan: &Arc<KeyPlan>| match self.0.get(&name(plan)) {
            Some(key) => Arc::clone(key),
            None => Arc::new(ReadyKey::new(plan, parties, &mut mixes)),
        };
        ReadyKeys(keys.iter().map(ready).collect())
    }

    /// Knows these keys as well.
    pub fn learn(&mut self, keys: &ReadyKeys) {
        for key in &keys.0 {
            self.0.entry(name(&key.plan)).or_insert_with(|| Arc::clone(key));
        }
    }

    /// Knows the keys of a plan, and no others any more.
    pub fn keep_those_of(&mut self, plan: &Plan) {
        let names: BTreeSet<usize> = plan.keys.iter().map(name).collect();
        self.0.retain(|name, _| names.contains(name));
    }
}

/// What tells one key from another: a known key keeps its plan, so that no other can take its place in memory.
fn name(plan: &Arc<KeyPlan>) -> usize {
    Arc::as_ptr(plan) as usize
}
