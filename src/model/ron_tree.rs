//! RON as a tree with the place of every value. `ron` parses each level and keeps the text of what is inside
//! ([`RawValue`]); the distance of that text from the start of the source is its place.
//!
//! Why a tree and not derived types: a derived type stops at the first fault, reads numbers through binary
//! floating point and lets the last of two equal keys win. Here every fault is found and no number is read
//! before somebody says what it is.

use std::fmt;
use std::ops::Range;

use ron::value::RawValue;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

/// How deep values may be nested; a scenario needs eight.
const DEPTH_MAX: usize = 32;

/// A value with its byte range in the source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// From its first byte to the one after its last.
    pub bytes: Range<usize>,
    /// What it is.
    pub kind: Kind,
}

/// What a value is, as far as its first character tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `(name: value, …)`, in the order written, doubles included.
    Struct(Vec<Field>),
    /// `{key: value, …}`, in the order written, doubles included.
    Map(Vec<(Node, Node)>),
    /// `[value, …]`.
    List(Vec<Node>),
    /// `(value, …)` or `Name` or `Name(…)`; without a name a tuple.
    Variant(String, Vec<Node>),
    /// `"text"`, decoded.
    Text(String),
    /// A number, as written.
    Number(String),
}

/// A field of a struct.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// Where the name stands.
    pub name_bytes: Range<usize>,
    /// Its value.
    pub value: Node,
}

/// A fault of grammar: where and what, in the words of the parser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrammarFault {
    /// The byte at which the parser gave up.
    pub byte: usize,
    /// What it said.
    pub said: String,
}

/// Reads a whole RON document.
///
/// # Errors
/// The first fault of grammar; everything after it would be guesswork.
pub fn parse(text: &str) -> Result<Node, GrammarFault> {
    let whole: &RawValue = ron::from_str(text).map_err(|fault| grammar_fault(text, &fault))?;
    parse_value(whole.get_ron(), text, DEPTH_MAX)
}

/// Reads the value in `slice`, which lies within `text`.
fn parse_value(slice: &str, text: &str, depth: usize) -> Result<Node, GrammarFault> {
    let slice = skip_blank(slice);
    let slice = &slice[..value_end(slice)];
    let start = slice.as_ptr() as usize - text.as_ptr() as usize;
    let bytes = start..start + slice.len();
    let fault = |said: &str| GrammarFault { byte: start, said: said.to_owned() };
    if depth == 0 {
        return Err(fault("values are nested too deep"));
    }
    let kind = match slice.chars().next() {
        None => return Err(fault("a value is missing")),
        Some('"' | 'r') if slice.starts_with('"') || slice.starts_with("r\"") || slice.starts_with("r#") => {
            Kind::Text(ron::from_str(slice).map_err(|fault| grammar_fault_within(slice, text, &fault))?)
        }
        Some('{') => {
            let Pairs(pairs) = read_level(slice, text)?;
            let pair = |(key, value): (&RawValue, &RawValue)| {
                Ok((
                    parse_value(key.get_ron(), text, depth - 1)?,
                    parse_value(value.get_ron(), text, depth - 1)?,
                ))
            };
            Kind::Map(pairs.into_iter().map(pair).collect::<Result<_, GrammarFault>>()?)
        }
        Some('[') => {
            let items: Vec<&RawValue> = read_level(slice, text)?;
            let item = |item: &RawValue| parse_value(item.get_ron(), text, depth - 1);
            Kind::List(items.into_iter().map(item).collect::<Result<_, _>>()?)
        }
        Some('(') => parse_parenthesis(String::new(), slice, text, depth)?,
        Some(first) if first.is_alphabetic() || first == '_' => {
            let name_end =
                slice.find(|sign: char| !(sign.is_alphanumeric() || sign == '_')).unwrap_or(slice.len());
            let (name, rest) = slice.split_at(name_end);
            match skip_blank(rest) {
                "" => Kind::Variant(name.to_owned(), vec![]),
                rest => parse_parenthesis(name.to_owned(), rest, text, depth)?,
            }
        }
        Some(_) => Kind::Number(slice.to_owned()),
    };
    Ok(Node { bytes, kind })
}

