//! The sweep: many variants of one scenario, each with other values of some parameters, and what each party pays in all
//! of them. Every combination of listed values is walked, and where values are drawn, every combination with every draw.
//!
//! A run is an ordinary walk of the scenario as written with changes read as `--set` reads them, so that
//! `fordel run … --set …` gives the same figures. Runs share nothing that they could change: the result does not depend
//! on how many of them are walked at once.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::{IntoParallelIterator, ParallelIterator};

use crate::engine::walk::{Outcome, walk_written};
use crate::ground::diagnostic::Diagnostics;
use crate::ground::money::{Money, TooLarge};
use crate::model::change::Change;
use crate::model::change_apply::apply;
use crate::model::measure::MeasureIx;
use crate::model::parameter::{Parameter, RUNS_MAX, Value, Values};
use crate::model::party::PartyIx;
use crate::model::set;
use crate::model::years::Year;
use crate::rules::sandbox::Clock;

use super::hybrid_walk::Refusal;
use super::lot::Lots;
use super::side::Side;
use super::spread::Spread;

/// What is swept, over what.
pub struct SweepPlan<'p> {
    /// The parameters.
    pub parameters: &'p [Parameter],
    /// How often values are drawn, where any are.
    pub draws: usize,
    /// What they are drawn by.
    pub seed: u64,
}

/// What is looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// These parties; all where it is empty.
    pub parties: Vec<PartyIx>,
    /// The shares of these measures; where it is empty, all that is paid.
    pub measures: Vec<MeasureIx>,
    /// These years together; all where it is empty.
    pub years: Vec<Year>,
}

/// A sweep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sweep {
    /// The unit of amounts.
    pub currency: String,
    /// Who is looked at: id and name. The last one, without an id, is everybody together, where there are several.
    pub payers: Vec<(String, String)>,
    /// What they pay in the scenario as it is.
    pub base: Vec<Money>,
    /// The runs, in order.
    pub runs: Vec<Run>,
}

/// A run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// By parameter: its value.
    pub values: Vec<Value>,
    /// What the payers pay, or why it cannot be walked.
    pub amounts: Result<Vec<Money>, Refusal>,
}

/// Runs that were refused for the same reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The reason of the first of them.
    pub reason: Refusal,
    /// The position of the first of them.
    pub run: usize,
    /// How many there are.
    pub count: usize,
}

/// Everybody together, as a payer.
pub const EVERYBODY: &str = "All parties";

impl SweepPlan<'_> {
    /// How many runs it has; none where they are more than [`RUNS_MAX`].
    ///
    /// # Errors
    /// How many there would be, or the largest number there is.
    pub fn run_count(&self) -> Result<usize, usize> {
        let listed = self.parameters.iter().map(|parameter| match &parameter.values {
            Values::Listed(values) => values.len(),
            Values::Drawn(_) => 1,
        });
        let count = listed.fold(self.draw_count(), usize::saturating_mul);
        if count > RUNS_MAX { Err(count) } else { Ok(count) }
    }

    /// How often each combination of listed values is walked.
    pub fn draw_count(&self) -> usize {
        let draws = |parameter: &Parameter| matches!(parameter.values, Values::Drawn(_));
        if self.parameters.iter().any(draws) { self.draws } else { 1 }
    }

    /// The values of a run: the last listed parameter changes fastest but for the draws, which are the same for every
    /// combination.
    pub fn values(&self, run: usize) -> Vec<Value> {
        let (mut combination, draw) = (run / self.draw_count(), run % self.draw_count());
        let mut values = Vec::with_capacity(self.parameters.len());
        for parameter in self.parameters.iter().rev() {
            values.push(match &parameter.values {
                Values::Listed(listed) => {
                    let value = listed[combination % listed.len()].clone();
                    combination /= listed.len();
                    value
                }
                Values::Drawn(distribution) => {
                    Lots { seed: self.seed, path: &parameter.path, draw: draw + 1 }.value(distribution)
                }
            });
        }
        values.reverse();
        values
    }

    /// What is set in a run, as `--set` has it.
    pub fn settings(&self, values: &[Value]) -> Vec<String> {
        let paths = self.parameters.iter().map(|parameter| &parameter.path);
        paths.zip(values).map(|(path, value)| format!("{path}={}", value.text)).collect()
    }
}

