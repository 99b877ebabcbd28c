//! What every year asks of measures and grants, looked up once and kept together: in memory they lie far apart, and
//! to look at each of them in each year costs more than to split what they cost.

use std::collections::BTreeSet;

use crate::ground::money::Money;
use crate::model::measure::{MeasureIx, PaidBy};
use crate::model::scenario::Scenario;
use crate::model::years::Year;

/// What every year asks.
#[derive(Clone, Debug)]
pub struct Traits {
    /// By measure: what shares are multiples of, and whether left-over units go to who is furthest behind.
    pub splits: Vec<(Money, bool)>,
    /// The measures that may put money into reserves, be bought in to or be settled with a reserve.
    pub busy: Vec<MeasureIx>,
    /// Whether any measure is paid by others.
    pub anything_charged: bool,
    /// The years that are walked with actual figures as well.
    pub settled: BTreeSet<Year>,
    /// By position of the year, then by grant: what was promised in that year.
    pub awards: Vec<Vec<Option<Money>>>,
}

impl Traits {
    /// Looks them up.
    pub fn of(scenario: &Scenario) -> Traits {
        let count = scenario.measures.len();
        let (mut splits, mut busy, mut anything_charged) = (Vec::with_capacity(count), vec![], false);
        for (index, measure) in scenario.measures() {
            splits.push((measure.round_to, measure.with_memory));
            anything_charged |= matches!(measure.paid_by, PaidBy::Measures(_));
            if measure.is_busy() {
                busy.push(index);
            }
        }
        let mut awards = vec![vec![None; scenario.grants.len()]; scenario.years.count()];
        for (index, grant) in scenario.grants.iter().enumerate() {
            for (year, award) in &grant.awards {
                if let Some(position) = scenario.years.index(*year) {
                    awards[position][index] = Some(award.value);
                }
            }
        }
        Traits { splits, busy, anything_charged, settled: scenario.settled_years(), awards }
    }

    /// Whether anything asks for rows at the end of a year.
    pub fn ask_for_rows(&self) -> bool {
        !self.busy.is_empty() || !self.settled.is_empty()
    }
}
