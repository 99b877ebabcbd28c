//! The funding of a year: every measure's steps in order, measures in the order of the file. Steps that ask pro
//! rata wait for each other.

use crate::ground::diagnostic::Diagnostic;
use crate::ground::money::{Money, TooLarge};
use crate::ground::split::{Weights, split};
use crate::model::measure::MeasureIx;
use crate::model::scenario::FundSource;
use crate::rules::plan::DrawPlan;

use super::budget::{Draw, Limit, MeasureBudget, YearBudget};
use super::draw;
use super::faults;
use super::year::YearWalk;

/// How far a measure has come with its funding.
#[derive(Clone, Copy, Debug)]
struct Progress {
    measure: MeasureIx,
    next_step: usize,
    drawn: Money,
    /// Whether its turn in the order of the file has come.
    started: bool,
}

impl YearWalk<'_> {
    /// Makes all draws of the year, and takes them off the net costs.
    ///
    /// # Errors
    /// Amounts that do not fit, steps that wait for each other, own contributions that later steps have made too
    /// small.
    pub(super) fn fund(&self, budget: &mut YearBudget) -> Result<(), Diagnostic> {
        let steps = |index: MeasureIx| self.plan.draws(self.year_index, index);
        let active = budget.measures.iter().enumerate().filter(|(_, figures)| figures.active);
        let mut progress: Vec<Progress> = active
            .map(|(index, _)| MeasureIx(index))
            .filter(|measure| !steps(*measure).is_empty())
            .map(|measure| Progress { measure, next_step: 0, drawn: Money::ZERO, started: false })
            .collect();
        budget.draws.reserve_exact(progress.iter().map(|at| steps(at.measure).len()).sum());
        while let Some(source) = self.draw_until_shared(&mut progress, budget)? {
            let first = progress.first().map_or(MeasureIx(0), |at| at.measure);
            self.share_source(source, &mut progress, budget).map_err(|TooLarge| self.too_large(first))?;
        }
        // Measures that waited for each other have been overtaken.
        budget.draws.sort_by_key(|draw| (draw.measure, draw.step));
        for at in &progress {
            let figures = &mut budget.measures[at.measure.0];
            figures.drawn = at.drawn;
            set_net(figures).map_err(|TooLarge| self.too_large(at.measure))?;
        }
        budget.draws.iter().try_for_each(|draw| self.check_match(draw, budget))
    }

    /// Makes steps in the order of the file until a source that several ask pro rata can be shared; none when all
    /// steps are made.
    fn draw_until_shared(
        &self,
        progress: &mut [Progress],
        budget: &mut YearBudget,
    ) -> Result<Option<FundSource>, Diagnostic> {
        for index in 0..progress.len() {
            let at = &mut progress[index];
            at.started = true;
            self.draw_alone(at, budget).map_err(|TooLarge| self.too_large(at.measure))?;
            if let Some(source) = self.ready_source(&progress[index], progress) {
                return Ok(Some(source));
            }
        }
        let mut waiting = progress.iter().filter_map(|at| self.step(at)).peekable();
        match waiting.peek() {
            None => Ok(None),
            Some(_) => Err(faults::waiting_for_each_other(waiting.map(|step| &step.place), self.year)),
        }
    }

    fn step(&self, at: &Progress) -> Option<&DrawPlan> {
        self.plan.draws(self.year_index, at.measure).get(at.next_step)
    }

    /// Makes the steps of a measure up to the next one that asks pro rata.
    fn draw_alone(&self, at: &mut Progress, budget: &mut YearBudget) -> Result<(), TooLarge> {
        while let Some(step) = self.step(at).filter(|step| !step.pro_rata) {
            let measure = (at.measure, self.scenario.measures[at.measure.0].as_ref());
            let wanted = draw::want(measure, (at.next_step, step), at.drawn, budget)?;
            self.made(draw::draw(wanted, self.scenario, budget)?, at, budget)?;
        }
        Ok(())
    }

    fn made(&self, draw: Draw, at: &mut Progress, budget: &mut YearBudget) -> Result<(), TooLarge> {
        at.drawn = at.drawn.plus(draw.amount)?;
        at.next_step += 1;
        budget.draws.push(draw);
        Ok(())
    }

    /// The source that a measure waits for, where everybody who asks it pro rata has come to it.
    fn ready_source(&self, at: &Progress, all: &[Progress]) -> Option<FundSource> {
        let source = self.step(at)?.source;
        let asks = |step: &DrawPlan| step.pro_rata && step.source == source;
        let has_come = |other: &Progress| {
            let left = &self.plan.draws(self.year_index, other.measure)[other.next_step..];
            !left.iter().any(asks) || other.started && self.step(other).is_some_and(asks)
        };
        all.iter().all(has_come).then_some(source)
    }

    /// Shares what a source has between all who wait for it, in proportion to what they want.
    fn share_source(
        &self,
        source: FundSource,
        progress: &mut [Progress],
        budget: &mut YearBudget,
    ) -> Result<(), TooLarge> {
        let available = draw::available(source, self.scenario, budget)?;
        let mut wants = Vec::new();
        for (index, at) in progress.iter().enumerate() {
            if let Some(step) = self.step(at).filter(|step| step.pro_rata && step.source == source) {
                let measure = (at.measure, self.scenario.measures[at.measure.0].as_ref());
                wants.push((index, draw::want(measure, (at.next_step, step), at.drawn, budget)?));
            }
        }
        let sizes: Vec<u64> = wants.iter().map(|(_, want)| want.amount.ore().unsigned_abs()).collect();
        let wanted = Money::sum(wants.iter().map(|(_, want)| want.amount))?;
        let id = |want: &Draw| &self.scenario.measures[want.measure.0].id;
        let before = |own: &Draw| wants.iter().filter(|(_, other)| id(other) < id(own)).count();
        let ranks: Vec<u32> =
            wants.iter().map(|(_, want)| u32::try_from(before(want)).unwrap_or(u32::MAX)).collect();
        let parts = match Weights::from_integers(&sizes) {
            Ok(weights) if wanted > available => split(available.ore().into(), &weights, &ranks),
            _ => sizes.into_iter().map(i128::from).collect(),
        };
        for ((index, want), part) in wants.into_iter().zip(parts) {
            let amount = Money::from_wide_ore(part)?;
            let limit = if amount < want.amount { Limit::ProRata } else { want.limit };
            let lots = draw::take(source, amount, budget)?;
            self.made(Draw { available, amount, limit, lots, ..want }, &mut progress[index], budget)?;
        }
        Ok(())
    }

    /// The own contribution that is left after all draws still matches.
    fn check_match(&self, draw: &Draw, budget: &YearBudget) -> Result<(), Diagnostic> {
        let step = &self.plan.draws(self.year_index, draw.measure)[draw.step];
        let Some(rate) = &step.match_rate else { return Ok(()) };
        let figures = &budget.measures[draw.measure.0];
        let in_kind = if step.with_in_kind { figures.in_kind } else { Money::ZERO };
        let own = figures.net.plus(in_kind);
        let own = own.map_err(|TooLarge| self.too_large(draw.measure))?;
        let allowed = (own.kroner() + draw.amount.kroner()) * rate;
        if draw.amount.is_zero() || draw.amount.kroner() <= allowed {
            return Ok(());
        }
        let measure = &self.scenario.measures[draw.measure.0];
        Err(faults::match_broken(&step.place, measure, self.year, draw.amount, own))
    }
}

/// Works out the net cost of a measure: what the parties are billed, unless their shares come to something else.
///
/// # Errors
/// [`TooLarge`] when it does not fit.
pub(super) fn set_net(figures: &mut MeasureBudget) -> Result<(), TooLarge> {
    figures.net = figures.gross.plus(figures.received)?.minus(figures.charged)?.minus(figures.drawn)?;
    figures.billed = figures.net;
    Ok(())
}
