//! An attribution as text: before, after and change, and what each kind of change did, which adds up to the change. One
//! party has a list, by year where there are several; several parties have a table. Kinds without any effect are named
//! below it, and kinds that cannot be told apart with the reason.

use crate::ground::money::{Money, TooLarge};
use crate::ground::numerals::money_norwegian;
use crate::whatif::attribution::{Attribution, Cell, KindPart};
use crate::whatif::kind::{Kind, names};
use crate::whatif::narrow::{OTHER_PARTIES, OTHER_YEARS};

use super::difference_text::{named, period};
use super::grid::{Grid, Head};
use super::signed::signed_money;

/// Writes an attribution, with the order that was stated for it, for a terminal of this width.
///
/// # Errors
/// [`TooLarge`] when a sum does not fit.
pub fn write(attribution: &Attribution, order: Option<&[Kind]>, width: usize) -> Result<String, TooLarge> {
    let shown = Shown::of(attribution);
    if shown.parts.is_empty() && !shown.rounding {
        return Ok("\nNobody pays anything else.\n".to_owned());
    }
    let grid = if shown.parties.len() == 1 { shown.list()? } else { shown.table()? };
    let mut text = format!("\n{}\n\n{}", shown.question()?, grid.text(width));
    let notes = shown.notes(order)?;
    if !notes.is_empty() {
        text.push('\n');
        notes.iter().for_each(|note| text.push_str(&format!("  {note}\n")));
    }
    Ok(text)
}

/// What is shown of an attribution.
struct Shown<'s> {
    attribution: &'s Attribution,
    /// The periods and parties that are looked at, by position.
    periods: Vec<usize>,
    parties: Vec<usize>,
    /// The parts that did something to somebody who is looked at.
    parts: Vec<usize>,
    /// Whether rounding did.
    rounding: bool,
}

