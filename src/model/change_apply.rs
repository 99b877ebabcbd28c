//! Changes at work on a scenario as written. A change that finds nothing to change is a fault; one that changes
//! nothing, since all is so already, is a notice. The result depends on the scenario and the changes alone, and
//! changes are made one after the other: the last one to the same thing stands.

use std::collections::{BTreeMap, BTreeSet};

use crate::ground::diagnostic::Diagnostics;
use crate::ground::money::{Money, NotMoney};
use crate::ground::source::Spanned;
use crate::ground::split::nearest_multiple;

use super::change::{Change, Indexing, Name, NewValues, ScaledFigures, Scaling, Setting, What, Which};
use super::entries::{GrantEntry, LineEntry, MeasureEntry, PartyEntry, ReserveEntry};
use super::period::Month;
use super::scenario::SetParameter;
use super::scenario_file::ScenarioFile;
use super::years::{Year, YearAmounts};
use super::{change_faults, faults};

/// Makes changes, one after the other. Faults and notices go to `found`.
pub fn apply(file: &mut ScenarioFile, changes: &[Change], found: &mut Diagnostics) {
    let of_a_line = |change: &&Change| matches!(change.what, What::Cost(..) | What::AddLine(..));
    let decided: BTreeMap<String, YearAmounts> = match changes.iter().find(of_a_line) {
        Some(_) => file.measures.iter().map(|own| (own.id.value.clone(), own.amount.clone())).collect(),
        None => BTreeMap::new(),
    };
    for change in changes {
        let mut work = Work { file, found, change };
        // What could not be done has been told.
        if work.make() == Some(Done::AsBefore) {
            found.push(change_faults::nothing_changed(&change.place));
        }
    }
    for change in changes.iter().filter(of_a_line) {
        tell_decided_amount(file, change, &decided, found);
    }
}

/// Tells that a cost line was changed in a year of which the decided amount stands as it was.
fn tell_decided_amount(
    file: &ScenarioFile,
    change: &Change,
    decided: &BTreeMap<String, YearAmounts>,
    found: &mut Diagnostics,
) {
    let (name, figures) = match &change.what {
        What::Cost(measure, _, figures) => (measure, &figures.budget),
        What::AddLine(measure, line) => (measure, &line.budget),
        _ => return,
    };
    let measure = file.measures.iter().find(|own| own.id.value == name.value);
    let (Some(before), Some(measure)) = (decided.get(&name.value), measure) else { return };
    let stands = |year: &&Year| {
        let now = measure.amount.get(year).map(|amount| amount.value);
        now.is_some() && now == before.get(year).map(|amount| amount.value)
    };
    if let Some(year) = figures.keys().find(stands) {
        found.push(change_faults::decided_amount_stands(&change.place, &name.value, *year));
    }
}

/// What a change did.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Done {
    Changed,
    /// All was so already.
    AsBefore,
}

impl Done {
    fn of(changed: bool) -> Done {
        if changed { Done::Changed } else { Done::AsBefore }
    }
}

/// One change at work. What finds nothing tells it and gives none.
struct Work<'w> {
    file: &'w mut ScenarioFile,
    found: &'w mut Diagnostics,
    change: &'w Change,
}

