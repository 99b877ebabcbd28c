//! From RON values to what a scenario needs: texts, exact numbers, years, amounts, lists and fields. Every
//! fault is collected with its place and a remedy, and reading goes on.

use std::collections::BTreeMap;

use crate::ground::diagnostic::Diagnostics;
use crate::ground::money::Money;
use crate::ground::numerals;
use crate::ground::ratio::Ratio;
use crate::ground::source::{Place, SourceId, Spanned};
use crate::ground::suggest::nearest;

use super::faults;
use super::period::{MONTHS, Month, Period};
use super::ron_tree::{Field, Kind, Node};
use super::years::{Year, YearAmounts};

/// The longest name of anything, in characters.
const NAME_CHARACTERS_MAX: usize = 200;

/// Reads values of one source and collects their faults.
pub struct Decoder {
    source: SourceId,
    /// Where faults go.
    pub faults: Diagnostics,
}

/// The fields of one struct, as written.
pub struct Fields<'n> {
    what: &'static str,
    place: Place,
    unknown: Vec<&'n str>,
    fields: &'n [Field<'n>],
}

impl Decoder {
    /// A decoder for values of this source.
    pub fn new(source: SourceId) -> Decoder {
        Decoder { source, faults: Diagnostics::default() }
    }

    /// The place of a value.
    pub fn place(&self, node: &Node) -> Place {
        Place { source: self.source, bytes: node.bytes.clone() }
    }

