//! A hybrid of two scenarios: some kinds of things are as in the second, the others as in the first. It is written
//! down as a scenario of its own, so that it is resolved, asked and walked as any other.
//!
//! What only one of the two has, a driver or an assumption say, is there in every hybrid, since only what came with
//! it can use it. A measure is there with its cost, a party with the participants, a grant with the grants.

use std::collections::BTreeMap;

use crate::ground::money::Money;
use crate::ground::source::Spanned;
use crate::model::entries::{
    GrantEntry, LineEntry, MeasureEntry, ParticipantEntry, ParticipantsEntry, PartyEntry, ReserveEntry,
    ResidualEntry,
};
use crate::model::measure::{CostLine, Measure};
use crate::model::party::PartyIx;
use crate::model::period::Period;
use crate::model::scenario::SetParameter;
use crate::model::scenario_file::ScenarioFile;
use crate::model::years::{Year, YearAmounts, Years};
use crate::rules::parameters::Parameter;
use crate::rules::plan::Plan;

use super::alteration::shift;
use super::calendar::{moved_period, moved_years};
use super::hybrid_drivers;
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

    /// By how many years the calendar of a side is moved. The hybrid has the calendar of its drivers; budgets of other
    /// years are compared in the order of their years.
    pub fn moved(self, side: &Side<'_>) -> Year {
        let shift = shift(&self.first.outcome.scenario, &self.second.outcome.scenario);
        let later = |side: &Side<'_>| if std::ptr::eq(side, self.second) { shift } else { 0 };
        later(self.side(Kind::Drivers)) - later(side)
    }

    /// The years of the hybrid.
    fn years(self) -> Years {
        let cost = self.side(Kind::Cost);
        let (years, by) = (cost.outcome.scenario.years, self.moved(cost));
        Years::new(years.first() + by, years.last() + by).unwrap_or(years)
    }

    /// The hybrid as a scenario. It names no table and follows no index: what these said is written out.
    pub fn file(self) -> ScenarioFile {
        let (cost, key) = (&self.side(Kind::Cost).file, &self.side(Kind::Key).file);
        let (parameters, others) = (&self.side(Kind::Parameters).file, &self.other(Kind::Parameters).file);
        let mut assumptions = others.assumptions.clone();
        assumptions.extend(parameters.assumptions.clone());
        // What each of them has as a default may differ: every parameter is set.
        let mut set = carried_parameters(&self.other(Kind::Parameters).outcome.plan);
        set.extend(carried_parameters(&self.side(Kind::Parameters).outcome.plan));
        ScenarioFile {
            title: cost.title.clone(),
            source: None,
            currency: cost.currency.clone(),
            first_year: Spanned { value: self.years().first(), ..cost.first_year.clone() },
            last_year: Spanned { value: self.years().last(), ..cost.last_year.clone() },
            rules: key.rules.clone(),
            round_to: cost.round_to.clone(),
            assumptions,
            parameters: set,
            parties: self.parties(),
            drivers: hybrid_drivers::drivers(self),
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

    fn parties(self) -> Vec<PartyEntry> {
        let side = self.side(Kind::Participants);
        let moved = |party: &PartyEntry| PartyEntry {
            period: moved_period(party.period, self.moved(side)),
            ..party.clone()
        };
        side.file.parties.iter().map(moved).collect()
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
        let (years, by) = (self.years(), self.moved(self.side(Kind::Cost)));
        let of_years = |amounts: &YearAmounts| -> YearAmounts {
            let mut moved = moved_years(amounts, by);
            moved.retain(|year, _| years.contains(*year));
            moved
        };
        let line = |(entry, line): (&LineEntry, &CostLine)| LineEntry {
            budget: of_years(&line.budget.amounts),
            actual: moved_years(&line.actual, by),
            index: None,
            ..entry.clone()
        };
        let there = |kind: Kind| self.side(kind).measure(&cost.id.value).map(|(entry, _)| entry);
        let (key, grants) = (there(Kind::Key).unwrap_or(cost), there(Kind::Grants));
        let participants = match there(Kind::Participants) {
            Some(entry) => self.participants(self.side(Kind::Participants), entry),
            None => self.participants(self.side(Kind::Cost), cost),
        };
        let billed_before = key.billed_before.clone().map(|mut billed| {
            billed.retain(|(party, _)| self.is_party(&party.value));
            billed
        });
        let entry = MeasureEntry {
            costs: cost.costs.iter().zip(&figures.lines).map(line).collect(),
            amount: of_years(&figures.decided.amounts),
            index: None,
            participants,
            key: key.key.clone(),
            charged_to: key.charged_to.clone(),
            funding: grants.map(|grants| grants.funding.clone()).unwrap_or_default(),
            residual: key.residual.clone(),
            settlement: key.settlement.clone(),
            buy_in: key.buy_in.clone(),
            billed_before,
            purpose: grants.map_or_else(|| cost.purpose.clone(), |grants| grants.purpose.clone()),
            instalments: None,
            ends_after: cost.ends_after.map(|last| last + by),
            ..cost.clone()
        };
        if entry.charged_to.is_some() { charged(entry) } else { entry }
    }

    /// Who takes part, as one of the scenarios says it, of those who are parties in a time that is walked.
    fn participants(self, side: &Side<'_>, entry: &MeasureEntry) -> ParticipantsEntry {
        let scenario = &self.side(Kind::Participants).outcome.scenario;
        let (by, by_party) = (self.moved(side), self.moved(self.side(Kind::Participants)));
        let ever = |party: PartyIx, period: Period| {
            let of_party = moved_period(scenario.parties.get(party).period, by_party);
            let both = |year| of_party.months(year).and(period.months(year)).count() > 0;
            period == Period::ALWAYS || self.years().iter().any(both)
        };
        let listed = |list: &[ParticipantEntry]| {
            let moved = list
                .iter()
                .map(|own| ParticipantEntry { period: moved_period(own.period, by), ..own.clone() });
            let there = |own: &ParticipantEntry| {
                scenario.parties.find(&own.party.value).is_some_and(|party| ever(party, own.period))
            };
            moved.filter(there).collect()
        };
        match &entry.participants {
            ParticipantsEntry::All => ParticipantsEntry::All,
            ParticipantsEntry::Only(list) => ParticipantsEntry::Only(listed(list)),
            ParticipantsEntry::Except(list) => ParticipantsEntry::Except(listed(list)),
        }
    }

    fn is_party(self, name: &str) -> bool {
        self.side(Kind::Participants).outcome.scenario.parties.find(name).is_some()
    }

    /// The grants, with awards of years that are walked.
    fn grants(self) -> Vec<GrantEntry> {
        let (side, years) = (self.side(Kind::Grants), self.years());
        let by = self.moved(side);
        let grant = |grant: &GrantEntry| {
            let opening = moved_years(&grant.opening, by);
            let mut awards = moved_years(&grant.awards, by);
            awards.retain(|year, _| years.contains(*year) || opening.contains_key(year));
            let final_report = grant.final_report.map(|year| year + by);
            GrantEntry { awards, opening, final_report, ..grant.clone() }
        };
        side.file.grants.iter().map(grant).collect()
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

/// The parameters of a plan, set to what they are.
pub(super) fn carried_parameters(plan: &Plan) -> BTreeMap<String, SetParameter> {
    let set = |own: &Parameter| SetParameter {
        value: Spanned { value: own.value.clone(), place: own.default_place.clone() },
        name: own.place.clone(),
        is_carried: true,
    };
    plan.parameters.iter().map(|own| (own.name.clone(), set(own))).collect()
}

/// These, and those of others that have another id.
pub(super) fn with_others<T: Clone>(own: &[T], others: &[T], id: impl Fn(&T) -> &String) -> Vec<T> {
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
