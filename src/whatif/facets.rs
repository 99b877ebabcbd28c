//! Which kinds of change there are between two scenarios. Only what both have can differ here: what one of them has
//! alone, a driver or an assumption say, is used by nothing that they have in common.
//!
//! Titles, sources and places are no change: nobody pays more for them.

use std::collections::BTreeMap;

use crate::ground::money::Money;
use crate::ground::ratio::Ratio;
use crate::ground::source::Spanned;
use crate::model::driver::{Driver, PartyValues, Series};
use crate::model::entries::{
    ChargedToEntry, LineEntry, MeasureEntry, ParticipantEntry, ParticipantsEntry, ResidualEntry, SettleEntry,
};
use crate::model::measure::{CostLine, Measure};
use crate::model::party::{Parties, Party, PartyIx};
use crate::model::period::Period;
use crate::model::years::{Year, YearAmounts};
use crate::rules::parameter_text::without_numbers;
use crate::rules::parameters::Parameter;
use crate::rules::rulebook::{Rule, words};

use super::alteration::{party_of, shift};
use super::calendar::moved_period;
use super::kind::Kind;
use super::rules_of_both::ChangedRules;
use super::side::Side;

/// The words of rules that mean another thing in another year.
const BY_YEAR: [&str; 3] = ["year", "phased_to", "fases_over_til"];

/// Two scenarios that are compared.
#[derive(Clone, Copy)]
pub struct Facets<'f> {
    /// The one.
    pub first: &'f Side<'f>,
    /// The other.
    pub second: &'f Side<'f>,
    /// The rules that say something else in each.
    pub rules: &'f ChangedRules,
}

/// A measure that both scenarios have: as written and as walked, in each.
type Pair<'f> = [(&'f MeasureEntry, &'f Measure); 2];

impl<'f> Facets<'f> {
    /// The kinds in which the two differ.
    pub fn kinds(self) -> Vec<Kind> {
        Kind::ALL.into_iter().filter(|kind| self.differ(*kind)).collect()
    }

    fn differ(self, kind: Kind) -> bool {
        match kind {
            Kind::Cost => self.costs(),
            Kind::Drivers => self.drivers(),
            Kind::Key => self.keys(),
            Kind::Parameters => self.parameters(),
            Kind::Grants => self.grants(),
            Kind::Participants => self.participants(),
        }
    }

    fn sides(self) -> [&'f Side<'f>; 2] {
        [self.first, self.second]
    }

