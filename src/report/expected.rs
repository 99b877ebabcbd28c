//! Published figures: `expected.csv` read and compared with the computed figures, row by row.

use std::collections::BTreeMap;

use crate::engine::walk::Outcome;
use crate::ground::diagnostic::{Diagnostic, Diagnostics};
use crate::ground::money::Money;
use crate::ground::numerals;
use crate::ground::source::{Place, SourceId, Sources};
use crate::ground::suggest::did_you_mean;
use crate::model::faults;
use crate::model::table::{self, Cell};
use crate::model::years::Year;

use super::figures::{FigureKey, FigureKind, Figures};

/// The name of the file of published figures.
pub const EXPECTED_FILE: &str = "expected.csv";

/// A published figure.
#[derive(Clone, Debug)]
pub struct ExpectedRow {
    /// Which figure.
    pub key: FigureKey,
    /// What is printed.
    pub amount: Money,
    /// Why the rule gives another figure, where it is known to.
    pub deviation: Option<String>,
    /// Where the amount stands.
    pub place: Place,
}

/// A published figure beside the computed one.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// The published one.
    pub expected: ExpectedRow,
    /// The computed one; none where the budget has no such figure.
    pub computed: Option<Money>,
}

impl Comparison {
    /// Whether the row passes: equal, or declared to deviate and indeed different.
    pub fn passes(&self) -> bool {
        let equal = self.computed == Some(self.expected.amount);
        match self.expected.deviation {
            None => equal,
            Some(_) => !equal && self.computed.is_some(),
        }
    }

    /// What is wrong, for a row that does not pass, as a line of its own.
    pub fn failure(&self, sources: &Sources) -> String {
        let place = sources.locate_line(&self.expected.place);
        let FigureKey { year, kind, subject, party } = &self.expected.key;
        let year = year.map_or_else(|| "all years".to_owned(), |year| year.to_string());
        let whose = if party.is_empty() && *kind == FigureKind::Total { "all parties" } else { party };
        let figure = kind.word();
        let names = [year.as_str(), &figure, subject, whose].into_iter().filter(|name| !name.is_empty());
        let what = names.collect::<Vec<_>>().join(" · ");
        let expected = numerals::money_norwegian(self.expected.amount);
        let Some(computed) = self.computed else {
            let why = match kind {
                FigureKind::Share => format!("{party} takes no part in it in that year, or nothing is split"),
                FigureKind::Settlement => "the measure has no actual figures beside its budget".to_owned(),
                FigureKind::Lines if !party.is_empty() => {
                    format!("there is no cost line `{party}` in that year")
                }
                FigureKind::Draw => format!("the measure has no funding step from `{party}`"),
                FigureKind::Lines => "the measure has no cost lines in that year".to_owned(),
                _ if !party.is_empty() => "this figure has nothing under party".to_owned(),
                _ => "nothing is split in that year".to_owned(),
            };
            return format!("{place}  {what}  expected {expected}   computed: no such figure; {why}");
        };
        let shown = numerals::money_norwegian(computed);
        if self.expected.deviation.is_some() {
            return format!(
                "{place}  {what}  declared to deviate from {expected}, but computed {shown}: equal"
            );
        }
        let difference = computed.minus(self.expected.amount).map_or_else(
            |fault| fault.to_string(),
            |difference| {
                let sign = if difference.is_negative() { "" } else { "+" };
                format!("{sign}{}", numerals::money_norwegian(difference))
            },
        );
        format!("{place}  {what}  expected {expected}   computed {shown}   difference {difference}")
    }
}

/// Reads published figures; faults go to `found`.
pub fn read(
    sources: &Sources,
    source: SourceId,
    outcome: &Outcome,
    found: &mut Diagnostics,
) -> Vec<ExpectedRow> {
    let Some(rows) = table::read_rows(sources, source, found) else { return vec![] };
    let Some((header, body)) = rows.split_first() else { return vec![] };
    let titles: Vec<&str> = header.iter().map(|cell| cell.text.as_str()).collect();
    let wanted = ["year", "figure", "subject", "party", "amount", "deviation"];
    if titles != wanted[..5] && titles != wanted {
        let help = "the header is year,figure,subject,party,amount and, where it is needed, deviation";
        found.push(faults::bad_table(
            &header[0].place,
            "these are not the columns of expected figures",
            help,
        ));
        return vec![];
    }
    body.iter().filter_map(|row| found.take(read_row(row, header.len(), outcome))).collect()
}

