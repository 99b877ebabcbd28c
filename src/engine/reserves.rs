//! What goes into reserves and out of them besides draws: deposits of cost lines, residuals, settlements, and the
//! parts of parties that leave.

use crate::ground::diagnostic::Diagnostic;
use crate::ground::money::{Money, TooLarge};
use crate::ground::ratio::Ratio;
use crate::ground::split::{Weights, split};
use crate::model::measure::{Measure, MeasureIx};
use crate::model::party::PartyIx;
use crate::model::reserve::ReserveIx;
use crate::model::scenario::FundSource;
use crate::model::settlement::Settle;

use super::budget::{Payout, YearBudget};
use super::draw;
use super::faults;
use super::rows::RowsView;
use super::year::YearWalk;

/// An amount that a measure puts into a reserve at the end of the year, or takes out where it is negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flow {
    /// Which measure.
    pub measure: MeasureIx,
    /// Which reserve.
    pub reserve: ReserveIx,
    /// How much.
    pub amount: Money,
}

impl YearWalk<'_> {
    /// The cost lines that are put into reserves.
    pub(super) fn line_deposits(&self, index: MeasureIx, measure: &Measure, flows: &mut Vec<Flow>) {
        if measure.lines.iter().all(|line| line.to_reserve.is_none()) {
            return;
        }
        let version = measure.version_standing_for(self.version, self.year);
        for line in &measure.lines {
            if let (Some(reserve), Some(amount)) = (line.to_reserve, line.amount(version, self.year)) {
                flows.push(Flow { measure: index, reserve, amount });
            }
        }
    }

    /// Settles a measure with a reserve, where that is its policy: billed − actual goes in.
    ///
    /// # Errors
    /// Amounts that do not fit.
    pub(super) fn settlement_with_reserve(
        &self,
        index: MeasureIx,
        measure: &Measure,
        (rows, billed): (RowsView<'_>, Option<RowsView<'_>>),
        flows: &mut Vec<Flow>,
    ) -> Result<(), Diagnostic> {
        let (Some(billed), Some(policy)) = (billed, measure.settlement) else { return Ok(()) };
        let too_large = |TooLarge| self.too_large(index);
        let sums = rows.shares(index).sum().and_then(|actual| actual.minus(billed.shares(index).sum()?));
        let more = sums.map_err(too_large)?;
        if let Settle::Reserve(reserve) = policy.of(more.ore()) {
            let amount = Money::ZERO.minus(more).map_err(too_large)?;
            flows.push(Flow { measure: index, reserve, amount });
        }
        Ok(())
    }

    /// Makes the flows of the end of a year: what goes in first, whatever the order of the measures.
    ///
    /// # Errors
    /// Amounts that do not fit, and more than a reserve has above its minimum.
    pub(super) fn put_and_take(&self, flows: Vec<Flow>, budget: &mut YearBudget) -> Result<(), Diagnostic> {
        let (taken, put): (Vec<Flow>, Vec<Flow>) =
            flows.into_iter().partition(|flow| flow.amount.is_negative());
        for flow in put {
            let ledger = &mut budget.reserves[flow.reserve.0];
            let sums = ledger
                .deposit
                .plus(flow.amount)
                .and_then(|deposit| Ok((deposit, ledger.closing.plus(flow.amount)?)));
            (ledger.deposit, ledger.closing) = sums.map_err(|TooLarge| self.too_large(flow.measure))?;
        }
        for flow in taken {
            let too_large = |TooLarge| self.too_large(flow.measure);
            let wanted = Money::ZERO.minus(flow.amount).map_err(too_large)?;
            let source = FundSource::Reserve(flow.reserve);
            let available = draw::available(source, self.scenario, budget).map_err(too_large)?;
            if wanted > available {
                let measure = &self.scenario.measures[flow.measure.0];
                let reserve = &self.scenario.reserves[flow.reserve.0];
                return Err(faults::reserve_below_minimum(measure, self.year, reserve, available, wanted));
            }
            draw::take(source, wanted, budget).map_err(too_large)?;
        }
        Ok(())
    }

    /// Pays out the parts of those who leave at the end of the year.
    ///
    /// # Errors
    /// Amounts that do not fit, and a reserve that would fall below its minimum.
    pub(super) fn pay_out_leavers(&self, budget: &mut YearBudget) -> Result<(), Diagnostic> {
        for reserve in 0..self.scenario.reserves.len() {
            let Some(key) = self.plan.exit_key(self.year_index, ReserveIx(reserve)) else { continue };
            let ready = self.keys.get(key);
            let parties: Vec<PartyIx> = ready.plan.parties();
            let parts: Vec<Ratio> = parties.iter().map(|party| ready.fraction(*party)).collect();
            let ranks: Vec<u32> = parties.iter().map(|party| self.scenario.parties.rank(*party)).collect();
            let Ok(weights) = Weights::from_ratios(&parts) else { continue };
            let balance = budget.reserves[reserve].closing;
            let leaves = |party: PartyIx| {
                let until = self.scenario.parties.get(party).period.until;
                until.is_some_and(|until| until.year == self.year)
            };
            for (party, ore) in parties.iter().zip(split(balance.ore().into(), &weights, &ranks)) {
                if leaves(*party) && ore != 0 {
                    // A part of a balance fits wherever the balance does.
                    let amount = Money::from_wide_ore(ore)
                        .map_err(|fault| Diagnostic::error("amount-too-large", fault.to_string()))?;
                    self.pay_out(Payout { reserve: ReserveIx(reserve), party: *party, amount }, budget)?;
                }
            }
        }
        Ok(())
    }

    fn pay_out(&self, payout: Payout, budget: &mut YearBudget) -> Result<(), Diagnostic> {
        let reserve = &self.scenario.reserves[payout.reserve.0];
        let ledger = &mut budget.reserves[payout.reserve.0];
        let left = ledger.closing.minus(payout.amount).ok().filter(|left| *left >= reserve.minimum);
        let Some((left, paid)) = left.zip(ledger.payout.plus(payout.amount).ok()) else {
            let party = &self.scenario.parties.get(payout.party).id;
            return Err(faults::exit_below_minimum(reserve, self.year, party, payout.amount, ledger.closing));
        };
        (ledger.closing, ledger.payout) = (left, paid);
        budget.payouts.push(payout);
        Ok(())
    }
}
