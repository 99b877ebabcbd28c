//! The difference between two years of one scenario, attributed: why does Rana pay more than last year?
//!
//! The same game as between two scenarios. A set of kinds is worth what everybody pays in one year that is walked
//! alone, where these kinds are as in the later year and the others as in the earlier one:
//!
//! * *cost*: the figures of the year, and what is brought forward to it;
//! * *drivers*: the year in which drivers are looked up (one that a rule names itself stays as it is);
//! * *key*: the year that rules are told, and what was billed the year before;
//! * *grants*: the awards of the year, and what awards and reserves open with;
//! * *participants*: who takes part, and for how many months; who buys in, who leaves.
//!
//! The year that is walked is that of the drivers. The calendars of all other kinds are moved so that their year falls
//! on it, and rules are told theirs.

use std::sync::Arc;

use crate::engine::exact;
use crate::ground::money::{Money, TooLarge};
use crate::ground::ratio::Ratio;
use crate::ground::source::Spanned;
use crate::model::grant::Grant;
use crate::model::measure::{Figures, Measure, MeasureIx, Participation, Residual};
use crate::model::party::{Parties, Party};
use crate::model::period::Period;
use crate::model::reserve::Reserve;
use crate::model::scenario::Scenario;
use crate::model::years::{Year, YearAmounts, Years};
use crate::rules::sandbox::Clock;

use super::attribution::Attribution;
use super::calendar::{moved_period, moved_years};
use super::difference::Difference;
use super::game::Players;
use super::hybrid::carried_parameters;
use super::hybrid_walk::{HybridWalk, Refusal, walk_scenario};
use super::kind::Kind;
use super::scenarios::play_kinds;
use super::side::Side;

/// Which of two years each kind is taken from.
#[derive(Clone, Copy)]
pub struct MixedYear<'m> {
    /// The scenario.
    pub side: &'m Side<'m>,
    /// The earlier and the later year, by position.
    pub year_indexes: [usize; 2],
    /// The kinds that are as in the later year.
    pub of_later: &'m [Kind],
}

/// Attributes the difference between what is paid in two years, given by position; kinds change in an order as in
/// [`scenarios::attribute`](super::scenarios::attribute).
///
/// # Errors
/// [`TooLarge`] for amounts that do not fit.
pub fn attribute(
    side: &Side<'_>,
    year_indexes: [usize; 2],
    order: Option<&[Kind]>,
    clock: &Arc<dyn Clock>,
) -> Result<Attribution, TooLarge> {
    let outcome = &side.outcome;
    let kinds = kinds(&outcome.scenario);
    let [before, after] = year_indexes.map(|index| outcome.budget.billed[index].year);
    let difference = Difference::of_years(outcome, before, after, None)?;
    let worth = |changed: Players| {
        let of_later: Vec<Kind> = changed.iter().map(|player| kinds[player]).collect();
        let mixed = MixedYear { side, year_indexes, of_later: &of_later };
        let walk = mixed.walk(without_rounding(mixed.scenario()), clock)?;
        mixed.payable(&walk).map_err(Refusal::from)
    };
    let parts = play_kinds(&kinds, order, &difference, worth)?;
    Attribution::of_parts(difference, &kinds, &parts)
}

/// The kinds that may differ between years.
fn kinds(scenario: &Scenario) -> Vec<Kind> {
    let steady = |period: &Period| *period == Period::ALWAYS;
    let participations = scenario.measures.iter().flat_map(|measure| measure.participation.iter());
    let always_there = scenario.parties.iter().all(|(_, party)| steady(&party.period))
        && participations.into_iter().all(|own| own.periods.is_empty());
    let may_differ = |kind: &Kind| match kind {
        Kind::Cost | Kind::Key => true,
        Kind::Parameters => false,
        Kind::Drivers => !scenario.drivers.is_empty(),
        Kind::Grants => !(scenario.grants.is_empty() && scenario.reserves.is_empty()),
        Kind::Participants => !always_there,
    };
    Kind::ALL.into_iter().filter(may_differ).collect()
}

