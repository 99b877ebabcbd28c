//! What is walked again after a change comes to the same as a walk from scratch, for random scenarios with everything
//! that ties measures and years to each other, and random changes of them.

use std::sync::Arc;

use fordel::engine::budget::{Budget, YearBudget};
use fordel::engine::standing::{Standing, Totals};
use fordel::engine::walk::{Outcome, budget};
use fordel::ground::diagnostic::Diagnostics;
use fordel::ground::money::Money;
use fordel::model::inputs::{Found, Inputs};
use fordel::model::measure::MeasureIx;
use fordel::model::resolve::read_scenario;
use fordel::model::scenario::Scenario;
use fordel::rules::plan::KeyPatch;
use fordel::rules::sandbox::StillClock;
use fordel::rules::sitting::{Change, Sitting};

use crate::support::{CARRY_OVERS, MemoryShelf, Random};
use crate::years_properties::{KEYS, STEPS, random_scenario};

/// How many scenarios are changed, and how often each.
const TEXTS: u64 = 4_000;
const CHANGES: u64 = 4;

fn walked(text: &str) -> Result<Outcome, Diagnostics> {
    let walk = MemoryShelf::of([("scenario.ron", text)]).walk();
    walk.outcome.ok_or(walk.diagnostics)
}

/// Another key, step, award, settlement, cost, opening balance, carry-over, payment or participant somewhere in a text.
fn changed_text(text: &str, random: &mut Random) -> String {
    let pick = |random: &mut Random, list: &[&str]| {
        list[usize::try_from(random.below(list.len() as u64)).unwrap()].to_owned()
    };
    match random.below(9) {
        0 => replaced_after(text, "key: \"", '"', &pick(random, &KEYS), random),
        1 => replaced_after(text, "funding: [", ']', &format!("\"{}\"", pick(random, &STEPS)), random),
        2 => replaced_after(text, "awards: {", '}', &format!("2024: {}", random.below(60_000)), random),
        3 => {
            let settlement =
                ["settlement: Refund", "settlement: Reserve(\"fund\")", "settlement: CarryForward"];
            let old = pick(random, &settlement);
            text.replacen(&format!("{old},"), &format!("{},", pick(random, &settlement)), 1)
        }
        4 => replaced_after(
            text,
            "fund\", opening: ",
            ',',
            &(1_000 + random.below(90_000)).to_string(),
            random,
        ),
        5 => replaced_after(text, "carry_over: \"", '"', &pick(random, &CARRY_OVERS), random),
        6 => replaced_after(text, "prepaid(", '.', &(1 + random.below(99)).to_string(), random),
        7 => {
            let others = ["All", "Except([(party: \"Alstahaug\", until: 2025)])"];
            replaced_after(text, "participants: ", ',', &pick(random, &others), random)
        }
        _ => replaced_after(text, "budget: {", '}', &format!("2024: {}", random.below(90_000)), random),
    }
}

/// The text with what stands between one of the openings and the next closing sign replaced.
fn replaced_after(text: &str, opening: &str, closing: char, new: &str, random: &mut Random) -> String {
    let starts: Vec<usize> = text.match_indices(opening).map(|(at, _)| at + opening.len()).collect();
    let Some(start) = starts.get(usize::try_from(random.below(starts.len().max(1) as u64)).unwrap()) else {
        return text.to_owned();
    };
    let end = start + text[*start..].find(closing).unwrap();
    format!("{}{new}{}", &text[..*start], &text[end..])
}

/// Faults, as they are told.
fn codes(found: &Diagnostics) -> Vec<(&'static str, String)> {
    found.iter().map(|fault| (fault.code, fault.message.clone())).collect()
}

#[test]
fn a_revised_budget_is_the_one_from_scratch() {
    let (mut revised, mut in_part, mut refused) = (0, 0, 0);
    for seed in 0..TEXTS {
        let mut text = random_scenario(seed);
        let Ok(outcome) = walked(&text) else { continue };
        let mut found = Diagnostics::default();
        let mut standing = Standing::new(outcome.scenario, outcome.plan, &mut found).unwrap();
        let mut random = Random(seed ^ 0xc4a9);
        for _ in 0..CHANGES {
            let other = changed_text(&text, &mut random);
            if other == text {
                continue;
            }
            let Some(planned) = MemoryShelf::of([("scenario.ron", other.as_str())]).plan() else { continue };
            let mut from_scratch = Diagnostics::default();
            let expected = budget(&planned.0, &planned.1, &mut from_scratch);
            let mut found = Diagnostics::default();
            let before = standing.budget.clone();
            let revision = standing.revise(Arc::clone(&planned.0), planned.1, &mut found);
            assert_eq!(codes(&found), codes(&from_scratch), "seed {seed}");
            match (revision, expected) {
                (Some(revision), Some(expected)) => {
                    assert!(standing.budget == expected, "seed {seed}\n{text}\n{other}");
                    assert!(revision.proof.holds(), "seed {seed}: {:?}", revision.proof.failures);
                    in_part += usize::from((1..planned.0.measures.len()).contains(&revision.measures.len()));
                    revised += 1;
                    text = other;
                }
                (None, None) => {
                    assert!(standing.budget == before, "seed {seed}: what stood has changed");
                    refused += 1;
                }
                (revision, expected) => {
                    panic!("seed {seed}: {} and {}", revision.is_some(), expected.is_some())
                }
            }
        }
    }
    assert!(
        revised > 2_000 && in_part > 500 && refused > 50,
        "{revised}, {in_part} in part, {refused} refused"
    );
}

