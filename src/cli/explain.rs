//! `fordel explain`: the certificate of a share.

use clap::Args;

use crate::engine::certificate::certificate;
use crate::engine::walk::Outcome;
use crate::ground::source::Sources;
use crate::ground::suggest::did_you_mean;
use crate::model::measure::MeasureIx;
use crate::model::party::PartyIx;
use crate::report::{certificate_text, payable_text};

use super::subject::SubjectArguments;
use super::terminal;

/// What `fordel explain` is asked.
#[derive(Args)]
pub struct ExplainArguments {
    #[command(flatten)]
    subject: SubjectArguments,
    /// Whose share: the id, name or number of a party
    #[arg(long)]
    party: String,
    /// Of which measure, by id or title; all of them without it
    #[arg(long)]
    measure: Option<String>,
    /// In which year; all of them without it
    #[arg(long)]
    year: Option<i32>,
}

/// Explains shares; whether there was anything to explain.
pub fn explain(arguments: &ExplainArguments) -> bool {
    let asked = &arguments.subject;
    let Some(subject) = terminal::open_aloud(&asked.scenario, &asked.set) else { return false };
    let walked = terminal::walk_aloud(&subject);
    let Some(outcome) = &walked.outcome else { return false };
    match certificates(arguments, outcome, &walked.inputs.sources) {
        Ok(text) => {
            terminal::print(&text);
            true
        }
        Err(fault) => {
            terminal::tell(&format!("error{fault}\n"));
            false
        }
    }
}

fn certificates(
    arguments: &ExplainArguments,
    outcome: &Outcome,
    sources: &Sources,
) -> Result<String, String> {
    let scenario = &outcome.scenario;
    let party = party(&arguments.party, outcome)?;
    let only = arguments.measure.as_ref().map(|id| measure(id, outcome)).transpose()?;
    if let Some(year) = arguments.year.filter(|year| !scenario.years.contains(*year)) {
        let (first, last) = (scenario.years.first(), scenario.years.last());
        return Err(format!(
            "[year-outside]: {year} is outside the years of this scenario, {first} to {last}"
        ));
    }
    let mut texts = Vec::new();
    for (year_index, walked) in outcome.budget.billed.iter().enumerate() {
        if arguments.year.is_some_and(|year| year != walked.year) {
            continue;
        }
        for (index, _) in scenario.measures().filter(|(index, _)| only.is_none_or(|only| only == *index)) {
            let takes_part = scenario.participants(index, walked.year).contains(&party);
            let buys_in = walked.buy_ins.get(&index).is_some_and(|buy_in| !buy_in.amounts[party.0].is_zero());
            if !takes_part && !buys_in && walked.share(index, party).is_zero() {
                continue;
            }
            let certificate = certificate(scenario, &outcome.plan, &outcome.budget, year_index, index, party)
                .map_err(|fault| format!("[amount-too-large]: {fault:?}"))?;
            texts.extend(
                certificate.map(|certificate| certificate_text::write(&certificate, outcome, sources)),
            );
        }
        if only.is_none() {
            let in_all = payable_text::write(outcome, sources, year_index, party);
            texts.extend(in_all.map_err(|fault| format!("[amount-too-large]: {fault}"))?);
        }
    }
    if let Some(index) = only.filter(|index| scenario.measures[index.0].key().is_none()) {
        let id = &scenario.measures[index.0].id;
        return Err(format!(
            "[nothing-to-explain]: `{id}` is paid by other measures and not by parties: explain those"
        ));
    }
    if texts.is_empty() {
        let entry = scenario.parties.get(party);
        let years = match (entry.period.since, entry.period.until) {
            (_, Some(until)) => format!(" (it is a party until {until})"),
            (Some(since), None) => format!(" (it is a party since {since})"),
            (None, None) => String::new(),
        };
        return Err(format!(
            "[nothing-to-explain]: {} takes no part in what was asked for{years}",
            entry.name
        ));
    }
    Ok(texts.join("\n"))
}

fn party(written: &str, outcome: &Outcome) -> Result<PartyIx, String> {
    let parties = &outcome.scenario.parties;
    let unknown = || {
        format!("[unknown-party]: there is no party `{written}`: {}", did_you_mean(written, parties.ids()))
    };
    crate::model::table::clean(written).and_then(|name| parties.find(&name)).ok_or_else(unknown)
}

fn measure(written: &str, outcome: &Outcome) -> Result<MeasureIx, String> {
    let measures = &outcome.scenario.measures;
    let known = || measures.iter().map(|measure| measure.id.as_str());
    let unknown =
        || format!("[unknown-measure]: there is no measure `{written}`: {}", did_you_mean(written, known()));
    let by_title = || {
        let mut titled = measures.iter().enumerate().filter(|(_, measure)| measure.title == written);
        let (index, _) = titled.next()?;
        titled.next().is_none().then_some(index)
    };
    known().position(|id| id == written).or_else(by_title).map(MeasureIx).ok_or_else(unknown)
}
