//! `fordel diff --why`: what each kind of change did to what each party pays.

use std::sync::Arc;
use std::time::Instant;

use clap::Args;

use crate::ground::suggest::did_you_mean;
use crate::model::inputs::Inputs;
use crate::model::years::Year;
use crate::rules::sandbox::Clock;
use crate::whatif::attribution::Attribution;
use crate::whatif::kind::Kind;
use crate::whatif::side::Side;
use crate::whatif::{scenarios, years};

use super::disk::MachineClock;
use super::subject::Subject;

/// What is asked of the reasons of a difference.
#[derive(Args)]
pub struct WhyArguments {
    /// Say why: how much each kind of change did, cost, drivers, key and so on, to the øre
    #[arg(long, conflicts_with_all = ["measure", "per"])]
    pub why: bool,
    /// With --why: let the changes be made in this order, as in cost,key; others follow. Without it every order is
    /// tried, and each kind gets its average
    #[arg(long, value_name = "KIND,KIND", value_delimiter = ',', requires = "why")]
    order: Vec<String>,
}

impl WhyArguments {
    /// The order that is stated, where one is.
    ///
    /// # Errors
    /// A kind that there is not, or one that is named twice.
    pub fn order(&self) -> Result<Option<Vec<Kind>>, String> {
        let mut order: Vec<Kind> = Vec::with_capacity(self.order.len());
        for word in &self.order {
            let known = Kind::ALL.map(Kind::word);
            let kind = Kind::of_word(word.trim()).ok_or_else(|| {
                format!("[unknown-kind]: there is no kind of change `{word}`: {}", did_you_mean(word, known))
            })?;
            if order.contains(&kind) {
                return Err(format!("[double-kind]: `{word}` is named twice in --order"));
            }
            order.push(kind);
        }
        Ok((!order.is_empty()).then_some(order))
    }
}

/// Attributes the difference between two subjects.
///
/// # Errors
/// What is wrong, as a line for the terminal.
pub fn between(before: &Subject, after: &Subject, order: Option<&[Kind]>) -> Result<Attribution, String> {
    let clock: Arc<dyn Clock> = Arc::new(MachineClock(Instant::now()));
    let first = side(before, before.inputs.clone(), &clock)?;
    let after = after.beside(&first.inputs).map_err(|_| changed_meanwhile())?;
    let second = side(&after, after.inputs.clone(), &clock)?;
    scenarios::attribute(&first, &second, order, &clock)
        .map_err(|fault| format!("[amount-too-large]: a part: {fault}"))
}

/// Attributes the difference between two years of a subject, both of which it has.
///
/// # Errors
/// What is wrong, as a line for the terminal.
pub fn between_years(
    subject: &Subject,
    pair: [Year; 2],
    order: Option<&[Kind]>,
) -> Result<Attribution, String> {
    let clock: Arc<dyn Clock> = Arc::new(MachineClock(Instant::now()));
    let side = side(subject, subject.inputs.clone(), &clock)?;
    let [Some(before), Some(after)] = pair.map(|year| side.outcome.budget.years.index(year)) else {
        return Err(changed_meanwhile());
    };
    years::attribute(&side, [before, after], order, &clock)
        .map_err(|fault| format!("[amount-too-large]: a part: {fault}"))
}

fn side<'s>(subject: &'s Subject, inputs: Inputs, clock: &Arc<dyn Clock>) -> Result<Side<'s>, String> {
    Side::read(&subject.folder, inputs, &subject.changes, Arc::clone(clock)).map_err(|_| changed_meanwhile())
}

/// Everything was walked before without a fault.
fn changed_meanwhile() -> String {
    "[changed-meanwhile]: a file was changed while it was read: try again".to_owned()
}
