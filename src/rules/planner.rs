//! From a scenario and its rule files to the plan: every key, funding step and carry-over expression is
//! asked once per measure and year, and all faults are collected.

use std::collections::BTreeMap;
use std::sync::Arc;

use rhai::{Dynamic, EvalAltResult, Scope};

use crate::ground::diagnostic::{Diagnostic, Diagnostics};
use crate::ground::money::Money;
use crate::ground::source::{Place, SourceId, Sources, Spanned};
use crate::model::grant::GrantIx;
use crate::model::inputs::{Inputs, Shelf};
use crate::model::measure::MeasureIx;
use crate::model::party::PartyIx;
use crate::model::reserve::ReserveIx;
use crate::model::scenario::{FundSource, Scenario};
use crate::model::years::Year;

use super::declared::{AtMost, DeclaredCarryOver, DeclaredDraw, DeclaredKey, ScriptPlace, SourceKind};
use super::key_plan::KeyPlanner;
use super::plan::{CarryOverPlan, DrawPlan, KeyIx, KeyPlan, Plan};
use super::rulebook::Rulebook;
use super::sandbox::{Clock, STACK_BYTES, Sandbox};
use super::{faults, prescan};

/// The name under which expressions of the scenario file are compiled.
const EXPRESSION: &str = "\u{1}expression";

/// Loads the rules of a scenario and asks them everything. Faults go to `found`; with any of them the plan
/// is not complete.
///
/// Runs on a thread with a large stack, so that a rule which nests too deep is stopped and not the program.
///
/// # Panics
/// When the system refuses the thread, or the thread itself has panicked.
pub fn plan(
    scenario: &Arc<Scenario>,
    shelf: &(dyn Shelf + Sync),
    inputs: &mut Inputs,
    clock: Arc<dyn Clock>,
    found: &mut Diagnostics,
) -> (Rulebook, Plan) {
    std::thread::scope(|threads| {
        let work = || {
            let mut sandbox = Sandbox::new(scenario, clock);
            let rulebook = Rulebook::load(&scenario.rules, shelf, inputs, &mut sandbox.engine, found);
            if found.has_errors() {
                return (rulebook, Plan::default());
            }
            let planner =
                Planner { scenario, sources: &inputs.sources, sandbox: &sandbox, rulebook: &rulebook };
            let plan = planner.plan(found);
            (rulebook, plan)
        };
        let thread = std::thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(threads, work);
        let result = thread.map(std::thread::ScopedJoinHandle::join);
        #[expect(clippy::panic, reason = "no thread or a panic in it: there is nothing left to report to")]
        match result {
            Ok(Ok(done)) => done,
            Ok(Err(panic)) => std::panic::resume_unwind(panic),
            Err(fault) => panic!("no thread for the rules: {fault}"),
        }
    })
}

/// What makes two askings of a key the same question.
type Question = (String, Year, Vec<PartyIx>, Option<MeasureIx>, Money);

struct Planner<'p> {
    scenario: &'p Arc<Scenario>,
    sources: &'p Sources,
    sandbox: &'p Sandbox,
    rulebook: &'p Rulebook,
}

