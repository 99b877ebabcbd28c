//! The books of a year, for certificates: what stands in the budget as a sum or a result, taken apart again into what
//! it came from. Nothing here is worked out during a run.

use num_traits::Signed;

use crate::ground::money::{Money, TooLarge};
use crate::ground::ratio::{self, Ratio};
use crate::ground::split::{Weights, split_explained};
use crate::model::measure::{Measure, MeasureIx, Residual, Version};
use crate::model::party::PartyIx;
use crate::model::reserve::ReserveIx;
use crate::model::scenario::{FundSource, Scenario};
use crate::model::settlement::Settle;
use crate::model::years::Year;
use crate::rules::plan::{DrawPlan, Plan};

use super::budget::{Budget, Draw, Payout, YearBudget};
use super::certificate::{KeyStep, Rounding};
use super::reserves::Flow;
use super::share::ShareFault;
use super::state::Investment;
use super::walk::Outcome;
use super::{buy_in, tag_net};

/// A year of a budget by one version of its figures, with what it was worked out from.
#[derive(Clone, Copy)]
pub struct Books<'b> {
    /// The scenario.
    pub scenario: &'b Scenario,
    /// What its rules declared.
    pub plan: &'b Plan,
    /// All years.
    pub budget: &'b Budget,
    /// The position of the year.
    pub year_index: usize,
    /// The year.
    pub walked: &'b YearBudget,
}

/// Where an amount that goes into a reserve, or comes out of it, is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlowFrom {
    /// A cost line, by its position.
    Line(usize),
    /// What was billed and not to be split.
    Residual,
    /// The settlement of a measure.
    Settlement,
}

/// What a draw took of the cost with a tag.
#[derive(Clone, Copy, Debug)]
pub struct TagDraw {
    /// From where it is.
    pub source: FundSource,
    /// The whole draw.
    pub amount: Money,
    /// What of the cost with the tag it may cover.
    pub size: Money,
    /// What of the whole cost it may cover.
    pub sizes: Money,
    /// What it took of the cost with the tag.
    pub taken: Money,
}

/// How a source was shared between the measures that asked it pro rata at the same time.
#[derive(Clone, Debug)]
pub struct ProRataStep {
    /// What each wanted, in the order of the file.
    pub wants: Vec<(MeasureIx, Money)>,
    /// How the draw in question was rounded.
    pub rounding: Rounding<MeasureIx>,
}

/// What a party pays for buying in, or gets for it.
#[derive(Clone, Debug)]
pub struct BuyInStep {
    /// How much; below zero for who gets it.
    pub amount: Money,
    /// The part of the key of a newcomer; nothing for the others.
    pub own_part: Ratio,
    /// The parts of the key of all newcomers.
    pub all_parts: Ratio,
    /// What was invested, oldest first.
    pub investments: Vec<InvestmentStep>,
    /// Who comes, with its part of the key.
    pub newcomers: Vec<(PartyIx, Ratio)>,
    /// What all newcomers pay together: exactly, in kroner, and in whole units.
    pub paid: (Ratio, Money),
    /// How the exact amount was rounded together with those of all who pay, or of all who get.
    pub rounding: Option<Rounding<PartyIx>>,
}

/// What was invested in a year, as newcomers find it.
#[derive(Clone, Debug)]
pub struct InvestmentStep {
    /// The year.
    pub year: Year,
    /// What it cost, net.
    pub cost: Money,
    /// What is left of it, in kroner.
    pub book: Ratio,
    /// The party's part of it so far.
    pub held: Ratio,
}

