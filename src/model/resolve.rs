//! From the scenario as written to the scenario resolved: every name is looked up, every figure's year
//! checked, every table read, and all faults reported at once.

use std::collections::{BTreeMap, BTreeSet};

use crate::ground::diagnostic::Diagnostics;
use crate::ground::money::Money;
use crate::ground::source::{Place, Spanned};

use super::decode::YearAmounts;
use super::driver::{Driver, Series};
use super::faults;
use super::grant::Grant;
use super::inputs::{Inputs, SCENARIO_FILE, Shelf, TextKind};
use super::measure::{CostLine, Measure, Residual};
use super::party::{Parties, Party, PartyIx};
use super::reserve::{Reserve, ReserveIx};
use super::scenario::Scenario;
use super::scenario_file::{
    DriverEntry, GrantEntry, LineEntry, MeasureEntry, ParticipantsEntry, PartyEntry, ReserveEntry,
    ResidualEntry, ScenarioFile, ValuesEntry,
};
use super::table;
use super::years::Years;

/// What was read of a scenario.
pub struct Reading {
    /// The rule files it names.
    pub rules: Vec<Spanned<String>>,
    /// The scenario, where its parties, drivers and funds are free of faults; measures with faults are left out.
    pub scenario: Option<Scenario>,
}

/// Reads the scenario of a shelf: its file, its tables and all their names. Faults go to `faults`.
pub fn read_scenario(shelf: &dyn Shelf, inputs: &mut Inputs, faults: &mut Diagnostics) -> Reading {
    let read = inputs.read(shelf, SCENARIO_FILE, TextKind::Scenario, None);
    let file = faults.take(read).and_then(|source| ScenarioFile::read(&inputs.sources, source, faults));
    match file {
        None => Reading { rules: vec![], scenario: None },
        Some(file) => {
            let rules = file.rules.clone();
            Reading { rules, scenario: Resolver { shelf, inputs, faults }.scenario(file) }
        }
    }
}

struct Resolver<'r> {
    shelf: &'r dyn Shelf,
    inputs: &'r mut Inputs,
    faults: &'r mut Diagnostics,
}

