//! The live page as data: everything that it shows, in one language and unit, as texts and lengths. The script of the
//! page puts these texts where they belong; it never adds or writes an amount.
//!
//! A view reads the budget where it lies and costs no more than what it shows: a page of the matrix, and sums. Absent:
//! HTML, the state of the server, certificates, which are asked for one by one.

use serde::Serialize;

use crate::engine::walk::Outcome;
use crate::ground::money::TooLarge;
use crate::model::inputs::Inputs;
use crate::model::years::{Year, Years};
use crate::whatif::alteration::Alteration;

use super::alteration_text;
use super::language::Language;

use asked::{Asked, Cells, Unit};
use numbers::Manner;
use selection::Selection;
use sides::Sides;
use words::{Words, filled};

pub mod asked;
pub mod besides;
pub mod books;
pub mod cell;
pub mod geometry;
pub mod headline;
pub mod ledgers;
pub mod matrix;
pub mod numbers;
pub mod pictures;
pub mod selection;
pub mod sides;
pub mod sliders;
pub mod table;
pub mod words;
mod words_en;
mod words_nb;
mod words_nn;

/// What is compared with.
pub struct Against<'a> {
    /// Its result.
    pub outcome: &'a Outcome,
    /// What it is called.
    pub label: String,
    /// What was changed since.
    pub alterations: &'a [Alteration],
}

/// Everything that the page shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct View {
    /// The code of the language.
    pub language: &'static str,
    /// The word of the unit.
    pub unit: &'static str,
    /// What amounts are counted in, for people: `kr`, `1 000 kr`.
    pub unit_text: String,
    /// What the cells were asked to show.
    pub cells: &'static str,
    /// The year that is looked at, or `all`.
    pub year: String,
    /// What is looked for.
    pub find: String,
    /// The label of what is compared with; none where nothing is.
    pub against: Option<String>,
    /// Every label of the page.
    pub words: &'static Words,
    /// What can be chosen.
    pub choices: Choices,
    /// What a reader has to know of the view as a whole.
    pub notes: Vec<String>,
    /// The four big numbers.
    pub numbers: Vec<headline::Number>,
    /// Measures and parties.
    pub matrix: matrix::Matrix,
    /// From gross cost to what is billed.
    pub waterfall: pictures::Waterfall,
    /// What each party pays.
    pub bars: pictures::Bars,
    /// Grants and reserves over all years.
    pub ledgers: Vec<table::Table>,
    /// What there is besides shares.
    pub besides: Vec<table::Table>,
    /// Budget and accounts.
    pub settlement: Vec<table::Table>,
    /// The rules.
    pub catalogue: Vec<books::RuleCard>,
    /// The proof.
    pub reconciliation: books::Reconciliation,
    /// What was changed since what is compared with.
    pub alterations: Vec<String>,
    /// Numbers of rules that can be tried.
    pub parameters: Vec<sliders::Slider>,
}

/// What can be chosen, each with its word and its text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Choices {
    /// The years, all of them together first.
    pub years: Vec<Choice>,
    /// The languages.
    pub languages: Vec<Choice>,
    /// The units.
    pub units: Vec<Choice>,
    /// What cells can show.
    pub cells: Vec<Choice>,
}

/// Something that can be chosen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Choice {
    /// Its word.
    pub value: String,
    /// Its text.
    pub text: String,
    /// Whether it can be chosen now.
    pub can: bool,
}

/// Looks at a result as a page asks.
///
/// # Errors
/// [`TooLarge`] when a sum or a change does not fit.
pub fn view(
    now: &Outcome,
    inputs: &Inputs,
    against: Option<&Against<'_>>,
    asked: &Asked,
) -> Result<View, TooLarge> {
    let words = Words::of(asked.language);
    let sides = Sides::new(now, against.map(|against| against.outcome), asked.year);
    let manner = Manner { language: asked.language, unit: asked.unit, with_ore: false };
    let selection = Selection::new(&sides, &asked.find, asked.page, words, manner);
    let (besides, settlement) = besides::tables(now, &sides, &selection, (manner, words))?;
    let years = now.budget.years;
    let ledgers = ledgers::ledgers(&now.scenario, &now.budget, &selection, (manner, words))?;
    let unknown_year = asked
        .year
        .filter(|year| !years.contains(*year))
        .map(|year| filled(words.no_such_year, &[("year", &year.to_string())]));
    Ok(View {
        language: asked.language.code(),
        unit: asked.unit.word(),
        unit_text: unit_text(asked.unit, asked.language, &now.scenario.currency),
        cells: asked.cells.word(),
        year: year_word(sides.year),
        find: asked.find.clone(),
        against: against.map(|against| against.label.clone()),
        words,
        choices: choices(&sides, years, asked.language, words),
        notes: unknown_year.into_iter().chain(ledgers.note).collect(),
        numbers: headline::numbers(&sides, &now.proof, manner, words)?,
        matrix: matrix::matrix(&sides, &selection, (asked.cells, manner, words))?,
        waterfall: pictures::waterfall(&sides, manner, words)?,
        bars: pictures::bars(&sides, &selection, manner)?,
        ledgers: ledgers.tables,
        besides,
        settlement,
        catalogue: books::catalogue(now, &inputs.sources, &selection, (manner, words)),
        reconciliation: books::reconciliation(&now.proof, asked.language, words, manner),
        alterations: against
            .map_or_else(Vec::new, |own| alteration_text::texts(own.alterations, asked.language)),
        parameters: sliders::sliders(
            &now.plan.parameters,
            |parameter| parameter.unset(&now.scenario),
            &inputs.sources,
            manner,
        ),
    })
}

fn year_word(year: Option<Year>) -> String {
    year.map_or_else(|| "all".to_owned(), |year| year.to_string())
}

/// What amounts are counted in, for people.
fn unit_text(unit: Unit, language: Language, currency: &str) -> String {
    let name = if currency == "NOK" { "kr" } else { currency };
    match (unit, language) {
        (Unit::Kroner, _) => name.to_owned(),
        (Unit::Thousands, Language::English) => format!("1,000 {name}"),
        (Unit::Thousands, _) => format!("1\u{a0}000 {name}"),
        (Unit::Ore, _) if currency == "NOK" => "øre".to_owned(),
        (Unit::Ore, _) => format!("1/100 {name}"),
    }
}

fn choices(sides: &Sides<'_>, years: Years, language: Language, words: &Words) -> Choices {
    let choice =
        |value: &str, text: &str| Choice { value: value.to_owned(), text: text.to_owned(), can: true };
    let all = format!("{} {}–{}", words.all_years, years.first(), years.last());
    let all = (years.count() > 1).then(|| choice("all", &all));
    let each = years.iter().map(|year| choice(&year.to_string(), &year.to_string()));
    let currency = &sides.scenario().currency;
    let cells = |cells: Cells| {
        let (text, can) = match cells {
            Cells::Amounts => (words.amounts, true),
            Cells::Change => (words.change, sides.is_compared()),
            Cells::Percent => (words.percent, sides.is_compared()),
            Cells::Per => (words.per, sides.heads().is_some()),
        };
        Choice { can, ..choice(cells.word(), text) }
    };
    Choices {
        years: all.into_iter().chain(each).collect(),
        languages: Language::ALL.into_iter().map(|own| choice(own.code(), own.name())).collect(),
        units: Unit::ALL
            .into_iter()
            .map(|own| choice(own.word(), &unit_text(own, language, currency)))
            .collect(),
        cells: Cells::ALL.into_iter().map(cells).collect(),
    }
}
