//! A parameter of a sweep: a path as `--set` has it, with the values that it takes. `--over path=0.2..0.6 by 0.1` or
//! `path=3_500_000, 4_000_000` lists them, `--draw path=uniform(24_000, 27_000)` says by what lot they are drawn. The
//! text is a source of its own, so that faults point into it.
//!
//! Deliberately absent: drawing. A distribution is described here, exactly; lots are drawn by whoever sweeps.

use std::collections::BTreeSet;
use std::ops::Range;

use num_bigint::BigInt;
use num_traits::{One, Signed, Zero};

use crate::ground::diagnostic::{Diagnostic, Diagnostics};
use crate::ground::money::Money;
use crate::ground::numerals;
use crate::ground::ratio::{Ratio, decimal_text, fraction, whole};
use crate::ground::source::{Place, SourceId};

use super::change::{Setting, What};
use super::change_apply::apply;
use super::inputs::Inputs;
use super::scenario_file::ScenarioFile;
use super::{faults, parameter_faults, set};

/// The most values of one parameter, and the most runs of a sweep.
pub const RUNS_MAX: usize = 100_000;

/// The distributions.
pub const DISTRIBUTIONS: [&str; 4] = ["uniform", "triangular", "normal", "choice"];

/// More decimals than any number that can be written has.
const DECIMALS_MAX: u32 = 40;

/// A parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// What is set, as a path.
    pub path: String,
    /// Its values, as typed.
    pub typed: String,
    /// Its values.
    pub values: Values,
}

/// The values of a parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Values {
    /// These, one after the other.
    Listed(Vec<Value>),
    /// Drawn by lot.
    Drawn(Distribution),
}

/// One value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value {
    /// As it can be set: numbers plainly, all else as typed.
    pub text: String,
    /// Whether it is a number.
    pub is_number: bool,
}

/// By what lot a value is drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Distribution {
    /// Every step is as likely as any other.
    Uniform(Steps),
    /// The likelihood rises evenly from the lowest step to this one, counted from 0, and falls evenly to the highest.
    Triangular(Steps, BigInt),
    /// A bell around a mean, rounded to multiples of a step.
    Normal {
        /// The mean.
        mean: Ratio,
        /// The standard deviation.
        deviation: Ratio,
        /// What is drawn is a multiple of it.
        step: Ratio,
    },
    /// Each of these is as likely as any other.
    Choice(Vec<Value>),
}

/// Evenly spaced numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Steps {
    /// The first one.
    pub low: Ratio,
    /// From one to the next.
    pub step: Ratio,
    /// How many steps there are from the first to the last.
    pub count: BigInt,
}

impl Value {
    /// A number with finitely many decimals.
    pub fn number(number: &Ratio) -> Value {
        let text = decimal_text(number, DECIMALS_MAX).unwrap_or_else(|| number.to_string());
        Value { text, is_number: true }
    }

    fn typed(text: &str) -> Value {
        match numerals::parse_machine(text) {
            Ok(number) => Value::number(&number),
            Err(_) => Value { text: text.to_owned(), is_number: false },
        }
    }
}

impl Steps {
    /// The number so many steps from the first.
    pub fn at(&self, position: BigInt) -> Ratio {
        &self.low + &self.step * whole(position)
    }
}

/// How a parameter gets its values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// All values that are listed: `--over`.
    Over,
    /// By lot: `--draw`.
    Draw,
}

impl Way {
    /// What its text is called in messages.
    pub fn name(self) -> &'static str {
        match self {
            Way::Over => "--over",
            Way::Draw => "--draw",
        }
    }
}

/// Reads the parameters of a sweep of a scenario as written; each is tried on it with its first value. Faults, and
/// notices of what has no effect, go to `found`.
pub fn read_all(
    typed: &[(Way, &str)],
    file: &ScenarioFile,
    inputs: &mut Inputs,
    found: &mut Diagnostics,
) -> Vec<Parameter> {
    let mut parameters: Vec<Parameter> = Vec::new();
    for (way, text) in typed {
        let source = inputs.add_text(way.name(), text);
        let text = inputs.sources.get(source).text.clone();
        let Some(equals) = equals_of(&text) else {
            found.push(parameter_faults::not_a_parameter(&place(source, &(0..text.len())), *way));
            continue;
        };
        let mut reader = Reader { text: &text, source, equals, file, inputs, found };
        let spec = trimmed(&text, equals + 1..text.len());
        let values = match way {
            Way::Over => reader.listed(&spec).map(Values::Listed),
            Way::Draw => reader.drawn(&spec).map(Values::Drawn),
        };
        let own = trimmed(&text, 0..equals);
        let bare = |path: &str| path.replace(['"', ' '], "");
        if parameters.iter().any(|other| bare(&other.path) == bare(&text[own.clone()])) {
            found.push(parameter_faults::double_parameter(&place(source, &own)));
        }
        let path = text[own].to_owned();
        parameters.extend(values.map(|values| Parameter { path, typed: text[spec].to_owned(), values }));
    }
    parameters
}

