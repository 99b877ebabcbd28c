//! Driver tables as spreadsheets and statistics banks export them: `;`, `,` or tab, decimal comma, spaces in
//! numbers, a title or a year over each column.
//!
//! A first column of parties, and then either one column a year (`2023`, `2023K2`, `Folketall 2023`), or
//! a column `year` and one of values, or named columns that hold for every year.

use std::collections::BTreeMap;

use csv::{ReaderBuilder, StringRecord};

use crate::ground::diagnostic::Diagnostics;
use crate::ground::numerals::{self, NumeralFault};
use crate::ground::ratio::Ratio;
use crate::ground::source::{Place, SourceId, Sources};
use crate::ground::suggest::did_you_mean;

use super::decode::clean_name;
use super::driver::{PartyValues, Series};
use super::faults;
use super::party::{Parties, PartyIx};
use super::years::Year;

/// Unknown parties reported one by one; a table with more of them is of another region.
const UNKNOWN_PARTIES_SHOWN: usize = 5;

/// A cell with its place.
#[derive(Clone, Debug)]
pub struct Cell {
    /// Its text without outer spaces.
    pub text: String,
    /// Where it stands.
    pub place: Place,
}

/// Reads the rows of a table, the header first. Faults of the table as a whole end the reading.
pub fn read_rows(sources: &Sources, source: SourceId, faults: &mut Diagnostics) -> Option<Vec<Vec<Cell>>> {
    let text = &sources.get(source).text;
    let skipped =
        if text.starts_with("sep=") { text.find('\n').map_or(text.len(), |newline| newline + 1) } else { 0 };
    let body = &text[skipped..];
    let is_content = |line: &&str| !line.starts_with('#') && !line.trim().is_empty();
    let header_line = body.lines().find(is_content).unwrap_or_default();
    let delimiter =
        [b';', b'\t', b','].into_iter().find(|sign| header_line.as_bytes().contains(sign)).unwrap_or(b';');
    let mut reader = ReaderBuilder::new()
        .comment(Some(b'#'))
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .from_reader(body.as_bytes());
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    for record in reader.records() {
        let whole = Place { source, bytes: 0..0 };
        let record = match record {
            Ok(record) => record,
            Err(fault) => {
                faults.push(faults::bad_table(
                    &whole,
                    format!("the table cannot be read: {fault}"),
                    "export it again",
                ));
                return None;
            }
        };
        let start =
            record.position().map_or(0, |position| usize::try_from(position.byte()).unwrap_or(0)) + skipped;
        let mut cells = place_cells(&record, text, source, start);
        if rows.is_empty() {
            while cells.len() > 1 && cells.last().is_some_and(|cell| cell.text.is_empty()) {
                cells.pop();
            }
        }
        // Spreadsheets leave empty cells at the end of a line.
        let width = rows.first().map_or(cells.len(), |header: &Vec<Cell>| header.len());
        while cells.len() > width && cells.last().is_some_and(|cell| cell.text.is_empty()) {
            cells.pop();
        }
        if cells.iter().all(|cell| cell.text.is_empty()) {
            continue;
        }
        if let Some(cell) = cells.iter().find(|cell| cell.text.contains('\n')) {
            let help = "remove the quotation mark, or close it";
            faults.push(faults::bad_table(
                &cell.place,
                "a quotation mark is opened here and not closed on this line",
                help,
            ));
            return None;
        }
        rows.push(cells);
    }
    if rows.len() < 2 {
        let place = Place { source, bytes: 0..0 };
        faults.push(faults::bad_table(
            &place,
            "the table is empty",
            "it needs a header line and a line for each party",
        ));
        return None;
    }
    Some(rows)
}

/// A table of parties: its header, and the party and cells of each line.
#[derive(Clone, Debug)]
pub struct PartyTable {
    header: Vec<Cell>,
    lines: Vec<(PartyIx, Vec<Cell>)>,
    /// Whether its lines have no faults.
    is_sound: bool,
}

