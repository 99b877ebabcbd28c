//! The proof that grants and reserves balance, from the scenario, the draws and the lots.

use num_bigint::BigInt;
use num_traits::ToPrimitive;

use crate::ground::money::Money;
use crate::ground::ratio::Ratio;
use crate::model::grant::{Grant, GrantIx};
use crate::model::measure::{CostLine, Residual, Version};
use crate::model::reserve::ReserveIx;
use crate::model::scenario::{FundSource, Scenario};
use crate::model::settlement::Settle;
use crate::model::years::Year;
use crate::rules::plan::{PaymentPlan, Plan};

use super::budget::{Budget, Draw, GrantLedger, PaymentLedger, YearBudget};
use super::proof::{Identity, Proof};
use super::reconcile::ore;

/// Checks the ledgers and draws of a year; given are the gross cost of each measure, and what was promised of each
/// grant.
pub fn check(
    scenario: &Scenario,
    plan: &Plan,
    budget: &Budget,
    (year_index, walked): (usize, &YearBudget),
    (gross, awards): (&[i128], &[i128]),
    proof: &mut Proof,
) {
    let before = year_index.checked_sub(1).map(|before| budget.closing_walk(before));
    let asked = check_draws(scenario, plan, (year_index, walked), gross, proof);
    for (index, grant) in scenario.grants.iter().enumerate() {
        let before = before.map(|before| &before.grants[index]);
        let ledger = &walked.grants[index];
        check_lots(grant, walked.year, (before, ledger), (awards[index], asked[index]), proof);
        if let (Some(rule), Some(payment)) = (plan.payment(GrantIx(index)), &ledger.payment) {
            let drawn = ledger.lots.iter().map(|lot| ore(lot.drawn)).sum();
            let receivable = before.map(|before| before.payment.map_or(0, |payment| ore(payment.receivable)));
            let receivable =
                receivable.unwrap_or_else(|| receivable_at_first(grant, rule, scenario.years.first() - 1));
            check_payment((grant, rule), walked.year, payment, (receivable, drawn), proof);
        }
    }
    check_reserves(scenario, budget, (year_index, walked), before, proof);
}

/// Checks the awards of a grant: each opens with what the year before has left of it, the first year with what the
/// scenario says. Given are what was promised in this year, and what was drawn from all of them.
fn check_lots(
    grant: &Grant,
    year: Year,
    (before, ledger): (Option<&GrantLedger>, &GrantLedger),
    (promised, asked): (i128, i128),
    proof: &mut Proof,
) {
    let (mut opening, mut awarded, mut drawn) = (0, 0, 0);
    for lot in &ledger.lots {
        let subject = || format!("{}, award of {}", grant.id, lot.award_year);
        let came = ore(lot.opening) + ore(lot.award);
        let went = ore(lot.drawn) + ore(lot.carried) + ore(lot.repaid) + ore(lot.lapsed);
        proof.check(Identity::GrantsBalance, Some(year), subject, came, went);
        proof.check_not_above(Identity::DrawsWithinLimits, year, subject, ore(lot.drawn), came);
        let old = before.and_then(|old| old.lots.iter().find(|old| old.award_year == lot.award_year));
        if let Some(old) = old {
            let subject = || format!("{}, award of {}, opening", grant.id, lot.award_year);
            proof.check(Identity::GrantsBalance, Some(year), subject, ore(lot.opening), ore(old.carried));
        }
        opening += ore(lot.opening);
        awarded += ore(lot.award);
        drawn += ore(lot.drawn);
    }
    let left: i128 = match before {
        None => grant.opening.values().map(|left| ore(left.value)).sum(),
        Some(before) => before.lots.iter().map(|lot| ore(lot.carried)).sum(),
    };
    let mut check = |identity, what: &str, left, right| {
        proof.check(identity, Some(year), || format!("{}{what}", grant.id), left, right);
    };
    check(Identity::GrantsBalance, ", opening", opening, left);
    check(Identity::GrantsBalance, ", award", awarded, promised);
    check(Identity::DrawsWithinLimits, "", drawn, asked);
}