/// What each party pays in all, as reports ask for it.
fn totals(scenario: &Scenario, budget: &Budget) -> Totals {
    let year = |walked: &YearBudget| {
        let parties = scenario.parties.iter();
        parties.map(|(party, _)| i128::from(walked.party_total(party).unwrap().ore())).collect()
    };
    Totals(budget.billed.iter().map(year).collect())
}

#[test]
fn the_totals_of_a_copy_are_those_from_scratch() {
    let mut compared = 0;
    for seed in 0..TEXTS {
        let Ok(outcome) = walked(&random_scenario(seed)) else { continue };
        let mut found = Diagnostics::default();
        let standing = Standing::new(outcome.scenario, outcome.plan, &mut found).unwrap();
        let mut random = Random(seed ^ 0x70a1);
        let index =
            MeasureIx(usize::try_from(random.below(standing.scenario.measures.len() as u64)).unwrap());
        let mut trial = standing.trial(&[index]);
        assert_eq!(standing.totals_with(&trial, &mut found), Some(standing.totals()), "seed {seed}");
        let mut scenario = Scenario::clone(&standing.scenario);
        let position = trial.selection.measures.binary_search(&index).unwrap();
        for measures in [&mut trial.part.scenario.measures[position], &mut scenario.measures[index.0]] {
            let mut random = Random(seed);
            for (_, figure) in
                Arc::make_mut(measures).lines.iter_mut().flat_map(|line| line.budget.amounts.iter_mut())
            {
                figure.value = Money::from_ore(i64::try_from(random.below(90_000) * 100).unwrap());
            }
        }
        let mut from_scratch = Diagnostics::default();
        let expected = budget(&scenario, &standing.plan, &mut from_scratch);
        let expected = expected.map(|budget| totals(&scenario, &budget));
        let mut found = Diagnostics::default();
        assert_eq!(standing.totals_with(&trial, &mut found), expected, "seed {seed}");
        compared += usize::from(expected.is_some());
    }
    assert!(compared > 1_500, "only {compared} copies were compared");
}

/// An actual figure may have øre where shares are whole kroner, and is split to the øre; a budget figure may not. A copy
/// in which the one becomes the other costs the same, and is refused as it is from scratch.
#[test]
fn a_copy_that_cannot_be_split_is_refused() {
    let text = |figures: &str| {
        format!(
            "(title: \"t\", years: (first: 2024, last: 2024), round_to: 1, parties: [\"Rana\", \"Vega\"],\n\
             measures: [(id: \"m\", costs: [(line: \"l\", {figures}: {{2024: 100.50}})], key: \"equally()\")])"
        )
    };
    let mut found = Diagnostics::default();
    let outcome = walked(&text("actual")).unwrap();
    let standing = Standing::new(outcome.scenario, outcome.plan, &mut found).unwrap();
    let other = text("budget");
    let (scenario, plan) = MemoryShelf::of([("scenario.ron", other.as_str())]).plan().unwrap();
    let mut trial = standing.trial(&[MeasureIx(0)]);
    trial.part.scenario.measures[0] = Arc::clone(&scenario.measures[0]);
    let mut from_scratch = Diagnostics::default();
    assert!(budget(&scenario, &plan, &mut from_scratch).is_none());
    assert_eq!(standing.totals_with(&trial, &mut found), None);
    assert_eq!(codes(&found), codes(&from_scratch));
}

/// A scenario whose keys are rules of two files: what stands between the quotation marks, and the rules.
fn with_rule_files(text: &str) -> (String, Vec<String>) {
    let mut rules = Vec::new();
    let mut pieces = text.split("key: \"");
    let mut scenario = pieces.next().unwrap().to_owned();
    for piece in pieces {
        let (expression, rest) = piece.split_once('"').unwrap();
        // `exit_key` is left as it is.
        if scenario.ends_with("exit_") {
            scenario.push_str(&format!("key: \"{expression}\"{rest}"));
            continue;
        }
        let number = rules.len();
        rules.push(rule(number, expression));
        scenario.push_str(&format!("key: \"k{number}()\"{rest}"));
    }
    (scenario.replacen("title:", "rules: [\"even.rhai\", \"odd.rhai\"], title:", 1), rules)
}

