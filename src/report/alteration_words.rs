//! The words of an alteration in Norwegian. An alteration is found in English, with the names of users in it; what is
//! known here is put into the language of the reader, and names, rules and words of files stay as they are.

use crate::whatif::alteration::{ALWAYS, Alteration, Kind, Value};

use super::language::{Language, say};

/// Between the steps of a funding.
const THEN: &str = ", then ";

/// An alteration in a language.
pub fn told(language: Language, alteration: &Alteration) -> Alteration {
    if language == Language::English {
        return alteration.clone();
    }
    let Alteration { kind, of, what, before, after } = alteration;
    let value = |value: &Option<Value>| {
        value.as_ref().map(|value| match value {
            Value::Text(text) => Value::Text(value_words(language, (*kind, what), text)),
            number => number.clone(),
        })
    };
    Alteration {
        kind: *kind,
        of: of.clone(),
        what: what_words(language, *kind, what),
        before: value(before),
        after: value(after),
    }
}

/// Of something that is there without further ado.
pub fn always(language: Language) -> &'static str {
    language.choose("alltid", "alltid", ALWAYS)
}

/// What kind of thing one thing is of.
pub fn kind(language: Language, kind: Kind) -> &'static str {
    let (bokmaal, nynorsk) = match kind {
        Kind::Scenario => ("scenario", "scenario"),
        Kind::Rule => ("regel", "regel"),
        Kind::Parameter => ("parameter", "parameter"),
        Kind::Party => ("part", "part"),
        Kind::Driver => ("kostnadsdriver", "kostnadsdrivar"),
        Kind::Index => ("indeks", "indeks"),
        Kind::Measure => ("tiltak", "tiltak"),
        Kind::Grant => ("tilskudd", "tilskot"),
        Kind::Reserve => ("fond", "fond"),
    };
    language.choose(bokmaal, nynorsk, kind.word())
}

/// The same of several.
pub fn kinds(language: Language, kind: Kind) -> &'static str {
    let (bokmaal, nynorsk) = match kind {
        Kind::Scenario => ("scenarier", "scenario"),
        Kind::Rule => ("regler", "reglar"),
        Kind::Parameter => ("parametere", "parametrar"),
        Kind::Party => ("parter", "partar"),
        Kind::Driver => ("kostnadsdrivere", "kostnadsdrivarar"),
        Kind::Index => ("indekser", "indeksar"),
        Kind::Measure => ("tiltak", "tiltak"),
        Kind::Grant => ("tilskudd", "tilskot"),
        Kind::Reserve => ("fond", "fond"),
    };
    language.choose(bokmaal, nynorsk, kind.plural())
}

/// What of a thing differs: one of its fields, with what belongs to it before or after.
fn what_words(language: Language, kind: Kind, what: &str) -> String {
    // What a driver's values are of are parties, which have names of their own.
    if kind == Kind::Driver {
        return if what == "hold" {
            word(language, "videreføres", "blir ført vidare")
        } else {
            what.to_owned()
        };
    }
    if let Some(field) = field(language, kind, what) {
        return field;
    }
    if let Some((line, field)) = what.rsplit_once(" · ")
        && let Some(field) = line_field(language, field)
    {
        return format!("{line} · {field}");
    }
    let led = LED.into_iter().find_map(|(english, bokmaal, nynorsk)| {
        let name = what.strip_prefix(english)?;
        Some(format!("{}{name}", language.choose(bokmaal, nynorsk, english)))
    });
    led.unwrap_or_else(|| what.to_owned())
}

/// What a name or a year follows.
const LED: [(&str, &str, &str); 7] = [
    ("assumption ", "forutsetning ", "føresetnad "),
    ("level ", "nivå ", "nivå "),
    ("amount ", "beløp ", "beløp "),
    ("award ", "tilsagn ", "tilsegn "),
    ("left of the award of ", "igjen av tilsagnet for ", "att av tilsegna for "),
    ("participant ", "deltakelse, ", "deltaking, "),
    ("billed before, ", "fakturert tidligere, ", "fakturert tidlegare, "),
];

fn field(language: Language, kind: Kind, what: &str) -> Option<String> {
    let (bokmaal, nynorsk) = match (kind, what) {
        (Kind::Scenario, "currency") => ("valuta", "valuta"),
        (Kind::Scenario, "years") => ("år", "år"),
        (_, "round_to") => ("avrundes til", "blir avrunda til"),
        (Kind::Scenario, "rule files") => ("regelfiler", "regelfiler"),
        (Kind::Scenario, "charges") => ("belastninger", "belastningar"),
        (Kind::Scenario, "order of the measures") => ("rekkefølgen på tiltakene", "rekkjefølgja på tiltaka"),
        (Kind::Measure, "title") => ("tittel", "tittel"),
        (Kind::Measure, "amount") => ("beløp", "beløp"),
        (Kind::Measure, "index of the amount") => ("indeks for beløpet", "indeks for beløpet"),
        (Kind::Measure, "key") => ("fordelingsnøkkel", "fordelingsnøkkel"),
        (Kind::Measure, "charged_to") => ("belastes på", "blir belasta på"),
        (Kind::Measure, "funding") => ("finansiering", "finansiering"),
        (Kind::Measure, "residual") => ("rest", "rest"),
        (Kind::Measure, "rounding") => ("avrunding", "avrunding"),
        (Kind::Measure, "settlement") => ("avregning", "avrekning"),
        (Kind::Measure, "buy_in") => ("innkjøp", "innkjøp"),
        (Kind::Measure, "instalments") => ("terminer", "terminar"),
        (_, "purpose") => ("formål", "føremål"),
        (Kind::Measure, "ends after") => ("avsluttes etter", "blir avslutta etter"),
        (Kind::Grant, "award") => ("tilsagn", "tilsegn"),
        (Kind::Grant, "carry_over") => ("overføring av ubrukte midler", "overføring av ubrukte midlar"),
        (Kind::Grant, "payment") => ("utbetaling", "utbetaling"),
        (Kind::Grant, "final_report") => ("sluttrapport", "sluttrapport"),
        (Kind::Reserve, "opening") => ("inngående balanse", "inngåande balanse"),
        (Kind::Reserve, "minimum") => ("minstebeløp", "minstebeløp"),
        (Kind::Reserve, "exit_key") => ("nøkkel ved uttreden", "nøkkel ved utmelding"),
        _ => return None,
    };
    Some(word(language, bokmaal, nynorsk))
}

