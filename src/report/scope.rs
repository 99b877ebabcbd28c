//! Which figures of a budget are listed, where it may have millions of them and few are asked for.

use std::collections::BTreeSet;

use crate::model::measure::MeasureIx;
use crate::model::party::PartyIx;

/// Whose figures are listed, where not all of them are: figures over all measures are always there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// Of these measures; of all without it.
    pub measures: Option<BTreeSet<MeasureIx>>,
    /// The shares of these parties; of all without it.
    pub parties: Option<BTreeSet<PartyIx>>,
}

impl Scope {
    /// Whether figures of this one are listed.
    pub fn has_measure(&self, measure: MeasureIx) -> bool {
        self.measures.as_ref().is_none_or(|measures| measures.contains(&measure))
    }

    /// Whether figures of this one are listed.
    pub fn has_party(&self, party: PartyIx) -> bool {
        self.parties.as_ref().is_none_or(|parties| parties.contains(&party))
    }
}
