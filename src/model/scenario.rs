//! The scenario resolved: all that a run needs to know, with every name turned into an index.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::ground::column::Column;
use crate::ground::money::Money;
use crate::ground::ratio::Ratio;
use crate::ground::source::{Place, Spanned};

use super::charge::{ChargedTo, Circles};
use super::driver::{Driver, DriverIx};
use super::grant::{Grant, GrantIx};
use super::index::Index;
use super::measure::{Measure, MeasureIx, PaidBy};
use super::party::{Parties, PartyIx};
use super::period::MONTHS;
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
    /// By how many years the year that rules are told is ahead of the one that is walked: none, but where years are
    /// compared.
    pub rules_ahead: Year,
    /// The rule files to load, in order.
    pub rules: Vec<Spanned<String>>,
    /// Numbers that rules may ask for by name.
    pub assumptions: BTreeMap<String, Ratio>,
    /// What parameters of the rules are set to, by name.
    pub parameters: BTreeMap<String, SetParameter>,
    /// Who pays.
    pub parties: Arc<Parties>,
    /// What keys are built on.
    pub drivers: Arc<[Driver]>,
    /// What costs money, in order of priority for grants.
    pub measures: Vec<Arc<Measure>>,
    /// Who helps to pay.
    pub grants: Vec<Arc<Grant>>,
    /// What is put aside.
    pub reserves: Vec<Reserve>,
    /// By what amounts are carried from year to year.
    pub indexes: Vec<Index>,
    /// What is done about measures that charge each other in a circle.
    pub circles: Circles,
    /// The multiple that shares are rounded to where the measure says nothing else.
    pub round_to: Money,
    /// The place to show for the scenario as a whole.
    pub place: Place,
}

/// What a parameter of the rules is set to. The rules say which parameters there are, and in what range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetParameter {
    /// The number, and where it is set.
    pub value: Spanned<Ratio>,
    /// Where its name stands.
    pub name: Place,
    /// Whether it is carried over from another scenario, whatever the rules here say of it.
    pub is_carried: bool,
}

/// A source of funding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FundSource {
    /// A grant.
    Grant(GrantIx),
    /// A reserve.
    Reserve(ReserveIx),
}

/// Who takes part in something in a year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Roster {
    /// The parties, in the order of the file.
    pub parties: Arc<[PartyIx]>,
    /// Those of them who take part for less than the whole year, and for how many months.
    pub months: Vec<(PartyIx, u32)>,
    /// Whether it is the same in all years.
    pub is_steady: bool,
    /// A 1 for each party: what they share equally by.
    pub ones: Column,
}

impl Roster {
    /// Some parties, all of them for the whole year.
    pub fn of(parties: impl Iterator<Item = PartyIx>) -> Roster {
        let parties: Arc<[PartyIx]> = parties.collect();
        let ones = Column::of_integers(vec![1; parties.len()]);
        Roster { parties, months: vec![], is_steady: false, ones }
    }
}

impl Scenario {
    /// Who takes part in a measure in a year.
    pub fn roster(&self, measure: MeasureIx, year: Year) -> Roster {
        if self.has_steady_roster(measure) {
            let participation = self.measures[measure.0].participation.iter().enumerate();
            let present = participation.filter(|(_, own)| !own.is_never());
            return Roster { is_steady: true, ..Roster::of(present.map(|(party, _)| PartyIx(party))) };
        }
        let parties = self.parties.iter().map(|(party, _)| (party, self.months(measure, party, year)));
        let present: Vec<(PartyIx, u32)> = parties.filter(|(_, months)| *months > 0).collect();
        Roster {
            months: present.iter().copied().filter(|(_, months)| *months < MONTHS).collect(),
            ..Roster::of(present.into_iter().map(|(party, _)| party))
        }
    }

    /// Whether the same parties take part in a measure in all years, for all of each.
    pub fn has_steady_roster(&self, measure: MeasureIx) -> bool {
        let participation = &self.measures[measure.0].participation;
        self.parties.are_steady() && participation.iter().all(|own| own.periods.is_empty())
    }

