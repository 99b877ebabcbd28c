//! Charges: measures that are paid by other measures. Step by step where that is possible; circles are walked in
//! the order of the file or solved as one linear system in fractions, as the scenario says.

use std::collections::BTreeMap;

use num_traits::{One, Zero};

use crate::ground::diagnostic::Diagnostic;
use crate::ground::money::{Money, TooLarge};
use crate::ground::ratio::{self, Ratio};
use crate::ground::split::{Weights, nearest_multiple, split, split_explained};
use crate::model::charge::{ChargedTo, Circles};
use crate::model::measure::MeasureIx;
use crate::model::scenario::Scenario;
use crate::model::years::Year;

use super::budget::{Charge, YearBudget};
use super::certificate::Rounding;
use super::faults;

/// The parts of a measure's cost that others pay, summing to 1.
type Parts = BTreeMap<MeasureIx, Ratio>;

/// Charges the cost of measures to those that pay for them.
///
/// # Errors
/// Costs that are no multiple of `round_to`, nobody left to charge, a circle that nobody outside pays for.
pub(super) fn charge(scenario: &Scenario, year: Year, budget: &mut YearBudget) -> Result<(), Diagnostic> {
    Charging { scenario, year, told: None }.charge(budget)
}

/// How the charges of a year came about, for a certificate.
///
/// # Errors
/// What the run would have met before.
pub fn explained(scenario: &Scenario, walked: &YearBudget) -> Result<Vec<ChargeStep>, Diagnostic> {
    let mut budget = YearBudget { rows: Default::default(), charges: vec![], ..walked.clone() };
    for figures in &mut budget.measures {
        (figures.received, figures.charged) = (Money::ZERO, Money::ZERO);
    }
    let mut charging = Charging { scenario, year: walked.year, told: Some(vec![]) };
    charging.charge(&mut budget)?;
    Ok(charging.told.unwrap_or_default())
}

/// How a charge came about.
#[derive(Clone, Debug)]
pub struct ChargeStep {
    /// The charge.
    pub charge: Charge,
    /// The cost that is charged out, in kroner: in a circle that is solved, what the whole of it comes to.
    pub cost: Ratio,
    /// Of what that is made: gross cost, what was charged to it, and what it has charged to others before.
    pub made_of: [Money; 3],
    /// Where it is the solved cost of a circle: the equations that were solved, one for each of its measures.
    pub equations: Vec<Equation>,
    /// The part of it that this measure pays.
    pub part: Ratio,
    /// How it was rounded together with the others; none where it was rounded by itself.
    pub rounding: Option<Rounding<MeasureIx>>,
}

/// What a measure of a circle costs with the charges of the others.
#[derive(Clone, Debug)]
pub struct Equation {
    /// The measure.
    pub measure: MeasureIx,
    /// What it costs without the circle, in kroner.
    pub own: Ratio,
    /// The other measures of the circle: the part that it pays of each, and what that costs in all, in kroner.
    pub others: Vec<(MeasureIx, Ratio, Ratio)>,
    /// What it costs in all, in kroner.
    pub cost: Ratio,
}

/// The charging of a year.
struct Charging<'c> {
    scenario: &'c Scenario,
    year: Year,
    /// How every charge came about, where that is asked.
    told: Option<Vec<ChargeStep>>,
}

