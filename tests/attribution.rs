//! Differences attributed: worked examples that were checked by hand, and what must hold of any two scenarios.

use std::sync::Arc;

use fordel::cli::disk::{Disk, ScenarioFolder};
use fordel::engine::exact::Walked;
use fordel::ground::diagnostic::Diagnostics;
use fordel::ground::money::Money;
use fordel::ground::ratio::whole;
use fordel::model::change::Change;
use fordel::model::inputs::{Inputs, Shelf};
use fordel::model::variant_file::Stack;
use fordel::rules::sandbox::{Clock, StillClock};
use fordel::whatif::attribution::Attribution;
use fordel::whatif::hybrid::Hybrid;
use fordel::whatif::hybrid_walk::HybridWalker;
use fordel::whatif::kind::{Kind, names};
use fordel::whatif::rules_of_both::ChangedRules;
use fordel::whatif::scenarios::attribute;
use fordel::whatif::side::Side;
use fordel::whatif::years::{self, MixedYear};

use crate::support::{folders, project};

fn clock() -> Arc<dyn Clock> {
    Arc::new(StillClock)
}

/// Reads two scenarios, one beside the other; none where one of them is refused.
fn sides<'s>(first: &'s (dyn Shelf + Sync), second: &'s (dyn Shelf + Sync)) -> Option<[Side<'s>; 2]> {
    let first = Side::read(first, Inputs::default(), &[], clock()).ok()?;
    let second = Side::read(second, first.inputs.beside(), &[], clock()).ok()?;
    Some([first, second])
}

fn folder(name: &str) -> ScenarioFolder {
    ScenarioFolder::new(&project().join("scenarios").join(name))
}

/// The parts sum to the change, in every cell and in every sum of cells.
fn check_sums(attribution: &Attribution, context: &str) {
    let all = |count: usize| (0..count).map(|position| vec![position]).chain([(0..count).collect()]);
    for periods in all(attribution.periods.len()) {
        for parties in all(attribution.parties.len()) {
            let cell = attribution.sum(&periods, &parties).unwrap();
            let parts = cell.amounts.iter().copied().chain([cell.rounding]);
            let change = cell.pair.change().unwrap();
            assert_eq!(Money::sum(parts).unwrap(), change, "{context}: {periods:?} {parties:?}");
        }
    }
}

/// What each kind did to a party in all years, by name; what rounding did last.
fn parts_of(attribution: &Attribution, party: &str) -> Vec<(String, String)> {
    let position = attribution.parties.iter().position(|own| own.id == party).unwrap();
    let periods: Vec<usize> = (0..attribution.periods.len()).collect();
    let cell = attribution.sum(&periods, &[position]).unwrap();
    let parts = attribution.parts.iter().map(|part| names(&part.kinds)).zip(&cell.amounts);
    let all = parts.chain([("rounding".to_owned(), &cell.rounding)]);
    all.map(|(kinds, amount)| (kinds, amount.to_string())).collect()
}

fn owned<const N: usize>(parts: [(&str, &str); N]) -> Vec<(String, String)> {
    parts.map(|(kinds, amount)| (kinds.to_owned(), amount.to_owned())).to_vec()
}

/// Reads a scenario, and a variant of it beside it.
fn with_variant<'s>(folder: &'s ScenarioFolder, variant: &str) -> [Side<'s>; 2] {
    let first = Side::read(folder, Inputs::default(), &[], clock()).ok().unwrap();
    let (mut inputs, mut found) = (first.inputs.beside(), Diagnostics::default());
    let path = folder.path().join("variants").join(variant);
    let stack = Stack::read(&Disk, &path.to_string_lossy(), &mut inputs, &mut found).unwrap();
    let changes: Vec<Change> = stack.changes().cloned().collect();
    let second = Side::read(folder, inputs, &changes, clock()).ok().unwrap();
    [first, second]
}

#[test]
fn helgeland_costs_more_and_nothing_else_is_different() {
    let folder = folder("helgeland-2024");
    let [first, second] = with_variant(&folder, "alternative-2.ron");
    let attribution = attribute(&first, &second, None, &clock()).unwrap();
    check_sums(&attribution, "helgeland");
    // 598 000 kroner more: 22 425 for each of 16, and 24 instead of 21 kroner for each of 25 959 inhabitants.
    assert_eq!(parts_of(&attribution, "Rana"), owned([("cost", "100302"), ("rounding", "0")]));
    assert_eq!(attribution.parties.len(), 16);
}

