//! Shares that do not fit into narrow cells: they are neither cut nor lost, wherever in a run of years they come.

use std::sync::Arc;

use fordel::engine::budget::Budget;
use fordel::engine::standing::Standing;
use fordel::engine::walk::{Outcome, budget};
use fordel::ground::cells::{Cell, CellsView};
use fordel::ground::diagnostic::Diagnostics;
use fordel::ground::money::Money;
use fordel::ground::split::{Weights, split};
use fordel::ground::sums::{Sums, sums_of_rows};
use fordel::model::measure::MeasureIx;
use fordel::model::scenario::Scenario;

use crate::support::{MemoryShelf, Random};

/// The parties `p0`, `p1` …, whose ids are in byte order.
const PARTIES: usize = 5;
const YEARS: usize = 4;
const MEASURES: usize = 3;

/// A number of any size up to a bound of bits, of either sign.
fn number(random: &mut Random, bits_max: u64) -> i64 {
    let bits = 1 + random.below(bits_max);
    let size = i64::try_from(random.bits() >> (64 - bits)).unwrap();
    if random.below(3) == 0 { -size } else { size }
}

#[test]
fn narrow_cells_refuse_what_they_would_cut() {
    let mut random = Random(32);
    let bounds = [i64::from(i32::MIN), i64::from(i32::MAX), 0, i64::MIN, i64::MAX];
    for round in 0..20_000 {
        let mut numbers: Vec<i64> = (0..1 + random.below(40)).map(|_| number(&mut random, 31)).collect();
        let position = usize::try_from(random.below(numbers.len() as u64)).unwrap();
        let bound = bounds[usize::try_from(random.below(5)).unwrap()];
        numbers[position] = bound.saturating_add(number(&mut random, 2));
        let mut cells = vec![0i32; numbers.len()];
        let fits = numbers.iter().all(|number| i32::try_from(*number).is_ok());
        assert_eq!(i32::store(&numbers, &mut cells), fits, "round {round}: {numbers:?}");
        if fits {
            assert!(CellsView::Narrow(&cells) == CellsView::Wide(&numbers), "round {round}");
        }
    }
}

#[test]
fn sums_are_exact_however_wide_the_cells() {
    let mut random = Random(64);
    for round in 0..2_000 {
        let width = usize::try_from(1 + random.below(20)).unwrap();
        let rows = usize::try_from(1 + random.below(20)).unwrap();
        let near = |random: &mut Random| match random.below(4) {
            0 => [i64::from(i32::MIN), i64::from(i32::MAX)][usize::try_from(random.below(2)).unwrap()],
            _ => number(random, 31),
        };
        let wide: Vec<i64> = (0..width * rows).map(|_| near(&mut random)).collect();
        let narrow: Vec<i32> = wide.iter().map(|number| i32::try_from(*number).unwrap()).collect();
        let row = |row: usize| wide[row * width..][..width].iter().map(|own| i128::from(*own)).sum();
        let column = |column: usize| (0..rows).map(|row| i128::from(wide[row * width + column])).sum();
        let expected =
            Sums { by_row: (0..rows).map(row).collect(), by_column: (0..width).map(column).collect() };
        assert_eq!(sums_of_rows(narrow.chunks_exact(width), width), expected, "round {round}");
        assert_eq!(sums_of_rows(wide.chunks_exact(width), width), expected, "round {round}");
    }
}

/// By measure, then by year, in whole kroner: most of them small, some beyond what a narrow cell holds of øre.
fn amounts(random: &mut Random) -> [[i64; YEARS]; MEASURES] {
    let bits_max = [18, 26, 40][usize::try_from(random.below(3)).unwrap()];
    [(); MEASURES].map(|()| {
        [(); YEARS].map(|()| if random.below(4) == 0 { number(random, bits_max) } else { number(random, 16) })
    })
}

