//! A large table of whole numbers in one piece of memory. On a system that has them it stands in huge pages: the
//! first touch of ten million cells in small pages costs more than splitting them.
//!
//! Cells are narrow, of 32 bits, as long as all numbers fit: half the memory is half the time to fill and to read it.
//! A number that does not fit is refused, never cut; whoever fills the table then widens it, to 64 bits, and goes on.

use std::fmt;
use std::ops::Range;

use bytemuck::Pod;
use memmap2::MmapMut;
use pulp::Arch;

/// From this size on a table is asked for in huge pages, in bytes.
const HUGE_BYTES_MIN: usize = 4 << 20;

/// The size of a huge page, and what its address is a multiple of, in bytes.
const HUGE_PAGE: usize = 2 << 20;

/// Cells in order, all 0 at first.
#[derive(Clone)]
pub struct Cells(Width);

#[derive(Clone)]
enum Width {
    Narrow(Memory<i32>),
    Wide(Memory<i64>),
}

enum Memory<T> {
    Heap(Vec<T>),
    /// Pages, and the bytes of them that the cells have.
    Pages(MmapMut, Range<usize>),
}

/// Some cells, to be read.
#[derive(Clone, Copy)]
pub enum CellsView<'c> {
    /// Of 32 bits.
    Narrow(&'c [i32]),
    /// Of 64 bits.
    Wide(&'c [i64]),
}

/// Some cells, to be filled.
pub enum CellsMut<'c> {
    /// Of 32 bits.
    Narrow(&'c mut [i32]),
    /// Of 64 bits.
    Wide(&'c mut [i64]),
}

/// What a cell is.
pub trait Cell: Copy + Into<i64> + Pod + Send + Sync {
    /// Writes numbers to cells, one each; gives false where one does not fit, and the cells are then of no use.
    fn store(numbers: &[i64], cells: &mut [Self]) -> bool;

    /// A number with as many bits as this one, without its sign; or as the largest of its kind.
    fn spread(self) -> u64;

    /// Some cells of this kind.
    fn view(cells: &[Self]) -> CellsView<'_>;

    /// Some cells of this kind, to be filled.
    fn view_mut(cells: &mut [Self]) -> CellsMut<'_>;
}

impl Cells {
    /// So many cells, narrow ones.
    pub fn new(count: usize) -> Cells {
        Cells(Width::Narrow(Memory::new(count)))
    }

    /// These cells with whatever is in them, or new ones where they are fewer than this.
    #[must_use]
    pub fn or_new(self, count: usize) -> Cells {
        if self.view().len() < count { Cells::new(count) } else { self }
    }

    /// The same numbers in wide cells.
    pub fn widen(&mut self) {
        if let Width::Narrow(narrow) = &self.0 {
            let mut wide = Memory::new(narrow.as_slice().len());
            CellsMut::Wide(wide.as_mut_slice()).copy_from(CellsView::Narrow(narrow.as_slice()));
            self.0 = Width::Wide(wide);
        }
    }

    /// The cells.
    pub fn view(&self) -> CellsView<'_> {
        match &self.0 {
            Width::Narrow(cells) => CellsView::Narrow(cells.as_slice()),
            Width::Wide(cells) => CellsView::Wide(cells.as_slice()),
        }
    }

    /// The cells, to be filled.
    pub fn view_mut(&mut self) -> CellsMut<'_> {
        match &mut self.0 {
            Width::Narrow(cells) => CellsMut::Narrow(cells.as_mut_slice()),
            Width::Wide(cells) => CellsMut::Wide(cells.as_mut_slice()),
        }
    }

    /// Writes numbers to cells one after the other, and widens the cells where they ask for that.
    fn put(&mut self, start: usize, numbers: &[i64]) {
        let range = start..start + numbers.len();
        if let CellsMut::Narrow(cells) = self.view_mut() {
            if i32::store(numbers, &mut cells[range.clone()]) {
                return;
            }
            self.widen();
        }
        if let CellsMut::Wide(cells) = self.view_mut() {
            cells[range].copy_from_slice(numbers);
        }
    }

    /// Writes a number to a cell, and widens the cells where it asks for that.
    ///
    /// ```
    /// use fordel::ground::cells::Cells;
    /// let mut cells = Cells::new(2);
    /// cells.set(0, -7);
    /// cells.set(1, 1 << 40);
    /// assert_eq!(cells.view().iter().collect::<Vec<_>>(), [-7, 1 << 40]);
    /// ```
    pub fn set(&mut self, position: usize, number: i64) {
        self.put(position, &[number]);
    }
}

impl<'c> CellsView<'c> {
    /// How many.
    pub fn len(self) -> usize {
        match self {
            CellsView::Narrow(cells) => cells.len(),
            CellsView::Wide(cells) => cells.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// Whether a number of more than 32 bits would fit.
    pub fn is_wide(self) -> bool {
        matches!(self, CellsView::Wide(_))
    }

    /// The number in a cell.
    pub fn get(self, position: usize) -> i64 {
        match self {
            CellsView::Narrow(cells) => cells[position].into(),
            CellsView::Wide(cells) => cells[position],
        }
    }

    /// Some of them.
    #[must_use]
    pub fn slice(self, range: Range<usize>) -> CellsView<'c> {
        match self {
            CellsView::Narrow(cells) => CellsView::Narrow(&cells[range]),
            CellsView::Wide(cells) => CellsView::Wide(&cells[range]),
        }
    }

    /// The numbers in them.
    pub fn iter(self) -> impl Iterator<Item = i64> + 'c {
        (0..self.len()).map(move |position| self.get(position))
    }
}

