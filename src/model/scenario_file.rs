//! The scenario as written: every value with its place, no name looked up yet.

use std::collections::BTreeMap;

use crate::ground::diagnostic::Diagnostics;
use crate::ground::money::Money;
use crate::ground::ratio::Ratio;
use crate::ground::source::{Place, SourceId, Sources, Spanned};

use super::decode::{Decoder, YearAmounts};
use super::faults;
use super::ron_tree::{self, Kind, Node};
use super::years::Year;

/// A scenario file.
#[derive(Clone, Debug)]
pub struct ScenarioFile {
    /// What it is called.
    pub title: String,
    /// The document it is from.
    pub source: Option<String>,
    /// The unit of amounts.
    pub currency: Option<String>,
    /// The first year.
    pub first_year: Spanned<Year>,
    /// The last year.
    pub last_year: Spanned<Year>,
    /// The rule files.
    pub rules: Vec<Spanned<String>>,
    /// The multiple that shares are rounded to.
    pub round_to: Option<Spanned<Money>>,
    /// Numbers for the rules.
    pub assumptions: BTreeMap<String, Ratio>,
    /// Who pays.
    pub parties: Vec<PartyEntry>,
    /// What keys are built on.
    pub drivers: Vec<DriverEntry>,
    /// What costs money.
    pub measures: Vec<MeasureEntry>,
    /// Who helps to pay.
    pub grants: Vec<GrantEntry>,
    /// What is put aside.
    pub reserves: Vec<ReserveEntry>,
    /// Whether everything but the measures is free of faults, so that a name which is not there is unknown.
    pub sound: bool,
    /// The place to show for the file as a whole.
    pub place: Place,
}

/// A party as written.
#[derive(Clone, Debug)]
pub struct PartyEntry {
    /// Its name in tables.
    pub id: Spanned<String>,
    /// Its name for people.
    pub name: Option<String>,
    /// Its official number.
    pub number: Option<String>,
    /// The first year it is a party.
    pub since: Option<Year>,
    /// The last year it is a party.
    pub until: Option<Year>,
}

/// A driver as written.
#[derive(Clone, Debug)]
pub struct DriverEntry {
    /// Its name in rules.
    pub id: Spanned<String>,
    /// What is counted.
    pub unit: Option<String>,
    /// Where the figures come from.
    pub source: Option<String>,
    /// Whether it holds.
    pub hold: bool,
    /// Its values.
    pub values: ValuesEntry,
    /// Where the values are named.
    pub place: Place,
}

/// The values of a driver as written.
#[derive(Clone, Debug)]
pub enum ValuesEntry {
    /// A table: one column a year, or one column for all years, or party, year and value.
    Csv(Spanned<String>),
    /// One column of a table, the same in every year.
    Column(Spanned<String>, Spanned<String>),
    /// Here, by party and year.
    Yearly(Vec<(Spanned<String>, BTreeMap<Year, Ratio>)>),
    /// Here, by party, the same in every year.
    Fixed(Vec<(Spanned<String>, Ratio)>),
}

/// A measure as written.
#[derive(Clone, Debug)]
pub struct MeasureEntry {
    /// Its name in tables.
    pub id: Spanned<String>,
    /// Its name for people.
    pub title: Option<String>,
    /// Its cost lines.
    pub costs: Vec<LineEntry>,
    /// What was decided to be split.
    pub amount: YearAmounts,
    /// Who takes part.
    pub participants: ParticipantsEntry,
    /// The key expression.
    pub key: Spanned<String>,
    /// The funding expressions.
    pub funding: Vec<Spanned<String>>,
    /// Where the residual goes.
    pub residual: Option<ResidualEntry>,
    /// The multiple that its shares are rounded to.
    pub round_to: Option<Spanned<Money>>,
    /// The place of its id.
    pub place: Place,
}

/// A cost line as written.
#[derive(Clone, Debug)]
pub struct LineEntry {
    /// Its name.
    pub line: Spanned<String>,
    /// Budgeted by year.
    pub budget: YearAmounts,
    /// Actual by year.
    pub actual: YearAmounts,
}

/// Who takes part, as written.
#[derive(Clone, Debug)]
pub enum ParticipantsEntry {
    /// All parties.
    All,
    /// These.
    Only(Vec<Spanned<String>>),
    /// All but these.
    Except(Vec<Spanned<String>>),
}

