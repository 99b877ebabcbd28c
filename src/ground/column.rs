//! A list of exact numbers of one kind: driver values, percentages, amounts. Nearly always whole numbers over one
//! small denominator, and then held so: nothing is allocated per number, and weights are made in machine integers.

use std::sync::Arc;

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Signed, ToPrimitive, Zero};

use super::ratio::{self, Ratio};
use super::split::{WeightFault, Weights};

/// Exact numbers in order. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column(Arc<Form>);

#[derive(Debug, PartialEq, Eq)]
enum Form {
    /// `numerators[i] / denominator`, with a sum of sizes that fits in 64 bits.
    Narrow { numerators: Vec<i64>, denominator: i64 },
    /// Everything else.
    Wide(Vec<Ratio>),
}

/// A proportional part of a mix: a fraction of the whole, over numbers at some positions.
#[derive(Clone, Copy, Debug)]
pub struct MixPart<'m> {
    /// The fraction of the whole.
    pub factor: &'m Ratio,
    /// The numbers; their sum is above zero and none is negative.
    pub numbers: &'m Column,
    /// Where each of them stands in the mix, in ascending order.
    pub positions: &'m [usize],
}

impl Column {
    /// Takes exact numbers.
    ///
    /// ```
    /// use fordel::ground::{column::Column, ratio};
    /// let column = Column::new(vec![ratio::fraction(1, 2), ratio::whole(3)]);
    /// assert_eq!(column.sum(), ratio::fraction(7, 2));
    /// assert_eq!(column.get(1), ratio::whole(3));
    /// ```
    pub fn new(numbers: Vec<Ratio>) -> Column {
        Column(Arc::new(narrowed(&numbers).unwrap_or(Form::Wide(numbers))))
    }

    /// Takes whole numbers.
    pub fn of_integers(numerators: Vec<i64>) -> Column {
        let sum = numerators.iter().try_fold(0u64, |sum, number| sum.checked_add(number.unsigned_abs()));
        match sum.filter(|sum| i64::try_from(*sum).is_ok()) {
            Some(_) => Column(Arc::new(Form::Narrow { numerators, denominator: 1 })),
            None => Column(Arc::new(Form::Wide(numerators.into_iter().map(ratio::whole).collect()))),
        }
    }

    /// The same number so many times.
    pub fn repeated(number: &Ratio, count: usize) -> Column {
        Column::new(vec![number.clone(); count])
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        match &*self.0 {
            Form::Narrow { numerators, .. } => numerators.len(),
            Form::Wide(numbers) => numbers.len(),
        }
    }

    /// The number at a position.
    pub fn get(&self, position: usize) -> Ratio {
        match &*self.0 {
            Form::Narrow { numerators, denominator } => ratio::fraction(numerators[position], *denominator),
            Form::Wide(numbers) => numbers[position].clone(),
        }
    }

    /// The numbers in order.
    pub fn iter(&self) -> impl Iterator<Item = Ratio> {
        (0..self.count()).map(|position| self.get(position))
    }

    /// The sum of all.
    pub fn sum(&self) -> Ratio {
        match &*self.0 {
            Form::Narrow { numerators, denominator } => ratio::fraction(sum_of(numerators), *denominator),
            Form::Wide(numbers) => numbers.iter().sum(),
        }
    }

    /// The position of the first negative number.
    pub fn first_negative(&self) -> Option<usize> {
        match &*self.0 {
            // Nearly never there is one: to look at all of them together is faster than to stop at the first.
            Form::Narrow { numerators, .. } => {
                let signs = numerators.iter().fold(0, |signs, number| signs | number);
                if signs < 0 { numerators.iter().position(Signed::is_negative) } else { None }
            }
            Form::Wide(numbers) => numbers.iter().position(Signed::is_negative),
        }
    }

    /// Whether there is nothing but zeros.
    pub fn is_all_zero(&self) -> bool {
        match &*self.0 {
            Form::Narrow { numerators, .. } => numerators.iter().all(|number| *number == 0),
            Form::Wide(numbers) => numbers.iter().all(Zero::is_zero),
        }
    }

    /// The numbers at some positions.
    #[must_use]
    pub fn at(&self, positions: &[usize]) -> Column {
        match &*self.0 {
            Form::Narrow { numerators, denominator } => {
                let numerators = positions.iter().map(|position| numerators[*position]).collect();
                Column(Arc::new(Form::Narrow { numerators, denominator: *denominator }))
            }
            Form::Wide(numbers) => {
                Column::new(positions.iter().map(|position| numbers[*position].clone()).collect())
            }
        }
    }