impl<'c> CellsMut<'c> {
    /// Some of them.
    #[must_use]
    pub fn slice(self, range: Range<usize>) -> CellsMut<'c> {
        match self {
            CellsMut::Narrow(cells) => CellsMut::Narrow(&mut cells[range]),
            CellsMut::Wide(cells) => CellsMut::Wide(&mut cells[range]),
        }
    }

    /// Copies as many numbers from other cells.
    ///
    /// # Panics
    /// When these are narrow and a number of the others does not fit, which is a fault of the caller.
    pub fn copy_from(self, others: CellsView<'_>) {
        match (self, others) {
            (CellsMut::Narrow(cells), CellsView::Narrow(others)) => cells.copy_from_slice(others),
            (CellsMut::Wide(cells), CellsView::Wide(others)) => cells.copy_from_slice(others),
            (CellsMut::Wide(cells), CellsView::Narrow(others)) => {
                cells.iter_mut().zip(others).for_each(|(cell, other)| *cell = i64::from(*other));
            }
            (CellsMut::Narrow(cells), CellsView::Wide(others)) => {
                assert!(i32::store(others, cells), "cells as wide as what is put into them");
            }
        }
    }
}

impl Cell for i32 {
    fn store(numbers: &[i64], cells: &mut [i32]) -> bool {
        assert!(numbers.len() == cells.len(), "a cell for each number");
        let lost = Arch::new().dispatch(
            #[inline(always)]
            || {
                let mut lost = 0;
                for (number, cell) in numbers.iter().zip(cells.iter_mut()) {
                    #[expect(clippy::cast_possible_truncation, reason = "the next line sees what is lost")]
                    let narrow = *number as i32;
                    lost |= number ^ i64::from(narrow);
                    *cell = narrow;
                }
                lost
            },
        );
        lost == 0
    }

    #[inline(always)]
    fn spread(self) -> u64 {
        u64::from(u32::MAX)
    }

    fn view(cells: &[i32]) -> CellsView<'_> {
        CellsView::Narrow(cells)
    }

    fn view_mut(cells: &mut [i32]) -> CellsMut<'_> {
        CellsMut::Narrow(cells)
    }
}

impl Cell for i64 {
    fn store(numbers: &[i64], cells: &mut [i64]) -> bool {
        cells.copy_from_slice(numbers);
        true
    }

    #[inline(always)]
    fn spread(self) -> u64 {
        // The highest bit that differs from the next lower one: the sign is all that is above it.
        (self ^ (self << 1)).cast_unsigned()
    }

    fn view(cells: &[i64]) -> CellsView<'_> {
        CellsView::Wide(cells)
    }

    fn view_mut(cells: &mut [i64]) -> CellsMut<'_> {
        CellsMut::Wide(cells)
    }
}

impl<T: Pod> Memory<T> {
    fn new(count: usize) -> Memory<T> {
        let bytes = count * size_of::<T>();
        // Only whole huge pages are huge: the cells start where one starts, and the last one is theirs to its end. What
        // lies before is never touched, and so never there. Where the system refuses, the heap has the same cells.
        let mapped = bytes.next_multiple_of(HUGE_PAGE) + HUGE_PAGE;
        let pages = (bytes >= HUGE_BYTES_MIN).then(|| MmapMut::map_anon(mapped).ok()).flatten();
        match pages {
            Some(pages) => {
                #[cfg(target_os = "linux")]
                // A hint: a system without huge pages goes on without.
                let _ = pages.advise(memmap2::Advice::HugePage);
                let start = pages.as_ptr().align_offset(HUGE_PAGE);
                Memory::Pages(pages, start..start + bytes)
            }
            None => Memory::Heap(vec![T::zeroed(); count]),
        }
    }

    fn as_slice(&self) -> &[T] {
        match self {
            Memory::Heap(cells) => cells,
            Memory::Pages(pages, bytes) => bytemuck::cast_slice(&pages[bytes.clone()]),
        }
    }

    fn as_mut_slice(&mut self) -> &mut [T] {
        match self {
            Memory::Heap(cells) => cells,
            Memory::Pages(pages, bytes) => bytemuck::cast_slice_mut(&mut pages[bytes.clone()]),
        }
    }
}

impl<T: Pod> Clone for Memory<T> {
    fn clone(&self) -> Memory<T> {
        let mut copy = Memory::new(self.as_slice().len());
        copy.as_mut_slice().copy_from_slice(self.as_slice());
        copy
    }
}

impl Default for Cells {
    fn default() -> Cells {
        Cells::new(0)
    }
}

/// The same numbers, however wide the cells are.
impl PartialEq for CellsView<'_> {
    fn eq(&self, other: &CellsView<'_>) -> bool {
        match (*self, *other) {
            (CellsView::Narrow(own), CellsView::Narrow(others)) => own == others,
            (CellsView::Wide(own), CellsView::Wide(others)) => own == others,
            (own, others) => own.len() == others.len() && own.iter().eq(others.iter()),
        }
    }
}

impl Eq for CellsView<'_> {}

impl fmt::Debug for CellsView<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_list().entries(self.iter()).finish()
    }
}

impl fmt::Debug for Cells {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.view().fmt(out)
    }
}