impl<'w> Work<'w> {
    fn make(&mut self) -> Option<Done> {
        let change = self.change;
        match &change.what {
            What::Cost(measure, line, figures) => {
                let line = self.line(measure, line)?;
                let budget = put(&mut line.budget, &figures.budget);
                let actual = put(&mut line.actual, &figures.actual);
                Some(Done::of(budget || actual))
            }
            What::Amount(measure, amounts) => {
                let measure = self.measure(measure)?;
                Some(Done::of(match amounts {
                    Some(amounts) => put(&mut measure.amount, amounts),
                    None => !std::mem::take(&mut measure.amount).is_empty(),
                }))
            }
            What::Scale(scaling) => self.scale(scaling),
            What::Index(indexing) => self.index(indexing),
            What::Measures(which, setting) => self.set(which, setting),
            What::EndMeasure(which, after) => self.end_measures(which, after),
            What::RemoveMeasure(which) => {
                let doomed = self.measures(which)?;
                let mut position = 0..;
                self.file.measures.retain(|_| position.next().is_none_or(|own| !doomed.contains(&own)));
                Some(Done::Changed)
            }
            What::RemoveLine(measure, line) => {
                self.line(measure, line)?;
                let measure = self.measure(measure)?;
                measure.costs.retain(|own| own.line.value != line.value);
                Some(Done::Changed)
            }
            What::Award(grant, awards) => Some(Done::of(put(&mut self.grant(grant)?.awards, awards))),
            What::GrantOpening(grant, opening) => {
                Some(Done::of(put(&mut self.grant(grant)?.opening, opening)))
            }
            What::CarryOver(grant, rule) => {
                let grant = self.grant(grant)?;
                let old = grant.carry_over.replace(rule.clone());
                Some(Done::of(old.is_none_or(|old| old.value != rule.value)))
            }
            What::Opening(reserve, opening) => {
                let old = std::mem::replace(&mut self.reserve(reserve)?.opening, opening.clone());
                Some(Done::of(old.value != opening.value))
            }
            What::Minimum(reserve, minimum) => {
                let old = self.reserve(reserve)?.minimum.replace(minimum.clone());
                Some(Done::of(old.is_none_or(|old| old.value != minimum.value)))
            }
            What::Driver(driver, values) => self.drive(driver, values),
            What::EndParty(party, until) => self.end_party(party, *until),
            _ => self.make_of_the_whole(),
        }
    }

    fn make_of_the_whole(&mut self) -> Option<Done> {
        let change = self.change;
        match &change.what {
            What::Title(title, source) => {
                (self.file.title, self.file.source) = (title.clone(), source.clone());
            }
            What::LastYear(last) => {
                let old = std::mem::replace(&mut self.file.last_year, last.clone());
                if last.value < old.value {
                    self.cut_after(last.value);
                }
                return Some(Done::of(old.value != last.value));
            }
            What::RoundTo(unit) => {
                let old = self.file.round_to.replace(unit.clone());
                return Some(Done::of(old.map_or(Money::ORE, |old| old.value) != unit.value));
            }
            What::Assumption(name, value, is_new) => {
                let known = self.file.assumptions.contains_key(&name.value);
                if !known && !is_new {
                    let names = self.file.assumptions.keys().map(String::as_str);
                    self.found.push(faults::unknown_name(&name.place, "assumption", &name.value, names));
                    return None;
                }
                if known && *is_new {
                    self.found.push(change_faults::already_there(&name.place, "an assumption", &name.value));
                    return None;
                }
                let old = self.file.assumptions.insert(name.value.clone(), value.clone());
                return Some(Done::of(old.as_ref() != Some(value)));
            }
            What::Parameter(name, value) => {
                // Whether there is such a parameter, and in what range, is known when the rules have been asked.
                let set = SetParameter { value: value.clone(), name: name.place.clone(), is_carried: false };
                let old = self.file.parameters.insert(name.value.clone(), set);
                return Some(Done::of(old.is_none_or(|old| old.value.value != value.value)));
            }
            What::Rules(replace, by) => {
                let files = &mut self.file.rules;
                let Some(position) = files.iter().position(|file| file.value == replace.value) else {
                    let names = files.iter().map(|file| file.value.as_str());
                    let fault = faults::unknown_name(&replace.place, "rule file", &replace.value, names);
                    self.found.push(fault);
                    return None;
                };
                files[position] = by.clone();
                return Some(Done::of(replace.value != by.value));
            }
            // What is there already is told when the scenario is resolved.
            What::AddRules(file) => self.file.rules.push(file.clone()),
            What::AddParty(party) => self.file.parties.push(party.clone()),
            What::AddDriver(driver) => self.file.drivers.push(driver.clone()),
            What::AddGrant(grant) => self.file.grants.push(grant.clone()),
            What::AddReserve(reserve) => self.file.reserves.push(reserve.clone()),
            What::AddMeasure(measure) => self.file.measures.push(MeasureEntry::clone(measure)),
            What::AddLine(measure, line) => self.measure(measure)?.costs.push(line.clone()),
            _ => {}
        }
        Some(Done::Changed)
    }

