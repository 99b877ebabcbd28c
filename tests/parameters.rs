//! Parameters of rules: what the plan says of them, the line to change, edits of the rules that declare them, and what
//! differs between scenarios whose parameters differ.

use std::sync::Arc;

use fordel::engine::standing::Standing;
use fordel::engine::walk::{Outcome, Walk, walk_changed};
use fordel::ground::diagnostic::Diagnostics;
use fordel::ground::numerals::parse_machine;
use fordel::ground::ratio::{Ratio, fraction, whole};
use fordel::model::inputs::{Found, Inputs};
use fordel::model::resolve::read_scenario;
use fordel::model::set;
use fordel::rules::parameters::{Given, Parameter};
use fordel::rules::sandbox::{Clock, StillClock};
use fordel::rules::sitting::{Change, Sitting};
use fordel::whatif::alteration::{Value, of_parameters};
use fordel::whatif::attribution::Attribution;
use fordel::whatif::kind::names;
use fordel::whatif::scenarios::attribute;
use fordel::whatif::side::Side;
use fordel::whatif::years;

use crate::support::{MemoryShelf, NamedShelf};

const RULES: &str = "\
/// A part equally (agreement § 7).
fn k() {
    let part = param(\"equal_part\", 40.percent, 0.percent..100.percent); // agreed in 2019
    part * equally() + (1 - part) * by(|p| param(\"weight\", 1_500, 0..15_000, 500) * p.d)
}
";

fn clock() -> Arc<dyn Clock> {
    Arc::new(StillClock)
}

fn scenario(keys: &[&str]) -> String {
    let measure = |(number, key): (usize, &&str)| {
        format!("(id: \"m{number}\", amount: {{2026: 1000, 2027: 1000}}, key: \"{key}\"),")
    };
    format!(
        "(title: \"t\", years: (first: 2026, last: 2027), rules: [\"rules.rhai\"], parties: [\"a\", \"b\"],\n\
         drivers: [(id: \"d\", values: Fixed({{\"a\": 1, \"b\": 3}}))], assumptions: {{\"assumed\": 0.25}},\n\
         measures: [{}])",
        keys.iter().enumerate().map(measure).collect::<String>()
    )
}

fn shelf(keys: &[&str], rules: &str) -> MemoryShelf {
    MemoryShelf::of([("scenario.ron", scenario(keys).as_str()), ("rules.rhai", rules)])
}

fn walked(shelf: &MemoryShelf, typed: &[&str]) -> Walk {
    let (mut inputs, mut found) = (Inputs::default(), Diagnostics::default());
    let changes: Vec<_> = typed.iter().filter_map(|text| set::read(text, &mut inputs, &mut found)).collect();
    assert!(!found.has_errors(), "{found:?}");
    walk_changed(shelf, inputs, &changes, clock())
}

fn parameters(walk: &Walk) -> &[Parameter] {
    let found = &walk.diagnostics;
    &walk.outcome.as_ref().unwrap_or_else(|| panic!("{found:?}")).plan.parameters
}

fn number(text: &str) -> Ratio {
    parse_machine(text).unwrap()
}

#[test]
fn the_plan_says_what_was_asked_for_and_where() {
    let inline = "amounts_each(param(\\\"fee\\\", 10, 0..20)).rest(equally())";
    let walk = walked(&shelf(&["k()", inline], RULES), &[]);
    let [fee, part, weight] = parameters(&walk) else { panic!("{:?}", parameters(&walk)) };
    let text = |place: &fordel::ground::source::Place| {
        walk.inputs.sources.get(place.source).text[place.bytes.clone()].to_owned()
    };
    assert_eq!(
        (fee.name.as_str(), part.name.as_str(), weight.name.as_str()),
        ("fee", "equal_part", "weight")
    );
    assert_eq!(text(&fee.place), "param(\\\"fee\\\", 10, 0..20)");
    assert_eq!(text(&part.place), "param(\"equal_part\", 40.percent, 0.percent..100.percent)");
    assert_eq!(text(&weight.default_place), "1_500");
    assert_eq!([&part.value, &part.step, &part.maximum], [&fraction(2, 5), &fraction(1, 100), &whole(1)]);
    assert_eq!(weight.step, whole(500));
    assert_eq!((fee.rule.as_deref(), part.rule.as_deref()), (None, Some("k")));
    assert_eq!(part.documentation, ["A part equally (agreement § 7)."]);
    assert_eq!(part.given, Given::Default);
}

#[test]
fn the_line_to_change_is_written_as_it_is() {
    let line = |written: &str, range: &str, value: &Ratio| {
        let rules = format!("fn k() {{\n    by(|p| 2 + param(\"x\", {written}, {range})) // fee\n}}");
        let walk = walked(&shelf(&["k()"], &rules), &[]);
        let (now, then) = parameters(&walk)[0].line_with(&walk.inputs.sources, value)?;
        assert!(now.contains(&format!("param(\"x\", {written}, ")), "{now}");
        assert!(then.starts_with("    by(|p| 2 + param(\"x\", ") && then.ends_with(") // fee"), "{then}");
        Some(then.split(", ").nth(1).unwrap().to_owned())
    };
    let of = |written, range, value: &str| line(written, range, &number(value));
    assert_eq!(of("40.percent", "0..1", "0.3").as_deref(), Some("30.percent"));
    assert_eq!(of("40.prosent", "0..1", "0.305").as_deref(), Some("30.5.prosent"));
    assert_eq!(of("4.promille", "0..1", "1").as_deref(), Some("1000.promille"));
    assert_eq!(of("0.4", "0..1", "0.3").as_deref(), Some("0.3"));
    assert_eq!(of("40", "0..100", "30").as_deref(), Some("30"));
    assert_eq!(of("15_000", "0..2_000_000", "1234567.5").as_deref(), Some("1_234_567.5"));
    assert_eq!(of("0.0_4", "-1..1", "-0.5").as_deref(), Some("-0.5"));
    assert_eq!(line("0.4", "0..1", &fraction(1, 3)), None);
    assert_eq!(of("2/5", "0..1", "0.3"), None);
    assert_eq!(of("min(0.4, 0.5)", "0..1", "0.3"), None);
}

#[test]
fn what_is_set_counts_within_the_range() {
    let keys = ["k()", "amounts_each(100 * param(`assumed`, 0.5, 0..1)).rest(equally())"];
    let given = |typed: &[&str]| {
        let walk = walked(&shelf(&keys, RULES), typed);
        parameters(&walk).iter().map(|own| (own.name.clone(), own.value.clone())).collect::<Vec<_>>()
    };
    let values = |typed: &[&str]| given(typed).into_iter().map(|(_, value)| value).collect::<Vec<_>>();
    assert_eq!(values(&[]), [fraction(1, 4), fraction(2, 5), whole(1500)]);
    for typed in ["0.3", "30.percent", "30 %", "30%", " 30.0.prosent"] {
        let typed = format!("parameters.equal_part={typed}");
        assert_eq!(values(&[&typed]), [fraction(1, 4), fraction(3, 10), whole(1500)], "{typed}");
    }
    assert_eq!(values(&["parameters.assumed=0.75", "assumptions.assumed=0.1"])[0], fraction(3, 4));
    assert_eq!(values(&["assumptions.assumed=0.1"])[0], fraction(1, 10));
    let outside = walked(&shelf(&keys, RULES), &["parameters.equal_part=1.01", "parameters.eqal_part=1"]);
    let codes: Vec<_> = outside.diagnostics.iter().map(|fault| fault.code).collect();
    assert_eq!(codes, ["unknown-parameter", "parameter-outside"]);
    // The ends are in it.
    let walk = walked(&shelf(&keys, RULES), &["parameters.equal_part=1", "parameters.weight=15000"]);
    assert!(walk.outcome.is_some());
}

/// At the end of its range a part counts nothing, and what only that part asks for is not asked.
#[test]
fn a_parameter_that_is_not_asked_is_told() {
    let walk = walked(&shelf(&["k()"], RULES), &["parameters.equal_part=1", "parameters.weight=15000"]);
    let codes: Vec<_> = walk.diagnostics.iter().map(|fault| fault.code).collect();
    assert_eq!((codes.as_slice(), parameters(&walk).len()), (&["parameter-not-asked"][..], 1));
}

/// The same declaration in several places is one parameter, shown where it stands first.
#[test]
fn the_same_parameter_may_be_declared_twice() {
    let rules =
        "fn k() { amounts_each(param(\"x\", 1, 0..2)) }\nfn l() { amounts_each(param(\"x\", 1.0, 0..=2)) }";
    let walk = walked(&shelf(&["l().rest(equally())", "k().rest(equally())"], rules), &[]);
    let [one] = parameters(&walk) else { panic!() };
    assert_eq!((one.rule.as_deref(), one.also_at.len()), (Some("k"), 1));
    assert!(one.also_at[0].bytes.start > one.place.bytes.end);
}

/// Edits one after the other, each compared with a walk from scratch.
#[test]
fn an_edited_rule_changes_the_parameters_of_the_plan() {
    let one = "fn k() { amounts_each(param(\"x\", 1, 0..9)).rest(equally()) }\nfn l() { equally() }\n";
    let edits = [
        one.replace("1,", "2,"),
        format!("\n{one}"),
        one.replace("param(\"x\", 1, 0..9)", "3"),
        one.replace("l() { equally() }", "l() { param(\"y\", 1, 0..2) * equally() }"),
        one.replace("l() { equally() }", "l() { param(\"x\", 1, 0..2) * equally() }"),
        one.replace("equally() }\n", "by(\"d\") }\n"),
        one.replace("1,", "10,"),
        one.to_owned(),
    ];
    let (mut applied, mut refused) = (0, 0);
    for first in &edits[..4] {
        let shelf_of = |rules: &str| shelf(&["k()", "l()"], rules);
        let own = shelf_of(first);
        let (mut inputs, mut found) = (Inputs::default(), Diagnostics::default());
        let reading = read_scenario(&own, &mut inputs, &mut found);
        let resolved = reading.scenario.map(Arc::new).unwrap();
        let (mut sitting, plan) =
            Sitting::new(&resolved, &reading.rules, &own, inputs, clock(), &mut found).unwrap();
        let mut standing = Standing::new(Arc::clone(&sitting.scenario), plan, &mut found).unwrap();
        for edit in &edits {
            let file = Found { shown_name: "rules.rhai".to_owned(), bytes: edit.clone().into_bytes() };
            let expected = shelf_of(edit).walk();
            let mut found = Diagnostics::default();
            match (sitting.try_edit(&file, &standing.plan, &own, &mut found), expected.outcome) {
                (Some(edit), Some(outcome)) => {
                    match sitting.take_over(edit) {
                        Change::Keys(patch) => standing.revise_keys(patch, &mut found).unwrap(),
                        Change::All(planned) => {
                            standing.revise(planned.scenario.unwrap(), planned.plan, &mut found).unwrap()
                        }
                    };
                    assert_eq!(standing.plan.parameters, outcome.plan.parameters);
                    assert!(standing.budget == outcome.budget);
                    applied += 1;
                }
                (None, None) => {
                    let codes = |found: &Diagnostics| found.iter().map(|own| own.code).collect::<Vec<_>>();
                    assert_eq!(codes(&found), codes(&expected.diagnostics));
                    refused += 1;
                }
                (edit, outcome) => panic!("{} and {}", edit.is_some(), outcome.is_some()),
            }
        }
    }
    assert_eq!((applied, refused), (24, 8));
}

fn attributed(first: &NamedShelf, second: &NamedShelf, typed: &[&str]) -> (Attribution, Vec<(Ratio, Ratio)>) {
    let first = Side::read(first, Inputs::default(), &[], clock()).ok().unwrap();
    let (mut inputs, mut found) = (first.inputs.beside(), Diagnostics::default());
    let changes: Vec<_> = typed.iter().filter_map(|text| set::read(text, &mut inputs, &mut found)).collect();
    let second = Side::read(second, inputs, &changes, clock()).ok().unwrap();
    let plan = |side: &Side<'_>| side.outcome.plan.clone();
    let values = of_parameters(&plan(&first), &plan(&second)).into_iter();
    let values = values.filter_map(|own| match (own.before, own.after) {
        (Some(Value::Number(before)), Some(Value::Number(after))) => Some((before, after)),
        _ => None,
    });
    (attribute(&first, &second, None, &clock()).unwrap(), values.collect())
}

/// By kind: what it did to the first party in the first year.
fn parts(attribution: &Attribution) -> Vec<(String, String)> {
    let cell = &attribution.cells[0][0];
    let kinds = attribution.parts.iter().map(|part| names(&part.kinds));
    kinds.zip(cell.amounts.iter().map(ToString::to_string)).collect()
}

fn owned<const N: usize>(parts: [(&str, &str); N]) -> Vec<(String, String)> {
    parts.map(|(kinds, amount)| (kinds.to_owned(), amount.to_owned())).to_vec()
}

/// 1000 is shared 40 % equally and 60 % as 1 to 3: a pays 200 + 150. With 20 % it pays 100 + 200.
#[test]
fn a_parameter_is_a_kind_of_its_own() {
    let shelf_of = |name, rules: &str, amount: &str| {
        let text = scenario(&["k()"]).replace("2026: 1000", &format!("2026: {amount}"));
        NamedShelf(name, MemoryShelf::of([("scenario.ron", text.as_str()), ("rules.rhai", rules)]))
    };
    let first = shelf_of("first", RULES, "1000");
    let changed = [(fraction(2, 5), fraction(1, 5))];
    let (set, values) =
        attributed(&first, &shelf_of("second", RULES, "1000"), &["parameters.equal_part=0.2"]);
    assert_eq!((parts(&set), values.as_slice()), (owned([("parameters", "-50")]), &changed[..]));
    // Its default edited in the rule.
    let edited = RULES.replace("40.percent", "20.percent");
    let (edited, values) = attributed(&first, &shelf_of("second", &edited, "1000"), &[]);
    assert_eq!((parts(&edited), values.as_slice()), (owned([("parameters", "-50")]), &changed[..]));
    // With a new range that the old default is not in, and with a higher cost: 2000 × 0.35 and × 0.3.
    let moved = RULES.replace("40.percent, 0.percent..", "20.percent, 20.percent..");
    let (moved, _) = attributed(&first, &shelf_of("second", &moved, "2000"), &[]);
    assert_eq!(parts(&moved), owned([("cost", "325"), ("parameters", "-75")]));
    // With a rule that is otherwise other: the key and the parameter can be told apart.
    let other = RULES.replace("40.percent, 0.percent..100", "80.percent, 50.percent..100");
    let other = other.replace("* p.d", "* p.d * p.d");
    let (other, _) = attributed(&first, &shelf_of("second", &other, "1000"), &[]);
    let kinds: Vec<String> = parts(&other).into_iter().map(|(kinds, _)| kinds).collect();
    assert_eq!(kinds, ["key", "parameters"]);
    // A default that nobody hears of, since a change sets the parameter in both.
    let silent = RULES.replace("40.percent", "20.percent");
    let (silent, values) =
        attributed(&first, &shelf_of("second", &silent, "1000"), &["parameters.equal_part=0.4"]);
    assert!(parts(&silent).is_empty() && values.is_empty());
}

/// A rule that asks for its parameter in one year only, with the parameter set, year against year.
#[test]
fn years_are_compared_with_what_is_set() {
    let rules = "fn k(year) { if year < 2027 { equally() } else { let x = param(\"x\", 0.5, 0..1); x * equally() + (1 - x) * by(\"d\") } }";
    let own = shelf(&["k(year)"], rules);
    let (mut inputs, mut found) = (Inputs::default(), Diagnostics::default());
    let change = set::read("parameters.x=0.2", &mut inputs, &mut found).unwrap();
    let side = Side::read(&own, inputs, &[change], clock()).ok().unwrap();
    let attribution = years::attribute(&side, [0, 1], None, &clock()).unwrap();
    // From 500 to 100 + 200.
    assert!(
        parts(&attribution).contains(&("key".to_owned(), "-200".to_owned())),
        "{:?}",
        parts(&attribution)
    );
}

/// What is set is what the same default gives.
#[test]
fn setting_is_the_same_as_another_default() {
    let share = |outcome: &Outcome| outcome.budget.clone();
    for percent in [0, 1, 33, 50, 99, 100] {
        let set = walked(&shelf(&["k()"], RULES), &[&format!("parameters.equal_part={percent} %")]);
        let written = RULES.replace("40.percent", &format!("{percent}.percent"));
        let written = walked(&shelf(&["k()"], &written), &[]);
        assert!(share(&set.outcome.unwrap()) == share(&written.outcome.unwrap()), "{percent}");
    }
}