/// Checks the payments of a grant; given are what could be demanded before, and what was drawn.
fn check_payment(
    (grant, rule): (&Grant, &PaymentPlan),
    year: Year,
    payment: &PaymentLedger,
    (receivable, drawn): (i128, i128),
    proof: &mut Proof,
) {
    let mut check = |what: &str, left, right| {
        proof.check(Identity::PaymentsBalance, Some(year), || format!("{}, {what}", grant.id), left, right);
    };
    check("receivable", ore(payment.opening), receivable);
    check("payments", ore(payment.earned), drawn);
    let came = ore(payment.opening) + ore(payment.earned);
    check("payments", came, ore(payment.paid) + ore(payment.receivable));
    check("payments", ore(payment.receivable).max(0), ore(payment.receivable));
    if grant.final_report.is_some_and(|report| report <= year) {
        check("payments", ore(payment.receivable), 0);
    } else {
        let awarded: i128 = awards_until(grant, year).map(ore).sum();
        let within = BigInt::from(payment.paid_so_far.ore()) * rule.prepaid.denom()
            <= BigInt::from(awarded) * rule.prepaid.numer();
        check("payments", i128::from(!within), 0);
    }
}

fn check_reserves(
    scenario: &Scenario,
    budget: &Budget,
    (year_index, walked): (usize, &YearBudget),
    before: Option<&YearBudget>,
    proof: &mut Proof,
) {
    for (index, (reserve, ledger)) in scenario.reserves.iter().zip(&walked.reserves).enumerate() {
        let mut check = |what: &str, left, right| {
            let subject = || format!("{}{what}", reserve.id);
            proof.check(Identity::ReservesBalance, Some(walked.year), subject, left, right);
        };
        let left = before.map_or(reserve.opening, |before| before.reserves[index].closing);
        check(", opening", ore(ledger.opening), ore(left));
        let (put_in, taken_out) = reserve_flows(scenario, budget, (year_index, walked), ReserveIx(index));
        check("", ore(ledger.deposit), put_in);
        check("", ore(ledger.drawn), taken_out);
        let payouts = walked.payouts.iter().filter(|payout| payout.reserve.0 == index);
        let paid_out: i128 = payouts.map(|payout| ore(payout.amount)).sum();
        check("", ore(ledger.payout), paid_out);
        let came = ore(ledger.opening) + ore(ledger.deposit);
        let went = ore(ledger.drawn) + ore(ledger.payout) + ore(ledger.closing);
        check("", came, went);
        check("", ore(reserve.minimum).max(ore(ledger.closing)), ore(ledger.closing));
    }
}

/// What the measures of a year put into a reserve and took out of it: by draws, cost lines, residuals and
/// settlements.
fn reserve_flows(
    scenario: &Scenario,
    budget: &Budget,
    (year_index, walked): (usize, &YearBudget),
    reserve: ReserveIx,
) -> (i128, i128) {
    let of_reserve = walked.draws.iter().filter(|draw| draw.source == FundSource::Reserve(reserve));
    let drawn: i128 = of_reserve.map(|draw| ore(draw.amount)).sum();
    let mut flows: Vec<i128> = Vec::new();
    for (index, measure) in scenario.measures() {
        let figures = &walked.measures[index.0];
        if measure.residual == Some(Residual::Reserve(reserve)) {
            flows.push(ore(figures.residual));
        }
        let version = measure.version_standing_for(walked.version, walked.year);
        let lines = measure.lines.iter().filter(|line| line.to_reserve == Some(reserve));
        flows.extend(lines.filter_map(|line| line.amount(version, walked.year)).map(ore));
        let billed = &budget.billed[year_index];
        if let (Version::Actual, Some(policy)) = (walked.version, measure.settlement) {
            let sum = |walked: &YearBudget| walked.shares(index).iter().map(ore).sum::<i128>();
            let less = sum(billed) - sum(walked);
            let destination = if less < 0 { policy.overspend } else { policy.underspend };
            flows.extend((destination == Settle::Reserve(reserve)).then_some(less));
        }
    }
    let put_in: i128 = flows.iter().filter(|flow| **flow > 0).sum();
    let taken_out: i128 = flows.iter().filter(|flow| **flow < 0).sum();
    (put_in, drawn - taken_out)
}

