//! What is shown and what it is compared with, side by side: the measures and parties of either, known by their ids,
//! and amounts over the years that are looked at. Reads the budgets where they lie, since a view must not cost more
//! than what it shows.

use std::collections::{BTreeMap, BTreeSet};

use crate::engine::budget::{MeasureBudget, YearBudget};
use crate::engine::walk::Outcome;
use crate::ground::money::{Money, TooLarge};
use crate::ground::ratio::Ratio;
use crate::model::measure::MeasureIx;
use crate::model::party::PartyIx;
use crate::model::scenario::Scenario;
use crate::model::years::Year;
use crate::whatif::alteration::shift;
use crate::whatif::difference::PER_HEAD;

/// An amount, and what it was where something is compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amounts {
    /// What it is.
    pub now: Money,
    /// What it was; none where nothing is compared.
    pub before: Option<Money>,
}

/// A measure or party of either side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject<'v, I> {
    /// Its id.
    pub id: &'v str,
    /// Its name, as it is now if it still is.
    pub title: &'v str,
    /// Which it is now.
    pub now: Option<I>,
    /// Which it was.
    pub before: Option<I>,
}

/// A budget and the years of it that are looked at, by their positions.
struct Side<'v> {
    outcome: &'v Outcome,
    years: Vec<usize>,
}

/// Both sides.
pub struct Sides<'v> {
    now: Side<'v>,
    before: Option<Side<'v>>,
    /// The year that is looked at; all together without it.
    pub year: Option<Year>,
    /// The measures of either side that have anything in these years.
    pub measures: Vec<Subject<'v, MeasureIx>>,
    /// The parties of either side.
    pub parties: Vec<Subject<'v, PartyIx>>,
}

impl Amounts {
    /// What it changed by; none where nothing is compared.
    ///
    /// # Errors
    /// [`TooLarge`] when the difference does not fit.
    pub fn change(self) -> Result<Option<Money>, TooLarge> {
        self.before.map(|before| self.now.minus(before)).transpose()
    }

    /// The sum of two, side by side.
    ///
    /// # Errors
    /// [`TooLarge`] when a sum does not fit.
    pub fn plus(self, other: Amounts) -> Result<Amounts, TooLarge> {
        let before = match (self.before, other.before) {
            (Some(own), Some(more)) => Some(own.plus(more)?),
            (own, more) => own.or(more),
        };
        Ok(Amounts { now: self.now.plus(other.now)?, before })
    }

    /// This less the other, side by side.
    ///
    /// # Errors
    /// [`TooLarge`] when a difference does not fit.
    pub fn minus(self, other: Amounts) -> Result<Amounts, TooLarge> {
        let before = self.before.map(|own| own.minus(other.before.unwrap_or_default())).transpose()?;
        Ok(Amounts { now: self.now.minus(other.now)?, before })
    }
}

impl<'v> Side<'v> {
    fn walks(&self) -> impl Iterator<Item = &'v YearBudget> {
        let budget = &self.outcome.budget;
        self.years.iter().map(move |year| &budget.billed[*year])
    }

    fn measure(
        &self,
        measure: Option<MeasureIx>,
        figure: impl Fn(&MeasureBudget) -> Money,
    ) -> Result<Money, TooLarge> {
        let Some(measure) = measure else { return Ok(Money::ZERO) };
        Money::sum(self.walks().map(|walked| figure(&walked.measures[measure.0])))
    }

    fn share(&self, measure: Option<MeasureIx>, party: Option<PartyIx>) -> Result<Money, TooLarge> {
        let (Some(measure), Some(party)) = (measure, party) else { return Ok(Money::ZERO) };
        Money::sum(self.walks().map(|walked| walked.share(measure, party)))
    }

    fn party(&self, party: Option<PartyIx>) -> Result<Money, TooLarge> {
        let Some(party) = party else { return Ok(Money::ZERO) };
        let mut sum = Money::ZERO;
        for walked in self.walks() {
            sum = sum.plus(walked.party_total(party)?)?;
        }
        Ok(sum)
    }

    fn is_active(&self, measure: MeasureIx) -> bool {
        self.walks().any(|walked| walked.measures[measure.0].active)
    }
}

