//! Differences attributed: worked examples that were checked by hand, and what must hold of any two scenarios.

use std::sync::Arc;

use fordel::cli::disk::{Disk, ScenarioFolder};
use fordel::engine::exact::Walked;
use fordel::ground::diagnostic::Diagnostics;
use fordel::ground::money::Money;
use fordel::ground::ratio::{fraction, whole};
use fordel::model::change::Change;
use fordel::model::inputs::{Inputs, Shelf};
use fordel::model::variant_file::Stack;
use fordel::report::attribution_text;
use fordel::rules::sandbox::{Clock, StillClock};
use fordel::whatif::attribution::{Attribution, Cell};
use fordel::whatif::hybrid::Hybrid;
use fordel::whatif::hybrid_walk::HybridWalker;
use fordel::whatif::kind::{Kind, names};
use fordel::whatif::rules_of_both::ChangedRules;
use fordel::whatif::scenarios::attribute;
use fordel::whatif::side::Side;
use fordel::whatif::years::{self, MixedYear};

use crate::support::{MemoryShelf, NamedShelf, folders, project};

fn clock() -> Arc<dyn Clock> {
    Arc::new(StillClock)
}

/// Reads two scenarios, one beside the other; none where one of them is refused.
fn sides<'s>(first: &'s (dyn Shelf + Sync), second: &'s (dyn Shelf + Sync)) -> Option<[Side<'s>; 2]> {
    let first = Side::read(first, Inputs::default(), &[], clock()).ok()?;
    let second = Side::read(second, first.inputs.beside(), &[], clock()).ok()?;
    Some([first, second])
}

fn folder(name: &str) -> ScenarioFolder {
    ScenarioFolder::new(&project().join("scenarios").join(name))
}

/// The parts sum to the change, in every cell and in every sum of cells.
fn check_sums(attribution: &Attribution, context: &str) {
    let all = |count: usize| (0..count).map(|position| vec![position]).chain([(0..count).collect()]);
    for periods in all(attribution.periods.len()) {
        for parties in all(attribution.parties.len()) {
            let cell = attribution.sum(&periods, &parties).unwrap();
            let parts = cell.amounts.iter().copied().chain([cell.rounding]);
            let change = cell.pair.change().unwrap();
            assert_eq!(Money::sum(parts).unwrap(), change, "{context}: {periods:?} {parties:?}");
        }
    }
}

/// What each kind did to a party in all years, by name; what rounding did last.
fn parts_of(attribution: &Attribution, party: &str) -> Vec<(String, String)> {
    let position = attribution.parties.iter().position(|own| own.id == party).unwrap();
    let periods: Vec<usize> = (0..attribution.periods.len()).collect();
    let cell = attribution.sum(&periods, &[position]).unwrap();
    let parts = attribution.parts.iter().map(|part| names(&part.kinds)).zip(&cell.amounts);
    let all = parts.chain([("rounding".to_owned(), &cell.rounding)]);
    all.map(|(kinds, amount)| (kinds, amount.to_string())).collect()
}

fn owned<const N: usize>(parts: [(&str, &str); N]) -> Vec<(String, String)> {
    parts.map(|(kinds, amount)| (kinds.to_owned(), amount.to_owned())).to_vec()
}

/// Reads a scenario, and a variant of it beside it.
fn with_variant<'s>(folder: &'s ScenarioFolder, variant: &str) -> [Side<'s>; 2] {
    let first = Side::read(folder, Inputs::default(), &[], clock()).ok().unwrap();
    let (mut inputs, mut found) = (first.inputs.beside(), Diagnostics::default());
    let path = folder.path().join("variants").join(variant);
    let stack = Stack::read(&Disk::default(), &path.to_string_lossy(), &mut inputs, &mut found).unwrap();
    let changes: Vec<Change> = stack.changes().cloned().collect();
    let second = Side::read(folder, inputs, &changes, clock()).ok().unwrap();
    [first, second]
}

#[test]
fn helgeland_costs_more_and_nothing_else_is_different() {
    let folder = folder("helgeland-2024");
    let [first, second] = with_variant(&folder, "alternative-2.ron");
    let attribution = attribute(&first, &second, None, &clock()).unwrap();
    check_sums(&attribution, "helgeland");
    // 598 000 kroner more: 22 425 for each of 16, and 24 instead of 21 kroner for each of 25 959 inhabitants.
    assert_eq!(parts_of(&attribution, "Rana"), owned([("cost", "100302"), ("rounding", "0")]));
    assert_eq!(attribution.parties.len(), 16);
}

