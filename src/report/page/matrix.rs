//! The matrix of the page: what each measure costs and who pays it, a page at a time; the longer side stands upright
//! where there are few measures.

use num_traits::Zero;
use serde::Serialize;

use crate::engine::budget::MeasureBudget;
use crate::ground::money::{Money, TooLarge};
use crate::ground::ratio::Ratio;
use crate::model::measure::MeasureIx;
use crate::model::party::PartyIx;

use super::asked::{Cells, Unit};
use super::cell::{Cell, FigureRef, Shown, Tone, was};
use super::geometry::heat;
use super::numbers::{Manner, whole_thousands};
use super::selection::{Paging, Selection};
use super::sides::{Amounts, Sides, Subject};
use super::words::{Words, filled};

/// With up to so many measures, the parties stand under each other where they are more.
const BESIDE_MAX: usize = 8;

/// The matrix.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Matrix {
    /// Whether parties stand under each other, and measures beside each other.
    pub upright: bool,
    /// What the cells show, in fact.
    pub cells: &'static str,
    /// What stands over the row titles.
    pub corner: &'static str,
    /// The columns.
    pub columns: Vec<Head>,
    /// The rows.
    pub rows: Vec<Row>,
    /// Which page it is.
    pub paging: Paging,
    /// What a reader has to know.
    pub footnotes: Vec<String>,
}

/// A title over a column or before a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Head {
    /// What it is known by from one view to the next.
    pub id: String,
    /// Its title.
    pub title: String,
    /// What it is of: `figure`, `party`, `measure`, `sum`.
    pub kind: &'static str,
    /// Whether it is on both sides; else a word for where it is.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub there: &'static str,
}

/// A row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// Its title.
    #[serde(flatten)]
    pub head: Head,
    /// By column.
    pub cells: Vec<Cell>,
}

/// A figure of a measure that has a column.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Figure {
    Gross,
    Charges,
    Funds,
    Net,
    Billed,
    Residual,
}

/// A column: a figure of the measure, or what a party pays for it.
#[derive(Clone, Copy)]
enum Column<'s, 'v> {
    Figure(Figure),
    Party(usize, &'s Subject<'v, PartyIx>),
}

/// A row: a measure, or the sum of all that were found.
#[derive(Clone, Copy)]
enum Line<'s, 'v> {
    Measure(&'s Subject<'v, MeasureIx>),
    Sum,
}

struct Builder<'b, 'v> {
    sides: &'b Sides<'v>,
    selection: &'b Selection<'b, 'v>,
    words: &'static Words,
    cells: Cells,
    heads: Option<Vec<Option<Ratio>>>,
    columns: Vec<Column<'b, 'v>>,
}

/// Builds the matrix; `cells` is what is asked for, which is amounts where it cannot be had.
///
/// # Errors
/// [`TooLarge`] when a sum does not fit.
pub fn matrix<'v>(
    sides: &Sides<'v>,
    selection: &Selection<'_, 'v>,
    (cells, manner, words): (Cells, Manner, &'static Words),
) -> Result<Matrix, TooLarge> {
    let heads = if cells == Cells::Per { sides.heads() } else { None };
    let can = match cells {
        Cells::Amounts => true,
        Cells::Change | Cells::Percent => sides.is_compared(),
        Cells::Per => heads.is_some(),
    };
    let shown = if can { cells } else { Cells::Amounts };
    let columns = columns(sides, selection);
    let builder = Builder { sides, selection, words, cells: shown, heads, columns };
    let mut lines: Vec<Line<'_, 'v>> = selection.measures.iter().map(|own| Line::Measure(own)).collect();
    if selection.found.len() != 1 && !selection.found.is_empty() {
        lines.push(Line::Sum);
    }
    let mut amounts = Vec::with_capacity(lines.len());
    for line in &lines {
        amounts.push(builder.amounts(*line)?);
    }
    let manner = builder.manner(&amounts, manner);
    let mut footnotes = builder.footnotes(cells);
    if manner.unit == Unit::Thousands && !builder.adds_up_rounded(&lines, &amounts) {
        footnotes.insert(0, words.rounded_note.to_owned());
    }
    let cells = builder.all_cells(&lines, &amounts, manner)?;
    let has = |text: &str| cells.iter().flatten().any(|cell| cell.text == text);
    footnotes.extend(has(super::cell::DASH).then(|| words.dash_note.to_owned()));
    footnotes.extend(has(super::cell::MISSING).then(|| words.missing_note.to_owned()));
    let paging = selection.paging.clone();
    let upright = selection.found.len() <= BESIDE_MAX && selection.parties.len() > selection.found.len();
    let (of_lines, of_columns) = (builder.line_heads(&lines, manner), builder.column_heads());
    let (columns, heads, cells) =
        if upright { (of_lines, of_columns, turned(cells)) } else { (of_columns, of_lines, cells) };
    let rows = heads.into_iter().zip(cells).map(|(head, cells)| Row { head, cells }).collect();
    let corner = if upright { words.party } else { words.measure };
    Ok(Matrix { upright, cells: shown.word(), corner, columns, rows, paging, footnotes })
}