impl Charging<'_> {
    fn charge(&mut self, budget: &mut YearBudget) -> Result<(), Diagnostic> {
        let charging =
            self.scenario.charging().filter(|(index, _)| self.scenario.is_active(*index, self.year));
        let mut waiting: Vec<(MeasureIx, Parts)> = Vec::new();
        for (index, charged) in charging {
            waiting.push((index, self.parts(index, charged, budget)?));
        }
        while !waiting.is_empty() {
            let group = self.next_group(&waiting);
            let members: Vec<(MeasureIx, Parts)> =
                waiting.iter().filter(|(index, _)| group.contains(index)).cloned().collect();
            waiting.retain(|(index, _)| !group.contains(index));
            match members.as_slice() {
                [(index, parts)] => {
                    let parts = match self.scenario.circles {
                        Circles::InOrder => self.without_closed(*index, parts, &waiting)?,
                        Circles::Refused | Circles::Solved => parts.clone(),
                    };
                    self.charge_out(*index, &parts, budget)?;
                }
                members => self.solve(members, budget)?,
            }
        }
        budget.charges.sort_by_key(|charge| charge.from);
        Ok(())
    }

    /// Which measures are charged out next: one that waits for no other, or a whole circle.
    fn next_group(&self, waiting: &[(MeasureIx, Parts)]) -> Vec<MeasureIx> {
        let pays_into = |index: MeasureIx| {
            waiting.iter().filter(move |(_, parts)| parts.contains_key(&index)).map(|(from, _)| *from)
        };
        let all = || waiting.iter().map(|(index, _)| *index);
        if self.scenario.circles == Circles::InOrder {
            return all().take(1).collect();
        }
        // Everybody whose cost a measure's depends on, itself included where it is in a circle.
        let sources = |index: MeasureIx| {
            let mut found: Vec<MeasureIx> = pays_into(index).collect();
            let mut next = 0;
            while next < found.len() {
                let more: Vec<MeasureIx> =
                    pays_into(found[next]).filter(|from| !found.contains(from)).collect();
                found.extend(more);
                next += 1;
            }
            found
        };
        let first_free = all().find(|index| sources(*index).is_empty());
        if let Some(index) = first_free {
            return vec![index];
        }
        let closed = |index: &MeasureIx| {
            let own = sources(*index);
            own.iter().all(|other| sources(*other).len() == own.len())
        };
        let member = all().find(closed);
        let mut group = member.map_or_else(|| all().collect(), sources);
        group.sort_unstable();
        group
    }

    /// The parts that others pay, from weights or from their own cost.
    fn parts(&self, index: MeasureIx, charged: &ChargedTo, budget: &YearBudget) -> Result<Parts, Diagnostic> {
        let weights: Vec<(MeasureIx, Ratio)> = match charged {
            ChargedTo::Weights(weights) => weights.clone(),
            ChargedTo::ByCost(measures) => {
                measures.iter().map(|payer| (*payer, budget.measures[payer.0].gross.kroner())).collect()
            }
        };
        let measure = &self.scenario.measures[index.0];
        if let Some((payer, _)) = weights.iter().find(|(_, weight)| *weight < Ratio::zero()) {
            let payer = &self.scenario.measures[payer.0].id;
            return Err(faults::charge_by_a_credit(measure, self.year, payer));
        }
        let sum: Ratio = weights.iter().map(|(_, weight)| weight).sum();
        if sum.is_zero() {
            return Err(faults::charge_by_no_cost(measure, self.year));
        }
        let parts = weights.into_iter().filter(|(_, weight)| !weight.is_zero());
        Ok(parts.map(|(payer, weight)| (payer, weight / &sum)).collect())
    }

    /// The parts of those who are not charged out yet, in the order of the file.
    fn without_closed(
        &self,
        index: MeasureIx,
        parts: &Parts,
        waiting: &[(MeasureIx, Parts)],
    ) -> Result<Parts, Diagnostic> {
        let closed = |payer: &MeasureIx| {
            self.scenario.measures[payer.0].key().is_none()
                && !waiting.iter().any(|(index, _)| index == payer)
        };
        let open: Parts =
            parts.iter().filter(|(payer, _)| !closed(payer)).map(|(a, b)| (*a, b.clone())).collect();
        let sum: Ratio = open.values().sum();
        if sum.is_zero() {
            return Err(faults::nobody_left_to_charge(&self.scenario.measures[index.0], self.year));
        }
        Ok(open.into_iter().map(|(payer, part)| (payer, part / &sum)).collect())
    }

    /// Charges all that a measure costs so far to those who pay.
    fn charge_out(
        &mut self,
        index: MeasureIx,
        parts: &Parts,
        budget: &mut YearBudget,
    ) -> Result<(), Diagnostic> {
        let measure = &self.scenario.measures[index.0];
        let figures = &budget.measures[index.0];
        let cost = figures.gross.plus(figures.received).and_then(|cost| cost.minus(figures.charged));
        let cost = cost.map_err(|TooLarge| self.too_large(index))?;
        let made_of = [figures.gross, figures.received, figures.charged];
        if cost.ore() % measure.round_to.ore() != 0 {
            return Err(faults::charge_not_a_multiple(measure, self.year, cost));
        }
        let scenario = self.scenario;
        let ids = || parts.keys().map(|payer| &scenario.measures[payer.0].id);
        let rank = |id: &String| u32::try_from(ids().filter(|other| *other < id).count()).unwrap_or(u32::MAX);
        let ranks: Vec<u32> = ids().map(rank).collect();
        let weights: Vec<Ratio> = parts.values().cloned().collect();
        // The parts sum to 1, so there are weights.
        let Ok(weights) = Weights::from_ratios(&weights) else { return Ok(()) };
        let unit = i128::from(measure.round_to.ore());
        let size = i128::from(cost.ore()) / unit;
        for ((position, (payer, part)), units) in parts.iter().enumerate().zip(split(size, &weights, &ranks))
        {
            let charge = Money::from_wide_ore(units * unit)
                .map(|amount| Charge { from: index, to: *payer, amount })
                .map_err(|TooLarge| self.too_large(index))?;
            book(charge, budget).map_err(|TooLarge| self.too_large(index))?;
            if let Some(told) = &mut self.told {
                let portions = split_explained(size, &weights, &ranks);
                let portions: Vec<_> = parts.keys().copied().zip(&portions).collect();
                let unit = if size < 0 { Money::from_ore(-measure.round_to.ore()) } else { measure.round_to };
                let rounding = Rounding::of(position, &portions, unit, None).ok();
                // What goes out of a circle is shared by those outside alone.
                let (cost, part) = (cost.kroner(), part / parts.values().sum::<Ratio>());
                told.push(ChargeStep { charge, cost, made_of, equations: vec![], part, rounding });
            }
        }
        Ok(())
    }

    /// Solves a circle: what each of its measures costs with what the others charge it. Charges within the circle
    /// are rounded; the rest of each cost then goes out of the circle, so that every cost is charged exactly. A
    /// measure that only charges within it passes its rest to the next one on the way out.
    fn solve(&mut self, members: &[(MeasureIx, Parts)], budget: &mut YearBudget) -> Result<(), Diagnostic> {
        let position = |index: &MeasureIx| members.iter().position(|(member, _)| member == index);
        let ways_out = ways_out(members);
        if let Some(stuck) = ways_out.iter().position(Option::is_none) {
            let ids: Vec<&str> =
                members.iter().map(|(member, _)| self.scenario.measures[member.0].id.as_str()).collect();
            let first = &self.scenario.measures[members[stuck].0.0];
            return Err(faults::circle_pays_itself(first, &ids, self.year));
        }
        let costs = solution(members, budget);
        let equations = if self.told.is_some() { equations(members, &costs, budget) } else { Vec::new() };
        let mut order: Vec<usize> = (0..members.len()).collect();
        order.sort_by_key(|member| std::cmp::Reverse(ways_out[*member].map_or(0, |(distance, _)| distance)));
        for member in &order {
            let (index, parts) = &members[*member];
            let way = ways_out[*member].and_then(|(_, next)| next);
            let unit = self.scenario.measures[index.0].round_to.kroner();
            for (payer, part) in
                parts.iter().filter(|(payer, _)| position(payer).is_some() && Some(**payer) != way)
            {
                let rounded = nearest_multiple(&(&costs[*member] * part), &unit);
                let amount = Money::from_kroner(&rounded).map_err(|_| self.too_large(*index))?;
                let charge = Charge { from: *index, to: *payer, amount };
                book(charge, budget).map_err(|TooLarge| self.too_large(*index))?;
                if let Some(told) = &mut self.told {
                    let (cost, part, made_of) = (costs[*member].clone(), part.clone(), [Money::ZERO; 3]);
                    let equations = equations.clone();
                    told.push(ChargeStep { charge, cost, made_of, equations, part, rounding: None });
                }
            }
        }
        for member in &order {
            let (index, parts) = &members[*member];
            let rest: Parts = match ways_out[*member].and_then(|(_, next)| next) {
                Some(next) => BTreeMap::from([(next, Ratio::one())]),
                None => parts
                    .iter()
                    .filter(|(payer, _)| position(payer).is_none())
                    .map(|(a, b)| (*a, b.clone()))
                    .collect(),
            };
            self.charge_out(*index, &rest, budget)?;
        }
        Ok(())
    }
}

