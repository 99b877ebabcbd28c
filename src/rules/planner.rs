//! From a scenario and its rule files to the plan: every key, funding step and carry-over expression is
//! asked once per measure and year, and all faults are collected.

use std::collections::BTreeMap;
use std::sync::Arc;

use rhai::EvalAltResult;

use crate::ground::diagnostic::{Diagnostic, Diagnostics};
use crate::ground::money::Money;
use crate::ground::source::{Place, Spanned};
use crate::model::grant::GrantIx;
use crate::model::inputs::{Inputs, Shelf};
use crate::model::measure::MeasureIx;
use crate::model::party::PartyIx;
use crate::model::reserve::ReserveIx;
use crate::model::scenario::{FundSource, Scenario};
use crate::model::years::Year;

use super::declared::{AtMost, DeclaredCarryOver, DeclaredDraw, DeclaredKey, ScriptPlace, SourceKind};
use super::expression::Expressions;
use super::faults;
use super::key_plan::KeyPlanner;
use super::plan::{CarryOverPlan, DrawPlan, KeyIx, KeyPlan, Plan};
use super::rulebook::Rulebook;
use super::sandbox::{Clock, STACK_BYTES, Sandbox};

/// Loads rule files and asks them everything about a scenario. Without a scenario, which had faults of its
/// own, the rule files are still looked at. Faults go to `found`; with any of them the plan is not complete.
///
/// Runs on a thread with a large stack, so that a rule which nests too deep is stopped and not the program.
///
/// # Panics
/// When the system refuses the thread, or the thread itself has panicked.
pub fn plan(
    scenario: Option<&Arc<Scenario>>,
    rule_files: &[Spanned<String>],
    shelf: &(dyn Shelf + Sync),
    inputs: &mut Inputs,
    clock: Arc<dyn Clock>,
    found: &mut Diagnostics,
) -> (Rulebook, Plan) {
    std::thread::scope(|threads| {
        let work = || {
            let mut sandbox = Sandbox::new(scenario, clock);
            let errors_before = found.error_count();
            let rulebook = Rulebook::load(rule_files, shelf, inputs, &mut sandbox.engine, found);
            let Some(scenario) = scenario.filter(|_| found.error_count() == errors_before) else {
                return (rulebook, Plan::default());
            };
            let expressions =
                Expressions { scenario, sources: &inputs.sources, sandbox: &sandbox, rulebook: &rulebook };
            let plan = Planner { scenario, expressions }.plan(found);
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

/// What makes two askings of a key the same question: the expression, the year, who takes part, what shares
/// are rounded to, and the measure where the expression asks for it.
type Question = (String, Year, Vec<PartyIx>, Money, Option<MeasureIx>);

struct Planner<'p> {
    scenario: &'p Arc<Scenario>,
    expressions: Expressions<'p>,
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
                keys.push(self.known_key(index, year, &mut plan.keys, &mut answered, found));
                let steps =
                    measure.funding.iter().filter_map(|step| found.take(self.draw(index, year, step)));
                draws.push(steps.collect());
            }
            plan.key_of.push(keys);
            plan.draws_of.push(draws);
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

    /// The key of a measure and year, asked only where the same question was not asked before.
    fn known_key(
        &self,
        index: MeasureIx,
        year: Year,
        keys: &mut Vec<KeyPlan>,
        answered: &mut BTreeMap<Question, Option<KeyIx>>,
        found: &mut Diagnostics,
    ) -> Option<KeyIx> {
        let measure = &self.scenario.measures[index.0];
        let participants = self.scenario.participants(index, year);
        if participants.is_empty() {
            found.push(faults::nobody_takes_part_in(&measure.place, &measure.id, year));
            return None;
        }
        // A key written out in the scenario has its places there, so each measure has its own.
        let written_out = self.expressions.rulebook.rules_called(&measure.key.value).is_empty();
        let own = (written_out || measure.key.value.contains("measure") || measure.has_no_figures())
            .then_some(index);
        let question = (measure.key.value.clone(), year, participants, measure.round_to, own);
        if let Some(answer) = answered.get(&question) {
            return *answer;
        }
        let answer = found.take(self.key(index, year, &question.2)).map(|key| {
            keys.push(key);
            KeyIx(keys.len() - 1)
        });
        answered.insert(question, answer);
        answer
    }

    fn key(&self, measure: MeasureIx, year: Year, participants: &[PartyIx]) -> Result<KeyPlan, Diagnostic> {
        let own = &self.scenario.measures[measure.0];
        let answer = self.expressions.ask(&own.key, year, Some(measure))?;
        let key = self.expressions.cast::<DeclaredKey>(&answer, "key", &own.key)?;
        let locate = |place: &ScriptPlace| self.expressions.locate(place, &own.key);
        let explain = |fault: &EvalAltResult, place: &ScriptPlace| {
            self.expressions.explain(fault, Some(place), &own.key)
        };
        let planner = KeyPlanner {
            sandbox: self.expressions.sandbox,
            code: &answer.code,
            scenario: self.scenario,
            locate: &locate,
            explain: &explain,
            measure,
            year,
        };
        let plan = planner.plan(&key, participants);
        let plan = plan.map_err(|fault| self.expressions.asked_for(fault, &own.key))?;
        if own.has_no_figures() && !plan.is_tariff() {
            return Err(faults::nothing_to_share(&own.place, &own.id));
        }
        Ok(plan)
    }

    fn draw(
        &self,
        measure: MeasureIx,
        year: Year,
        expression: &Spanned<String>,
    ) -> Result<DrawPlan, Diagnostic> {
        let answer = self.expressions.ask(expression, year, Some(measure))?;
        let draw = self.expressions.cast::<DeclaredDraw>(&answer, "draw", expression)?;
        let plan = self.draw_plan(measure, &draw, self.expressions.locate(&draw.place, expression));
        plan.map_err(|fault| self.expressions.asked_for(fault, expression))
    }

    fn draw_plan(
        &self,
        measure: MeasureIx,
        draw: &DeclaredDraw,
        place: Place,
    ) -> Result<DrawPlan, Diagnostic> {
        let Some((kind, id)) = &draw.source else { return Err(faults::draw_without_source(&place)) };
        let source = self.fund_source(*kind, id, &place)?;
        let lines =
            draw.lines.as_ref().map(|names| self.line_positions(measure, names, &place)).transpose()?;
        let ceiling = draw.ceiling.as_ref().map(Money::from_kroner).transpose();
        let ceiling = ceiling.map_err(|fault| crate::model::faults::not_money(&place, fault))?;
        Ok(DrawPlan { rate: draw.rate.clone(), lines, source, ceiling, place })
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
        let answer = self.expressions.ask(expression, year, None)?;
        if answer.value.clone().try_cast::<AtMost>().is_some() {
            return Err(faults::wrong_result(&expression.place, "carry-over", "an unfinished one")
                .help("end it with .of_award(), as in carry_over().at_most(50.percent).of_award()"));
        }
        let declared = self.expressions.cast::<DeclaredCarryOver>(&answer, "carry-over", expression)?;
        Ok(CarryOverPlan {
            years: declared.years,
            at_most: declared.at_most,
            repay: declared.repay,
            place: Some(self.expressions.locate(&declared.place, expression)),
        })
    }
}
