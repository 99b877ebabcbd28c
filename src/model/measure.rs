//! Measures: what costs money and is split.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::ground::money::{Money, TooLarge};
use crate::ground::source::{Place, Spanned};

use super::charge::ChargedTo;
use super::index::IndexStep;
use super::party::PartyIx;
use super::period::{Months, Period};
use super::reserve::ReserveIx;
use super::settlement::SettlementPolicy;
use super::years::{Year, YearAmounts};

/// Which measure of the scenario, by its position in the file, which is its priority for grants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MeasureIx(pub usize);

/// The most instalments a share may be paid in: one a month.
pub const INSTALMENTS_MAX: u8 = 12;

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
    pub decided: Figures,
    /// When each party takes part, by party; measures in which all do have one list in common.
    pub participation: Arc<[Participation]>,
    /// Who pays.
    pub paid_by: PaidBy,
    /// The funding steps in order: expressions over the rules.
    pub funding: Vec<Spanned<String>>,
    /// Where a difference between what is split and what is billed goes.
    pub residual: Option<Residual>,
    /// Shares are multiples of this.
    pub round_to: Money,
    /// Whether left-over units go to who is furthest behind over the years.
    pub with_memory: bool,
    /// What becomes of the difference between budget and actual figures, where it is said.
    pub settlement: Option<SettlementPolicy>,
    /// What newcomers pay for earlier years, where they do.
    pub buy_in: Option<BuyIn>,
    /// What each party was billed in the year before the first, where that is written.
    pub billed_before: Option<Vec<Option<Money>>>,
    /// What it is for, which bound reserves ask.
    pub purpose: Option<String>,
    /// In how many instalments each share is paid, where it is.
    pub instalments: Option<u8>,
    /// The last year in which there is anything to pay for it, where there is one.
    pub ends_after: Option<Year>,
    /// The place of its id.
    pub place: Place,
}

/// A cost line with its figures by year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CostLine {
    /// Its name, unique in the measure.
    pub name: String,
    /// What was budgeted.
    pub budget: Figures,
    /// What it came to.
    pub actual: YearAmounts,
    /// What keys and grants select it by.
    pub tags: Vec<String>,
    /// Whether it is work that is valued and not billed.
    pub in_kind: bool,
    /// The reserve that its amount is put into.
    pub to_reserve: Option<ReserveIx>,
    /// The place of its name.
    pub place: Place,
}

/// Amounts by year, some of them worked out by an index.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// The amounts.
    pub amounts: YearAmounts,
    /// How years without a written amount get theirs: an expression over the rules.
    pub index: Option<Spanned<String>>,
    /// How the amounts that are not written came about.
    pub indexed: BTreeMap<Year, IndexStep>,
}

/// When a party takes part in a measure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Participation {
    /// Whether it takes part in these times, or at any other time.
    pub inside: bool,
    /// The times, none of them [`Period::ALWAYS`]: who takes part always, or never, has none.
    pub periods: Vec<Period>,
}

/// Who pays for a measure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PaidBy {
    /// The parties, by this key: an expression over the rules.
    Parties(Spanned<String>),
    /// Other measures.
    Measures(ChargedTo),
}

