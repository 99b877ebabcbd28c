//! The gross costs of all years, looked up measure by measure: in memory the figures of a measure lie together, and
//! those of a year do not.

use crate::ground::diagnostic::Diagnostic;
use crate::ground::money::TooLarge;
use crate::model::measure::{GrossCost, Measure, MeasureIx, Version};
use crate::model::scenario::Scenario;
use crate::model::years::{Year, YearAmounts};

use super::budget::{MeasureBudget, YearBudget};
use super::faults;
use super::traits::Traits;

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
pub fn open(scenario: &Scenario, traits: &Traits, version: Version, years: &[Year]) -> Vec<Opened> {
    let new = |year: &Year| Opened {
        budget: YearBudget::new(*year, version, scenario.measures.len()),
        active: Vec::with_capacity(scenario.measures.len()),
        faults: vec![],
    };
    let mut opened: Vec<Opened> = years.iter().map(new).collect();
    for (index, measure) in scenario.measures() {
        let decided =
            decided_only(measure).filter(|_| version == Version::Budget && !traits.anything_charged);
        if let Some(decided) = decided {
            for (year, amount) in decided {
                let Ok(position) = years.binary_search(year) else { continue };
                let gross = GrossCost { gross: amount.value, lines: None, decided: true };
                opened[position].active.push(index);
                opened[position].budget.measures[index.0] = MeasureBudget::default().with_gross(gross);
            }
            continue;
        }
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

/// The figures of a measure that has nothing but decided amounts: they lie side by side, and need not be looked up
/// year by year.
fn decided_only(measure: &Measure) -> Option<&YearAmounts> {
    let amounts = &measure.decided.amounts;
    let plain = measure.lines.is_empty() && measure.ends_after.is_none() && !amounts.is_empty();
    plain.then_some(amounts)
}

fn gross(measure: &Measure, version: Version, year: Year) -> Result<MeasureBudget, TooLarge> {
    let gross = measure.gross_cost(version, year)?;
    let in_kind = measure.in_kind(version, year)?;
    Ok(MeasureBudget { in_kind, ..MeasureBudget::default().with_gross(gross) })
}
