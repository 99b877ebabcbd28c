//! Floor 6: the command line. The only floor with disk, clock, terminal and exit codes; one command, one
//! file.

#![allow(clippy::disallowed_methods, reason = "this is the floor that touches disk and clock")]

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::rules::threads;

pub mod asked;
pub mod check;
pub mod diff;
pub mod disk;
pub mod draft;
pub mod explain;
pub mod output;
pub mod progress;
pub mod rules;
pub mod run;
pub mod serve;
pub mod subject;
pub mod sweep;
pub mod terminal;
pub mod test;
pub mod watch;
pub mod watching;
pub mod why;

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
    #[command(
        after_help = "Example: fordel run scenarios/helgeland-2024 --format csv --out budget.csv\nExample: fordel run scenarios/helgeland-2024/variants/alternative-2.ron\nExample: fordel run scenarios/helgeland-2024 --set measures.drift.amount.2024=4_000_000"
    )]
    Run(run::RunArguments),
    /// Look for faults in scenarios, all at once, without a report
    #[command(after_help = "Example: fordel check scenarios/helgeland-2024 scenarios/salten-2019-2021")]
    Check {
        /// Folders with a scenario.ron, or variant files
        #[arg(required = true, value_name = "SCENARIO")]
        scenarios: Vec<PathBuf>,
        /// Change something for this once, as in measures.drift.amount.2024=4_000_000
        #[arg(long, value_name = "PATH=VALUE")]
        set: Vec<String>,
    },
    /// Compare scenarios and variants with their published figures (expected.csv, or beside variant.ron
    /// variant.expected.csv)
    #[command(after_help = "Example: fordel test scenarios")]
    Test {
        /// Folders with scenarios in them, at any depth, or variant files
        #[arg(default_value = "scenarios", value_name = "DIR")]
        folders: Vec<PathBuf>,
    },
    /// Say why a figure is what it is, down to the last øre: a share, a draw, a grant, a settlement, any other
    #[command(
        after_help = "Example: fordel explain scenarios/helgeland-2024 --party Rana --measure drift --year 2024"
    )]
    Explain(explain::ExplainArguments),
    /// Say what is changed between two scenarios, variants or years, and what that does to each party
    #[command(
        after_help = "Example: fordel diff scenarios/helgeland-2024/variants/alternative-2.ron\nExample: fordel diff scenarios/helgeland-2024/variants/alternative-2.ron --why --party Rana\nExample: fordel diff scenarios/fosen-buy-in --years 2013,2015"
    )]
    Diff(diff::DiffArguments),
    /// Try many values of something, listed or drawn by lot: what each party pays at least, at most and between
    #[command(
        after_help = "Example: fordel sweep scenarios/helgeland-2024 --over measures.drift.amount.2024=3_500_000,4_500_000\nExample: fordel sweep scenarios/helgeland-2024 --draw 'measures.drift.scale=uniform(0.9,1.1)'"
    )]
    Sweep(sweep::SweepArguments),
    /// List the rules of a scenario with their documentation and the measures that use them
    #[command(after_help = "Example: fordel rules scenarios/helgeland-2024")]
    Rules(subject::SubjectArguments),
    /// Run a scenario again whenever one of its files is saved, and say what the save did
    #[command(after_help = "Example: fordel watch scenarios/helgeland-2024")]
    Watch(watch::WatchArguments),
    /// Watch a scenario with a page in the browser, on this machine alone
    #[command(after_help = "Example: fordel serve scenarios/helgeland-2024 --open")]
    Serve(serve::ServeArguments),
}

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    terminal::say_sorry_on_panic();
    // What waits for hours asks for a large stack when it runs something, and keeps it no longer.
    let waits = matches!(arguments.command, Command::Watch(_) | Command::Serve(_));
    let work = || obey(arguments.command);
    let fine = if waits { work() } else { threads::on_a_large_stack(work) };
    if fine { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Carries out a command; whether all is well.
fn obey(command: Command) -> bool {
    match command {
        Command::Run(arguments) => run::run(&arguments),
        Command::Check { scenarios, set } => check::check(&scenarios, &set),
        Command::Test { folders } => test::test(&folders),
        Command::Explain(arguments) => explain::explain(&arguments),
        Command::Diff(arguments) => diff::diff(&arguments),
        Command::Sweep(arguments) => sweep::sweep(&arguments),
        Command::Rules(arguments) => rules::rules(&arguments),
        Command::Watch(arguments) => watch::watch(&arguments),
        Command::Serve(arguments) => serve::serve(&arguments),
    }
}
