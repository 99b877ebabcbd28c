//! What must always hold of variants and differences: no changes change nothing, variants that stand on each other are
//! their changes one after the other, `--set` is the typed change, a scenario read once gives what one read again gives,
//! and every sum of a difference closes however it is narrowed.

use std::collections::BTreeMap;
use std::sync::Arc;

use fordel::engine::budget::Budget;
use fordel::engine::walk::{Outcome, Walk, walk_changed, walk_written};
use fordel::ground::diagnostic::Diagnostics;
use fordel::ground::money::Money;
use fordel::model::change::Change;
use fordel::model::change_apply::apply;
use fordel::model::inputs::{Found, Inputs, ReadFault};
use fordel::model::resolve::read_file;
use fordel::model::set;
use fordel::model::variant_file::{Library, Opened, Stack};
use fordel::rules::sandbox::StillClock;
use fordel::whatif::difference::{Difference, Pair};
use fordel::whatif::narrow::Narrow;

use crate::scenario_properties::{Parts, random_scenario, shelf};
use crate::support::{MemoryShelf, Random};

/// Variant files in memory beside one scenario, which is called `scenario`.
struct MemoryLibrary(BTreeMap<String, String>);

impl Library for MemoryLibrary {
    fn open(&self, path: &str, _named_in: Option<&str>) -> Result<Opened, ReadFault> {
        match self.0.get(path) {
            _ if path == "scenario" => Ok(Opened::Scenario("scenario".into())),
            Some(text) => {
                Ok(Opened::Variant(Found { shown_name: path.to_owned(), bytes: text.as_bytes().to_vec() }))
            }
            None => Err(ReadFault::Missing(self.0.keys().cloned().collect())),
        }
    }
}

/// A random change, as a variant file and as `--set` have it.
fn random_change(random: &mut Random, parts: &Parts) -> (String, String) {
    let measure = format!("m{}", random.below(2));
    let year = 2024 + random.below(3);
    let amount = format!("{}.{:02}", random.below(90_000) + 2_000, random.below(100));
    let line = ["a", "b"][usize::try_from(random.below(2)).unwrap()];
    let position = random.below(u64::try_from(parts.parties.len()).unwrap());
    let party = parts.parties[usize::try_from(position).unwrap()];
    let of_measure = |word: &str, rest: &str| format!("{word}(measure: \"{measure}\", {rest})");
    match random.below(11) {
        0 => (
            of_measure("Cost", &format!("line: \"{line}\", budget: {{{year}: {amount}}}")),
            format!("measures.{measure}.costs.{line}.budget.{year}={amount}"),
        ),
        1 => (
            of_measure("Cost", &format!("line: \"{line}\", actual: {{{year}: {amount}}}")),
            format!("measures.{measure}.costs.{line}.actual.{year}={amount}"),
        ),
        2 => (
            of_measure("Amount", &format!("amount: {{{year}: {amount}}}")),
            format!("measures.{measure}.amount.{year}={amount}"),
        ),
        3 => (
            "Key(measures: All, key: \"by(\\\"inhabitants\\\")\")".to_owned(),
            "measures.*.key=by(\"inhabitants\")".to_owned(),
        ),
        4 => (
            format!("Award(grant: \"g\", awards: {{{year}: {amount}}})"),
            format!("grants.g.awards.{year} = {amount}"),
        ),
        5 => (
            format!("Opening(reserve: \"fund\", opening: {amount})"),
            format!("reserves.fund.opening={amount}"),
        ),
        6 => (
            format!("Driver(driver: \"inhabitants\", values: {{\"{party}\": {{{year}: {amount}}}}})"),
            format!("drivers.inhabitants.\"{party}\".{year}={amount}"),
        ),
        7 => (
            format!("Driver(driver: \"area\", values: {{\"{party}\": {amount}}})"),
            format!("drivers.area.{party}={amount}"),
        ),
        8 => (
            of_measure("Participants", &format!("participants: Except([\"{party}\"])")),
            format!("measures.{measure}.participants=Except([\"{party}\"])"),
        ),
        9 => {
            (of_measure("Scale", &format!("line: \"{line}\", by: 1.{}", 1 + random.below(99))), String::new())
        }
        _ => {
            (format!("EndParty(party: \"{party}\", until: {year})"), format!("parties.{party}.until={year}"))
        }
    }
}

