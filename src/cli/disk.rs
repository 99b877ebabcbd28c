//! The disk: scenario folders as shelves, the clock of the machine, and output files that are written beside
//! and renamed, so that a stopped run leaves the old file whole.

use std::fs;
use std::io::{self, Write};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use crate::engine::walk::{self, Walk};
use crate::ground::suggest::did_you_mean;
use crate::model::inputs::{Found, ReadFault, SCENARIO_FILE, Shelf};
use crate::model::variant_file::{Library, Opened};
use crate::rules::sandbox::Clock;

use super::asked::Asked;

/// The folder of shared rule files: beside the scenario, above it, or where the command is run.
const RULES_FOLDER: &str = "rules";
/// How many folders upwards a folder of rules is looked for.
const RULES_LEVELS_MAX: usize = 6;

/// A scenario folder.
#[derive(Clone, Debug)]
pub struct ScenarioFolder {
    folder: PathBuf,
    /// Folders of variants, whose files are looked for there as well.
    beside: Vec<PathBuf>,
    asked: Asked,
}

impl ScenarioFolder {
    /// The folder that was named, also where its scenario file was named instead.
    pub fn new(named: &Path) -> ScenarioFolder {
        let is_file = named.file_name().is_some_and(|name| name == SCENARIO_FILE) && named.is_file();
        let folder = if is_file { named.parent().unwrap_or(Path::new("")) } else { named };
        ScenarioFolder { folder: folder.to_owned(), beside: vec![], asked: Asked::default() }
    }

    /// The same folder; what is asked of it is noted there.
    #[must_use]
    pub fn noting(self, asked: &Asked) -> ScenarioFolder {
        ScenarioFolder { asked: asked.clone(), ..self }
    }

    /// The same folder, with another one in which files are looked for that are not in it.
    #[must_use]
    pub fn with_beside(mut self, folder: PathBuf) -> ScenarioFolder {
        self.beside.push(folder);
        self
    }

    /// Its path as it was named.
    pub fn path(&self) -> &Path {
        &self.folder
    }

    /// Walks the scenario of this folder.
    pub fn walk(&self) -> Walk {
        walk::walk(self, Arc::new(MachineClock(Instant::now())))
    }

    /// Why there is no scenario here, where there is none.
    pub fn absence(&self) -> Option<String> {
        let folder = self.folder.display();
        if !self.folder.is_dir() {
            return Some(nothing_at("folder ", &self.folder));
        }
        if self.folder.join(SCENARIO_FILE).exists() {
            return None;
        }
        let names = names_in(&self.folder);
        let near = names.iter().find(|name| name.to_lowercase().starts_with(SCENARIO_FILE));
        let hint = near.map_or(String::new(), |name| format!(": rename {name} to {SCENARIO_FILE}"));
        Some(format!("the folder {folder} has no {SCENARIO_FILE}{hint}"))
    }
}

impl Shelf for ScenarioFolder {
    fn read(&self, name: &str) -> Result<Found, ReadFault> {
        let mut known = Vec::new();
        for folder in std::iter::once(&self.folder).chain(&self.beside) {
            match read_within(folder, name, &self.asked) {
                Err(ReadFault::Missing(more)) => known.extend(more),
                read => return read,
            }
        }
        Err(ReadFault::Missing(known))
    }

    fn read_rule(&self, name: &str) -> Result<Found, ReadFault> {
        let own = self.read(name);
        let Err(ReadFault::Missing(mut known)) = own else { return own };
        let here = std::env::current_dir().and_then(fs::canonicalize).unwrap_or_default();
        let folder = fs::canonicalize(&self.folder).unwrap_or_else(|_| self.folder.clone());
        let above = folder.ancestors().take(RULES_LEVELS_MAX);
        for place in above.chain([here.as_path()]) {
            let rules = place.join(RULES_FOLDER);
            let shown = rules.strip_prefix(&here).map(Path::to_owned).unwrap_or(rules);
            match read_within(&shown, name, &self.asked) {
                Err(ReadFault::Missing(more)) => known.extend(more),
                read => return read,
            }
        }
        known.retain(|name| name.ends_with(".rhai"));
        known.sort();
        known.dedup();
        Err(ReadFault::Missing(known))
    }
}

