//! The proof that a budget adds up. Written apart from the code that splits and draws: it trusts none of
//! their sums, adds everything up again from the shares, draws and lots, in øre and with no tolerance.

use std::borrow::Cow;

use num_traits::Signed;
use rayon::prelude::{IndexedParallelIterator, IntoParallelRefIterator, ParallelIterator};

use crate::ground::cells::{Cell, CellsView};
use crate::ground::money::Money;
use crate::ground::ratio::Ratio;
use crate::ground::split::nearest_multiple;
use crate::ground::sums::{Sums, sums_of_rows};
use crate::model::measure::{Measure, MeasureIx, Residual, Version};
use crate::model::party::PartyIx;
use crate::model::scenario::Scenario;
use crate::model::settlement::Settle;
use crate::model::years::{Year, YearAmounts};
use crate::rules::plan::{Base, KeyPlan, LimitBase, PartPlan, Plan, Side};

use super::absent::Absent;
use super::budget::{Budget, Charge, YearBudget};
use super::proof::{Identity, Proof};
use super::reconcile_funds;
use super::rows::{RowsView, SHARES_ALONE_MAX, Shape};

/// Checks every identity of a budget.
pub fn reconcile(scenario: &Scenario, plan: &Plan, budget: &Budget) -> Proof {
    let cell_count: usize = budget.billed.iter().map(|walked| walked.rows.view().cells.len()).sum();
    let alone = cell_count <= SHARES_ALONE_MAX;
    let years: Vec<usize> = (0..budget.billed.len()).collect();
    // All shares first: they would push everything else out of the cache year by year. A thread that has nothing left to
    // do can take any year, not only several together.
    let measures: Vec<MeasureIx> = scenario.measures().map(|(index, _)| index).collect();
    let absent = Absent::of(scenario, &measures);
    let sums = |year_index: &usize| -> Vec<Sums> {
        let rows = walks(budget, *year_index).map(|walked| walked.rows.view());
        rows.map(|rows| sums_at(rows, &measures, (&absent, *year_index))).collect()
    };
    let given = || Given::of(scenario, plan);
    let (given, sums): (Given, Vec<Vec<Sums>>) = if alone {
        (given(), years.iter().map(sums).collect())
    } else {
        rayon::join(given, || years.par_iter().with_max_len(1).map(sums).collect())
    };
    let year =
        |year_index: &usize| check_year(scenario, (plan, &given), budget, (*year_index, &sums[*year_index]));
    let checked: Vec<YearChecked> = if alone {
        years.iter().map(year).collect()
    } else {
        years.par_iter().with_max_len(1).map(year).collect()
    };
    let mut proof = Proof::default();
    let (mut by_party, mut by_measure) = (0, 0);
    for of_year in checked {
        proof.add(of_year.proof);
        by_party += of_year.by_party;
        by_measure += of_year.by_measure;
    }
    proof.check(Identity::TotalsAgree, None, || "all years".into(), by_party, by_measure);
    check_memory(scenario, plan, budget, &mut proof);
    proof
}

/// Checks the rows of some measures of a budget in which everything else stands as it was checked before; `others` is
/// by year what the parties pay for all other measures.
pub fn reconcile_rows(
    scenario: &Scenario,
    budget: &Budget,
    measures: &[MeasureIx],
    others: &[Vec<i128>],
) -> Proof {
    let absent = Absent::of(scenario, measures);
    let year = |(year_index, (walked, others)): (usize, (&YearBudget, &Vec<i128>))| {
        let mut proof = Proof::default();
        let (rows, year) = (walked.rows.view(), Some(walked.year));
        let sums = sums_at(rows, measures, (&absent, year_index));
        for (index, shares) in measures.iter().zip(&sums.by_row) {
            let figures = &walked.measures[index.0];
            let subject = || scenario.measures[index.0].id.clone();
            proof.check(Identity::SharesCoverNet, year, subject, *shares, ore(figures.net));
            proof.check(Identity::SharesCoverNet, year, subject, *shares, ore(figures.billed));
        }
        let of_party = walked.totals.iter().zip(others.iter().zip(&sums.by_column));
        for ((_, party), (total, (others, own))) in scenario.parties.iter().zip(of_party) {
            proof.check(Identity::TotalsAgree, year, || party.id.clone(), *total, others + own);
        }
        proof
    };
    let many = measures.len() * budget.billed.len() * scenario.parties.count() > SHARES_ALONE_MAX;
    let years: Vec<Proof> = if many {
        budget.billed.par_iter().zip(others).enumerate().map(year).collect()
    } else {
        budget.billed.iter().zip(others).enumerate().map(year).collect()
    };
    let mut proof = Proof::default();
    years.into_iter().for_each(|year| proof.add(year));
    proof
}

