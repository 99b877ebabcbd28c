//! `fordel diff`: what is changed between two scenarios or years, and what that does to each party.

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::Args;

use crate::engine::walk::{Outcome, Walk};
use crate::ground::money::TooLarge;
use crate::ground::suggest::did_you_mean;
use crate::model::years::Year;
use crate::report::difference_text::{Comparison, Version};
use crate::report::{attribution_data, attribution_text, difference_csv, difference_json, difference_text};
use crate::whatif::alteration::{Alteration, of_parameters, of_rules, of_scenarios, of_years};
use crate::whatif::difference::{Difference, Subject as Compared};
use crate::whatif::narrow::Narrow;

use super::output::{Format, OutputArguments};
use super::subject::Subject;
use super::terminal;
use super::why::{self, WhyArguments};

/// What `fordel diff` is asked.
#[derive(Args)]
pub struct DiffArguments {
    /// A folder with a scenario.ron, or a variant file
    before: PathBuf,
    /// What it is compared with. Without it, a variant is compared with its base, and a scenario with what --set
    /// makes of it
    after: Option<PathBuf>,
    /// Compare two years of one scenario, as in 2024,2025
    #[arg(long, value_name = "YEAR,YEAR", value_delimiter = ',', conflicts_with = "after")]
    years: Vec<Year>,
    /// Change something in what comes after, as in measures.drift.amount.2024=4_000_000
    #[arg(long, value_name = "PATH=VALUE")]
    set: Vec<String>,
    /// Look at this party: its id, name or number. Others are added up. May be given several times
    #[arg(long)]
    party: Vec<String>,
    /// Look at this measure, by id or title. Others are added up. May be given several times
    #[arg(long)]
    measure: Vec<String>,
    /// Look at this year. Others are added up. May be given several times
    #[arg(long)]
    year: Vec<Year>,
    /// Give changes per unit of this driver; per inhabitant without it
    #[arg(long, value_name = "DRIVER")]
    per: Option<String>,
    #[command(flatten)]
    why: WhyArguments,
    /// Leave with exit code 1 if any figure differs
    #[arg(long)]
    exit_code: bool,
    #[command(flatten)]
    output: OutputArguments,
}

const TWO_YEARS: &str = "[two-years]: --years takes two years, as in --years 2024,2025";

/// What is compared: two walks, or one with two of its years.
struct Sides {
    before: (Subject, Walk),
    after: Option<(Subject, Walk)>,
}

/// Compares; whether all is well, and nothing differs where that is asked.
pub fn diff(arguments: &DiffArguments) -> bool {
    let Some(format) = arguments.output.format() else { return false };
    let Some(sides) = sides(arguments) else { return false };
    match compare(arguments, &sides, format) {
        Ok((text, differs)) => {
            let subjects = std::iter::once(&sides.before).chain(&sides.after);
            let folders: Vec<PathBuf> = subjects.flat_map(|(subject, _)| subject.folders()).collect();
            arguments.output.write(&text, &folders) && !(differs && arguments.exit_code)
        }
        Err(fault) => {
            terminal::tell(&format!("error{fault}\n"));
            false
        }
    }
}

/// Opens and walks what is to be compared; what is wrong is told.
fn sides(arguments: &DiffArguments) -> Option<Sides> {
    let DiffArguments { before, after, years, set, .. } = arguments;
    let walked = |subject: Subject| {
        let walk = terminal::walk_aloud(&subject);
        walk.outcome.is_some().then_some((subject, walk))
    };
    if !years.is_empty() {
        return Some(Sides { before: walked(terminal::open_aloud(before, set)?)?, after: None });
    }
    let first = terminal::open_aloud(before, &[])?;
    let (first, second) = match after {
        Some(after) => (first, terminal::open_aloud(after, set)?),
        None if !set.is_empty() => (first, terminal::open_aloud(before, set)?),
        None => match first.base() {
            Some(base) => (terminal::open_aloud(&base, &[])?, first),
            None => {
                terminal::tell(
                    "error[nothing-to-compare]: one scenario alone has no difference\n  help: name a second scenario or a variant, or two years with --years, or a change with --set\n",
                );
                return None;
            }
        },
    };
    let before = walked(first);
    let after = walked(second);
    Some(Sides { before: before?, after: Some(after?) })
}

/// The text of a comparison, and whether any figure differs.
fn compare(arguments: &DiffArguments, sides: &Sides, format: Format) -> Result<(String, bool), String> {
    let (old, new) = outcomes(sides).ok_or("[nothing-to-compare]: nothing was walked")?;
    if let Some(per) = &arguments.per {
        let drivers = [old, new].into_iter().flat_map(|own| own.scenario.drivers.iter());
        let ids: BTreeSet<&str> = drivers.map(|own| own.id.as_str()).collect();
        if !ids.contains(per.as_str()) {
            return Err(format!("[unknown-driver]: there is no driver `{per}`: {}", did_you_mean(per, ids)));
        }
    }
    let (difference, alterations, before, after) = difference(arguments, sides, old, new)?;
    let narrow = narrow(arguments, &difference, old, new)?;
    let narrowed = difference.narrowed(&narrow).map_err(too_large)?;
    let comparison =
        Comparison { before: &before, after: &after, alterations: &alterations, difference: &narrowed };
    if arguments.why.why {
        return Ok((why(arguments, sides, comparison, &narrow, format)?, difference.is_any()));
    }
    let text = match format {
        Format::Table => difference_text::write(comparison, arguments.output.width()),
        Format::Csv => difference_csv::write(&narrowed, arguments.output.is_norwegian()),
        Format::Json => difference_json::write(comparison),
    };
    Ok((text.map_err(too_large)?, difference.is_any()))
}

