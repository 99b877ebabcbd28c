//! What must hold over the years, for random scenarios of everything that ties one year to another: grants, reserves,
//! budget and actual figures, settlements, limits, months, newcomers and leavers, charges, indexes, instalments and
//! memory, all at once.

use std::collections::BTreeMap;
use std::sync::Arc;

use fordel::engine::budget::{Budget, YearBudget};
use fordel::engine::proof::Identity;
use fordel::engine::reconcile::reconcile;
use fordel::ground::diagnostic::Diagnostics;
use fordel::ground::money::Money;
use fordel::model::measure::MeasureIx;
use fordel::model::party::PartyIx;
use fordel::model::scenario::Scenario;
use fordel::model::settlement::Settle;
use fordel::rules::plan::Plan;

use crate::support::{CARRY_OVERS, MemoryShelf, Random};

/// How many scenarios are written as text, and how often each accepted one is walked again with other figures.
const TEXTS: u64 = 20_000;
const OTHER_FIGURES: usize = 9;

const NAMES: [&str; 6] = ["Alstahaug", "Brønnøy", "Dønna", "Herøy", "Vega", "Ås"];

pub const KEYS: [&str; 18] = [
    "equally()",
    "by(`i`)",
    "0.4 * equally() + 0.6 * by(`i`)",
    "by(`i`).at_most(500_000)",
    "by(`i`).at_least(200)",
    "by(`i`).at_least(100).at_most(90_000)",
    "equally().at_most(300).per(`i`)",
    "by(`i`).at_most(60.percent).of_amount().at_least(5.percent).of_amount()",
    "by(`i`).at_most(300.percent).of_last_year()",
    "by(`i`).at_least(20.percent).of_last_year()",
    "equally().at_most(500.percent).of_last_year()",
    "equally().phased_to(by(`i`), 2025, 2027)",
    "amounts_each(500).rest(by(`i`))",
    "by(`i`).at_most(9_000).rest(equally())",
    "amounts_each(300).rest(by(`i`)).at_least(400)",
    "equally().of_tag(`a`) + by(`i`).of_tag(`b`)",
    "(0.5 * equally() + 0.5 * by(`i`)).at_most(900_000)",
    "rate(2, `i`)",
];
pub const STEPS: [&str; 9] = [
    "cover(all).from(`g`)",
    "cover(50.percent).from(`g`)",
    "cover(50.percent).from(`g`).pro_rata()",
    "cover(30.percent).from(`h`).pro_rata()",
    "cover(1/3).of([`x`]).from(`h`).up_to(9_000)",
    "cover(all).from_reserve(`fund`).up_to(4_000)",
    "cover(80.percent).from(`g`).match_rate(50.percent)",
    "cover(all).from(`h`).match_rate(40.percent).with_in_kind()",
    "cover(60.percent).from(`g`).of_tag(`a`)",
];
const SETTLEMENTS: [&str; 6] = [
    "",
    "settlement: Refund,",
    "settlement: CarryForward,",
    "settlement: Reserve(\"fund\"),",
    "settlement: (overspend: CarryForward, underspend: Reserve(\"fund\")),",
    "settlement: (overspend: Reserve(\"fund\"), underspend: CarryForward),",
];

/// A scenario as text, a line for each part, so that a year can be added in front of it.
struct Draft<'r> {
    random: &'r mut Random,
    years: std::ops::RangeInclusive<i32>,
    count: usize,
}

