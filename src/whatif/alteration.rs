//! What differs between two scenarios, by what they mean: costs, keys, drivers, grants and everything else that somebody
//! has written, not what comes out of it. A figure that follows an index is a consequence, and left out.

use std::collections::{BTreeMap, BTreeSet};

use crate::engine::walk::Outcome;
use crate::ground::money::Money;
use crate::ground::ratio::Ratio;
use crate::ground::source::Spanned;
use crate::model::driver::{Driver, PartyValues, Series};
use crate::model::grant::Grant;
use crate::model::inputs::Inputs;
use crate::model::measure::Version;
use crate::model::party::{Parties, PartyIx};
use crate::model::period::Period;
use crate::model::scenario::Scenario;
use crate::model::years::{Year, YearAmounts};
use crate::rules::parameters::{Given, Parameter};
use crate::rules::plan::Plan;
use crate::rules::rulebook::Rule;

use super::alteration_measure;

/// One thing that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alteration {
    /// What kind of thing it is of.
    pub kind: Kind,
    /// The id of that thing; empty for the scenario as a whole.
    pub of: String,
    /// What of it differs: `key`, `amount 2024`; empty for the thing itself, which is there on one side only.
    pub what: String,
    /// What it was; none where it was not there.
    pub before: Option<Value>,
    /// What it is; none where it is not there any more.
    pub after: Option<Value>,
}

/// What kind of thing an alteration is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The scenario as a whole.
    Scenario,
    /// A rule.
    Rule,
    /// A parameter of the rules.
    Parameter,
    /// A party.
    Party,
    /// A driver.
    Driver,
    /// An index.
    Index,
    /// A measure.
    Measure,
    /// A grant.
    Grant,
    /// A reserve.
    Reserve,
}

/// What something was or is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// An amount.
    Money(Money),
    /// A number that is no amount.
    Number(Ratio),
    /// Words.
    Text(String),
}

impl Kind {
    /// Its word, for tables.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Scenario => "scenario",
            Kind::Rule => "rule",
            Kind::Parameter => "parameter",
            Kind::Party => "party",
            Kind::Driver => "driver",
            Kind::Index => "index",
            Kind::Measure => "measure",
            Kind::Grant => "grant",
            Kind::Reserve => "reserve",
        }
    }

    /// The word for several.
    pub fn plural(self) -> &'static str {
        match self {
            Kind::Scenario => "scenarios",
            Kind::Rule => "rules",
            Kind::Parameter => "parameters",
            Kind::Party => "parties",
            Kind::Driver => "drivers",
            Kind::Index => "indexes",
            Kind::Measure => "measures",
            Kind::Grant => "grants",
            Kind::Reserve => "reserves",
        }
    }
}

/// Of something that is there without further ado.
pub const ALWAYS: &str = "always";
/// Of a party in a measure.
pub(super) const PART: &str = "takes part";
/// Of a party that is not in a measure.
pub(super) const NO_PART: &str = "takes no part";

/// Alterations of one thing, as they are found.
pub(super) struct Found {
    pub(super) kind: Kind,
    pub(super) of: String,
    pub(super) list: Vec<Alteration>,
    /// How many years later the years after are than those before that they are compared with.
    pub(super) shift: Year,
}

impl Found {
    pub(super) fn new(kind: Kind, of: &str) -> Found {
        Found { kind, of: of.to_owned(), list: vec![], shift: 0 }
    }

    /// Notes what was and is, where that is not the same.
    pub(super) fn note(&mut self, what: impl Into<String>, before: Option<Value>, after: Option<Value>) {
        if before != after {
            let (kind, of) = (self.kind, self.of.clone());
            self.list.push(Alteration { kind, of, what: what.into(), before, after });
        }
    }

    pub(super) fn text(&mut self, what: &str, before: Option<String>, after: Option<String>) {
        self.note(what, before.map(Value::Text), after.map(Value::Text));
    }

