//! `fordel watch`: runs a scenario again whenever one of its files is saved, and says what the save did.

use std::sync::Arc;

use clap::Args;

use crate::ground::money::{Money, TooLarge};
use crate::ground::numerals::{integer_norwegian, money_norwegian};
use crate::report::language::Language;
use crate::report::{alteration_text, difference_text};
use crate::whatif::difference::Difference;

use super::draft::{Draft, Good, Run};
use super::subject::SubjectArguments;
use super::terminal;
use super::watching::Watching;

/// Results with more shares are compared by what each party pays in all.
pub const SHARES_COMPARED_MAX: usize = 2_000_000;

/// How many published figures that are not met are shown.
const FAILURES_SHOWN_MAX: usize = 5;

/// What `fordel watch` is asked.
#[derive(Args)]
pub struct WatchArguments {
    #[command(flatten)]
    subject: SubjectArguments,
    /// Look at the files now and then instead of waiting for the system to tell: for network and cloud folders
    #[arg(long)]
    poll: bool,
}

/// Watches until it is stopped; whether there is anything to watch.
pub fn watch(arguments: &WatchArguments) -> bool {
    let Some(draft) = Draft::open_aloud(&arguments.subject) else { return false };
    let mut watching = Watching::new(arguments.poll);
    let mut stands: Option<Arc<Good>> = None;
    let mut is_first = true;
    loop {
        let run = draft.run();
        watching.follow(run.asked.looks());
        tell(&run, stands.as_deref());
        if let Some(why) = watching.why_polling() {
            terminal::tell(&format!("looking at the files every half second: {why}\n"));
        }
        if is_first {
            let files = run.asked.looks().values().filter(|look| look.is_there()).count();
            terminal::tell(&format!("watching {files} files; Ctrl-C ends\n"));
            is_first = false;
        }
        stands = run.good.or(stands);
        watching.wait(None);
    }
}

/// Says what a run gave, and what is different since the one that stands.
fn tell(run: &Run, stands: Option<&Good>) {
    let line = status(run, stands);
    terminal::print(&format!("{line}\n"));
    terminal::tell_diagnostics(&run.found, &run.inputs);
    let Some(good) = run.good.as_deref() else { return };
    let failures = |good: &Good| good.verdict.as_ref().map(|verdict| verdict.failures.clone());
    if stands.is_none_or(|stands| failures(stands) != failures(good)) {
        let failures = failures(good).unwrap_or_default();
        for failure in failures.iter().take(FAILURES_SHOWN_MAX) {
            terminal::print(&format!("  {}\n", failure.trim_end()));
        }
        if failures.len() > FAILURES_SHOWN_MAX {
            let more = failures.len() - FAILURES_SHOWN_MAX;
            terminal::print(&format!("  and {more} more; fordel test shows all\n"));
        }
    }
    let Some(stands) = stands.filter(|stands| stands.seals != good.seals) else { return };
    match changes(stands, good, terminal::width()) {
        Ok(text) => terminal::print(&text),
        Err(fault) => terminal::tell(&format!("error[amount-too-large]: a sum: {fault}\n")),
    }
}

/// A run in a line.
pub fn status(run: &Run, stands: Option<&Good>) -> String {
    let Run { time, milliseconds, found, .. } = run;
    let errors = match found.error_count() {
        1 => "1 error".to_owned(),
        count => format!("{count} errors"),
    };
    let Some(good) = &run.good else {
        let stands = match stands {
            Some(stands) => format!("the result of {} stands", stands.time),
            None => "there is no result yet".to_owned(),
        };
        return format!("[{time}] FAULTY {milliseconds} ms · {errors} · {stands}");
    };
    let mut parts = vec![format!("[{time}] ok {milliseconds} ms"), errors];
    if let Ok(total) = total(good) {
        parts.push(format!("Σ {}", money_norwegian(total)));
    }
    parts.push(format!("{} checks ✓", integer_norwegian(&good.outcome.proof.check_count().into())));
    if let Some(verdict) = &good.verdict {
        let mark = if verdict.passes() { "✓" } else { "✗" };
        parts.push(format!("{} of {} published figures {mark}", verdict.passed, verdict.figures));
    }
    if let Some(stands) = stands.filter(|stands| stands.seals == good.seals) {
        parts.push(format!("nothing changed since {}", stands.time));
    }
    parts.join(" · ")
}

fn total(good: &Good) -> Result<Money, TooLarge> {
    let mut sum = Money::ZERO;
    for walked in &good.outcome.budget.billed {
        sum = sum.plus(walked.total()?)?;
    }
    Ok(sum)
}

/// What was written otherwise, and what that does.
fn changes(before: &Good, after: &Good, width: usize) -> Result<String, TooLarge> {
    let mut text = alteration_text::write(&after.alterations_since(before), width, Language::English);
    let is_large = before.share_count().max(after.share_count()) > SHARES_COMPARED_MAX;
    let difference = match is_large {
        true => Difference::of_totals(&before.outcome, &after.outcome, None)?,
        false => Difference::of_budgets(&before.outcome, &after.outcome, None)?,
    };
    text.push_str(&difference_text::what_it_does(&difference, width)?);
    text.push('\n');
    Ok(text)
}