/// What came out, by names: every share and what everybody pays in all; and the ledgers of grants.
fn figures(side: &Walked<'_>) -> Vec<String> {
    let (scenario, budget) = (side.scenario, side.budget);
    let mut figures = Vec::new();
    for (year_index, walked) in budget.billed.iter().enumerate() {
        let closing = budget.closing_walk(year_index);
        for (party, entry) in scenario.parties.iter() {
            for (index, measure) in scenario.measures() {
                let share = walked.share(index, party);
                figures.push(format!("{} {} {} {share}", walked.year, measure.id, entry.id));
            }
            let payable = walked.payable(party, &closing.payouts).unwrap();
            figures.push(format!("{} {} {payable}", walked.year, entry.id));
        }
        figures.push(format!("{:?}", closing.grants));
    }
    figures
}

/// All of one scenario is that scenario: a hybrid that takes nothing, or everything, from the other one gives what a
/// walk of its own gives.
#[test]
fn the_ends_of_all_hybrids_are_the_scenarios_themselves() {
    let scenarios: Vec<ScenarioFolder> =
        folders(&project().join("scenarios")).iter().map(|path| ScenarioFolder::new(path)).collect();
    let (mut checked, mut attributed) = (0, 0);
    for (first, second) in scenarios.iter().zip(scenarios.iter().cycle().skip(1)) {
        let context = format!("{} and {}", first.path().display(), second.path().display());
        let Some([first, second]) = sides(first, second) else { continue };
        let rules = ChangedRules::between(&first, &second);
        let walker = HybridWalker { rules: &rules, clock: clock() };
        for (side, of_second) in [(&first, &[][..]), (&second, &Kind::ALL[..])] {
            let hybrid = Hybrid { first: &first, second: &second, of_second };
            let walk =
                walker.walk(hybrid, hybrid.file()).unwrap_or_else(|fault| panic!("{context}: {fault:?}"));
            let own =
                Walked { scenario: &side.outcome.scenario, budget: &side.outcome.budget, ..walk.walked() };
            assert_eq!(figures(&walk.walked()), figures(&own), "{context}");
            checked += 1;
        }
        // However little the two have in common, there is an answer, and it sums up.
        let attribution = attribute(&first, &second, None, &clock()).unwrap();
        check_sums(&attribution, &context);
        attributed += usize::from(!attribution.parts.is_empty());
    }
    assert!(checked > 80 && attributed > 30, "only {checked} ends and {attributed} differences");
}

/// All of one year is that year: a mixed year that takes nothing, or everything, from the other one gives the shares
/// that the walk of all years gave.
#[test]
fn the_ends_of_all_mixed_years_are_the_years_themselves() {
    let (mut years, mut shares) = (0, 0);
    for path in folders(&project().join("scenarios")) {
        let shelf = ScenarioFolder::new(&path);
        let Ok(side) = Side::read(&shelf, Inputs::default(), &[], clock()) else { continue };
        let (scenario, budget) = (&side.outcome.scenario, &side.outcome.budget);
        for later in 1..budget.billed.len() {
            let context = format!("{} {}", path.display(), budget.billed[later].year);
            for (year_index, of_later) in [(later - 1, &[][..]), (later, &Kind::ALL[..])] {
                let mixed = MixedYear { side: &side, year_indexes: [later - 1, later], of_later };
                let walk = mixed
                    .walk(mixed.scenario(), &clock())
                    .unwrap_or_else(|fault| panic!("{context}: {fault:?}"));
                let (own, alone) = (&budget.billed[year_index], &walk.walked().budget.billed[0]);
                assert_eq!(own.year, alone.year, "{context}");
                for (index, measure) in scenario.measures().filter(|(_, measure)| !measure.with_memory) {
                    assert_eq!(own.measures[index.0], alone.measures[index.0], "{context}: {}", measure.id);
                    for (party, entry) in scenario.parties.iter() {
                        let pair = [own.share(index, party), alone.share(index, party)];
                        assert_eq!(pair[0], pair[1], "{context}: {} of {}", entry.id, measure.id);
                        shares += usize::from(!pair[0].is_zero());
                    }
                }
                // Before rounding it is the bill but for what rounding makes of each share.
                let payable = mixed.payable(&walk).unwrap();
                for ((party, entry), exact) in scenario.parties.iter().zip(payable) {
                    let billed = own.payable(party, &budget.closing_walk(year_index).payouts).unwrap();
                    let units: i64 = scenario.measures.iter().map(|measure| measure.round_to.ore()).sum();
                    let off = exact - billed.ore_ratio();
                    assert!(
                        off <= whole(units) && off >= whole(-units),
                        "{context}: {} is off by {off}",
                        entry.id
                    );
                }
            }
            let attribution = years::attribute(&side, [later - 1, later], None, &clock()).unwrap();
            check_sums(&attribution, &context);
            years += 1;
        }
    }
    assert!(years > 10 && shares > 100, "only {years} pairs of years and {shares} shares");
}

