//! The proof that a budget adds up. Written apart from the code that splits and draws: it trusts none of
//! their sums, adds everything up again from the shares, draws and lots, in øre and with no tolerance.

use std::collections::BTreeMap;

use num_bigint::BigInt;

use crate::ground::money::Money;
use crate::model::measure::{MeasureIx, Residual};
use crate::model::party::PartyIx;
use crate::model::reserve::ReserveIx;
use crate::model::scenario::{FundSource, Scenario};
use crate::model::years::Year;
use crate::rules::plan::{KeyPlan, Plan};

use super::budget::{Budget, YearBudget};

/// The identities that every budget satisfies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Identity {
    /// Σ shares = net cost + declared residual, per measure and year.
    SharesCoverNet,
    /// Gross cost = draws + net cost, per measure and year.
    GrossIsCovered,
    /// Σ over measures = Σ over parties, per year and over all years.
    TotalsAgree,
    /// Award + opening = drawn + carried + repaid + lapsed, per award; closing(y) = opening(y+1).
    GrantsBalance,
    /// Opening + deposits = draws + closing, per reserve; never below zero; closing(y) = opening(y+1).
    ReservesBalance,
    /// No draw above its rate, its ceiling or its award; what sources gave is what measures got.
    DrawsWithinLimits,
}

/// What was checked, how often, and what failed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proof {
    /// How many times each identity was checked.
    pub checked: BTreeMap<Identity, usize>,
    /// What failed, in the order of the years.
    pub failures: Vec<Failure>,
}

/// An identity that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Which.
    pub identity: Identity,
    /// In which year; `None` over all years.
    pub year: Option<Year>,
    /// Of what.
    pub subject: String,
    /// By how many øre: left side − right side.
    pub difference_ore: i128,
}

impl Identity {
    /// The identity in words.
    pub fn words(self) -> &'static str {
        match self {
            Identity::SharesCoverNet => "Σ shares = net cost + declared residual",
            Identity::GrossIsCovered => "gross cost = draws + net cost",
            Identity::TotalsAgree => "Σ over measures = Σ over parties",
            Identity::GrantsBalance => "award + opening = drawn + carried + repaid + lapsed",
            Identity::ReservesBalance => "opening + deposits = drawn + closing, never below zero",
            Identity::DrawsWithinLimits => "no draw above its rate, ceiling or award",
        }
    }
}

impl Proof {
    /// Whether everything holds.
    pub fn holds(&self) -> bool {
        self.failures.is_empty()
    }

    /// How many checks were made.
    pub fn check_count(&self) -> usize {
        self.checked.values().sum()
    }

    fn check(
        &mut self,
        identity: Identity,
        year: Option<Year>,
        subject: impl FnOnce() -> String,
        left: i128,
        right: i128,
    ) {
        *self.checked.entry(identity).or_default() += 1;
        if left != right {
            let difference_ore = left - right;
            self.failures.push(Failure { identity, year, subject: subject(), difference_ore });
        }
    }

    fn check_not_above(
        &mut self,
        identity: Identity,
        year: Year,
        subject: impl FnOnce() -> String,
        small: i128,
        large: i128,
    ) {
        self.check(identity, Some(year), subject, small.max(large), large);
    }
}

/// Checks every identity of a budget.
pub fn reconcile(scenario: &Scenario, plan: &Plan, budget: &Budget) -> Proof {
    let mut proof = Proof::default();
    for (year_index, billed) in budget.billed.iter().enumerate() {
        for walked in std::iter::once(billed).chain(&budget.actual[year_index]) {
            check_measures(scenario, plan, year_index, walked, &mut proof);
            check_year_totals(scenario, walked, &mut proof);
            check_ledgers(scenario, walked, &mut proof);
            check_draws(scenario, plan, year_index, walked, &mut proof);
        }
        if year_index == 0 {
            check_opening(scenario, billed, &mut proof);
        } else {
            check_transition(scenario, budget, year_index, &mut proof);
        }
    }
    check_all_years(scenario, budget, &mut proof);
    proof
}

fn ore(amount: Money) -> i128 {
    i128::from(amount.ore())
}