/// Reads `(…)`: a struct when a name and a colon come first, else the values of a variant or tuple.
fn parse_parenthesis(name: String, slice: &str, text: &str, depth: usize) -> Result<Kind, GrammarFault> {
    let inner = skip_blank(&slice[1..]);
    let word_end = inner.find(|sign: char| !(sign.is_alphanumeric() || sign == '_')).unwrap_or(0);
    let is_struct = word_end > 0 && skip_blank(&inner[word_end..]).starts_with(':');
    if is_struct && name.is_empty() {
        let Fields(fields) = read_level(slice, text)?;
        let fields = fields.into_iter().map(|(name, value)| {
            let value_text = value.get_ron();
            let value_start = value_text.as_ptr() as usize - text.as_ptr() as usize;
            let name_bytes = name_before(text, value_start, &name);
            Ok(Field { name_bytes, name, value: parse_value(value_text, text, depth - 1)? })
        });
        return Ok(Kind::Struct(fields.collect::<Result<_, GrammarFault>>()?));
    }
    // A tuple of unknown length is read as a list: both brackets are one byte, so places stay the same.
    let as_list = format!("[{}]", &slice[1..slice.len() - 1]);
    let items: Vec<&RawValue> =
        ron::from_str(&as_list).map_err(|fault| grammar_fault_within(slice, text, &fault))?;
    let item = |item: &&RawValue| {
        let item_start = item.get_ron().as_ptr() as usize - as_list.as_ptr() as usize;
        parse_value(&slice[item_start..item_start + item.get_ron().len()], text, depth - 1)
    };
    Ok(Kind::Variant(name, items.iter().map(item).collect::<Result<_, _>>()?))
}

fn read_level<'t, T: Deserialize<'t>>(slice: &'t str, text: &str) -> Result<T, GrammarFault> {
    ron::from_str(slice).map_err(|fault| grammar_fault_within(slice, text, &fault))
}

fn grammar_fault(text: &str, fault: &ron::error::SpannedError) -> GrammarFault {
    let source = crate::ground::source::SourceText { name: String::new(), text: text.to_owned() };
    let said = fault.code.to_string();
    // For a sign that it did not expect, the parser's span starts one before it.
    let position = if said.starts_with("Unexpected char") { &fault.span.end } else { &fault.span.start };
    let said = if said.contains("recursion") { "values are nested too deep".to_owned() } else { said };
    GrammarFault { byte: source.byte_at(position.line, position.col), said }
}

fn grammar_fault_within(slice: &str, text: &str, fault: &ron::error::SpannedError) -> GrammarFault {
    let start = slice.as_ptr() as usize - text.as_ptr() as usize;
    let inner = grammar_fault(slice, fault);
    GrammarFault { byte: start + inner.byte, ..inner }
}

/// Where the value at the start of a text ends; what follows are blanks and comments that the parser kept.
fn value_end(text: &str) -> usize {
    let name_end = text.find(|sign: char| !(sign.is_alphanumeric() || sign == '_')).unwrap_or(text.len());
    let inner = skip_blank(&text[name_end..]);
    let opened = text.starts_with(['(', '[', '{']) || name_end > 0 && inner.starts_with('(');
    if opened {
        return bracket_end(text);
    }
    if let Some(quoted) = quoted_end(text) {
        return quoted;
    }
    let stops = |sign: char| sign.is_whitespace() || sign == '/';
    text.find(stops).unwrap_or(text.len())
}

