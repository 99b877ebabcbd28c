//! One of two scenarios that are compared: as it was written, and what came out of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::engine::walk::{Outcome, Walk, walk_written};
use crate::ground::diagnostic::Diagnostics;
use crate::model::change::Change;
use crate::model::change_apply::apply;
use crate::model::entries::MeasureEntry;
use crate::model::inputs::{Inputs, Shelf};
use crate::model::measure::Measure;
use crate::model::party::PartyIx;
use crate::model::resolve::read_file;
use crate::model::scenario_file::ScenarioFile;
use crate::rules::sandbox::Clock;

use super::alteration::party_of;

/// A scenario with its changes, and what came out.
pub struct Side<'s> {
    /// As it was written, with its changes.
    pub file: ScenarioFile,
    /// Where its files are.
    pub shelf: &'s (dyn Shelf + Sync),
    /// The texts that were read.
    pub inputs: Inputs,
    /// What came out.
    pub outcome: Outcome,
    /// The positions of the measures, by id.
    by_id: BTreeMap<String, usize>,
}

impl<'s> Side<'s> {
    /// Reads and walks a scenario with changes; `inputs` has the texts that these are from. The second of two
    /// scenarios is read [beside](Inputs::beside) the first, so that places in both can be shown.
    ///
    /// # Errors
    /// The walk with its faults.
    pub fn read(
        shelf: &'s (dyn Shelf + Sync),
        mut inputs: Inputs,
        changes: &[Change],
        clock: Arc<dyn Clock>,
    ) -> Result<Side<'s>, Box<Walk>> {
        let mut found = Diagnostics::default();
        let mut file = read_file(shelf, &mut inputs, &mut found);
        if let Some(file) = file.as_mut().filter(|_| !found.has_errors()) {
            apply(file, changes, &mut found);
        }
        let Some(file) = file.filter(|_| !found.has_errors()) else {
            return Err(Box::new(Walk { inputs, diagnostics: found, outcome: None }));
        };
        let walked = walk_written(file.clone(), shelf, inputs, found, clock);
        match walked.outcome {
            Some(outcome) => {
                let ids = file.measures.iter().map(|measure| measure.id.value.clone());
                Ok(Side { by_id: ids.zip(0..).collect(), file, shelf, inputs: walked.inputs, outcome })
            }
            None => Err(Box::new(walked)),
        }
    }

    /// The measures as written and as they were walked, in the order of the file.
    pub fn measures(&self) -> impl Iterator<Item = (&MeasureEntry, &Measure)> {
        let walked = self.outcome.scenario.measures.iter().map(AsRef::as_ref);
        self.file.measures.iter().zip(walked)
    }

    /// The measure of an id.
    pub fn measure(&self, id: &str) -> Option<(&MeasureEntry, &Measure)> {
        let position = *self.by_id.get(id)?;
        Some((&self.file.measures[position], self.outcome.scenario.measures[position].as_ref()))
    }

    /// The party of exactly this id.
    pub fn party(&self, id: &str) -> Option<PartyIx> {
        party_of(&self.outcome.scenario.parties, id)
    }
}