impl<'v> Sides<'v> {
    /// Puts two budgets side by side. A year that the budget does not have is all years.
    pub fn new(now: &'v Outcome, before: Option<&'v Outcome>, year: Option<Year>) -> Sides<'v> {
        let years = now.budget.years;
        let only = (years.count() == 1).then(|| years.first());
        let year = year.filter(|year| years.contains(*year)).or(only);
        let looked_at = |side: &'v Outcome, year: Option<Year>| -> Side<'v> {
            let years = side.budget.years;
            let positions = match year {
                Some(year) => years.index(year).into_iter().collect(),
                None => (0..years.count()).collect(),
            };
            Side { outcome: side, years: positions }
        };
        let before = before.map(|before| {
            let shift = shift(&before.scenario, &now.scenario);
            looked_at(before, year.map(|year| year - shift))
        });
        let now = looked_at(now, year);
        let measures = measures(&now, before.as_ref());
        let parties = parties(&now.outcome.scenario, before.as_ref().map(|side| &*side.outcome.scenario));
        Sides { now, before, year, measures, parties }
    }

    /// Whether anything is compared.
    pub fn is_compared(&self) -> bool {
        self.before.is_some()
    }

    /// The scenario that is shown.
    pub fn scenario(&self) -> &'v Scenario {
        &self.now.outcome.scenario
    }

    /// The years that are looked at, walked.
    pub fn walks(&self) -> impl Iterator<Item = &'v YearBudget> {
        self.now.walks()
    }

    /// The positions of the years that are looked at.
    pub fn year_positions(&self) -> &[usize] {
        &self.now.years
    }

    /// The years of the other side, walked; none where nothing is compared.
    pub fn walks_before(&self) -> impl Iterator<Item = &'v YearBudget> {
        self.before.iter().flat_map(Side::walks)
    }

    /// A figure of a measure.
    ///
    /// # Errors
    /// [`TooLarge`] when a sum does not fit.
    pub fn measure(
        &self,
        measure: &Subject<'v, MeasureIx>,
        figure: impl Fn(&MeasureBudget) -> Money,
    ) -> Result<Amounts, TooLarge> {
        let before = self.before.as_ref().map(|side| side.measure(measure.before, &figure)).transpose()?;
        Ok(Amounts { now: self.now.measure(measure.now, &figure)?, before })
    }

    /// What a party pays for a measure.
    ///
    /// # Errors
    /// [`TooLarge`] when a sum does not fit.
    pub fn share(
        &self,
        measure: &Subject<'v, MeasureIx>,
        party: &Subject<'v, PartyIx>,
    ) -> Result<Amounts, TooLarge> {
        let before = self.before.as_ref().map(|side| side.share(measure.before, party.before));
        Ok(Amounts { now: self.now.share(measure.now, party.now)?, before: before.transpose()? })
    }

    /// What a party pays for all measures.
    ///
    /// # Errors
    /// [`TooLarge`] when a sum does not fit.
    pub fn party(&self, party: &Subject<'v, PartyIx>) -> Result<Amounts, TooLarge> {
        let before = self.before.as_ref().map(|side| side.party(party.before)).transpose()?;
        Ok(Amounts { now: self.now.party(party.now)?, before })
    }

    /// A figure over all measures.
    ///
    /// # Errors
    /// [`TooLarge`] when a sum does not fit.
    pub fn over_measures(&self, figure: fn(&MeasureBudget) -> Money) -> Result<Amounts, TooLarge> {
        let mut sum = Amounts { now: Money::ZERO, before: self.before.as_ref().map(|_| Money::ZERO) };
        for measure in &self.measures {
            sum = sum.plus(self.measure(measure, figure)?)?;
        }
        Ok(sum)
    }

    /// Whether a party takes part in a measure in any of the years, now or before.
    pub fn takes_part(&self, measure: &Subject<'v, MeasureIx>, party: &Subject<'v, PartyIx>) -> bool {
        let in_side = |side: &Side<'v>, measure: Option<MeasureIx>, party: Option<PartyIx>| {
            let (Some(measure), Some(party)) = (measure, party) else { return false };
            let scenario = &side.outcome.scenario;
            scenario.measures[measure.0].key().is_some()
                && side.walks().any(|walked| scenario.months(measure, party, walked.year) > 0)
        };
        in_side(&self.now, measure.now, party.now)
            || self.before.as_ref().is_some_and(|side| in_side(side, measure.before, party.before))
    }

    /// How many inhabitants each party has, by party, in the last of the years that are looked at; none where no driver
    /// counts them.
    pub fn heads(&self) -> Option<Vec<Option<Ratio>>> {
        let scenario = self.scenario();
        let driver = PER_HEAD.iter().find_map(|id| scenario.driver(id))?.1;
        let values = driver.values(self.walks().last()?.year)?;
        Some(self.parties.iter().map(|party| values.of(party.now?)).collect())
    }
}

fn measures<'v>(now: &Side<'v>, before: Option<&Side<'v>>) -> Vec<Subject<'v, MeasureIx>> {
    let listed = |side: &Side<'v>| {
        let scenario: &'v Scenario = &side.outcome.scenario;
        let measures = scenario.measures.iter().enumerate();
        measures
            .map(|(index, own)| (own.id.as_str(), own.title.as_str(), MeasureIx(index)))
            .collect::<Vec<_>>()
    };
    let mut found = both(&listed(now), &before.map_or(vec![], listed));
    found.retain(|own| {
        own.now.is_some_and(|measure| now.is_active(measure))
            || own.before.is_some_and(|measure| before.is_some_and(|side| side.is_active(measure)))
    });
    found
}

fn parties<'v>(now: &'v Scenario, before: Option<&'v Scenario>) -> Vec<Subject<'v, PartyIx>> {
    let listed = |scenario: &'v Scenario| {
        scenario
            .parties
            .iter()
            .map(|(index, own)| (own.id.as_str(), own.name.as_str(), index))
            .collect::<Vec<_>>()
    };
    both(&listed(now), &before.map_or(vec![], listed))
}

/// What is in either list, in the order of the first and then of the second.
fn both<'v, I: Copy>(now: &[(&'v str, &'v str, I)], before: &[(&'v str, &'v str, I)]) -> Vec<Subject<'v, I>> {
    let earlier: BTreeMap<&str, I> = before.iter().map(|(id, _, index)| (*id, *index)).collect();
    let of_now = now.iter().map(|(id, title, index)| Subject {
        id,
        title,
        now: Some(*index),
        before: earlier.get(id).copied(),
    });
    let known: BTreeSet<&str> = now.iter().map(|(id, _, _)| *id).collect();
    let gone = before.iter().filter(|(id, _, _)| !known.contains(id)).map(|(id, title, index)| Subject {
        id,
        title,
        now: None,
        before: Some(*index),
    });
    of_now.chain(gone).collect()
}
