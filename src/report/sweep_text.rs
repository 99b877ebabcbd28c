//! A sweep for the terminal: what was swept, what each party pays at least, at most and between, which runs gave that,
//! in a form that can be typed, and what was refused.

use std::collections::BTreeMap;

use crate::ground::numerals::{integer_norwegian, money_norwegian};
use crate::model::parameter::{Parameter, Value, Values};
use crate::whatif::spread::{LEVELS, Spread};
use crate::whatif::sweep::{Sweep, SweepPlan};

use super::difference_text::Version;
use super::grid::{Grid, Head};

/// How many reasons of refusals are told.
const REASONS_MAX: usize = 5;
/// Numbers with at least so many digits are grouped.
const GROUPED_DIGITS_MIN: usize = 5;

/// A sweep, with all that is told of it.
#[derive(Clone, Copy)]
pub struct SweepReport<'r> {
    /// What was swept.
    pub version: &'r Version,
    /// Over what.
    pub plan: &'r SweepPlan<'r>,
    /// What came out.
    pub sweep: &'r Sweep,
    /// What is looked at, in words: the years, and measures where not all.
    pub of: &'r str,
    /// Whether the runs of every quantile are named, and not those of minimum and maximum alone.
    pub all_runs: bool,
}

/// The names of minimum, quantiles and maximum, rising.
pub fn names() -> impl Iterator<Item = String> {
    let quantiles = LEVELS.map(|level| if level == 50 { "Median".to_owned() } else { format!("{level} %") });
    std::iter::once("Minimum".to_owned()).chain(quantiles).chain(["Maximum".to_owned()])
}

/// Writes a sweep for a terminal of this width.
pub fn write(report: SweepReport<'_>, width: usize) -> String {
    let SweepReport { version, plan, sweep, .. } = report;
    let mut text = format!("{}\n{}\n", version.title, version.path);
    for note in &version.notes {
        text.push_str(&format!("{note}\n"));
    }
    text.push_str(&swept(plan, sweep));
    let spreads: Vec<Option<Spread>> = (0..sweep.payers.len()).map(|payer| sweep.spread(payer)).collect();
    if spreads.iter().any(Option::is_some) {
        let of = report.of;
        text.push_str(&format!("\n{of}: what each party pays, in {}\n\n", sweep.currency));
        text.push_str(&table(sweep, &spreads, width));
        text.push_str(&runs(report, &spreads, width));
    }
    text.push_str(&refused(plan, sweep, width));
    text
}

/// Over what was swept, and how many runs that makes.
fn swept(plan: &SweepPlan<'_>, sweep: &Sweep) -> String {
    let mut text = String::from("\nSwept\n");
    let mut factors = Vec::new();
    let is_drawn = |parameter: &&Parameter| matches!(parameter.values, Values::Drawn(_));
    for parameter in plan.parameters {
        let joint = if is_drawn(&parameter) { "drawn by" } else { "over" };
        text.push_str(&format!("  {} {joint} {}\n", parameter.path, parameter.typed));
        if let Values::Listed(values) = &parameter.values {
            factors.push(counted(values.len(), "value"));
        }
    }
    if plan.parameters.iter().any(|parameter| is_drawn(&parameter)) {
        factors.push(format!("{} by seed {}", counted(plan.draws, "draw"), plan.seed));
    }
    let product = if factors.len() > 1 { format!(" = {}", factors.join(" × ")) } else { String::new() };
    let seed = if factors.len() > 1 { String::new() } else { seed_alone(plan, is_drawn) };
    text.push_str(&format!("  {}{product}{seed}\n", counted(sweep.runs.len(), "run")));
    text
}

fn seed_alone(plan: &SweepPlan<'_>, is_drawn: impl Fn(&&Parameter) -> bool) -> String {
    let any = plan.parameters.iter().any(|parameter| is_drawn(&parameter));
    if any { format!(", drawn by seed {}", plan.seed) } else { String::new() }
}

/// The spreads with the base beside them: parties upright, or lying where that does not fit.
fn table(sweep: &Sweep, spreads: &[Option<Spread>], width: usize) -> String {
    let mut grid = Grid { columns: vec![Head::new("Base")], ..Grid::default() };
    grid.columns.extend(names().enumerate().map(|(position, name)| match position {
        0 => Head::ruled(name),
        _ => Head::new(name),
    }));
    for ((payer, spread), base) in sweep.payers.iter().zip(spreads).zip(&sweep.base) {
        let Some(spread) = spread else { continue };
        let amounts = std::iter::once(*base).chain(spread.points().map(|point| point.amount));
        let head = if payer.0.is_empty() { Head::ruled(&payer.1) } else { Head::new(&payer.1) };
        grid.add_row(head, amounts.map(money_norwegian).collect());
    }
    let upright = grid.text(width);
    let fits = upright.lines().filter(|line| !line.is_empty()).count() == grid.rows.len() + 3;
    if fits { upright } else { grid.turned().text(width) }
}

