//! The rows of measures, nearly all of which are nothing but one split of a net cost. Nothing in a year depends on them,
//! unless something asks for rows, so those of many years are split together: some measures in all of these years, then
//! the next ones, so that the weights of their keys stay near.

use std::ops::Range;

use rayon::prelude::{IndexedParallelIterator, ParallelIterator, ParallelSliceMut};

use crate::ground::cells::{Cell, Cells, CellsMut};
use crate::ground::money::Money;
use crate::ground::rows::{Splitter, row_width};
use crate::ground::sums::ColumnSums;
use crate::rules::plan::{KeyIx, Plan};

use super::budget::{MeasureBudget, YearBudget};
use super::keys::ReadyKeys;
use super::rows::SHARES_ALONE_MAX;
use super::traits::Traits;

/// About so many shares of a year are split before those of the next one: so many weights stay near.
const SHARES_PER_BLOCK: usize = 16_000;

/// Into how many pieces the blocks are cut for each thread, so that none waits long for another.
const PIECES_PER_THREAD: usize = 12;

/// What is to be written for a measure in a year: all that splitting asks of it, side by side with the others.
#[derive(Clone, Debug)]
pub enum Row {
    /// Nobody pays anything.
    Nothing,
    /// A net cost by one split.
    Split(KeyIx, Money),
    /// More than one split: the shares, in øre, once they have been shared.
    Unlike(Vec<i64>),
}

/// What rows are split with: memory that is used again and again.
pub struct Desk {
    pub(super) splitter: Splitter,
    /// A row before it is put into the cells.
    pub(super) row: Vec<i64>,
}

impl Desk {
    /// For so many parties.
    pub fn new(parties: usize) -> Desk {
        Desk { splitter: Splitter::new(parties), row: vec![0; row_width(parties)] }
    }
}

/// What rows are made with.
#[derive(Clone, Copy)]
pub struct RowMaker<'r> {
    /// What the rules declared.
    pub plan: &'r Plan,
    /// The plan's keys, reduced to weights.
    pub keys: &'r ReadyKeys,
    /// What every year asks of the measures.
    pub traits: &'r Traits,
    /// How many parties there are.
    pub parties: usize,
}

/// The rows of some measures, in the order of the years.
struct Block<'b, C> {
    measures: Range<usize>,
    rows: Vec<&'b mut [C]>,
}

