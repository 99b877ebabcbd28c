//! What must always hold of a whole scenario: the order of the parties changes no share, and the books of
//! random grants, reserves and years close.

use std::collections::BTreeMap;

use crate::support::{CARRY_OVERS, MemoryShelf, Random};

const NAMES: [&str; 12] = [
    "Vega",
    "Bindal",
    "Dønna",
    "Åfjord",
    "Grane",
    "Nesna",
    "Herøy",
    "Ålesund",
    "Sømna",
    "Østre Toten",
    "Æra",
    "Rana",
];

const KEYS: [&str; 9] = [
    "equally()",
    "by(\\\"area\\\")",
    "40.percent * equally() + 60.percent * by(\\\"inhabitants\\\")",
    "1/3 * equally() + 1/3 * by(\\\"inhabitants\\\") + 1/3 * by(\\\"area\\\")",
    "50.percent * by(\\\"inhabitants\\\").rate_rounded_to(1) + 50.percent * equally().except([\\\"Vega\\\"])",
    "amounts(#{ \\\"Vega\\\": 100 }) + amounts_each(7)",
    "amounts_each(10).rest(by(\\\"inhabitants\\\").where(|p| p.area > 20))",
    "by(|p| 0.7 * p.inhabitants + 1/3 * p.area)",
    "rate(3.08, \\\"inhabitants\\\")",
];

const STEPS: [&str; 4] = [
    "cover(50.percent).from(\\\"g\\\")",
    "cover(1/3).of([\\\"a\\\"]).from(\\\"g\\\").up_to(5_000.55)",
    "cover(all).from_reserve(\\\"fund\\\").up_to(300)",
    "cover(all).from(\\\"h\\\")",
];

/// What a random scenario is made of.
pub struct Parts {
    /// The names of its parties.
    pub parties: Vec<&'static str>,
    measures: String,
    funds: String,
    tables: Vec<(String, String)>,
}

/// A random scenario of 2024 to 2026, with the measures `m0`, `m1` …, the grants `g` and `h` and the reserve `fund`.
pub fn random_scenario(random: &mut Random) -> Parts {
    let count = usize::try_from(2 + random.below(11)).unwrap();
    let parties: Vec<&'static str> = NAMES[..count].to_vec();
    let mut inhabitants = String::from("party;2024;2025;2026\n");
    let mut area = String::from("party,km2\n");
    for party in &parties {
        let year = |random: &mut Random| random.below(9000) + 1;
        inhabitants.push_str(&format!("{party};{};{};{}\n", year(random), year(random), year(random)));
        area.push_str(&format!("{party},{}.{}\n", 30 + random.below(5000), random.below(10)));
    }
    let pick = |random: &mut Random, list: &[&'static str]| {
        list[usize::try_from(random.below(list.len() as u64)).unwrap()]
    };
    let mut measures = String::new();
    for index in 0..1 + random.below(4) {
        let cost = |random: &mut Random| format!("{}.{:02}", random.below(90_000) + 2_000, random.below(100));
        let lines: Vec<String> = ["a", "b"]
            .iter()
            .map(|line| {
                let years: Vec<String> =
                    (2024..=2026).map(|year| format!("{year}: {}", cost(random))).collect();
                format!("(line: \"{line}\", budget: {{{}}})", years.join(", "))
            })
            .collect();
        let steps: Vec<String> =
            (0..random.below(4)).map(|_| format!("\"{}\"", pick(random, &STEPS))).collect();
        measures.push_str(&format!(
            "(id: \"m{index}\", costs: [{}], key: \"{}\", funding: [{}], residual: Show),\n",
            lines.join(", "),
            pick(random, &KEYS),
            steps.join(", ")
        ));
    }
    let award =
        |random: &mut Random| format!("2024: {}, 2025: {}.5", random.below(60_000), random.below(60_000));
    let funds = format!(
        "grants: [(id: \"g\", awards: {{{}}}, carry_over: \"{}\"), (id: \"h\", awards: {{{}}}, carry_over: \"{}\")],\n\
         reserves: [(id: \"fund\", opening: {})],\n",
        award(random),
        pick(random, &CARRY_OVERS),
        award(random),
        pick(random, &CARRY_OVERS),
        random.below(900)
    );
    Parts { parties, measures, funds, tables: vec![("i.csv".into(), inhabitants), ("a.csv".into(), area)] }
}

