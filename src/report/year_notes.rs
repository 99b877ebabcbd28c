//! Notes on what ties one year to another: figures by an index, parts of a year, limits that hold, settlements.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::engine::budget::{Budget, GrantLedger};
use crate::engine::certificate;
use crate::ground::limits::Hold;
use crate::ground::money::Money;
use crate::ground::numerals::{factor_norwegian, money_norwegian};
use crate::model::grant::Grant;
use crate::model::index::IndexStep;
use crate::model::measure::{Figures, Measure, MeasureIx};
use crate::model::period::MONTHS;
use crate::model::scenario::Scenario;
use crate::model::settlement::Settle;
use crate::rules::plan::{Base, KeyPlan, LimitBase, Plan};

/// Writes the notes of all years.
pub fn write(scenario: &Scenario, plan: &Plan, budget: &Budget) -> Vec<String> {
    let mut notes = Vec::new();
    for (year_index, walked) in budget.billed.iter().enumerate() {
        for (index, measure) in scenario.measures().filter(|(index, _)| walked.measures[index.0].active) {
            let name = format!("{} {}", measure.title, walked.year);
            notes.extend(index_notes(measure, walked.year, &name));
            let in_kind = walked.measures[index.0].in_kind;
            if !in_kind.is_zero() {
                notes.push(format!("{name}: work in kind worth {}, not billed", money_norwegian(in_kind)));
            }
            if let Some(key) = plan.key(year_index, index) {
                notes.extend(month_note(scenario, key, index, walked.year, &name));
                notes.extend(held_note(scenario, plan, budget, (year_index, index), &name));
                notes.extend(newcomer_note(scenario, key, budget, year_index, index, &name));
            }
            notes.extend(settlement_note(scenario, budget, year_index, (index, measure), &name));
        }
    }
    notes.extend(unreported_notes(scenario, budget));
    notes
}

/// Who is held by a limit.
fn held_note(
    scenario: &Scenario,
    plan: &Plan,
    budget: &Budget,
    (year_index, index): (usize, MeasureIx),
    name: &str,
) -> Option<String> {
    let held = certificate::held(scenario, plan, budget, year_index, index).ok()?;
    let of = |hold: Hold, words: &str| {
        let own = held.iter().filter(|(_, own)| *own == hold);
        let names: Vec<&str> = own.map(|(party, _)| scenario.parties.get(*party).name.as_str()).collect();
        (!names.is_empty()).then(|| format!("at the {words}: {}", names.join(", ")))
    };
    let sides: Vec<String> =
        of(Hold::Most, "maximum").into_iter().chain(of(Hold::Least, "minimum")).collect();
    (!sides.is_empty()).then(|| format!("{name}: {}", sides.join("; ")))
}

/// Grants of which something stays unpaid because no final report comes.
fn unreported_notes(scenario: &Scenario, budget: &Budget) -> Vec<String> {
    let last = budget.closing_walk(budget.billed.len() - 1);
    let note = |(grant, ledger): (&Arc<Grant>, &GrantLedger)| {
        let left = ledger.payment?.receivable;
        let open = grant.final_report.is_none_or(|report| report > last.year) && !left.is_zero();
        open.then(|| {
            format!(
                "{}: {} stays receivable at the end of {}, since there is no final report until then (`final_report`)",
                grant.title,
                money_norwegian(left),
                last.year
            )
        })
    };
    scenario.grants.iter().zip(&last.grants).filter_map(note).collect()
}

fn index_notes(measure: &Measure, year: i32, name: &str) -> Vec<String> {
    let note = |what: &str, figures: &Figures| {
        let step: &IndexStep = figures.indexed.get(&year)?;
        let amount = figures.amounts.get(&year)?.value;
        let (from, factor) = (money_norwegian(step.from), factor_norwegian(&step.factor, 12));
        Some(format!(
            "{name}: {what} {} is {from} of {} × {factor} by `{}`",
            money_norwegian(amount),
            step.from_year,
            step.index
        ))
    };
    let lines = measure.lines.iter().filter_map(|line| note(&format!("`{}`", line.name), &line.budget));
    note("the decided amount", &measure.decided).into_iter().chain(lines).collect()
}

/// Who counts for a part of the year, and whose fixed amounts are not reduced for it.
fn month_note(scenario: &Scenario, key: &KeyPlan, index: MeasureIx, year: i32, name: &str) -> Vec<String> {
    let mut partly: BTreeMap<u32, Vec<&str>> = BTreeMap::new();
    for party in key.parties() {
        let months = scenario.months(index, party, year);
        if months < MONTHS {
            partly.entry(months).or_default().push(&scenario.parties.get(party).name);
        }
    }
    let fixed = key.has_part(|part| matches!(part.base, Base::Fixed(_)));
    let remark = if fixed { "; fixed amounts are not reduced" } else { "" };
    let note = |(months, names): (u32, Vec<&str>)| {
        format!("{name}: {} of {MONTHS} months count for {}{remark}", months, names.join(", "))
    };
    partly.into_iter().map(note).collect()
}

/// Who has no limit of last year, since it was not billed then.
fn newcomer_note(
    scenario: &Scenario,
    key: &KeyPlan,
    budget: &Budget,
    year_index: usize,
    index: MeasureIx,
    name: &str,
) -> Option<String> {
    let of_last_year = key.all_limits().into_iter().find(|limit| limit.of == LimitBase::LastYear)?;
    let last_year = budget.billed_last_year(scenario, year_index, index)?;
    let free = of_last_year.numbers.iter().filter(|(party, _)| last_year[party.0].is_none());
    let names: Vec<&str> = free.map(|(party, _)| scenario.parties.get(*party).name.as_str()).collect();
    (!names.is_empty()).then(|| {
        format!("{name}: not billed last year, so without a limit of last year: {}", names.join(", "))
    })
}

/// What becomes of a settlement.
fn settlement_note(
    scenario: &Scenario,
    budget: &Budget,
    year_index: usize,
    (index, measure): (MeasureIx, &Measure),
    name: &str,
) -> Option<String> {
    if !budget.is_settled(year_index, measure, index) {
        return None;
    }
    let more = budget.overspend(year_index, index).ok()?;
    let word = match more.ore() {
        0 => return None,
        ore if ore > 0 => "overspend",
        _ => "underspend",
    };
    let size = money_norwegian(Money::from_ore(more.ore().saturating_abs()));
    let year = budget.billed[year_index].year;
    let by_budget = if measure.is_settled(year) {
        ""
    } else {
        " (it has no actual figures; draws or charges of others have changed what it costs)"
    };
    let goes = match measure.settlement.map(|policy| policy.of(more.ore())) {
        None => "to be settled between the parties; no `settlement` says otherwise".to_owned(),
        Some(Settle::Refund) => "settled between the parties".to_owned(),
        Some(Settle::Reserve(reserve)) => {
            let title = &scenario.reserves[reserve.0].title;
            let way = if more.is_negative() { "goes into" } else { "comes out of" };
            format!("{way} {title}")
        }
        Some(Settle::CarryForward) if year == scenario.years.last() => {
            format!("carried to {}, after the last year here", year + 1)
        }
        Some(Settle::CarryForward) => format!("carried to {}", year + 1),
    };
    Some(format!("{name}: {word} {size}{by_budget}: {goes}"))
}
