//! What a command is about: a scenario folder or a variant file, with the changes of `--set`.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use clap::Args;

use crate::engine::walk::{self, Outcome, Walk};
use crate::ground::diagnostic::Diagnostics;
use crate::model::change::Change;
use crate::model::inputs::{Inputs, SCENARIO_FILE};
use crate::model::resolve::{read_file, resolve};
use crate::model::scenario::Scenario;
use crate::model::set;
use crate::model::variant_file::{Library, Opened, Stack, VariantFile};
use crate::report::difference_text::Version;
use crate::report::expected::EXPECTED_FILE;
use crate::report::variant_text::{self, Changed};
use crate::report::verdict::REFUSED_FILE;
use crate::whatif::alteration::{Alteration, of_scenarios, of_set_parameters};

use super::asked::Asked;
use super::disk::{Disk, MachineClock, ScenarioFolder};

/// What a command is about, as it is typed.
#[derive(Args)]
pub struct SubjectArguments {
    /// A folder with a scenario.ron, or a variant file
    pub scenario: PathBuf,
    /// Change something for this once, as in measures.drift.amount.2024=4_000_000
    #[arg(long, value_name = "PATH=VALUE")]
    pub set: Vec<String>,
}

/// A scenario with the variants that stand on it, and all changes.
pub struct Subject {
    /// The folder of the scenario.
    pub folder: ScenarioFolder,
    /// The variants, the one nearest to the scenario first.
    pub variants: Vec<VariantFile>,
    /// All changes in order: those of the variants, then those of `--set`.
    pub changes: Vec<Change>,
    /// The texts that the changes are from.
    pub inputs: Inputs,
    /// Its path as it was typed.
    pub typed: PathBuf,
    /// What is set for this once, as it was typed.
    pub set: Vec<String>,
    /// The files that were asked for.
    pub asked: Asked,
}

/// Where published figures are.
pub struct Published {
    /// Their folder.
    pub shelf: ScenarioFolder,
    /// The name of the file of figures.
    pub expected: String,
    /// The name of the file that says how it must be refused.
    pub refused: String,
}

impl Published {
    /// Those of a scenario folder, or of a variant: they stand beside it, and begin with its name.
    pub fn of(typed: &Path, asked: &Asked) -> Published {
        if !is_variant(typed) {
            let (expected, refused) = (EXPECTED_FILE.to_owned(), REFUSED_FILE.to_owned());
            return Published { shelf: ScenarioFolder::new(typed).noting(asked), expected, refused };
        }
        let stem = typed.file_stem().unwrap_or_default().to_string_lossy();
        Published {
            shelf: ScenarioFolder::new(typed.parent().unwrap_or(Path::new(""))).noting(asked),
            expected: format!("{stem}.{EXPECTED_FILE}"),
            refused: format!("{stem}.{REFUSED_FILE}"),
        }
    }
}

/// Why there is no subject.
pub enum Absence {
    /// There is nothing of this name.
    Nothing(String),
    /// Faults of variant files or of `--set`, with the texts that they point into.
    Faults(Diagnostics, Inputs),
}

impl Subject {
    /// Opens what was typed.
    ///
    /// # Errors
    /// [`Absence`] where there is no scenario, or a variant or `--set` has faults.
    pub fn open(typed: &Path, set: &[String]) -> Result<Subject, Absence> {
        Subject::open_noting(typed, set, &Asked::default())
    }

    /// The same; the files that are asked for, now and in walks, are noted.
    ///
    /// # Errors
    /// As [`open`](Subject::open).
    pub fn open_noting(typed: &Path, set: &[String], asked: &Asked) -> Result<Subject, Absence> {
        Subject::open_with(typed, set, Inputs::default(), asked)
    }

    /// Opens it once more beside what has been read, so that places in both can be shown.
    ///
    /// # Errors
    /// As [`open`](Subject::open), where a file has been changed since.
    pub fn beside(&self, inputs: &Inputs) -> Result<Subject, Absence> {
        Subject::open_with(&self.typed, &self.set, inputs.beside(), &self.asked)
    }

