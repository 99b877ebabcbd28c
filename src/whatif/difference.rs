//! The difference between two budgets, or between two years of one: what each party pays for each measure before and
//! after, and every other figure on both sides. Parties and measures are those of either side, known by their ids.

use std::collections::{BTreeMap, BTreeSet};

use num_traits::Signed;

use crate::engine::budget::YearBudget;
use crate::engine::walk::Outcome;
use crate::ground::money::{Money, TooLarge};
use crate::ground::ratio::Ratio;
use crate::model::measure::MeasureIx;
use crate::model::scenario::Scenario;
use crate::model::years::Year;

use super::alteration::{party_of, shift, union};
use super::figure::{self, Figure};

/// An amount on both sides; nothing counts as zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pair {
    /// What it was.
    pub before: Money,
    /// What it is.
    pub after: Money,
}

/// A party or a measure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// Its id; empty for what stands for several others, or for no measure.
    pub id: String,
    /// Its name for people.
    pub title: String,
    /// Where it is.
    pub side: Side,
}

/// On which side something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// On both.
    Both,
    /// It was, and is no more.
    BeforeOnly,
    /// It is new.
    AfterOnly,
}

/// The years that are compared with each other; one that a side does not have is none. Where both are none, all years
/// that are not shown by themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// The year before.
    pub before: Option<Year>,
    /// The year after.
    pub after: Option<Year>,
}

/// By what driver a change is given per unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Per {
    /// The driver.
    pub driver: String,
    /// Its unit, where it has one.
    pub unit: Option<String>,
    /// By period, then by party: the value after, or before where there is none after.
    pub values: Vec<Vec<Option<Ratio>>>,
}

/// The difference between two budgets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The unit of amounts.
    pub currency: String,
    /// What is compared with what, in order.
    pub periods: Vec<Period>,
    /// The measures of either side. The last one may be none: what is paid besides shares.
    pub measures: Vec<Subject>,
    /// The parties of either side.
    pub parties: Vec<Subject>,
    /// What the parties pay: by period, then by measure, then by party.
    pub cells: Vec<Vec<Vec<Pair>>>,
    /// All other figures.
    pub figures: Vec<Figure>,
    /// By what changes are given per unit, where that is known.
    pub per: Option<Per>,
    /// What of it stands for several others.
    pub rest: Rest,
}

/// Whether the last period, measure and party stand for all that are not looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rest {
    /// The last period does.
    pub periods: bool,
    /// The last measure does.
    pub measures: bool,
    /// The last party does.
    pub parties: bool,
}

/// What is paid besides shares, as a measure.
pub const BESIDES: &str = "Buy-ins, brought forward, payouts";

/// All measures together, as a measure.
pub const ALL_MEASURES: &str = "All measures";

/// The drivers that changes are given per unit of where nothing else is asked for.
pub const PER_HEAD: [&str; 4] = ["inhabitants", "innbyggere", "folketall", "population"];

impl Pair {
    /// After − before.
    ///
    /// # Errors
    /// [`TooLarge`] when the difference does not fit.
    pub fn change(self) -> Result<Money, TooLarge> {
        self.after.minus(self.before)
    }

    /// The sum of several, side by side.
    ///
    /// # Errors
    /// [`TooLarge`] when a sum does not fit.
    pub fn sum(pairs: impl IntoIterator<Item = Pair>) -> Result<Pair, TooLarge> {
        let mut sum = Pair::default();
        for pair in pairs {
            sum = Pair { before: sum.before.plus(pair.before)?, after: sum.after.plus(pair.after)? };
        }
        Ok(sum)
    }
}

impl Difference {
    /// Compares two budgets year by year; budgets of as many other years are compared in their order. `per` names a driver; without it one that counts heads is looked for.
    ///
    /// # Errors
    /// [`TooLarge`] when a sum does not fit.
    pub fn of_budgets(before: &Outcome, after: &Outcome, per: Option<&str>) -> Result<Difference, TooLarge> {
        difference(before, after, periods(before, after), per)
    }

