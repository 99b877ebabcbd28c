//! The certificate of a share: how its key gave it, step by step, so that it can be worked out again by hand.
//! Nothing of it is stored during a run; it is worked out for the asked cell by the functions that split.
//!
//! What a measure costs and what is drawn for it stands in the budget as it is.

use crate::ground::limits::{Bounds, Hold};
use crate::ground::money::{Money, TooLarge};
use crate::ground::ratio::{self, Ratio};
use crate::ground::source::Place;
use crate::ground::split::{Portion, nearest_multiple};
use crate::model::measure::MeasureIx;
use crate::model::party::PartyIx;
use crate::model::scenario::Scenario;
use crate::rules::plan::{Base, KeyIx, LimitBase, PartPlan, Plan, Side};

use super::books::Books;
use super::budget::Budget;
use super::share::{self, Circumstances, Mixes, ReadyKey, ShareFault, Step};
use super::year;

/// What one key did for the party.
#[derive(Clone, Debug)]
pub struct KeyStep {
    /// The tag of the cost it shares, for a key by tags.
    pub tag: Option<String>,
    /// The amount that the key shared.
    pub amount: Money,
    /// Its parts in order.
    pub parts: Vec<PartStep>,
    /// What its proportional parts share in all, in kroner: exactly, and in whole units. They differ where other parts
    /// have a rounded rate.
    pub shared: Option<(Ratio, Money)>,
    /// The limits of the party's share in this key, where it has any.
    pub limit: Option<LimitStep>,
    /// The rounding of its proportional parts; none where it has none, the party has no weight in them, or a limit
    /// holds its share.
    pub rounding: Option<Rounding<PartyIx>>,
    /// What the party got by this key.
    pub given: Money,
}

/// The limits of a share.
#[derive(Clone, Debug)]
pub struct LimitStep {
    /// What they come from.
    pub origins: Vec<LimitOrigin>,
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

/// What a limit comes from.
#[derive(Clone, Debug)]
pub struct LimitOrigin {
    /// Which of the two.
    pub side: Side,
    /// What the number is a part of.
    pub of: LimitBase,
    /// The number.
    pub number: Ratio,
    /// The amount that it is a part of, where it is of one.
    pub base: Option<Money>,
    /// The word that declared it.
    pub place: Place,
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

/// How one of several exact amounts was rounded, so that together they come to a whole number of units. `N` names
/// whose they are.
#[derive(Clone, Debug)]
pub struct Rounding<N> {
    /// The exact amount in kroner.
    pub exact: Ratio,
    /// By how much it was behind before, in kroner, where rounding has a memory.
    pub behind: Option<Ratio>,
    /// The exact amount (with what was behind) cut to whole units.
    pub cut: Money,
    /// What was cut off, as a part of a unit.
    pub remainder: Ratio,
    /// Its place in the queue for left-over units; 1 is first.
    pub queue: usize,
    /// The queue with the remainders, first to last.
    pub queued: Vec<(N, Ratio)>,
    /// How many units were left over.
    pub left_over: usize,
    /// One unit, with the sign of the whole.
    pub unit: Money,
    /// Whether it got one.
    pub got_left_over: bool,
    /// Whether another had the same remainder, so that the larger weight or the id decided.
    pub tie: bool,
}

impl Books<'_> {
    /// How the key of a measure gave a party its share: the key, and after it the key of what its fixed amounts leave;
    /// for a key by tags, this for each tag. None where nothing was split.
    ///
    /// # Errors
    /// [`ShareFault`] when a number does not fit, which the run would have met before.
    pub fn key_steps(&self, measure: MeasureIx, party: PartyIx) -> Result<Vec<KeyStep>, ShareFault> {
        let Some(key) = self.plan.key_ix(self.year_index, measure) else { return Ok(vec![]) };
        let last_year = self.budget.billed_last_year(self.scenario, self.year_index, measure);
        let behind = self.walked.behind.get(&measure).map(|behind| &behind[party.0]);
        let ready = self.ready(key);
        let (unit, steps) = self.steps(measure, &ready)?;
        let own = Own { party, unit, last_year: last_year.as_deref(), behind };
        steps.iter().map(|step| own.key_step(step, &ready)).collect()
    }