/// Scenario folders and variant files on the disk; what is asked of it is noted.
#[derive(Clone, Debug, Default)]
pub struct Disk {
    /// Where it is noted.
    pub asked: Asked,
}

impl Library for Disk {
    fn open(&self, path: &str, named_in: Option<&str>) -> Result<Opened, ReadFault> {
        let folder = named_in.and_then(|file| Path::new(file).parent()).unwrap_or(Path::new(""));
        let path = plain(&folder.join(path));
        // What else comes and goes in a folder is of no account.
        self.asked.note(&if path.is_dir() { path.join(SCENARIO_FILE) } else { path.clone() });
        let whole = ScenarioFolder::new(&path);
        if path.is_dir() || whole.path() != path {
            return match whole.absence() {
                Some(absence) => Err(ReadFault::Unreadable(absence)),
                None => Ok(Opened::Scenario(whole.path().to_string_lossy().into_owned())),
            };
        }
        match fs::read(&path) {
            Ok(bytes) => {
                Ok(Opened::Variant(Found { shown_name: path.to_string_lossy().into_owned(), bytes }))
            }
            Err(fault) if fault.kind() == io::ErrorKind::NotFound => {
                Err(ReadFault::Missing(names_in(path.parent().unwrap_or(Path::new("")))))
            }
            Err(fault) => {
                Err(ReadFault::Unreadable(format!("{} could not be read: {fault}", path.display())))
            }
        }
    }
}

/// Says that there is nothing at a path, and which name is near to the first of it that leads nowhere; `what` is what
/// it would be, with a space after it.
pub fn nothing_at(what: &str, path: &Path) -> String {
    let shown = format!("there is no {what}{}", path.display());
    let nowhere = |own: &&Path| !own.as_os_str().is_empty() && !own.exists();
    let Some(lost) = path.ancestors().take_while(nowhere).last() else { return shown };
    let names = names_in(lost.parent().unwrap_or(Path::new("")));
    let name = lost.file_name().unwrap_or_default().to_string_lossy();
    match did_you_mean(&name, names.iter().map(String::as_str)) {
        near if near.is_empty() || names.is_empty() => shown,
        near => format!("{shown}: {near}"),
    }
}

/// A path without detours: `x/variants/..` is `x`.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        let can_go_back = matches!(plain.components().next_back(), Some(Component::Normal(_)));
        match part {
            Component::CurDir => {}
            Component::ParentDir if can_go_back => {
                plain.pop();
            }
            part => plain.push(part),
        }
    }
    if plain.as_os_str().is_empty() { PathBuf::from(".") } else { plain }
}

/// The clock of the machine, from the moment it was made.
pub struct MachineClock(pub Instant);

impl Clock for MachineClock {
    fn now_ms(&self) -> u64 {
        u64::try_from(self.0.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

/// Writes a file whole or not at all.
///
/// # Errors
/// What the system says.
pub fn write_whole(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|fault| fault.error)?;
    Ok(())
}

/// Reads a file of a folder by a name that stays inside of it, also through links.
fn read_within(folder: &Path, name: &str, asked: &Asked) -> Result<Found, ReadFault> {
    let stays = Path::new(name).components().all(|part| matches!(part, Component::Normal(_)));
    if !stays || name.is_empty() {
        return Err(ReadFault::Outside);
    }
    let path = folder.join(name);
    asked.note(&path);
    match fs::canonicalize(&path) {
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => {
            return Err(ReadFault::Missing(names_in(folder)));
        }
        Err(fault) => return Err(ReadFault::Unreadable(fault.to_string())),
        Ok(real) => {
            let home = fs::canonicalize(folder).map_err(|fault| ReadFault::Unreadable(fault.to_string()))?;
            if !real.starts_with(home) {
                return Err(ReadFault::Outside);
            }
            if !real.is_file() {
                return Err(ReadFault::Unreadable("it is not a file".to_owned()));
            }
        }
    }
    let bytes = fs::read(&path).map_err(|fault| ReadFault::Unreadable(fault.to_string()))?;
    Ok(Found { shown_name: path.to_string_lossy().into_owned(), bytes })
}

fn names_in(folder: &Path) -> Vec<String> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.sort();
    names
}
