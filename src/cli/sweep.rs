//! `fordel sweep`: many variants of one scenario, and from what to what each party pays in them.

use std::sync::Arc;
use std::time::Instant;

use clap::Args;

use crate::engine::walk::Outcome;
use crate::ground::diagnostic::Diagnostics;
use crate::ground::suggest::did_you_mean;
use crate::model::measure::MeasureIx;
use crate::model::parameter::{self, RUNS_MAX, Way};
use crate::model::party::PartyIx;
use crate::model::years::Year;
use crate::report::sweep_text::SweepReport;
use crate::report::{sweep_csv, sweep_json, sweep_text};
use crate::rules::sandbox::Clock;
use crate::whatif::side::Side;
use crate::whatif::sweep::{Look, Sweep, SweepPlan};

use super::disk::MachineClock;
use super::output::{Format, OutputArguments};
use super::progress::Progress;
use super::subject::{Subject, SubjectArguments};
use super::terminal;

/// How often values are drawn where nothing else is said.
const DRAWS: usize = 1000;
/// What they are drawn by where nothing else is said.
const SEED: u64 = 1;

/// What `fordel sweep` is asked.
#[derive(Args)]
pub struct SweepArguments {
    #[command(flatten)]
    subject: SubjectArguments,
    /// Try values of what --set could set: a list, as in measures.drift.amount.2024=3_500_000,4_000_000, or a range, as
    /// in 'assumptions.equal_part=0.2..0.6 by 0.1'. Given several times, every combination
    #[arg(long, value_name = "PATH=VALUES")]
    over: Vec<String>,
    /// Draw values by lot: 'drivers.inhabitants.Rana.2023=uniform(24_000, 27_000)', triangular(low, most likely, high),
    /// normal(mean, deviation) or choice(value, …); `by 100` after it draws in steps of 100
    #[arg(long, value_name = "PATH=LOT")]
    draw: Vec<String>,
    /// How often to draw; 1000 times without it
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..), requires = "draw")]
    draws: Option<u32>,
    /// Draw other values; the same seed draws the same ones everywhere. 1 without it
    #[arg(long, requires = "draw")]
    seed: Option<u64>,
    /// Look at this party: its id, name or number. May be given several times
    #[arg(long)]
    party: Vec<String>,
    /// Look at the shares of this measure, by id or title. May be given several times
    #[arg(long)]
    measure: Vec<String>,
    /// Look at this year. May be given several times
    #[arg(long)]
    year: Vec<Year>,
    /// Name the runs that gave the quantiles as well
    #[arg(long)]
    all_runs: bool,
    /// Write minimum, quantiles and maximum as CSV, and not every run
    #[arg(long)]
    summary: bool,
    #[command(flatten)]
    output: OutputArguments,
}

/// Sweeps; whether all is well, and any run could be split.
pub fn sweep(arguments: &SweepArguments) -> bool {
    let Some(format) = arguments.output.format() else { return false };
    if arguments.summary && format != Format::Csv {
        terminal::tell("error[summary-of-what]: --summary is for CSV\n  help: add --format csv\n");
        return false;
    }
    let SubjectArguments { scenario, set } = &arguments.subject;
    let Some(subject) = terminal::open_aloud(scenario, set) else { return false };
    let walked = terminal::walk_aloud(&subject);
    let Some(outcome) = &walked.outcome else { return false };
    let look = match look(arguments, outcome) {
        Ok(look) => look,
        Err(fault) => {
            terminal::tell(&format!("error{fault}\n"));
            return false;
        }
    };
    let clock: Arc<dyn Clock> = Arc::new(MachineClock(Instant::now()));
    let base = Side::read(&subject.folder, subject.inputs.clone(), &subject.changes, Arc::clone(&clock));
    let Ok(base) = base else {
        terminal::tell("error[changed-meanwhile]: a file was changed while it was read: try again\n");
        return false;
    };
    write(arguments, &subject, &base, &look, format, &clock)
}

