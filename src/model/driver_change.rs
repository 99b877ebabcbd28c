//! Values of some parties put in the place of those that a driver has, wherever those come from. A driver that is the
//! same in every year stays so, and no year comes in by half: the others would be without a value in it.

use std::collections::{BTreeMap, BTreeSet};

use crate::ground::diagnostic::Diagnostics;
use crate::ground::ratio::Ratio;

use super::change::{PartyChange, ValueChange};
use super::change_faults;
use super::driver::{PartyValues, Series};
use super::party::{Parties, PartyIx};
use super::years::Year;

/// The values of a driver with other values of some parties, each of them known. Faults go to `found`.
pub(super) fn changed(
    id: &str,
    series: Series,
    changes: &[(PartyIx, &ValueChange)],
    parties: &Parties,
    found: &mut Diagnostics,
) -> Series {
    match series {
        Series::Fixed(values) => {
            let mut by_party = open(&values, parties);
            for (party, change) in changes {
                match &change.values {
                    PartyChange::EveryYear(value) => by_party[party.0] = Some(value.clone()),
                    PartyChange::Yearly(_) => {
                        found.push(change_faults::value_of_a_year(&change.party.place, id));
                    }
                }
            }
            Series::Fixed(PartyValues::new(by_party))
        }
        Series::Yearly(years) => {
            let known: BTreeSet<Year> = years.keys().copied().collect();
            let mut open_years: BTreeMap<Year, Vec<Option<Ratio>>> =
                years.iter().map(|(year, values)| (*year, open(values, parties))).collect();
            let mut new: BTreeMap<Year, BTreeSet<PartyIx>> = BTreeMap::new();
            for (party, change) in changes {
                match &change.values {
                    PartyChange::EveryYear(value) => {
                        open_years.values_mut().for_each(|values| values[party.0] = Some(value.clone()));
                    }
                    PartyChange::Yearly(by_year) => {
                        for (year, value) in by_year {
                            let values =
                                open_years.entry(*year).or_insert_with(|| vec![None; parties.count()]);
                            values[party.0] = Some(value.clone());
                            if !known.contains(year) {
                                new.entry(*year).or_default().insert(*party);
                            }
                        }
                    }
                }
            }
            for (year, _) in new.iter().filter(|(_, given)| given.len() < parties.count()) {
                let gives = |(_, change): &&(PartyIx, &ValueChange)| match &change.values {
                    PartyChange::Yearly(by_year) => by_year.contains_key(year),
                    PartyChange::EveryYear(_) => false,
                };
                if let Some((_, change)) = changes.iter().find(gives) {
                    found.push(change_faults::value_of_a_new_year(&change.party.place, id, *year, &known));
                }
            }
            let of_year = |(year, values)| (year, PartyValues::new(values));
            Series::Yearly(open_years.into_iter().map(of_year).collect())
        }
    }
}

fn open(values: &PartyValues, parties: &Parties) -> Vec<Option<Ratio>> {
    parties.iter().map(|(party, _)| values.of(party)).collect()
}
