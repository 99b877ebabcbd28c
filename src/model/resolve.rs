//! From the scenario as written to the scenario resolved: every name is looked up, every figure's year
//! checked, every table read, and all faults reported at once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use num_traits::Signed;

use crate::ground::diagnostic::Diagnostics;
use crate::ground::money::Money;
use crate::ground::ratio::{self, Ratio};
use crate::ground::source::{Place, SourceId, Spanned};

use super::change::ValueChange;
use super::charge::Circles;
use super::driver::{Driver, PartyValues, Series};
use super::entries::{
    DriverEntry, GrantEntry, IndexEntry, IndexValuesEntry, PartyEntry, ReserveEntry, ValuesEntry,
};
use super::grant::Grant;
use super::index::Index;
use super::inputs::{Inputs, SCENARIO_FILE, Shelf, TextKind};
use super::measure::{Measure, PaidBy, Participation};
use super::party::{Parties, Party, PartyIx};
use super::reserve::Reserve;
use super::resolve_measure::Surroundings;
use super::scenario::Scenario;
use super::scenario_file::ScenarioFile;
use super::table::{self, PartyTable};
use super::years::{Year, YearAmounts, Years};
use super::{driver_change, faults};

/// What was read of a scenario.
pub struct Reading {
    /// The rule files it names.
    pub rules: Vec<Spanned<String>>,
    /// The scenario, where its parties, drivers and funds are free of faults; measures with faults are left out.
    pub scenario: Option<Scenario>,
}

/// Reads the scenario of a shelf: its file, its tables and all their names. Faults go to `faults`.
pub fn read_scenario(shelf: &(dyn Shelf + Sync), inputs: &mut Inputs, faults: &mut Diagnostics) -> Reading {
    let reading =
        read_file_and(shelf, inputs, faults, |file, inputs, faults| resolve(file, shelf, inputs, faults));
    reading.unwrap_or(Reading { rules: vec![], scenario: None })
}

/// Reads the scenario of a shelf as it is written. Faults go to `faults`.
pub fn read_file(
    shelf: &(dyn Shelf + Sync),
    inputs: &mut Inputs,
    faults: &mut Diagnostics,
) -> Option<ScenarioFile> {
    read_file_and(shelf, inputs, faults, |file, _, _| file)
}

/// Reads the scenario of a shelf as it is written and goes on with it, beside the parser where its file is long; none
/// where there is nothing to go on with. Faults go to `faults`; where the file is no RON that is the only one.
pub fn read_file_and<T: Send>(
    shelf: &(dyn Shelf + Sync),
    inputs: &mut Inputs,
    faults: &mut Diagnostics,
    then: impl FnOnce(ScenarioFile, &mut Inputs, &mut Diagnostics) -> T + Send,
) -> Option<T> {
    let read = inputs.read(shelf, SCENARIO_FILE, TextKind::Scenario, None);
    let source = faults.take(read)?;
    let text = inputs.sources.hold(source);
    let go_on = |file: Option<ScenarioFile>, mut found: Diagnostics| {
        let done = file.map(|file| then(file, inputs, &mut found));
        (done, found)
    };
    let (done, found) = faults.take(ScenarioFile::read_and(&text.text, source, go_on))?;
    faults.append(found);
    done
}

/// Looks up the names of a scenario as written, and reads its tables. Faults go to `faults`.
pub fn resolve(
    file: ScenarioFile,
    shelf: &dyn Shelf,
    inputs: &mut Inputs,
    faults: &mut Diagnostics,
) -> Reading {
    let rules = file.rules.clone();
    Reading { rules, scenario: Resolver { shelf, inputs, faults, tables: BTreeMap::new() }.scenario(file) }
}