    /// The fields of a struct that describes `what`; unknown and double fields are faults.
    pub fn fields<'n>(
        &mut self,
        node: &'n Node<'n>,
        what: &'static str,
        known: &[&str],
    ) -> Option<Fields<'n>> {
        let place = self.place(node);
        let Kind::Struct(fields) = &node.kind else {
            let expected = format!("{what}: fields in parentheses, as in ({}: …)", known[0]);
            self.faults.push(match &node.kind {
                Kind::Variant(word, parts) if !word.is_empty() && !parts.is_empty() => {
                    let bytes = place.bytes.start..place.bytes.start + word.len();
                    faults::expected(&Place { bytes, ..place }, &expected).help("leave out this word")
                }
                _ => faults::expected(&place, &expected),
            });
            return None;
        };
        let mut unknown = Vec::new();
        for (index, field) in fields.iter().enumerate() {
            let name_place = Place { source: self.source, bytes: field.name_bytes.clone() };
            if !known.contains(&field.name) {
                self.faults.push(faults::unknown_field(&name_place, field.name, what, known));
                unknown.push(field.name);
            } else if fields[..index].iter().any(|earlier| earlier.name == field.name) {
                self.faults.push(faults::double_field(&name_place, field.name, what));
            }
        }
        // A fault of the whole is shown at the name of the thing, where it has one.
        let name = fields.iter().find(|field| ["id", "line", "party"].contains(&field.name));
        let place = match name {
            Some(field) => self.place(&field.value),
            None => Place { source: self.source, bytes: place.bytes.start..place.bytes.start + 1 },
        };
        Some(Fields { what, place, unknown, fields })
    }

    /// A text.
    pub fn text(&mut self, node: &Node) -> Option<Spanned<String>> {
        let place = self.place(node);
        match &node.kind {
            Kind::Text(value) => Some(Spanned { value: value.clone().into_owned(), place }),
            _ => {
                self.faults
                    .push(faults::expected(&place, "a text in straight quotation marks, as in \"drift\""));
                None
            }
        }
    }

    /// A name: a text that is not blank, not endless and has nothing invisible in it. Outer spaces go.
    pub fn name(&mut self, node: &Node) -> Option<Spanned<String>> {
        let Spanned { value, place } = self.text(node)?;
        match clean_name(&value) {
            Ok(value) => Some(Spanned { value, place }),
            Err(reason) => {
                self.faults.push(faults::bad_name(&place, &value, reason));
                None
            }
        }
    }

    /// An exact number.
    pub fn number(&mut self, node: &Node) -> Option<Spanned<Ratio>> {
        let place = self.place(node);
        let Kind::Number(written) = &node.kind else {
            self.faults.push(faults::expected(&place, "a number, as in 3_031_843.28"));
            return None;
        };
        match numerals::parse_machine(written) {
            Ok(value) => Some(Spanned { value, place }),
            Err(fault) => {
                self.faults.push(faults::bad_number(&place, written, fault));
                None
            }
        }
    }

    /// A positive number.
    pub fn positive(&mut self, node: &Node) -> Option<Spanned<Ratio>> {
        let number = self.number(node)?;
        if number.value <= Ratio::from_integer(0.into()) {
            self.faults.push(faults::expected(&number.place, "a number above zero"));
            return None;
        }
        Some(number)
    }

    /// An amount in kroner that is a whole number of øre.
    pub fn money(&mut self, node: &Node) -> Option<Spanned<Money>> {
        if let Some(value) = plain_money(node) {
            return Some(Spanned { value, place: self.place(node) });
        }
        let number = self.number(node)?;
        match Money::from_kroner(&number.value) {
            Ok(value) => Some(Spanned { value, place: number.place }),
            Err(fault) => {
                self.faults.push(faults::not_money(&number.place, fault));
                None
            }
        }
    }

    /// A year, four digits.
    pub fn year(&mut self, node: &Node) -> Option<Spanned<Year>> {
        let place = self.place(node);
        let written = match &node.kind {
            Kind::Number(written) => *written,
            _ => "",
        };
        match written.parse::<Year>() {
            Ok(value) if (1000..=9999).contains(&value) => Some(Spanned { value, place }),
            _ => {
                self.faults.push(faults::expected(&place, "a year with four digits, as in 2024"));
                None
            }
        }
    }

    /// `true` or `false`.
    pub fn truth(&mut self, node: &Node) -> Option<bool> {
        match &node.kind {
            Kind::Variant(word, values) if values.is_empty() && *word == "true" => Some(true),
            Kind::Variant(word, values) if values.is_empty() && *word == "false" => Some(false),
            _ => {
                let place = self.place(node);
                self.faults.push(faults::expected(&place, "true or false"));
                None
            }
        }
    }

    /// A list of things; the ones with faults are left out.
    pub fn list<T>(
        &mut self,
        node: &Node,
        mut item: impl FnMut(&mut Self, &Node) -> Option<T>,
    ) -> Option<Vec<T>> {
        let Kind::List(items) = &node.kind else {
            let place = self.place(node);
            self.faults.push(faults::expected(&place, "a list in square brackets, as in [ …, … ]"));
            return None;
        };
        Some(items.iter().filter_map(|node| item(self, node)).collect())
    }

    /// A map of things by key; a double key is a fault.
    pub fn map<K: Ord, T>(
        &mut self,
        node: &Node,
        example: &str,
        mut key: impl FnMut(&mut Self, &Node) -> Option<Spanned<K>>,
        mut value: impl FnMut(&mut Self, &Node) -> Option<T>,
    ) -> Option<BTreeMap<K, T>> {
        let Kind::Map(pairs) = &node.kind else {
            let place = self.place(node);
            self.faults.push(faults::expected(&place, &format!("figures in braces, as in {example}")));
            return None;
        };
        let mut map: BTreeMap<K, (Place, Option<T>)> = BTreeMap::new();
        for (key_node, value_node) in pairs {
            let key = key(self, key_node);
            let value = value(self, value_node);
            let Some(key) = key else { continue };
            if let Some((first, _)) = map.get(&key.value) {
                self.faults.push(faults::double_key(&key.place, first));
                continue;
            }
            map.insert(key.value, (key.place, value));
        }
        Some(map.into_iter().filter_map(|(key, (_, value))| Some((key, value?))).collect())
    }

    /// Things by name, in the order of the file: `{"Rana": 25_959}`; a double name is a fault.
    pub fn by_name<T>(
        &mut self,
        node: &Node,
        example: &str,
        value: impl FnMut(&mut Decoder, &Node) -> Option<T>,
    ) -> Option<Vec<(Spanned<String>, T)>> {
        let mut places = Vec::new();
        let key = |d: &mut Decoder, node: &Node| {
            let name = d.name(node)?;
            places.push(name.clone());
            Some(name)
        };
        let mut map = self.map(node, example, key, value)?;
        let found = places.into_iter().filter_map(|name| map.remove(&name.value).map(|value| (name, value)));
        Some(found.collect())
    }

    /// A whole number between two others.
    pub fn count(&mut self, node: &Node, least: u32, most: u32) -> Option<u32> {
        let written = match &node.kind {
            Kind::Number(written) => *written,
            _ => "",
        };
        let count = written.parse::<u32>().ok().filter(|count| (least..=most).contains(count));
        if count.is_none() {
            let place = self.place(node);
            self.faults.push(faults::expected(&place, &format!("a whole number from {least} to {most}")));
        }
        count
    }

    /// Reports a word that is none of the choices.
    pub fn unknown_choice<T>(&mut self, node: &Node, known: &[&str]) -> Option<T> {
        let written = match &node.kind {
            Kind::Variant(written, _) => *written,
            _ => "",
        };
        let place = self.place(node);
        let fault = faults::unknown_variant(&place, written, known);
        let quoted = matches!(node.kind, Kind::Text(_));
        self.faults.push(fault.help(if quoted { "write it without quotation marks" } else { "" }));
        None
    }

    /// The time between the fields `since` and `until`, each a year or a month.
    pub fn period(&mut self, fields: &Fields<'_>) -> Option<Period> {
        let since = fields.optional(self, "since", |d, node| d.month(node, 1));
        let until = fields.optional(self, "until", |d, node| d.month(node, MONTHS));
        let period = Period { since: since?, until: until? };
        if period.is_backwards() {
            self.faults.push(faults::period_backwards(fields.place()));
        }
        Some(period)
    }

    /// A month, `"2020-07"`, or a year, which stands for this month of it.
    pub fn month(&mut self, node: &Node, of_a_year: u32) -> Option<Month> {
        let Kind::Text(written) = &node.kind else {
            return self.year(node).map(|year| Month { year: year.value, month: of_a_year });
        };
        let parts = written.split_once('-').filter(|(year, month)| year.len() == 4 && month.len() == 2);
        let month = parts.and_then(|(year, month)| {
            let month = Month { year: year.parse().ok()?, month: month.parse().ok()? };
            ((1000..=9999).contains(&month.year) && (1..=MONTHS).contains(&month.month)).then_some(month)
        });
        if month.is_none() {
            let place = self.place(node);
            let a_year = written.len() == 4 && written.parse::<Year>().is_ok();
            let fault = faults::expected(&place, "a year, as in 2024, or a month, as in \"2024-07\"");
            self.faults.push(fault.help(match parts {
                _ if a_year => "a year has no quotation marks",
                Some(_) => "months are 01 to 12",
                None => "",
            }));
        }
        month
    }

    /// Amounts by year: `{2024: 150_000}`.
    pub fn year_amounts(&mut self, node: &Node) -> Option<YearAmounts> {
        let amounts = self.map(node, "{2024: 150_000}", Decoder::year, Decoder::money)?;
        Some(amounts.into_iter().collect())
    }
}

