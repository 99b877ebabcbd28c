//! From declared limits to planned ones: drivers and names worked out to kroner per party.

use std::sync::Arc;

use num_traits::Signed;

use crate::ground::diagnostic::Diagnostic;
use crate::ground::ratio::{self, Ratio};
use crate::model::party::PartyIx;

use super::declared::{DeclaredLimit, LimitNumbers, LimitOf};
use super::key_plan::KeyPlanner;
use super::plan::{LimitBase, LimitPlan, Side};
use super::plan_faults as faults;

impl KeyPlanner<'_> {
    /// Works out limits for those who share in a key.
    ///
    /// # Errors
    /// The first fault, at the word of the rule that it comes from.
    pub(super) fn limits(
        &self,
        declared: &[DeclaredLimit],
        parties: &Arc<[PartyIx]>,
    ) -> Result<Vec<LimitPlan>, Diagnostic> {
        let mut limits = Vec::new();
        for limit in declared {
            for (side, numbers) in [(Side::Least, &limit.least), (Side::Most, &limit.most)] {
                let Some(numbers) = numbers else { continue };
                let (of, numbers) = self.limit(limit, numbers, parties)?;
                limits.push(LimitPlan { side, of, numbers, place: (self.locate)(&limit.place) });
            }
        }
        Ok(limits)
    }

    fn limit(
        &self,
        limit: &DeclaredLimit,
        numbers: &LimitNumbers,
        parties: &Arc<[PartyIx]>,
    ) -> Result<(LimitBase, Vec<(PartyIx, Ratio)>), Diagnostic> {
        let place = (self.locate)(&limit.place);
        let mut numbers = self.numbers(numbers, parties, &place)?;
        let largest = || numbers.iter().map(|(_, number)| number).max();
        let ten = ratio::whole(10);
        let base = match &limit.of {
            LimitOf::Unsaid => return Err(faults::within_of_what(&place)),
            LimitOf::Amount | LimitOf::LastYear => {
                if let Some(part) = largest().filter(|part| **part >= ten) {
                    return Err(faults::limit_of_many_times(&place, part));
                }
                if matches!(limit.of, LimitOf::Amount) { LimitBase::Amount } else { LimitBase::LastYear }
            }
            LimitOf::Driver(driver) => {
                let limited: Arc<[PartyIx]> = numbers.iter().map(|(party, _)| *party).collect();
                let (values, ..) = self.driver_values(driver, &limited, &place)?;
                for ((_, number), value) in numbers.iter_mut().zip(values.iter()) {
                    *number *= value;
                }
                LimitBase::Kroner
            }
            LimitOf::Kroner => {
                let part = |number: &&Ratio| number.is_positive() && **number < ten && !number.is_integer();
                if let Some(number) = numbers.iter().map(|(_, number)| number).find(part) {
                    return Err(faults::limit_of_what(&place, number));
                }
                LimitBase::Kroner
            }
        };
        Ok((base, numbers))
    }

    /// The numbers of those who share in the key.
    fn numbers(
        &self,
        numbers: &LimitNumbers,
        parties: &[PartyIx],
        place: &crate::ground::source::Place,
    ) -> Result<Vec<(PartyIx, Ratio)>, Diagnostic> {
        match numbers {
            LimitNumbers::Same(number) => Ok(parties.iter().map(|party| (*party, number.clone())).collect()),
            LimitNumbers::Named(named) => {
                let named = self.parties_of(named, place)?;
                if let Some(stranger) = named.keys().find(|party| !parties.contains(party)) {
                    let party = self.scenario.parties.get(*stranger);
                    return Err(faults::limit_of_a_stranger(place, party, self.subject.id, self.year));
                }
                Ok(named.into_iter().map(|(party, number)| (party, number.clone())).collect())
            }
        }
    }
}