/// The rows of some measures of a year added up. Of what a row comes to, what is paid by who takes no part is taken off:
/// it pays for nothing.
fn sums_at(rows: RowsView<'_>, measures: &[MeasureIx], absent: (&Absent, usize)) -> Sums {
    match rows.cells {
        CellsView::Narrow(cells) => sums_in(cells, rows.shape, measures, absent),
        CellsView::Wide(cells) => sums_in(cells, rows.shape, measures, absent),
    }
}

fn sums_in<C: Cell>(
    cells: &[C],
    shape: Shape,
    measures: &[MeasureIx],
    (absent, year_index): (&Absent, usize),
) -> Sums {
    let row = |index: &MeasureIx| &cells[shape.row(*index)];
    let mut sums = sums_of_rows(measures.iter().map(row), shape.width());
    for (position, (sum, index)) in sums.by_row.iter_mut().zip(measures).enumerate() {
        *sum -= absent.paid(position, year_index, row(index));
    }
    sums
}

/// What the scenario gives of measures and grants, asked once of each: in memory they lie far apart.
struct Given {
    keys_have_limits: bool,
    measures: Vec<MeasureTraits>,
    anything_charged: bool,
    /// By position of the year, then by measure: the gross cost of the budget, added up again from the figures of the
    /// scenario.
    gross: Vec<Vec<i128>>,
    /// By position of the year, then by grant: what was promised in that year.
    awards: Vec<Vec<i128>>,
}

impl Given {
    fn of(scenario: &Scenario, plan: &Plan) -> Given {
        let mut measures = Vec::with_capacity(scenario.measures.len());
        let mut gross = vec![vec![0; scenario.measures.len()]; scenario.years.count()];
        for (index, measure) in scenario.measures() {
            measures.push(MeasureTraits::of(measure));
            if measure.lines.is_empty() {
                // Decided amounts lie side by side, and are not looked up year by year.
                put_by_year(scenario, &measure.decided.amounts, &mut gross, index.0);
            } else {
                for (year, gross) in scenario.years.iter().zip(&mut gross) {
                    gross[index.0] = gross_of(measure, Version::Budget, year);
                }
            }
        }
        let mut awards = vec![vec![0; scenario.grants.len()]; scenario.years.count()];
        for (index, grant) in scenario.grants.iter().enumerate() {
            put_by_year(scenario, &grant.awards, &mut awards, index);
        }
        Given {
            keys_have_limits: plan.keys.iter().any(|key| key.traits.has_limits),
            measures,
            anything_charged: scenario.charging().next().is_some(),
            gross,
            awards,
        }
    }
}

/// Writes amounts to the lists of their years.
fn put_by_year(scenario: &Scenario, amounts: &YearAmounts, by_year: &mut [Vec<i128>], index: usize) {
    for (year, amount) in amounts {
        if let Some(position) = scenario.years.index(*year) {
            by_year[position][index] = ore(amount.value);
        }
    }
}

/// What is checked of the shares of a measure.
struct MeasureTraits {
    /// Whether it says where a residual is to be seen.
    declares_residual: bool,
    /// Whether it may bill more than its net cost of nothing, being a pure tariff.
    is_pure_tariff: bool,
    is_paid_in_instalments: bool,
}

impl MeasureTraits {
    fn of(measure: &Measure) -> MeasureTraits {
        MeasureTraits {
            declares_residual: matches!(measure.residual, Some(Residual::Show | Residual::Reserve(_))),
            is_pure_tariff: measure.residual.is_none() && measure.has_no_figures(),
            is_paid_in_instalments: measure.instalments.is_some(),
        }
    }
}

/// A year that has been checked, with what is billed in it: the shares of all parties, and the figures of all measures.
#[derive(Default)]
struct YearChecked {
    proof: Proof,
    by_party: i128,
    by_measure: i128,
}

/// The walks of a year: by its budget, and by its actual figures where it has some.
fn walks(budget: &Budget, year_index: usize) -> impl Iterator<Item = &YearBudget> {
    std::iter::once(&budget.billed[year_index]).chain(&budget.actual[year_index])
}