/// The destination of a residual, as written.
#[derive(Clone, Debug)]
pub enum ResidualEntry {
    /// Its own line.
    Show,
    /// A reserve.
    Reserve(Spanned<String>),
    /// A party.
    Host(Spanned<String>),
}

/// A grant as written.
#[derive(Clone, Debug)]
pub struct GrantEntry {
    /// Its name in rules.
    pub id: Spanned<String>,
    /// Its name for people.
    pub title: Option<String>,
    /// Who gives it.
    pub funder: Option<String>,
    /// Awards by year.
    pub awards: YearAmounts,
    /// The carry-over expression.
    pub carry_over: Option<Spanned<String>>,
    /// The place of its id.
    pub place: Place,
}

/// A reserve as written.
#[derive(Clone, Debug)]
pub struct ReserveEntry {
    /// Its name in rules.
    pub id: Spanned<String>,
    /// Its name for people.
    pub title: Option<String>,
    /// What is in it at first.
    pub opening: Spanned<Money>,
    /// The place of its id.
    pub place: Place,
}

impl ScenarioFile {
    /// Reads a scenario file. All faults go to `faults`; what they leave is given all the same, so that one
    /// run finds the faults of names and rules as well.
    pub fn read(sources: &Sources, source: SourceId, faults: &mut Diagnostics) -> Option<ScenarioFile> {
        let text = &sources.get(source).text;
        let node = match ron_tree::parse(text) {
            Ok(node) => node,
            Err(fault) => {
                faults.push(faults::grammar(source, text, &fault));
                return None;
            }
        };
        let mut decoder = Decoder::new(source);
        let file = scenario(&mut decoder, &node);
        faults.append(decoder.faults);
        file
    }
}

fn scenario(d: &mut Decoder, node: &Node) -> Option<ScenarioFile> {
    let known = [
        "title",
        "source",
        "currency",
        "years",
        "rules",
        "round_to",
        "assumptions",
        "parties",
        "drivers",
        "measures",
        "grants",
        "reserves",
    ];
    let fields = d.fields(node, "a scenario", &known)?;
    let title = fields.required(d, "title", Decoder::name);
    let source = fields.optional(d, "source", Decoder::text);
    let currency = fields.optional(d, "currency", Decoder::name);
    let years = fields.required(d, "years", years);
    let rules = fields.list(d, "rules", Decoder::text);
    let round_to = fields.optional(d, "round_to", round_to);
    let assumptions = fields.optional(d, "assumptions", assumptions);
    let parties = fields.required(d, "parties", |d, node| d.list(node, party));
    let drivers = fields.list(d, "drivers", driver);
    let grants = fields.list(d, "grants", grant);
    let reserves = fields.list(d, "reserves", reserve);
    let sound = !d.faults.has_errors();
    let measures = fields.required(d, "measures", |d, node| d.list(node, measure));
    let (first_year, last_year) = years?;
    Some(ScenarioFile {
        title: title?.value,
        source: source?.map(|text| text.value),
        currency: currency?.map(|text| text.value),
        first_year,
        last_year,
        rules: rules?,
        round_to: round_to?,
        assumptions: assumptions?.unwrap_or_default(),
        parties: parties?,
        drivers: drivers?,
        measures: measures?,
        grants: grants?,
        reserves: reserves?,
        sound,
        place: fields.place().clone(),
    })
}

fn years(d: &mut Decoder, node: &Node) -> Option<(Spanned<Year>, Spanned<Year>)> {
    let fields = d.fields(node, "the years", &["first", "last"])?;
    let first = fields.required(d, "first", Decoder::year);
    let last = fields.required(d, "last", Decoder::year);
    Some((first?, last?))
}

fn round_to(d: &mut Decoder, node: &Node) -> Option<Spanned<Money>> {
    let amount = d.money(node)?;
    if amount.value <= Money::ZERO {
        d.faults.push(faults::expected(
            &amount.place,
            "an amount above zero, as in 1 for whole kroner or 0.01 for øre",
        ));
        return None;
    }
    Some(amount)
}

fn assumptions(d: &mut Decoder, node: &Node) -> Option<BTreeMap<String, Ratio>> {
    d.map(node, "{\"equal_part\": 0.4}", Decoder::name, |d, node| d.number(node).map(|number| number.value))
}

