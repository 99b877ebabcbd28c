//! The long table as CSV: RFC 4180, ASCII numbers with a point, a header line; or, for a Norwegian Excel, with
//! semicolons, decimal comma, CRLF and a byte-order mark. Both can be read as published figures.

use crate::ground::money::Money;

use super::figures::Figures;

/// The columns of the long table.
pub const HEADER: [&str; 5] = ["year", "figure", "subject", "party", "amount"];

/// Writes the long table, in the Norwegian dialect of spreadsheets where asked.
pub fn write(figures: &Figures, norwegian: bool) -> String {
    let rows = figures.rows.iter().map(|(key, amount)| {
        let year = key.year.map_or_else(String::new, |year| year.to_string());
        let (kind, amount) = (key.kind.word().into_owned(), number(*amount, norwegian));
        [year, kind, harmless(&key.subject), harmless(&key.party), amount]
    });
    records(&HEADER, rows, norwegian)
}

/// Writes a table with these columns.
pub fn records<const COLUMNS: usize>(
    header: &[&str; COLUMNS],
    rows: impl IntoIterator<Item = [String; COLUMNS]>,
    norwegian: bool,
) -> String {
    let (delimiter, mark) = if norwegian { (b';', "\u{feff}") } else { (b',', "") };
    let terminator = if norwegian { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') };
    let mut builder = csv::WriterBuilder::new();
    let mut writer =
        builder.delimiter(delimiter).terminator(terminator).from_writer(mark.as_bytes().to_vec());
    let written: Result<(), csv::Error> = (|| {
        writer.write_record(header)?;
        for row in rows {
            writer.write_record(row)?;
        }
        Ok(())
    })();
    debug_assert!(written.is_ok(), "writing to memory does not fail");
    String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
}

/// An amount, with a decimal comma where asked.
pub fn number(amount: Money, norwegian: bool) -> String {
    if norwegian { amount.to_string().replace('.', ",") } else { amount.to_string() }
}

/// A name that a spreadsheet would run as a formula gets an apostrophe in front.
pub fn harmless(name: &str) -> String {
    if name.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{name}") } else { name.to_owned() }
}