    /// Compares what each party pays in all, measures together and no other figures: for budgets of millions of
    /// shares.
    ///
    /// # Errors
    /// [`TooLarge`] when a sum does not fit.
    pub fn of_totals(before: &Outcome, after: &Outcome, per: Option<&str>) -> Result<Difference, TooLarge> {
        let (old, new) = (&before.scenario, &after.scenario);
        let (periods, parties) = (periods(before, after), parties(old, new));
        let mut cells = Vec::with_capacity(periods.len());
        for period in &periods {
            let sides = (Half::new(before, period.before), Half::new(after, period.after));
            let pair = |party: &Subject| {
                Ok(Pair { before: sides.0.payable(&party.id)?, after: sides.1.payable(&party.id)? })
            };
            cells.push(vec![parties.iter().map(pair).collect::<Result<Vec<Pair>, TooLarge>>()?]);
        }
        let all = Subject { id: String::new(), title: ALL_MEASURES.to_owned(), side: Side::Both };
        Ok(Difference {
            currency: new.currency.clone(),
            per: per_unit(old, new, &periods, &parties, per),
            periods,
            measures: vec![all],
            parties,
            cells,
            figures: vec![],
            rest: Rest::default(),
        })
    }

    /// Compares two years of one budget, both of which it has.
    ///
    /// # Errors
    /// [`TooLarge`] when a sum does not fit.
    pub fn of_years(
        outcome: &Outcome,
        before: Year,
        after: Year,
        per: Option<&str>,
    ) -> Result<Difference, TooLarge> {
        difference(outcome, outcome, vec![Period { before: Some(before), after: Some(after) }], per)
    }

    /// What a party pays for a measure over all periods.
    ///
    /// # Errors
    /// [`TooLarge`] when the sum does not fit.
    pub fn over_periods(&self, measure: usize, party: usize) -> Result<Pair, TooLarge> {
        Pair::sum(self.cells.iter().map(|measures| measures[measure][party]))
    }

    /// What a party pays in a period for all measures.
    ///
    /// # Errors
    /// [`TooLarge`] when the sum does not fit.
    pub fn over_measures(&self, period: usize, party: usize) -> Result<Pair, TooLarge> {
        Pair::sum(self.cells[period].iter().map(|parties| parties[party]))
    }

    /// What a party pays in all.
    ///
    /// # Errors
    /// [`TooLarge`] when the sum does not fit.
    pub fn of_party(&self, party: usize) -> Result<Pair, TooLarge> {
        Pair::sum(self.cells.iter().flatten().map(|parties| parties[party]))
    }

    /// Whether any figure differs.
    pub fn is_any(&self) -> bool {
        let cells = self.cells.iter().flatten().flatten();
        cells.into_iter().any(|pair| pair.before != pair.after)
            || self.figures.iter().any(|figure| figure.before != figure.after)
    }
}

/// The years of two budgets side by side.
fn periods(before: &Outcome, after: &Outcome) -> Vec<Period> {
    let (old, new) = (before.budget.years, after.budget.years);
    let shift = shift(&before.scenario, &after.scenario);
    let years: BTreeSet<Year> = old.iter().map(|year| year + shift).chain(new.iter()).collect();
    let period = |year: &Year| Period {
        before: Some(year - shift).filter(|year| old.contains(*year)),
        after: Some(*year).filter(|year| new.contains(*year)),
    };
    years.iter().map(period).collect()
}

/// The parties of either side.
fn parties(before: &Scenario, after: &Scenario) -> Vec<Subject> {
    let names = |scenario: &Scenario| -> Vec<(String, String)> {
        scenario.parties.iter().map(|(_, own)| (own.id.clone(), own.name.clone())).collect()
    };
    subjects(&names(before), &names(after))
}

fn difference(
    before: &Outcome,
    after: &Outcome,
    periods: Vec<Period>,
    per: Option<&str>,
) -> Result<Difference, TooLarge> {
    let (old, new) = (&before.scenario, &after.scenario);
    let titles = |scenario: &Scenario| -> Vec<(String, String)> {
        scenario.measures.iter().map(|own| (own.id.clone(), own.title.clone())).collect()
    };
    let mut measures = subjects(&titles(old), &titles(new));
    let parties = parties(old, new);
    let mut cells = Vec::with_capacity(periods.len());
    for period in &periods {
        let sides = (Half::new(before, period.before), Half::new(after, period.after));
        let mut rows = Vec::with_capacity(measures.len() + 1);
        for measure in &measures {
            let (of_old, of_new) = (sides.0.measure(&measure.id), sides.1.measure(&measure.id));
            let pair = |party: &Subject| Pair {
                before: sides.0.share(of_old, &party.id),
                after: sides.1.share(of_new, &party.id),
            };
            rows.push(parties.iter().map(pair).collect());
        }
        let besides = |party: &Subject| {
            Ok(Pair { before: sides.0.besides(&party.id)?, after: sides.1.besides(&party.id)? })
        };
        rows.push(parties.iter().map(besides).collect::<Result<Vec<Pair>, TooLarge>>()?);
        cells.push(rows);
    }
    let besides = |rows: &Vec<Vec<Pair>>| rows[measures.len()].iter().any(|pair| *pair != Pair::default());
    if cells.iter().any(besides) {
        measures.push(Subject { id: String::new(), title: BESIDES.to_owned(), side: Side::Both });
    } else {
        cells.iter_mut().for_each(|rows| rows.truncate(measures.len()));
    }
    let per = per_unit(old, new, &periods, &parties, per);
    let figures = figure::of_periods(before, after, &periods)?;
    let (currency, rest) = (new.currency.clone(), Rest::default());
    Ok(Difference { currency, periods, measures, parties, cells, figures, per, rest })
}