impl Draft<'_> {
    fn pick<'l>(&mut self, list: &[&'l str]) -> &'l str {
        list[usize::try_from(self.random.below(list.len() as u64)).unwrap()]
    }

    fn chance(&mut self, percent: u64) -> bool {
        self.random.below(100) < percent
    }

    fn amount(&mut self, most: u64) -> String {
        format!("{}", self.random.below(most))
    }

    fn by_year(&mut self, percent: u64, most: u64) -> String {
        let mut years = Vec::new();
        for year in self.years.clone() {
            if self.chance(percent) {
                let amount = self.amount(most);
                years.push(format!("{year}: {amount}"));
            }
        }
        format!("{{{}}}", years.join(", "))
    }

    fn parties(&mut self) -> String {
        let mut parties = Vec::new();
        for name in &NAMES[..self.count] {
            let period = match self.random.below(8) {
                0 => format!(", since: {}", 2024 + self.random.below(3)),
                1 => format!(", until: {}", 2025 + self.random.below(2)),
                2 => format!(", since: \"2025-{:02}\"", 1 + self.random.below(12)),
                3 => format!(", until: \"2026-{:02}\"", 1 + self.random.below(12)),
                _ => String::new(),
            };
            parties.push(format!("(id: \"{name}\"{period})"));
        }
        parties.join(", ")
    }

    fn line(&mut self, name: &str, tag: &str) -> String {
        let mut line = format!("(line: \"{name}\", tags: [\"{tag}\"], ");
        if self.chance(20) {
            let base = self.amount(90_000);
            let word = self.pick(&["indexed", "indexed_from_published", "indexed_yearly"]);
            let first = self.years.start();
            line.push_str(&format!("budget: {{{first}: {base}}}, index: \"{word}(`kpi`).rounded_to(1)\","));
        } else {
            let budget = self.by_year(90, 90_000);
            line.push_str(&format!("budget: {budget},"));
        }
        if self.chance(40) {
            let actual = self.by_year(50, 90_000);
            line.push_str(&format!("actual: {actual},"));
        }
        line.push_str(if self.chance(10) { "to_reserve: \"fund\")" } else { ")" });
        line
    }

    fn measure(&mut self, index: u64, count: u64) -> String {
        let (x, y) = (self.line("x", "a"), self.line("y", "b"));
        let in_kind = self.by_year(50, 20_000);
        let mut measure = format!(
            "(id: \"m{index}\", costs: [{x}, {y}, (line: \"work\", in_kind: true, budget: {in_kind})],"
        );
        // Charges go to later measures, so that the last one has a key.
        if index + 1 < count && self.chance(15) {
            let to = index + 1 + self.random.below(count - index - 1);
            let how = self.pick(&["Equally([TO])", "Weights({TO: 3})"]).replace("TO", &format!("\"m{to}\""));
            return format!("{measure} charged_to: {how}, round_to: 0.01)");
        }
        let key = self.pick(&KEYS);
        let steps: Vec<String> =
            (0..self.random.below(3)).map(|_| format!("\"{}\"", self.pick(&STEPS))).collect();
        let settlement = self.pick(&SETTLEMENTS);
        let participants =
            if self.chance(20) { "Except([(party: \"Alstahaug\", until: 2025)])" } else { "All" };
        measure.push_str(&format!(
            "key: \"{key}\", funding: [{}], {settlement} participants: {participants}, residual: Show,",
            steps.join(", ")
        ));
        if !key.contains("at_") && !key.contains("within") && !key.contains("tag") && !key.contains("rate") {
            measure.push_str(if self.chance(50) { "rounding: WithMemory," } else { "" });
        }
        if ["equally()", "by(`i`)"].contains(&key) && self.chance(50) {
            measure.push_str("buy_in: (years: 3),");
        }
        if self.chance(30) {
            measure.push_str(&format!("instalments: {},", 2 + self.random.below(4)));
        }
        if key.contains("of_last_year") {
            let billed: Vec<String> = NAMES[..self.count]
                .iter()
                .map(|name| format!("\"{name}\": {}", 5_000 + self.random.below(30_000)))
                .collect();
            measure.push_str(&format!("billed_before: {{{}}},", billed.join(", ")));
        }
        format!("{measure} round_to: {})", self.pick(&["0.01", "0.01", "1"]))
    }

    fn scenario(&mut self) -> String {
        let count = 1 + self.random.below(4);
        let parties = self.parties();
        let drivers: Vec<String> = NAMES[..self.count]
            .iter()
            .map(|name| format!("\"{name}\": {}", 1 + self.random.below(9_000)))
            .collect();
        let measures: Vec<String> = (0..count).map(|index| self.measure(index, count)).collect();
        let funds: Vec<String> = ["g", "h"]
            .iter()
            .map(|id| {
                let (awards, carry_over) = (self.by_year(70, 60_000), self.pick(&CARRY_OVERS));
                let payment = self.pick(&["", "payment: \"prepaid(75.percent)\", final_report: 2026,"]);
                let opening =
                    if carry_over == "repay()" { "" } else { self.pick(&["", "opening: {2023: 7_000},"]) };
                format!("(id: \"{id}\", awards: {awards}, carry_over: \"{carry_over}\", {payment} {opening})")
            })
            .collect();
        let (opening, minimum) = (1_000 + self.random.below(90_000), self.random.below(1_000));
        let exit = self.pick(&["", "exit_key: \"by(`i`)\","]);
        format!(
            "(title: \"random\", years: (first: {}, last: {}), parties: [{parties}],\n\
             indexes: [(id: \"kpi\", values: Growth({{2024: 2.5, 2025: 3.1, 2026: 1.9, 2027: 4.4}}))],\n\
             drivers: [(id: \"i\", values: Fixed({{{}}}))],\n\
             grants: [{}],\n\
             reserves: [(id: \"fund\", opening: {opening}, minimum: {minimum}, {exit})],\n\
             measures: [{}])",
            self.years.start(),
            self.years.end(),
            drivers.join(", "),
            funds.join(", "),
            measures.join(",\n")
        )
    }
}

