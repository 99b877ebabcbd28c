//! The command line from outside: formats, files, exit codes, streams.

use std::process::{Command, Output};

use crate::support::project;

fn fordel(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_fordel")).args(arguments).current_dir(project()).output().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn csv_is_the_long_table() {
    let output = fordel(&["run", "scenarios/helgeland-2024", "--format", "csv"]);
    assert!(output.status.success());
    let text = out(&output);
    assert!(text.starts_with("year,figure,subject,party,amount\n"));
    for line in ["2024,share,drift,Rana,694089", "2024,residual,drift,,9447", "2024,lines,drift,,3971843.28"]
    {
        assert!(text.lines().any(|own| own == line), "{line}");
    }
}

#[test]
fn json_has_schema_figures_and_seal() {
    let output = fordel(&["run", "scenarios/helgeland-2024", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["schema"], "fordel.run/1");
    assert_eq!(json["reconciliation"]["holds"], true);
    let rana = json["figures"]
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["party"] == "Rana" && row["figure"] == "share");
    assert_eq!(rana.unwrap()["amount"], "694089");
    assert_eq!(json["seal"]["rules"].as_str().unwrap().len(), 8);
}

/// Output can become expectation: a budget passes against its own CSV.
#[test]
fn csv_output_can_become_expectation() {
    let folder = tempfile::tempdir().unwrap();
    for file in ["scenario.ron", "rules.rhai", "inhabitants.csv"] {
        std::fs::copy(project().join("scenarios/first-rule").join(file), folder.path().join(file)).unwrap();
    }
    let scenario = folder.path().to_str().unwrap();
    let expected = folder.path().join("expected.csv");
    let written = fordel(&["run", scenario, "--out", expected.to_str().unwrap()]);
    assert!(written.status.success(), "{}", err(&written));
    let tested = fordel(&["test", scenario]);
    assert!(tested.status.success(), "{}", out(&tested));
    let again = fordel(&["run", scenario, "--out", expected.to_str().unwrap()]);
    assert_eq!(again.status.code(), Some(1), "an expectation is not written over");
    assert!(err(&again).contains("output-is-input"));
}

#[test]
fn exit_codes_tell_faults_of_input_from_faults_of_the_command() {
    assert_eq!(fordel(&["run", "scenarios/helgeland-2024"]).status.code(), Some(0));
    assert_eq!(fordel(&["run", "scenarios/nowhere"]).status.code(), Some(1));
    assert_eq!(fordel(&["check", "tests/bad/misspelt-driver"]).status.code(), Some(1));
    assert_eq!(fordel(&["test", "tests/bad"]).status.code(), Some(1));
    assert_eq!(fordel(&["rnu"]).status.code(), Some(2));
    assert_eq!(fordel(&[]).status.code(), Some(2));
    assert_eq!(fordel(&["run", "x", "--format", "pdf"]).status.code(), Some(2));
}

#[test]
fn results_and_messages_go_different_ways() {
    let fine = fordel(&["run", "scenarios/helgeland-2024"]);
    assert!(err(&fine).is_empty(), "{}", err(&fine));
    let bad = fordel(&["run", "tests/bad/misspelt-driver"]);
    assert!(out(&bad).is_empty());
    assert!(err(&bad).contains("tests/bad/misspelt-driver/scenario.ron:"), "{}", err(&bad));
}