    fn scale(&mut self, scaling: &Scaling) -> Option<Done> {
        let measures = self.scaled_measures(scaling)?;
        let unit = scaling.round_to.as_ref().map_or(Money::ORE, |unit| unit.value);
        let times = |amount: Money| {
            let exact = amount.kroner() * &scaling.by;
            Money::from_kroner(&nearest_multiple(&exact, &unit.kroner()))
        };
        let mut seen = 0;
        let mut changed = false;
        let mut too_large = false;
        let mut scale = |amounts: &mut YearAmounts| {
            for (_, amount) in amounts.iter_mut().filter(|(year, _)| scaling.years.contain(**year)) {
                seen += 1;
                let scaled = times(amount.value);
                too_large |= scaled == Err(NotMoney::TooLarge);
                let scaled =
                    Spanned { value: scaled.unwrap_or(amount.value), place: self.change.place.clone() };
                changed |= scaled.value != amount.value;
                *amount = scaled;
            }
        };
        for position in measures {
            let measure = &mut self.file.measures[position];
            if !scaling.of_actual && !matches!(scaling.figures, ScaledFigures::Line(_)) {
                scale(&mut measure.amount);
            }
            let lines = measure.costs.iter_mut().filter(|own| match &scaling.figures {
                ScaledFigures::All => true,
                ScaledFigures::Line(name) => own.line.value == name.value,
                ScaledFigures::Amount => false,
            });
            for line in lines {
                scale(if scaling.of_actual { &mut line.actual } else { &mut line.budget });
            }
        }
        if too_large {
            self.found.push(faults::not_money(&self.change.place, NotMoney::TooLarge));
            return None;
        }
        if seen == 0 {
            self.found.push(change_faults::nothing_to_scale(&self.change.place, scaling.of_actual));
            return None;
        }
        Some(Done::of(changed))
    }

    /// The measures whose figures are scaled. Every measure that is named has the line; of all, those that have it.
    fn scaled_measures(&mut self, scaling: &Scaling) -> Option<Vec<usize>> {
        let measures = self.measures(&scaling.which)?;
        let ScaledFigures::Line(name) = &scaling.figures else { return Some(measures) };
        let lines = |position: &usize| self.file.measures[*position].costs.iter().map(|own| &own.line.value);
        let has = |position: &usize| lines(position).any(|line| *line == name.value);
        let (with, without): (Vec<usize>, Vec<usize>) = measures.into_iter().partition(has);
        let enough =
            if matches!(scaling.which, Which::All(_)) { !with.is_empty() } else { without.is_empty() };
        if enough {
            return Some(with);
        }
        let known: BTreeSet<&str> = without.iter().flat_map(lines).map(String::as_str).collect();
        let fault = faults::unknown_name(&name.place, "line", &name.value, known);
        self.found.push(fault);
        None
    }

    fn index(&mut self, indexing: &Indexing) -> Option<Done> {
        let years = (self.file.first_year.value, self.file.last_year.value);
        let (amounts, index) = match &indexing.line {
            Some(name) => {
                let line = self.line(&indexing.measure, name)?;
                (&mut line.budget, &mut line.index)
            }
            None => {
                let measure = self.measure(&indexing.measure)?;
                (&mut measure.amount, &mut measure.index)
            }
        };
        if let Some(after) = &indexing.after {
            amounts.retain(|year, _| *year <= after.value);
        }
        let first = amounts.keys().next().copied();
        let open = first
            .is_some_and(|first| (first.max(years.0)..=years.1).any(|year| !amounts.contains_key(&year)));
        if !open {
            let place = indexing.after.as_ref().map_or(&indexing.measure.place, |after| &after.place);
            self.found.push(change_faults::nothing_to_index(place, first, years.1, indexing.line.is_some()));
            return None;
        }
        let old = index.replace(indexing.index.clone());
        Some(Done::of(old.is_none_or(|old| old.value != indexing.index.value) || indexing.after.is_some()))
    }

