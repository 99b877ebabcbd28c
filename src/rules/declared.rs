//! The values that rules return: descriptions of keys, draws and carry-overs. Names are still texts, closures
//! still closures; [`super::planner`] turns them into the plan.

use std::collections::BTreeMap;

use num_traits::Zero;
use rhai::{EvalAltResult, FnPtr, NativeCallContext, Position};

use crate::ground::ratio::{self, Ratio};
use crate::model::index::IndexOrder;

/// A place in a script: the name of its text, line and column from 1, the column in characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptPlace {
    /// The name of the source text.
    pub source: String,
    /// Line and column.
    pub position: Position,
}

/// A key as declared.
#[derive(Clone, Debug)]
pub struct DeclaredKey {
    /// Its parts, in order.
    pub parts: Vec<DeclaredPart>,
    /// The limits of its shares, tightest first or not.
    pub limits: Vec<DeclaredLimit>,
    /// The key of what the fixed amounts or the maximums leave.
    pub rest: Option<Box<DeclaredKey>>,
    /// The limits of the whole share, with the rest.
    pub limits_of_all: Vec<DeclaredLimit>,
    /// Instead of parts: a key for each part of the cost that has a tag.
    pub by_tag: Vec<(DeclaredTag, DeclaredKey)>,
}

/// A tag as declared.
#[derive(Clone, Debug)]
pub struct DeclaredTag {
    /// Its name.
    pub tag: String,
    /// Where it was declared.
    pub place: ScriptPlace,
}

/// A minimum, a maximum or both, as declared.
#[derive(Clone, Debug)]
pub struct DeclaredLimit {
    /// The minimum.
    pub least: Option<LimitNumbers>,
    /// The maximum.
    pub most: Option<LimitNumbers>,
    /// What the numbers are parts of.
    pub of: LimitOf,
    /// Where it was declared.
    pub place: ScriptPlace,
}

/// The numbers of a limit.
#[derive(Clone, Debug)]
pub enum LimitNumbers {
    /// The same for everybody.
    Same(Ratio),
    /// By name; who is not named has none.
    Named(BTreeMap<String, Ratio>),
}

/// What the numbers of a limit are parts of.
#[derive(Clone, Debug)]
pub enum LimitOf {
    /// Kroner.
    Kroner,
    /// Kroner per unit of a driver.
    Driver(DriverName),
    /// The amount that is split.
    Amount,
    /// What the party was billed the year before.
    LastYear,
    /// `within` that does not say of what.
    Unsaid,
}

/// A part of a key as declared.
#[derive(Clone, Debug)]
pub struct DeclaredPart {
    /// What it was multiplied by; 1 at first.
    pub factor: Ratio,
    /// What it is.
    pub base: DeclaredBase,
    /// Who shares in it, narrowed step by step.
    pub narrowings: Vec<Narrowing>,
    /// What the rate is rounded to.
    pub rate_unit: Option<Ratio>,
    /// How it comes or goes over the years.
    pub phases: Vec<Phase>,
    /// Where it was declared.
    pub place: ScriptPlace,
}

/// A part of a key that comes or goes in equal steps over the years.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Phase {
    /// The first year in which it counts in part.
    pub first: i32,
    /// The first year in which it counts wholly, or no more.
    pub last: i32,
    /// Whether it comes.
    pub comes: bool,
}

/// What a part of a key is.
#[derive(Clone, Debug)]
pub enum DeclaredBase {
    /// `equally()`.
    Equal,
    /// `by("driver")`.
    Driver(DriverName),
    /// `by(|p| …)`.
    Computed(FnPtr),
    /// `percent(#{…})`.
    Percent(BTreeMap<String, Ratio>),
    /// `weights(#{…})`.
    Weights(BTreeMap<String, Ratio>),
    /// `amounts(#{…})`.
    Amounts(BTreeMap<String, Ratio>),
    /// `amounts_each(x)`.
    AmountEach(Ratio),
    /// `amounts(|p| …)`.
    ComputedAmounts(FnPtr),
    /// `rate(x, "driver")`.
    Rate(Ratio, DriverName),
    /// `transfers(#{…})`.
    Transfers(BTreeMap<String, Ratio>),
    /// `transfers(|p| …)`.
    ComputedTransfers(FnPtr),
}

