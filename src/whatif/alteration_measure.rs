//! What differs between the measures of two scenarios.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::ground::money::Money;
use crate::ground::ratio::{Ratio, decimal_text};
use crate::model::charge::ChargedTo;
use crate::model::measure::{CostLine, Figures, Measure, MeasureIx, PaidBy, Participation, Residual};
use crate::model::party::PartyIx;
use crate::model::scenario::Scenario;
use crate::model::settlement::Settle;
use crate::model::years::{Year, YearAmounts};

use super::alteration::{Alteration, Found, Kind, NO_PART, PART, party_of, shift, union, words};

/// What differs between the measures of two scenarios.
pub(super) fn of_measures(before: &Scenario, after: &Scenario) -> Vec<Alteration> {
    let mut list = Vec::new();
    let ids =
        |scenario: &Scenario| -> Vec<String> { scenario.measures.iter().map(|own| own.id.clone()).collect() };
    let (old_ids, new_ids) = (ids(before), ids(after));
    for id in union(old_ids.iter().map(String::as_str), new_ids.iter().map(String::as_str)) {
        let measure = |scenario: &Scenario| scenario.measures.iter().find(|own| own.id == id).cloned();
        let mut found = Found { shift: shift(before, after), ..Found::new(Kind::Measure, id) };
        match (measure(before), measure(after)) {
            (Some(old), Some(new)) => of_measure(&mut found, (&old, before), (&new, after)),
            (old, new) => {
                let title = |own: Option<Arc<Measure>>| own.map(|own| own.title.clone());
                found.text("", title(old.clone()), title(new.clone()));
                let amounts = |own: &Option<Arc<Measure>>| {
                    own.as_ref().map(|own| written(&own.decided)).unwrap_or_default()
                };
                found.amounts("amount", &amounts(&old), &amounts(&new));
                let lines = |own: &Option<Arc<Measure>>| {
                    own.as_ref().map(|own| own.lines.clone()).unwrap_or_default()
                };
                of_lines(&mut found, (&lines(&old), before), (&lines(&new), after));
            }
        }
        list.extend(found.list);
    }
    // Their order is their priority for grants.
    let common = |own: &[String], other: &[String]| -> Vec<String> {
        own.iter().filter(|id| other.contains(id)).cloned().collect()
    };
    let mut found = Found::new(Kind::Scenario, "");
    let order = |own: &[String], other: &[String]| Some(common(own, other).join(", "));
    found.text("order of the measures", order(&old_ids, &new_ids), order(&new_ids, &old_ids));
    list.extend(found.list);
    list
}

fn of_measure(found: &mut Found, (old, before): (&Measure, &Scenario), (new, after): (&Measure, &Scenario)) {
    found.text("title", Some(old.title.clone()), Some(new.title.clone()));
    // That a measure which ends has no figures afterwards goes without saying.
    let old = &until(old, new.ends_after);
    found.amounts("amount", &written(&old.decided), &written(&new.decided));
    found.expression("index of the amount", old.decided.index.as_ref(), new.decided.index.as_ref());
    of_lines(found, (&old.lines, before), (&new.lines, after));
    found.expression("key", old.key(), new.key());
    found.text("charged_to", charged_to(old, before), charged_to(new, after));
    let steps = |own: &Measure| {
        let steps: Vec<&str> = own.funding.iter().map(|step| step.value.as_str()).collect();
        Some(if steps.is_empty() { "none".to_owned() } else { steps.join(", then ") })
    };
    found.text("funding", steps(old), steps(new));
    participants(found, (old, before), (new, after));
    let residual = |own: &Measure, scenario: &Scenario| {
        own.residual.map(|residual| match residual {
            Residual::Show => "Show".to_owned(),
            Residual::Reserve(reserve) => format!("Reserve({})", scenario.reserves[reserve.0].id),
            Residual::Host(party) => format!("Host({})", scenario.parties.get(party).id),
        })
    };
    found.text("residual", residual(old, before), residual(new, after));
    found.money("round_to", Some(old.round_to), Some(new.round_to));
    let rounding = |own: &Measure| Some(if own.with_memory { "with memory" } else { "largest remainder" });
    found.text("rounding", rounding(old).map(str::to_owned), rounding(new).map(str::to_owned));
    found.text("settlement", settlement(old, before), settlement(new, after));
    let buy_in = |own: &Measure| {
        let rule = own.buy_in.as_ref()?;
        let tag = rule.tag.as_ref().map(|tag| format!(" of {tag}")).unwrap_or_default();
        Some(format!("{} years{tag}", rule.years))
    };
    found.text("buy_in", buy_in(old), buy_in(new));
    let count = |own: &Measure| own.instalments.map(|count| count.to_string());
    found.text("instalments", count(old), count(new));
    found.text("purpose", old.purpose.clone(), new.purpose.clone());
    let end = |own: &Measure| own.ends_after.map(|year| year.to_string());
    found.text("ends after", end(old), end(new));
    let billed = |own: &Measure, scenario: &Scenario| -> BTreeMap<String, Money> {
        let amounts = own.billed_before.iter().flatten().enumerate();
        let named = |(index, amount): (usize, &Option<Money>)| {
            Some((scenario.parties.get(PartyIx(index)).id.clone(), (*amount)?))
        };
        amounts.filter_map(named).collect()
    };
    let (old, new) = (billed(old, before), billed(new, after));
    for id in union(old.keys().map(String::as_str), new.keys().map(String::as_str)) {
        found.money(&format!("billed before, {id}"), old.get(id).copied(), new.get(id).copied());
    }
}

