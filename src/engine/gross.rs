//! The gross costs of all years, looked up measure by measure: in memory the figures of a measure lie together, and
//! those of a year do not.

use crate::ground::diagnostic::Diagnostic;
use crate::ground::money::TooLarge;
use crate::model::measure::{Measure, MeasureIx, Version};
use crate::model::scenario::Scenario;
use crate::model::years::Year;

use super::budget::{MeasureBudget, YearBudget};
use super::faults;

/// A year with its gross costs, before anything is charged or drawn.
pub struct Opened {
    /// The year.
    pub budget: YearBudget,
    /// The measures that have a cost in it, or might be charged one, in order.
    pub active: Vec<MeasureIx>,
    /// Costs that do not fit.
    pub faults: Vec<Diagnostic>,
}

/// Opens some of the years of a scenario, in their order.
pub fn open(scenario: &Scenario, version: Version, years: &[Year]) -> Vec<Opened> {
    let new = |year: &Year| Opened {
        budget: YearBudget::new(*year, version, scenario.measures.len()),
        active: Vec::with_capacity(scenario.measures.len()),
        faults: vec![],
    };
    let mut opened: Vec<Opened> = years.iter().map(new).collect();
    for (index, measure) in scenario.measures() {
        for opened in opened.iter_mut().filter(|opened| scenario.is_active(index, opened.budget.year)) {
            opened.active.push(index);
            match gross(measure, version, opened.budget.year) {
                Ok(figures) => opened.budget.measures[index.0] = figures,
                Err(TooLarge) => opened.faults.push(faults::too_large(measure, opened.budget.year)),
            }
        }
    }
    opened
}

fn gross(measure: &Measure, version: Version, year: Year) -> Result<MeasureBudget, TooLarge> {
    let gross = measure.gross_cost(version, year)?;
    let in_kind = measure.in_kind(version, year)?;
    Ok(MeasureBudget { in_kind, ..MeasureBudget::default().with_gross(gross) })
}