    fn measures(self) -> impl Iterator<Item = Pair<'f>> {
        self.first.measures().filter_map(move |own| Some([own, self.second.measure(&own.1.id)?]))
    }

    /// By how many years the calendar of a side is moved to lie on that of the first one.
    fn moved(self, side: &Side<'_>) -> Year {
        let is_first = std::ptr::eq(side, self.first);
        if is_first { 0 } else { -shift(&self.first.outcome.scenario, &self.second.outcome.scenario) }
    }

    /// Whether rules that ask for the year are told another one.
    fn other_years(self) -> bool {
        self.moved(self.second) != 0
    }

    /// Whether the two sides give something else.
    fn unlike<T: PartialEq>(self, of: impl Fn(&'f Side<'f>) -> T) -> bool {
        of(self.first) != of(self.second)
    }

    fn any_unlike<T: PartialEq>(self, of: impl Fn(&'f MeasureEntry) -> T) -> bool {
        self.measures().any(|[(own, _), (other, _)]| of(own) != of(other))
    }

    fn costs(self) -> bool {
        let ids = |side: &'f Side<'f>| {
            let mut ids: Vec<&str> =
                side.file.measures.iter().map(|measure| measure.id.value.as_str()).collect();
            ids.sort_unstable();
            ids
        };
        let figures = |side: &Side<'_>, (entry, measure): (&'f MeasureEntry, &'f Measure)| {
            let by = self.moved(side);
            let lines =
                entry.costs.iter().zip(&measure.lines).map(|(entry, line)| cost_line(entry, line, by));
            let ends_after = measure.ends_after.map(|last| last + by);
            (amounts(&measure.decided.amounts, by), ends_after, lines.collect::<Vec<_>>())
        };
        let years = |side: &'f Side<'f>| {
            let (years, by) = (side.outcome.scenario.years, self.moved(side));
            (years.first() + by, years.last() + by)
        };
        let unlike = |[own, other]: Pair<'f>| figures(self.first, own) != figures(self.second, other);
        self.unlike(years) || self.unlike(ids) || self.measures().any(unlike)
    }

    fn drivers(self) -> bool {
        let [own, other] = self.sides().map(|side| &side.outcome.scenario);
        let differ = |driver: &Driver| {
            let there = other.driver(&driver.id);
            // In other years other values are looked up, also in the same table.
            let looked_up = self.other_years() && matches!(driver.series, Series::Yearly(_));
            there.is_some_and(|(_, there)| {
                looked_up || driver_differs((driver, &own.parties), (there, &other.parties))
            })
        };
        own.drivers.iter().any(differ)
    }

    fn keys(self) -> bool {
        let key = |entry: &'f MeasureEntry| {
            let charged = entry.charged_to.as_ref().map(charged_to);
            let settled = entry.settlement.as_ref().map(|(over, under)| [settle(over), settle(under)]);
            let billed = entry.billed_before.as_ref();
            let billed =
                billed.map(|billed| billed.iter().map(|(name, was)| (&name.value, was.value)).collect());
            let billed: Option<BTreeMap<&String, Money>> = billed;
            let buy_in =
                entry.buy_in.as_ref().map(|rule| (rule.years, rule.tag.as_ref().map(|tag| &tag.value)));
            (
                text(entry.key.as_ref()).map(without_numbers),
                charged,
                entry.residual.as_ref().map(residual),
                settled,
                billed,
                buy_in,
            )
        };
        let calls = |side: &Side<'_>| {
            let keys = side.file.measures.iter().filter_map(|measure| measure.key.as_ref());
            let exits = side.file.reserves.iter().filter_map(|reserve| reserve.exit_key.as_ref());
            keys.chain(exits).any(|key| self.rules.are_called_by(&key.value) || self.asks_for_year(side, key))
        };
        self.unlike(|side| side.file.circles) || self.any_unlike(key) || self.sides().into_iter().any(calls)
    }

    /// Whether an expression depends on the year that it is asked for, where that is another one.
    fn asks_for_year(self, side: &Side<'_>, expression: &Spanned<String>) -> bool {
        let depends = |text: &str| words(text).any(|word| BY_YEAR.contains(&word));
        let rule = |rule: &Rule| {
            let text = &side.inputs.sources.get(rule.place.source).text;
            depends(&text[rule.place.bytes.start..rule.end])
        };
        let called = side.outcome.rulebook.rules_called(&expression.value);
        self.other_years() && (depends(&expression.value) || called.into_iter().any(rule))
    }

    fn parameters(self) -> bool {
        let [own, other] = self.sides().map(|side| &side.outcome.scenario);
        let assumption =
            |(name, number): (&String, _)| other.assumptions.get(name).is_some_and(|there| there != number);
        let unlike_index = |id: &str| match (own.index(id), other.index(id)) {
            (Some(own), Some(other)) => own.levels != other.levels,
            _ => false,
        };
        let [plan, other_plan] = self.sides().map(|side| &side.outcome.plan.parameters);
        let parameter = |own: &Parameter| {
            other_plan.iter().any(|there| there.name == own.name && there.value != own.value)
        };
        plan.iter().any(parameter)
            || own.assumptions.iter().any(assumption)
            || own.indexes.iter().any(|index| unlike_index(&index.id))
    }

    fn grants(self) -> bool {
        let funding = |entry: &'f MeasureEntry| {
            let steps: Vec<String> = entry.funding.iter().map(|step| without_numbers(&step.value)).collect();
            (steps, entry.purpose.as_deref())
        };
        let grants = |side: &'f Side<'f>| {
            let grants = side.file.grants.iter().map(|grant| {
                let rules = (text(grant.payment.as_ref()), text(grant.carry_over.as_ref()));
                let by = self.moved(side);
                let final_report = grant.final_report.map(|year| year + by);
                (
                    &grant.id.value,
                    amounts(&grant.awards, by),
                    amounts(&grant.opening, by),
                    rules,
                    final_report,
                )
            });
            grants.collect::<Vec<_>>()
        };
        let reserves = |side: &'f Side<'f>| {
            let reserves = side.file.reserves.iter().map(|reserve| {
                let minimum = reserve.minimum.as_ref().map(|minimum| minimum.value);
                let exit_key = text(reserve.exit_key.as_ref());
                (&reserve.id.value, reserve.opening.value, minimum, reserve.purpose.as_deref(), exit_key)
            });
            reserves.collect::<Vec<_>>()
        };
        let order = |side: &'f Side<'f>, there: &'f Side<'f>| -> Vec<&'f str> {
            let ids = side.file.measures.iter().map(|measure| measure.id.value.as_str());
            ids.filter(|id| there.measure(id).is_some()).collect()
        };
        // A measure that one of them has alone is funded where the grants are from there as well.
        let alone = |own: &'f Side<'f>, there: &'f Side<'f>| {
            own.file
                .measures
                .iter()
                .any(|entry| !entry.funding.is_empty() && there.measure(&entry.id.value).is_none())
        };
        self.any_unlike(funding)
            || alone(self.first, self.second)
            || alone(self.second, self.first)
            || self.unlike(grants)
            || self.unlike(reserves)
            || order(self.first, self.second) != order(self.second, self.first)
            || self.sides().into_iter().any(|side| {
                funds(side)
                    .any(|step| self.rules.are_called_by(&step.value) || self.asks_for_year(side, step))
            })
    }

    fn participants(self) -> bool {
        let parties = |side: &'f Side<'f>| {
            let parties = side.outcome.scenario.parties.iter();
            let party = |(_, party): (PartyIx, &'f Party)| {
                let period = moved_period(party.period, self.moved(side));
                (&party.id, (&party.name, &party.number, period))
            };
            parties.map(party).collect::<BTreeMap<_, _>>()
        };
        let [here, there] = self.sides().map(|side| self.moved(side));
        let unlike = |[(own, _), (other, _)]: Pair<'f>| {
            participants(&own.participants, here) != participants(&other.participants, there)
        };
        self.unlike(parties) || self.measures().any(unlike)
    }
}