    pub(super) fn expression(
        &mut self,
        what: &str,
        before: Option<&Spanned<String>>,
        after: Option<&Spanned<String>>,
    ) {
        let value = |written: Option<&Spanned<String>>| written.map(|written| written.value.clone());
        self.text(what, value(before), value(after));
    }

    pub(super) fn money(&mut self, what: &str, before: Option<Money>, after: Option<Money>) {
        self.note(what, before.map(Value::Money), after.map(Value::Money));
    }

    /// Amounts by year; `what` is followed by the year.
    pub(super) fn amounts(&mut self, what: &str, before: &YearAmounts, after: &YearAmounts) {
        let shift = self.shift;
        let years: BTreeSet<Year> =
            before.keys().map(|year| year + shift).chain(after.keys().copied()).collect();
        for year in years {
            let amount = |amounts: &YearAmounts, year| amounts.get(&year).map(|own| own.value);
            let years = if shift == 0 { year.to_string() } else { format!("{} → {year}", year - shift) };
            self.money(&format!("{what} {years}"), amount(before, year - shift), amount(after, year));
        }
    }
}

/// What differs between two scenarios.
pub fn of_scenarios(before: &Scenario, after: &Scenario) -> Vec<Alteration> {
    let mut list = whole(before, after);
    list.extend(parties(&before.parties, &after.parties));
    list.extend(drivers(before, after));
    list.extend(indexes(before, after));
    list.extend(alteration_measure::of_measures(before, after));
    list.extend(funds(before, after));
    list
}

/// What differs between two outcomes: in their scenarios, in the parameters of their rules, in the rules' text.
pub fn of_outcomes(before: (&Outcome, &Inputs), after: (&Outcome, &Inputs)) -> Vec<Alteration> {
    let mut list = of_scenarios(&before.0.scenario, &after.0.scenario);
    list.extend(of_parameters(&before.0.plan, &after.0.plan));
    list.extend(of_rules(before, after));
    list
}

/// What differs between the rules of two outcomes, by their text.
fn of_rules(before: (&Outcome, &Inputs), after: (&Outcome, &Inputs)) -> Vec<Alteration> {
    let texts = |(outcome, inputs): (&Outcome, &Inputs)| -> BTreeMap<(String, usize), String> {
        let text = |rule: &Rule| {
            let source = &inputs.sources.get(rule.place.source).text;
            let body = source.get(rule.place.bytes.start..rule.end).unwrap_or_default();
            (
                (rule.name.clone(), rule.parameters.len()),
                body.split_whitespace().collect::<Vec<_>>().join(" "),
            )
        };
        outcome.rulebook.rules().map(text).collect()
    };
    let (before, after) = (texts(before), texts(after));
    let rules: BTreeSet<&(String, usize)> = before.keys().chain(after.keys()).collect();
    let mut list = Vec::new();
    for rule in rules {
        let mut found = Found::new(Kind::Rule, &rule.0);
        found.text("", before.get(rule).cloned(), after.get(rule).cloned());
        list.extend(found.list);
    }
    list
}

/// What parameters of the rules differ between two plans: set otherwise, or with another default. One whose value is an
/// assumption in both is told as that.
pub fn of_parameters(before: &Plan, after: &Plan) -> Vec<Alteration> {
    let of = |plan: &Plan, name: &str| plan.parameters.iter().find(|own| own.name == name).cloned();
    let names = |plan: &Plan| plan.parameters.iter().map(|own| own.name.clone()).collect::<Vec<_>>();
    let (old, new) = (names(before), names(after));
    let mut list = Vec::new();
    for name in union(old.iter().map(String::as_str), new.iter().map(String::as_str)) {
        let (old, new) = (of(before, name), of(after, name));
        let assumed =
            |own: &Option<Parameter>| own.as_ref().is_some_and(|own| own.given == Given::Assumption);
        if assumed(&old) && assumed(&new) {
            continue;
        }
        let value = |own: Option<Parameter>| own.map(|own| Value::Number(own.value));
        let mut found = Found::new(Kind::Parameter, name);
        found.note("", value(old), value(new));
        list.extend(found.list);
    }
    list
}

