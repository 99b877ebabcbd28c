//! Parameters of rules: numbers that somebody will want to try others for. A rule gives a name, a default and a range,
//! `param("equal_part", 40.percent, 0.percent..100.percent)`; a change may set another number within the range, and so
//! may an assumption of that name.
//!
//! Which parameters there are is known once the rules have been asked: it is part of the plan.

use std::sync::{Arc, Mutex};

use num_traits::Signed;
use rhai::{Dynamic, Engine, NativeCallContext};

use crate::ground::diagnostic::{Diagnostic, Diagnostics};
use crate::ground::numerals::exact_norwegian;
use crate::ground::ratio::{self, Ratio};
use crate::ground::source::{Place, Sources};
use crate::model::scenario::Scenario;

use super::declared::{ScriptPlace, Word, refuse};
use super::expression::Expressions;
use super::numbers::{exact_value, span, to_dynamic};
use super::parameter_text::{Literal, PARAM, arguments};
use super::plan_faults as faults;
use super::words::example;

/// How many steps there are from the minimum to the maximum where a rule does not say.
const STEPS: u8 = 100;
/// The longest name, in characters.
const NAME_CHARACTERS_MAX: usize = 60;

/// A parameter that rules asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// What it is called.
    pub name: String,
    /// What it is where nothing sets it.
    pub default: Ratio,
    /// The smallest number that it may be set to.
    pub minimum: Ratio,
    /// The largest.
    pub maximum: Ratio,
    /// From one number to the next, when somebody tries them; any number in the range may be set.
    pub step: Ratio,
    /// What it is.
    pub value: Ratio,
    /// What it is from.
    pub given: Given,
    /// The call that declares it, to its last bracket.
    pub place: Place,
    /// Its default in that call.
    pub default_place: Place,
    /// Where else the same is declared, with the same numbers.
    pub also_at: Vec<Place>,
    /// The rule that declares it; none where it stands in the scenario.
    pub rule: Option<String>,
    /// The documentation of that rule, a line each.
    pub documentation: Vec<String>,
}

/// What the value of a parameter is from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Given {
    /// The rule itself.
    Default,
    /// The assumption of the same name.
    Assumption,
    /// A change, with the place where it sets the number.
    Set(Place),
}

impl Given {
    /// In words.
    pub fn words(&self) -> &'static str {
        match self {
            Given::Default => "the default",
            Given::Assumption => "the assumption of that name",
            Given::Set(_) => "set by a change",
        }
    }
}

impl Parameter {
    /// What it is where no change sets it.
    pub fn unset(&self, scenario: &Scenario) -> Ratio {
        scenario.assumptions.get(&self.name).unwrap_or(&self.default).clone()
    }

    /// The line that the default stands in, as it is and as it would be with another default, written as this one is;
    /// none where the default is worked out, or no decimal is that number.
    pub fn line_with(&self, sources: &Sources, value: &Ratio) -> Option<(String, String)> {
        let text = &sources.get(self.default_place.source).text;
        let bytes = &self.default_place.bytes;
        let literal = Literal::read(text.get(bytes.clone())?).filter(|own| own.value == self.default)?;
        let start = text[..bytes.start].rfind('\n').map_or(0, |newline| newline + 1);
        let end = text[bytes.end..].find('\n').map_or(text.len(), |newline| bytes.end + newline);
        let now = text[start..end].trim_end();
        let (before, after) = (&text[start..bytes.start], text[bytes.end..end].trim_end());
        Some((now.to_owned(), format!("{before}{}{after}", literal.write(value)?)))
    }
}

/// A parameter as a rule declares it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeclaredParameter {
    /// What it is called.
    pub name: String,
    /// Default, minimum, maximum and step.
    pub numbers: [Ratio; 4],
    /// Where it was declared.
    pub place: ScriptPlace,
}

/// The parameters that have been asked for.
#[derive(Clone, Default)]
pub struct Asked(Arc<Mutex<Vec<DeclaredParameter>>>);

impl Asked {
    /// What has been asked for since it was taken last, none of it twice.
    pub fn take(&self) -> Vec<DeclaredParameter> {
        self.0.lock().map(|mut asked| std::mem::take(&mut *asked)).unwrap_or_default()
    }

    fn note(&self, declared: &DeclaredParameter) {
        if let Ok(mut asked) = self.0.lock()
            && !asked.contains(declared)
        {
            asked.push(declared.clone());
        }
    }
}

