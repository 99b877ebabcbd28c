//! What a request asks, from the words after `?` in its address. A word that is not known is refused, so that nobody
//! believes in a narrowing that was not made.

use std::collections::BTreeMap;

use crate::ground::suggest::did_you_mean;

use super::refusal::Refusal;

/// How many things may be set.
const SETS_MAX: usize = 40;
/// The longest text of one word, in bytes.
const VALUE_BYTES_MAX: usize = 2_000;
/// What may be set by a request: parameters that rules declare, which have a range.
const SETTABLE: &str = "parameters.";

/// What is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ask {
    /// What is set for this once.
    pub set: Vec<String>,
    words: BTreeMap<String, String>,
}

impl Ask {
    /// Reads the words after `?`; `known` are those that this request takes, beside `set`.
    ///
    /// # Errors
    /// A refusal of words that are not known, come twice, or are too long.
    pub fn read(query: Option<&str>, known: &[&'static str]) -> Result<Ask, Refusal> {
        let mut ask = Ask::default();
        for (word, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            short_enough(&word, &value)?;
            if word == "set" {
                ask.set.push(settable(&value)?);
                continue;
            }
            if !known.contains(&word.as_ref()) {
                let near = did_you_mean(&word, known.iter().copied());
                let message = format!("this address takes no `{word}`: {near}");
                return Err(Refusal::unusable("unknown-word", message));
            }
            if ask.words.insert(word.clone().into_owned(), value.into_owned()).is_some() {
                return Err(Refusal::unusable("word-twice", format!("`{word}` is given twice")));
            }
        }
        if ask.set.len() > SETS_MAX {
            return Err(Refusal::unusable("too-many-sets", format!("at most {SETS_MAX} things can be set")));
        }
        Ok(ask)
    }

    /// The value of a word; an empty one is none.
    pub fn get(&self, word: &str) -> Option<&str> {
        self.words.get(word).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The value of a word that is one of a few.
    ///
    /// # Errors
    /// A refusal of any other value.
    pub fn one_of<T: Copy>(&self, word: &str, values: &[(&'static str, T)], other: T) -> Result<T, Refusal> {
        let Some(value) = self.get(word) else { return Ok(other) };
        let found = values.iter().find(|(known, _)| *known == value).map(|(_, meant)| *meant);
        found.ok_or_else(|| {
            let known: Vec<&str> = values.iter().map(|(known, _)| *known).collect();
            Refusal::unusable("unknown-value", format!("`{word}` is one of {}", known.join(", ")))
        })
    }

    /// The value of a word that is a whole number.
    ///
    /// # Errors
    /// A refusal of anything else.
    pub fn number<T: std::str::FromStr>(&self, word: &str) -> Result<Option<T>, Refusal> {
        let number = |value: &str| value.parse::<T>().ok();
        let refusal = || Refusal::unusable("not-a-number", format!("`{word}` is a whole number"));
        self.get(word).map(|value| number(value).ok_or_else(refusal)).transpose()
    }
}

fn short_enough(word: &str, value: &str) -> Result<(), Refusal> {
    let refusal = || Refusal::unusable("long-value", format!("`{word}` is too long"));
    if value.len() > VALUE_BYTES_MAX { Err(refusal()) } else { Ok(()) }
}

/// A text that may be set by a request.
///
/// # Errors
/// A refusal of anything but parameters.
pub fn settable(value: &str) -> Result<String, Refusal> {
    short_enough("set", value)?;
    if value.starts_with(SETTABLE) {
        return Ok(value.to_owned());
    }
    let message = "only parameters can be set here, as in set=parameters.equal_part=0.3";
    Err(Refusal::unusable("not-settable", message))
}
