//! `--set path=value`: one change in one line, read into the same typed changes as those of a variant file. The text is
//! a source of its own, so that faults point into it.

use std::ops::Range;

use crate::ground::diagnostic::Diagnostics;
use crate::ground::ratio::{Ratio, whole};
use crate::ground::source::{Place, SourceId, Spanned};

use super::change::{
    Change, Name, NewFigures, NewValues, PartyChange, PickedYears, ScaledFigures, Scaling, Setting,
    ValueChange, What, Which,
};
use super::change_file::{party_values, setting_of};
use super::decode::{Decoder, clean_name};
use super::inputs::Inputs;
use super::period::MONTHS;
use super::ron_tree::{self, Kind, Node};
use super::years::{Year, YearAmounts};
use super::{change_faults, faults, measure_file};

/// What the text of a change is called in messages.
pub const SET: &str = "--set";

/// What stands first in a path, with what can follow it.
const ROOTS: [&str; 9] = [
    "measures",
    "grants",
    "reserves",
    "drivers",
    "assumptions",
    "parameters",
    "parties",
    "round_to",
    "years",
];
/// What can be set of a measure.
const OF_A_MEASURE: [&str; 14] = [
    "amount",
    "costs",
    "scale",
    "key",
    "charged_to",
    "funding",
    "participants",
    "residual",
    "round_to",
    "rounding",
    "settlement",
    "buy_in",
    "instalments",
    "purpose",
];

/// Reads `path=value` into a change. Faults go to `found`.
pub fn read(text: &str, inputs: &mut Inputs, found: &mut Diagnostics) -> Option<Change> {
    let source = inputs.add_text(SET, text);
    let text = &inputs.sources.get(source).text;
    let Some((path, value_start)) = path_of(source, text) else {
        found.push(change_faults::not_a_setting(&Place { source, bytes: 0..text.len() }));
        return None;
    };
    let mut reading = Reading { d: Decoder::new(source), source, text, value_start };
    let what = reading.what(&path);
    found.append(reading.d.faults);
    let place = Place { source, bytes: 0..text[..value_start].trim_end_matches('=').len() };
    Some(Change { what: what?, place })
}

/// The names of a path, and where the value starts after the equals sign. Dots and equals signs inside of quotation
/// marks are part of a name.
fn path_of(source: SourceId, text: &str) -> Option<(Vec<Name>, usize)> {
    let mut names = Vec::new();
    let mut quoted = false;
    let mut start = 0;
    for (at, sign) in text.char_indices() {
        match sign {
            '"' => quoted = !quoted,
            '.' | '=' if !quoted => {
                let written = &text[start..at];
                let name = clean_name(written.trim().trim_matches('"')).ok()?;
                let lead = written.len() - written.trim_start().len();
                let bytes = start + lead..start + lead + written.trim().len();
                names.push(Spanned { value: name, place: Place { source, bytes } });
                start = at + 1;
                if sign == '=' {
                    return Some((names, start));
                }
            }
            _ => {}
        }
    }
    None
}

/// A path and value that are read.
struct Reading<'s> {
    d: Decoder,
    source: SourceId,
    text: &'s str,
    value_start: usize,
}

