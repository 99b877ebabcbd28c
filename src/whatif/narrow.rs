//! A difference narrowed to some parties, measures and years. Nobody's amounts change: what is narrowed away is added up
//! and stands as one party, measure or year of its own, so that every sum still closes.

use crate::ground::money::TooLarge;
use crate::ground::ratio::Ratio;

use super::difference::{Difference, Pair, Per, Period, Rest, Side, Subject};
use super::figure::{Figure, SETTLEMENT};

/// What is looked at, by positions; none stands for everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Narrow {
    /// Which periods.
    pub periods: Option<Vec<usize>>,
    /// Which measures.
    pub measures: Option<Vec<usize>>,
    /// Which parties.
    pub parties: Option<Vec<usize>>,
}

/// The name of all parties that are not looked at.
pub const OTHER_PARTIES: &str = "Other parties";
/// The name of all measures that are not looked at.
pub const OTHER_MEASURES: &str = "Other measures";

/// The name of all years that are not looked at.
pub const OTHER_YEARS: &str = "Other years";

/// What is looked at, one by one, and then the rest together, where there is any.
pub(super) struct Groups {
    /// By positions, the rest last.
    pub(super) groups: Vec<Vec<usize>>,
    /// Whether there is a rest.
    pub(super) has_rest: bool,
}

impl Groups {
    pub(super) fn new(chosen: Option<&[usize]>, count: usize) -> Groups {
        let Some(chosen) = chosen else {
            return Groups { groups: (0..count).map(|position| vec![position]).collect(), has_rest: false };
        };
        let (own, rest): (Vec<usize>, Vec<usize>) =
            (0..count).partition(|position| chosen.contains(position));
        let has_rest = !rest.is_empty();
        let alone = own.into_iter().map(|position| vec![position]);
        Groups { groups: alone.chain(has_rest.then_some(rest)).collect(), has_rest }
    }

    /// What stands for each group: the one that is in it, or a name for the rest.
    pub(super) fn stand_for<T>(&self, one: impl Fn(usize) -> T, rest: impl Fn() -> T) -> Vec<T> {
        let alone = self.groups.len() - usize::from(self.has_rest);
        let ones = self.groups[..alone].iter().flatten().map(|position| one(*position));
        ones.chain(self.has_rest.then(rest)).collect()
    }
}

impl Difference {
    /// The difference with everything that is not looked at added up: in the last period, measure and party. Of the other
    /// figures only those of what is looked at stay.
    ///
    /// # Errors
    /// [`TooLarge`] when a sum does not fit.
    pub fn narrowed(&self, to: &Narrow) -> Result<Difference, TooLarge> {
        let periods = Groups::new(to.periods.as_deref(), self.periods.len());
        let measures = Groups::new(to.measures.as_deref(), self.measures.len());
        let parties = Groups::new(to.parties.as_deref(), self.parties.len());
        let sum = |of_period: &[usize], of_measure: &[usize], of_party: &[usize]| {
            let rows =
                of_period.iter().flat_map(|period| of_measure.iter().map(|own| &self.cells[*period][*own]));
            Pair::sum(rows.flat_map(|row| of_party.iter().map(|party| row[*party])))
        };
        let row = |of_period: &[usize], of_measure: &[usize]| {
            parties.groups.iter().map(|of_party| sum(of_period, of_measure, of_party)).collect()
        };
        let rows = |of_period: &[usize]| {
            let rows = measures.groups.iter().map(|of_measure| row(of_period, of_measure));
            rows.collect::<Result<Vec<Vec<Pair>>, TooLarge>>()
        };
        Ok(Difference {
            currency: self.currency.clone(),
            cells: periods.groups.iter().map(|period| rows(period)).collect::<Result<_, TooLarge>>()?,
            periods: periods.stand_for(|position| self.periods[position], other_years),
            measures: measures.stand_for(|position| self.measures[position].clone(), || rest(OTHER_MEASURES)),
            parties: parties.stand_for(|position| self.parties[position].clone(), || rest(OTHER_PARTIES)),
            figures: self.figures_of(to, &periods),
            per: self.per.as_ref().map(|per| per_of_groups(per, &periods, &parties)),
            rest: Rest { periods: periods.has_rest, measures: measures.has_rest, parties: parties.has_rest },
        })
    }

    fn figures_of(&self, to: &Narrow, periods: &Groups) -> Vec<Figure> {
        let is_chosen = |chosen: &Option<Vec<usize>>, subjects: &[Subject], id: &str| {
            let Some(chosen) = chosen else { return true };
            chosen.iter().any(|position| subjects[*position].id == id)
        };
        let of_party = |figure: &Figure| figure.word == SETTLEMENT;
        let looked_at = |figure: &&Figure| {
            to.periods.as_ref().is_none_or(|chosen| chosen.contains(&figure.period))
                && is_chosen(&to.measures, &self.measures, &figure.subject)
                && (!of_party(figure) || is_chosen(&to.parties, &self.parties, &figure.party))
        };
        let moved = |figure: &Figure| {
            let period = periods.groups.iter().position(|group| group.contains(&figure.period));
            Figure { period: period.unwrap_or_default(), ..figure.clone() }
        };
        self.figures.iter().filter(looked_at).map(moved).collect()
    }
}

/// What stands for several others.
pub(super) fn rest(title: &str) -> Subject {
    Subject { id: String::new(), title: title.to_owned(), side: Side::Both }
}

/// What stands for several other years.
pub(super) fn other_years() -> Period {
    Period { before: None, after: None }
}

/// The values of several parties are added up where all have one; of several years the last one counts.
fn per_of_groups(per: &Per, periods: &Groups, parties: &Groups) -> Per {
    let value = |of_period: &[usize], of_party: &[usize]| {
        let row = &per.values[*of_period.last()?];
        of_party.iter().map(|party| row[*party].clone()).sum::<Option<Ratio>>()
    };
    let row = |period: &Vec<usize>| parties.groups.iter().map(|party| value(period, party)).collect();
    let values = periods.groups.iter().map(row).collect();
    Per { driver: per.driver.clone(), unit: per.unit.clone(), values }
}