/// A driver by name, and of which year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DriverName {
    /// Its id as written.
    pub id: String,
    /// Of which year.
    pub year: DriverYear,
}

/// Of which year a driver's values are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DriverYear {
    /// So many years before the year of the split; 0 is that year.
    Lag(i32),
    /// This year, whatever is split.
    AsOf(i32),
}

/// A narrowing of who shares in a part.
#[derive(Clone, Debug)]
pub enum Narrowing {
    /// `.among([…])`.
    Among(Vec<String>, ScriptPlace),
    /// `.except([…])`.
    Except(Vec<String>, ScriptPlace),
    /// `.where(|p| …)`.
    Where(FnPtr, ScriptPlace),
}

/// A draw as declared.
#[derive(Clone, Debug)]
pub struct DeclaredDraw {
    /// The part of the eligible cost.
    pub rate: Ratio,
    /// The eligible lines by name.
    pub lines: Option<Vec<String>>,
    /// Tags that eligible lines have, and that they do not have.
    pub tags: Vec<(String, bool)>,
    /// Whether it shares what the source has with others that ask.
    pub pro_rata: bool,
    /// The most it may be of itself and the own contribution.
    pub match_rate: Option<Ratio>,
    /// Whether work in kind is own contribution.
    pub with_in_kind: bool,
    /// The grant or reserve by name, with which of the two was asked for.
    pub source: Option<(SourceKind, String)>,
    /// The most it draws in a year, in kroner.
    pub ceiling: Option<Ratio>,
    /// Where it was declared.
    pub place: ScriptPlace,
}

/// Which kind of source a draw names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceKind {
    /// `.from("grant")`.
    Grant,
    /// `.from_reserve("fund")`.
    Reserve,
}

/// A carry-over as declared.
#[derive(Clone, Debug)]
pub struct DeclaredCarryOver {
    /// How many years; `None` without end.
    pub years: Option<u32>,
    /// The most that is carried over, as a part of the award.
    pub at_most: Option<Ratio>,
    /// Whether the rest is repaid.
    pub repay: bool,
    /// Where it was declared.
    pub place: ScriptPlace,
}

/// How an award is paid, as declared.
#[derive(Clone, Debug)]
pub struct DeclaredPayment {
    /// The part that may be paid before the final report.
    pub prepaid: Ratio,
    /// Where it was declared.
    pub place: ScriptPlace,
}

/// How amounts follow an index, as declared.
#[derive(Clone, Debug)]
pub struct DeclaredIndexing {
    /// The index by name.
    pub index: String,
    /// From which amount.
    pub order: IndexOrder,
    /// What amounts are rounded to, in kroner.
    pub unit: Ratio,
    /// Where it was declared.
    pub place: ScriptPlace,
}

/// `carry_over().at_most(x)`, which needs `.of_award()` to be complete.
#[derive(Clone, Debug)]
pub struct AtMost {
    /// The carry-over so far.
    pub carry_over: DeclaredCarryOver,
    /// The part of the award.
    pub rate: Ratio,
}

/// A fault that a word of the language finds; it travels through the script engine as a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WordFault {
    /// The code of the diagnostic.
    pub code: &'static str,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: String,
}

/// What a word returns.
pub type Word<T> = Result<T, Box<EvalAltResult>>;

/// Makes a word fail.
///
/// # Errors
/// Always.
pub fn refuse<T>(code: &'static str, message: impl Into<String>, help: impl Into<String>) -> Word<T> {
    let fault = WordFault { code, message: message.into(), help: help.into() };
    Err(Box::new(EvalAltResult::ErrorRuntime(rhai::Dynamic::from(fault), Position::NONE)))
}

impl ScriptPlace {
    /// Where the running word was written.
    pub fn of(context: &NativeCallContext<'_>) -> ScriptPlace {
        ScriptPlace {
            source: context.call_source().unwrap_or_default().to_owned(),
            position: context.call_position(),
        }
    }
}

impl DeclaredKey {
    /// A key of one part.
    pub fn of_part(base: DeclaredBase, context: &NativeCallContext<'_>) -> DeclaredKey {
        let part = DeclaredPart {
            factor: ratio::whole(1),
            base,
            narrowings: vec![],
            rate_unit: None,
            phases: vec![],
            place: ScriptPlace::of(context),
        };
        DeclaredKey { parts: vec![part], limits: vec![], rest: None, limits_of_all: vec![], by_tag: vec![] }
    }