impl Reading<'_> {
    fn what(&mut self, path: &[Name]) -> Option<What> {
        let names: Vec<&str> = path.iter().map(|name| name.value.as_str()).collect();
        match names.as_slice() {
            ["measures", _, rest @ ..] => self.of_a_measure(&path[1], rest, path),
            ["grants", _, "awards", _] => {
                let awards = self.amount_of(&path[3])?;
                Some(What::Award(path[1].clone(), awards))
            }
            ["grants", _, "opening", _] => {
                let opening = self.amount_of(&path[3])?;
                Some(What::GrantOpening(path[1].clone(), opening))
            }
            ["grants", _, "carry_over"] => Some(What::CarryOver(path[1].clone(), self.expression()?)),
            ["reserves", _, "opening"] => Some(What::Opening(path[1].clone(), self.value(Decoder::money)?)),
            ["reserves", _, "minimum"] => Some(What::Minimum(path[1].clone(), self.value(Decoder::money)?)),
            ["drivers", _, _] => {
                let values = self.value(party_values)?;
                Some(driver(&path[1], &path[2], values))
            }
            ["drivers", _, _, _] => {
                let (year, value) = (self.year(&path[3]), self.value(Decoder::number));
                let values = PartyChange::Yearly([(year?, value?.value)].into());
                Some(driver(&path[1], &path[2], values))
            }
            ["assumptions", _] => {
                Some(What::Assumption(path[1].clone(), self.value(Decoder::number)?.value, false))
            }
            ["parameters", _] => Some(What::Parameter(path[1].clone(), self.number_or_percent()?)),
            ["parties", _, "until"] => {
                let until = self.value(|d, node| d.month(node, MONTHS))?;
                Some(What::EndParty(path[1].clone(), until))
            }
            ["round_to"] => Some(What::RoundTo(self.value(measure_file::round_to)?)),
            ["years", "last"] => Some(What::LastYear(self.value(Decoder::year)?)),
            _ => self.unknown_path(path),
        }
    }

    fn of_a_measure(&mut self, measure: &Name, rest: &[&str], path: &[Name]) -> Option<What> {
        let which = match measure.value.as_str() {
            "*" => Which::All(measure.place.clone()),
            _ => Which::These(vec![measure.clone()]),
        };
        match rest {
            ["amount", _] | ["costs", _, "budget" | "actual", _] if measure.value == "*" => {
                self.d.faults.push(change_faults::figure_of_all(&measure.place));
                None
            }
            ["amount", _] => Some(What::Amount(measure.clone(), Some(self.amount_of(&path[3])?))),
            ["costs", _, "budget", _] => {
                let figures = NewFigures { budget: self.amount_of(&path[5])?, ..NewFigures::default() };
                Some(What::Cost(measure.clone(), path[3].clone(), figures))
            }
            ["costs", _, "actual", _] => {
                let figures = NewFigures { actual: self.amount_of(&path[5])?, ..NewFigures::default() };
                Some(What::Cost(measure.clone(), path[3].clone(), figures))
            }
            ["costs", _, "scale"] => self.scale(which, ScaledFigures::Line(path[3].clone())),
            ["scale"] => self.scale(which, ScaledFigures::All),
            ["key"] => {
                let key = self.expression()?;
                Some(What::Measures(which, Setting::Key(key)))
            }
            // What comes after the key in the list is set as a whole.
            [field] if OF_A_MEASURE[4..].contains(field) => {
                let setting = self.value(|d, node| setting_of(d, field, node))?;
                Some(What::Measures(which, setting))
            }
            _ => self.unknown_path(path),
        }
    }

    fn scale(&mut self, which: Which, figures: ScaledFigures) -> Option<What> {
        let by = self.value(Decoder::positive)?.value;
        let years = PickedYears::Span(None, None);
        Some(What::Scale(Scaling { which, figures, of_actual: false, by, years, round_to: None }))
    }

    /// A path that names nothing: where it goes wrong, and what could stand there.
    fn unknown_path<T>(&mut self, path: &[Name]) -> Option<T> {
        let names: Vec<&str> = path.iter().map(|name| name.value.as_str()).collect();
        let (depth, known): (usize, &[&str]) = match names.as_slice() {
            ["measures", _, "costs", _, ..] => (4, &["budget.2024", "actual.2024", "scale"]),
            ["measures", _, "costs"] => (3, &["Lisenser.budget.2024"]),
            ["measures", _, "amount", ..] => (3, &["2024"]),
            ["measures", ..] => (2, &OF_A_MEASURE),
            ["grants", _, "awards" | "opening", ..] => (3, &["2024"]),
            ["grants", ..] => (2, &["awards.2024", "opening.2023", "carry_over"]),
            ["reserves", ..] => (2, &["opening", "minimum"]),
            ["drivers", ..] => (2, &["Rana.2023", "Rana"]),
            ["parties", ..] => (2, &["until"]),
            ["years", ..] => (1, &["last"]),
            ["assumptions" | "parameters"] => (1, &["equal_part"]),
            ["assumptions" | "parameters", ..] => (2, &[]),
            ["round_to", ..] => (1, &[]),
            _ => (0, &ROOTS),
        };
        let fault = match path.get(depth) {
            Some(name) => change_faults::unknown_path(&name.place, &name.value, known),
            None => change_faults::unfinished_path(&self.path_place(path), known),
        };
        self.d.faults.push(fault);
        None
    }

    fn path_place(&self, path: &[Name]) -> Place {
        let end = path.last().map_or(self.text.len(), |name| name.place.bytes.end);
        Place { source: self.source, bytes: 0..end }
    }

    /// The value, read as RON.
    fn value<T>(&mut self, read: impl FnOnce(&mut Decoder, &Node) -> Option<T>) -> Option<T> {
        if self.text[self.value_start..].trim().is_empty() {
            let place = Place { source: self.source, bytes: self.value_start - 1..self.value_start };
            self.d.faults.push(faults::expected(&place, "a value after the equals sign"));
            return None;
        }
        match ron_tree::parse_from(self.text, self.value_start) {
            Ok(node) => read(&mut self.d, &node),
            Err(fault) => {
                self.d.faults.push(faults::grammar("this value", self.source, self.text, &fault));
                None
            }
        }
    }

    fn amount_of(&mut self, year: &Name) -> Option<YearAmounts> {
        let (year, amount) = (self.year(year), self.value(Decoder::money));
        Some(YearAmounts::from_iter([(year?, amount?)]))
    }

    fn year(&mut self, name: &Name) -> Option<Year> {
        let bytes: Range<usize> = name.place.bytes.clone();
        self.d.year(&Node { bytes, kind: Kind::Number(&name.value) }).map(|year| year.value)
    }

    /// A number, or one in percent as rules write it: `0.3`, `30.percent`, `30 %`.
    fn number_or_percent(&mut self) -> Option<Spanned<Ratio>> {
        let typed = self.text[self.value_start..].trim();
        let number = [".percent", ".prosent", "%"].iter().find_map(|unit| typed.strip_suffix(unit));
        let Some(number) = number.map(str::trim_end) else { return self.value(Decoder::number) };
        let start = self.text.len() - self.text[self.value_start..].trim_start().len();
        let node = Node { bytes: start..start + typed.len(), kind: Kind::Number(number) };
        let percent = self.d.number(&node)?;
        Some(Spanned { value: percent.value / whole(100), ..percent })
    }

    /// A key or rule as it is typed; quotation marks around it may be there or not.
    fn expression(&mut self) -> Option<Name> {
        let typed = &self.text[self.value_start..];
        if typed.trim_start().starts_with(['"', 'r'])
            && ron_tree::parse_from(self.text, self.value_start).is_ok()
            && typed.trim_end().ends_with(['"', '#'])
        {
            return self.value(Decoder::text);
        }
        let start = self.value_start + typed.len() - typed.trim_start().len();
        let place = Place { source: self.source, bytes: start..start + typed.trim().len() };
        if typed.trim().is_empty() {
            self.d.faults.push(faults::expected(&place, "a rule after the equals sign, as in key=equally()"));
            return None;
        }
        Some(Spanned { value: typed.trim().to_owned(), place })
    }
}

fn driver(driver: &Name, party: &Name, values: PartyChange) -> What {
    What::Driver(driver.clone(), NewValues::Some(vec![ValueChange { party: party.clone(), values }]))
}
