//! From a scenario and its rule files to the plan: every key, funding step and carry-over expression is
//! asked once per measure and year, and all faults are collected.

use std::cell::RefCell;
use std::sync::Arc;

use rhai::{AST, Engine, EvalAltResult};

use crate::ground::diagnostic::{Diagnostic, Diagnostics};
use crate::ground::money::Money;
use crate::ground::source::Spanned;
use crate::model::grant::Grant;
use crate::model::inputs::{Inputs, Shelf};
use crate::model::measure::{Measure, MeasureIx};
use crate::model::reserve::Reserve;
use crate::model::scenario::{Roster, Scenario};
use crate::model::years::Year;

use super::answers::{Answers, Declared, Question, QuestionIx, mentions};
use super::declared::{DeclaredKey, ScriptPlace};
use super::expression::{Answer, Expressions, MEASURE, YEAR};
use super::faults::RUNAWAY;
use super::indexing;
use super::key_plan::{KeyPlanner, KeySubject};
use super::plan::{Base, CarryOverPlan, DrawPlan, KeyIx, KeyPatch, KeyPlan, LimitBase, Plan};
use super::plan_faults as faults;
use super::rulebook::Rulebook;
use super::sandbox::{Clock, Sandbox};
use super::threads::on_a_large_stack;

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
    on_a_large_stack(|| {
        let mut sandbox = Sandbox::new(scenario, clock);
        let errors_before = found.error_count();
        let rulebook = Rulebook::load(rule_files, shelf, inputs, &mut sandbox.engine, found);
        let Some(scenario) = scenario.filter(|_| found.error_count() == errors_before) else {
            return Planned { rulebook, plan: Plan::default(), scenario: None };
        };
        let expressions = Expressions {
            scenario,
            sources: &inputs.sources,
            sandbox: &sandbox,
            rulebook: &rulebook,
            known: RefCell::default(),
            parameters: RefCell::default(),
        };
        let scenario = indexing::with_indexed_figures(scenario, &expressions, found);
        let plan = Planner { scenario: &scenario, expressions }.plan(found);
        Planned { plan, scenario: Some(scenario), rulebook }
    })
}

/// Asks the keys of some measures again, by a rulebook that `load` makes along with them; `plan` is what stands.
/// Faults go to `found`, and the patch is then not complete.
///
/// # Panics
/// As [`plan`](self::plan).
pub(super) fn keys_again(
    scenario: &Arc<Scenario>,
    plan: &Plan,
    inputs: &Inputs,
    clock: Arc<dyn Clock>,
    found: &mut Diagnostics,
    load: impl FnOnce(&mut Engine, &mut Diagnostics) -> Option<(Rulebook, Vec<MeasureIx>)> + Send,
) -> Option<(Rulebook, KeyPatch)> {
    on_a_large_stack(|| {
        let mut sandbox = Sandbox::new(Some(scenario), clock);
        let (rulebook, measures) = load(&mut sandbox.engine, found)?;
        let expressions = Expressions {
            scenario,
            sources: &inputs.sources,
            sandbox: &sandbox,
            rulebook: &rulebook,
            known: RefCell::default(),
            parameters: RefCell::default(),
        };
        let planner = Planner { scenario, expressions };
        let mut answers = Answers::default();
        let mut patch = KeyPatch { measures, others: plan.keys.len(), ..KeyPatch::default() };
        let activity = scenario.activity(patch.measures.iter().copied());
        for (year, active) in scenario.years.iter().zip(activity) {
            let (mut keys, mut buy_in_keys) = (vec![], vec![]);
            for (index, active) in patch.measures.iter().zip(active) {
                let key = scenario.measures[index.0].key().filter(|_| active);
                keys.push(key.and_then(|key| planner.key_of_measure(*index, key, year, &mut answers, found)));
                buy_in_keys
                    .push(key.and_then(|key| planner.buy_in_key(*index, key, year, &mut answers, found)));
            }
            patch.key_of.push(after(patch.others, keys));
            patch.buy_in_key_of.push(after(patch.others, buy_in_keys));
        }
        patch.keys = answers.keys;
        // Parameters are of the plan as a whole.
        planner.expressions.parameters.take().is_empty().then_some((rulebook, patch))
    })
}

