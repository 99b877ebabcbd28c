//! What must always hold of a split, on millions of random ones, against oracles that share no code with it.

use fordel::ground::column::{Column, MixPart, mix};
use fordel::ground::ratio::{self, Ratio};
use fordel::ground::rows::{RowWeights, Splitter, row_width};
use fordel::ground::split::{Weights, split, split_explained};
use num_bigint::BigInt;
use num_integer::Integer;

use crate::support::Random;

/// A random split: total, weights, ranks.
struct Case {
    total: i128,
    weights: Vec<u64>,
    ranks: Vec<u32>,
}

/// Random splits of 1–400 parties, totals to ±10¹⁵, weights to 10¹², with zeros, equal weights and round numbers.
fn case(random: &mut Random) -> Case {
    let count = 1 + random.below(400);
    let weight_digits = 1 + u32::try_from(random.below(12)).unwrap();
    let weight_max = 10u64.pow(weight_digits);
    let kind = random.below(6);
    let common = 1 + random.below(weight_max);
    let mut weights: Vec<u64> = (0..count)
        .map(|_| match kind {
            0 => common,
            1 if random.below(3) == 0 => 0,
            2 => 1 + random.below(4),
            3 => common * (1 + random.below(3)),
            _ => random.below(weight_max + 1),
        })
        .collect();
    if weights.iter().all(|weight| *weight == 0) {
        weights[0] = 1;
    }
    let size_max = 10u64.pow(1 + u32::try_from(random.below(15)).unwrap());
    let size = random.below(size_max + 1);
    let total = if random.below(3) == 0 { -i128::from(size) } else { i128::from(size) };
    let ranks: Vec<u32> = (0..u32::try_from(count).unwrap()).collect();
    Case { total, weights, ranks: random.shuffled(&ranks) }
}

/// The definition, word for word, in 128-bit integers and with a full sort.
fn oracle(case: &Case) -> Vec<i128> {
    let sum: i128 = case.weights.iter().map(|weight| i128::from(*weight)).sum();
    let size = case.total.abs();
    let mut shares: Vec<i128> = case.weights.iter().map(|weight| size * i128::from(*weight) / sum).collect();
    let left = usize::try_from(size - shares.iter().sum::<i128>()).unwrap();
    let mut queue: Vec<usize> = (0..shares.len()).collect();
    queue.sort_by_key(|&party| {
        let weight = i128::from(case.weights[party]);
        (-(size * weight - shares[party] * sum), -weight, case.ranks[party])
    });
    for party in &queue[..left] {
        shares[*party] += 1;
    }
    shares.into_iter().map(|share| share * case.total.signum()).collect()
}

#[test]
fn a_million_random_splits_equal_the_oracle() {
    let check = |seed: u64| {
        for round in 0..500_000 {
            let mut random = Random(seed + round);
            let case = case(&mut random);
            let weights = Weights::from_integers(&case.weights).unwrap();
            let shares = split(case.total, &weights, &case.ranks);
            assert_eq!(shares, oracle(&case), "seed {}", seed + round);
            assert_eq!(shares.iter().sum::<i128>(), case.total, "seed {}", seed + round);
        }
    };
    std::thread::scope(|threads| {
        threads.spawn(|| check(1_000_000_000));
        check(2_000_000_000);
    });
}

/// A random row for the fast path: some columns of many, weights and totals on both sides of what the kernel takes,
/// and ties of every kind.
fn row_case(random: &mut Random) -> (Case, Vec<usize>, usize) {
    let mut case = case(random);
    match random.below(5) {
        // Sums and totals at the bound of the kernel, 2^50.
        0 => {
            let bound = (1u64 << 50) / u64::try_from(case.weights.len()).unwrap();
            case.weights.iter_mut().for_each(|weight| *weight = bound - random.below(3));
            case.total = i128::from((1u64 << 50) - 2 + random.below(4));
        }
        // Products beyond 64 bits, remainders that all tie but for a few.
        1 => {
            let base = 1 + random.below(1 << 40);
            case.weights.iter_mut().for_each(|weight| *weight = base + random.below(2) * random.below(2));
            case.total = i128::from(random.below(1 << 50));
        }
        // Totals up to the largest amount of money.
        2 => case.total = i128::from(i64::from_ne_bytes(random.bits().to_ne_bytes())),
        _ => {}
    }
    let gaps = random.below(2);
    let mut columns = Vec::new();
    let mut next = 0;
    for _ in 0..case.weights.len() {
        next += 1 + usize::try_from(random.below(gaps * 2 + 1)).unwrap();
        columns.push(next - 1);
    }
    (case, columns, next + usize::try_from(random.below(5)).unwrap())
}

