//! What the years that are looked at have besides the matrix: charges, tags, what is payable in all, instalments, and
//! settlements. Of the measures and parties of the page, since there may be very many.

use std::collections::BTreeSet;

use crate::engine::budget::{Budget, YearBudget};
use crate::engine::walk::Outcome;
use crate::ground::money::{Money, TooLarge};
use crate::model::measure::{Measure, MeasureIx};
use crate::model::party::PartyIx;
use crate::model::scenario::Scenario;

use super::numbers::Manner;
use super::selection::Selection;
use super::sides::Sides;
use super::table::{Column, Draft, Entry, Table};
use super::words::{Words, filled};

/// What the tables are of.
struct Scope<'s> {
    scenario: &'s Scenario,
    budget: &'s Budget,
    measures: Vec<(MeasureIx, &'s Measure)>,
    parties: Vec<(PartyIx, &'s str)>,
    note: String,
    manner: Manner,
    words: &'s Words,
}

/// The tables of the years that are looked at, besides settlements; then the settlements.
///
/// # Errors
/// [`TooLarge`] when a sum does not fit.
pub fn tables(
    outcome: &Outcome,
    sides: &Sides<'_>,
    selection: &Selection<'_, '_>,
    (manner, words): (Manner, &Words),
) -> Result<(Vec<Table>, Vec<Table>), TooLarge> {
    let scenario: &Scenario = &outcome.scenario;
    let measures = selection.measures.iter().filter_map(|own| own.now);
    let scope = Scope {
        scenario,
        budget: &outcome.budget,
        measures: measures.map(|index| (index, scenario.measures[index.0].as_ref())).collect(),
        parties: selection.parties.iter().filter_map(|(_, own)| Some((own.now?, own.title))).collect(),
        note: if selection.is_all() { String::new() } else { words.only_page.to_owned() },
        manner,
        words,
    };
    let (mut besides, mut settlements) = (Vec::new(), Vec::new());
    let years = sides.year_positions();
    if years.len() > 1 {
        besides.extend(scope.by_year(years)?);
    }
    for &year_index in years {
        let walked = &outcome.budget.billed[year_index];
        let year = if years.len() > 1 { format!(" {}", walked.year) } else { String::new() };
        let drafts = [
            scope.charges(walked),
            scope.tags(walked)?,
            scope.payable(year_index)?,
            scope.instalments(walked)?,
        ];
        for mut draft in drafts {
            draft.table.title.push_str(&year);
            draft.table.id.push_str(&format!(":{}", walked.year));
            besides.extend(scope.written(draft));
        }
        settlements.extend(scope.settlement(year_index)?);
        settlements.extend(scope.actual(year_index)?);
    }
    Ok((besides, settlements))
}

impl Scope<'_> {
    fn written(&self, mut draft: Draft) -> Option<Table> {
        draft.table.note.clone_from(&self.note);
        draft.written(self.manner)
    }

    fn title(&self, measure: MeasureIx) -> &str {
        &self.scenario.measures[measure.0].title
    }

    fn charges(&self, walked: &YearBudget) -> Draft {
        let words = self.words;
        let mut draft = Draft::new("charges", words.charged, words.measure, &[words.amount]);
        draft.table.columns.insert(0, Column { title: words.to.to_owned(), words: true });
        let shown: BTreeSet<MeasureIx> = self.measures.iter().map(|(index, _)| *index).collect();
        for charge in walked.charges.iter().filter(|charge| shown.contains(&charge.from)) {
            let cells = vec![Entry::Words(self.title(charge.to).to_owned()), Entry::Money(charge.amount)];
            draft.add_entries(self.title(charge.from), "plain", cells);
        }
        draft
    }

    fn tags(&self, walked: &YearBudget) -> Result<Draft, TooLarge> {
        let mut of_measures = Vec::new();
        for (_, measure) in &self.measures {
            let tagged = measure.tagged(walked.version, walked.year)?;
            if !tagged.is_empty() {
                of_measures.push((measure, tagged));
            }
        }
        let tags: BTreeSet<&str> = of_measures.iter().flat_map(|(_, own)| own.keys().copied()).collect();
        let tags: Vec<&str> = tags.into_iter().collect();
        let mut draft = Draft::new("tags", self.words.tags, self.words.measure, &tags);
        for (measure, tagged) in &of_measures {
            let amounts = tags.iter().map(|tag| tagged.get(tag).copied().unwrap_or_default());
            draft.add(measure.title.clone(), "plain", amounts);
        }
        draft.add_sum(self.words.sum)?;
        Ok(draft)
    }

    /// Shares, buy-ins, what is brought forward and payouts, where there is more than shares.
    fn payable(&self, year_index: usize) -> Result<Draft, TooLarge> {
        let (words, walked) = (self.words, &self.budget.billed[year_index]);
        let closing = self.budget.closing_walk(year_index);
        if walked.buy_ins.is_empty() && walked.brought_forward.is_empty() && closing.payouts.is_empty() {
            return Ok(Draft::default());
        }
        let mut columns = vec![words.shares.to_owned()];
        let titled = |label: &str, title: &str| filled(label, &[("title", title)]);
        columns.extend(walked.buy_ins.keys().map(|index| titled(words.buy_in, self.title(*index))));
        columns.extend(
            walked.brought_forward.keys().map(|index| titled(words.brought_forward, self.title(*index))),
        );
        let paid: BTreeSet<usize> = closing.payouts.iter().map(|payout| payout.reserve.0).collect();
        columns.extend(
            paid.iter().map(|index| titled(words.paid_out_of, &self.scenario.reserves[*index].title)),
        );
        columns.push(words.payable.to_owned());
        let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
        let mut draft = Draft::new("payable", words.payable, words.party, &columns);
        for (party, name) in &self.parties {
            let mut amounts = vec![walked.party_total(*party)?];
            amounts.extend(walked.buy_ins.values().map(|own| own.amounts[party.0]));
            amounts.extend(walked.brought_forward.values().map(|own| own[party.0]));
            for reserve in &paid {
                let payouts = closing.payouts.iter();
                let own = payouts.filter(|own| own.reserve.0 == *reserve && own.party == *party);
                amounts.push(Money::ZERO.minus(Money::sum(own.map(|own| own.amount))?)?);
            }
            amounts.push(walked.payable(*party, &closing.payouts)?);
            draft.add(*name, "plain", amounts);
        }
        draft.add_sum(words.sum)?;
        Ok(draft)
    }

    /// Each instalment of a party over all measures that are paid in instalments.
    fn instalments(&self, walked: &YearBudget) -> Result<Draft, TooLarge> {
        let is_paid = |(index, own): &&(MeasureIx, &Measure)| {
            own.instalments.is_some() && walked.measures[index.0].active
        };
        let paid: Vec<&(MeasureIx, &Measure)> = self.measures.iter().filter(is_paid).collect();
        let count = paid.iter().filter_map(|(_, measure)| measure.instalments).max().unwrap_or(0);
        let numbers: Vec<String> = (1..=count).map(|number| number.to_string()).collect();
        let columns: Vec<&str> = numbers.iter().map(String::as_str).chain([self.words.sum]).collect();
        let mut draft = Draft::new("instalments", self.words.instalments, self.words.party, &columns);
        if count < 2 {
            return Ok(draft);
        }
        for (party, name) in &self.parties {
            let mut sums = vec![Money::ZERO; usize::from(count)];
            for (index, measure) in &paid {
                for (sum, part) in sums.iter_mut().zip(walked.instalments(measure, *index, *party)) {
                    *sum = sum.plus(part)?;
                }
            }
            sums.push(Money::sum(sums.iter().copied())?);
            draft.add(*name, "plain", sums);
        }
        draft.add_sum(self.words.sum)?;
        Ok(draft)
    }

    /// What each party is to pay in each year and in all of them together.
    fn by_year(&self, years: &[usize]) -> Result<Option<Table>, TooLarge> {
        let names: Vec<String> =
            years.iter().map(|index| self.budget.billed[*index].year.to_string()).collect();
        let columns: Vec<&str> = names.iter().map(String::as_str).chain([self.words.sum]).collect();
        let mut draft = Draft::new("by-year", self.words.by_year, self.words.party, &columns);
        for (party, name) in &self.parties {
            let mut amounts = Vec::with_capacity(years.len() + 1);
            for index in years {
                let payouts = &self.budget.closing_walk(*index).payouts;
                amounts.push(self.budget.billed[*index].payable(*party, payouts)?);
            }
            amounts.push(Money::sum(amounts.iter().copied())?);
            draft.add(*name, "plain", amounts);
        }
        draft.add_sum(self.words.sum)?;
        Ok(self.written(draft))
    }

    fn settled(&self, year_index: usize) -> Vec<&(MeasureIx, &Measure)> {
        let is_settled =
            |(index, own): &&(MeasureIx, &Measure)| self.budget.is_settled(year_index, own, *index);
        self.measures.iter().filter(is_settled).collect()
    }

    /// Actual share − billed share of each party, by measure; parties stand under each other.
    fn settlement(&self, year_index: usize) -> Result<Option<Table>, TooLarge> {
        let settled = self.settled(year_index);
        let year = self.budget.billed[year_index].year.to_string();
        let title = filled(self.words.settlement, &[("year", &year)]);
        let titles = settled.iter().map(|(_, own)| own.title.as_str());
        let columns: Vec<&str> = titles.chain([self.words.sum]).collect();
        let mut draft = Draft::new(format!("settlement:{year}"), title, self.words.party, &columns);
        if settled.is_empty() {
            return Ok(None);
        }
        for (party, name) in &self.parties {
            let mut amounts = Vec::with_capacity(columns.len());
            for (index, _) in &settled {
                amounts.push(self.budget.settlement(year_index, *index, *party)?.unwrap_or_default());
            }
            amounts.push(Money::sum(amounts.iter().copied())?);
            draft.add(*name, "plain", amounts);
        }
        draft.add_sum(self.words.sum)?;
        Ok(self.written(draft))
    }

    /// Budget and actual figures of the measures that are settled.
    fn actual(&self, year_index: usize) -> Result<Option<Table>, TooLarge> {
        let words = self.words;
        let (billed, Some(actual)) = (&self.budget.billed[year_index], &self.budget.actual[year_index])
        else {
            return Ok(None);
        };
        let title = filled(words.actual, &[("year", &billed.year.to_string())]);
        let columns = [
            words.gross,
            words.actual_gross,
            words.net,
            words.actual_net,
            words.billed,
            words.actual_shares,
            words.settled,
        ];
        let mut draft = Draft::new(format!("actual:{}", billed.year), title, words.measure, &columns);
        for (index, measure) in self.settled(year_index) {
            let (of_budget, of_accounts) = (&billed.measures[index.0], &actual.measures[index.0]);
            let amounts = [
                of_budget.gross,
                of_accounts.gross,
                of_budget.net,
                of_accounts.net,
                of_budget.billed,
                of_accounts.billed,
                self.budget.overspend(year_index, *index)?,
            ];
            draft.add(measure.title.clone(), "plain", amounts);
        }
        draft.add_sum(words.sum)?;
        Ok(self.written(draft))
    }
}
