//! From a scenario and its rule files to the plan: every key, funding step and carry-over expression is
//! asked once per measure and year, and all faults are collected.

use std::collections::BTreeMap;
use std::sync::Arc;

use rhai::EvalAltResult;

use crate::ground::diagnostic::{Diagnostic, Diagnostics};
use crate::ground::money::Money;
use crate::ground::source::Spanned;
use crate::model::grant::Grant;
use crate::model::inputs::{Inputs, Shelf};
use crate::model::measure::MeasureIx;
use crate::model::party::PartyIx;
use crate::model::period::MONTHS;
use crate::model::reserve::Reserve;
use crate::model::scenario::Scenario;
use crate::model::years::Year;

use super::declared::{DeclaredKey, ScriptPlace};
use super::expression::Expressions;
use super::faults::RUNAWAY;
use super::indexing;
use super::key_plan::{KeyPlanner, KeySubject};
use super::plan::{Base, CarryOverPlan, KeyIx, KeyPlan, LimitBase, Plan};
use super::plan_faults as faults;
use super::rulebook::Rulebook;
use super::sandbox::{Clock, STACK_BYTES, Sandbox};

/// What the rules of a run came to.
pub struct Planned {
    /// The rules.
    pub rulebook: Rulebook,
    /// What they declared.
    pub plan: Plan,
    /// The scenario with all figures that follow an index; none where it was not asked.
    pub scenario: Option<Arc<Scenario>>,
}

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
) -> Planned {
    std::thread::scope(|threads| {
        let work = || {
            let mut sandbox = Sandbox::new(scenario, clock);
            let errors_before = found.error_count();
            let rulebook = Rulebook::load(rule_files, shelf, inputs, &mut sandbox.engine, found);
            let Some(scenario) = scenario.filter(|_| found.error_count() == errors_before) else {
                return Planned { rulebook, plan: Plan::default(), scenario: None };
            };
            let expressions =
                Expressions { scenario, sources: &inputs.sources, sandbox: &sandbox, rulebook: &rulebook };
            let scenario = indexing::with_indexed_figures(scenario, &expressions, found);
            let plan = Planner { scenario: &scenario, expressions }.plan(found);
            Planned { plan, scenario: Some(scenario), rulebook }
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
type Question = (String, Year, Vec<(PartyIx, u32)>, Money, Option<MeasureIx>);

/// What a plan is made with.
pub(super) struct Planner<'p> {
    pub(super) scenario: &'p Arc<Scenario>,
    pub(super) expressions: Expressions<'p>,
}

/// The keys of a plan so far, and the questions they answered.
#[derive(Default)]
struct Keys {
    keys: Vec<KeyPlan>,
    answered: BTreeMap<Question, Option<KeyIx>>,
}

impl Planner<'_> {
    fn plan(&self, found: &mut Diagnostics) -> Plan {
        let mut plan = Plan::default();
        let mut keys_so_far = Keys::default();
        for year in self.scenario.years.iter() {
            let mut keys = Vec::with_capacity(self.scenario.measures.len());
            let mut draws = Vec::with_capacity(self.scenario.measures.len());
            let mut buy_in_keys = Vec::with_capacity(self.scenario.measures.len());
            for (index, measure) in self.scenario.measures() {
                // A rule without an end would be waited for again in every measure that uses it.
                let stopped = found.iter().any(|fault| fault.code == RUNAWAY);
                let key = measure.key().filter(|_| !stopped && self.scenario.is_active(index, year));
                let Some(key) = key else {
                    keys.push(None);
                    buy_in_keys.push(None);
                    draws.push(vec![]);
                    continue;
                };
                keys.push(self.key_of_measure(index, key, year, &mut keys_so_far, found));
                buy_in_keys.push(self.buy_in_key(index, key, year, &mut keys_so_far, found));
                let steps =
                    measure.funding.iter().filter_map(|step| found.take(self.draw(index, year, step)));
                draws.push(steps.collect());
            }
            let reserves = self.scenario.reserves.iter();
            plan.exit_key_of.push(
                reserves.map(|reserve| self.exit_key(reserve, year, &mut keys_so_far, found)).collect(),
            );
            plan.key_of.push(keys);
            plan.buy_in_key_of.push(buy_in_keys);
            plan.draws_of.push(draws);
        }
        for grant in &self.scenario.grants {
            let years = self.scenario.years.iter();
            let rules = years.map(|year| match &grant.carry_over {
                None => CarryOverPlan::LAPSE,
                Some(rule) => found.take(self.carry_over(rule, year)).unwrap_or(CarryOverPlan::LAPSE),
            });
            plan.carry_over_of.push(rules.collect());
            let rule = plan.carry_over_of.last().and_then(|rules| rules.first());
            // A rule with a fault of its own says nothing of earlier awards.
            if let Some(rule) = rule.filter(|rule| rule.place.is_some() == grant.carry_over.is_some()) {
                self.check_openings(grant, rule, found);
            }
            let payment = grant.payment.as_ref();
            plan.payment_of.push(payment.and_then(|rule| found.take(self.payment(rule))));
        }
        plan.keys = keys_so_far.keys;
        plan
    }

    /// What is left of earlier awards has not lapsed by the grant's own rule.
    fn check_openings(&self, grant: &Grant, rule: &CarryOverPlan, found: &mut Diagnostics) {
        let first = self.scenario.years.first();
        let Some(years) = rule.years.and_then(|years| Year::try_from(years).ok()) else { return };
        for (award, left) in grant.opening.iter().filter(|(award, _)| **award + years < first) {
            found.push(faults::opening_lapsed(&left.place, &grant.id, *award, award + years));
        }
    }

    fn key_of_measure(
        &self,
        index: MeasureIx,
        key: &Spanned<String>,
        year: Year,
        keys: &mut Keys,
        found: &mut Diagnostics,
    ) -> Option<KeyIx> {
        let measure = &self.scenario.measures[index.0];
        let parties = self.scenario.participants(index, year).into_iter();
        let participants: Vec<_> =
            parties.map(|party| (party, self.scenario.months(index, party, year))).collect();
        if participants.is_empty() {
            found.push(faults::nobody_takes_part_in(&measure.place, &measure.id, year));
            return None;
        }
        let subject = KeySubject { id: measure.id.clone(), round_to: measure.round_to, participants };
        let key_ix = self.known_key(Some(index), key, &subject, year, keys, found)?;
        let plan = &keys.keys[key_ix.0];
        if measure.has_no_figures() && !plan.is_tariff() && !self.scenario.is_charged(index) {
            found.push(faults::nothing_to_share(&measure.place, &measure.id));
        }
        if measure.with_memory && !can_remember(plan) {
            found.push(faults::memory_of_limits(&measure.place, &measure.id));
        }
        found.take(self.check_tags(index, plan, year));
        Some(key_ix)
    }

    /// A key by tags has exactly one of its tags on every cost line that is paid.
    fn check_tags(&self, index: MeasureIx, plan: &KeyPlan, year: Year) -> Result<(), Diagnostic> {
        if plan.by_tag.is_empty() {
            return Ok(());
        }
        if let Some(limit) = plan.all_limits().into_iter().find(|limit| limit.of == LimitBase::LastYear) {
            return Err(faults::last_year_of_a_tag(&limit.place));
        }
        let measure = &self.scenario.measures[index.0];
        let place = &measure.place;
        if measure.decided.amounts.contains_key(&year) {
            return Err(faults::tags_of_what(place, &measure.id, "the decided amount"));
        }
        if self.scenario.is_charged(index) {
            return Err(faults::tags_of_what(place, &measure.id, "what other measures charge"));
        }
        for line in measure.paid_lines() {
            let has = |(tag, _): &&(String, KeyPlan)| line.tags.contains(tag);
            let own: Vec<&str> = plan.by_tag.iter().filter(has).map(|(tag, _)| tag.as_str()).collect();
            if own.len() != 1 {
                return Err(faults::line_and_tags(&line.place, &line.name, &measure.id, &own));
            }
        }
        Ok(())
    }

    /// The key by which newcomers buy in, in a year in which somebody comes after others.
    fn buy_in_key(
        &self,
        index: MeasureIx,
        key: &Spanned<String>,
        year: Year,
        keys: &mut Keys,
        found: &mut Diagnostics,
    ) -> Option<KeyIx> {
        let measure = &self.scenario.measures[index.0];
        measure.buy_in.as_ref()?;
        let participants = self.scenario.participants(index, year);
        if !participants.iter().any(|party| self.scenario.is_newcomer(index, *party, year)) {
            return None;
        }
        let participants = participants.into_iter().map(|party| (party, MONTHS)).collect();
        let subject = KeySubject { id: measure.id.clone(), round_to: measure.round_to, participants };
        let key_ix = self.known_key(Some(index), key, &subject, year, keys, found)?;
        if !keys.keys[key_ix.0].is_one_proportion() {
            found.push(faults::buy_in_key(&measure.place, &measure.id));
        }
        Some(key_ix)
    }

    /// The key by which those who leave at the end of a year get their part of a reserve.
    fn exit_key(
        &self,
        reserve: &Reserve,
        year: Year,
        keys: &mut Keys,
        found: &mut Diagnostics,
    ) -> Option<KeyIx> {
        let key = reserve.exit_key.as_ref()?;
        let parties = self.scenario.parties.iter();
        let active: Vec<_> = parties.filter(|(_, party)| party.is_active(year)).collect();
        if active.iter().all(|(_, party)| party.period.until.is_none_or(|until| until.year != year)) {
            return None;
        }
        let participants = active.iter().map(|(party, _)| (*party, MONTHS)).collect();
        let subject = KeySubject { id: reserve.id.clone(), round_to: Money::ORE, participants };
        let key_ix = self.known_key(None, key, &subject, year, keys, found)?;
        if !keys.keys[key_ix.0].is_one_proportion() {
            found.push(faults::exit_key(&key.place, &reserve.id));
        }
        Some(key_ix)
    }

    /// A key, asked only where the same question was not asked before.
    fn known_key(
        &self,
        measure: Option<MeasureIx>,
        key: &Spanned<String>,
        subject: &KeySubject,
        year: Year,
        keys: &mut Keys,
        found: &mut Diagnostics,
    ) -> Option<KeyIx> {
        // A key written out in the scenario has its places there, so each measure has its own.
        let written_out = self.expressions.rulebook.rules_called(&key.value).is_empty();
        let has_no_figures = |index: &MeasureIx| self.scenario.measures[index.0].has_no_figures();
        let own =
            measure.filter(|index| written_out || key.value.contains("measure") || has_no_figures(index));
        let question = (key.value.clone(), year, subject.participants.clone(), subject.round_to, own);
        if let Some(answer) = keys.answered.get(&question) {
            return *answer;
        }
        let answer = found.take(self.key(measure, key, subject, year)).map(|key| {
            keys.keys.push(key);
            KeyIx(keys.keys.len() - 1)
        });
        keys.answered.insert(question, answer);
        answer
    }

    fn key(
        &self,
        measure: Option<MeasureIx>,
        expression: &Spanned<String>,
        subject: &KeySubject,
        year: Year,
    ) -> Result<KeyPlan, Diagnostic> {
        let answer = self.expressions.ask(expression, year, measure)?;
        let key = self.expressions.cast::<DeclaredKey>(&answer, "key", expression)?;
        let locate = |place: &ScriptPlace| self.expressions.locate(place, expression);
        let explain = |fault: &EvalAltResult, place: &ScriptPlace| {
            self.expressions.explain(fault, Some(place), expression)
        };
        let planner = KeyPlanner {
            sandbox: self.expressions.sandbox,
            code: &answer.code,
            scenario: self.scenario,
            locate: &locate,
            explain: &explain,
            subject,
            year,
        };
        planner.plan(&key).map_err(|fault| self.expressions.asked_for(fault, expression))
    }
}

/// Whether the shares of a key can be rounded with memory: what is rounded is one proportion.
fn can_remember(plan: &KeyPlan) -> bool {
    let amounts = plan.parts.iter().all(|part| matches!(part.base, Base::Fixed(_)));
    let rest = plan.rest.as_ref().filter(|_| amounts);
    !plan.has_limits() && rest.map_or_else(|| plan.is_one_proportion(), |rest| rest.is_one_proportion())
}