    /// Whether two columns are the same one, and not only equal.
    pub fn is_same(&self, other: &Column) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// A number that two columns have in common only where they are the same one.
    pub fn identity(&self) -> usize {
        Arc::as_ptr(&self.0) as usize
    }
}

/// The weights of a mix of parts, `Σ factor · number / sum of numbers` over one common denominator, and the positions
/// that have one; those of weight 0 only where they count as well.
///
/// # Errors
/// [`WeightFault`] where nobody has a weight above zero.
pub fn mix(
    parts: &[MixPart<'_>],
    count: usize,
    zeros_count: bool,
) -> Result<(Vec<usize>, Weights), WeightFault> {
    match mix_narrow(parts, count) {
        // Nearly always all count, and stand where they are.
        Some((weights, None)) if zeros_count || !has_zero(&weights) => {
            Ok(((0..count).collect(), Weights::from_integers(&weights)?))
        }
        Some((weights, counts)) => {
            let counts = |position: usize| counts.as_ref().is_none_or(|counts| counts[position]);
            let weights = (0..).zip(weights).map(|(position, weight)| counts(position).then_some(weight));
            let (positions, weights) = counting(weights, |weight| zeros_count || *weight > 0);
            Ok((positions, Weights::from_integers(&weights)?))
        }
        None => {
            let weights = mix_wide(parts, count).into_iter();
            let (positions, weights) = counting(weights, |weight| zeros_count || !weight.is_zero());
            Ok((positions, Weights::from_ratios(&weights)?))
        }
    }
}

/// Whether any weight is 0; nearly never, and to look at all of them together is faster than to stop at the first.
fn has_zero(weights: &[u64]) -> bool {
    weights.iter().fold(false, |has, weight| has | (*weight == 0))
}

fn counting<W>(
    weights: impl Iterator<Item = Option<W>>,
    counts: impl Fn(&W) -> bool,
) -> (Vec<usize>, Vec<W>) {
    weights
        .enumerate()
        .filter_map(|(position, weight)| Some((position, weight.filter(|weight| counts(weight))?)))
        .unzip()
}

/// The weights by position, and who has one, be it 0; nothing where all have.
type Mixed = (Vec<u64>, Option<Vec<bool>>);

/// A part of a mix over the common denominator.
struct Scaled<'m> {
    /// What each of its numbers is multiplied by.
    scale: u128,
    numerators: &'m [i64],
    /// Their sum.
    sum: u64,
    positions: &'m [usize],
}

