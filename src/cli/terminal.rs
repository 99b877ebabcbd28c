//! The terminal: width, colour, and streams that end quietly when nobody reads them.

use std::io::{self, IsTerminal, Write};
use std::path::Path;

use crate::engine::walk::Walk;
use crate::ground::diagnostic::Diagnostics;
use crate::model::inputs::Inputs;
use crate::report::diagnostic_text;

use super::subject::{Absence, Subject};

/// The width of a result that goes to a file or another program, in characters.
const WIDTH_ELSEWHERE: usize = 120;

/// Narrower terminals wrap; a table needs some room.
const WIDTH_MIN: usize = 40;

/// The width of the terminal, or a fixed one where there is none.
pub fn width() -> usize {
    let columns = || std::env::var("COLUMNS").ok().and_then(|columns| columns.parse::<usize>().ok());
    let size = io::stdout().is_terminal().then(terminal_size::terminal_size).flatten();
    let width = size.map(|(width, _)| usize::from(width.0)).or_else(columns);
    width.map_or(WIDTH_ELSEWHERE, |width| width.max(WIDTH_MIN))
}

/// Prints a result.
pub fn print(text: &str) {
    write_quietly(&mut io::stdout().lock(), text);
}

/// Prints what is not a result.
pub fn tell(text: &str) {
    write_quietly(&mut io::stderr().lock(), text);
}

/// Opens what a command is about, or says why there is nothing.
pub fn open_aloud(scenario: &Path, set: &[String]) -> Option<Subject> {
    match Subject::open(scenario, set) {
        Ok(subject) => Some(subject),
        Err(Absence::Nothing(absence)) => {
            tell(&format!("error[missing-scenario]: {absence}\n"));
            None
        }
        Err(Absence::Faults(found, inputs)) => {
            tell_diagnostics(&found, &inputs);
            None
        }
    }
}

/// Walks what a command is about and prints its faults and notices, and how many faults there are.
pub fn walk_aloud(subject: &Subject) -> Walk {
    let walked = subject.walk();
    tell_diagnostics(&walked.diagnostics, &walked.inputs);
    walked
}

/// Prints faults and notices, and how many faults there are.
pub fn tell_diagnostics(found: &Diagnostics, inputs: &Inputs) {
    tell(&diagnostic_text::write(found, &inputs.sources, colour()));
    match found.error_count() {
        0 => {}
        1 => tell("1 error\n"),
        count => tell(&format!("{count} errors\n")),
    }
}

/// A panic is a fault of the program: says so in one sentence and leaves with its own exit code.
pub fn say_sorry_on_panic() {
    let default = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        default(panic);
        tell(
            "\nfordel stopped because of a fault of its own; nothing was written. Please report the lines above.\n",
        );
        std::process::exit(70);
    }));
}

/// Whether messages are coloured.
pub fn colour() -> bool {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    io::stderr().is_terminal() && !set("NO_COLOR") && !dumb
}

/// A reader that went away (`| head`) is no fault; a full disk is.
fn write_quietly(stream: &mut dyn Write, text: &str) {
    let written = stream.write_all(text.as_bytes()).and_then(|()| stream.flush());
    if let Err(fault) = written
        && fault.kind() != io::ErrorKind::BrokenPipe
    {
        let _ = writeln!(io::stderr(), "error[cannot-write]: the result could not be written: {fault}");
        std::process::exit(1);
    }
}
