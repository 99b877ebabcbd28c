//! The gross costs of all years, looked up measure by measure: in memory the figures of a measure lie together, and
//! those of a year do not.

use crate::ground::diagnostic::Diagnostic;
use crate::ground::money::{Money, TooLarge};
use crate::model::measure::{GrossCost, Measure, Version};
use crate::model::scenario::Scenario;
use crate::model::years::{Year, YearAmounts};

use super::budget::MeasureBudget;
use super::faults;
use super::traits::Traits;

/// A year with its gross costs, before anything is charged or drawn.
pub struct Opened {
    /// Which year.
    pub year: Year,
    /// By measure.
    costs: Vec<Cost>,
    /// Costs that do not fit.
    pub faults: Vec<Diagnostic>,
}

/// What a measure costs in a year. Small, since those of all years are written measure by measure, and so here and
/// there in memory.
#[derive(Clone)]
enum Cost {
    /// Nothing, and nobody might charge it anything.
    Nothing,
    /// What was decided, and no lines.
    Decided(Money),
    /// Anything else.
    Figures(Box<MeasureBudget>),
}

impl Opened {
    /// The figures of all measures; active are those that have a cost, or might be charged one.
    pub fn measures(&self) -> Vec<MeasureBudget> {
        let figures = |cost: &Cost| match cost {
            Cost::Nothing => MeasureBudget::default(),
            Cost::Decided(gross) => {
                MeasureBudget::of_gross(GrossCost { gross: *gross, lines: None, decided: true })
            }
            Cost::Figures(figures) => **figures,
        };
        self.costs.iter().map(figures).collect()
    }
}

/// Opens some of the years of a scenario, in their order.
pub fn open(scenario: &Scenario, traits: &Traits, version: Version, years: &[Year]) -> Vec<Opened> {
    let new = |year: &Year| Opened {
        year: *year,
        costs: vec![Cost::Nothing; scenario.measures.len()],
        faults: vec![],
    };
    let mut opened: Vec<Opened> = years.iter().map(new).collect();
    for (index, measure) in scenario.measures() {
        let decided =
            decided_only(measure).filter(|_| version == Version::Budget && !traits.anything_charged);
        if let Some(decided) = decided {
            let mut left = opened.iter_mut().peekable();
            for (year, amount) in decided {
                // Both are in the order of the years.
                while left.next_if(|opened| opened.year < *year).is_some() {}
                if let Some(opened) = left.next_if(|opened| opened.year == *year) {
                    opened.costs[index.0] = Cost::Decided(amount.value);
                }
            }
            continue;
        }
        for opened in opened.iter_mut().filter(|opened| scenario.is_active(index, opened.year)) {
            match gross(measure, version, opened.year) {
                Ok(figures) => opened.costs[index.0] = Cost::Figures(Box::new(figures)),
                Err(TooLarge) => opened.faults.push(faults::too_large(measure, opened.year)),
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
    Ok(MeasureBudget { in_kind, ..MeasureBudget::of_gross(gross) })
}
