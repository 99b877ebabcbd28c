//! The expressions of the scenario file: asked in the sandbox, with every fault shown where it stands in the
//! file, also on the second line of a text or after an escaped quotation mark.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use rhai::{AST, Dynamic, EvalAltResult, FnPtr, Position, Scope};

use crate::ground::diagnostic::{Diagnostic, Diagnostics};
use crate::ground::source::{Place, Sources, Spanned};
use crate::model::measure::MeasureIx;
use crate::model::scenario::Scenario;
use crate::model::years::Year;

use super::declared::ScriptPlace;
use super::parameters::Parameters;
use super::plain_call::PlainCall;
use super::rulebook::{Rule, Rulebook, words};
use super::sandbox::Sandbox;
use super::{faults, parameter_text, plan_faults, prescan};

/// The name under which expressions of the scenario file are compiled.
pub(super) const EXPRESSION: &str = "\u{1}expression";
/// The name under which an expression may ask for the year.
pub const YEAR: &str = "year";
/// The name under which an expression may ask for the id of the measure.
pub const MEASURE: &str = "measure";

/// Asks expressions.
pub struct Expressions<'e> {
    /// Who and what there is.
    pub scenario: &'e Arc<Scenario>,
    /// The texts.
    pub sources: &'e Sources,
    /// Where expressions run.
    pub sandbox: &'e Sandbox,
    /// The rules they may call.
    pub rulebook: &'e Rulebook,
    /// The answers so far of expressions that ask for neither year nor measure.
    pub known: RefCell<BTreeMap<String, Answer>>,
    /// The parameters that were asked for so far.
    pub parameters: RefCell<Parameters>,
}

/// The answer of an expression, with the code that its closures are part of.
#[derive(Clone)]
pub struct Answer {
    /// The value.
    pub value: Dynamic,
    /// The compiled expression and the closures of imported files.
    pub code: AST,
}