#[test]
fn half_a_million_random_rows_equal_the_plain_split() {
    let check = |seed: u64| {
        for round in 0..250_000 {
            let mut random = Random(seed + round);
            let (case, columns, width) = row_case(&mut random);
            let mut ranks: Vec<u32> = (0..u32::try_from(width).unwrap()).collect();
            columns.iter().zip(&case.ranks).for_each(|(column, rank)| ranks[*column] = 1_000 + rank);
            let weights = Weights::from_integers(&case.weights).unwrap();
            let wanted = split(case.total, &weights, &case.ranks);
            let mut row = vec![-1; row_width(width)];
            let total = i64::try_from(case.total).unwrap();
            Splitter::new(width).split(
                total,
                &RowWeights::new(columns.clone(), weights, &ranks.clone().into()),
                &mut row,
            );
            let shares: Vec<i128> = columns.iter().map(|column| row[*column].into()).collect();
            assert_eq!(shares, wanted, "seed {}", seed + round);
            let others = (0..row.len()).filter(|column| !columns.contains(column));
            assert!(others.map(|column| row[column]).all(|share| share == 0), "seed {}", seed + round);
        }
    };
    std::thread::scope(|threads| {
        threads.spawn(|| check(3_000_000_000));
        check(4_000_000_000);
    });
}

#[test]
fn every_share_is_within_one_unit_of_the_exact_one_and_zero_weights_pay_nothing() {
    for round in 0..3_000 {
        let case = case(&mut Random(77_000_000 + round));
        let weights = Weights::from_integers(&case.weights).unwrap();
        for (portion, weight) in split_explained(case.total, &weights, &case.ranks).iter().zip(&case.weights)
        {
            let share = portion.cut + if portion.got_left_over { case.total.signum() } else { 0 };
            let distance = Ratio::from_integer(BigInt::from(share)) - &portion.exact;
            assert!(distance < ratio::whole(1) && distance > ratio::whole(-1), "round {round}");
            assert!(*weight > 0 || share == 0, "round {round}");
        }
    }
}

#[test]
fn splits_mirror_scale_and_do_not_depend_on_the_order() {
    for round in 0..20_000 {
        let mut random = Random(88_000_000 + round);
        let case = case(&mut random);
        let weights = Weights::from_integers(&case.weights).unwrap();
        let shares = split(case.total, &weights, &case.ranks);
        let mirrored: Vec<i128> = shares.iter().map(|share| -share).collect();
        assert_eq!(split(-case.total, &weights, &case.ranks), mirrored, "round {round}");
        let scaled: Vec<Ratio> =
            case.weights.iter().map(|weight| ratio::fraction(*weight, 1_000_003)).collect();
        assert_eq!(
            split(case.total, &Weights::from_ratios(&scaled).unwrap(), &case.ranks),
            shares,
            "round {round}"
        );
        let order: Vec<usize> = random.shuffled(&(0..shares.len()).collect::<Vec<_>>());
        let weights: Vec<u64> = order.iter().map(|index| case.weights[*index]).collect();
        let ranks: Vec<u32> = order.iter().map(|index| case.ranks[*index]).collect();
        let reordered = split(case.total, &Weights::from_integers(&weights).unwrap(), &ranks);
        assert_eq!(reordered, order.iter().map(|index| shares[*index]).collect::<Vec<_>>(), "round {round}");
    }
}

