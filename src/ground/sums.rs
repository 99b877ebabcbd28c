//! Sums over the rows and columns of a table of whole numbers, exact however large they are.

use pulp::Arch;

use super::cells::{Cell, CellsView};

/// The sums of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// Of each row.
    pub by_row: Vec<i128>,
    /// Of each column.
    pub by_column: Vec<i128>,
}

/// Adds up a table of rows of a width.
///
/// ```
/// use fordel::ground::cells::CellsView;
/// use fordel::ground::sums::sums;
/// let sums = sums(CellsView::Narrow(&[1, 2, 3, 4, 5, 6]), 3);
/// assert_eq!((sums.by_row, sums.by_column), (vec![6, 15], vec![5, 7, 9]));
/// ```
pub fn sums(table: CellsView<'_>, width: usize) -> Sums {
    match table {
        _ if width == 0 => Sums::default(),
        CellsView::Narrow(cells) => sums_of_rows(cells.chunks_exact(width), width),
        CellsView::Wide(cells) => sums_of_rows(cells.chunks_exact(width), width),
    }
}

/// Adds up rows of a width, wherever they lie.
pub fn sums_of_rows<'r, N: Cell>(rows: impl ExactSizeIterator<Item = &'r [N]> + Clone, width: usize) -> Sums {
    let mut by_row = vec![0i64; rows.len()];
    let mut by_column = vec![0i64; width];
    let spread = Arch::new().dispatch(
        #[inline(always)]
        || wrapping_sums(rows.clone(), &mut by_row, &mut by_column),
    );
    // Every number is below 2^bits in size; so many of them cannot have wrapped.
    let bits = u64::BITS - spread.leading_zeros();
    let terms = by_row.len().max(width).max(1).next_power_of_two().ilog2();
    if bits + terms < i64::BITS - 1 {
        let wide = |sums: Vec<i64>| sums.into_iter().map(i128::from).collect();
        return Sums { by_row: wide(by_row), by_column: wide(by_column) };
    }
    let mut by_column = vec![0i128; width];
    let wide = |number: N| i128::from(number.into());
    let by_row = rows.map(|row| {
        by_column.iter_mut().zip(row).for_each(|(sum, number)| *sum += wide(*number));
        row.iter().copied().map(wide).sum()
    });
    Sums { by_row: by_row.collect(), by_column }
}

/// Adds without looking whether a sum wraps; gives a number with as many bits as the largest number has.
#[inline(always)]
fn wrapping_sums<'r, N: Cell>(
    table: impl Iterator<Item = &'r [N]>,
    rows: &mut [i64],
    columns: &mut [i64],
) -> u64 {
    let mut spread = 0;
    for (row, sum) in table.zip(rows) {
        let mut own = 0i64;
        for (number, column) in row.iter().zip(columns.iter_mut()) {
            own = own.wrapping_add((*number).into());
            *column = column.wrapping_add((*number).into());
            spread |= number.spread();
        }
        *sum = own;
    }
    spread
}