    fn set(&mut self, which: &Which, setting: &Setting) -> Option<Done> {
        let measures = self.measures(which)?;
        let mut changed = false;
        for position in measures {
            let measure = &mut self.file.measures[position];
            // Where measures pay for a measure, a key for all measures is not meant for it.
            if measure.charged_to.is_some() && matches!(which, Which::All(_)) {
                continue;
            }
            changed |= set(measure, setting);
        }
        Some(Done::of(changed))
    }

    fn end_measures(&mut self, which: &Which, after: &Spanned<Year>) -> Option<Done> {
        let measures = self.measures(which)?;
        let last = self.file.last_year.value;
        if after.value >= last {
            self.found.push(change_faults::ends_with_the_scenario(&after.place, after.value, last));
            return None;
        }
        for position in measures {
            let measure = &mut self.file.measures[position];
            let lines = measure.costs.iter_mut();
            let figures =
                lines.flat_map(|line| [(&mut line.budget, Some(&mut line.index)), (&mut line.actual, None)]);
            for (amounts, index) in figures.chain([(&mut measure.amount, Some(&mut measure.index))]) {
                amounts.retain(|year, _| *year <= after.value);
                // Without a first figure there is nothing to follow an index.
                if let Some(index) = index.filter(|_| amounts.is_empty()) {
                    *index = None;
                }
            }
            let ends_after = measure.ends_after.map_or(after.value, |earlier| earlier.min(after.value));
            measure.ends_after = Some(ends_after);
        }
        Some(Done::Changed)
    }

    /// Figures of years that the scenario no longer has would count nowhere.
    fn cut_after(&mut self, last: Year) {
        for measure in &mut self.file.measures {
            let lines = measure.costs.iter_mut().flat_map(|line| [&mut line.budget, &mut line.actual]);
            lines.chain([&mut measure.amount]).for_each(|amounts| amounts.retain(|year, _| *year <= last));
        }
        self.file.grants.iter_mut().for_each(|grant| grant.awards.retain(|year, _| *year <= last));
    }

    fn drive(&mut self, name: &Name, values: &NewValues) -> Option<Done> {
        let drivers = &mut self.file.drivers;
        let Some(position) = drivers.iter().position(|driver| driver.id.value == name.value) else {
            let names = drivers.iter().map(|driver| driver.id.value.as_str());
            self.found.push(faults::unknown_name(&name.place, "driver", &name.value, names));
            return None;
        };
        let driver = &mut drivers[position];
        match values {
            NewValues::Some(changes) => driver.changes.extend(changes.iter().cloned()),
            NewValues::All(values) => {
                driver.changes.clear();
                (driver.values, driver.place) = (values.clone(), name.place.clone());
            }
        }
        Some(Done::Changed)
    }

    fn end_party(&mut self, name: &Name, until: Month) -> Option<Done> {
        let is_named = |party: &PartyEntry| {
            let names = [Some(&party.id.value), party.name.as_ref(), party.number.as_ref()];
            names.into_iter().flatten().any(|own| *own == name.value)
        };
        let Some(party) = self.file.parties.iter_mut().find(|party| is_named(party)) else {
            let names = self.file.parties.iter().map(|party| party.id.value.as_str());
            self.found.push(faults::unknown_name(&name.place, "party", &name.value, names));
            return None;
        };
        let changed = party.period.until.replace(until) != Some(until);
        if party.period.is_backwards() {
            self.found.push(faults::period_backwards(&name.place).also(&party.id.place, "the party"));
            return None;
        }
        Some(Done::of(changed))
    }

    /// The positions of some measures; an unknown one is told.
    fn measures(&mut self, which: &Which) -> Option<Vec<usize>> {
        let names = match which {
            Which::All(_) => return Some((0..self.file.measures.len()).collect()),
            Which::These(names) => names,
        };
        if names.is_empty() {
            self.found.push(change_faults::no_measure_named(&self.change.place));
            return None;
        }
        let mut positions = Vec::with_capacity(names.len());
        for name in names {
            positions.extend(self.measure_position(name));
        }
        (positions.len() == names.len()).then_some(positions)
    }

