//! Charges: a measure whose cost is paid by other measures.

use crate::ground::ratio::Ratio;

use super::measure::MeasureIx;

/// To which measures the cost of a measure is charged, and by what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChargedTo {
    /// In proportion to these weights, none of them negative and not all zero.
    Weights(Vec<(MeasureIx, Ratio)>),
    /// In proportion to their own gross cost of the year.
    ByCost(Vec<MeasureIx>),
}

/// What is done about measures that charge each other in a circle.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Circles {
    /// They are an error.
    #[default]
    Refused,
    /// Measures are charged out in the order of the file, and who is charged out gets nothing more.
    InOrder,
    /// They are solved exactly, all at once.
    Solved,
}

impl ChargedTo {
    /// The measures that pay.
    pub fn payers(&self) -> Vec<MeasureIx> {
        match self {
            ChargedTo::Weights(weights) => weights.iter().map(|(measure, _)| *measure).collect(),
            ChargedTo::ByCost(measures) => measures.clone(),
        }
    }
}
