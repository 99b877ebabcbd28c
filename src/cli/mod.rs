//! Floor 6: the command line. The only floor with disk, clock, terminal and exit codes; one command, one
//! file.

#![allow(clippy::disallowed_methods, reason = "this is the floor that touches disk and clock")]

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

pub mod check;
pub mod disk;
pub mod explain;
pub mod rules;
pub mod run;
pub mod terminal;
pub mod test;

/// Splits shared costs and grants between municipalities by rules written as text: exactly, over many
/// years, with proof.
#[derive(Parser)]
#[command(
    name = "fordel",
    version,
    max_term_width = 100,
    after_help = "Exit codes: 0 fine; 1 the input is wrong, a test fails or the books do not close; 2 the command line is wrong.\nResults go to stdout, everything else to stderr."
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Split the costs of a scenario: the matrix of measures and parties, ledgers, reconciliation
    #[command(after_help = "Example: fordel run scenarios/helgeland-2024 --format csv --out budget.csv")]
    Run(run::RunArguments),
    /// Look for faults in scenarios, all at once, without a report
    #[command(after_help = "Example: fordel check scenarios/helgeland-2024 scenarios/salten-2019-2021")]
    Check {
        /// Folders with a scenario.ron
        #[arg(required = true, value_name = "SCENARIO")]
        scenarios: Vec<PathBuf>,
    },
    /// Compare scenarios with their published figures (expected.csv)
    #[command(after_help = "Example: fordel test scenarios")]
    Test {
        /// Folders with scenarios in them, at any depth
        #[arg(default_value = "scenarios", value_name = "DIR")]
        folders: Vec<PathBuf>,
    },
    /// Say why a figure is what it is, down to the last øre: a share, a draw, a grant, a settlement, any other
    #[command(
        after_help = "Example: fordel explain scenarios/helgeland-2024 --party Rana --measure drift --year 2024"
    )]
    Explain(explain::ExplainArguments),
    /// List the rules of a scenario with their documentation and the measures that use them
    #[command(after_help = "Example: fordel rules scenarios/helgeland-2024")]
    Rules {
        /// A folder with a scenario.ron
        scenario: PathBuf,
    },
}

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    terminal::say_sorry_on_panic();
    let fine = match arguments.command {
        Command::Run(arguments) => run::run(&arguments),
        Command::Check { scenarios } => check::check(&scenarios),
        Command::Test { folders } => test::test(&folders),
        Command::Explain(arguments) => explain::explain(&arguments),
        Command::Rules { scenario } => rules::rules(&scenario),
    };
    if fine { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