impl RowMaker<'_> {
    /// The rows of a year, by measure.
    pub fn of_year(&self, year_index: usize, walked: &YearBudget) -> Vec<Row> {
        let keys = self.plan.keys_of_year(year_index);
        let measures = walked.measures.iter().zip(keys).zip(&self.traits.splits);
        measures.map(|((figures, key), split_by)| self.row(figures, *key, *split_by)).collect()
    }

    fn row(&self, figures: &MeasureBudget, key: Option<KeyIx>, (unit, with_memory): (Money, bool)) -> Row {
        if !figures.active {
            return Row::Nothing;
        }
        let takes = |key: &KeyIx| {
            self.keys.one_split(*key).is_some_and(|split| !with_memory && split.takes(figures.net, unit))
        };
        key.filter(takes).map_or(Row::Unlike(vec![]), |key| Row::Split(key, figures.net))
    }

    /// Splits the rows of some measures of a year and adds them to the sums; `keep` gets the position of each measure
    /// with its row, without one where nothing is to be paid.
    pub fn split_some(
        &self,
        year: &[Row],
        measures: Range<usize>,
        desk: &mut Desk,
        sums: &mut ColumnSums,
        mut keep: impl FnMut(usize, Option<&[i64]>),
    ) {
        let units = &self.traits.splits[measures.clone()];
        for (position, (row, (unit, _))) in year[measures].iter().zip(units).enumerate() {
            match row {
                Row::Nothing => keep(position, None),
                Row::Unlike(shares) => {
                    sums.add(shares);
                    keep(position, Some(shares));
                }
                Row::Split(key, net) => {
                    let split =
                        self.keys.one_split(*key).expect("a key that is one split, as was looked up before");
                    split.split_row(*net, *unit, &mut desk.splitter, &mut desk.row);
                    sums.add(&desk.row);
                    keep(position, Some(&desk.row));
                }
            }
        }
    }

    /// Splits all rows of some years, whose cells lie one after the other from `start` on, and puts 0 where nothing
    /// is to be paid; gives by year what each party pays. A share that is too large for narrow cells makes them wide, and
    /// then all is split once more.
    pub fn split(
        &self,
        years: &[Vec<Row>],
        (cells, start): (&mut Cells, usize),
        desk: &mut Desk,
    ) -> Vec<ColumnSums> {
        let measures = years.first().map_or(0, Vec::len);
        let rows = start..start + years.len() * measures * row_width(self.parties);
        if let CellsMut::Narrow(rows) = cells.view_mut().slice(rows.clone())
            && let Some(sums) = self.split_into(years, rows, desk)
        {
            return sums;
        }
        cells.widen();
        let CellsMut::Wide(rows) = cells.view_mut().slice(rows) else { return vec![] };
        self.split_into(years, rows, desk).unwrap_or_default()
    }

    /// The same into cells of one kind; none where a share does not fit into them.
    fn split_into<C: Cell>(
        &self,
        years: &[Vec<Row>],
        rows: &mut [C],
        desk: &mut Desk,
    ) -> Option<Vec<ColumnSums>> {
        let measures = years.first().map_or(0, Vec::len);
        let width = row_width(self.parties);
        let threads = if rows.len() > SHARES_ALONE_MAX { rayon::current_num_threads() } else { 1 };
        let of_a_piece = measures.div_ceil(if threads > 1 { threads * PIECES_PER_THREAD } else { 1 });
        let of_a_block = (SHARES_PER_BLOCK / width).clamp(1, of_a_piece.max(1));
        let firsts = (0..measures).step_by(of_a_block);
        let block = |first| Block { measures: first..(first + of_a_block).min(measures), rows: vec![] };
        let mut blocks: Vec<Block<'_, C>> = firsts.map(block).collect();
        for year in rows.chunks_mut((measures * width).max(1)) {
            let pieces = year.chunks_mut(of_a_block * width);
            blocks.iter_mut().zip(pieces).for_each(|(block, piece)| block.rows.push(piece));
        }
        let piece = |desk: &mut Desk, blocks: &mut [Block<'_, C>]| self.split_blocks(years, blocks, desk);
        if threads == 1 {
            return piece(desk, &mut blocks);
        }
        // A thread that has nothing left to do can take any piece, not only several together.
        let pieces = blocks.par_chunks_mut(of_a_piece.div_ceil(of_a_block).max(1)).with_max_len(1);
        let merge = |mut all: Vec<ColumnSums>, more: Vec<ColumnSums>| {
            all.iter_mut().zip(&more).for_each(|(sums, more)| sums.merge(more));
            Some(all)
        };
        pieces.map_init(|| Desk::new(self.parties), piece).try_reduce_with(merge).flatten()
    }

    fn split_blocks<C: Cell>(
        &self,
        years: &[Vec<Row>],
        blocks: &mut [Block<'_, C>],
        desk: &mut Desk,
    ) -> Option<Vec<ColumnSums>> {
        let width = row_width(self.parties);
        let mut sums: Vec<ColumnSums> = years.iter().map(|_| ColumnSums::new(self.parties)).collect();
        let mut fits = true;
        for Block { measures, rows } in blocks {
            for ((year, rows), sums) in years.iter().zip(rows).zip(&mut sums) {
                self.split_some(year, measures.clone(), desk, sums, |position, row| {
                    let cells = &mut rows[position * width..(position + 1) * width];
                    match row {
                        Some(row) => fits &= C::store(row, cells),
                        None => cells.fill(C::zeroed()),
                    }
                });
            }
        }
        fits.then_some(sums)
    }
}
