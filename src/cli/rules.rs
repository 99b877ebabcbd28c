//! `fordel rules`: the catalogue of a scenario's rules.

use std::path::Path;

use crate::report::catalogue;

use super::disk::ScenarioFolder;
use super::terminal;

/// Lists the rules of a scenario; whether it is free of faults.
pub fn rules(scenario: &Path) -> bool {
    let walked = ScenarioFolder::new(scenario).walk();
    terminal::tell_diagnostics(&walked);
    let Some(outcome) = &walked.outcome else { return false };
    terminal::print(&catalogue::write(outcome, &walked.inputs.sources));
    true
}
