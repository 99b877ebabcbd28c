//! Measures: what costs money and is split.

use std::collections::BTreeMap;

use crate::ground::money::{Money, TooLarge};
use crate::ground::source::{Place, Spanned};

use super::party::PartyIx;
use super::reserve::ReserveIx;
use super::years::Year;

/// Which measure of the scenario, by its position in the file, which is its priority for grants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MeasureIx(pub usize);

/// A measure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measure {
    /// Its name in tables.
    pub id: String,
    /// Its name for people.
    pub title: String,
    /// What it is made of.
    pub lines: Vec<CostLine>,
    /// What was decided to be split, by year, where that is not simply the sum of the lines.
    pub decided: BTreeMap<Year, Spanned<Money>>,
    /// Whether each party takes part, by party.
    pub takes_part: Vec<bool>,
    /// The key: an expression over the rules.
    pub key: Spanned<String>,
    /// The funding steps in order: expressions over the rules.
    pub funding: Vec<Spanned<String>>,
    /// Where a difference between what is split and what is billed goes.
    pub residual: Option<Residual>,
    /// Shares are multiples of this.
    pub round_to: Money,
    /// The place of its id.
    pub place: Place,
}

/// A cost line with its figures by year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CostLine {
    /// Its name, unique in the measure.
    pub name: String,
    /// What was budgeted.
    pub budget: BTreeMap<Year, Spanned<Money>>,
    /// What it came to.
    pub actual: BTreeMap<Year, Spanned<Money>>,
}

/// Which figures of a measure: a year is walked once for each kind it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Version {
    /// What was budgeted or decided; what the parties are billed by.
    Budget,
    /// What it came to.
    Actual,
}

/// The destination of the difference between what is split and what is billed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Residual {
    /// A line of its own: over- or under-collected.
    Show,
    /// A reserve gets it or gives it.
    Reserve(ReserveIx),
    /// A party's share takes it up.
    Host(PartyIx),
}

/// How the gross cost of a measure in a year comes about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GrossCost {
    /// What is to be covered: the decided amount where there is one, else the sum of the lines.
    pub gross: Money,
    /// The sum of the lines, where there are any.
    pub lines: Option<Money>,
    /// Whether the gross cost is a decided amount.
    pub decided: bool,
}

impl Measure {
    /// Whether the measure has figures of this version in this year.
    pub fn has(&self, version: Version, year: Year) -> bool {
        let decided = version == Version::Budget && self.decided.contains_key(&year);
        decided || self.lines.iter().any(|line| line.figures(version).contains_key(&year))
    }

    /// Whether the measure is written without any figures at all, as a pure tariff is.
    pub fn has_no_figures(&self) -> bool {
        let bare = |line: &CostLine| line.budget.is_empty() && line.actual.is_empty();
        self.decided.is_empty() && self.lines.iter().all(bare)
    }

    /// Whether anything is to be split in this year.
    pub fn is_active(&self, year: Year) -> bool {
        self.has(Version::Budget, year) || self.has(Version::Actual, year) || self.has_no_figures()
    }

    /// Whether there are both budget and actual figures in this year, and so a settlement.
    pub fn is_settled(&self, year: Year) -> bool {
        self.has(Version::Budget, year) && self.has(Version::Actual, year)
    }

    /// The lines that have a budget and no actual figure in a year in which others have one.
    pub fn lines_without_actual(&self, year: Year) -> impl Iterator<Item = &str> {
        let settled = self.is_settled(year);
        let open = move |line: &&CostLine| {
            settled && line.budget.contains_key(&year) && !line.actual.contains_key(&year)
        };
        self.lines.iter().filter(open).map(|line| line.name.as_str())
    }

    /// The figures that stand for a version in a year: budget figures where there are only those, actual
    /// figures where there are only those.
    pub fn version_standing_for(&self, version: Version, year: Year) -> Version {
        match version {
            Version::Budget if !self.has(Version::Budget, year) && self.has(Version::Actual, year) => {
                Version::Actual
            }
            Version::Actual if !self.has(Version::Actual, year) => Version::Budget,
            version => version,
        }
    }

    /// The gross cost of the figures that stand for a version.
    ///
    /// # Errors
    /// [`TooLarge`] when the lines sum to more than [`Money`] holds.
    pub fn gross_cost(&self, version: Version, year: Year) -> Result<GrossCost, TooLarge> {
        let version = self.version_standing_for(version, year);
        let figures: Vec<Money> = self.lines.iter().filter_map(|line| line.amount(version, year)).collect();
        let lines = (!figures.is_empty()).then(|| Money::sum(figures)).transpose()?;
        let decided =
            self.decided.get(&year).filter(|_| version == Version::Budget).map(|amount| amount.value);
        let gross = decided.or(lines).unwrap_or(Money::ZERO);
        Ok(GrossCost { gross, lines, decided: decided.is_some() })
    }
}

impl CostLine {
    /// The figures of a version by year.
    pub fn figures(&self, version: Version) -> &BTreeMap<Year, Spanned<Money>> {
        match version {
            Version::Budget => &self.budget,
            Version::Actual => &self.actual,
        }
    }

    /// The figure of a version in a year, where there is one.
    pub fn amount(&self, version: Version, year: Year) -> Option<Money> {
        self.figures(version).get(&year).map(|amount| amount.value)
    }
}
