//! Source texts and places in them. A place is a byte range; lines and columns are for people and are
//! worked out when a fault is shown.

use std::ops::Range;
use std::sync::Arc;

/// Which of the run's source texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(u32);

/// A stretch of a source text, in bytes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    /// The text it is in.
    pub source: SourceId,
    /// From the first byte to the one after the last.
    pub bytes: Range<usize>,
}

/// A value with the place where it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spanned<T> {
    /// What was written.
    pub value: T,
    /// Where.
    pub place: Place,
}

/// A text that was read: its name for people (the path as the user would type it) and its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceText {
    /// The name shown in front of line and column.
    pub name: String,
    /// The text, decoded, with places counted in its bytes.
    pub text: String,
}

/// The lines of a text.
#[derive(Clone, Debug)]
pub struct Lines<'t> {
    text: &'t str,
    /// The byte at which each starts.
    starts: Vec<usize>,
}

impl Lines<'_> {
    /// The byte of a line and column, as [`SourceText::byte_at`] has it.
    pub fn byte_at(&self, line: usize, column: usize) -> usize {
        let start = self.starts.get(line.saturating_sub(1));
        start.map_or(self.text.len(), |start| byte_in_line(self.text, *start, column))
    }
}

/// The byte of a column of the line that starts at a byte.
fn byte_in_line(text: &str, start: usize, column: usize) -> usize {
    let sign = text[start..].char_indices().nth(column.saturating_sub(1));
    sign.map_or(text.len(), |(byte, _)| start + byte)
}

/// All source texts of a run, in the order they were read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sources(Vec<Arc<SourceText>>);

impl Sources {
    /// Adds a text and gives its id.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<String>) -> SourceId {
        let id = u32::try_from(self.0.len()).unwrap_or(u32::MAX);
        self.0.push(Arc::new(SourceText { name: name.into(), text: text.into() }));
        SourceId(id)
    }

    /// The text of an id.
    pub fn get(&self, id: SourceId) -> &SourceText {
        &self.0[usize::try_from(id.0).unwrap_or(usize::MAX)]
    }

    /// The text of an id, to be held.
    pub fn hold(&self, id: SourceId) -> Arc<SourceText> {
        Arc::clone(&self.0[usize::try_from(id.0).unwrap_or(usize::MAX)])
    }

    /// The id of the text with this name, where there is one.
    pub fn by_name(&self, name: &str) -> Option<SourceId> {
        let index = self.0.iter().position(|source| source.name == name)?;
        u32::try_from(index).ok().map(SourceId)
    }

    /// All texts, in the order they were read.
    pub fn iter(&self) -> impl Iterator<Item = &SourceText> {
        self.0.iter().map(AsRef::as_ref)
    }

    /// Puts another text in the place of one; places in the old one are of no more use.
    pub fn replace(&mut self, id: SourceId, text: String) {
        let name = self.get(id).name.clone();
        self.0[usize::try_from(id.0).unwrap_or(usize::MAX)] = Arc::new(SourceText { name, text });
    }

    /// `file:line:column` of a place; lines and columns count from 1, columns in characters.
    pub fn locate(&self, place: &Place) -> String {
        let source = self.get(place.source);
        let (line, column) = source.line_column(place.bytes.start);
        format!("{}:{line}:{column}", source.name)
    }

    /// `file:line` of a place.
    pub fn locate_line(&self, place: &Place) -> String {
        let source = self.get(place.source);
        format!("{}:{}", source.name, source.line_column(place.bytes.start).0)
    }
}

impl SourceText {
    /// Line and column of a byte, both from 1, the column in characters.
    pub fn line_column(&self, byte: usize) -> (usize, usize) {
        let before = &self.text[..self.floor(byte)];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
    }

    /// The byte of a line and column, both from 1, the column in characters; past the end gives the end.
    pub fn byte_at(&self, line: usize, column: usize) -> usize {
        let start = match line.saturating_sub(1) {
            0 => Some(0),
            before => self.text.match_indices('\n').nth(before - 1).map(|(newline, _)| newline + 1),
        };
        start.map_or(self.text.len(), |start| byte_in_line(&self.text, start, column))
    }

    /// Its lines, for whoever asks for many of them.
    pub fn lines(&self) -> Lines<'_> {
        let newlines = self.text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let starts = std::iter::once(0).chain(newlines.map(|(byte, _)| byte + 1)).collect();
        Lines { text: &self.text, starts }
    }

    /// The byte range of the word that starts at a byte: a name, a number, or else one character.
    pub fn word_at(&self, byte: usize) -> Range<usize> {
        let start = self.floor(byte);
        let rest = &self.text[start..];
        let word_end = rest.find(|sign: char| !(sign.is_alphanumeric() || sign == '_')).unwrap_or(rest.len());
        let length = if word_end > 0 { word_end } else { rest.chars().next().map_or(0, char::len_utf8) };
        start..start + length
    }

    /// The byte range, widened to whole characters and kept within the text.
    pub fn whole_signs(&self, bytes: &Range<usize>) -> Range<usize> {
        let start = self.floor(bytes.start);
        let mut end = bytes.end.clamp(start, self.text.len());
        while !self.text.is_char_boundary(end) {
            end += 1;
        }
        start..end
    }

    fn floor(&self, byte: usize) -> usize {
        let mut byte = byte.min(self.text.len());
        while !self.text.is_char_boundary(byte) {
            byte -= 1;
        }
        byte
    }
}