    /// What a key of the plan gives a party of an amount that is split to the øre, with nothing else to heed.
    ///
    /// # Errors
    /// [`ShareFault`] when a number does not fit, which the run would have met before.
    pub fn plain_steps(&self, key: KeyIx, amount: Money, party: PartyIx) -> Result<Vec<KeyStep>, ShareFault> {
        let ready = self.ready(key);
        let circumstances = Circumstances { unit: Money::ORE, last_year: None, behind: None, nets: &[] };
        let own = Own { party, unit: Money::ORE, last_year: None, behind: None };
        ready.steps(amount, &circumstances)?.iter().map(|step| own.key_step(step, &ready)).collect()
    }

    fn ready(&self, key: KeyIx) -> ReadyKey {
        ReadyKey::new(&self.plan.keys[key.0].plan, &self.scenario.parties, &mut Mixes::default())
    }

    /// What the key of a measure did, step by step, and what it rounded to.
    fn steps(&self, measure: MeasureIx, ready: &ReadyKey) -> Result<(Money, Vec<Step>), ShareFault> {
        let (walked, own) = (self.walked, self.measure(measure));
        let plans = self.plan.draws(self.year_index, measure);
        let nets = year::by_tag(ready, (measure, own), plans, walked)?;
        let last_year = self.budget.billed_last_year(self.scenario, self.year_index, measure);
        let net = walked.measures[measure.0].net;
        let circumstances = Circumstances {
            unit: year::split_unit(own, walked.version, walked.year, nets.iter().copied().chain([net])),
            last_year: last_year.as_deref(),
            behind: walked.behind.get(&measure).map(Vec::as_slice),
            nets: &nets,
        };
        Ok((circumstances.unit, ready.steps(net, &circumstances)?))
    }
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
    let limited = |key: &KeyIx| plan.keys[key.0].traits.has_limits;
    let Some(key) = plan.key_ix(year_index, measure).filter(limited) else { return Ok(vec![]) };
    let books = Books { scenario, plan, budget, year_index, walked: &budget.billed[year_index] };
    let (unit, steps) = books.steps(measure, &books.ready(key))?;
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

/// The party that a certificate is for, and what its share depends on besides the key and the amount.
struct Own<'o> {
    party: PartyIx,
    unit: Money,
    last_year: Option<&'o [Option<Money>]>,
    behind: Option<&'o Ratio>,
}

impl Own<'_> {
    fn key_step(&self, step: &Step, ready: &ReadyKey) -> Result<KeyStep, ShareFault> {
        let (party, unit) = (self.party, self.unit);
        let portions: Vec<(PartyIx, &Portion)> = step
            .portions
            .iter()
            .filter_map(|(party, _, portion)| Some((*party, portion.as_ref()?)))
            .collect();
        let position = portions.iter().position(|(own, _)| *own == party);
        let signed = if step.amount.is_negative() { Money::ZERO.minus(unit)? } else { unit };
        let rounding = position.map(|own| Rounding::of(own, &portions, signed, self.behind)).transpose()?;
        let shared = shared(step, unit)?;
        let bounds = step.bounds.as_ref().filter(|_| step.plan.parties().contains(&party));
        let whole = shared.as_ref().map_or(step.amount, |(_, rounded)| *rounded);
        let limit = bounds.map(|bounds| self.limit(step, bounds.of(party), whole)).transpose()?;
        let parts = step.plan.parts.iter().map(|part| self.part_step(part, step, ready));
        Ok(KeyStep {
            tag: step.tag.clone(),
            amount: step.amount,
            parts: parts.collect::<Result<_, _>>()?,
            shared,
            limit,
            rounding,
            given: step.given[party.0],
        })
    }

    /// The limits of the share; `whole` is what the proportional parts share.
    fn limit(&self, step: &Step, bounds: Bounds, whole: Money) -> Result<LimitStep, TooLarge> {
        let (party, unit) = (self.party, self.unit);
        let own = step.portions.iter().find(|(other, ..)| *other == party);
        let money = |units: i128| Money::from_wide_ore(units.saturating_mul(i128::from(unit.ore())));
        let (least, most) = (money(bounds.least)?, bounds.most.map(money).transpose()?);
        let hold = hold_of(step, bounds, unit, party);
        let held = step.portions.iter().filter(|(other, hold, _)| *other != party && *hold != Hold::Free);
        let others: Vec<_> = held.map(|(other, hold, _)| (*other, *hold, step.given[other.0])).collect();
        let taken = Money::sum(others.iter().map(|(_, _, amount)| *amount))?;
        let left = own.and_then(|(_, _, portion)| portion.as_ref()).zip(whole.minus(taken).ok());
        let left = left
            .filter(|(_, left)| hold == Hold::Free && !left.is_zero())
            .map(|(portion, left)| (left, &portion.exact * unit.kroner() / left.kroner()));
        let limits = step.plan.limits.iter().chain(&step.plan.limits_of_all);
        let origins = limits.filter_map(|limit| {
            let (_, number) = limit.numbers.iter().find(|(own, _)| *own == party)?;
            let base = match limit.of {
                LimitBase::Kroner => None,
                LimitBase::Amount => Some(step.amount),
                LimitBase::LastYear => Some(self.last_year?[party.0]?),
            };
            let (side, of, place) = (limit.side, limit.of, limit.place.clone());
            Some(LimitOrigin { side, of, number: number.clone(), base, place })
        });
        Ok(LimitStep { origins: origins.collect(), least, most, hold, others, left })
    }

