//! A sweep as JSON, schema `fordel.sweep/1`. Amounts and values are texts in the machine dialect, so that no reader turns
//! them into binary fractions; settings are what follows `--set`.

use serde::Serialize;

use crate::model::parameter::Values;
use crate::whatif::spread::{LEVELS, Point};
use crate::whatif::sweep::Sweep;

use super::sweep_text::SweepReport;

/// The name and version of the schema.
pub const SCHEMA: &str = "fordel.sweep/1";

#[derive(Serialize)]
struct Document<'d> {
    schema: &'static str,
    title: &'d str,
    path: &'d str,
    notes: &'d [String],
    of: &'d str,
    currency: &'d str,
    parameters: Vec<Swept<'d>>,
    seed: Option<u64>,
    draws: Option<usize>,
    parties: Vec<Payer<'d>>,
    refused: Vec<Refused<'d>>,
    runs: Vec<Run<'d>>,
    fordel: &'static str,
}

#[derive(Serialize)]
struct Swept<'d> {
    path: &'d str,
    way: &'static str,
    values: &'d str,
}

#[derive(Serialize)]
struct Payer<'d> {
    id: Option<&'d str>,
    name: &'d str,
    base: String,
    minimum: Option<Figure>,
    quantiles: Vec<Quantile>,
    maximum: Option<Figure>,
}

#[derive(Serialize)]
struct Quantile {
    percent: usize,
    #[serde(flatten)]
    figure: Figure,
}

/// A figure with the first run that gave it, from 1, and how many did.
#[derive(Serialize)]
struct Figure {
    amount: String,
    run: usize,
    runs: usize,
    settings: Vec<String>,
}

#[derive(Serialize)]
struct Refused<'d> {
    runs: usize,
    first_run: usize,
    fault: &'d str,
}

#[derive(Serialize)]
struct Run<'d> {
    run: usize,
    settings: Vec<String>,
    amounts: Option<Vec<String>>,
    fault: Option<&'d str>,
}

/// Writes a sweep; the amounts of a run are in the order of the parties.
pub fn write(report: SweepReport<'_>) -> String {
    let SweepReport { version, plan, sweep, of, .. } = report;
    let swept = plan.parameters.iter().map(|parameter| Swept {
        path: &parameter.path,
        way: if matches!(parameter.values, Values::Drawn(_)) { "draw" } else { "over" },
        values: &parameter.typed,
    });
    let is_drawn = plan.parameters.iter().any(|parameter| matches!(parameter.values, Values::Drawn(_)));
    let refused = sweep.refused();
    let refused = refused.iter().map(|own| Refused {
        runs: own.count,
        first_run: own.run + 1,
        fault: &own.reason.message,
    });
    let runs = sweep.runs.iter().enumerate().map(|(position, run)| Run {
        run: position + 1,
        settings: plan.settings(&run.values),
        amounts: run.amounts.as_ref().ok().map(|own| own.iter().map(ToString::to_string).collect()),
        fault: run.amounts.as_ref().err().map(|refusal| refusal.message.as_str()),
    });
    let document = Document {
        schema: SCHEMA,
        title: &version.title,
        path: &version.path,
        notes: &version.notes,
        of,
        currency: &sweep.currency,
        parameters: swept.collect(),
        seed: is_drawn.then_some(plan.seed),
        draws: is_drawn.then_some(plan.draws),
        parties: payers(report, sweep),
        refused: refused.collect(),
        runs: runs.collect(),
        fordel: env!("CARGO_PKG_VERSION"),
    };
    let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
    text.push('\n');
    text
}

fn payers<'d>(report: SweepReport<'_>, sweep: &'d Sweep) -> Vec<Payer<'d>> {
    let figure = |point: Point| Figure {
        amount: point.amount.to_string(),
        run: point.run + 1,
        runs: point.count,
        settings: report.plan.settings(&sweep.runs[point.run].values),
    };
    let payer = |(position, (id, name)): (usize, &'d (String, String))| {
        let spread = sweep.spread(position);
        let quantiles = spread.iter().flat_map(|own| LEVELS.into_iter().zip(own.quantiles));
        Payer {
            id: (!id.is_empty()).then_some(id),
            name,
            base: sweep.base[position].to_string(),
            minimum: spread.as_ref().map(|own| figure(own.minimum)),
            quantiles: quantiles.map(|(percent, own)| Quantile { percent, figure: figure(own) }).collect(),
            maximum: spread.as_ref().map(|own| figure(own.maximum)),
        }
    };
    sweep.payers.iter().enumerate().map(payer).collect()
}
