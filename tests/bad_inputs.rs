//! Bad inputs: a folder each, with the faulty scenario and, in `expected.txt`, exactly what is said about it.
//! `FORDEL_BLESS=1 cargo test bad_inputs` writes what is said now; read the difference before committing it.

use std::sync::Arc;

use fordel::engine::walk::walk;
use fordel::model::inputs::{Found, ReadFault, SCENARIO_FILE, Shelf};
use fordel::report::diagnostic_text;
use fordel::rules::sandbox::StillClock;

use crate::support::{folders, project};

/// A folder whose files are shown without their path, so that the expectation holds on every machine.
struct BareFolder(std::path::PathBuf);

impl Shelf for BareFolder {
    fn read(&self, name: &str) -> Result<Found, ReadFault> {
        match std::fs::read(self.0.join(name)) {
            Ok(bytes) => Ok(Found { shown_name: name.to_owned(), bytes }),
            Err(_) => {
                let entries = std::fs::read_dir(&self.0).unwrap();
                let mut names: Vec<String> =
                    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
                names.retain(|name| name != "expected.txt");
                names.sort();
                Err(ReadFault::Missing(names))
            }
        }
    }

    fn read_rule(&self, name: &str) -> Result<Found, ReadFault> {
        self.read(name)
    }
}

/// A shelf whose scenario file has a long comment after it.
struct Lengthened(BareFolder);

impl Shelf for Lengthened {
    fn read(&self, name: &str) -> Result<Found, ReadFault> {
        let mut found = self.0.read(name)?;
        if name == SCENARIO_FILE {
            found.bytes.extend("\n// A long text is worked on while it is judged.".repeat(3_000).bytes());
        }
        Ok(found)
    }

    fn read_rule(&self, name: &str) -> Result<Found, ReadFault> {
        self.0.read_rule(name)
    }
}

#[test]
fn a_long_scenario_file_is_refused_for_the_same_faults() {
    let mut grammar = 0;
    for folder in folders(&project().join("tests/bad")) {
        let said = |shelf: &(dyn Shelf + Sync)| -> Vec<(&'static str, String)> {
            let walked = walk(shelf, Arc::new(StillClock));
            walked.diagnostics.iter().map(|fault| (fault.code, fault.message.clone())).collect()
        };
        let short = said(&BareFolder(folder.clone()));
        assert_eq!(said(&Lengthened(BareFolder(folder.clone()))), short, "{}", folder.display());
        grammar += usize::from(short.iter().any(|(code, _)| *code == "ron-grammar"));
    }
    assert!(grammar >= 15, "only {grammar} scenario files that are no RON");
}

#[test]
fn bad_inputs_are_refused_with_place_and_remedy() {
    let bless = std::env::var_os("FORDEL_BLESS").is_some();
    let mut wrong = Vec::new();
    let all = folders(&project().join("tests/bad"));
    assert!(all.len() >= 60, "only {} bad inputs", all.len());
    for folder in all {
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        let walked = walk(&BareFolder(folder.clone()), Arc::new(StillClock));
        let accepted = name.starts_with("accepted-");
        if walked.outcome.is_some() != accepted {
            wrong.push(format!("{name}: accepted = {}: {:?}", !accepted, walked.diagnostics));
        }
        let said = diagnostic_text::write(&walked.diagnostics, &walked.inputs.sources, false);
        let path = folder.join("expected.txt");
        if bless {
            std::fs::write(&path, &said).unwrap();
        }
        let expected = std::fs::read_to_string(&path).unwrap_or_default();
        if said != expected {
            wrong.push(format!("{name}\n--- expected\n{expected}--- said\n{said}"));
        }
        for fault in walked.diagnostics.iter() {
            let placed =
                fault.place.is_some() || ["missing-file", "not-utf8", "not-text"].contains(&fault.code);
            if !placed {
                wrong.push(format!("{name}: {} has no place: {}", fault.code, fault.message));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