impl<'b> Books<'b> {
    /// The billed figures of the year at a position.
    pub fn billed(outcome: &'b Outcome, year_index: usize) -> Books<'b> {
        let Outcome { scenario, plan, budget, .. } = outcome;
        Books { scenario, plan, budget, year_index, walked: &budget.billed[year_index] }
    }

    /// The figures that the next year opens with: actual ones where there are any.
    pub fn closing(outcome: &'b Outcome, year_index: usize) -> Books<'b> {
        let walked = outcome.budget.closing_walk(year_index);
        Books { walked, ..Books::billed(outcome, year_index) }
    }

    /// The actual figures, where there are any.
    pub fn actual(outcome: &'b Outcome, year_index: usize) -> Option<Books<'b>> {
        let walked = outcome.budget.actual[year_index].as_ref()?;
        Some(Books { walked, ..Books::billed(outcome, year_index) })
    }

    /// The measure of an index.
    pub fn measure(&self, measure: MeasureIx) -> &'b Measure {
        &self.scenario.measures[measure.0]
    }

    /// The rule of a draw.
    pub fn draw_plan(&self, draw: &Draw) -> &'b DrawPlan {
        &self.plan.draws(self.year_index, draw.measure)[draw.step]
    }

    /// What a draw would have been if the source had had enough.
    pub fn wanted(&self, draw: &Draw) -> Money {
        let plan = self.draw_plan(draw);
        let limits = [Some(draw.by_rate), plan.ceiling, draw.matched, Some(draw.needed.max(Money::ZERO))];
        limits.into_iter().flatten().min().unwrap_or_default()
    }

    /// How the source of a draw was shared, where it was not enough for all who asked it pro rata.
    ///
    /// # Errors
    /// [`TooLarge`] when a number does not fit, which the run would have met before.
    pub fn pro_rata(&self, draw: &Draw) -> Result<Option<ProRataStep>, TooLarge> {
        // A measure that asks twice asks in two turns.
        let turn = |draw: &Draw| {
            let plans = &self.plan.draws(self.year_index, draw.measure)[..draw.step];
            plans.iter().filter(|plan| plan.pro_rata && plan.source == draw.source).count()
        };
        let own = turn(draw);
        let together = |other: &&Draw| {
            other.source == draw.source && self.draw_plan(other).pro_rata && turn(other) == own
        };
        let draws: Vec<&Draw> = self.walked.draws.iter().filter(together).collect();
        let wants: Vec<_> = draws.iter().map(|draw| (draw.measure, self.wanted(draw))).collect();
        let sizes: Vec<u64> = wants.iter().map(|(_, want)| want.ore().unsigned_abs()).collect();
        let position = draws.iter().position(|other| other.measure == draw.measure);
        let (Some(position), Ok(weights)) = (position, Weights::from_integers(&sizes)) else {
            return Ok(None);
        };
        if Money::sum(wants.iter().map(|(_, want)| *want))? <= draw.available {
            return Ok(None);
        }
        let id = |draw: &Draw| &self.measure(draw.measure).id;
        let before = |own: &Draw| draws.iter().filter(|other| id(other) < id(own)).count();
        let ranks: Vec<u32> =
            draws.iter().map(|draw| u32::try_from(before(draw)).unwrap_or(u32::MAX)).collect();
        let portions = split_explained(draw.available.ore().into(), &weights, &ranks);
        let portions: Vec<_> = draws.iter().map(|draw| draw.measure).zip(&portions).collect();
        Ok(Some(ProRataStep { rounding: Rounding::of(position, &portions, Money::ORE, None)?, wants }))
    }

    /// What has been drawn from a source before a draw, where draws are made in the order of the file; none where
    /// measures that ask pro rata have waited for each other.
    pub fn drawn_before(&self, draw: &Draw) -> Option<Vec<&'b Draw>> {
        let of_source = self.walked.draws.iter().filter(|other| other.source == draw.source);
        let before: Vec<&Draw> =
            of_source.take_while(|other| (other.measure, other.step) != (draw.measure, draw.step)).collect();
        let sum = Money::sum(before.iter().map(|draw| draw.amount)).ok()?;
        (self.opened(draw.source).ok()?.minus(sum).ok()? == draw.available).then_some(before)
    }

    /// What there was in a source when the draws of the year began: of a reserve, above its minimum.
    ///
    /// # Errors
    /// [`TooLarge`] when the sum does not fit.
    pub fn opened(&self, source: FundSource) -> Result<Money, TooLarge> {
        match source {
            FundSource::Grant(grant) => {
                let lots = self.walked.grants[grant.0].lots.iter();
                Money::sum(lots.flat_map(|lot| [lot.opening, lot.award]))
            }
            FundSource::Reserve(ReserveIx(reserve)) => {
                self.walked.reserves[reserve].opening.minus(self.scenario.reserves[reserve].minimum)
            }
        }
    }

    /// What measures put into reserves at the end of the year, or take out of them where it is negative.
    ///
    /// # Errors
    /// [`TooLarge`] when a sum does not fit.
    pub fn flows(&self) -> Result<Vec<(FlowFrom, Flow)>, TooLarge> {
        let mut flows = Vec::new();
        for (index, measure) in self.scenario.measures() {
            let figures = &self.walked.measures[index.0];
            let version = measure.version_standing_for(self.walked.version, self.walked.year);
            for (position, line) in measure.lines.iter().enumerate().filter(|_| figures.active) {
                if let (Some(reserve), Some(amount)) =
                    (line.to_reserve, line.amount(version, self.walked.year))
                {
                    flows.push((FlowFrom::Line(position), Flow { measure: index, reserve, amount }));
                }
            }
            if let Some(Residual::Reserve(reserve)) = measure.residual {
                let flow = Flow { measure: index, reserve, amount: figures.residual };
                flows.push((FlowFrom::Residual, flow));
            }
            let is_settled = self.walked.version == Version::Actual;
            if let Some(policy) = measure.settlement.filter(|_| is_settled) {
                let more = self.budget.overspend(self.year_index, index)?;
                if let Settle::Reserve(reserve) = policy.of(more.ore()) {
                    let flow = Flow { measure: index, reserve, amount: Money::ZERO.minus(more)? };
                    flows.push((FlowFrom::Settlement, flow));
                }
            }
        }
        flows.retain(|(_, flow)| !flow.amount.is_zero());
        Ok(flows)
    }

