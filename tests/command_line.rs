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
    for command in ["run", "check", "test", "explain", "diff", "sweep", "rules"] {
        let help = out(&fordel(&[command, "--help"]));
        let examples: Vec<&str> =
            help.lines().filter_map(|line| line.strip_prefix("Example: fordel ")).collect();
        assert!(!examples.is_empty(), "{command}");
        for example in examples {
            let folder = tempfile::tempdir().unwrap();
            let budget = folder.path().join("budget.csv");
            let arguments: Vec<&str> =
                example
                    .split(' ')
                    .filter(|word| !word.is_empty())
                    .map(|word| {
                        if word == "budget.csv" { budget.to_str().unwrap() } else { word.trim_matches('\'') }
                    })
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

/// Before and all parts come to after, for every party.
#[test]
fn why_writes_parts_that_add_up() {
    let travel = "measures.secretariat.costs.Travel.budget.2026=90_000";
    let key = "measures.secretariat.key=equally()";
    let arguments = ["diff", "scenarios/first-rule", "--set", travel, "--set", key];
    let csv = out(&fordel(&[&arguments[..], &["--why", "--format", "csv"]].concat()));
    let mut lines = csv.lines();
    assert_eq!(lines.next(), Some("year,party,part,amount,exact"));
    let rows: Vec<Vec<&str>> = lines.map(|line| line.split(',').collect()).collect();
    let mut sums: std::collections::BTreeMap<&str, i64> = std::collections::BTreeMap::new();
    let ore = |amount: &str| {
        let (kroner, ore) = amount.split_once('.').unwrap_or((amount, "00"));
        format!("{kroner}{ore}").parse::<i64>().unwrap()
    };
    for row in &rows {
        *sums.entry(row[1]).or_default() += if row[2] == "after" { -ore(row[3]) } else { ore(row[3]) };
    }
    assert_eq!(sums.values().collect::<Vec<_>>(), [&0, &0, &0], "{csv}");
    let parts: Vec<&str> = rows.iter().filter(|row| row[1] == "Fjellvik").map(|row| row[2]).collect();
    assert_eq!(parts, ["before", "cost", "key", "rounding", "after"]);
    let json = out(&fordel(&[&arguments[..], &["--why", "--format", "json", "--order", "key"]].concat()));
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["schema"], "fordel.why/1");
    assert_eq!(json["order"], serde_json::json!(["key"]));
    assert_eq!(json["bills"][0]["parts"][0]["part"], "key");
    assert!(json["bills"][0]["parts"][0]["exact"].as_str().unwrap().contains('/'), "a fraction of kroner");
}

#[test]
fn why_says_what_is_wrong_with_what_it_is_asked() {
    let diff = |more: &[&str]| {
        fordel(&[&["diff", "scenarios/helgeland-2024/variants/alternative-2.ron"], more].concat())
    };
    let unknown = diff(&["--why", "--order", "cost,drivres"]);
    assert_eq!(unknown.status.code(), Some(1));
    assert!(
        err(&unknown)
            .contains("error[unknown-kind]: there is no kind of change `drivres`: did you mean `drivers`?")
    );
    assert!(
        err(&diff(&["--why", "--order", "cost,cost"])).contains("error[double-kind]: `cost` is named twice")
    );
    assert_eq!(diff(&["--order", "cost"]).status.code(), Some(2), "--order needs --why");
    assert_eq!(diff(&["--why", "--measure", "drift"]).status.code(), Some(2));
    assert_eq!(diff(&["--why", "--exit-code"]).status.code(), Some(1));
    let years =
        fordel(&["diff", "scenarios/fosen-buy-in", "--years", "2014,2015", "--why", "--party", "Osen"]);
    assert!(out(&years).contains("Participants"), "{}{}", out(&years), err(&years));
}

/// The second example of `fordel sweep` draws by lot, with quotation marks that a shell takes away.
#[test]
fn sweeps_draw_the_same_and_say_what_was_refused() {
    let help = out(&fordel(&["sweep", "--help"]));
    let example = help.lines().filter_map(|line| line.strip_prefix("Example: fordel ")).nth(1).unwrap();
    let arguments: Vec<&str> = example
        .split('\'')
        .enumerate()
        .flat_map(|(position, part)| match position % 2 {
            0 => part.split_whitespace().collect::<Vec<_>>(),
            _ => vec![part],
        })
        .chain(["--draws", "30", "--format", "json"])
        .collect();
    let (first, second) = (fordel(&arguments), fordel(&arguments));
    assert!(first.status.success(), "{}", err(&first));
    assert!(err(&first).is_empty(), "no progress bar where nobody looks: {}", err(&first));
    assert_eq!(out(&first), out(&second));
    let json: serde_json::Value = serde_json::from_slice(&first.stdout).unwrap();
    assert_eq!(json["schema"], "fordel.sweep/1");
    assert_eq!(json["runs"].as_array().unwrap().len(), 30);
    let rana = json["parties"].as_array().unwrap().iter().find(|own| own["id"] == "Rana").unwrap();
    let setting = rana["maximum"]["settings"][0].as_str().unwrap();
    let run = fordel(&["run", "scenarios/helgeland-2024", "--set", setting, "--format", "csv"]);
    let line = format!("2024,total,,Rana,{}", rana["maximum"]["amount"].as_str().unwrap());
    assert!(out(&run).lines().any(|own| own == line), "{line}");

    let all = fordel(&["sweep", "scenarios/helgeland-2024", "--over", "measures.drift.key=by(\"x\")"]);
    assert_eq!(all.status.code(), Some(1));
    assert!(out(&all).contains("Refused, and in none of the figures above: 1 of 1 run\n"), "{}", out(&all));
    assert!(err(&all).contains("all-refused"), "{}", err(&all));
    let nothing = fordel(&["sweep", "scenarios/helgeland-2024"]);
    assert!(err(&nothing).contains("nothing-to-sweep"));
    let path = "measures.drift.amount.2024=1_000_000..3_000_000 by 1";
    let many = fordel(&["sweep", "scenarios/helgeland-2024", "--over", path]);
    assert!(err(&many).contains("2000001 values; a sweep has at most 100000 runs"), "{}", err(&many));
}

/// Every command says which name is near; what waits for saves does not wait for a name that leads nowhere.
#[test]
fn a_misspelt_folder_is_told_with_the_name_that_is_near() {
    let commands = [
        &["run"][..],
        &["check"],
        &["test"],
        &["explain"],
        &["diff", "scenarios/helgeland-2024"],
        &["sweep"],
        &["rules"],
        &["watch"],
        &["serve", "--port", "0"],
    ];
    for command in commands {
        let output = fordel(&[command, &["scenarios/helgeland-2025"]].concat());
        assert_eq!(output.status.code(), Some(1), "{command:?}");
        assert!(err(&output).contains("did you mean `helgeland-2024`?"), "{command:?}: {}", err(&output));
    }
    let above = fordel(&["run", "scenario/helgeland-2024"]);
    assert!(err(&above).contains("did you mean `scenarios`?"), "{}", err(&above));
}
