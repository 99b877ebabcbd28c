//! What must always hold of attributed differences, on random pairs of small scenarios whose costs, drivers, keys,
//! assumptions, awards and participants are changed at random.

use std::sync::Arc;

use fordel::engine::walk::Outcome;
use fordel::ground::money::Money;
use fordel::ground::ratio::{Ratio, fraction, whole};
use fordel::model::inputs::Inputs;
use fordel::rules::sandbox::StillClock;
use fordel::whatif::attribution::{Attribution, Cell};
use fordel::whatif::kind::Kind;
use fordel::whatif::scenarios::attribute;
use fordel::whatif::side::Side;
use num_traits::Signed;
use rayon::prelude::{IntoParallelIterator, ParallelIterator};

use crate::support::{CARRY_OVERS, MemoryShelf, NamedShelf, Random};

const NAMES: [&str; 6] = ["Vega", "Rana", "Dønna", "Åfjord", "Grane", "Nesna"];

const KEYS: [&str; 11] = [
    "equally()",
    "by(`inhabitants`)",
    "by(`area`)",
    "40.percent * equally() + 60.percent * by(`inhabitants`)",
    "assumption(`part`) * equally() + (1 - assumption(`part`)) * by(`inhabitants`)",
    "50.percent * by(`inhabitants`).rate_rounded_to(1) + 50.percent * equally()",
    "rate(3.08, `inhabitants`)",
    "amounts_each(10).rest(by(`inhabitants`))",
    "by(`inhabitants`).at_most(45.percent).of_amount()",
    "by(|p| 0.7 * p.inhabitants + 1/3 * p.area)",
    "amounts(#{ Vega: 100, Rana: 70 }).rest(by(`inhabitants`))",
];

const STEPS: [&str; 5] = [
    "cover(50.percent).from(`g`)",
    "cover(1/3).of([`a`]).from(`g`).up_to(5_000.55)",
    "cover(all).from_reserve(`fund`).up_to(300)",
    "cover(all).from(`g`)",
    "cover(assumption(`part`)).from(`g`)",
];

/// A scenario in its parts, so that each kind of change is one of them.
#[derive(Clone)]
struct Parts {
    cost: Vec<Costs>,
    inhabitants: Vec<[u64; 2]>,
    keys: Vec<usize>,
    /// In percent.
    part: u64,
    steps: Vec<Vec<usize>>,
    awards: [u64; 2],
    carry_over: usize,
    opening: u64,
    is_party: Vec<bool>,
    stays_out: Vec<Option<usize>>,
    round_to: &'static str,
}

/// The two cost lines of a measure by year, in øre.
type Costs = [[u64; 2]; 2];

const MEASURES_MAX: usize = 3;

impl Parts {
    fn random(random: &mut Random) -> Parts {
        let count = |random: &mut Random, bound: usize| usize::try_from(random.below(bound as u64)).unwrap();
        let measures = 1 + count(random, MEASURES_MAX);
        let mut parts = Parts {
            cost: (0..measures).map(|_| costs(random)).collect(),
            inhabitants: NAMES.map(|_| [1 + random.below(9_000), 1 + random.below(9_000)]).to_vec(),
            // Keys and funding for every measure that there may be.
            keys: (0..MEASURES_MAX).map(|_| count(random, KEYS.len())).collect(),
            part: random.below(101),
            steps: (0..MEASURES_MAX).map(|_| (0..random.below(3)).map(|_| 0).collect()).collect(),
            awards: [random.below(9_000_000), random.below(9_000_000)],
            carry_over: count(random, CARRY_OVERS.len()),
            opening: random.below(900),
            is_party: NAMES.iter().enumerate().map(|(index, _)| index < 2 || random.below(3) > 0).collect(),
            stays_out: vec![None; MEASURES_MAX],
            round_to: "0.01",
        };
        for steps in &mut parts.steps {
            steps.iter_mut().for_each(|step| *step = count(random, STEPS.len()));
        }
        if parts.steps.iter().all(Vec::is_empty) && random.below(2) == 0 {
            parts.round_to = "1";
            parts.cost.iter_mut().flatten().flatten().for_each(|ore| *ore -= *ore % 100);
        }
        parts
    }