/// A random scenario of everything that ties one year to another.
pub fn random_scenario(seed: u64) -> String {
    let mut random = Random(seed);
    let count = usize::try_from(2 + random.below(5)).unwrap();
    let last = 2025 + i32::try_from(random.below(3)).unwrap();
    Draft { random: &mut random, years: 2024..=last, count }.scenario()
}

fn ore(amounts: impl IntoIterator<Item = Money>) -> i128 {
    amounts.into_iter().map(|amount| i128::from(amount.ore())).sum()
}

/// The balances at the end of a year are those at the beginning of the next.
fn check_transitions(budget: &Budget, seed: u64) {
    for year in 1..budget.billed.len() {
        let before = budget.closing_walk(year - 1);
        let both: [Option<&YearBudget>; 2] = [Some(&budget.billed[year]), budget.actual[year].as_ref()];
        for after in both.into_iter().flatten() {
            for (closed, opened) in before.reserves.iter().zip(&after.reserves) {
                assert_eq!(closed.closing, opened.opening, "seed {seed}");
            }
            for (closed, opened) in before.grants.iter().zip(&after.grants) {
                let carried: BTreeMap<i32, Money> = closed
                    .lots
                    .iter()
                    .filter(|lot| !lot.carried.is_zero())
                    .map(|lot| (lot.award_year, lot.carried))
                    .collect();
                let opening: BTreeMap<i32, Money> = opened
                    .lots
                    .iter()
                    .filter(|lot| !lot.opening.is_zero())
                    .map(|lot| (lot.award_year, lot.opening))
                    .collect();
                assert_eq!(carried, opening, "seed {seed}");
            }
        }
    }
}

/// Settlements sum to actual − billed, and what is carried forward is paid in the next year and never lost.
fn check_settlements(scenario: &Scenario, budget: &Budget, seed: u64) -> usize {
    let mut settled = 0;
    for (year, billed) in budget.billed.iter().enumerate() {
        let Some(actual) = &budget.actual[year] else { continue };
        for (index, measure) in scenario.measures() {
            let settlements: Vec<Money> = scenario
                .parties
                .iter()
                .map(|(party, _)| budget.settlement(year, index, party).unwrap().unwrap_or_default())
                .collect();
            let sum = |walked: &YearBudget| ore(walked.shares(index).iter().collect::<Vec<Money>>());
            let more = sum(actual) - sum(billed);
            assert_eq!(ore(settlements.clone()), more, "seed {seed}");
            let forward = measure
                .settlement
                .is_some_and(|policy| policy.of(i64::try_from(more).unwrap()) == Settle::CarryForward);
            if let (true, Some(next)) = (forward && more != 0, budget.billed.get(year + 1)) {
                assert_eq!(next.brought_forward[&index], settlements, "seed {seed}");
                settled += 1;
            }
        }
    }
    settled
}

