//! The certificate of a share: how it came about, step by step, so that it can be worked out again by hand.
//! Nothing of it is stored during a run; it is worked out for the asked cell by the functions that split.

use crate::ground::money::{Money, TooLarge};
use crate::ground::ratio::{self, Ratio};
use crate::ground::source::Place;
use crate::model::measure::MeasureIx;
use crate::model::party::PartyIx;
use crate::model::scenario::Scenario;
use crate::model::years::Year;
use crate::rules::plan::{Base, PartPlan, Plan};

use super::budget::{Draw, MeasureBudget, YearBudget};
use super::share::{self, ReadyKey, ShareFault};

/// How a share came about.
#[derive(Clone, Debug)]
pub struct Certificate {
    /// Whose share.
    pub party: PartyIx,
    /// Of which measure.
    pub measure: MeasureIx,
    /// In which year.
    pub year: Year,
    /// The share.
    pub share: Money,
    /// The figures of the measure.
    pub figures: MeasureBudget,
    /// The cost lines of the year, by name.
    pub lines: Vec<(String, Money)>,
    /// The draws of the measure, in order, each with the place of its rule.
    pub draws: Vec<(Draw, Place)>,
    /// The key, and after it the key of what its fixed amounts leave.
    pub steps: Vec<KeyStep>,
}

/// What one key did for the party.
#[derive(Clone, Debug)]
pub struct KeyStep {
    /// The amount that the key shared.
    pub amount: Money,
    /// Its parts in order.
    pub parts: Vec<PartStep>,
    /// The rounding of its proportional parts; none where it has none or the party has no weight in them.
    pub rounding: Option<Rounding>,
}

/// What one part of a key did for the party.
#[derive(Clone, Debug)]
pub struct PartStep {
    /// The part.
    pub part: PartPlan,
    /// The party's value in the part; none where it does not share in it.
    pub value: Option<Ratio>,
    /// The sum of all values in the part.
    pub sum: Ratio,
    /// The rate per unit before and after it was rounded, where the part rounds its rate.
    pub rate: Option<(Ratio, Ratio)>,
    /// What the part comes to for the party, in kroner, exactly.
    pub exact: Ratio,
    /// The same rounded, for parts that are rounded one by one.
    pub rounded: Option<Ratio>,
}

/// How the proportional parts of a key were rounded for the party.
#[derive(Clone, Debug)]
pub struct Rounding {
    /// The exact share in kroner.
    pub exact: Ratio,
    /// The exact share cut to whole units.
    pub cut: Money,
    /// What was cut off, as a part of a unit.
    pub remainder: Ratio,
    /// The party's place in the queue for left-over units; 1 is first.
    pub queue: usize,
    /// The parties in the queue with their remainders, first to last.
    pub queued: Vec<(PartyIx, Ratio)>,
    /// How many units were left over.
    pub left_over: usize,
    /// One unit, with the sign of the amount.
    pub unit: Money,
    /// Whether the party got one.
    pub got_left_over: bool,
    /// Whether another party had the same remainder, so that the larger weight or the id decided.
    pub tie: bool,
}

/// Works out the certificate of a share; none where nothing was split.
///
/// # Errors
/// [`ShareFault`] when a number does not fit, which the run would have met before.
pub fn certificate(
    scenario: &Scenario,
    plan: &Plan,
    walked: &YearBudget,
    year_index: usize,
    measure: MeasureIx,
    party: PartyIx,
) -> Result<Option<Certificate>, ShareFault> {
    let Some(key) = plan.key(year_index, measure) else { return Ok(None) };
    let figures = walked.measures[measure.0];
    let own = &scenario.measures[measure.0];
    let version = own.version_standing_for(walked.version, walked.year);
    let line = |line: &crate::model::measure::CostLine| {
        Some((line.name.clone(), line.amount(version, walked.year)?))
    };
    let place = |draw: &Draw| plan.draws(year_index, measure)[draw.step].place.clone();
    let mut steps = Vec::new();
    let ready = ReadyKey::new(key, &scenario.parties);
    let (mut next, mut amount) = (Some(&ready), figures.net);
    while let Some(ready) = next {
        steps.push(key_step(ready, amount, own.round_to, party)?);
        next = ready.rest();
        if next.is_some() {
            amount = ready.left(amount, own.round_to)?;
        }
    }
    Ok(Some(Certificate {
        party,
        measure,
        year: walked.year,
        share: walked.share(measure, party),
        figures,
        lines: own.lines.iter().filter_map(line).collect(),
        draws: walked.draws_of(measure).map(|draw| (draw.clone(), place(draw))).collect(),
        steps,
    }))
}

fn key_step(ready: &ReadyKey<'_>, amount: Money, unit: Money, party: PartyIx) -> Result<KeyStep, TooLarge> {
    let parts = ready.plan.parts.iter().map(|part| part_step(part, amount, unit, party)).collect();
    let Some((_, portions)) = ready.portions(amount, unit) else {
        return Ok(KeyStep { amount, parts, rounding: None });
    };
    let left_over = portions.iter().filter(|(_, portion)| portion.got_left_over).count();
    let mut queued: Vec<_> =
        portions.iter().map(|(party, portion)| (portion.queue, *party, portion.remainder.clone())).collect();
    queued.sort_by_key(|(queue, ..)| *queue);
    let queued: Vec<(PartyIx, Ratio)> =
        queued.into_iter().map(|(_, party, remainder)| (party, remainder)).collect();
    let own = portions.iter().find(|(other, _)| *other == party);
    let rounding = own.map(|(_, own)| {
        let same = |(other, portion): &(PartyIx, _)| {
            let portion: &crate::ground::split::Portion = portion;
            *other != party && portion.remainder == own.remainder && own.remainder != ratio::whole(0)
        };
        Ok(Rounding {
            exact: &own.exact * unit.kroner(),
            cut: Money::from_wide_ore(own.cut * i128::from(unit.ore()))?,
            remainder: own.remainder.clone(),
            queue: own.queue,
            queued: queued.clone(),
            left_over,
            unit: if amount.is_negative() { Money::ZERO.minus(unit)? } else { unit },
            got_left_over: own.got_left_over,
            tie: portions.iter().any(same),
        })
    });
    Ok(KeyStep { amount, parts, rounding: rounding.transpose()? })
}

fn part_step(part: &PartPlan, amount: Money, unit: Money, party: PartyIx) -> PartStep {
    let position = part.parties.iter().position(|own| *own == party);
    let value = position.map(|position| part.values[position].clone());
    let sum: Ratio = part.values.iter().sum();
    let (exact, rounded) = match (&part.base, share::one_by_one(part, party, amount, unit), &value) {
        (_, Some((exact, rounded)), _) => (exact, Some(rounded)),
        (Base::Proportional { factor, .. }, None, Some(value)) => {
            (amount.kroner() * factor * value / &sum, None)
        }
        _ => (ratio::whole(0), None),
    };
    PartStep { part: part.clone(), value, sum, rate: share::rounded_rate(part, amount), exact, rounded }
}
