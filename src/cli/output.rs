//! How results are written: as a table, CSV or JSON, to the terminal or to a file.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::{disk, terminal};

/// The width of a table that goes to a file, in characters.
const WIDTH_OF_FILES: usize = 120;

/// How a result is to be written.
#[derive(Args)]
pub struct OutputArguments {
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
pub enum Format {
    /// For reading
    Table,
    /// Every figure in a row: year,figure,subject,party and amounts
    Csv,
    /// For other programs, with the name of its schema
    Json,
}

impl OutputArguments {
    /// The format that is asked for, or none where --format and --out do not agree, which is told.
    pub fn format(&self) -> Option<Format> {
        let Some(path) = &self.out else { return Some(self.format.unwrap_or(Format::Table)) };
        let of_ending = match path.extension().and_then(|ending| ending.to_str()) {
            Some("csv") => Some(Format::Csv),
            Some("json") => Some(Format::Json),
            Some("txt") => Some(Format::Table),
            _ => None,
        };
        let shown = path.display();
        match (self.format, of_ending) {
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

    /// The width of tables, in characters.
    pub fn width(&self) -> usize {
        if self.out.is_some() { WIDTH_OF_FILES } else { terminal::width() }
    }

    /// Whether CSV is written for a Norwegian Excel.
    pub fn is_norwegian(&self) -> bool {
        self.numbers == Numbers::Nb
    }

    /// Writes a result; nothing in these folders is written over. Whether it could be written.
    pub fn write(&self, text: &str, folders: &[PathBuf]) -> bool {
        match &self.out {
            None => {
                terminal::print(text);
                true
            }
            Some(path) => write_out(path, folders, text, "budget"),
        }
    }
}

/// Writes a result to a file; in these folders over nothing but what is called `own`. Whether it was.
pub(super) fn write_out(path: &Path, folders: &[PathBuf], text: &str, own: &str) -> bool {
    let shown = path.display();
    let file_name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let own_folder =
        path.parent().is_some_and(|folder| folders.iter().any(|other| same_folder(folder, other)));
    if own_folder && path.exists() && !file_name.starts_with(own) {
        terminal::tell(&format!(
            "error[output-is-input]: {shown} belongs to the scenario and is not written over\n  help: write to another folder, or let the name begin with {own}\n"
        ));
        return false;
    }
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.is_dir()) {
        terminal::tell(&format!("error[missing-folder]: {}\n", disk::nothing_at("folder ", folder)));
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
