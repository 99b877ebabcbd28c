//! Lengths of what is drawn, as whole numbers per mille. They are for the eye: no amount ever comes from them.

use crate::ground::money::Money;

/// The whole length of a picture.
pub const WHOLE: i128 = 1000;
/// The darkest heat.
pub const HEAT_MAX: u8 = 4;

/// From the least to the greatest of the amounts that a picture shows; nothing is always among them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scale {
    least: i128,
    greatest: i128,
}

impl Scale {
    /// The scale of some amounts.
    pub fn of(amounts: impl Iterator<Item = Money>) -> Scale {
        amounts.fold(Scale::default(), |scale, amount| Scale {
            least: scale.least.min(i128::from(amount.ore())),
            greatest: scale.greatest.max(i128::from(amount.ore())),
        })
    }

    /// Where an amount is, per mille from the left.
    pub fn position(self, amount: Money) -> u16 {
        let room = (self.greatest - self.least).max(1);
        let position = (i128::from(amount.ore()) - self.least) * WHOLE / room;
        u16::try_from(position.clamp(0, WHOLE)).unwrap_or(0)
    }

    /// Where what lies between two amounts starts and how long it is; what is not nothing can be seen.
    pub fn stretch(self, from: Money, to: Money) -> (u16, u16) {
        let (start, end) = (self.position(from.min(to)), self.position(from.max(to)));
        (start, (end - start).max(u16::from(from != to)))
    }
}

/// How warm an amount is beside the greatest: 0 for nothing, and from 1 to 4.
pub fn heat(amount: Money, greatest_ore: u64) -> u8 {
    let size = u128::from(amount.ore().unsigned_abs());
    let quarters = (size * u128::from(HEAT_MAX)).div_ceil(u128::from(greatest_ore.max(1)));
    u8::try_from(quarters).unwrap_or(HEAT_MAX).min(HEAT_MAX)
}
