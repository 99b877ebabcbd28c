//! Lots: random values that are the same on every machine. A lot is the SHA-256 of what it is drawn for: the seed, the
//! path that is set, and the number of the draw. So it depends neither on other parameters nor on their order, nor on
//! how many values are drawn in all, and anybody can draw it again with a program for checksums.
//!
//! Deliberately absent: floating point and any state. Every distribution is one of whole steps, drawn exactly.

use num_bigint::{BigInt, Sign};
use num_integer::Integer;
use num_traits::{One, Zero};
use sha2::{Digest, Sha256};

use crate::ground::ratio::{Ratio, fraction, whole};
use crate::ground::split::nearest_multiple;
use crate::model::parameter::{Distribution, Value};

/// How many even lots a bell is the sum of: their variances add up to one.
const LOTS_OF_A_BELL: u32 = 12;
/// The steps of each of them.
const STEPS_OF_A_BELL: u32 = 1 << 31;

/// What lots are drawn for.
#[derive(Clone, Copy, Debug)]
pub struct Lots<'l> {
    /// The seed.
    pub seed: u64,
    /// The path that is set.
    pub path: &'l str,
    /// The number of the draw, from 1.
    pub draw: usize,
}

impl Lots<'_> {
    /// Draws a value.
    pub fn value(&self, distribution: &Distribution) -> Value {
        match distribution {
            Distribution::Uniform(steps) => {
                Value::number(&steps.at(self.below(&(&steps.count + BigInt::one()), 0)))
            }
            Distribution::Triangular(steps, mode) => {
                Value::number(&steps.at(self.triangular(&steps.count, mode)))
            }
            Distribution::Normal { mean, deviation, step } => {
                Value::number(&nearest_multiple(&(mean + deviation * self.bell()), step))
            }
            Distribution::Choice(values) => {
                let position = self.below(&BigInt::from(values.len()), 0);
                values[usize::try_from(position).unwrap_or(0)].clone()
            }
        }
    }

    /// A step from 0 to `count`. Their weights rise evenly from the first one to the mode and fall evenly to the last:
    /// they are the whole numbers (step + 1) × (count − mode + 1) before the mode and (count − step + 1) × (mode + 1)
    /// after it, which are equal at the mode.
    fn triangular(&self, count: &BigInt, mode: &BigInt) -> BigInt {
        let (rising, falling) = (mode + BigInt::one(), count - mode + BigInt::one());
        let triangle = |rows: &BigInt| rows * (rows + BigInt::one()) / BigInt::from(2);
        let weight_to_mode = &falling * triangle(&rising);
        let after_mode = triangle(&(&falling - BigInt::one()));
        let lot = self.below(&(&weight_to_mode + &rising * &after_mode), 0);
        if lot < weight_to_mode {
            // The fewest rows whose weights come to more than the lot.
            return fewest(mode, |step| &falling * triangle(&(step + BigInt::one())) > lot);
        }
        let lot = lot - weight_to_mode;
        let left = |step: &BigInt| &rising * (&after_mode - triangle(&(count - step)));
        fewest(count, |step| step > mode && left(step) > lot)
    }

    /// The sum of twelve even lots from −½ to ½: mean 0, deviation 1 (but for the fineness of its steps), and never
    /// beyond 6.
    fn bell(&self) -> Ratio {
        let bound = BigInt::from(STEPS_OF_A_BELL);
        let lots = (0..LOTS_OF_A_BELL).map(|part| self.below(&bound, part) * 2 + BigInt::one());
        let sum = lots.fold(BigInt::zero(), |sum, lot| sum + lot);
        fraction(sum, bound * 2) - whole(LOTS_OF_A_BELL / 2)
    }

    /// A whole number from 0 to below the bound, each as likely as any other: as many bits as the bound has, drawn again
    /// where they come to too much.
    fn below(&self, bound: &BigInt, part: u32) -> BigInt {
        let bits = bound.bits();
        let mut attempt = 0;
        loop {
            let lot = self.bits(bits, part, attempt);
            if lot < *bound {
                return lot;
            }
            attempt += 1;
        }
    }

    /// The first bits of as many checksums as it takes.
    fn bits(&self, bits: u64, part: u32, attempt: u32) -> BigInt {
        let mut bytes = Vec::new();
        let mut block = 0;
        while (bytes.len() as u64) * 8 < bits {
            let Lots { seed, path, draw } = self;
            bytes.extend(Sha256::digest(format!("{seed} {path} {draw} {part} {attempt} {block}")));
            block += 1;
        }
        let surplus = (bytes.len() as u64) * 8 - bits;
        BigInt::from_bytes_be(Sign::Plus, &bytes) >> surplus
    }
}

/// The smallest number up to `most` of which something is true that stays true from there on.
fn fewest(most: &BigInt, is_enough: impl Fn(&BigInt) -> bool) -> BigInt {
    let (mut low, mut high) = (BigInt::zero(), most.clone());
    while low < high {
        let middle = (&low + &high).div_floor(&BigInt::from(2));
        if is_enough(&middle) {
            high = middle;
        } else {
            low = middle + BigInt::one();
        }
    }
    low
}