/// Keys numbered as they are once they have been added to so many others.
fn after(others: usize, keys: Vec<Option<KeyIx>>) -> Vec<Option<KeyIx>> {
    keys.into_iter().map(|key| key.map(|key| KeyIx(others + key.0))).collect()
}

/// What a plan is made with.
pub(super) struct Planner<'p> {
    pub(super) scenario: &'p Arc<Scenario>,
    pub(super) expressions: Expressions<'p>,
}

impl Planner<'_> {
    fn plan(&self, found: &mut Diagnostics) -> Plan {
        let mut plan = Plan::default();
        let mut answers = Answers::default();
        let mentions_year =
            |measure: &Arc<Measure>| measure.funding.iter().any(|step| mentions(&step.value, YEAR));
        let funded_by_year: Vec<bool> = self.scenario.measures.iter().map(mentions_year).collect();
        let activity = self.scenario.activity((0..self.scenario.measures.len()).map(MeasureIx));
        for (year, active) in self.scenario.years.iter().zip(activity) {
            let mut keys = Vec::with_capacity(self.scenario.measures.len());
            let mut draws = Vec::with_capacity(self.scenario.measures.len());
            let mut buy_in_keys = Vec::with_capacity(self.scenario.measures.len());
            for ((index, measure), active) in self.scenario.measures().zip(active) {
                // A rule without an end would be waited for again in every measure that uses it.
                let stopped = found.has_errors() && found.iter().any(|fault| fault.code == RUNAWAY);
                let key = measure.key().filter(|_| !stopped && active);
                let Some(key) = key else {
                    keys.push(None);
                    buy_in_keys.push(None);
                    draws.push(Arc::default());
                    continue;
                };
                keys.push(self.key_of_measure(index, key, year, &mut answers, found));
                buy_in_keys.push(self.buy_in_key(index, key, year, &mut answers, found));
                let earlier = plan.draws_of.last().map(|draws| &draws[index.0]);
                let earlier = earlier.filter(|_| !funded_by_year[index.0]);
                draws.push(self.draws(index, year, earlier, found));
            }
            let reserves = self.scenario.reserves.iter();
            plan.exit_key_of
                .push(reserves.map(|reserve| self.exit_key(reserve, year, &mut answers, found)).collect());
            plan.key_of.push(keys);
            plan.buy_in_key_of.push(buy_in_keys);
            plan.draws_of.push(draws);
        }
        for grant in &self.scenario.grants {
            let rules = self.carry_overs(grant, found);
            // A rule with a fault of its own says nothing of earlier awards.
            let rule = rules.first().filter(|rule| rule.place.is_some() == grant.carry_over.is_some());
            if let Some(rule) = rule {
                self.check_openings(grant, rule, found);
            }
            plan.carry_over_of.push(rules);
            let payment = grant.payment.as_ref();
            plan.payment_of.push(payment.and_then(|rule| found.take(self.payment(rule))));
        }
        plan.keys = answers.keys;
        plan.parameters = self.expressions.parameters.take().finish(&self.expressions, found);
        plan
    }

    /// The funding steps of a measure; those of an earlier year, where they say the same in every year.
    fn draws(
        &self,
        index: MeasureIx,
        year: Year,
        earlier: Option<&Arc<[DrawPlan]>>,
        found: &mut Diagnostics,
    ) -> Arc<[DrawPlan]> {
        let funding = &self.scenario.measures[index.0].funding;
        match earlier {
            _ if funding.is_empty() => Arc::default(),
            Some(earlier) if earlier.len() == funding.len() => Arc::clone(earlier),
            _ => funding.iter().filter_map(|step| found.take(self.draw(index, year, step))).collect(),
        }
    }

    /// What happens to the unused part of each year's award of a grant.
    fn carry_overs(&self, grant: &Grant, found: &mut Diagnostics) -> Vec<Arc<CarryOverPlan>> {
        let mut rules: Vec<Arc<CarryOverPlan>> = Vec::with_capacity(self.scenario.years.count());
        for year in self.scenario.years.iter() {
            let rule = match (&grant.carry_over, rules.last()) {
                (Some(rule), Some(last)) if last.place.is_some() && !mentions(&rule.value, YEAR) => {
                    Arc::clone(last)
                }
                (None, Some(last)) => Arc::clone(last),
                (None, None) => Arc::new(CarryOverPlan::LAPSE),
                (Some(rule), _) => {
                    Arc::new(found.take(self.carry_over(rule, year)).unwrap_or(CarryOverPlan::LAPSE))
                }
            };
            rules.push(rule);
        }
        rules
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
        answers: &mut Answers,
        found: &mut Diagnostics,
    ) -> Option<KeyIx> {
        if let Some(known) = answers.settled(index, year) {
            return Some(known);
        }
        let measure = &self.scenario.measures[index.0];
        let roster = answers.roster(self.scenario, index, year);
        if roster.parties.is_empty() {
            found.push(faults::nobody_takes_part_in(&measure.place, &measure.id, year));
            return None;
        }
        let subject = KeySubject { id: &measure.id, round_to: measure.round_to, roster };
        let errors_before = found.error_count();
        let asks_the_year = mentions(&key.value, YEAR);
        let (key_ix, question) = self.known_key(Some(index), key, &subject, year, answers, found)?;
        let plan = &answers.keys[key_ix.0].plan;
        if measure.has_no_figures() && !plan.is_tariff() && !self.scenario.is_charged(index) {
            found.push(faults::nothing_to_share(&measure.place, &measure.id));
        }
        if measure.with_memory && !can_remember(plan) {
            found.push(faults::memory_of_limits(&measure.place, &measure.id));
        }
        found.take(self.check_tags(index, plan, year));
        // A fault is told for each year, as it may name it; tags and memory depend on the key of each year.
        let is_plain = plan.by_tag.is_empty() && !measure.with_memory && !measure.has_no_figures();
        if is_plain && subject.roster.is_steady && !asks_the_year && found.error_count() == errors_before {
            answers.settle(index, question);
        }
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
            let has = |(tag, _): &&(String, Arc<KeyPlan>)| line.tags.contains(tag);
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
        answers: &mut Answers,
        found: &mut Diagnostics,
    ) -> Option<KeyIx> {
        let measure = &self.scenario.measures[index.0];
        measure.buy_in.as_ref()?;
        let participants = self.scenario.participants(index, year);
        if !participants.iter().any(|party| self.scenario.is_newcomer(index, *party, year)) {
            return None;
        }
        let roster = Arc::new(Roster::of(participants.into_iter()));
        let subject = KeySubject { id: &measure.id, round_to: measure.round_to, roster };
        let (key_ix, _) = self.known_key(Some(index), key, &subject, year, answers, found)?;
        if !answers.keys[key_ix.0].plan.is_one_proportion() {
            found.push(faults::buy_in_key(&measure.place, &measure.id));
        }
        Some(key_ix)
    }

    /// The key by which those who leave at the end of a year get their part of a reserve.
    fn exit_key(
        &self,
        reserve: &Reserve,
        year: Year,
        answers: &mut Answers,
        found: &mut Diagnostics,
    ) -> Option<KeyIx> {
        let key = reserve.exit_key.as_ref()?;
        let parties = self.scenario.parties.iter();
        let active: Vec<_> = parties.filter(|(_, party)| party.is_active(year)).collect();
        if active.iter().all(|(_, party)| party.period.until.is_none_or(|until| until.year != year)) {
            return None;
        }
        let roster = Arc::new(Roster::of(active.iter().map(|(party, _)| *party)));
        let subject = KeySubject { id: &reserve.id, round_to: Money::ORE, roster };
        let (key_ix, _) = self.known_key(None, key, &subject, year, answers, found)?;
        if !answers.keys[key_ix.0].plan.is_one_proportion() {
            found.push(faults::exit_key(&key.place, &reserve.id));
        }
        Some(key_ix)
    }

    /// A key and its question, asked and worked out only where the same question was not asked before.
    fn known_key(
        &self,
        measure: Option<MeasureIx>,
        key: &Spanned<String>,
        subject: &KeySubject<'_>,
        year: Year,
        answers: &mut Answers,
        found: &mut Diagnostics,
    ) -> Option<(KeyIx, QuestionIx)> {
        let (declared, own) = self.declared_number(measure, key, year, answers, found)?;
        let KeySubject { roster, round_to, .. } = subject;
        let question = answers.question(&Question { declared, roster, round_to: *round_to, own });
        if let Some(known) = answers.known(question, year) {
            return known.map(|key| (key, question));
        }
        let declared = answers.declared(declared);
        let answer = found.take(self.key(&declared, key, subject, year)).map(|key| {
            answers.keys.push(key.into());
            KeyIx(answers.keys.len() - 1)
        });
        // A fault is told for each year, as it may name it.
        let timeless = declared.is_timeless && subject.roster.is_steady && answer.is_some();
        answers.learn(question, (!timeless).then_some(year), answer);
        answer.map(|key| (key, question))
    }

    /// What a key expression declares, and the measure where the answer is its own.
    fn declared_number(
        &self,
        measure: Option<MeasureIx>,
        key: &Spanned<String>,
        year: Year,
        answers: &mut Answers,
        found: &mut Diagnostics,
    ) -> Option<(usize, Option<MeasureIx>)> {
        if let Some(known) = measure.and_then(|measure| answers.of_measure.get(&measure)) {
            return Some(*known);
        }
        // A key written out in the scenario has its places there, so each measure has its own.
        let written_out = || self.expressions.rulebook.calls_no_rule(&key.value);
        let own = measure.filter(|_| mentions(&key.value, MEASURE) || written_out());
        let in_year = mentions(&key.value, YEAR).then_some(year);
        let asked = |expression: &str| (expression.to_owned(), in_year, own);
        let number = match answers.asked.get(&asked(&key.value)) {
            Some(number) => *number,
            None => {
                let other = self.expressions.rulebook.passed_on(&key.value).map(|other| asked(&other));
                let known = other.as_ref().and_then(|other| answers.asked.get(other).copied().flatten());
                let number = known.or_else(|| {
                    let answer = found.take(self.declared_key(measure, key, year));
                    answer.map(|(key, code)| answers.declare(key, code, self.scenario))
                });
                // A fault is told wherever it is asked for.
                answers.asked.extend(other.filter(|_| number.is_some()).map(|other| (other, number)));
                answers.asked.insert(asked(&key.value), number);
                number
            }
        };
        let has_no_figures = |index: &MeasureIx| self.scenario.measures[index.0].has_no_figures();
        let known = (number?, own.or(measure.filter(has_no_figures)));
        if let Some(measure) = measure.filter(|_| in_year.is_none()) {
            answers.of_measure.insert(measure, known);
        }
        Some(known)
    }

    fn declared_key(
        &self,
        measure: Option<MeasureIx>,
        expression: &Spanned<String>,
        year: Year,
    ) -> Result<(DeclaredKey, AST), Diagnostic> {
        let Answer { value, code } = self.expressions.ask(expression, year, measure)?;
        Ok((self.expressions.cast::<DeclaredKey>(value, "key", expression)?, code))
    }

    fn key(
        &self,
        declared: &Declared,
        expression: &Spanned<String>,
        subject: &KeySubject<'_>,
        year: Year,
    ) -> Result<KeyPlan, Diagnostic> {
        let locate = |word: &ScriptPlace| declared.locate(word, || self.expressions.locate(word, expression));
        let explain = |fault: &EvalAltResult, place: &ScriptPlace| {
            self.expressions.explain(fault, Some(place), expression)
        };
        let planner = KeyPlanner {
            sandbox: self.expressions.sandbox,
            code: &declared.code,
            scenario: self.scenario,
            locate: &locate,
            explain: &explain,
            subject,
            year,
        };
        let plan = planner.plan(&declared.key);
        self.expressions.note_parameters(expression);
        plan.map_err(|fault| self.expressions.asked_for(fault, expression))
    }
}

/// Whether the shares of a key can be rounded with memory: what is rounded is one proportion.
fn can_remember(plan: &KeyPlan) -> bool {
    let amounts = plan.parts.iter().all(|part| matches!(part.base, Base::Fixed(_)));
    let rest = plan.rest.as_ref().filter(|_| amounts);
    !plan.has_limits() && rest.map_or_else(|| plan.is_one_proportion(), |rest| rest.is_one_proportion())
}
