//! How rules came to their answer: which branch of every `if` was taken and which were not, which facts were looked up,
//! and the same for each closure when it is asked for one party. The question is asked once more, by rules in whose
//! texts every condition is watched.
//!
//! For explanations only; the answer itself is thrown away.

use std::collections::BTreeMap;
use std::sync::Arc;

use rhai::{AST, Dynamic, Engine, FnPtr};

use crate::ground::diagnostic::Diagnostics;
use crate::ground::ratio::Ratio;
use crate::ground::source::{Place, Spanned};
use crate::model::inputs::{Found, Inputs, ReadFault, Shelf};
use crate::model::measure::MeasureIx;
use crate::model::party::PartyIx;
use crate::model::scenario::Scenario;
use crate::model::years::Year;

use super::aliases;
use super::declared::{DeclaredBase, DeclaredKey, DeclaredPart, Narrowing};
use super::expression::{self, Expressions};
use super::facts::{Fact, Facts};
use super::numbers::exact_value;
use super::parameters::Parameter;
use super::party_view::PartyView;
use super::rulebook::{Rulebook, words};
use super::sandbox::{Sandbox, StillClock};
use super::threads::on_a_large_stack;
use super::watch::{Event, Otherwise, Watch, WrittenIf, value_text};

/// Watched rules are nested deeper than written ones.
const EXPRESSION_DEPTH_MAX: usize = 256;

/// A question to the rules.
#[derive(Clone, Copy)]
pub struct Question<'q> {
    /// The scenario, with all figures that follow an index.
    pub scenario: &'q Arc<Scenario>,
    /// The rules.
    pub rulebook: &'q Rulebook,
    /// The texts that they are from.
    pub inputs: &'q Inputs,
    /// The parameters of the rules, with their values.
    pub parameters: &'q [Parameter],
    /// What is asked.
    pub expression: &'q Spanned<String>,
    /// For which year.
    pub year: Year,
    /// For which measure, where it is one.
    pub measure: Option<MeasureIx>,
    /// For which party closures are asked, and for how many months of the year it takes part.
    pub party: Option<(PartyIx, u32)>,
}

/// How the rules came to their answer.
#[derive(Clone, Debug, Default)]
pub struct Deliberation {
    /// The `if`s that were asked, in order.
    pub decisions: Vec<Decision>,
    /// What was looked up.
    pub facts: Vec<Fact>,
    /// For a key and a party: the closures of each of its parts, in order, those of the rest and of tags last.
    pub parts: Vec<PartDeliberation>,
    /// Whether the rules could not be asked like this, and there is more than what is here.
    pub is_unknown: bool,
}

/// How the closures of a part of a key came to their answers for a party.
#[derive(Clone, Debug, Default)]
pub struct PartDeliberation {
    /// The `if`s that were asked, in order.
    pub decisions: Vec<Decision>,
    /// What the closures brought with them, and what they looked up.
    pub facts: Vec<Fact>,
    /// The number that the closure of a computed part gave.
    pub answer: Option<Ratio>,
    /// What a condition of `where` came to, where the part has one.
    pub is_wanted: Option<bool>,
    /// For a part that comes or goes over the years: its whole factor, and the fractions of it that count in the year.
    pub phased: Option<(Ratio, Vec<Ratio>)>,
}

/// An `if` with all its branches, as it came out.
#[derive(Clone, Debug)]
pub struct Decision {
    /// The rule that it stands in, where it is in one.
    pub rule: Option<String>,
    /// The parties that a closure was asked for besides the one in question.
    pub others: Vec<PartyIx>,
    /// The branches, in order.
    pub branches: Vec<Branch>,
}

/// A branch of an `if`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Branch {
    /// The condition; none for `else`.
    pub condition: Option<String>,
    /// What the condition came to; none where it was not asked.
    pub holds: Option<bool>,
    /// The simple things in the condition with their values.
    pub values: Vec<(String, String)>,
    /// What the branch says.
    pub body: String,
    /// Whether it was taken.
    pub taken: bool,
    /// Where its condition stands, or its opening brace.
    pub place: Place,
}

/// How the rules came to their answer.
///
/// # Panics
/// When the system refuses a thread.
pub fn deliberation(question: &Question<'_>) -> Deliberation {
    let texts = question.inputs.rule_files().map(|(_, id)| question.inputs.sources.get(id).text.as_str());
    if !texts.chain([question.expression.value.as_str()]).any(deliberates) {
        return Deliberation::default();
    }
    let unknown = || Deliberation { is_unknown: true, ..Deliberation::default() };
    on_a_large_stack(|| ask(question)).unwrap_or_else(unknown)
}