    fn measure_position(&mut self, name: &Name) -> Option<usize> {
        let found = self.file.measures.iter().position(|measure| measure.id.value == name.value);
        if found.is_none() {
            let names = self.file.measures.iter().map(|measure| measure.id.value.as_str());
            self.found.push(faults::unknown_name(&name.place, "measure", &name.value, names));
        }
        found
    }

    fn measure(&mut self, name: &Name) -> Option<&mut MeasureEntry> {
        let position = self.measure_position(name)?;
        Some(&mut self.file.measures[position])
    }

    fn line(&mut self, measure: &Name, name: &Name) -> Option<&mut LineEntry> {
        let position = self.measure_position(measure)?;
        let costs = &mut self.file.measures[position].costs;
        let Some(line) = costs.iter().position(|line| line.line.value == name.value) else {
            let names = costs.iter().map(|line| line.line.value.as_str());
            self.found.push(faults::unknown_name(&name.place, "line", &name.value, names));
            return None;
        };
        Some(&mut costs[line])
    }

    fn grant(&mut self, name: &Name) -> Option<&mut GrantEntry> {
        let grants = &mut self.file.grants;
        let Some(position) = grants.iter().position(|grant| grant.id.value == name.value) else {
            let names = grants.iter().map(|grant| grant.id.value.as_str());
            self.found.push(faults::unknown_name(&name.place, "grant", &name.value, names));
            return None;
        };
        Some(&mut grants[position])
    }

    fn reserve(&mut self, name: &Name) -> Option<&mut ReserveEntry> {
        let reserves = &mut self.file.reserves;
        let Some(position) = reserves.iter().position(|reserve| reserve.id.value == name.value) else {
            let names = reserves.iter().map(|reserve| reserve.id.value.as_str());
            self.found.push(faults::unknown_name(&name.place, "reserve", &name.value, names));
            return None;
        };
        Some(&mut reserves[position])
    }
}

/// Puts figures in the place of those of their years; whether any is another one.
fn put(into: &mut YearAmounts, figures: &YearAmounts) -> bool {
    let mut changed = false;
    for (year, amount) in figures {
        let old = into.insert(*year, amount.clone());
        changed |= old.is_none_or(|old| old.value != amount.value);
    }
    changed
}

/// Sets something of a measure; whether it may be another one.
fn set(measure: &mut MeasureEntry, setting: &Setting) -> bool {
    match setting {
        Setting::Key(key) => {
            measure.charged_to = None;
            let old = measure.key.replace(key.clone());
            return old.is_none_or(|old| old.value != key.value);
        }
        Setting::ChargedTo(charged) => {
            (measure.key, measure.charged_to) = (None, Some(charged.clone()));
        }
        Setting::Funding(steps) => {
            let old = std::mem::replace(&mut measure.funding, steps.clone());
            let texts = |steps: &[Name]| steps.iter().map(|step| step.value.clone()).collect::<Vec<_>>();
            return texts(&old) != texts(steps);
        }
        Setting::Participants(participants) => measure.participants = participants.clone(),
        Setting::Residual(residual) => measure.residual = Some(residual.clone()),
        Setting::RoundTo(unit) => {
            let old = measure.round_to.replace(unit.clone());
            return old.is_none_or(|old| old.value != unit.value);
        }
        Setting::WithMemory(memory) => {
            return std::mem::replace(&mut measure.with_memory, *memory) != *memory;
        }
        Setting::Settlement(overspend, underspend) => {
            measure.settlement = Some((overspend.clone(), underspend.clone()));
        }
        Setting::BuyIn(buy_in) => measure.buy_in = Some(buy_in.clone()),
        Setting::Instalments(count) => return measure.instalments.replace(*count) != Some(*count),
        Setting::Purpose(purpose) => {
            return measure.purpose.replace(purpose.clone()).as_ref() != Some(purpose);
        }
    }
    true
}
