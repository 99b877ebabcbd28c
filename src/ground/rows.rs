//! Many splits over the same columns: a row of shares for each amount, written where it is to stand.
//!
//! The result of every row is that of [`split`]; this is the way to it for millions of shares. What is worked out
//! once per key is in [`RowWeights`]: which columns take part, whether all weights are equal (then everything ties
//! and the queue is known beforehand), and the weights in the form of the [`kernel`](super::kernel).

use std::sync::Arc;

use super::kernel::{ABSENT, Kernel, KernelWeights, LANES};
use super::split::{Weights, split};

/// The width of a row for so many columns: what is added is always 0.
pub const fn row_width(columns: usize) -> usize {
    columns.next_multiple_of(LANES)
}

/// Weights laid out for rows.
#[derive(Clone, Debug)]
pub struct RowWeights {
    /// The columns that take part, in order, and their weights.
    columns: Vec<usize>,
    weights: Weights,
    /// Which of equal claims comes first, by column.
    ranks: Arc<[u32]>,
    form: Form,
}

#[derive(Clone, Debug)]
enum Form {
    /// Everybody has the same weight: the place of each column in the queue, and how many there are.
    Equal { places: Vec<i64>, count: i64 },
    /// The kernel takes them.
    Kernel(KernelWeights),
    /// Only the plain path takes them.
    Plain,
}

/// Splits amounts into rows.
pub struct Splitter {
    kernel: Kernel,
    width: usize,
}

impl RowWeights {
    /// Lays out the weights of some columns; `ranks` says for all columns which of equal claims comes first, and
    /// holds no number twice.
    pub fn new(columns: Vec<usize>, weights: Weights, ranks: &Arc<[u32]>) -> RowWeights {
        let width = row_width(ranks.len());
        let form = match weights.narrow() {
            Some((own, _)) if own.iter().all(|weight| *weight == own[0]) => {
                let mut queue = columns.clone();
                queue.sort_unstable_by_key(|column| ranks[*column]);
                let (mut places, mut count) = (vec![ABSENT; width], 0);
                for (place, column) in (1..).zip(&queue) {
                    (places[*column], count) = (place, place);
                }
                Form::Equal { places, count }
            }
            Some((own, sum)) => {
                let mut by_column = vec![0; width];
                columns.iter().zip(own).for_each(|(column, weight)| by_column[*column] = *weight);
                KernelWeights::new(&by_column, sum).map_or(Form::Plain, Form::Kernel)
            }
            None => Form::Plain,
        };
        RowWeights { columns, weights, ranks: Arc::clone(ranks), form }
    }

    /// The columns that take part, in order.
    pub fn columns(&self) -> &[usize] {
        &self.columns
    }

    /// Their weights.
    pub fn weights(&self) -> &Weights {
        &self.weights
    }

    /// Which of equal claims comes first, for the columns that take part.
    pub fn ranks(&self) -> Vec<u32> {
        self.columns.iter().map(|column| self.ranks[*column]).collect()
    }
}

impl Splitter {
    /// For rows of so many columns.
    pub fn new(columns: usize) -> Splitter {
        let width = row_width(columns);
        Splitter { kernel: Kernel::new(width), width }
    }

    /// Splits `total` units over a row, which is [`row_width`] wide and is written whole. The shares sum to the
    /// total, as [`split`] has them.
    ///
    /// ```
    /// use fordel::ground::rows::{RowWeights, Splitter, row_width};
    /// use fordel::ground::split::Weights;
    /// let weights = Weights::from_integers(&[5, 3, 1]).unwrap();
    /// let weights = RowWeights::new(vec![0, 1, 3], weights, &[0, 1, 2, 3].into());
    /// let mut row = vec![0; row_width(4)];
    /// Splitter::new(4).split(100, &weights, &mut row);
    /// assert_eq!(row[..4], [56, 33, 0, 11]);
    /// ```
    ///
    /// # Panics
    /// When the row or the weights are of another width, which is a fault of the caller.
    pub fn split(&mut self, total: i64, weights: &RowWeights, row: &mut [i64]) {
        assert!(row.len() == self.width && row_width(weights.ranks.len()) == self.width, "one width");
        let size = total.unsigned_abs();
        let done = match (&weights.form, i64::try_from(size)) {
            (Form::Equal { places, count }, Ok(size)) => {
                self.kernel.share_equally(size / count, size % count, places, row);
                true
            }
            (Form::Kernel(kernel_weights), _) => self.kernel.split(size, kernel_weights, &weights.ranks, row),
            _ => false,
        };
        if !done {
            return plainly(total, weights, row);
        }
        if total < 0 {
            row.iter_mut().for_each(|share| *share = share.wrapping_neg());
        }
    }
}

/// The same by the plain path.
fn plainly(total: i64, weights: &RowWeights, row: &mut [i64]) {
    row.fill(0);
    let shares = split(total.into(), &weights.weights, &weights.ranks());
    for (column, share) in weights.columns.iter().zip(shares) {
        #[expect(clippy::expect_used, reason = "a share is never larger than the total")]
        let share = i64::try_from(share).expect("no share is larger than the total");
        row[*column] = share;
    }
}
