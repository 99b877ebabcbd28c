//! Other keys for measures of a budget that stands, where nothing but their shares depends on them: their rows are
//! split again, and costs, draws and ledgers stand as they are.

use std::sync::Arc;

use rayon::prelude::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};

use crate::ground::cells::{Cell, Cells, CellsMut};
use crate::ground::money::Money;
use crate::ground::rows::row_width;
use crate::ground::sums::ColumnSums;
use crate::model::measure::{Measure, MeasureIx};
use crate::model::scenario::Scenario;
use crate::rules::plan::{KeyPatch, Plan};

use super::budget::{Budget, MeasureBudget, YearBudget};
use super::keys::ReadyKeys;
use super::row_maker::Desk;
use super::rows::SHARES_ALONE_MAX;

/// Rows that can be split again without anything else.
pub(super) struct Resplit<'r> {
    scenario: &'r Scenario,
    patch: &'r KeyPatch,
    /// Those of the patch.
    keys: &'r ReadyKeys,
}

impl<'r> Resplit<'r> {
    /// Looks whether the keys of a patch change nothing but rows, and cannot be refused; `keys` are those of the patch,
    /// reduced.
    pub(super) fn new(
        scenario: &'r Scenario,
        plan: &Plan,
        budget: &Budget,
        (patch, keys): (&'r KeyPatch, &'r ReadyKeys),
    ) -> Option<Resplit<'r>> {
        plan.assert_made_for(patch);
        let own = Resplit { scenario, patch, keys };
        let alone = |index: &MeasureIx| depends_on_nothing(&scenario.measures[index.0]);
        let nothing_settled = budget.actual.iter().all(Option::is_none);
        let holds = nothing_settled
            && patch.measures.iter().all(alone)
            && budget.billed.iter().enumerate().all(|(year, walked)| own.is_one_split_in(year, walked));
        holds.then_some(own)
    }

    /// Whether every row of a year billed its net cost and nothing else, and will be one split.
    fn is_one_split_in(&self, year_index: usize, walked: &YearBudget) -> bool {
        let is_wide = walked.rows.view().cells.is_wide();
        self.patch.measures.iter().enumerate().all(|(position, index)| {
            let figures = &walked.measures[index.0];
            let MeasureBudget { active, net, billed, residual, host_part, .. } = *figures;
            if !active {
                return true;
            }
            let billed_net = billed == net && residual.is_zero() && host_part.is_zero();
            let unit = self.scenario.measures[index.0].round_to;
            let key = self.patch.key(year_index, position);
            let split = key.and_then(|key| self.keys.one_split(key));
            let is_one_split = split.is_some_and(|split| split.takes(net, unit));
            // No share is larger than what is shared.
            let fits = is_wide || i32::try_from(net.ore()).is_ok_and(|net| net > i32::MIN);
            billed_net && is_one_split && fits
        })
    }

    /// Splits the rows of a year: gives each to `keep`, and the sums of their columns.
    pub(super) fn split_year(
        &self,
        year_index: usize,
        walked: &YearBudget,
        desk: &mut Desk,
        mut keep: impl FnMut(MeasureIx, &[i64]),
    ) -> ColumnSums {
        let mut sums = ColumnSums::new(self.scenario.parties.count());
        for (position, index) in self.patch.measures.iter().enumerate() {
            let MeasureBudget { active, net, .. } = walked.measures[index.0];
            let key = self.patch.key(year_index, position).filter(|_| active);
            let Some(key) = key else { continue };
            let unit: Money = self.scenario.measures[index.0].round_to;
            let split = self.keys.one_split(key).expect("a row that is one split, as was looked up before");
            split.split_row(net, unit, &mut desk.splitter, &mut desk.row);
            sums.add(&desk.row);
            keep(*index, &desk.row);
        }
        sums
    }

    /// Splits the rows of all years and puts them in the place of the old ones; gives by year what the parties pay for
    /// all other measures.
    pub(super) fn put_into(&self, budget: &mut Budget) -> Vec<Vec<i128>> {
        let mut held = budget.detach();
        let cells: &mut Cells = Arc::make_mut(&mut held);
        let others = match cells.view_mut() {
            CellsMut::Narrow(cells) => self.put_into_cells(budget, cells),
            CellsMut::Wide(cells) => self.put_into_cells(budget, cells),
        };
        budget.walks_mut().for_each(|walked| walked.rows.attach(&held));
        others
    }

    fn put_into_cells<C: Cell>(&self, budget: &mut Budget, mut rest: &mut [C]) -> Vec<Vec<i128>> {
        let mut years = Vec::with_capacity(budget.billed.len());
        for walked in &mut budget.billed {
            let (own, after) = rest.split_at_mut(walked.rows.range().len());
            rest = after;
            years.push((walked, own));
        }
        let parties = self.scenario.parties.count();
        let put = |desk: &mut Desk, (year_index, (walked, cells)): (usize, (&mut YearBudget, &mut [C]))| {
            self.put_year(year_index, walked, cells, desk)
        };
        if self.patch.measures.len() * row_width(parties) * years.len() > SHARES_ALONE_MAX {
            years.into_par_iter().enumerate().map_init(|| Desk::new(parties), put).collect()
        } else {
            let mut desk = Desk::new(parties);
            years.into_iter().enumerate().map(|year| put(&mut desk, year)).collect()
        }
    }

    fn put_year<C: Cell>(
        &self,
        year_index: usize,
        walked: &mut YearBudget,
        cells: &mut [C],
        desk: &mut Desk,
    ) -> Vec<i128> {
        let shape = walked.rows.shape();
        let mut before = ColumnSums::new(walked.totals.len());
        self.patch.measures.iter().for_each(|index| before.add(&cells[shape.row(*index)]));
        let after = self.split_year(year_index, walked, desk, |index, row| {
            assert!(C::store(row, &mut cells[shape.row(index)]), "no share is larger than what is shared");
        });
        let others: Vec<i128> = before.taken_from(&walked.totals);
        walked.totals = after.added_to(&others);
        others
    }
}

/// Whether nothing but the shares of a measure depends on its key.
fn depends_on_nothing(measure: &Measure) -> bool {
    !measure.with_memory && measure.instalments.is_none() && !measure.is_busy()
}
