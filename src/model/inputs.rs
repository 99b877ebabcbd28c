//! What a run reads: named files from a shelf, decoded to text and remembered, so that faults can point
//! into them and a watcher knows what the result depends on.

use std::collections::BTreeMap;
use std::sync::Arc;

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE, WINDOWS_1252};
use unicode_normalization::{UnicodeNormalization, is_nfc};

use crate::ground::diagnostic::Diagnostic;
use crate::ground::source::{Place, SourceId, Sources};

use super::faults;
use super::party::Parties;
use super::table::PartyTable;

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
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TextKind {
    /// The scenario file: UTF-8.
    Scenario,
    /// A rule file: UTF-8.
    Rules,
    /// A table: UTF-8, UTF-16 with a mark, or Latin-1, as spreadsheets export them.
    Table,
}

/// The texts of a run. A copy has all that was read, so that a scenario is read once and walked with many changes.
#[derive(Clone, Debug, Default)]
pub struct Inputs {
    /// All texts read so far.
    pub sources: Sources,
    rules: Vec<SourceId>,
    /// What was asked of the shelf, and what came of it.
    known: BTreeMap<(TextKind, String), SourceId>,
    /// The tables that were taken apart without a fault.
    tables: Tables,
}

/// Tables of parties, taken apart.
#[derive(Clone, Debug, Default)]
struct Tables {
    /// For these parties.
    parties: Arc<Parties>,
    /// By text.
    by_source: BTreeMap<SourceId, Arc<PartyTable>>,
}

impl Inputs {
    /// For reading another scenario beside this one: all texts stay, so that places in both can be shown. What was
    /// asked of the shelf is forgotten, since the other may have files of the same names.
    #[must_use]
    pub fn beside(&self) -> Inputs {
        Inputs { sources: self.sources.clone(), ..Inputs::default() }
    }

    /// The texts of these inputs, with the names by which another reading, whose texts are among them, has asked.
    #[must_use]
    pub fn asked_as(&self, other: &Inputs) -> Inputs {
        Inputs { sources: self.sources.clone(), tables: Tables::default(), ..other.clone() }
    }

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
        if let Some(known) = self.known.get(&(kind, name.to_owned())) {
            return Ok(*known);
        }
        let found = match kind {
            TextKind::Rules => shelf.read_rule(name),
            TextKind::Scenario | TextKind::Table => shelf.read(name),
        };
        let found = found.map_err(|fault| faults::unreadable_file(name, &fault, wanted_at))?;
        let id = self.add_file(&found, kind, wanted_at)?;
        self.known.insert((kind, name.to_owned()), id);
        Ok(id)
    }

    /// Takes a file that was found; one that was taken before is not taken again.
    ///
    /// # Errors
    /// A diagnostic at `wanted_at`, the place that names the file, where there is one.
    pub fn add_file(
        &mut self,
        found: &Found,
        kind: TextKind,
        wanted_at: Option<&Place>,
    ) -> Result<SourceId, Diagnostic> {
        if let Some(known) = self.sources.by_name(&found.shown_name) {
            return Ok(known);
        }
        let text = decode(found, kind).map_err(|fault| match wanted_at {
            Some(place) => fault.at(place, ""),
            None => fault,
        })?;
        let id = self.sources.add(found.shown_name.clone(), text);
        if kind == TextKind::Rules {
            self.rules.push(id);
        }
        Ok(id)
    }

    /// Takes a text that is from no file.
    pub fn add_text(&mut self, name: &str, text: &str) -> SourceId {
        self.sources.add(name, text.nfc().collect::<String>())
    }

    /// The tables that were taken apart for these parties.
    pub(super) fn known_tables(&self, parties: &Parties) -> BTreeMap<SourceId, Option<Arc<PartyTable>>> {
        let known = self.tables.by_source.iter().filter(|_| *self.tables.parties == *parties);
        known.map(|(source, table)| (*source, Some(Arc::clone(table)))).collect()
    }

    /// Remembers the tables without faults that were taken apart for these parties.
    pub(super) fn remember_tables(
        &mut self,
        parties: &Arc<Parties>,
        tables: &BTreeMap<SourceId, Option<Arc<PartyTable>>>,
    ) {
        let sound = |(source, table): (&SourceId, &Option<Arc<PartyTable>>)| {
            let table = table.as_ref().filter(|table| table.is_sound())?;
            Some((*source, Arc::clone(table)))
        };
        let by_source = tables.iter().filter_map(sound).collect();
        self.tables = Tables { parties: Arc::clone(parties), by_source };
    }

    /// The rule files that were read, by the names they were asked for.
    pub fn rule_files(&self) -> impl Iterator<Item = (&str, SourceId)> {
        let rules = self.known.iter().filter(|((kind, _), _)| *kind == TextKind::Rules);
        rules.map(|((_, name), id)| (name.as_str(), *id))
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