fn check_measures(
    scenario: &Scenario,
    plan: &Plan,
    year_index: usize,
    walked: &YearBudget,
    proof: &mut Proof,
) {
    for (index, measure) in scenario.measures() {
        let figures = &walked.measures[index.0];
        let shares: i128 = scenario.parties.iter().map(|(party, _)| ore(walked.share(index, party))).sum();
        let subject = || measure.id.clone();
        let covered = ore(figures.net) + ore(figures.residual);
        proof.check(Identity::SharesCoverNet, Some(walked.year), subject, shares, covered);
        proof.check(Identity::SharesCoverNet, Some(walked.year), subject, shares, ore(figures.billed));
        // Without this, øre that a split has lost would pass for a residual.
        let exact = plan.key(year_index, index).is_some_and(KeyPlan::shares_exactly);
        let declared = match measure.residual {
            Some(Residual::Show | Residual::Reserve(_)) => true,
            Some(Residual::Host(_)) => false,
            None => measure.has_no_figures(),
        };
        if exact || !declared {
            proof.check(Identity::SharesCoverNet, Some(walked.year), subject, ore(figures.residual), 0);
        }
        let drawn: i128 = walked.draws_of(index).map(|draw| ore(draw.amount)).sum();
        let year = Some(walked.year);
        proof.check(
            Identity::GrossIsCovered,
            year,
            subject,
            gross_again(scenario, walked, index),
            drawn + ore(figures.net),
        );
    }
}

/// The gross cost of a measure, added up again from the figures of the scenario.
fn gross_again(scenario: &Scenario, walked: &YearBudget, index: MeasureIx) -> i128 {
    let measure = &scenario.measures[index.0];
    let version = measure.version_standing_for(walked.version, walked.year);
    let decided =
        measure.decided.get(&walked.year).filter(|_| version == crate::model::measure::Version::Budget);
    match decided {
        Some(amount) => ore(amount.value),
        None => measure.lines.iter().filter_map(|line| line.amount(version, walked.year)).map(ore).sum(),
    }
}

fn check_year_totals(scenario: &Scenario, walked: &YearBudget, proof: &mut Proof) {
    let by_party: i128 = scenario.parties.iter().map(|(party, _)| party_sum(scenario, walked, party)).sum();
    let by_measure: i128 =
        walked.measures.iter().map(|figures| ore(figures.net) + ore(figures.residual)).sum();
    proof.check(Identity::TotalsAgree, Some(walked.year), || "the year".into(), by_party, by_measure);
}

fn party_sum(scenario: &Scenario, walked: &YearBudget, party: PartyIx) -> i128 {
    scenario.measures().map(|(measure, _)| ore(walked.share(measure, party))).sum()
}

fn check_all_years(scenario: &Scenario, budget: &Budget, proof: &mut Proof) {
    let over_years = |party: PartyIx| -> i128 {
        budget.billed.iter().map(|walked| party_sum(scenario, walked, party)).sum()
    };
    let by_party: i128 = scenario.parties.iter().map(|(party, _)| over_years(party)).sum();
    let by_measure: i128 =
        budget.billed.iter().flat_map(|walked| &walked.measures).map(|figures| ore(figures.billed)).sum();
    proof.check(Identity::TotalsAgree, None, || "all years".into(), by_party, by_measure);
}

fn check_ledgers(scenario: &Scenario, walked: &YearBudget, proof: &mut Proof) {
    for (grant, ledger) in scenario.grants.iter().zip(&walked.grants) {
        for lot in &ledger.lots {
            let subject = || format!("{}, award of {}", grant.id, lot.award_year);
            let came = ore(lot.opening) + ore(lot.award);
            let went = ore(lot.drawn) + ore(lot.carried) + ore(lot.repaid) + ore(lot.lapsed);
            proof.check(Identity::GrantsBalance, Some(walked.year), subject, came, went);
        }
        let promised = grant.awards.get(&walked.year).map_or(0, |award| ore(award.value));
        let opened: i128 = ledger.lots.iter().map(|lot| ore(lot.award)).sum();
        proof.check(
            Identity::GrantsBalance,
            Some(walked.year),
            || format!("{}, award", grant.id),
            opened,
            promised,
        );
    }
    for (index, (reserve, ledger)) in scenario.reserves.iter().zip(&walked.reserves).enumerate() {
        let subject = || reserve.id.clone();
        let (put_in, taken_out) = reserve_flows(scenario, walked, ReserveIx(index));
        proof.check(Identity::ReservesBalance, Some(walked.year), subject, ore(ledger.deposit), put_in);
        proof.check(Identity::ReservesBalance, Some(walked.year), subject, ore(ledger.drawn), taken_out);
        let came = ore(ledger.opening) + ore(ledger.deposit);
        let went = ore(ledger.drawn) + ore(ledger.closing);
        proof.check(Identity::ReservesBalance, Some(walked.year), subject, came, went);
        proof.check_not_above(Identity::ReservesBalance, walked.year, subject, -ore(ledger.closing), 0);
    }
}

