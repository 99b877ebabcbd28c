//! `fordel check`: all faults of scenarios, without a report.

use std::path::PathBuf;

use super::disk::ScenarioFolder;
use super::terminal;

/// Checks scenarios; whether all are fine.
pub fn check(scenarios: &[PathBuf]) -> bool {
    let mut all_fine = true;
    for scenario in scenarios {
        let folder = ScenarioFolder::new(scenario);
        let walked = folder.walk();
        terminal::tell_diagnostics(&walked);
        let holds = walked.outcome.as_ref().is_some_and(|outcome| outcome.proof.holds());
        if let Some(outcome) = walked.outcome.filter(|_| holds) {
            let checks = outcome.proof.check_count();
            terminal::print(&format!("ok {} ({checks} checks of the books)\n", folder.path().display()));
        } else {
            terminal::print(&format!("FAULTY {}\n", folder.path().display()));
            all_fine = false;
        }
    }
    all_fine
}
