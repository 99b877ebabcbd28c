//! Notes on what ties one year to another: figures by an index, parts of a year, limits that hold, settlements.

use std::collections::BTreeMap;

use crate::engine::budget::Budget;
use crate::ground::money::Money;
use crate::ground::numerals::{exact_norwegian, money_norwegian};
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
                notes.extend(newcomer_note(scenario, key, budget, year_index, index, &name));
            }
            notes.extend(settlement_note(scenario, budget, year_index, (index, measure), &name));
        }
    }
    notes
}

fn index_notes(measure: &Measure, year: i32, name: &str) -> Vec<String> {
    let note = |what: &str, figures: &Figures| {
        let step: &IndexStep = figures.indexed.get(&year)?;
        let amount = figures.amounts.get(&year)?.value;
        let (from, factor) = (money_norwegian(step.from), exact_norwegian(&step.factor));
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
    let fixed = key.all_parts().iter().any(|part| matches!(part.base, Base::Fixed(_)));
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
    let policy = measure.settlement.filter(|_| budget.is_settled(year_index, measure, index))?;
    let actual = budget.actual[year_index].as_ref()?;
    let sum = |shares: &[Money]| Money::sum(shares.iter().copied()).ok();
    let more = sum(actual.shares(index))?.minus(sum(budget.billed[year_index].shares(index))?).ok()?;
    let word = match more.ore() {
        0 => return None,
        ore if ore > 0 => "overspend",
        _ => "underspend",
    };
    let size = money_norwegian(Money::from_ore(more.ore().saturating_abs()));
    let year = budget.billed[year_index].year;
    let goes = match policy.of(more.ore()) {
        Settle::Refund => "settled between the parties".to_owned(),
        Settle::Reserve(reserve) => {
            let title = &scenario.reserves[reserve.0].title;
            let way = if more.is_negative() { "goes into" } else { "comes out of" };
            format!("{way} {title}")
        }
        Settle::CarryForward if year == scenario.years.last() => {
            format!("carried to {}, after the last year here", year + 1)
        }
        Settle::CarryForward => format!("carried to {}", year + 1),
    };
    Some(format!("{name}: {word} {size}: {goes}"))
}
