//! Notes under a budget: what a reader might miss. Lines that differ from the decided amount, residuals,
//! figures that are missing in one year, drivers of other years, participants that no part of a key names, parameters.

use std::collections::BTreeSet;

use crate::engine::budget::{Budget, YearBudget};
use crate::ground::money::Money;
use crate::ground::numerals::money_norwegian;
use crate::model::measure::{Measure, MeasureIx, Version};
use crate::model::party::PartyIx;
use crate::model::scenario::Scenario;
use crate::model::years::Year;
use crate::rules::plan::{Base, KeyPlan, PartPlan, Plan, Proportion, Tariff};

use super::catalogue::parameter_line;
use super::year_notes;

/// Writes the notes; nothing where there are none.
pub fn write(scenario: &Scenario, plan: &Plan, budget: &Budget) -> String {
    let mut notes: Vec<String> = Vec::new();
    for walked in budget.actual.iter().flatten() {
        for (index, measure) in scenario.measures() {
            notes.extend(amount_notes(walked, index, measure));
        }
    }
    for walked in &budget.billed {
        for (index, measure) in scenario.measures() {
            notes.extend(amount_notes(walked, index, measure));
            notes.extend(gap_notes(scenario, walked.year, index, measure));
        }
    }
    notes.extend(year_notes::write(scenario, plan, budget));
    notes.extend(part_notes(scenario, plan));
    notes.extend(plan.parameters.iter().map(|own| format!("parameter {}", parameter_line(own))));
    if notes.is_empty() {
        return String::new();
    }
    format!("\nNotes\n{}", notes.iter().map(|note| format!("  {note}\n")).collect::<String>())
}

fn amount_notes(walked: &YearBudget, index: MeasureIx, measure: &Measure) -> Vec<String> {
    let figures = &walked.measures[index.0];
    let version = if walked.version == Version::Actual { " by the actual figures" } else { "" };
    let name = format!("{} {}{version}", measure.title, walked.year);
    let mut notes = Vec::new();
    if let Some(lines) = figures.lines.filter(|lines| figures.decided && *lines != figures.gross) {
        let difference = figures.gross.minus(lines).map(money_norwegian).unwrap_or_default();
        notes.push(format!(
            "{name}: {} was decided and the cost lines sum to {}: decided − lines = {difference}",
            money_norwegian(figures.gross),
            money_norwegian(lines)
        ));
    }
    if measure.has_no_figures() && figures.active {
        notes.push(format!("{name}: a tariff, which bills {}", money_norwegian(figures.billed)));
    } else if !figures.residual.is_zero() {
        let word = if figures.residual.is_negative() { "under-collected" } else { "over-collected" };
        notes.push(format!(
            "{name}: {} is billed for a net cost of {}: {word} {}",
            money_norwegian(figures.billed),
            money_norwegian(figures.net),
            money_norwegian(Money::from_ore(figures.residual.ore().saturating_abs()))
        ));
    }
    if !figures.host_part.is_zero() {
        notes.push(format!("{name}: the host's share was changed by {}", money_norwegian(figures.host_part)));
    }
    notes
}

/// Years without a figure between or beside years with one: left out on purpose, or forgotten?
fn gap_notes(scenario: &Scenario, year: Year, index: MeasureIx, measure: &Measure) -> Vec<String> {
    let name = format!("{} {year}", measure.title);
    if !scenario.is_active(index, year) {
        return vec![format!("{name}: no figures, so nothing is split (there are figures for other years)")];
    }
    let mut notes = Vec::new();
    for line in measure.lines_without_actual(year) {
        notes.push(format!(
            "{name}: `{line}` has a budget and no actual figure; it counts 0 in the settlement"
        ));
    }
    for line in &measure.lines {
        let has = |year: Year| line.budget.amounts.contains_key(&year) || line.actual.contains_key(&year);
        let around = scenario.years.iter().any(|other| other < year && has(other))
            && scenario.years.iter().any(|other| other > year && has(other));
        if around && !has(year) {
            notes.push(format!(
                "{name}: `{}` has no figure, as it has before and after; it counts 0",
                line.name
            ));
        }
    }
    notes
}

/// Drivers of other years, and participants that no part of a key names.
fn part_notes(scenario: &Scenario, plan: &Plan) -> BTreeSet<String> {
    let mut notes = BTreeSet::new();
    for (year_index, year) in scenario.years.iter().enumerate() {
        for (index, measure) in scenario.measures() {
            let parts = plan.key(year_index, index).map(KeyPlan::all_parts).unwrap_or_default();
            notes.extend(parts.iter().filter_map(|part| driver_note(scenario, part, year)));
            notes.extend(unnamed_note(scenario, &parts, measure, year));
        }
    }
    notes
}

fn driver_note(scenario: &Scenario, part: &PartPlan, year: Year) -> Option<String> {
    let (driver, used) = match &part.base {
        Base::Proportional { by: Proportion::Driver(driver, used), .. }
        | Base::Fixed(Tariff::Rate(_, driver, used)) => (driver, (*used)?),
        _ => return None,
    };
    let driver = &scenario.drivers[driver.0];
    let source = driver.source.as_ref().map_or(String::new(), |source| format!(" ({source})"));
    (used != year).then(|| format!("{year}: `{}` of {used}{source} is used", driver.id))
}

/// Those whom a list of percentages or weights does not name, and who have nothing by any other part.
fn unnamed_note(scenario: &Scenario, parts: &[&PartPlan], measure: &Measure, year: Year) -> Option<String> {
    let mut unnamed: BTreeSet<PartyIx> = BTreeSet::new();
    for part in parts {
        if let Base::Proportional { by: Proportion::Percent(names) | Proportion::Weights(names), .. } =
            &part.base
        {
            unnamed.extend(names);
        }
    }
    let zero = crate::ground::ratio::whole(0);
    let has_share = |party: &PartyIx| {
        parts.iter().any(|part| {
            part.parties.iter().zip(part.values.iter()).any(|(own, value)| own == party && value != zero)
        })
    };
    let names: Vec<&str> = unnamed
        .iter()
        .filter(|party| !has_share(party))
        .map(|party| scenario.parties.get(*party).name.as_str())
        .collect();
    (!names.is_empty()).then(|| {
        format!(
            "{} {year}: takes part, is not named in the key and pays nothing: {}",
            measure.title,
            names.join(", ")
        )
    })
}