/// What is on either side, by id, with the title that it has now.
fn subjects(before: &[(String, String)], after: &[(String, String)]) -> Vec<Subject> {
    let old: BTreeMap<&str, &str> = before.iter().map(|(id, title)| (id.as_str(), title.as_str())).collect();
    let new: BTreeMap<&str, &str> = after.iter().map(|(id, title)| (id.as_str(), title.as_str())).collect();
    let ids = union(before.iter().map(|(id, _)| id.as_str()), after.iter().map(|(id, _)| id.as_str()));
    let subject = |id: &str| {
        let (title, side) = match (old.get(id), new.get(id)) {
            (Some(_), Some(title)) => (title, Side::Both),
            (Some(title), None) => (title, Side::BeforeOnly),
            (None, Some(title)) => (title, Side::AfterOnly),
            (None, None) => (&id, Side::Both),
        };
        Subject { id: id.to_owned(), title: (*title).to_owned(), side }
    };
    ids.into_iter().map(subject).collect()
}

/// One side of a period: a year of an outcome, where it has that year.
struct Half<'o> {
    scenario: &'o Scenario,
    walked: Option<(&'o YearBudget, &'o YearBudget)>,
}

impl<'o> Half<'o> {
    fn new(outcome: &'o Outcome, year: Option<Year>) -> Half<'o> {
        let budget = &outcome.budget;
        let index = year.and_then(|year| budget.years.index(year));
        let walked = index.map(|index| (&budget.billed[index], budget.closing_walk(index)));
        Half { scenario: &outcome.scenario, walked }
    }

    fn measure(&self, id: &str) -> Option<MeasureIx> {
        self.scenario.measures().find(|(_, measure)| measure.id == id).map(|(index, _)| index)
    }

    fn share(&self, measure: Option<MeasureIx>, party: &str) -> Money {
        let (Some((walked, _)), Some(measure)) = (self.walked, measure) else { return Money::ZERO };
        party_of(&self.scenario.parties, party).map_or(Money::ZERO, |party| walked.share(measure, party))
    }

    /// What a party is to pay in all.
    fn payable(&self, party: &str) -> Result<Money, TooLarge> {
        let (Some((walked, closing)), Some(party)) = (self.walked, party_of(&self.scenario.parties, party))
        else {
            return Ok(Money::ZERO);
        };
        walked.payable(party, &closing.payouts)
    }

    /// What a party pays besides shares.
    fn besides(&self, party: &str) -> Result<Money, TooLarge> {
        let (Some((walked, closing)), Some(party)) = (self.walked, party_of(&self.scenario.parties, party))
        else {
            return Ok(Money::ZERO);
        };
        walked.payable(party, &closing.payouts)?.minus(walked.party_total(party)?)
    }
}

/// The values of a driver for each period and party.
fn per_unit(
    before: &Scenario,
    after: &Scenario,
    periods: &[Period],
    parties: &[Subject],
    asked: Option<&str>,
) -> Option<Per> {
    let known = |id: &str| after.driver(id).or_else(|| before.driver(id)).is_some();
    let id = asked.or_else(|| PER_HEAD.into_iter().find(|id| known(id)))?;
    let value = |scenario: &Scenario, year: Option<Year>, party: &str| {
        let values = scenario.driver(id)?.1.values(year?)?;
        values.of(party_of(&scenario.parties, party)?).filter(Signed::is_positive)
    };
    let of_period = |period: &Period| {
        let of_party = |party: &Subject| {
            let now = value(after, period.after, &party.id);
            now.or_else(|| value(before, period.before, &party.id))
        };
        parties.iter().map(of_party).collect()
    };
    let driver = after.driver(id).or_else(|| before.driver(id))?.1;
    let values = periods.iter().map(of_period).collect();
    Some(Per { driver: driver.id.clone(), unit: driver.unit.clone(), values })
}