/// What the measures of a year put into a reserve and took out of it, by draws and by residuals.
fn reserve_flows(scenario: &Scenario, walked: &YearBudget, reserve: ReserveIx) -> (i128, i128) {
    let of_reserve = walked.draws.iter().filter(|draw| draw.source == FundSource::Reserve(reserve));
    let drawn: i128 = of_reserve.map(|draw| ore(draw.amount)).sum();
    let settled =
        scenario.measures().filter(|(_, measure)| measure.residual == Some(Residual::Reserve(reserve)));
    let residuals: Vec<i128> = settled.map(|(index, _)| ore(walked.measures[index.0].residual)).collect();
    let put_in: i128 = residuals.iter().filter(|residual| **residual > 0).sum();
    let taken_out: i128 = residuals.iter().filter(|residual| **residual < 0).sum();
    (put_in, drawn - taken_out)
}

fn check_draws(scenario: &Scenario, plan: &Plan, year_index: usize, walked: &YearBudget, proof: &mut Proof) {
    let year = walked.year;
    let mut by_source: BTreeMap<FundSource, i128> = BTreeMap::new();
    for draw in &walked.draws {
        let measure = &scenario.measures[draw.measure.0];
        let subject = || format!("{} from {}", measure.id, scenario.source_id(draw.source));
        let rule = &plan.draws(year_index, draw.measure)[draw.step];
        // Rate × eligible cost, rounded half up, is the largest n with 2·n ≤ 2·rate·eligible + 1.
        let twice =
            BigInt::from(2) * BigInt::from(draw.eligible.ore()) * rule.rate.numer() + rule.rate.denom();
        let within_rate = BigInt::from(2) * BigInt::from(draw.amount.ore()) * rule.rate.denom() <= twice;
        let within = draw.amount.is_zero() || within_rate;
        proof.check(Identity::DrawsWithinLimits, Some(year), subject, i128::from(!within), 0);
        if let Some(ceiling) = rule.ceiling {
            proof.check_not_above(Identity::DrawsWithinLimits, year, subject, ore(draw.amount), ore(ceiling));
        }
        *by_source.entry(draw.source).or_default() += ore(draw.amount);
    }
    for (index, (grant, ledger)) in scenario.grants.iter().zip(&walked.grants).enumerate() {
        let drawn: i128 = ledger.lots.iter().map(|lot| ore(lot.drawn)).sum();
        let asked =
            by_source.get(&FundSource::Grant(crate::model::grant::GrantIx(index))).copied().unwrap_or(0);
        proof.check(Identity::DrawsWithinLimits, Some(year), || grant.id.clone(), drawn, asked);
        for lot in &ledger.lots {
            let subject = || format!("{}, award of {}", grant.id, lot.award_year);
            let there = ore(lot.opening) + ore(lot.award);
            proof.check_not_above(Identity::DrawsWithinLimits, year, subject, ore(lot.drawn), there);
        }
    }
}

/// The first year opens with what the scenario says.
fn check_opening(scenario: &Scenario, first: &YearBudget, proof: &mut Proof) {
    for (reserve, ledger) in scenario.reserves.iter().zip(&first.reserves) {
        let subject = || format!("{}, opening", reserve.id);
        proof.check(
            Identity::ReservesBalance,
            Some(first.year),
            subject,
            ore(ledger.opening),
            ore(reserve.opening),
        );
    }
    for (grant, ledger) in scenario.grants.iter().zip(&first.grants) {
        let opening: i128 = ledger.lots.iter().map(|lot| ore(lot.opening)).sum();
        proof.check(
            Identity::GrantsBalance,
            Some(first.year),
            || format!("{}, opening", grant.id),
            opening,
            0,
        );
    }
}

fn check_transition(scenario: &Scenario, budget: &Budget, year_index: usize, proof: &mut Proof) {
    let (before, after) = (budget.closing_walk(year_index - 1), budget.closing_walk(year_index));
    let year = Some(after.year);
    for (index, grant) in scenario.grants.iter().enumerate() {
        let closing: i128 = before.grants[index].lots.iter().map(|lot| ore(lot.carried)).sum();
        let opening: i128 = after.grants[index].lots.iter().map(|lot| ore(lot.opening)).sum();
        proof.check(Identity::GrantsBalance, year, || format!("{}, opening", grant.id), opening, closing);
    }
    for (index, reserve) in scenario.reserves.iter().enumerate() {
        let (closing, opening) = (ore(before.reserves[index].closing), ore(after.reserves[index].opening));
        proof.check(Identity::ReservesBalance, year, || format!("{}, opening", reserve.id), opening, closing);
    }
}
