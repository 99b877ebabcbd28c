//! The difference between two scenarios, attributed: each kind of change is a player, and a set of them is worth what
//! everybody pays in the [hybrid](super::hybrid) where these kinds are as in the second scenario.
//!
//! What everybody pays there is taken before rounding: the hybrid is walked with a `round_to` of one øre and without
//! memory, and what a key shares in proportion is counted [exactly](crate::engine::exact). So a part is what the kind
//! did, and not how some krone happened to fall.

use std::sync::Arc;

use num_traits::Zero;

use crate::engine::exact;
use crate::engine::walk::Outcome;
use crate::ground::money::{Money, TooLarge};
use crate::ground::ratio::Ratio;
use crate::model::years::Year;
use crate::rules::sandbox::Clock;

use super::attribution::{Attribution, Bill, KindPart, Payer, Row, Together};
use super::facets::Facets;
use super::game::{self, Order, Part, Players};
use super::hybrid::{Hybrid, without_rounding};
use super::hybrid_walk::{HybridWalk, HybridWalker, Refusal};
use super::kind::Kind;
use super::rules_of_both::ChangedRules;
use super::side::Side;

/// The rows of an attribution: who pays in which years.
struct Rows {
    parties: Vec<Payer>,
    years: Vec<Year>,
}

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
    let rows = Rows::of(&first.outcome, &second.outcome);
    let walker = HybridWalker { rules: &rules, clock: Arc::clone(clock) };
    let worth = |changed: Players| {
        let of_second: Vec<Kind> = match changed.count() {
            // What does not differ is the same in both; all of it goes along, so that the end is the second scenario.
            count if count > 0 && changed == Players::first(kinds.len()) => Kind::ALL.to_vec(),
            _ => changed.iter().map(|player| kinds[player]).collect(),
        };
        let hybrid = Hybrid { first, second, of_second: &of_second };
        let walked = walker.walk(hybrid, without_rounding(hybrid.file()))?;
        rows.exact(&walked)
    };
    let stated = order.map(|order| stated(order, &kinds));
    let order = stated.as_deref().map_or(Order::Every, Order::Stated);
    let bills = rows.bills(&first.outcome, &second.outcome)?;
    let parts = match kinds.is_empty() {
        true => vec![],
        false => game::play(kinds.len(), order, worth)
            .unwrap_or_else(|refusal| vec![the_whole(&bills, kinds.len(), refusal)]),
    };
    close(rows.parties, &kinds, &parts, bills)
}

/// The players of an order of kinds, and after them those who are not named.
pub(super) fn stated(order: &[Kind], kinds: &[Kind]) -> Vec<usize> {
    let named = order.iter().filter_map(|kind| kinds.iter().position(|own| own == kind));
    let mut players: Vec<usize> = Vec::with_capacity(kinds.len());
    for player in named.chain(0..kinds.len()) {
        if !players.contains(&player) {
            players.push(player);
        }
    }
    players
}

/// The whole change as one part, where one of the scenarios cannot be walked without rounding.
pub(super) fn the_whole(bills: &[Bill], kind_count: usize, fault: Refusal) -> Part<Refusal> {
    Part {
        players: Players::first(kind_count),
        amounts: bills.iter().map(|bill| bill.after.ore_ratio() - bill.before.ore_ratio()).collect(),
        joined_by: Some(game::Joined { without_others: Players::NONE, fault }),
    }
}

/// Closes the parts of all rows.
///
/// # Errors
/// [`TooLarge`] for amounts that do not fit.
pub(super) fn close(
    parties: Vec<Payer>,
    kinds: &[Kind],
    parts: &[Part<Refusal>],
    bills: Vec<Bill>,
) -> Result<Attribution, TooLarge> {
    let named = |players: Players| players.iter().map(|player| kinds[player]).collect();
    let kind_part = |part: &Part<Refusal>| KindPart {
        kinds: named(part.players),
        together: part
            .joined_by
            .as_ref()
            .map(|joined| Together { alone: named(joined.without_others), refusal: joined.fault.clone() }),
    };
    let exact = |position: usize| parts.iter().map(|part| part.amounts[position].clone()).collect();
    let rows = bills.into_iter().enumerate().map(|(position, bill)| Row::close(bill, exact(position)));
    Ok(Attribution {
        parties,
        parts: parts.iter().map(kind_part).collect(),
        rows: rows.collect::<Result<_, TooLarge>>()?,
    })
}

impl Rows {
    /// All years and parties of both.
    fn of(first: &Outcome, second: &Outcome) -> Rows {
        let mut parties: Vec<Payer> = Vec::new();
        for (_, party) in first.scenario.parties.iter().chain(second.scenario.parties.iter()) {
            if parties.iter().all(|known| known.id != party.id) {
                parties.push(Payer { id: party.id.clone(), name: party.name.clone() });
            }
        }
        let mut years: Vec<Year> = first.scenario.years.iter().chain(second.scenario.years.iter()).collect();
        years.sort_unstable();
        years.dedup();
        Rows { parties, years }
    }

    /// What everybody pays in a hybrid, exactly.
    fn exact(&self, hybrid: &HybridWalk) -> Result<Vec<Ratio>, Refusal> {
        let walked = hybrid.walked();
        let mut all = Vec::with_capacity(self.years.len() * self.parties.len());
        for year in &self.years {
            let year_index = walked.scenario.years.iter().position(|own| own == *year);
            let payable = year_index.map(|year_index| exact::payable(walked, year_index)).transpose();
            let payable = payable.map_err(|fault| Refusal { message: fault.to_string(), at: None })?;
            for payer in &self.parties {
                let party = walked.scenario.parties.iter().find(|(_, party)| party.id == payer.id);
                let of_party = payable.as_ref().zip(party).map(|(payable, (party, _))| &payable[party.0]);
                all.push(of_party.cloned().unwrap_or_else(Ratio::zero));
            }
        }
        Ok(all)
    }

    /// What everybody is billed on both sides.
    fn bills(&self, first: &Outcome, second: &Outcome) -> Result<Vec<Bill>, TooLarge> {
        let mut bills = Vec::with_capacity(self.years.len() * self.parties.len());
        for year in &self.years {
            for (party, payer) in self.parties.iter().enumerate() {
                let (before, after) = (billed(first, *year, &payer.id)?, billed(second, *year, &payer.id)?);
                bills.push(Bill { year: Some(*year), party, before, after });
            }
        }
        Ok(bills)
    }
}

/// What a party is to pay in a year in all; nothing where there is no such year or party.
fn billed(outcome: &Outcome, year: Year, id: &str) -> Result<Money, TooLarge> {
    let year_index = outcome.scenario.years.iter().position(|own| own == year);
    let party = outcome.scenario.parties.iter().find(|(_, party)| party.id == id);
    let Some((year_index, (party, _))) = year_index.zip(party) else { return Ok(Money::ZERO) };
    let payouts = &outcome.budget.closing_walk(year_index).payouts;
    outcome.budget.billed[year_index].payable(party, payouts)
}
