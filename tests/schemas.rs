//! Documents for other programs: each is as its published schema says, and the description of the API names what the
//! API takes.

use std::collections::BTreeSet;
use std::path::Path;

use fordel::cli::draft::{Draft, Good};
use fordel::report::difference_text::Comparison;
use fordel::report::explain::{Case, certificate, certificate_json};
use fordel::report::figures::Figures;
use fordel::report::language::Language;
use fordel::report::{difference_json, json};
use fordel::web::ask::Ask;
use fordel::web::board::Board;
use fordel::web::{api, showing};
use fordel::whatif::difference::Difference;
use jsonschema::Validator;
use serde_json::Value;

use crate::support::{folders, project};

fn published(name: &str) -> Value {
    let path = project().join("src/web/assets").join(name);
    serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap()
}

fn schema(name: &str) -> Validator {
    jsonschema::draft202012::new(&published(&format!("schemas/{name}.json"))).unwrap()
}

fn assert_valid(schema: &Validator, text: &str, what: &str) {
    let document: Value = serde_json::from_str(text).unwrap();
    let faults: Vec<String> =
        schema.iter_errors(&document).map(|fault| format!("{}: {fault}", fault.instance_path)).collect();
    assert!(faults.is_empty(), "{what}: {}", faults.join("\n"));
}

fn draft(scenario: &Path) -> Draft {
    Draft { scenario: scenario.to_owned(), set: vec![] }
}

fn explained(good: &Good) -> String {
    let (outcome, inputs) = (&good.outcome, &good.inputs);
    let figures = Figures::of(outcome).unwrap();
    let case = Case { outcome, inputs, figures: &figures, language: Language::English };
    let keys = figures.rows.iter().step_by(9).map(|(key, _)| key);
    let nodes: Vec<_> = keys.filter_map(|key| certificate(&case, key).unwrap()).collect();
    certificate_json::write(&nodes, outcome, &inputs.sources, &good.seals)
}

fn compared(before: &Good, after: &Good) -> String {
    let difference = Difference::of_budgets(&before.outcome, &after.outcome, None).unwrap();
    let version = |good: &Good| good.subject.version(&good.outcome.scenario.title);
    let (old, new) = (version(before), version(after));
    let alterations = after.alterations_since(before);
    let comparison =
        Comparison { before: &old, after: &new, alterations: &alterations, difference: &difference };
    difference_json::write(comparison).unwrap()
}

#[test]
fn documents_are_as_their_schemas_say() {
    let [run, explain, diff, state, live] =
        ["run", "explain", "diff", "state", "live"].map(|name| schema(&format!("fordel.{name}-1")));
    let (mut good_ones, mut faulty_ones, mut variants) = (0, 0, 0);
    let base = draft(&project().join("scenarios/helgeland-2024")).run().good.unwrap();
    let scenarios = folders(&project().join("scenarios"));
    let more = project().join("scenarios/helgeland-2024/variants/alternative-2.ron");
    for scenario in scenarios.iter().chain([&more]) {
        let what = scenario.display().to_string();
        let board = Board::new(draft(scenario), None);
        let published = board.publish(board.draft.run(), false);
        let text = |words: &str| {
            let ask = Ask::read(Some(words), &showing::WORDS).unwrap();
            showing::state(&ask, board.stands().as_ref(), None, board.live()).unwrap()
        };
        assert_valid(&state, &text("view=page&lang=nn"), &what);
        assert_valid(&live, &serde_json::to_string(&board.live()).unwrap(), &what);
        let Some(good) = &published.good else {
            faulty_ones += 1;
            continue;
        };
        good_ones += 1;
        variants += usize::from(!good.subject.variants.is_empty());
        assert_valid(&state, &text("figures=1&year=all"), &what);
        let changed = good.subject.changed(&good.outcome);
        let figures = Figures::of(&good.outcome).unwrap();
        assert_valid(&run, &json::write(&good.outcome, changed.as_ref(), &figures, &good.seals), &what);
        assert_valid(&explain, &explained(good), &what);
        assert_valid(&diff, &compared(&base, good), &what);
    }
    assert!(good_ones > 40 && faulty_ones > 2 && variants == 1, "{good_ones} {faulty_ones} {variants}");
}

#[test]
fn the_description_names_what_the_api_takes() {
    let description = published("openapi.json");
    let taken = |path: &str| -> BTreeSet<String> {
        let parameters = description["paths"][path]["get"]["parameters"].as_array().unwrap();
        parameters.iter().map(|own| own["name"].as_str().unwrap().to_owned()).collect()
    };
    let words = |known: &[&str]| -> BTreeSet<String> {
        known.iter().chain(&["set"]).map(|word| (*word).to_owned()).collect()
    };
    assert_eq!(taken("/api/state"), words(&showing::WORDS));
    assert_eq!(taken("/api/explain"), words(&api::EXPLAIN_WORDS));
    assert_eq!(taken("/api/diff"), words(&api::DIFF_WORDS));
    let schemas: BTreeSet<String> = std::fs::read_dir(project().join("src/web/assets/schemas"))
        .unwrap()
        .map(|entry| format!("/api/schemas/{}", entry.unwrap().file_name().into_string().unwrap()))
        .collect();
    let text = description.to_string();
    let unnamed: Vec<&String> = schemas.iter().filter(|name| !text.contains(name.as_str())).collect();
    assert_eq!(unnamed, [&"/api/schemas/fordel.run-1.json".to_owned()], "the others are named");
}
