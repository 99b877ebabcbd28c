//! `fordel run`: the reconciled budget of a scenario.

use clap::Args;

use crate::engine::walk::Outcome;
use crate::ground::money::TooLarge;
use crate::report::figures::Figures;
use crate::report::variant_text::{self, Changed};
use crate::report::{budget_text, json, long_csv};

use super::output::{Format, OutputArguments};
use super::subject::SubjectArguments;
use super::terminal;

/// What `fordel run` is asked.
#[derive(Args)]
pub struct RunArguments {
    #[command(flatten)]
    subject: SubjectArguments,
    #[command(flatten)]
    output: OutputArguments,
}

/// Runs a scenario; whether all is well.
pub fn run(arguments: &RunArguments) -> bool {
    let output = &arguments.output;
    let Some(format) = output.format() else { return false };
    let asked = &arguments.subject;
    let Some(subject) = terminal::open_aloud(&asked.scenario, &asked.set) else { return false };
    let walked = terminal::walk_aloud(&subject);
    let Some(outcome) = &walked.outcome else { return false };
    let seals = walked.inputs.seals();
    let changed = subject.changed(outcome);
    let text = match write(outcome, changed.as_ref(), format, output, &seals) {
        Ok(text) => text,
        Err(fault) => {
            terminal::tell(&format!("error[amount-too-large]: a total: {fault}\n"));
            return false;
        }
    };
    let written = output.write(&text, &subject.folders());
    if !outcome.proof.holds() {
        terminal::tell(&budget_text::reconciliation(&outcome.proof));
        terminal::tell(
            "error[books-do-not-close]: the budget does not reconcile; this is a fault of fordel\n",
        );
    }
    written && outcome.proof.holds()
}

fn write(
    outcome: &Outcome,
    changed: Option<&Changed>,
    format: Format,
    output: &OutputArguments,
    seals: &(String, String),
) -> Result<String, TooLarge> {
    match format {
        Format::Table => {
            let width = output.width();
            let heading = changed.map_or_else(String::new, |changed| variant_text::write(changed, width));
            budget_text::write(outcome, &heading, seals, width)
        }
        Format::Csv => Ok(long_csv::write(&Figures::of(outcome)?, output.is_norwegian())),
        Format::Json => Ok(json::write(outcome, changed, &Figures::of(outcome)?, seals)),
    }
}
