//! Who takes no part in a measure, for the proof: whoever pays, takes part. The host of a residual may pay all the same.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::ground::cells::Cell;
use crate::ground::sums::is_any_at;
use crate::model::measure::{MeasureIx, Residual};
use crate::model::party::PartyIx;
use crate::model::scenario::Scenario;

/// Who takes no part in a measure, by position of the year; one list where it is the same in all years. A list has for
/// each party all bits or none, so that a row is looked through in registers; it is empty where all take part.
type ByYear = Arc<[Vec<i32>]>;

/// Who takes no part in some measures.
pub(super) struct Absent {
    /// By position among these measures.
    parties: Vec<ByYear>,
}

impl Absent {
    /// Asks the scenario, once for all measures that say the same.
    pub(super) fn of(scenario: &Scenario, measures: &[MeasureIx]) -> Absent {
        let mut known: BTreeMap<(usize, Option<PartyIx>), ByYear> = BTreeMap::new();
        let of_measure = |index: &MeasureIx| {
            let measure = &scenario.measures[index.0];
            let host = match measure.residual {
                Some(Residual::Host(host)) => Some(host),
                _ => None,
            };
            // The scenario keeps what the place in memory stands for.
            let name = (measure.participation.as_ptr() as usize, host);
            Arc::clone(known.entry(name).or_insert_with(|| absent(scenario, *index, host)))
        };
        Absent { parties: measures.iter().map(of_measure).collect() }
    }

    /// What those who take no part in a measure pay for it in a year, in øre and without signs: nothing.
    pub(super) fn paid<C: Cell>(&self, position: usize, year_index: usize, row: &[C]) -> i128 {
        let by_year = &self.parties[position];
        let absent = &by_year[year_index.min(by_year.len() - 1)];
        if !is_any_at(row, absent) {
            return 0;
        }
        let size =
            |(share, absent): (&C, &i32)| i128::from(((*share).into() & i64::from(*absent)).unsigned_abs());
        row.iter().zip(absent).map(size).sum()
    }
}

fn absent(scenario: &Scenario, measure: MeasureIx, host: Option<PartyIx>) -> ByYear {
    let list = |is_absent: &dyn Fn(PartyIx) -> bool| {
        let is_absent = |party: PartyIx| Some(party) != host && is_absent(party);
        let absent: Vec<i32> =
            scenario.parties.iter().map(|(party, _)| if is_absent(party) { -1 } else { 0 }).collect();
        if absent.contains(&-1) { absent } else { vec![] }
    };
    if scenario.has_steady_roster(measure) {
        let participation = &scenario.measures[measure.0].participation;
        return [list(&|party| participation[party.0].is_never())].into();
    }
    scenario.years.iter().map(|year| list(&|party| scenario.months(measure, party, year) == 0)).collect()
}
