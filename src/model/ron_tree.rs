//! RON as a tree with the place of every value. `ron` says whether a text is RON, and where not; the text is then
//! taken apart in one pass that keeps places.
//!
//! Why a tree and not derived types: a derived type stops at the first fault, reads numbers through binary
//! floating point and lets the last of two equal keys win. Here every fault is found and no number is read
//! before somebody says what it is.

use std::borrow::Cow;
use std::ops::Range;

use ron::value::RawValue;

/// How deep values may be nested; a scenario needs eight.
const DEPTH_MAX: usize = 32;
/// A longer text, in bytes, is worked on while it is judged.
const BYTES_ALONE_MAX: usize = 100_000;

/// A value with its byte range in the source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node<'t> {
    /// From its first byte to the one after its last.
    pub bytes: Range<usize>,
    /// What it is.
    pub kind: Kind<'t>,
}

/// What a value is, as far as its first character tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind<'t> {
    /// `(name: value, …)`, in the order written, doubles included.
    Struct(Vec<Field<'t>>),
    /// `{key: value, …}`, in the order written, doubles included.
    Map(Vec<(Node<'t>, Node<'t>)>),
    /// `[value, …]`.
    List(Vec<Node<'t>>),
    /// `(value, …)` or `Name` or `Name(…)`; without a name a tuple. `Name(field: …)` holds one struct.
    Variant(&'t str, Vec<Node<'t>>),
    /// `"text"`, decoded.
    Text(Cow<'t, str>),
    /// A number, as written.
    Number(&'t str),
}

/// A field of a struct.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field<'t> {
    /// Its name.
    pub name: &'t str,
    /// Where the name stands.
    pub name_bytes: Range<usize>,
    /// Its value.
    pub value: Node<'t>,
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
pub fn parse(text: &str) -> Result<Node<'_>, GrammarFault> {
    parse_from(text, 0)
}

/// Reads the value that stands in a text from this byte to the end.
///
/// # Errors
/// As [`parse`].
pub fn parse_from(text: &str, start: usize) -> Result<Node<'_>, GrammarFault> {
    take_apart(text, judge(text, start)?)
}

/// Reads a whole RON document and goes on with it. A long one is judged by the parser for longer than anything else
/// that is done with it, so that goes on beside; what comes of it is dropped where the text turns out to be no RON.
///
/// # Errors
/// As [`parse`].
pub fn parse_and<'t, T: Send>(
    text: &'t str,
    then: impl FnOnce(Node<'t>) -> T + Send,
) -> Result<T, GrammarFault> {
    // The value starts at the start, unless words for the parser stand before it.
    if text.len() > BYTES_ALONE_MAX && skip_blank(text).starts_with('(') {
        let (done, judged) = rayon::join(|| take_apart(text, 0).map(then), || judge(text, 0));
        return judged.and(done);
    }
    parse(text).map(then)
}

/// Asks the parser whether what stands in a text from this byte on is RON; gives where the value starts.
fn judge(text: &str, start: usize) -> Result<usize, GrammarFault> {
    let value = &text[start..];
    // The parser wants a line to end even where nothing follows its comment.
    let ended = if value.ends_with('\n') { Cow::Borrowed(value) } else { Cow::Owned(format!("{value}\n")) };
    match ron::from_str::<&RawValue>(&ended) {
        Ok(whole) => Ok(start + (whole.get_ron().as_ptr() as usize - ended.as_ptr() as usize)),
        Err(fault) => {
            let inner = grammar_fault(value, &fault);
            Err(GrammarFault { byte: start + inner.byte, ..inner })
        }
    }
}

fn take_apart(text: &str, at: usize) -> Result<Node<'_>, GrammarFault> {
    Reader { text, at }.value(DEPTH_MAX)
}

