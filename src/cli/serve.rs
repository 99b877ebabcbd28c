//! `fordel serve`: what `fordel watch` does, with a page in the browser.

use std::sync::Arc;
use std::time::Duration;

use clap::Args;

use crate::web::board::Board;
use crate::web::server;

use super::draft::{Draft, Run};
use super::subject::SubjectArguments;
use super::watching::Watching;
use super::{terminal, watch};

/// The port that is served where none is asked for.
const PORT: u16 = 4280;
/// How often it is looked whether other files have to be followed.
const FOLLOW_EVERY: Duration = Duration::from_millis(300);

/// What `fordel serve` is asked.
#[derive(Args)]
pub struct ServeArguments {
    #[command(flatten)]
    subject: SubjectArguments,
    /// The port on this machine; 0 for any that is free
    #[arg(long, default_value_t = PORT)]
    port: u16,
    /// Open the page in the browser
    #[arg(long)]
    open: bool,
    /// Let the page save variants, in the folder variants of the scenario
    #[arg(long)]
    write: bool,
    /// Look at the files now and then instead of waiting for the system to tell: for network and cloud folders
    #[arg(long)]
    poll: bool,
}

/// Serves until it is stopped; whether it could.
pub fn serve(arguments: &ServeArguments) -> bool {
    let Some(draft) = Draft::open_aloud(&arguments.subject) else { return false };
    let token = match token(arguments.write) {
        Ok(token) => token,
        Err(fault) => return could_not(&format!("no token could be made: {fault}"), ""),
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime,
        Err(fault) => return could_not(&format!("the server could not be started: {fault}"), ""),
    };
    let (listener, port) = match runtime.block_on(server::open(arguments.port)) {
        Ok(opened) => opened,
        Err(fault) => {
            let help = "another program may use it; choose another one, or any that is free with --port 0";
            return could_not(&format!("port {} could not be opened: {fault}", arguments.port), help);
        }
    };
    let board = Arc::new(Board::new(draft, token));
    let address = format!("http://127.0.0.1:{port}/");
    let (own, poll) = (Arc::clone(&board), arguments.poll);
    let announced = address.clone();
    // It ends with the process.
    std::thread::spawn(move || keep_up(&own, poll, &announced));
    runtime.spawn(server::serve(listener, port, board));
    if arguments.open
        && let Err(fault) = open::that_detached(&address)
    {
        terminal::tell(&format!("no browser could be opened ({fault}); open {address} yourself\n"));
    }
    let ended = runtime.block_on(tokio::signal::ctrl_c());
    runtime.shutdown_background();
    terminal::tell("\nended\n");
    ended.is_ok()
}

/// Runs the draft again and again, and publishes what it gives.
fn keep_up(board: &Board, poll: bool, address: &str) {
    let mut watching = Watching::new(poll);
    let mut stands = None;
    loop {
        let run: Arc<Run> = board.publish(board.draft.run(), watching.is_polling());
        let mut followed = board.looks();
        watching.follow(followed.clone());
        terminal::print(&format!("{}\n", watch::status(&run, stands.as_deref())));
        terminal::tell_diagnostics(&run.found, &run.inputs);
        if let Some(why) = watching.why_polling() {
            terminal::tell(&format!("looking at the files every half second: {why}\n"));
        }
        if stands.is_none() {
            terminal::tell(&format!("the page is at {address}; Ctrl-C ends\n"));
        }
        stands = run.good.clone().or(stands);
        // What the page asks for besides may be of other files.
        while !watching.wait(Some(FOLLOW_EVERY)) {
            let wanted = board.looks();
            if wanted != followed {
                followed.clone_from(&wanted);
                watching.follow(wanted);
            }
        }
    }
}

/// What has to be sent to save something, where that is allowed.
fn token(is_wanted: bool) -> Result<Option<String>, getrandom::Error> {
    if !is_wanted {
        return Ok(None);
    }
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes)?;
    Ok(Some(bytes.iter().map(|byte| format!("{byte:02x}")).collect()))
}

fn could_not(why: &str, help: &str) -> bool {
    let help = if help.is_empty() { String::new() } else { format!("  help: {help}\n") };
    terminal::tell(&format!("error[cannot-serve]: {why}\n{help}"));
    false
}