fn columns<'s, 'v>(sides: &Sides<'v>, selection: &Selection<'s, 'v>) -> Vec<Column<'s, 'v>> {
    let any = |figure: fn(&MeasureBudget) -> Money| {
        let mut walks = sides.walks().chain(sides.walks_before());
        walks.any(|walked| walked.measures.iter().any(|own| !figure(own).is_zero()))
    };
    let charges = any(|own| own.received) || any(|own| own.charged);
    let funds = any(|own| own.drawn);
    let figures = [
        (Figure::Gross, true),
        (Figure::Charges, charges),
        (Figure::Funds, funds),
        (Figure::Net, charges || funds),
        (Figure::Billed, true),
        (Figure::Residual, any(|own| own.residual)),
    ];
    let figures = figures.into_iter().filter(|(_, is_there)| *is_there);
    let parties = selection.parties.iter().map(|(position, party)| Column::Party(*position, party));
    figures.map(|(figure, _)| Column::Figure(figure)).chain(parties).collect()
}

fn turned(cells: Vec<Vec<Cell>>) -> Vec<Vec<Cell>> {
    let mut rows: Vec<Vec<Cell>> = vec![];
    for line in cells {
        rows.resize_with(line.len(), Vec::new);
        rows.iter_mut().zip(line).for_each(|(row, cell)| row.push(cell));
    }
    rows
}

impl Figure {
    /// Its word in explanations; what came of charges and draws is told with the net cost.
    fn word(self) -> &'static str {
        match self {
            Figure::Gross => "gross",
            Figure::Charges | Figure::Funds | Figure::Net => "net",
            Figure::Billed => "billed",
            Figure::Residual => "residual",
        }
    }

    fn id(self) -> &'static str {
        match self {
            Figure::Gross => "figure:gross",
            Figure::Charges => "figure:charges",
            Figure::Funds => "figure:funds",
            Figure::Net => "figure:net",
            Figure::Billed => "figure:billed",
            Figure::Residual => "figure:residual",
        }
    }
}

