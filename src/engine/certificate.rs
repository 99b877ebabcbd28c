//! The certificate of a share: how it came about, step by step, so that it can be worked out again by hand.
//! Nothing of it is stored during a run; it is worked out for the asked cell by the functions that split.

use crate::ground::limits::{Bounds, Hold};
use crate::ground::money::{Money, TooLarge};
use crate::ground::ratio::{self, Ratio};
use crate::ground::source::Place;
use crate::ground::split::Portion;
use crate::model::index::IndexStep;
use crate::model::measure::{CostLine, MeasureIx, Version};
use crate::model::party::PartyIx;
use crate::model::scenario::Scenario;
use crate::model::settlement::Settle;
use crate::model::years::Year;
use crate::rules::plan::{Base, KeyIx, LimitBase, PartPlan, Plan, Side};

use super::budget::{Budget, Charge, Draw, MeasureBudget};
use super::share::{self, Circumstances, Mixes, ReadyKey, ShareFault, Step};
use super::state::Investment;
use super::{buy_in, year};

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
    /// The cost lines of the year.
    pub lines: Vec<LineStep>,
    /// How the decided amount came about, where it follows an index.
    pub decided_by: Option<IndexStep>,
    /// What other measures charged to it.
    pub charges: Vec<Charge>,
    /// The draws of the measure, in order, each with the place of its rule.
    pub draws: Vec<(Draw, Place)>,
    /// The key, and after it the key of what its fixed amounts leave; for a key by tags, this for each tag.
    pub steps: Vec<KeyStep>,
    /// What the party pays or gets besides.
    pub besides: Besides,
}

/// A cost line in a certificate.
#[derive(Clone, Debug)]
pub struct LineStep {
    /// Its name.
    pub name: String,
    /// Its amount.
    pub amount: Money,
    /// Whether it is work in kind, which is not part of the gross cost.
    pub in_kind: bool,
    /// How the amount came about, where it follows an index.
    pub indexed: Option<IndexStep>,
}

/// What a party pays or gets for a measure besides its share.
#[derive(Clone, Debug, Default)]
pub struct Besides {
    /// For buying in, or from those who do, where somebody does.
    pub buy_in: Option<BuyInStep>,
    /// Of last year's settlement.
    pub brought_forward: Money,
    /// Actual share − billed share, where the year is settled.
    pub settlement: Option<Money>,
    /// Where the settlement goes, where that is said.
    pub settled_with: Option<Settle>,
    /// The instalments of the share, where there are several.
    pub instalments: Vec<Money>,
}

/// What a party pays for buying in, or gets for it.
#[derive(Clone, Debug)]
pub struct BuyInStep {
    /// How much; below zero for who gets it.
    pub amount: Money,
    /// The part of the key of those who come, all together; for a newcomer its own.
    pub part: Ratio,
    /// By earlier year: what it cost net, what is left of it in kroner, and the party's part of it so far (all of
    /// it for a newcomer).
    pub investments: Vec<(Year, Money, Ratio, Ratio)>,
}

/// What one key did for the party.
#[derive(Clone, Debug)]
pub struct KeyStep {
    /// The tag of the cost it shares, for a key by tags.
    pub tag: Option<String>,
    /// The amount that the key shared.
    pub amount: Money,
    /// Its parts in order.
    pub parts: Vec<PartStep>,
    /// The limits of the party's share in this key, where it has any.
    pub limit: Option<LimitStep>,
    /// The rounding of its proportional parts; none where it has none, the party has no weight in them, or a limit
    /// holds its share.
    pub rounding: Option<Rounding>,
    /// What the party got by this key.
    pub given: Money,
}

/// The limits of a share.
#[derive(Clone, Debug)]
pub struct LimitStep {
    /// What they come from: which side, the number, and the amount that it is a part of, where it is of one.
    pub origins: Vec<(Side, LimitBase, Ratio, Option<Money>)>,
    /// The smallest it may be.
    pub least: Money,
    /// The largest it may be.
    pub most: Option<Money>,
    /// Which of them holds it.
    pub hold: Hold,
    /// The others that are held by a limit, and what they pay.
    pub others: Vec<(PartyIx, Hold, Money)>,
    /// What these leave of the amount, and the party's part of it, for a share that no limit holds.
    pub left: Option<(Money, Ratio)>,
}