impl<'s> Shown<'s> {
    fn of(attribution: &'s Attribution) -> Shown<'s> {
        let Attribution { periods, parties, parts, cells, rest, .. } = attribution;
        let parties: Vec<usize> = (0..parties.len() - usize::from(rest.parties)).collect();
        // Of one party only what it pays is shown.
        let width = if parties.len() == 1 { 1 } else { attribution.parties.len() };
        let cells = || cells.iter().flat_map(|cells| &cells[..width]);
        let did = |part: &usize| cells().any(|cell| !cell.amounts[*part].is_zero());
        Shown {
            attribution,
            periods: (0..periods.len() - usize::from(rest.periods)).collect(),
            parties,
            parts: (0..parts.len()).filter(did).collect(),
            rounding: cells().any(|cell| !cell.rounding.is_zero()),
        }
    }

    fn all_periods(&self) -> Vec<usize> {
        (0..self.attribution.periods.len()).collect()
    }

    fn all_parties(&self) -> Vec<usize> {
        (0..self.attribution.parties.len()).collect()
    }

    /// The question that is answered.
    fn question(&self) -> Result<String, TooLarge> {
        let periods = &self.attribution.periods;
        let span = match self.periods[..] {
            [_] if periods.len() == 1 => String::new(),
            [one] => format!(" in {}", period(&periods[one])),
            [first, .., last] => {
                format!(" in {}–{} together", period(&periods[first]), period(&periods[last]))
            }
            [] => String::new(),
        };
        let currency = &self.attribution.currency;
        let [party] = self.parties[..] else {
            return Ok(format!("Why the parties pay something else{span}, in {currency}"));
        };
        let name = &self.attribution.parties[party].title;
        let change = self.attribution.sum(&self.periods, &[party])?.pair.change()?;
        let amount = |change: Money| format!("{} {currency}", money_norwegian(change));
        Ok(match change {
            Money::ZERO => format!("Why {name} pays the same{span}, in {currency}"),
            less if less.is_negative() => {
                format!("Why {name} pays {} less{span}", amount(Money::ZERO.minus(less)?))
            }
            more => format!("Why {name} pays {} more{span}", amount(more)),
        })
    }

    /// The titles over the amounts of a cell.
    fn heads(&self) -> Vec<Head> {
        let mut heads = vec![Head::new("Before"), Head::new("After"), Head::new("Change")];
        let parts = self.parts.iter().map(|part| title(&self.attribution.parts[*part]));
        let parts = parts.chain(self.rounding.then(|| "Rounding".to_owned()));
        heads.extend(
            parts.enumerate().map(|(index, title)| Head { rule_before: index == 0, ..Head::new(title) }),
        );
        heads
    }

    fn cells(&self, cell: &Cell) -> Result<Vec<String>, TooLarge> {
        let parts = self.parts.iter().map(|part| cell.amounts[*part]);
        let changes = std::iter::once(cell.pair.change()?).chain(parts);
        let changes = changes.chain(self.rounding.then_some(cell.rounding));
        let both = [cell.pair.before, cell.pair.after].map(money_norwegian);
        Ok(both.into_iter().chain(changes.map(signed_money)).collect())
    }

    /// One party: what adds up stands below each other, years beside each other.
    fn list(&self) -> Result<Grid, TooLarge> {
        let mut grid = Grid { columns: self.heads(), ..Grid::default() };
        let Attribution { periods, parties, cells, .. } = self.attribution;
        if let [own] = &cells[..] {
            grid.add_row(Head::new(parties[0].title.clone()), self.cells(&own[0])?);
            return Ok(grid.turned());
        }
        for (own, cells) in periods.iter().zip(cells) {
            grid.add_row(Head::new(period(own)), self.cells(&cells[0])?);
        }
        let all = self.attribution.sum(&self.all_periods(), &[0])?;
        grid.add_row(Head::ruled("All years"), self.cells(&all)?);
        Ok(grid.turned())
    }

    /// Several parties: a row for each.
    fn table(&self) -> Result<Grid, TooLarge> {
        let mut grid = Grid { columns: self.heads(), ..Grid::default() };
        for party in self.all_parties() {
            let cell = self.attribution.sum(&self.periods, &[party])?;
            grid.add_row(Head::new(named(&self.attribution.parties[party])), self.cells(&cell)?);
        }
        let sum = self.attribution.sum(&self.periods, &self.all_parties())?;
        grid.add_row(Head::ruled("Sum"), self.cells(&sum)?);
        if self.attribution.rest.periods {
            let others = self.attribution.sum(&[self.periods.len()], &self.all_parties())?;
            grid.add_row(Head::new(OTHER_YEARS), self.cells(&others)?);
            let all = self.attribution.sum(&self.all_periods(), &self.all_parties())?;
            grid.add_row(Head::ruled("All"), self.cells(&all)?);
        }
        Ok(grid)
    }

    fn notes(&self, order: Option<&[Kind]>) -> Result<Vec<String>, TooLarge> {
        let Attribution { parts, rest, .. } = self.attribution;
        let mut notes = Vec::new();
        if let ([party], true) = (&self.parties[..], rest.parties) {
            let change = self.attribution.sum(&self.periods, &[party + 1])?.pair.change()?;
            notes.push(format!("{OTHER_PARTIES}: {}", signed_money(change)));
        }
        match order {
            Some(order) if !parts.is_empty() => {
                notes.push(format!("Changed in this order: {}", order_of(order, parts)));
            }
            None if self.parts.len() > 1 => {
                notes.push(
                    "Each kind has the average of what it does in every order of the changes".to_owned(),
                );
            }
            _ => {}
        }
        let idle = (0..parts.len()).filter(|part| !self.parts.contains(part));
        let idle: Vec<Kind> = idle.flat_map(|part| parts[part].kinds.clone()).collect();
        if !idle.is_empty() {
            notes.push(format!("Changed without effect here: {}", names(&idle)));
        }
        notes.extend(parts.iter().filter_map(why_together));
        Ok(notes)
    }
}

/// The name of a part, as a title.
fn title(part: &KindPart) -> String {
    let words = names(&part.kinds);
    let mut signs = words.chars();
    signs.next().map(|first| first.to_uppercase().chain(signs).collect()).unwrap_or_default()
}

/// The kinds that have changed, in the order in which they did.
fn order_of(order: &[Kind], parts: &[KindPart]) -> String {
    let changed = |kind: &&Kind| parts.iter().any(|part| part.kinds.contains(kind));
    let named = order.iter().filter(changed);
    let others = parts.iter().flat_map(|part| &part.kinds).filter(|kind| !order.contains(kind));
    named.chain(others).map(|kind| kind.word()).collect::<Vec<_>>().join(", ")
}

/// Why kinds cannot be told apart.
fn why_together(part: &KindPart) -> Option<String> {
    let together = part.together.as_ref()?;
    let (new, old): (Vec<Kind>, Vec<Kind>) =
        part.kinds.iter().partition(|kind| together.alone.contains(kind));
    let words = title(part);
    let reason = &together.refusal.message;
    let at = together.refusal.at.as_ref().map(|at| format!("   {at}")).unwrap_or_default();
    Some(if new.is_empty() || old.is_empty() {
        format!("{words} cannot be told apart: {reason}{at}")
    } else {
        format!(
            "{words} cannot be told apart: with new {} and old {}, {reason}{at}",
            names(&new),
            names(&old)
        )
    })
}