/// What everybody pays in all is what everything costs, less what grants and reserves pay.
fn check_payable(scenario: &Scenario, budget: &Budget, seed: u64) {
    for walked in &budget.billed {
        let parties = || (0..scenario.parties.count()).map(PartyIx);
        let payable = ore(parties().map(|party| walked.payable(party, &[]).unwrap()));
        let measures = || scenario.measures().map(|(index, _)| &walked.measures[index.0]);
        let gross = ore(measures().map(|figures| figures.gross));
        let drawn = ore(measures().map(|figures| figures.drawn));
        let residual = ore(measures().map(|figures| figures.residual));
        let forward = ore(walked.brought_forward.values().flatten().copied());
        assert_eq!(payable, gross - drawn + residual + forward, "seed {seed}");
        assert_eq!(ore(walked.buy_ins.values().flat_map(|year| year.amounts.clone())), 0, "seed {seed}");
    }
}

/// The simplest limits, read off the key once more.
fn check_limits(scenario: &Scenario, budget: &Budget, seed: u64) {
    for (index, measure) in scenario.measures() {
        let key = measure.key().map(|key| key.value.as_str()).unwrap_or_default();
        let (least, most) = match key {
            "by(`i`).at_most(500_000)" => (0, 50_000_000),
            "by(`i`).at_least(200)" => (20_000, i64::MAX),
            "by(`i`).at_least(100).at_most(90_000)" => (10_000, 9_000_000),
            "amounts_each(300).rest(by(`i`)).at_least(400)" => (40_000, i64::MAX),
            _ => continue,
        };
        for year in &budget.billed {
            for party in scenario.participants(index, year.year) {
                let share = year.share(index, party).ore();
                let split = year.measures[index.0].active;
                assert!(!split || (least..=most).contains(&share), "seed {seed}: {key}: {share}");
            }
        }
    }
}

/// What a stretch of random scenarios came to.
#[derive(Default)]
struct Tally {
    checked: BTreeMap<Identity, usize>,
    refused: BTreeMap<&'static str, usize>,
    walked: usize,
    closed: usize,
    carried: usize,
}

/// Walks random scenarios as texts, and every accepted one again with other figures.
fn tally(seeds: std::ops::Range<u64>) -> Tally {
    let mut tally = Tally::default();
    for seed in seeds {
        let scenario = random_scenario(seed);
        let walked = MemoryShelf::of([("scenario.ron", scenario.as_str())]).walk();
        tally.walked += 1;
        let Some(outcome) = walked.outcome else {
            tally.refused(&walked.diagnostics);
            continue;
        };
        tally.check(&outcome.scenario, &outcome.plan, &outcome.budget, seed);
        let mut random = Random(seed ^ 0x5eed);
        for _ in 0..OTHER_FIGURES {
            let mut scenario = Scenario::clone(&outcome.scenario);
            change_figures(&mut scenario, &mut random);
            let mut found = Diagnostics::default();
            tally.walked += 1;
            match fordel::engine::walk::budget(&scenario, &outcome.plan, &mut found) {
                Some(budget) => tally.check(&scenario, &outcome.plan, &budget, seed),
                None => tally.refused(&found),
            }
        }
    }
    tally
}