/// A scenario of one year and its rules.
fn small(name: &'static str, rules: &str, fields: &str) -> NamedShelf {
    let scenario =
        format!("(title: \"t\", years: (first: 2026, last: 2026), rules: [\"rules.rhai\"],\n{fields})");
    NamedShelf(name, MemoryShelf::of([("scenario.ron", scenario.as_str()), ("rules.rhai", rules)]))
}

fn attributed(first: &NamedShelf, second: &NamedShelf) -> Attribution {
    let [first, second] = sides(first, second).unwrap();
    let attribution = attribute(&first, &second, None, &clock()).unwrap();
    check_sums(&attribution, "by hand");
    attribution
}

const TWO: &str = "parties: [\"a\", \"b\"], drivers: [(id: \"d\", values: Fixed({\"a\": 1, \"b\": 3}))],";

/// 1000 shared equally become 1200 shared 1 to 3: a from 500 to 300, b from 500 to 900. With the cost first, a pays 600
/// and then 300: cost +100, key −300. With the key first, 250 and then 300: key −250, cost +50. On average 75 and −275.
#[test]
fn a_cost_and_a_key_share_what_they_do_together() {
    let scenario = |name, cost: u32, key: &str| {
        small(name, "", &format!("{TWO} measures: [(id: \"m\", amount: {{2026: {cost}}}, key: \"{key}\")]"))
    };
    let (first, second) = (scenario("first", 1000, "equally()"), scenario("second", 1200, "by(`d`)"));
    let attribution = attributed(&first, &second);
    assert_eq!(parts_of(&attribution, "a"), owned([("cost", "75"), ("key", "-275"), ("rounding", "0")]));
    assert_eq!(parts_of(&attribution, "b"), owned([("cost", "125"), ("key", "275"), ("rounding", "0")]));
    let [first, second] = sides(&first, &second).unwrap();
    let stated = attribute(&first, &second, Some(&[Kind::Key]), &clock()).unwrap();
    assert_eq!(parts_of(&stated, "a"), owned([("key", "-250"), ("cost", "50"), ("rounding", "0")]));
}

/// 100 and 101 kroner over three: each of them 1/3 krone more, but 34, 33 and 33 become 34, 34 and 33.
#[test]
fn rounding_closes_what_whole_kroner_leave() {
    let scenario = |name, cost: u32| {
        let fields = "round_to: 1, parties: [\"a\", \"b\", \"c\"],";
        small(
            name,
            "",
            &format!("{fields} measures: [(id: \"m\", amount: {{2026: {cost}}}, key: \"equally()\")]"),
        )
    };
    let attribution = attributed(&scenario("first", 100), &scenario("second", 101));
    assert_eq!(parts_of(&attribution, "a"), owned([("cost", "0.33"), ("rounding", "-0.33")]));
    assert_eq!(parts_of(&attribution, "b"), owned([("cost", "0.33"), ("rounding", "0.67")]));
    assert_eq!(attribution.cells[0][0].exact, [fraction(100, 3)]);
}

/// Only what shares are rounded to is different: 100 over three in øre and in whole kroner.
#[test]
fn other_rounding_is_rounding_and_nothing_else() {
    let scenario = |name, unit: &str| {
        let fields = format!("round_to: {unit}, parties: [\"a\", \"b\", \"c\"],");
        small(
            name,
            "",
            &format!("{fields} measures: [(id: \"m\", amount: {{2026: 100}}, key: \"equally()\")]"),
        )
    };
    let attribution = attributed(&scenario("first", "0.01"), &scenario("second", "1"));
    assert_eq!(parts_of(&attribution, "a"), owned([("rounding", "0.66")]));
    assert_eq!(parts_of(&attribution, "c"), owned([("rounding", "-0.33")]));
}