/// What came out, by names: every share and what everybody pays in all; and the ledgers of grants.
fn figures(side: &Walked<'_>) -> Vec<String> {
    let (scenario, budget) = (side.scenario, side.budget);
    let mut figures = Vec::new();
    for (year_index, walked) in budget.billed.iter().enumerate() {
        let closing = budget.closing_walk(year_index);
        for (party, entry) in scenario.parties.iter() {
            for (index, measure) in scenario.measures() {
                let share = walked.share(index, party);
                figures.push(format!("{} {} {} {share}", walked.year, measure.id, entry.id));
            }
            let payable = walked.payable(party, &closing.payouts).unwrap();
            figures.push(format!("{} {} {payable}", walked.year, entry.id));
        }
        figures.push(format!("{:?}", closing.grants));
    }
    figures
}

/// All of one scenario is that scenario: a hybrid that takes nothing, or everything, from the other one gives what a
/// walk of its own gives.
#[test]
fn the_ends_of_all_hybrids_are_the_scenarios_themselves() {
    let scenarios: Vec<ScenarioFolder> =
        folders(&project().join("scenarios")).iter().map(|path| ScenarioFolder::new(path)).collect();
    let (mut checked, mut attributed) = (0, 0);
    for (first, second) in scenarios.iter().zip(scenarios.iter().cycle().skip(1)) {
        let context = format!("{} and {}", first.path().display(), second.path().display());
        let Some([first, second]) = sides(first, second) else { continue };
        let rules = ChangedRules::between(&first, &second);
        let walker = HybridWalker { rules: &rules, clock: clock() };
        for (side, of_second) in [(&first, &[][..]), (&second, &Kind::ALL[..])] {
            let hybrid = Hybrid { first: &first, second: &second, of_second };
            let walk =
                walker.walk(hybrid, hybrid.file()).unwrap_or_else(|fault| panic!("{context}: {fault:?}"));
            let own =
                Walked { scenario: &side.outcome.scenario, budget: &side.outcome.budget, ..walk.walked() };
            assert_eq!(figures(&walk.walked()), figures(&own), "{context}");
            checked += 1;
        }
        // However little the two have in common, there is an answer, and it sums up.
        let attribution = attribute(&first, &second, None, &clock()).unwrap();
        check_sums(&attribution, &context);
        attributed += usize::from(!attribution.parts.is_empty());
    }
    assert!(checked > 80 && attributed > 30, "only {checked} ends and {attributed} differences");
}

/// All of one year is that year: a mixed year that takes nothing, or everything, from the other one gives the shares
/// that the walk of all years gave.
#[test]
fn the_ends_of_all_mixed_years_are_the_years_themselves() {
    let (mut years, mut shares) = (0, 0);
    for path in folders(&project().join("scenarios")) {
        let shelf = ScenarioFolder::new(&path);
        let Ok(side) = Side::read(&shelf, Inputs::default(), &[], clock()) else { continue };
        let (scenario, budget) = (&side.outcome.scenario, &side.outcome.budget);
        for later in 1..budget.billed.len() {
            let context = format!("{} {}", path.display(), budget.billed[later].year);
            for (year_index, of_later) in [(later - 1, &[][..]), (later, &Kind::ALL[..])] {
                let mixed = MixedYear { side: &side, year_indexes: [later - 1, later], of_later };
                let walk = mixed
                    .walk(mixed.scenario(), &clock())
                    .unwrap_or_else(|fault| panic!("{context}: {fault:?}"));
                let (own, alone) = (&budget.billed[year_index], &walk.walked().budget.billed[0]);
                assert_eq!(own.year, alone.year, "{context}");
                for (index, measure) in scenario.measures().filter(|(_, measure)| !measure.with_memory) {
                    assert_eq!(own.measures[index.0], alone.measures[index.0], "{context}: {}", measure.id);
                    for (party, entry) in scenario.parties.iter() {
                        let pair = [own.share(index, party), alone.share(index, party)];
                        assert_eq!(pair[0], pair[1], "{context}: {} of {}", entry.id, measure.id);
                        shares += usize::from(!pair[0].is_zero());
                    }
                }
                // Before rounding it is the bill but for what rounding makes of each share.
                let payable = mixed.payable(&walk).unwrap();
                for ((party, entry), exact) in scenario.parties.iter().zip(payable) {
                    let billed = own.payable(party, &budget.closing_walk(year_index).payouts).unwrap();
                    let units: i64 = scenario.measures.iter().map(|measure| measure.round_to.ore()).sum();
                    let off = exact - billed.ore_ratio();
                    assert!(
                        off <= whole(units) && off >= whole(-units),
                        "{context}: {} is off by {off}",
                        entry.id
                    );
                }
            }
            let attribution = years::attribute(&side, [later - 1, later], None, &clock()).unwrap();
            check_sums(&attribution, &context);
            years += 1;
        }
    }
    assert!(years > 10 && shares > 100, "only {years} pairs of years and {shares} shares");
}
