//! What the tests share: a shelf in memory, a repeatable source of random numbers, folders.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use fordel::engine::walk::{Walk, walk};
use fordel::ground::diagnostic::Diagnostics;
use fordel::model::inputs::{Found, Inputs, ReadFault, Shelf};
use fordel::model::resolve::read_scenario;
use fordel::model::scenario::Scenario;
use fordel::rules::plan::Plan;
use fordel::rules::planner;
use fordel::rules::sandbox::StillClock;

/// Carry-over rules for random scenarios.
pub const CARRY_OVERS: [&str; 5] = [
    "carry_over()",
    "carry_over().for_years(1)",
    "carry_over().for_years(2).then_repay()",
    "carry_over().at_most(1/3).of_award()",
    "repay()",
];

/// A scenario folder in memory.
#[derive(Clone, Debug, Default)]
pub struct MemoryShelf(pub BTreeMap<String, Vec<u8>>);

impl MemoryShelf {
    /// A shelf with these files.
    pub fn of<'f>(files: impl IntoIterator<Item = (&'f str, &'f str)>) -> MemoryShelf {
        MemoryShelf(
            files.into_iter().map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec())).collect(),
        )
    }

    /// The scenario of the shelf and its plan, where both are free of faults.
    pub fn plan(&self) -> Option<(Arc<Scenario>, Plan)> {
        let (mut inputs, mut found) = (Inputs::default(), Diagnostics::default());
        let reading = read_scenario(self, &mut inputs, &mut found);
        let scenario = reading.scenario.map(Arc::new);
        let clock = Arc::new(StillClock);
        let planned = planner::plan(scenario.as_ref(), &reading.rules, self, &mut inputs, clock, &mut found);
        planned.scenario.filter(|_| !found.has_errors()).map(|scenario| (scenario, planned.plan))
    }

    /// Walks the scenario of the shelf.
    pub fn walk(&self) -> Walk {
        walk(self, Arc::new(StillClock))
    }
}

impl Shelf for MemoryShelf {
    fn read(&self, name: &str) -> Result<Found, ReadFault> {
        match self.0.get(name) {
            Some(bytes) => Ok(Found { shown_name: name.to_owned(), bytes: bytes.clone() }),
            None => Err(ReadFault::Missing(self.0.keys().cloned().collect())),
        }
    }

    fn read_rule(&self, name: &str) -> Result<Found, ReadFault> {
        self.read(name)
    }
}

/// A shelf in memory whose files are shown with a name before them, as those of two folders are.
pub struct NamedShelf(pub &'static str, pub MemoryShelf);

impl Shelf for NamedShelf {
    fn read(&self, name: &str) -> Result<Found, ReadFault> {
        self.1
            .read(name)
            .map(|found| Found { shown_name: format!("{}/{}", self.0, found.shown_name), ..found })
    }

    fn read_rule(&self, name: &str) -> Result<Found, ReadFault> {
        self.read(name)
    }
}

/// A repeatable source of random numbers (splitmix64).
pub struct Random(pub u64);

impl Random {
    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 to below the bound.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.bits() % bound
    }

    /// A list in another order.
    pub fn shuffled<T: Clone>(&mut self, list: &[T]) -> Vec<T> {
        let mut list = list.to_vec();
        for index in (1..list.len()).rev() {
            let other = usize::try_from(self.below(u64::try_from(index).unwrap() + 1)).unwrap();
            list.swap(index, other);
        }
        list
    }
}

/// The folder of the project.
pub fn project() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The folders in a folder, by name.
pub fn folders(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|fault| panic!("{}: {fault}", folder.display()));
    let mut folders: Vec<PathBuf> =
        entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}
