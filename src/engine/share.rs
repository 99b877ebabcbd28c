//! From a planned key and an amount to shares. Everything proportional in a key is combined first and
//! rounded once, by largest remainder; fixed amounts and rounded rates are rounded one by one; limits are met
//! before any remainder is handed out.

use std::collections::BTreeMap;
use std::sync::Arc;

use num_traits::{One, ToPrimitive, Zero};

use crate::ground::column::{MixPart, mix};
use crate::ground::limits::{Bounds, Contradiction, Hold, fill, split_within, what_is_left};
use crate::ground::memory::{TooSmall, split_with_memory, still_behind};
use crate::ground::money::{Money, NotMoney, TooLarge};
use crate::ground::ratio::{self, Ratio};
use crate::ground::rows::RowWeights;
use crate::ground::source::Place;
use crate::ground::split::{self, Portion, nearest_multiple};
use crate::ground::transfers::balanced;
use crate::model::party::{Parties, PartyIx};
use crate::rules::plan::{Base, KeyPlan, LimitPlan, PartPlan};

use super::limit::{self, PartyBounds};

/// A key reduced to integer weights, made once and used for every amount.
#[derive(Clone, Debug)]
pub struct ReadyKey {
    /// The key it was made from.
    pub plan: Arc<KeyPlan>,
    mix: Option<Arc<Mix>>,
    rest: Option<Box<ReadyKey>>,
    /// For each tag of the key, in order: its key.
    by_tag: Vec<ReadyKey>,
    /// The place of each party's id in byte order.
    ranks: Arc<[u32]>,
    /// Whether it is one proportion of the whole, so that a share is nothing but one split.
    is_one_split: bool,
    /// Whether anything in it has limits.
    pub has_limits: bool,
}

/// The exact proportional parts of a key, combined.
#[derive(Debug)]
struct Mix {
    /// The fraction of the amount that they share.
    factor: Ratio,
    rows: Arc<RowWeights>,
}

/// The mixes made so far: keys whose parts have the same numbers have one in common.
#[derive(Debug, Default)]
pub struct Mixes(BTreeMap<Vec<MixPartName>, Option<Arc<Mix>>>);

/// What tells parts of mixes apart: the factor, the numbers and who has them, and whether 0 counts as well.
type MixPartName = (Ratio, usize, usize, bool);

/// What a share depends on besides the key and the amount.
#[derive(Clone, Copy, Debug)]
pub struct Circumstances<'c> {
    /// Shares are multiples of this.
    pub unit: Money,
    /// What each party was billed the year before, where anything was split.
    pub last_year: Option<&'c [Option<Money>]>,
    /// By how many units each party is behind, where rounding has a memory.
    pub behind: Option<&'c [Ratio]>,
    /// For a key by tags: the net cost of each of its tags, in order.
    pub nets: &'c [Money],
}

/// What one key of a chain did; the rest of it is the next step.
#[derive(Clone, Debug)]
pub struct Step {
    /// The key.
    pub plan: Arc<KeyPlan>,
    /// The tag of the cost it shared, for a key by tags.
    pub tag: Option<String>,
    /// The amount that it shared.
    pub amount: Money,
    /// What it gave each party.
    pub given: Vec<Money>,
    /// The limits of the shares, in units, by party, where it has any.
    pub bounds: Option<PartyBounds>,
    /// How the proportional parts were rounded, for who has a weight in them.
    pub portions: Vec<(PartyIx, Hold, Option<Portion>)>,
}

/// Why an amount cannot be shared by a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ShareFault {
    /// The amount is not a multiple of the unit.
    NotAMultiple,
    /// The fixed amounts sum to this, which is more than there is to share.
    NothingLeft(Money),
    /// Limits that cannot be met, with the parties whose limits they are, and the amount they are to share.
    Limits(Contradiction, Vec<(PartyIx, Bounds)>, Money),
    /// A limit of last year at this place, and there is no last year.
    NoLastYear(Place),
    /// Shares so small that rounding with memory would put somebody a whole unit ahead or behind.
    TooSmall,
    /// A number outside the range of money.
    TooLarge,
}

impl From<TooLarge> for ShareFault {
    fn from(_: TooLarge) -> ShareFault {
        ShareFault::TooLarge
    }
}