impl Fields<'_> {
    /// The value of a field that must be there.
    pub fn required<T>(
        &self,
        decoder: &mut Decoder,
        name: &'static str,
        read: impl FnOnce(&mut Decoder, &Node) -> Option<T>,
    ) -> Option<T> {
        match self.find(name) {
            Some(node) => read(decoder, node),
            None => {
                // A misspelt field is not missing as well.
                let misspelt = self.unknown.iter().any(|unknown| nearest(unknown, [name]).is_some());
                if !misspelt {
                    decoder.faults.push(faults::missing_field(&self.place, name, self.what));
                }
                None
            }
        }
    }

    /// The value of a field that may be left out. The outer `None` is a fault, the inner one an absence.
    pub fn optional<T>(
        &self,
        decoder: &mut Decoder,
        name: &'static str,
        read: impl FnOnce(&mut Decoder, &Node) -> Option<T>,
    ) -> Option<Option<T>> {
        match self.find(name) {
            Some(node) => read(decoder, node).map(Some),
            None => Some(None),
        }
    }

    /// The list of a field, empty where the field is left out.
    pub fn list<T>(
        &self,
        decoder: &mut Decoder,
        name: &'static str,
        item: impl FnMut(&mut Decoder, &Node) -> Option<T>,
    ) -> Option<Vec<T>> {
        match self.find(name) {
            Some(node) => decoder.list(node, item),
            None => Some(vec![]),
        }
    }

    /// The place to show for the whole struct: its name, else its opening bracket.
    pub fn place(&self) -> &Place {
        &self.place
    }

    fn find(&self, name: &str) -> Option<&Node<'_>> {
        self.fields.iter().find(|field| field.name == name).map(|field| &field.value)
    }
}

/// A name without outer spaces, with every inner space an ordinary one.
///
/// # Errors
/// Why it is not a name.
pub fn clean_name(written: &str) -> Result<String, &'static str> {
    let name: String =
        written.trim().chars().map(|sign| if sign.is_whitespace() { ' ' } else { sign }).collect();
    if name.is_empty() {
        return Err("a name cannot be blank");
    }
    if written.trim().contains(['\n', '\r', '\t']) || name.chars().any(is_invisible) {
        return Err("it has an invisible character in it; type it again by hand");
    }
    if name.chars().count() > NAME_CHARACTERS_MAX {
        return Err("a name has at most 200 characters");
    }
    Ok(name)
}

/// Control characters, zero-width characters, soft hyphens and marks that turn the writing direction.
fn is_invisible(sign: char) -> bool {
    let formats = ['\u{ad}', '\u{feff}', '\u{61c}'];
    sign.is_control()
        || formats.contains(&sign)
        || ('\u{200b}'..='\u{200f}').contains(&sign)
        || ('\u{202a}'..='\u{202e}').contains(&sign)
        || ('\u{2060}'..='\u{2069}').contains(&sign)
}

/// An amount that is written in the plainest way, as most are: kroner, and øre with two digits or without.
fn plain_money(node: &Node) -> Option<Money> {
    let Kind::Number(written) = &node.kind else { return None };
    let (number, decimals) = numerals::plain_digits(written)?;
    let ore = match decimals {
        0 => number.checked_mul(100)?,
        2 => number,
        _ => return None,
    };
    Some(Money::from_ore(ore))
}
