//! The command `fordel`.

use std::process::ExitCode;

fn main() -> ExitCode {
    fordel::cli::main()
}
