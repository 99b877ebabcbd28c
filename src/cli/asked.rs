//! Which files a run has asked for, there or not, and how each of them looked just before it was read: what somebody
//! who watches the run has to follow. A file that differs from its look has been saved since.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

/// How long a file has to be left alone before it is read: who saves is done by then.
const REST: Duration = Duration::from_millis(30);

/// How a file looks from outside; nothing where there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look(Option<(SystemTime, u64, u64)>);

/// The files that were asked for, shared by all that read for the same run.
#[derive(Clone, Debug, Default)]
pub struct Asked(Arc<Mutex<BTreeMap<PathBuf, Look>>>);

impl Look {
    /// How a file looks now.
    pub fn at(path: &Path) -> Look {
        let seen = fs::metadata(path).ok();
        Look(seen.and_then(|seen| Some((seen.modified().ok()?, seen.len(), file_number(&seen)))))
    }

    /// Whether there is a file.
    pub fn is_there(self) -> bool {
        self.0.is_some()
    }

    /// Whether there is a file with something in it.
    pub fn has_content(self) -> bool {
        self.0.is_some_and(|(_, size, _)| size > 0)
    }

    /// Whether it is the same file, whatever is in it.
    pub fn is_same_file(self, other: Look) -> bool {
        self.0.map(|(.., number)| number) == other.0.map(|(.., number)| number)
    }

    /// Whether it was saved just before this moment, so that whoever saves may not be done.
    pub fn is_fresh(self, moment: SystemTime) -> bool {
        let age = self.0.and_then(|(saved, ..)| moment.duration_since(saved).ok());
        age.is_some_and(|age| age < REST)
    }
}

impl Asked {
    /// Notes a file that is about to be read. The first look counts: what changes after it is a change.
    pub fn note(&self, path: &Path) {
        let look = Look::at(path);
        self.lock().entry(path.to_owned()).or_insert(look);
    }

    /// Whether all files still look as they were noted, and were at rest when a run of them was begun. A file that was
    /// not may have been saved again within the same tick of the clock, which cannot be seen from outside.
    pub fn is_as_noted(&self, begun: SystemTime) -> bool {
        self.lock().iter().all(|(file, look)| Look::at(file) == *look && !look.is_fresh(begun))
    }

    /// All files with how they looked.
    pub fn looks(&self) -> BTreeMap<PathBuf, Look> {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<PathBuf, Look>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The number of the file itself, which is another one after an editor has put a new file in its place.
#[cfg(unix)]
fn file_number(seen: &fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(seen)
}

/// Where files have no numbers, time and size have to do.
#[cfg(not(unix))]
fn file_number(_: &fs::Metadata) -> u64 {
    0
}
