//! `fordel rules`: the catalogue of a scenario's rules.

use std::path::Path;

use crate::report::catalogue;

use super::disk::ScenarioFolder;
use super::terminal;

/// Lists the rules of a scenario; whether it is free of faults.
pub fn rules(scenario: &Path) -> bool {
    let Some(walked) = terminal::walk_aloud(&ScenarioFolder::new(scenario)) else { return false };
    let Some(outcome) = &walked.outcome else { return false };
    terminal::print(&catalogue::write(outcome, &walked.inputs.sources));
    true
}