    fn part_step(&self, part: &PartPlan, step: &Step, ready: &ReadyKey) -> Result<PartStep, ShareFault> {
        let (party, unit) = (self.party, self.unit);
        let position = part.parties.iter().position(|own| *own == party);
        let value = position.map(|position| part.values.get(position));
        let sum: Ratio = part.values.sum();
        let (exact, rounded) = match (&part.base, share::one_by_one(part, party, step.amount, unit), &value) {
            (_, Some((exact, rounded)), _) => (exact, Some(rounded)),
            (Base::Transfers, None, Some(value)) => {
                let transfers = ready.transfers(part, unit)?;
                (value.clone(), position.map(|position| transfers[position].kroner()))
            }
            (Base::Proportional { factor, .. }, None, Some(value)) => {
                (step.amount.kroner() * factor * value / &sum, None)
            }
            _ => (ratio::whole(0), None),
        };
        let months = part.months.iter().find(|(own, _)| *own == party).map(|(_, months)| *months);
        let rate = share::rounded_rate(part, step.amount);
        Ok(PartStep { part: part.clone(), value, months, sum, rate, exact, rounded })
    }
}

/// What the proportional parts of a key share in all, in kroner: exactly, and in whole units; none where there are none.
fn shared(step: &Step, unit: Money) -> Result<Option<(Ratio, Money)>, TooLarge> {
    let factor = |part: &PartPlan| match &part.base {
        Base::Proportional { factor, rate_unit: None, .. } => Some(factor.clone()),
        _ => None,
    };
    let factors: Vec<Ratio> = step.plan.parts.iter().filter_map(factor).collect();
    if factors.is_empty() {
        return Ok(None);
    }
    let exact = step.amount.kroner() * factors.iter().sum::<Ratio>();
    let rounded = Money::from_kroner(&nearest_multiple(&exact, &unit.kroner())).map_err(|_| TooLarge)?;
    Ok(Some((exact, rounded)))
}

impl<N: Copy> Rounding<N> {
    /// How the portion at a position was rounded; `unit` has the sign of the whole, and `behind` is in units.
    ///
    /// # Errors
    /// [`TooLarge`] when a number does not fit, which the run would have met before.
    pub fn of(
        own: usize,
        portions: &[(N, &Portion)],
        unit: Money,
        behind: Option<&Ratio>,
    ) -> Result<Rounding<N>, TooLarge> {
        let mut queued: Vec<_> = portions
            .iter()
            .map(|(name, portion)| (portion.queue, *name, portion.remainder.clone()))
            .collect();
        queued.sort_by_key(|(queue, ..)| *queue);
        let (_, portion) = portions[own];
        let same = |(position, (_, other)): (usize, &(N, &Portion))| {
            position != own && other.remainder == portion.remainder && portion.remainder != ratio::whole(0)
        };
        let size = ratio::whole(unit.ore().abs()) / ratio::whole(100);
        Ok(Rounding {
            exact: &portion.exact * &size,
            behind: behind.map(|behind| behind * &size),
            cut: Money::from_wide_ore(portion.cut * i128::from(unit.ore()).abs())?,
            remainder: portion.remainder.clone(),
            queue: portion.queue,
            queued: queued.into_iter().map(|(_, name, remainder)| (name, remainder)).collect(),
            left_over: portions.iter().filter(|(_, portion)| portion.got_left_over).count(),
            unit,
            got_left_over: portion.got_left_over,
            tie: portions.iter().enumerate().any(same),
        })
    }

    /// What it came to: the cut amount, and a unit where it got one.
    ///
    /// # Errors
    /// [`TooLarge`] when it does not fit.
    pub fn given(&self) -> Result<Money, TooLarge> {
        self.cut.plus(if self.got_left_over { self.unit } else { Money::ZERO })
    }
}
