//! Measures as written, read from RON.

use crate::ground::money::Money;
use crate::ground::ratio::Ratio;
use crate::ground::source::Spanned;

use super::decode::Decoder;
use super::entries::{
    BuyInEntry, ChargedToEntry, LineEntry, MeasureEntry, ParticipantEntry, ParticipantsEntry, ResidualEntry,
    SettleEntry,
};
use super::faults;
use super::measure::INSTALMENTS_MAX;
use super::period::Period;
use super::ron_tree::{Kind, Node};

const MEASURE_FIELDS: [&str; 17] = [
    "id",
    "title",
    "costs",
    "amount",
    "participants",
    "key",
    "funding",
    "residual",
    "round_to",
    "charged_to",
    "settlement",
    "rounding",
    "instalments",
    "buy_in",
    "billed_before",
    "purpose",
    "index",
];
const LINE_FIELDS: [&str; 7] = ["line", "budget", "actual", "tags", "index", "in_kind", "to_reserve"];

/// A measure.
pub fn measure(d: &mut Decoder, node: &Node) -> Option<MeasureEntry> {
    let errors_before = d.faults.error_count();
    let fields = d.fields(node, "a measure", &MEASURE_FIELDS)?;
    let id = fields.required(d, "id", Decoder::name);
    let title = fields.optional(d, "title", Decoder::name);
    let costs = fields.list(d, "costs", line);
    let amount = fields.optional(d, "amount", Decoder::year_amounts);
    let participants = fields.optional(d, "participants", participants);
    let charged_to = fields.optional(d, "charged_to", charged_to);
    let key = fields.optional(d, "key", Decoder::text);
    if let (Some(None), Some(None)) = (&key, &charged_to) {
        fields.required(d, "key", Decoder::text);
    }
    let index = fields.optional(d, "index", Decoder::text);
    let rounding = fields.optional(d, "rounding", rounding);
    let settlement = fields.optional(d, "settlement", settlement);
    let buy_in = fields.optional(d, "buy_in", buy_in);
    let billed_before = fields.optional(d, "billed_before", billed_before);
    let purpose = fields.optional(d, "purpose", Decoder::name);
    let instalments = fields.optional(d, "instalments", instalments);
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
        charged_to: charged_to?,
        index: index?,
        with_memory: rounding?.is_some(),
        settlement: settlement?,
        buy_in: buy_in?,
        billed_before: billed_before?,
        purpose: purpose?.map(|purpose| purpose.value),
        instalments: instalments?,
        funding: funding?,
        residual: residual?,
        round_to: round_to?,
        ends_after: None,
        place: fields.place().clone(),
    })
}

/// A cost line.
pub fn line(d: &mut Decoder, node: &Node) -> Option<LineEntry> {
    let fields = d.fields(node, "a cost line", &LINE_FIELDS)?;
    let line = fields.required(d, "line", Decoder::name);
    let budget = fields.optional(d, "budget", Decoder::year_amounts);
    let actual = fields.optional(d, "actual", Decoder::year_amounts);
    let index = fields.optional(d, "index", Decoder::text);
    let tags = fields.list(d, "tags", Decoder::name);
    let in_kind = fields.optional(d, "in_kind", Decoder::truth);
    let to_reserve = fields.optional(d, "to_reserve", Decoder::name);
    Some(LineEntry {
        line: line?,
        budget: budget?.unwrap_or_default(),
        actual: actual?.unwrap_or_default(),
        index: index?,
        tags: tags?,
        in_kind: in_kind?.unwrap_or(false),
        to_reserve: to_reserve?,
    })
}

/// Who takes part.
pub fn participants(d: &mut Decoder, node: &Node) -> Option<ParticipantsEntry> {
    match &node.kind {
        Kind::Variant(name, parts) => match (name.as_str(), parts.as_slice()) {
            ("All", []) => Some(ParticipantsEntry::All),
            ("Only", [list]) => d.list(list, participant).map(ParticipantsEntry::Only),
            ("Except", [list]) => d.list(list, participant).map(ParticipantsEntry::Except),
            _ => d.unknown_choice(node, &["All", "Only([\"Rana\"])", "Except([\"Rana\"])"]),
        },
        _ => d.unknown_choice(node, &["All", "Only([\"Rana\"])", "Except([\"Rana\"])"]),
    }
}