impl Planner<'_> {
    fn plan(&self, found: &mut Diagnostics) -> Plan {
        let mut plan = Plan::default();
        let mut answered: BTreeMap<Question, Option<KeyIx>> = BTreeMap::new();
        for year in self.scenario.years.iter() {
            let mut keys = Vec::with_capacity(self.scenario.measures.len());
            let mut draws = Vec::with_capacity(self.scenario.measures.len());
            for (index, measure) in self.scenario.measures() {
                // A rule without an end would be waited for again in every measure that uses it.
                let stopped = found.iter().any(|fault| fault.code == faults::RUNAWAY);
                if stopped || !measure.is_active(year) {
                    keys.push(None);
                    draws.push(vec![]);
                    continue;
                }
                let participants = self.scenario.participants(index, year);
                if participants.is_empty() {
                    found.push(crate::model::faults::nobody_takes_part(&measure.place, &measure.id));
                }
                let own = measure.key.value.contains("measure").then_some(index);
                let question = (measure.key.value.clone(), year, participants, own, measure.round_to);
                let key = match answered.get(&question) {
                    Some(answer) => *answer,
                    None => {
                        let key = found.take(self.key(index, year, &question.2));
                        let answer = key.map(|key| {
                            plan.keys.push(key);
                            KeyIx(plan.keys.len() - 1)
                        });
                        answered.insert(question, answer);
                        answer
                    }
                };
                keys.push(key);
                let steps =
                    measure.funding.iter().filter_map(|step| found.take(self.draw(index, year, step)));
                draws.push(steps.collect());
            }
            plan.key_of.push(keys);
            plan.draws_of.push(draws);
            if found.iter().any(|fault| fault.code == faults::RUNAWAY) {
                return plan;
            }
        }
        for grant in &self.scenario.grants {
            let years = self.scenario.years.iter();
            let rules = years.map(|year| match &grant.carry_over {
                None => CarryOverPlan::LAPSE,
                Some(rule) => found.take(self.carry_over(rule, year)).unwrap_or(CarryOverPlan::LAPSE),
            });
            plan.carry_over_of.push(rules.collect());
        }
        plan
    }

    fn key(&self, measure: MeasureIx, year: Year, participants: &[PartyIx]) -> Result<KeyPlan, Diagnostic> {
        let expression = &self.scenario.measures[measure.0].key;
        let answer = self.ask(expression, year, Some(measure))?;
        let key = self.cast::<DeclaredKey>(&answer, "key", &expression.place)?;
        let locate = |place: &ScriptPlace| self.locate(place, &expression.place);
        let explain = |fault: &EvalAltResult, place: &ScriptPlace| {
            let outer = self.locate(place, &expression.place).source;
            self.explain(fault, &expression.place, Some(outer))
        };
        let planner = KeyPlanner {
            sandbox: self.sandbox,
            scenario: self.scenario,
            rulebook: self.rulebook,
            locate: &locate,
            explain: &explain,
            measure,
            year,
        };
        planner.plan(&key, participants).map_err(|fault| asked_for(fault, &expression.place))
    }

    fn draw(
        &self,
        measure: MeasureIx,
        year: Year,
        expression: &Spanned<String>,
    ) -> Result<DrawPlan, Diagnostic> {
        let answer = self.ask(expression, year, Some(measure))?;
        let draw = self.cast::<DeclaredDraw>(&answer, "draw", &expression.place)?;
        let place = self.locate(&draw.place, &expression.place);
        let Some((kind, id)) = &draw.source else { return Err(faults::draw_without_source(&place)) };
        let source = self.fund_source(*kind, id, &place)?;
        let lines = draw.lines.map(|names| self.line_positions(measure, &names, &place)).transpose()?;
        let ceiling = match &draw.ceiling {
            None => None,
            Some(ceiling) => Some(
                Money::from_kroner(ceiling)
                    .map_err(|fault| crate::model::faults::not_money(&place, fault))?,
            ),
        };
        Ok(DrawPlan { rate: draw.rate, lines, source, ceiling, place })
    }

    fn fund_source(&self, kind: SourceKind, id: &str, place: &Place) -> Result<FundSource, Diagnostic> {
        let grants = || self.scenario.grants.iter().map(|grant| grant.id.as_str());
        let reserves = || self.scenario.reserves.iter().map(|reserve| reserve.id.as_str());
        let (found, other, remedy) = match kind {
            SourceKind::Grant => {
                let found = grants().position(|known| known == id).map(|at| FundSource::Grant(GrantIx(at)));
                (found, reserves().any(|known| known == id), "it is a reserve: write .from_reserve(…)")
            }
            SourceKind::Reserve => {
                let found =
                    reserves().position(|known| known == id).map(|at| FundSource::Reserve(ReserveIx(at)));
                (found, grants().any(|known| known == id), "it is a grant: write .from(…)")
            }
        };
        found.ok_or_else(|| {
            let fault = match kind {
                SourceKind::Grant => crate::model::faults::unknown_name(place, "grant", id, grants()),
                SourceKind::Reserve => crate::model::faults::unknown_name(place, "reserve", id, reserves()),
            };
            if other { fault.help(remedy) } else { fault }
        })
    }

    fn line_positions(
        &self,
        measure: MeasureIx,
        names: &[String],
        place: &Place,
    ) -> Result<Vec<usize>, Diagnostic> {
        let lines = &self.scenario.measures[measure.0].lines;
        let position = |name: &String| {
            lines.iter().position(|line| line.name == name.trim()).ok_or_else(|| {
                let known = lines.iter().map(|line| line.name.as_str());
                crate::model::faults::unknown_name(place, "line", name, known)
            })
        };
        let mut positions: Vec<usize> = names.iter().map(position).collect::<Result<_, _>>()?;
        positions.sort_unstable();
        positions.dedup();
        Ok(positions)
    }

    fn carry_over(&self, expression: &Spanned<String>, year: Year) -> Result<CarryOverPlan, Diagnostic> {
        let answer = self.ask(expression, year, None)?;
        if answer.clone().try_cast::<AtMost>().is_some() {
            return Err(faults::wrong_result(&expression.place, "carry-over", "an unfinished one")
                .help("end it with .of_award(), as in carry_over().at_most(50.percent).of_award()"));
        }
        let declared = self.cast::<DeclaredCarryOver>(&answer, "carry-over", &expression.place)?;
        Ok(CarryOverPlan {
            years: declared.years,
            at_most: declared.at_most,
            repay: declared.repay,
            place: Some(self.locate(&declared.place, &expression.place)),
        })
    }

    /// Evaluates an expression of the scenario file.
    fn ask(
        &self,
        expression: &Spanned<String>,
        year: Year,
        measure: Option<MeasureIx>,
    ) -> Result<Dynamic, Diagnostic> {
        let mut looked_at = Diagnostics::default();
        prescan::scan(expression.place.source, &expression.value, &mut looked_at);
        if let Some(fault) = looked_at.iter().next() {
            return Err(self.in_expression(fault.clone(), expression));
        }
        let mut scope = Scope::new();
        scope.push_constant("year", rhai::INT::from(year));
        if let Some(measure) = measure {
            scope.push_constant("measure", self.scenario.measures[measure.0].id.clone());
        }
        let engine = &self.sandbox.engine;
        let mut ast = engine.compile_expression_with_scope(&scope, &expression.value).map_err(|fault| {
            let byte = position_in_expression(expression, fault.position());
            let fault =
                faults::parse_fault(&expression.place, &fault, &expression.value, Some(self.rulebook));
            move_to(fault, &self.word_in_expression(&expression.place, byte))
        })?;
        ast.set_source(EXPRESSION);
        self.sandbox.start_call();
        engine
            .eval_ast_with_scope::<Dynamic>(&mut scope, &ast)
            .map_err(|fault| self.explain(&fault, &expression.place, None))
    }

    /// A fault that the look at an expression found, moved to where the expression stands in its file.
    fn in_expression(&self, fault: Diagnostic, expression: &Spanned<String>) -> Diagnostic {
        let start = fault.place.as_ref().map_or(0, |(place, _)| place.bytes.start);
        move_to(fault, &self.word_in_expression(&expression.place, start))
    }

    /// Turns a place in a script into a place in a source; expressions stand in the scenario file.
    fn locate(&self, place: &ScriptPlace, expression: &Place) -> Place {
        match self.sources.by_name(&place.source) {
            Some(source) => faults::place_in(self.sources, source, place.position),
            None => {
                let column = place.position.position().unwrap_or(1);
                self.word_in_expression(expression, column_byte(self.expression_text(expression), column))
            }
        }
    }

    fn explain(&self, fault: &EvalAltResult, expression: &Place, outer: Option<SourceId>) -> Diagnostic {
        if outer.is_some() {
            return faults::script_fault(fault, self.sources, outer, self.rulebook);
        }
        let diagnostic = faults::script_fault(fault, self.sources, None, self.rulebook);
        let outermost = fault.position();
        let column = outermost.position().unwrap_or(1);
        let here = self.word_in_expression(expression, column_byte(self.expression_text(expression), column));
        match diagnostic.place {
            None => diagnostic.at(&here, ""),
            Some(_) => diagnostic.also(&here, "asked for here"),
        }
    }

    fn cast<T: Clone + 'static>(
        &self,
        answer: &Dynamic,
        wanted: &str,
        place: &Place,
    ) -> Result<T, Diagnostic> {
        answer.clone().try_cast::<T>().ok_or_else(|| {
            let got = self.sandbox.engine.map_type_name(answer.type_name());
            let fault = faults::wrong_result(place, wanted, got);
            let is_number = super::numbers::exact_value(answer).is_some();
            if wanted == "key" && is_number {
                fault.help("a key is words, as in 40.percent * equally() + 60.percent * by(\"inhabitants\")")
            } else {
                fault
            }
        })
    }

    /// The text of an expression as it stands in the file, without the quotation marks.
    fn expression_text(&self, expression: &Place) -> &str {
        let text = &self.sources.get(expression.source).text[expression.bytes.clone()];
        text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text)
    }

    /// The word at a byte of an expression.
    fn word_in_expression(&self, expression: &Place, byte: usize) -> Place {
        let source = self.sources.get(expression.source);
        let start = (expression.bytes.start + 1 + byte).min(expression.bytes.end);
        let word = source.word_at(start);
        Place { source: expression.source, bytes: word.start..word.end.min(expression.bytes.end) }
    }
}

/// Adds the expression that asked, where the fault is in another file.
fn asked_for(fault: Diagnostic, expression: &Place) -> Diagnostic {
    let here = |place: &Place| place.source == expression.source;
    let known = fault.place.iter().chain(&fault.related).any(|(place, _)| here(place));
    if known || fault.place.is_none() { fault } else { fault.also(expression, "asked for here") }
}

fn move_to(mut fault: Diagnostic, place: &Place) -> Diagnostic {
    let remark = fault.place.take().map(|(_, remark)| remark).unwrap_or_default();
    fault.at(place, remark)
}

fn position_in_expression(expression: &Spanned<String>, position: rhai::Position) -> usize {
    column_byte(&expression.value, position.position().unwrap_or(1))
}

/// The byte of a column, counted from 1 in characters of the decoded expression. An escaped quotation mark
/// is one character of the expression and two in the file.
fn column_byte(written: &str, column: usize) -> usize {
    let mut signs = written.char_indices().peekable();
    let mut seen = 1;
    while let Some((byte, sign)) = signs.next() {
        if seen == column {
            return byte;
        }
        if sign == '\\' {
            signs.next();
        }
        seen += 1;
    }
    written.len()
}
