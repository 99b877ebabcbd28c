//! What the rules have answered so far. A question is asked once: an expression that does not mention the year for
//! all years, one that does not mention the measure for all measures, and a key that says the same for everybody
//! is worked out once.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use rhai::AST;

use crate::ground::money::Money;
use crate::ground::source::Place;
use crate::model::driver::Series;
use crate::model::measure::MeasureIx;
use crate::model::scenario::{Roster, Scenario};
use crate::model::years::Year;

use super::declared::{
    DeclaredBase, DeclaredKey, DeclaredLimit, DeclaredPart, DriverName, DriverYear, LimitOf, Narrowing,
    ScriptPlace,
};
use super::expression::EXPRESSION;
use super::plan::KeyIx;
use super::rulebook::words;
use super::shared_key::SharedKey;

/// Whose answer it is: an expression, with the year and the measure where it asks for them.
pub(super) type Asked = (String, Option<Year>, Option<MeasureIx>);

/// What makes the keys of two measures the same in every year.
pub(super) struct Question<'r> {
    /// What is declared.
    pub(super) declared: usize,
    /// Who takes part.
    pub(super) roster: &'r Arc<Roster>,
    /// What shares are rounded to.
    pub(super) round_to: Money,
    /// The measure, where it counts.
    pub(super) own: Option<MeasureIx>,
}

/// A question by the place of its roster in memory.
type QuestionName = (usize, usize, Money, Option<MeasureIx>);

/// The answers to a question.
struct WorkedOut {
    /// Who takes part: kept, so that no other roster can take its place in memory.
    _roster: Arc<Roster>,
    /// The key of each year that it was worked out for, or of all years alike; none after a fault.
    by_year: BTreeMap<Option<Year>, Option<KeyIx>>,
}

/// Which question, by the order in which they were asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct QuestionIx(usize);

/// The answers of a run.
#[derive(Default)]
pub(super) struct Answers {
    pub(super) asked: BTreeMap<Asked, Option<usize>>,
    /// By measure whose key does not ask for the year: what it declares, and the measure where the answer is its own.
    pub(super) of_measure: BTreeMap<MeasureIx, (usize, Option<MeasureIx>)>,
    /// What was declared, each once.
    declared: Vec<Rc<Declared>>,
    /// By the place of the first word: which of them.
    declared_at: BTreeMap<(String, Option<usize>, Option<usize>), Vec<usize>>,
    rosters: BTreeMap<(usize, Option<Year>), Arc<Roster>>,
    questions: BTreeMap<QuestionName, QuestionIx>,
    /// By question.
    worked_out: Vec<WorkedOut>,
    /// By measure: the question, where nothing else needs to be looked at to know its key.
    settled: Vec<Option<QuestionIx>>,
    pub(super) keys: Vec<SharedKey>,
}

/// A declared key with the code that its closures are part of.
pub(super) struct Declared {
    pub(super) key: DeclaredKey,
    pub(super) code: AST,
    /// Whether it says the same in every year.
    pub(super) is_timeless: bool,
    /// The places of its words in the sources, looked up once.
    pub(super) located: RefCell<Vec<(ScriptPlace, Place)>>,
}

impl Declared {
    /// The place of a word, looked up by `locate` where it was not before. What is written in the scenario is written
    /// elsewhere for every measure.
    pub(super) fn locate(&self, word: &ScriptPlace, locate: impl FnOnce() -> Place) -> Place {
        if word.source == EXPRESSION {
            return locate();
        }
        if let Some((_, known)) = self.located.borrow().iter().find(|(known, _)| known == word) {
            return known.clone();
        }
        let place = locate();
        self.located.borrow_mut().push((word.clone(), place.clone()));
        place
    }
}

impl Answers {
    /// Remembers what was declared; the same declaration has the same number.
    pub(super) fn declare(&mut self, key: DeclaredKey, code: AST, scenario: &Scenario) -> usize {
        let place = key.first_place();
        let name =
            place.map(|place| (place.source.clone(), place.position.line(), place.position.position()));
        let same_place = self.declared_at.entry(name.unwrap_or_default()).or_default();
        let equal = |number: &&usize| key.is_same(&self.declared[**number].key);
        if let Some(known) = same_place.iter().find(equal) {
            return *known;
        }
        let is_timeless = is_timeless(&key, scenario);
        same_place.push(self.declared.len());
        let located = RefCell::default();
        self.declared.push(Rc::new(Declared { key, code, is_timeless, located }));
        self.declared.len() - 1
    }

    pub(super) fn declared(&self, number: usize) -> Rc<Declared> {
        Rc::clone(&self.declared[number])
    }