/// Whether a text has conditions, closures, phases or facts that are looked up.
fn deliberates(text: &str) -> bool {
    text.contains('|')
        || words(text).any(|word| {
            let english = aliases::english(word).unwrap_or(word);
            ["if", "sum_of", "assumption", "param", "index", "phased_to"].contains(&english)
        })
}

fn ask(question: &Question<'_>) -> Option<Deliberation> {
    let sources = &question.inputs.sources;
    let mut sandbox = Sandbox::new(Some(question.scenario), Arc::new(StillClock));
    sandbox.engine.set_max_expr_depths(EXPRESSION_DEPTH_MAX, EXPRESSION_DEPTH_MAX);
    let (mut watch, facts) = (Watch::default(), Facts::default());
    watch.register(&mut sandbox.engine);
    facts.register(&mut sandbox.engine, question.scenario, question.parameters);
    let mut shelf = WatchedFiles::default();
    for (name, source) in question.inputs.rule_files() {
        let file = sources.get(source);
        let compile = |text: &str| sandbox.engine.compile(text).ok();
        let text = watch.watched(&file.text, compile, |bytes| Place { source, bytes });
        let found = Found { shown_name: file.name.clone(), bytes: text.into_bytes() };
        shelf.0.insert(name.to_owned(), found);
    }
    let (mut inputs, mut found) = (Inputs::default(), Diagnostics::default());
    let rules = &question.scenario.rules;
    let rulebook = Rulebook::load(rules, &shelf, &mut inputs, &mut sandbox.engine, &mut found);
    if found.has_errors() {
        return None;
    }
    let expressions = Expressions {
        scenario: question.scenario,
        sources,
        sandbox: &sandbox,
        rulebook: &rulebook,
        known: Default::default(),
        parameters: Default::default(),
    };
    let scope = expression::scope(question.scenario, question.year, question.measure);
    let compile = |text: &str| sandbox.engine.compile_expression_with_scope(&scope, text).ok();
    let written = &question.expression.value;
    let value = watch.watched(written, compile, |bytes| {
        expressions.place_of(question.expression, written[..bytes.start].chars().count())
    });
    let watched = Spanned { value, place: question.expression.place.clone() };
    let answer = expressions.ask(&watched, question.year, question.measure).ok()?;
    let mut deliberation = Deliberation {
        decisions: assembled(question, &watch),
        // What a party has was read by closures over all parties, and is in their sums.
        facts: facts.take().into_iter().filter(|fact| fact.party.is_none()).collect(),
        ..Deliberation::default()
    };
    if let (Some((party, months)), Some(key)) = (question.party, answer.value.clone().try_cast()) {
        let (engine, code) = (&sandbox.engine, &answer.code);
        let closures = Closures { question, engine, code, watch: &watch, facts: &facts, party, months };
        closures.ask(&key, &mut deliberation.parts);
    }
    Some(deliberation)
}

/// The closures of a key, asked for one party.
struct Closures<'c> {
    question: &'c Question<'c>,
    engine: &'c Engine,
    code: &'c AST,
    watch: &'c Watch,
    facts: &'c Facts,
    party: PartyIx,
    months: u32,
}