/// A random scenario in memory.
pub fn random_shelf(random: &mut Random) -> MemoryShelf {
    let parts = random_scenario(random);
    shelf(&parts, &parts.parties)
}

/// Its shelf, with the parties in an order.
pub fn shelf(parts: &Parts, order: &[&str]) -> MemoryShelf {
    let parties: Vec<String> = order.iter().map(|party| format!("\"{party}\"")).collect();
    let scenario = format!(
        "(title: \"random\", years: (first: 2024, last: 2026), parties: [{}],\n\
         drivers: [(id: \"inhabitants\", values: Csv(\"i.csv\")), (id: \"area\", values: Csv(\"a.csv\"))],\n\
         {}measures: [\n{}])",
        parties.join(", "),
        parts.funds,
        parts.measures
    );
    let mut shelf = MemoryShelf::of([("scenario.ron", scenario.as_str())]);
    shelf.0.extend(parts.tables.iter().map(|(name, text)| (name.clone(), text.clone().into_bytes())));
    shelf
}

/// The shares of a run by year, measure and name of the party; none where it was refused.
fn shares(shelf: &MemoryShelf) -> Option<BTreeMap<(i32, usize, String), i64>> {
    let walked = shelf.walk();
    let outcome = walked.outcome?;
    let mut shares = BTreeMap::new();
    for year in &outcome.budget.billed {
        for (measure, _) in outcome.scenario.measures() {
            for (party, entry) in outcome.scenario.parties.iter() {
                shares.insert((year.year, measure.0, entry.id.clone()), year.share(measure, party).ore());
            }
        }
    }
    Some(shares)
}

#[test]
fn the_order_of_the_parties_changes_no_share() {
    let mut compared = 0;
    for round in 0..300 {
        let mut random = Random(10_000 + round);
        let parts = random_scenario(&mut random);
        let other = random.shuffled(&parts.parties);
        let first = shares(&shelf(&parts, &parts.parties));
        assert_eq!(first, shares(&shelf(&parts, &other)), "round {round}");
        compared += usize::from(first.is_some());
    }
    assert!(compared > 100, "only {compared} scenarios were accepted");
}

#[test]
fn the_books_of_random_years_close() {
    let mut closed = 0;
    for round in 0..1_000 {
        let parts = random_scenario(&mut Random(50_000 + round));
        let shelf = shelf(&parts, &parts.parties);
        let walked = shelf.walk();
        let Some(outcome) = walked.outcome else {
            assert!(walked.diagnostics.has_errors(), "round {round}: refused without a reason");
            continue;
        };
        assert!(outcome.proof.holds(), "round {round}: {:?}", outcome.proof.failures);
        closed += 1;
        for (index, grant) in outcome.scenario.grants.iter().enumerate() {
            let awarded: i64 = grant.awards.values().map(|award| award.value.ore()).sum();
            let lots = outcome.budget.billed.iter().flat_map(|year| &year.grants[index].lots);
            let gone: i64 = lots.map(|lot| lot.drawn.ore() + lot.repaid.ore() + lot.lapsed.ore()).sum();
            let kept: i64 =
                outcome.budget.billed[2].grants[index].lots.iter().map(|lot| lot.carried.ore()).sum();
            assert_eq!(awarded, gone + kept, "round {round}: {}", grant.id);
        }
    }
    assert!(closed > 400, "only {closed} scenarios were accepted");
}