/// The parameters of a plan that changes set; `unchanged` is the scenario without changes.
pub fn of_set_parameters(unchanged: &Scenario, plan: &Plan) -> Vec<Alteration> {
    let mut list = Vec::new();
    for own in plan.parameters.iter().filter(|own| matches!(own.given, Given::Set(_))) {
        let mut found = Found::new(Kind::Parameter, &own.name);
        let [old, new] = [own.unset(unchanged), own.value.clone()].map(Value::Number);
        found.note("", Some(old), Some(new));
        list.extend(found.list);
    }
    list
}

/// What differs between two years of a scenario.
pub fn of_years(scenario: &Scenario, before: Year, after: Year) -> Vec<Alteration> {
    let mut list = Vec::new();
    for driver in scenario.drivers.iter() {
        let mut found = Found::new(Kind::Driver, &driver.id);
        for (party, entry) in scenario.parties.iter() {
            let value = |year| driver.values(year).and_then(|values| values.of(party)).map(Value::Number);
            found.note(&entry.id, value(before), value(after));
        }
        list.extend(found.list);
    }
    for (index, measure) in scenario.measures() {
        let mut found = Found::new(Kind::Measure, &measure.id);
        let decided = |year| measure.decided.amounts.get(&year).map(|amount| amount.value);
        found.money("amount", decided(before), decided(after));
        for line in &measure.lines {
            let cost = |year| line.amount(measure.version_standing_for(Version::Budget, year), year);
            found.money(&line.name, cost(before), cost(after));
        }
        let names = |year| -> BTreeSet<&str> {
            let parties = scenario.participants(index, year).into_iter();
            parties.map(|party| scenario.parties.get(party).id.as_str()).collect()
        };
        let (earlier, later) = (names(before), names(after));
        for party in earlier.symmetric_difference(&later) {
            let word = |names: &BTreeSet<&str>| if names.contains(party) { PART } else { NO_PART };
            found.text(party, Some(word(&earlier).to_owned()), Some(word(&later).to_owned()));
        }
        list.extend(found.list);
    }
    for grant in &scenario.grants {
        let mut found = Found::new(Kind::Grant, &grant.id);
        let award = |year| grant.awards.get(&year).map(|award| award.value);
        found.money("award", award(before), award(after));
        list.extend(found.list);
    }
    list
}

fn whole(before: &Scenario, after: &Scenario) -> Vec<Alteration> {
    let mut found = Found::new(Kind::Scenario, "");
    let both = |of: fn(&Scenario) -> String| (Some(of(before)), Some(of(after)));
    let (old, new) = both(|scenario| scenario.currency.clone());
    found.text("currency", old, new);
    let (old, new) = both(|scenario| match (scenario.years.first(), scenario.years.last()) {
        (first, last) if first == last => first.to_string(),
        (first, last) => format!("{first}–{last}"),
    });
    found.text("years", old, new);
    found.money("round_to", Some(before.round_to), Some(after.round_to));
    let (old, new) = both(|scenario| {
        let files: Vec<&str> = scenario.rules.iter().map(|file| file.value.as_str()).collect();
        if files.is_empty() { "none".to_owned() } else { files.join(", ") }
    });
    found.text("rule files", old, new);
    let (old, new) = both(|scenario| format!("{:?}", scenario.circles));
    found.text("charges", old, new);
    let names: BTreeSet<&String> = before.assumptions.keys().chain(after.assumptions.keys()).collect();
    for name in names {
        let value = |scenario: &Scenario| scenario.assumptions.get(name).cloned().map(Value::Number);
        found.note(format!("assumption {name}"), value(before), value(after));
    }
    found.list
}