fn file(base: &str, changes: &[&str]) -> String {
    format!("(base: \"{base}\", title: \"t\", changes: [{}])", changes.join(",\n"))
}

/// Walks a variant that stands in a library.
fn walk_variant(library: &MemoryLibrary, name: &str, shelf: &MemoryShelf) -> Walk {
    let (mut inputs, mut found) = (Inputs::default(), Diagnostics::default());
    let stack = Stack::read(library, name, &mut inputs, &mut found);
    let stack = stack.unwrap_or_else(|| panic!("{name}: {found:?}"));
    let changes: Vec<Change> = stack.changes().cloned().collect();
    walk_changed(shelf, inputs, &changes, Arc::new(StillClock))
}

fn budget(walk: Walk) -> Option<Budget> {
    walk.outcome.map(|outcome| outcome.budget)
}

/// Random scenarios with four random changes each.
fn each_random(rounds: u64, mut check: impl FnMut(&Parts, &MemoryShelf, &[(String, String)]) -> bool) {
    let mut accepted = 0;
    for round in 0..rounds {
        let mut random = Random(900_000 + round);
        let parts = random_scenario(&mut random);
        let changes: Vec<_> = (0..4).map(|_| random_change(&mut random, &parts)).collect();
        accepted += u64::from(check(&parts, &shelf(&parts, &parts.parties), &changes));
    }
    assert!(accepted > rounds / 8, "only {accepted} of {rounds} were accepted");
}

#[test]
fn no_changes_change_nothing() {
    each_random(100, |_, shelf, _| {
        let library = MemoryLibrary([("v.ron".into(), file("scenario", &[]))].into());
        let (plain, changed) = (budget(shelf.walk()), budget(walk_variant(&library, "v.ron", shelf)));
        assert_eq!(plain, changed);
        plain.is_some()
    });
}

#[test]
fn variants_on_each_other_are_their_changes_one_after_the_other() {
    each_random(300, |_, shelf, changes| {
        let texts: Vec<&str> = changes.iter().map(|(text, _)| text.as_str()).collect();
        let library = MemoryLibrary(
            [
                ("below.ron".into(), file("scenario", &texts[..1])),
                ("middle.ron".into(), file("below.ron", &texts[1..3])),
                ("above.ron".into(), file("middle.ron", &texts[3..])),
                ("all.ron".into(), file("scenario", &texts)),
            ]
            .into(),
        );
        let stacked = budget(walk_variant(&library, "above.ron", shelf));
        assert_eq!(stacked, budget(walk_variant(&library, "all.ron", shelf)), "{texts:?}");
        stacked.is_some()
    });
}

#[test]
fn what_is_set_is_the_typed_change() {
    each_random(300, |_, shelf, changes| {
        let mut settable = changes.iter().filter(|(_, setting)| !setting.is_empty());
        let texts: Vec<&str> = settable.clone().map(|(text, _)| text.as_str()).collect();
        let library = MemoryLibrary([("v.ron".into(), file("scenario", &texts))].into());
        let (mut inputs, mut found) = (Inputs::default(), Diagnostics::default());
        let mut read = |setting: &str| set::read(setting, &mut inputs, &mut found).unwrap();
        let set: Vec<Change> = settable.by_ref().map(|(_, setting)| read(setting)).collect();
        assert!(!found.has_errors(), "{found:?}");
        let set = budget(walk_changed(shelf, inputs, &set, Arc::new(StillClock)));
        assert_eq!(set, budget(walk_variant(&library, "v.ron", shelf)), "{changes:?}");
        set.is_some()
    });
}

