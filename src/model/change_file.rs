//! Changes as written in a variant file, read from RON: `Cost(measure: "drift", line: "Lisenser", budget: {2024: 175_000})`.

use crate::ground::source::{Place, Spanned};

use super::change::{
    Change, Indexing, NewFigures, NewValues, PartyChange, PickedYears, ScaledFigures, Scaling, Setting,
    ValueChange, What, Which,
};
use super::decode::{Decoder, Fields};
use super::period::MONTHS;
use super::ron_tree::{Kind, Node};
use super::years::Year;
use super::{change_faults, faults, fund_file, measure_file, scenario_file};

/// Every word of a change with what stands in its brackets.
pub const WORDS: [(&str, &str); 36] = [
    ("Cost", "measure: \"drift\", line: \"Lisenser\", budget: {2024: 175_000}"),
    ("AddLine", "measure: \"drift\", cost: (line: \"Reiser\", budget: {2024: 40_000})"),
    ("RemoveLine", "measure: \"drift\", line: \"Reiser\""),
    ("Amount", "measure: \"drift\", amount: {2024: 4_570_000}"),
    ("Scale", "measure: \"drift\", line: \"Lønn\", by: 1.05"),
    ("Index", "measure: \"drift\", line: \"Lønn\", index: \"indexed(`deflator`)\""),
    ("Key", "measure: \"drift\", key: \"forty_sixty()\""),
    ("ChargedTo", "measure: \"drift\", charged_to: Equally([\"it\"])"),
    ("Funding", "measure: \"drift\", funding: [\"cover(all).from(`tilskudd`)\"]"),
    ("Participants", "measure: \"drift\", participants: Except([\"Vega\"])"),
    ("Residual", "measure: \"drift\", residual: Show"),
    ("RoundTo", "measure: \"drift\", round_to: 1"),
    ("Rounding", "measure: \"drift\", rounding: WithMemory"),
    ("Settlement", "measure: \"drift\", settlement: Refund"),
    ("BuyIn", "measure: \"drift\", buy_in: (years: 10)"),
    ("Instalments", "measure: \"drift\", instalments: 4"),
    ("Purpose", "measure: \"drift\", purpose: \"regional utvikling\""),
    ("AddMeasure", "id: \"ny\", amount: {2024: 100_000}, key: \"equally()\""),
    ("EndMeasure", "measure: \"drift\", after: 2025"),
    ("RemoveMeasure", "measure: \"drift\""),
    ("Award", "grant: \"tilskudd\", awards: {2024: 500_000}"),
    ("CarryOver", "grant: \"tilskudd\", carry_over: \"carry_over()\""),
    ("AddGrant", "id: \"tilskudd\", awards: {2024: 500_000}"),
    ("Opening", "reserve: \"fond\", opening: 640_000"),
    ("Minimum", "reserve: \"fond\", minimum: 100_000"),
    ("AddReserve", "id: \"fond\", opening: 640_000"),
    ("AddParty", "id: \"Nesna\", since: 2025"),
    ("EndParty", "party: \"Nesna\", until: 2025"),
    ("Driver", "driver: \"inhabitants\", values: {\"Rana\": {2023: 27_000}}"),
    ("AddDriver", "id: \"pupils\", values: Fixed({\"Rana\": 3_000})"),
    ("Assumption", "name: \"equal_part\", value: 0.5"),
    ("AddAssumption", "name: \"equal_part\", value: 0.5"),
    ("Parameter", "name: \"equal_part\", value: 0.3"),
    ("Rules", "replace: \"rules.rhai\", by: \"rules-2.rhai\""),
    ("AddRules", "file: \"rules-2.rhai\""),
    ("Years", "last: 2028"),
];

/// A change.
pub fn change(d: &mut Decoder, node: &Node) -> Option<Change> {
    let Kind::Variant(word, parts) = &node.kind else { return unknown(d, node, "") };
    let place = Place { bytes: node.bytes.start..node.bytes.start + word.len(), ..d.place(node) };
    let Some((word, example)) = WORDS.iter().find(|(known, _)| known == word) else {
        return unknown(d, node, word);
    };
    // Two of them have a short form.
    let has_fields =
        |part: &Node| matches!(part.kind, Kind::Struct(_)) || ["RoundTo", "AddParty"].contains(word);
    match parts.as_slice() {
        [part] if has_fields(part) => Some(Change { what: what(d, word, part)?, place }),
        _ => {
            d.faults.push(faults::expected(&place, &format!("{word}({example})")));
            None
        }
    }
}