/// Whether funding steps, carry-overs or payments of a scenario call rules that say something else in the other.
pub fn funds_call(side: &Side<'_>, rules: &ChangedRules) -> bool {
    funds(side).any(|step| rules.are_called_by(&step.value))
}

/// The funding steps, carry-overs and payments of a scenario.
fn funds<'f>(side: &'f Side<'_>) -> impl Iterator<Item = &'f Spanned<String>> {
    let steps = side.file.measures.iter().flat_map(|measure| &measure.funding);
    steps.chain(side.file.grants.iter().flat_map(|grant| grant.carry_over.iter().chain(&grant.payment)))
}

fn text(written: Option<&Spanned<String>>) -> Option<&str> {
    written.map(|written| written.value.as_str())
}

fn amounts(amounts: &YearAmounts, by: Year) -> Vec<(Year, Money)> {
    amounts.iter().map(|(year, amount)| (year + by, amount.value)).collect()
}

/// What is written of a cost line, by year and otherwise.
#[derive(PartialEq)]
struct LineFacet<'f> {
    name: &'f str,
    figures: [Vec<(Year, Money)>; 2],
    tags: &'f [String],
    in_kind: bool,
    to_reserve: Option<&'f str>,
}

fn cost_line<'f>(entry: &'f LineEntry, line: &'f CostLine, by: Year) -> LineFacet<'f> {
    LineFacet {
        name: &line.name,
        figures: [amounts(&line.budget.amounts, by), amounts(&line.actual, by)],
        tags: &line.tags,
        in_kind: line.in_kind,
        to_reserve: text(entry.to_reserve.as_ref()),
    }
}

/// Whether a driver has other values for parties that both scenarios have.
fn driver_differs((own, parties): (&Driver, &Parties), (other, there): (&Driver, &Parties)) -> bool {
    let in_both = |(party, entry): (PartyIx, &Party)| Some((party, party_of(there, &entry.id)?));
    let both: Vec<(PartyIx, PartyIx)> = parties.iter().filter_map(in_both).collect();
    let same = |own: &PartyValues, other: &PartyValues| {
        both.iter().all(|(party, there)| own.of(*party) == other.of(*there))
    };
    let all_same = match (&own.series, &other.series) {
        (Series::Fixed(own), Series::Fixed(other)) => same(own, other),
        (Series::Yearly(own), Series::Yearly(other)) => {
            own.keys().eq(other.keys())
                && own.values().zip(other.values()).all(|(own, other)| same(own, other))
        }
        _ => false,
    };
    !all_same || own.hold != other.hold
}

/// A name with what stands beside it, if anything does.
type Named<'f, T> = (&'f str, Option<T>);

fn plain<T>(names: &[Spanned<String>]) -> Vec<Named<'_, T>> {
    names.iter().map(|name| (name.value.as_str(), None)).collect()
}

fn charged_to(entry: &ChargedToEntry) -> (&'static str, Vec<Named<'_, &Ratio>>) {
    match entry {
        ChargedToEntry::Equally(names) => ("equally", plain(names)),
        ChargedToEntry::ByCost(names) => ("by cost", plain(names)),
        ChargedToEntry::Weights(weights) => {
            let named = weights.iter().map(|(name, weight)| (name.value.as_str(), Some(weight)));
            ("weights", named.collect())
        }
    }
}

fn residual(entry: &ResidualEntry) -> (&'static str, &str) {
    match entry {
        ResidualEntry::Show => ("show", ""),
        ResidualEntry::Reserve(name) => ("reserve", &name.value),
        ResidualEntry::Host(name) => ("host", &name.value),
    }
}

fn settle(entry: &SettleEntry) -> (&'static str, &str) {
    match entry {
        SettleEntry::Refund => ("refund", ""),
        SettleEntry::Reserve(name) => ("reserve", &name.value),
        SettleEntry::CarryForward => ("forward", ""),
    }
}

fn participants(entry: &ParticipantsEntry, by: Year) -> (&'static str, Vec<(&str, Period)>) {
    let (word, list): (_, &[ParticipantEntry]) = match entry {
        ParticipantsEntry::All => ("all", &[]),
        ParticipantsEntry::Only(list) => ("only", list),
        ParticipantsEntry::Except(list) => ("except", list),
    };
    (word, list.iter().map(|own| (own.party.value.as_str(), moved_period(own.period, by))).collect())
}