/// What a newcomer pays for what was invested before it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuyIn {
    /// In how many years an investment is written off.
    pub years: u32,
    /// Which cost lines are investments; without it all of the net cost is.
    pub tag: Option<String>,
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
        let decided = version == Version::Budget && self.decided.amounts.contains_key(&year);
        decided || self.paid_lines().any(|line| line.figures(version).contains_key(&year))
    }

    /// Whether it may put money into a reserve, be bought in to or be settled with a reserve at the end of a year.
    pub fn is_busy(&self) -> bool {
        let deposits = self.lines.iter().any(|line| line.to_reserve.is_some());
        deposits || self.buy_in.is_some() || self.settlement.is_some()
    }

    /// Whether the measure is written without any figures at all, as a pure tariff is.
    pub fn has_no_figures(&self) -> bool {
        let bare = |line: &CostLine| line.budget.amounts.is_empty() && line.actual.is_empty();
        self.decided.amounts.is_empty() && self.paid_lines().all(bare)
    }

    /// Whether anything is to be split in this year.
    pub fn is_active(&self, year: Year) -> bool {
        let figures = self.has(Version::Budget, year) || self.has(Version::Actual, year);
        (figures || self.has_no_figures()) && self.ends_after.is_none_or(|last| year <= last)
    }

    /// The key, where the parties pay.
    pub fn key(&self) -> Option<&Spanned<String>> {
        match &self.paid_by {
            PaidBy::Parties(key) => Some(key),
            PaidBy::Measures(_) => None,
        }
    }

    /// The cost lines that are paid, and not work in kind.
    pub fn paid_lines(&self) -> impl Iterator<Item = &CostLine> {
        self.lines.iter().filter(|line| !line.in_kind)
    }

    /// The value of the work in kind of a year.
    ///
    /// # Errors
    /// [`TooLarge`] when the lines sum to more than [`Money`] holds.
    pub fn in_kind(&self, version: Version, year: Year) -> Result<Money, TooLarge> {
        if self.lines.iter().all(|line| !line.in_kind) {
            return Ok(Money::ZERO);
        }
        let version = self.version_standing_for(version, year);
        let lines = self.lines.iter().filter(|line| line.in_kind);
        Money::sum(lines.filter_map(|line| line.amount(version, year)))
    }

    /// The gross cost of the lines with each tag, in a year.
    ///
    /// # Errors
    /// [`TooLarge`] when lines sum to more than [`Money`] holds.
    pub fn tagged(&self, version: Version, year: Year) -> Result<BTreeMap<&str, Money>, TooLarge> {
        let version = self.version_standing_for(version, year);
        let mut sums: BTreeMap<&str, Money> = BTreeMap::new();
        for line in self.paid_lines() {
            let Some(amount) = line.amount(version, year) else { continue };
            for tag in &line.tags {
                let sum = sums.entry(tag).or_default();
                *sum = sum.plus(amount)?;
            }
        }
        Ok(sums)
    }

    /// Whether there are both budget and actual figures in this year, and so a settlement.
    pub fn is_settled(&self, year: Year) -> bool {
        self.has(Version::Actual, year) && self.has(Version::Budget, year)
    }

    /// The years in which there are both, each as often as lines have an actual figure in it.
    pub fn settled_years(&self) -> impl Iterator<Item = Year> {
        let years = self.paid_lines().flat_map(|line| line.actual.keys()).copied();
        years.filter(|year| self.has(Version::Budget, *year))
    }

    /// The lines that have a budget and no actual figure in a year in which others have one.
    pub fn lines_without_actual(&self, year: Year) -> impl Iterator<Item = &str> {
        let settled = self.is_settled(year);
        let open = move |line: &&CostLine| {
            settled && line.budget.amounts.contains_key(&year) && !line.actual.contains_key(&year)
        };
        self.paid_lines().filter(open).map(|line| line.name.as_str())
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
        let decided = self.decided.amounts.get(&year);
        // Where an amount was decided there are figures of the budget.
        let is_budget = decided.is_some() && version == Version::Budget;
        let version = if is_budget { version } else { self.version_standing_for(version, year) };
        let decided = decided.filter(|_| version == Version::Budget).map(|amount| amount.value);
        let figures = self.paid_lines().filter_map(|line| line.amount(version, year));
        let mut lines: Option<Money> = None;
        for figure in figures {
            lines = Some(lines.unwrap_or(Money::ZERO).plus(figure)?);
        }
        let gross = decided.or(lines).unwrap_or(Money::ZERO);
        Ok(GrossCost { gross, lines, decided: decided.is_some() })
    }
}

impl Participation {
    /// Always.
    pub const ALWAYS: Participation = Participation { inside: false, periods: vec![] };

    /// Whether it takes no part at all.
    pub fn is_never(&self) -> bool {
        self.inside && self.periods.is_empty()
    }

    /// The months of a year in which the party takes part.
    pub fn months(&self, year: Year) -> Months {
        let named = self.periods.iter().fold(Months::NONE, |months, period| months.or(period.months(year)));
        if self.inside { named } else { named.others() }
    }
}

impl CostLine {
    /// The figures of a version by year.
    pub fn figures(&self, version: Version) -> &YearAmounts {
        match version {
            Version::Budget => &self.budget.amounts,
            Version::Actual => &self.actual,
        }
    }

    /// The figure of a version in a year, where there is one.
    pub fn amount(&self, version: Version, year: Year) -> Option<Money> {
        self.figures(version).get(&year).map(|amount| amount.value)
    }
}
