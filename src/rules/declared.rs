//! The values that rules return: descriptions of keys, draws and carry-overs. Names are still texts, closures
//! still closures; [`super::planner`] turns them into the plan.

use std::collections::BTreeMap;

use rhai::{EvalAltResult, FnPtr, NativeCallContext, Position};

use crate::ground::ratio::Ratio;

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
    /// The key of what the fixed amounts leave.
    pub rest: Option<Box<DeclaredKey>>,
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
    /// Where it was declared.
    pub place: ScriptPlace,
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
}

/// A driver by name, and of which year.
#[derive(Clone, Debug)]
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
            factor: crate::ground::ratio::whole(1),
            base,
            narrowings: vec![],
            rate_unit: None,
            place: ScriptPlace::of(context),
        };
        DeclaredKey { parts: vec![part], rest: None }
    }

    /// All parts, also those of the rest.
    pub fn parts_mut(&mut self) -> Box<dyn Iterator<Item = &mut DeclaredPart> + '_> {
        let rest = self.rest.iter_mut().flat_map(|rest| rest.parts_mut());
        Box::new(self.parts.iter_mut().chain(rest))
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
        )
    }
}
