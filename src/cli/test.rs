//! `fordel test`: historical budgets against their published figures.

use std::path::{Path, PathBuf};

use crate::engine::walk::Walk;
use crate::report::expected::EXPECTED_FILE;
use crate::report::verdict::{self, REFUSED_FILE, Verdict};

use super::asked::Asked;
use super::disk;
use super::subject::{Absence, Published, Subject};
use super::terminal;

/// Folders nested deeper than this are not looked into.
const DEPTH_MAX: usize = 8;

/// Tests all scenarios under some folders; whether all pass.
pub fn test(folders: &[PathBuf]) -> bool {
    let mut scenarios = Vec::new();
    for folder in folders {
        if folder.is_dir() {
            scenarios.extend(scenarios_under(folder));
        } else if folder.is_file() {
            scenarios.push(folder.clone());
        } else {
            terminal::tell(&format!("error[missing-folder]: {}\n", disk::nothing_at("folder ", folder)));
            return false;
        }
    }
    if scenarios.is_empty() {
        terminal::tell(&format!(
            "error[nothing-to-test]: no folder here has an {EXPECTED_FILE} or a {REFUSED_FILE}
  help: type one from the published budget, or start from: fordel run SCENARIO --out SCENARIO/{EXPECTED_FILE}
"
        ));
        return false;
    }
    let mut failed = 0;
    for scenario in &scenarios {
        let verdict = judge(scenario);
        terminal::print(&line(scenario, &verdict));
        failed += usize::from(!verdict.passes());
    }
    let passed = scenarios.len() - failed;
    terminal::print(&format!("\n{passed} passed, {failed} failed\n"));
    failed == 0
}

/// Judges one scenario folder or variant.
pub fn judge(scenario: &Path) -> Verdict {
    let walked = match Subject::open(scenario, &[]) {
        Ok(subject) => subject.walk(),
        Err(Absence::Nothing(why)) => return Verdict::failed(why),
        Err(Absence::Faults(diagnostics, inputs)) => Walk { inputs, diagnostics, outcome: None },
    };
    let Published { shelf, expected, refused } = &Published::of(scenario, &Asked::default());
    verdict::judge(walked, verdict::Published { shelf, expected, refused })
}

/// The scenario folders and variants with published figures under a folder, in the order of their names.
pub fn scenarios_under(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    collect(folder, DEPTH_MAX, &mut found);
    found.sort();
    found
}

fn collect(folder: &Path, depth: usize, found: &mut Vec<PathBuf>) {
    if [EXPECTED_FILE, REFUSED_FILE].iter().any(|name| folder.join(name).is_file()) {
        found.push(folder.to_owned());
    }
    if depth == 0 {
        return;
    }
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        let hidden = name.starts_with('.');
        // The published figures of a variant stand beside it.
        let published = [EXPECTED_FILE, REFUSED_FILE].iter().find_map(|ending| name.strip_suffix(ending));
        let variant = published.and_then(|stem| stem.strip_suffix('.')).filter(|stem| !stem.is_empty());
        found.extend(variant.map(|stem| folder.join(format!("{stem}.ron"))));
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) && !hidden {
            collect(&path, depth - 1, found);
        }
    }
}

fn line(scenario: &Path, verdict: &Verdict) -> String {
    let name = scenario.display();
    if verdict.passes() {
        let detail = match (&verdict.refused, verdict.deviations) {
            (Some(code), _) => format!("refused: {code}"),
            (None, 0) if verdict.figures == 1 => "1 figure".to_owned(),
            (None, 0) => format!("{} figures", verdict.figures),
            (None, 1) => format!("{} figures, 1 declared deviation", verdict.figures),
            (None, count) => format!("{} figures, {count} declared deviations", verdict.figures),
        };
        return format!("ok   {name} ({detail})\n");
    }
    let indented = |failure: &String| -> String {
        failure
            .trim_end()
            .lines()
            .map(|line| {
                format!(
                    "     {line}
"
                )
            })
            .collect()
    };
    let failures: String = verdict.failures.iter().map(indented).collect();
    let count = match verdict.figures {
        0 => "not compared".to_owned(),
        figures => format!("{} of {figures} figures", verdict.passed),
    };
    format!(
        "FAIL {name} ({count})
{failures}"
    )
}