impl From<TooSmall> for ShareFault {
    fn from(_: TooSmall) -> ShareFault {
        ShareFault::TooSmall
    }
}

impl ReadyKey {
    /// Reduces a key to integer weights; `mixes` remembers what it has made.
    pub fn new(plan: &Arc<KeyPlan>, parties: &Parties, mixes: &mut Mixes) -> ReadyKey {
        ReadyKey::with_limits(plan, parties.ranks(), plan.has_limits(), mixes)
    }

    /// Where there are limits, who has no weight counts as well: it pays its minimum.
    fn with_limits(plan: &Arc<KeyPlan>, ranks: &Arc<[u32]>, limited: bool, mixes: &mut Mixes) -> ReadyKey {
        let mix = mixes.mix(plan, ranks, limited);
        let is_one_split = plan.is_one_proportion()
            && plan.limits_of_all.is_empty()
            && mix.as_ref().is_some_and(|mix| mix.factor.is_one());
        let mut ready = |plan| ReadyKey::with_limits(plan, ranks, limited, mixes);
        let by_tag = plan.by_tag.iter().map(|(_, key)| ready(key)).collect();
        let rest = plan.rest.as_ref().map(|rest| Box::new(ready(rest)));
        ReadyKey {
            plan: Arc::clone(plan),
            mix,
            rest,
            by_tag,
            ranks: Arc::clone(ranks),
            is_one_split,
            has_limits: limited,
        }
    }

    /// A party's part of any amount, for a key that is one proportion.
    pub fn fraction(&self, party: PartyIx) -> Ratio {
        let Some(mix) = &self.mix else { return Ratio::zero() };
        let position = mix.rows.columns().iter().position(|own| *own == party.0);
        position.map_or_else(Ratio::zero, |position| {
            let (weight, sum) = mix.rows.weights().weight_of_sum(position);
            Ratio::new(weight.into(), sum.into())
        })
    }

    /// The weights of the split that it is, where it is nothing but one split of the whole.
    pub(super) fn one_split(&self) -> Option<&Arc<RowWeights>> {
        self.mix.as_ref().filter(|_| self.is_one_split).map(|mix| &mix.rows)
    }

    /// Adds each party's share of the amount, a multiple of the unit, to `shares`. With memory, gives by how many
    /// units each party is behind afterwards.
    ///
    /// # Errors
    /// [`ShareFault`]; the shares are then of no use.
    pub fn share(
        &self,
        amount: Money,
        circumstances: &Circumstances<'_>,
        shares: &mut [Money],
    ) -> Result<Option<Vec<Ratio>>, ShareFault> {
        self.share_and_tell(amount, circumstances, shares, None)
    }

    /// The same with all steps, for a certificate.
    ///
    /// # Errors
    /// [`ShareFault`], which the run would have met before.
    pub fn steps(&self, amount: Money, circumstances: &Circumstances<'_>) -> Result<Vec<Step>, ShareFault> {
        let mut steps = Vec::new();
        let mut shares = vec![Money::ZERO; self.ranks.len()];
        self.share_and_tell(amount, circumstances, &mut shares, Some(&mut steps))?;
        Ok(steps)
    }

    fn share_and_tell(
        &self,
        amount: Money,
        circumstances: &Circumstances<'_>,
        shares: &mut [Money],
        mut told: Option<&mut Vec<Step>>,
    ) -> Result<Option<Vec<Ratio>>, ShareFault> {
        for ((key, net), (tag, _)) in self.by_tag.iter().zip(circumstances.nets).zip(&self.plan.by_tag) {
            key.share_and_tell(*net, circumstances, shares, told.as_deref_mut())?;
            for step in told.iter_mut().flat_map(|told| told.iter_mut()).filter(|step| step.tag.is_none()) {
                step.tag = Some(tag.clone());
            }
        }
        if !self.by_tag.is_empty() {
            return Ok(None);
        }
        let (limits, negative) = (&self.plan.limits_of_all, amount.is_negative());
        let of_all = self.bounds(limits, amount, circumstances)?;
        let mut behind = None;
        let (mut next, mut amount, mut of_all) = (Some(self), amount, of_all);
        while let Some(key) = next {
            let step = key.step(amount, circumstances, of_all.as_ref(), &mut behind, told.is_some())?;
            for (share, given) in shares.iter_mut().zip(&step.given) {
                *share = share.plus(*given)?;
            }
            next = key.rest.as_deref();
            if next.is_some() {
                amount = left(amount, Money::sum(step.given.iter().copied())?)?;
                of_all = of_all.map(|bounds| bounds.less(&step.given, circumstances.unit, negative, limits));
            } else if let Some(bounds) = &of_all {
                bounds.check(&step.given, circumstances.unit, amount)?;
            }
            if let Some(told) = told.as_deref_mut() {
                told.push(step);
            }
        }
        Ok(behind)
    }

