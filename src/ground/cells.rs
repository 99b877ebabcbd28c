//! A large table of whole numbers in one piece of memory. On a system that has them it stands in huge pages: the
//! first touch of ten million cells in small pages costs more than splitting them.

use std::fmt;

use memmap2::MmapMut;

/// From this size on a table is asked for in huge pages, in bytes.
const HUGE_BYTES_MIN: usize = 4 << 20;

/// Cells in order, all 0 at first.
pub struct Cells(Memory);

enum Memory {
    Heap(Vec<i64>),
    Pages(MmapMut, usize),
}

impl Cells {
    /// So many cells.
    pub fn new(count: usize) -> Cells {
        let bytes = count * size_of::<i64>();
        // Where the system refuses, the heap has the same cells.
        let pages = (bytes >= HUGE_BYTES_MIN).then(|| MmapMut::map_anon(bytes).ok()).flatten();
        Cells(match pages {
            Some(pages) => {
                #[cfg(target_os = "linux")]
                // A hint: a system without huge pages goes on without.
                let _ = pages.advise(memmap2::Advice::HugePage);
                Memory::Pages(pages, count)
            }
            None => Memory::Heap(vec![0; count]),
        })
    }

    /// These cells with whatever is in them, or new ones where they are fewer than this.
    #[must_use]
    pub fn or_new(self, count: usize) -> Cells {
        if self.as_slice().len() < count { Cells::new(count) } else { self }
    }

    /// The cells.
    pub fn as_slice(&self) -> &[i64] {
        match &self.0 {
            Memory::Heap(cells) => cells,
            Memory::Pages(pages, count) => &bytemuck::cast_slice(pages)[..*count],
        }
    }

    /// The cells, to be filled.
    pub fn as_mut_slice(&mut self) -> &mut [i64] {
        match &mut self.0 {
            Memory::Heap(cells) => cells,
            Memory::Pages(pages, count) => &mut bytemuck::cast_slice_mut(pages)[..*count],
        }
    }
}

impl Default for Cells {
    fn default() -> Cells {
        Cells::new(0)
    }
}

impl Clone for Cells {
    fn clone(&self) -> Cells {
        let mut copy = Cells::new(self.as_slice().len());
        copy.as_mut_slice().copy_from_slice(self.as_slice());
        copy
    }
}

impl PartialEq for Cells {
    fn eq(&self, other: &Cells) -> bool {
        self.as_slice() == other.as_slice()
    }
}

impl Eq for Cells {}

impl fmt::Debug for Cells {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_slice().fmt(out)
    }
}
