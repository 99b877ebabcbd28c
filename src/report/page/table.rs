//! A table of the page that is no matrix: titles, and cells with a text for people and one for machines.

use serde::Serialize;

use crate::ground::money::{Money, TooLarge};

use super::numbers::Manner;
use super::pictures::of_all;

/// A table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Table {
    /// What it is known by from one view to the next.
    pub id: String,
    /// Its title.
    pub title: String,
    /// What stands over the row titles.
    pub corner: String,
    /// The titles of the columns.
    pub columns: Vec<Column>,
    /// The rows.
    pub rows: Vec<TableRow>,
    /// What a reader has to know.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// The title of a column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Column {
    /// The title.
    pub title: String,
    /// Whether what is under it is words, which stand left.
    pub words: bool,
}

/// A row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TableRow {
    /// Its title.
    pub title: String,
    /// `plain`, `sum`, or `part` of the row before.
    pub kind: &'static str,
    /// By column.
    pub cells: Vec<Text>,
}

/// A cell.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Text {
    /// For people.
    pub text: String,
    /// For machines; the same for words.
    pub machine: String,
}

/// A cell before it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// An amount.
    Money(Money),
    /// Words.
    Words(String),
}

/// A table before it is written: what its amounts are decides how they all are.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    /// Its titles.
    pub table: Table,
    rows: Vec<(String, &'static str, Vec<Entry>)>,
}

impl Draft {
    /// A table without rows; the columns are amounts.
    pub fn new(id: impl Into<String>, title: impl Into<String>, corner: &str, columns: &[&str]) -> Draft {
        let columns =
            columns.iter().map(|title| Column { title: (*title).to_owned(), words: false }).collect();
        let (id, title, corner) = (id.into(), title.into(), corner.to_owned());
        Draft { table: Table { id, title, corner, columns, ..Table::default() }, rows: vec![] }
    }

    /// Adds a row of amounts.
    pub fn add(
        &mut self,
        title: impl Into<String>,
        kind: &'static str,
        amounts: impl IntoIterator<Item = Money>,
    ) {
        self.add_entries(title, kind, amounts.into_iter().map(Entry::Money).collect());
    }

    /// Adds a row.
    pub fn add_entries(&mut self, title: impl Into<String>, kind: &'static str, cells: Vec<Entry>) {
        self.rows.push((title.into(), kind, cells));
    }

    /// Adds a row with the sums of all amounts before it, where there is more than one row.
    ///
    /// # Errors
    /// [`TooLarge`] when a sum does not fit.
    pub fn add_sum(&mut self, title: &str) -> Result<(), TooLarge> {
        if self.rows.len() < 2 {
            return Ok(());
        }
        let amount = |entry: &Entry| if let Entry::Money(amount) = entry { *amount } else { Money::ZERO };
        let sum = |column: usize| Money::sum(self.rows.iter().map(|(_, _, cells)| amount(&cells[column])));
        let sums = (0..self.table.columns.len()).map(sum).collect::<Result<Vec<Money>, TooLarge>>()?;
        self.add(title, "sum", sums);
        Ok(())
    }

    /// Writes it; none where it has no rows.
    pub fn written(self, manner: Manner) -> Option<Table> {
        let amounts = self.rows.iter().flat_map(|(_, _, cells)| cells).filter_map(|cell| match cell {
            Entry::Money(amount) => Some(*amount),
            Entry::Words(_) => None,
        });
        let manner = of_all(amounts, manner);
        let text = |entry: Entry| match entry {
            Entry::Money(amount) => Text { text: manner.money(amount), machine: amount.to_string() },
            Entry::Words(words) => Text { machine: words.clone(), text: words },
        };
        let row = |(title, kind, cells): (String, &'static str, Vec<Entry>)| TableRow {
            title,
            kind,
            cells: cells.into_iter().map(text).collect(),
        };
        let rows: Vec<TableRow> = self.rows.into_iter().map(row).collect();
        (!rows.is_empty()).then_some(Table { rows, ..self.table })
    }
}
