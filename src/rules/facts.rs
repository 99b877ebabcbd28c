//! The facts that rules look up: what a party has, sums over all parties, assumptions, levels of an index. For
//! explanations only: the words that look them up are registered once more, and remember what they answered.

use std::sync::{Arc, Mutex};

use rhai::{Dynamic, Engine, FnPtr, INT, NativeCallContext};

use crate::ground::numerals::exact_norwegian;
use crate::ground::source::Place;
use crate::model::party::PartyIx;
use crate::model::scenario::Scenario;
use crate::model::years::Year;

use super::declared::Word;
use super::parameters::{self, Given, Parameter};
use super::party_view::{self, PartyView};
use super::watch::value_text;
use super::{index_words, numbers, sandbox};

/// Something that was looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// What: `inhabitants`, `assumption("equal_part")`.
    pub name: String,
    /// Of which year, where it is a driver's.
    pub year: Option<Year>,
    /// What it is, as people write it.
    pub value: String,
    /// What it is from, where it is a parameter's.
    pub given: Option<Given>,
    /// Whose it is, where it is a party's.
    pub party: Option<PartyIx>,
    /// Where it is written, where that is one place.
    pub place: Option<Place>,
}

/// The facts that have been looked up.
#[derive(Clone, Default)]
pub struct Facts(Arc<Mutex<Vec<Fact>>>);

impl Facts {
    /// Registers the words that look facts up, in the place of those that do not remember.
    pub fn register(&self, engine: &mut Engine, scenario: &Arc<Scenario>, parameters: &[Parameter]) {
        let facts = self.clone();
        engine.register_indexer_get(move |view: &mut PartyView, name: &str| -> Word<Dynamic> {
            let value = view.get(name)?;
            facts.of_party(view, name, &value);
            Ok(value)
        });
        let (facts, own) = (self.clone(), Arc::clone(scenario));
        engine.register_fn("sum_of", move |driver: &str, year: INT| -> Word<Dynamic> {
            let sum = party_view::sum_of(&own, driver, year)?;
            let place = own.driver(driver).map(|(_, driver)| driver.place.clone());
            facts.add(format!("sum_of(\"{driver}\", {year})"), &sum, None, place);
            Ok(sum)
        });
        let (facts, own) = (self.clone(), Arc::clone(scenario));
        engine.register_fn(
            "sum_of",
            move |context: NativeCallContext, rule: FnPtr, year: INT| -> Word<Dynamic> {
                let number = |view| rule.call_within_context::<Dynamic>(&context, (view,));
                let sum = party_view::sum(&own, year, number)?;
                facts.add(format!("sum_of(|p| …, {year})"), &sum, None, None);
                Ok(sum)
            },
        );
        let (facts, own) = (self.clone(), Arc::clone(scenario));
        engine.register_fn("assumption", move |name: &str| -> Word<Dynamic> {
            let value = sandbox::assumption(&own, name)?;
            facts.add(format!("assumption(\"{name}\")"), &value, None, None);
            Ok(value)
        });
        let (facts, known) = (self.clone(), parameters.to_vec());
        parameters::register_with(engine, scenario, move |declared, value| {
            let name = format!("param(\"{}\")", declared.name);
            let Some(known) = known.iter().find(|known| known.name == declared.name) else {
                return facts.add(name, value, None, None);
            };
            let place = match &known.given {
                Given::Set(place) => place,
                Given::Default | Given::Assumption => &known.place,
            };
            let (value, given) = (exact_norwegian(&known.value), Some(known.given.clone()));
            facts.push(Fact { name, year: None, value, given, party: None, place: Some(place.clone()) });
        });
        let (facts, own) = (self.clone(), Arc::clone(scenario));
        engine.register_fn("index", move |id: &str, from: INT, to: INT| -> Word<Dynamic> {
            let level = index_words::level(&own, id, from, to)?;
            facts.add(format!("index(\"{id}\", {from}, {to})"), &level, None, None);
            Ok(level)
        });
    }

    /// What has been looked up since it was asked last, none of it twice.
    pub fn take(&self) -> Vec<Fact> {
        self.0.lock().map(|mut facts| std::mem::take(&mut *facts)).unwrap_or_default()
    }

    fn of_party(&self, view: &PartyView, name: &str, value: &Dynamic) {
        let driver = view.scenario.driver(name);
        let of_year = driver.and_then(|(_, driver)| driver.values(view.year)?.year);
        let place = driver.map(|(_, driver)| driver.place.clone());
        let fact = |value| Fact {
            name: name.to_owned(),
            year: of_year,
            value,
            given: None,
            party: Some(view.party),
            place,
        };
        if let Some(fact) = shown(value).map(fact) {
            self.push(fact);
        }
    }

    fn add(&self, name: String, value: &Dynamic, party: Option<PartyIx>, place: Option<Place>) {
        if let Some(value) = shown(value) {
            self.push(Fact { name, year: None, value, given: None, party, place });
        }
    }

    fn push(&self, fact: Fact) {
        if let Ok(mut facts) = self.0.lock()
            && !facts.contains(&fact)
        {
            facts.push(fact);
        }
    }
}

/// A value as people write it, where it can be written.
fn shown(value: &Dynamic) -> Option<String> {
    let number = numbers::exact_value(value).map(|number| exact_norwegian(&number));
    number.or_else(|| value_text(value))
}