/// A scenario that was read once needs its shelf no more, whatever is changed, and stays as it is.
#[test]
fn a_scenario_read_once_is_changed_without_its_shelf() {
    each_random(200, |_, shelf, changes| {
        let (mut inputs, mut found) = (Inputs::default(), Diagnostics::default());
        let original = read_file(shelf, &mut inputs, &mut found).unwrap();
        let clock = Arc::new(StillClock);
        let first = walk_written(original.clone(), shelf, inputs, found, clock.clone());
        let inputs = first.inputs.clone();
        let nothing = MemoryShelf::default();
        for (text, _) in changes {
            let library = MemoryLibrary([("v.ron".into(), file("scenario", &[text]))].into());
            let (mut inputs, mut found) = (inputs.clone(), Diagnostics::default());
            let stack = Stack::read(&library, "v.ron", &mut inputs, &mut found).unwrap();
            let changes: Vec<Change> = stack.changes().cloned().collect();
            let mut file = original.clone();
            apply(&mut file, &changes, &mut found);
            let walked = match found.has_errors() {
                true => None,
                false => budget(walk_written(file, &nothing, inputs, found, clock.clone())),
            };
            assert_eq!(walked, budget(walk_variant(&library, "v.ron", shelf)), "{text}");
        }
        let again = walk_written(original, &nothing, inputs, Diagnostics::default(), clock);
        let accepted = first.outcome.is_some();
        assert_eq!(budget(first), budget(again), "the original is as it was");
        accepted
    });
}

fn sum(difference: &Difference) -> Pair {
    Pair::sum(difference.cells.iter().flatten().flatten().copied()).unwrap()
}

fn payable(outcome: &Outcome) -> Money {
    let budget = &outcome.budget;
    let years = budget.billed.iter().enumerate().flat_map(|(index, walked)| {
        let payouts = &budget.closing_walk(index).payouts;
        outcome.scenario.parties.iter().map(move |(party, _)| walked.payable(party, payouts).unwrap())
    });
    Money::sum(years).unwrap()
}

#[test]
fn a_difference_closes_however_it_is_narrowed() {
    each_random(200, |_, shelf, changes| {
        let texts: Vec<&str> = changes.iter().map(|(text, _)| text.as_str()).collect();
        let library = MemoryLibrary([("v.ron".into(), file("scenario", &texts))].into());
        let (Some(before), Some(after)) =
            (shelf.walk().outcome, walk_variant(&library, "v.ron", shelf).outcome)
        else {
            return false;
        };
        let difference = Difference::of_budgets(&before, &after, None).unwrap();
        let whole = sum(&difference);
        assert_eq!((whole.before, whole.after), (payable(&before), payable(&after)));
        let mirrored = Difference::of_budgets(&after, &before, None).unwrap();
        assert_eq!(sum(&mirrored).change(), Money::ZERO.minus(whole.change().unwrap()));
        let narrows = [
            Narrow { parties: Some(vec![1]), ..Narrow::default() },
            Narrow { measures: Some(vec![0]), parties: Some(vec![0]), ..Narrow::default() },
            Narrow { periods: Some(vec![1]), measures: Some(vec![0]), parties: Some(vec![0, 1]) },
            Narrow { periods: Some(vec![]), measures: Some(vec![]), parties: Some(vec![]) },
        ];
        for narrow in narrows {
            let narrowed = difference.narrowed(&narrow).unwrap();
            assert_eq!(sum(&narrowed), whole, "{narrow:?}");
            // Nobody's amount is another one because others are not looked at.
            if narrow.measures.is_none() && narrow.periods.is_none() {
                assert_eq!(narrowed.of_party(0), difference.of_party(1));
            }
        }
        true
    });
}

#[test]
fn nothing_differs_from_itself() {
    each_random(60, |_, shelf, _| {
        let Some(outcome) = shelf.walk().outcome else { return false };
        let difference = Difference::of_budgets(&outcome, &outcome, None).unwrap();
        assert!(!difference.is_any());
        assert!(fordel::whatif::alteration::of_scenarios(&outcome.scenario, &outcome.scenario).is_empty());
        true
    });
}
