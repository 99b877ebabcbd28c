//! Putting a part that was walked again in the place of what stood for it. Only rows, ledgers and lists of the part
//! are touched, whatever the size of the whole.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::{IntoParallelIterator, ParallelIterator};

use crate::ground::cells::{Cell, Cells, CellsMut};
use crate::ground::sums::sums_of_rows;
use crate::model::grant::GrantIx;
use crate::model::measure::MeasureIx;
use crate::model::reserve::ReserveIx;
use crate::model::scenario::FundSource;

use super::budget::{Budget, Charge, Draw, Payout, YearBudget};
use super::groups::Selection;
use super::rows::SHARES_ALONE_MAX;

impl Budget {
    /// Takes over the figures of a part.
    pub(super) fn replace(&mut self, selection: &Selection, part: &Budget) {
        let mut held = self.detach();
        let cells = Arc::make_mut(&mut held);
        if part.billed.iter().any(|walked| walked.rows.view().cells.is_wide()) {
            cells.widen();
        }
        match cells.view_mut() {
            CellsMut::Narrow(cells) => self.replace_in(cells, selection, part),
            CellsMut::Wide(cells) => self.replace_in(cells, selection, part),
        }
        self.walks_mut().for_each(|walked| walked.rows.attach(&held));
    }

    /// The same with the cells of all years, which are wide where those of the part are.
    fn replace_in<C: Cell>(&mut self, mut rest: &mut [C], selection: &Selection, part: &Budget) {
        let years = self.billed.iter_mut().zip(&mut self.actual);
        let mut pieces = Vec::with_capacity(part.billed.len());
        for ((billed, actual), (new_billed, new_actual)) in years.zip(part.billed.iter().zip(&part.actual)) {
            // The walks lie in memory one after the other.
            for (walked, new) in
                std::iter::once((billed, new_billed)).chain(actual.iter_mut().map(|actual| {
                    // A part without actual figures of its own has come to the same by both walks.
                    (actual, new_actual.as_ref().unwrap_or(new_billed))
                }))
            {
                let (own, after) = rest.split_at_mut(walked.rows.range().len());
                rest = after;
                pieces.push((walked, own, new));
            }
        }
        let replace = |(walked, own, new): (&mut YearBudget, &mut [C], &YearBudget)| {
            replace_year(walked, own, new, selection);
        };
        let width = pieces.first().map_or(0, |(walked, ..)| walked.rows.shape().width());
        if selection.measures.len() * width * pieces.len() > SHARES_ALONE_MAX {
            pieces.into_par_iter().for_each(replace);
        } else {
            pieces.into_iter().for_each(replace);
        }
    }

    /// The cells of all years, held by nobody else where this budget was the only one that held them.
    pub(super) fn detach(&mut self) -> Arc<Cells> {
        self.walks_mut().filter_map(|walked| walked.rows.detach()).last().unwrap_or_default()
    }

    pub(super) fn walks_mut(&mut self) -> impl Iterator<Item = &mut YearBudget> {
        self.billed.iter_mut().chain(self.actual.iter_mut().flatten())
    }
}

/// Takes over a year of a part: its rows into the cells of the year, and everything else.
fn replace_year<C: Cell>(whole: &mut YearBudget, cells: &mut [C], part: &YearBudget, selection: &Selection) {
    let (rows, shape) = (part.rows.view(), whole.rows.shape());
    let stands = selection.measures.iter().map(|index| &cells[shape.row(*index)]);
    let before = sums_of_rows(stands, shape.width()).by_column;
    for (position, index) in selection.measures.iter().enumerate() {
        C::view_mut(&mut cells[shape.row(*index)]).copy_from(rows.row(MeasureIx(position)));
    }
    let totals = Arc::make_mut(&mut whole.totals).iter_mut();
    for (total, (after, before)) in totals.zip(part.totals.iter().zip(before)) {
        *total += after - before;
    }
    for (index, figures) in selection.measures.iter().zip(&part.measures) {
        whole.measures[index.0] = *figures;
    }
    for (grant, ledger) in selection.grants.iter().zip(&part.grants) {
        whole.grants[*grant] = ledger.clone();
    }
    for (reserve, ledger) in selection.reserves.iter().zip(&part.reserves) {
        whole.reserves[*reserve] = *ledger;
    }
    replace_lists(whole, part, selection);
}

/// Takes over what is listed: draws, charges, payouts, and what there is for some measures only.
fn replace_lists(whole: &mut YearBudget, part: &YearBudget, selection: &Selection) {
    let measure = |index: MeasureIx| selection.measures[index.0];
    let source = |source: FundSource| match source {
        FundSource::Grant(grant) => FundSource::Grant(GrantIx(selection.grants[grant.0])),
        FundSource::Reserve(reserve) => FundSource::Reserve(ReserveIx(selection.reserves[reserve.0])),
    };
    let has = |index: MeasureIx| selection.measures.binary_search(&index).is_ok();
    let drew = |index: &MeasureIx| whole.draws.binary_search_by_key(index, |draw| draw.measure).is_ok();
    if !part.draws.is_empty() || selection.measures.iter().any(drew) {
        whole.draws.retain(|draw| !has(draw.measure));
        let draws = part.draws.iter().cloned();
        whole.draws.extend(draws.map(|draw| Draw {
            measure: measure(draw.measure),
            source: source(draw.source),
            ..draw
        }));
        whole.draws.sort_by_key(|draw| (draw.measure, draw.step));
    }
    whole.charges.retain(|charge| !has(charge.from));
    whole.charges.extend(part.charges.iter().map(|charge| Charge {
        from: measure(charge.from),
        to: measure(charge.to),
        amount: charge.amount,
    }));
    whole.charges.sort_by_key(|charge| charge.from);
    let reserve = |index: ReserveIx| ReserveIx(selection.reserves[index.0]);
    whole.payouts.retain(|payout| selection.reserves.binary_search(&payout.reserve.0).is_err());
    whole
        .payouts
        .extend(part.payouts.iter().map(|payout| Payout { reserve: reserve(payout.reserve), ..*payout }));
    whole.payouts.sort_by_key(|payout| payout.reserve);
    replace_entries(&mut whole.buy_ins, &part.buy_ins, selection);
    replace_entries(&mut whole.brought_forward, &part.brought_forward, selection);
    replace_entries(&mut whole.behind, &part.behind, selection);
}

fn replace_entries<T: Clone>(
    whole: &mut BTreeMap<MeasureIx, T>,
    part: &BTreeMap<MeasureIx, T>,
    selection: &Selection,
) {
    whole.retain(|index, _| selection.measures.binary_search(index).is_err());
    whole.extend(part.iter().map(|(index, entry)| (selection.measures[index.0], entry.clone())));
}
