//! The keys of a plan, reduced to weights. Reducing costs more than many splits, so a key that two plans have in
//! common is reduced once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::ground::money::Money;
use crate::ground::rows::{RowWeights, Splitter};
use crate::model::party::Parties;
use crate::rules::plan::{KeyIx, KeyPlan, Plan};
use crate::rules::shared_key::SharedKey;

use super::share::{Mixes, ReadyKey};

/// The keys of a plan, in its order.
#[derive(Clone, Debug)]
pub struct ReadyKeys {
    keys: Vec<Arc<ReadyKey>>,
    /// For each key that is nothing but one split: that split, to be found without a look at the key.
    splits: Vec<Option<OneSplit>>,
    have_limits: bool,
}

/// A key that is nothing but one split of the whole amount.
#[derive(Clone, Debug)]
pub struct OneSplit(Arc<RowWeights>);

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
        self.have_limits
    }

    /// A key.
    pub fn get(&self, key: KeyIx) -> &ReadyKey {
        &self.keys[key.0]
    }

    /// The split that a key is, where it is nothing else.
    pub fn one_split(&self, key: KeyIx) -> Option<&OneSplit> {
        self.splits[key.0].as_ref()
    }
}

impl OneSplit {
    /// Whether it can split an amount: that is a multiple of the unit.
    pub fn takes(&self, amount: Money, unit: Money) -> bool {
        // Many units are the øre, and a division costs as much as many shares.
        unit == Money::ORE || amount.ore() % unit.ore() == 0
    }

    /// Writes each party's share of an amount that it takes to a row.
    pub fn split_row(&self, amount: Money, unit: Money, splitter: &mut Splitter, row: &mut [i64]) {
        if unit == Money::ORE {
            splitter.split(amount.ore(), &self.0, row);
            return;
        }
        splitter.split(amount.ore() / unit.ore(), &self.0, row);
        // Cannot wrap: no share is larger than the amount.
        row.iter_mut().for_each(|share| *share = share.wrapping_mul(unit.ore()));
    }
}

impl KnownKeys {
    /// The keys of a plan; only those that are not known are reduced.
    pub fn ready(&self, plan: &Plan, parties: &Parties) -> ReadyKeys {
        self.ready_of(&plan.keys, parties)
    }

    /// These keys; only those that are not known are reduced.
    pub fn ready_of(&self, keys: &[SharedKey], parties: &Parties) -> ReadyKeys {
        let mut mixes = Mixes::default();
        let ready = |key: &SharedKey| match self.0.get(&name(&key.plan)) {
            Some(key) => Arc::clone(key),
            None => Arc::new(ReadyKey::new(&key.plan, parties, &mut mixes)),
        };
        let keys: Vec<Arc<ReadyKey>> = keys.iter().map(ready).collect();
        let splits = keys.iter().map(|key| key.one_split().cloned().map(OneSplit)).collect();
        let have_limits = keys.iter().any(|key| key.has_limits);
        ReadyKeys { keys, splits, have_limits }
    }

    /// Knows these keys as well.
    pub fn learn(&mut self, keys: &ReadyKeys) {
        for key in &keys.keys {
            self.0.entry(name(&key.plan)).or_insert_with(|| Arc::clone(key));
        }
    }

    /// Knows these keys no more; they are reduced again where they are asked for.
    pub fn forget(&mut self, keys: &[&SharedKey]) {
        for key in keys {
            self.0.remove(&name(&key.plan));
        }
    }

    /// Knows the keys of a plan, and no others any more.
    pub fn keep_those_of(&mut self, plan: &Plan) {
        let names: BTreeSet<usize> = plan.keys.iter().map(|key| name(&key.plan)).collect();
        self.0.retain(|name, _| names.contains(name));
    }
}

/// What tells one key from another: a known key keeps its plan, so that no other can take its place in memory.
fn name(plan: &Arc<KeyPlan>) -> usize {
    Arc::as_ptr(plan) as usize
}
