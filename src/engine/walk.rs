//! The walk: from a shelf of files to the reconciled budget. Every command, test and benchmark calls this
//! one function, and it touches nothing but its arguments.

use std::sync::Arc;

use crate::ground::diagnostic::Diagnostics;
use crate::model::inputs::{Inputs, Shelf};
use crate::model::measure::Version;
use crate::model::resolve::read_scenario;
use crate::model::scenario::Scenario;
use crate::rules::plan::Plan;
use crate::rules::planner;
use crate::rules::rulebook::Rulebook;
use crate::rules::sandbox::Clock;

use super::budget::Budget;
use super::draw::Funds;
use super::reconcile::{self, Proof};
use super::share::ReadyKey;
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
    let (rulebook, plan) = planner::plan(scenario.as_ref(), &reading.rules, shelf, inputs, clock, found);
    let scenario = scenario.filter(|_| !found.has_errors())?;
    let budget = budget(&scenario, &plan, found)?;
    let proof = reconcile::reconcile(&scenario, &plan, &budget);
    Some(Outcome { scenario, rulebook, plan, budget, proof })
}

/// Walks the years of a scenario whose rules have been asked. Faults go to `found`.
pub fn budget(scenario: &Scenario, plan: &Plan, found: &mut Diagnostics) -> Option<Budget> {
    let keys: Vec<ReadyKey<'_>> = plan.keys.iter().map(|key| ReadyKey::new(key, &scenario.parties)).collect();
    let mut budget = Budget { years: scenario.years, billed: vec![], actual: vec![] };
    let mut funds = Funds::opening(scenario);
    for (year_index, year) in scenario.years.iter().enumerate() {
        let walk = |version| YearWalk { scenario, plan, keys: &keys, year, year_index, version };
        let (billed, mut closing) = walk(Version::Budget).walk(&funds, found)?;
        let mut actual = None;
        if scenario.is_settled(year) {
            let (walked, actual_closing) = walk(Version::Actual).walk(&funds, found)?;
            (actual, closing) = (Some(walked), actual_closing);
        }
        budget.billed.push(billed);
        budget.actual.push(actual);
        funds = closing;
    }
    Some(budget)
}
