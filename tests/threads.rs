//! What several threads do is what one does, to the bit: scenarios of more shares than one thread splits alone.

use std::sync::Arc;

use fordel::engine::budget::Budget;
use fordel::engine::standing::Standing;
use fordel::engine::walk::budget;
use fordel::ground::diagnostic::Diagnostics;
use fordel::ground::money::Money;
use fordel::model::inputs::{Found, Inputs};
use fordel::model::resolve::read_scenario;
use fordel::model::scenario::Scenario;
use fordel::rules::sandbox::StillClock;
use fordel::rules::sitting::{Change, Sitting};

use crate::support::{MemoryShelf, Random};

/// How many measures there are, and how many parties.
const MANY: usize = 150;

fn is_wide(budget: &Budget) -> bool {
    budget.billed[0].rows.view().cells.is_wide()
}

fn share_count(budget: &Budget) -> usize {
    budget.billed.iter().map(|walked| walked.rows.view().cells.len()).sum()
}

fn by_threads<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(work)
}

/// Many measures of many parties over 16 years, some without a cost in some of them; one amount may be as large as asked.
/// `rest` is what else a measure says, its key above all, and `more` what else the scenario says.
fn many(random: &mut Random, largest: i64, rest: impl Fn(usize) -> String, more: &str) -> String {
    let measure = |index: usize| {
        let mut amount = |year: usize| match (random.below(9), index, year) {
            (_, 7, 2025) => Some(format!("{year}: {largest}")),
            (0, ..) => None,
            _ => Some(format!("{year}: {}", 400 + random.below(40_000))),
        };
        let years: Vec<String> = (2024..2040).filter_map(&mut amount).collect();
        format!("(id: \"m{index:03}\", amount: {{{}}}, {}),\n", years.join(", "), rest(index))
    };
    let measures: String = (0..MANY).map(measure).collect();
    let list = |entry: &dyn Fn(usize) -> String| (0..MANY).map(entry).collect::<Vec<_>>().join(", ");
    format!(
        "(title: \"t\", years: (first: 2024, last: 2039), parties: [{}], measures: [{measures}], {more}\n\
         drivers: [(id: \"d\", values: Fixed({{{}}}))])",
        list(&|party| format!("\"p{party:03}\"")),
        list(&|party| format!("\"p{party:03}\": {}", party * party % 97 + 1)),
    )
}

/// Keys that are one split and keys, few or many, that are more, years without a cost, and a share that makes all cells
/// wide; so many years that some are walked beside others more than once.
#[test]
fn several_threads_split_what_one_splits() {
    let mut random = Random(60_000);
    let keys = [r#"by(\"d\")"#, "equally()"];
    for (largest, unlike) in [(40_000, 3), (40_000, 30), (90_000_000_000_i64, 3), (90_000_000_000, 30)] {
        let key = |index: usize| match index % unlike {
            2 => r#"key: "amounts_each(2).rest(by(\"d\"))""#.to_owned(),
            _ => format!("key: \"{}\"", keys[index % keys.len()]),
        };
        let text = many(&mut random, largest, key, "");
        let walk = MemoryShelf::of([("scenario.ron", text.as_str())]).walk();
        let outcome = walk.outcome.unwrap_or_else(|| panic!("{:?}", walk.diagnostics));
        assert!(outcome.proof.holds(), "{:?}", outcome.proof.failures);
        assert_eq!(is_wide(&outcome.budget), largest > 40_000, "cells are as wide as they must be");
        let walked = |threads: usize| {
            by_threads(threads, || budget(&outcome.scenario, &outcome.plan, &mut Diagnostics::default()))
                .unwrap()
        };
        let alone = walked(1);
        assert!(share_count(&alone) > 60_000);
        for threads in [2, 3] {
            assert!(walked(threads) == alone, "{threads} threads, {largest}, {unlike}");
        }
        assert!(outcome.budget == alone);
    }
}

/// A rule that all measures have in common is edited: their rows are split again where they stand, in narrow cells and in
/// wide ones.
#[test]
fn several_threads_split_the_rows_of_an_edited_rule_again() {
    let mut random = Random(61_000);
    for largest in [40_000, 90_000_000_000] {
        let text = many(&mut random, largest, |_| "key: \"common()\"".to_owned(), "rules: [\"keys.rhai\"],");
        let folder = |rule: &str| MemoryShelf::of([("scenario.ron", text.as_str()), ("keys.rhai", rule)]);
        let (before, after) = ("fn common() { equally() }", "fn common() { by(\"d\") }");
        let shelf = folder(before);
        let expected = folder(after).walk().outcome.unwrap();
        for threads in [1, 3] {
            let (mut inputs, mut found) = (Inputs::default(), Diagnostics::default());
            let reading = read_scenario(&shelf, &mut inputs, &mut found);
            let scenario = reading.scenario.map(Arc::new).unwrap();
            let (sitting, plan) =
                Sitting::new(&scenario, &reading.rules, &shelf, inputs, Arc::new(StillClock), &mut found)
                    .unwrap();
            let mut standing = Standing::new(Arc::clone(&sitting.scenario), plan, &mut found).unwrap();
            assert!(standing.budget != expected.budget);
            let file = Found { shown_name: "keys.rhai".to_owned(), bytes: after.as_bytes().to_vec() };
            let edit = sitting.try_edit(&file, &standing.plan, &shelf, &mut found).unwrap();
            let Change::Keys(patch) = edit.change else { panic!("nothing but a key was edited") };
            let revision = by_threads(threads, || standing.revise_keys(patch, &mut found)).unwrap();
            assert!(revision.rows_alone && revision.measures.len() == MANY);
            assert!(revision.proof.holds(), "{:?}", revision.proof.failures);
            assert!(standing.budget == expected.budget, "{threads} threads, {largest}");
            assert_eq!(is_wide(&standing.budget), largest > 40_000);
        }
    }
}

/// All measures draw on one grant, so that all are walked again when one costs something else, and put in the place of
/// what stood.
#[test]
fn several_threads_put_a_part_in_its_place() {
    let rest = |_| r#"key: "by(\"d\")", funding: ["cover(10.percent).from(\"g\")"]"#.to_owned();
    let grants = "grants: [(id: \"g\", awards: {2024: 90_000, 2025: 90_000})],";
    for largest in [40_000, 90_000_000_000] {
        let text = many(&mut Random(62_000), largest, rest, grants);
        let (scenario, plan) = MemoryShelf::of([("scenario.ron", text.as_str())]).plan().unwrap();
        for threads in [1, 3] {
            let mut found = Diagnostics::default();
            let mut standing = Standing::new(Arc::clone(&scenario), plan.clone(), &mut found).unwrap();
            let mut other = Scenario::clone(&scenario);
            let decided = &mut Arc::make_mut(&mut other.measures[3]).decided;
            decided.amounts.iter_mut().for_each(|(_, amount)| amount.value = Money::from_ore(7_777_700));
            let other = Arc::new(other);
            let expected = budget(&other, &plan, &mut found).unwrap();
            let revision = by_threads(threads, || standing.revise(other, plan.clone(), &mut found)).unwrap();
            assert!(!revision.rows_alone && revision.measures.len() == MANY);
            assert!(revision.proof.holds(), "{:?}", revision.proof.failures);
            assert!(standing.budget == expected, "{threads} threads, {largest}");
        }
    }
}
