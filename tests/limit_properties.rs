//! Limits, memory and transfers against oracles of another kind: who is held by a limit is found by trying, exact
//! shares are fractions.

use fordel::ground::limits::{Bounds, Contradiction, split_within};
use fordel::ground::memory::{TooSmall, split_with_memory, still_behind};
use fordel::ground::ratio::{self, Ratio};
use fordel::ground::split::Weights;
use fordel::ground::transfers::{NotTransfers, balanced};

use crate::support::Random;

struct Case {
    total: i128,
    weights: Vec<u64>,
    ranks: Vec<u32>,
    bounds: Vec<Bounds>,
}

fn random_case(random: &mut Random) -> Case {
    let count = usize::try_from(1 + random.below(9)).unwrap();
    let size = [5, 100, 1_000_000, 1_000_000_000_000][usize::try_from(random.below(4)).unwrap()];
    let largest = [1, 3, 50, 1_000_000_000][usize::try_from(random.below(4)).unwrap()];
    let mut weights: Vec<u64> = (0..count).map(|_| random.below(largest + 1)).collect();
    weights[0] += u64::from(weights.iter().all(|weight| *weight == 0));
    let total = i128::from(random.below(size));
    let bounds = (0..count).map(|_| {
        let part = |random: &mut Random, of: u64| i128::from(random.below(2 * size / of.max(1) + 2));
        let least = if random.below(3) == 0 { part(random, 4 * count as u64) } else { 0 };
        let most = (random.below(2) == 0).then(|| part(random, count as u64) + i128::from(random.below(3)));
        Bounds { least, most }
    });
    let bounds = bounds.collect();
    let order: Vec<u32> = (0..u32::try_from(count).unwrap()).collect();
    Case { total, weights, ranks: random.shuffled(&order), bounds }
}

/// The exact shares under limits: whoever is furthest past a limit by proportion is held there, until nobody is.
/// Only one side is held at a time, the one whose excess is larger, as each round makes the other side's need larger.
fn oracle(case: &Case) -> Option<Vec<Ratio>> {
    let count = case.weights.len();
    let whole = |number: i128| ratio::whole(number);
    let mut held: Vec<Option<i128>> =
        (0..count).map(|at| (case.weights[at] == 0).then_some(case.bounds[at].least)).collect();
    loop {
        let taken: i128 = held.iter().flatten().sum();
        let weight: u64 = (0..count).filter(|at| held[*at].is_none()).map(|at| case.weights[at]).sum();
        let left = whole(case.total - taken);
        if weight == 0 {
            return (left == whole(0)).then(|| held.iter().map(|held| whole(held.unwrap())).collect());
        }
        let share = |at: usize| &left * ratio::fraction(case.weights[at], weight);
        let free: Vec<usize> = (0..count).filter(|at| held[*at].is_none()).collect();
        let low: Vec<usize> =
            free.iter().copied().filter(|at| share(*at) < whole(case.bounds[*at].least)).collect();
        let high: Vec<usize> = free
            .iter()
            .copied()
            .filter(|at| case.bounds[*at].most.is_some_and(|most| share(*at) > whole(most)))
            .collect();
        if low.is_empty() && high.is_empty() {
            return Some((0..count).map(|at| held[at].map_or_else(|| share(at), whole)).collect());
        }
        let missing: Ratio = low.iter().map(|at| whole(case.bounds[*at].least) - share(*at)).sum();
        let excess: Ratio = high.iter().map(|at| share(*at) - whole(case.bounds[*at].most.unwrap())).sum();
        if missing >= excess {
            low.iter().for_each(|at| held[*at] = Some(case.bounds[*at].least));
        }
        if excess >= missing {
            high.iter().for_each(|at| held[*at] = case.bounds[*at].most);
        }
    }
}

#[test]
fn shares_within_limits_are_those_of_the_oracle() {
    let mut random = Random(7);
    let (mut split, mut held, mut refused) = (0, 0, 0);
    for round in 0..60_000 {
        let case = random_case(&mut random);
        let weights = Weights::from_integers(&case.weights).unwrap();
        let within = split_within(case.total, &weights, &case.ranks, &case.bounds);
        let shares = match within {
            Err(fault) => {
                check_contradiction(&case, &fault, round);
                refused += 1;
                continue;
            }
            Ok(shares) => shares,
        };
        let exact = oracle(&case).unwrap_or_else(|| panic!("round {round}: the oracle finds no shares"));
        assert_eq!(shares.iter().sum::<i128>(), case.total, "round {round}");
        for (at, share) in shares.iter().enumerate() {
            let bounds = case.bounds[at];
            let keeps = bounds.least <= *share && bounds.most.is_none_or(|most| *share <= most);
            let near = (ratio::whole(*share) - &exact[at]).reduced();
            assert!(keeps, "round {round}: {at}");
            assert!(
                near < ratio::whole(1) && near > ratio::whole(-1),
                "round {round}: {at}: {share} for {}",
                exact[at]
            );
            held += usize::from(*share == bounds.least && *share > 0 || Some(*share) == bounds.most);
        }
        let mirrored = split_within(-case.total, &weights, &case.ranks, &case.bounds).unwrap();
        assert!(mirrored.iter().zip(&shares).all(|(mirrored, share)| *mirrored == -share), "round {round}");
        split += 1;
    }
    assert!(
        split > 20_000 && held > 10_000 && refused > 5_000,
        "{split} split, {held} held, {refused} refused"
    );
}

