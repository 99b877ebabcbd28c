//! What each party pays before the last rounding: what a key shares in proportion as an exact fraction, before any
//! left-over unit is handed out. All else stands as it was walked: amounts and rates that are rounded one by one,
//! shares that a limit holds, draws, charges, buy-ins, what is brought forward and paid out.
//!
//! A walk with `round_to` of one øre, seen like this, is what the rules say with next to no rounding at all.

use std::collections::BTreeMap;

use num_traits::Zero;

use crate::ground::money::{Money, TooLarge};
use crate::ground::ratio::{self, Ratio};
use crate::model::measure::MeasureIx;
use crate::model::party::PartyIx;
use crate::model::scenario::Scenario;
use crate::rules::plan::{KeyIx, Plan};

use super::budget::Budget;
use super::keys::ReadyKeys;
use super::share::{Circumstances, ReadyKey, ShareFault, Step};
use super::year;

/// What a budget was walked with.
#[derive(Clone, Copy)]
pub struct Walked<'w> {
    /// The scenario.
    pub scenario: &'w Scenario,
    /// What its rules declared.
    pub plan: &'w Plan,
    /// The plan's keys, reduced to weights.
    pub keys: &'w ReadyKeys,
    /// What came out.
    pub budget: &'w Budget,
}

/// What each party is to pay by the budget in the year at this position, in all and exactly, in øre: its shares,
/// buy-ins and what is brought forward, less what it got on leaving. By party.
///
/// # Errors
/// [`TooLarge`] for an amount that does not fit, which the walk would have met before.
pub fn payable(walked: Walked<'_>, year_index: usize) -> Result<Vec<Ratio>, TooLarge> {
    let Walked { scenario, plan, keys, budget } = walked;
    let of_year = &budget.billed[year_index];
    let mut exact = vec![Ratio::zero(); scenario.parties.count()];
    // What one proportion splits can be added up first: a part of a sum is the sum of the parts.
    let mut split_by: BTreeMap<KeyIx, i128> = BTreeMap::new();
    for (index, _) in scenario.measures().filter(|(index, _)| of_year.measures[index.0].active) {
        let figures = &of_year.measures[index.0];
        let Some(key_ix) = plan.key_ix(year_index, index) else { continue };
        if let Some(host) = host(scenario, index).filter(|_| !figures.host_part.is_zero()) {
            exact[host.0] += figures.host_part.ore_ratio();
        }
        if keys.get(key_ix).plan.is_one_proportion() {
            *split_by.entry(key_ix).or_default() += i128::from(figures.net.ore());
        } else {
            add_steps(walked, year_index, (index, keys.get(key_ix)), &mut exact)?;
        }
    }
    for (key, net) in split_by {
        for party in keys.get(key).plan.parties() {
            exact[party.0] += ratio::whole(net) * keys.get(key).fraction(party);
        }
    }
    let besides =
        of_year.buy_ins.values().map(|buy_in| &buy_in.amounts).chain(of_year.brought_forward.values());
    for amounts in besides {
        exact.iter_mut().zip(amounts).for_each(|(exact, amount)| *exact += amount.ore_ratio());
    }
    for payout in &budget.closing_walk(year_index).payouts {
        exact[payout.party.0] -= payout.amount.ore_ratio();
    }
    Ok(exact)
}

/// Who takes up the difference between what is split and what is billed.
fn host(scenario: &Scenario, index: MeasureIx) -> Option<PartyIx> {
    match scenario.measures[index.0].residual {
        Some(crate::model::measure::Residual::Host(party)) => Some(party),
        _ => None,
    }
}

/// Adds the shares of a measure whose key is more than one proportion, step by step.
fn add_steps(
    walked: Walked<'_>,
    year_index: usize,
    (index, key): (MeasureIx, &ReadyKey),
    exact: &mut [Ratio],
) -> Result<(), TooLarge> {
    let Walked { scenario, plan, budget, .. } = walked;
    let (of_year, measure) = (&budget.billed[year_index], &scenario.measures[index.0]);
    let net = of_year.measures[index.0].net;
    let nets = year::by_tag(key, (index, measure), plan.draws(year_index, index), of_year)?;
    let last_year = key.has_limits.then(|| budget.billed_last_year(scenario, year_index, index)).flatten();
    let unit = year::split_unit(measure, of_year.version, of_year.year, nets.iter().copied().chain([net]));
    let circumstances = Circumstances {
        unit,
        last_year: last_year.as_deref(),
        behind: of_year.behind.get(&index).map(Vec::as_slice),
        nets: &nets,
    };
    // Any other fault the walk would have met before.
    let steps = key.steps(net, &circumstances).map_err(|_: ShareFault| TooLarge)?;
    for step in &steps {
        exact.iter_mut().zip(&step.given).for_each(|(exact, given)| *exact += given.ore_ratio());
        for (party, _, portion) in &step.portions {
            let Some(portion) = portion.as_ref().filter(|_| !is_cut(step, *party, unit)) else { continue };
            exact[party.0] += (&portion.exact - ratio::whole(portion.share())) * unit.ore_ratio();
        }
    }
    Ok(())
}

/// Whether a maximum or minimum before `.rest(…)` has cut a share that was rounded already: it is the limit then,
/// to the unit.
fn is_cut(step: &Step, party: PartyIx, unit: Money) -> bool {
    let Some(bounds) = step.bounds.as_ref().filter(|_| step.plan.rest.is_some()) else { return false };
    let (bounds, units) = (bounds.of(party), i128::from(step.given[party.0].ore() / unit.ore()).abs());
    bounds.most == Some(units) || units == bounds.least && !bounds.least.is_zero()
}
