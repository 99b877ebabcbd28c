//! One cell of the matrix: a text for people, one for machines, how warm it is, whether it rose or fell, and by what
//! name its explanation is asked for.

use serde::Serialize;

use crate::ground::money::{Money, TooLarge};
use crate::ground::ratio::Ratio;

use super::asked::Cells;
use super::numbers::{Manner, machine_percent, per_unit, tenths_of_percent};
use super::sides::Amounts;

/// What stands for who takes no part.
pub const DASH: &str = "–";
/// What stands for a number that there is not.
pub const MISSING: &str = "..";

/// A cell.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Cell {
    /// For people.
    pub text: String,
    /// For machines: a number with a point and ASCII minus, or nothing.
    pub machine: String,
    /// From 0 to 4.
    pub heat: u8,
    /// Whether it is more or less than what it is compared with.
    pub tone: Tone,
    /// What it was, its change and that in percent, where it changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub was: Option<Was>,
    /// The figure that it shows; none where there is nothing to explain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub figure: Option<FigureRef>,
}

/// Whether something rose or fell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Tone {
    /// Neither, or nothing is compared.
    #[default]
    None,
    /// It is more.
    Up,
    /// It is less.
    Down,
}

/// What a figure was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Was {
    /// What it was.
    pub text: String,
    /// What it changed by.
    pub change: String,
    /// The same in percent; nothing where it was nothing.
    pub percent: String,
}

/// The name of a figure, as an explanation is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FigureRef {
    /// The year, or `all`.
    pub year: String,
    /// The word of the figure.
    pub figure: &'static str,
    /// The measure; nothing for all of them.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub subject: String,
    /// The party; nothing for all of them.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub party: String,
}

/// What a cell shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// An amount.
    Amount(Money),
    /// A change.
    Change(Money),
    /// A change in tenths of a percent.
    Percent(i128),
    /// There is no such number.
    Missing,
    /// Somebody takes no part.
    Dash,
}

impl Shown {
    /// What is shown of amounts; `heads` are those that they are divided by.
    ///
    /// # Errors
    /// [`TooLarge`] when a change does not fit.
    pub fn of(amounts: Amounts, cells: Cells, heads: Option<&Ratio>) -> Result<Shown, TooLarge> {
        let (before, change) = (amounts.before.unwrap_or_default(), amounts.change()?.unwrap_or_default());
        Ok(match cells {
            Cells::Amounts => Shown::Amount(amounts.now),
            Cells::Change => Shown::Change(change),
            Cells::Percent if change.is_zero() => Shown::Percent(0),
            Cells::Percent => tenths_of_percent(change, before).map_or(Shown::Missing, Shown::Percent),
            Cells::Per => {
                heads.and_then(|heads| per_unit(amounts.now, heads)).map_or(Shown::Missing, Shown::Amount)
            }
        })
    }

    /// Its size, for heat.
    pub fn size(self) -> Money {
        match self {
            Shown::Amount(amount) | Shown::Change(amount) => amount,
            Shown::Percent(tenths) => Money::from_wide_ore(tenths).unwrap_or_default(),
            Shown::Missing | Shown::Dash => Money::ZERO,
        }
    }

    /// For people.
    pub fn text(self, manner: Manner) -> String {
        match self {
            Shown::Amount(amount) => manner.money(amount),
            Shown::Change(change) => manner.change(change),
            Shown::Percent(tenths) => manner.signed_percent(tenths),
            Shown::Missing => MISSING.to_owned(),
            Shown::Dash => DASH.to_owned(),
        }
    }

    /// For machines, in kroner or percent.
    pub fn machine(self) -> String {
        match self {
            Shown::Amount(amount) | Shown::Change(amount) => amount.to_string(),
            Shown::Percent(tenths) => machine_percent(tenths),
            Shown::Missing | Shown::Dash => String::new(),
        }
    }
}

impl Tone {
    /// The tone of amounts.
    ///
    /// # Errors
    /// [`TooLarge`] when the change does not fit.
    pub fn of(amounts: Amounts) -> Result<Tone, TooLarge> {
        let change = amounts.change()?.unwrap_or_default();
        Ok(match change.ore().signum() {
            1 => Tone::Up,
            -1 => Tone::Down,
            _ => Tone::None,
        })
    }
}

/// What amounts were, where they changed.
///
/// # Errors
/// [`TooLarge`] when the change does not fit.
pub fn was(amounts: Amounts, manner: Manner) -> Result<Option<Was>, TooLarge> {
    let (Some(before), Some(change)) = (amounts.before, amounts.change()?) else { return Ok(None) };
    let percent = manner.change_percent(before, change).unwrap_or_default();
    let was = || Was { text: manner.money(before), change: manner.change(change), percent };
    Ok((!change.is_zero()).then(was))
}
