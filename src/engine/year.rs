//! One year: gross cost, charges, grants open, draws, net cost and split, deposits, settlement, close.

use crate::ground::diagnostic::{Diagnostic, Diagnostics};
use crate::ground::money::{Money, TooLarge};
use crate::ground::ratio;
use crate::model::measure::{Measure, MeasureIx, Residual, Version};
use crate::model::scenario::Scenario;
use crate::model::years::Year;
use crate::rules::plan::{DrawPlan, Plan};

use super::budget::{BuyInYear, MeasureBudget, YearBudget};
use super::reserves::Flow;
use super::share::{Circumstances, ReadyKey};
use super::state::{Memory, State};
use super::{buy_in, close, draw, faults, tag_net};

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
    /// For the actual figures: what was billed by the budget.
    pub billed: Option<&'w YearBudget>,
}

impl YearWalk<'_> {
    /// Walks the year and gives its budget and what the next year opens with. Faults go to `found`.
    pub fn walk(&self, before: &State, found: &mut Diagnostics) -> Option<(YearBudget, State)> {
        let errors_before = found.error_count();
        let parties = self.scenario.parties.count();
        let mut budget = YearBudget::new(self.year, self.version, self.scenario.measures.len(), parties);
        for (index, measure) in self.active_measures() {
            found.take(self.gross(index, measure, &mut budget));
        }
        found.take(self.charge(&mut budget))?;
        for (index, measure) in self.active_measures() {
            // Others might have charged it, and have charged nothing.
            let figures = &mut budget.measures[index.0];
            figures.active = measure.is_active(self.year) || !figures.received.is_zero();
        }
        draw::open(self.scenario, before, &mut budget);
        found.take(self.fund(&mut budget))?;
        let mut after = before.clone();
        let mut flows = Vec::new();
        let active: Vec<_> =
            self.active_measures().filter(|(index, _)| budget.measures[index.0].active).collect();
        for (index, measure) in &active {
            let split = self.split(*index, measure, before, &mut after, &mut budget);
            found.take(split.and_then(|()| self.residual(*index, measure, &mut flows, &mut budget)));
        }
        if found.error_count() > errors_before {
            return None;
        }
        for (index, measure) in &active {
            self.line_deposits(*index, measure, &mut flows);
            found.take(self.buy_in(*index, measure, &mut after, &mut budget));
        }
        // Also what was billed and has cost nothing is settled.
        for (index, measure) in self.active_measures() {
            found.take(self.settlement_with_reserve(index, measure, &budget, &mut flows));
        }
        found.take(self.put_and_take(flows, &mut budget));
        found.take(self.pay_out_leavers(&mut budget));
        self.bring_forward(before, &mut budget);
        let closed = close::close_grants(self.scenario, self.plan, before, &mut budget);
        let closed = closed.map_err(|fault| Diagnostic::error("amount-too-large", fault.to_string()));
        (after.lots, after.payments) = found.take(closed)?;
        after.reserves = budget.reserves.iter().map(|reserve| reserve.closing).collect();
        (found.error_count() == errors_before).then_some((budget, after))
    }

    /// The measures that have a cost in the year, in order.
    pub(super) fn active_measures(&self) -> impl Iterator<Item = (MeasureIx, &Measure)> {
        self.scenario.measures().filter(|(index, _)| self.scenario.is_active(*index, self.year))
    }

    pub(super) fn too_large(&self, measure: MeasureIx) -> Diagnostic {
        faults::too_large(&self.scenario.measures[measure.0], self.year)
    }

    fn gross(&self, index: MeasureIx, measure: &Measure, budget: &mut YearBudget) -> Result<(), Diagnostic> {
        let too_large = |TooLarge| self.too_large(index);
        let gross = measure.gross_cost(self.version, self.year).map_err(too_large)?;
        let in_kind = measure.in_kind(self.version, self.year).map_err(too_large)?;
        budget.measures[index.0] = MeasureBudget { in_kind, ..MeasureBudget::default().with_gross(gross) };
        Ok(())
    }

    fn split(
        &self,
        index: MeasureIx,
        measure: &Measure,
        before: &State,
        after: &mut State,
        budget: &mut YearBudget,
    ) -> Result<(), Diagnostic> {
        let Some(key) = self.plan.key_ix(self.year_index, index) else { return Ok(()) };
        let key = &self.keys[key.0];
        let net = budget.measures[index.0].net;
        let memory = measure.with_memory.then(|| self.memory(index, key, before));
        let nets = by_tag(key, (index, measure), self.plan.draws(self.year_index, index), budget)
            .map_err(|TooLarge| self.too_large(index))?;
        let circumstances = Circumstances {
            unit: split_unit(measure, self.version, self.year, nets.iter().copied().chain([net])),
            last_year: before.last_year[index.0].as_deref(),
            behind: memory.as_ref().map(|memory| memory.behind.as_slice()),
            nets: &nets,
        };
        let shared = key.share(net, &circumstances, budget.shares_mut(index));
        let behind = shared.map_err(|fault| {
            let amounts = (net, budget.measures[index.0].gross);
            faults::share(fault, self.scenario, measure, key.plan, self.year, amounts)
        })?;
        if let (Some(memory), Some(behind)) = (memory, behind) {
            budget.behind.insert(index, memory.behind);
            after.behind[index.0] = Some(Memory { takes_part: memory.takes_part, behind });
        }
        Ok(())
    }

    /// By how many units everybody is behind; nobody at all when others share in the key than before.
    fn memory(&self, index: MeasureIx, key: &ReadyKey<'_>, before: &State) -> Memory {
        let mut takes_part = vec![false; self.scenario.parties.count()];
        key.plan.parties().iter().for_each(|party| takes_part[party.0] = true);
        let remembered = before.behind[index.0].clone().filter(|memory| memory.takes_part == takes_part);
        remembered.unwrap_or_else(|| Memory { behind: vec![ratio::whole(0); takes_part.len()], takes_part })
    }

    /// Sends the difference between what is split and what is billed where the measure says.
    fn residual(
        &self,
        index: MeasureIx,
        measure: &Measure,
        flows: &mut Vec<Flow>,
        budget: &mut YearBudget,
    ) -> Result<(), Diagnostic> {
        let too_large = |TooLarge| self.too_large(index);
        if measure.key().is_none() {
            return Ok(());
        }
        let net = budget.measures[index.0].net;
        let billed = Money::sum(budget.shares(index).iter().copied()).map_err(too_large)?;
        let residual = billed.minus(net).map_err(too_large)?;
        let figures = &mut budget.measures[index.0];
        (figures.billed, figures.residual) = (billed, residual);
        match measure.residual {
            _ if residual.is_zero() => Ok(()),
            // A pure tariff has nothing to split: all that it bills is residual, and that is no surprise.
            None if measure.has_no_figures() && net.is_zero() => Ok(()),
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
                flows.push(Flow { measure: index, reserve, amount: residual });
                Ok(())
            }
        }
    }

    /// Lets newcomers buy in to earlier investments, and remembers this year's.
    fn buy_in(
        &self,
        index: MeasureIx,
        measure: &Measure,
        after: &mut State,
        budget: &mut YearBudget,
    ) -> Result<(), Diagnostic> {
        let Some(rule) = &measure.buy_in else { return Ok(()) };
        let too_large = |TooLarge| self.too_large(index);
        let investments = &mut after.investments[index.0];
        if let Some(key) = self.plan.buy_in_key(self.year_index, index).map(|key| &self.keys[key.0]) {
            let parties = self.scenario.participants(index, self.year).into_iter();
            let newcomers: Vec<_> = parties
                .filter(|party| self.scenario.is_newcomer(index, *party, self.year))
                .map(|party| (party, key.fraction(party)))
                .collect();
            let ranks: Vec<u32> =
                self.scenario.parties.iter().map(|(party, _)| self.scenario.parties.rank(party)).collect();
            let (year, unit) = (self.year, measure.round_to);
            let amounts =
                buy_in::buy_ins(investments, &newcomers, rule, year, unit, &ranks).map_err(too_large)?;
            let after = investments.iter().map(|held| buy_in::after(held, &newcomers)).collect();
            let before = std::mem::replace(investments, after);
            if amounts.iter().any(|amount| !amount.is_zero()) {
                budget.buy_ins.insert(index, BuyInYear { amounts, newcomers, investments: before });
            }
        }
        let amount = match &rule.tag {
            None => budget.measures[index.0].net,
            Some(tag) => {
                let of_tag = |line: usize| measure.lines[line].tags.contains(tag).then_some(0);
                let plans = self.plan.draws(self.year_index, index);
                let nets = tag_net::nets((index, measure), plans, budget, 1, of_tag).map_err(too_large)?;
                nets[0].min(budget.measures[index.0].net)
            }
        };
        investments.extend(buy_in::of_year(self.year, amount, budget.shares(index)));
        Ok(())
    }

    /// Adds what last year's settlements leave to be paid.
    fn bring_forward(&self, before: &State, budget: &mut YearBudget) {
        for (index, _) in self.scenario.measures() {
            if let Some(amounts) = &before.brought_forward[index.0] {
                budget.brought_forward.insert(index, amounts.clone());
            }
        }
    }
}

/// What shares of a net cost are multiples of. Accounts have øre where bills have none: actual figures that are no
/// multiple of `round_to` are split to the øre.
pub fn split_unit(
    measure: &Measure,
    version: Version,
    year: Year,
    mut nets: impl Iterator<Item = Money>,
) -> Money {
    let broken = nets.any(|net| net.ore() % measure.round_to.ore() != 0);
    let of_accounts = measure.version_standing_for(version, year) == Version::Actual;
    if broken && of_accounts && !measure.with_memory { Money::ORE } else { measure.round_to }
}

/// The net cost of each tag of a key by tags.
///
/// # Errors
/// [`TooLarge`] when an amount does not fit.
pub fn by_tag(
    key: &ReadyKey<'_>,
    (index, measure): (MeasureIx, &Measure),
    plans: &[DrawPlan],
    budget: &YearBudget,
) -> Result<Vec<Money>, TooLarge> {
    let tags = &key.plan.by_tag;
    if tags.is_empty() {
        return Ok(vec![]);
    }
    let group = |line: usize| tags.iter().position(|(tag, _)| measure.lines[line].tags.contains(tag));
    tag_net::nets((index, measure), plans, budget, tags.len(), group)
}