    /// The same with another one of a kind.
    fn changed(&self, kind: Kind, random: &mut Random) -> Parts {
        let other = Parts::random(random);
        let mut parts = self.clone();
        match kind {
            Kind::Cost => {
                let measure = usize::try_from(random.below(parts.cost.len() as u64)).unwrap();
                match random.below(4) {
                    0 => parts.cost = other.cost,
                    1 if parts.cost.len() < MEASURES_MAX => parts.cost.push(costs(random)),
                    _ => parts.cost[measure] = costs(random),
                }
                if parts.round_to == "1" {
                    parts.cost.iter_mut().flatten().flatten().for_each(|ore| *ore -= *ore % 100);
                }
            }
            Kind::Drivers => parts.inhabitants = other.inhabitants,
            Kind::Key => parts.keys = other.keys,
            Kind::Parameters => parts.part = other.part,
            Kind::Grants => {
                (parts.awards, parts.carry_over, parts.opening) =
                    (other.awards, other.carry_over, other.opening);
                if random.below(2) == 0 {
                    parts.steps = other.steps;
                }
            }
            Kind::Participants => match random.below(2) {
                0 => parts.is_party = other.is_party,
                _ => {
                    parts.stays_out = (0..MEASURES_MAX)
                        .map(|_| Some(2 + usize::try_from(random.below(4)).unwrap()))
                        .collect();
                }
            },
        }
        parts
    }

    /// Some kinds of the second, the others of the first. What only one of them has comes with what it belongs to.
    fn mixed(first: &Parts, second: &Parts, of_second: &[Kind]) -> Parts {
        let side = |kind: Kind| if of_second.contains(&kind) { second } else { first };
        let other = |kind: Kind| if of_second.contains(&kind) { first } else { second };
        let (cost, grants) = (side(Kind::Cost), side(Kind::Grants));
        let has = |parts: &Parts, measure: usize| measure < parts.cost.len();
        let with_measure =
            |kind: Kind, measure: usize| if has(side(kind), measure) { side(kind) } else { cost };
        let measures = 0..cost.cost.len();
        let drivers = |party: usize| {
            let parts =
                if side(Kind::Drivers).is_party[party] { side(Kind::Drivers) } else { other(Kind::Drivers) };
            parts.inhabitants[party]
        };
        let steps =
            |measure: usize| if has(grants, measure) { grants.steps[measure].clone() } else { vec![] };
        Parts {
            cost: cost.cost.clone(),
            inhabitants: (0..NAMES.len()).map(drivers).collect(),
            keys: measures.clone().map(|measure| with_measure(Kind::Key, measure).keys[measure]).collect(),
            part: side(Kind::Parameters).part,
            steps: measures.clone().map(steps).collect(),
            awards: grants.awards,
            carry_over: grants.carry_over,
            opening: grants.opening,
            is_party: side(Kind::Participants).is_party.clone(),
            stays_out: measures
                .map(|measure| with_measure(Kind::Participants, measure).stays_out[measure])
                .collect(),
            round_to: "0.01",
        }
    }

    fn shelf(&self, name: &'static str) -> NamedShelf {
        let kroner = |ore: u64| format!("{}.{:02}", ore / 100, ore % 100);
        let parties: Vec<&str> =
            (0..NAMES.len()).filter(|party| self.is_party[*party]).map(|party| NAMES[party]).collect();
        let values: Vec<String> = NAMES
            .iter()
            .zip(&self.inhabitants)
            .filter(|(party, _)| parties.contains(party))
            .map(|(party, [first, second])| format!("\"{party}\": {{2025: {first}, 2026: {second}}}"))
            .collect();
        let area: Vec<String> = (30..)
            .zip(NAMES)
            .filter(|(_, party)| parties.contains(party))
            .map(|(area, party)| format!("\"{party}\": {area}"))
            .collect();
        let mut measures = String::new();
        for (index, lines) in self.cost.iter().enumerate() {
            let line = |(name, [first, second]): (&str, &[u64; 2])| {
                format!("(line: \"{name}\", budget: {{2025: {}, 2026: {}}})", kroner(*first), kroner(*second))
            };
            let lines: Vec<String> = ["a", "b"].into_iter().zip(lines).map(line).collect();
            let steps: Vec<String> =
                self.steps[index].iter().map(|step| format!("\"{}\"", STEPS[*step])).collect();
            let out = self.stays_out[index].filter(|party| self.is_party[*party]);
            let participants =
                out.map_or_else(|| "All".to_owned(), |party| format!("Except([\"{}\"])", NAMES[party]));
            measures.push_str(&format!(
                "(id: \"m{index}\", costs: [{}], key: \"{}\", funding: [{}], participants: {participants}, residual: Show),\n",
                lines.join(", "),
                KEYS[self.keys[index]],
                steps.join(", ")
            ));
        }
        let text = format!(
            "(title: \"random\", years: (first: 2025, last: 2026), round_to: {}, assumptions: {{\"part\": {}, \"idle\": {}}},\n\
             parties: [\"{}\"],\n\
             drivers: [(id: \"inhabitants\", values: Yearly({{{}}})), (id: \"area\", values: Fixed({{{}}}))],\n\
             grants: [(id: \"g\", awards: {{2025: {}, 2026: {}}}, carry_over: \"{}\")], reserves: [(id: \"fund\", opening: {})],\n\
             measures: [\n{measures}])",
            self.round_to,
            kroner(self.part),
            self.part,
            parties.join("\", \""),
            values.join(", "),
            area.join(", "),
            kroner(self.awards[0]),
            kroner(self.awards[1]),
            CARRY_OVERS[self.carry_over],
            self.opening,
        );
        NamedShelf(name, MemoryShelf::of([("scenario.ron", text.as_str())]))
    }
}

