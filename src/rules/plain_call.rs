//! Expressions that only call one rule with what stands there, as in `key(year)` or `half("skjonnsmidler")`. Most
//! expressions of a large scenario are such calls, and compiling each of them would cost more than all else that is
//! asked. Everything that is not plainly one of them is left to the compiler.

use rhai::Dynamic;

use crate::model::years::Year;

use super::aliases;
use super::expression::{MEASURE, YEAR};

/// The longest text that is taken as an argument, in bytes; the compiler judges longer ones.
const TEXT_BYTES_MAX: usize = 200;

/// A call as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlainCall<'e> {
    /// The name of the rule.
    pub name: &'e str,
    /// What it is called with, in order.
    pub arguments: Vec<Argument<'e>>,
}

/// What a rule is called with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Argument<'e> {
    /// A text in quotation marks, without escapes.
    Text(&'e str),
    /// A whole number.
    Number(i64),
    /// The year that is asked for.
    Year,
    /// The id of the measure that is asked for.
    Measure,
}

impl<'e> PlainCall<'e> {
    /// Reads an expression, where it is a plain call.
    ///
    /// ```
    /// use fordel::rules::plain_call::{Argument, PlainCall};
    /// let call = PlainCall::read("mixed(40, \"inhabitants\")").unwrap();
    /// assert_eq!(call.arguments, [Argument::Number(40), Argument::Text("inhabitants")]);
    /// assert_eq!(PlainCall::read("mixed(40.percent)"), None);
    /// ```
    pub fn read(expression: &'e str) -> Option<PlainCall<'e>> {
        let (name, rest) = expression.split_once('(')?;
        let mut inner = rest.strip_suffix(')')?.trim();
        let is_name = |word: &str| {
            word.starts_with(|sign: char| sign.is_ascii_lowercase())
                && word.bytes().all(|sign| sign.is_ascii_alphanumeric() || sign == b'_')
        };
        if !is_name(name) || aliases::english(name).is_some() {
            return None;
        }
        let mut arguments = Vec::new();
        while !inner.is_empty() {
            let (argument, after) = Argument::read(inner)?;
            arguments.push(argument);
            inner = match after.trim_start() {
                "" => "",
                more => more.strip_prefix(',').map(str::trim_start).filter(|more| !more.is_empty())?,
            };
        }
        Some(PlainCall { name, arguments })
    }

    /// The name, where nothing is handed over.
    pub fn bare_name(self) -> Option<String> {
        self.arguments.is_empty().then(|| self.name.to_owned())
    }

    /// The arguments as the engine wants them; none where the measure is asked for and there is none.
    pub fn values(&self, year: Year, measure: Option<&str>) -> Option<Vec<Dynamic>> {
        let value = |argument: &Argument<'_>| match argument {
            Argument::Text(text) => Some(Dynamic::from((*text).to_owned())),
            Argument::Number(number) => Some(Dynamic::from(*number)),
            Argument::Year => Some(Dynamic::from(rhai::INT::from(year))),
            Argument::Measure => measure.map(|id| Dynamic::from(id.to_owned())),
        };
        self.arguments.iter().map(value).collect()
    }
}

impl<'e> Argument<'e> {
    /// The argument at the start of a text, and what stands after it.
    fn read(text: &'e str) -> Option<(Argument<'e>, &'e str)> {
        if let Some(inner) = text.strip_prefix('"') {
            let (inner, after) = inner.split_once('"')?;
            let plain = inner.len() <= TEXT_BYTES_MAX && !inner.contains(['\\', '\n']);
            return plain.then_some((Argument::Text(inner), after));
        }
        let end = text.find(|sign: char| !sign.is_ascii_alphanumeric() && sign != '_').unwrap_or(text.len());
        let (word, after) = text.split_at(end);
        let argument = match word {
            YEAR => Argument::Year,
            MEASURE => Argument::Measure,
            number if number.bytes().all(|sign| sign.is_ascii_digit()) => {
                Argument::Number(number.parse().ok()?)
            }
            _ => return None,
        };
        Some((argument, after))
    }
}
