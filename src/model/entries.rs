//! The parts of a scenario as written: every value with its place, no name looked up yet.

use std::collections::BTreeMap;

use crate::ground::money::Money;
use crate::ground::ratio::Ratio;
use crate::ground::source::{Place, Spanned};

use super::change::ValueChange;
use super::period::Period;
use super::years::{Year, YearAmounts};

/// A party as written.
#[derive(Clone, Debug)]
pub struct PartyEntry {
    /// Its name in tables.
    pub id: Spanned<String>,
    /// Its name for people.
    pub name: Option<String>,
    /// Its official number.
    pub number: Option<String>,
    /// When it is a party.
    pub period: Period,
}

/// A driver as written.
#[derive(Clone, Debug)]
pub struct DriverEntry {
    /// Its name in rules.
    pub id: Spanned<String>,
    /// What is counted.
    pub unit: Option<String>,
    /// Where the figures come from.
    pub source: Option<String>,
    /// Whether it holds.
    pub hold: bool,
    /// Its values.
    pub values: ValuesEntry,
    /// Values of some parties that stand instead of those.
    pub changes: Vec<ValueChange>,
    /// Where the values are named.
    pub place: Place,
}

/// The values of a driver as written.
#[derive(Clone, Debug)]
pub enum ValuesEntry {
    /// A table: one column a year, or one column for all years, or party, year and value.
    Csv(Spanned<String>),
    /// One column of a table, the same in every year.
    Column(Spanned<String>, Spanned<String>),
    /// Here, by party and year.
    Yearly(Vec<(Spanned<String>, BTreeMap<Year, Ratio>)>),
    /// Here, by party, the same in every year.
    Fixed(Vec<(Spanned<String>, Ratio)>),
}

/// A measure as written.
#[derive(Clone, Debug)]
pub struct MeasureEntry {
    /// Its name in tables.
    pub id: Spanned<String>,
    /// Its name for people.
    pub title: Option<String>,
    /// Its cost lines.
    pub costs: Vec<LineEntry>,
    /// What was decided to be split.
    pub amount: YearAmounts,
    /// The index expression of the decided amount.
    pub index: Option<Spanned<String>>,
    /// Who takes part.
    pub participants: ParticipantsEntry,
    /// The key expression.
    pub key: Option<Spanned<String>>,
    /// The measures that pay instead.
    pub charged_to: Option<ChargedToEntry>,
    /// The funding expressions.
    pub funding: Vec<Spanned<String>>,
    /// Where the residual goes.
    pub residual: Option<ResidualEntry>,
    /// The multiple that its shares are rounded to.
    pub round_to: Option<Spanned<Money>>,
    /// Whether it is rounded with memory.
    pub with_memory: bool,
    /// Where settlements go: of overspend, of underspend.
    pub settlement: Option<(SettleEntry, SettleEntry)>,
    /// What newcomers pay.
    pub buy_in: Option<BuyInEntry>,
    /// What was billed in the year before the first.
    pub billed_before: Option<Vec<(Spanned<String>, Spanned<Money>)>>,
    /// What it is for.
    pub purpose: Option<String>,
    /// In how many instalments it is paid.
    pub instalments: Option<u8>,
    /// The last year in which there is anything to pay for it, where there is one.
    pub ends_after: Option<Year>,
    /// The place of its id.
    pub place: Place,
}

/// A cost line as written.
#[derive(Clone, Debug)]
pub struct LineEntry {
    /// Its name.
    pub line: Spanned<String>,
    /// Budgeted by year.
    pub budget: YearAmounts,
    /// Actual by year.
    pub actual: YearAmounts,
    /// The index expression of the budget figures.
    pub index: Option<Spanned<String>>,
    /// What it is selected by.
    pub tags: Vec<Spanned<String>>,
    /// Whether it is work in kind.
    pub in_kind: bool,
    /// The reserve it is put into.
    pub to_reserve: Option<Spanned<String>>,
}

/// Who takes part, as written.
#[derive(Clone, Debug)]
pub enum ParticipantsEntry {
    /// All parties.
    All,
    /// These.
    Only(Vec<ParticipantEntry>),
    /// All but these.
    Except(Vec<ParticipantEntry>),
}

/// A party that takes part or stays out, and when.
#[derive(Clone, Debug)]
pub struct ParticipantEntry {
    /// The party.
    pub party: Spanned<String>,
    /// In which time.
    pub period: Period,
}

/// The measures that pay for a measure, as written.
#[derive(Clone, Debug)]
pub enum ChargedToEntry {
    /// All the same.
    Equally(Vec<Spanned<String>>),
    /// By these weights.
    Weights(Vec<(Spanned<String>, Ratio)>),
    /// By their own cost.
    ByCost(Vec<Spanned<String>>),
}

/// Where a settlement goes, as written.
#[derive(Clone, Debug)]
pub enum SettleEntry {
    /// Between the parties.
    Refund,
    /// A reserve.
    Reserve(Spanned<String>),
    /// To the next year.
    CarryForward,
}

/// What newcomers pay, as written.
#[derive(Clone, Debug)]
pub struct BuyInEntry {
    /// In how many years an investment is written off.
    pub years: u32,
    /// Which cost lines are investments.
    pub tag: Option<Spanned<String>>,
}

/// The destination of a residual, as written.
#[derive(Clone, Debug)]
pub enum ResidualEntry {
    /// Its own line.
    Show,
    /// A reserve.
    Reserve(Spanned<String>),
    /// A party.
    Host(Spanned<String>),
}

/// A grant as written.
#[derive(Clone, Debug)]
pub struct GrantEntry {
    /// Its name in rules.
    pub id: Spanned<String>,
    /// Its name for people.
    pub title: Option<String>,
    /// Who gives it.
    pub funder: Option<String>,
    /// Awards by year.
    pub awards: YearAmounts,
    /// What is left of earlier awards, by year.
    pub opening: YearAmounts,
    /// The payment expression.
    pub payment: Option<Spanned<String>>,
    /// The year of the final report.
    pub final_report: Option<Year>,
    /// The carry-over expression.
    pub carry_over: Option<Spanned<String>>,
    /// The place of its id.
    pub place: Place,
}

/// A reserve as written.
#[derive(Clone, Debug)]
pub struct ReserveEntry {
    /// Its name in rules.
    pub id: Spanned<String>,
    /// Its name for people.
    pub title: Option<String>,
    /// What is in it at first.
    pub opening: Spanned<Money>,
    /// What always stays in it.
    pub minimum: Option<Spanned<Money>>,
    /// The purpose it is bound to.
    pub purpose: Option<String>,
    /// The key expression by which leavers get their part.
    pub exit_key: Option<Spanned<String>>,
    /// The place of its id.
    pub place: Place,
}

/// An index as written.
#[derive(Clone, Debug)]
pub struct IndexEntry {
    /// Its name in rules.
    pub id: Spanned<String>,
    /// Where the figures come from.
    pub source: Option<String>,
    /// Its figures.
    pub values: IndexValuesEntry,
    /// Where the figures stand.
    pub place: Place,
}

/// The figures of an index, as written.
#[derive(Clone, Debug)]
pub enum IndexValuesEntry {
    /// The level of each year.
    Levels(BTreeMap<Year, Spanned<Ratio>>),
    /// The growth on the year before, in percent.
    Growth(BTreeMap<Year, Spanned<Ratio>>),
}
