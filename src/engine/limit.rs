//! The limits of shares in whole units, by party: minimums rounded up and maximums down, so that a limit is not
//! passed by even a fraction.

use num_traits::{Signed, ToPrimitive};

use crate::ground::limits::{Bounds, Contradiction};
use crate::ground::money::Money;
use crate::ground::ratio::Ratio;
use crate::model::party::PartyIx;
use crate::rules::plan::{LimitBase, LimitPlan, Side};

use super::share::{Circumstances, ShareFault};

/// Limits by party, of sizes where the amount is negative.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartyBounds(Vec<Bounds>);

/// The limits that a key sets for those who share in it when it splits an amount; none where it sets none.
///
/// # Errors
/// [`ShareFault::NoLastYear`] for a limit of last year where there is none, [`ShareFault::TooLarge`].
pub fn bounds(
    limits: &[LimitPlan],
    amount: Money,
    circumstances: &Circumstances<'_>,
    parties: &[PartyIx],
    party_count: usize,
) -> Result<Option<PartyBounds>, ShareFault> {
    if limits.is_empty() {
        return Ok(None);
    }
    let unit = circumstances.unit.kroner();
    let mut bounds = vec![Bounds::NONE; party_count];
    for limit in limits {
        for (party, kroner) in sizes(limit, amount, circumstances, parties)? {
            let exact = kroner / &unit;
            let own = match limit.side {
                Side::Least => Bounds { least: to_units(&exact.ceil())?, most: None },
                // A maximum above every amount is none.
                Side::Most => Bounds { least: 0, most: to_units(&exact.floor()).ok() },
            };
            bounds[party.0] = bounds[party.0].and(own);
        }
    }
    Ok(Some(PartyBounds(bounds)))
}

/// A limit in kroner, for each party that has it.
pub fn sizes(
    limit: &LimitPlan,
    amount: Money,
    circumstances: &Circumstances<'_>,
    parties: &[PartyIx],
) -> Result<Vec<(PartyIx, Ratio)>, ShareFault> {
    let last_year = || circumstances.last_year.ok_or_else(|| ShareFault::NoLastYear(limit.place.clone()));
    let whole = amount.kroner().abs();
    let mut sizes = Vec::with_capacity(limit.numbers.len());
    for (party, number) in limit.numbers.iter().filter(|(party, _)| parties.contains(party)) {
        match limit.of {
            LimitBase::Kroner => sizes.push((*party, number.clone())),
            LimitBase::Amount => sizes.push((*party, number * &whole)),
            LimitBase::LastYear => {
                let share = last_year()?[party.0];
                sizes.extend(share.map(|share| (*party, share.kroner().abs() * number)));
            }
        }
    }
    Ok(sizes)
}

/// Two sets of limits at once; none where there are none.
pub fn both(a: Option<&PartyBounds>, b: Option<&PartyBounds>) -> Option<PartyBounds> {
    match (a, b) {
        (Some(a), Some(b)) => Some(PartyBounds(a.0.iter().zip(&b.0).map(|(a, b)| a.and(*b)).collect())),
        (a, b) => a.or(b).cloned(),
    }
}

/// A whole number of units that any amount of money has; what is larger than all money is refused.
fn to_units(units: &Ratio) -> Result<i128, ShareFault> {
    units.to_integer().to_i64().map(i128::from).ok_or(ShareFault::TooLarge)
}

impl PartyBounds {
    /// The limits of a party.
    pub fn of(&self, party: PartyIx) -> Bounds {
        self.0[party.0]
    }

    /// What remains of the limits of a share after something has been given; what is given against the sign of the
    /// amount widens them. They came from `limits`; the sign is that of the whole amount.
    #[must_use]
    pub fn less(&self, given: &[Money], unit: Money, negative: bool, limits: &[LimitPlan]) -> PartyBounds {
        let size = |given: &Money| {
            let units = i128::from(given.ore() / unit.ore());
            if negative { -units } else { units }
        };
        let minimums = || limits.iter().filter(|limit| limit.side == Side::Least);
        let has_minimum =
            |party: usize| minimums().flat_map(|limit| &limit.numbers).any(|(own, _)| *own == PartyIx(party));
        let less = |(party, (bounds, given)): (usize, (&Bounds, &Money))| {
            bounds.less(size(given), has_minimum(party))
        };
        PartyBounds(self.0.iter().zip(given).enumerate().map(less).collect())
    }

    /// Brings amounts that have no sum to keep within the limits, one by one.
    ///
    /// # Errors
    /// [`ShareFault::Limits`] where a minimum is above a maximum, [`ShareFault::TooLarge`].
    pub fn clamp(&self, given: &mut [Money], unit: Money) -> Result<(), ShareFault> {
        for (party, given) in given.iter_mut().enumerate() {
            let bounds = self.0[party];
            if bounds.most.is_some_and(|most| most < bounds.least) {
                let named = vec![(PartyIx(party), bounds)];
                return Err(ShareFault::Limits(Contradiction::Crossed(0), named, *given));
            }
            let units = i128::from(given.ore() / unit.ore());
            let raised = units.abs().max(bounds.least);
            let size = bounds.most.map_or(raised, |most| raised.min(most));
            let sign = if units < 0 { -1 } else { 1 };
            *given = Money::from_wide_ore(size * sign * i128::from(unit.ore()))?;
        }
        Ok(())
    }

    /// Checks the limits of whole shares against what the last key of a chain has given.
    ///
    /// # Errors
    /// [`ShareFault::Limits`] with the first party whose limit does not hold.
    pub fn check(&self, given: &[Money], unit: Money, amount: Money) -> Result<(), ShareFault> {
        for (party, given) in given.iter().enumerate() {
            let bounds = self.0[party];
            let units = i128::from(given.ore() / unit.ore()).abs();
            if units < bounds.least || bounds.most.is_some_and(|most| units > most) {
                let named = vec![(PartyIx(party), bounds)];
                return Err(ShareFault::Limits(Contradiction::Crossed(0), named, amount));
            }
        }
        Ok(())
    }
}