impl<'v> Builder<'_, 'v> {
    fn amounts(&self, line: Line<'_, 'v>) -> Result<Vec<Amounts>, TooLarge> {
        self.columns.iter().map(|column| self.amount(line, *column)).collect()
    }

    fn amount(&self, line: Line<'_, 'v>, column: Column<'_, 'v>) -> Result<Amounts, TooLarge> {
        match (line, column) {
            (Line::Measure(measure), Column::Figure(figure)) => self.figure_amount(measure, figure),
            (Line::Measure(measure), Column::Party(_, party)) => self.sides.share(measure, party),
            (Line::Sum, Column::Party(_, party)) if self.selection.is_whole => self.sides.party(party),
            (Line::Sum, column) => {
                let mut sum = Amounts::default();
                for measure in &self.selection.found {
                    sum = sum.plus(self.amount(Line::Measure(measure), column)?)?;
                }
                Ok(sum)
            }
        }
    }

    fn figure_amount(&self, measure: &Subject<'v, MeasureIx>, figure: Figure) -> Result<Amounts, TooLarge> {
        let of = |figure: fn(&MeasureBudget) -> Money| self.sides.measure(measure, figure);
        match figure {
            Figure::Gross => of(|own| own.gross),
            Figure::Charges => of(|own| own.received)?.minus(of(|own| own.charged)?),
            Figure::Funds => of(|_| Money::ZERO)?.minus(of(|own| own.drawn)?),
            Figure::Net => of(|own| own.net),
            Figure::Billed => of(|own| own.billed),
            Figure::Residual => of(|own| own.residual),
        }
    }

    /// Two decimals everywhere where any of the amounts has øre, and for each inhabitant.
    fn manner(&self, amounts: &[Vec<Amounts>], manner: Manner) -> Manner {
        let has_ore = |amount: Money| amount.ore() % 100 != 0;
        let any = amounts.iter().flatten().any(|own| has_ore(own.now) || own.before.is_some_and(has_ore));
        match self.cells {
            Cells::Per => Manner { unit: Unit::Kroner, with_ore: true, ..manner },
            Cells::Amounts | Cells::Change | Cells::Percent => Manner { with_ore: any, ..manner },
        }
    }

    /// Whether what is shown in thousands adds up in each row and column, as far as it is shown at all.
    fn adds_up_rounded(&self, lines: &[Line<'_, 'v>], amounts: &[Vec<Amounts>]) -> bool {
        if !self.selection.is_all() || self.cells != Cells::Amounts {
            return false;
        }
        let thousands = |own: &Amounts| i128::from(whole_thousands(own.now));
        let billed = self.columns.iter().position(|own| matches!(own, Column::Figure(Figure::Billed)));
        let is_party = |column: &Column<'_, 'v>| matches!(column, Column::Party(..));
        let row = |own: &Vec<Amounts>| {
            let shares = self.columns.iter().zip(own).filter(|(column, _)| is_party(column));
            billed.is_none_or(|billed| {
                shares.map(|(_, own)| thousands(own)).sum::<i128>() == thousands(&own[billed])
            })
        };
        let has_sum = matches!(lines.last(), Some(Line::Sum));
        let column = |position: usize| {
            let own: Vec<i128> = amounts.iter().map(|line| thousands(&line[position])).collect();
            own.split_last().is_none_or(|(sum, parts)| !has_sum || parts.iter().sum::<i128>() == *sum)
        };
        amounts.iter().all(row) && (0..self.columns.len()).all(column)
    }

    fn footnotes(&self, asked: Cells) -> Vec<String> {
        let mut notes = Vec::new();
        match asked {
            Cells::Change | Cells::Percent if asked != self.cells => {
                notes.push(self.words.no_baseline.to_owned());
            }
            Cells::Per if asked != self.cells => notes.push(self.words.no_heads.to_owned()),
            Cells::Per => {
                let year = self.sides.walks().last().map_or(String::new(), |walked| walked.year.to_string());
                notes.push(filled(self.words.per_note, &[("year", &year)]));
            }
            Cells::Amounts | Cells::Change | Cells::Percent => {}
        }
        notes
    }

    fn all_cells(
        &self,
        lines: &[Line<'_, 'v>],
        amounts: &[Vec<Amounts>],
        manner: Manner,
    ) -> Result<Vec<Vec<Cell>>, TooLarge> {
        let everybody = self.heads.as_ref().map(|heads| heads.iter().flatten().sum::<Ratio>());
        let mut shown: Vec<Vec<Shown>> = Vec::with_capacity(lines.len());
        for (line, amounts) in lines.iter().zip(amounts) {
            let mut row = Vec::with_capacity(amounts.len());
            for (column, own) in self.columns.iter().zip(amounts) {
                let heads = match column {
                    Column::Figure(_) => everybody.as_ref().filter(|heads| !heads.is_zero()),
                    Column::Party(position, _) => {
                        self.heads.as_ref().and_then(|heads| heads[*position].as_ref())
                    }
                };
                row.push(match self.is_out(*line, *column, *own) {
                    true => Shown::Dash,
                    false => Shown::of(*own, self.cells, heads)?,
                });
            }
            shown.push(row);
        }
        let greatest = self.greatest(lines, &shown);
        let mut cells = Vec::with_capacity(lines.len());
        for (position, line) in lines.iter().enumerate() {
            let mut row = Vec::with_capacity(self.columns.len());
            for (column, (own, shown)) in
                self.columns.iter().zip(amounts[position].iter().zip(&shown[position]))
            {
                let is_warm = matches!((line, column), (Line::Measure(_), Column::Party(..)));
                row.push(Cell {
                    text: shown.text(manner),
                    machine: shown.machine(),
                    heat: if is_warm { heat(shown.size(), greatest[position]) } else { 0 },
                    tone: Tone::of(*own)?,
                    was: was(*own, manner)?,
                    figure: self.figure(*line, *column).filter(|_| *shown != Shown::Dash),
                });
            }
            cells.push(row);
        }
        Ok(cells)
    }

    /// The greatest size that is shown: of each measure, and of all of them for changes.
    fn greatest(&self, lines: &[Line<'_, 'v>], shown: &[Vec<Shown>]) -> Vec<u64> {
        let of_row = |(line, row): (&Line<'_, 'v>, &Vec<Shown>)| {
            let parties =
                self.columns.iter().zip(row).filter(|(column, _)| matches!(column, Column::Party(..)));
            let sizes = parties.map(|(_, own)| own.size().ore().unsigned_abs());
            if matches!(line, Line::Sum) { 0 } else { sizes.max().unwrap_or(0) }
        };
        let rows: Vec<u64> = lines.iter().zip(shown).map(of_row).collect();
        match self.cells {
            Cells::Amounts | Cells::Per => rows,
            Cells::Change | Cells::Percent => vec![rows.iter().copied().max().unwrap_or(0); rows.len()],
        }
    }

    fn is_out(&self, line: Line<'_, 'v>, column: Column<'_, 'v>, amounts: Amounts) -> bool {
        let (Line::Measure(measure), Column::Party(_, party)) = (line, column) else { return false };
        let is_nothing = amounts.now.is_zero() && amounts.before.unwrap_or_default().is_zero();
        is_nothing && !self.sides.takes_part(measure, party)
    }

    fn figure(&self, line: Line<'_, 'v>, column: Column<'_, 'v>) -> Option<FigureRef> {
        let year = self.sides.year.map_or_else(|| "all".to_owned(), |year| year.to_string());
        let named = |figure, subject: &str, party: &str| {
            Some(FigureRef { year, figure, subject: subject.to_owned(), party: party.to_owned() })
        };
        match (line, column) {
            (Line::Measure(measure), Column::Figure(figure)) => {
                let own = &self.sides.scenario().measures[measure.now?.0];
                let is_split = own.key().is_some();
                let has_it = is_split || !matches!(figure, Figure::Billed | Figure::Residual);
                if has_it { named(figure.word(), measure.id, "") } else { None }
            }
            (Line::Measure(measure), Column::Party(_, party)) => {
                measure.now.and(party.now).and_then(|_| named("share", measure.id, party.id))
            }
            (Line::Sum, _) if !self.selection.is_whole => None,
            (Line::Sum, Column::Figure(Figure::Billed)) => named("total", "", ""),
            (Line::Sum, Column::Figure(_)) => None,
            (Line::Sum, Column::Party(_, party)) => party.now.and_then(|_| named("total", "", party.id)),
        }
    }

    fn line_heads(&self, lines: &[Line<'_, 'v>], manner: Manner) -> Vec<Head> {
        let head = |line: &Line<'_, 'v>| match line {
            Line::Measure(measure) => self.named("measure", measure),
            Line::Sum => {
                let count = manner.count(self.selection.found.len());
                let title = match self.selection.is_whole {
                    true => self.words.sum.to_owned(),
                    false => filled(self.words.sum_of_found, &[("count", &count)]),
                };
                Head { id: "sum".to_owned(), title, kind: "sum", there: "" }
            }
        };
        lines.iter().map(head).collect()
    }

    fn column_heads(&self) -> Vec<Head> {
        let head = |column: &Column<'_, 'v>| match column {
            Column::Figure(figure) => {
                let title = self.figure_title(*figure).to_owned();
                Head { id: figure.id().to_owned(), title, kind: "figure", there: "" }
            }
            Column::Party(_, party) => self.named("party", party),
        };
        self.columns.iter().map(head).collect()
    }

    fn figure_title(&self, figure: Figure) -> &'static str {
        let (words, scenario) = (self.words, self.sides.scenario());
        match figure {
            Figure::Gross => words.gross,
            Figure::Charges => words.charges,
            Figure::Funds => match (scenario.grants.is_empty(), scenario.reserves.is_empty()) {
                (false, true) => words.grants,
                (true, false) => words.reserves,
                _ => words.grants_and_reserves,
            },
            Figure::Net => words.net,
            Figure::Billed => words.billed,
            Figure::Residual => words.residual,
        }
    }

    fn named<I: Copy>(&self, kind: &'static str, subject: &Subject<'v, I>) -> Head {
        let there = match (subject.now, subject.before) {
            (Some(_), None) if self.sides.is_compared() => self.words.new,
            (None, _) => self.words.gone,
            _ => "",
        };
        Head { id: format!("{kind}:{}", subject.id), title: subject.title.to_owned(), kind, there }
    }
}