fn costs(random: &mut Random) -> Costs {
    let mut line = || [200_000 + random.below(9_000_000), 200_000 + random.below(9_000_000)];
    [line(), line()]
}

/// Two scenarios attributed; none where one of them is refused.
fn attributed(first: &Parts, second: &Parts, order: Option<&[Kind]>) -> Option<Attribution> {
    let clock = || -> Arc<dyn fordel::rules::sandbox::Clock> { Arc::new(StillClock) };
    let (first, second) = (first.shelf("first"), second.shelf("second"));
    let first = Side::read(&first, Inputs::default(), &[], clock()).ok()?;
    let second = Side::read(&second, first.inputs.beside(), &[], clock()).ok()?;
    Some(attribute(&first, &second, order, &clock()).unwrap())
}

/// Each part is its exact one rounded, and the parts sum to the change.
fn check_sums(attribution: &Attribution, round: u64) {
    for cell in attribution.cells.iter().flatten() {
        let sum = Money::sum(cell.amounts.iter().copied().chain([cell.rounding])).unwrap();
        assert_eq!(sum, cell.pair.change().unwrap(), "round {round}: {cell:?}");
        for (amount, exact) in cell.amounts.iter().zip(&cell.exact) {
            let off = (amount.ore_ratio() - exact).abs();
            assert!(off <= fraction(1, 2), "round {round}: {cell:?}");
        }
    }
}

/// All cells with their year and party.
fn cells(attribution: &Attribution) -> impl Iterator<Item = (i32, &str, &Cell)> {
    attribution.periods.iter().zip(&attribution.cells).flat_map(|(period, cells)| {
        let year = period.after.or(period.before).unwrap();
        attribution.parties.iter().zip(cells).map(move |(party, cell)| (year, party.id.as_str(), cell))
    })
}

/// A random pair with some of the kinds changed.
fn pair(random: &mut Random) -> (Parts, Parts, Vec<Kind>) {
    let first = Parts::random(random);
    let count = 1 + usize::try_from(random.below(2) + random.below(3)).unwrap();
    let kinds: Vec<Kind> = random.shuffled(&Kind::ALL).into_iter().take(count).collect();
    let mut second = first.clone();
    for kind in &kinds {
        second = second.changed(*kind, random);
    }
    (first, second, kinds)
}

