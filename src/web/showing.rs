//! The document of `/api/state`: the budget, how the draft stands, and what the page shows of it.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::cli::watch::SHARES_COMPARED_MAX;
use crate::ground::money::Money;
use crate::model::years::Year;
use crate::report::figures::{FigureKey, FigureKind, Figures};
use crate::report::json::{self, MaybeRun};
use crate::report::language::Language;
use crate::report::page::asked::{Asked, Cells, Unit};
use crate::report::page::words::Words;
use crate::report::page::{self, Against, View};
use crate::report::scope::Scope;

use super::ask::Ask;
use super::board::Shown;
use super::live::Live;
use super::refusal::Refusal;

/// The words that `/api/state` takes, beside `set`.
pub const WORDS: [&str; 14] = [
    "view", "show", "against", "year", "lang", "unit", "cells", "find", "page", "figures", "measure",
    "party", "figure", "from",
];

/// How many figures are sent at a time.
const FIGURES_MAX: usize = 20_000;

#[derive(Serialize)]
struct Document<'d> {
    #[serde(flatten)]
    run: MaybeRun<'d>,
    /// How many figures there are, where they are asked for, and from which one on the list begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    listed: Option<Listed>,
    live: Option<Live>,
    #[serde(skip_serializing_if = "Option::is_none")]
    view: Option<View>,
    /// The labels of the page, also where there is nothing to show.
    #[serde(skip_serializing_if = "Option::is_none")]
    words: Option<&'static Words>,
}

#[derive(Serialize)]
struct Listed {
    from: usize,
    count: usize,
    of: usize,
}

/// Writes the state.
///
/// # Errors
/// Refusals of words with values that are not understood, and of sums that do not fit.
pub fn state(
    ask: &Ask,
    shown: Option<&Shown>,
    against: Option<&Shown>,
    live: Option<Live>,
) -> Result<String, Refusal> {
    let asked = asked(ask, shown)?;
    let wants_view = ask.one_of("view", &[("page", true)], false)?;
    let words = wants_view.then(|| Words::of(asked.language));
    let schema = json::SCHEMA;
    let Some(shown) = shown else {
        let run = MaybeRun::None { schema };
        return written(&Document { run, listed: None, live, view: None, words });
    };
    let (good, outcome) = (&shown.good, &shown.good.outcome);
    let alterations = against.map(|against| good.alterations_since(&against.good)).unwrap_or_default();
    let against = against.map(|against| Against {
        outcome: &against.good.outcome,
        label: label(against),
        alterations: &alterations,
    });
    let view = wants_view.then(|| page::view(outcome, &good.inputs, against.as_ref(), &asked)).transpose();
    let view = view.map_err(Refusal::too_large)?;
    let figures = match ask.one_of("figures", &[("1", true), ("0", false)], false)? {
        true => Some(figures(ask, shown)?),
        false => None,
    };
    let from = ask.number("from")?.unwrap_or(0_usize);
    let rows = figures.as_ref().map(|figures| {
        let narrowed: Vec<&(FigureKey, Money)> =
            figures.rows.iter().filter(|(key, _)| is_asked(key, ask)).collect();
        let page: Vec<&(FigureKey, Money)> = narrowed.iter().skip(from).take(FIGURES_MAX).copied().collect();
        (Listed { from, count: page.len(), of: narrowed.len() }, page)
    });
    let (listed, rows) = rows.unzip();
    let changed = good.subject.changed(outcome);
    let run = MaybeRun::Run(Box::new(json::document(outcome, changed.as_ref(), rows, &good.seals)));
    written(&Document { run, listed, live, view, words })
}

fn written(document: &Document<'_>) -> Result<String, Refusal> {
    serde_json::to_string(document).map_err(|fault| Refusal::unusable("cannot-write", fault.to_string()))
}

/// What the page is asked to show.
fn asked(ask: &Ask, shown: Option<&Shown>) -> Result<Asked, Refusal> {
    let year = match ask.get("year") {
        Some("all") => None,
        Some(_) => ask.number::<Year>("year")?,
        None => shown.map(|shown| shown.good.outcome.scenario.years.last()),
    };
    let page = ask.number("page")?.unwrap_or(1);
    Ok(Asked {
        year,
        language: ask.one_of("lang", &languages(), Language::default())?,
        unit: ask.one_of("unit", &Unit::ALL.map(|unit| (unit.word(), unit)), Unit::default())?,
        cells: ask.one_of("cells", &Cells::ALL.map(|cells| (cells.word(), cells)), Cells::default())?,
        find: ask.get("find").unwrap_or_default().to_owned(),
        page,
    })
}

/// The languages by their codes.
pub fn languages() -> [(&'static str, Language); 3] {
    Language::ALL.map(|language| (language.code(), language))
}

/// How what is compared with is called.
fn label(against: &Shown) -> String {
    let title = &against.good.outcome.scenario.title;
    match against.generation {
        Some(generation) => format!("{title} · {} (#{generation})", against.good.time),
        None => title.clone(),
    }
}

/// The figures that are asked for, or more of them.
fn figures(ask: &Ask, shown: &Shown) -> Result<Figures, Refusal> {
    if let Some(word) = ask.get("figure").filter(|word| FigureKind::of_word(word).is_none()) {
        return Err(Refusal::unusable("unknown-figure", format!("there is no figure `{word}`")));
    }
    let outcome = &shown.good.outcome;
    let scenario = &outcome.scenario;
    // What is no measure or party here is a grant, a reserve, a source or a line, of which there are few.
    let measure = scenario.measures().find(|(_, own)| Some(own.id.as_str()) == ask.get("measure"));
    let party = ask.get("party").and_then(|id| scenario.parties.iter().find(|(_, own)| own.id == id));
    let scope = Scope {
        measures: measure.map(|(index, _)| BTreeSet::from([index])),
        parties: party.map(|(index, _)| BTreeSet::from([index])),
    };
    let measures = scope.measures.as_ref().map_or(scenario.measures.len(), BTreeSet::len);
    let parties = scope.parties.as_ref().map_or(scenario.parties.count(), BTreeSet::len);
    if measures * parties * scenario.years.count() > SHARES_COMPARED_MAX {
        let message = "there are too many shares to list; name a measure or a party";
        return Err(Refusal::unusable("too-many-shares", message));
    }
    Figures::of_some(outcome, &scope).map_err(Refusal::too_large)
}

fn is_asked(key: &FigureKey, ask: &Ask) -> bool {
    let is = |word: &str, own: &str| ask.get(word).is_none_or(|asked| asked == own);
    let year = key.year.map_or_else(|| "all".to_owned(), |year| year.to_string());
    is("year", &year)
        && is("measure", &key.subject)
        && is("party", &key.party)
        && is("figure", &key.kind.word())
}
