//! Pictures: the way from gross cost to what is billed, and what each party pays, as texts with lengths beside them.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::ground::money::{Money, TooLarge};
use crate::model::party::PartyIx;
use crate::model::scenario::FundSource;

use super::cell::{FigureRef, Tone};
use super::geometry::Scale;
use super::numbers::{Manner, per_unit};
use super::selection::Selection;
use super::sides::{Amounts, Sides, Subject};
use super::words::Words;

/// The way from gross cost to what is billed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Waterfall {
    /// Step by step.
    pub steps: Vec<Step>,
}

/// A step of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// What it is known by from one view to the next.
    pub id: String,
    /// What it is.
    pub title: String,
    /// How much, for people; with its sign where it is no total.
    pub text: String,
    /// The same for machines.
    pub machine: String,
    /// Where it starts, per mille.
    pub start: u16,
    /// How long it is, per mille.
    pub length: u16,
    /// `total`, `minus` or `plus`.
    pub kind: &'static str,
}

/// What each party pays for all measures.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Bars {
    /// Whether there is a baseline.
    pub compared: bool,
    /// Whether there are amounts for each inhabitant.
    pub per: bool,
    /// Party by party.
    pub rows: Vec<Bar>,
}

/// The bar of a party.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Bar {
    /// What it is known by from one view to the next.
    pub id: String,
    /// The party.
    pub title: String,
    /// What it pays, for people.
    pub text: String,
    /// The same for machines.
    pub machine: String,
    /// Where the bar starts, per mille.
    pub start: u16,
    /// How long it is, per mille.
    pub length: u16,
    /// Where the baseline is, per mille; none where nothing is compared.
    pub tick: Option<u16>,
    /// The part of what all parties pay, in percent.
    pub part: String,
    /// The change; nothing where nothing is compared.
    pub change: String,
    /// The same for machines.
    pub change_machine: String,
    /// The change in percent.
    pub percent: String,
    /// For each inhabitant.
    pub per: String,
    /// Whether it rose or fell.
    pub tone: Tone,
    /// The figure that it shows; none for a party that is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub figure: Option<FigureRef>,
}

/// Draws the way from gross cost to what is billed, over the years that are looked at.
///
/// # Errors
/// [`TooLarge`] when a sum does not fit.
pub fn waterfall(sides: &Sides<'_>, manner: Manner, words: &Words) -> Result<Waterfall, TooLarge> {
    let scenario = sides.scenario();
    let mut by_source: BTreeMap<FundSource, Money> = BTreeMap::new();
    for draw in sides.walks().flat_map(|walked| &walked.draws) {
        let sum = by_source.entry(draw.source).or_default();
        *sum = sum.minus(draw.amount)?;
    }
    let received = sides.over_measures(|own| own.received)?.now;
    let charges = received.minus(sides.over_measures(|own| own.charged)?.now)?;
    let gross = sides.over_measures(|own| own.gross)?.now;
    let (net, billed) = (sides.over_measures(|own| own.net)?.now, sides.over_measures(|own| own.billed)?.now);
    let mut pieces = vec![("gross".to_owned(), words.gross.to_owned(), gross, true)];
    if !charges.is_zero() {
        pieces.push(("charges".to_owned(), words.charges.to_owned(), charges, false));
    }
    for (source, amount) in by_source.into_iter().filter(|(_, amount)| !amount.is_zero()) {
        let id = format!("source:{}", scenario.source_id(source));
        pieces.push((id, scenario.source_title(source).to_owned(), amount, false));
    }
    if pieces.len() > 1 || net != billed {
        pieces.push(("net".to_owned(), words.net.to_owned(), net, true));
    }
    let residual = billed.minus(net)?;
    if !residual.is_zero() {
        pieces.push(("residual".to_owned(), words.residual.to_owned(), residual, false));
    }
    pieces.push(("billed".to_owned(), words.billed.to_owned(), billed, true));
    let mut ends = Vec::with_capacity(pieces.len());
    let mut running = Money::ZERO;
    for (_, _, amount, is_total) in &pieces {
        let from = if *is_total { Money::ZERO } else { running };
        running = if *is_total { *amount } else { running.plus(*amount)? };
        ends.push((from, running));
    }
    let scale = Scale::of(ends.iter().flat_map(|(from, to)| [*from, *to]));
    let manner = of_all(pieces.iter().map(|(_, _, amount, _)| *amount), manner);
    let step =
        |((id, title, amount, is_total), (from, to)): ((String, String, Money, bool), (Money, Money))| {
            let (start, length) = scale.stretch(from, to);
            let kind = match is_total {
                true => "total",
                false if amount.is_negative() => "minus",
                false => "plus",
            };
            let text = if is_total { manner.money(amount) } else { manner.change(amount) };
            Step { id, title, text, machine: amount.to_string(), start, length, kind }
        };
    Ok(Waterfall { steps: pieces.into_iter().zip(ends).map(step).collect() })
}

/// Draws what the parties of the page pay for all measures.
///
/// # Errors
/// [`TooLarge`] when a sum does not fit.
pub fn bars(sides: &Sides<'_>, selection: &Selection<'_, '_>, manner: Manner) -> Result<Bars, TooLarge> {
    let mut of_parties = Vec::with_capacity(selection.parties.len());
    for (position, party) in &selection.parties {
        of_parties.push((*position, *party, sides.party(party)?));
    }
    let ends = of_parties.iter().flat_map(|(_, _, own)| [own.now, own.before.unwrap_or_default()]);
    let scale = Scale::of(ends.clone());
    let manner = of_all(ends, manner);
    let all = sides.over_measures(|own| own.billed)?.now;
    let heads = sides.heads();
    let year = sides.year.map_or_else(|| "all".to_owned(), |year| year.to_string());
    let bar = |(position, party, own): (usize, &Subject<'_, PartyIx>, Amounts)| {
        let (start, length) = scale.stretch(Money::ZERO, own.now);
        let change = own.change()?;
        let per = heads.as_ref().and_then(|heads| heads[position].as_ref());
        let per = per.and_then(|heads| per_unit(own.now, heads));
        let percent =
            own.before.zip(change).and_then(|(before, change)| manner.change_percent(before, change));
        let figure = || FigureRef {
            year: year.clone(),
            figure: "total",
            subject: String::new(),
            party: party.id.to_owned(),
        };
        Ok(Bar {
            id: format!("party:{}", party.id),
            title: party.title.to_owned(),
            text: manner.money(own.now),
            machine: own.now.to_string(),
            start,
            length,
            tick: own.before.map(|before| scale.position(before)),
            part: manner.part_percent(own.now, all).unwrap_or_default(),
            change: change.map_or_else(String::new, |change| manner.change(change)),
            change_machine: change.map_or_else(String::new, |change| change.to_string()),
            percent: percent.unwrap_or_default(),
            per: per.map_or_else(String::new, |per| manner.per_head(per)),
            tone: Tone::of(own)?,
            figure: party.now.map(|_| figure()),
        })
    };
    let rows = of_parties.into_iter().map(bar).collect::<Result<_, TooLarge>>()?;
    Ok(Bars { compared: sides.is_compared(), per: heads.is_some(), rows })
}

/// Two decimals everywhere where any of the amounts has øre.
pub fn of_all(mut amounts: impl Iterator<Item = Money>, manner: Manner) -> Manner {
    Manner { with_ore: amounts.any(|amount| amount.ore() % 100 != 0), ..manner }
}
