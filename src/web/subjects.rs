//! What can be shown: the scenario that is served, its variants, and the scenarios beside it. A request names one of
//! them by its id in this list, and nothing else of the disk can be named.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::cli::asked::Asked;
use crate::cli::disk::ScenarioFolder;
use crate::cli::draft::{Draft, variants_folder};
use crate::cli::subject::Subject;
use crate::model::inputs::SCENARIO_FILE;

/// How many of a kind are listed.
const LISTED_MAX: usize = 200;

/// Something that can be shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Listed {
    /// Its name in requests: the path, as it could be typed.
    pub id: String,
    /// What it is called.
    pub title: String,
    /// `scenario`, `variant` or `other`.
    pub kind: &'static str,
    #[serde(skip)]
    path: PathBuf,
}

impl Listed {
    /// It, as it would be drafted.
    pub fn draft(&self) -> Draft {
        Draft { scenario: self.path.clone(), set: vec![] }
    }
}

/// Lists what can be shown beside a draft. The folder of its variants is noted in `asked`, and what they are called is
/// read from: one that comes may be listed before who writes it is done. `scenario` is the folder of the scenario that
/// the draft is of.
pub fn beside(draft: &Draft, scenario: &Path, asked: &Asked) -> Vec<Listed> {
    let mut listed = vec![named(scenario, title_of_folder(scenario), "scenario")];
    let variants = variants_folder(scenario);
    asked.note(&variants);
    for path in entries(&variants).filter(|path| path.extension().is_some_and(|ending| ending == "ron")) {
        listed.push(named(&path, title_of_variant(&path, asked), "variant"));
    }
    let is_listed = |path: &Path| listed.iter().any(|own| own.path == path);
    if !is_listed(&draft.scenario) && draft.scenario.is_file() {
        listed.push(named(&draft.scenario, title_of_variant(&draft.scenario, asked), "variant"));
    }
    let above = scenario.parent().map(|above| match above.as_os_str().is_empty() {
        true => PathBuf::from("."),
        false => above.to_owned(),
    });
    let others = above.iter().flat_map(|above| entries(above));
    let others = others.filter(|path| path.join(SCENARIO_FILE).is_file() && !is_same(path, scenario));
    let others: Vec<Listed> = others.map(|path| named(&path, title_of_folder(&path), "other")).collect();
    listed.extend(others);
    listed
}

fn named(path: &Path, title: String, kind: &'static str) -> Listed {
    Listed { id: path.to_string_lossy().into_owned(), title, kind, path: path.to_owned() }
}

fn entries(folder: &Path) -> impl Iterator<Item = PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    paths.into_iter().take(LISTED_MAX).map(|path| path.strip_prefix(".").map(Path::to_owned).unwrap_or(path))
}

fn title_of_folder(folder: &Path) -> String {
    let real = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    real.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

fn title_of_variant(path: &Path, asked: &Asked) -> String {
    let stem = path.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let opened = Subject::open_noting(path, &[], asked).ok();
    opened.and_then(|subject| Some(subject.variants.last()?.title.value.clone())).unwrap_or(stem)
}

fn is_same(a: &Path, b: &Path) -> bool {
    a.canonicalize().ok().is_some_and(|a| b.canonicalize().ok() == Some(a))
}

/// The folder of the scenario that a draft is of.
pub fn scenario_of(draft: &Draft) -> PathBuf {
    match Subject::open(&draft.scenario, &[]) {
        Ok(subject) => subject.folder.path().to_owned(),
        Err(_) => ScenarioFolder::new(&draft.scenario).path().to_owned(),
    }
}
