//! From a planned key and an amount to shares. Everything proportional in a key is combined first and
//! rounded once, by largest remainder; fixed amounts and rounded rates are rounded one by one.

use num_traits::{Signed, ToPrimitive, Zero};

use crate::ground::money::{Money, NotMoney};
use crate::ground::ratio::Ratio;
use crate::ground::split::{self, Portion, Weights, nearest_multiple};
use crate::model::party::{Parties, PartyIx};
use crate::rules::plan::{Base, KeyPlan, PartPlan};

/// A key reduced to integer weights, made once and used for every amount.
#[derive(Clone, Debug)]
pub struct ReadyKey<'k> {
    /// The key it was made from.
    pub plan: &'k KeyPlan,
    mix: Option<Mix>,
    rest: Option<Box<ReadyKey<'k>>>,
}

/// The exact proportional parts of a key, combined.
#[derive(Clone, Debug)]
struct Mix {
    /// The fraction of the amount that they share.
    factor: Ratio,
    parties: Vec<PartyIx>,
    weights: Weights,
    ranks: Vec<u32>,
}

/// Why an amount cannot be shared by a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ShareFault {
    /// The amount is not a multiple of the unit.
    NotAMultiple,
    /// The fixed amounts sum to this, which is more than there is to share.
    NothingLeft(Money),
    /// A number outside the range of money.
    TooLarge,
}

impl From<crate::ground::money::TooLarge> for ShareFault {
    fn from(_: crate::ground::money::TooLarge) -> ShareFault {
        ShareFault::TooLarge
    }
}

impl<'k> ReadyKey<'k> {
    /// Reduces a key to integer weights.
    pub fn new(plan: &'k KeyPlan, parties: &Parties) -> ReadyKey<'k> {
        let exact = plan.parts.iter().filter_map(exact_part);
        let mut factor = Ratio::zero();
        let mut weights: Vec<Ratio> = vec![];
        for (part, part_factor) in exact {
            weights.resize(parties.count(), Ratio::zero());
            let sum: Ratio = part.values.iter().sum();
            factor += part_factor;
            for (party, value) in part.parties.iter().zip(&part.values) {
                weights[party.0] += part_factor * value / &sum;
            }
        }
        let positive: Vec<PartyIx> =
            (0..weights.len()).map(PartyIx).filter(|party| weights[party.0].is_positive()).collect();
        let chosen: Vec<Ratio> = positive.iter().map(|party| weights[party.0].clone()).collect();
        let mix = Weights::from_ratios(&chosen).ok().map(|weights| Mix {
            factor,
            ranks: positive.iter().map(|party| parties.rank(*party)).collect(),
            parties: positive,
            weights,
        });
        let rest = plan.rest.as_ref().map(|rest| Box::new(ReadyKey::new(rest, parties)));
        ReadyKey { plan, mix, rest }
    }

    /// Adds each party's share of the amount, a multiple of the unit, to `shares`.
    ///
    /// # Errors
    /// [`ShareFault`]; the shares are then of no use.
    pub fn share(&self, amount: Money, unit: Money, shares: &mut [Money]) -> Result<(), ShareFault> {
        if amount.ore() % unit.ore() != 0 {
            return Err(ShareFault::NotAMultiple);
        }
        for part in &self.plan.parts {
            for (party, share) in part.parties.iter().zip(rounded_one_by_one(part, amount, unit)) {
                shares[party.0] = shares[party.0].plus(to_money(&share?)?)?;
            }
        }
        if let Some(mix) = &self.mix {
            let units = mix.units(amount, unit).ok_or(ShareFault::TooLarge)?;
            for (party, share) in mix.parties.iter().zip(split::split(units, &mix.weights, &mix.ranks)) {
                let share = Money::from_wide_ore(share * i128::from(unit.ore()))?;
                shares[party.0] = shares[party.0].plus(share)?;
            }
        }
        match &self.rest {
            None => Ok(()),
            Some(rest) => rest.share(self.left(amount, unit)?, unit, shares),
        }
    }

    /// What the fixed amounts leave of an amount.
    ///
    /// # Errors
    /// [`ShareFault::NothingLeft`] when they are more than there is.
    pub fn left(&self, amount: Money, unit: Money) -> Result<Money, ShareFault> {
        let mut fixed = Money::ZERO;
        for part in &self.plan.parts {
            for share in rounded_one_by_one(part, amount, unit) {
                fixed = fixed.plus(to_money(&share?)?)?;
            }
        }
        let left = amount.minus(fixed)?;
        let turned =
            left.is_negative() && !amount.is_negative() || !left.is_negative() && amount.is_negative();
        if turned && !left.is_zero() { Err(ShareFault::NothingLeft(fixed)) } else { Ok(left) }
    }

    /// The key of what the fixed amounts leave.
    pub fn rest(&self) -> Option<&ReadyKey<'k>> {
        self.rest.as_deref()
    }

    /// The split of the proportional parts, with how each share came about: the fraction of the amount that
    /// they share, and a portion in units for each party that has a weight.
    pub fn portions(&self, amount: Money, unit: Money) -> Option<(&Ratio, Vec<(PartyIx, Portion)>)> {
        let mix = self.mix.as_ref()?;
        let portions = split::split_explained(mix.units(amount, unit)?, &mix.weights, &mix.ranks);
        Some((&mix.factor, mix.parties.iter().copied().zip(portions).collect()))
    }
}

impl Mix {
    /// The whole number of units of the amount that the parts share.
    fn units(&self, amount: Money, unit: Money) -> Option<i128> {
        let exact = amount.ore_ratio() * &self.factor;
        let unit = unit.ore_ratio();
        (nearest_multiple(&exact, &unit) / unit).to_integer().to_i128()
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
    let sum: Ratio = part.values.iter().sum();
    let exact = amount.kroner() * factor / sum;
    let rounded = nearest_multiple(&exact, rate_unit);
    Some((exact, rounded))
}

/// The shares of a part that are rounded one by one to multiples of the unit, in kroner; none for a part
/// that is split exactly.
fn rounded_one_by_one<'p>(
    part: &'p PartPlan,
    amount: Money,
    unit: Money,
) -> Box<dyn Iterator<Item = Result<Ratio, ShareFault>> + 'p> {
    let unit = unit.kroner();
    match (&part.base, rounded_rate(part, amount)) {
        (Base::Fixed(_), _) => {
            Box::new(part.values.iter().map(move |value| Ok(nearest_multiple(value, &unit))))
        }
        (_, Some((_, rate))) => {
            Box::new(part.values.iter().map(move |value| Ok(nearest_multiple(&(&rate * value), &unit))))
        }
        _ => Box::new(std::iter::empty()),
    }
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
        Some((_, rate)) => rate * &part.values[position],
        None if matches!(part.base, Base::Fixed(_)) => part.values[position].clone(),
        None => return None,
    };
    let rounded = nearest_multiple(&exact, &unit.kroner());
    Some((exact, rounded))
}