impl MixedYear<'_> {
    /// The year that a kind is taken from, by position.
    fn year_index(self, kind: Kind) -> usize {
        self.year_indexes[usize::from(self.of_later.contains(&kind))]
    }

    fn year(self, kind: Kind) -> Year {
        self.side.outcome.budget.billed[self.year_index(kind)].year
    }

    /// By how many years the calendar of a kind is moved.
    fn moved(self, kind: Kind) -> Year {
        self.year(Kind::Drivers) - self.year(kind)
    }

    /// The mixed year as a scenario of one year.
    pub fn scenario(self) -> Scenario {
        let scenario = &self.side.outcome.scenario;
        let year = self.year(Kind::Drivers);
        let parties = scenario.parties.iter().map(|(_, party)| Party {
            period: moved_period(party.period, self.moved(Kind::Participants)),
            ..party.clone()
        });
        let measures = scenario.measures();
        let grants = scenario.grants.iter().enumerate();
        let reserves = scenario.reserves.iter().enumerate();
        Scenario {
            years: Years::new(year, year).unwrap_or(scenario.years),
            rules_ahead: self.year(Kind::Key) - year,
            parameters: carried_parameters(&self.side.outcome.plan),
            parties: Arc::new(Parties::new(parties.collect())),
            measures: measures.map(|(index, measure)| Arc::new(self.measure(index, measure))).collect(),
            grants: grants.map(|(index, grant)| Arc::new(self.grant(index, grant))).collect(),
            reserves: reserves.map(|(index, reserve)| self.reserve(index, reserve)).collect(),
            ..Scenario::clone(scenario)
        }
    }

    fn measure(self, index: MeasureIx, measure: &Measure) -> Measure {
        let by = self.moved(Kind::Cost);
        let figures =
            |figures: &Figures| Figures { amounts: moved_years(&figures.amounts, by), ..Figures::default() };
        let mut lines = measure.lines.clone();
        for line in &mut lines {
            (line.budget, line.actual) = (figures(&line.budget), moved_years(&line.actual, by));
        }
        let participation = measure.participation.iter().map(|own| Participation {
            inside: own.inside,
            periods: own
                .periods
                .iter()
                .map(|period| moved_period(*period, self.moved(Kind::Participants)))
                .collect(),
        });
        let (scenario, budget) = (&self.side.outcome.scenario, &self.side.outcome.budget);
        Measure {
            lines,
            decided: figures(&measure.decided),
            participation: participation.collect(),
            billed_before: budget.billed_last_year(scenario, self.year_index(Kind::Key), index),
            ends_after: measure.ends_after.map(|last| last + by),
            // Who comes and buys in has been found by the walk of all years.
            buy_in: None,
            ..measure.clone()
        }
    }

    /// A grant with the award of the year, and with what is left of earlier ones.
    fn grant(self, index: usize, grant: &Grant) -> Grant {
        let by = self.moved(Kind::Grants);
        let written = |value: Money| Spanned { value, place: grant.place.clone() };
        let (mut awards, mut opening) = (YearAmounts::new_vec(), YearAmounts::new_vec());
        match self.year_index(Kind::Grants).checked_sub(1) {
            None => {
                opening = moved_years(&grant.opening, by);
                awards.extend(
                    opening.keys().filter_map(|year| Some((*year, grant.awards.get(&(year - by))?.clone()))),
                );
            }
            Some(before) => {
                let lots = &self.side.outcome.budget.closing_walk(before).grants[index].lots;
                for lot in lots.iter().filter(|lot| !lot.carried.is_zero()) {
                    opening.insert(lot.award_year + by, written(lot.carried));
                    awards.insert(lot.award_year + by, written(lot.awarded));
                }
            }
        }
        let award = grant.awards.get(&self.year(Kind::Grants));
        awards.extend(award.map(|award| (self.year(Kind::Drivers), award.clone())));
        Grant {
            awards,
            opening,
            // What becomes of it after the year is no part of the year.
            carry_over: Some(Spanned { value: "carry_over()".to_owned(), place: grant.place.clone() }),
            payment: None,
            final_report: None,
            ..grant.clone()
        }
    }

    fn reserve(self, index: usize, reserve: &Reserve) -> Reserve {
        let before = self.year_index(Kind::Grants).checked_sub(1);
        let closing =
            before.map(|before| self.side.outcome.budget.closing_walk(before).reserves[index].closing);
        Reserve { opening: closing.unwrap_or(reserve.opening), ..reserve.clone() }
    }

    /// Walks a mixed year.
    ///
    /// # Errors
    /// The first fault, where it makes no sense.
    pub fn walk(self, scenario: Scenario, clock: &Arc<dyn Clock>) -> Result<HybridWalk, Refusal> {
        walk_scenario(scenario, self.side, clock)
    }

    /// What everybody is to pay in all, exactly: what the walk says, and what walking one year alone cannot know.
    ///
    /// # Errors
    /// [`TooLarge`] for amounts that do not fit.
    pub fn payable(self, walk: &HybridWalk) -> Result<Vec<Ratio>, TooLarge> {
        let budget = &self.side.outcome.budget;
        let mut payable = exact::payable(walk.walked(), 0)?;
        let forward = budget.billed[self.year_index(Kind::Cost)].brought_forward.values();
        let buy_ins = budget.billed[self.year_index(Kind::Participants)].buy_ins.values();
        for amounts in forward.chain(buy_ins.map(|buy_in| &buy_in.amounts)) {
            payable.iter_mut().zip(amounts).for_each(|(exact, amount)| *exact += amount.ore_ratio());
        }
        Ok(payable)
    }
}

/// Rounds nothing to more than the øre, and lets every residual be.
#[must_use]
pub fn without_rounding(mut scenario: Scenario) -> Scenario {
    scenario.round_to = Money::ORE;
    for measure in scenario.measures.iter_mut().map(Arc::make_mut) {
        (measure.round_to, measure.with_memory) = (Money::ORE, false);
        measure.residual = measure.residual.or(Some(Residual::Show));
    }
    scenario
}
