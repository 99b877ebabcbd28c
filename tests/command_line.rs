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
fn help_of_every_command_has_an_example_that_runs() {
    for command in ["run", "check", "test", "explain", "rules"] {
        let help = out(&fordel(&[command, "--help"]));
        let example = help.lines().find_map(|line| line.strip_prefix("Example: fordel ")).unwrap();
        let arguments: Vec<&str> = example.split(' ').filter(|word| !word.is_empty()).collect();
        let folder = tempfile::tempdir().unwrap();
        let budget = folder.path().join("budget.csv");
        let arguments: Vec<&str> = arguments
            .into_iter()
            .map(|word| if word == "budget.csv" { budget.to_str().unwrap() } else { word })
            .collect();
        let output = fordel(&arguments);
        assert!(output.status.success(), "{example}: {}", err(&output));
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

/// An annex is plain text of 78 characters a line, with the title at the top and the seal at the end.
#[test]
fn explain_writes_an_annex_and_json() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let explain = |out: &str| {
        let output = fordel(&["explain", "scenarios/nord-troms-2018", "--party", "Lyngen", "--out", out]);
        assert!(output.status.success(), "{}", err(&output));
        std::fs::read_to_string(out).unwrap()
    };
    let annex = explain(&file("annex.txt"));
    assert!(annex.starts_with("Nord-Troms 2018, interkommunale samarbeid: budsjett\n"), "{annex}");
    assert!(annex.contains("\nLyngen · Skogbrukssjef · 2018 = 371\u{a0}000 NOK\n------"), "{annex}");
    assert!(annex.lines().last().unwrap().starts_with("rules "), "{annex}");
    for line in annex.lines() {
        assert!(line.chars().count() <= 78, "{line}");
        assert!(!line.contains(['├', '└', '│', '─']), "{line}");
    }
    let json: serde_json::Value = serde_json::from_str(&explain(&file("annex.json"))).unwrap();
    assert_eq!(json["schema"], "fordel.explain/1");
    let lines = json["certificates"].as_array().unwrap();
    let total = lines.iter().find(|line| line["figure"]["figure"] == "total").unwrap();
    assert_eq!(total["amount"], "609133");
    let other = file("annex.json");
    let twice =
        ["explain", "scenarios/nord-troms-2018", "--party", "Lyngen", "--format", "text", "--out", &other];
    assert!(err(&fordel(&twice)).contains("two-formats"));
}
