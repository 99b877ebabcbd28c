//! `fordel rules`: the catalogue of a scenario's rules.

use crate::report::catalogue;

use super::subject::SubjectArguments;
use super::terminal;

/// Lists the rules of a scenario; whether it is free of faults.
pub fn rules(asked: &SubjectArguments) -> bool {
    let Some(subject) = terminal::open_aloud(&asked.scenario, &asked.set) else { return false };
    let walked = terminal::walk_aloud(&subject);
    let Some(outcome) = &walked.outcome else { return false };
    terminal::print(&catalogue::write(outcome, &walked.inputs.sources));
    true
}
