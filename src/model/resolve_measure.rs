//! Measures resolved: parties, reserves and other measures looked up, years checked.

use std::collections::BTreeMap;

use crate::ground::money::Money;
use crate::ground::ratio;
use crate::ground::source::{Place, Spanned};

use super::charge::ChargedTo;
use super::entries::{
    ChargedToEntry, LineEntry, MeasureEntry, ParticipantEntry, ParticipantsEntry, ResidualEntry, SettleEntry,
};
use super::faults;
use super::measure::{BuyIn, CostLine, Figures, Measure, MeasureIx, PaidBy, Participation, Residual};
use super::party::{Parties, PartyIx};
use super::period::Period;
use super::reserve::{Reserve, ReserveIx};
use super::resolve::Resolver;
use super::settlement::{Settle, SettlementPolicy};
use super::years::Years;

/// What a measure is looked up in.
pub(super) struct Surroundings<'s> {
    pub(super) parties: &'s Parties,
    pub(super) reserves: &'s [Reserve],
    /// The ids of all measures, in order.
    pub(super) measures: &'s [String],
    pub(super) years: Years,
    pub(super) round_to: Money,
    pub(super) instalments: Option<u8>,
}

impl Resolver<'_> {
    pub(super) fn measure(&mut self, entry: MeasureEntry, around: &Surroundings<'_>) -> Option<Measure> {
        let participation = self.participation(&entry, around.parties);
        let residual = match &entry.residual {
            None => None,
            Some(ResidualEntry::Show) => Some(Residual::Show),
            Some(ResidualEntry::Host(name)) => self.party(around.parties, name).map(Residual::Host),
            Some(ResidualEntry::Reserve(name)) => {
                self.reserve_named(around.reserves, name).map(Residual::Reserve)
            }
        };
        self.check_years(&entry.amount, around.years);
        let lines = self.unique(entry.costs, "cost lines of one measure", |line| &line.line);
        let lines: Vec<CostLine> = lines.into_iter().map(|line| self.line(line, around)).collect();
        let paid_by = match (entry.key, entry.charged_to) {
            (Some(key), None) => Some(PaidBy::Parties(key)),
            (None, Some(charged)) => self.charged_to(charged, around, &entry.id).map(PaidBy::Measures),
            (Some(key), Some(_)) => {
                self.faults.push(faults::two_payers(&key.place));
                None
            }
            (None, None) => None,
        };
        if let (Some(PaidBy::Measures(_)), Some(step)) = (&paid_by, entry.funding.first()) {
            self.faults.push(faults::funding_of_a_charged_measure(&step.place));
        }
        let settlement = entry.settlement.map(|(overspend, underspend)| {
            Some(SettlementPolicy {
                overspend: self.settle(overspend, around.reserves)?,
                underspend: self.settle(underspend, around.reserves)?,
            })
        });
        let buy_in = entry.buy_in.map(|buy_in| {
            let known = || lines.iter().flat_map(|line| &line.tags).map(String::as_str);
            if let Some(tag) = buy_in.tag.as_ref().filter(|tag| known().all(|known| known != tag.value)) {
                self.faults.push(faults::unknown_name(&tag.place, "tag", &tag.value, known()));
            }
            BuyIn { years: buy_in.years, tag: buy_in.tag.map(|tag| tag.value) }
        });
        let billed_before = entry.billed_before.map(|billed| {
            let mut by_party = vec![None; around.parties.count()];
            for (name, amount) in billed {
                if let Some(party) = self.party(around.parties, &name) {
                    by_party[party.0] = Some(amount.value);
                }
            }
            by_party
        });
        Some(Measure {
            title: entry.title.unwrap_or_else(|| entry.id.value.clone()),
            id: entry.id.value,
            lines,
            decided: Figures { amounts: entry.amount, index: entry.index, ..Figures::default() },
            participation: participation?,
            paid_by: paid_by?,
            funding: entry.funding,
            residual,
            round_to: entry.round_to.map_or(around.round_to, |amount| amount.value),
            with_memory: entry.with_memory,
            settlement: settlement.flatten(),
            buy_in,
            billed_before,
            purpose: entry.purpose,
            instalments: entry.instalments.or(around.instalments),
            place: entry.place,
        })
    }

    fn line(&mut self, line: LineEntry, around: &Surroundings<'_>) -> CostLine {
        self.check_years(&line.budget, around.years);
        self.check_years(&line.actual, around.years);
        if let Some(second) = line.tags.iter().enumerate().find_map(|(index, tag)| {
            line.tags[..index].iter().any(|first| first.value == tag.value).then_some(tag)
        }) {
            self.faults.push(faults::double_id(
                &second.place,
                &line.tags[0].place,
                "tags of one line",
                &second.value,
            ));
        }
        let to_reserve = line.to_reserve.and_then(|name| {
            if line.in_kind {
                self.faults.push(faults::in_kind_to_reserve(&name.place));
            }
            self.reserve_named(around.reserves, &name)
        });
        CostLine {
            name: line.line.value,
            budget: Figures { amounts: line.budget, index: line.index, ..Figures::default() },
            actual: line.actual,
            tags: line.tags.into_iter().map(|tag| tag.value).collect(),
            in_kind: line.in_kind,
            to_reserve,
        }
    }

    fn reserve_named(&mut self, reserves: &[Reserve], name: &Spanned<String>) -> Option<ReserveIx> {
        let found = reserves.iter().position(|reserve| reserve.id == name.value);
        if found.is_none() {
            let known = reserves.iter().map(|reserve| reserve.id.as_str());
            self.faults.push(faults::unknown_name(&name.place, "reserve", &name.value, known));
        }
        found.map(ReserveIx)
    }

    fn settle(&mut self, entry: SettleEntry, reserves: &[Reserve]) -> Option<Settle> {
        match entry {
            SettleEntry::Refund => Some(Settle::Refund),
            SettleEntry::CarryForward => Some(Settle::CarryForward),
            SettleEntry::Reserve(name) => self.reserve_named(reserves, &name).map(Settle::Reserve),
        }
    }

    fn charged_to(
        &mut self,
        entry: ChargedToEntry,
        around: &Surroundings<'_>,
        own: &Spanned<String>,
    ) -> Option<ChargedTo> {
        let names: Vec<&Spanned<String>> = match &entry {
            ChargedToEntry::Equally(names) | ChargedToEntry::ByCost(names) => names.iter().collect(),
            ChargedToEntry::Weights(weights) => weights.iter().map(|(name, _)| name).collect(),
        };
        if names.is_empty() {
            self.faults.push(faults::charged_to_nobody(&own.place, &own.value));
            return None;
        }
        let mut found: BTreeMap<MeasureIx, &Place> = BTreeMap::new();
        let mut payers = Vec::with_capacity(names.len());
        for name in names {
            let Some(index) = around.measures.iter().position(|id| *id == name.value) else {
                let known = around.measures.iter().map(String::as_str).filter(|id| *id != own.value);
                self.faults.push(faults::unknown_name(&name.place, "measure", &name.value, known));
                return None;
            };
            if name.value == own.value {
                self.faults.push(faults::charged_to_itself(&name.place, &own.value));
                return None;
            }
            if let Some(first) = found.insert(MeasureIx(index), &name.place) {
                self.faults.push(faults::double_key(&name.place, first));
            }
            payers.push(MeasureIx(index));
        }
        Some(match entry {
            ChargedToEntry::ByCost(_) => ChargedTo::ByCost(payers),
            ChargedToEntry::Equally(_) => {
                ChargedTo::Weights(payers.into_iter().map(|payer| (payer, ratio::whole(1))).collect())
            }
            ChargedToEntry::Weights(weights) => ChargedTo::Weights(
                payers.into_iter().zip(weights.into_iter().map(|(_, weight)| weight)).collect(),
            ),
        })
    }

    fn participation(&mut self, entry: &MeasureEntry, parties: &Parties) -> Option<Vec<Participation>> {
        type Named = fn(Period) -> Participation;
        let always = Participation::During(Period::default());
        let (entries, others, named): (&[ParticipantEntry], Participation, Named) = match &entry.participants
        {
            ParticipantsEntry::All => return Some(vec![always; parties.count()]),
            ParticipantsEntry::Only(entries) => (entries, Participation::Never, Participation::During),
            ParticipantsEntry::Except(entries) => (entries, always, Participation::Except),
        };
        let mut participation = vec![others; parties.count()];
        let mut places: BTreeMap<PartyIx, &Place> = BTreeMap::new();
        let errors_before = self.faults.error_count();
        for entry in entries {
            let Some(party) = self.party(parties, &entry.party) else { continue };
            if let Some(first) = places.insert(party, &entry.party.place) {
                self.faults.push(faults::double_key(&entry.party.place, first));
            }
            participation[party.0] = named(entry.period);
        }
        if self.faults.error_count() > errors_before {
            return None;
        }
        let never = |participation: &Participation| match participation {
            Participation::Never => true,
            Participation::Except(period) => *period == Period::default(),
            Participation::During(_) => false,
        };
        if participation.iter().all(never) {
            self.faults.push(faults::nobody_takes_part(&entry.place, &entry.id.value));
            return None;
        }
        Some(participation)
    }
}
