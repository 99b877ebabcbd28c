//! Drivers: counted facts per party and year that keys are built on.

use std::collections::BTreeMap;

use num_traits::Zero;

use crate::ground::column::Column;
use crate::ground::ratio::Ratio;
use crate::ground::source::Place;

use super::party::PartyIx;
use super::years::Year;

/// Which driver of the scenario, by its position in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DriverIx(pub usize);

/// A driver with its values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Driver {
    /// The name that rules use.
    pub id: String,
    /// What is counted: persons, pupils, km².
    pub unit: Option<String>,
    /// Where the figures come from.
    pub source: Option<String>,
    /// Whether a year without values takes the latest earlier ones.
    pub hold: bool,
    /// The values.
    pub series: Series,
    /// Where the values are written.
    pub place: Place,
}

/// Values for each year or for all years alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Series {
    /// By year.
    Yearly(BTreeMap<Year, PartyValues>),
    /// The same in every year.
    Fixed(PartyValues),
}

/// A value for each party that the source has one for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartyValues {
    /// By party; 0 for those without.
    numbers: Column,
    /// Who is without, by party; empty where nobody is.
    missing: Vec<bool>,
}

/// The values of a driver that answer for a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct YearValues<'d> {
    /// The year the values are of; `None` for a driver that is the same in every year.
    pub year: Option<Year>,
    values: &'d PartyValues,
}

impl Driver {
    /// The values that answer for a year: its own, or the latest earlier ones where the driver holds.
    pub fn values(&self, year: Year) -> Option<YearValues<'_>> {
        match &self.series {
            Series::Fixed(values) => Some(YearValues { year: None, values }),
            Series::Yearly(years) => {
                let oldest = if self.hold { Year::MIN } else { year };
                let (year, values) = years.range(oldest..=year).next_back()?;
                Some(YearValues { year: Some(*year), values })
            }
        }
    }

    /// The years that have values, for messages.
    pub fn known_years(&self) -> Vec<Year> {
        match &self.series {
            Series::Yearly(years) => years.keys().copied().collect(),
            Series::Fixed(_) => vec![],
        }
    }
}

impl PartyValues {
    /// Takes a value, or none, for each party.
    pub fn new(values: Vec<Option<Ratio>>) -> PartyValues {
        let missing = if values.iter().all(Option::is_some) {
            vec![]
        } else {
            values.iter().map(Option::is_none).collect()
        };
        let number = |value: Option<Ratio>| value.unwrap_or_else(Ratio::zero);
        PartyValues { numbers: Column::new(values.into_iter().map(number).collect()), missing }
    }

    /// The value of a party, where there is one.
    pub fn of(&self, party: PartyIx) -> Option<Ratio> {
        let known = self.missing.get(party.0).is_none_or(|missing| !missing);
        known.then(|| self.numbers.get(party.0))
    }
}

impl<'d> YearValues<'d> {
    /// The value of a party, where the source has one.
    pub fn of(self, party: PartyIx) -> Option<Ratio> {
        self.values.of(party)
    }

    /// The values by party, 0 for those without.
    pub fn numbers(self) -> &'d Column {
        &self.values.numbers
    }

    /// The first of some parties that the source has no value for.
    pub fn first_missing(self, parties: &[PartyIx]) -> Option<PartyIx> {
        let missing = &self.values.missing;
        if missing.is_empty() {
            return None;
        }
        parties.iter().copied().find(|party| missing[party.0])
    }
}
