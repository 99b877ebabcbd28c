//! The README is run: its sessions, its two commands, its first rule.

use std::process::Command;

use crate::support::project;

fn blocks(language: &str) -> Vec<String> {
    let readme = std::fs::read_to_string(project().join("README.md")).unwrap();
    let opening = format!("```{language}\n");
    readme.split(&opening).skip(1).map(|rest| rest.split("```").next().unwrap().to_owned()).collect()
}

#[test]
fn sessions_print_what_the_readme_shows() {
    trycmd::TestCases::new().case("README.md").run();
}

#[test]
fn the_two_commands_are_real() {
    let commands: Vec<String> = blocks("sh").concat().lines().map(str::to_owned).collect();
    let [run, test] = commands.as_slice() else { panic!("{commands:?}") };
    assert_eq!(test, "cargo test");
    let arguments = run.strip_prefix("cargo run --release -- ").unwrap();
    let fordel =
        Command::new(env!("CARGO_BIN_EXE_fordel")).args(arguments.split(' ')).current_dir(project()).output();
    let output = fordel.unwrap();
    assert!(output.status.success());
    assert!(String::from_utf8(output.stdout).unwrap().contains("694\u{a0}089"));
}

#[test]
fn the_first_rule_is_the_scenario_folder() {
    let folder = project().join("scenarios/first-rule");
    for (language, file) in [("csv", "inhabitants.csv"), ("rhai", "rules.rhai"), ("ron", "scenario.ron")] {
        assert_eq!(blocks(language)[0], std::fs::read_to_string(folder.join(file)).unwrap(), "{file}");
    }
}

/// Every Norwegian word of the README is a word of the language, and the other way round.
#[test]
fn the_norwegian_words_are_those_of_the_language() {
    let readme = std::fs::read_to_string(project().join("README.md")).unwrap();
    for (norwegian, english) in fordel::rules::aliases::ALIASES {
        let there = readme.contains(&format!("`{norwegian}` = {english}"))
            || readme.contains(&format!("`{norwegian}`\n= {english}"));
        assert!(there, "{norwegian} = {english}");
    }
}

/// Every word of the language that the program suggests is explained in the README.
#[test]
fn every_word_is_in_the_readme() {
    let readme = std::fs::read_to_string(project().join("README.md")).unwrap();
    for (word, _) in fordel::rules::words::WORDS {
        assert!(readme.contains(&format!("{word}(")) || readme.contains(&format!("{word} ")), "{word}");
    }
}
