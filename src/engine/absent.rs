//! Who takes no part in a measure, for the proof: whoever pays, takes part. The host of a residual may pay all the same.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::ground::cells::CellsView;
use crate::model::measure::{MeasureIx, Residual};
use crate::model::party::PartyIx;
use crate::model::scenario::Scenario;

/// Who takes no part in a measure, by position of the year; one list where it is the same in all years.
type ByYear = Arc<[Vec<PartyIx>]>;

/// Who takes no part in some measures.
pub(super) struct Absent {
    /// By position among these measures.
    parties: Vec<ByYear>,
}

impl Absent {
    /// Asks the scenario, once for all measures that say the same.
    pub(super) fn of(scenario: &Scenario, measures: impl Iterator<Item = MeasureIx>) -> Absent {
        let mut known: BTreeMap<(usize, Option<PartyIx>), ByYear> = BTreeMap::new();
        let of_measure = |index: MeasureIx| {
            let measure = &scenario.measures[index.0];
            let host = match measure.residual {
                Some(Residual::Host(host)) => Some(host),
                _ => None,
            };
            // The scenario keeps what the place in memory stands for.
            let name = (measure.participation.as_ptr() as usize, host);
            Arc::clone(known.entry(name).or_insert_with(|| absent(scenario, index, host)))
        };
        Absent { parties: measures.map(of_measure).collect() }
    }

    /// What those who take no part in a measure pay for it in a year, in øre and without signs: nothing.
    pub(super) fn paid(&self, position: usize, year_index: usize, row: CellsView<'_>) -> i128 {
        let by_year = &self.parties[position];
        let absent = &by_year[year_index.min(by_year.len() - 1)];
        absent.iter().map(|party| i128::from(row.get(party.0).unsigned_abs())).sum()
    }
}

fn absent(scenario: &Scenario, measure: MeasureIx, host: Option<PartyIx>) -> ByYear {
    let in_year = |year| {
        let parties = scenario.parties.iter().map(|(party, _)| party);
        parties.filter(|party| Some(*party) != host && scenario.months(measure, *party, year) == 0).collect()
    };
    let years = if scenario.has_steady_roster(measure) { 1 } else { scenario.years.count() };
    scenario.years.iter().take(years).map(in_year).collect()
}