/// Which runs gave minimum and maximum, or every quantile.
fn runs(report: SweepReport<'_>, spreads: &[Option<Spread>], width: usize) -> String {
    let SweepReport { version, plan, sweep, all_runs, .. } = report;
    // By run: who has which figure from it, and from how many others.
    let mut by_run: BTreeMap<usize, BTreeMap<(usize, usize), Vec<&str>>> = BTreeMap::new();
    let mut constant = Vec::new();
    for ((_, name), spread) in sweep.payers.iter().zip(spreads) {
        let Some(spread) = spread else { continue };
        if spread.is_constant() {
            constant.push(format!("{name} {}", money_norwegian(spread.minimum.amount)));
            continue;
        }
        for (position, point) in spread.points().enumerate() {
            if all_runs || position == 0 || position == LEVELS.len() + 1 {
                let figures = by_run.entry(point.run).or_default();
                figures.entry((position, point.count)).or_default().push(name);
            }
        }
    }
    let mut text = String::new();
    if !by_run.is_empty() {
        text.push_str("\nWhich runs gave that, to be had again with\n");
        text.push_str(&format!("  fordel run {} …\n", version.path));
    }
    let names: Vec<String> = names().collect();
    for (run, figures) in by_run {
        let title = format!("  run {:<6} ", integer_norwegian(&(run + 1).into()));
        let indent = title.chars().count();
        text.push_str(&title);
        text.push_str(&settings(plan, sweep, run, indent, width));
        for ((position, count), payers) in figures {
            let figure = format!("{} of ", names[position].to_lowercase());
            let mut payers: Vec<String> = payers.into_iter().map(str::to_owned).collect();
            if let Some(last) = payers.last_mut().filter(|_| count > 1) {
                last.push_str(&format!(" (and in {})", counted(count - 1, "other run")));
            }
            let indent = indent + figure.chars().count();
            text.push_str(&format!("{}{figure}", " ".repeat(indent - figure.chars().count())));
            text.push_str(&wrapped(&payers, ", ", ",", indent, width));
        }
    }
    if !constant.is_empty() {
        text.push_str("\nThe same in every run\n  ");
        text.push_str(&wrapped(&constant, " · ", " ·", 2, width));
    }
    text
}

/// What was set in a run, as it is typed.
fn settings(plan: &SweepPlan<'_>, sweep: &Sweep, run: usize, indent: usize, width: usize) -> String {
    let settings = plan.settings(&shown(&sweep.runs[run].values));
    let settings: Vec<String> = settings.iter().map(|setting| as_typed(setting)).collect();
    wrapped(&settings, " ", " \\", indent, width)
}

/// What was refused, and why.
fn refused(plan: &SweepPlan<'_>, sweep: &Sweep, width: usize) -> String {
    let all = sweep.refused();
    if all.is_empty() {
        return String::new();
    }
    let mut text = format!(
        "\nRefused, and in none of the figures above: {} of {}\n",
        integer_norwegian(&sweep.refused_count().into()),
        counted(sweep.runs.len(), "run")
    );
    for refused in all.iter().take(REASONS_MAX) {
        text.push_str(&format!("  {}, for the first of them:\n    ", counted(refused.count, "run")));
        text.push_str(&settings(plan, sweep, refused.run, 4, width));
        let words: Vec<String> = refused.reason.message.split(' ').map(str::to_owned).collect();
        text.push_str("    ");
        text.push_str(&wrapped(&words, " ", "", 4, width));
    }
    if all.len() > REASONS_MAX {
        text.push_str(&format!("  and {} other reasons\n", all.len() - REASONS_MAX));
    }
    text
}

/// A setting as it is typed in a shell.
pub fn as_typed(setting: &str) -> String {
    let plain = |sign: char| sign.is_alphanumeric() || "._-+=/:,%@".contains(sign);
    match setting.chars().all(plain) {
        true => format!("--set {setting}"),
        false => format!("--set '{}'", setting.replace('\'', r"'\''")),
    }
}

/// Long numbers with an underscore between groups, as they may be typed.
fn shown(values: &[Value]) -> Vec<Value> {
    let grouped = |value: &Value| {
        let digits = value.text.strip_prefix('-').unwrap_or(&value.text);
        let (whole, decimals) = digits.split_at(digits.find('.').unwrap_or(digits.len()));
        if !value.is_number || whole.len() < GROUPED_DIGITS_MIN {
            return value.clone();
        }
        let mut text = String::from(&value.text[..value.text.len() - digits.len()]);
        for (position, digit) in whole.chars().enumerate() {
            if position > 0 && (whole.len() - position).is_multiple_of(3) {
                text.push('_');
            }
            text.push(digit);
        }
        Value { text: text + decimals, is_number: true }
    };
    values.iter().map(grouped).collect()
}

/// Pieces on as many lines as they need, each line but the last with an ending; the first starts where the text stands.
fn wrapped(pieces: &[String], joint: &str, ending: &str, indent: usize, width: usize) -> String {
    let mut text = String::new();
    let mut column = indent;
    for (position, piece) in pieces.iter().enumerate() {
        let length = piece.chars().count();
        if position > 0 {
            let needed = joint.chars().count() + length + ending.chars().count();
            if column + needed > width {
                text.push_str(&format!("{ending}\n{}", " ".repeat(indent)));
                column = indent;
            } else {
                text.push_str(joint);
                column += joint.chars().count();
            }
        }
        text.push_str(piece);
        column += length;
    }
    text + "\n"
}

fn counted(count: usize, what: &str) -> String {
    format!("{} {what}{}", integer_norwegian(&count.into()), if count == 1 { "" } else { "s" })
}