impl PartyTable {
    /// Whether its lines have no faults.
    pub fn is_sound(&self) -> bool {
        self.is_sound
    }
}

/// Reads a table of parties; drivers that are columns of one table have it in common.
pub fn read_party_table(
    sources: &Sources,
    source: SourceId,
    parties: &Parties,
    faults: &mut Diagnostics,
) -> Option<PartyTable> {
    let errors_before = faults.error_count();
    let mut rows = read_rows(sources, source, faults)?.into_iter();
    let header = rows.next()?;
    let body: Vec<Vec<Cell>> = rows.collect();
    if begins_with_a_party(&header, parties, faults) {
        return None;
    }
    faults_of_thousands(&body, faults);
    let mut strangers = 0;
    let width = header.len();
    // The layout of one column has a fault of its own; no line can be right under it.
    let body = if width < 2 { vec![] } else { body };
    let with_party = |row: Vec<Cell>| Some((party_of(&row, width, parties, &mut strangers, faults)?, row));
    let lines = body.into_iter().filter_map(with_party).collect();
    Some(PartyTable { header, lines, is_sound: faults.error_count() == errors_before })
}

/// The values of a driver in a table; `column` picks one named column of several.
pub fn series(
    table: &PartyTable,
    column: Option<(&str, &Place)>,
    parties: &Parties,
    faults: &mut Diagnostics,
) -> Option<Series> {
    let errors_before = faults.error_count();
    let layout = layout(&table.header, column, faults)?;
    let mut seen: BTreeMap<Option<Year>, Vec<Option<&Place>>> = BTreeMap::new();
    let mut yearly: BTreeMap<Option<Year>, Vec<Option<Ratio>>> = BTreeMap::new();
    for (party, row) in &table.lines {
        for (year, cell) in layout.cells(row, faults) {
            let known = &mut seen.entry(year).or_insert_with(|| vec![None; parties.count()])[party.0];
            if let Some(first) = known {
                faults.push(faults::double_key(&row[0].place, first));
                continue;
            }
            *known = Some(&row[0].place);
            let values = yearly.entry(year).or_insert_with(|| vec![None; parties.count()]);
            match numerals::parse_table(&cell.text) {
                Ok(value) => values[party.0] = Some(value),
                // A blank or a statistics bank's sign for "no figure" is a gap, and a fault only where it is needed.
                Err(NumeralFault::Blank) => {}
                Err(_) if matches!(cell.text.as_str(), "." | ".." | ":" | "-") => {}
                Err(fault) => faults.push(faults::bad_number(&cell.place, &cell.text, fault)),
            }
        }
    }
    if faults.error_count() > errors_before || !table.is_sound {
        return None;
    }
    Some(match yearly.remove(&None) {
        Some(values) => Series::Fixed(PartyValues::new(values)),
        None => {
            let of_year = |(year, values): (Option<Year>, _)| Some((year?, PartyValues::new(values)));
            Series::Yearly(yearly.into_iter().filter_map(of_year).collect())
        }
    })
}

/// Whether the first line is a party's and the header is missing, which is a fault.
fn begins_with_a_party(header: &[Cell], parties: &Parties, faults: &mut Diagnostics) -> bool {
    let Some(party) = clean(&header[0].text).and_then(|name| parties.find(&name)) else { return false };
    let message = format!("the first line is about {}, and a header is needed there", parties.get(party).id);
    faults.push(faults::bad_table(&header[0].place, message, "write a line above it, as in party;2024"));
    true
}