    /// The gross cost of the lines with a tag of a measure's key, and what each draw took of it; none where the key is
    /// not by tags.
    ///
    /// # Errors
    /// [`TooLarge`] when a number does not fit, which the run would have met before.
    pub fn tag_steps(&self, index: MeasureIx, tag: &str) -> Result<Option<(Money, Vec<TagDraw>)>, TooLarge> {
        let Some(key) = self.plan.key(self.year_index, index) else { return Ok(None) };
        let tags: Vec<&str> = key.by_tag.iter().map(|(tag, _)| tag.as_str()).collect();
        let Some(own) = tags.iter().position(|known| *known == tag) else { return Ok(None) };
        let measure = self.measure(index);
        let has = |line: usize, tag: &str| measure.lines[line].tags.iter().any(|own| own == tag);
        let group = |line: usize| tags.iter().position(|tag| has(line, tag));
        let plans = self.plan.draws(self.year_index, index);
        let mut told: Vec<Result<TagDraw, TooLarge>> = Vec::new();
        tag_net::nets_and_tell((index, measure), plans, self.walked, tags.len(), group, &mut |step| {
            let sizes = Money::sum(step.sizes.iter().copied());
            told.push(sizes.and_then(|sizes| {
                Ok(TagDraw {
                    source: step.draw.source,
                    amount: step.draw.amount,
                    size: step.sizes[own],
                    sizes,
                    taken: step.before[own].minus(step.after[own])?,
                })
            }));
        })?;
        let gross = measure.tagged(self.walked.version, self.walked.year)?;
        let mut draws = told.into_iter().collect::<Result<Vec<_>, TooLarge>>()?;
        draws.retain(|draw| !draw.taken.is_zero());
        Ok(Some((gross.get(tag).copied().unwrap_or_default(), draws)))
    }

    /// How a leaver's part of a reserve came about: the balance, and what the exit key gave of it.
    ///
    /// # Errors
    /// [`ShareFault`] when a number does not fit, which the run would have met before.
    pub fn payout(&self, payout: &Payout) -> Result<(Money, Vec<KeyStep>), ShareFault> {
        let ledger = &self.walked.reserves[payout.reserve.0];
        let balance = ledger.closing.plus(ledger.payout)?;
        let key = self.plan.exit_key(self.year_index, payout.reserve);
        let steps = key.map(|key| self.plain_steps(key, balance, payout.party));
        Ok((balance, steps.transpose()?.unwrap_or_default()))
    }

    /// What a party pays for buying in to a measure, or gets for it; none where nobody comes.
    ///
    /// # Errors
    /// [`TooLarge`] when a number does not fit, which the run would have met before.
    pub fn buy_in(&self, measure: MeasureIx, party: PartyIx) -> Result<Option<BuyInStep>, TooLarge> {
        let own = self.measure(measure);
        let Some((year, rule)) = self.walked.buy_ins.get(&measure).zip(own.buy_in.as_ref()) else {
            return Ok(None);
        };
        let parties = &self.scenario.parties;
        let exact = buy_in::exact_buy_ins(
            &year.investments,
            &year.newcomers,
            rule,
            self.walked.year,
            parties.count(),
        );
        let ranks: Vec<u32> = parties.iter().map(|(party, _)| parties.rank(party)).collect();
        let (mut rounding, mut paid) = (None, Money::ZERO);
        for side in buy_in::sides(&exact, own.round_to, &ranks)? {
            paid = size(side.units, own.round_to)?;
            let Some(position) = side.parties.iter().position(|own| *own == party.0) else { continue };
            let portions = split_explained(side.units, &side.weights, &side.ranks);
            let portions: Vec<_> = side.parties.iter().map(|party| PartyIx(*party)).zip(&portions).collect();
            let unit = if side.units < 0 { Money::ZERO.minus(own.round_to)? } else { own.round_to };
            rounding = Some(Rounding::of(position, &portions, unit, None)?);
        }
        let newcomer = year.newcomers.iter().find(|(newcomer, _)| *newcomer == party);
        let investment = |held: &Investment| InvestmentStep {
            year: held.year,
            cost: held.amount,
            book: buy_in::book_value(held, rule, self.walked.year),
            held: held.parts[party.0].clone(),
        };
        Ok(Some(BuyInStep {
            amount: year.amounts[party.0],
            own_part: newcomer.map_or_else(|| ratio::whole(0), |(_, part)| part.clone()),
            all_parts: year.newcomers.iter().map(|(_, part)| part).sum(),
            newcomers: year.newcomers.clone(),
            paid: (exact.iter().filter(|amount| amount.is_positive()).sum(), paid),
            investments: year.investments.iter().map(investment).collect(),
            rounding,
        }))
    }
}

/// So many units, without their sign.
fn size(units: i128, unit: Money) -> Result<Money, TooLarge> {
    Money::from_wide_ore(units.abs() * i128::from(unit.ore()))
}
