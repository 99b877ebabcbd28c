//! From a declared key to a planned one, for one measure in one year: who shares in each part, with which
//! value, and whether the whole makes sense before any money is split by it.

use std::collections::BTreeMap;
use std::sync::Arc;

use num_traits::Zero;
use rhai::{AST, FnPtr};

use crate::ground::column::Column;
use crate::ground::diagnostic::Diagnostic;
use crate::ground::money::Money;
use crate::ground::ratio::{self, Ratio};
use crate::ground::source::Place;
use crate::model::driver::DriverIx;
use crate::model::party::PartyIx;
use crate::model::period::MONTHS;
use crate::model::scenario::{Roster, Scenario};
use crate::model::years::Year;

use super::declared::{
    DeclaredBase, DeclaredKey, DeclaredPart, DeclaredTag, DriverName, DriverYear, Narrowing, ScriptPlace,
};
use super::numbers::exact_value;
use super::party_view::{PartyView, memory};
use super::plan::{Base, KeyPlan, PartPlan, Proportion, Tariff};
use super::plan_faults as faults;
use super::sandbox::Sandbox;

/// Everything a key is worked out against.
pub struct KeyPlanner<'p> {
    /// The engine that closures run in.
    pub sandbox: &'p Sandbox,
    /// The scenario.
    pub scenario: &'p Arc<Scenario>,
    /// The code that closures are part of.
    pub code: &'p AST,
    /// Turns places in scripts into places in sources.
    pub locate: &'p dyn Fn(&ScriptPlace) -> Place,
    /// Turns a fault of a closure into a diagnostic.
    pub explain: &'p dyn Fn(&rhai::EvalAltResult, &ScriptPlace) -> Diagnostic,
    /// Of what.
    pub subject: &'p KeySubject<'p>,
    /// In which year.
    pub year: Year,
}

/// What a key splits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeySubject<'s> {
    /// Its id, for messages.
    pub id: &'s str,
    /// What shares are rounded to.
    pub round_to: Money,
    /// Who takes part.
    pub roster: Arc<Roster>,
}