fn parties(before: &Parties, after: &Parties) -> Vec<Alteration> {
    let mut list = Vec::new();
    for id in union(before.ids(), after.ids()) {
        let entry = |parties: &Parties| party_of(parties, id).map(|party| parties.get(party).clone());
        let (old, new) = (entry(before), entry(after));
        let mut found = Found::new(Kind::Party, id);
        found.text("", old.map(|own| words(own.period)), new.map(|own| words(own.period)));
        list.extend(found.list);
    }
    list
}

fn drivers(before: &Scenario, after: &Scenario) -> Vec<Alteration> {
    let ids = |scenario: &Scenario| scenario.drivers.iter().map(|own| own.id.clone()).collect::<Vec<_>>();
    let (old_ids, new_ids) = (ids(before), ids(after));
    let mut list = Vec::new();
    for id in union(old_ids.iter().map(String::as_str), new_ids.iter().map(String::as_str)) {
        let mut found = Found::new(Kind::Driver, id);
        match (before.driver(id), after.driver(id)) {
            (Some((_, old)), Some((_, new))) => {
                let hold = |driver: &Driver| Some(driver.hold.to_string());
                found.text("hold", hold(old), hold(new));
                values(&mut found, (old, &before.parties), (new, &after.parties));
            }
            (old, new) => {
                let word = |driver: Option<_>| driver.map(|_| ALWAYS.to_owned());
                found.text("", word(old), word(new));
            }
        }
        list.extend(found.list);
    }
    list
}

/// The values of a driver that differ, of parties that are there on both sides.
fn values(found: &mut Found, before: (&Driver, &Parties), after: (&Driver, &Parties)) {
    type ByYear<'d> = BTreeMap<Option<Year>, &'d PartyValues>;
    fn by_year(driver: &Driver) -> ByYear<'_> {
        match &driver.series {
            Series::Fixed(values) => [(None, values)].into(),
            Series::Yearly(years) => years.iter().map(|(year, values)| (Some(*year), values)).collect(),
        }
    }
    let (mut old, new) = (by_year(before.0), by_year(after.0));
    // One year on each side is the same figure of another date.
    if let ([(_, values)], [year]) = (&*old.iter().collect::<Vec<_>>(), &*new.keys().collect::<Vec<_>>()) {
        old = [(**year, **values)].into();
    }
    let years: BTreeSet<Option<Year>> = old.keys().chain(new.keys()).copied().collect();
    for year in years {
        for id in before.1.ids() {
            let value = |parties: &Parties, years: &ByYear<'_>| {
                Some(Value::Number(years.get(&year)?.of(party_of(parties, id)?)?))
            };
            if party_of(after.1, id).is_none() {
                continue;
            }
            let what = year.map_or_else(|| id.to_owned(), |year| format!("{id} {year}"));
            found.note(what, value(before.1, &old), value(after.1, &new));
        }
    }
}

fn indexes(before: &Scenario, after: &Scenario) -> Vec<Alteration> {
    let ids = |scenario: &Scenario| scenario.indexes.iter().map(|own| own.id.clone()).collect::<Vec<_>>();
    let (old_ids, new_ids) = (ids(before), ids(after));
    let mut list = Vec::new();
    for id in union(old_ids.iter().map(String::as_str), new_ids.iter().map(String::as_str)) {
        let mut found = Found::new(Kind::Index, id);
        let levels = |scenario: &Scenario| scenario.index(id).map(|index| index.levels.clone());
        let (old, new) = (levels(before).unwrap_or_default(), levels(after).unwrap_or_default());
        let years: BTreeSet<&Year> = old.keys().chain(new.keys()).collect();
        for year in years {
            let level = |levels: &BTreeMap<Year, Ratio>| levels.get(year).cloned().map(Value::Number);
            found.note(format!("level {year}"), level(&old), level(&new));
        }
        list.extend(found.list);
    }
    list
}

