//! A fault as a value: what is wrong, where, and what to do about it. Shown in one place (floor 5), built
//! by constructors in the `faults.rs` of each floor, collected so that one run reports all faults at once.

use super::source::Place;

/// How many faults and notices are kept.
pub const KEPT_MAX: usize = 500;

/// How serious a diagnostic is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// No result can be given.
    Error,
    /// There is a result, and something about it that a reader should know.
    Notice,
}

/// One fault or notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// How serious it is.
    pub severity: Severity,
    /// Its name in lower case with hyphens, stable between versions: `unknown-party`.
    pub code: &'static str,
    /// What is wrong, as a clause.
    pub message: String,
    /// Where it is wrong, with a short remark to stand at the marks; none for faults of no place.
    pub place: Option<(Place, String)>,
    /// Other places that have to do with it.
    pub related: Vec<(Place, String)>,
    /// What to do, a sentence each.
    pub help: Vec<String>,
}

impl Diagnostic {
    /// An error without a place yet.
    pub fn error(code: &'static str, message: impl Into<String>) -> Diagnostic {
        let message = message.into();
        Diagnostic { severity: Severity::Error, code, message, place: None, related: vec![], help: vec![] }
    }

    /// A notice without a place yet.
    pub fn notice(code: &'static str, message: impl Into<String>) -> Diagnostic {
        Diagnostic { severity: Severity::Notice, ..Diagnostic::error(code, message) }
    }

    /// Says where, with a remark to stand at the marks (may be empty).
    #[must_use]
    pub fn at(mut self, place: &Place, remark: impl Into<String>) -> Diagnostic {
        self.place = Some((place.clone(), remark.into()));
        self
    }

    /// Adds another place that has to do with it.
    #[must_use]
    pub fn also(mut self, place: &Place, remark: impl Into<String>) -> Diagnostic {
        self.related.push((place.clone(), remark.into()));
        self
    }

    /// Adds what to do.
    #[must_use]
    pub fn help(mut self, sentence: impl Into<String>) -> Diagnostic {
        let sentence = sentence.into();
        if !sentence.is_empty() {
            self.help.push(sentence);
        }
        self
    }
}

/// The faults and notices of a run, in the order they were found, none of them twice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagnostics(Vec<Diagnostic>);

impl Diagnostics {
    /// Adds one, unless there is one at the same place that says the same, figures apart: one mistake shows
    /// in every year, and is told once. Nobody reads more than [`KEPT_MAX`].
    pub fn push(&mut self, diagnostic: Diagnostic) {
        let words = |text: &str| text.replace(|sign: char| sign.is_ascii_digit(), "");
        let own = words(&diagnostic.message);
        let same = |known: &Diagnostic| {
            known.code == diagnostic.code && known.place == diagnostic.place && words(&known.message) == own
        };
        if self.0.len() < KEPT_MAX && !self.0.iter().any(same) {
            self.0.push(diagnostic);
        }
    }

    /// Adds all of another collection.
    pub fn append(&mut self, others: Diagnostics) {
        for diagnostic in others.0 {
            self.push(diagnostic);
        }
    }

    /// The value, or `None` with the fault added.
    pub fn take<T>(&mut self, result: Result<T, Diagnostic>) -> Option<T> {
        result.map_err(|fault| self.push(fault)).ok()
    }

    /// Whether any of them is an error.
    pub fn has_errors(&self) -> bool {
        self.0.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.0.iter()
    }

    /// The errors.
    pub fn errors(&self) -> impl Iterator<Item = &Diagnostic> {
        self.0.iter().filter(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// How many errors there are.
    pub fn error_count(&self) -> usize {
        self.errors().count()
    }
}