impl Expressions<'_> {
    /// Evaluates an expression for a year and a measure.
    ///
    /// # Errors
    /// The fault, at its place in the scenario file or in a rule file.
    pub fn ask(
        &self,
        expression: &Spanned<String>,
        year: Year,
        measure: Option<MeasureIx>,
    ) -> Result<Answer, Diagnostic> {
        let plainly = self.call_plainly(expression, year, measure);
        let answer = plainly.unwrap_or_else(|| self.compile_and_ask(expression, year, measure));
        self.note_parameters(expression);
        answer
    }

    /// Notes the parameters that an expression, or a closure that it gave, has asked for.
    pub(super) fn note_parameters(&self, expression: &Spanned<String>) {
        for declared in self.sandbox.asked.take() {
            let mut parameters = self.parameters.borrow_mut();
            // What is written in the scenario is written elsewhere for every expression.
            if declared.place.source == EXPRESSION || !parameters.has(&declared) {
                let word = self.locate(&declared.place, expression);
                parameters.add(declared, &word, self);
            }
        }
    }

    /// A rule in which a parameter stands, whether it was asked or not, and where.
    pub(super) fn rule_that_declares(&self, name: &str) -> Option<(&Rule, Place)> {
        let mut rules = self.rulebook.rules().chain(self.rulebook.imported.iter());
        rules.find_map(|rule| {
            let source = rule.place.source;
            let text = &self.sources.get(source).text;
            let bytes = parameter_text::declaration(text, rule.place.bytes.start..rule.end, name)?;
            Some((rule, Place { source, bytes }))
        })
    }

    fn compile_and_ask(
        &self,
        expression: &Spanned<String>,
        year: Year,
        measure: Option<MeasureIx>,
    ) -> Result<Answer, Diagnostic> {
        // What asks for nothing answers everybody the same.
        let is_general = !words(&expression.value).any(|word| [YEAR, MEASURE].contains(&word));
        if let Some(known) = self.known.borrow().get(&expression.value).filter(|_| is_general) {
            return Ok(known.clone());
        }
        let mut looked_at = Diagnostics::default();
        prescan::scan(expression.place.source, &expression.value, &mut looked_at);
        if let Some(fault) = looked_at.iter().next() {
            let byte = fault.place.as_ref().map_or(0, |(place, _)| place.bytes.start);
            let index = expression.value[..byte].chars().count();
            return Err(move_to(fault.clone(), &self.place_of(expression, index)));
        }
        let mut scope = scope(self.scenario, year, measure);
        let engine = &self.sandbox.engine;
        let mut code = engine.compile_expression_with_scope(&scope, &expression.value).map_err(|fault| {
            let index = character_index(&expression.value, fault.position());
            let before: String = expression.value.chars().take(index).collect();
            let place = self.place_of(expression, index);
            faults::parse_fault(&place, &fault, &before, Some(self.rulebook))
        })?;
        code.set_source(EXPRESSION);
        self.sandbox.start_call();
        let value = engine
            .eval_ast_with_scope::<Dynamic>(&mut scope, &code)
            .map_err(|fault| self.explain(&fault, None, expression))?;
        if self.rulebook.imported_closures.has_functions() {
            code = code.merge(&self.rulebook.imported_closures);
        }
        let answer = Answer { value, code };
        if is_general {
            self.known.borrow_mut().insert(expression.value.clone(), answer.clone());
        }
        Ok(answer)
    }

    /// The answer of an expression that only calls a rule, without compiling it; none where it is more.
    fn call_plainly(
        &self,
        expression: &Spanned<String>,
        year: Year,
        measure: Option<MeasureIx>,
    ) -> Option<Result<Answer, Diagnostic>> {
        let call = PlainCall::read(&expression.value)?;
        // What a file imports is only found from an expression that was compiled.
        if self.rulebook.has_imports() || !self.rulebook.has_rule(call.name, call.arguments.len()) {
            return None;
        }
        let id = measure.map(|measure| self.scenario.measures[measure.0].id.as_str());
        let arguments = call.values(self.scenario.year_told(year), id)?;
        let code = self.rulebook.imported_closures.clone();
        self.sandbox.start_call();
        let called = FnPtr::new(call.name)
            .and_then(|rule| rule.call::<Dynamic>(&self.sandbox.engine, &code, arguments));
        Some(match called {
            Ok(value) => Ok(Answer { value, code }),
            Err(mut fault) => {
                // The call is the first word of the expression.
                if fault.position().is_none() {
                    fault.set_position(Position::new(1, 1));
                }
                Err(self.explain(&fault, None, expression))
            }
        })
    }

    /// The answer as what was wanted.
    ///
    /// # Errors
    /// A fault that says what it is instead.
    pub fn cast<T: Clone + 'static>(
        &self,
        answer: Dynamic,
        wanted: &str,
        expression: &Spanned<String>,
    ) -> Result<T, Diagnostic> {
        answer.try_cast_result::<T>().map_err(|answer| {
            let got = self.sandbox.engine.map_type_name(answer.type_name());
            let fault = plan_faults::wrong_result(&expression.place, wanted, got);
            let is_number = super::numbers::exact_value(&answer).is_some();
            if wanted == "key" && is_number {
                fault.help("a key is words, as in 40.percent * equally() + 60.percent * by(\"inhabitants\")")
            } else {
                fault
            }
        })
    }

    /// The place of a word: in a rule file, or in the expression.
    pub fn locate(&self, word: &ScriptPlace, expression: &Spanned<String>) -> Place {
        match self.sources.by_name(&word.source) {
            Some(source) => faults::place_in(self.sources, source, word.position),
            None => self.place_of(expression, character_index(&expression.value, word.position)),
        }
    }

    /// A fault of a running rule; `word` is the word that was running, where the fault does not say so itself.
    pub fn explain(
        &self,
        fault: &EvalAltResult,
        word: Option<&ScriptPlace>,
        expression: &Spanned<String>,
    ) -> Diagnostic {
        let outer = word.and_then(|word| self.sources.by_name(&word.source));
        let mut diagnostic = faults::script_fault(fault, self.sources, outer, self.rulebook);
        let index = character_index(&expression.value, fault.position());
        let here = match word {
            Some(word) => self.locate(word, expression),
            None => self.place_of(expression, index),
        };
        diagnostic = match diagnostic.place {
            None => diagnostic.at(&here, ""),
            Some(_) if outer.is_none() => diagnostic.also(&here, "asked for here"),
            Some(_) => diagnostic,
        };
        if diagnostic.code == faults::RUNAWAY
            && let Some(rule) = self.rulebook.rules_called(&expression.value).first()
        {
            diagnostic = diagnostic.also(&rule.place, "in this rule, or in one that it calls");
        }
        self.sharpened(diagnostic)
    }

    /// A fault about a name, moved from the word that uses the name to the name itself.
    pub fn sharpened(&self, mut fault: Diagnostic) -> Diagnostic {
        let name = fault.message.split('`').nth(1).map(str::to_owned);
        if let (true, Some(name), Some((place, _))) =
            (fault.code.starts_with("unknown-"), name, &mut fault.place)
        {
            let text = &self.sources.get(place.source).text;
            let rest = &text[place.bytes.start..];
            let statement = rest.find("\n}").map_or(rest, |end| &rest[..end]);
            let quoted = [format!("\"{name}\""), format!("\"{name}\\\"")];
            if let Some(offset) = quoted.iter().find_map(|quoted| statement.find(quoted)) {
                let start = place.bytes.start + offset + 1;
                place.bytes = start..start + name.len();
            }
        }
        fault
    }

    /// Adds the expression that asked, where the fault is in another file, and points at names.
    pub fn asked_for(&self, fault: Diagnostic, expression: &Spanned<String>) -> Diagnostic {
        let fault = self.sharpened(fault);
        let here = |place: &Place| place.source == expression.place.source;
        let known = fault.place.iter().chain(&fault.related).any(|(place, _)| here(place));
        if known || fault.place.is_none() { fault } else { fault.also(&expression.place, "asked for here") }
    }

    /// The place in the file of the word at a character of the decoded expression.
    pub(super) fn place_of(&self, expression: &Spanned<String>, index: usize) -> Place {
        let source = self.sources.get(expression.place.source);
        let written = &source.text[expression.place.bytes.clone()];
        let start = expression.place.bytes.start + written_byte(written, index);
        let word = source.word_at(start.min(expression.place.bytes.end));
        Place { source: expression.place.source, bytes: word.start..word.end.min(expression.place.bytes.end) }
    }
}

