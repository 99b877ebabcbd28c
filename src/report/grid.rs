//! A neutral table: titled rows and columns of texts, with rules between groups. It can be turned on its
//! side and cut into blocks that fit a width, and knows nothing of what is in it.

use comfy_table::{Cell, CellAlignment, ContentArrangement, Table, TableStyle};

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
        let whole = self.block(0..self.columns.len());
        if self.columns.len() <= 1 || widest(&whole) <= width {
            return whole;
        }
        let count = self.columns.len();
        let titles = widest(&self.block(0..0));
        let own: Vec<usize> =
            (0..count).map(|column| widest(&self.block(column..column + 1)).saturating_sub(titles)).collect();
        let mut blocks = Vec::new();
        let mut start = 0;
        while start < count {
            // About as many columns as fit; then exactly as many.
            let mut end = start + 1;
            let mut sum = titles + own[start];
            while end < count && sum + own[end] <= width {
                sum += own[end];
                end += 1;
            }
            let mut block = self.block(start..end);
            while end > start + 1 && widest(&block) > width {
                end -= 1;
                block = self.block(start..end);
            }
            while end < count {
                let wider = self.block(start..end + 1);
                if widest(&wider) > width {
                    break;
                }
                (block, end) = (wider, end + 1);
            }
            blocks.push(block);
            start = end;
        }
        blocks.join("\n")
    }

    fn block(&self, columns: std::ops::Range<usize>) -> String {
        let mut table = Table::new();
        table.load_style(TableStyle::new());
        table.set_content_arrangement(ContentArrangement::Disabled);
        let first = columns.start;
        // Where a column has øre, whole kroner stand over kroner.
        let has_ore = |cell: &String| cell.len() > 3 && cell.as_bytes()[cell.len() - 3] == b',';
        let broken: Vec<bool> =
            (0..self.columns.len()).map(|index| self.cells.iter().any(|row| has_ore(&row[index]))).collect();
        let aligned = |index: usize, cell: &String| {
            let number = cell.ends_with(|sign: char| sign.is_ascii_digit()) && !has_ore(cell);
            if broken[index] && number && !self.columns[index].words {
                format!("{cell}\u{a0}\u{a0}\u{a0}")
            } else {
                cell.clone()
            }
        };
        let line = |title: &str, cells: &[String]| {
            let mut line = vec![Cell::new(title)];
            for (offset, cell) in cells[columns.clone()].iter().enumerate() {
                if self.columns[first + offset].rule_before {
                    line.push(Cell::new("│"));
                }
                let words = self.columns[first + offset].words;
                let alignment = if words { CellAlignment::Left } else { CellAlignment::Right };
                line.push(Cell::new(cell).set_alignment(alignment));
            }
            line
        };
        let titles: Vec<String> = self.columns.iter().map(|head| head.title.clone()).collect();
        table.add_row(line(&self.corner, &titles));
        for (head, cells) in self.rows.iter().zip(&self.cells) {
            let cells: Vec<String> =
                cells.iter().enumerate().map(|(index, cell)| aligned(index, cell)).collect();
            table.add_row(line(&head.title, &cells));
        }
        let lines: Vec<String> = table.lines().map(|line| line.trim_end().to_owned()).collect();
        let rule = "─".repeat(widest(&lines.join("\n")).saturating_sub(1));
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

fn widest(text: &str) -> usize {
    text.lines().map(|line| line.chars().count()).max().unwrap_or(0)
}