fn of_lines(
    found: &mut Found,
    (old_lines, before): (&[CostLine], &Scenario),
    (new_lines, after): (&[CostLine], &Scenario),
) {
    let names = |lines: &[CostLine]| lines.iter().map(|line| line.name.clone()).collect::<Vec<_>>();
    let (old_names, new_names) = (names(old_lines), names(new_lines));
    for name in union(old_names.iter().map(String::as_str), new_names.iter().map(String::as_str)) {
        let line = |lines: &[CostLine]| lines.iter().find(|line| line.name == name).cloned();
        let (old, new) = (line(old_lines), line(new_lines));
        let (old, new) = (old.as_ref(), new.as_ref());
        let budget = |own: Option<&CostLine>| own.map(|own| written(&own.budget)).unwrap_or_default();
        let actual = |own: Option<&CostLine>| own.map(|own| own.actual.clone()).unwrap_or_default();
        found.amounts(&format!("{name} · budget"), &budget(old), &budget(new));
        found.amounts(&format!("{name} · actual"), &actual(old), &actual(new));
        let index = |own: Option<&CostLine>| own.and_then(|own| own.budget.index.clone());
        found.expression(&format!("{name} · index"), index(old).as_ref(), index(new).as_ref());
        let (Some(old), Some(new)) = (old, new) else { continue };
        let tags = |own: &CostLine| Some(own.tags.join(", "));
        found.text(&format!("{name} · tags"), tags(old), tags(new));
        let in_kind = |own: &CostLine| Some(own.in_kind.to_string());
        found.text(&format!("{name} · in_kind"), in_kind(old), in_kind(new));
        let reserve = |own: &CostLine, scenario: &Scenario| {
            own.to_reserve.map(|reserve| scenario.reserves[reserve.0].id.clone())
        };
        found.text(&format!("{name} · to_reserve"), reserve(old, before), reserve(new, after));
    }
}

/// A measure without figures of later years.
fn until(measure: &Measure, last: Option<Year>) -> Measure {
    let mut measure = measure.clone();
    let Some(last) = last else { return measure };
    let lines = measure.lines.iter_mut().flat_map(|line| [&mut line.budget.amounts, &mut line.actual]);
    for amounts in lines.chain([&mut measure.decided.amounts]) {
        amounts.retain(|year, _| *year <= last);
    }
    measure
}

/// The amounts that somebody has written, and no index has given.
fn written(figures: &Figures) -> YearAmounts {
    let amounts = figures.amounts.iter().filter(|(year, _)| !figures.indexed.contains_key(year));
    amounts.map(|(year, amount)| (*year, amount.clone())).collect()
}

fn charged_to(measure: &Measure, scenario: &Scenario) -> Option<String> {
    let PaidBy::Measures(charged) = &measure.paid_by else { return None };
    let name = |index: usize| scenario.measures.get(index).map_or("", |own| own.id.as_str()).to_owned();
    Some(match charged {
        ChargedTo::ByCost(payers) => {
            let names: Vec<String> = payers.iter().map(|payer| name(payer.0)).collect();
            format!("{} by cost", names.join(", "))
        }
        ChargedTo::Weights(weights) => {
            let part = |(payer, weight): &(MeasureIx, Ratio)| {
                let weight = decimal_text(weight, 9).unwrap_or_else(|| weight.to_string());
                format!("{} {weight}", name(payer.0))
            };
            weights.iter().map(part).collect::<Vec<_>>().join(", ")
        }
    })
}

fn settlement(measure: &Measure, scenario: &Scenario) -> Option<String> {
    let policy = measure.settlement?;
    let word = |settle: Settle| match settle {
        Settle::Refund => "Refund".to_owned(),
        Settle::CarryForward => "CarryForward".to_owned(),
        Settle::Reserve(reserve) => format!("Reserve({})", scenario.reserves[reserve.0].id),
    };
    let (over, under) = (word(policy.overspend), word(policy.underspend));
    Some(if over == under { over } else { format!("overspend {over}, underspend {under}") })
}

/// Who takes part on one side only, or at other times; of parties that are there on both sides.
fn participants(
    found: &mut Found,
    (old, before): (&Measure, &Scenario),
    (new, after): (&Measure, &Scenario),
) {
    if before.parties == after.parties && old.participation == new.participation {
        return;
    }
    for id in before.parties.ids().filter(|id| party_of(&after.parties, id).is_some()) {
        let time = |own: &Measure, scenario: &Scenario| {
            Some(takes_part(&own.participation[party_of(&scenario.parties, id)?.0]))
        };
        found.text(&format!("participant {id}"), time(old, before), time(new, after));
    }
}

/// When somebody takes part, in words.
fn takes_part(participation: &Participation) -> String {
    let periods: Vec<String> = participation.periods.iter().map(|period| words(*period)).collect();
    match (participation.inside, periods.as_slice()) {
        (true, []) => NO_PART.to_owned(),
        (false, []) => PART.to_owned(),
        (true, _) => format!("{PART} {}", periods.join(", ")),
        (false, _) => format!("{PART}, but not {}", periods.join(", ")),
    }
}
