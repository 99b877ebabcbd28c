//! The walk: from a shelf of files to the reconciled budget. Every command, test and benchmark calls this
//! one function, and it touches nothing but its arguments.

use std::sync::Arc;

use crate::ground::diagnostic::{Diagnostic, Diagnostics};
use crate::ground::money::TooLarge;
use crate::model::inputs::{Inputs, Shelf};
use crate::model::measure::Version;
use crate::model::resolve::read_scenario;
use crate::model::scenario::Scenario;
use crate::rules::plan::Plan;
use crate::rules::planner;
use crate::rules::rulebook::Rulebook;
use crate::rules::sandbox::Clock;

use super::budget::Budget;
use super::proof::Proof;
use super::reconcile;
use super::share::ReadyKey;
use super::state::State;
use super::year::YearWalk;

/// What a walk leaves: the texts it read, what it found wrong, and the result where there is one.
pub struct Walk {
    /// The texts.
    pub inputs: Inputs,
    /// Faults and notices.
    pub diagnostics: Diagnostics,
    /// The result; none when there is an error.
    pub outcome: Option<Outcome>,
}

/// The result of a walk.
pub struct Outcome {
    /// What was asked.
    pub scenario: Arc<Scenario>,
    /// The rules, with their documentation.
    pub rulebook: Rulebook,
    /// What the rules declared.
    pub plan: Plan,
    /// What came out.
    pub budget: Budget,
    /// That it adds up.
    pub proof: Proof,
}

/// Walks a scenario.
pub fn walk(shelf: &(dyn Shelf + Sync), clock: Arc<dyn Clock>) -> Walk {
    let mut inputs = Inputs::default();
    let mut found = Diagnostics::default();
    let outcome = walk_inputs(shelf, clock, &mut inputs, &mut found);
    Walk { inputs, outcome: outcome.filter(|_| !found.has_errors()), diagnostics: found }
}

fn walk_inputs(
    shelf: &(dyn Shelf + Sync),
    clock: Arc<dyn Clock>,
    inputs: &mut Inputs,
    found: &mut Diagnostics,
) -> Option<Outcome> {
    let reading = read_scenario(shelf, inputs, found);
    let scenario = reading.scenario.map(Arc::new);
    let planned = planner::plan(scenario.as_ref(), &reading.rules, shelf, inputs, clock, found);
    let (rulebook, plan) = (planned.rulebook, planned.plan);
    let scenario = planned.scenario.filter(|_| !found.has_errors())?;
    let budget = budget(&scenario, &plan, found)?;
    let proof = reconcile::reconcile(&scenario, &plan, &budget);
    Some(Outcome { scenario, rulebook, plan, budget, proof })
}

/// Walks the years of a scenario whose rules have been asked. Faults go to `found`.
pub fn budget(scenario: &Scenario, plan: &Plan, found: &mut Diagnostics) -> Option<Budget> {
    let keys: Vec<ReadyKey<'_>> = plan.keys.iter().map(|key| ReadyKey::new(key, &scenario.parties)).collect();
    let mut budget = Budget { years: scenario.years, billed: vec![], actual: vec![] };
    let opening = State::opening(scenario, plan);
    let opening = opening
        .map_err(|fault| Diagnostic::error("amount-too-large", fault.to_string()).at(&scenario.place, ""));
    let mut state = found.take(opening)?;
    for (year_index, year) in scenario.years.iter().enumerate() {
        let walk =
            |version, billed| YearWalk { scenario, plan, keys: &keys, year, year_index, version, billed };
        let (billed, mut after) = walk(Version::Budget, None).walk(&state, found)?;
        let mut actual = None;
        if scenario.is_settled(year) {
            let (walked, after_actual) = walk(Version::Actual, Some(&billed)).walk(&state, found)?;
            (actual, after) = (Some(walked), after_actual);
        }
        budget.billed.push(billed);
        budget.actual.push(actual);
        let handed_on = hand_on(scenario, &budget, year_index, &mut after);
        found.take(handed_on.map_err(|fault| {
            Diagnostic::error("amount-too-large", fault.to_string()).at(&scenario.place, "")
        }))?;
        state = after;
    }
    Some(budget)
}

/// Puts into the state what the next year asks of both walks: what was billed, and what is still to be settled.
fn hand_on(
    scenario: &Scenario,
    budget: &Budget,
    year_index: usize,
    state: &mut State,
) -> Result<(), TooLarge> {
    for (index, measure) in scenario.measures() {
        state.last_year[index.0] = budget.billed_last_year(scenario, year_index + 1, index);
        state.brought_forward[index.0] = budget.carried_forward(year_index, measure, index)?;
    }
    Ok(())
}