/// Registers the word; what is asked for goes to `asked`.
pub fn register(engine: &mut Engine, scenario: &Arc<Scenario>, asked: Asked) {
    register_with(engine, scenario, move |declared, _| asked.note(declared));
}

/// Registers the word; whoever wants to know is told what was declared and what it is.
pub(super) fn register_with(
    engine: &mut Engine,
    scenario: &Arc<Scenario>,
    tell: impl Fn(&DeclaredParameter, &Dynamic) + Clone + Send + Sync + 'static,
) {
    let (own, tell_too) = (Arc::clone(scenario), tell.clone());
    engine.register_fn(
        PARAM,
        move |context: NativeCallContext, name: Dynamic, default: Dynamic, range: Dynamic| {
            let declared = declared(&context, &name, &default, &range, None)?;
            let value = to_dynamic(&value(&own, &declared).0);
            tell(&declared, &value);
            Word::Ok(value)
        },
    );
    let own = Arc::clone(scenario);
    engine.register_fn(
        PARAM,
        move |context: NativeCallContext, name: Dynamic, default: Dynamic, range: Dynamic, step: Dynamic| {
            let declared = declared(&context, &name, &default, &range, Some(&step))?;
            let value = to_dynamic(&value(&own, &declared).0);
            tell_too(&declared, &value);
            Word::Ok(value)
        },
    );
}

/// What a parameter is, and what that is from. A number outside of its range has been told, or will be; so that nothing
/// else is told for it, the default stands.
fn value(scenario: &Scenario, declared: &DeclaredParameter) -> (Ratio, Given) {
    let [default, minimum, maximum, _] = &declared.numbers;
    let fits = |number: &Ratio| (minimum..=maximum).contains(&number);
    if let Some(set) = scenario.parameters.get(&declared.name) {
        return match set.is_carried || fits(&set.value.value) {
            true => (set.value.value.clone(), Given::Set(set.value.place.clone())),
            false => (default.clone(), Given::Default),
        };
    }
    match scenario.assumptions.get(&declared.name).filter(|assumed| fits(assumed)) {
        Some(assumed) => (assumed.clone(), Given::Assumption),
        None => (default.clone(), Given::Default),
    }
}

/// A parameter with numbers that go together.
fn declared(
    context: &NativeCallContext<'_>,
    name: &Dynamic,
    default: &Dynamic,
    range: &Dynamic,
    step: Option<&Dynamic>,
) -> Word<DeclaredParameter> {
    let help = format!("as in {}", example(PARAM).unwrap_or_default());
    let Ok(name) = name.clone().into_string() else {
        return refuse("no-name", "the name of a parameter is a text in quotation marks", help);
    };
    let is_sign = |sign: char| sign.is_alphanumeric() || sign == '_' || sign == '-';
    if name.is_empty() || name.chars().count() > NAME_CHARACTERS_MAX || !name.chars().all(is_sign) {
        let message = format!("`{name}` cannot name a parameter");
        return refuse("no-name", message, "a name has letters, digits, - and _, and at most 60 of them");
    }
    let Some(default) = exact_value(default) else {
        return refuse("not-a-number", format!("the default of `{name}` is not a number"), help);
    };
    let Some(range) = span(range) else {
        let message = format!("what follows the default of `{name}` is not a range");
        return refuse("not-a-range", message, format!("a range is written 0..1, with two points, {help}"));
    };
    let (low, high) = (exact_norwegian(&range.low), exact_norwegian(&range.high));
    if range.low >= range.high {
        let message =
            format!("there is nothing in the range of `{name}`, from {low} to {high}, to choose from");
        return refuse(
            "empty-range",
            message,
            "the smallest number comes first, and the largest after the points",
        );
    }
    if default < range.low || range.high < default {
        let message = format!(
            "the default of `{name}`, {}, is outside of its range, {low} to {high}",
            exact_norwegian(&default)
        );
        let hundredth = &default / ratio::whole(100);
        let is_percent = range.low <= hundredth && hundredth <= range.high && default.is_positive();
        return refuse(
            "default-outside",
            message,
            match is_percent {
                true => format!("did you mean {}.percent?", Literal::plain(&default)),
                false => "widen the range, or choose another default".to_owned(),
            },
        );
    }
    let width = &range.high - &range.low;
    let step = match step {
        None => Some(&width / ratio::whole(STEPS)),
        Some(step) => exact_value(step).filter(|step| step.is_positive() && *step <= width),
    };
    let Some(step) = step else {
        let message = format!("the step of `{name}` is not a number above 0, or wider than its range");
        return refuse("bad-step", message, "as in param(\"rate\", 21, 0..40, 1)");
    };
    let numbers = [default, range.low, range.high, step];
    Ok(DeclaredParameter { name, numbers, place: ScriptPlace::of(context) })
}