/// In machine integers, where everything fits.
fn mix_narrow(parts: &[MixPart<'_>], count: usize) -> Option<Mixed> {
    // The denominator of a column cancels out: a part is numerator / sum of numerators.
    let mut fractions: Vec<(u128, u128, Scaled<'_>)> = Vec::with_capacity(parts.len());
    let mut common = 1u128;
    for MixPart { factor, numbers, positions } in parts {
        let Form::Narrow { numerators, .. } = &*numbers.0 else { return None };
        let sum = sum_of(numerators).to_u64()?;
        let denominator = factor.denom().to_u128()?.checked_mul(sum.into())?;
        let divisor = common.gcd(&denominator);
        common = common.checked_mul(denominator / divisor)?;
        let unscaled = Scaled { scale: 1, numerators, sum, positions };
        fractions.push((factor.numer().to_u128()?, denominator, unscaled));
    }
    let scaled = |(factor, denominator, part)| {
        Some(Scaled { scale: u128::checked_mul(factor, common / denominator)?, ..part })
    };
    let scaled: Vec<Scaled<'_>> = fractions.into_iter().map(scaled).collect::<Option<_>>()?;
    // Nearly always 64 bits are enough also before the weights are reduced.
    reduced_narrow(&scaled, count).or_else(|| reduced_wide(&scaled, count))
}

/// The sum of all parts by position, divided by the largest number that divides all of it; none where it might not fit
/// into 64 bits on the way.
fn reduced_narrow(parts: &[Scaled<'_>], count: usize) -> Option<Mixed> {
    // None is negative, so that no weight is larger than the sum of all.
    let mut sum = 0u128;
    for part in parts {
        sum = sum.checked_add(part.scale.checked_mul(part.sum.into())?)?;
    }
    u64::try_from(sum).ok()?;
    let (mut weights, mut counts) = (vec![0u64; count], Some(vec![false; count]));
    for Scaled { scale, numerators, positions, .. } in parts {
        let scale = u64::try_from(*scale).ok()?;
        let scaled = |numerator: &i64| scale.wrapping_mul(numerator.cast_unsigned());
        // In ascending order, so many can be nothing but all.
        if positions.len() == count {
            let own = weights.iter_mut().zip(*numerators);
            own.for_each(|(weight, numerator)| *weight = weight.wrapping_add(scaled(numerator)));
            counts = None;
            continue;
        }
        for (position, numerator) in positions.iter().zip(*numerators) {
            weights[*position] = weights[*position].wrapping_add(scaled(numerator));
        }
        if let Some(counts) = &mut counts {
            positions.iter().for_each(|position| counts[*position] = true);
        }
    }
    reduce(&mut weights);
    Some((weights, counts))
}

/// Divides numbers by the largest number that divides all of them.
fn reduce(numbers: &mut [u64]) {
    let Some(first) = numbers.iter().find(|number| **number > 0) else { return };
    let twos = numbers.iter().fold(0, |bits, number| bits | number).trailing_zeros();
    let mut divisor = OddDivisor::new(first >> first.trailing_zeros());
    for number in numbers.iter().map(|number| number >> twos) {
        if divisor.number == 1 {
            break;
        }
        if !divisor.divides(number) {
            divisor = OddDivisor::new(divisor.number.gcd(&number));
        }
    }
    if twos > 0 || divisor.number > 1 {
        numbers.iter_mut().for_each(|number| *number = divisor.quotient(*number >> twos));
    }
}

/// An odd number by which many numbers are divided without a remainder. Modulo 2⁶⁴ it has an inverse, and a number that
/// it divides times that inverse is the quotient; any other number comes to more than the largest quotient there is.
struct OddDivisor {
    number: u64,
    inverse: u64,
    quotient_max: u64,
}

impl OddDivisor {
    fn new(number: u64) -> OddDivisor {
        // An odd number is its own inverse in the last three bits, and each step doubles how many are right.
        let step = |inverse: u64, _| inverse.wrapping_mul(2u64.wrapping_sub(number.wrapping_mul(inverse)));
        OddDivisor { number, inverse: (0..5).fold(number, step), quotient_max: u64::MAX / number }
    }

    fn quotient(&self, number: u64) -> u64 {
        number.wrapping_mul(self.inverse)
    }

    fn divides(&self, number: u64) -> bool {
        self.quotient(number) <= self.quotient_max
    }
}

/// The same in twice as many bits.
fn reduced_wide(parts: &[Scaled<'_>], count: usize) -> Option<Mixed> {
    let (mut weights, mut counts) = (vec![0u128; count], vec![false; count]);
    for Scaled { scale, numerators, positions, .. } in parts {
        for (position, numerator) in positions.iter().zip(*numerators) {
            let weight = scale.checked_mul(numerator.to_u128()?)?;
            weights[*position] = weights[*position].checked_add(weight)?;
            counts[*position] = true;
        }
    }
    let divisor = weights.iter().fold(0u128, |divisor, weight| divisor.gcd(weight)).max(1);
    let weights: Option<Vec<u64>> = weights.into_iter().map(|weight| (weight / divisor).to_u64()).collect();
    Some((weights?, Some(counts)))
}

fn mix_wide(parts: &[MixPart<'_>], count: usize) -> Vec<Option<Ratio>> {
    let mut weights: Vec<Option<Ratio>> = vec![None; count];
    for part in parts {
        let scale = part.factor / part.numbers.sum();
        for (position, number) in part.positions.iter().zip(part.numbers.iter()) {
            *weights[*position].get_or_insert_default() += &scale * number;
        }
    }
    weights
}

/// The sum of the numerators of a narrow column, which cannot wrap.
fn sum_of(numerators: &[i64]) -> i64 {
    numerators.iter().fold(0, |sum, numerator| sum.wrapping_add(*numerator))
}

fn narrowed(numbers: &[Ratio]) -> Option<Form> {
    let mut common = BigInt::one();
    for number in numbers.iter().filter(|number| !number.is_integer()) {
        common = common.lcm(number.denom());
        common.to_i64()?;
    }
    let denominator = common.to_i64()?;
    let mut sum = 0i64;
    let mut numerators = Vec::with_capacity(numbers.len());
    for number in numbers {
        let own = number.denom().to_i64()?;
        let numerator = number.numer().to_i64()?.checked_mul(denominator / own)?;
        sum = sum.checked_add(numerator.checked_abs()?)?;
        numerators.push(numerator);
    }
    Some(Form::Narrow { numerators, denominator })
}