#[test]
fn the_proof_finds_every_kind_of_tampering() {
    use fordel::engine::proof::Identity;
    use fordel::engine::reconcile::reconcile;
    use fordel::ground::money::Money;
    use fordel::model::measure::MeasureIx;
    use fordel::model::party::PartyIx;

    let parts = (0..).map(|round| random_scenario(&mut Random(round))).find(|parts| {
        let shelf = shelf(parts, &parts.parties);
        shelf
            .walk()
            .outcome
            .is_some_and(|outcome| outcome.budget.billed[1].draws.iter().any(|draw| !draw.lots.is_empty()))
    });
    let parts = parts.unwrap();
    let outcome = shelf(&parts, &parts.parties).walk().outcome.unwrap();
    let found = |tamper: &dyn Fn(&mut fordel::engine::budget::Budget)| {
        let mut budget = outcome.budget.clone();
        tamper(&mut budget);
        let proof = reconcile(&outcome.scenario, &outcome.plan, &budget);
        proof.failures.iter().map(|failure| failure.identity).collect::<Vec<_>>()
    };
    let more = |amount: &mut Money| *amount = amount.plus(Money::ORE).unwrap();
    let one_more = |year: &mut fordel::engine::budget::YearBudget| {
        let share = year.share(MeasureIx(0), PartyIx(0)).plus(Money::ORE).unwrap();
        year.rows.put(MeasureIx(0), PartyIx(0), share);
    };
    assert_eq!(found(&|_| {}), []);
    let share = found(&|budget| one_more(&mut budget.billed[1]));
    assert!(share.contains(&Identity::SharesCoverNet) && share.contains(&Identity::TotalsAgree));
    let deposit = found(&|budget| {
        more(&mut budget.billed[0].reserves[0].deposit);
        more(&mut budget.billed[0].reserves[0].closing);
        more(&mut budget.billed[1].reserves[0].opening);
        more(&mut budget.billed[1].reserves[0].drawn);
    });
    assert!(deposit.contains(&Identity::ReservesBalance));
    assert!(found(&|budget| more(&mut budget.billed[1].measures[0].net)).contains(&Identity::GrossIsCovered));
    assert!(
        found(&|budget| more(&mut budget.billed[0].grants[0].lots[0].carried))
            .contains(&Identity::GrantsBalance)
    );
    assert!(
        found(&|budget| more(&mut budget.billed[0].reserves[0].closing)).contains(&Identity::ReservesBalance)
    );
    // Years that close, but do not open with what the one before has left.
    let less = |amount: &mut Money| *amount = amount.minus(Money::ORE).unwrap();
    let lost = found(&|budget| {
        let before = budget.actual[0].as_mut().unwrap_or(&mut budget.billed[0]);
        let lot = &mut before.grants[0].lots[0];
        less(&mut lot.carried);
        more(&mut lot.lapsed);
    });
    assert_eq!(lost.iter().find(|identity| **identity != Identity::GrantsBalance), None);
    assert!(lost.contains(&Identity::GrantsBalance));
    let found_money = found(&|budget| {
        let reserve = &mut budget.billed.last_mut().unwrap().reserves[0];
        more(&mut reserve.opening);
        more(&mut reserve.closing);
    });
    assert_eq!(found_money, [Identity::ReservesBalance]);
    let overdrawn = found(&|budget| {
        let draw = budget.billed[1].draws.iter_mut().find(|draw| !draw.lots.is_empty()).unwrap();
        draw.amount = draw.amount.plus(Money::from_ore(1_000_000_000)).unwrap();
    });
    assert!(overdrawn.contains(&Identity::DrawsWithinLimits));
}

