//! A look at a rule text before it is compiled, for what the compiler accepts silently or reports badly:
//! signs pasted from a word processor, letters of another alphabet, endless comments and words, `30%`.

use crate::ground::diagnostic::Diagnostics;
use crate::ground::source::{Place, SourceId};
use crate::model::faults::pasted;

use super::faults;

/// The longest name or number, in characters: compiling time grows with the square of it.
const WORD_CHARACTERS_MAX: usize = 100;
/// The digits that a decimal holds exactly.
const DIGITS_MAX: usize = 28;
/// The most arguments of a call: running time grows with the square of their number.
const ARGUMENTS_MAX: usize = 100;
/// The longest line, in bytes.
const LINE_BYTES_MAX: usize = 20_000;

/// Looks at a text; every finding goes to `found`.
pub fn scan(source: SourceId, text: &str, found: &mut Diagnostics) {
    let mut scanner = Scanner { source, text, at: 0, open: vec![], found };
    while let Some(sign) = scanner.text[scanner.at..].chars().next() {
        scanner.step(sign);
    }
    for line in text.lines().filter(|line| line.len() > LINE_BYTES_MAX) {
        let start = line.as_ptr() as usize - text.as_ptr() as usize;
        found.push(faults::long_line(&Place { source, bytes: start..start + 1 }));
    }
}

struct Scanner<'s> {
    source: SourceId,
    text: &'s str,
    at: usize,
    /// The brackets that are open here, each with its commas so far.
    open: Vec<(char, usize)>,
    found: &'s mut Diagnostics,
}

impl Scanner<'_> {
    fn step(&mut self, sign: char) {
        let rest = &self.text[self.at..];
        if rest.starts_with("//") {
            self.at += rest.find('\n').unwrap_or(rest.len());
        } else if rest.starts_with("/*") {
            self.block_comment();
        } else if sign == '"' || sign == '`' {
            self.quoted(sign);
        } else if let Some((_, name, instead)) = pasted(sign) {
            let place = self.place(sign.len_utf8());
            self.found.push(faults::pasted_sign(&place, sign, name, instead));
            self.at += sign.len_utf8();
        } else if sign.is_alphanumeric() || sign == '_' {
            self.word();
        } else {
            self.bracket(sign);
            self.at += sign.len_utf8();
        }
    }

    /// Counts the arguments of every call.
    fn bracket(&mut self, sign: char) {
        match sign {
            '(' | '[' | '{' => self.open.push((sign, 0)),
            ')' | ']' | '}' => {
                self.open.pop();
            }
            ',' => {
                let place = self.place(1);
                if let Some(('(', commas)) = self.open.last_mut() {
                    *commas += 1;
                    if *commas == ARGUMENTS_MAX {
                        self.found.push(faults::many_arguments(&place));
                    }
                }
            }
            _ => {}
        }
    }

    fn block_comment(&mut self) {
        let opened = self.place(2);
        let mut depth = 0;
        let mut rest = &self.text[self.at..];
        loop {
            let Some(position) = rest.find("/*").into_iter().chain(rest.find("*/")).min() else {
                self.found.push(faults::open_comment(&opened));
                self.at = self.text.len();
                return;
            };
            if rest[position..].starts_with("/*") {
                depth += 1;
            } else {
                depth -= 1;
            }
            rest = &rest[position + 2..];
            if depth == 0 {
                self.at = self.text.len() - rest.len();
                return;
            }
        }
    }

    /// Skips a quoted text; one that is not closed is left to the compiler, which says so.
    fn quoted(&mut self, quote: char) {
        let mut escaped = false;
        for (offset, sign) in self.text[self.at + 1..].char_indices() {
            if !escaped && sign == quote {
                self.at += offset + 2;
                return;
            }
            escaped = sign == '\\' && !escaped;
        }
        self.at = self.text.len();
    }

    fn word(&mut self) {
        let rest = &self.text[self.at..];
        let mut length =
            rest.find(|sign: char| !(sign.is_alphanumeric() || sign == '_')).unwrap_or(rest.len());
        let is_number = rest.starts_with(|sign: char| sign.is_ascii_digit());
        if is_number && rest[length..].starts_with('.') {
            let decimals = &rest[length + 1..];
            let more =
                decimals.find(|sign: char| !(sign.is_ascii_digit() || sign == '_')).unwrap_or(decimals.len());
            length += if more > 0 { 1 + more } else { 0 };
        }
        let word = &rest[..length];
        let place = self.place(length);
        if word.chars().count() > WORD_CHARACTERS_MAX {
            self.found.push(faults::long_word(&place));
        } else if is_number {
            if word.chars().filter(char::is_ascii_digit).count() > DIGITS_MAX {
                self.found.push(faults::long_number(&place));
            }
            let after = rest[length..].trim_start_matches(' ');
            if let Some(more) = digits_after(&rest[length..], ',').filter(|_| word == "0") {
                let written = &rest[..length + 1 + more];
                self.found.push(faults::comma_decimal(&self.place(written.len()), written));
            }
            if let Some(more) = digits_after(&rest[length..], ' ').filter(|more| *more == 3) {
                let written = &rest[..length + 1 + more];
                self.found.push(faults::space_in_number(&self.place(written.len()), written));
            }
            let operand = after.get(1..).unwrap_or_default().trim_start();
            let is_remainder =
                operand.starts_with(|sign: char| sign.is_alphanumeric() || sign == '(' || sign == '_');
            if after.starts_with('%') && !is_remainder {
                self.found.push(faults::percent_sign(&place, word));
            }
        } else if let Some(strange) = word.chars().find(|sign| is_lookalike(*sign)) {
            self.found.push(faults::lookalike(&place, word, strange));
        }
        self.at += length;
    }

    fn place(&self, length: usize) -> Place {
        Place { source: self.source, bytes: self.at..self.at + length }
    }
}

/// How many digits stand right after a sign at the start of a text, where there are any.
fn digits_after(text: &str, sign: char) -> Option<usize> {
    let digits = text.strip_prefix(sign)?;
    let count = digits.find(|sign: char| !sign.is_ascii_digit()).unwrap_or(digits.len());
    (count > 0).then_some(count)
}

/// Greek and Cyrillic letters, which look like Latin ones and are not.
fn is_lookalike(sign: char) -> bool {
    ('\u{370}'..='\u{52f}').contains(&sign)
}