/// Whose line this is. Lines of strangers are faults, the first few one by one: a table with more of them is
/// of another region.
fn party_of(
    row: &[Cell],
    width: usize,
    parties: &Parties,
    strangers: &mut usize,
    faults: &mut Diagnostics,
) -> Option<PartyIx> {
    let party = clean(&row[0].text).and_then(|name| parties.find(&name));
    let place = &row[0].place;
    if party.is_none() && row[1..].iter().all(|cell| cell.text.is_empty()) {
        let help = "delete it, or start it with # to keep it as a comment";
        faults.push(faults::bad_table(place, "a line without figures", help));
        return None;
    }
    if row.len() != width {
        let message = format!("this line has {} and the header has {width}", cells(row.len()));
        faults.push(faults::bad_table(place, message, "is a delimiter missing, or one too many?"));
        return None;
    }
    if party.is_none() {
        *strangers += 1;
        if *strangers <= UNKNOWN_PARTIES_SHOWN {
            faults.push(unknown_party(&row[0], parties));
        } else if *strangers == UNKNOWN_PARTIES_SHOWN + 1 {
            let help = "keep only the lines of this scenario's parties";
            faults.push(faults::bad_table(place, "more lines from here on name no party", help));
        }
    }
    party
}

/// A cell as a name, where it is one.
pub fn clean(cell: &str) -> Option<String> {
    clean_name(cell).ok()
}

/// Where the values of a table stand.
enum Layout {
    /// One column for each of these years.
    YearColumns(Vec<(usize, Year)>),
    /// The year in one column, the value in another.
    YearAndValue(usize, usize),
    /// One column that holds for every year.
    OneColumn(usize),
}

impl Layout {
    fn cells<'r>(&self, row: &'r [Cell], faults: &mut Diagnostics) -> Vec<(Option<Year>, &'r Cell)> {
        match self {
            Layout::YearColumns(columns) => {
                columns.iter().map(|(column, year)| (Some(*year), &row[*column])).collect()
            }
            Layout::OneColumn(column) => vec![(None, &row[*column])],
            Layout::YearAndValue(year_column, value_column) => match year_in(&row[*year_column].text) {
                Some(year) => vec![(Some(year), &row[*value_column])],
                None => {
                    faults.push(faults::expected(&row[*year_column].place, "a year with four digits"));
                    vec![]
                }
            },
        }
    }
}

fn layout(header: &[Cell], column: Option<(&str, &Place)>, faults: &mut Diagnostics) -> Option<Layout> {
    if let Some((name, place)) = column {
        let found = header.iter().position(|cell| cell.text == name);
        if let Some(second) = header.iter().filter(|cell| cell.text == name).nth(1) {
            let help = "keep one of the two columns";
            faults.push(faults::bad_table(&second.place, format!("a second column `{name}`"), help));
        }
        if found.is_none() {
            let known = header[1..].iter().map(|cell| cell.text.as_str());
            faults.push(faults::unknown_name(place, "column", name, known));
        }
        return found.map(Layout::OneColumn);
    }
    let is_year_title = |cell: &Cell| ["year", "år", "aar"].contains(&cell.text.to_lowercase().as_str());
    if header.len() == 3 && is_year_title(&header[1]) {
        return Some(Layout::YearAndValue(1, 2));
    }
    let years: Vec<Option<Year>> = header[1..].iter().map(|cell| year_in(&cell.text)).collect();
    if header.len() == 2 && years == [None] {
        return Some(Layout::OneColumn(1));
    }
    let mut columns: Vec<(usize, Year)> = Vec::new();
    for (index, cell) in header.iter().enumerate().skip(1) {
        match years[index - 1] {
            Some(year) if columns.iter().any(|(_, earlier)| *earlier == year) => {
                let help = "keep one of the two columns";
                faults.push(faults::bad_table(&cell.place, format!("a second column for {year}"), help));
            }
            Some(year) => columns.push((index, year)),
            None if index > 0 && cell.text.is_empty() => {
                let help =
                    "is this a title line above the header? Delete it; the first line names the columns";
                faults.push(faults::bad_table(&cell.place, "a column without a title", help));
            }
            None => {
                let help = "head it with its year, or pick a column with Column(\"file.csv\", \"column\")";
                faults.push(faults::bad_table(
                    &cell.place,
                    format!("the column `{}` names no year", cell.text),
                    help,
                ));
            }
        }
    }
    if header.len() < 2 {
        let help =
            "delete title lines above the header, and separate the columns with semicolons, commas or tabs";
        faults.push(faults::bad_table(&header[0].place, "the table has one column only", help));
    }
    (!columns.is_empty()).then_some(Layout::YearColumns(columns))
}