fn rule(number: usize, expression: &str) -> String {
    format!("/// A rule.\nfn k{number}() {{ part{number}() }}\nfn part{number}() {{ {expression} }}\n")
}

fn rule_file(rules: &[String], odd: usize) -> String {
    rules.iter().skip(odd).step_by(2).cloned().collect()
}

fn folder(scenario: &str, rules: &[String]) -> MemoryShelf {
    let (even, odd) = (rule_file(rules, 0), rule_file(rules, 1));
    MemoryShelf::of([("scenario.ron", scenario), ("even.rhai", &even), ("odd.rhai", &odd)])
}

/// The totals of a copy with other keys.
fn tried(standing: &Standing, patch: &KeyPatch) -> Option<Totals> {
    let others = standing.others(&patch.measures);
    standing.totals_with_keys(patch, &others, &mut Diagnostics::default())
}

#[test]
fn an_edited_rule_comes_to_the_same_as_a_walk_from_scratch() {
    let (mut edited, mut in_part, mut rows_alone, mut refused) = (0, 0, 0, 0);
    for seed in 0..TEXTS {
        let (scenario, mut rules) = with_rule_files(&random_scenario(seed));
        let shelf = folder(&scenario, &rules);
        let Some(outcome) = shelf.walk().outcome else { continue };
        let (mut inputs, mut found) = (Inputs::default(), Diagnostics::default());
        let reading = read_scenario(&shelf, &mut inputs, &mut found);
        let resolved = reading.scenario.map(Arc::new).unwrap();
        let clock = Arc::new(StillClock);
        let (mut sitting, plan) =
            Sitting::new(&resolved, &reading.rules, &shelf, inputs, clock, &mut found).unwrap();
        let mut standing = Standing::new(Arc::clone(&sitting.scenario), plan, &mut found).unwrap();
        assert!(standing.budget == outcome.budget, "seed {seed}");
        let mut random = Random(seed ^ 0xed17);
        for _ in 0..CHANGES {
            let number = usize::try_from(random.below(rules.len() as u64)).unwrap();
            let mut changed = rules.clone();
            let key = KEYS[usize::try_from(random.below(KEYS.len() as u64)).unwrap()];
            changed[number] = match random.below(8) {
                0 => "fn broken( { }\n".to_owned(),
                1 => format!("\n{}", rule(number, key)),
                _ => rule(number, key),
            };
            let name = ["even.rhai", "odd.rhai"][number % 2];
            let bytes = rule_file(&changed, number % 2).into_bytes();
            let file = Found { shown_name: name.to_owned(), bytes };
            let expected = folder(&scenario, &changed).walk();
            let before = standing.budget.clone();
            let mut found = Diagnostics::default();
            let edit = sitting.try_edit(&file, &standing.plan, &shelf, &mut found);
            let revision = edit.and_then(|edit| {
                if let Change::Keys(patch) = &edit.change {
                    in_part += 1;
                    let expected = expected.outcome.as_ref();
                    let expected = expected.map(|outcome| totals(&outcome.scenario, &outcome.budget));
                    assert_eq!(tried(&standing, patch), expected, "seed {seed}");
                }
                let mut other = sitting.clone();
                let revision = match other.take_over(edit) {
                    Change::Keys(patch) => standing.revise_keys(patch, &mut found),
                    Change::All(planned) => standing.revise(planned.scenario?, planned.plan, &mut found),
                };
                revision.inspect(|_| sitting = other)
            });
            match (revision, expected.outcome) {
                (Some(revision), Some(outcome)) => {
                    assert!(standing.budget == outcome.budget, "seed {seed}");
                    assert!(revision.proof.holds(), "seed {seed}: {:?}", revision.proof.failures);
                    rules = changed;
                    edited += 1;
                    rows_alone += usize::from(revision.rows_alone);
                }
                (None, None) => {
                    assert!(standing.budget == before, "seed {seed}: what stood has changed");
                    assert!(found.has_errors(), "seed {seed}: refused without a reason");
                    refused += 1;
                }
                (revision, outcome) => {
                    panic!("seed {seed}: {} and {}", revision.is_some(), outcome.is_some())
                }
            }
        }
    }
    assert!(
        edited > 2_000 && in_part > 1_000 && rows_alone > 60 && refused > 500,
        "{edited}, {in_part} in part, {rows_alone} of rows alone, {refused} refused"
    );
}
