//! Historical budgets against their published figures, and small scenarios for every word of the rules. The
//! same code as `fordel test`.

use std::path::Path;

use fordel::cli::test::{judge, scenarios_under};

use crate::support::{folders, project};

pub fn judge_all(folder: &Path) -> usize {
    let scenarios = scenarios_under(folder);
    let failures: Vec<String> = scenarios
        .iter()
        .map(|scenario| (scenario, judge(scenario)))
        .filter(|(_, verdict)| !verdict.passes())
        .map(|(scenario, verdict)| format!("{}:\n{}", scenario.display(), verdict.failures.join("\n")))
        .collect();
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
    scenarios.len()
}

#[test]
fn every_historical_budget_gives_its_published_figures() {
    assert!(judge_all(&project().join("scenarios")) >= 20);
}

#[test]
fn every_historical_budget_says_where_it_is_from() {
    for scenario in scenarios_under(&project().join("scenarios")) {
        let beside = || scenario.with_extension("SOURCE.md");
        let source = if scenario.is_dir() { scenario.join("SOURCE.md") } else { beside() };
        assert!(source.is_file(), "{} is missing", source.display());
    }
}

#[test]
fn every_word_does_what_it_says() {
    let judged = judge_all(&project().join("tests/words"));
    assert_eq!(judged, folders(&project().join("tests/words")).len(), "a folder without expected.csv");
}

/// Changing any one figure of an expectation makes the test fail, and the message says which.
#[test]
fn a_changed_figure_fails_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let original = project().join("scenarios/helgeland-2024");
    for entry in std::fs::read_dir(&original).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            std::fs::copy(&path, folder.path().join(path.file_name().unwrap())).unwrap();
        }
    }
    let expected = std::fs::read_to_string(original.join("expected.csv")).unwrap();
    let lines: Vec<&str> = expected.lines().collect();
    for changed in 1..lines.len() {
        let cells: Vec<&str> = lines[changed].splitn(6, ',').collect();
        let declared = cells.get(5).is_some_and(|reason| !reason.is_empty());
        // A declared deviation fails when it no longer deviates: 3 972 000 is what is computed.
        let figure = if declared { "3972000".to_owned() } else { format!("1{}", cells[4]) };
        let mut rows: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
        rows[changed] =
            [cells[0], cells[1], cells[2], cells[3], figure.as_str(), cells.get(5).unwrap_or(&"")].join(",");
        std::fs::write(folder.path().join("expected.csv"), rows.join("\n")).unwrap();
        let verdict = judge(folder.path());
        assert_eq!(verdict.failures.len(), 1, "line {}: {:?}", changed + 1, verdict.failures);
        let place = format!("expected.csv:{}", changed + 1);
        assert!(verdict.failures[0].contains(&place), "{}", verdict.failures[0]);
    }
}
