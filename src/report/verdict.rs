//! The verdict on a historical budget: do the rules give the published figures, or is the faulty scenario
//! refused as it should be? `fordel test` and `cargo test` both ask here.

use crate::engine::walk::{Outcome, Walk};
use crate::ground::diagnostic::{Diagnostic, Diagnostics};
use crate::model::inputs::{Inputs, ReadFault, Shelf, TextKind};

use super::expected;
use super::figures::Figures;
use super::{budget_text, diagnostic_text};

/// The name of the file that says how a faulty scenario must be refused: the code of the fault on the first
/// line, and on each other line a text that its message contains.
pub const REFUSED_FILE: &str = "refused.txt";

/// The verdict on a scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// How many published figures there are.
    pub figures: usize,
    /// How many of them are as declared.
    pub passed: usize,
    /// How many of those are declared deviations.
    pub deviations: usize,
    /// The code of the fault that a faulty scenario is refused with, as it should be.
    pub refused: Option<String>,
    /// What is wrong, a text for each thing.
    pub failures: Vec<String>,
}

impl Verdict {
    /// The verdict on what could not be walked at all.
    pub fn failed(why: String) -> Verdict {
        Verdict { figures: 0, passed: 0, deviations: 0, refused: None, failures: vec![why] }
    }

    /// Whether all is as published.
    pub fn passes(&self) -> bool {
        self.failures.is_empty()
    }
}

/// Where the published figures of a walk are.
#[derive(Clone, Copy)]
pub struct Published<'p> {
    /// On which shelf.
    pub shelf: &'p dyn Shelf,
    /// The file of figures.
    pub expected: &'p str,
    /// The file that says how a faulty scenario must be refused.
    pub refused: &'p str,
}

/// Judges a walk by published figures.
pub fn judge(mut walked: Walk, published: Published<'_>) -> Verdict {
    let mut verdict = Verdict { figures: 0, passed: 0, deviations: 0, refused: None, failures: vec![] };
    match (published.shelf.read(published.refused), walked.outcome.take()) {
        (Ok(refused), _) => judge_refusal(&String::from_utf8_lossy(&refused.bytes), &walked, &mut verdict),
        (Err(ReadFault::Missing(_)), Some(outcome)) => {
            judge_figures(published, &mut walked.inputs, &outcome, &mut verdict);
        }
        (Err(ReadFault::Missing(_)), None) => verdict.failures.push(faults_of(&walked)),
        (Err(fault), _) => {
            verdict.failures.push(format!("{} cannot be read: {fault:?}", published.refused));
        }
    }
    verdict
}

/// Judges a result by published figures, where there are any.
pub fn judge_outcome(published: Published<'_>, inputs: &mut Inputs, outcome: &Outcome) -> Option<Verdict> {
    if let Err(ReadFault::Missing(_)) = published.shelf.read(published.expected) {
        return None;
    }
    let mut verdict = Verdict { figures: 0, passed: 0, deviations: 0, refused: None, failures: vec![] };
    judge_figures(published, inputs, outcome, &mut verdict);
    Some(verdict)
}

fn judge_figures(published: Published<'_>, inputs: &mut Inputs, outcome: &Outcome, verdict: &mut Verdict) {
    let mut found = Diagnostics::default();
    let read = inputs.read(published.shelf, published.expected, TextKind::Table, None);
    if let Some(source) = found.take(read) {
        let rows = expected::read(&inputs.sources, source, outcome, &mut found);
        let figures =
            Figures::of(outcome).map_err(|fault| Diagnostic::error("amount-too-large", fault.to_string()));
        let figures = found.take(figures).unwrap_or_default();
        verdict.failures.extend(expected::contradictions(&rows, &inputs.sources));
        for comparison in expected::compare(rows, &figures) {
            verdict.figures += 1;
            if comparison.passes() {
                verdict.passed += 1;
                verdict.deviations += usize::from(comparison.expected.deviation.is_some());
            } else {
                verdict.failures.push(comparison.failure(&inputs.sources));
            }
        }
        if verdict.figures == 0 && !found.has_errors() {
            verdict.failures.push(format!("{} has no figures in it", published.expected));
        }
    }
    if found.has_errors() {
        verdict.failures.push(diagnostic_text::write(&found, &inputs.sources, false));
    }
    if !outcome.proof.holds() {
        verdict.failures.push(budget_text::reconciliation(&outcome.proof));
    }
}

fn judge_refusal(refused: &str, walked: &Walk, verdict: &mut Verdict) {
    let mut lines = refused.lines().map(str::trim).filter(|line| !line.is_empty());
    let code = lines.next().unwrap_or_default();
    let fault = walked.diagnostics.iter().find(|fault| fault.code == code);
    verdict.figures = 1;
    match fault {
        None if walked.diagnostics.has_errors() => {
            verdict.failures.push(format!(
                "expected to be refused with `{code}`, but refused with\n{}",
                faults_of(walked)
            ));
        }
        None => verdict.failures.push(format!("expected to be refused with `{code}`, but it was accepted")),
        Some(fault) => match lines.find(|line| !fault.message.replace('\u{a0}', " ").contains(line)) {
            Some(line) => {
                let message = &fault.message;
                verdict
                    .failures
                    .push(format!("refused with `{code}`, but its message lacks `{line}`: {message}"));
            }
            None => {
                verdict.passed = 1;
                verdict.refused = Some(code.to_owned());
            }
        },
    }
}

fn faults_of(walked: &Walk) -> String {
    diagnostic_text::write(&walked.diagnostics, &walked.inputs.sources, false)
}