/// A refusal is right, and nobody could be left out of the set that it names.
fn check_contradiction(case: &Case, fault: &Contradiction, round: usize) {
    match fault {
        Contradiction::Crossed(at) => {
            assert!(case.bounds[*at].most.unwrap() < case.bounds[*at].least, "round {round}");
        }
        Contradiction::TooMuch(named) => {
            let least = |at: &usize| case.bounds[*at].least;
            let sum: i128 = named.iter().map(least).sum();
            assert!(sum > case.total, "round {round}");
            // No set of fewer contradicts: not even the largest minimums.
            let mut all: Vec<i128> = case.bounds.iter().map(|bounds| bounds.least).collect();
            all.sort_unstable_by(|a, b| b.cmp(a));
            assert!(all[..named.len() - 1].iter().sum::<i128>() <= case.total, "round {round}");
        }
        Contradiction::TooLittle(named) => {
            let most = |at: usize| match case.weights[at] {
                0 => Some(case.bounds[at].least),
                _ => case.bounds[at].most,
            };
            let sum: i128 = named.iter().map(|at| most(*at).unwrap()).sum();
            assert!(sum < case.total, "round {round}");
            assert!(
                (0..case.weights.len()).all(|at| named.contains(&at) || most(at) == Some(0)),
                "round {round}"
            );
        }
    }
}

#[test]
fn with_memory_nobody_is_ever_a_whole_unit_ahead_or_behind() {
    let mut random = Random(11);
    let mut splits = 0;
    for series in 0..4_000 {
        let count = usize::try_from(2 + random.below(12)).unwrap();
        let ranks: Vec<u32> = (0..u32::try_from(count).unwrap()).collect();
        // Every other series has shares of a unit or more, which can always be kept.
        let large = series % 2 == 0;
        let mut behind = vec![ratio::whole(0); count];
        for year in 0..20 {
            let weights: Vec<u64> =
                (0..count).map(|_| if large { 1 + random.below(9) } else { random.below(5) }).collect();
            let Ok(weights) = Weights::from_integers(&weights) else { continue };
            let least = if large { 9 * count as u64 } else { 1 };
            let total = i128::from(least + random.below(if large { 10_000 } else { 8 }));
            match split_with_memory(total, &weights, &ranks, &behind) {
                Err(TooSmall) => {
                    assert!(!large, "series {series}, year {year}");
                    break;
                }
                Ok(portions) => {
                    assert_eq!(
                        portions.iter().map(fordel::ground::split::Portion::share).sum::<i128>(),
                        total
                    );
                    assert!(
                        portions.iter().all(|portion| portion.share() >= 0),
                        "series {series}, year {year}"
                    );
                    behind = portions
                        .iter()
                        .zip(&behind)
                        .map(|(portion, before)| still_behind(portion, before))
                        .collect();
                    let within = |behind: &Ratio| *behind < ratio::whole(1) && *behind > ratio::whole(-1);
                    assert!(behind.iter().all(within), "series {series}, year {year}");
                    splits += 1;
                }
            }
        }
    }
    assert!(splits > 50_000, "{splits} splits");
}

/// Where shares are smaller than a unit, weights can change so that no split keeps the bound; it is refused then.
#[test]
fn memory_is_refused_where_no_split_keeps_the_bound() {
    let weights = |numbers: &[u64]| Weights::from_integers(numbers).unwrap();
    let zero = vec![ratio::whole(0); 4];
    let first = split_with_memory(6, &weights(&[1, 1, 1, 1]), &[0, 1, 2, 3], &zero).unwrap();
    let behind: Vec<Ratio> =
        first.iter().zip(&zero).map(|(portion, before)| still_behind(portion, before)).collect();
    // Two are half a unit ahead and share no more; the others would have to get 3 each of 5.
    let second = split_with_memory(5, &weights(&[0, 0, 1, 1]), &[0, 1, 2, 3], &behind);
    assert_eq!(second, Err(TooSmall));
}

#[test]
fn transfers_sum_to_zero_and_mirror() {
    let mut random = Random(13);
    for round in 0..50_000 {
        let count = usize::try_from(2 + random.below(20)).unwrap();
        let number = |random: &mut Random| {
            ratio::fraction(i128::from(random.below(2_000_001)) - 1_000_000, i128::from(1 + random.below(12)))
        };
        let mut values: Vec<Ratio> = (1..count).map(|_| number(&mut random)).collect();
        let sum: Ratio = values.iter().sum();
        values.push(-sum);
        let order: Vec<u32> = (0..u32::try_from(count).unwrap()).collect();
        let ranks = random.shuffled(&order);
        let amounts = balanced(&values, &ranks).unwrap();
        assert_eq!(amounts.iter().sum::<i128>(), 0, "round {round}");
        for (amount, value) in amounts.iter().zip(&values) {
            let near = ratio::whole(*amount) - value;
            assert!(near < ratio::whole(1) && near > ratio::whole(-1), "round {round}: {amount} for {value}");
        }
        let negative: Vec<Ratio> = values.iter().map(|value| -value).collect();
        let mirrored = balanced(&negative, &ranks).unwrap();
        assert!(
            mirrored.iter().zip(&amounts).all(|(mirrored, amount)| *mirrored == -amount),
            "round {round}"
        );
        values[0] += ratio::whole(1);
        assert!(matches!(balanced(&values, &ranks), Err(NotTransfers::Sum(_))), "round {round}");
    }
}