/// A figure like `26.000` among whole ones: thousands with a point, or three decimals? Nobody can tell.
fn faults_of_thousands(body: &[Vec<Cell>], faults: &mut Diagnostics) {
    let figures = || body.iter().flat_map(|row| row.iter().skip(1));
    let parts =
        |cell: &Cell| cell.text.split_once(['.', ',']).map(|(whole, rest)| (whole.to_owned(), rest.len()));
    let plain =
        figures().any(|cell| cell.text.len() < 4 && cell.text.bytes().all(|byte| byte.is_ascii_digit()));
    let decimal = figures().filter_map(parts).any(|(whole, digits)| digits != 3 || whole.starts_with('0'));
    let doubtful = |cell: &&Cell| parts(cell).is_some_and(|(whole, _)| whole.parse::<u32>().is_ok());
    if let Some(cell) = figures().find(doubtful).filter(|_| plain && !decimal) {
        let message = format!("is `{}` a number of thousands, or does it have three decimals?", cell.text);
        faults.push(faults::bad_table(
            &cell.place,
            message,
            "write thousands without a point or comma between them",
        ));
    }
}

fn cells(count: usize) -> String {
    if count == 1 { "1 cell".to_owned() } else { format!("{count} cells") }
}

/// The one year in a column title like `2023`, `2023K2` or `Folketall 2023`.
fn year_in(title: &str) -> Option<Year> {
    let mut years = title
        .split(|sign: char| !sign.is_ascii_digit())
        .filter(|digits| digits.len() == 4)
        .filter_map(|digits| digits.parse::<Year>().ok())
        .filter(|year| (1000..=2999).contains(year));
    let year = years.next()?;
    years.next().is_none().then_some(year)
}

fn unknown_party(cell: &Cell, parties: &Parties) -> crate::ground::diagnostic::Diagnostic {
    let lower = cell.text.to_lowercase();
    let is_total = ["sum", "total", "totalt", "i alt", "hele landet", "landet"]
        .iter()
        .any(|word| lower.starts_with(word));
    let fault = faults::unknown_party(&cell.place, &cell.text);
    if is_total {
        return fault.help("this looks like a total; delete the line, since it would be counted twice");
    }
    match did_you_mean(&cell.text, parties.ids()) {
        hint if hint.is_empty() => {
            fault.help("add the party to the scenario, or delete the line from the table")
        }
        hint => fault.help(hint),
    }
}

/// Gives each cell its place by finding it again in the line it came from.
fn place_cells(record: &StringRecord, text: &str, source: SourceId, start: usize) -> Vec<Cell> {
    let mut from = start;
    record
        .iter()
        .map(|cell| {
            let trimmed = cell.trim();
            // Nearly always it is the next thing after the delimiter.
            let next = |rest: &str| rest.find(|sign: char| !(sign.is_whitespace() || ",;\"".contains(sign)));
            let found = text.get(from..).and_then(|rest| {
                let at = next(rest).filter(|at| rest[*at..].starts_with(trimmed) && !trimmed.is_empty());
                at.or_else(|| rest.find(trimmed)).map(|offset| from + offset)
            });
            let begin = found.unwrap_or(from).min(text.len());
            let end = (begin + trimmed.len()).min(text.len());
            from = end;
            Cell { text: trimmed.to_owned(), place: Place { source, bytes: begin..end } }
        })
        .collect()
}
