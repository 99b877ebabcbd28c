//! One year: gross cost, grants open, draws, net cost and split, close.

use crate::ground::diagnostic::{Diagnostic, Diagnostics};
use crate::ground::money::{Money, TooLarge};
use crate::model::measure::{Measure, MeasureIx, Residual, Version};
use crate::model::scenario::{FundSource, Scenario};
use crate::model::years::Year;
use crate::rules::plan::Plan;

use super::budget::{MeasureBudget, YearBudget};
use super::draw::{self, Funds};
use super::share::{ReadyKey, ShareFault};
use super::{close, faults};

/// What a year is walked with.
pub struct YearWalk<'w> {
    /// The scenario.
    pub scenario: &'w Scenario,
    /// What its rules declared.
    pub plan: &'w Plan,
    /// The plan's keys, reduced to weights.
    pub keys: &'w [ReadyKey<'w>],
    /// Which year.
    pub year: Year,
    /// Its position, from 0.
    pub year_index: usize,
    /// Which figures.
    pub version: Version,
}

impl YearWalk<'_> {
    /// Walks the year and gives its budget and what the next year opens with. Faults go to `found`.
    pub fn walk(&self, opening: &Funds, found: &mut Diagnostics) -> Option<(YearBudget, Funds)> {
        let errors_before = found.error_count();
        let parties = self.scenario.parties.count();
        let mut budget = YearBudget::new(self.year, self.version, self.scenario.measures.len(), parties);
        for (index, measure) in self.active_measures() {
            found.take(self.gross(index, measure, &mut budget));
        }
        draw::open(self.scenario, opening, &mut budget);
        for (index, measure) in self.active_measures() {
            found.take(self.draws(index, measure, &mut budget));
        }
        for (index, measure) in self.active_measures() {
            found.take(self.split(index, measure, &mut budget));
        }
        let closing = close::close(self.plan, self.scenario.years, &mut budget);
        let closing =
            found.take(closing.map_err(|fault| Diagnostic::error("amount-too-large", fault.to_string())))?;
        (found.error_count() == errors_before).then_some((budget, closing))
    }

    fn active_measures(&self) -> impl Iterator<Item = (MeasureIx, &Measure)> {
        self.scenario.measures().filter(|(_, measure)| measure.is_active(self.year))
    }

    fn gross(&self, index: MeasureIx, measure: &Measure, budget: &mut YearBudget) -> Result<(), Diagnostic> {
        let gross =
            measure.gross_cost(self.version, self.year).map_err(|_| faults::too_large(measure, self.year))?;
        budget.measures[index.0] = MeasureBudget::default().with_gross(gross);
        Ok(())
    }

    fn draws(&self, index: MeasureIx, measure: &Measure, budget: &mut YearBudget) -> Result<(), Diagnostic> {
        self.try_draws(index, measure, budget).map_err(|TooLarge| faults::too_large(measure, self.year))
    }

    fn try_draws(
        &self,
        index: MeasureIx,
        measure: &Measure,
        budget: &mut YearBudget,
    ) -> Result<(), TooLarge> {
        let gross = budget.measures[index.0].gross;
        let mut drawn = Money::ZERO;
        for (step, plan) in self.plan.draws(self.year_index, index).iter().enumerate() {
            let draw = draw::draw((index, measure), (step, plan), gross.minus(drawn)?, budget)?;
            drawn = drawn.plus(draw.amount)?;
            budget.draws.push(draw);
        }
        let figures = &mut budget.measures[index.0];
        figures.drawn = drawn;
        figures.net = gross.minus(drawn)?;
        Ok(())
    }

    fn split(&self, index: MeasureIx, measure: &Measure, budget: &mut YearBudget) -> Result<(), Diagnostic> {
        let Some(key) = self.plan.key_ix(self.year_index, index) else { return Ok(()) };
        let net = budget.measures[index.0].net;
        self.keys[key.0].share(net, measure.round_to, budget.shares_mut(index)).map_err(
            |fault| match fault {
                ShareFault::NotAMultiple => {
                    faults::not_a_multiple(measure, self.year, net, budget.measures[index.0].gross)
                }
                ShareFault::NothingLeft(fixed) => faults::nothing_left(measure, self.year, net, fixed),
                ShareFault::TooLarge => faults::too_large(measure, self.year),
            },
        )?;
        self.residual(index, measure, budget)
    }

    /// Sends the difference between what is split and what is billed where the measure says.
    fn residual(
        &self,
        index: MeasureIx,
        measure: &Measure,
        budget: &mut YearBudget,
    ) -> Result<(), Diagnostic> {
        let too_large = |TooLarge| faults::too_large(measure, self.year);
        let net = budget.measures[index.0].net;
        let billed = Money::sum(budget.shares(index).iter().copied()).map_err(too_large)?;
        let residual = billed.minus(net).map_err(too_large)?;
        let figures = &mut budget.measures[index.0];
        (figures.billed, figures.residual) = (billed, residual);
        match measure.residual {
            _ if residual.is_zero() => Ok(()),
            // A pure tariff has nothing to split: all that it bills is residual, and that is no surprise.
            None if measure.has_no_figures() => Ok(()),
            None => Err(faults::undeclared_residual(measure, self.year, net, billed, residual)),
            Some(Residual::Show) => Ok(()),
            Some(Residual::Host(host)) => {
                let party = self.scenario.parties.get(host);
                if !party.is_active(self.year) {
                    return Err(faults::host_absent(measure, self.year, &party.id));
                }
                let host_part = Money::ZERO.minus(residual).map_err(too_large)?;
                (figures.billed, figures.residual, figures.host_part) = (net, Money::ZERO, host_part);
                let share = &mut budget.shares_mut(index)[host.0];
                *share = share.plus(host_part).map_err(too_large)?;
                Ok(())
            }
            Some(Residual::Reserve(reserve)) => {
                let ledger = &mut budget.reserves[reserve.0];
                if !residual.is_negative() {
                    ledger.deposit = ledger.deposit.plus(residual).map_err(too_large)?;
                    ledger.closing = ledger.closing.plus(residual).map_err(too_large)?;
                    return Ok(());
                }
                let wanted = Money::ZERO.minus(residual).map_err(too_large)?;
                if wanted > ledger.closing {
                    let id = &self.scenario.reserves[reserve.0].id;
                    return Err(faults::reserve_below_zero(measure, self.year, id, ledger.closing, wanted));
                }
                draw::take(FundSource::Reserve(reserve), wanted, budget).map(|_| ()).map_err(too_large)
            }
        }
    }
}
