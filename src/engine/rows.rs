//! The shares of a walk: a row for each measure, a cell for each party, all years in one piece of memory.

use std::ops::Range;
use std::sync::Arc;

use crate::ground::cells::{Cells, CellsView};
use crate::ground::money::{Money, TooLarge};
use crate::ground::rows::row_width;
use crate::model::measure::MeasureIx;
use crate::model::party::PartyIx;

/// More shares are split, put in their place or checked by several threads. Fewer are done sooner than a thread wakes up.
pub(super) const SHARES_ALONE_MAX: usize = 60_000;

/// The rows of one year, once it has been walked.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    /// Of all years; none before the walk has ended.
    cells: Option<Arc<Cells>>,
    start: usize,
    shape: Shape,
}

/// How the rows of a year lie in memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shape {
    /// How many rows.
    pub measures: usize,
    /// How many cells of a row are shares; what is added to fill it up is 0.
    pub parties: usize,
}

/// The rows of a year, wherever they lie.
#[derive(Clone, Copy, Debug)]
pub struct RowsView<'r> {
    /// Row by row.
    pub cells: CellsView<'r>,
    /// Their shape.
    pub shape: Shape,
}

/// What all parties pay for a measure in a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shares<'r>(CellsView<'r>);

impl Shape {
    /// The cells from the start of one row to the start of the next.
    pub fn width(self) -> usize {
        row_width(self.parties)
    }

    /// The cells of a row.
    pub fn row(self, measure: MeasureIx) -> Range<usize> {
        measure.0 * self.width()..(measure.0 + 1) * self.width()
    }

    /// The cells of a year.
    pub fn cell_count(self) -> usize {
        self.measures * self.width()
    }
}

impl Rows {
    /// The rows of a year that start at a cell.
    pub fn new(cells: &Arc<Cells>, start: usize, shape: Shape) -> Rows {
        Rows { cells: Some(Arc::clone(cells)), start, shape }
    }

    /// The rows.
    pub fn view(&self) -> RowsView<'_> {
        let cells = self.cells.as_ref().map_or(CellsView::Narrow(&[]), |cells| cells.view());
        let end = (self.start + self.shape.cell_count()).min(cells.len());
        RowsView { cells: cells.slice(self.start.min(end)..end), shape: self.shape }
    }

    /// Lets go of the cells.
    pub(super) fn detach(&mut self) -> Option<Arc<Cells>> {
        self.cells.take()
    }

    /// Takes hold of cells, where it had its own.
    pub(super) fn attach(&mut self, cells: &Arc<Cells>) {
        self.cells = Some(Arc::clone(cells));
    }

    /// The cells of its rows among all.
    pub(super) fn range(&self) -> Range<usize> {
        self.start..self.start + self.shape.cell_count()
    }

    /// How they lie in memory.
    pub(super) fn shape(&self) -> Shape {
        self.shape
    }

    /// Puts another share in the place of what a party pays for a measure; the other years keep the cells they have.
    pub fn put(&mut self, measure: MeasureIx, party: PartyIx, share: Money) {
        let position = self.start + self.shape.row(measure).start + party.0;
        Arc::make_mut(self.cells.get_or_insert_default()).set(position, share.ore());
    }
}

impl PartialEq for Rows {
    fn eq(&self, other: &Rows) -> bool {
        self.shape == other.shape && self.view().cells == other.view().cells
    }
}

impl Eq for Rows {}

impl<'r> RowsView<'r> {
    /// The rows that start at a cell.
    pub fn new(cells: &'r Cells, start: usize, shape: Shape) -> RowsView<'r> {
        RowsView { cells: cells.view().slice(start..start + shape.cell_count()), shape }
    }

    /// The row of a measure, with what is added to fill it up.
    pub fn row(self, measure: MeasureIx) -> CellsView<'r> {
        self.cells.slice(self.shape.row(measure))
    }

    /// What all parties pay for a measure.
    pub fn shares(self, measure: MeasureIx) -> Shares<'r> {
        let start = self.shape.row(measure).start;
        Shares(self.cells.slice(start..start + self.shape.parties))
    }
}

impl<'r> Shares<'r> {
    /// The share of a party.
    pub fn of(self, party: PartyIx) -> Money {
        Money::from_ore(self.0.get(party.0))
    }

    /// The shares by party.
    pub fn iter(self) -> impl Iterator<Item = Money> + 'r {
        self.0.iter().map(Money::from_ore)
    }

    /// What they come to.
    ///
    /// # Errors
    /// [`TooLarge`] when the sum does not fit.
    pub fn sum(self) -> Result<Money, TooLarge> {
        Money::sum(self.iter())
    }
}