/// Checks the walks of a year; given are the sums of the shares of each walk.
fn check_year(
    scenario: &Scenario,
    (plan, given): (&Plan, &Given),
    budget: &Budget,
    (year_index, sums): (usize, &[Sums]),
) -> YearChecked {
    let YearChecked { mut proof, mut by_party, mut by_measure } = YearChecked::default();
    for (walked, sums) in walks(budget, year_index).zip(sums) {
        let gross = match walked.version {
            Version::Budget => Cow::Borrowed(given.gross[year_index].as_slice()),
            Version::Actual => Cow::Owned(
                scenario.measures().map(|(index, _)| gross_again(scenario, walked, index)).collect(),
            ),
        };
        let (covered, billed) =
            check_measures(scenario, (plan, given), (year_index, walked), (&sums.by_row, &gross), &mut proof);
        if given.anything_charged || !walked.charges.is_empty() {
            check_charges(scenario, walked, &mut proof);
        }
        let paid = check_year_totals(scenario, walked, (sums, covered), &mut proof);
        if given.keys_have_limits {
            check_limits(scenario, plan, budget, (year_index, walked), &mut proof);
        }
        let of_funds = (&*gross, given.awards[year_index].as_slice());
        reconcile_funds::check(scenario, plan, budget, (year_index, walked), of_funds, &mut proof);
        if walked.version == Version::Budget {
            (by_party, by_measure) = (paid, billed);
        }
    }
    check_settlements(scenario, budget, year_index, &mut proof);
    YearChecked { proof, by_party, by_measure }
}

pub(super) fn ore(amount: Money) -> i128 {
    i128::from(amount.ore())
}

/// Gives what all measures have covered, their residuals too, and what is billed for them.
fn check_measures(
    scenario: &Scenario,
    (plan, given): (&Plan, &Given),
    (year_index, walked): (usize, &YearBudget),
    (sums, gross): (&[i128], &[i128]),
    proof: &mut Proof,
) -> (i128, i128) {
    let (mut all_covered, mut all_billed) = (0, 0);
    let mut drawn = vec![0; sums.len()];
    walked.draws.iter().for_each(|draw| drawn[draw.measure.0] += ore(draw.amount));
    let totals = sums.iter().copied().zip(drawn).zip(gross);
    let keys = plan.keys_of_year(year_index).iter().map(|key| key.map(|key| plan.keys[key.0].traits));
    let of_measures = given.measures.iter().zip(&walked.measures).zip(keys.zip(totals));
    for (position, ((own, figures), (key, ((shares, drawn), gross)))) in of_measures.enumerate() {
        let index = MeasureIx(position);
        let subject = || scenario.measures[index.0].id.clone();
        let (covered, billed) = (ore(figures.net) + ore(figures.residual), ore(figures.billed));
        all_covered += covered;
        all_billed += billed;
        proof.check(Identity::SharesCoverNet, Some(walked.year), subject, shares, covered);
        proof.check(Identity::SharesCoverNet, Some(walked.year), subject, shares, billed);
        // Without this, øre that a split has lost would pass for a residual.
        let exact = key.is_some_and(|key| key.shares_exactly);
        let declared = own.declares_residual || own.is_pure_tariff && figures.net.is_zero();
        if exact || !declared {
            proof.check(Identity::SharesCoverNet, Some(walked.year), subject, ore(figures.residual), 0);
        }
        if key.is_some_and(|key| key.has_transfers) {
            let transferred = shares - ore(figures.host_part);
            proof.check(Identity::TransfersCancel, Some(walked.year), subject, transferred, 0);
        }
        if own.is_paid_in_instalments {
            check_instalments(scenario, walked, index, proof);
        }
        if let Some(buy_in) = walked.buy_ins.get(&index) {
            let sum: i128 = buy_in.amounts.iter().copied().map(ore).sum();
            proof.check(Identity::TransfersCancel, Some(walked.year), subject, sum, 0);
        }
        let year = Some(walked.year);
        proof.check(
            Identity::GrossIsCovered,
            year,
            subject,
            gross + ore(figures.received),
            drawn + ore(figures.charged) + ore(figures.net),
        );
    }
    (all_covered, all_billed)
}

fn check_instalments(scenario: &Scenario, walked: &YearBudget, index: MeasureIx, proof: &mut Proof) {
    let measure = &scenario.measures[index.0];
    for (party, _) in scenario.parties.iter() {
        let paid: i128 = walked.instalments(measure, index, party).into_iter().map(ore).sum();
        let share = ore(walked.share(index, party));
        let subject = || measure.id.clone();
        proof.check(Identity::InstalmentsAddUp, Some(walked.year), subject, paid, share);
    }
}

