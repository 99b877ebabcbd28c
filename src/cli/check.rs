//! `fordel check`: all faults of scenarios, also of their published figures, without a report.

use std::path::{Path, PathBuf};

use crate::ground::diagnostic::Diagnostics;
use crate::model::inputs::{Shelf, TextKind};
use crate::report::expected;
use crate::report::figures::Figures;
use crate::report::{budget_text, diagnostic_text};

use super::asked::Asked;
use super::subject::Published;
use super::terminal;

/// Checks scenarios; whether all are fine.
pub fn check(scenarios: &[PathBuf], set: &[String]) -> bool {
    let mut all_fine = true;
    for scenario in scenarios {
        let shown = scenario.display();
        match check_one(scenario, set) {
            Some(checks) => terminal::print(&format!("ok {shown} ({checks} checks of the books)\n")),
            None => {
                terminal::print(&format!("FAULTY {shown}\n"));
                all_fine = false;
            }
        }
    }
    all_fine
}

/// Checks one scenario; how many checks of its books were made, where it is fine.
fn check_one(scenario: &Path, set: &[String]) -> Option<usize> {
    let subject = terminal::open_aloud(scenario, set)?;
    let mut walked = terminal::walk_aloud(&subject);
    let outcome = walked.outcome.take()?;
    if !outcome.proof.holds() {
        terminal::tell(&budget_text::reconciliation(&outcome.proof));
        return None;
    }
    let figures = if outcome.budget.is_small() { Ok(()) } else { Figures::of(&outcome).map(|_| ()) };
    if let Err(fault) = figures {
        terminal::tell(&format!("error[amount-too-large]: a total: {fault}\n"));
        return None;
    }
    let mut found = Diagnostics::default();
    let published = Published::of(scenario, &Asked::default());
    // What was published is not of what is changed for this once.
    if set.is_empty() && published.shelf.read(&published.expected).is_ok() {
        let read = walked.inputs.read(&published.shelf, &published.expected, TextKind::Table, None);
        if let Some(source) = found.take(read) {
            expected::read(&walked.inputs.sources, source, &outcome, &mut found);
        }
        terminal::tell(&diagnostic_text::write(&found, &walked.inputs.sources, false));
    }
    (!found.has_errors()).then_some(outcome.proof.check_count())
}
