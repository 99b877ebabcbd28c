//! Certificates and alterations in bokmål and nynorsk: they say the same as in English, and nothing of them is left in
//! English but what users have written.

use std::collections::BTreeSet;

use fordel::engine::walk::{Outcome, Walk};
use fordel::model::inputs::Inputs;
use fordel::report::alteration_text;
use fordel::report::figures::Figures;
use fordel::report::language::Language;
use fordel::whatif::alteration;
use serde_json::Value;

use crate::explain::{Tally, json};
use crate::support::{MemoryShelf, folders, project};
use crate::years_properties;

const NORWEGIAN: [Language; 2] = [Language::Bokmaal, Language::Nynorsk];
/// How many random scenarios are read.
const SCENARIOS: u64 = 24;
/// Of scenarios that are made for a word, or at random, one of so many figures is read.
const ONE_OF: usize = 5;

/// What may read the same in all languages.
struct Written {
    /// Names of parties, measures, lines, grants, reserves, drivers, indexes and tags, and the currency.
    names: Vec<String>,
    /// The words of all files on one line: rules, expressions, documentation.
    text: String,
}

impl Written {
    fn of(outcome: &Outcome, inputs: &Inputs) -> Written {
        let scenario = &outcome.scenario;
        let mut names: BTreeSet<String> = scenario.tags().into_iter().map(str::to_owned).collect();
        names.insert(scenario.currency.clone());
        for (_, party) in scenario.parties.iter() {
            names.extend([party.id.clone(), party.name.clone()]);
        }
        for measure in &scenario.measures {
            names.extend([measure.id.clone(), measure.title.clone()]);
            names.extend(measure.lines.iter().map(|line| line.name.clone()));
        }
        names.extend(scenario.grants.iter().flat_map(|grant| [grant.id.clone(), grant.title.clone()]));
        names.extend(scenario.reserves.iter().flat_map(|own| [own.id.clone(), own.title.clone()]));
        let drivers = scenario.drivers.iter();
        names.extend(drivers.flat_map(|own| [Some(own.id.clone()), own.unit.clone()]).flatten());
        names.extend(scenario.indexes.iter().map(|index| index.id.clone()));
        let mut names: Vec<String> = names.into_iter().collect();
        names.sort_by_key(|name| std::cmp::Reverse(name.len()));
        let texts = inputs.sources.iter().map(|source| source.text.replace("///", " "));
        Written { names, text: one_line(&texts.collect::<Vec<_>>().join(" ")) }
    }

