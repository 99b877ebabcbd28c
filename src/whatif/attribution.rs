//! An attribution: what each kind of change did to what each party pays, closed to the øre.
//!
//! The exact part of each kind is rounded to whole øre, halves away from zero, so that equal parts stay equal and
//! nothing stays nothing. What is then missing to the difference of the two bills is the part of *rounding*: what
//! rounding to `round_to` has added to one bill and taken from the other, and the fractions of an øre.

use num_traits::{One, ToPrimitive, Zero};

use crate::ground::money::{Money, TooLarge};
use crate::ground::ratio::Ratio;
use crate::ground::split::nearest_multiple;

use super::difference::{Difference, Pair, Period, Rest, Subject};
use super::game::{Joined, Part, Players};
use super::hybrid_walk::Refusal;
use super::kind::Kind;
use super::narrow::{Groups, Narrow, OTHER_PARTIES, other_years, rest};

/// What each kind of change did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribution {
    /// The unit of amounts.
    pub currency: String,
    /// What is compared with what, in order.
    pub periods: Vec<Period>,
    /// The parties of either side.
    pub parties: Vec<Subject>,
    /// The kinds in which there is a difference, in the order in which they are shown, or were stated.
    pub parts: Vec<KindPart>,
    /// By period, then by party.
    pub cells: Vec<Vec<Cell>>,
    /// What of it stands for several others.
    pub rest: Rest,
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

/// What a party pays in a period, or several in several, and what made the difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// What is paid on both sides.
    pub pair: Pair,
    /// What each part did, to whole øre.
    pub amounts: Vec<Money>,
    /// The same in øre, exactly.
    pub exact: Vec<Ratio>,
    /// What rounding did.
    pub rounding: Money,
}

impl Cell {
    /// Closes the exact parts of a difference to the øre.
    ///
    /// # Errors
    /// [`TooLarge`] for amounts that do not fit.
    pub fn close(pair: Pair, exact: Vec<Ratio>) -> Result<Cell, TooLarge> {
        let ore = |exact: &Ratio| {
            let whole = nearest_multiple(exact, &Ratio::one());
            Money::from_wide_ore(whole.to_integer().to_i128().ok_or(TooLarge)?)
        };
        let amounts: Vec<Money> = exact.iter().map(ore).collect::<Result<_, TooLarge>>()?;
        let rounding = pair.change()?.minus(Money::sum(amounts.iter().copied())?)?;
        Ok(Cell { pair, amounts, exact, rounding })
    }

    /// The sum of several, part by part.
    fn sum<'c>(cells: &(impl Iterator<Item = &'c Cell> + Clone), parts: usize) -> Result<Cell, TooLarge> {
        let amount = |part: usize| Money::sum(cells.clone().map(|cell| cell.amounts[part]));
        let exact = |part: usize| {
            cells.clone().map(|cell| &cell.exact[part]).fold(Ratio::zero(), |sum, own| sum + own)
        };
        Ok(Cell {
            pair: Pair::sum(cells.clone().map(|cell| cell.pair))?,
            amounts: (0..parts).map(amount).collect::<Result<_, TooLarge>>()?,
            exact: (0..parts).map(exact).collect(),
            rounding: Money::sum(cells.clone().map(|cell| cell.rounding))?,
        })
    }
}

impl Attribution {
    /// Closes the parts of a game of these kinds; their amounts are by period, then by party of the difference.
    ///
    /// # Errors
    /// [`TooLarge`] for amounts that do not fit.
    pub(super) fn of_parts(
        difference: Difference,
        kinds: &[Kind],
        parts: &[Part<Refusal>],
    ) -> Result<Attribution, TooLarge> {
        let parties = difference.parties.len();
        let cell = |period: usize, party: usize| {
            let position = period * parties + party;
            let exact = parts.iter().map(|part| part.amounts[position].clone()).collect();
            Cell::close(difference.over_measures(period, party)?, exact)
        };
        let cells = (0..difference.periods.len())
            .map(|period| (0..parties).map(|party| cell(period, party)).collect());
        Ok(Attribution {
            cells: cells.collect::<Result<_, TooLarge>>()?,
            parts: parts.iter().map(|part| KindPart::of(part, kinds)).collect(),
            currency: difference.currency,
            periods: difference.periods,
            parties: difference.parties,
            rest: Rest::default(),
        })
    }

    /// The sum over some periods and parties, by position.
    ///
    /// # Errors
    /// [`TooLarge`] for sums that do not fit.
    pub fn sum(&self, periods: &[usize], parties: &[usize]) -> Result<Cell, TooLarge> {
        let cells =
            periods.iter().flat_map(|period| parties.iter().map(|party| &self.cells[*period][*party]));
        Cell::sum(&cells, self.parts.len())
    }

    /// The attribution with every period and party that is not looked at added up, in the last of each.
    ///
    /// # Errors
    /// [`TooLarge`] for sums that do not fit.
    pub fn narrowed(&self, to: &Narrow) -> Result<Attribution, TooLarge> {
        let periods = Groups::new(to.periods.as_deref(), self.periods.len());
        let parties = Groups::new(to.parties.as_deref(), self.parties.len());
        let row = |period: &Vec<usize>| parties.groups.iter().map(|party| self.sum(period, party)).collect();
        Ok(Attribution {
            currency: self.currency.clone(),
            parts: self.parts.clone(),
            cells: periods.groups.iter().map(row).collect::<Result<_, TooLarge>>()?,
            periods: periods.stand_for(|position| self.periods[position], other_years),
            parties: parties.stand_for(|position| self.parties[position].clone(), || rest(OTHER_PARTIES)),
            rest: Rest { periods: periods.has_rest, measures: false, parties: parties.has_rest },
        })
    }
}

impl KindPart {
    fn of(part: &Part<Refusal>, kinds: &[Kind]) -> KindPart {
        let named = |players: Players| players.iter().map(|player| kinds[player]).collect();
        let together = |joined: &Joined<Refusal>| Together {
            alone: named(joined.without_others),
            refusal: joined.fault.clone(),
        };
        KindPart { kinds: named(part.players), together: part.joined_by.as_ref().map(together) }
    }
}
