//! Drivers: counted facts per party and year that keys are built on.

use std::collections::BTreeMap;

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

/// Values by party, for each year or for all years alike. `None` where the source has none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Series {
    /// By year, then by party.
    Yearly(BTreeMap<Year, Vec<Option<Ratio>>>),
    /// The same in every year, by party.
    Fixed(Vec<Option<Ratio>>),
}

/// The values of a driver that answer for a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct YearValues<'d> {
    /// The year the values are of; `None` for a driver that is the same in every year.
    pub year: Option<Year>,
    values: &'d [Option<Ratio>],
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

impl<'d> YearValues<'d> {
    /// The value of a party, where the source has one.
    pub fn of(self, party: PartyIx) -> Option<&'d Ratio> {
        self.values.get(party.0)?.as_ref()
    }
}