/// What each kind of change did, after what was changed.
fn why(
    arguments: &DiffArguments,
    sides: &Sides,
    comparison: Comparison<'_>,
    narrow: &Narrow,
    format: Format,
) -> Result<String, String> {
    let order = arguments.why.order()?;
    let (before, order) = (&sides.before.0, order.as_deref());
    let attribution = match (&sides.after, &arguments.years[..]) {
        (Some((after, _)), _) => why::between(before, after, order)?,
        (None, [first, second]) => why::between_years(before, [*first, *second], order)?,
        (None, _) => return Err(TWO_YEARS.to_owned()),
    };
    let attribution = attribution.narrowed(narrow).map_err(too_large)?;
    let width = arguments.output.width();
    match format {
        Format::Table => {
            let reasons = attribution_text::write(&attribution, order, width).map_err(too_large)?;
            Ok(format!("{}{reasons}", difference_text::what_was_changed(comparison, width)))
        }
        Format::Csv => Ok(attribution_data::csv(&attribution, arguments.output.is_norwegian())),
        Format::Json => attribution_data::json(comparison, &attribution, order).map_err(too_large),
    }
}

fn outcomes(sides: &Sides) -> Option<(&Outcome, &Outcome)> {
    let old = sides.before.1.outcome.as_ref()?;
    let new = match &sides.after {
        Some((_, walk)) => walk.outcome.as_ref()?,
        None => old,
    };
    Some((old, new))
}

type Found = (Difference, Vec<Alteration>, Version, Version);

fn difference(
    arguments: &DiffArguments,
    sides: &Sides,
    old: &Outcome,
    new: &Outcome,
) -> Result<Found, String> {
    let per = arguments.per.as_deref();
    let (subject, walk) = &sides.before;
    if let Some((after, after_walk)) = &sides.after {
        let mut alterations = of_scenarios(&old.scenario, &new.scenario);
        alterations.extend(of_parameters(&old.plan, &new.plan));
        alterations.extend(of_rules((old, &walk.inputs), (new, &after_walk.inputs)));
        let difference = Difference::of_budgets(old, new, per).map_err(too_large)?;
        let versions = (subject.version(&old.scenario.title), after.version(&new.scenario.title));
        return Ok((difference, alterations, versions.0, versions.1));
    }
    let [before, after] = arguments.years[..] else {
        return Err(TWO_YEARS.to_owned());
    };
    for year in [before, after] {
        known_year(year, old, new)?;
    }
    let alterations = of_years(&old.scenario, before, after);
    let difference = Difference::of_years(old, before, after, per).map_err(too_large)?;
    let version = |year: Year| subject.version(&format!("{}, {year}", old.scenario.title));
    Ok((difference, alterations, version(before), version(after)))
}

/// What is looked at, where something is.
fn narrow(
    arguments: &DiffArguments,
    difference: &Difference,
    old: &Outcome,
    new: &Outcome,
) -> Result<Narrow, String> {
    for year in &arguments.year {
        known_year(*year, old, new)?;
    }
    let periods: Vec<usize> = (0..difference.periods.len())
        .filter(|position| {
            let period = &difference.periods[*position];
            [period.before, period.after].iter().flatten().any(|year| arguments.year.contains(year))
        })
        .collect();
    let party = |written: &String| {
        let find = |outcome: &Outcome| {
            let parties = &outcome.scenario.parties;
            parties.find(written).map(|party| parties.get(party).id.clone())
        };
        let id = find(new).or_else(|| find(old));
        position(&difference.parties, |own| id.as_ref() == Some(&own.id), "party", written)
    };
    let measure = |written: &String| {
        position(&difference.measures, |own| own.id == *written || own.title == *written, "measure", written)
    };
    let parties: Vec<usize> = arguments.party.iter().map(party).collect::<Result<_, String>>()?;
    let measures: Vec<usize> = arguments.measure.iter().map(measure).collect::<Result<_, String>>()?;
    Ok(Narrow {
        periods: (!arguments.year.is_empty()).then_some(periods),
        measures: (!measures.is_empty()).then_some(measures),
        parties: (!parties.is_empty()).then_some(parties),
    })
}

fn position(
    subjects: &[Compared],
    is_meant: impl Fn(&Compared) -> bool,
    what: &str,
    written: &str,
) -> Result<usize, String> {
    subjects.iter().position(is_meant).ok_or_else(|| {
        let known = subjects.iter().map(|own| own.id.as_str()).filter(|id| !id.is_empty());
        format!("[unknown-{what}]: there is no {what} `{written}`: {}", did_you_mean(written, known))
    })
}

fn known_year(year: Year, old: &Outcome, new: &Outcome) -> Result<(), String> {
    let years = [old.budget.years, new.budget.years];
    if years.iter().any(|own| own.contains(year)) {
        return Ok(());
    }
    let (first, last) = (years[0].first().min(years[1].first()), years[0].last().max(years[1].last()));
    Err(format!("[year-outside]: {year} is outside the years that are compared, {first} to {last}"))
}

fn too_large(fault: TooLarge) -> String {
    format!("[amount-too-large]: a sum: {fault}")
}