/// Reads the values of one parameter. Faults go to `found`.
struct Reader<'r> {
    text: &'r str,
    source: SourceId,
    equals: usize,
    file: &'r ScenarioFile,
    inputs: &'r Inputs,
    found: &'r mut Diagnostics,
}

impl Reader<'_> {
    fn place(&self, bytes: &Range<usize>) -> Place {
        place(self.source, bytes)
    }

    fn fail<T>(&mut self, fault: Diagnostic) -> Option<T> {
        self.found.push(fault);
        None
    }

    /// Values and ranges between commas.
    fn listed(&mut self, spec: &Range<usize>) -> Option<Vec<Value>> {
        let mut values = Vec::new();
        let mut known: BTreeSet<String> = BTreeSet::new();
        for piece in self.pieces(spec)? {
            let own = match find_outside(self.text, &piece, "..") {
                Some(dots) => self.range(&piece, dots)?,
                None => vec![Value::typed(&self.text[piece.clone()])],
            };
            let ends = [own.first(), own.get(1), own.last()];
            for (position, value) in ends.into_iter().flatten().enumerate() {
                self.try_value(&value.text, &piece, values.is_empty() && position == 0)?;
            }
            if let Some(double) = own.iter().find(|own| !known.insert(own.text.clone())) {
                return self.fail(parameter_faults::double_value(&self.place(&piece), &double.text));
            }
            values.extend(own);
        }
        Some(values)
    }

    /// The numbers of a range `low..high by step`.
    fn range(&mut self, piece: &Range<usize>, dots: usize) -> Option<Vec<Value>> {
        let by = find_outside(self.text, piece, " by ");
        let Some(by) = by else {
            return self.fail(parameter_faults::range_without_step(&self.place(piece)));
        };
        let from = self.number(&trimmed(self.text, piece.start..dots))?;
        let to_bytes = trimmed(self.text, dots + 2..by);
        let to = self.number(&to_bytes)?;
        let step_bytes = trimmed(self.text, by + 4..piece.end);
        let step = self.number(&step_bytes)?;
        if step.is_zero() {
            return self.fail(parameter_faults::step_of_zero(&self.place(&step_bytes)));
        }
        let count = (&to - &from) / &step;
        if count.is_negative() {
            return self.fail(parameter_faults::step_wrong_way(&self.place(&step_bytes), &from, &to, &step));
        }
        if !count.is_integer() {
            let last = &from + &step * count.floor();
            return self.fail(parameter_faults::range_misses_end(
                &self.place(&to_bytes),
                &Value::number(&last).text,
                &Value::number(&(last + step)).text,
            ));
        }
        let steps = Steps { low: from, step, count: count.to_integer() };
        if steps.count >= BigInt::from(RUNS_MAX) {
            let count = &steps.count + BigInt::one();
            return self.fail(parameter_faults::too_many_values(&self.place(piece), &count));
        }
        let mut values = Vec::new();
        let mut position = BigInt::zero();
        while position <= steps.count {
            values.push(Value::number(&steps.at(position.clone())));
            position += BigInt::one();
        }
        Some(values)
    }

    /// A distribution: its name, what is in its parentheses, and a step after them.
    fn drawn(&mut self, spec: &Range<usize>) -> Option<Distribution> {
        let text = &self.text[spec.clone()];
        let (open, close) = (text.find('('), text.rfind(')'));
        let (Some(open), Some(close)) = (open, close) else {
            return self.fail(parameter_faults::no_distribution(&self.place(spec)));
        };
        let (open, close) = (spec.start + open, spec.start + close);
        let name = trimmed(self.text, spec.start..open);
        let word = &self.text[name.clone()];
        if !DISTRIBUTIONS.contains(&word) {
            return self.fail(parameter_faults::unknown_distribution(&self.place(&name), word));
        }
        let inside = self.pieces(&trimmed(self.text, open + 1..close))?;
        if word == "choice" {
            let rest = trimmed(self.text, close + 1..spec.end);
            if !rest.is_empty() {
                return self.fail(parameter_faults::step_of_choice(&self.place(&rest)));
            }
            let values =
                inside.iter().map(|piece| Value::typed(&self.text[piece.clone()])).collect::<Vec<_>>();
            for (position, (value, piece)) in values.iter().zip(&inside).enumerate() {
                self.try_value(&value.text, piece, position == 0)?;
            }
            return Some(Distribution::Choice(values));
        }
        let wanted = if word == "triangular" { 3 } else { 2 };
        if inside.len() != wanted {
            let place = self.place(&(open..close + 1));
            return self.fail(parameter_faults::wrong_count(&place, word, wanted, inside.len()));
        }
        let numbers = inside.iter().map(|piece| self.number(piece)).collect::<Option<Vec<Ratio>>>()?;
        let what = self.try_value(&Value::number(&numbers[0]).text, &inside[0], true)?;
        let step = self.step(close + 1..spec.end, &what, &numbers)?;
        match word {
            "normal" => self.normal(&numbers, step, &inside),
            _ => self.steps(&numbers, step, &inside),
        }
    }

    /// A bell.
    fn normal(&mut self, numbers: &[Ratio], step: Ratio, inside: &[Range<usize>]) -> Option<Distribution> {
        let [mean, deviation] = numbers else { return None };
        if !deviation.is_positive() {
            return self.fail(parameter_faults::no_deviation(&self.place(&inside[1])));
        }
        Some(Distribution::Normal { mean: mean.clone(), deviation: deviation.clone(), step })
    }

    /// Uniform or triangular: from the first number to the last, with the one between as the most likely.
    fn steps(&mut self, numbers: &[Ratio], step: Ratio, inside: &[Range<usize>]) -> Option<Distribution> {
        for (pair, pieces) in numbers.windows(2).zip(inside.windows(2)) {
            if pair[0] > pair[1] {
                let place = self.place(&(pieces[0].start..pieces[1].end));
                return self.fail(parameter_faults::low_above_high(&place, &pair[0], &pair[1]));
            }
        }
        let low = numbers[0].clone();
        let mut counts = Vec::new();
        for (number, piece) in numbers.iter().zip(inside).skip(1) {
            let count = (number - &low) / &step;
            if !count.is_integer() {
                let (low, step) = (Value::number(&low).text, Value::number(&step).text);
                return self.fail(parameter_faults::no_whole_steps(&self.place(piece), &low, &step));
            }
            self.try_value(&Value::number(number).text, piece, false)?;
            counts.push(count.to_integer());
        }
        let count = counts.pop()?;
        let second = &low + &step;
        if count.is_positive() {
            self.try_value(&Value::number(&second).text, &inside[0], false)?;
        }
        let steps = Steps { low, step, count };
        Some(match counts.pop() {
            Some(mode) => Distribution::Triangular(steps, mode),
            None => Distribution::Uniform(steps),
        })
    }

    /// The step of what is drawn: as typed after `by`, else the finest that the field takes.
    fn step(&mut self, rest: Range<usize>, what: &What, numbers: &[Ratio]) -> Option<Ratio> {
        let rest = trimmed(self.text, rest);
        if rest.is_empty() {
            return Some(self.finest(what, numbers));
        }
        let typed = self.text[rest.clone()].strip_prefix("by ");
        let Some(typed) = typed else {
            return self.fail(parameter_faults::not_a_step(&self.place(&rest)));
        };
        let bytes = trimmed(self.text, rest.end - typed.len()..rest.end);
        let step = self.number(&bytes)?;
        if !step.is_positive() {
            return self.fail(parameter_faults::step_not_positive(&self.place(&bytes)));
        }
        Some(step)
    }

    /// Money in units of the scenario's rounding, or øre where the numbers have them; a driver that is counted in whole
    /// numbers in whole numbers; all else in ten-thousandths.
    fn finest(&self, what: &What, numbers: &[Ratio]) -> Ratio {
        let multiples = |unit: &Ratio| numbers.iter().all(|number| (number / unit).is_integer());
        let unit = match what {
            What::Cost(..)
            | What::Amount(..)
            | What::Award(..)
            | What::GrantOpening(..)
            | What::Opening(..)
            | What::Minimum(..) => self.file.round_to.as_ref().map_or(Money::ORE, |unit| unit.value).kroner(),
            What::RoundTo(_) | What::Measures(_, Setting::RoundTo(_)) => Money::ORE.kroner(),
            What::Driver(..) => whole(1),
            _ => return fraction(1, 10_000),
        };
        match what {
            _ if multiples(&unit) => unit,
            What::Driver(..) => fraction(1, 10_000),
            _ => Money::ORE.kroner(),
        }
    }

    fn number(&mut self, bytes: &Range<usize>) -> Option<Ratio> {
        let written = &self.text[bytes.clone()];
        match numerals::parse_machine(written) {
            Ok(number) => Some(number),
            Err(fault) => {
                let place = self.place(bytes);
                self.fail(faults::bad_number(&place, written, fault))
            }
        }
    }

    /// The pieces between commas, none of them empty.
    fn pieces(&mut self, spec: &Range<usize>) -> Option<Vec<Range<usize>>> {
        let mut pieces = Vec::new();
        let mut start = spec.start;
        while let Some(comma) = find_outside(self.text, &(start..spec.end), ",") {
            pieces.push(trimmed(self.text, start..comma));
            start = comma + 1;
        }
        pieces.push(trimmed(self.text, start..spec.end));
        match pieces.iter().find(|piece| piece.is_empty()) {
            Some(_) if pieces.len() == 1 => {
                self.fail(parameter_faults::no_values(&self.place(&(0..spec.end))))
            }
            Some(piece) => {
                let at = piece.start.saturating_sub(1);
                self.fail(parameter_faults::missing_value(&self.place(&(at..at + 1))))
            }
            None => Some(pieces),
        }
    }

    /// Reads a value as `--set` does, and sets it where asked; faults are shown at the path or at this place.
    fn try_value(&mut self, value: &str, at: &Range<usize>, on_the_scenario: bool) -> Option<What> {
        let (mut inputs, mut found) = (self.inputs.clone(), Diagnostics::default());
        let path = &self.text[..self.equals];
        let change = set::read(&format!("{path}={value}"), &mut inputs, &mut found);
        if let Some(change) = change.as_ref().filter(|_| on_the_scenario) {
            apply(&mut self.file.clone(), std::slice::from_ref(change), &mut found);
        }
        // The text with this value was added last; whatever stands in it is shown where it was typed.
        let (source, equals) = (self.source, self.equals);
        let moved = |there: Place| match there.source > source {
            true if there.bytes.end <= equals => place(source, &there.bytes),
            true => place(source, at),
            false => there,
        };
        let is_fine = !found.has_errors();
        for mut fault in found.iter().filter(|fault| fault.code != "nothing-changed").cloned() {
            fault.place = fault.place.map(|(there, remark)| (moved(there), remark));
            fault.related = fault.related.into_iter().map(|(there, remark)| (moved(there), remark)).collect();
            self.found.push(fault);
        }
        change.filter(|_| is_fine).map(|change| change.what)
    }
}

