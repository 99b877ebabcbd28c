//! What a closure sees of a party: `p.inhabitants` is its value of the driver `inhabitants` in the year of
//! the split; `p.lag(1)` and `p.as_of(2023)` are the same party in another year.

use std::sync::Arc;

use rhai::{Array, Dynamic, Engine, FnPtr, INT, Map, NativeCallContext};

use crate::ground::ratio;
use crate::model::party::PartyIx;
use crate::model::scenario::Scenario;
use crate::model::years::Year;

use super::aliases;
use super::declared::{Word, refuse};
use super::numbers;

/// A party in a year, read-only.
#[derive(Clone, Debug)]
pub struct PartyView {
    /// Everything there is to know.
    pub scenario: Arc<Scenario>,
    /// Which party.
    pub party: PartyIx,
    /// In which year.
    pub year: Year,
    /// For how many months of it the party takes part.
    pub months: u32,
}

/// Registers the view.
pub fn register(engine: &mut Engine, scenario: &Arc<Scenario>) {
    engine.register_type_with_name::<PartyView>("party");
    engine.register_indexer_get(|view: &mut PartyView, name: &str| view.get(name));
    let scenario = Arc::clone(scenario);
    let of_rule = Arc::clone(&scenario);
    engine.register_fn("sum_of", move |driver: &str, year: INT| sum_of(&scenario, driver, year));
    engine.register_fn("sum_of", move |context: NativeCallContext, rule: FnPtr, year: INT| {
        let before = memory(&rule);
        sum(&of_rule, year, |view| {
            let number = rule.call_within_context::<Dynamic>(&context, (view,))?;
            if memory(&rule) != before {
                let message = "the rule in `sum_of` changes a variable from party to party";
                return refuse("rule-remembers", message, "the order of the parties must not matter");
            }
            Ok(number)
        })
    });
    engine.register_fn("lag", |view: PartyView, years: INT| -> Word<PartyView> {
        if !(0..=200).contains(&years) {
            return refuse(
                "bad-lag",
                "`lag` needs a number of years from 0 to 200",
                "as in p.lag(1).inhabitants",
            );
        }
        view.in_year(INT::from(view.year) - years)
    });
    engine.register_fn("as_of", |view: PartyView, year: INT| view.in_year(year));
}

impl PartyView {
    /// What it has under a name.
    ///
    /// # Errors
    /// A name that is not known, and a driver without a value.
    pub(super) fn get(&self, name: &str) -> Word<Dynamic> {
        let party = self.scenario.parties.get(self.party);
        match name {
            "id" => return Ok(party.id.clone().into()),
            "name" => return Ok(party.name.clone().into()),
            "months" => return Ok(INT::from(self.months).into()),
            "number" => return Ok(party.number.clone().unwrap_or_default().into()),
            _ => {}
        }
        // A Norwegian word that names a driver was translated when the rule was read.
        let norwegian = || {
            let mut aliases = aliases::ALIASES.iter().filter(|(_, english)| *english == name);
            aliases.find_map(|(norwegian, _)| self.scenario.driver(norwegian))
        };
        let Some((_, driver)) = self.scenario.driver(name).or_else(norwegian) else {
            let known = self.scenario.drivers.iter().map(|driver| driver.id.as_str());
            let help = crate::ground::suggest::did_you_mean(name, known);
            return refuse("unknown-driver", format!("there is no driver `{name}`"), help);
        };
        match driver.values(self.year).and_then(|values| values.of(self.party)) {
            Some(value) => Ok(numbers::to_dynamic(&value)),
            None => {
                let message = format!("`{name}` has no value for {} in {}", party.id, self.year);
                refuse(
                    "missing-value",
                    message,
                    "complete the table, or leave the party out with .except([…])",
                )
            }
        }
    }

    fn in_year(&self, year: INT) -> Word<PartyView> {
        match Year::try_from(year) {
            Ok(year) => Ok(PartyView { year, ..self.clone() }),
            Err(_) => refuse("bad-year", "this is not a year", "as in p.as_of(2023)"),
        }
    }
}

/// The sum of a driver over all parties of a year.
///
/// # Errors
/// As [`PartyView::get`](PartyView).
pub(super) fn sum_of(scenario: &Arc<Scenario>, driver: &str, year: INT) -> Word<Dynamic> {
    sum(scenario, year, |view| view.get(driver))
}

/// The sum of a number over all parties of a year.
///
/// # Errors
/// What is no number, and the faults of finding it.
pub(super) fn sum(
    scenario: &Arc<Scenario>,
    year: INT,
    number: impl Fn(PartyView) -> Word<Dynamic>,
) -> Word<Dynamic> {
    let year = scenario.year_meant(Year::try_from(year).unwrap_or_default());
    let mut sum = ratio::whole(0);
    for (party, entry) in scenario.parties.iter().filter(|(_, party)| party.is_active(year)) {
        let months = entry.period.months(year).count();
        let value = number(PartyView { scenario: Arc::clone(scenario), party, year, months })?;
        match numbers::exact_value(&value) {
            Some(value) => sum += value,
            None => {
                let message = format!("`sum_of` needs a number for {}", entry.id);
                return refuse("not-a-number", message, "as in sum_of(\"inhabitants\", year)");
            }
        }
    }
    Ok(numbers::to_dynamic(&sum))
}

/// The values that a closure has brought with it, as text. A closure that changes them would give each party another
/// answer by its place in the file.
pub(super) fn memory(rule: &FnPtr) -> Vec<String> {
    rule.curry().iter().map(written).collect()
}

fn written(value: &Dynamic) -> String {
    let value = value.flatten_clone();
    if let Some(exact) = numbers::exact_value(&value) {
        return exact.to_string();
    }
    if let Some(list) = value.clone().try_cast::<Array>() {
        return list.iter().map(|item| written(item) + ";").collect();
    }
    match value.clone().try_cast::<Map>() {
        Some(map) => map.iter().map(|(name, item)| format!("{name}: {};", written(item))).collect(),
        None => format!("{value:?}"),
    }
}
