//! Certificates: sessions worked by hand in `tests/explain/`, and what must hold of the certificate of every figure of
//! every scenario.

use std::collections::BTreeMap;

use fordel::engine::walk::{Outcome, Walk};
use fordel::ground::money::Money;
use fordel::ground::numerals::{exact_norwegian, money_norwegian, parse_machine};
use fordel::ground::ratio::Ratio;
use fordel::model::inputs::Inputs;
use fordel::report::explain::question::{self, Question};
use fordel::report::explain::{Case, certificate, certificate_json};
use fordel::report::figures::{FigureKey, FigureKind, Figures};
use fordel::report::language::Language;
use serde_json::Value;

use crate::support::{MemoryShelf, Random, folders, project};
use crate::{scenario_properties, years_properties};

/// How many random scenarios of each kind are explained.
const SCENARIOS: u64 = 120;

#[test]
fn sessions_print_what_was_worked_out_by_hand() {
    trycmd::TestCases::new().case("tests/explain/*.md").run();
}

/// How many faults are told.
const FAULTS_MAX: usize = 40;

/// What the certificates of some scenarios came to.
#[derive(Default)]
pub struct Tally {
    figures: BTreeMap<String, usize>,
    sums: usize,
    products: usize,
    limits: usize,
    results: usize,
    rounded: usize,
    pub faults: Vec<String>,
}

impl Tally {
    /// Explains every figure of the long table, and those that can be asked for besides.
    fn explain(&mut self, name: &str, walked: &Walk) {
        let Some(outcome) = &walked.outcome else { return };
        let figures = Figures::of(outcome).unwrap();
        for key in figures.keys() {
            let amount = figures.get(key).unwrap();
            let told = format!("{name}: {key:?}");
            let json = json(outcome, &walked.inputs, (&figures, key), Language::English);
            let root = &json["certificates"][0];
            let mut under = root["under"].as_array().into_iter().flatten();
            let is_made = under.any(|line| !line["role"].is_null());
            self.must(root["amount"] == amount.to_string(), || format!("{told}: is {}", root["amount"]));
            self.must(is_made || amount.is_zero(), || format!("{told}: nothing is said of {amount}"));
            self.check(root, &figures, &told);
            self.check_rounded(root, &mut vec![], &told);
            let word =
                if matches!(key.kind, FigureKind::Instalment(_)) { "instalment" } else { &key.kind.word() };
            *self.figures.entry(word.to_owned()).or_default() += 1;
        }
    }

    pub fn must(&mut self, holds: bool, fault: impl Fn() -> String) {
        if !holds && self.faults.len() < FAULTS_MAX {
            self.faults.push(fault());
        }
    }

    /// The numbers of a line add up, and so do those of all lines under it.
    pub fn check(&mut self, line: &Value, figures: &Figures, told: &str) {
        let text = line["text"].as_str().unwrap();
        let told = &format!("{told}\n  {text}");
        let under: Vec<&Value> = line["under"].as_array().into_iter().flatten().collect();
        let with_role = |role: &str| -> Vec<Ratio> {
            let lines = under.iter().filter(|line| line["role"] == role);
            lines.map(|line| number(line).unwrap_or_else(|| panic!("{told}: {line} has no number"))).collect()
        };
        let (plus, minus) = (with_role("plus"), with_role("minus"));
        let (limits, results) = (with_role("limit"), with_role("result"));
        let (factors, terms) = (ratios(&line["factors"]), ratios(&line["terms"]));
        let own = number(line);
        let mut is = |number: Ratio, what: &str| {
            self.must(own.as_ref() == Some(&number), || {
                format!("{told}: {what} is {number} and not {own:?}")
            });
        };
        if !plus.is_empty() || !minus.is_empty() {
            is(plus.iter().sum::<Ratio>() - minus.iter().sum::<Ratio>(), "the sum of the lines under it");
        }
        if !terms.is_empty() {
            is(terms.iter().sum(), "the sum of its terms");
        }
        if let Some(least) = limits.iter().min() {
            is(least.clone(), "the least of its limits");
        }
        for result in &results {
            is(result.clone(), "what it comes to");
        }
        if !factors.is_empty() {
            let exact = line["exact"].as_str().map(ratio).or_else(|| own.clone());
            let product: Ratio = factors.iter().product();
            self.must(exact == Some(product.clone()), || {
                format!("{told}: the product of its factors is {product} and not {exact:?}")
            });
        }
        if let Some(number) = &own {
            let shown = [written(line, number), written(line, &-number.clone())];
            let shows = shown.iter().any(|shown| text.contains(shown.as_str()));
            self.must(shows, || format!("{told}: does not show {}", shown[0]));
        }
        if let Value::Object(figure) = &line["figure"] {
            let key = figure_key(figure);
            let known = figures.get(&key).map(Money::kroner);
            self.must(known == own, || format!("{told}: is not the figure {key:?}, {known:?}"));
        }
        self.sums += usize::from(!plus.is_empty() || !minus.is_empty()) + usize::from(!terms.is_empty());
        self.products += usize::from(!factors.is_empty());
        self.limits += usize::from(!limits.is_empty());
        self.results += results.len();
        under.iter().for_each(|line| self.check(line, figures, told));
    }
}