fn unknown<T>(d: &mut Decoder, node: &Node, written: &str) -> Option<T> {
    let known = WORDS.iter().map(|(word, _)| *word);
    let bytes = node.bytes.start..node.bytes.start + written.len().max(1);
    let place = Place { bytes, ..d.place(node) };
    d.faults.push(change_faults::unknown_change(&place, written, known));
    None
}

fn what(d: &mut Decoder, word: &'static str, node: &Node) -> Option<What> {
    Some(match word {
        "AddMeasure" => What::AddMeasure(Box::new(measure_file::measure(d, node)?)),
        "AddGrant" => What::AddGrant(fund_file::grant(d, node)?),
        "AddReserve" => What::AddReserve(fund_file::reserve(d, node)?),
        "AddParty" => What::AddParty(scenario_file::party(d, node)?),
        "AddDriver" => What::AddDriver(scenario_file::driver(d, node)?),
        "Cost" | "AddLine" | "RemoveLine" | "Amount" | "Index" => of_one_measure(d, word, node)?,
        "Scale" => What::Scale(scaling(d, node)?),
        "EndMeasure" => {
            let fields = d.fields(node, "`EndMeasure`", &["measure", "measures", "after"])?;
            let which = which(d, &fields);
            let after = fields.required(d, "after", Decoder::year);
            What::EndMeasure(which?, after?)
        }
        "RemoveMeasure" => {
            let fields = d.fields(node, "`RemoveMeasure`", &["measure", "measures"])?;
            What::RemoveMeasure(which(d, &fields)?)
        }
        "Award" | "CarryOver" | "Opening" | "Minimum" => of_a_fund(d, word, node)?,
        "RoundTo" if !matches!(node.kind, Kind::Struct(_)) => What::RoundTo(measure_file::round_to(d, node)?),
        "EndParty" | "Driver" | "Assumption" | "AddAssumption" | "Parameter" | "Rules" | "AddRules"
        | "Years" => of_the_whole(d, word, node)?,
        _ => setting(d, word, node)?,
    })
}

fn of_one_measure(d: &mut Decoder, word: &'static str, node: &Node) -> Option<What> {
    match word {
        "Cost" => {
            let fields = d.fields(node, "`Cost`", &["measure", "line", "budget", "actual"])?;
            let measure = fields.required(d, "measure", Decoder::name);
            let line = fields.required(d, "line", Decoder::name);
            let budget = fields.optional(d, "budget", Decoder::year_amounts);
            let actual = fields.optional(d, "actual", Decoder::year_amounts);
            if let (Some(None), Some(None)) = (&budget, &actual) {
                fields.required(d, "budget", Decoder::year_amounts);
            }
            let figures =
                NewFigures { budget: budget?.unwrap_or_default(), actual: actual?.unwrap_or_default() };
            Some(What::Cost(measure?, line?, figures))
        }
        "AddLine" => {
            let fields = d.fields(node, "`AddLine`", &["measure", "cost"])?;
            let measure = fields.required(d, "measure", Decoder::name);
            let line = fields.required(d, "cost", measure_file::line);
            Some(What::AddLine(measure?, line?))
        }
        "RemoveLine" => {
            let fields = d.fields(node, "`RemoveLine`", &["measure", "line"])?;
            let measure = fields.required(d, "measure", Decoder::name);
            let line = fields.required(d, "line", Decoder::name);
            Some(What::RemoveLine(measure?, line?))
        }
        "Amount" => {
            let fields = d.fields(node, "`Amount`", &["measure", "amount"])?;
            let measure = fields.required(d, "measure", Decoder::name);
            let amount = fields.required(d, "amount", |d, node| match &node.kind {
                Kind::Variant(word, parts) if *word == "SumOfLines" && parts.is_empty() => Some(None),
                _ => d.year_amounts(node).map(Some),
            });
            Some(What::Amount(measure?, amount?))
        }
        _ => {
            let fields = d.fields(node, "`Index`", &["measure", "line", "index", "after"])?;
            let measure = fields.required(d, "measure", Decoder::name);
            let line = fields.optional(d, "line", Decoder::name);
            let index = fields.required(d, "index", Decoder::text);
            let after = fields.optional(d, "after", Decoder::year);
            Some(What::Index(Indexing { measure: measure?, line: line?, index: index?, after: after? }))
        }
    }
}