    /// A key for the part of the cost that has a tag.
    pub fn of_tag(self, tag: DeclaredTag) -> DeclaredKey {
        let by_tag = vec![(tag, self)];
        DeclaredKey { parts: vec![], limits: vec![], rest: None, limits_of_all: vec![], by_tag }
    }

    /// All parts, also those of the rest and of tags.
    pub fn parts_mut(&mut self) -> Box<dyn Iterator<Item = &mut DeclaredPart> + '_> {
        let rest = self.rest.iter_mut().flat_map(|rest| rest.parts_mut());
        let by_tag = self.by_tag.iter_mut().flat_map(|(_, key)| key.parts_mut());
        Box::new(self.parts.iter_mut().chain(rest).chain(by_tag))
    }

    /// Where its first word is.
    pub fn first_place(&self) -> Option<&ScriptPlace> {
        let own = self.parts.first().map(|part| &part.place);
        own.or_else(|| self.by_tag.first().map(|(tag, _)| &tag.place))
    }

    /// Whether two keys are declared by the same words and say the same. Keys with closures never are: what a
    /// closure brought with it cannot be compared.
    pub fn is_same(&self, other: &DeclaredKey) -> bool {
        let plain = |key: &DeclaredKey| key.by_tag.is_empty() && key.rest.is_none() && key.limits.is_empty();
        let same = |(a, b): (&DeclaredPart, &DeclaredPart)| a.is_same(b);
        plain(self)
            && plain(other)
            && self.limits_of_all.is_empty()
            && other.limits_of_all.is_empty()
            && self.parts.len() == other.parts.len()
            && self.parts.iter().zip(&other.parts).all(same)
    }

    /// Whether it is only a list of parts, which can be added to others and multiplied.
    pub fn is_plain(&self) -> bool {
        self.rest.is_none() && self.limits.is_empty() && self.by_tag.is_empty()
    }
}

impl DeclaredPart {
    fn is_same(&self, other: &DeclaredPart) -> bool {
        let bases = match (&self.base, &other.base) {
            (DeclaredBase::Equal, DeclaredBase::Equal) => true,
            (DeclaredBase::Driver(own), DeclaredBase::Driver(other)) => own == other,
            (DeclaredBase::Percent(own), DeclaredBase::Percent(other))
            | (DeclaredBase::Weights(own), DeclaredBase::Weights(other)) => own == other,
            _ => false,
        };
        bases
            && self.place == other.place
            && self.factor == other.factor
            && self.rate_unit == other.rate_unit
            && self.phases == other.phases
            && self.narrowings.is_empty()
            && other.narrowings.is_empty()
    }

    /// Whether it counts in a year: a proportion of nothing does not; amounts of 0 do.
    pub fn counts_in(&self, year: i32) -> bool {
        !self.factor_in(year).is_zero() || self.base.is_fixed() && self.phases.is_empty()
    }

    /// What it is multiplied by in a year.
    pub fn factor_in(&self, year: i32) -> Ratio {
        if self.phases.is_empty() {
            return self.factor.clone();
        }
        self.phases.iter().map(|phase| phase.part(year)).product::<Ratio>() * &self.factor
    }
}

impl Phase {
    /// The part that counts in a year.
    pub fn part(self, year: i32) -> Ratio {
        let steps = self.last - self.first + 1;
        let new = ratio::fraction((year - self.first + 1).clamp(0, steps), steps);
        if self.comes { new } else { ratio::whole(1) - new }
    }
}

impl DeclaredBase {
    /// Whether it is fixed amounts and not a proportion.
    pub fn is_fixed(&self) -> bool {
        matches!(
            self,
            DeclaredBase::Amounts(_)
                | DeclaredBase::AmountEach(_)
                | DeclaredBase::ComputedAmounts(_)
                | DeclaredBase::Rate(..)
                | DeclaredBase::Transfers(_)
                | DeclaredBase::ComputedTransfers(_)
        )
    }

    /// Whether it is amounts that sum to zero.
    pub fn is_transfers(&self) -> bool {
        matches!(self, DeclaredBase::Transfers(_) | DeclaredBase::ComputedTransfers(_))
    }
}
