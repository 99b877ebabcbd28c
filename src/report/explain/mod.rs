//! Why a figure is what it is: the certificate of any figure of the long table, as a tree of lines that ends in the
//! documentation of the rules. It is worked out for the asked figure alone, from the budget and by the functions that
//! made it.
//!
//! Deliberately absent: any figure that is not in the long table. What is shown is what was computed.

use std::sync::Arc;

use crate::engine::books::Books;
use crate::engine::walk::Outcome;
use crate::ground::money::{Money, TooLarge};
use crate::ground::numerals::money_norwegian;
use crate::ground::source::Sources;
use crate::model::inputs::Inputs;
use crate::model::measure::MeasureIx;
use crate::model::party::PartyIx;
use crate::model::scenario::Scenario;
use crate::model::years::Year;

use super::figures::{FigureKey, FigureKind, Figures};
use super::language::Language;

use node::{Node, Role};

pub mod annex;
pub mod certificate_json;
pub mod node;
pub mod question;
pub mod tree;

mod besides;
mod charges;
mod cost;
mod draws;
mod faults;
mod grants;
mod key;
mod parties;
mod reserves;
mod rounding;
mod rules;
mod share;
mod titles;

/// What certificates are made from.
#[derive(Clone, Copy)]
pub struct Case<'c> {
    /// The budget and what it was made from.
    pub outcome: &'c Outcome,
    /// The texts.
    pub inputs: &'c Inputs,
    /// The long table.
    pub figures: &'c Figures,
    /// The language of every line. Rules, names and what users have written stay as they are.
    pub language: Language,
}

/// The certificate of a figure; none where the budget has no such figure.
///
/// # Errors
/// [`TooLarge`] when a number does not fit, which the run would have met before.
pub fn certificate(case: &Case<'_>, key: &FigureKey) -> Result<Option<Node>, TooLarge> {
    let Some(amount) = case.figures.get(key) else { return Ok(None) };
    let made = match key.year {
        None => Some(over_years(case, key)?),
        Some(year) => match case.scenario().years.index(year) {
            Some(year_index) => case.of_year(key, year_index)?,
            None => None,
        },
    };
    let text = titles::title(case, key, amount);
    let made = made.unwrap_or_default();
    Ok(Some(Node { text, number: Node::money(amount, "").number, figure: Some(key.clone()), ..made }))
}

/// The sum of a figure over all years.
fn over_years(case: &Case<'_>, key: &FigureKey) -> Result<Node, TooLarge> {
    let years = case.scenario().years.iter();
    let of_year = |year: Year| {
        let key = FigureKey { year: Some(year), ..key.clone() };
        Some(case.reference(&key, &year.to_string())?.plus())
    };
    Ok(Node::new("").with(years.filter_map(of_year)))
}

impl<'c> Case<'c> {
    fn scenario(&self) -> &'c Arc<Scenario> {
        &self.outcome.scenario
    }

    fn sources(&self) -> &'c Sources {
        &self.inputs.sources
    }

    /// A figure that is explained by itself when it is asked for.
    fn reference(&self, key: &FigureKey, words: &str) -> Option<Node> {
        let amount = self.figures.get(key)?;
        Some(Node::money(amount, format!("{words} {}", money_norwegian(amount))).figure(key.clone()))
    }

    fn key(&self, year: Year, kind: FigureKind, subject: &str, party: &str) -> FigureKey {
        FigureKey { year: Some(year), kind, subject: subject.to_owned(), party: party.to_owned() }
    }

    fn measure_of(&self, key: &FigureKey) -> Option<MeasureIx> {
        self.scenario().measures.iter().position(|measure| measure.id == key.subject).map(MeasureIx)
    }

    fn party_of(&self, key: &FigureKey) -> Option<PartyIx> {
        let mut parties = self.scenario().parties.iter();
        parties.find(|(_, party)| party.id == key.party).map(|(party, _)| party)
    }

    fn party_name(&self, party: PartyIx) -> &'c str {
        &self.outcome.scenario.parties.get(party).name
    }

    fn measure_title(&self, measure: MeasureIx) -> &'c str {
        &self.outcome.scenario.measures[measure.0].title
    }

    /// The certificate of a figure of a year, whose own line is written by the caller.
    fn of_year(&self, key: &FigureKey, year_index: usize) -> Result<Option<Node>, TooLarge> {
        let billed = Books::billed(self.outcome, year_index);
        let closing = Books::closing(self.outcome, year_index);
        if key.kind.is_of_a_fund() {
            let grants = self.scenario().grants.iter();
            let made = match grants.clone().position(|grant| grant.id == key.subject) {
                Some(grant) => Some(grants::figure(self, &closing, key.kind, grant)?),
                None => reserves::figure(self, &closing, key)?,
            };
            return Ok(made);
        }
        if matches!(key.kind, FigureKind::Total | FigureKind::Payable) {
            return Ok(Some(parties::in_all(self, &billed, key)?));
        }
        let Some(measure) = self.measure_of(key) else {
            return Ok(Some(cost::tagged_over_measures(self, &billed, &key.party)));
        };
        let books = match key.kind {
            FigureKind::ActualGross | FigureKind::ActualNet | FigureKind::ActualShare => {
                Books::actual(self.outcome, year_index).unwrap_or(billed)
            }
            _ => billed,
        };
        use FigureKind as F;
        let party = self.party_of(key);
        Ok(match (key.kind, party) {
            (F::Gross | F::ActualGross, _) => {
                let gross = cost::gross(self, &books, measure).role(Role::Result);
                Some(Node::new("").with([gross]).with(rules::of_cost(self, &books, measure)))
            }
            (F::Lines, _) => Some(cost::lines(self, &books, measure, &key.party)),
            (F::Tagged, _) => Some(cost::tagged(self, &books, measure, &key.party)),
            (F::InKind, _) => Some(cost::in_kind(self, &books, measure)),
            (F::Received, _) => Some(charges::received(self, &books, measure)?),
            (F::Charge, _) => Some(charges::charge(self, &books, measure, &key.party)?),
            (F::Draw, _) => Some(draws::of_measure(self, &books, measure, &key.party)?),
            (F::Net | F::ActualNet, _) => {
                Some(cost::net(self, &books, measure)?.with(rules::of_cost(self, &books, measure)))
            }
            (F::Billed, _) => Some(cost::billed(self, &books, measure)?),
            (F::Residual, _) => Some(cost::residual(self, &books, measure)?),
            (F::Settlement, None) => Some(besides::settlements(self, &books, measure)?),
            (F::Share | F::ActualShare, Some(party)) => Some(share::share(self, &books, measure, party)?),
            (F::Settlement, Some(party)) => Some(besides::settlement(self, &books, measure, party)?),
            (F::Instalment(number), Some(party)) => {
                Some(besides::instalment(self, &books, measure, party, number))
            }
            (F::BroughtForward, Some(party)) => Some(besides::brought_forward(self, &books, measure, party)?),
            (F::BuyIn, Some(party)) => besides::buy_in(self, &books, measure, party)?,
            _ => None,
        })
    }
}

/// An amount without its sign.
fn size(amount: Money) -> Money {
    Money::from_ore(amount.ore().saturating_abs())
}