impl KeyPlanner<'_> {
    /// Works out a key for those who take part.
    ///
    /// # Errors
    /// The first fault, at the word of the rule that it comes from.
    pub fn plan(&self, key: &DeclaredKey) -> Result<KeyPlan, Diagnostic> {
        if !key.by_tag.is_empty() {
            let by_tag = key.by_tag.iter().map(|(tag, key)| Ok((self.tag(tag)?, Arc::new(self.plan(key)?))));
            return Ok(KeyPlan { by_tag: by_tag.collect::<Result<_, _>>()?, ..KeyPlan::default() });
        }
        let counting: Vec<&DeclaredPart> =
            key.parts.iter().filter(|part| part.counts_in(self.scenario.year_told(self.year))).collect();
        let Some((first, _)) = counting.split_first() else {
            return Err(match key.parts.first() {
                Some(part) => faults::factor_sum(&(self.locate)(&part.place), &ratio::whole(0)),
                None => Diagnostic::error("empty-key", "this key has no parts"),
            });
        };
        let kinds = counting.iter().map(|part| part.base.is_fixed());
        let first_place = (self.locate)(&first.place);
        let fixed_count = kinds.filter(|fixed| *fixed).count();
        if fixed_count > 0 && fixed_count < counting.len() {
            return Err(faults::mixed_kinds(&first_place));
        }
        if fixed_count == 0 {
            let year = self.scenario.year_told(self.year);
            let factors: Vec<Ratio> = counting.iter().map(|part| part.factor_in(year)).collect();
            let sum = ratio::sum(factors.iter());
            if sum != ratio::whole(1) {
                return Err(faults::factor_sum(&first_place, &sum));
            }
        }
        let parts = counting.iter().map(|part| self.part(part)).collect::<Result<_, _>>()?;
        let rest = key.rest.as_ref().map(|rest| self.plan(rest).map(Arc::new)).transpose()?;
        let mut plan = KeyPlan { parts, rest, ..KeyPlan::default() };
        if !(key.limits.is_empty() && key.limits_of_all.is_empty()) {
            let parties: Arc<[PartyIx]> = plan.parties().into();
            plan.limits = self.limits(&key.limits, &parties)?;
            plan.limits_of_all = self.limits(&key.limits_of_all, &parties)?;
        }
        Ok(plan)
    }

    fn tag(&self, declared: &DeclaredTag) -> Result<String, Diagnostic> {
        let tags = self.scenario.tags();
        if tags.contains(declared.tag.as_str()) {
            return Ok(declared.tag.clone());
        }
        let place = (self.locate)(&declared.place);
        Err(crate::model::faults::unknown_name(&place, "tag", &declared.tag, tags))
    }

    fn months(&self, party: PartyIx) -> u32 {
        let own = self.subject.roster.months.iter().find(|(own, _)| *own == party);
        own.map_or(MONTHS, |(_, months)| *months)
    }

    fn part(&self, part: &DeclaredPart) -> Result<PartPlan, Diagnostic> {
        let place = (self.locate)(&part.place);
        let participants = &self.subject.roster.parties;
        let parties = self.narrow(&part.narrowings, participants)?;
        if parties.is_empty() {
            return Err(faults::nobody_left(&place, self.subject.id, self.year));
        }
        if part.base.is_transfers() {
            let values = Column::new(self.transfers(part, &parties, participants, &place)?);
            return Ok(PartPlan { parties, values, months: vec![], base: Base::Transfers, place });
        }
        if part.base.is_fixed() {
            let (values, tariff) = self.amounts(part, &parties, participants, &place)?;
            let values = Column::new(values);
            return Ok(PartPlan { parties, values, months: vec![], base: Base::Fixed(tariff), place });
        }
        let (mut values, by) = self.proportion(part, &parties, &place)?;
        self.check_weights(&values, &parties, &place)?;
        let months = self.subject.roster.months.iter().filter(|(party, _)| parties.contains(party));
        let months: Vec<(PartyIx, u32)> = months.copied().collect();
        if !months.is_empty() {
            let part = |party: &PartyIx| ratio::fraction(self.months(*party), MONTHS);
            values = Column::new(
                parties.iter().zip(values.iter()).map(|(own, value)| value * part(own)).collect(),
            );
        }
        let (factor, rate_unit) =
            (part.factor_in(self.scenario.year_told(self.year)), part.rate_unit.clone());
        Ok(PartPlan { parties, values, months, base: Base::Proportional { factor, by, rate_unit }, place })
    }

    fn narrow(
        &self,
        narrowings: &[Narrowing],
        participants: &Arc<[PartyIx]>,
    ) -> Result<Arc<[PartyIx]>, Diagnostic> {
        if narrowings.is_empty() {
            return Ok(Arc::clone(participants));
        }
        let mut parties = participants.to_vec();
        for narrowing in narrowings {
            match narrowing {
                Narrowing::Among(names, place) => {
                    let named = self.named_parties(names, &(self.locate)(place))?;
                    parties.retain(|party| named.contains(party));
                }
                Narrowing::Except(names, place) => {
                    let named = self.named_parties(names, &(self.locate)(place))?;
                    parties.retain(|party| !named.contains(party));
                }
                Narrowing::Where(rule, place) => {
                    let mut kept = Vec::with_capacity(parties.len());
                    for party in parties {
                        let answer = self.call(rule, party, place)?;
                        match answer.as_bool() {
                            Ok(true) => kept.push(party),
                            Ok(false) => {}
                            Err(got) => {
                                let got = self.sandbox.engine.map_type_name(got);
                                return Err(faults::wrong_result(
                                    &(self.locate)(place),
                                    "true or false",
                                    got,
                                ));
                            }
                        }
                    }
                    parties = kept;
                }
            }
        }
        Ok(parties.into())
    }

    fn proportion(
        &self,
        part: &DeclaredPart,
        parties: &Arc<[PartyIx]>,
        place: &Place,
    ) -> Result<(Column, Proportion), Diagnostic> {
        match &part.base {
            DeclaredBase::Driver(driver) => {
                let (values, driver, year) = self.driver_values(driver, parties, place)?;
                Ok((values, Proportion::Driver(driver, year)))
            }
            DeclaredBase::Computed(rule) => {
                Ok((Column::new(self.computed(rule, parties, &part.place)?), Proportion::Computed))
            }
            DeclaredBase::Percent(shares) => {
                let values = self.named_values(shares, parties, place)?;
                let sum: Ratio = values.iter().sum();
                if sum != ratio::whole(100) {
                    let named: Vec<PartyIx> = self.parties_of(shares, place)?.into_keys().collect();
                    let absent = named.iter().filter(|party| !parties.contains(party));
                    let absent: Vec<&str> = absent.map(|party| self.party_id(*party)).collect();
                    let unnamed = self.unnamed(shares, parties, place)?;
                    let forgotten: Vec<&str> = unnamed.iter().map(|party| self.party_id(*party)).collect();
                    return Err(faults::percent_sum(place, &sum, &absent, &forgotten));
                }
                Ok((Column::new(values), Proportion::Percent(self.unnamed(shares, parties, place)?)))
            }
            DeclaredBase::Weights(weights) => {
                let unnamed = self.unnamed(weights, parties, place)?;
                let values = Column::new(self.named_values(weights, parties, place)?);
                Ok((values, Proportion::Weights(unnamed)))
            }
            _ if parties.len() == self.subject.roster.parties.len() => {
                Ok((self.subject.roster.ones.clone(), Proportion::Equal))
            }
            _ => Ok((Column::of_integers(vec![1; parties.len()]), Proportion::Equal)),
        }
    }

    fn amounts(
        &self,
        part: &DeclaredPart,
        parties: &Arc<[PartyIx]>,
        participants: &[PartyIx],
        place: &Place,
    ) -> Result<(Vec<Ratio>, Tariff), Diagnostic> {
        let (values, tariff) = match &part.base {
            DeclaredBase::Amounts(amounts) => {
                self.check_strangers(amounts, participants, place)?;
                self.check_multiples(amounts.values().map(|amount| amount * &part.factor), place)?;
                (self.named_values(amounts, parties, place)?, Tariff::Named)
            }
            DeclaredBase::AmountEach(amount) => {
                self.check_multiples([amount * &part.factor].into_iter(), place)?;
                (vec![amount.clone(); parties.len()], Tariff::Each)
            }
            DeclaredBase::Rate(rate, driver) => {
                let (values, driver, year) = self.driver_values(driver, parties, place)?;
                let amounts = values.iter().map(|value| value * rate).collect();
                (amounts, Tariff::Rate(rate * &part.factor, driver, year))
            }
            DeclaredBase::ComputedAmounts(rule) => {
                (self.computed(rule, parties, &part.place)?, Tariff::Computed)
            }
            _ => (vec![], Tariff::Computed),
        };
        Ok((values.into_iter().map(|value| value * &part.factor).collect(), tariff))
    }

    /// Amounts that sum to exactly zero.
    fn transfers(
        &self,
        part: &DeclaredPart,
        parties: &[PartyIx],
        participants: &[PartyIx],
        place: &Place,
    ) -> Result<Vec<Ratio>, Diagnostic> {
        let values = match &part.base {
            DeclaredBase::Transfers(amounts) => {
                self.check_strangers(amounts, participants, place)?;
                self.named_values(amounts, parties, place)?
            }
            DeclaredBase::ComputedTransfers(rule) => self.computed(rule, parties, &part.place)?,
            _ => vec![],
        };
        let values: Vec<Ratio> = values.into_iter().map(|value| value * &part.factor).collect();
        let sum: Ratio = values.iter().sum();
        if sum.is_zero() {
            Ok(values)
        } else {
            Err(faults::transfers_sum(place, &sum, self.subject.id, self.year))
        }
    }

    fn check_strangers(
        &self,
        named: &BTreeMap<String, Ratio>,
        participants: &[PartyIx],
        place: &Place,
    ) -> Result<(), Diagnostic> {
        let named = self.parties_of(named, place)?;
        match named.keys().find(|party| !participants.contains(party)) {
            None => Ok(()),
            Some(stranger) => {
                let party = self.scenario.parties.get(*stranger);
                Err(faults::takes_no_part(place, party, self.subject.id, self.year))
            }
        }
    }

    pub(super) fn driver_values(
        &self,
        name: &DriverName,
        parties: &Arc<[PartyIx]>,
        place: &Place,
    ) -> Result<(Column, DriverIx, Option<Year>), Diagnostic> {
        let Some((index, driver)) = self.scenario.driver(&name.id) else {
            let known = self.scenario.drivers.iter().map(|driver| driver.id.as_str());
            return Err(crate::model::faults::unknown_name(place, "driver", &name.id, known));
        };
        let year = match name.year {
            DriverYear::Lag(years) => self.year - years,
            DriverYear::AsOf(year) => year,
        };
        let Some(values) = driver.values(year) else {
            return Err(faults::missing_year(place, &driver.id, year, &driver.known_years(), &driver.place));
        };
        if let Some(party) = values.first_missing(parties) {
            let shown_year = values.year.unwrap_or(year);
            let party = self.party_id(party);
            return Err(faults::missing_value(place, &driver.id, party, shown_year, &driver.place));
        }
        let everybody = parties.len() == self.scenario.parties.count();
        let numbers = if everybody {
            values.numbers().clone()
        } else {
            values.numbers().at(&parties.iter().map(|party| party.0).collect::<Vec<_>>())
        };
        Ok((numbers, index, values.year))
    }

    fn computed(
        &self,
        rule: &FnPtr,
        parties: &[PartyIx],
        place: &ScriptPlace,
    ) -> Result<Vec<Ratio>, Diagnostic> {
        let value = |party: &PartyIx| {
            let answer = self.call(rule, *party, place)?;
            exact_value(&answer)
                .ok_or_else(|| faults::wrong_result(&(self.locate)(place), "number", answer.type_name()))
        };
        parties.iter().map(value).collect()
    }

    fn call(&self, rule: &FnPtr, party: PartyIx, place: &ScriptPlace) -> Result<rhai::Dynamic, Diagnostic> {
        let scenario = Arc::clone(self.scenario);
        let view = PartyView { scenario, party, year: self.year, months: self.months(party) };
        self.sandbox.start_call();
        let before = memory(rule);
        let answer = rule
            .call::<rhai::Dynamic>(&self.sandbox.engine, self.code, (view,))
            .map_err(|fault| (self.explain)(&fault, place))?;
        if memory(rule) != before {
            return Err(faults::remembers(&(self.locate)(place)));
        }
        Ok(answer)
    }

    /// The values of named parties; a party that is not named has the value 0.
    fn named_values(
        &self,
        named: &BTreeMap<String, Ratio>,
        parties: &[PartyIx],
        place: &Place,
    ) -> Result<Vec<Ratio>, Diagnostic> {
        let by_party = self.parties_of(named, place)?;
        Ok(parties
            .iter()
            .map(|party| by_party.get(party).map_or_else(Ratio::zero, |value| (*value).clone()))
            .collect())
    }

    /// Those who take part and are not named.
    fn unnamed(
        &self,
        named: &BTreeMap<String, Ratio>,
        parties: &[PartyIx],
        place: &Place,
    ) -> Result<Vec<PartyIx>, Diagnostic> {
        let named = self.parties_of(named, place)?;
        Ok(parties.iter().copied().filter(|party| !named.contains_key(party)).collect())
    }

    pub(super) fn parties_of<'v>(
        &self,
        named: &'v BTreeMap<String, Ratio>,
        place: &Place,
    ) -> Result<BTreeMap<PartyIx, &'v Ratio>, Diagnostic> {
        let mut by_party = BTreeMap::new();
        for (name, value) in named {
            let party = self.find_party(name, place)?;
            if by_party.insert(party, value).is_some() {
                return Err(
                    Diagnostic::error("double-key", format!("{name} is named twice here")).at(place, "")
                );
            }
        }
        Ok(by_party)
    }

    fn named_parties(&self, names: &[String], place: &Place) -> Result<Vec<PartyIx>, Diagnostic> {
        names.iter().map(|name| self.find_party(name, place)).collect()
    }

    fn find_party(&self, name: &str, place: &Place) -> Result<PartyIx, Diagnostic> {
        let parties = &self.scenario.parties;
        parties
            .find(name.trim())
            .ok_or_else(|| crate::model::faults::unknown_name(place, "party", name, parties.ids()))
    }

    fn check_weights(&self, values: &Column, parties: &[PartyIx], place: &Place) -> Result<(), Diagnostic> {
        if let Some(index) = values.first_negative() {
            let party = self.party_id(parties[index]);
            return Err(faults::negative_weight(
                place,
                party,
                &values.get(index),
                self.subject.id,
                self.year,
            ));
        }
        if values.is_all_zero() {
            return Err(faults::zero_weights(place, self.subject.id, self.year));
        }
        Ok(())
    }

    fn check_multiples(&self, amounts: impl Iterator<Item = Ratio>, place: &Place) -> Result<(), Diagnostic> {
        let unit = self.subject.round_to;
        for amount in amounts {
            if !(&amount / unit.kroner()).is_integer() {
                return Err(faults::not_a_multiple(place, &amount, unit, self.subject.id));
            }
        }
        Ok(())
    }

    pub(super) fn party_id(&self, party: PartyIx) -> &str {
        &self.scenario.parties.get(party).id
    }
}
