//! The words of the language: every example that a remedy shows is run, and every Norwegian word does what
//! its English one does. What the words mean is tested by the folders in `tests/words/`.

use fordel::rules::aliases::ALIASES;
use fordel::rules::words::WORDS;

use crate::support::MemoryShelf;

/// A scenario that uses one key, one funding step and one carry-over.
fn accepted(key: &str, funding: &str, carry_over: &str) -> Result<(), String> {
    accepted_with(key, funding, carry_over, ("prepaid(50.percent)", "indexed(\"deflator\")"))
}

/// The same with an expression for payments and one for an index.
fn accepted_with(
    key: &str,
    funding: &str,
    carry_over: &str,
    (payment, index): (&str, &str),
) -> Result<(), String> {
    let quoted = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"");
    let scenario = format!(
        "(title: \"words\", years: (first: 2024, last: 2024), assumptions: {{\"equal_part\": 0.4}},\n\
         parties: [\"Lyngen\", \"Rana\"],\n\
         drivers: [(id: \"inhabitants\", values: Yearly({{\n\
             \"Lyngen\": {{2023: 2_868, 2024: 2_900}}, \"Rana\": {{2023: 25_959, 2024: 26_000}} }}))],\n\
         indexes: [(id: \"deflator\", values: Levels({{2023: 100, 2024: 104.1}}))],\n\
         grants: [(id: \"grant\", awards: {{2024: 300_000}}, carry_over: \"{}\", payment: \"{}\")],\n\
         reserves: [(id: \"reserve\", opening: 1000)],\n\
         measures: [(id: \"m\", costs: [(line: \"Salaries\", budget: {{2024: 1_000_000}}, tags: [\"operating\"],\n\
                 index: \"{}\")],\n\
             key: \"{}\", funding: [\"{}\"], residual: Show,\n\
             billed_before: {{\"Lyngen\": 70_000, \"Rana\": 630_000}}),\n\
             (id: \"n\", costs: [(line: \"VAT\", budget: {{2024: 0}}, tags: [\"vat\"])], key: \"equally()\")])",
        quoted(carry_over),
        quoted(payment),
        quoted(index),
        quoted(key),
        quoted(funding)
    );
    let walked = MemoryShelf::of([("scenario.ron", scenario.as_str())]).walk();
    match walked.outcome {
        Some(outcome) if outcome.proof.holds() => Ok(()),
        _ => Err(format!("{:?}", walked.diagnostics)),
    }
}

/// Runs an example, as it is or translated, where the original belongs: in a key, a funding step or a carry-over.
fn run(original: &str, written: &str) -> Result<(), String> {
    let starts_with = |starts: &[&str]| starts.iter().any(|start| original.starts_with(start));
    if starts_with(&["cover", ".of(", ".from", ".up_to"]) {
        let step = if written.starts_with('.') { format!("cover(all){written}") } else { written.to_owned() };
        let step = if original.contains("from") { step } else { format!("{step}.from(\"grant\")") };
        return accepted("equally()", &step, "carry_over()");
    }
    if starts_with(&["carry_over", "repay"]) {
        return accepted("equally()", "cover(all).from(\"grant\")", written);
    }
    if starts_with(&["prepaid"]) {
        return accepted_with(
            "equally()",
            "cover(all).from(\"grant\")",
            "carry_over()",
            (written, "indexed(\"deflator\")"),
        );
    }
    if starts_with(&["indexed"]) {
        let payment = "prepaid(50.percent)";
        return accepted_with("equally()", "cover(all).from(\"grant\")", "carry_over()", (payment, written));
    }
    let key = if starts_with(&["min(", "max(", "round_", "sum_of", "assumption", "param(", "index("]) {
        let number = written.replace("(a, b)", "(1, 2)").replace("(x,", "(250,");
        format!("weights(#{{ Lyngen: 1, Rana: {number} }})")
    } else if original.starts_with('.') {
        format!("by(\"inhabitants\"){written}")
    } else {
        written.to_owned()
    };
    accepted(&key, "cover(all).from(\"grant\")", "carry_over()")
}

#[test]
fn every_example_of_a_word_runs() {
    for (word, example) in WORDS {
        assert!(example.contains(word), "{word}: {example}");
        run(example, example).unwrap_or_else(|faults| panic!("{word}: {example}: {faults}"));
    }
}

#[test]
fn every_norwegian_word_stands_for_its_english_one() {
    for (norwegian, english) in ALIASES {
        if english == "all" {
            accepted("equally()", &format!("cover({norwegian}).from(\"grant\")"), "carry_over()").unwrap();
            continue;
        }
        let Some((_, example)) = WORDS.iter().find(|(word, _)| *word == english) else {
            panic!("{english} is no word");
        };
        let translated = example.replacen(&format!("{english}("), &format!("{norwegian}("), 1);
        assert_ne!(*example, translated, "{english} is not called in its example");
        run(example, &translated).unwrap_or_else(|faults| panic!("{translated}: {faults}"));
    }
}
