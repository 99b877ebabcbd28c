//! The words for amounts that follow an index. Each order of rounding is a word of its own, since each gives
//! other øre.

use std::sync::Arc;

use rhai::{Dynamic, Engine, INT, NativeCallContext};

use crate::ground::money::Money;
use crate::ground::suggest::did_you_mean;
use crate::model::index::IndexOrder;
use crate::model::scenario::Scenario;
use crate::model::years::Year;

use super::declared::{DeclaredIndexing, ScriptPlace, Word, refuse};
use super::key_words::positive;
use super::numbers;
use super::vocabulary::Vocabulary;

/// Registers the words.
pub fn register(words: &mut Vocabulary) {
    words.register_type_with_name::<DeclaredIndexing>("indexing");
    let orders = [
        ("indexed", IndexOrder::FromBase),
        ("indexed_from_published", IndexOrder::FromPublished),
        ("indexed_yearly", IndexOrder::YearOnYear),
    ];
    for (word, order) in orders {
        words.register_fn(word, move |context: NativeCallContext, index: &str| DeclaredIndexing {
            index: index.trim().to_owned(),
            order,
            unit: Money::ORE.kroner(),
            place: ScriptPlace::of(&context),
        });
    }
    words.register_fn("rounded_to", |indexing: DeclaredIndexing, unit: Dynamic| -> Word<DeclaredIndexing> {
        let unit = positive("rounded_to", &unit)?;
        if Money::from_kroner(&unit).is_err() {
            return refuse(
                "fraction-of-ore",
                "amounts are rounded to whole øre or more",
                "as in .rounded_to(1000)",
            );
        }
        Ok(DeclaredIndexing { unit, ..indexing })
    });
}

/// Registers `index("deflator", 2020, year)`, the level of one year over that of another.
pub fn register_levels(engine: &mut Engine, scenario: &Arc<Scenario>) {
    let scenario = Arc::clone(scenario);
    engine.register_fn("index", move |id: &str, from: INT, to: INT| level(&scenario, id, from, to));
}

/// The level of an index in one year over that in another.
///
/// # Errors
/// An index or a year that is not known.
pub(super) fn level(scenario: &Scenario, id: &str, from: INT, to: INT) -> Word<Dynamic> {
    let Some(index) = scenario.index(id) else {
        let known = scenario.indexes.iter().map(|index| index.id.as_str());
        return refuse("unknown-index", format!("there is no index `{id}`"), did_you_mean(id, known));
    };
    let year = |year: INT| Year::try_from(year).unwrap_or_default();
    match index.factor(year(from), year(to)) {
        Some(factor) => Ok(numbers::to_dynamic(&factor)),
        None => {
            let missing = if index.levels.contains_key(&year(from)) { to } else { from };
            let message = format!("the index `{id}` has no figure for {missing}");
            refuse("missing-year", message, "complete the index, or ask for another year")
        }
    }
}
