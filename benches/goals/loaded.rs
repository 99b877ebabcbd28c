//! The workload as the program has it once its folder has been read: the scenario, its rules at work, and copies of
//! it in which something is changed.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use fordel::cli::disk::{MachineClock, ScenarioFolder};
use fordel::engine::budget::Budget;
use fordel::engine::keys::ReadyKeys;
use fordel::engine::proof::Proof;
use fordel::engine::reconcile::reconcile;
use fordel::engine::standing::{Standing, Totals};
use fordel::engine::walk;
use fordel::ground::diagnostic::Diagnostics;
use fordel::ground::money::Money;
use fordel::ground::source::Spanned;
use fordel::model::inputs::{Found, Inputs};
use fordel::model::measure::MeasureIx;
use fordel::model::resolve::read_scenario;
use fordel::model::scenario::Scenario;
use fordel::rules::plan::{KeyPatch, Plan};
use fordel::rules::sitting::{Change, Sitting};
use rayon::prelude::{IntoParallelIterator, ParallelIterator};

use crate::workload::{SHARED_RULES, Size, Workload};

/// A workload in memory.
pub struct Loaded {
    pub workload: Workload,
    pub folder: PathBuf,
    shelf: ScenarioFolder,
    pub scenario: Arc<Scenario>,
    rule_files: Vec<Spanned<String>>,
    inputs: Inputs,
}

impl Loaded {
    /// Writes the folder of a size below `target/` and reads it.
    pub fn new(size: Size) -> Loaded {
        let folder =
            PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/workload-folders").join(&size.name);
        let workload = Workload::generate(size);
        workload.write(&folder).expect("a folder that can be written");
        let shelf = ScenarioFolder::new(&folder);
        let (inputs, reading) = read(&shelf);
        let scenario = Arc::new(reading.0);
        Loaded { workload, folder, shelf, scenario, rule_files: reading.1, inputs }
    }

    /// Reads the folder again, and throws away what was read.
    pub fn read_again(&self) {
        drop(read(&self.shelf));
    }

    /// Builds the engine, compiles the rules and asks them everything.
    pub fn ask(&self) -> (Sitting, Plan) {
        let mut found = Diagnostics::default();
        let clock = Arc::new(MachineClock(Instant::now()));
        let inputs = self.inputs.clone();
        Sitting::new(&self.scenario, &self.rule_files, &self.shelf, inputs, clock, &mut found)
            .expect("rules without faults")
    }

    /// All shares and totals of a plan, and the proof that they add up.
    pub fn walk(&self, plan: &Plan) -> (Budget, Proof) {
        self.walk_by(plan, &ReadyKeys::new(plan, &self.scenario.parties))
    }

    /// The same with keys that have been reduced.
    pub fn walk_by(&self, plan: &Plan, keys: &ReadyKeys) -> (Budget, Proof) {
        let mut found = Diagnostics::default();
        let budget = walk::budget_by(&self.scenario, plan, keys, &mut found).expect("a sound scenario");
        let proof = reconcile(&self.scenario, plan, &budget);
        assert!(proof.holds(), "the books close");
        (budget, proof)
    }

    /// A budget that stands, with the rules that it came from.
    pub fn standing(&self) -> (Sitting, Standing) {
        let (sitting, plan) = self.ask();
        let mut found = Diagnostics::default();
        let standing =
            Standing::new(Arc::clone(&sitting.scenario), plan, &mut found).expect("a sound scenario");
        (sitting, standing)
    }

    /// The file of the rule of a measure, with another factor in that rule.
    pub fn edited_key(&self, measure: usize, thousandths: usize) -> Found {
        let path = self.workload.rule_file(&self.folder, measure);
        let text = fs::read_to_string(&path).expect("a rule file");
        let new = format!(
            "fn key{measure:04}() {{ {thousandths}.promille * equally() + {}.promille * by(\"inhabitants\") }}\n",
            1_000 - thousandths
        );
        let bytes = text.replace(&self.workload.rule(measure), &new).into_bytes();
        Found { shown_name: path.to_string_lossy().into_owned(), bytes }
    }

    /// The file of the rules that many measures share, with another factor in `forty_sixty`.
    pub fn edited_shared_key(&self, thousandths: usize) -> Found {
        let factors = format!("{thousandths}.promille * equally() + {}.promille", 1_000 - thousandths);
        let text = SHARED_RULES.replace("40.percent * equally() + 60.percent", &factors);
        let path = self.folder.join("shared.rhai");
        Found { shown_name: path.to_string_lossy().into_owned(), bytes: text.into_bytes() }
    }

    /// Reloads an edited rule file: the new totals, and how many measures were walked again.
    pub fn reload(&self, sitting: &mut Sitting, standing: &mut Standing, file: &Found) -> (Totals, usize) {
        let mut found = Diagnostics::default();
        let edit = sitting.try_edit(file, &standing.plan, &self.shelf, &mut found).expect("a sound rule");
        let Change::Keys(patch) = sitting.take_over(edit) else { panic!("only keys have changed") };
        let revision = standing.revise_keys(patch, &mut found).expect("a sound budget");
        assert!(revision.proof.holds(), "the books close");
        (standing.totals(), revision.measures.len())
    }

    /// Totals of copies in which one amount is changed, each of another measure and year.
    pub fn copies_of_amounts(&self, standing: &Standing, copies: usize) -> usize {
        let of_copy = |copy: usize| {
            let index = MeasureIx(copy % self.workload.size.measures);
            let mut trial = standing.trial(&[index]);
            let position = trial.selection.measures.iter().position(|own| *own == index).expect("itself");
            let measure = Arc::make_mut(&mut trial.part.scenario.measures[position]);
            let year = copy % self.workload.size.years;
            if let Some((_, amount)) = measure.decided.amounts.iter_mut().nth(year) {
                amount.value = Money::from_ore(amount.value.ore() + 100 * copy as i64);
            }
            changed(&standing.totals_with(&trial, &mut Diagnostics::default()).expect("totals"))
        };
        (0..copies).into_par_iter().map(of_copy).sum()
    }

    /// Totals of copies in which the key of a quarter of all measures is changed, each time the rule file anew.
    pub fn copies_of_keys(&self, sitting: &Sitting, standing: &Standing, copies: usize) -> usize {
        let patch_of = |copy: usize| -> KeyPatch {
            let mut found = Diagnostics::default();
            let file = self.edited_shared_key(1 + copy % 998);
            let edit =
                sitting.try_edit(&file, &standing.plan, &self.shelf, &mut found).expect("a sound rule");
            match edit.change {
                Change::Keys(patch) => patch,
                Change::All(_) => panic!("only keys have changed"),
            }
        };
        let others = standing.others(&patch_of(0).measures);
        let of_copy = |copy: usize| {
            let mut found = Diagnostics::default();
            changed(&standing.totals_with_keys(&patch_of(copy), &others, &mut found).expect("totals"))
        };
        (0..copies).into_par_iter().map(of_copy).sum()
    }
}

/// Something of the totals, so that they are not thrown away unseen.
fn changed(totals: &Totals) -> usize {
    totals.0.iter().filter(|year| year.first().is_some_and(|total| total % 2 == 1)).count()
}

fn read(shelf: &ScenarioFolder) -> (Inputs, (Scenario, Vec<Spanned<String>>)) {
    let (mut inputs, mut found) = (Inputs::default(), Diagnostics::default());
    let reading = read_scenario(shelf, &mut inputs, &mut found);
    let scenario = reading.scenario.expect("a sound scenario");
    (inputs, (scenario, reading.rules))
}