fn party(d: &mut Decoder, node: &Node) -> Option<PartyEntry> {
    if let Kind::Text(_) = node.kind {
        let id = d.name(node)?;
        return Some(PartyEntry { id, name: None, number: None, since: None, until: None });
    }
    let fields = d.fields(node, "a party", &["id", "name", "number", "since", "until"])?;
    let id = fields.required(d, "id", Decoder::name);
    let name = fields.optional(d, "name", Decoder::name);
    let number = fields.optional(d, "number", Decoder::name);
    let since = fields.optional(d, "since", Decoder::year);
    let until = fields.optional(d, "until", Decoder::year);
    Some(PartyEntry {
        id: id?,
        name: name?.map(|name| name.value),
        number: number?.map(|number| number.value),
        since: since?.map(|year| year.value),
        until: until?.map(|year| year.value),
    })
}

fn driver(d: &mut Decoder, node: &Node) -> Option<DriverEntry> {
    let fields = d.fields(node, "a driver", &["id", "unit", "source", "values", "hold"])?;
    let id = fields.required(d, "id", Decoder::name);
    let unit = fields.optional(d, "unit", Decoder::text);
    let source = fields.optional(d, "source", Decoder::text);
    let hold = fields.optional(d, "hold", Decoder::truth);
    let values =
        fields.required(d, "values", |d, node| values(d, node).map(|values| (values, d.place(node))));
    let (values, place) = values?;
    Some(DriverEntry {
        id: id?,
        unit: unit?.map(|text| text.value),
        source: source?.map(|text| text.value),
        hold: hold?.unwrap_or(false),
        values,
        place,
    })
}

fn values(d: &mut Decoder, node: &Node) -> Option<ValuesEntry> {
    match &node.kind {
        Kind::Variant(name, parts) => match (name.as_str(), parts.as_slice()) {
            ("Csv", [file]) => d.text(file).map(ValuesEntry::Csv),
            ("Column", [file, column]) => {
                let (file, column) = (d.text(file), d.name(column));
                Some(ValuesEntry::Column(file?, column?))
            }
            ("Yearly", [map]) => by_party(d, map, "{\"Rana\": {2023: 25_959}}", |d, node| {
                d.map(node, "{2023: 25_959}", Decoder::year, |d, node| {
                    d.number(node).map(|number| number.value)
                })
            })
            .map(ValuesEntry::Yearly),
            ("Fixed", [map]) => {
                by_party(d, map, "{\"Rana\": 25_959}", |d, node| d.number(node).map(|number| number.value))
                    .map(ValuesEntry::Fixed)
            }
            _ => unknown_values(d, node),
        },
        _ => unknown_values(d, node),
    }
}

fn unknown_values<T>(d: &mut Decoder, node: &Node) -> Option<T> {
    let place = d.place(node);
    d.faults.push(faults::expected(
        &place,
        "Csv(\"file.csv\"), Column(\"file.csv\", \"column\"), Yearly({\"Rana\": {2023: 25_959}}) or Fixed({\"Rana\": 25_959})",
    ));
    None
}

fn by_party<T>(
    d: &mut Decoder,
    node: &Node,
    example: &str,
    value: impl FnMut(&mut Decoder, &Node) -> Option<T>,
) -> Option<Vec<(Spanned<String>, T)>> {
    let mut places = Vec::new();
    let key = |d: &mut Decoder, node: &Node| {
        let name = d.name(node)?;
        places.push(name.clone());
        Some(name)
    };
    let mut map = d.map(node, example, key, value)?;
    Some(places.into_iter().filter_map(|name| map.remove(&name.value).map(|value| (name, value))).collect())
}