/// What of a cost line differs, with its years.
fn line_field(language: Language, field: &str) -> Option<String> {
    let (name, years) = field.split_once(' ').map_or((field, ""), |(name, _)| (name, &field[name.len()..]));
    let (bokmaal, nynorsk) = match name {
        "budget" => ("budsjett", "budsjett"),
        "actual" => ("regnskap", "rekneskap"),
        "index" => ("indeks", "indeks"),
        "tags" => ("merkelapper", "merkelappar"),
        "in_kind" => ("egeninnsats", "eigeninnsats"),
        "to_reserve" => ("avsetning til fond", "avsetjing til fond"),
        _ => return None,
    };
    Some(format!("{}{years}", word(language, bokmaal, nynorsk)))
}

/// What a field was or is, where it is said in words of this program.
fn value_words(language: Language, (kind, what): (Kind, &str), text: &str) -> String {
    match (kind, what) {
        (Kind::Party | Kind::Driver, "") => periods(language, text),
        (Kind::Measure, _) if what.starts_with("participant ") => participation(language, text),
        (Kind::Measure, "funding") if text == "none" => word(language, "ingen", "inga"),
        (Kind::Measure, "funding") => text.replace(THEN, language.choose(", deretter ", ", deretter ", THEN)),
        (Kind::Scenario, "rule files") if text == "none" => word(language, "ingen", "ingen"),
        (Kind::Measure, "rounding") => match text {
            "with memory" => {
                word(language, "med overføring av avrundingsrester", "med overføring av avrundingsrestar")
            }
            _ => word(language, "største rest", "største rest"),
        },
        (Kind::Measure, "settlement") => match text.split_once(", underspend ") {
            Some((over, under)) => {
                let over = over.trim_start_matches("overspend ");
                say!(
                    language,
                    "merforbruk {over}, mindreforbruk {under}",
                    "meirforbruk {over}, mindreforbruk {under}",
                    "overspend {over}, underspend {under}",
                )
            }
            None => text.to_owned(),
        },
        (Kind::Measure, "buy_in") => match text.split_once(" years") {
            Some((years, rest)) => {
                let tag = rest.trim_start_matches(" of ");
                match tag.is_empty() {
                    true => say!(language, "{years} år", "{years} år", "{years} years"),
                    false => say!(
                        language,
                        "{years} år for {tag}",
                        "{years} år for {tag}",
                        "{years} years of {tag}",
                    ),
                }
            }
            None => text.to_owned(),
        },
        (Kind::Measure, "charged_to") => match text.strip_suffix(" by cost") {
            Some(names) => {
                say!(language, "{names} etter kostnad", "{names} etter kostnad", "{names} by cost")
            }
            None => text.to_owned(),
        },
        (Kind::Driver, "hold") => yes_or_no(language, text),
        (Kind::Measure, _) if what.ends_with(" · in_kind") => yes_or_no(language, text),
        _ => text.to_owned(),
    }
}

fn word(language: Language, bokmaal: &str, nynorsk: &str) -> String {
    language.choose(bokmaal, nynorsk, bokmaal).to_owned()
}

fn yes_or_no(language: Language, text: &str) -> String {
    if text == "true" { word(language, "ja", "ja") } else { word(language, "nei", "nei") }
}

/// Whether somebody takes part, and when.
fn participation(language: Language, text: &str) -> String {
    if text == "takes no part" {
        return word(language, "deltar ikke", "deltek ikkje");
    }
    let Some(rest) = text.strip_prefix("takes part") else { return text.to_owned() };
    let takes_part = word(language, "deltar", "deltek");
    match rest.strip_prefix(", but not ") {
        Some(times) => {
            let times = periods(language, times);
            say!(
                language,
                "{takes_part}, men ikke {times}",
                "{takes_part}, men ikkje {times}",
                "{takes_part}, but not {times}",
            )
        }
        None if rest.is_empty() => takes_part,
        None => format!("{takes_part} {}", periods(language, rest.trim_start())),
    }
}

/// Periods, as `since 2020, 2022 to 2023`.
fn periods(language: Language, text: &str) -> String {
    let period = |text: &str| {
        if text == ALWAYS {
            always(language).to_owned()
        } else if let Some(since) = text.strip_prefix("since ") {
            say!(language, "fra og med {since}", "frå og med {since}", "since {since}")
        } else if let Some(until) = text.strip_prefix("until ") {
            say!(language, "til og med {until}", "til og med {until}", "until {until}")
        } else if let Some((since, until)) = text.split_once(" to ") {
            say!(language, "fra {since} til {until}", "frå {since} til {until}", "{since} to {until}")
        } else {
            text.to_owned()
        }
    };
    text.split(", ").map(period).collect::<Vec<_>>().join(", ")
}