    fn bounds(
        &self,
        limits: &[LimitPlan],
        amount: Money,
        circumstances: &Circumstances<'_>,
    ) -> Result<Option<PartyBounds>, ShareFault> {
        if limits.is_empty() {
            return Ok(None);
        }
        limit::bounds(limits, amount, circumstances, &self.plan.parties(), self.ranks.len())
    }

    /// What this key does with an amount, without its rest.
    fn step(
        &self,
        amount: Money,
        circumstances: &Circumstances<'_>,
        of_all: Option<&PartyBounds>,
        behind: &mut Option<Vec<Ratio>>,
        tell: bool,
    ) -> Result<Step, ShareFault> {
        let unit = circumstances.unit;
        if amount.ore() % unit.ore() != 0 {
            return Err(ShareFault::NotAMultiple);
        }
        let mut given = self.one_by_one(amount, unit)?;
        let own = self.bounds(&self.plan.limits, amount, circumstances)?;
        let Some(mix) = &self.mix else {
            if let Some(own) = &own {
                own.clamp(&mut given, unit)?;
            }
            return Ok(Step {
                plan: Arc::clone(&self.plan),
                tag: None,
                amount,
                given,
                bounds: own,
                portions: vec![],
            });
        };
        let units = mix.units(amount, unit).ok_or(ShareFault::TooLarge)?;
        // A maximum before `.rest(…)` only cuts: what it leaves is for the rest, and not for the others.
        let cut = self.rest.is_some();
        let bounds = if cut { None } else { limit::both(own.as_ref(), of_all) };
        let (shares, portions) = if tell || circumstances.behind.is_some() {
            let portions = mix.portions(units, bounds.as_ref(), circumstances.behind, amount)?;
            let share = |(party, hold, portion): &(PartyIx, Hold, Option<Portion>)| match (portion, &bounds) {
                (Some(portion), _) => portion.share(),
                (None, Some(bounds)) => bounds.of(*party).held(*hold, amount.is_negative()),
                (None, None) => 0,
            };
            (portions.iter().map(share).collect(), portions)
        } else {
            (mix.shares(units, bounds.as_ref(), amount)?, vec![])
        };
        for (party, share) in mix.rows.columns().iter().zip(shares) {
            let share = Money::from_wide_ore(share * i128::from(unit.ore()))?;
            given[*party] = given[*party].plus(share)?;
        }
        if let (true, Some(own)) = (cut, &own) {
            own.clamp(&mut given, unit)?;
        }
        if let Some(before) = circumstances.behind {
            let mut after = before.to_vec();
            for (party, _, portion) in &portions {
                if let Some(portion) = portion {
                    after[party.0] = still_behind(portion, &before[party.0]);
                }
            }
            *behind = Some(after);
        }
        Ok(Step {
            plan: Arc::clone(&self.plan),
            tag: None,
            amount,
            given,
            bounds: if cut { own } else { bounds },
            portions,
        })
    }

    /// The amounts that are rounded one by one, and transfers, by party.
    fn one_by_one(&self, amount: Money, unit: Money) -> Result<Vec<Money>, ShareFault> {
        let mut given = vec![Money::ZERO; self.ranks.len()];
        for part in &self.plan.parts {
            if matches!(part.base, Base::Transfers) {
                for (party, amount) in part.parties.iter().zip(self.transfers(part, unit)?) {
                    given[party.0] = given[party.0].plus(amount)?;
                }
            }
            for (party, share) in part.parties.iter().zip(rounded_one_by_one(part, amount, unit)) {
                given[party.0] = given[party.0].plus(to_money(&share)?)?;
            }
        }
        Ok(given)
    }