    /// The parties that take part in a measure in a year or a part of it, in the order of the file.
    pub fn participants(&self, measure: MeasureIx, year: Year) -> Vec<PartyIx> {
        let parties = self.parties.iter().map(|(index, _)| index);
        parties.filter(|party| self.months(measure, *party, year) > 0).collect()
    }

    /// How many months of a year a party takes part in a measure.
    pub fn months(&self, measure: MeasureIx, party: PartyIx, year: Year) -> u32 {
        let of_measure = self.measures[measure.0].participation[party.0].months(year);
        self.parties.get(party).period.months(year).and(of_measure).count()
    }

    /// Whether a party that takes part in a measure in a year comes to it later than others: it has not taken
    /// part in any earlier year with a cost, and somebody has.
    pub fn is_newcomer(&self, measure: MeasureIx, party: PartyIx, year: Year) -> bool {
        let earlier =
            || self.years.iter().filter(|earlier| *earlier < year && self.is_active(measure, *earlier));
        earlier().next().is_some() && earlier().all(|earlier| self.months(measure, party, earlier) == 0)
    }

    /// Whether anything is to be paid for a measure in a year: it has figures, or is charged by one that has.
    pub fn is_active(&self, measure: MeasureIx, year: Year) -> bool {
        if self.measures[measure.0].is_active(year) {
            return true;
        }
        let mut waiting = vec![measure];
        let mut seen = vec![];
        while let Some(index) = waiting.pop() {
            if self.measures[index.0].is_active(year) {
                return true;
            }
            seen.push(index);
            let charging = self.charging().filter(|(_, charged)| charged.payers().contains(&index));
            waiting.extend(charging.map(|(charging, _)| charging).filter(|index| !seen.contains(index)));
        }
        false
    }

    /// By year, then by position among these measures: whether anything is to be paid for them. The figures of a
    /// measure lie together in memory, and are looked up so.
    pub fn activity(&self, measures: impl ExactSizeIterator<Item = MeasureIx>) -> Vec<Vec<bool>> {
        let mut activity = vec![Vec::with_capacity(measures.len()); self.years.count()];
        for index in measures {
            for (year, active) in self.years.iter().zip(&mut activity) {
                active.push(self.is_active(index, year));
            }
        }
        activity
    }

    /// The measures that are paid by other measures.
    pub fn charging(&self) -> impl Iterator<Item = (MeasureIx, &ChargedTo)> {
        self.measures().filter_map(|(index, measure)| match &measure.paid_by {
            PaidBy::Measures(charged) => Some((index, charged)),
            PaidBy::Parties(_) => None,
        })
    }

    /// Whether other measures charge a measure.
    pub fn is_charged(&self, measure: MeasureIx) -> bool {
        self.charging().any(|(_, charged)| charged.payers().contains(&measure))
    }

    /// The year that rules are told when a year is walked.
    pub fn year_told(&self, year: Year) -> Year {
        year + self.rules_ahead
    }

    /// The year that is walked when rules are told this one.
    pub fn year_meant(&self, told: Year) -> Year {
        told.saturating_sub(self.rules_ahead)
    }

    /// The index of an id.
    pub fn index(&self, id: &str) -> Option<&Index> {
        self.indexes.iter().find(|index| index.id == id)
    }

    /// All tags of cost lines.
    pub fn tags(&self) -> BTreeSet<&str> {
        let lines = self.measures.iter().flat_map(|measure| &measure.lines);
        lines.flat_map(|line| &line.tags).map(String::as_str).collect()
    }

    /// The measures with their indexes, in order.
    pub fn measures(&self) -> impl Iterator<Item = (MeasureIx, &Measure)> {
        self.measures.iter().enumerate().map(|(index, measure)| (MeasureIx(index), measure.as_ref()))
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

    /// The years in which any measure has actual figures beside budget figures.
    pub fn settled_years(&self) -> BTreeSet<Year> {
        let settled = self.measures.iter().flat_map(|measure| measure.settled_years());
        settled.filter(|year| self.years.index(*year).is_some()).collect()
    }
}
