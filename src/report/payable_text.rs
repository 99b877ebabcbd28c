//! What a party pays in a year in all, as a tree: shares, buy-ins, what is brought forward, and what it gets out of
//! reserves when it leaves.

use crate::engine::walk::Outcome;
use crate::ground::money::{Money, TooLarge};
use crate::ground::numerals::money_norwegian;
use crate::ground::source::Sources;
use crate::model::party::PartyIx;
use crate::model::reserve::ReserveIx;

use super::tree::Branch;

/// Writes what a party pays in the year at this position; nothing where it pays shares of one measure only.
///
/// # Errors
/// [`TooLarge`] when a sum does not fit.
pub fn write(
    outcome: &Outcome,
    sources: &Sources,
    year_index: usize,
    party: PartyIx,
) -> Result<Option<String>, TooLarge> {
    let (scenario, budget) = (&outcome.scenario, &outcome.budget);
    let (walked, closing) = (&budget.billed[year_index], budget.closing_walk(year_index));
    let mut under = Vec::new();
    let mut add = |amount: Money, text: &str| {
        if !amount.is_zero() {
            under.push(Branch::leaf(format!("{} {text}", money_norwegian(amount))));
        }
    };
    for (index, measure) in scenario.measures() {
        add(walked.share(index, party), &measure.title);
    }
    for (measure, buy_in) in &walked.buy_ins {
        add(buy_in.amounts[party.0], &format!("buy-in, {}", scenario.measures[measure.0].title));
    }
    for (measure, amounts) in &walked.brought_forward {
        let title = &scenario.measures[measure.0].title;
        add(amounts[party.0], &format!("brought forward from {}, {title}", walked.year - 1));
    }
    for payout in closing.payouts.iter().filter(|payout| payout.party == party) {
        let ReserveIx(index) = payout.reserve;
        let (reserve, ledger) = (&scenario.reserves[index], &closing.reserves[index]);
        let balance = ledger.closing.plus(ledger.payout)?;
        let key = reserve.exit_key.as_ref();
        let place = key.map(|key| sources.locate_line(&key.place)).unwrap_or_default();
        let key = key.map(|key| key.value.as_str()).unwrap_or_default();
        under.push(Branch::leaf(format!(
            "−{} paid out of {}: its part of {} by {key}   {place}",
            money_norwegian(payout.amount),
            reserve.title,
            money_norwegian(balance)
        )));
    }
    if under.len() < 2 {
        return Ok(None);
    }
    let payable = walked.payable(party, &closing.payouts)?;
    let name = &scenario.parties.get(party).name;
    let text =
        format!("{name} · {} in all = {} {}", walked.year, money_norwegian(payable), scenario.currency);
    Ok(Some(Branch { text, under }.text()))
}