    fn open_with(
        typed: &Path,
        set: &[String],
        mut inputs: Inputs,
        asked: &Asked,
    ) -> Result<Subject, Absence> {
        let mut found = Diagnostics::default();
        let (folder, variants) = if is_variant(typed) {
            let stack = Stack::read(
                &Disk { asked: asked.clone() },
                &typed.to_string_lossy(),
                &mut inputs,
                &mut found,
            );
            let Some(stack) = stack else { return Err(Absence::Faults(found, inputs)) };
            let folders = stack.variants.iter().filter_map(|variant| Path::new(&variant.name).parent());
            let own = ScenarioFolder::new(Path::new(&stack.scenario)).noting(asked);
            (folders.fold(own, |own, folder| own.with_beside(folder.to_owned())), stack.variants)
        } else {
            let folder = ScenarioFolder::new(typed).noting(asked);
            if let Some(absence) = folder.absence() {
                asked.note(&folder.path().join(SCENARIO_FILE));
                return Err(Absence::Nothing(absence));
            }
            (folder, vec![])
        };
        let mut changes: Vec<Change> = variants.iter().flat_map(|variant| variant.changes.clone()).collect();
        for text in set {
            changes.extend(set::read(text, &mut inputs, &mut found));
        }
        if found.has_errors() {
            return Err(Absence::Faults(found, inputs));
        }
        let (typed, set, asked) = (typed.to_owned(), set.to_vec(), asked.clone());
        Ok(Subject { folder, variants, changes, inputs, typed, set, asked })
    }

    /// What it stands on, where it is a variant: another variant or a scenario, as it could be typed.
    pub fn base(&self) -> Option<PathBuf> {
        let variant = self.variants.last()?;
        match Disk::default().open(&variant.base.value, Some(&variant.name)).ok()? {
            Opened::Scenario(folder) => Some(PathBuf::from(folder)),
            Opened::Variant(file) => Some(PathBuf::from(file.shown_name)),
        }
    }

    /// What the scenario that was walked was changed by; none where there are no changes.
    pub fn changed(&self, walked: &Outcome) -> Option<Changed> {
        if self.changes.is_empty() {
            return None;
        }
        let (mut inputs, mut found) = (self.inputs.clone(), Diagnostics::default());
        let file = read_file(&self.folder, &mut inputs, &mut found)?;
        let title = file.title.clone();
        let unchanged = resolve(file, &self.folder, &mut inputs, &mut found).scenario;
        Some(Changed {
            scenario: (title, self.folder.path().to_string_lossy().into_owned()),
            variants: self.variants.clone(),
            set: self.set.clone(),
            // A scenario that is sound with its changes only has nothing to be compared with.
            alterations: unchanged.map(|unchanged| alterations(&unchanged, walked)).unwrap_or_default(),
        })
    }

    /// Its folder and those of its variants.
    pub fn folders(&self) -> Vec<PathBuf> {
        let beside = self.variants.iter().filter_map(|variant| Path::new(&variant.name).parent());
        std::iter::once(self.folder.path()).chain(beside).map(Path::to_owned).collect()
    }

    /// How it is named in a comparison.
    pub fn version(&self, title: &str) -> Version {
        let set = self.set.iter().map(|set| format!(" --set {set}")).collect::<String>();
        let notes = |variant: &VariantFile| {
            variant.reference.iter().cloned().chain(variant_text::notes(variant)).collect()
        };
        Version {
            title: title.to_owned(),
            path: format!("{}{set}", self.typed.display()),
            notes: self.variants.last().map(notes).unwrap_or_default(),
        }
    }

    /// Walks the scenario with its changes.
    pub fn walk(&self) -> Walk {
        let clock = Arc::new(MachineClock(Instant::now()));
        walk::walk_changed(&self.folder, self.inputs.clone(), &self.changes, clock)
    }
}

/// What was changed in a scenario before it was walked.
fn alterations(unchanged: &Scenario, walked: &Outcome) -> Vec<Alteration> {
    let mut list = of_scenarios(unchanged, &walked.scenario);
    list.extend(of_set_parameters(unchanged, &walked.plan));
    list
}

/// Whether a path is that of a variant: a file that is not called as scenario files are.
pub fn is_variant(typed: &Path) -> bool {
    typed.is_file() && typed.file_name().is_none_or(|name| name != SCENARIO_FILE)
}