/// What a funder owes at the end of a year is what the next one opens with.
#[test]
fn a_debt_of_a_funder_cannot_vanish_between_years() {
    use fordel::engine::proof::Identity;
    use fordel::engine::reconcile::reconcile;
    use fordel::ground::money::Money;

    let scenario = "(title: \"t\", years: (first: 2024, last: 2025), parties: [\"a\", \"b\"],\n\
        grants: [(id: \"grant\", awards: {2024: 300_000}, carry_over: \"carry_over()\", payment: \"prepaid(50.percent)\")],\n\
        measures: [(id: \"m\", amount: {2024: 200_000, 2025: 50_000}, key: \"equally()\", funding: [\"cover(all).from(\\\"grant\\\")\"])])";
    let outcome = MemoryShelf::of([("scenario.ron", scenario)]).walk().outcome.unwrap();
    let mut budget = outcome.budget.clone();
    let payment = budget.billed[1].grants[0].payment.as_mut().unwrap();
    assert_eq!(payment.opening, Money::from_ore(5_000_000));
    // The year itself still closes.
    payment.opening = payment.opening.minus(Money::ORE).unwrap();
    payment.receivable = payment.receivable.minus(Money::ORE).unwrap();
    let failures = reconcile(&outcome.scenario, &outcome.plan, &budget).failures;
    let found: Vec<_> = failures.iter().map(|failure| (failure.identity, failure.subject.as_str())).collect();
    assert_eq!(found, [(Identity::PaymentsBalance, "grant, receivable")]);
}

/// What who takes no part pays is not part of what a measure costs, though all shares sum to that.
#[test]
fn nobody_pays_who_takes_no_part() {
    use fordel::engine::proof::Identity;
    use fordel::engine::reconcile::reconcile;
    use fordel::ground::money::Money;
    use fordel::model::measure::MeasureIx;
    use fordel::model::party::PartyIx;

    let scenario = "(title: \"t\", years: (first: 2024, last: 2025), parties: [\"a\", \"b\", \"c\"],\n\
        measures: [(id: \"m\", amount: {2024: 100, 2025: 100}, key: \"equally()\",\n\
        participants: Only([\"a\", (party: \"b\", since: 2025)]))])";
    let outcome = MemoryShelf::of([("scenario.ron", scenario)]).walk().outcome.unwrap();
    assert!(outcome.proof.holds());
    for (year, stranger) in [(0, PartyIx(1)), (0, PartyIx(2)), (1, PartyIx(2))] {
        let mut budget = outcome.budget.clone();
        let walked = &mut budget.billed[year];
        let share = walked.share(MeasureIx(0), PartyIx(0)).minus(Money::ORE).unwrap();
        walked.rows.put(MeasureIx(0), PartyIx(0), share);
        walked.rows.put(MeasureIx(0), stranger, Money::ORE);
        let failures = reconcile(&outcome.scenario, &outcome.plan, &budget).failures;
        let failed = failures.iter().any(|failure| failure.identity == Identity::SharesCoverNet);
        assert!(failed, "{year}, {stranger:?}: {failures:?}");
    }
}

/// A split that loses an øre cannot pass for a residual where the key bills exactly.
#[test]
fn a_lost_ore_is_no_residual() {
    use fordel::engine::proof::Identity;
    use fordel::engine::reconcile::reconcile;
    use fordel::ground::money::Money;
    use fordel::model::measure::MeasureIx;
    use fordel::model::party::PartyIx;

    let scenario = "(title: \"t\", years: (first: 2024, last: 2024), parties: [\"a\", \"b\", \"c\"],\n\
        measures: [(id: \"m\", amount: {2024: 100}, key: \"equally()\", residual: Show)])";
    let outcome = MemoryShelf::of([("scenario.ron", scenario)]).walk().outcome.unwrap();
    let mut budget = outcome.budget.clone();
    let year = &mut budget.billed[0];
    let less = |amount: &mut Money| *amount = amount.minus(Money::ORE).unwrap();
    let share = year.share(MeasureIx(0), PartyIx(0)).minus(Money::ORE).unwrap();
    year.rows.put(MeasureIx(0), PartyIx(0), share);
    less(&mut year.measures[0].billed);
    less(&mut year.measures[0].residual);
    let failures = reconcile(&outcome.scenario, &outcome.plan, &budget).failures;
    assert!(failures.iter().any(|failure| failure.identity == Identity::SharesCoverNet), "{failures:?}");
}
