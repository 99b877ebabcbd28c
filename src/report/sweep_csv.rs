//! A sweep as CSV: every run, or a summary with the scenario that gave each figure.

use crate::ground::money::Money;
use crate::model::parameter::Value;
use crate::whatif::sweep::{Sweep, SweepPlan};

use super::long_csv;
use super::sweep_text::{as_typed, names};

/// The columns of a summary.
const SUMMARY: [&str; 6] = ["party", "figure", "amount", "run", "runs", "settings"];

/// Writes a row for each run and payer: `run`, a column for each parameter, `party`, `amount`, `fault`. A run that was
/// refused has one row, with its fault.
pub fn write(plan: &SweepPlan<'_>, sweep: &Sweep, norwegian: bool) -> String {
    let paths = plan.parameters.iter().map(|parameter| long_csv::harmless(&parameter.path));
    let header = std::iter::once("run".to_owned())
        .chain(paths)
        .chain(["party", "amount", "fault"].map(str::to_owned))
        .collect();
    let mut rows: Vec<Vec<String>> = vec![header];
    for (position, run) in sweep.runs.iter().enumerate() {
        let start = |party: String, amount: String, fault: String| -> Vec<String> {
            let values = run.values.iter().map(|value| value_text(value, norwegian));
            std::iter::once((position + 1).to_string()).chain(values).chain([party, amount, fault]).collect()
        };
        match &run.amounts {
            Ok(amounts) => {
                for (payer, amount) in sweep.payers.iter().zip(amounts) {
                    let amount = long_csv::amount(*amount, norwegian);
                    rows.push(start(party(payer), amount, String::new()));
                }
            }
            Err(refusal) => {
                let fault = long_csv::harmless(&refusal.message);
                rows.push(start(String::new(), String::new(), fault));
            }
        }
    }
    long_csv::rows(rows.into_iter(), norwegian)
}

/// Writes a row for each payer and figure: base, minimum, quantiles, maximum; with the first run that gave it, how many
/// did, and what was set in it.
pub fn summary(plan: &SweepPlan<'_>, sweep: &Sweep, norwegian: bool) -> String {
    let mut table: Vec<[String; 6]> = Vec::new();
    let amount = |amount: Money| long_csv::amount(amount, norwegian);
    for (position, (payer, base)) in sweep.payers.iter().zip(&sweep.base).enumerate() {
        let blank = String::new;
        table.push([party(payer), "base".to_owned(), amount(*base), blank(), blank(), blank()]);
        let Some(spread) = sweep.spread(position) else { continue };
        for (point, name) in spread.points().zip(names()) {
            let settings = plan.settings(&sweep.runs[point.run].values);
            table.push([
                party(payer),
                name.to_lowercase(),
                amount(point.amount),
                (point.run + 1).to_string(),
                point.count.to_string(),
                settings.iter().map(|setting| as_typed(setting)).collect::<Vec<_>>().join(" "),
            ]);
        }
    }
    // Typed settings start with two dashes, which no spreadsheet can do without an apostrophe.
    let harmless = |row: [String; 6]| row.map(|cell| guarded(&cell));
    long_csv::table(SUMMARY, table.into_iter().map(harmless), norwegian)
}

fn guarded(cell: &str) -> String {
    if cell.starts_with("--") { long_csv::harmless(cell) } else { cell.to_owned() }
}

fn party((id, name): &(String, String)) -> String {
    if id.is_empty() { format!("({})", name.to_lowercase()) } else { long_csv::harmless(id) }
}

fn value_text(value: &Value, norwegian: bool) -> String {
    match (value.is_number, norwegian) {
        (true, true) => value.text.replace('.', ","),
        (true, false) => value.text.clone(),
        (false, _) => long_csv::harmless(&value.text),
    }
}