fn place(source: SourceId, bytes: &Range<usize>) -> Place {
    Place { source, bytes: bytes.clone() }
}

/// The bytes without blanks at their ends.
fn trimmed(text: &str, bytes: Range<usize>) -> Range<usize> {
    let own = &text[bytes.clone()];
    let start = bytes.start + own.len() - own.trim_start().len();
    start..start.max(bytes.start + own.trim_end().len())
}

/// The equals sign after a path: the first one outside of quotation marks.
fn equals_of(text: &str) -> Option<usize> {
    let mut quoted = false;
    let found = text.char_indices().find(|(_, sign)| {
        quoted ^= *sign == '"';
        *sign == '=' && !quoted
    });
    found.map(|(at, _)| at)
}

/// Where some signs stand outside of all brackets and quotation marks.
fn find_outside(text: &str, bytes: &Range<usize>, signs: &str) -> Option<usize> {
    let (mut depth, mut quote, mut escaped) = (0_usize, None, false);
    for (at, sign) in text[bytes.clone()].char_indices() {
        let at = bytes.start + at;
        if quote.is_none() && depth == 0 && text[at..bytes.end].starts_with(signs) {
            return Some(at);
        }
        match sign {
            '\\' if quote.is_some() && !escaped => {
                escaped = true;
                continue;
            }
            '"' | '`' if !escaped => {
                quote = match quote {
                    None => Some(sign),
                    Some(open) if open == sign => None,
                    open => open,
                }
            }
            '(' | '[' | '{' if quote.is_none() => depth += 1,
            ')' | ']' | '}' if quote.is_none() => depth = depth.saturating_sub(1),
            _ => {}
        }
        escaped = false;
    }
    None
}