/// A key and a funding step whose rules have the same names and say something else, in one rule file each. Of 1000 half
/// is covered, then a quarter: 500 equally is 250 for a, 750 by 1 to 3 is 187.50. The key alone makes it 125, the
/// grant alone 375.
#[test]
fn rules_of_one_file_are_told_apart_by_what_calls_them() {
    let scenario = |name, key: &str, percent: u32| {
        let rules = format!("fn k() {{ {key} }}\nfn f() {{ cover({percent}.percent).from(\"g\") }}\n");
        let funds = "grants: [(id: \"g\", awards: {2026: 5000})],";
        let measure = "measures: [(id: \"m\", amount: {2026: 1000}, key: \"k()\", funding: [\"f()\"])]";
        small(name, &rules, &format!("{TWO} {funds} {measure}"))
    };
    let attribution = attributed(&scenario("first", "equally()", 50), &scenario("second", "by(\"d\")", 25));
    assert_eq!(
        parts_of(&attribution, "a"),
        owned([("key", "-156.25"), ("grants", "93.75"), ("rounding", "0")])
    );
}

/// A measure that is new, with a rule that is new, beside one whose cost is changed; comments count for nothing.
#[test]
fn what_only_one_scenario_has_comes_with_its_measure() {
    let first = small(
        "first",
        "/// Half each.\nfn k() { equally() }\n",
        &format!("{TWO} measures: [(id: \"m\", amount: {{2026: 1000}}, key: \"k()\")]"),
    );
    let second = small(
        "second",
        "/// Likt.\nfn k() { equally() }\n\n/// New.\nfn n() {\n    by(\"e\")\n}\n",
        "parties: [\"a\", \"b\"],
         drivers: [(id: \"d\", values: Fixed({\"a\": 7, \"b\": 3})), (id: \"e\", values: Fixed({\"a\": 1, \"b\": 3}))],
         measures: [(id: \"n\", amount: {2026: 400}, key: \"n()\"), (id: \"m\", amount: {2026: 1000}, key: \"k()\")]",
    );
    let attribution = attributed(&first, &second);
    // The driver `d` has other values, and no key asks for it.
    assert_eq!(parts_of(&attribution, "a"), owned([("cost", "100"), ("drivers", "0"), ("rounding", "0")]));
}

/// A newcomer and a key that names it go together: neither makes sense without the other.
#[test]
fn a_key_that_names_a_newcomer_cannot_be_told_from_it() {
    let scenario = |name, parties: &str, shares: &str, cost: u32| {
        let measure = format!("(id: \"m\", amount: {{2026: {cost}}}, key: \"percent(#{{ {shares} }})\")");
        small(name, "", &format!("parties: [{parties}], measures: [{measure}]"))
    };
    let first = scenario("first", "\"a\", \"b\"", "a: 50, b: 50", 1000);
    let second = scenario("second", "\"a\", \"b\", \"c\"", "a: 40, b: 40, c: 20", 1200);
    let attribution = attributed(&first, &second);
    // Cost alone: 600 instead of 500; key and newcomer alone: 400. Together 480.
    assert_eq!(
        parts_of(&attribution, "a"),
        owned([("cost", "90"), ("key and participants", "-110"), ("rounding", "0")])
    );
    let text = attribution_text::write(&attribution, None, 120).unwrap();
    let reason = "Key and participants cannot be told apart: with new key and old participants, there is no party `c`   second/scenario.ron:2";
    assert!(text.contains(reason), "{text}");
}

/// From 900 to 1200 kroner, from a grant of 300 to one of 600, and c comes: a and b pay 300 and then 200, c 0 and then
/// 200. Each of the six orders gives other parts; these are their averages.
#[test]
fn two_years_worked_out_by_hand() {
    let scenario = "(title: \"t\", years: (first: 2025, last: 2026), parties: [\"a\", \"b\", (id: \"c\", since: 2026)],
        grants: [(id: \"g\", awards: {2025: 300, 2026: 600})],
        measures: [(id: \"m\", amount: {2025: 900, 2026: 1200}, key: \"equally()\", funding: [\"cover(all).from(`g`)\"])])";
    let shelf = MemoryShelf::of([("scenario.ron", scenario)]);
    let side = Side::read(&shelf, Inputs::default(), &[], clock()).ok().unwrap();
    let attribution = years::attribute(&side, [0, 1], None, &clock()).unwrap();
    check_sums(&attribution, "by hand");
    let parts = |cost, grants, participants| {
        owned([
            ("cost", cost),
            ("key", "0"),
            ("grants", grants),
            ("participants", participants),
            ("rounding", "0"),
        ])
    };
    assert_eq!(parts_of(&attribution, "a"), parts("125", "-125", "-100"));
    assert_eq!(parts_of(&attribution, "c"), parts("50", "-50", "200"));
}

/// The same two years as two scenarios, each with one year of its own: they are compared in their order, and the parts
/// are the same. Key and drivers, which both have alike, are none.
#[test]
fn budgets_of_two_years_are_compared_as_two_years_are() {
    let scenario = |name, year: u32, parties: &str, award: u32, cost: u32| {
        let text = format!(
            "(title: \"t\", years: (first: {year}, last: {year}), parties: [\"a\", \"b\"{parties}],
             grants: [(id: \"g\", awards: {{{year}: {award}}})],
             measures: [(id: \"m\", amount: {{{year}: {cost}}}, key: \"equally()\", funding: [\"cover(all).from(`g`)\"])])"
        );
        NamedShelf(name, MemoryShelf::of([("scenario.ron", text.as_str())]))
    };
    let first = scenario("first", 2025, "", 300, 900);
    let second = scenario("second", 2026, ", (id: \"c\", since: 2026)", 600, 1200);
    let attribution = attributed(&first, &second);
    let parts = |cost, grants, participants| {
        owned([("cost", cost), ("grants", grants), ("participants", participants), ("rounding", "0")])
    };
    assert_eq!(parts_of(&attribution, "a"), parts("125", "-125", "-100"));
    assert_eq!(parts_of(&attribution, "c"), parts("50", "-50", "200"));
}

/// A rule that both scenarios have and that says something else from 2026 on: what it does is the key's doing, and other
/// values in the same table are those of the drivers.
#[test]
fn a_rule_that_asks_for_the_year_is_a_key_and_a_table_of_years_a_driver() {
    let scenario = |name, year: u32, cost: u32| {
        let rules = "fn k(year) { if year < 2026 { equally() } else { by(\"d\") } }";
        let text = format!(
            "(title: \"t\", years: (first: {year}, last: {year}), rules: [\"rules.rhai\"], parties: [\"a\", \"b\"],
             drivers: [(id: \"d\", values: Yearly({{\"a\": {{2025: 2, 2026: 1}}, \"b\": {{2025: 2, 2026: 3}}}}))],
             measures: [(id: \"m\", amount: {{{year}: {cost}}}, key: \"k(year)\")])"
        );
        NamedShelf(name, MemoryShelf::of([("scenario.ron", text.as_str()), ("rules.rhai", rules)]))
    };
    let (first, second) = (scenario("first", 2025, 1000), scenario("second", 2026, 1200));
    let attribution = attributed(&first, &second);
    // a pays half of 1000 and then a quarter of 1200. Drivers do something only with the new key: a quarter less of
    // either cost, 250 and 300, and so does the key with the new drivers.
    let expected =
        owned([("cost", "83.33"), ("drivers", "-141.67"), ("key", "-141.67"), ("rounding", "0.01")]);
    assert_eq!(parts_of(&attribution, "a"), expected);
    // One scenario with both years gives the same.
    let text = String::from_utf8(first.1.0["scenario.ron"].clone()).unwrap();
    let text = text
        .replace("(first: 2025, last: 2025)", "(first: 2025, last: 2026)")
        .replace("{2025: 1000}", "{2025: 1000, 2026: 1200}");
    let both = MemoryShelf::of([
        ("scenario.ron", text.as_str()),
        ("rules.rhai", std::str::from_utf8(&first.1.0["rules.rhai"]).unwrap()),
    ]);
    let side = Side::read(&both, Inputs::default(), &[], clock()).ok().unwrap();
    let of_years = years::attribute(&side, [0, 1], None, &clock()).unwrap();
    assert_eq!(parts_of(&of_years, "a"), expected);
}

/// Salten spends 1 400 000 and gets half of it every year, on other lines each time; in Nord-Troms the grant covers
/// everything. Nobody pays anything else, and no kind did anything.
#[test]
fn years_in_which_nobody_pays_anything_else() {
    for name in ["salten-2019-2021", "nord-troms-digital-innbygger"] {
        let folder = folder(name);
        let side = Side::read(&folder, Inputs::default(), &[], clock()).ok().unwrap();
        for pair in [[0, 1], [1, 2], [2, 0]] {
            let attribution = years::attribute(&side, pair, None, &clock()).unwrap();
            let nothing =
                |cell: &Cell| cell.exact.iter().all(|exact| *exact == whole(0)) && cell.rounding.is_zero();
            assert!(attribution.cells.iter().flatten().all(nothing), "{name}");
            let text = attribution_text::write(&attribution, None, 120).unwrap();
            assert_eq!(text, "\nNobody pays anything else.\n");
        }
    }
}
