//! A hybrid of two scenarios: some kinds of things are as in the second, the others as in the first. It is written
//! down as a scenario of its own, so that it is resolved, asked and walked as any other.
//!
//! What only one of the two has, a driver or an assumption say, is there in every hybrid, since only what came with
//! it can use it. A measure is there with its cost, a party with the participants, a grant with the grants.

use crate::ground::money::Money;
use crate::ground::ratio::Ratio;
use crate::ground::source::Spanned;
use crate::model::decode::YearAmounts;
use crate::model::driver::{Driver, PartyValues, Series};
use crate::model::entries::{
    DriverEntry, GrantEntry, LineEntry, MeasureEntry, ParticipantEntry, ParticipantsEntry, ReserveEntry,
    ResidualEntry, ValuesEntry,
};
use crate::model::measure::{CostLine, Measure};
use crate::model::party::{Party, PartyIx};
use crate::model::period::Period;
use crate::model::scenario_file::ScenarioFile;
use crate::model::years::Year;

use super::kind::Kind;
use super::side::Side;

/// Two scenarios, and the kinds that are taken from the second.
#[derive(Clone, Copy)]
pub struct Hybrid<'h> {
    /// Where the other kinds are from.
    pub first: &'h Side<'h>,
    /// Where these kinds are from.
    pub second: &'h Side<'h>,
    /// These kinds.
    pub of_second: &'h [Kind],
}

impl<'h> Hybrid<'h> {
    /// The scenario that a kind is taken from.
    pub fn side(self, kind: Kind) -> &'h Side<'h> {
        if self.of_second.contains(&kind) { self.second } else { self.first }
    }

    /// The scenario that a kind is not taken from.
    pub fn other(self, kind: Kind) -> &'h Side<'h> {
        if self.of_second.contains(&kind) { self.first } else { self.second }
    }

    /// The hybrid as a scenario. It names no table and follows no index: what these said is written out.
    pub fn file(self) -> ScenarioFile {
        let (cost, key) = (&self.side(Kind::Cost).file, &self.side(Kind::Key).file);
        let (parameters, others) = (&self.side(Kind::Parameters).file, &self.other(Kind::Parameters).file);
        let mut assumptions = others.assumptions.clone();
        assumptions.extend(parameters.assumptions.clone());
        ScenarioFile {
            title: cost.title.clone(),
            source: None,
            currency: cost.currency.clone(),
            first_year: cost.first_year.clone(),
            last_year: cost.last_year.clone(),
            rules: key.rules.clone(),
            round_to: cost.round_to.clone(),
            assumptions,
            parties: self.side(Kind::Participants).file.parties.clone(),
            drivers: self.drivers(),
            measures: self.measures(),
            grants: self.grants(),
            reserves: self.reserves(),
            indexes: with_others(&parameters.indexes, &others.indexes, |index| &index.id.value),
            circles: key.circles,
            instalments: None,
            sound: true,
            place: cost.place.clone(),
        }
    }

    fn drivers(self) -> Vec<DriverEntry> {
        let (own, other) = (self.side(Kind::Drivers), self.other(Kind::Drivers));
        let entries = with_others(&own.file.drivers, &other.file.drivers, |driver| &driver.id.value);
        let driver = |entry: DriverEntry| {
            let sides = [own, other].into_iter().filter_map(|side| {
                let (_, driver) = side.outcome.scenario.driver(&entry.id.value)?;
                Some((side, driver))
            });
            let values = self.values(&sides.collect::<Vec<_>>(), &entry);
            DriverEntry { values, changes: vec![], ..entry }
        };
        entries.into_iter().map(driver).collect()
    }

