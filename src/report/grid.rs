//! A neutral table: titled rows and columns of texts, with rules between groups. It can be turned on its
//! side and cut into blocks that fit a width, and knows nothing of what is in it.

use comfy_table::{Cell, CellAlignment, ContentArrangement, Table, TableStyle};
use rayon::prelude::{IntoParallelIterator, ParallelIterator};

/// The room that every cell has on its two sides together, in characters.
const PADDING: usize = 2;

/// A title over a column or before a row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// The title.
    pub title: String,
    /// Whether a rule is drawn before it.
    pub rule_before: bool,
    /// Whether what is under it is words, which stand left.
    pub words: bool,
}

/// A table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grid {
    /// What stands over the row titles.
    pub corner: String,
    /// The columns.
    pub columns: Vec<Head>,
    /// The rows.
    pub rows: Vec<Head>,
    /// By row, then by column.
    pub cells: Vec<Vec<String>>,
}

impl Head {
    /// A title.
    pub fn new(title: impl Into<String>) -> Head {
        Head { title: title.into(), ..Head::default() }
    }

    /// A title over words.
    pub fn words(title: impl Into<String>) -> Head {
        Head { words: true, ..Head::new(title) }
    }

    /// A title with a rule before it.
    pub fn ruled(title: impl Into<String>) -> Head {
        Head { rule_before: true, ..Head::new(title) }
    }
}

impl Grid {
    /// Adds a row.
    pub fn add_row(&mut self, head: Head, cells: Vec<String>) {
        self.rows.push(head);
        self.cells.push(cells);
    }

    /// The same table with rows and columns exchanged.
    #[must_use]
    pub fn turned(&self) -> Grid {
        let column = |index: usize| self.cells.iter().map(|row| row[index].clone()).collect();
        Grid {
            corner: self.corner.clone(),
            columns: self.rows.clone(),
            rows: self.columns.clone(),
            cells: (0..self.columns.len()).map(column).collect(),
        }
    }

    /// The table as text: numbers right, columns in as many blocks as the width needs.
    pub fn text(&self, width: usize) -> String {
        let cells = self.aligned();
        let widths = self.column_widths(&cells);
        let titles = self.rows.iter().map(|head| &head.title).chain([&self.corner]);
        let title_width = titles.map(|title| title.chars().count()).max().unwrap_or(0) + PADDING;
        let (count, mut start) = (self.columns.len(), 0);
        let mut blocks = Vec::new();
        while start < count || blocks.is_empty() {
            // As many columns as fit, and at least one. Nothing stands to the right of the last one.
            let mut end = count.min(start + 1);
            let mut sum = title_width + widths[start..end].iter().sum::<usize>();
            while end < count && sum + widths[end] <= width + PADDING / 2 {
                sum += widths[end];
                end += 1;
            }
            blocks.push(start..end);
            start = end;
        }
        let texts: Vec<String> = blocks.into_par_iter().map(|columns| self.block(&cells, columns)).collect();
        texts.join("\n")
    }

    /// The cells as they are shown: where a column has øre, whole kroner stand over kroner.
    fn aligned(&self) -> Vec<Vec<String>> {
        let has_ore = |cell: &String| cell.len() > 3 && cell.as_bytes()[cell.len() - 3] == b',';
        let broken: Vec<bool> =
            (0..self.columns.len()).map(|index| self.cells.iter().any(|row| has_ore(&row[index]))).collect();
        let aligned = |(index, cell): (usize, &String)| {
            let number = cell.ends_with(|sign: char| sign.is_ascii_digit()) && !has_ore(cell);
            let spaces = if broken[index] && number && !self.columns[index].words { 3 } else { 0 };
            format!("{cell}{}", "\u{a0}".repeat(spaces))
        };
        self.cells.iter().map(|row| row.iter().enumerate().map(aligned).collect()).collect()
    }

    /// How much room each column takes, with the rule before it.
    fn column_widths(&self, cells: &[Vec<String>]) -> Vec<usize> {
        let column = |(index, head): (usize, &Head)| {
            let texts = cells.iter().map(|row| &row[index]).chain([&head.title]);
            let widest = texts.map(|text| text.chars().count()).max().unwrap_or(0);
            widest + PADDING + if head.rule_before { 1 + PADDING } else { 0 }
        };
        self.columns.iter().enumerate().map(column).collect()
    }

    fn block(&self, cells: &[Vec<String>], columns: std::ops::Range<usize>) -> String {
        let mut table = Table::new();
        table.load_style(TableStyle::new());
        table.set_content_arrangement(ContentArrangement::Disabled);
        let heads = &self.columns[columns.clone()];
        let line = |title: &str, cells: &mut dyn Iterator<Item = &String>| {
            let mut line = vec![Cell::new(title)];
            for (head, cell) in heads.iter().zip(cells) {
                if head.rule_before {
                    line.push(Cell::new("│"));
                }
                let alignment = if head.words { CellAlignment::Left } else { CellAlignment::Right };
                line.push(Cell::new(cell).set_alignment(alignment));
            }
            line
        };
        table.add_row(line(&self.corner, &mut heads.iter().map(|head| &head.title)));
        for (head, cells) in self.rows.iter().zip(cells) {
            table.add_row(line(&head.title, &mut cells[columns.clone()].iter()));
        }
        let lines: Vec<String> = table.lines().map(|line| line.trim_end().to_owned()).collect();
        let widest = lines.iter().map(|line| line.chars().count()).max().unwrap_or(0);
        let rule = "─".repeat(widest.saturating_sub(1));
        let mut text = String::new();
        for (index, line) in lines.iter().enumerate() {
            let ruled = index == 1 || index > 1 && self.rows[index - 1].rule_before;
            if ruled {
                text.push_str(&format!(" {rule}\n"));
            }
            text.push_str(line);
            text.push('\n');
        }
        text
    }
}
