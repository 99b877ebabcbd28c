//! `fordel explain`: the certificate of a share.

use std::path::PathBuf;

use clap::Args;

/// What `fordel explain` is asked.
#[derive(Args)]
pub struct ExplainArguments {
    /// A folder with a scenario.ron
    scenario: PathBuf,
    /// Whose share
    #[arg(long)]
    party: String,
    /// Of which measure; all of them without it
    #[arg(long)]
    measure: Option<String>,
    /// In which year; all of them without it
    #[arg(long)]
    year: Option<i32>,
}

/// Explains shares; whether there was anything to explain.
pub fn explain(_arguments: &ExplainArguments) -> bool {
    false
}
