//! Changes of a scenario as written: what a variant file and `--set` ask for, each value with the place where it
//! stands, so that every later fault points there. How they are read is in `change_file.rs` and `set.rs`, what they
//! do in `change_apply.rs`.

use std::collections::BTreeMap;

use crate::ground::money::Money;
use crate::ground::ratio::Ratio;
use crate::ground::source::{Place, Spanned};

use super::entries::{
    BuyInEntry, ChargedToEntry, DriverEntry, GrantEntry, LineEntry, MeasureEntry, ParticipantsEntry,
    PartyEntry, ReserveEntry, ResidualEntry, SettleEntry, ValuesEntry,
};
use super::period::Month;
use super::years::{Year, YearAmounts};

/// The name of something, as written.
pub type Name = Spanned<String>;

/// A change.
#[derive(Clone, Debug)]
pub struct Change {
    /// What is changed, and to what.
    pub what: What,
    /// The place to show for the change as a whole.
    pub place: Place,
}

/// What is changed, and to what.
#[derive(Clone, Debug)]
pub enum What {
    /// The title of the scenario, and the document it is from.
    Title(String, Option<String>),
    /// The last year of the scenario; figures of later ones go.
    LastYear(Spanned<Year>),
    /// What shares are multiples of.
    RoundTo(Spanned<Money>),
    /// A number for the rules; whether it is a new one.
    Assumption(Name, Ratio, bool),
    /// What a parameter of the rules is set to.
    Parameter(Name, Spanned<Ratio>),
    /// Another rule file in the place of one.
    Rules(Name, Name),
    /// One more rule file.
    AddRules(Name),
    /// One more party.
    AddParty(PartyEntry),
    /// The last month of a party.
    EndParty(Name, Month),
    /// One more driver.
    AddDriver(DriverEntry),
    /// Other values of a driver.
    Driver(Name, NewValues),
    /// Figures of a cost line.
    Cost(Name, Name, NewFigures),
    /// One more cost line of a measure.
    AddLine(Name, LineEntry),
    /// One cost line of a measure less.
    RemoveLine(Name, Name),
    /// Decided amounts of a measure; none where the sum of its lines is to count.
    Amount(Name, Option<YearAmounts>),
    /// Figures times a number.
    Scale(Scaling),
    /// The index that figures follow.
    Index(Indexing),
    /// A setting of measures.
    Measures(Which, Setting),
    /// One more measure, after all others.
    AddMeasure(Box<MeasureEntry>),
    /// The last year of measures.
    EndMeasure(Which, Spanned<Year>),
    /// Measures less.
    RemoveMeasure(Which),
    /// Awards of a grant.
    Award(Name, YearAmounts),
    /// What is left of a grant's earlier awards.
    GrantOpening(Name, YearAmounts),
    /// What happens to the unused part of a grant.
    CarryOver(Name, Name),
    /// One more grant.
    AddGrant(GrantEntry),
    /// What is in a reserve at first.
    Opening(Name, Spanned<Money>),
    /// What always stays in a reserve.
    Minimum(Name, Spanned<Money>),
    /// One more reserve.
    AddReserve(ReserveEntry),
}

/// Which measures.
#[derive(Clone, Debug)]
pub enum Which {
    /// All of them.
    All(Place),
    /// These.
    These(Vec<Name>),
}

/// A setting of a measure.
#[derive(Clone, Debug)]
pub enum Setting {
    /// The key: the parties pay.
    Key(Name),
    /// The measures that pay instead.
    ChargedTo(ChargedToEntry),
    /// The funding steps.
    Funding(Vec<Name>),
    /// Who takes part.
    Participants(ParticipantsEntry),
    /// Where the residual goes.
    Residual(ResidualEntry),
    /// What its shares are multiples of.
    RoundTo(Spanned<Money>),
    /// Whether it is rounded with memory.
    WithMemory(bool),
    /// Where settlements go: of overspend, of underspend.
    Settlement(SettleEntry, SettleEntry),
    /// What newcomers pay.
    BuyIn(BuyInEntry),
    /// In how many instalments it is paid.
    Instalments(u8),
    /// What it is for.
    Purpose(String),
}

/// Figures of a cost line by year; other years stay as they are.
#[derive(Clone, Debug, Default)]
pub struct NewFigures {
    /// Budgeted.
    pub budget: YearAmounts,
    /// Actual.
    pub actual: YearAmounts,
}

/// Other values of a driver.
#[derive(Clone, Debug)]
pub enum NewValues {
    /// Of some parties.
    Some(Vec<ValueChange>),
    /// Of all, as a driver has them.
    All(ValuesEntry),
}

/// Other values of one party.
#[derive(Clone, Debug)]
pub struct ValueChange {
    /// Whose.
    pub party: Name,
    /// Its values.
    pub values: PartyChange,
}

/// The other values of one party.
#[derive(Clone, Debug)]
pub enum PartyChange {
    /// The same in every year that the driver has.
    EveryYear(Ratio),
    /// By year.
    Yearly(BTreeMap<Year, Ratio>),
}

/// Figures times a number, each rounded once, halves away from zero.
#[derive(Clone, Debug)]
pub struct Scaling {
    /// Of which measures.
    pub which: Which,
    /// Which of their figures.
    pub figures: ScaledFigures,
    /// Actual figures instead of budget figures.
    pub of_actual: bool,
    /// The number.
    pub by: Ratio,
    /// In which years.
    pub years: PickedYears,
    /// The multiple that results are rounded to; øre where nothing is said.
    pub round_to: Option<Spanned<Money>>,
}

/// Which figures of a measure are scaled.
#[derive(Clone, Debug)]
pub enum ScaledFigures {
    /// Those of all its cost lines, and its decided amounts.
    All,
    /// Those of one line.
    Line(Name),
    /// Its decided amounts.
    Amount,
}

/// The index that figures follow.
#[derive(Clone, Debug)]
pub struct Indexing {
    /// Of which measure.
    pub measure: Name,
    /// Of which of its cost lines; its decided amount where none is named.
    pub line: Option<Name>,
    /// The index expression.
    pub index: Name,
    /// After which year written figures no longer stand.
    pub after: Option<Spanned<Year>>,
}

/// Some years.
#[derive(Clone, Debug)]
pub enum PickedYears {
    /// From one year to another, both included; either end may be open.
    Span(Option<Year>, Option<Year>),
    /// These.
    These(Vec<Spanned<Year>>),
}

impl PickedYears {
    /// Whether a year is one of them.
    pub fn contain(&self, year: Year) -> bool {
        match self {
            PickedYears::Span(first, last) => {
                first.is_none_or(|first| first <= year) && last.is_none_or(|last| year <= last)
            }
            PickedYears::These(years) => years.iter().any(|own| own.value == year),
        }
    }
}