    /// The number of a question.
    pub(super) fn question(&mut self, question: &Question<'_>) -> QuestionIx {
        let Question { declared, roster, round_to, own } = *question;
        let next = QuestionIx(self.worked_out.len());
        let name = (declared, Arc::as_ptr(roster) as usize, round_to, own);
        let number = *self.questions.entry(name).or_insert(next);
        if number == next {
            self.worked_out.push(WorkedOut { _roster: Arc::clone(roster), by_year: BTreeMap::new() });
        }
        number
    }

    /// The answer to a question for a year, where it was asked before.
    pub(super) fn known(&self, question: QuestionIx, year: Year) -> Option<Option<KeyIx>> {
        let by_year = &self.worked_out[question.0].by_year;
        by_year.get(&None).or_else(|| by_year.get(&Some(year))).copied()
    }

    /// Remembers the answer to a question for a year, or for all years alike.
    pub(super) fn learn(&mut self, question: QuestionIx, year: Option<Year>, answer: Option<KeyIx>) {
        self.worked_out[question.0].by_year.insert(year, answer);
    }

    /// Remembers that a measure's key in any year is the answer to this question.
    pub(super) fn settle(&mut self, measure: MeasureIx, question: QuestionIx) {
        self.settled.resize(self.settled.len().max(measure.0 + 1), None);
        self.settled[measure.0] = Some(question);
    }

    /// The key of a measure that is settled.
    pub(super) fn settled(&self, measure: MeasureIx, year: Year) -> Option<KeyIx> {
        let question = self.settled.get(measure.0).copied().flatten()?;
        self.known(question, year).flatten()
    }

    /// Who takes part in a measure in a year.
    pub(super) fn roster(&mut self, scenario: &Scenario, measure: MeasureIx, year: Year) -> Arc<Roster> {
        let identity = scenario.measures[measure.0].participation.as_ptr() as usize;
        let steady = self.rosters.get(&(identity, None));
        if let Some(roster) = steady.or_else(|| self.rosters.get(&(identity, Some(year)))) {
            return Arc::clone(roster);
        }
        let roster = Arc::new(scenario.roster(measure, year));
        let when = (!roster.is_steady).then_some(year);
        self.rosters.insert((identity, when), Arc::clone(&roster));
        roster
    }
}

/// Whether an expression mentions a word.
pub(super) fn mentions(expression: &str, word: &str) -> bool {
    expression.contains(word) && words(expression).any(|own| own == word)
}

/// Whether a key says the same in every year: it has no closures, no phases, and no driver with values by year.
fn is_timeless(key: &DeclaredKey, scenario: &Scenario) -> bool {
    let limits = key.limits.iter().chain(&key.limits_of_all);
    key.parts.iter().all(|part| is_timeless_part(part, scenario))
        && limits.into_iter().all(|limit| is_timeless_limit(limit, scenario))
        && key.rest.iter().all(|rest| is_timeless(rest, scenario))
        && key.by_tag.iter().all(|(_, key)| is_timeless(key, scenario))
}

fn is_timeless_part(part: &DeclaredPart, scenario: &Scenario) -> bool {
    let base = match &part.base {
        DeclaredBase::Driver(driver) | DeclaredBase::Rate(_, driver) => is_timeless_driver(driver, scenario),
        DeclaredBase::Computed(_) | DeclaredBase::ComputedAmounts(_) | DeclaredBase::ComputedTransfers(_) => {
            false
        }
        DeclaredBase::Equal
        | DeclaredBase::Percent(_)
        | DeclaredBase::Weights(_)
        | DeclaredBase::Amounts(_)
        | DeclaredBase::AmountEach(_)
        | DeclaredBase::Transfers(_) => true,
    };
    let closure = |narrowing: &Narrowing| matches!(narrowing, Narrowing::Where(..));
    base && part.phases.is_empty() && !part.narrowings.iter().any(closure)
}

fn is_timeless_limit(limit: &DeclaredLimit, scenario: &Scenario) -> bool {
    match &limit.of {
        LimitOf::Driver(driver) => is_timeless_driver(driver, scenario),
        LimitOf::Kroner | LimitOf::Amount | LimitOf::LastYear | LimitOf::Unsaid => true,
    }
}

fn is_timeless_driver(name: &DriverName, scenario: &Scenario) -> bool {
    let fixed =
        || scenario.driver(&name.id).is_some_and(|(_, driver)| matches!(driver.series, Series::Fixed(_)));
    matches!(name.year, DriverYear::AsOf(_)) || fixed()
}
