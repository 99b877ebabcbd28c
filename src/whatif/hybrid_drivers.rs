//! The drivers of a hybrid: the values of one of two scenarios, for whoever is a party. Who is a party in the other one
//! alone keeps its own values, and a driver that the other one has alone keeps all of them.

use crate::ground::ratio::Ratio;
use crate::ground::source::Spanned;
use crate::model::driver::{Driver, PartyValues, Series};
use crate::model::entries::{DriverEntry, ValuesEntry};
use crate::model::party::{Party, PartyIx};
use crate::model::years::Year;

use super::hybrid::{Hybrid, with_others};
use super::kind::Kind;
use super::side::Side;

/// A driver as one of the scenarios has it.
type Own<'d> = (&'d Side<'d>, &'d Driver);

/// The drivers of a hybrid, with all their values written out.
pub(super) fn drivers(hybrid: Hybrid<'_>) -> Vec<DriverEntry> {
    let (own, other) = (hybrid.side(Kind::Drivers), hybrid.other(Kind::Drivers));
    let entries = with_others(&own.file.drivers, &other.file.drivers, |driver| &driver.id.value);
    let driver = |entry: DriverEntry| {
        let known = [own, other].into_iter().filter_map(|side| {
            let (_, driver) = side.outcome.scenario.driver(&entry.id.value)?;
            Some((side, driver))
        });
        let mut known = known;
        let values = match (known.next(), known.next()) {
            (Some(first), second) => values(hybrid, first, second, &entry),
            (None, _) => entry.values.clone(),
        };
        DriverEntry { values, changes: vec![], ..entry }
    };
    entries.into_iter().map(driver).collect()
}

fn values(hybrid: Hybrid<'_>, own: Own<'_>, other: Option<Own<'_>>, entry: &DriverEntry) -> ValuesEntry {
    let parties = &hybrid.side(Kind::Participants).outcome.scenario.parties;
    let name = |id: &String| Spanned { value: id.clone(), place: entry.place.clone() };
    let value = |id: &str, values: &PartyValues, year: Year| match own.0.party(id) {
        Some(party) => values.of(party),
        None => other.and_then(|(side, driver)| {
            let year = year.saturating_sub(hybrid.moved(side));
            value_near(driver, side.party(id)?, year)
        }),
    };
    match &own.1.series {
        Series::Fixed(values) => {
            let of_party =
                |(_, party): (PartyIx, &Party)| Some((name(&party.id), value(&party.id, values, Year::MAX)?));
            ValuesEntry::Fixed(parties.iter().filter_map(of_party).collect())
        }
        Series::Yearly(years) => {
            let by = hybrid.moved(own.0);
            let of_party = |(_, party): (PartyIx, &Party)| {
                let of_year = |(year, values): (&Year, &PartyValues)| {
                    Some((year + by, value(&party.id, values, year + by)?))
                };
                (name(&party.id), years.iter().filter_map(of_year).collect())
            };
            ValuesEntry::Yearly(parties.iter().map(of_party).collect())
        }
    }
}

/// The value of a party that is nearest to a year, rather earlier than later.
fn value_near(driver: &Driver, party: PartyIx, year: Year) -> Option<Ratio> {
    match &driver.series {
        Series::Fixed(values) => values.of(party),
        Series::Yearly(years) => {
            let earlier = years.range(..=year).rev().find_map(|(_, values)| values.of(party));
            earlier.or_else(|| years.range(year..).find_map(|(_, values)| values.of(party)))
        }
    }
}
