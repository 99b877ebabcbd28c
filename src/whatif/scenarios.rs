//! The difference between two scenarios, attributed: each kind of change is a player, and a set of them is worth what
//! everybody pays in the [hybrid](super::hybrid) where these kinds are as in the second scenario.
//!
//! What everybody pays there is taken before rounding: the hybrid is walked with a `round_to` of one øre and without
//! memory, and what a key shares in proportion is counted [exactly](crate::engine::exact). So a part is what the kind
//! did, and not how some krone happened to fall.

use std::sync::Arc;

use num_traits::Zero;

use crate::engine::exact;
use crate::ground::money::TooLarge;
use crate::ground::ratio::Ratio;
use crate::rules::sandbox::Clock;

use super::alteration::party_of;
use super::attribution::Attribution;
use super::difference::Difference;
use super::facets::Facets;
use super::game::{Joined, Order, Part, Players, play};
use super::hybrid::{Hybrid, without_rounding};
use super::hybrid_walk::{HybridWalk, HybridWalker, Refusal};
use super::kind::Kind;
use super::rules_of_both::ChangedRules;
use super::side::Side;

/// Attributes the difference between what is paid in two scenarios; the second was read beside the first. With an
/// order, kinds change in that order; else in every order, and each gets its average. Kinds that are not in the order
/// follow after it.
///
/// # Errors
/// [`TooLarge`] for amounts that do not fit.
pub fn attribute(
    first: &Side<'_>,
    second: &Side<'_>,
    order: Option<&[Kind]>,
    clock: &Arc<dyn Clock>,
) -> Result<Attribution, TooLarge> {
    let rules = ChangedRules::between(first, second);
    let kinds = Facets { first, second, rules: &rules }.kinds();
    let difference = Difference::of_budgets(&first.outcome, &second.outcome, None)?;
    let walker = HybridWalker { rules: &rules, clock: Arc::clone(clock) };
    let worth = |changed: Players| {
        let of_second: Vec<Kind> = match changed == Players::first(kinds.len()) {
            // What does not differ goes along, so that the end is the second scenario.
            true => Kind::ALL.to_vec(),
            false => changed.iter().map(|player| kinds[player]).collect(),
        };
        let hybrid = Hybrid { first, second, of_second: &of_second };
        let walk = walker.walk(hybrid, without_rounding(hybrid.file()))?;
        payable(&difference, hybrid, &walk).map_err(Refusal::from)
    };
    let parts = play_kinds(&kinds, order, &difference, worth)?;
    Attribution::of_parts(difference, &kinds, &parts)
}

/// What everybody pays in a hybrid, exactly: by period, then by party.
fn payable(difference: &Difference, hybrid: Hybrid<'_>, walk: &HybridWalk) -> Result<Vec<Ratio>, TooLarge> {
    let walked = walk.walked();
    let of_second = hybrid.of_second.contains(&Kind::Drivers);
    let mut all = Vec::with_capacity(difference.periods.len() * difference.parties.len());
    for period in &difference.periods {
        // A hybrid has the calendar of its drivers.
        let year = if of_second { period.after.or(period.before) } else { period.before.or(period.after) };
        let year_index = year.and_then(|year| walked.budget.years.index(year));
        let payable = year_index.map(|year_index| exact::payable(walked, year_index)).transpose()?;
        for subject in &difference.parties {
            let party = party_of(&walked.scenario.parties, &subject.id);
            let of_party = payable.as_ref().zip(party).map(|(payable, party)| payable[party.0].clone());
            all.push(of_party.unwrap_or_else(Ratio::zero));
        }
    }
    Ok(all)
}

/// Plays the game of some kinds. Where one of the ends cannot be walked without rounding, they did the whole change
/// together.
///
/// # Errors
/// [`TooLarge`] for amounts that do not fit.
pub(super) fn play_kinds(
    kinds: &[Kind],
    order: Option<&[Kind]>,
    difference: &Difference,
    worth: impl Fn(Players) -> Result<Vec<Ratio>, Refusal> + Sync,
) -> Result<Vec<Part<Refusal>>, TooLarge> {
    if kinds.is_empty() {
        return Ok(vec![]);
    }
    let players = order.map(|order| players_of(order, kinds));
    let order = players.as_deref().map_or(Order::Every, Order::Stated);
    match play(kinds.len(), order, worth) {
        Ok(parts) => Ok(parts),
        Err(fault) => {
            let cells = (0..difference.periods.len())
                .flat_map(|period| (0..difference.parties.len()).map(move |party| (period, party)));
            let change = |(period, party)| Ok(difference.over_measures(period, party)?.change()?.ore_ratio());
            Ok(vec![Part {
                players: Players::first(kinds.len()),
                amounts: cells.map(change).collect::<Result<_, TooLarge>>()?,
                joined_by: Some(Joined { without_others: Players::NONE, fault }),
            }])
        }
    }
}

/// The players of an order of kinds, and after them those who are not named.
fn players_of(order: &[Kind], kinds: &[Kind]) -> Vec<usize> {
    let named = order.iter().filter_map(|kind| kinds.iter().position(|own| own == kind));
    let mut players: Vec<usize> = Vec::with_capacity(kinds.len());
    for player in named.chain(0..kinds.len()) {
        if !players.contains(&player) {
            players.push(player);
        }
    }
    players
}