    /// The transfers of a part, rounded so that they sum to zero.
    ///
    /// # Errors
    /// [`ShareFault::TooLarge`].
    pub(super) fn transfers(&self, part: &PartPlan, unit: Money) -> Result<Vec<Money>, ShareFault> {
        let in_units: Vec<Ratio> = part.values.iter().map(|value| value / unit.kroner()).collect();
        let ranks: Vec<u32> = part.parties.iter().map(|party| self.ranks[party.0]).collect();
        // The plan has no transfers that do not sum to zero.
        let units = balanced(&in_units, &ranks).map_err(|_| ShareFault::TooLarge)?;
        let money = |units: i128| Ok(Money::from_wide_ore(units * i128::from(unit.ore()))?);
        units.into_iter().map(money).collect()
    }
}

/// What is left of an amount after so much has been given.
fn left(amount: Money, given: Money) -> Result<Money, ShareFault> {
    let left = amount.minus(given)?;
    let turned = left.is_negative() && !amount.is_negative() || !left.is_negative() && amount.is_negative();
    if turned && !left.is_zero() { Err(ShareFault::NothingLeft(given)) } else { Ok(left) }
}

impl Mixes {
    /// The proportional parts of a key, combined; none where it has none.
    fn mix(&mut self, plan: &KeyPlan, ranks: &Arc<[u32]>, zeros_count: bool) -> Option<Arc<Mix>> {
        let parts: Vec<(&PartPlan, &Ratio)> = plan.parts.iter().filter_map(exact_part).collect();
        let name = |(part, factor): &(&PartPlan, &Ratio)| {
            ((*factor).clone(), part.values.identity(), part.parties.as_ptr() as usize, zeros_count)
        };
        let made = self.0.entry(parts.iter().map(name).collect());
        made.or_insert_with(|| Mix::new(&parts, ranks, zeros_count).map(Arc::new)).clone()
    }
}

impl Mix {
    fn new(parts: &[(&PartPlan, &Ratio)], ranks: &Arc<[u32]>, zeros_count: bool) -> Option<Mix> {
        let columns: Vec<Vec<usize>> =
            parts.iter().map(|(part, _)| part.parties.iter().map(|party| party.0).collect()).collect();
        let mixed: Vec<MixPart<'_>> = parts
            .iter()
            .zip(&columns)
            .map(|((part, factor), positions)| MixPart { factor, numbers: &part.values, positions })
            .collect();
        let (columns, weights) = mix(&mixed, ranks.len(), zeros_count).ok()?;
        let factor = ratio::sum(parts.iter().map(|(_, factor)| *factor));
        Some(Mix { factor, rows: Arc::new(RowWeights::new(columns, weights, ranks)) })
    }

    fn parties(&self) -> impl Iterator<Item = PartyIx> {
        self.rows.columns().iter().copied().map(PartyIx)
    }

    /// The whole number of units of the amount that the parts share.
    fn units(&self, amount: Money, unit: Money) -> Option<i128> {
        let exact = amount.ore_ratio() * &self.factor;
        let unit = unit.ore_ratio();
        (nearest_multiple(&exact, &unit) / unit).to_integer().to_i128()
    }

    /// The shares in units, by position.
    fn shares(
        &self,
        units: i128,
        bounds: Option<&PartyBounds>,
        amount: Money,
    ) -> Result<Vec<i128>, ShareFault> {
        let Some(bounds) = bounds else {
            return Ok(split::split(units, self.rows.weights(), &self.rows.ranks()));
        };
        let own: Vec<Bounds> = self.parties().map(|party| bounds.of(party)).collect();
        split_within(units, self.rows.weights(), &self.rows.ranks(), &own)
            .map_err(|fault| self.refused(fault, &own, amount))
    }

    fn refused(&self, fault: Contradiction, bounds: &[Bounds], amount: Money) -> ShareFault {
        let named = self.parties().zip(bounds.iter().copied()).collect();
        ShareFault::Limits(fault, named, amount)
    }

