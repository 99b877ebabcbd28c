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
use super::year::YearWalk;

impl YearWalk<'_> {
    /// Puts the cost lines that say so into their reserves.
    ///
    /// # Errors
    /// Amounts that do not fit, or a negative one that a reserve does not have.
    pub(super) fn deposit_lines(
        &self,
        index: MeasureIx,
        measure: &Measure,
        budget: &mut YearBudget,
    ) -> Result<(), Diagnostic> {
        let version = measure.version_standing_for(self.version, self.year);
        for line in &measure.lines {
            if let (Some(reserve), Some(amount)) = (line.to_reserve, line.amount(version, self.year)) {
                self.put_into(reserve, amount, index, budget)?;
            }
        }
        Ok(())
    }

    /// Puts an amount into a reserve, or takes its size out where it is negative.
    ///
    /// # Errors
    /// Amounts that do not fit, and more than the reserve has above its minimum.
    pub(super) fn put_into(
        &self,
        reserve: ReserveIx,
        amount: Money,
        index: MeasureIx,
        budget: &mut YearBudget,
    ) -> Result<(), Diagnostic> {
        let too_large = |TooLarge| self.too_large(index);
        if !amount.is_negative() {
            let ledger = &mut budget.reserves[reserve.0];
            ledger.deposit = ledger.deposit.plus(amount).map_err(too_large)?;
            ledger.closing = ledger.closing.plus(amount).map_err(too_large)?;
            return Ok(());
        }
        let wanted = Money::ZERO.minus(amount).map_err(too_large)?;
        let source = FundSource::Reserve(reserve);
        let available = draw::available(source, self.scenario, budget).map_err(too_large)?;
        if wanted > available {
            let (measure, reserve) = (&self.scenario.measures[index.0], &self.scenario.reserves[reserve.0]);
            return Err(faults::reserve_below_minimum(measure, self.year, reserve, available, wanted));
        }
        draw::take(source, wanted, budget).map(|_| ()).map_err(too_large)
    }

    /// Settles a measure with a reserve, where that is its policy: billed − actual goes in.
    ///
    /// # Errors
    /// Amounts that do not fit, and more than the reserve has.
    pub(super) fn settle_with_reserve(
        &self,
        index: MeasureIx,
        measure: &Measure,
        budget: &mut YearBudget,
    ) -> Result<(), Diagnostic> {
        let (Some(billed), Some(policy)) = (self.billed, measure.settlement) else { return Ok(()) };
        let too_large = |TooLarge| self.too_large(index);
        let sum = |walked: &YearBudget| Money::sum(walked.shares(index).iter().copied());
        let more = sum(budget).and_then(|actual| actual.minus(sum(billed)?)).map_err(too_large)?;
        match policy.of(more.ore()) {
            Settle::Reserve(reserve) => {
                let left = Money::ZERO.minus(more).map_err(too_large)?;
                self.put_into(reserve, left, index, budget)
            }
            Settle::Refund | Settle::CarryForward => Ok(()),
        }
    }

    /// Pays out the parts of those who leave at the end of the year.
    ///
    /// # Errors
    /// Amounts that do not fit, and a reserve that would fall below its minimum.
    pub(super) fn pay_out_leavers(&self, budget: &mut YearBudget) -> Result<(), Diagnostic> {
        for reserve in 0..self.scenario.reserves.len() {
            let Some(key) = self.plan.exit_key(self.year_index, ReserveIx(reserve)) else { continue };
            let parties: Vec<PartyIx> = self.keys[key.0].plan.parties();
            let parts: Vec<Ratio> = parties.iter().map(|party| self.keys[key.0].fraction(*party)).collect();
            let ranks: Vec<u32> = parties.iter().map(|party| self.scenario.parties.rank(*party)).collect();
            let Ok(weights) = Weights::from_ratios(&parts) else { continue };
            let balance = budget.reserves[reserve].closing;
            let leaves = |party: PartyIx| {
                let until = self.scenario.parties.get(party).period.until;
                until.is_some_and(|until| until.year == self.year)
            };
            for (party, ore) in parties.iter().zip(split(balance.ore().into(), &weights, &ranks)) {
                if leaves(*party) && ore != 0 {
                    let amount = Money::from_wide_ore(ore).unwrap_or(balance);
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
