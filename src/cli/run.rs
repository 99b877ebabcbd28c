//! `fordel run`: the reconciled budget of a scenario.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use crate::engine::walk::Outcome;
use crate::ground::money::TooLarge;
use crate::report::figures::Figures;
use crate::report::{budget_text, json, long_csv};

use super::disk::{self, ScenarioFolder};
use super::terminal;

/// What `fordel run` is asked.
#[derive(Args)]
pub struct RunArguments {
    /// A folder with a scenario.ron
    scenario: PathBuf,
    /// How to write the result; without it the ending of --out decides, else a table
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// Write to this file (.csv, .json or .txt) instead of the terminal
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// How numbers are written in CSV
    #[arg(long, value_enum, default_value = "plain")]
    numbers: Numbers,
}

/// How numbers are written in CSV.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Numbers {
    /// Decimal point, commas between cells: for programs
    Plain,
    /// Decimal comma, semicolons between cells: for a Norwegian Excel
    Nb,
}

/// How a result is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For reading
    Table,
    /// Every figure in a row: year,figure,subject,party,amount
    Csv,
    /// For other programs, schema fordel.run/1
    Json,
}

/// Runs a scenario; whether all is well.
pub fn run(arguments: &RunArguments) -> bool {
    let Some(format) = format_of(arguments) else { return false };
    let Some(walked) = terminal::walk_aloud(&ScenarioFolder::new(&arguments.scenario)) else { return false };
    let Some(outcome) = &walked.outcome else { return false };
    let seals = walked.inputs.seals();
    let width = if arguments.out.is_some() { 120 } else { terminal::width() };
    let text = match write(outcome, format, arguments.numbers, &seals, width) {
        Ok(text) => text,
        Err(fault) => {
            terminal::tell(&format!("error[amount-too-large]: a total: {fault}\n"));
            return false;
        }
    };
    let written = match &arguments.out {
        None => {
            terminal::print(&text);
            true
        }
        Some(path) => write_out(path, &arguments.scenario, &text, "budget"),
    };
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
    format: Format,
    numbers: Numbers,
    seals: &(String, String),
    width: usize,
) -> Result<String, TooLarge> {
    match format {
        Format::Table => budget_text::write(outcome, seals, width),
        Format::Csv => Ok(long_csv::write(&Figures::of(outcome)?, numbers == Numbers::Nb)),
        Format::Json => Ok(json::write(outcome, &Figures::of(outcome)?, seals)),
    }
}

fn format_of(arguments: &RunArguments) -> Option<Format> {
    let Some(path) = &arguments.out else { return Some(arguments.format.unwrap_or(Format::Table)) };
    let of_ending = match path.extension().and_then(|ending| ending.to_str()) {
        Some("csv") => Some(Format::Csv),
        Some("json") => Some(Format::Json),
        Some("txt") => Some(Format::Table),
        _ => None,
    };
    let shown = path.display();
    match (arguments.format, of_ending) {
        (Some(format), Some(ending)) if format != ending => {
            terminal::tell(&format!(
                "error[two-formats]: the ending of {shown} says another format than --format\n"
            ));
            None
        }
        (None, None) => {
            let help = "end it in .csv, .json or .txt, or add --format";
            terminal::tell(&format!(
                "error[unknown-format]: the ending of {shown} says no format\n  help: {help}\n"
            ));
            None
        }
        (format, ending) => format.or(ending),
    }
}

/// Writes a result to a file; in the scenario's own folder over nothing but what is called `own`. Whether it was.
pub fn write_out(path: &Path, scenario: &Path, text: &str, own: &str) -> bool {
    let shown = path.display();
    let file_name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let own_folder = path.parent().is_some_and(|folder| same_folder(folder, scenario));
    if own_folder && path.exists() && !file_name.starts_with(own) {
        terminal::tell(&format!(
            "error[output-is-input]: {shown} belongs to the scenario and is not written over\n  help: write to another folder, or let the name begin with {own}\n"
        ));
        return false;
    }
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.is_dir()) {
        terminal::tell(&format!("error[missing-folder]: there is no folder {}\n", folder.display()));
        return false;
    }
    match disk::write_whole(path, text) {
        Ok(()) => {
            terminal::tell(&format!("wrote {shown}\n"));
            true
        }
        Err(fault) => {
            terminal::tell(&format!(
                "error[cannot-write]: {shown} could not be written: {fault}\n  help: is it open in another program?\n"
            ));
            false
        }
    }
}

fn same_folder(a: &Path, b: &Path) -> bool {
    let real = |path: &Path| path.canonicalize().ok();
    real(a).is_some() && real(a) == real(b)
}
