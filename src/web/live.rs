//! How the draft stands: which run it is, what is wrong with it, which files it was made from.

use serde::Serialize;

use crate::cli::draft::{Good, Run};
use crate::ground::diagnostic::{Diagnostic, Severity};
use crate::ground::source::Sources;
use crate::report::alteration_text;
use crate::report::diagnostic_text;
use crate::report::language::Language;

use super::subjects::Listed;

/// How the draft stands.
#[derive(Clone, Debug, Serialize)]
pub struct Live {
    /// The number of the last run.
    pub generation: u64,
    /// The run that the numbers are of.
    pub good: Option<u64>,
    /// `good`, `stale` where the last run failed and an earlier one stands, or `none`.
    pub status: &'static str,
    /// When the last run was done.
    pub at: String,
    /// How long it took.
    pub milliseconds: u64,
    /// What is wrong with it, and notices.
    pub problems: Vec<Problem>,
    /// The files that it read.
    pub files: Vec<File>,
    /// What the published figures say of what stands.
    pub tests: Option<Tests>,
    /// The earlier results that can be compared with.
    pub pins: Vec<Pin>,
    /// What can be shown or compared with.
    pub subjects: Vec<Listed>,
    /// Whether variants may be saved.
    pub can_write: bool,
    /// What has to be sent to save one.
    pub token: Option<String>,
    /// Whether files are only looked at now and then.
    pub polling: bool,
    /// What the last good run changed, a text for each thing.
    pub changes: Vec<String>,
}

/// A fault or a notice.
#[derive(Clone, Debug, Serialize)]
pub struct Problem {
    severity: &'static str,
    code: &'static str,
    message: String,
    file: Option<String>,
    line: Option<usize>,
    column: Option<usize>,
    /// As in the terminal: the line with marks under it.
    excerpt: String,
    help: Vec<String>,
}

/// A file that was read.
#[derive(Clone, Debug, Serialize)]
pub struct File {
    name: String,
    kind: &'static str,
    state: &'static str,
}

/// What published figures say.
#[derive(Clone, Debug, Serialize)]
pub struct Tests {
    figures: usize,
    passed: usize,
    deviations: usize,
    failures: Vec<String>,
}

/// An earlier result.
#[derive(Clone, Debug, Serialize)]
pub struct Pin {
    /// The number of its run.
    pub generation: u64,
    /// When it was done.
    pub at: String,
}

/// All faults and notices of a run, faults first.
pub fn problems(run: &Run) -> Vec<Problem> {
    let mut all: Vec<&Diagnostic> = run.found.iter().collect();
    all.sort_by_key(|diagnostic| diagnostic.severity);
    all.into_iter().map(|diagnostic| problem(diagnostic, &run.inputs.sources)).collect()
}

/// A fault of a single thing that was asked.
pub fn problem(diagnostic: &Diagnostic, sources: &Sources) -> Problem {
    let place = diagnostic.place.as_ref().map(|(place, _)| {
        let source = sources.get(place.source);
        (source.name.clone(), source.line_column(place.bytes.start))
    });
    Problem {
        severity: match diagnostic.severity {
            Severity::Error => "error",
            Severity::Notice => "notice",
        },
        code: diagnostic.code,
        message: diagnostic_text::visible(&diagnostic.message),
        line: place.as_ref().map(|(_, (line, _))| *line),
        column: place.as_ref().map(|(_, (_, column))| *column),
        file: place.map(|(file, _)| diagnostic_text::visible(&file)),
        excerpt: diagnostic_text::one(diagnostic, sources),
        help: diagnostic.help.iter().map(|sentence| diagnostic_text::visible(sentence)).collect(),
    }
}

/// The files of a run, in the order they were read; those that it asked for and that are gone come last.
pub fn files(run: &Run, before: Option<&Run>) -> Vec<File> {
    let faulty = run.faulty_sources();
    let is_faulty = |name: &str| {
        let id = run.inputs.sources.by_name(name);
        id.is_some_and(|id| faulty.contains(&id))
    };
    // What is typed on the command line is no file.
    let looks = run.asked.looks();
    let is_file = |name: &str| looks.contains_key(std::path::Path::new(name));
    let names = run.inputs.sources.iter().map(|source| source.name.as_str()).filter(|name| is_file(name));
    let state = |name: &str| if is_faulty(name) { "faulty" } else { "good" };
    let mut files: Vec<File> =
        names.map(|name| File { name: name.to_owned(), kind: kind(name), state: state(name) }).collect();
    let earlier = before.iter().flat_map(|before| before.inputs.sources.iter());
    let gone = earlier.map(|source| source.name.as_str()).filter(|name| {
        let look = looks.get(std::path::Path::new(name));
        look.is_some_and(|look| !look.is_there())
    });
    files.extend(gone.map(|name| File { name: name.to_owned(), kind: kind(name), state: "missing" }));
    files
}

fn kind(name: &str) -> &'static str {
    match name.rsplit(['/', '\\']).next().unwrap_or_default() {
        "scenario.ron" => "scenario",
        name if name.ends_with(".rhai") => "rules",
        name if name.ends_with("expected.csv") => "expected",
        name if name.ends_with(".ron") => "variant",
        _ => "table",
    }
}

/// What published figures say of a result.
pub fn tests(good: &Good) -> Option<Tests> {
    let verdict = good.verdict.as_ref()?;
    Some(Tests {
        figures: verdict.figures,
        passed: verdict.passed,
        deviations: verdict.deviations,
        failures: verdict.failures.iter().map(|failure| failure.trim_end().to_owned()).collect(),
    })
}

/// What was written otherwise since an earlier result, a text for each thing.
pub fn changes(good: &Good, earlier: &Good) -> Vec<String> {
    alteration_text::texts(&good.alterations_since(earlier), Language::English)
}