impl Tally {
    /// What is rounded stands above as a number of its own, or under the line, or is a product in it.
    fn check_rounded(&mut self, line: &Value, above: &mut Vec<Ratio>, told: &str) {
        let under = || line["under"].as_array().into_iter().flatten();
        if let Some(exact) = line["exact"].as_str().map(ratio) {
            let is = |number: &Ratio| *number == exact || *number == -exact.clone();
            let known = above.iter().any(is) || under().filter_map(number).any(|number| is(&number));
            let is_product = !line["factors"].is_null();
            self.must(known || is_product, || format!("{told}\n  {}: {exact} is from nowhere", line["text"]));
            self.rounded += 1;
        }
        above.extend(number(line));
        under().for_each(|line| self.check_rounded(line, above, told));
    }
}

/// The certificate of a figure as JSON.
pub fn json(
    outcome: &Outcome,
    inputs: &Inputs,
    (figures, key): (&Figures, &FigureKey),
    language: Language,
) -> Value {
    let case = Case { outcome, inputs, figures, language };
    let node = certificate(&case, key).unwrap().unwrap();
    let text = certificate_json::write(&[node], outcome, &inputs.sources, &inputs.seals());
    serde_json::from_str(&text).unwrap()
}

fn number(line: &Value) -> Option<Ratio> {
    let amount = line["amount"].as_str().map(|amount| parse_machine(amount).unwrap());
    amount.or_else(|| line["number"].as_str().map(ratio))
}

/// A number of a line as people write it.
fn written(line: &Value, number: &Ratio) -> String {
    match line["amount"].is_string() {
        true => money_norwegian(Money::from_kroner(number).unwrap()),
        false => exact_norwegian(number),
    }
}

fn ratio(text: &str) -> Ratio {
    text.parse().unwrap()
}

fn ratios(list: &Value) -> Vec<Ratio> {
    list.as_array().into_iter().flatten().map(|text| ratio(text.as_str().unwrap())).collect()
}

fn figure_key(figure: &serde_json::Map<String, Value>) -> FigureKey {
    let text = |name: &str| figure[name].as_str().unwrap().to_owned();
    FigureKey {
        year: figure["year"].as_i64().map(|year| i32::try_from(year).unwrap()),
        kind: FigureKind::of_word(&text("figure")).unwrap(),
        subject: text("subject"),
        party: text("party"),
    }
}

#[test]
fn every_figure_of_random_years_is_explained() {
    let mut tally = Tally::default();
    for seed in 0..SCENARIOS {
        let scenario = years_properties::random_scenario(seed);
        tally
            .explain(&format!("seed {seed}"), &MemoryShelf::of([("scenario.ron", scenario.as_str())]).walk());
    }
    assert!(tally.faults.is_empty(), "{}", tally.faults.join("\n"));
    for word in FigureKind::words().chain(["instalment"]) {
        assert!(tally.figures.contains_key(word), "no {word} was explained");
    }
    let numbers = [tally.sums, tally.products, tally.limits, tally.results, tally.rounded];
    assert!(numbers.iter().all(|count| *count > 1_000), "{numbers:?}");
}

#[test]
fn every_figure_of_random_scenarios_is_explained() {
    let mut tally = Tally::default();
    for seed in 0..SCENARIOS {
        let shelf = scenario_properties::random_shelf(&mut Random(90_000 + seed));
        tally.explain(&format!("seed {seed}"), &shelf.walk());
    }
    assert!(tally.faults.is_empty(), "{}", tally.faults.join("\n"));
    assert!(tally.figures.values().sum::<usize>() > 10_000);
}

#[test]
fn every_figure_of_every_folder_is_explained() {
    let mut tally = Tally::default();
    for folder in ["scenarios", "tests/words", "tests/explain"] {
        for folder in folders(&project().join(folder)) {
            let walked = fordel::cli::disk::ScenarioFolder::new(&folder).walk();
            tally.explain(&folder.display().to_string(), &walked);
        }
    }
    assert!(tally.faults.is_empty(), "{}", tally.faults.join("\n"));
    assert!(tally.figures.values().sum::<usize>() > 5_000);
}

#[test]
fn a_narrowed_table_gives_the_same_certificates() {
    let mut compared = 0;
    for folder in folders(&project().join("scenarios")) {
        let walked = fordel::cli::disk::ScenarioFolder::new(&folder).walk();
        let Some(outcome) = &walked.outcome else { continue };
        let whole = Figures::of(outcome).unwrap();
        let text = |figures: &Figures, key: &FigureKey| {
            let case = Case { outcome, inputs: &walked.inputs, figures, language: Language::English };
            let node = certificate(&case, key).unwrap().unwrap();
            certificate_json::write(&[node], outcome, &walked.inputs.sources, &walked.inputs.seals())
        };
        // Every figure of a few, so that each kind comes up.
        for (position, (key, _)) in whole.rows.iter().enumerate().filter(|(position, _)| position % 7 == 0) {
            let asked = |name: &str| Some(name.to_owned()).filter(|name| !name.is_empty());
            let question = Question {
                figure: asked(&key.kind.word()),
                subject: asked(&key.subject),
                party: asked(&key.party),
                year: Some(key.year.map_or_else(|| "all".to_owned(), |year| year.to_string())),
                ..Question::default()
            };
            let some = Figures::of_some(outcome, &question::scope(&question, outcome)).unwrap();
            assert_eq!(text(&some, key), text(&whole, key), "{} row {position}", folder.display());
            compared += 1;
        }
    }
    assert!(compared > 1_000, "only {compared} figures were compared");
}