/// Takes a text apart that the parser has found to be RON, in one pass.
struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Reader<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn skip_blank(&mut self) {
        self.at = self.text.len() - skip_blank(self.rest()).len();
    }

    fn fault(&self, said: &str) -> GrammarFault {
        GrammarFault { byte: self.at, said: said.to_owned() }
    }

    /// Takes a sign where it is the next one.
    fn take(&mut self, sign: char) -> bool {
        self.skip_blank();
        let there = self.rest().starts_with(sign);
        self.at += if there { sign.len_utf8() } else { 0 };
        there
    }

    fn value(&mut self, depth: usize) -> Result<Node<'t>, GrammarFault> {
        self.skip_blank();
        if depth == 0 {
            return Err(self.fault("values are nested too deep"));
        }
        let start = self.at;
        let rest = self.rest();
        let kind = match rest.chars().next() {
            None => return Err(self.fault("a value is missing")),
            Some('"' | 'r') if quoted_end(rest).is_some() => self.quoted()?,
            Some('{') => Kind::Map(self.items('}', |reader| {
                let key = reader.value(depth - 1)?;
                let colon = reader.take(':');
                if colon { Ok((key, reader.value(depth - 1)?)) } else { Err(reader.fault("Expected colon")) }
            })?),
            Some('[') => Kind::List(self.items(']', |reader| reader.value(depth - 1))?),
            Some('(') if self.is_struct() => Kind::Struct(self.items(')', |reader| reader.field(depth))?),
            Some('(') => Kind::Variant("", self.items(')', |reader| reader.value(depth - 1))?),
            Some(first) if first.is_alphabetic() || first == '_' => self.variant(depth)?,
            Some(_) => {
                let ends = |sign: char| sign.is_whitespace() || "/,:)]}".contains(sign);
                let number = &rest[..rest.find(ends).unwrap_or(rest.len())];
                self.at += number.len();
                Kind::Number(number)
            }
        };
        Ok(Node { bytes: start..self.at, kind })
    }

    /// Whether a bracket opens fields: a name and a colon come first.
    fn is_struct(&self) -> bool {
        let inner = skip_blank(&self.rest()[1..]);
        let name = name_end(inner);
        name > 0 && skip_blank(&inner[name..]).starts_with(':')
    }

    fn field(&mut self, depth: usize) -> Result<Field<'t>, GrammarFault> {
        self.skip_blank();
        let name_bytes = self.at..self.at + name_end(self.rest());
        self.at = name_bytes.end;
        if name_bytes.is_empty() || !self.take(':') {
            return Err(self.fault("Expected identifier"));
        }
        Ok(Field { name: &self.text[name_bytes.clone()], name_bytes, value: self.value(depth - 1)? })
    }

    fn variant(&mut self, depth: usize) -> Result<Kind<'t>, GrammarFault> {
        let name = &self.rest()[..name_end(self.rest())];
        let after_name = self.at + name.len();
        self.at = after_name;
        self.skip_blank();
        if !self.rest().starts_with('(') {
            self.at = after_name;
            return Ok(Kind::Variant(name, vec![]));
        }
        // `Name(field: …)` holds one struct, as `Name((field: …))` does.
        if self.is_struct() {
            let start = self.at;
            let kind = Kind::Struct(self.items(')', |reader| reader.field(depth))?);
            return Ok(Kind::Variant(name, vec![Node { bytes: start..self.at, kind }]));
        }
        Ok(Kind::Variant(name, self.items(')', |reader| reader.value(depth - 1))?))
    }

    /// What stands between brackets, with commas between and perhaps one at the end.
    fn items<T>(
        &mut self,
        closing: char,
        item: impl Fn(&mut Self) -> Result<T, GrammarFault>,
    ) -> Result<Vec<T>, GrammarFault> {
        self.at += 1;
        let mut items = Vec::new();
        while !self.take(closing) {
            if self.rest().is_empty() {
                return Err(self.fault("Unexpected end of RON"));
            }
            items.push(item(self)?);
            if !self.take(',') && !skip_blank(self.rest()).starts_with(closing) {
                return Err(self.fault("Expected comma"));
            }
        }
        Ok(items)
    }

    fn quoted(&mut self) -> Result<Kind<'t>, GrammarFault> {
        let slice = &self.rest()[..quoted_end(self.rest()).unwrap_or(0)];
        let inner = slice.strip_prefix('"').and_then(|inner| inner.strip_suffix('"'));
        let text = match inner.filter(|inner| !inner.contains('\\')) {
            Some(plain) => Cow::Borrowed(plain),
            None => ron::from_str(slice).map(Cow::Owned).map_err(|fault| {
                let inner = grammar_fault(slice, &fault);
                GrammarFault { byte: self.at + inner.byte, ..inner }
            })?,
        };
        self.at += slice.len();
        Ok(Kind::Text(text))
    }
}

/// Where the name at the start of a text ends.
fn name_end(text: &str) -> usize {
    text.find(|sign: char| !(sign.is_alphanumeric() || sign == '_')).unwrap_or(text.len())
}

fn grammar_fault(text: &str, fault: &ron::error::SpannedError) -> GrammarFault {
    let source = crate::ground::source::SourceText { name: String::new(), text: text.to_owned() };
    let said = fault.code.to_string();
    // For a sign that it did not expect, the parser's span starts one before it.
    let position = if said.starts_with("Unexpected char") { &fault.span.end } else { &fault.span.start };
    let said = if said.contains("recursion") { "values are nested too deep".to_owned() } else { said };
    GrammarFault { byte: source.byte_at(position.line, position.col), said }
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

/// The text without leading white space and comments.
fn skip_blank(text: &str) -> &str {
    // Most values follow a bracket or one space.
    let mut rest = match text.as_bytes().first() {
        Some(sign) if sign.is_ascii() && !sign.is_ascii_whitespace() && *sign != b'/' => return text,
        _ => text.trim_start(),
    };
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