/// The parameters of a run so far, with what is wrong with them.
#[derive(Default)]
pub struct Parameters {
    list: Vec<Parameter>,
    declared: Vec<DeclaredParameter>,
    faults: Vec<Diagnostic>,
}

impl Parameters {
    /// Whether nothing was asked for.
    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Whether exactly this is known.
    pub(super) fn has(&self, declared: &DeclaredParameter) -> bool {
        self.declared.contains(declared)
    }

    /// Adds what was declared by a word at a place.
    pub(super) fn add(&mut self, declared: DeclaredParameter, word: &Place, asked: &Expressions<'_>) {
        let (place, default_place) = stretches(word, &asked.sources.get(word.source).text);
        let [default, minimum, maximum, step] = declared.numbers.clone();
        let rule = asked.rulebook.rule_at(word);
        let (value, given) = value(asked.scenario, &declared);
        let parameter = Parameter {
            name: declared.name.clone(),
            default,
            minimum,
            maximum,
            step,
            value,
            given,
            place,
            default_place,
            also_at: vec![],
            rule: rule.map(|rule| rule.name.clone()),
            documentation: rule.map(|rule| rule.documentation.clone()).unwrap_or_default(),
        };
        self.declared.push(declared);
        match self.list.iter_mut().find(|known| known.name == parameter.name) {
            None => self.list.push(parameter),
            Some(known) if !known.has_numbers_of(&parameter) => {
                self.faults.push(faults::unlike_parameters(known, &parameter));
            }
            Some(known) => known.join(parameter),
        }
    }

    /// The parameters by file and place; what is wrong with them, and with what is set, goes to `found`.
    pub(super) fn finish(mut self, asked: &Expressions<'_>, found: &mut Diagnostics) -> Vec<Parameter> {
        let scenario = asked.scenario;
        self.list.sort_by_key(order);
        // Where a rule has a fault of its own, not all of them may have been asked for.
        let all_known = !found.has_errors();
        self.faults.into_iter().for_each(|fault| found.push(fault));
        for (name, set) in scenario.parameters.iter().filter(|(_, set)| !set.is_carried) {
            match self.list.iter().find(|known| known.name == *name) {
                Some(known) if !known.holds(&set.value.value) => {
                    found.push(faults::parameter_outside(known, &set.value));
                }
                None if all_known => found.push(match asked.rule_that_declares(name) {
                    Some((rule, place)) => faults::parameter_not_asked(&set.name, name, &rule.name, &place),
                    None => faults::unknown_parameter(&set.name, name, &self.list),
                }),
                _ => {}
            }
        }
        for known in &self.list {
            let assumed = scenario.assumptions.get(&known.name).filter(|own| !known.holds(own));
            if let Some(assumed) = assumed.filter(|_| !scenario.parameters.contains_key(&known.name)) {
                found.push(faults::assumption_outside(known, assumed));
            }
        }
        self.list
    }
}

impl Parameter {
    /// Whether a number is in the range.
    pub fn holds(&self, number: &Ratio) -> bool {
        (&self.minimum..=&self.maximum).contains(&number)
    }

    fn has_numbers_of(&self, other: &Parameter) -> bool {
        let numbers =
            |own: &Parameter| [&own.default, &own.minimum, &own.maximum, &own.step].map(Clone::clone);
        numbers(self) == numbers(other)
    }

    /// Takes in another declaration of the same: it is shown where it stands first.
    fn join(&mut self, mut other: Parameter) {
        if other.place == self.place || self.also_at.contains(&other.place) {
            return;
        }
        if order(&other) < order(self) {
            std::mem::swap(self, &mut other);
            self.also_at.append(&mut other.also_at);
        }
        self.also_at.push(other.place);
    }
}

/// By what parameters are ordered.
fn order(parameter: &Parameter) -> (crate::ground::source::SourceId, usize) {
    (parameter.place.source, parameter.place.bytes.start)
}

/// The stretch of a call, and that of its default.
fn stretches(word: &Place, text: &str) -> (Place, Place) {
    let place = |bytes| Place { source: word.source, bytes };
    match arguments(text, word.bytes.end) {
        Some((arguments, end)) if arguments.len() > 1 => {
            (place(word.bytes.start..end), place(arguments[1].clone()))
        }
        _ => (word.clone(), word.clone()),
    }
}
