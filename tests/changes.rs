//! Changes: a variant with published figures for every word, and bad ones with exactly what is said about them.
//! `FORDEL_BLESS=1 cargo test bad_changes` writes what is said now; read the difference before committing it.

use std::path::{Path, PathBuf};

use fordel::cli::subject::{Absence, Subject};
use fordel::cli::test::scenarios_under;
use fordel::ground::diagnostic::Diagnostics;
use fordel::model::change_file::WORDS;
use fordel::model::inputs::Inputs;
use fordel::report::diagnostic_text;

use crate::budgets::judge_all;
use crate::support::project;

#[test]
fn every_change_does_what_it_says() {
    assert!(judge_all(&project().join("tests/changes")) > 50);
}

#[test]
fn every_word_of_a_change_has_a_variant_with_figures() {
    let variants = scenarios_under(&project().join("tests/changes"));
    let texts: Vec<String> = variants
        .iter()
        .filter(|path| path.is_file())
        .map(|path| std::fs::read_to_string(path).unwrap())
        .collect();
    for (word, _) in WORDS {
        assert!(texts.iter().any(|text| text.contains(&format!(" {word}("))), "{word}");
    }
}

/// The examples that faults give are read without a fault.
#[test]
fn the_example_of_every_word_is_a_change() {
    for (word, example) in WORDS {
        let text = format!("(base: \"..\", title: \"x\", changes: [{word}({example})])");
        let (mut inputs, mut found) = (Inputs::default(), Diagnostics::default());
        let source = inputs.add_text("example.ron", &text);
        let variant = fordel::model::variant_file::VariantFile::read(&inputs, source, &mut found).unwrap();
        assert!(!found.has_errors(), "{word}: {found:?}");
        assert_eq!(variant.changes.len(), 2, "the title and {word}");
    }
}

#[test]
fn every_word_of_a_change_is_in_the_readme() {
    let readme = std::fs::read_to_string(project().join("README.md")).unwrap();
    for (word, _) in WORDS {
        assert!(readme.contains(&format!("`{word}(")), "{word}");
    }
    // Its variant is the one of the scenarios, but for the remarks.
    let block = readme.split("```ron\n").find(|block| block.contains("changes: [")).unwrap();
    let file = std::fs::read_to_string(project().join("scenarios/helgeland-2024/variants/alternative-2.ron"));
    let bare = |text: &str| -> Vec<String> {
        let lines = text.lines().map(|line| line.split("//").next().unwrap().trim_end().to_owned());
        lines.filter(|line| !line.is_empty()).collect()
    };
    assert_eq!(bare(block.split("```").next().unwrap()), bare(&file.unwrap()));
}

#[test]
fn bad_changes_are_refused_with_place_and_remedy() {
    let bless = std::env::var_os("FORDEL_BLESS").is_some();
    let folder = Path::new("tests/bad_changes");
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(project().join(folder)).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|ending| ending == "ron" || ending == "set"));
    files.sort();
    assert!(files.len() >= 60, "only {} bad changes", files.len());
    let mut wrong = Vec::new();
    for file in files {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let (said, refused) = said(&folder.join(&name));
        // Two of them are notices, and do no harm.
        let is_notice = ["changes-nothing.ron", "line-while-an-amount-stands.ron"].contains(&name.as_str());
        if refused == is_notice {
            wrong.push(format!("{name}: refused = {refused}\n{said}"));
        }
        let path = project().join(folder).join(format!("{name}.said"));
        if bless {
            std::fs::write(&path, &said).unwrap();
        }
        let expected = std::fs::read_to_string(&path).unwrap_or_default();
        if said != expected {
            wrong.push(format!("{name}\n--- expected\n{expected}--- said\n{said}"));
        }
        if !said.contains(" --> ") {
            wrong.push(format!("{name}: no place\n{said}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is said about a variant file, or about the lines of a file as `--set`, and whether it is refused.
fn said(path: &Path) -> (String, bool) {
    let lines = |text: String| text.lines().map(str::to_owned).collect::<Vec<String>>();
    let (scenario, set) = match path.extension().is_some_and(|ending| ending == "set") {
        true => (Path::new("tests/changes/region"), lines(std::fs::read_to_string(path).unwrap())),
        false => (path, vec![]),
    };
    match Subject::open(scenario, &set) {
        Ok(subject) => {
            let walked = subject.walk();
            let text = diagnostic_text::write(&walked.diagnostics, &walked.inputs.sources, false);
            (text, walked.outcome.is_none())
        }
        Err(Absence::Faults(found, inputs)) => (diagnostic_text::write(&found, &inputs.sources, false), true),
        Err(Absence::Nothing(why)) => (why, true),
    }
}