/// The measures of the fields `measure` or `measures`.
fn which(d: &mut Decoder, fields: &Fields<'_>) -> Option<Which> {
    let several = fields.optional(d, "measures", |d, node| match &node.kind {
        Kind::Variant(word, parts) if *word == "All" && parts.is_empty() => Some(Which::All(d.place(node))),
        Kind::List(_) => d.list(node, Decoder::name).map(Which::These),
        _ => d.unknown_choice(node, &["All", "[\"drift\", \"it\"]"]),
    })?;
    let one = match several {
        Some(_) => fields.optional(d, "measure", Decoder::name)?,
        None => Some(fields.required(d, "measure", Decoder::name)?),
    };
    match (one, several) {
        (Some(name), Some(_)) => {
            d.faults.push(faults::expected(&name.place, "either `measure` or `measures`, not both"));
            None
        }
        (Some(name), None) => Some(Which::These(vec![name])),
        (None, several) => several,
    }
}

fn scaling(d: &mut Decoder, node: &Node) -> Option<Scaling> {
    const KNOWN: [&str; 8] = ["measure", "measures", "line", "only", "figures", "by", "years", "round_to"];
    let fields = d.fields(node, "`Scale`", &KNOWN)?;
    let which = which(d, &fields);
    let line = fields.optional(d, "line", Decoder::name);
    let only = fields.optional(d, "only", |d, node| is_word(d, node, "Amount"));
    let of_actual = fields.optional(d, "figures", |d, node| is_word(d, node, "Actual"));
    let by = fields.required(d, "by", Decoder::positive);
    let years = fields.optional(d, "years", picked_years);
    let round_to = fields.optional(d, "round_to", measure_file::round_to);
    let figures = match (line?, only?) {
        (Some(line), None) => ScaledFigures::Line(line),
        (Some(line), Some(())) => {
            d.faults.push(faults::expected(&line.place, "either `line` or `only: Amount`, not both"));
            return None;
        }
        (None, Some(())) => ScaledFigures::Amount,
        (None, None) => ScaledFigures::All,
    };
    Some(Scaling {
        which: which?,
        figures,
        of_actual: of_actual?.is_some(),
        by: by?.value,
        years: years?.unwrap_or(PickedYears::Span(None, None)),
        round_to: round_to?,
    })
}

fn is_word(d: &mut Decoder, node: &Node, word: &'static str) -> Option<()> {
    match &node.kind {
        Kind::Variant(written, parts) if *written == word && parts.is_empty() => Some(()),
        _ => d.unknown_choice(node, &[word]),
    }
}

fn picked_years(d: &mut Decoder, node: &Node) -> Option<PickedYears> {
    if let Kind::List(_) = node.kind {
        return d.list(node, Decoder::year).map(PickedYears::These);
    }
    let fields = d.fields(node, "a span of years", &["first", "last"])?;
    let first = fields.optional(d, "first", Decoder::year);
    let last = fields.optional(d, "last", Decoder::year);
    let year = |year: Option<Spanned<Year>>| year.map(|year| year.value);
    Some(PickedYears::Span(year(first?), year(last?)))
}

fn of_a_fund(d: &mut Decoder, word: &'static str, node: &Node) -> Option<What> {
    match word {
        "Award" => {
            let fields = d.fields(node, "`Award`", &["grant", "awards"])?;
            let grant = fields.required(d, "grant", Decoder::name);
            let awards = fields.required(d, "awards", Decoder::year_amounts);
            Some(What::Award(grant?, awards?))
        }
        "CarryOver" => {
            let fields = d.fields(node, "`CarryOver`", &["grant", "carry_over"])?;
            let grant = fields.required(d, "grant", Decoder::name);
            let rule = fields.required(d, "carry_over", Decoder::text);
            Some(What::CarryOver(grant?, rule?))
        }
        "Minimum" => {
            let fields = d.fields(node, "`Minimum`", &["reserve", "minimum"])?;
            let reserve = fields.required(d, "reserve", Decoder::name);
            let minimum = fields.required(d, "minimum", Decoder::money);
            Some(What::Minimum(reserve?, minimum?))
        }
        _ => {
            let fields = d.fields(node, "`Opening`", &["reserve", "grant", "opening"])?;
            if let Some(grant) = fields.optional(d, "grant", Decoder::name)? {
                let opening = fields.required(d, "opening", Decoder::year_amounts);
                return Some(What::GrantOpening(grant, opening?));
            }
            let reserve = fields.required(d, "reserve", Decoder::name);
            let opening = fields.required(d, "opening", Decoder::money);
            Some(What::Opening(reserve?, opening?))
        }
    }
}