/// Figures that stand twice with different amounts, neither of them declared to deviate.
pub fn contradictions(rows: &[ExpectedRow], sources: &Sources) -> Vec<String> {
    let mut first: BTreeMap<&FigureKey, &ExpectedRow> = BTreeMap::new();
    let mut found = Vec::new();
    for row in rows.iter().filter(|row| row.deviation.is_none()) {
        let earlier = *first.entry(&row.key).or_insert(row);
        if earlier.amount != row.amount {
            let (here, there) = (sources.locate_line(&row.place), sources.locate_line(&earlier.place));
            found.push(format!("{here}  the same figure stands with another amount at {there}"));
        }
    }
    found
}

/// Compares published figures with computed ones.
pub fn compare(expected: Vec<ExpectedRow>, figures: &Figures) -> Vec<Comparison> {
    expected
        .into_iter()
        .map(|expected| Comparison { computed: figures.get(&expected.key), expected })
        .collect()
}

fn read_row(row: &[Cell], columns: usize, outcome: &Outcome) -> Result<ExpectedRow, Diagnostic> {
    let row = &without_guards(row);
    if row.len() < 5 || row.len() > columns {
        let message = format!("this line has {} cells and the header has {columns}", row.len());
        let help = "a text with commas in it stands in quotation marks";
        return Err(faults::bad_table(&row[0].place, message, help));
    }
    let scenario = &outcome.scenario;
    let year = match row[0].text.as_str() {
        "" => None,
        text => Some(
            text.parse::<Year>()
                .map_err(|_| faults::expected(&row[0].place, "a year, or nothing for all years"))?,
        ),
    };
    if let Some(year) = year.filter(|year| !scenario.years.contains(*year)) {
        return Err(faults::year_outside(&row[0].place, year, scenario.years));
    }
    let kind = FigureKind::of_word(&row[1].text)
        .ok_or_else(|| faults::unknown_name(&row[1].place, "figure", &row[1].text, FigureKind::words()))?;
    let subject = subject(&row[2], kind, outcome)?;
    let party = match kind {
        FigureKind::Share
        | FigureKind::Instalment(_)
        | FigureKind::ActualShare
        | FigureKind::BroughtForward
        | FigureKind::BuyIn => party(&row[3], outcome)?,
        FigureKind::Total | FigureKind::Settlement | FigureKind::Payable | FigureKind::Payout
            if !row[3].text.is_empty() =>
        {
            party(&row[3], outcome)?
        }
        _ => row[3].text.clone(),
    };
    let number = numerals::parse_table(&row[4].text)
        .map_err(|fault| faults::bad_number(&row[4].place, &row[4].text, fault))?;
    let amount = Money::from_kroner(&number).map_err(|fault| faults::not_money(&row[4].place, fault))?;
    let deviation = row.get(5).map(|cell| cell.text.clone()).filter(|reason| !reason.is_empty());
    Ok(ExpectedRow {
        key: FigureKey { year, kind, subject, party },
        amount,
        deviation,
        place: row[4].place.clone(),
    })
}

fn subject(cell: &Cell, kind: FigureKind, outcome: &Outcome) -> Result<String, Diagnostic> {
    let scenario = &outcome.scenario;
    let measures = || scenario.measures.iter().map(|measure| measure.id.as_str());
    let funds = || {
        let grants = scenario.grants.iter().map(|grant| grant.id.as_str());
        grants.chain(scenario.reserves.iter().map(|reserve| reserve.id.as_str()))
    };
    let text = cell.text.as_str();
    let (known, what) = match kind {
        FigureKind::Total | FigureKind::Payable => {
            (text.is_empty(), "subject here; a total has none, so it is left empty:")
        }
        FigureKind::Tagged if text.is_empty() => (true, "measure"),
        kind if kind.is_of_a_fund() => (funds().any(|id| id == text), "grant or reserve"),
        _ => (measures().any(|id| id == text), "measure"),
    };
    if known {
        return Ok(text.to_owned());
    }
    let hint = if what == "measure" { did_you_mean(text, measures()) } else { did_you_mean(text, funds()) };
    Err(Diagnostic::error("unknown-name", format!("there is no {what} `{text}`")).at(&cell.place, hint))
}

fn party(cell: &Cell, outcome: &Outcome) -> Result<String, Diagnostic> {
    let parties = &outcome.scenario.parties;
    let found = table::clean(&cell.text).and_then(|name| parties.find(&name));
    match found {
        Some(party) => Ok(parties.get(party).id.clone()),
        None => Err(faults::unknown_name(&cell.place, "party", &cell.text, parties.ids())),
    }
}

/// Cells without the apostrophe that output puts before a name which a spreadsheet would run as a formula.
fn without_guards(row: &[Cell]) -> Vec<Cell> {
    let bare = |cell: &Cell| {
        let guarded = cell.text.strip_prefix('\'').filter(|name| name.starts_with(['=', '+', '-', '@']));
        Cell { text: guarded.unwrap_or(&cell.text).to_owned(), place: cell.place.clone() }
    };
    row.iter().map(bare).collect()
}
