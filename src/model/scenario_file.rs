//! The scenario as written: every value with its place, no name looked up yet.

use std::collections::BTreeMap;

use crate::ground::diagnostic::{Diagnostic, Diagnostics};
use crate::ground::money::Money;
use crate::ground::ratio::Ratio;
use crate::ground::source::{Place, SourceId, Spanned};

use super::charge::Circles;
use super::decode::Decoder;
use super::entries::{
    DriverEntry, GrantEntry, IndexEntry, IndexValuesEntry, MeasureEntry, PartyEntry, ReserveEntry,
    ValuesEntry,
};
use super::period::Period;
use super::ron_tree::{self, Kind, Node};
use super::scenario::SetParameter;
use super::years::Year;
use super::{faults, fund_file, measure_file};

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
    /// What parameters of the rules are set to; changes set them, and no scenario file does.
    pub parameters: BTreeMap<String, SetParameter>,
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
    /// By what amounts are carried from year to year.
    pub indexes: Vec<IndexEntry>,
    /// What is done about circles of charges.
    pub circles: Circles,
    /// In how many instalments shares are paid.
    pub instalments: Option<u8>,
    /// Whether everything but the measures is free of faults, so that a name which is not there is unknown.
    pub sound: bool,
    /// The place to show for the file as a whole.
    pub place: Place,
}

impl ScenarioFile {
    /// Reads a scenario file and goes on with it, beside the parser where that takes long. All faults go to the
    /// diagnostics that `then` gets; what they leave is given all the same, so that one run finds the faults of names
    /// and rules as well.
    ///
    /// # Errors
    /// The fault of a text that is no RON; nothing else is then told.
    pub fn read_and<T: Send>(
        text: &str,
        source: SourceId,
        then: impl FnOnce(Option<ScenarioFile>, Diagnostics) -> T + Send,
    ) -> Result<T, Diagnostic> {
        let decoded = |node: Node<'_>| {
            let mut decoder = Decoder::new(source);
            let file = scenario(&mut decoder, &node);
            // What was read is not needed any more, and what comes now needs memory.
            drop(node);
            then(file, decoder.faults)
        };
        let done = ron_tree::parse_and(text, decoded);
        done.map_err(|fault| faults::grammar("the scenario file", source, text, &fault))
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
        "indexes",
        "charges",
        "instalments",
    ];
    let fields = d.fields(node, "a scenario", &known)?;
    let title = fields.required(d, "title", Decoder::name);
    let source = fields.optional(d, "source", Decoder::text);
    let currency = fields.optional(d, "currency", Decoder::name);
    let years = fields.required(d, "years", years);
    let rules = fields.list(d, "rules", Decoder::text);
    let round_to = fields.optional(d, "round_to", measure_file::round_to);
    let assumptions = fields.optional(d, "assumptions", assumptions);
    let parties = fields.required(d, "parties", |d, node| d.list(node, party));
    let drivers = fields.list(d, "drivers", driver);
    let grants = fields.list(d, "grants", fund_file::grant);
    let reserves = fields.list(d, "reserves", fund_file::reserve);
    let indexes = fields.list(d, "indexes", index);
    let circles = fields.optional(d, "charges", circles);
    let instalments = fields.optional(d, "instalments", measure_file::instalments);
    let sound = !d.faults.has_errors();
    let measures = fields.required(d, "measures", |d, node| d.list(node, measure_file::measure));
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
        parameters: BTreeMap::new(),
        parties: parties?,
        drivers: drivers?,
        measures: measures?,
        grants: grants?,
        reserves: reserves?,
        indexes: indexes?,
        circles: circles?.unwrap_or_default(),
        instalments: instalments?,
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

fn assumptions(d: &mut Decoder, node: &Node) -> Option<BTreeMap<String, Ratio>> {
    d.map(node, "{\"equal_part\": 0.4}", Decoder::name, |d, node| d.number(node).map(|number| number.value))
}

/// A party.
pub fn party(d: &mut Decoder, node: &Node) -> Option<PartyEntry> {
    if let Kind::Text(_) = node.kind {
        let id = d.name(node)?;
        return Some(PartyEntry { id, name: None, number: None, period: Period::default() });
    }
    let fields = d.fields(node, "a party", &["id", "name", "number", "since", "until"])?;
    let id = fields.required(d, "id", Decoder::name);
    let name = fields.optional(d, "name", Decoder::name);
    let number = fields.optional(d, "number", Decoder::name);
    let period = d.period(&fields);
    Some(PartyEntry {
        id: id?,
        name: name?.map(|name| name.value),
        number: number?.map(|number| number.value),
        // A bad date has been told; without the party its name would be unknown as well.
        period: period.unwrap_or_default(),
    })
}

/// A driver.
pub fn driver(d: &mut Decoder, node: &Node) -> Option<DriverEntry> {
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
        changes: vec![],
        place,
    })
}

/// The values of a driver.
pub fn values(d: &mut Decoder, node: &Node) -> Option<ValuesEntry> {
    match &node.kind {
        Kind::Variant(name, parts) => match (*name, parts.as_slice()) {
            ("Csv", [file]) => d.text(file).map(ValuesEntry::Csv),
            ("Column", [file, column]) => {
                let (file, column) = (d.text(file), d.name(column));
                Some(ValuesEntry::Column(file?, column?))
            }
            ("Yearly", [map]) => d
                .by_name(map, "{\"Rana\": {2023: 25_959}}", |d, node| {
                    d.map(node, "{2023: 25_959}", Decoder::year, |d, node| {
                        d.number(node).map(|number| number.value)
                    })
                })
                .map(ValuesEntry::Yearly),
            ("Fixed", [map]) => d
                .by_name(map, "{\"Rana\": 25_959}", |d, node| d.number(node).map(|number| number.value))
                .map(ValuesEntry::Fixed),
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

fn index(d: &mut Decoder, node: &Node) -> Option<IndexEntry> {
    let fields = d.fields(node, "an index", &["id", "source", "values"])?;
    let id = fields.required(d, "id", Decoder::name);
    let source = fields.optional(d, "source", Decoder::text);
    let values =
        fields.required(d, "values", |d, node| index_values(d, node).map(|values| (values, d.place(node))));
    let (values, place) = values?;
    Some(IndexEntry { id: id?, source: source?.map(|text| text.value), values, place })
}

fn index_values(d: &mut Decoder, node: &Node) -> Option<IndexValuesEntry> {
    let example = "{2024: 100, 2025: 104.1}";
    let figures = |d: &mut Decoder, node: &Node| d.map(node, example, Decoder::year, Decoder::number);
    match &node.kind {
        Kind::Variant(name, parts) if *name == "Levels" && parts.len() == 1 => {
            figures(d, &parts[0]).map(IndexValuesEntry::Levels)
        }
        Kind::Variant(name, parts) if *name == "Growth" && parts.len() == 1 => {
            figures(d, &parts[0]).map(IndexValuesEntry::Growth)
        }
        _ => d.unknown_choice(node, &["Levels({2024: 100, 2025: 104.1})", "Growth({2025: 4.1})"]),
    }
}

fn circles(d: &mut Decoder, node: &Node) -> Option<Circles> {
    match &node.kind {
        Kind::Variant(name, parts) if *name == "InOrder" && parts.is_empty() => Some(Circles::InOrder),
        Kind::Variant(name, parts) if *name == "Solved" && parts.is_empty() => Some(Circles::Solved),
        _ => d.unknown_choice(node, &["InOrder", "Solved"]),
    }
}