#[test]
fn two_scenarios_are_both_checked_though_one_is_broken() {
    let output = fordel(&["check", "tests/bad/misspelt-driver", "scenarios/helgeland-2024"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(out(&output).contains("FAULTY tests/bad/misspelt-driver"));
    assert!(out(&output).contains("ok scenarios/helgeland-2024"));
}

#[test]
fn explain_ends_in_the_rule_and_can_be_followed_by_hand() {
    let output = fordel(&["explain", "scenarios/helgeland-2024", "--party", "Rana", "--measure", "drift"]);
    let text = out(&output).replace('\u{a0}', " ");
    for step in [
        "= 694 089",
        "3 972 000 × 60 % × 1/16",
        "= 148 950",
        "rounded to 21; × 25 959 = 545 139",
        "sixty_forty",
    ] {
        assert!(text.contains(step), "{step}\n{text}");
    }
    let unknown = fordel(&["explain", "scenarios/helgeland-2024", "--party", "Rnaa"]);
    assert_eq!(unknown.status.code(), Some(1));
    assert!(err(&unknown).contains("did you mean `Rana`?"));
}

#[test]
fn help_of_every_command_has_examples_that_run() {
    for command in ["run", "check", "test", "explain", "diff", "rules"] {
        let help = out(&fordel(&[command, "--help"]));
        let examples: Vec<&str> =
            help.lines().filter_map(|line| line.strip_prefix("Example: fordel ")).collect();
        assert!(!examples.is_empty(), "{command}");
        for example in examples {
            let folder = tempfile::tempdir().unwrap();
            let budget = folder.path().join("budget.csv");
            let arguments: Vec<&str> = example
                .split(' ')
                .filter(|word| !word.is_empty())
                .map(|word| if word == "budget.csv" { budget.to_str().unwrap() } else { word })
                .collect();
            let output = fordel(&arguments);
            assert!(output.status.success(), "{example}: {}", err(&output));
        }
    }
}

/// The Norwegian dialect of CSV is read back as published figures, øre included.
#[test]
fn norwegian_csv_can_become_expectation() {
    let folder = tempfile::tempdir().unwrap();
    for file in ["scenario.ron", "rules.rhai", "inhabitants.csv"] {
        std::fs::copy(project().join("scenarios/helgeland-2024").join(file), folder.path().join(file))
            .unwrap();
    }
    let scenario = folder.path().to_str().unwrap();
    let expected = folder.path().join("expected.csv");
    let written = fordel(&["run", scenario, "--numbers", "nb", "--out", expected.to_str().unwrap()]);
    assert!(written.status.success(), "{}", err(&written));
    let text = std::fs::read_to_string(&expected).unwrap();
    assert!(text.starts_with("\u{feff}year;figure;subject;party;amount\r\n"));
    assert!(text.contains("\r\n2024;lines;drift;;3971843,28\r\n"), "{text}");
    let tested = fordel(&["test", scenario]);
    assert!(tested.status.success(), "{}", out(&tested));
}

const ALTERNATIVE_1: &str = "scenarios/helgeland-2024";
const ALTERNATIVE_2: &str = "scenarios/helgeland-2024/variants/alternative-2.ron";

/// A variant, its changes typed as `--set`, and the base that it names are one and the same.
#[test]
fn a_variant_can_be_asked_for_in_three_ways() {
    let amount = "measures.drift.amount.2024=4_570_000";
    let cost = "measures.drift.costs.Konsulentbistand/tjenesteutvikling.budget.2024=1_200_000";
    let variant = fordel(&["run", ALTERNATIVE_2, "--format", "csv"]);
    let set = fordel(&["run", ALTERNATIVE_1, "--set", amount, "--set", cost, "--format", "csv"]);
    assert_eq!(out(&variant), out(&set));
    let difference = |arguments: &[&str]| {
        let output = fordel(&[&["diff", "--format", "csv"], arguments].concat());
        assert!(output.status.success(), "{}", err(&output));
        out(&output)
    };
    let both = difference(&[ALTERNATIVE_1, ALTERNATIVE_2]);
    assert_eq!(both, difference(&[ALTERNATIVE_2]), "a variant alone is compared with its base");
    assert_eq!(both, difference(&[ALTERNATIVE_1, "--set", amount, "--set", cost]));
    assert!(both.contains("2024,share,drift,Rana,694089,794391,100302\n"), "{both}");
    assert!(both.contains("2024,total,,,3981447,4568568,587121\n"), "{both}");
}

#[test]
fn diff_tells_by_its_exit_code_whether_anything_differs() {
    let code = |arguments: &[&str]| fordel(&[&["diff"], arguments].concat()).status.code();
    assert_eq!(code(&[ALTERNATIVE_1, ALTERNATIVE_1, "--exit-code"]), Some(0));
    assert_eq!(code(&[ALTERNATIVE_1, ALTERNATIVE_2]), Some(0));
    assert_eq!(code(&[ALTERNATIVE_1, ALTERNATIVE_2, "--exit-code"]), Some(1));
    assert_eq!(code(&[ALTERNATIVE_1]), Some(1), "one scenario alone");
    assert_eq!(code(&[ALTERNATIVE_1, "--years", "2024,2025"]), Some(1));
    assert_eq!(code(&[ALTERNATIVE_1, ALTERNATIVE_2, "--years", "2024,2024"]), Some(2));
    assert_eq!(code(&[ALTERNATIVE_2, "--party", "Rnaa"]), Some(1));
    assert_eq!(code(&[ALTERNATIVE_2, "--per", "inhabitant"]), Some(1));
}

/// What is filtered away stands in lines of its own, and the sums are the same.
#[test]
fn a_filter_of_diff_changes_no_share() {
    let output = fordel(&["diff", ALTERNATIVE_2, "--party", "Rana", "--party", "Vega", "--format", "csv"]);
    let text = out(&output);
    for line in [
        "2024,share,drift,Rana,694089,794391,100302",
        "2024,share,drift,(other parties),3112662,3573378,460716",
        "2024,total,,,3981447,4568568,587121",
    ] {
        assert!(text.lines().any(|own| own == line), "{line}\n{text}");
    }
}

#[test]
fn diff_writes_json_and_files() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("difference.json");
    let output = fordel(&["diff", ALTERNATIVE_2, "--out", file.to_str().unwrap()]);
    assert!(output.status.success(), "{}", err(&output));
    let json: serde_json::Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    assert_eq!(json["schema"], "fordel.diff/1");
    assert_eq!(json["differs"], true);
    assert_eq!(json["changes"][0]["what"], "amount 2024");
    let rana = json["parties"].as_array().unwrap().iter().find(|party| party["id"] == "Rana").unwrap();
    assert_eq!((&rana["change"], &rana["percent"]), (&"100302".into(), &"14.45".into()));
    let run = fordel(&["run", ALTERNATIVE_2, "--format", "json"]);
    let json: serde_json::Value = serde_json::from_slice(&run.stdout).unwrap();
    assert_eq!(json["changed"]["variants"][0]["path"], ALTERNATIVE_2);
    assert_eq!(json["changed"]["changes"][0]["after"], "4570000");
}