#[test]
fn the_parts_of_ten_thousand_random_pairs_sum_to_the_change() {
    let check = |round: u64| {
        let mut random = Random(900_000 + round);
        let (first, second, kinds) = pair(&mut random);
        let Some(attribution) = attributed(&first, &second, None) else { return (0, 0) };
        check_sums(&attribution, round);
        let named: Vec<Kind> = attribution.parts.iter().flat_map(|part| part.kinds.clone()).collect();
        // A measure that is new may draw on grants, and is funded where the grants are from there as well.
        let draws_anew = |kind: &Kind| *kind == Kind::Grants && first.cost.len() != second.cost.len();
        let expected = |kind: &Kind| kinds.contains(kind) || draws_anew(kind);
        assert!(named.iter().all(expected), "round {round}: {named:?} of {kinds:?}");
        // Rounding is small: to the unit and half an øre for each part.
        let unit = if first.round_to == "1" { 100 } else { 1 };
        for row in attribution.cells.iter().flatten() {
            let most = 2 * unit * 3 * i64::try_from(MEASURES_MAX).unwrap() + 6;
            assert!(row.rounding.ore().abs() <= most, "round {round}: {row:?}");
        }
        let joined = attribution.parts.iter().filter(|part| part.kinds.len() > 1).count();
        if round.is_multiple_of(5) {
            check_mirror(&first, &second, &attribution, round);
            let stated = attributed(&first, &second, Some(&kinds)).unwrap();
            check_sums(&stated, round);
        }
        (1, joined)
    };
    let counts: Vec<(usize, usize)> = (0..10_000_u64).into_par_iter().map(check).collect();
    let (pairs, joined) = counts.into_iter().fold((0, 0), |sum, own| (sum.0 + own.0, sum.1 + own.1));
    assert!(pairs > 7_000 && joined > 50, "only {pairs} pairs were accepted, {joined} with joined kinds");
}

/// Back again is the mirror image.
fn check_mirror(first: &Parts, second: &Parts, forth: &Attribution, round: u64) {
    let back = attributed(second, first, None).unwrap();
    let kinds = |attribution: &Attribution| {
        attribution.parts.iter().map(|part| part.kinds.clone()).collect::<Vec<_>>()
    };
    assert_eq!(kinds(forth), kinds(&back), "round {round}");
    for (year, id, cell) in cells(forth) {
        let there = cells(&back).find(|own| (own.0, own.1) == (year, id)).unwrap().2;
        let mirrored: Vec<Ratio> = there.exact.iter().map(|exact| -exact).collect();
        assert_eq!(cell.exact, mirrored, "round {round}: {id}");
        assert_eq!(cell.rounding.ore(), -there.rounding.ore(), "round {round}: {id}");
    }
}

/// What a party is billed in a year when scenarios are written out with some kinds of the one and some of the other.
fn billed(outcome: &Outcome, year: i32, id: &str) -> i64 {
    let party = outcome.scenario.parties.iter().find(|(_, party)| party.id == id);
    let walked = &outcome.budget.billed[outcome.scenario.years.index(year).unwrap()];
    party.map_or(0, |(party, _)| walked.payable(party, &[]).unwrap().ore())
}

/// Hybrids written out by hand, each walked as a scenario file of its own and rounded to the øre, give the same parts
/// but for those øre.
#[test]
fn parts_are_the_averages_of_scenarios_written_out() {
    let (mut compared, mut rounds) = (0, 0);
    for round in 0..500 {
        let mut random = Random(400_000 + round);
        let (mut first, mut second, _) = pair(&mut random);
        (first.round_to, second.round_to) = ("0.01", "0.01");
        let Some(attribution) = attributed(&first, &second, None) else { continue };
        if attribution.parts.iter().any(|part| part.kinds.len() > 1) {
            continue;
        }
        let kinds: Vec<Kind> = attribution.parts.iter().map(|part| part.kinds[0]).collect();
        let written = |set: usize| {
            let of_second: Vec<Kind> =
                (0..kinds.len()).filter(|kind| set >> kind & 1 == 1).map(|kind| kinds[kind]).collect();
            Parts::mixed(&first, &second, &of_second).shelf("written").1.walk().outcome
        };
        let outcomes: Option<Vec<Outcome>> = (0..1 << kinds.len()).map(written).collect();
        let Some(outcomes) = outcomes else { panic!("round {round}: a hybrid by hand is refused") };
        for (year, id, cell) in cells(&attribution) {
            for (part, exact) in cell.exact.iter().enumerate() {
                let average = average(kinds.len(), part, |set| billed(&outcomes[set], year, id));
                let off = (exact - average).abs();
                assert!(
                    off <= whole(4 * MEASURES_MAX),
                    "round {round}: {id} {year} {:?}: {off}",
                    kinds[part]
                );
                compared += 1;
            }
        }
        rounds += 1;
    }
    assert!(rounds > 250 && compared > 3_000, "only {rounds} rounds and {compared} parts");
}

