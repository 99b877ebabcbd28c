//! Measures resolved: parties, reserves and other measures looked up, years checked.

use std::collections::BTreeMap;
use std::sync::Arc;

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
    /// The participation of measures in which all take part.
    pub(super) everybody: Arc<[Participation]>,
    pub(super) reserves: &'s [Reserve],
    /// The ids of all measures, in order.
    pub(super) measures: &'s [String],
    pub(super) years: Years,
    pub(super) round_to: Money,
    pub(super) instalments: Option<u8>,
}

impl Resolver<'_> {
    pub(super) fn measure(&mut self, entry: MeasureEntry, around: &Surroundings<'_>) -> Option<Measure> {
        let participation = self.participation(&entry, around);
        if entry.charged_to.is_some() {
            self.check_charged(&entry);
        }
        let purpose = entry.purpose.clone();
        let residual = self.residual(&entry, around);
        self.check_years(&entry.amount, around.years, entry.index.is_some());
        self.check_end(&entry);
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
        let settlement = entry.settlement.and_then(|(overspend, underspend)| {
            let mut settle = |to| self.settle(to, purpose.as_deref(), around.reserves, &entry.id.value);
            Some(SettlementPolicy { overspend: settle(overspend)?, underspend: settle(underspend)? })
        });
        if let (Some(tag), false) =
            (entry.buy_in.as_ref().and_then(|rule| rule.tag.as_ref()), entry.amount.is_empty())
        {
            self.faults.push(faults::tag_of_a_decided_amount(&tag.place));
        }
        let buy_in = entry.buy_in.map(|buy_in| {
            let known = || lines.iter().flat_map(|line| &line.tags).map(String::as_str);
            if let Some(tag) = buy_in.tag.as_ref().filter(|tag| known().all(|known| known != tag.value)) {
                self.faults.push(faults::unknown_name(&tag.place, "tag", &tag.value, known()));
            }
            BuyIn { years: buy_in.years, tag: buy_in.tag.map(|tag| tag.value) }
        });
        let billed_before = entry.billed_before.map(|billed| self.billed_before(billed, around.parties));
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
            settlement,
            buy_in,
            billed_before,
            purpose: entry.purpose,
            instalments: entry.instalments.or(around.instalments),
            ends_after: entry.ends_after,
            place: entry.place,
        })
    }

    /// A figure that a change puts into a year in which the measure has ended would count nowhere.
    fn check_end(&mut self, entry: &MeasureEntry) {
        let Some(last) = entry.ends_after else { return };
        let of_lines = entry.costs.iter().flat_map(|line| [&line.budget, &line.actual]);
        for (year, amount) in of_lines.chain([&entry.amount]).flatten() {
            if *year > last {
                self.faults.push(faults::figure_after_end(&amount.place, &entry.id.value, *year, last));
            }
        }
    }

    fn residual(&mut self, entry: &MeasureEntry, around: &Surroundings<'_>) -> Option<Residual> {
        match entry.residual.as_ref()? {
            ResidualEntry::Show => Some(Residual::Show),
            ResidualEntry::Host(name) => self.party(around.parties, name).map(Residual::Host),
            ResidualEntry::Reserve(name) => {
                let found = self.reserve_named(around.reserves, name);
                let purpose = entry.purpose.as_deref();
                self.check_purpose(found, name, purpose, around.reserves, &entry.id.value);
                found.map(Residual::Reserve)
            }
        }
    }

    fn settle(
        &mut self,
        to: SettleEntry,
        purpose: Option<&str>,
        reserves: &[Reserve],
        measure: &str,
    ) -> Option<Settle> {
        match to {
            SettleEntry::Refund => Some(Settle::Refund),
            SettleEntry::CarryForward => Some(Settle::CarryForward),
            SettleEntry::Reserve(name) => {
                let found = self.reserve_named(reserves, &name);
                self.check_purpose(found, &name, purpose, reserves, measure);
                found.map(Settle::Reserve)
            }
        }
    }

    fn billed_before(
        &mut self,
        billed: Vec<(Spanned<String>, Spanned<Money>)>,
        parties: &Parties,
    ) -> Vec<Option<Money>> {
        let mut by_party = vec![None; parties.count()];
        for (name, amount) in billed {
            if let Some(party) = self.party(parties, &name) {
                by_party[party.0] = Some(amount.value);
            }
        }
        by_party
    }

    fn line(&mut self, line: LineEntry, around: &Surroundings<'_>) -> CostLine {
        self.check_years(&line.budget, around.years, line.index.is_some());
        self.check_years(&line.actual, around.years, false);
        for (index, tag) in line.tags.iter().enumerate() {
            if let Some(first) = line.tags[..index].iter().find(|first| first.value == tag.value) {
                self.faults.push(faults::double_id(&tag.place, &first.place, "tags of one line", &tag.value));
            }
        }
        let to_reserve = line.to_reserve.and_then(|name| {
            if line.in_kind {
                self.faults.push(faults::in_kind_to_reserve(&name.place));
            }
            self.reserve_named(around.reserves, &name)
        });
        CostLine {
            name: line.line.value,
            place: line.line.place,
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

    /// A bound reserve settles with measures of its purpose only.
    fn check_purpose(
        &mut self,
        reserve: Option<ReserveIx>,
        name: &Spanned<String>,
        purpose: Option<&str>,
        reserves: &[Reserve],
        measure: &str,
    ) {
        let bound_to = reserve.and_then(|reserve| reserves[reserve.0].purpose.as_deref());
        if let Some(bound_to) = bound_to.filter(|bound_to| purpose != Some(bound_to)) {
            self.faults.push(faults::other_purpose(&name.place, &name.value, bound_to, measure));
        }
    }

    /// What concerns the shares of parties has no meaning where measures pay.
    fn check_charged(&mut self, entry: &MeasureEntry) {
        let fields = [
            ("participants", !matches!(entry.participants, ParticipantsEntry::All)),
            ("residual", entry.residual.is_some()),
            ("settlement", entry.settlement.is_some()),
            ("rounding", entry.with_memory),
            ("instalments", entry.instalments.is_some()),
            ("buy_in", entry.buy_in.is_some()),
            ("billed_before", entry.billed_before.is_some()),
        ];
        for (field, _) in fields.into_iter().filter(|(_, there)| *there) {
            self.faults.push(faults::field_of_a_charged_measure(&entry.place, &entry.id.value, field));
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
                // A measure with faults of its own has been left out, and is not unknown.
                if self.faults.has_errors() {
                    return None;
                }
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

    fn participation(
        &mut self,
        entry: &MeasureEntry,
        around: &Surroundings<'_>,
    ) -> Option<Arc<[Participation]>> {
        let parties = around.parties;
        let (entries, inside): (&[ParticipantEntry], bool) = match &entry.participants {
            ParticipantsEntry::All => return Some(Arc::clone(&around.everybody)),
            ParticipantsEntry::Only(entries) => (entries, true),
            ParticipantsEntry::Except(entries) => (entries, false),
        };
        let mut participation = vec![Participation { inside, periods: vec![] }; parties.count()];
        let always = Participation { inside: !inside, periods: vec![] };
        let mut places: BTreeMap<PartyIx, &Place> = BTreeMap::new();
        let errors_before = self.faults.error_count();
        for entry in entries {
            let Some(party) = self.party(parties, &entry.party) else { continue };
            let own = &mut participation[party.0];
            // Who leaves and comes back has an entry for each time.
            let twice = *own == always || own.periods.iter().any(|period| period.overlaps(entry.period));
            if let Some(first) = places.insert(party, &entry.party.place).filter(|_| twice) {
                self.faults.push(faults::double_key(&entry.party.place, first));
            }
            match entry.period == Period::ALWAYS {
                true => *own = always.clone(),
                false => own.periods.push(entry.period),
            }
            let months = |year| parties.get(party).period.months(year).and(entry.period.months(year));
            let never = around.years.iter().all(|year| months(year).count() == 0);
            if never && inside && entry.period != Period::ALWAYS {
                self.faults.push(faults::never_takes_part(&entry.party.place, &entry.party.value));
            }
        }
        if self.faults.error_count() > errors_before {
            return None;
        }
        if participation.iter().all(Participation::is_never) {
            self.faults.push(faults::nobody_takes_part(&entry.place, &entry.id.value));
            return None;
        }
        Some(participation.into())
    }
}