impl Sweep {
    /// Walks all runs of a plan, each of which is told when it is done.
    ///
    /// # Errors
    /// [`TooLarge`] when what is paid in the scenario as it is does not fit.
    pub fn of(
        base: &Side<'_>,
        plan: &SweepPlan<'_>,
        look: &Look,
        clock: &Arc<dyn Clock>,
        done: &(dyn Fn() + Sync),
    ) -> Result<Sweep, TooLarge> {
        let scenario = &base.outcome.scenario;
        let run = |run: usize| {
            let values = plan.values(run);
            let amounts = walk(base, &plan.settings(&values), clock).and_then(|outcome| look.at(&outcome));
            done();
            Run { values, amounts }
        };
        let everybody: Vec<PartyIx> = scenario.parties.iter().map(|(party, _)| party).collect();
        let looked_at = if look.parties.is_empty() { &everybody } else { &look.parties };
        let payer = |party: &PartyIx| {
            let party = scenario.parties.get(*party);
            (party.id.clone(), party.name.clone())
        };
        let together = (everybody.len() > 1).then(|| (String::new(), EVERYBODY.to_owned()));
        Ok(Sweep {
            currency: scenario.currency.clone(),
            payers: looked_at.iter().map(payer).chain(together).collect(),
            base: look.at(&base.outcome).map_err(|_| TooLarge)?,
            runs: (0..plan.run_count().unwrap_or(0)).into_par_iter().map(run).collect(),
        })
    }

    /// From what to what a payer pays; none where every run was refused.
    pub fn spread(&self, payer: usize) -> Option<Spread> {
        let amounts = self.runs.iter().map(|run| run.amounts.as_ref());
        Spread::of(amounts.enumerate().filter_map(|(run, amounts)| Some((amounts.ok()?[payer], run))))
    }

    /// The runs that were refused, by reason, figures apart; the most frequent one first.
    pub fn refused(&self) -> Vec<Refused> {
        let mut by_reason: BTreeMap<String, Refused> = BTreeMap::new();
        for (position, run) in self.runs.iter().enumerate() {
            let Err(reason) = &run.amounts else { continue };
            let words = reason.message.replace(|sign: char| sign.is_ascii_digit(), "");
            let first = || Refused { reason: reason.clone(), run: position, count: 0 };
            by_reason.entry(words).or_insert_with(first).count += 1;
        }
        let mut refused: Vec<Refused> = by_reason.into_values().collect();
        refused.sort_by_key(|refused| (usize::MAX - refused.count, refused.run));
        refused
    }

    /// How many runs were refused.
    pub fn refused_count(&self) -> usize {
        self.runs.iter().filter(|run| run.amounts.is_err()).count()
    }
}

impl Look {
    /// What each payer pays, and everybody together where there are several.
    fn at(&self, outcome: &Outcome) -> Result<Vec<Money>, Refusal> {
        let (scenario, budget) = (&outcome.scenario, &outcome.budget);
        let years: Vec<usize> = match self.years.is_empty() {
            true => (0..budget.billed.len()).collect(),
            false => {
                let index = |year: &Year| {
                    let message = format!("{year} is outside the years of the scenario");
                    budget.years.index(*year).ok_or(Refusal { message, at: None })
                };
                self.years.iter().map(index).collect::<Result<_, Refusal>>()?
            }
        };
        let paid = |party: PartyIx| -> Result<Money, TooLarge> {
            let mut amounts = Vec::new();
            for year in &years {
                let billed = &budget.billed[*year];
                if self.measures.is_empty() {
                    amounts.push(billed.payable(party, &budget.closing_walk(*year).payouts)?);
                } else {
                    amounts.extend(self.measures.iter().map(|measure| billed.share(*measure, party)));
                }
            }
            Money::sum(amounts)
        };
        let all = scenario.parties.iter().map(|(party, _)| paid(party)).collect::<Result<Vec<Money>, _>>()?;
        let together = Some(Money::sum(all.iter().copied())?).filter(|_| all.len() > 1);
        let looked_at = self.parties.iter().map(|party| all[party.0]).collect::<Vec<Money>>();
        Ok(if self.parties.is_empty() { all } else { looked_at }.into_iter().chain(together).collect())
    }
}

/// Walks a scenario with settings.
fn walk(base: &Side<'_>, settings: &[String], clock: &Arc<dyn Clock>) -> Result<Outcome, Refusal> {
    let (mut inputs, mut found) = (base.inputs.clone(), Diagnostics::default());
    let read = settings.iter().filter_map(|text| set::read(text, &mut inputs, &mut found));
    let changes: Vec<Change> = read.collect();
    let mut file = base.file.clone();
    apply(&mut file, &changes, &mut found);
    if found.has_errors() {
        return Err(Refusal::first_of(&found, &inputs));
    }
    let walked = walk_written(file, base.shelf, inputs, found, Arc::clone(clock));
    let refusal = || Refusal::first_of(&walked.diagnostics, &walked.inputs);
    let outcome = walked.outcome.ok_or_else(refusal)?;
    if !outcome.proof.holds() {
        return Err(Refusal { message: "the books do not close".to_owned(), at: None });
    }
    Ok(outcome)
}