/// What names are looked up with.
pub(super) struct Resolver<'r> {
    shelf: &'r dyn Shelf,
    inputs: &'r mut Inputs,
    /// Where faults go.
    pub(super) faults: &'r mut Diagnostics,
    /// The tables read so far; none for one that cannot be read.
    tables: BTreeMap<SourceId, Option<Arc<PartyTable>>>,
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
        let parties = Arc::new(self.parties(file.parties));
        let (grants, reserves) = self.funds(file.grants, file.reserves, years);
        let indexes = self.unique(file.indexes, "indexes", |index| &index.id);
        let indexes = indexes.into_iter().filter_map(|entry| self.index(entry)).collect();
        let drivers = self.unique(file.drivers, "drivers", |driver| &driver.id);
        self.tables = self.inputs.known_tables(&parties);
        let drivers = drivers.into_iter().filter_map(|entry| self.driver(entry, &parties)).collect();
        self.inputs.remember_tables(&parties, &self.tables);
        if !file.sound {
            return None;
        }
        let foundation_sound = self.faults.error_count() == errors_before;
        let round_to = file.round_to.map_or(Money::ORE, |amount| amount.value);
        let measures = self.unique(file.measures, "measures", |measure| &measure.id);
        let surroundings = Surroundings {
            parties: &parties,
            everybody: vec![Participation::ALWAYS; parties.count()].into(),
            reserves: &reserves,
            measures: &measures.iter().map(|entry| entry.id.value.clone()).collect::<Vec<_>>(),
            years,
            round_to,
            instalments: file.instalments,
        };
        let count = measures.len();
        let resolved = measures.into_iter().filter_map(|entry| self.measure(entry, &surroundings));
        let measures: Vec<Arc<Measure>> = resolved.map(Arc::new).collect();
        if file.circles == Circles::Refused && measures.len() == count {
            self.check_circles(&measures);
        }
        // Measures are known by their position, so one that is left out would move the others.
        let foundation_sound = foundation_sound && (measures.len() == count || !charges_any(&measures));
        foundation_sound.then_some(Scenario {
            title: file.title,
            source: file.source,
            currency: file.currency.unwrap_or_else(|| "NOK".to_owned()),
            years,
            rules_ahead: 0,
            rules: file.rules,
            assumptions: file.assumptions,
            parameters: file.parameters,
            parties,
            drivers,
            measures,
            grants: grants.into_iter().map(Arc::new).collect(),
            reserves,
            indexes,
            circles: file.circles,
            round_to,
            place: file.place,
        })
    }

    fn funds(
        &mut self,
        grants: Vec<GrantEntry>,
        reserves: Vec<ReserveEntry>,
        years: Years,
    ) -> (Vec<Grant>, Vec<Reserve>) {
        let reserves = self.unique(reserves, "reserves", |reserve| &reserve.id);
        let grants = self.unique(grants, "grants", |grant| &grant.id);
        for grant in &grants {
            let id = &grant.id;
            if let Some(reserve) = reserves.iter().find(|reserve| reserve.id.value == id.value) {
                let what = "grants or reserves";
                self.faults.push(faults::double_id(&id.place, &reserve.id.place, what, &id.value));
            }
            self.check_grant(grant, years);
        }
        let reserves = reserves.into_iter().map(|entry| self.reserve(entry)).collect();
        (grants.into_iter().map(grant).collect(), reserves)
    }

    /// Measures that charge each other in a circle are told with their path.
    fn check_circles(&mut self, measures: &[Arc<Measure>]) {
        let payers = |index: usize| match &measures[index].paid_by {
            PaidBy::Measures(charged) => charged.payers(),
            PaidBy::Parties(_) => vec![],
        };
        let mut told: BTreeSet<usize> = BTreeSet::new();
        for start in 0..measures.len() {
            // A circle is told from its first measure in the file, and no measure is told twice.
            if told.contains(&start) {
                continue;
            }
            let mut paths: Vec<Vec<usize>> = vec![vec![start]];
            let mut seen = BTreeSet::new();
            while let Some(path) = paths.pop() {
                for next in path.last().map(|last| payers(*last)).unwrap_or_default() {
                    if next.0 == start {
                        let ids: Vec<&str> = path.iter().map(|index| measures[*index].id.as_str()).collect();
                        self.faults.push(faults::charge_circle(&measures[start].place, &ids));
                        told.extend(&path);
                        paths.clear();
                        break;
                    }
                    if next.0 > start && seen.insert(next.0) {
                        paths.push(path.iter().copied().chain([next.0]).collect());
                    }
                }
            }
        }
    }

    fn reserve(&mut self, entry: ReserveEntry) -> Reserve {
        if entry.opening.value.is_negative() {
            self.faults.push(faults::negative(&entry.opening.place, "the opening of a reserve"));
        }
        let minimum = entry.minimum.as_ref().map_or(Money::ZERO, |minimum| minimum.value);
        if let Some(written) = &entry.minimum {
            if minimum.is_negative() {
                self.faults.push(faults::negative(&written.place, "the minimum of a reserve"));
            } else if entry.opening.value < minimum {
                self.faults.push(faults::opening_below_minimum(&entry.opening.place, &written.place));
            }
        }
        Reserve {
            title: entry.title.unwrap_or_else(|| entry.id.value.clone()),
            id: entry.id.value,
            opening: entry.opening.value,
            minimum,
            purpose: entry.purpose,
            exit_key: entry.exit_key,
            place: entry.place,
        }
    }

    fn check_grant(&mut self, grant: &GrantEntry, years: Years) {
        for (year, award) in &grant.awards {
            // Of an award before the first year only what is left of it counts.
            if !years.contains(*year) && !grant.opening.contains_key(year) {
                self.faults.push(faults::year_outside(&award.place, *year, years));
            }
            if award.value.is_negative() {
                self.faults.push(faults::negative(&award.place, "an award"));
            }
        }
        if grant.final_report.is_some() && grant.payment.is_none() {
            self.faults.push(faults::report_without_payment(&grant.id.place));
        }
        for (year, left) in &grant.opening {
            if *year >= years.first() {
                self.faults.push(faults::opening_of_a_year(&left.place, *year, years));
            }
            if left.value.is_negative() {
                self.faults.push(faults::negative(&left.place, "what is left of an award"));
            }
            if let Some(award) = grant.awards.get(year).filter(|award| award.value < left.value) {
                self.faults.push(faults::more_left_than_awarded(&left.place, &award.place));
            }
        }
    }

    fn index(&mut self, entry: IndexEntry) -> Option<Index> {
        let hundred = ratio::whole(100);
        let mut levels: BTreeMap<Year, Ratio> = BTreeMap::new();
        match entry.values {
            IndexValuesEntry::Levels(written) => {
                levels.extend(written.iter().map(|(year, level)| (*year, level.value.clone())));
            }
            IndexValuesEntry::Growth(growth) => {
                let years: Vec<Year> = growth.keys().copied().collect();
                if let Some(gap) = years.windows(2).find(|pair| pair[1] != pair[0] + 1) {
                    self.faults.push(faults::growth_gap(&entry.place, gap[0] + 1));
                }
                let mut level = hundred.clone();
                levels.extend(years.first().map(|first| (first - 1, level.clone())));
                for (year, growth) in growth {
                    if growth.value >= hundred {
                        self.faults.push(faults::growth_like_a_level(&growth.place));
                        return None;
                    }
                    if growth.value <= -&hundred {
                        self.faults.push(faults::growth_below_nothing(&growth.place));
                        return None;
                    }
                    level *= (&hundred + growth.value) / &hundred;
                    levels.insert(year, level.clone());
                }
            }
        }
        if levels.values().any(|level| !level.is_positive()) {
            self.faults.push(faults::expected(&entry.place, "levels above zero"));
            return None;
        }
        if levels.is_empty() {
            self.faults.push(faults::expected(&entry.place, "the figures of at least one year"));
            return None;
        }
        Some(Index { id: entry.id.value, source: entry.source, levels })
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
        let list = entries.into_iter().map(|entry| Party {
            name: entry.name.unwrap_or_else(|| entry.id.value.clone()),
            id: entry.id.value,
            number: entry.number,
            period: entry.period,
        });
        Parties::new(list.collect())
    }

    fn driver(&mut self, entry: DriverEntry, parties: &Parties) -> Option<Driver> {
        if ["id", "name", "number", "months"].contains(&entry.id.value.as_str()) {
            self.faults.push(faults::reserved_driver(&entry.id.place, &entry.id.value));
        }
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
                Series::Fixed(PartyValues::new(by_party))
            }
            ValuesEntry::Yearly(values) => {
                let mut years: BTreeMap<Year, Vec<Option<Ratio>>> = BTreeMap::new();
                for (name, by_year) in values {
                    let Some(party) = self.party(parties, name) else { continue };
                    for (year, value) in by_year {
                        years.entry(*year).or_insert_with(|| vec![None; parties.count()])[party.0] =
                            Some(value.clone());
                    }
                }
                let of_year = |(year, by_party)| (year, PartyValues::new(by_party));
                Series::Yearly(years.into_iter().map(of_year).collect())
            }
        };
        let series = self.changed_series(&entry, series, parties);
        Some(Driver {
            id: entry.id.value,
            unit: entry.unit,
            source: entry.source,
            hold: entry.hold,
            series,
            place: entry.place,
        })
    }

    /// The values with those that changes put in their place.
    fn changed_series(&mut self, entry: &DriverEntry, series: Series, parties: &Parties) -> Series {
        if entry.changes.is_empty() {
            return series;
        }
        let known =
            entry.changes.iter().filter_map(|change| Some((self.party(parties, &change.party)?, change)));
        let changes: Vec<(PartyIx, &ValueChange)> = known.collect();
        driver_change::changed(&entry.id.value, series, &changes, parties, self.faults)
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
        if !self.tables.contains_key(&source) {
            let read = table::read_party_table(&self.inputs.sources, source, parties, self.faults);
            self.tables.insert(source, read.map(Arc::new));
        }
        table::series(self.tables.get(&source)?.as_ref()?, column, parties, self.faults)
    }

    pub(super) fn party(&mut self, parties: &Parties, name: &Spanned<String>) -> Option<PartyIx> {
        let found = parties.find(&name.value);
        if found.is_none() {
            self.faults.push(faults::unknown_name(&name.place, "party", &name.value, parties.ids()));
        }
        found
    }

    /// Keeps the first of two things with one id and reports the second.
    pub(super) fn unique<T>(
        &mut self,
        entries: Vec<T>,
        what: &str,
        id: impl Fn(&T) -> &Spanned<String>,
    ) -> Vec<T> {
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

    /// Figures are of years of the scenario; what follows an index may start earlier.
    pub(super) fn check_years(&mut self, amounts: &YearAmounts, years: Years, indexed: bool) {
        for (year, amount) in amounts {
            let is_base = indexed && *year < years.first();
            if !years.contains(*year) && !is_base {
                self.faults.push(faults::year_outside(&amount.place, *year, years));
            }
        }
    }
}

fn charges_any(measures: &[Arc<Measure>]) -> bool {
    measures.iter().any(|measure| matches!(measure.paid_by, PaidBy::Measures(_)))
}

fn grant(entry: GrantEntry) -> Grant {
    Grant {
        title: entry.title.unwrap_or_else(|| entry.id.value.clone()),
        id: entry.id.value,
        funder: entry.funder,
        awards: entry.awards,
        opening: entry.opening,
        payment: entry.payment,
        final_report: entry.final_report,
        carry_over: entry.carry_over,
        place: entry.place,
    }
}