fn of_the_whole(d: &mut Decoder, word: &'static str, node: &Node) -> Option<What> {
    match word {
        "EndParty" => {
            let fields = d.fields(node, "`EndParty`", &["party", "until"])?;
            let party = fields.required(d, "party", Decoder::name);
            let until = fields.required(d, "until", |d, node| d.month(node, MONTHS));
            Some(What::EndParty(party?, until?))
        }
        "Driver" => {
            let fields = d.fields(node, "`Driver`", &["driver", "values"])?;
            let driver = fields.required(d, "driver", Decoder::name);
            let values = fields.required(d, "values", new_values);
            Some(What::Driver(driver?, values?))
        }
        "Rules" => {
            let fields = d.fields(node, "`Rules`", &["replace", "by"])?;
            let replace = fields.required(d, "replace", Decoder::text);
            let by = fields.required(d, "by", Decoder::text);
            Some(What::Rules(replace?, by?))
        }
        "AddRules" => {
            let fields = d.fields(node, "`AddRules`", &["file"])?;
            Some(What::AddRules(fields.required(d, "file", Decoder::text)?))
        }
        "Years" => {
            let fields = d.fields(node, "`Years`", &["last"])?;
            Some(What::LastYear(fields.required(d, "last", Decoder::year)?))
        }
        _ => {
            let fields = d.fields(node, word, &["name", "value"])?;
            let name = fields.required(d, "name", Decoder::name);
            let value = fields.required(d, "value", Decoder::number);
            if word == "Parameter" {
                return Some(What::Parameter(name?, value?));
            }
            Some(What::Assumption(name?, value?.value, word == "AddAssumption"))
        }
    }
}

fn new_values(d: &mut Decoder, node: &Node) -> Option<NewValues> {
    let Kind::Map(_) = node.kind else { return scenario_file::values(d, node).map(NewValues::All) };
    let by_party = d.by_name(node, "{\"Rana\": {2023: 27_000}}", party_values)?;
    Some(NewValues::Some(by_party.into_iter().map(|(party, values)| ValueChange { party, values }).collect()))
}

/// The values of one party: by year, or one for every year.
pub fn party_values(d: &mut Decoder, node: &Node) -> Option<PartyChange> {
    let Kind::Map(_) = node.kind else {
        return d.number(node).map(|number| PartyChange::EveryYear(number.value));
    };
    let number = |d: &mut Decoder, node: &Node| d.number(node).map(|number| number.value);
    d.map(node, "{2023: 27_000}", Decoder::year, number).map(PartyChange::Yearly)
}

/// The words that set something of measures, and the field that they set.
fn setting(d: &mut Decoder, word: &'static str, node: &Node) -> Option<What> {
    let (what, field) = match word {
        "Key" => ("`Key`", "key"),
        "ChargedTo" => ("`ChargedTo`", "charged_to"),
        "Funding" => ("`Funding`", "funding"),
        "Participants" => ("`Participants`", "participants"),
        "Residual" => ("`Residual`", "residual"),
        "RoundTo" => ("`RoundTo`", "round_to"),
        "Rounding" => ("`Rounding`", "rounding"),
        "Settlement" => ("`Settlement`", "settlement"),
        "BuyIn" => ("`BuyIn`", "buy_in"),
        "Instalments" => ("`Instalments`", "instalments"),
        _ => ("`Purpose`", "purpose"),
    };
    let fields = d.fields(node, what, &["measure", "measures", field])?;
    let which = which(d, &fields);
    let setting = fields.required(d, field, |d, node| setting_of(d, field, node));
    Some(What::Measures(which?, setting?))
}

/// The value of a field of a measure that is set as a whole; none for other fields.
pub fn setting_of(d: &mut Decoder, field: &str, node: &Node) -> Option<Setting> {
    Some(match field {
        "key" => Setting::Key(d.text(node)?),
        "charged_to" => Setting::ChargedTo(measure_file::charged_to(d, node)?),
        "funding" => Setting::Funding(d.list(node, Decoder::text)?),
        "participants" => Setting::Participants(measure_file::participants(d, node)?),
        "residual" => Setting::Residual(measure_file::residual(d, node)?),
        "round_to" => Setting::RoundTo(measure_file::round_to(d, node)?),
        "rounding" => Setting::WithMemory(rounding(d, node)?),
        "settlement" => {
            let (overspend, underspend) = measure_file::settlement(d, node)?;
            Setting::Settlement(overspend, underspend)
        }
        "buy_in" => Setting::BuyIn(measure_file::buy_in(d, node)?),
        "instalments" => Setting::Instalments(measure_file::instalments(d, node)?),
        "purpose" => Setting::Purpose(d.name(node)?.value),
        _ => return None,
    })
}

fn rounding(d: &mut Decoder, node: &Node) -> Option<bool> {
    match &node.kind {
        Kind::Variant(word, parts) if *word == "WithMemory" && parts.is_empty() => Some(true),
        Kind::Variant(word, parts) if *word == "LargestRemainder" && parts.is_empty() => Some(false),
        _ => d.unknown_choice(node, &["WithMemory", "LargestRemainder"]),
    }
}