impl Resolver<'_> {
    fn scenario(&mut self, file: ScenarioFile) -> Option<Scenario> {
        let errors_before = self.faults.error_count();
        let Some(years) = Years::new(file.first_year.value, file.last_year.value) else {
            self.faults.push(faults::years_backwards(&file.first_year.place, &file.last_year.place));
            return None;
        };
        if file.sound {
            for (what, count) in [("party", file.parties.len()), ("measure", file.measures.len())] {
                if count == 0 && !self.faults.has_errors() {
                    self.faults.push(faults::nothing_there(&file.place, what));
                }
            }
        }
        let parties = self.parties(file.parties);
        let reserves = self.unique(file.reserves, "reserves", |reserve| &reserve.id);
        let grants = self.unique(file.grants, "grants", |grant| &grant.id);
        for grant in &grants {
            if let Some(reserve) = reserves.iter().find(|reserve| reserve.id.value == grant.id.value) {
                let what = "grants or reserves";
                self.faults.push(faults::double_id(
                    &grant.id.place,
                    &reserve.id.place,
                    what,
                    &grant.id.value,
                ));
            }
            self.check_years(&grant.awards, years);
            for award in grant.awards.values().filter(|award| award.value.is_negative()) {
                self.faults.push(faults::negative(&award.place, "an award"));
            }
        }
        let reserves: Vec<Reserve> = reserves.into_iter().map(|entry| self.reserve(entry)).collect();
        let grants = grants.into_iter().map(grant).collect();
        let drivers = self.unique(file.drivers, "drivers", |driver| &driver.id);
        let drivers = drivers.into_iter().filter_map(|entry| self.driver(entry, &parties)).collect();
        if !file.sound {
            return None;
        }
        let foundation_sound = self.faults.error_count() == errors_before;
        let round_to = file.round_to.map_or(Money::ORE, |amount| amount.value);
        let measures = self.unique(file.measures, "measures", |measure| &measure.id);
        let measures: Vec<Measure> = measures
            .into_iter()
            .filter_map(|entry| self.measure(entry, &parties, &reserves, years, round_to))
            .collect();
        foundation_sound.then_some(Scenario {
            title: file.title,
            source: file.source,
            currency: file.currency.unwrap_or_else(|| "NOK".to_owned()),
            years,
            rules: file.rules,
            assumptions: file.assumptions,
            parties,
            drivers,
            measures,
            grants,
            reserves,
            round_to,
            place: file.place,
        })
    }

    fn reserve(&mut self, entry: ReserveEntry) -> Reserve {
        if entry.opening.value.is_negative() {
            self.faults.push(faults::negative(&entry.opening.place, "the opening of a reserve"));
        }
        let title = entry.title.unwrap_or_else(|| entry.id.value.clone());
        Reserve { id: entry.id.value, title, opening: entry.opening.value, place: entry.place }
    }

    fn parties(&mut self, entries: Vec<PartyEntry>) -> Parties {
        let entries = self.unique(entries, "parties", |party| &party.id);
        let mut names: BTreeMap<String, Place> = BTreeMap::new();
        for entry in &entries {
            let own: BTreeSet<&String> = [Some(&entry.id.value), entry.name.as_ref(), entry.number.as_ref()]
                .into_iter()
                .flatten()
                .collect();
            for name in own {
                if let Some(first) = names.insert(name.clone(), entry.id.place.clone()) {
                    self.faults.push(faults::double_id(&entry.id.place, &first, "parties", name));
                }
            }
        }
        let list = entries.into_iter().map(|entry| {
            if let (Some(since), Some(until)) = (entry.since, entry.until)
                && until < since
            {
                self.faults.push(faults::party_backwards(&entry.id.place));
            }
            Party {
                name: entry.name.unwrap_or_else(|| entry.id.value.clone()),
                id: entry.id.value,
                number: entry.number,
                since: entry.since,
                until: entry.until,
            }
        });
        Parties::new(list.collect())
    }

    fn driver(&mut self, entry: DriverEntry, parties: &Parties) -> Option<Driver> {
        let series = match &entry.values {
            ValuesEntry::Csv(file) => self.table(file, None, parties)?,
            ValuesEntry::Column(file, column) => self.table(file, Some(column), parties)?,
            ValuesEntry::Fixed(values) => {
                let mut by_party = vec![None; parties.count()];
                for (name, value) in values {
                    if let Some(party) = self.party(parties, name) {
                        by_party[party.0] = Some(value.clone());
                    }
                }
                Series::Fixed(by_party)
            }
            ValuesEntry::Yearly(values) => {
                let mut years = BTreeMap::new();
                for (name, by_year) in values {
                    let Some(party) = self.party(parties, name) else { continue };
                    for (year, value) in by_year {
                        years.entry(*year).or_insert_with(|| vec![None; parties.count()])[party.0] =
                            Some(value.clone());
                    }
                }
                Series::Yearly(years)
            }
        };
        Some(Driver {
            id: entry.id.value,
            unit: entry.unit,
            source: entry.source,
            hold: entry.hold,
            series,
            place: entry.place,
        })
    }

    fn table(
        &mut self,
        file: &Spanned<String>,
        column: Option<&Spanned<String>>,
        parties: &Parties,
    ) -> Option<Series> {
        let read = self.inputs.read(self.shelf, &file.value, TextKind::Table, Some(&file.place));
        let source = self.faults.take(read)?;
        let column = column.map(|column| (column.value.as_str(), &column.place));
        table::read_series(&self.inputs.sources, source, column, parties, self.faults)
    }

    fn measure(
        &mut self,
        entry: MeasureEntry,
        parties: &Parties,
        reserves: &[Reserve],
        years: Years,
        round_to: Money,
    ) -> Option<Measure> {
        let takes_part = self.takes_part(&entry, parties);
        let residual = match &entry.residual {
            None => None,
            Some(ResidualEntry::Show) => Some(Residual::Show),
            Some(ResidualEntry::Host(name)) => self.party(parties, name).map(Residual::Host),
            Some(ResidualEntry::Reserve(name)) => {
                let found = reserves.iter().position(|reserve| reserve.id == name.value);
                if found.is_none() {
                    let known = reserves.iter().map(|reserve| reserve.id.as_str());
                    self.faults.push(faults::unknown_name(&name.place, "reserve", &name.value, known));
                }
                found.map(|index| Residual::Reserve(ReserveIx(index)))
            }
        };
        self.check_years(&entry.amount, years);
        let lines = self.unique(entry.costs, "cost lines of one measure", |line| &line.line);
        let lines = lines.into_iter().map(|line| self.line(line, years)).collect();
        Some(Measure {
            title: entry.title.unwrap_or_else(|| entry.id.value.clone()),
            id: entry.id.value,
            lines,
            decided: entry.amount,
            takes_part: takes_part?,
            key: entry.key,
            funding: entry.funding,
            residual,
            round_to: entry.round_to.map_or(round_to, |amount| amount.value),
            place: entry.place,
        })
    }

    fn line(&mut self, line: LineEntry, years: Years) -> CostLine {
        self.check_years(&line.budget, years);
        self.check_years(&line.actual, years);
        CostLine { name: line.line.value, budget: line.budget, actual: line.actual }
    }

    fn takes_part(&mut self, entry: &MeasureEntry, parties: &Parties) -> Option<Vec<bool>> {
        let (names, named_take_part) = match &entry.participants {
            ParticipantsEntry::All => return Some(vec![true; parties.count()]),
            ParticipantsEntry::Only(names) => (names, true),
            ParticipantsEntry::Except(names) => (names, false),
        };
        let mut takes_part = vec![!named_take_part; parties.count()];
        let mut places: BTreeMap<PartyIx, &Place> = BTreeMap::new();
        let errors_before = self.faults.error_count();
        for name in names {
            let Some(party) = self.party(parties, name) else { continue };
            if let Some(first) = places.insert(party, &name.place) {
                self.faults.push(faults::double_key(&name.place, first));
            }
            takes_part[party.0] = named_take_part;
        }
        if self.faults.error_count() > errors_before {
            return None;
        }
        if !takes_part.contains(&true) {
            self.faults.push(faults::nobody_takes_part(&entry.place, &entry.id.value));
            return None;
        }
        Some(takes_part)
    }

    fn party(&mut self, parties: &Parties, name: &Spanned<String>) -> Option<PartyIx> {
        let found = parties.find(&name.value);
        if found.is_none() {
            self.faults.push(faults::unknown_name(&name.place, "party", &name.value, parties.ids()));
        }
        found
    }

    /// Keeps the first of two things with one id and reports the second.
    fn unique<T>(&mut self, entries: Vec<T>, what: &str, id: impl Fn(&T) -> &Spanned<String>) -> Vec<T> {
        let mut places: BTreeMap<String, Place> = BTreeMap::new();
        let mut kept = Vec::with_capacity(entries.len());
        for entry in entries {
            let Spanned { value, place } = id(&entry).clone();
            if let Some(first) = places.get(&value) {
                self.faults.push(faults::double_id(&place, first, what, &value));
                continue;
            }
            places.insert(value, place);
            kept.push(entry);
        }
        kept
    }

    fn check_years(&mut self, amounts: &YearAmounts, years: Years) {
        for (year, amount) in amounts {
            if !years.contains(*year) {
                self.faults.push(faults::year_outside(&amount.place, *year, years));
            }
        }
    }
}

fn grant(entry: GrantEntry) -> Grant {
    Grant {
        title: entry.title.unwrap_or_else(|| entry.id.value.clone()),
        id: entry.id.value,
        funder: entry.funder,
        awards: entry.awards,
        carry_over: entry.carry_over,
        place: entry.place,
    }
}
