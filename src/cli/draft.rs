//! What is being drafted: a scenario or variant that is run again whenever one of its files is saved. A run that fails
//! leaves the last good result standing.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use crate::engine::walk::{Outcome, Walk};
use crate::ground::diagnostic::{Diagnostic, Diagnostics};
use crate::ground::source::SourceId;
use crate::model::inputs::Inputs;
use crate::report::budget_text;
use crate::report::verdict::{self, Verdict};
use crate::rules::threads;
use crate::whatif::alteration::{Alteration, of_outcomes};

use super::asked::Asked;
use super::disk;
use super::subject::{Absence, Published, Subject, SubjectArguments};
use super::terminal;
use super::watching;

/// How many times it is run at most when files are saved all the time.
const RUNS_MAX: usize = 8;

/// What is drafted, as it was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// A folder with a scenario.ron, or a variant file.
    pub scenario: PathBuf,
    /// What is set for this once.
    pub set: Vec<String>,
}

/// One run of a draft.
pub struct Run {
    /// What it gave; none where it has faults.
    pub good: Option<Arc<Good>>,
    /// Its faults and notices.
    pub found: Diagnostics,
    /// The texts that they point into.
    pub inputs: Inputs,
    /// The files that were asked for.
    pub asked: Asked,
    /// How long it took, in milliseconds.
    pub milliseconds: u128,
    /// When it was done, on the clock on the wall: `10:42:07`.
    pub time: String,
}

/// A result that stands.
pub struct Good {
    /// What it is of.
    pub subject: Subject,
    /// The result.
    pub outcome: Outcome,
    /// The texts that it is from.
    pub inputs: Inputs,
    /// The seals of its rules and of its data.
    pub seals: (String, String),
    /// What the published figures say of it, where there are any.
    pub verdict: Option<Verdict>,
    /// When it was done.
    pub time: String,
}

impl Draft {
    /// What is to be drafted, where there is such a thing; a name that leads nowhere is told, and not waited for.
    pub fn open_aloud(typed: &SubjectArguments) -> Option<Draft> {
        let SubjectArguments { scenario, set } = typed;
        if scenario.exists() {
            return Some(Draft { scenario: scenario.clone(), set: set.clone() });
        }
        terminal::tell(&format!("error[missing-scenario]: {}\n", disk::nothing_at("", scenario)));
        None
    }

    /// The same with more set for this once.
    #[must_use]
    pub fn with(&self, set: &[String]) -> Draft {
        Draft { set: [self.set.as_slice(), set].concat(), ..self.clone() }
    }

    /// Runs it, with nothing remembered of earlier runs. Where a file is saved meanwhile it is run again, so that a
    /// result is never of half a file, or of files that were not there together.
    pub fn run(&self) -> Run {
        for _ in 1..RUNS_MAX {
            let begun = SystemTime::now();
            let run = self.run_once();
            if run.asked.is_as_noted(begun) {
                return run;
            }
            watching::settle(&run.asked.looks());
        }
        self.run_once()
    }

    fn run_once(&self) -> Run {
        let started = Instant::now();
        threads::on_a_large_stack(|| {
            let asked = Asked::default();
            let (good, found, inputs) = match Subject::open_noting(&self.scenario, &self.set, &asked) {
                Ok(subject) => finish(subject),
                Err(Absence::Nothing(absence)) => {
                    let mut found = Diagnostics::default();
                    found.push(Diagnostic::error("missing-scenario", absence));
                    (None, found, Inputs::default())
                }
                Err(Absence::Faults(found, inputs)) => (None, found, inputs),
            };
            let (milliseconds, time) = (started.elapsed().as_millis(), time_of_day());
            let good = good.map(|good| Arc::new(Good { time: time.clone(), ..good }));
            Run { good, found, inputs, asked, milliseconds, time }
        })
    }
}

impl Run {
    /// The sources with faults.
    pub fn faulty_sources(&self) -> Vec<SourceId> {
        let errors = self.found.errors();
        errors.filter_map(|fault| fault.place.as_ref()).map(|(place, _)| place.source).collect()
    }
}

impl Good {
    /// What somebody has written otherwise since another result.
    pub fn alterations_since(&self, earlier: &Good) -> Vec<Alteration> {
        of_outcomes((&earlier.outcome, &earlier.inputs), (&self.outcome, &self.inputs))
    }

    /// How many shares it has.
    pub fn share_count(&self) -> usize {
        let scenario = &self.outcome.scenario;
        scenario.parties.count() * scenario.measures.len() * scenario.years.count()
    }
}

/// Walks what was opened, and has it judged.
fn finish(subject: Subject) -> (Option<Good>, Diagnostics, Inputs) {
    let Walk { mut inputs, mut diagnostics, outcome } = subject.walk();
    let Some(outcome) = outcome else { return (None, diagnostics, inputs) };
    if !outcome.proof.holds() {
        let fault = Diagnostic::error(
            "books-do-not-close",
            "the budget does not reconcile; this is a fault of fordel",
        );
        diagnostics.push(fault.help(budget_text::reconciliation(&outcome.proof)));
        return (None, diagnostics, inputs);
    }
    let Published { shelf, expected, refused } = &Published::of(&subject.typed, &subject.asked);
    let published = verdict::Published { shelf, expected, refused };
    let is_as_written = subject.set.is_empty();
    // What was published is not of what is changed for this once.
    let verdict = is_as_written.then(|| verdict::judge_outcome(published, &mut inputs, &outcome)).flatten();
    let (seals, time) = (inputs.seals(), String::new());
    let good = Good { subject, outcome, inputs: inputs.clone(), seals, verdict, time };
    (Some(good), diagnostics, inputs)
}

/// The time on the clock on the wall.
pub fn time_of_day() -> String {
    jiff::Zoned::now().strftime("%H:%M:%S").to_string()
}

/// The folder of a scenario's variants.
pub fn variants_folder(scenario: &Path) -> PathBuf {
    scenario.join("variants")
}
