//! Figures that follow an index, worked out before anything else is asked: which years have figures decides
//! what there is to split.

use std::sync::Arc;

use crate::ground::diagnostic::{Diagnostic, Diagnostics};
use crate::ground::money::{Money, NotMoney};
use crate::ground::source::{Place, Spanned};
use crate::ground::split::nearest_multiple;
use crate::model::faults::{not_money, unknown_name};
use crate::model::index::{Index, IndexOrder, IndexStep};
use crate::model::measure::Figures;
use crate::model::scenario::Scenario;
use crate::model::years::Year;

use super::answers::mentions;
use super::declared::DeclaredIndexing;
use super::expression::{Expressions, YEAR};
use super::plan_faults as faults;

/// The scenario with a figure for every year after the first written one of what follows an index. Faults go to
/// `found`, and leave figures as written.
pub fn with_indexed_figures(
    scenario: &Arc<Scenario>,
    expressions: &Expressions<'_>,
    found: &mut Diagnostics,
) -> Arc<Scenario> {
    let follows = |figures: &Figures| figures.index.is_some();
    let any = scenario
        .measures
        .iter()
        .any(|measure| follows(&measure.decided) || measure.lines.iter().any(|line| follows(&line.budget)));
    if !any {
        return Arc::clone(scenario);
    }
    let mut filled = Scenario::clone(scenario);
    for measure in filled.measures.iter_mut().map(Arc::make_mut) {
        let last = scenario.years.last().min(measure.ends_after.unwrap_or(Year::MAX));
        let lines = measure.lines.iter_mut().map(|line| &mut line.budget);
        for figures in std::iter::once(&mut measure.decided).chain(lines) {
            if let Some(expression) = figures.index.clone() {
                found.take(fill(figures, &expression, last, scenario, expressions));
            }
        }
    }
    Arc::new(filled)
}

fn fill(
    figures: &mut Figures,
    expression: &Spanned<String>,
    last: Year,
    scenario: &Scenario,
    expressions: &Expressions<'_>,
) -> Result<(), Diagnostic> {
    if mentions(&expression.value, YEAR) {
        return Err(faults::asked_once(&expression.place, "index"));
    }
    let answer = expressions.ask(expression, scenario.years.first(), None)?;
    let indexing = expressions.cast::<DeclaredIndexing>(answer.value, "indexing", expression)?;
    let place = expressions.locate(&indexing.place, expression);
    let Some(index) = scenario.index(&indexing.index) else {
        let known = scenario.indexes.iter().map(|index| index.id.as_str());
        return Err(expressions.asked_for(unknown_name(&place, "index", &indexing.index, known), expression));
    };
    let Some(base) = figures.amounts.keys().next().copied() else {
        return Err(faults::nothing_to_index(&expression.place));
    };
    let written = figures.amounts.clone();
    // Only year on year do the years between the base and the first one count as well.
    let first = match indexing.order {
        IndexOrder::YearOnYear => base + 1,
        IndexOrder::FromBase | IndexOrder::FromPublished => scenario.years.first().max(base + 1),
    };
    for year in (first..=last).filter(|year| !written.contains_key(year)) {
        let from_year = match indexing.order {
            IndexOrder::FromBase => base,
            IndexOrder::FromPublished => {
                written.keys().copied().take_while(|own| *own < year).last().unwrap_or(base)
            }
            IndexOrder::YearOnYear => year - 1,
        };
        let Some(from) = figures.amounts.get(&from_year).map(|amount| amount.value) else { continue };
        let (amount, step) = indexed(index, &indexing, (from_year, from), year, &place)?;
        figures.amounts.insert(year, Spanned { value: amount, place: expression.place.clone() });
        figures.indexed.insert(year, step);
    }
    Ok(())
}

/// An amount of one year carried to another by an index.
fn indexed(
    index: &Index,
    indexing: &DeclaredIndexing,
    (from_year, from): (Year, Money),
    year: Year,
    place: &Place,
) -> Result<(Money, IndexStep), Diagnostic> {
    let Some(factor) = index.factor(from_year, year) else {
        let missing = if index.levels.contains_key(&from_year) { year } else { from_year };
        return Err(faults::index_without_year(place, index, missing));
    };
    let exact = from.kroner() * &factor;
    let amount = Money::from_kroner(&nearest_multiple(&exact, &indexing.unit));
    let amount = amount.map_err(|_| not_money(place, NotMoney::TooLarge))?;
    let unit = Money::from_kroner(&indexing.unit).map_err(|fault| not_money(place, fault))?;
    Ok((amount, IndexStep { index: index.id.clone(), from_year, from, factor, unit }))
}