/// Where the text in quotation marks at the start of a text ends, if there is one.
fn quoted_end(text: &str) -> Option<usize> {
    if let Some(inner) = text.strip_prefix('"') {
        let mut escaped = false;
        for (offset, sign) in inner.char_indices() {
            if sign == '"' && !escaped {
                return Some(offset + 2);
            }
            escaped = sign == '\\' && !escaped;
        }
        return Some(text.len());
    }
    let hashes = text.strip_prefix('r')?;
    let count = hashes.find(|sign| sign != '#').unwrap_or(0);
    hashes[count..].strip_prefix('"')?;
    let closing = format!("\"{}", "#".repeat(count));
    let body = count + 2;
    Some(text[body..].find(&closing).map_or(text.len(), |end| body + end + closing.len()))
}

/// Where the first bracket of a text is closed.
fn bracket_end(text: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    while let Some(sign) = text[at..].chars().next() {
        let rest = &text[at..];
        let blank = rest.len() - skip_blank(rest).len();
        let quoted = if sign == '"' || rest.starts_with("r\"") || rest.starts_with("r#") {
            quoted_end(rest)
        } else {
            None
        };
        at += match (blank, quoted) {
            (blank, _) if blank > 0 => blank,
            (_, Some(quoted)) => quoted,
            _ => sign.len_utf8(),
        };
        match sign {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            _ => continue,
        }
        if depth == 0 {
            return at;
        }
    }
    text.len()
}

/// The text without leading white space and comments.
fn skip_blank(text: &str) -> &str {
    let mut rest = text.trim_start();
    loop {
        if let Some(comment) = rest.strip_prefix("//") {
            rest = comment.split_once('\n').map_or("", |(_, after)| after).trim_start();
        } else if let Some(comment) = rest.strip_prefix("/*") {
            rest = after_block_comment(comment).trim_start();
        } else {
            return rest;
        }
    }
}

fn after_block_comment(text: &str) -> &str {
    let (mut rest, mut open) = (text, 1);
    while open > 0 {
        let Some(position) = rest.find("*/").into_iter().chain(rest.find("/*")).min() else { return "" };
        if rest[position..].starts_with("/*") {
            open += 1;
        } else {
            open -= 1;
        }
        rest = &rest[position + 2..];
    }
    rest
}

/// The range of the field name that stands before its value.
fn name_before(text: &str, value_start: usize, name: &str) -> Range<usize> {
    match text[..value_start].rfind(name) {
        Some(start) => start..start + name.len(),
        None => value_start..value_start,
    }
}

struct Fields<'t>(Vec<(String, &'t RawValue)>);

struct Pairs<'t>(Vec<(&'t RawValue, &'t RawValue)>);

impl<'t> Deserialize<'t> for Fields<'t> {
    fn deserialize<D: Deserializer<'t>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FieldsVisitor)
    }
}

impl<'t> Deserialize<'t> for Pairs<'t> {
    fn deserialize<D: Deserializer<'t>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(PairsVisitor)
    }
}

struct FieldsVisitor;

impl<'t> Visitor<'t> for FieldsVisitor {
    type Value = Fields<'t>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("fields, as in (name: value)")
    }

    fn visit_map<A: MapAccess<'t>>(self, mut fields: A) -> Result<Fields<'t>, A::Error> {
        let mut all = Vec::new();
        while let Some(field) = fields.next_entry()? {
            all.push(field);
        }
        Ok(Fields(all))
    }

    fn visit_seq<A: SeqAccess<'t>>(self, _: A) -> Result<Fields<'t>, A::Error> {
        Ok(Fields(vec![]))
    }
}

struct PairsVisitor;

impl<'t> Visitor<'t> for PairsVisitor {
    type Value = Pairs<'t>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a map, as in {2024: 1000}")
    }

    fn visit_map<A: MapAccess<'t>>(self, mut pairs: A) -> Result<Pairs<'t>, A::Error> {
        let mut all = Vec::new();
        while let Some(pair) = pairs.next_entry()? {
            all.push(pair);
        }
        Ok(Pairs(all))
    }
}