/// The gross cost of a measure, added up again from the figures of the scenario.
pub(super) fn gross_again(scenario: &Scenario, walked: &YearBudget, index: MeasureIx) -> i128 {
    gross_of(&scenario.measures[index.0], walked.version, walked.year)
}

fn gross_of(measure: &Measure, version: Version, year: Year) -> i128 {
    let decided = measure.decided.amounts.get(&year);
    let version = match decided {
        Some(_) if version == Version::Budget => Version::Budget,
        _ => measure.version_standing_for(version, year),
    };
    match decided.filter(|_| version == Version::Budget) {
        Some(amount) => ore(amount.value),
        None => measure.paid_lines().filter_map(|line| line.amount(version, year)).map(ore).sum(),
    }
}

/// What the parties pay is what the measures cost, and each party's total is the sum of its shares. Gives what they all
/// pay.
fn check_year_totals(
    scenario: &Scenario,
    walked: &YearBudget,
    (sums, by_measure): (&Sums, i128),
    proof: &mut Proof,
) -> i128 {
    let year = Some(walked.year);
    let by_party: i128 = sums.by_column.iter().sum();
    proof.check(Identity::TotalsAgree, year, || "the year".into(), by_party, by_measure);
    for ((_, party), (total, sum)) in scenario.parties.iter().zip(walked.totals.iter().zip(&sums.by_column)) {
        proof.check(Identity::TotalsAgree, year, || party.id.clone(), *total, *sum);
    }
    by_party
}

/// A measure that others pay for passes on all that it cost, and they get what it passes on.
fn check_charges(scenario: &Scenario, walked: &YearBudget, proof: &mut Proof) {
    let sum = |of: &dyn Fn(&Charge) -> bool| -> i128 {
        walked.charges.iter().filter(|charge| of(charge)).map(|charge| ore(charge.amount)).sum()
    };
    for (index, measure) in scenario.measures().filter(|(index, _)| walked.measures[index.0].active) {
        let figures = &walked.measures[index.0];
        let (out, into) = (sum(&|charge| charge.from == index), sum(&|charge| charge.to == index));
        let mut check = |left, right| {
            proof.check(Identity::ChargesBalance, Some(walked.year), || measure.id.clone(), left, right);
        };
        if out != 0 || into != 0 || measure.key().is_none() {
            check(ore(figures.charged), out);
            check(ore(figures.received), into);
        }
        if measure.key().is_none() {
            check(out, gross_again(scenario, walked, index) + into);
        }
    }
}

/// Limits of whole shares, compared as fractions with the shares as they came out; what the host's share was
/// changed by is apart.
fn check_limits(
    scenario: &Scenario,
    plan: &Plan,
    budget: &Budget,
    (year_index, walked): (usize, &YearBudget),
    proof: &mut Proof,
) {
    for (index, measure) in scenario.measures() {
        let checked = |key: &&KeyPlan| key.by_tag.is_empty() && key.has_limits();
        let Some(key) = plan.key(year_index, index).filter(checked) else { continue };
        let last_year = budget.billed_last_year(scenario, year_index, index);
        // A maximum before `.rest(…)` is of a part of the share only.
        let own = key.limits.iter().filter(|_| key.rest.is_none());
        for limit in own.chain(&key.limits_of_all) {
            for (party, number) in &limit.numbers {
                let base = match limit.of {
                    LimitBase::Kroner => Some(Ratio::from_integer(1.into())),
                    LimitBase::Amount => Some(walked.measures[index.0].net.kroner().abs()),
                    LimitBase::LastYear => last_year
                        .as_ref()
                        .and_then(|shares| shares[party.0])
                        .map(|share| share.kroner().abs()),
                };
                let Some(bound) = base.map(|base| base * number) else { continue };
                let size = given_by_key(measure, index, walked, *party).abs();
                let holds = match limit.side {
                    Side::Least => size >= bound,
                    Side::Most => size <= bound,
                };
                let subject = || format!("{}, {}", measure.id, scenario.parties.get(*party).id);
                let identity = Identity::SharesWithinLimits;
                proof.check(identity, Some(walked.year), subject, i128::from(!holds), 0);
            }
        }
    }
}

