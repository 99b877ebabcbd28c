//! The long table as CSV: RFC 4180, ASCII numbers with a point, a header line; or, for a Norwegian Excel, with
//! semicolons, decimal comma, CRLF and a byte-order mark. Both can be read as published figures.

use crate::ground::money::Money;

use super::figures::Figures;

/// The columns of the long table.
pub const HEADER: [&str; 5] = ["year", "figure", "subject", "party", "amount"];

/// Writes the long table, in the Norwegian dialect of spreadsheets where asked. Names that a spreadsheet would run as a formula get an apostrophe in front.
pub fn write(figures: &Figures, norwegian: bool) -> String {
    let rows = figures.rows.iter().map(|(key, figure)| {
        let year = key.year.map_or_else(String::new, |year| year.to_string());
        let (subject, party) = (harmless(&key.subject), harmless(&key.party));
        [year, key.kind.word().into_owned(), subject, party, amount(*figure, norwegian)]
    });
    table(HEADER, rows, norwegian)
}

/// A table of texts in either dialect.
pub fn table<const N: usize>(
    header: [&str; N],
    rows: impl Iterator<Item = [String; N]>,
    norwegian: bool,
) -> String {
    self::rows(std::iter::once(header.map(str::to_owned)).chain(rows), norwegian)
}

/// Rows of texts in either dialect, all of the same length.
pub fn rows<R: IntoIterator<Item = String>>(mut rows: impl Iterator<Item = R>, norwegian: bool) -> String {
    let (delimiter, mark) = if norwegian { (b';', "\u{feff}") } else { (b',', "") };
    let terminator = if norwegian { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') };
    let mut builder = csv::WriterBuilder::new();
    let mut writer =
        builder.delimiter(delimiter).terminator(terminator).from_writer(mark.as_bytes().to_vec());
    let written = rows.try_for_each(|row| writer.write_record(row));
    debug_assert!(written.is_ok(), "writing to memory does not fail");
    String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
}

/// An amount in either dialect.
pub fn amount(amount: Money, norwegian: bool) -> String {
    if norwegian { amount.to_string().replace('.', ",") } else { amount.to_string() }
}

/// A name that no spreadsheet takes for a formula.
pub fn harmless(name: &str) -> String {
    if name.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{name}") } else { name.to_owned() }
}
