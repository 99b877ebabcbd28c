//! An attribution as text: before, after and change, and what each kind of change did, which adds up to the change. One
//! party has a list, by year where there are several; all parties have a table. Kinds without any effect are named
//! below it, and kinds that cannot be told apart with the reason.

use crate::ground::money::{Money, TooLarge};
use crate::ground::numerals::money_norwegian;
use crate::model::years::Year;
use crate::whatif::attribution::{Attribution, KindPart, Line};
use crate::whatif::kind::{Kind, names};

use super::grid::{Grid, Head};

/// What is asked of an attribution.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// What is compared: the first side …
    pub before: &'a str,
    /// … and the second.
    pub after: &'a str,
    /// The unit of amounts.
    pub currency: &'a str,
    /// Whose bill, by position; all of them without it.
    pub party: Option<usize>,
    /// Of which year; all of them without it.
    pub year: Option<Year>,
    /// The order that was stated.
    pub order: Option<&'a [Kind]>,
}

/// Writes an attribution for a terminal of this width.
///
/// # Errors
/// [`TooLarge`] when a sum does not fit.
pub fn write(attribution: &Attribution, asked: &Asked<'_>, width: usize) -> Result<String, TooLarge> {
    let whole = attribution.sum(asked.party, asked.year)?;
    let shown = Shown::of(attribution, asked);
    let grid = match asked.party {
        Some(party) => shown.list(party)?,
        None => shown.table()?,
    };
    let mut text = format!("{}: {} → {}\n", shown.question(&whole), asked.before, asked.after);
    if shown.nothing_differs() {
        text.push_str("\nThere is no difference.\n");
        return Ok(text);
    }
    text.push('\n');
    text.push_str(&grid.text(width));
    let notes = shown.notes();
    if !notes.is_empty() {
        text.push('\n');
        notes.iter().for_each(|note| text.push_str(&format!("  {note}\n")));
    }
    Ok(text)
}

/// An amount with its sign.
pub fn signed(amount: Money) -> String {
    let sign = if amount > Money::ZERO { "+" } else { "" };
    format!("{sign}{}", money_norwegian(amount))
}

/// The name of a part, as a title.
pub fn title(part: &KindPart) -> String {
    let words = names(&part.kinds);
    let mut signs = words.chars();
    signs.next().map(|first| first.to_uppercase().chain(signs).collect()).unwrap_or_default()
}

/// What is shown of an attribution.
struct Shown<'s> {
    attribution: &'s Attribution,
    asked: &'s Asked<'s>,
    /// The parts that did something to somebody, by position.
    parts: Vec<usize>,
    /// Whether rounding did.
    rounding: bool,
}

impl<'s> Shown<'s> {
    fn of(attribution: &'s Attribution, asked: &'s Asked<'s>) -> Shown<'s> {
        let rows = || {
            attribution.rows.iter().filter(|row| {
                asked.party.is_none_or(|party| party == row.party)
                    && (asked.year.is_none() || asked.year == row.year)
            })
        };
        let did = |part: &usize| rows().any(|row| !row.amounts[*part].is_zero());
        Shown {
            attribution,
            asked,
            parts: (0..attribution.parts.len()).filter(did).collect(),
            rounding: rows().any(|row| !row.rounding.is_zero()),
        }
    }

    fn nothing_differs(&self) -> bool {
        self.parts.is_empty() && !self.rounding
    }

    /// The question that is answered.
    fn question(&self, whole: &Line) -> String {
        let Some(party) = self.asked.party else {
            return format!("Why the parties pay something else, in {}", self.asked.currency);
        };
        let name = &self.attribution.parties[party].name;
        let size = if whole.change.is_negative() {
            Money::ZERO.minus(whole.change).unwrap_or_default()
        } else {
            whole.change
        };
        let amount = format!("{} {}", money_norwegian(size), self.asked.currency);
        match whole.change {
            Money::ZERO => format!("Why {name} pays the same"),
            change if change.is_negative() => format!("Why {name} pays {amount} less"),
            _ => format!("Why {name} pays {amount} more"),
        }
    }

    /// The titles over the amounts of a line.
    fn heads(&self) -> Vec<Head> {
        let mut heads = vec![Head::new("Before"), Head::new("After"), Head::new("Change")];
        for (position, part) in self.parts.iter().enumerate() {
            let title = title(&self.attribution.parts[*part]);
            heads.push(Head { rule_before: position == 0, ..Head::new(title) });
        }
        if self.rounding {
            heads.push(Head { rule_before: self.parts.is_empty(), ..Head::new("Rounding") });
        }
        heads
    }

    fn cells(&self, line: &Line) -> Vec<String> {
        let parts = self.parts.iter().map(|part| line.amounts[*part]);
        let changes = std::iter::once(line.change).chain(parts).chain(self.rounding.then_some(line.rounding));
        [line.before, line.after].into_iter().map(money_norwegian).chain(changes.map(signed)).collect()
    }

    /// One party: a row for each year, turned so that what adds up stands below each other.
    fn list(&self, party: usize) -> Result<Grid, TooLarge> {
        let mut grid = Grid { columns: self.heads(), ..Grid::default() };
        let years = match self.asked.year {
            Some(year) => vec![year],
            None => self.attribution.years(),
        };
        if years.len() > 1 {
            for year in &years {
                let line = self.attribution.sum(Some(party), Some(*year))?;
                grid.add_row(Head::new(year.to_string()), self.cells(&line));
            }
        }
        let line = self.attribution.sum(Some(party), self.asked.year)?;
        let name = self.attribution.parties[party].name.clone();
        let head = if years.len() > 1 { Head::ruled("All years") } else { Head::new(name) };
        grid.add_row(head, self.cells(&line));
        Ok(grid.turned())
    }

    /// All parties: a row for each.
    fn table(&self) -> Result<Grid, TooLarge> {
        let mut grid = Grid { columns: self.heads(), ..Grid::default() };
        for (party, payer) in self.attribution.parties.iter().enumerate() {
            let line = self.attribution.sum(Some(party), self.asked.year)?;
            grid.add_row(Head::new(payer.name.clone()), self.cells(&line));
        }
        if self.attribution.parties.len() > 1 {
            let sum = self.attribution.sum(None, self.asked.year)?;
            grid.add_row(Head::ruled("Sum"), self.cells(&sum));
        }
        Ok(grid)
    }

    fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if let Some(order) = self.asked.order {
            notes.push(format!("changed in this order: {}", order_of(order, &self.attribution.parts)));
        } else if self.parts.len() > 1 {
            notes.push("each kind has the average of what it does in every order of the changes".to_owned());
        }
        let idle = (0..self.attribution.parts.len()).filter(|part| !self.parts.contains(part));
        let idle: Vec<Kind> = idle.flat_map(|part| self.attribution.parts[part].kinds.clone()).collect();
        if !idle.is_empty() {
            notes.push(format!("changed without effect: {}", names(&idle)));
        }
        notes.extend(self.attribution.parts.iter().filter_map(why_together));
        notes
    }
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
    let at = together.refusal.at.as_ref().map(|at| format!("   {at}")).unwrap_or_default();
    let reason = &together.refusal.message;
    Some(if new.is_empty() || old.is_empty() {
        format!("{} cannot be told apart: {reason}{at}", names(&part.kinds))
    } else {
        let (new, old) = (names(&new), names(&old));
        let words = names(&part.kinds);
        format!("{words} cannot be told apart: with new {new} and old {old}, {reason}{at}")
    })
}