/// What an expression may ask for by name.
pub(super) fn scope(scenario: &Scenario, year: Year, measure: Option<MeasureIx>) -> Scope<'static> {
    let mut scope = Scope::new();
    scope.push_constant(YEAR, rhai::INT::from(scenario.year_told(year)));
    if let Some(measure) = measure {
        scope.push_constant(MEASURE, scenario.measures[measure.0].id.clone());
    }
    scope
}

fn move_to(mut fault: Diagnostic, place: &Place) -> Diagnostic {
    let remark = fault.place.take().map(|(_, remark)| remark).unwrap_or_default();
    fault.at(place, remark)
}

/// How many characters stand before a line and column of a text.
fn character_index(text: &str, position: Position) -> usize {
    let line = position.line().unwrap_or(1);
    let column = position.position().unwrap_or(1);
    let before: usize = text.split('\n').take(line - 1).map(|line| line.chars().count() + 1).sum();
    before + column.saturating_sub(1)
}

/// The byte of a character of a text as it is written in quotation marks, raw or with escapes, or typed without them.
fn written_byte(written: &str, index: usize) -> usize {
    let marks = written.trim_start_matches('r').trim_start_matches('#');
    let opening = if marks.starts_with('"') { written.len() - marks.len() + 1 } else { 0 };
    let is_raw = !written.starts_with('"');
    let mut signs = written[opening..].char_indices();
    let mut seen = 0;
    while let Some((byte, sign)) = signs.next() {
        if seen == index {
            return opening + byte;
        }
        if sign == '\\' && !is_raw {
            signs.next();
        }
        seen += 1;
    }
    written.len()
}