impl Charging<'_> {
    fn too_large(&self, measure: MeasureIx) -> Diagnostic {
        faults::too_large(&self.scenario.measures[measure.0], self.year)
    }
}

/// For each measure of a circle: how many steps it is from a measure outside, and the next measure of the circle
/// on the way; none where there is no way out.
fn ways_out(members: &[(MeasureIx, Parts)]) -> Vec<Option<(usize, Option<MeasureIx>)>> {
    let outside = |payer: &MeasureIx| members.iter().all(|(member, _)| member != payer);
    let mut ways: Vec<Option<(usize, Option<MeasureIx>)>> =
        members.iter().map(|(_, parts)| parts.keys().any(outside).then_some((0, None))).collect();
    for distance in 1..members.len() {
        let reached: Vec<MeasureIx> = (0..members.len())
            .filter(|member| ways[*member].is_some())
            .map(|member| members[member].0)
            .collect();
        for (way, (_, parts)) in ways.iter_mut().zip(members) {
            let next = reached.iter().find(|next| parts.contains_key(next));
            *way = way.or(next.map(|next| (distance, Some(*next))));
        }
    }
    ways
}

/// The costs X of the measures of a circle, in kroner: X = C + what the others' costs charge each.
fn solution(members: &[(MeasureIx, Parts)], budget: &YearBudget) -> Vec<Ratio> {
    let count = members.len();
    let part =
        |from: usize, to: usize| members[from].1.get(&members[to].0).cloned().unwrap_or_else(Ratio::zero);
    let mut rows: Vec<Vec<Ratio>> = (0..count)
        .map(|to| {
            let own =
                |from: usize| if from == to { ratio::whole(1) - part(from, to) } else { -part(from, to) };
            let figures = &budget.measures[members[to].0.0];
            let cost = figures.gross.kroner() + figures.received.kroner();
            (0..count).map(own).chain([cost]).collect()
        })
        .collect();
    // A way out for everybody makes the system solvable.
    for column in 0..count {
        let Some(pivot) = (column..count).find(|row| !rows[*row][column].is_zero()) else { continue };
        rows.swap(column, pivot);
        let scale = rows[column][column].clone();
        rows[column].iter_mut().for_each(|cell| *cell /= &scale);
        let pivot_row = rows[column].clone();
        for (_, row) in rows.iter_mut().enumerate().filter(|(index, _)| *index != column) {
            let factor = row[column].clone();
            for (cell, pivot) in row.iter_mut().zip(&pivot_row) {
                *cell -= &factor * pivot;
            }
        }
    }
    rows.into_iter().filter_map(|row| row.last().cloned()).collect()
}

/// The equations of a circle with their solution.
fn equations(members: &[(MeasureIx, Parts)], costs: &[Ratio], budget: &YearBudget) -> Vec<Equation> {
    let equation = |((index, _), cost): (&(MeasureIx, Parts), &Ratio)| {
        let others = members
            .iter()
            .zip(costs)
            .filter_map(|((other, parts), cost)| Some((*other, parts.get(index)?.clone(), cost.clone())));
        let figures = &budget.measures[index.0];
        let own = figures.gross.kroner() + figures.received.kroner();
        Equation { measure: *index, own, others: others.collect(), cost: cost.clone() }
    };
    members.iter().zip(costs).map(equation).collect()
}

fn book(charge: Charge, budget: &mut YearBudget) -> Result<(), TooLarge> {
    let charged = &mut budget.measures[charge.from.0].charged;
    *charged = charged.plus(charge.amount)?;
    let received = &mut budget.measures[charge.to.0].received;
    *received = received.plus(charge.amount)?;
    budget.charges.push(charge);
    Ok(())
}
