//! The numbers of rules that can be tried, for sliders. Machine texts are decimals, since that is what a slider takes and
//! what is set by it; a number that no decimal is can be looked at and not tried.

use serde::Serialize;

use crate::ground::numerals::exact_norwegian;
use crate::ground::ratio::{Ratio, decimal_text, whole};
use crate::ground::source::Sources;
use crate::report::language::Language;
use crate::rules::parameters::Parameter;

use super::numbers::Manner;

/// How many digits a number may have after the point to be tried.
const DIGITS_MAX: u32 = 12;
/// How a default is written that counts in hundredths, in English and Norwegian.
const PERCENT_ENDINGS: [&str; 2] = [".percent", ".prosent"];

/// A number of a rule that can be tried.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Slider {
    /// Its name.
    pub name: String,
    /// Its value for people.
    pub text: String,
    /// What the rule says, for people.
    pub default_text: String,
    /// The least that it may be.
    pub minimum: String,
    /// The most that it may be.
    pub maximum: String,
    /// What it is where nothing is tried.
    pub default: String,
    /// What it is.
    pub value: String,
    /// From one value to the next.
    pub step: String,
    /// Whether all these numbers are decimals.
    pub can: bool,
    /// `file:line`.
    pub place: String,
    /// The documentation of the rule, a line each.
    pub documentation: Vec<String>,
    /// The line of the rule; empty where the number does not stand in it.
    pub line_now: String,
    /// The line that would give this value.
    pub line_then: String,
}

/// A slider for each parameter; `untried` gives what each of them is where nothing is tried.
pub fn sliders(
    parameters: &[Parameter],
    untried: impl Fn(&Parameter) -> Ratio,
    sources: &Sources,
    manner: Manner,
) -> Vec<Slider> {
    parameters.iter().map(|parameter| slider(parameter, &untried(parameter), sources, manner)).collect()
}

fn slider(parameter: &Parameter, untried: &Ratio, sources: &Sources, manner: Manner) -> Slider {
    let Parameter { minimum, maximum, step, value, .. } = parameter;
    let written = &sources.get(parameter.default_place.source).text[parameter.default_place.bytes.clone()];
    let in_percent = PERCENT_ENDINGS.iter().any(|ending| written.trim_end().ends_with(ending));
    let numbers = [minimum, maximum, untried, value, step];
    let can = numbers.iter().all(|number| decimal_text(number, DIGITS_MAX).is_some());
    let machine = |number: &Ratio| decimal_text(number, DIGITS_MAX).unwrap_or_else(|| number.to_string());
    let line = parameter.line_with(sources, value);
    let (line_now, line_then) = line.unwrap_or_default();
    Slider {
        name: parameter.name.clone(),
        text: shown(value, in_percent, manner.language),
        default_text: shown(untried, in_percent, manner.language),
        minimum: machine(minimum),
        maximum: machine(maximum),
        default: machine(untried),
        value: machine(value),
        step: machine(step),
        can,
        place: sources.locate_line(&parameter.place),
        documentation: parameter.documentation.clone(),
        line_now: line_now.trim_start().to_owned(),
        line_then: line_then.trim_start().to_owned(),
    }
}

fn shown(number: &Ratio, in_percent: bool, language: Language) -> String {
    let counted = if in_percent { number * whole(100) } else { number.clone() };
    let text = match language {
        Language::Bokmaal | Language::Nynorsk => exact_norwegian(&counted),
        Language::English => decimal_text(&counted, DIGITS_MAX).unwrap_or_else(|| counted.to_string()),
    };
    match (in_percent, language) {
        (false, _) => text,
        (true, Language::English) => format!("{text}%"),
        (true, _) => format!("{text}\u{a0}%"),
    }
}