/// Where a residual goes.
pub fn residual(d: &mut Decoder, node: &Node) -> Option<ResidualEntry> {
    match &node.kind {
        Kind::Variant(name, parts) => match (name.as_str(), parts.as_slice()) {
            ("Show", []) => Some(ResidualEntry::Show),
            ("Reserve", [id]) => d.name(id).map(ResidualEntry::Reserve),
            ("Host", [party]) => d.name(party).map(ResidualEntry::Host),
            _ => d.unknown_choice(node, &["Show", "Reserve(\"fond\")", "Host(\"Rana\")"]),
        },
        _ => d.unknown_choice(node, &["Show", "Reserve(\"fond\")", "Host(\"Rana\")"]),
    }
}

fn participant(d: &mut Decoder, node: &Node) -> Option<ParticipantEntry> {
    if let Kind::Text(_) | Kind::Variant(..) | Kind::Number(_) = node.kind {
        return Some(ParticipantEntry { party: d.name(node)?, period: Period::default() });
    }
    let fields = d.fields(node, "a participant", &["party", "since", "until"])?;
    let party = fields.required(d, "party", Decoder::name);
    let period = d.period(&fields);
    Some(ParticipantEntry { party: party?, period: period? })
}

/// The measures that pay instead of the parties.
pub fn charged_to(d: &mut Decoder, node: &Node) -> Option<ChargedToEntry> {
    const CHOICES: [&str; 3] =
        ["Equally([\"drift\", \"it\"])", "Weights({\"drift\": 3, \"it\": 1})", "ByCost([\"drift\", \"it\"])"];
    let Kind::Variant(name, parts) = &node.kind else { return d.unknown_choice(node, &CHOICES) };
    match (name.as_str(), parts.as_slice()) {
        ("Equally", [list]) => d.list(list, Decoder::name).map(ChargedToEntry::Equally),
        ("ByCost", [list]) => d.list(list, Decoder::name).map(ChargedToEntry::ByCost),
        ("Weights", [map]) => {
            let weights = d.by_name(map, "{\"drift\": 3, \"it\": 1}", Decoder::positive)?;
            let bare = |(name, weight): (_, Spanned<Ratio>)| (name, weight.value);
            Some(ChargedToEntry::Weights(weights.into_iter().map(bare).collect()))
        }
        _ => d.unknown_choice(node, &CHOICES),
    }
}

fn rounding(d: &mut Decoder, node: &Node) -> Option<()> {
    match &node.kind {
        Kind::Variant(name, parts) if name == "WithMemory" && parts.is_empty() => Some(()),
        _ => d.unknown_choice(node, &["WithMemory"]),
    }
}

/// Where settlements go: of overspend, of underspend.
pub fn settlement(d: &mut Decoder, node: &Node) -> Option<(SettleEntry, SettleEntry)> {
    if let Kind::Struct(_) = node.kind {
        let fields = d.fields(node, "a settlement", &["overspend", "underspend"])?;
        let overspend = fields.required(d, "overspend", settle);
        let underspend = fields.required(d, "underspend", settle);
        return Some((overspend?, underspend?));
    }
    let both = settle(d, node)?;
    Some((both.clone(), both))
}

fn settle(d: &mut Decoder, node: &Node) -> Option<SettleEntry> {
    const CHOICES: [&str; 4] = [
        "Refund",
        "Reserve(\"fond\")",
        "CarryForward",
        "(overspend: CarryForward, underspend: Reserve(\"fond\"))",
    ];
    let Kind::Variant(name, parts) = &node.kind else { return d.unknown_choice(node, &CHOICES) };
    match (name.as_str(), parts.as_slice()) {
        ("Refund", []) => Some(SettleEntry::Refund),
        ("CarryForward", []) => Some(SettleEntry::CarryForward),
        ("Reserve", [id]) => d.name(id).map(SettleEntry::Reserve),
        _ => d.unknown_choice(node, &CHOICES),
    }
}

/// What newcomers pay.
pub fn buy_in(d: &mut Decoder, node: &Node) -> Option<BuyInEntry> {
    let fields = d.fields(node, "a buy-in", &["years", "tag"])?;
    let years = fields.required(d, "years", |d, node| d.count(node, 1, 100));
    let tag = fields.optional(d, "tag", Decoder::name);
    Some(BuyInEntry { years: years?, tag: tag? })
}

fn billed_before(d: &mut Decoder, node: &Node) -> Option<Vec<(Spanned<String>, Spanned<Money>)>> {
    d.by_name(node, "{\"Rana\": 694_089}", Decoder::money)
}

/// In how many instalments shares are paid.
pub fn instalments(d: &mut Decoder, node: &Node) -> Option<u8> {
    d.count(node, 1, INSTALMENTS_MAX.into()).and_then(|count| u8::try_from(count).ok())
}

/// What shares are multiples of.
pub fn round_to(d: &mut Decoder, node: &Node) -> Option<Spanned<Money>> {
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