#[test]
fn the_whole_range_of_totals_is_split_exactly() {
    let extremes =
        [i128::MIN, i128::MIN + 1, -1, 0, 1, i128::from(u64::MAX), i128::from(u64::MAX) + 1, i128::MAX];
    for round in 0..2_000 {
        let mut random = Random(99_000_000 + round);
        let count = 1 + random.below(30);
        let weights: Vec<Ratio> = (0..count)
            .map(|_| {
                let numerator =
                    BigInt::from(random.bits()) * BigInt::from(random.bits()) * BigInt::from(random.below(3));
                Ratio::new(numerator, BigInt::from(1 + random.below(1000)))
            })
            .collect();
        let Ok(reduced) = Weights::from_ratios(&weights) else { continue };
        let ranks: Vec<u32> = (0..u32::try_from(count).unwrap()).collect();
        let any = i128::from_ne_bytes(
            [random.bits().to_ne_bytes(), random.bits().to_ne_bytes()].concat().try_into().unwrap(),
        );
        for total in extremes.into_iter().chain([any]) {
            let shares = split(total, &reduced, &ranks);
            let sum: BigInt = shares.iter().map(|share| BigInt::from(*share)).sum();
            assert_eq!(sum, BigInt::from(total), "round {round}");
            let all: Ratio = weights.iter().sum();
            for (share, weight) in shares.iter().zip(&weights) {
                let exact = Ratio::from_integer(BigInt::from(total)) * weight / &all;
                let distance = Ratio::from_integer(BigInt::from(*share)) - exact;
                assert!(distance < ratio::whole(1) && distance > ratio::whole(-1), "round {round}");
            }
        }
    }
}

/// The sum of all parts of a mix as plain fractions.
fn plain_mix(parts: &[(Ratio, Vec<i64>)]) -> Vec<Ratio> {
    let count = parts[0].1.len();
    let share = |position: usize| {
        let of_part = |(factor, numbers): &(Ratio, Vec<i64>)| {
            factor * ratio::fraction(numbers[position], numbers.iter().sum::<i64>())
        };
        parts.iter().map(of_part).sum()
    };
    (0..count).map(share).collect()
}

#[test]
fn the_weights_of_a_mix_are_in_proportion_and_reduced() {
    let mut random = Random(0x317);
    let mut reduced = 0;
    for round in 0..20_000u64 {
        let count = usize::try_from(1 + random.below(12)).unwrap();
        // Numbers up to where the common denominator leaves 64 bits, with common divisors of all kinds.
        let size = 1 << (1 + random.below(34));
        let common = [1, 2, 3, 12, 96, 1_001][usize::try_from(random.below(6)).unwrap()];
        let mut parts = Vec::new();
        for part in 0..1 + random.below(3) {
            let mut numbers: Vec<i64> =
                (0..count).map(|_| common * i64::try_from(random.below(size)).unwrap()).collect();
            numbers[usize::try_from(part).unwrap() % count] += common;
            let factor = i64::try_from(1 + random.below(1_000)).unwrap();
            parts.push((ratio::fraction(factor, 1_000), numbers));
        }
        let columns: Vec<Column> = parts.iter().map(|(_, own)| Column::of_integers(own.clone())).collect();
        let positions: Vec<usize> = (0..count).collect();
        let mixed = parts.iter().zip(&columns).map(|((factor, _), numbers)| MixPart {
            factor,
            numbers,
            positions: &positions,
        });
        let (places, weights) = mix(&mixed.collect::<Vec<_>>(), count, true).unwrap();
        assert_eq!(places, positions);
        let expected = plain_mix(&parts);
        let sum: Ratio = expected.iter().sum();
        for (position, share) in expected.iter().enumerate() {
            let (weight, all) = weights.weight_of_sum(position);
            assert_eq!(Ratio::new(weight.into(), all.into()), share / &sum, "round {round}");
        }
        if let Some((own, _)) = weights.narrow() {
            let divisor = own.iter().fold(0, |divisor: u64, weight| divisor.gcd(weight));
            assert_eq!(divisor, 1, "round {round}: {own:?}");
            reduced += 1;
        }
    }
    assert!(reduced > 10_000, "only {reduced} mixes in 64 bits");
}