/// Gives every cost line, award and opening another amount; which years have one stays the same.
fn change_figures(scenario: &mut Scenario, random: &mut Random) {
    let mut amount = |most: u64| Money::from_ore(i64::try_from(random.below(most) * 100).unwrap());
    for line in scenario.measures.iter_mut().flat_map(|measure| &mut Arc::make_mut(measure).lines) {
        for (_, figure) in line.budget.amounts.iter_mut().chain(line.actual.iter_mut()) {
            figure.value = amount(90_000);
        }
    }
    for grant in &mut scenario.grants {
        for (_, award) in Arc::make_mut(grant).awards.iter_mut() {
            award.value = amount(60_000);
        }
    }
    for reserve in &mut scenario.reserves {
        reserve.opening = reserve.minimum.plus(amount(90_000)).unwrap();
    }
}

impl Tally {
    fn refused(&mut self, found: &Diagnostics) {
        let fault = found.iter().next().expect("a reason");
        *self.refused.entry(fault.code).or_default() += 1;
    }

    fn check(&mut self, scenario: &Scenario, plan: &Plan, budget: &Budget, seed: u64) {
        let proof = reconcile(scenario, plan, budget);
        assert!(proof.holds(), "seed {seed}: {:?}", proof.failures);
        check_transitions(budget, seed);
        check_payable(scenario, budget, seed);
        check_limits(scenario, budget, seed);
        self.carried += check_settlements(scenario, budget, seed);
        for (identity, count) in proof.checked() {
            *self.checked.entry(identity).or_default() += count;
        }
        self.closed += 1;
    }
}

#[test]
fn the_books_of_fifty_thousand_random_scenarios_close() {
    judge(&tally(0..TEXTS / 2));
}

#[test]
fn the_books_of_fifty_thousand_others_close() {
    judge(&tally(TEXTS / 2..TEXTS));
}

/// Scenarios are refused for good reasons only, and those that are not make use of everything.
fn judge(tally: &Tally) {
    let refused = &tally.refused;
    let known = [
        "limits-contradict",
        "match-broken",
        "memory-too-small",
        "no-figures",
        "no-last-year",
        "no-participants",
        "not-a-multiple",
        "nothing-left",
        "pro-rata-circle",
        "reserve-below-zero",
        "tags-of-what",
    ];
    assert!(refused.keys().all(|code| known.contains(code)), "{refused:?}");
    assert!(tally.walked > 50_000, "only {} were walked: {refused:?}", tally.walked);
    assert!(tally.closed > 30_000, "only {} were accepted: {refused:?}", tally.closed);
    assert!(tally.carried > 1_000, "only {} settlements were carried forward", tally.carried);
    for identity in [
        Identity::ChargesBalance,
        Identity::PaymentsBalance,
        Identity::SharesWithinLimits,
        Identity::TransfersCancel,
        Identity::SettlementsAgree,
        Identity::InstalmentsAddUp,
        Identity::MemoryWithinUnit,
    ] {
        let count = tally.checked.get(&identity).copied().unwrap_or(0);
        assert!(count > 5_000, "{identity:?} was checked {count} times only");
    }
}

/// A year without any figures before the first changes nothing after it.
#[test]
fn an_empty_year_in_the_past_changes_nothing() {
    let mut compared = 0;
    for seed in 0..3_000 {
        let scenario = random_scenario(seed);
        if scenario.contains("of_last_year") || scenario.contains("opening: {") {
            continue;
        }
        let earlier = scenario.replace("first: 2024", "first: 2023");
        let walk = |text: &str| MemoryShelf::of([("scenario.ron", text)]).walk().outcome;
        let (Some(without), Some(with)) = (walk(&scenario), walk(&earlier)) else { continue };
        for (year, billed) in without.budget.billed.iter().enumerate() {
            for index in (0..without.scenario.measures.len()).map(MeasureIx) {
                assert_eq!(billed.shares(index), with.budget.billed[year + 1].shares(index), "seed {seed}");
            }
        }
        compared += 1;
    }
    assert!(compared > 200, "only {compared} were compared");
}