fn measure(d: &mut Decoder, node: &Node) -> Option<MeasureEntry> {
    let known = ["id", "title", "costs", "amount", "participants", "key", "funding", "residual", "round_to"];
    let errors_before = d.faults.error_count();
    let fields = d.fields(node, "a measure", &known)?;
    let id = fields.required(d, "id", Decoder::name);
    let title = fields.optional(d, "title", Decoder::name);
    let costs = fields.list(d, "costs", line);
    let amount = fields.optional(d, "amount", Decoder::year_amounts);
    let participants = fields.optional(d, "participants", participants);
    let key = fields.required(d, "key", Decoder::text);
    let funding = fields.list(d, "funding", Decoder::text);
    let residual = fields.optional(d, "residual", residual);
    let round_to = fields.optional(d, "round_to", round_to);
    // What is left of a measure with faults would only bring on faults that are none.
    if d.faults.error_count() > errors_before {
        return None;
    }
    Some(MeasureEntry {
        id: id?,
        title: title?.map(|title| title.value),
        costs: costs?,
        amount: amount?.unwrap_or_default(),
        participants: participants?.unwrap_or(ParticipantsEntry::All),
        key: key?,
        funding: funding?,
        residual: residual?,
        round_to: round_to?,
        place: fields.place().clone(),
    })
}

fn line(d: &mut Decoder, node: &Node) -> Option<LineEntry> {
    let fields = d.fields(node, "a cost line", &["line", "budget", "actual"])?;
    let line = fields.required(d, "line", Decoder::name);
    let budget = fields.optional(d, "budget", Decoder::year_amounts);
    let actual = fields.optional(d, "actual", Decoder::year_amounts);
    Some(LineEntry { line: line?, budget: budget?.unwrap_or_default(), actual: actual?.unwrap_or_default() })
}

fn participants(d: &mut Decoder, node: &Node) -> Option<ParticipantsEntry> {
    match &node.kind {
        Kind::Variant(name, parts) => match (name.as_str(), parts.as_slice()) {
            ("All", []) => Some(ParticipantsEntry::All),
            ("Only", [list]) => d.list(list, Decoder::name).map(ParticipantsEntry::Only),
            ("Except", [list]) => d.list(list, Decoder::name).map(ParticipantsEntry::Except),
            (written, _) => {
                unknown_variant(d, node, written, &["All", "Only([\"Rana\"])", "Except([\"Rana\"])"])
            }
        },
        _ => unknown_variant(d, node, "", &["All", "Only([\"Rana\"])", "Except([\"Rana\"])"]),
    }
}

fn residual(d: &mut Decoder, node: &Node) -> Option<ResidualEntry> {
    match &node.kind {
        Kind::Variant(name, parts) => match (name.as_str(), parts.as_slice()) {
            ("Show", []) => Some(ResidualEntry::Show),
            ("Reserve", [id]) => d.name(id).map(ResidualEntry::Reserve),
            ("Host", [party]) => d.name(party).map(ResidualEntry::Host),
            (written, _) => {
                unknown_variant(d, node, written, &["Show", "Reserve(\"fond\")", "Host(\"Rana\")"])
            }
        },
        _ => unknown_variant(d, node, "", &["Show", "Reserve(\"fond\")", "Host(\"Rana\")"]),
    }
}

fn unknown_variant<T>(d: &mut Decoder, node: &Node, written: &str, known: &[&str]) -> Option<T> {
    let place = d.place(node);
    d.faults.push(faults::unknown_variant(&place, written, known));
    None
}

fn grant(d: &mut Decoder, node: &Node) -> Option<GrantEntry> {
    let fields = d.fields(node, "a grant", &["id", "title", "funder", "awards", "carry_over"])?;
    let id = fields.required(d, "id", Decoder::name);
    let title = fields.optional(d, "title", Decoder::name);
    let funder = fields.optional(d, "funder", Decoder::text);
    let awards = fields.required(d, "awards", Decoder::year_amounts);
    let carry_over = fields.optional(d, "carry_over", Decoder::text);
    Some(GrantEntry {
        id: id?,
        title: title?.map(|title| title.value),
        funder: funder?.map(|funder| funder.value),
        awards: awards?,
        carry_over: carry_over?,
        place: fields.place().clone(),
    })
}

fn reserve(d: &mut Decoder, node: &Node) -> Option<ReserveEntry> {
    let fields = d.fields(node, "a reserve", &["id", "title", "opening"])?;
    let id = fields.required(d, "id", Decoder::name);
    let title = fields.optional(d, "title", Decoder::name);
    let opening = fields.required(d, "opening", Decoder::money);
    Some(ReserveEntry {
        id: id?,
        title: title?.map(|title| title.value),
        opening: opening?,
        place: fields.place().clone(),
    })
}
