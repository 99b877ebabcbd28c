//! What a run reads: named files from a shelf, decoded to text and remembered, so that faults can point
//! into them and a watcher knows what the result depends on.

use std::collections::BTreeMap;

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE, WINDOWS_1252};
use unicode_normalization::{UnicodeNormalization, is_nfc};

use crate::ground::diagnostic::Diagnostic;
use crate::ground::source::{Place, SourceId, Sources};

use super::faults;

/// The name of the scenario file in its folder.
pub const SCENARIO_FILE: &str = "scenario.ron";

/// The largest scenario file, in bytes.
const SCENARIO_BYTES_MAX: usize = 8 << 20;
/// The largest table, in bytes.
const TABLE_BYTES_MAX: usize = 32 << 20;
/// The largest rule file, in bytes; compiling time grows with the square of some constructs.
const RULES_BYTES_MAX: usize = 64 << 10;

/// Where the files of one scenario come from. The command line brings a folder, tests bring maps.
pub trait Shelf {
    /// Reads a file of the scenario's own folder.
    ///
    /// # Errors
    /// [`ReadFault`] when it is missing, out of bounds or unreadable.
    fn read(&self, name: &str) -> Result<Found, ReadFault>;

    /// Reads a rule file: from the scenario's own folder, else from a folder `rules` beside it, above it, or
    /// where the command is run.
    ///
    /// # Errors
    /// [`ReadFault`] when it is missing, out of bounds or unreadable.
    fn read_rule(&self, name: &str) -> Result<Found, ReadFault>;
}

/// A file that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its name as a person would type it, for messages.
    pub shown_name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Why a file could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadFault {
    /// No such file; these files are there.
    Missing(Vec<String>),
    /// The name leads out of the folders that a scenario may use.
    Outside,
    /// The system said no.
    Unreadable(String),
}

/// What kind of text a file holds, which decides its size limit and the encodings that are accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextKind {
    /// The scenario file: UTF-8.
    Scenario,
    /// A rule file: UTF-8.
    Rules,
    /// A table: UTF-8, UTF-16 with a mark, or Latin-1, as spreadsheets export them.
    Table,
}

/// The texts of a run.
#[derive(Clone, Debug, Default)]
pub struct Inputs {
    /// All texts read so far.
    pub sources: Sources,
    rules: Vec<SourceId>,
    /// The rule files by the names they were asked for.
    rule_names: BTreeMap<String, SourceId>,
}

impl Inputs {
    /// Reads a file into the sources; one that was read before is not read again.
    ///
    /// # Errors
    /// A diagnostic at `wanted_at`, the place that names the file, where there is one.
    pub fn read(
        &mut self,
        shelf: &dyn Shelf,
        name: &str,
        kind: TextKind,
        wanted_at: Option<&Place>,
    ) -> Result<SourceId, Diagnostic> {
        let found = match kind {
            TextKind::Rules => shelf.read_rule(name),
            TextKind::Scenario | TextKind::Table => shelf.read(name),
        };
        let found = found.map_err(|fault| faults::unreadable_file(name, &fault, wanted_at))?;
        if let Some(known) = self.sources.by_name(&found.shown_name) {
            return Ok(known);
        }
        let text = decode(&found, kind).map_err(|fault| match wanted_at {
            Some(place) => fault.at(place, ""),
            None => fault,
        })?;
        let id = self.sources.add(found.shown_name, text);
        if kind == TextKind::Rules {
            self.rules.push(id);
            self.rule_names.insert(name.to_owned(), id);
        }
        Ok(id)
    }

    /// The rule files that were read, by the names they were asked for.
    pub fn rule_files(&self) -> impl Iterator<Item = (&str, SourceId)> {
        self.rule_names.iter().map(|(name, id)| (name.as_str(), *id))
    }

    /// Puts other bytes in the place of a rule file that was read before.
    ///
    /// # Errors
    /// A diagnostic where they are no text.
    pub fn replace_rules(&mut self, found: &Found) -> Result<Option<SourceId>, Diagnostic> {
        let known = self.sources.by_name(&found.shown_name).filter(|id| self.rules.contains(id));
        if let Some(id) = known {
            self.sources.replace(id, decode(found, TextKind::Rules)?);
        }
        Ok(known)
    }

    /// The seals of the rule texts and of all other texts, in that order.
    pub fn seals(&self) -> (String, String) {
        let text = |id: &SourceId| self.sources.get(*id).text.as_str();
        let rules: Vec<&str> = self.rules.iter().map(text).collect();
        let data =
            self.sources.iter().map(|source| source.text.as_str()).filter(|text| !rules.contains(text));
        (crate::ground::seal::seal(rules.iter().copied()), crate::ground::seal::seal(data))
    }
}

/// Decodes to text in Unicode normal form C, so that `å` is one letter however it was typed.
fn decode(found: &Found, kind: TextKind) -> Result<String, Diagnostic> {
    let limit = match kind {
        TextKind::Scenario => SCENARIO_BYTES_MAX,
        TextKind::Rules => RULES_BYTES_MAX,
        TextKind::Table => TABLE_BYTES_MAX,
    };
    if found.bytes.starts_with(b"PK\x03\x04") {
        return Err(faults::workbook(&found.shown_name));
    }
    if found.bytes.len() > limit {
        return Err(faults::too_large_file(&found.shown_name, found.bytes.len(), limit));
    }
    let utf8 = found.bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&found.bytes);
    let text = match (std::str::from_utf8(utf8), kind) {
        (Ok(text), _) => text.to_owned(),
        (Err(fault), TextKind::Table) => match Encoding::for_bom(&found.bytes) {
            Some((encoding, _)) if encoding == UTF_16LE || encoding == UTF_16BE => {
                encoding.decode(&found.bytes).0.into_owned()
            }
            _ if found.bytes.contains(&0) => {
                return Err(faults::not_text(&found.shown_name, fault.valid_up_to()));
            }
            _ => WINDOWS_1252.decode(&found.bytes).0.into_owned(),
        },
        (Err(fault), _) => return Err(faults::not_utf8(&found.shown_name, utf8, fault.valid_up_to())),
    };
    if let Some(position) = text.find('\0') {
        return Err(faults::not_text(&found.shown_name, position));
    }
    Ok(if is_nfc(&text) { text } else { text.nfc().collect() })
}
