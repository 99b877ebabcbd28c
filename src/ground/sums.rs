//! Sums over the rows and columns of a table of whole numbers, exact however large they are.

use pulp::{Arch, Simd, WithSimd};

use super::cells::Cell;

/// The sums of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// Of each row.
    pub by_row: Vec<i128>,
    /// Of each column.
    pub by_column: Vec<i128>,
}

/// Adds up rows of a width, wherever they lie.
///
/// ```
/// use fordel::ground::sums::sums_of_rows;
/// let sums = sums_of_rows([1, 2, 3, 4, 5, 6].chunks_exact(3), 3);
/// assert_eq!((sums.by_row, sums.by_column), (vec![6, 15], vec![5, 7, 9]));
/// ```
pub fn sums_of_rows<'r, N: Cell>(rows: impl ExactSizeIterator<Item = &'r [N]> + Clone, width: usize) -> Sums {
    let (arch, row_count) = (Arch::new(), rows.len());
    let mut by_column = vec![0i64; width];
    let mut spread = 0;
    let add = |row| {
        let (sum, own) = arch.dispatch(AddRow { row, columns: &mut by_column });
        spread |= own;
        sum
    };
    let by_row: Vec<i64> = rows.clone().map(add).collect();
    // Every number is below 2^bits in size; so many of them cannot have wrapped.
    let bits = u64::BITS - spread.leading_zeros();
    let terms = row_count.max(width).max(1).next_power_of_two().ilog2();
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

/// Whether any number of a row is not 0 in a column in which a mask has all its bits; in the others it has none. What the
/// row has beyond the mask is left out.
///
/// ```
/// use fordel::ground::sums::is_any_at;
/// assert!(is_any_at(&[0, 7, 0], &[0, -1]));
/// assert!(!is_any_at(&[5, 0, 7], &[0, -1]));
/// ```
pub fn is_any_at<N: Cell>(row: &[N], mask: &[i32]) -> bool {
    Arch::new().dispatch(Masked { row, mask }) != 0
}

/// Sums of columns while rows are added one by one, exact however large they are.
///
/// ```
/// use fordel::ground::sums::ColumnSums;
/// let mut sums = ColumnSums::new(2);
/// sums.add(&[1, i64::MAX]);
/// sums.add(&[-3, i64::MAX]);
/// let all: Vec<i128> = sums.all();
/// assert_eq!(all, [-2, 2 * i128::from(i64::MAX)]);
/// ```
pub struct ColumnSums {
    arch: Arch,
    /// What has been added since the last carry; cannot have wrapped.
    narrow: Vec<i64>,
    /// Every row is smaller than this much of the range of `narrow`, which is what is left of it.
    room: u64,
    /// What has been carried; nothing before the first carry.
    wide: Vec<i128>,
}

impl ColumnSums {
    /// Nothing, in so many columns.
    pub fn new(columns: usize) -> ColumnSums {
        ColumnSums {
            arch: Arch::new(),
            narrow: vec![0; columns],
            room: i64::MAX.unsigned_abs(),
            wide: vec![],
        }
    }

    /// Adds a row; what it has beyond the columns is left out.
    pub fn add<N: Cell>(&mut self, row: &[N]) {
        let (_, spread) = self.arch.dispatch(AddRow { row, columns: &mut self.narrow });
        // No number of the row is larger than this in size.
        let size = u64::MAX.checked_shr(spread.leading_zeros()).unwrap_or(0);
        match self.room.checked_sub(size) {
            Some(room) => self.room = room,
            None => {
                let row = row.iter().map(|number| -> i64 { (*number).into() });
                self.narrow
                    .iter_mut()
                    .zip(row.clone())
                    .for_each(|(sum, number)| *sum = sum.wrapping_sub(number));
                self.carry();
                self.wide.iter_mut().zip(row).for_each(|(sum, number)| *sum += i128::from(number));
            }
        }
    }

    /// Adds the sums of other rows.
    ///
    /// ```
    /// use fordel::ground::sums::ColumnSums;
    /// let [mut sums, mut others] = [ColumnSums::new(2), ColumnSums::new(2)];
    /// sums.add(&[1, i64::MAX]);
    /// others.add(&[-3, i64::MAX]);
    /// sums.merge(&others);
    /// let left: Vec<i128> = sums.taken_from(&[10, 1]);
    /// assert_eq!(left, [12, 1 - 2 * i128::from(i64::MAX)]);
    /// ```
    pub fn merge(&mut self, other: &ColumnSums) {
        let size = i64::MAX.unsigned_abs() - other.room;
        match self.room.checked_sub(size) {
            Some(room) if other.wide.is_empty() => {
                self.room = room;
                self.narrow.iter_mut().zip(&other.narrow).for_each(|(sum, more)| *sum += more);
            }
            _ => {
                self.carry();
                self.wide = other.added_to(&self.wide);
            }
        }
    }

    /// The sums.
    pub fn all<C: FromIterator<i128>>(&self) -> C {
        self.added_to(&vec![0; self.narrow.len()])
    }

    /// Some numbers, one for each column, with the sums added to them.
    pub fn added_to<C: FromIterator<i128>>(&self, numbers: &[i128]) -> C {
        self.beside(numbers, |number, sum| number + sum)
    }

    /// Some numbers, one for each column, with the sums taken from them.
    pub fn taken_from<C: FromIterator<i128>>(&self, numbers: &[i128]) -> C {
        self.beside(numbers, |number, sum| number - sum)
    }

    fn beside<C: FromIterator<i128>>(&self, numbers: &[i128], put: impl Fn(i128, i128) -> i128) -> C {
        let narrow = numbers.iter().zip(&self.narrow);
        if self.wide.is_empty() {
            return narrow.map(|(number, narrow)| put(*number, i128::from(*narrow))).collect();
        }
        let both = narrow.zip(&self.wide);
        both.map(|((number, narrow), wide)| put(*number, wide + i128::from(*narrow))).collect()
    }

    fn carry(&mut self) {
        self.wide.resize(self.narrow.len(), 0);
        for (wide, narrow) in self.wide.iter_mut().zip(&mut self.narrow) {
            *wide += i128::from(std::mem::take(narrow));
        }
        self.room = i64::MAX.unsigned_abs();
    }
}

/// All bits of the numbers of a row that a mask lets through.
struct Masked<'r, N> {
    row: &'r [N],
    mask: &'r [i32],
}

impl<N: Cell> WithSimd for Masked<'_, N> {
    type Output = i64;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> i64 {
        let numbers = self.row.iter().zip(self.mask);
        numbers.fold(0, |bits, (number, mask)| bits | (*number).into() & i64::from(*mask))
    }
}

/// A row added to columns without looking whether a sum wraps: gives its own sum, and a number with as many bits as its
/// largest number has.
struct AddRow<'r, N> {
    row: &'r [N],
    columns: &'r mut [i64],
}

impl<N: Cell> WithSimd for AddRow<'_, N> {
    type Output = (i64, u64);

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> (i64, u64) {
        let (mut sum, mut spread) = (0i64, 0);
        for (number, column) in self.row.iter().zip(self.columns) {
            sum = sum.wrapping_add((*number).into());
            *column = column.wrapping_add((*number).into());
            spread |= number.spread();
        }
        (sum, spread)
    }
}