    /// The values of a driver, from the first of these sides. Who is no party there keeps the values of the other.
    fn values(self, sides: &[(&Side<'_>, &Driver)], entry: &DriverEntry) -> ValuesEntry {
        let parties = &self.side(Kind::Participants).outcome.scenario.parties;
        let name = |id: &String| Spanned { value: id.clone(), place: entry.place.clone() };
        let value = |id: &str, values: &PartyValues, year: Year| {
            let own = sides.first().and_then(|(side, _)| side.party(id));
            let elsewhere =
                || sides.iter().skip(1).find_map(|(side, driver)| value_near(driver, side.party(id)?, year));
            own.map_or_else(elsewhere, |party| values.of(party))
        };
        match sides.first().map(|(_, driver)| &driver.series) {
            None => entry.values.clone(),
            Some(Series::Fixed(values)) => {
                let of_party = |(_, party): (PartyIx, &Party)| {
                    Some((name(&party.id), value(&party.id, values, Year::MAX)?))
                };
                ValuesEntry::Fixed(parties.iter().filter_map(of_party).collect())
            }
            Some(Series::Yearly(years)) => {
                let of_party = |(_, party): (PartyIx, &Party)| {
                    let by_year = years.iter().map(|(year, values)| (*year, value(&party.id, values, *year)));
                    let known = by_year.filter_map(|(year, value)| Some((year, value?)));
                    (name(&party.id), known.collect())
                };
                ValuesEntry::Yearly(parties.iter().map(of_party).collect())
            }
        }
    }

    /// The measures that there are with their cost. Those that both scenarios have stand in the order of the grants,
    /// which is their priority.
    fn measures(self) -> Vec<MeasureEntry> {
        let (cost, grants) = (self.side(Kind::Cost), self.side(Kind::Grants));
        let mut in_order = grants
            .measures()
            .filter(|(entry, _)| cost.measure(&entry.id.value).is_some())
            .map(|(own, _)| own);
        let measure = |(entry, _): (&MeasureEntry, _)| {
            let both = grants.measure(&entry.id.value).is_some();
            let id = if both { in_order.next().map(|own| &own.id.value) } else { None };
            cost.measure(id.unwrap_or(&entry.id.value)).map(|(entry, measure)| self.measure(entry, measure))
        };
        cost.measures().filter_map(measure).collect()
    }

    fn measure(self, cost: &MeasureEntry, figures: &Measure) -> MeasureEntry {
        let years = self.side(Kind::Cost).outcome.scenario.years;
        let of_years = |amounts: &YearAmounts| -> YearAmounts {
            let own = amounts.iter().filter(|(year, _)| years.contains(**year));
            own.map(|(year, amount)| (*year, amount.clone())).collect()
        };
        let line = |(entry, line): (&LineEntry, &CostLine)| LineEntry {
            budget: of_years(&line.budget.amounts),
            index: None,
            ..entry.clone()
        };
        let there = |kind: Kind| self.side(kind).measure(&cost.id.value).map(|(entry, _)| entry);
        let (key, grants) = (there(Kind::Key).unwrap_or(cost), there(Kind::Grants));
        let billed_before = key.billed_before.clone().map(|mut billed| {
            billed.retain(|(party, _)| self.is_party(&party.value));
            billed
        });
        let entry = MeasureEntry {
            costs: cost.costs.iter().zip(&figures.lines).map(line).collect(),
            amount: of_years(&figures.decided.amounts),
            index: None,
            participants: self.participants(there(Kind::Participants).unwrap_or(cost)),
            key: key.key.clone(),
            charged_to: key.charged_to.clone(),
            funding: grants.map(|grants| grants.funding.clone()).unwrap_or_default(),
            residual: key.residual.clone(),
            settlement: key.settlement.clone(),
            buy_in: key.buy_in.clone(),
            billed_before,
            purpose: grants.map_or_else(|| cost.purpose.clone(), |grants| grants.purpose.clone()),
            instalments: None,
            ..cost.clone()
        };
        if entry.charged_to.is_some() { charged(entry) } else { entry }
    }

    /// Who takes part, of those who are parties, in a time that is walked.
    fn participants(self, entry: &MeasureEntry) -> ParticipantsEntry {
        let scenario = &self.side(Kind::Participants).outcome.scenario;
        let ever = |party: PartyIx, period: Period| {
            let own = scenario.parties.get(party).period;
            let years = self.side(Kind::Cost).outcome.scenario.years;
            period == Period::ALWAYS
                || years.iter().any(|year| own.months(year).and(period.months(year)).count() > 0)
        };
        let there = |own: &&ParticipantEntry| {
            scenario.parties.find(&own.party.value).is_some_and(|party| ever(party, own.period))
        };
        match &entry.participants {
            ParticipantsEntry::All => ParticipantsEntry::All,
            ParticipantsEntry::Only(list) => {
                ParticipantsEntry::Only(list.iter().filter(there).cloned().collect())
            }
            ParticipantsEntry::Except(list) => {
                ParticipantsEntry::Except(list.iter().filter(there).cloned().collect())
            }
        }
    }

    fn is_party(self, name: &str) -> bool {
        self.side(Kind::Participants).outcome.scenario.parties.find(name).is_some()
    }

    /// The grants, with awards of years that are walked.
    fn grants(self) -> Vec<GrantEntry> {
        let years = self.side(Kind::Cost).outcome.scenario.years;
        let grant = |grant: &GrantEntry| {
            let mut grant = grant.clone();
            let GrantEntry { awards, opening, .. } = &mut grant;
            awards.retain(|year, _| years.contains(*year) || opening.contains_key(year));
            grant
        };
        self.side(Kind::Grants).file.grants.iter().map(grant).collect()
    }

    /// The reserves; those of the other scenario are there as well, empty, for residuals and settlements to go into.
    fn reserves(self) -> Vec<ReserveEntry> {
        let (own, other) = (&self.side(Kind::Grants).file.reserves, &self.other(Kind::Grants).file.reserves);
        let mut reserves = with_others(own, other, |reserve| &reserve.id.value);
        for reserve in reserves.iter_mut().skip(own.len()) {
            reserve.opening.value = Money::ZERO;
            (reserve.minimum, reserve.purpose, reserve.exit_key) = (None, None, None);
        }
        reserves
    }
}

/// Rounds nothing to more than the øre, and lets every residual be.
#[must_use]
pub fn without_rounding(mut file: ScenarioFile) -> ScenarioFile {
    file.round_to = None;
    for measure in &mut file.measures {
        measure.round_to = None;
        measure.with_memory = false;
        if measure.charged_to.is_none() {
            measure.residual.get_or_insert(ResidualEntry::Show);
        }
    }
    file
}

/// These, and those of others that have another id.
fn with_others<T: Clone>(own: &[T], others: &[T], id: impl Fn(&T) -> &String) -> Vec<T> {
    let new = others.iter().filter(|other| own.iter().all(|own| id(own) != id(other)));
    own.iter().chain(new).cloned().collect()
}

/// What concerns the shares of parties has no meaning where other measures pay.
fn charged(entry: MeasureEntry) -> MeasureEntry {
    MeasureEntry {
        participants: ParticipantsEntry::All,
        funding: vec![],
        residual: None,
        with_memory: false,
        settlement: None,
        buy_in: None,
        billed_before: None,
        ..entry
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
