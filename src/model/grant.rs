//! Grants: sources of funding with conditions.

use crate::ground::source::{Place, Spanned};

use super::years::{Year, YearAmounts};

/// Which grant of the scenario, by its position in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GrantIx(pub usize);

/// A grant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Its name in rules and tables.
    pub id: String,
    /// Its name for people.
    pub title: String,
    /// Who gives it.
    pub funder: Option<String>,
    /// What was promised, by year of the award.
    pub awards: YearAmounts,
    /// What is left of earlier awards when the first year starts, by year of the award.
    pub opening: YearAmounts,
    /// How much of an award is paid before the final report: an expression over the rules. Without one,
    /// payments are not followed.
    pub payment: Option<Spanned<String>>,
    /// The year of the final report, from which on everything that is earned is paid.
    pub final_report: Option<Year>,
    /// What happens to the unused part: an expression over the rules. Without one it lapses at year end.
    pub carry_over: Option<Spanned<String>>,
    /// The place of its id.
    pub place: Place,
}
