//! The house rules that can be checked: floors, lengths, headers, banned words, names of other places.

use std::path::{Path, PathBuf};

use crate::support::project;

/// The floors, lowest first; a file imports its own floor and lower ones. The last two are one floor: a command
/// starts the server, and the server runs what a command is about.
const FLOORS: [&str; 8] = ["ground", "model", "rules", "engine", "whatif", "report", "web", "cli"];
const FILE_LINES_MAX: usize = 500;
const FUNCTION_LINES_MAX: usize = 70;

fn files_under(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && !["target", ".git", "node_modules"].contains(&name.as_str()) {
            found.extend(files_under(&path, ending));
        } else if name.ends_with(ending) {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|fault| panic!("{}: {fault}", path.display()))
}

fn floor_of(path: &Path) -> Option<usize> {
    let inner = path.strip_prefix(project().join("src")).unwrap();
    let folder = inner.components().next().unwrap().as_os_str().to_string_lossy().into_owned();
    let floor = FLOORS.iter().position(|floor| *floor == folder)?;
    Some(if folder == "web" { FLOORS.len() - 1 } else { floor })
}

#[test]
fn no_file_imports_from_a_floor_above() {
    let mut checked = 0;
    for path in files_under(&project().join("src"), ".rs") {
        let Some(floor) = floor_of(&path) else { continue };
        for (index, line) in read(&path).lines().enumerate() {
            for (above, name) in FLOORS.iter().enumerate() {
                let imports =
                    line.contains(&format!("crate::{name}::")) && !line.trim_start().starts_with("//");
                assert!(!imports || above <= floor, "{}:{}: {line}", path.display(), index + 1);
                checked += usize::from(imports);
            }
        }
    }
    assert!(checked > 100, "only {checked} imports were seen");
}

#[test]
fn every_folder_of_src_is_a_floor() {
    for folder in crate::support::folders(&project().join("src")) {
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        assert!(FLOORS.contains(&name.as_str()), "{name} is not a floor");
    }
}

#[test]
fn files_and_functions_are_short_and_files_say_what_they_hold() {
    for path in
        ["src", "tests", "benches"].iter().flat_map(|folder| files_under(&project().join(folder), ".rs"))
    {
        let text = read(&path);
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines.len() <= FILE_LINES_MAX, "{} has {} lines", path.display(), lines.len());
        assert!(text.starts_with("//! "), "{} does not say what it holds", path.display());
        for (start, line) in lines.iter().enumerate() {
            let code = line.trim_start();
            let is_function =
                code.starts_with("fn ") || code.starts_with("pub fn ") || code.starts_with("pub(super) fn ");
            if !is_function || code.ends_with(';') {
                continue;
            }
            let indent = line.len() - code.len();
            let closing = format!("{}}}", " ".repeat(indent));
            let length = lines[start..].iter().position(|line| *line == closing).map_or(0, |end| end + 1);
            assert!(length <= FUNCTION_LINES_MAX, "{}:{}: {length} lines", path.display(), start + 1);
        }
    }
}

#[test]
fn nothing_is_left_half_done_and_no_floats() {
    let banned = [
        "to\u{64}o!(",
        "unimplemente\u{64}!(",
        "FIX\u{4d}E",
        "X\u{58}X",
        "#[ign\u{6f}re",
        "f3\u{32}",
        "f6\u{34}",
        "use super::\u{2a}",
    ];
    for path in
        ["src", "tests", "benches"].iter().flat_map(|folder| files_under(&project().join(folder), ".rs"))
    {
        let text = read(&path);
        // The kernel proves that its floats are whole numbers; benches measure time, and no money.
        let may_float = path.ends_with("src/ground/kernel.rs") || path.starts_with(project().join("benches"));
        for word in banned.iter().filter(|word| !(may_float && word.starts_with('f'))) {
            assert!(!text.contains(word), "{}: {word}", path.display());
        }
    }
}

/// The library and the program are not built for tests of their own: one that stood in src/ would never run.
#[test]
fn no_test_stands_in_src() {
    for path in files_under(&project().join("src"), ".rs") {
        for word in ["cfg(t\u{65}st)", "#[t\u{65}st]"] {
            assert!(!read(&path).contains(word), "{}: {word}", path.display());
        }
    }
}

#[test]
fn the_project_speaks_of_the_project_alone() {
    let elsewhere = ["../sh\u{61}red", "/wor\u{6b}/", "crates.i\u{6f}/", "registry.npmj\u{73}"];
    for ending in [
        ".rs", ".md", ".ron", ".rhai", ".csv", ".toml", ".txt", ".mjs", ".json", ".js", ".css", ".html",
        ".npmrc",
    ] {
        for path in files_under(&project(), ending) {
            let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
            for word in elsewhere {
                assert!(!text.contains(word), "{}: {word}", path.display());
            }
        }
    }
}

#[test]
fn the_map_names_every_file_of_the_code() {
    let map = read(&project().join("src/README.md"));
    for path in files_under(&project().join("src"), ".rs") {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let known =
            ["mod.rs", "lib.rs", "main.rs"].contains(&name.as_str()) || map.contains(&format!("`{name}`"));
        assert!(known, "src/README.md does not name {}", path.display());
    }
}