    /// Who is held by a limit, and how the others' shares are rounded.
    fn portions(
        &self,
        units: i128,
        bounds: Option<&PartyBounds>,
        behind: Option<&[Ratio]>,
        amount: Money,
    ) -> Result<Vec<(PartyIx, Hold, Option<Portion>)>, ShareFault> {
        let portions = match (bounds, behind) {
            (Some(bounds), _) => return self.within(units, bounds, amount),
            (None, Some(behind)) => {
                let behind: Vec<Ratio> = self.parties().map(|party| behind[party.0].clone()).collect();
                split_with_memory(units, self.rows.weights(), &self.rows.ranks(), &behind)?
            }
            (None, None) => split::split_explained(units, self.rows.weights(), &self.rows.ranks()),
        };
        let free = |(party, portion): (PartyIx, Portion)| (party, Hold::Free, Some(portion));
        Ok(self.parties().zip(portions).map(free).collect())
    }

    fn within(
        &self,
        units: i128,
        bounds: &PartyBounds,
        amount: Money,
    ) -> Result<Vec<(PartyIx, Hold, Option<Portion>)>, ShareFault> {
        let own: Vec<Bounds> = self.parties().map(|party| bounds.of(party)).collect();
        let (weights, all_ranks) = (self.rows.weights(), self.rows.ranks());
        let holds = fill(units.unsigned_abs(), weights, &own);
        let holds = holds.map_err(|fault| self.refused(fault, &own, amount))?;
        let (free, left) = what_is_left(units, &holds, &own);
        let ranks: Vec<u32> = free.iter().map(|position| all_ranks[*position]).collect();
        let mut explained = match weights.subset(&free) {
            Some(weights) => split::split_explained(left, &weights, &ranks),
            None => vec![],
        }
        .into_iter();
        let portion = |(party, hold): (PartyIx, &Hold)| {
            let portion = if *hold == Hold::Free { explained.next() } else { None };
            (party, *hold, portion)
        };
        Ok(self.parties().zip(&holds).map(portion).collect())
    }
}

/// A proportional part without a rounded rate, with its factor.
fn exact_part(part: &PartPlan) -> Option<(&PartPlan, &Ratio)> {
    match &part.base {
        Base::Proportional { factor, rate_unit: None, .. } => Some((part, factor)),
        _ => None,
    }
}

/// The rate of a part that is rounded before it is multiplied: in kroner per unit of its base, exact and
/// rounded.
pub fn rounded_rate(part: &PartPlan, amount: Money) -> Option<(Ratio, Ratio)> {
    let Base::Proportional { factor, rate_unit: Some(rate_unit), .. } = &part.base else { return None };
    let exact = amount.kroner() * factor / part.values.sum();
    let rounded = nearest_multiple(&exact, rate_unit);
    Some((exact, rounded))
}

/// The shares of a part that are rounded one by one to multiples of the unit, in kroner; none for a part
/// that is split exactly.
fn rounded_one_by_one(part: &PartPlan, amount: Money, unit: Money) -> Vec<Ratio> {
    let rate = match (&part.base, rounded_rate(part, amount)) {
        (Base::Fixed(_), _) => ratio::whole(1),
        (_, Some((_, rate))) => rate,
        _ => return vec![],
    };
    part.values.iter().map(|value| nearest_multiple(&(&rate * value), &unit.kroner())).collect()
}

fn to_money(kroner: &Ratio) -> Result<Money, ShareFault> {
    Money::from_kroner(kroner).map_err(|fault| match fault {
        NotMoney::TooLarge | NotMoney::FractionOfOre => ShareFault::TooLarge,
    })
}

/// What a party's fixed amounts and rounded rates in a part come to, in kroner: exact and rounded.
pub fn one_by_one(part: &PartPlan, party: PartyIx, amount: Money, unit: Money) -> Option<(Ratio, Ratio)> {
    let position = part.parties.iter().position(|own| *own == party)?;
    let exact = match rounded_rate(part, amount) {
        Some((_, rate)) => rate * part.values.get(position),
        None if matches!(part.base, Base::Fixed(_)) => part.values.get(position),
        None => return None,
    };
    let rounded = nearest_multiple(&exact, &unit.kroner());
    Some((exact, rounded))
}