/// Shapley's value of one player from a table of worths.
fn average(players: usize, player: usize, worth: impl Fn(usize) -> i64) -> Ratio {
    let factorial = |number: u32| (1..=i64::from(number)).product::<i64>();
    let mut sum = whole(0);
    for set in (0..1_usize << players).filter(|set| set >> player & 1 == 0) {
        let (size, all) = (set.count_ones(), u32::try_from(players).unwrap());
        let often = fraction(factorial(size) * factorial(all - size - 1), factorial(all));
        sum += often * whole(worth(set | 1 << player) - worth(set));
    }
    sum
}

/// What is changed and used by nobody gets exactly nothing.
#[test]
fn what_changes_nothing_gets_nothing() {
    let mut checked = 0;
    for round in 0..600 {
        let mut random = Random(200_000 + round);
        let (mut first, mut second, _) = pair(&mut random);
        // No key asks for the assumption or the area, and nothing is drawn from the grant.
        for parts in [&mut first, &mut second] {
            parts.keys.iter_mut().for_each(|key| *key = [0, 1, 3, 6][*key % 4]);
            parts.steps.iter_mut().for_each(Vec::clear);
        }
        second.part = first.part + 1;
        second.awards = [first.awards[0] + 100, first.awards[1]];
        let Some(attribution) = attributed(&first, &second, None) else { continue };
        for kind in [Kind::Parameters, Kind::Grants] {
            let part = attribution.parts.iter().position(|part| part.kinds == [kind]).unwrap();
            assert!(
                attribution
                    .cells
                    .iter()
                    .flatten()
                    .all(|cell| cell.exact[part] == whole(0) && cell.amounts[part].is_zero()),
                "round {round}"
            );
            checked += 1;
        }
    }
    assert!(checked > 800, "only {checked} idle kinds");
}

/// A price and a count that both become as many times as large: neither did more than the other.
#[test]
fn two_changes_that_do_the_same_get_equal_parts() {
    let mut some = 0;
    for round in 0..300 {
        let mut random = Random(100_000 + round);
        let (times, price) = (2 + random.below(5), 1 + random.below(40));
        let inhabitants: Vec<u64> = NAMES.iter().map(|_| 1 + random.below(5_000)).collect();
        let (award, more) = (100_000 + random.below(90_000), 1 + random.below(9_000));
        let shelf = |name: &'static str, by: u64, cost: u64, award: u64| {
            let values: Vec<String> = NAMES
                .iter()
                .zip(&inhabitants)
                .map(|(party, value)| format!("\"{party}\": {}", value * by))
                .collect();
            let text = format!(
                "(title: \"t\", years: (first: 2026, last: 2026), assumptions: {{\"price\": {}}}, parties: [\"{}\"],\n\
                 drivers: [(id: \"inhabitants\", values: Fixed({{{}}}))], grants: [(id: \"g\", awards: {{2026: {award}}})],\n\
                 measures: [(id: \"fee\", key: \"amounts(|p| assumption(`price`) * p.inhabitants)\"),\n\
                 (id: \"m\", amount: {{2026: {cost}}}, key: \"equally()\", funding: [\"cover(all).from(`g`)\"])])",
                price * by,
                NAMES.join("\", \""),
                values.join(", ")
            );
            NamedShelf(name, MemoryShelf::of([("scenario.ron", text.as_str())]))
        };
        // The cost rises by as much as the grant falls.
        let (first, second) =
            (shelf("first", 1, 400_000, award), shelf("second", times, 400_000 + more, award - more));
        let clock = || -> Arc<dyn fordel::rules::sandbox::Clock> { Arc::new(StillClock) };
        let first = Side::read(&first, Inputs::default(), &[], clock()).ok().unwrap();
        let second = Side::read(&second, first.inputs.beside(), &[], clock()).ok().unwrap();
        let attribution = attribute(&first, &second, None, &clock()).unwrap();
        check_sums(&attribution, round);
        let position = |kind| attribution.parts.iter().position(|part| part.kinds == [kind]).unwrap();
        for row in attribution.cells.iter().flatten() {
            for (a, b) in [(Kind::Drivers, Kind::Parameters), (Kind::Cost, Kind::Grants)] {
                assert_eq!(row.exact[position(a)], row.exact[position(b)], "round {round}: {row:?}");
                assert_eq!(row.amounts[position(a)], row.amounts[position(b)], "round {round}: {row:?}");
                some += usize::from(!row.amounts[position(a)].is_zero());
            }
        }
    }
    assert!(some > 3_000, "only {some} parts");
}