fn walked(amounts: &[[i64; YEARS]; MEASURES], weights: &[u64]) -> Outcome {
    let measure = |(index, years): (usize, &[i64; YEARS])| {
        let years: Vec<String> =
            (2024..).zip(years).map(|(year, amount)| format!("{year}: {amount}")).collect();
        format!("(id: \"m{index}\", amount: {{{}}}, key: \"by(\\\"d\\\")\"),", years.join(", "))
    };
    let measures: String = amounts.iter().enumerate().map(measure).collect();
    let list = |entry: &dyn Fn(usize) -> String| (0..PARTIES).map(entry).collect::<Vec<_>>().join(", ");
    let text = format!(
        "(title: \"t\", years: (first: 2024, last: 2027), parties: [{}], measures: [{measures}],\n\
         drivers: [(id: \"d\", values: Fixed({{{}}}))])",
        list(&|party| format!("\"p{party}\"")),
        list(&|party| format!("\"p{party}\": {}", weights[party])),
    );
    let walk = MemoryShelf::of([("scenario.ron", text.as_str())]).walk();
    walk.outcome.unwrap_or_else(|| panic!("{:?}", walk.diagnostics))
}

fn is_wide(budget: &Budget) -> bool {
    budget.billed[0].rows.view().cells.is_wide()
}

#[test]
fn large_shares_are_those_of_the_plain_split() {
    let mut random = Random(2_147_483_648);
    let mut wide = 0;
    for round in 0..600 {
        let weights: Vec<u64> = (0..PARTIES).map(|_| 1 + random.below(1_000)).collect();
        let amounts = amounts(&mut random);
        let outcome = walked(&amounts, &weights);
        assert!(outcome.proof.holds(), "round {round}: {:?}", outcome.proof.failures);
        let by_weight = Weights::from_integers(&weights).unwrap();
        let mut all_fit = true;
        for (year, walked) in outcome.budget.billed.iter().enumerate() {
            for (measure, years) in amounts.iter().enumerate() {
                let expected = split(i128::from(years[year]) * 100, &by_weight, &[0, 1, 2, 3, 4]);
                let shares: Vec<i128> =
                    walked.shares(MeasureIx(measure)).iter().map(|share| share.ore().into()).collect();
                assert_eq!(shares, expected, "round {round}: {amounts:?}");
                all_fit &= expected.iter().all(|share| i32::try_from(*share).is_ok());
            }
        }
        assert_eq!(is_wide(&outcome.budget), !all_fit, "round {round}: cells are as wide as they must be");
        wide += usize::from(!all_fit);
    }
    assert!((90..450).contains(&wide), "{wide} of 600 tables were wide");
}

#[test]
fn a_revision_may_bring_and_take_away_large_shares() {
    let mut random = Random(9);
    let (mut widened, mut small_again) = (0, 0);
    for round in 0..300 {
        let first = walked(&amounts(&mut random), &[3, 1, 4, 1, 5]);
        let mut found = Diagnostics::default();
        let mut standing = Standing::new(first.scenario, first.plan, &mut found).unwrap();
        for _ in 0..4 {
            let mut scenario = Scenario::clone(&standing.scenario);
            let index = usize::try_from(random.below(MEASURES as u64)).unwrap();
            let other = amounts(&mut random)[index];
            let figures = &mut Arc::make_mut(&mut scenario.measures[index]).decided;
            for ((_, amount), other) in figures.amounts.iter_mut().zip(other) {
                amount.value = Money::from_ore(other * 100);
            }
            let (scenario, plan) = (Arc::new(scenario), standing.plan.clone());
            let expected = budget(&scenario, &plan, &mut found).unwrap();
            let (before, after) = (is_wide(&standing.budget), is_wide(&expected));
            let revision = standing.revise(scenario, plan, &mut found).unwrap();
            assert!(standing.budget == expected && revision.proof.holds(), "round {round}");
            // What stands stays wide: the next large share would widen it again.
            assert_eq!(is_wide(&standing.budget), before || after, "round {round}");
            widened += usize::from(!before && after);
            small_again += usize::from(before && !after);
        }
    }
    assert!(widened > 20 && small_again > 20, "{widened} widened, {small_again} small again");
}
