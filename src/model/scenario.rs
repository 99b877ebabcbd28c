//! The scenario resolved: all that a run needs to know, with every name turned into an index.

use std::collections::BTreeMap;

use crate::ground::money::Money;
use crate::ground::ratio::Ratio;
use crate::ground::source::{Place, Spanned};

use super::driver::{Driver, DriverIx};
use super::grant::{Grant, GrantIx};
use super::measure::{Measure, MeasureIx};
use super::party::{Parties, PartyIx};
use super::reserve::{Reserve, ReserveIx};
use super::years::{Year, Years};

/// A scenario in which every name is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scenario {
    /// What it is called.
    pub title: String,
    /// The document it is from.
    pub source: Option<String>,
    /// The unit that amounts are counted in: `NOK`, `EUR`, `seats`.
    pub currency: String,
    /// The years to walk.
    pub years: Years,
    /// The rule files to load, in order.
    pub rules: Vec<Spanned<String>>,
    /// Numbers that rules may ask for by name.
    pub assumptions: BTreeMap<String, Ratio>,
    /// Who pays.
    pub parties: Parties,
    /// What keys are built on.
    pub drivers: Vec<Driver>,
    /// What costs money, in order of priority for grants.
    pub measures: Vec<Measure>,
    /// Who helps to pay.
    pub grants: Vec<Grant>,
    /// What is put aside.
    pub reserves: Vec<Reserve>,
    /// The multiple that shares are rounded to where the measure says nothing else.
    pub round_to: Money,
    /// The place to show for the scenario as a whole.
    pub place: Place,
}

/// A source of funding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FundSource {
    /// A grant.
    Grant(GrantIx),
    /// A reserve.
    Reserve(ReserveIx),
}

impl Scenario {
    /// The parties that take part in a measure in a year, in the order of the file.
    pub fn participants(&self, measure: MeasureIx, year: Year) -> Vec<PartyIx> {
        let takes_part = &self.measures[measure.0].takes_part;
        let active = self.parties.iter().filter(|(_, party)| party.is_active(year));
        active.map(|(index, _)| index).filter(|party| takes_part[party.0]).collect()
    }

    /// The measures with their indexes, in order.
    pub fn measures(&self) -> impl Iterator<Item = (MeasureIx, &Measure)> {
        self.measures.iter().enumerate().map(|(index, measure)| (MeasureIx(index), measure))
    }

    /// The driver of an id.
    pub fn driver(&self, id: &str) -> Option<(DriverIx, &Driver)> {
        let index = self.drivers.iter().position(|driver| driver.id == id)?;
        Some((DriverIx(index), &self.drivers[index]))
    }

    /// The id of a source of funding, as tables show it.
    pub fn source_id(&self, source: FundSource) -> &str {
        match source {
            FundSource::Grant(grant) => &self.grants[grant.0].id,
            FundSource::Reserve(reserve) => &self.reserves[reserve.0].id,
        }
    }

    /// The title of a source of funding, for people.
    pub fn source_title(&self, source: FundSource) -> &str {
        match source {
            FundSource::Grant(grant) => &self.grants[grant.0].title,
            FundSource::Reserve(reserve) => &self.reserves[reserve.0].title,
        }
    }

    /// Whether any measure has actual figures beside budget figures in this year.
    pub fn is_settled(&self, year: Year) -> bool {
        self.measures.iter().any(|measure| measure.is_settled(year))
    }
}