    /// Whether a line may be the same in all languages: nothing but names, numbers and signs; a whole text of a file;
    /// or what a rule looked up, as in `inhabitants = 2 600` and `assumption("odd") = 0`.
    fn may_be_the_same(&self, line: &str) -> bool {
        let is_written = |text: &str| self.text.contains(&one_line(text.trim_end_matches('…')));
        let is_code = |name: &str| {
            let called = name.split_once('(').filter(|_| name.ends_with(')'));
            let path = called.map_or(name, |(path, _)| path);
            path.chars().all(|sign| sign.is_alphanumeric() || "_.".contains(sign))
        };
        let looked_up = line.rsplit_once(" = ").is_some_and(|(name, _)| is_code(name) || is_written(name));
        let mut rest = line.to_owned();
        for name in &self.names {
            rest = without(&rest, name);
        }
        looked_up || is_written(line) || !rest.contains(char::is_alphabetic)
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A text without a name, where it stands as a word of its own.
fn without(text: &str, name: &str) -> String {
    let mut left = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(name).filter(|_| !name.is_empty()) {
        let (before, after) = (&rest[..at], &rest[at + name.len()..]);
        let is_word = !before.ends_with(char::is_alphanumeric) && !after.starts_with(char::is_alphanumeric);
        left.push_str(before);
        left.push_str(if is_word { "" } else { name });
        rest = after;
    }
    left + rest
}

/// Every figure, or one of so many, in three languages.
fn compare(tally: &mut Tally, name: &str, walked: &Walk, one_of: usize) -> usize {
    let Some(outcome) = &walked.outcome else { return 0 };
    let figures = Figures::of(outcome).unwrap();
    let written = Written::of(outcome, &walked.inputs);
    for key in figures.keys().step_by(one_of) {
        let told = |language| json(outcome, &walked.inputs, (&figures, key), language);
        let english = told(Language::English);
        for language in NORWEGIAN {
            let own = told(language);
            let told = format!("{name} in {}: {key:?}", language.code());
            tally.check(&own["certificates"][0], &figures, &told);
            is_translated(tally, &own["certificates"][0], &english["certificates"][0], &written, &told);
        }
    }
    figures.rows.len() / one_of
}

/// A line has the numbers and places of the English one and says it in other words, and so have those under it.
fn is_translated(tally: &mut Tally, own: &Value, english: &Value, written: &Written, told: &str) {
    let (text, other) = (own["text"].as_str().unwrap(), english["text"].as_str().unwrap());
    tally.must(text != other || written.may_be_the_same(text), || format!("{told}: is in English: {text}"));
    let rest = |line: &Value| {
        let mut line = line.as_object().unwrap().clone();
        line.retain(|name, _| name != "text" && name != "under");
        line
    };
    tally.must(rest(own) == rest(english), || format!("{told}: {text} is not {other}"));
    let under = |line: &Value| line["under"].as_array().cloned().unwrap_or_default();
    let (own, english) = (under(own), under(english));
    tally.must(own.len() == english.len(), || format!("{told}: {text} has other lines than {other}"));
    for (own, english) in own.iter().zip(&english) {
        is_translated(tally, own, english, written, told);
    }
}

#[test]
fn every_certificate_says_the_same_in_norwegian() {
    let (mut tally, mut figures) = (Tally::default(), 0);
    for (folder, one_of) in [("scenarios", 2), ("tests/words", ONE_OF), ("tests/explain", 1)] {
        for folder in folders(&project().join(folder)) {
            let walked = fordel::cli::disk::ScenarioFolder::new(&folder).walk();
            figures += compare(&mut tally, &folder.display().to_string(), &walked, one_of);
        }
    }
    for seed in 0..SCENARIOS {
        let scenario = years_properties::random_scenario(seed);
        let walked = MemoryShelf::of([("scenario.ron", scenario.as_str())]).walk();
        figures += compare(&mut tally, &format!("seed {seed}"), &walked, ONE_OF);
    }
    assert!(tally.faults.is_empty(), "{}", tally.faults.join("\n"));
    assert!(figures > 3_000, "only {figures} figures were compared");
}

#[test]
fn every_alteration_says_the_same_in_norwegian() {
    let folders = [folders(&project().join("scenarios")), folders(&project().join("tests/words"))].concat();
    let walked: Vec<Walk> =
        folders.iter().map(|folder| fordel::cli::disk::ScenarioFolder::new(folder).walk()).collect();
    let good: Vec<(&Outcome, &Inputs)> =
        walked.iter().filter_map(|walk| Some((walk.outcome.as_ref()?, &walk.inputs))).collect();
    let mut compared = 0;
    for pair in good.windows(2) {
        let (before, after) = (pair[0], pair[1]);
        let written = [Written::of(before.0, before.1), Written::of(after.0, after.1)];
        let alterations = alteration::of_outcomes(before, after);
        let english = alteration_text::texts(&alterations, Language::English);
        for language in NORWEGIAN {
            let own = alteration_text::texts(&alterations, language);
            assert_eq!(own.len(), english.len());
            for (own, english) in own.iter().zip(&english) {
                let may = written.iter().any(|written| written.may_be_the_same(own));
                assert!(own != english || may, "is in English: {own}");
                compared += 1;
            }
        }
    }
    assert!(compared > 500, "only {compared} lines were compared");
}