impl Closures<'_> {
    fn ask(&self, key: &DeclaredKey, parts: &mut Vec<PartDeliberation>) {
        let counting = key.parts.iter().filter(|part| part.counts_in(self.question.year));
        parts.extend(counting.map(|part| self.part(part)));
        key.rest.iter().for_each(|rest| self.ask(rest, parts));
        key.by_tag.iter().for_each(|(_, key)| self.ask(key, parts));
    }

    /// Asks what the part asks for this party: nothing more once it has been narrowed out.
    fn part(&self, part: &DeclaredPart) -> PartDeliberation {
        let phases = part.phases.iter().map(|phase| phase.part(self.question.year)).collect();
        let phased = (!part.phases.is_empty()).then(|| (part.factor.clone(), phases));
        let mut told = PartDeliberation { phased, ..PartDeliberation::default() };
        let named = |names: &[String]| {
            let parties = &self.question.scenario.parties;
            names.iter().any(|name| parties.find(name.trim()) == Some(self.party))
        };
        let shares = part.narrowings.iter().all(|narrowing| match narrowing {
            Narrowing::Among(names, _) => named(names),
            Narrowing::Except(names, _) => !named(names),
            Narrowing::Where(rule, _) => {
                let answer = self.call(rule, &mut told).and_then(|answer| answer.as_bool().ok());
                told.is_wanted = answer;
                answer == Some(true)
            }
        });
        if let (
            true,
            DeclaredBase::Computed(rule)
            | DeclaredBase::ComputedAmounts(rule)
            | DeclaredBase::ComputedTransfers(rule),
        ) = (shares, &part.base)
        {
            told.answer = self.call(rule, &mut told).as_ref().and_then(exact_value);
        }
        told
    }

    fn call(&self, rule: &FnPtr, told: &mut PartDeliberation) -> Option<Dynamic> {
        let (party, months) = (self.party, self.months);
        let scenario = Arc::clone(self.question.scenario);
        let view = PartyView { scenario, party, year: self.question.year, months };
        let names = self.watch.closures.get(rule.fn_name()).into_iter().flatten();
        let brought = names.zip(rule.curry()).filter_map(|(name, value)| {
            let value = value_text(&value.flatten_clone())?;
            Some(Fact { name: name.clone(), year: None, value, given: None, party: None, place: None })
        });
        told.facts.extend(brought);
        let answer = rule.call::<Dynamic>(self.engine, self.code, (view,)).ok();
        let is_own = |fact: &Fact| fact.party.is_none_or(|party| party == self.party);
        told.facts.extend(self.facts.take().into_iter().filter(is_own));
        told.decisions.extend(assembled(self.question, self.watch));
        answer
    }
}

/// The `if`s that were asked, in the order in which they were, with what every condition came to.
fn assembled(question: &Question<'_>, watch: &Watch) -> Vec<Decision> {
    let ifs = &watch.ifs;
    let mut chains: Vec<Vec<Event>> = Vec::new();
    for event in watch.events() {
        let leads_here = |chain: &&mut Vec<Event>| {
            let last = chain.last().filter(|last| !last.holds);
            last.is_some_and(
                |last| matches!(ifs[last.number].otherwise, Otherwise::If(next) if next == event.number),
            )
        };
        match chains.iter_mut().rev().find(leads_here) {
            Some(chain) => chain.push(event),
            None => chains.push(vec![event]),
        }
    }
    let own = question.party.map(|(party, _)| party);
    let mut decisions: Vec<Decision> = Vec::new();
    for chain in &chains {
        let Some(first) = chain.first() else { continue };
        let other = first.party.filter(|party| Some(*party) != own);
        let mut branches = branches(ifs, chain);
        if other.is_some() {
            // What is the same for several parties is told once, without the values of each.
            branches.iter_mut().for_each(|branch| branch.values.clear());
        }
        let same =
            |known: &&mut Decision| known.others.is_empty() == other.is_none() && known.branches == branches;
        match decisions.iter_mut().find(same) {
            Some(known) => {
                let is_new = other.filter(|party| !known.others.contains(party));
                known.others.extend(is_new);
            }
            None => decisions.push(Decision {
                rule: question.rulebook.rule_at(&ifs[first.number].place).map(|rule| rule.name.clone()),
                others: other.into_iter().collect(),
                branches,
            }),
        }
    }
    decisions
}

fn branches(ifs: &[WrittenIf], chain: &[Event]) -> Vec<Branch> {
    let mut branches: Vec<Branch> = Vec::new();
    let mut number = chain.first().map(|event| event.number);
    while let Some(written) = number.map(|number| &ifs[number]) {
        let asked = chain.get(branches.len());
        branches.push(Branch {
            condition: Some(written.condition.clone()),
            holds: asked.map(|event| event.holds),
            values: asked.map(|event| event.values.clone()).unwrap_or_default(),
            body: written.body.text.clone(),
            taken: asked.is_some_and(|event| event.holds),
            place: written.place.clone(),
        });
        number = match &written.otherwise {
            Otherwise::If(next) => Some(*next),
            Otherwise::Nothing => None,
            Otherwise::Else(block) => {
                let taken = chain.len() == branches.len() && chain.iter().all(|event| !event.holds);
                let (body, place) = (block.text.clone(), block.place.clone());
                branches.push(Branch { condition: None, holds: None, values: vec![], body, taken, place });
                None
            }
        };
    }
    branches
}

/// The watched rule files by the names they are asked for.
#[derive(Default)]
struct WatchedFiles(BTreeMap<String, Found>);

impl Shelf for WatchedFiles {
    fn read(&self, name: &str) -> Result<Found, ReadFault> {
        self.0.get(name).cloned().ok_or_else(|| ReadFault::Missing(vec![]))
    }

    fn read_rule(&self, name: &str) -> Result<Found, ReadFault> {
        self.read(name)
    }
}