fn write(
    arguments: &SweepArguments,
    subject: &Subject,
    base: &Side<'_>,
    look: &Look,
    format: Format,
    clock: &Arc<dyn Clock>,
) -> bool {
    let over = arguments.over.iter().map(|text| (Way::Over, text.as_str()));
    let typed: Vec<(Way, &str)> =
        over.chain(arguments.draw.iter().map(|text| (Way::Draw, text.as_str()))).collect();
    if typed.is_empty() {
        terminal::tell(
            "error[nothing-to-sweep]: there is nothing to sweep over\n  help: name values with --over 'assumptions.equal_part=0.2..0.6 by 0.1', or a lot with --draw\n",
        );
        return false;
    }
    let (mut inputs, mut found) = (base.inputs.clone(), Diagnostics::default());
    let parameters = parameter::read_all(&typed, &base.file, &mut inputs, &mut found);
    terminal::tell_diagnostics(&found, &inputs);
    if found.has_errors() {
        return false;
    }
    let draws = arguments.draws.map_or(DRAWS, |draws| usize::try_from(draws).unwrap_or(usize::MAX));
    let plan = SweepPlan { parameters: &parameters, draws, seed: arguments.seed.unwrap_or(SEED) };
    let count = match plan.run_count() {
        Ok(count) => count,
        Err(count) => {
            terminal::tell(&format!(
                "error[too-many-runs]: these are {count} runs, and a sweep has at most {RUNS_MAX}\n  help: take larger steps, fewer values or fewer draws\n"
            ));
            return false;
        }
    };
    let progress = Progress::new(count);
    let swept = Sweep::of(base, &plan, look, clock, &|| progress.tick());
    drop(progress);
    let sweep = match swept {
        Ok(sweep) => sweep,
        Err(fault) => {
            terminal::tell(&format!("error[amount-too-large]: a total: {fault}\n"));
            return false;
        }
    };
    let version = subject.version(&base.outcome.scenario.title);
    let of = what_is_looked_at(look, &base.outcome);
    let report =
        SweepReport { version: &version, plan: &plan, sweep: &sweep, of: &of, all_runs: arguments.all_runs };
    let norwegian = arguments.output.is_norwegian();
    let text = match format {
        Format::Table => sweep_text::write(report, arguments.output.width()),
        Format::Csv if arguments.summary => sweep_csv::summary(&plan, &sweep, norwegian),
        Format::Csv => sweep_csv::write(&plan, &sweep, norwegian),
        Format::Json => sweep_json::write(report),
    };
    let written = arguments.output.write(&text, &subject.folders());
    if sweep.refused_count() == count {
        terminal::tell("error[all-refused]: none of the runs could be split\n");
        return false;
    }
    written
}

/// What is looked at, by position.
fn look(arguments: &SweepArguments, outcome: &Outcome) -> Result<Look, String> {
    let (scenario, years) = (&outcome.scenario, outcome.budget.years);
    let party = |written: &String| -> Result<PartyIx, String> {
        let unknown = || {
            format!(
                "[unknown-party]: there is no party `{written}`: {}",
                did_you_mean(written, scenario.parties.ids())
            )
        };
        scenario.parties.find(written).ok_or_else(unknown)
    };
    let measure = |written: &String| -> Result<MeasureIx, String> {
        let own = scenario.measures().find(|(_, own)| own.id == *written || own.title == *written);
        let ids = scenario.measures.iter().map(|own| own.id.as_str());
        let unknown =
            || format!("[unknown-measure]: there is no measure `{written}`: {}", did_you_mean(written, ids));
        own.map(|(index, _)| index).ok_or_else(unknown)
    };
    if let Some(year) = arguments.year.iter().find(|year| !years.contains(**year)) {
        let (first, last) = (years.first(), years.last());
        return Err(format!(
            "[year-outside]: {year} is outside the years of the scenario, {first} to {last}"
        ));
    }
    let mut look = Look {
        parties: arguments.party.iter().map(party).collect::<Result<_, String>>()?,
        measures: arguments.measure.iter().map(measure).collect::<Result<_, String>>()?,
        years: arguments.year.clone(),
    };
    // Who is named twice is looked at once.
    look.parties.sort_unstable();
    look.parties.dedup();
    look.measures.sort_unstable();
    look.measures.dedup();
    look.years.sort_unstable();
    look.years.dedup();
    Ok(look)
}

/// The years, and the measures where they are not all.
fn what_is_looked_at(look: &Look, outcome: &Outcome) -> String {
    let years = outcome.budget.years;
    let mut text = match look.years.as_slice() {
        [] if years.count() > 1 => format!("{}–{} together", years.first(), years.last()),
        [] => years.first().to_string(),
        [year] => year.to_string(),
        several => {
            format!("{} together", several.iter().map(Year::to_string).collect::<Vec<_>>().join(", "))
        }
    };
    let titles = look.measures.iter().map(|measure| outcome.scenario.measures[measure.0].title.as_str());
    let titles = titles.collect::<Vec<_>>().join(", ");
    if !titles.is_empty() {
        text.push_str(&format!(", {titles}"));
    }
    text
}