fn funds(before: &Scenario, after: &Scenario) -> Vec<Alteration> {
    let mut list = Vec::new();
    let ids = |scenario: &Scenario| scenario.grants.iter().map(|own| own.id.clone()).collect::<Vec<_>>();
    let (old_ids, new_ids) = (ids(before), ids(after));
    for id in union(old_ids.iter().map(String::as_str), new_ids.iter().map(String::as_str)) {
        let grant = |scenario: &Scenario| scenario.grants.iter().find(|own| own.id == id).cloned();
        let (old, new) = (grant(before), grant(after));
        let (old, new) = (old.as_deref(), new.as_deref());
        let mut found = Found::new(Kind::Grant, id);
        let none = YearAmounts::new_vec();
        found.shift = shift(before, after);
        found.amounts("award", old.map_or(&none, |own| &own.awards), new.map_or(&none, |own| &own.awards));
        let (old_left, new_left) =
            (old.map_or(&none, |own| &own.opening), new.map_or(&none, |own| &own.opening));
        found.amounts("left of the award of", old_left, new_left);
        found.expression(
            "carry_over",
            old.and_then(|own| own.carry_over.as_ref()),
            new.and_then(|own| own.carry_over.as_ref()),
        );
        found.expression(
            "payment",
            old.and_then(|own| own.payment.as_ref()),
            new.and_then(|own| own.payment.as_ref()),
        );
        let report = |own: Option<&Grant>| own.and_then(|own| own.final_report).map(|year| year.to_string());
        found.text("final_report", report(old), report(new));
        list.extend(found.list);
    }
    let ids = |scenario: &Scenario| scenario.reserves.iter().map(|own| own.id.clone()).collect::<Vec<_>>();
    let (old_ids, new_ids) = (ids(before), ids(after));
    for id in union(old_ids.iter().map(String::as_str), new_ids.iter().map(String::as_str)) {
        let reserve = |scenario: &Scenario| scenario.reserves.iter().find(|own| own.id == id).cloned();
        let (old, new) = (reserve(before), reserve(after));
        let (old, new) = (old.as_ref(), new.as_ref());
        let mut found = Found::new(Kind::Reserve, id);
        found.money("opening", old.map(|own| own.opening), new.map(|own| own.opening));
        found.money("minimum", old.map(|own| own.minimum), new.map(|own| own.minimum));
        found.text(
            "purpose",
            old.and_then(|own| own.purpose.clone()),
            new.and_then(|own| own.purpose.clone()),
        );
        found.expression(
            "exit_key",
            old.and_then(|own| own.exit_key.as_ref()),
            new.and_then(|own| own.exit_key.as_ref()),
        );
        list.extend(found.list);
    }
    list
}

/// How many years later the years of one scenario are than those of another that they are compared with: none, unless
/// they are as many and no year is in both, as with the budgets of two years.
pub fn shift(before: &Scenario, after: &Scenario) -> Year {
    let (old, new) = (before.years, after.years);
    let apart = old.iter().all(|year| !new.contains(year));
    if apart && old.count() == new.count() { new.first() - old.first() } else { 0 }
}

/// A time in words.
pub(super) fn words(period: Period) -> String {
    match (period.since, period.until) {
        (None, None) => ALWAYS.to_owned(),
        (Some(since), None) => format!("since {since}"),
        (None, Some(until)) => format!("until {until}"),
        (Some(since), Some(until)) => format!("{since} to {until}"),
    }
}

/// The party of an id; a name or number is not enough.
pub(super) fn party_of(parties: &Parties, id: &str) -> Option<PartyIx> {
    parties.find(id).filter(|party| parties.get(*party).id == id)
}

/// What is in either list, in the order of the first and then of the second.
pub(super) fn union<'u>(
    before: impl Iterator<Item = &'u str>,
    after: impl Iterator<Item = &'u str>,
) -> Vec<&'u str> {
    let mut seen = BTreeSet::new();
    before.chain(after).filter(|id| seen.insert(*id)).collect()
}
