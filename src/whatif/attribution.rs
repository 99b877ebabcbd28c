//! An attribution: what each kind of change did to what each party pays, closed to the øre.
//!
//! The exact part of each kind is rounded to whole øre, halves away from zero, so that equal parts stay equal and
//! nothing stays nothing. What is then missing to the difference of the two bills is the part of *rounding*: what
//! rounding to `round_to` has added to one bill and taken from the other, and the fractions of an øre.

use num_traits::{One, ToPrimitive};

use crate::ground::money::{Money, TooLarge};
use crate::ground::ratio::Ratio;
use crate::ground::split::nearest_multiple;
use crate::model::years::Year;

use super::hybrid_walk::Refusal;
use super::kind::Kind;

/// What each kind of change did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribution {
    /// Who pays.
    pub parties: Vec<Payer>,
    /// The kinds in which there is a difference, in the order in which they are shown or were stated.
    pub parts: Vec<KindPart>,
    /// For each year and party, in their order.
    pub rows: Vec<Row>,
}

/// A party of either side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payer {
    /// Its name in tables.
    pub id: String,
    /// Its name for people.
    pub name: String,
}

/// One kind of change, or several that cannot be told apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KindPart {
    /// Which.
    pub kinds: Vec<Kind>,
    /// Why they cannot be told apart, where there are several.
    pub together: Option<Together>,
}

/// Why kinds cannot be told apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Together {
    /// When these change and the others do not, …
    pub alone: Vec<Kind>,
    /// … there is this fault.
    pub refusal: Refusal,
}

/// What a party pays in a year, before and after, and what made the difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The year; none where two years are compared.
    pub year: Option<Year>,
    /// Who, by position.
    pub party: usize,
    /// What the party pays on the first side.
    pub before: Money,
    /// What it pays on the second side.
    pub after: Money,
    /// What each part did, to whole øre.
    pub amounts: Vec<Money>,
    /// The same in øre, exactly.
    pub exact: Vec<Ratio>,
    /// What rounding did.
    pub rounding: Money,
}

/// Sums of rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Before.
    pub before: Money,
    /// After.
    pub after: Money,
    /// After − before.
    pub change: Money,
    /// What each part did.
    pub amounts: Vec<Money>,
    /// What rounding did.
    pub rounding: Money,
}

/// What a party pays in a year on both sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bill {
    /// The year; none where two years are compared.
    pub year: Option<Year>,
    /// Who, by position.
    pub party: usize,
    /// On the first side.
    pub before: Money,
    /// On the second side.
    pub after: Money,
}

impl Row {
    /// Closes the exact parts of a difference to the øre.
    ///
    /// # Errors
    /// [`TooLarge`] for amounts that do not fit.
    pub fn close(bill: Bill, exact: Vec<Ratio>) -> Result<Row, TooLarge> {
        let ore = |exact: &Ratio| {
            let whole = nearest_multiple(exact, &Ratio::one());
            Money::from_wide_ore(whole.to_integer().to_i128().ok_or(TooLarge)?)
        };
        let amounts: Vec<Money> = exact.iter().map(ore).collect::<Result<_, TooLarge>>()?;
        let change = bill.after.minus(bill.before)?;
        let rounding = change.minus(Money::sum(amounts.iter().copied())?)?;
        let Bill { year, party, before, after } = bill;
        Ok(Row { year, party, before, after, amounts, exact, rounding })
    }
}

impl Attribution {
    /// Sums the rows of a party, or of all, in a year, or in all.
    ///
    /// # Errors
    /// [`TooLarge`] for sums that do not fit.
    pub fn sum(&self, party: Option<usize>, year: Option<Year>) -> Result<Line, TooLarge> {
        let asked =
            |row: &&Row| party.is_none_or(|party| row.party == party) && (year.is_none() || row.year == year);
        let rows: Vec<&Row> = self.rows.iter().filter(asked).collect();
        let sum = |amount: &dyn Fn(&Row) -> Money| Money::sum(rows.iter().map(|row| amount(row)));
        let (before, after) = (sum(&|row| row.before)?, sum(&|row| row.after)?);
        let parts = (0..self.parts.len()).map(|part| sum(&|row| row.amounts[part]));
        Ok(Line {
            before,
            after,
            change: after.minus(before)?,
            amounts: parts.collect::<Result<_, TooLarge>>()?,
            rounding: sum(&|row| row.rounding)?,
        })
    }

    /// The years that there are rows of.
    pub fn years(&self) -> Vec<Year> {
        let mut years: Vec<Year> = self.rows.iter().filter_map(|row| row.year).collect();
        years.sort_unstable();
        years.dedup();
        years
    }
}