/// What one part of a key did for the party.
#[derive(Clone, Debug)]
pub struct PartStep {
    /// The part.
    pub part: PartPlan,
    /// The party's value in the part; none where it does not share in it.
    pub value: Option<Ratio>,
    /// For how many months the party takes part, where not all year.
    pub months: Option<u32>,
    /// The sum of all values in the part.
    pub sum: Ratio,
    /// The rate per unit before and after it was rounded, where the part rounds its rate.
    pub rate: Option<(Ratio, Ratio)>,
    /// What the part comes to for the party, in kroner, exactly.
    pub exact: Ratio,
    /// The same rounded, for parts that are rounded one by one, and for transfers.
    pub rounded: Option<Ratio>,
}

/// How the proportional parts of a key were rounded for the party.
#[derive(Clone, Debug)]
pub struct Rounding {
    /// The exact share in kroner.
    pub exact: Ratio,
    /// By how much the party was behind before, in kroner, where rounding has a memory.
    pub behind: Option<Ratio>,
    /// The exact share (with what was behind) cut to whole units.
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

/// Works out the certificate of a share of the billed budget; none where nothing was split.
///
/// # Errors
/// [`ShareFault`] when a number does not fit, which the run would have met before.
pub fn certificate(
    scenario: &Scenario,
    plan: &Plan,
    budget: &Budget,
    year_index: usize,
    measure: MeasureIx,
    party: PartyIx,
) -> Result<Option<Certificate>, ShareFault> {
    let Some(key) = plan.key_ix(year_index, measure) else { return Ok(None) };
    let walked = &budget.billed[year_index];
    let figures = walked.measures[measure.0];
    let own = &scenario.measures[measure.0];
    let version = own.version_standing_for(walked.version, walked.year);
    let draws = plan.draws(year_index, measure);
    let last_year = budget.billed_last_year(scenario, year_index, measure);
    let behind = walked.behind.get(&measure);
    let (unit, steps) = steps(scenario, plan, budget, (year_index, measure), key)?;
    let behind = behind.map(|behind| &behind[party.0]);
    let steps = steps.iter().map(|step| key_step(step, unit, party, last_year.as_deref(), behind));
    let decided_by = own.decided.indexed.get(&walked.year).filter(|_| version == Version::Budget);
    let line = |line: &CostLine| {
        Some(LineStep {
            name: line.name.clone(),
            amount: line.amount(version, walked.year)?,
            in_kind: line.in_kind,
            indexed: line.budget.indexed.get(&walked.year).filter(|_| version == Version::Budget).cloned(),
        })
    };
    let place = |draw: &Draw| draws[draw.step].place.clone();
    Ok(Some(Certificate {
        party,
        measure,
        year: walked.year,
        share: walked.share(measure, party),
        figures,
        lines: own.lines.iter().filter_map(line).collect(),
        decided_by: decided_by.cloned(),
        charges: walked.charges.iter().filter(|charge| charge.to == measure).copied().collect(),
        draws: walked.draws_of(measure).map(|draw| (draw.clone(), place(draw))).collect(),
        steps: steps.collect::<Result<_, TooLarge>>()?,
        besides: besides(scenario, budget, year_index, measure, party)?,
    }))
}

/// Who is held by a limit in a measure and year, of those who share in its key as a whole.
///
/// # Errors
/// [`ShareFault`] when a number does not fit, which the run would have met before.
pub fn held(
    scenario: &Scenario,
    plan: &Plan,
    budget: &Budget,
    year_index: usize,
    measure: MeasureIx,
) -> Result<Vec<(PartyIx, Hold)>, ShareFault> {
    let limited = |key: &KeyIx| plan.keys[key.0].has_limits();
    let Some(key) = plan.key_ix(year_index, measure).filter(limited) else { return Ok(vec![]) };
    let (unit, steps) = steps(scenario, plan, budget, (year_index, measure), key)?;
    let mut held = Vec::new();
    for step in steps {
        let Some(bounds) = &step.bounds else { continue };
        for party in step.plan.parties() {
            let hold = hold_of(&step, bounds.of(party), unit, party);
            held.extend((hold != Hold::Free).then_some((party, hold)));
        }
    }
    Ok(held)
}

/// What the key of a measure did in a year, step by step, and what it rounded to.
fn steps(
    scenario: &Scenario,
    plan: &Plan,
    budget: &Budget,
    (year_index, measure): (usize, MeasureIx),
    key: KeyIx,
) -> Result<(Money, Vec<Step>), ShareFault> {
    let walked = &budget.billed[year_index];
    let own = &scenario.measures[measure.0];
    let ready = ReadyKey::new(&plan.keys[key.0], &scenario.parties, &mut Mixes::default());
    let nets = year::by_tag(&ready, (measure, own), plan.draws(year_index, measure), walked)?;
    let last_year = budget.billed_last_year(scenario, year_index, measure);
    let net = walked.measures[measure.0].net;
    let circumstances = Circumstances {
        unit: year::split_unit(own, walked.version, walked.year, nets.iter().copied().chain([net])),
        last_year: last_year.as_deref(),
        behind: walked.behind.get(&measure).map(Vec::as_slice),
        nets: &nets,
    };
    Ok((circumstances.unit, ready.steps(net, &circumstances)?))
}

/// Which limit holds a party's share in a step. Amounts that are rounded one by one are held where they stand at
/// a limit.
fn hold_of(step: &Step, bounds: Bounds, unit: Money, party: PartyIx) -> Hold {
    let own = step.portions.iter().find(|(other, ..)| *other == party);
    let units = i128::from(step.given[party.0].ore() / unit.ore()).abs();
    match own {
        Some((_, hold, _)) if step.plan.rest.is_none() => *hold,
        _ if bounds.most == Some(units) => Hold::Most,
        _ if bounds.least > 0 && bounds.least == units => Hold::Least,
        _ => Hold::Free,
    }
}

fn besides(
    scenario: &Scenario,
    budget: &Budget,
    year_index: usize,
    measure: MeasureIx,
    party: PartyIx,
) -> Result<Besides, TooLarge> {
    let walked = &budget.billed[year_index];
    let own = &scenario.measures[measure.0];
    let amount = |amounts: Option<&Vec<Money>>| amounts.map_or(Money::ZERO, |amounts| amounts[party.0]);
    let settled = budget.is_settled(year_index, own, measure);
    let settlement = if settled { budget.settlement(year_index, measure, party)? } else { None };
    let buy_in = walked.buy_ins.get(&measure).zip(own.buy_in.as_ref()).map(|(year, rule)| {
        let own_part = year.newcomers.iter().find(|(newcomer, _)| *newcomer == party);
        let all: Ratio = year.newcomers.iter().map(|(_, part)| part).sum();
        let investment = |held: &Investment| {
            let part = own_part.map_or_else(|| held.parts[party.0].clone(), |_| ratio::whole(1));
            (held.year, held.amount, buy_in::book_value(held, rule, walked.year), part)
        };
        BuyInStep {
            amount: year.amounts[party.0],
            part: own_part.map_or(all, |(_, part)| part.clone()),
            investments: year.investments.iter().map(investment).collect(),
        }
    });
    let policy = own.settlement.filter(|_| settled);
    let more = budget.overspend(year_index, measure)?;
    Ok(Besides {
        settled_with: policy.map(|policy| policy.of(more.ore())),
        buy_in,
        brought_forward: amount(walked.brought_forward.get(&measure)),
        settlement,
        instalments: walked.instalments(own, measure, party),
    })
}

fn key_step(
    step: &Step,
    unit: Money,
    party: PartyIx,
    last_year: Option<&[Option<Money>]>,
    behind: Option<&Ratio>,
) -> Result<KeyStep, TooLarge> {
    let own = step.portions.iter().find(|(other, ..)| *other == party);
    let bounds = step.bounds.as_ref().filter(|_| step.plan.parties().contains(&party));
    let limit = bounds.map(|bounds| {
        let bounds = bounds.of(party);
        let money = |units: i128| Money::from_wide_ore(units.saturating_mul(i128::from(unit.ore())));
        let (least, most) = (money(bounds.least)?, bounds.most.map(money).transpose()?);
        let hold = hold_of(step, bounds, unit, party);
        let held = step.portions.iter().filter(|(other, hold, _)| *other != party && *hold != Hold::Free);
        let others: Vec<_> = held.map(|(other, hold, _)| (*other, *hold, step.given[other.0])).collect();
        let taken = Money::sum(others.iter().map(|(_, _, amount)| *amount))?;
        let left = own.and_then(|(_, _, portion)| portion.as_ref()).zip(step.amount.minus(taken).ok());
        let left = left
            .filter(|(_, left)| hold == Hold::Free && !left.is_zero())
            .map(|(portion, left)| (left, &portion.exact * unit.kroner() / left.kroner()));
        let limits = step.plan.limits.iter().chain(&step.plan.limits_of_all);
        let origins = limits.filter_map(|limit| {
            let (_, number) = limit.numbers.iter().find(|(own, _)| *own == party)?;
            let base = match limit.of {
                LimitBase::Kroner => None,
                LimitBase::Amount => Some(step.amount),
                LimitBase::LastYear => Some(last_year?[party.0]?),
            };
            Some((limit.side, limit.of, number.clone(), base))
        });
        Ok(LimitStep { origins: origins.collect(), least, most, hold, others, left })
    });
    let rounding = own.and_then(|(_, _, portion)| portion.as_ref());
    Ok(KeyStep {
        tag: step.tag.clone(),
        amount: step.amount,
        parts: step.plan.parts.iter().map(|part| part_step(part, step, unit, party)).collect(),
        limit: limit.transpose()?,
        rounding: rounding.map(|own| rounding_of(own, step, unit, party, behind)).transpose()?,
        given: step.given[party.0],
    })
}

fn rounding_of(
    own: &Portion,
    step: &Step,
    unit: Money,
    party: PartyIx,
    behind: Option<&Ratio>,
) -> Result<Rounding, TooLarge> {
    let portions =
        || step.portions.iter().filter_map(|(party, _, portion)| Some((*party, portion.as_ref()?)));
    let mut queued: Vec<_> =
        portions().map(|(party, portion)| (portion.queue, party, portion.remainder.clone())).collect();
    queued.sort_by_key(|(queue, ..)| *queue);
    let same = |(other, portion): (PartyIx, &Portion)| {
        other != party && portion.remainder == own.remainder && own.remainder != ratio::whole(0)
    };
    Ok(Rounding {
        exact: &own.exact * unit.kroner(),
        behind: behind.map(|behind| behind * unit.kroner()),
        cut: Money::from_wide_ore(own.cut * i128::from(unit.ore()))?,
        remainder: own.remainder.clone(),
        queue: own.queue,
        queued: queued.into_iter().map(|(_, party, remainder)| (party, remainder)).collect(),
        left_over: portions().filter(|(_, portion)| portion.got_left_over).count(),
        unit: if step.amount.is_negative() { Money::ZERO.minus(unit)? } else { unit },
        got_left_over: own.got_left_over,
        tie: portions().any(same),
    })
}

fn part_step(part: &PartPlan, step: &Step, unit: Money, party: PartyIx) -> PartStep {
    let position = part.parties.iter().position(|own| *own == party);
    let value = position.map(|position| part.values.get(position));
    let sum: Ratio = part.values.sum();
    let (exact, rounded) = match (&part.base, share::one_by_one(part, party, step.amount, unit), &value) {
        (_, Some((exact, rounded)), _) => (exact, Some(rounded)),
        (Base::Transfers, None, Some(value)) => (value.clone(), Some(step.given[party.0].kroner())),
        (Base::Proportional { factor, .. }, None, Some(value)) => {
            (step.amount.kroner() * factor * value / &sum, None)
        }
        _ => (ratio::whole(0), None),
    };
    let months = part.months.iter().find(|(own, _)| *own == party).map(|(_, months)| *months);
    let rate = share::rounded_rate(part, step.amount);
    PartStep { part: part.clone(), value, months, sum, rate, exact, rounded }
}
