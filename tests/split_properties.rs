//! What must always hold of a split, on millions of random ones, against oracles that share no code with it.

use fordel::ground::column::{Column, MixPart, mix};
use fordel::ground::kernel::{Kernel, KernelWeights};
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

/// Whether the kernel takes a row; else the fast path is the plain one.
fn is_of_the_kernel(case: &Case, columns: &[usize], (width, ranks): (usize, &[u32])) -> bool {
    let mut by_column = vec![0; row_width(width)];
    columns.iter().zip(&case.weights).for_each(|(column, weight)| by_column[*column] = *weight);
    let weights = case.weights.iter().try_fold(0u64, |sum, weight| sum.checked_add(*weight));
    let weights = weights.and_then(|sum| KernelWeights::new(&by_column, sum));
    let size = u64::try_from(case.total.unsigned_abs()).unwrap();
    weights.is_some_and(|weights| {
        Kernel::new(by_column.len()).split(size, &weights, ranks, &mut vec![0; by_column.len()])
    })
}

#[test]
fn half_a_million_random_rows_equal_the_plain_split() {
    let check = |seed: u64| {
        let mut of_the_kernel = 0;
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
            if round % 10 == 0 {
                of_the_kernel += usize::from(is_of_the_kernel(&case, &columns, (width, &ranks)));
            }
        }
        // A machine without fused multiply-add has the plain path alone.
        let has_kernel = !matches!(pulp::Arch::new(), pulp::Arch::Scalar);
        assert_eq!(of_the_kernel > 10_000, has_kernel, "{of_the_kernel} of 25 000 rows by the kernel");
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

/// A part of a mix: its factor, the positions that share in it, and a number for each.
type Part = (Ratio, Vec<usize>, Vec<i64>);

/// The sum of all parts of a mix as plain fractions, by position; none for who shares in no part.
fn plain_mix(parts: &[Part], count: usize) -> Vec<Option<Ratio>> {
    let mut mixed = vec![None; count];
    for (factor, positions, numbers) in parts {
        for (position, number) in positions.iter().zip(numbers) {
            let share = factor * ratio::fraction(*number, numbers.iter().sum::<i64>());
            *mixed[*position].get_or_insert_with(|| ratio::whole(0)) += share;
        }
    }
    mixed
}

/// A part of a mix: most often everybody shares in it, else some do.
fn random_part(random: &mut Random, count: usize, (size, common): (u64, i64)) -> Part {
    let all = random.below(3) > 0;
    let mut positions: Vec<usize> = (0..count).filter(|_| all || random.below(2) == 0).collect();
    if positions.is_empty() {
        positions.push(usize::try_from(random.below(count as u64)).unwrap());
    }
    let mut number = || if random.below(4) == 0 { 0 } else { i64::try_from(random.below(size)).unwrap() };
    let mut numbers: Vec<i64> = positions.iter().map(|_| common * number()).collect();
    let one = usize::try_from(random.below(positions.len() as u64)).unwrap();
    numbers[one] += common;
    (ratio::fraction(i64::try_from(1 + random.below(1_000)).unwrap(), 1_000), positions, numbers)
}

#[test]
fn the_weights_of_a_mix_are_in_proportion_and_reduced() {
    let mut random = Random(0x317);
    let (mut reduced, mut of_some, mut without_zeros) = (0, 0, 0);
    for round in 0..20_000u64 {
        let count = usize::try_from(1 + random.below(12)).unwrap();
        // Numbers up to where the common denominator leaves 64 bits, with common divisors of all kinds.
        let size = 1 << (1 + random.below(34));
        let common = [1, 2, 3, 12, 96, 1_001][usize::try_from(random.below(6)).unwrap()];
        let zeros_count = random.below(2) == 0;
        let parts: Vec<Part> =
            (0..1 + random.below(3)).map(|_| random_part(&mut random, count, (size, common))).collect();
        let columns: Vec<Column> = parts.iter().map(|(.., own)| Column::of_integers(own.clone())).collect();
        let mixed = parts.iter().zip(&columns).map(|((factor, positions, _), numbers)| MixPart {
            factor,
            numbers,
            positions,
        });
        let (places, weights) = mix(&mixed.collect::<Vec<_>>(), count, zeros_count).unwrap();
        let expected = plain_mix(&parts, count);
        let counts = |share: &Ratio| zeros_count || *share > ratio::whole(0);
        let expected: Vec<(usize, Ratio)> =
            (0..).zip(expected).filter_map(|(at, share)| Some((at, share.filter(counts)?))).collect();
        let sum: Ratio = expected.iter().map(|(_, share)| share).sum();
        assert_eq!(places, expected.iter().map(|(at, _)| *at).collect::<Vec<_>>(), "round {round}");
        for (index, (_, share)) in expected.iter().enumerate() {
            let (weight, all) = weights.weight_of_sum(index);
            assert_eq!(Ratio::new(weight.into(), all.into()), share / &sum, "round {round}");
        }
        of_some += usize::from(parts.iter().all(|(_, positions, _)| positions.len() < count));
        without_zeros += usize::from(places.len() < count);
        if let Some((own, _)) = weights.narrow() {
            let divisor = own.iter().fold(0, |divisor: u64, weight| divisor.gcd(weight));
            assert_eq!(divisor, 1, "round {round}: {own:?}");
            reduced += 1;
        }
    }
    assert!(
        reduced > 10_000 && of_some > 2_000 && without_zeros > 2_000,
        "{reduced} mixes in 64 bits, {of_some} of some, {without_zeros} without zeros"
    );
}