/// Whether a draw is not above rate × eligible cost rounded half up, the largest n with 2·n ≤ 2·rate·eligible + 1.
fn within_rate(draw: &Draw, rate: &Ratio) -> bool {
    let (amount, eligible) = (ore(draw.amount), ore(draw.eligible));
    match (rate.numer().to_i32(), rate.denom().to_i32()) {
        (Some(numerator), Some(denominator)) => {
            let (numerator, denominator) = (i128::from(numerator), i128::from(denominator));
            2 * amount * denominator <= 2 * eligible * numerator + denominator
        }
        _ => {
            let twice = BigInt::from(2) * eligible * rate.numer() + rate.denom();
            BigInt::from(2) * amount * rate.denom() <= twice
        }
    }
}

/// Gives what was drawn from each grant.
fn check_draws(
    scenario: &Scenario,
    plan: &Plan,
    (year_index, walked): (usize, &YearBudget),
    gross: &[i128],
    proof: &mut Proof,
) -> Vec<i128> {
    let year = walked.year;
    let mut by_grant = vec![0; scenario.grants.len()];
    for draw in &walked.draws {
        let measure = &scenario.measures[draw.measure.0];
        let subject = || format!("{} from {}", measure.id, scenario.source_id(draw.source));
        let rule = &plan.draws(year_index, draw.measure)[draw.step];
        let amount = |line: &CostLine| {
            let version = measure.version_standing_for(walked.version, walked.year);
            line.amount(version, walked.year).map_or(0, ore)
        };
        let eligible = match &rule.lines {
            None => gross[draw.measure.0] + ore(walked.measures[draw.measure.0].received),
            Some(lines) => lines.iter().map(|line| amount(&measure.lines[*line])).sum(),
        };
        proof.check(Identity::DrawsWithinLimits, Some(year), subject, ore(draw.eligible), eligible);
        let within = draw.amount.is_zero() || within_rate(draw, &rule.rate);
        proof.check(Identity::DrawsWithinLimits, Some(year), subject, i128::from(!within), 0);
        if let Some(ceiling) = rule.ceiling {
            proof.check_not_above(Identity::DrawsWithinLimits, year, subject, ore(draw.amount), ore(ceiling));
        }
        if let Some(rate) = &rule.match_rate {
            let figures = &walked.measures[draw.measure.0];
            let work = measure.lines.iter().filter(|line| line.in_kind && rule.with_in_kind);
            let in_kind: i128 = work.map(amount).sum();
            let together = BigInt::from(ore(draw.amount) + ore(figures.net) + in_kind);
            let matched = BigInt::from(draw.amount.ore()) * rate.denom() <= together * rate.numer();
            let within = draw.amount.is_zero() || matched;
            proof.check(Identity::DrawsWithinLimits, Some(year), subject, i128::from(!within), 0);
        }
        if let FundSource::Grant(grant) = draw.source {
            by_grant[grant.0] += ore(draw.amount);
        }
    }
    by_grant
}

/// All awards up to a year; of those before the first one only what is told.
fn awards_until(grant: &Grant, year: Year) -> impl Iterator<Item = Money> {
    let untold = grant.opening.iter().filter(|(year, _)| !grant.awards.contains_key(year));
    let awards = grant.awards.iter().chain(untold).filter(move |(award, _)| **award <= year);
    awards.map(|(_, award)| award.value)
}

/// What had been earned and could not have been paid before the first year.
fn receivable_at_first(grant: &Grant, rule: &PaymentPlan, year: Year) -> i128 {
    let awarded: i128 = awards_until(grant, year).map(ore).sum();
    let left: i128 = grant.opening.values().map(|left| ore(left.value)).sum();
    let may_be_paid = BigInt::from(awarded) * rule.prepaid.numer() / rule.prepaid.denom();
    (awarded - left - i128::try_from(may_be_paid).unwrap_or(i128::MAX)).max(0)
}