/// Settlements sum to actual − billed, and what is to be carried forward stands in the next year.
fn check_settlements(scenario: &Scenario, budget: &Budget, year_index: usize, proof: &mut Proof) {
    let billed = &budget.billed[year_index];
    let Some(actual) = &budget.actual[year_index] else { return };
    let next = budget.billed.get(year_index + 1);
    for (index, measure) in scenario.measures() {
        if !budget.is_settled(year_index, measure, index) {
            continue;
        }
        let subject = || measure.id.clone();
        let identity = Identity::SettlementsAgree;
        let settlement = |party| budget.settlement(year_index, index, party).ok().flatten().map_or(0, ore);
        let settled: i128 = scenario.parties.iter().map(|(party, _)| settlement(party)).sum();
        let sum = |walked: &YearBudget| walked.shares(index).iter().map(ore).sum::<i128>();
        let more = sum(actual) - sum(billed);
        proof.check(identity, Some(billed.year), subject, settled, more);
        let Some(next) = next else { continue };
        let forward =
            measure.settlement.map(|policy| if more > 0 { policy.overspend } else { policy.underspend });
        for (party, _) in scenario.parties.iter() {
            let brought = next.brought_forward.get(&index).map_or(0, |amounts| ore(amounts[party.0]));
            let due = if forward == Some(Settle::CarryForward) { settlement(party) } else { 0 };
            proof.check(identity, Some(next.year), subject, brought, due);
        }
    }
}

/// Exact shares − shares, added up over each series of years with the same participants.
fn check_memory(scenario: &Scenario, plan: &Plan, budget: &Budget, proof: &mut Proof) {
    for (index, measure) in scenario.measures().filter(|(_, measure)| measure.with_memory) {
        let mut behind: Vec<Ratio> = vec![Ratio::from_integer(0.into()); scenario.parties.count()];
        let mut participants = None;
        for year_index in 0..budget.billed.len() {
            let walked = budget.closing_walk(year_index);
            let Some(key) = plan.key(year_index, index) else { continue };
            // Fixed amounts are whole; what they leave is shared by the rest.
            let unit = measure.round_to.kroner();
            let fixed = |party| fixed_of(key, party, &unit);
            let all_fixed: Ratio = scenario.parties.iter().map(|(party, _)| fixed(party)).sum();
            let (shared, left) = match &key.rest {
                Some(rest) => (rest.as_ref(), walked.measures[index.0].net.kroner() - all_fixed),
                None => (key, walked.measures[index.0].net.kroner()),
            };
            let now = Some(key.parties());
            if participants != now {
                behind.iter_mut().for_each(|behind| *behind = Ratio::from_integer(0.into()));
                participants = now;
            }
            for (party, entry) in scenario.parties.iter() {
                let given = given_by_key(measure, index, walked, party);
                behind[party.0] += part_of(shared, party) * &left + fixed(party) - given;
                let holds = behind[party.0].abs() < measure.round_to.kroner();
                let subject = || format!("{}, {}", measure.id, entry.id);
                let identity = Identity::MemoryWithinUnit;
                proof.check(identity, Some(walked.year), subject, i128::from(!holds), 0);
            }
        }
    }
}

/// The share that the key gave a party, without what the host's share was changed by afterwards.
fn given_by_key(measure: &Measure, index: MeasureIx, walked: &YearBudget, party: PartyIx) -> Ratio {
    let share = walked.share(index, party).kroner();
    match measure.residual {
        Some(Residual::Host(host)) if host == party => share - walked.measures[index.0].host_part.kroner(),
        _ => share,
    }
}

/// The fixed amounts of a party, rounded one by one.
fn fixed_of(key: &KeyPlan, party: PartyIx, unit: &Ratio) -> Ratio {
    let of_part = |part: &PartPlan| {
        let own = part.parties.iter().position(|own| *own == party)?;
        matches!(part.base, Base::Fixed(_)).then(|| nearest_multiple(&part.values.get(own), unit))
    };
    key.parts.iter().filter_map(of_part).sum()
}

/// A party's part of any amount, added up again from the parts of a key that is one proportion.
fn part_of(key: &KeyPlan, party: PartyIx) -> Ratio {
    let of_part = |part: &PartPlan| {
        let Base::Proportional { factor, .. } = &part.base else { return None };
        let own = part.parties.iter().position(|own| *own == party)?;
        Some(factor * part.values.get(own) / part.values.sum())
    };
    key.parts.iter().filter_map(of_part).sum()
}
