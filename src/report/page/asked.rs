//! What a page asks for: which years, in which language and unit, what the cells show, what is looked for. Each has
//! the word that stands for it in an address.

use crate::model::years::Year;
use crate::report::language::Language;

/// What a page asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The year; all years together without it.
    pub year: Option<Year>,
    /// The language of every label, and its way to write numbers.
    pub language: Language,
    /// What amounts are counted in.
    pub unit: Unit,
    /// What the cells of the matrix show.
    pub cells: Cells,
    /// A part of the names that are looked for; nothing to see all of them.
    pub find: String,
    /// Which page of the matrix, from 1.
    pub page: usize,
}

/// What amounts are counted in where they are shown. Machine texts are in kroner whatever is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unit {
    /// Kroner, with øre where there are any.
    #[default]
    Kroner,
    /// Thousands of kroner, rounded for display only.
    Thousands,
    /// Øre.
    Ore,
}

/// What the cells of the matrix show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cells {
    /// Amounts.
    #[default]
    Amounts,
    /// What they differ by from what they are compared with.
    Change,
    /// The same in percent of what it was.
    Percent,
    /// Amounts for each inhabitant.
    Per,
}

impl Unit {
    /// All of them.
    pub const ALL: [Unit; 3] = [Unit::Kroner, Unit::Thousands, Unit::Ore];

    /// Its word: `kr`, `1000kr`, `ore`.
    pub fn word(self) -> &'static str {
        match self {
            Unit::Kroner => "kr",
            Unit::Thousands => "1000kr",
            Unit::Ore => "ore",
        }
    }

    /// The unit of a word.
    pub fn of_word(word: &str) -> Option<Unit> {
        Unit::ALL.into_iter().find(|unit| unit.word() == word)
    }
}

impl Cells {
    /// All of them.
    pub const ALL: [Cells; 4] = [Cells::Amounts, Cells::Change, Cells::Percent, Cells::Per];

    /// Its word: `amounts`, `change`, `percent`, `per`.
    pub fn word(self) -> &'static str {
        match self {
            Cells::Amounts => "amounts",
            Cells::Change => "change",
            Cells::Percent => "percent",
            Cells::Per => "per",
        }
    }

    /// What a word stands for.
    pub fn of_word(word: &str) -> Option<Cells> {
        Cells::ALL.into_iter().find(|cells| cells.word() == word)
    }
}

impl Default for Asked {
    fn default() -> Asked {
        Asked {
            year: None,
            language: Language::default(),
            unit: Unit::default(),
            cells: Cells::default(),
            find: String::new(),
            page: 1,
        }
    }
}
