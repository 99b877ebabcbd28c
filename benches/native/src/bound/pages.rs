//! Memory for the shares on huge pages: 86 MB in pages of 4 kB cost more to obtain than the shares to compute.

use std::ops::{Deref, DerefMut};
use std::ptr::{null_mut, slice_from_raw_parts, slice_from_raw_parts_mut};

const HUGE: usize = 2 << 20;

/// Numbers that are zero until written, in memory that the system hands out when it is first touched.
pub struct Pages {
    mapping: *mut libc::c_void,
    mapped_bytes: usize,
    numbers: *mut i64,
    count: usize,
}

impl Pages {
    pub fn zeroed(count: usize) -> Self {
        let bytes = (count * size_of::<i64>()).max(1);
        // Huge pages must start at a multiple of their size; small results do without.
        let spare = if bytes < HUGE { 0 } else { HUGE };
        let mapped_bytes = bytes + spare;
        // SAFETY: a fresh private mapping, at an address of the system's choice, touches no memory of ours.
        let mapping = unsafe {
            libc::mmap(
                null_mut(),
                mapped_bytes,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_PRIVATE | libc::MAP_ANONYMOUS,
                -1,
                0,
            )
        };
        assert_ne!(mapping, libc::MAP_FAILED, "no memory for {bytes} bytes of shares");
        let ahead = if spare == 0 { 0 } else { mapping.align_offset(HUGE) };
        let start = mapping.wrapping_byte_add(ahead);
        if spare > 0 {
            // SAFETY: `ahead` is less than `spare`, so these bytes lie within the mapping. It is a hint: a system
            // without huge pages refuses it, and the run is only slower.
            unsafe { libc::madvise(start, bytes, libc::MADV_HUGEPAGE) };
        }
        Self { mapping, mapped_bytes, numbers: start.cast(), count }
    }
}

impl Deref for Pages {
    type Target = [i64];

    fn deref(&self) -> &[i64] {
        // SAFETY: `numbers` points to `count` numbers within the mapping, aligned to a page, zero or written since;
        // they live as long as `self`, and only `deref_mut` gives a way to change them.
        unsafe { &*slice_from_raw_parts(self.numbers, self.count) }
    }
}

impl DerefMut for Pages {
    fn deref_mut(&mut self) -> &mut [i64] {
        // SAFETY: as in `deref`; `&mut self` makes this the only way in.
        unsafe { &mut *slice_from_raw_parts_mut(self.numbers, self.count) }
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        // SAFETY: the mapping of `zeroed`, given back once; every borrow of it has ended.
        unsafe { libc::munmap(self.mapping, self.mapped_bytes) };
    }
}
