//! Sweeps: that a run is what `--set` gives, that figures are in order and can be had again, that threads, order and
//! other parameters change nothing, and what is said of wrong parameters.

use std::sync::Arc;

use fordel::engine::walk::walk_changed;
use fordel::ground::diagnostic::Diagnostics;
use fordel::ground::money::Money;
use fordel::ground::ratio::whole;
use fordel::model::inputs::Inputs;
use fordel::model::parameter::{Distribution, Parameter, Steps, Values, Way, read_all};
use fordel::model::set;
use fordel::report::diagnostic_text;
use fordel::rules::sandbox::{Clock, StillClock};
use fordel::whatif::lot::Lots;
use fordel::whatif::side::Side;
use fordel::whatif::spread::Spread;
use fordel::whatif::sweep::{Look, Sweep, SweepPlan};

use crate::support::{MemoryShelf, project};

const SCENARIO: &str = r#"(
    title: "Two years with a grant",
    years: (first: 2024, last: 2025),
    rules: ["rules.rhai"],
    assumptions: {"equal_part": 0.4},
    parties: ["Rana", "Vega", "Bindal"],
    drivers: [(id: "inhabitants", values: Fixed({"Rana": 25_959, "Vega": 1_195, "Bindal": 1_386}))],
    measures: [
        (
            id: "drift",
            costs: [(line: "Lønn", budget: {2024: 1_000_000, 2025: 1_100_000})],
            funding: ["cover(all).from(\"g\")"],
            key: "mixed()",
        ),
        (id: "it", amount: {2024: 300_000, 2025: 350_000}, key: "equally()"),
    ],
    grants: [(id: "g", awards: {2024: 100_000, 2025: 50_000}, carry_over: "carry_over()")],
)"#;

const RULES: &str = r#"
fn mixed() {
    let part = assumption("equal_part");
    part * equally() + (1 - part) * by("inhabitants")
}
"#;

fn shelf() -> MemoryShelf {
    MemoryShelf::of([("scenario.ron", SCENARIO), ("rules.rhai", RULES)])
}

fn clock() -> Arc<dyn Clock> {
    Arc::new(StillClock)
}

fn side(shelf: &MemoryShelf) -> Side<'_> {
    let side = Side::read(shelf, Inputs::default(), &[], clock());
    side.map_err(|walk| format!("{:?}", walk.diagnostics)).unwrap()
}

fn read(typed: &[(Way, &str)], base: &Side<'_>) -> Result<Vec<Parameter>, String> {
    let (mut inputs, mut found) = (base.inputs.clone(), Diagnostics::default());
    let parameters = read_all(typed, &base.file, &mut inputs, &mut found);
    match found.has_errors() {
        true => Err(diagnostic_text::write(&found, &inputs.sources, false)),
        false => Ok(parameters),
    }
}

fn swept(typed: &[(Way, &str)], draws: usize, seed: u64, look: &Look) -> (Sweep, Vec<Vec<String>>) {
    let shelf = shelf();
    let base = side(&shelf);
    let parameters = read(typed, &base).unwrap();
    let plan = SweepPlan { parameters: &parameters, draws, seed };
    let sweep = Sweep::of(&base, &plan, look, &clock(), &|| ()).unwrap();
    let settings = sweep.runs.iter().map(|run| plan.settings(&run.values)).collect();
    (sweep, settings)
}

/// What everybody pays with these settings, by the walk that `fordel run --set` makes.
fn paid(settings: &[String]) -> Vec<Money> {
    let (mut inputs, mut found) = (Inputs::default(), Diagnostics::default());
    let changes: Vec<_> =
        settings.iter().filter_map(|text| set::read(text, &mut inputs, &mut found)).collect();
    let outcome = walk_changed(&shelf(), inputs, &changes, clock()).outcome.unwrap();
    let totals = outcome.scenario.parties.iter().map(|(party, _)| {
        Money::sum(outcome.budget.billed.iter().map(|year| year.party_total(party).unwrap())).unwrap()
    });
    let totals: Vec<Money> = totals.collect();
    let together = Money::sum(totals.iter().copied()).unwrap();
    totals.into_iter().chain([together]).collect()
}

const MANY: [(Way, &str); 4] = [
    (Way::Over, "assumptions.equal_part=0.2..0.6 by 0.2"),
    (Way::Over, "measures.it.key=equally(), by(\"inhabitants\")"),
    (Way::Draw, "drivers.inhabitants.Rana=uniform(24_000, 27_000)"),
    (Way::Draw, "grants.g.awards.2025=choice(0, 500_000)"),
];

#[test]
fn every_run_is_what_set_gives() {
    let (sweep, settings) = swept(&MANY, 5, 42, &Look::default());
    assert_eq!(sweep.runs.len(), 3 * 2 * 5);
    assert_eq!(sweep.refused_count(), 0);
    for (run, settings) in sweep.runs.iter().zip(&settings) {
        assert_eq!(run.amounts.as_ref().unwrap(), &paid(settings), "{settings:?}");
    }
    assert_eq!(sweep.base, paid(&[]));
    assert!(settings.iter().any(|own| own[1] == "measures.it.key=by(\"inhabitants\")"), "{settings:?}");
}

#[test]
fn figures_rise_and_each_can_be_had_again() {
    let (sweep, settings) = swept(&MANY, 7, 3, &Look::default());
    for payer in 0..sweep.payers.len() {
        let points: Vec<_> = sweep.spread(payer).unwrap().points().collect();
        assert!(points.windows(2).all(|pair| pair[0].amount <= pair[1].amount));
        let all = || sweep.runs.iter().map(|run| run.amounts.as_ref().unwrap()[payer]);
        assert_eq!(points[0].amount, all().min().unwrap());
        assert_eq!(points[6].amount, all().max().unwrap());
        for point in points {
            assert_eq!(paid(&settings[point.run])[payer], point.amount);
            assert_eq!(all().filter(|amount| *amount == point.amount).count(), point.count);
        }
    }
}

#[test]
fn quantiles_are_the_nearest_rank() {
    let of = |count: i64| {
        let spread = Spread::of((1..=count).rev().map(|ore| (Money::from_ore(ore), 0))).unwrap();
        spread.points().map(|point| point.amount.ore()).collect::<Vec<_>>()
    };
    assert_eq!(of(1), [1, 1, 1, 1, 1, 1, 1]);
    assert_eq!(of(4), [1, 1, 1, 2, 3, 4, 4]);
    assert_eq!(of(20), [1, 1, 5, 10, 15, 19, 20]);
    assert_eq!(of(21), [1, 2, 6, 11, 16, 20, 21]);
    assert_eq!(of(100), [1, 5, 25, 50, 75, 95, 100]);
    assert!(Spread::of([]).is_none());
}

#[test]
fn threads_change_nothing() {
    let sweep = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| swept(&MANY, 20, 9, &Look::default()))
    };
    let alone = sweep(1);
    assert_eq!(alone, sweep(2));
    assert_eq!(alone, sweep(8));
}

/// What is drawn for a path depends on the seed, the path and the number of the draw alone.
#[test]
fn order_and_other_parameters_change_no_figure() {
    let (forwards, _) = swept(&MANY, 10, 5, &Look::default());
    let backwards: Vec<_> = MANY.into_iter().rev().collect();
    let (backwards, _) = swept(&backwards, 10, 5, &Look::default());
    for payer in 0..forwards.payers.len() {
        let amounts = |sweep: &Sweep| {
            sweep.spread(payer).unwrap().points().map(|point| (point.amount, point.count)).collect::<Vec<_>>()
        };
        assert_eq!(amounts(&forwards), amounts(&backwards));
    }
    let drawn = |typed: &[(Way, &str)], draws| {
        let (sweep, _) = swept(typed, draws, 5, &Look::default());
        sweep.runs.iter().take(10).map(|run| run.values.last().unwrap().text.clone()).collect::<Vec<_>>()
    };
    assert_eq!(drawn(&MANY[2..3], 10), drawn(&MANY[2..3], 30), "more draws go on where fewer end");
    assert_eq!(drawn(&MANY[3..], 10), drawn(&MANY[2..], 10));
    let (other, _) = swept(&MANY, 10, 6, &Look::default());
    assert_ne!(forwards.runs, other.runs, "another seed draws other values");
}

/// The same on every machine: these lots were drawn by another program, from the same checksums.
#[test]
fn lots_are_what_they_were() {
    let steps = || Steps { low: whole(0), step: whole(1), count: 9_999.into() };
    let draw = |distribution: &Distribution| -> Vec<String> {
        (1..=6).map(|draw| Lots { seed: 42, path: "a.b", draw }.value(distribution).text).collect()
    };
    assert_eq!(draw(&Distribution::Uniform(steps())), ["1990", "7607", "1192", "8723", "1100", "2299"]);
    let triangular = Distribution::Triangular(steps(), 2_000.into());
    assert_eq!(draw(&triangular), ["2042", "5972", "1580", "7380", "1518", "2207"]);
    let normal = Distribution::Normal { mean: whole(1000), deviation: whole(100), step: whole(1) };
    assert_eq!(draw(&normal), ["897", "1149", "1094", "1247", "948", "1058"]);
}

/// Counted over many draws, every step comes as often as its weight says, as near as chance comes.
#[test]
fn distributions_are_what_they_say() {
    let count = |distribution: &Distribution, steps: usize| {
        let mut counts = vec![0_i64; steps];
        for draw in 1..=12_000 {
            let value = Lots { seed: 7, path: "p", draw }.value(distribution).text;
            counts[value.parse::<usize>().unwrap()] += 1;
        }
        counts
    };
    let steps = |count: usize| Steps { low: whole(0), step: whole(1), count: (count - 1).into() };
    let near = |counts: &[i64], weights: &[i64]| {
        let sum: i64 = weights.iter().sum();
        for (count, weight) in counts.iter().zip(weights) {
            assert!((count - 12_000 * weight / sum).abs() < 200, "{counts:?} is not like {weights:?}");
        }
    };
    near(&count(&Distribution::Uniform(steps(6)), 6), &[1; 6]);
    near(&count(&Distribution::Triangular(steps(5), 1.into()), 5), &[4, 8, 6, 4, 2]);
    near(&count(&Distribution::Triangular(steps(4), 3.into()), 4), &[1, 2, 3, 4]);
    near(&count(&Distribution::Triangular(steps(4), 0.into()), 4), &[4, 3, 2, 1]);
    near(&count(&Distribution::Triangular(steps(1), 0.into()), 1), &[1]);
    // 68 %, 95 % and nearly all of a bell are within one, two and three deviations.
    let normal = Distribution::Normal { mean: whole(1000), deviation: whole(100), step: whole(1) };
    let drawn = count(&normal, 2_000);
    let within = |distance: usize| drawn[1000 - distance..=1000 + distance].iter().sum::<i64>();
    assert!((8_000..8_400).contains(&within(100)), "{}", within(100));
    assert!((11_300..11_560).contains(&within(200)), "{}", within(200));
    assert!(within(300) > 11_940, "{}", within(300));
}

#[test]
fn what_is_drawn_has_the_steps_of_its_field() {
    let shelf = shelf();
    let base = side(&shelf);
    let step = |typed: &str| {
        let parameters = read(&[(Way::Draw, typed)], &base).unwrap();
        match &parameters[0].values {
            Values::Drawn(Distribution::Uniform(steps)) => steps.step.to_string(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(step("measures.it.amount.2024=uniform(1, 2)"), "1/100");
    assert_eq!(step("measures.it.amount.2024=uniform(1_000, 2_000) by 50"), "50");
    assert_eq!(step("drivers.inhabitants.Rana=uniform(24_000, 27_000)"), "1");
    assert_eq!(step("drivers.inhabitants.Rana=uniform(1.5, 2)"), "1/10000");
    assert_eq!(step("assumptions.equal_part=uniform(0, 1)"), "1/10000");
}

/// A run that cannot be split is counted with its reason, and the others stand.
#[test]
fn what_is_refused_is_counted() {
    let typed = [(Way::Over, "drivers.inhabitants.Rana=-2..2 by 1")];
    let (sweep, _) = swept(&typed, 1, 1, &Look::default());
    let refused = sweep.refused();
    assert_eq!((refused.len(), refused[0].run, refused[0].count), (1, 0, 2));
    assert!(refused[0].reason.message.contains("below zero") || !refused[0].reason.message.is_empty());
    let good = sweep.runs.iter().filter(|run| run.amounts.is_ok()).count();
    assert_eq!(good, 3);
    assert!(sweep.spread(0).is_some());
}

/// Parameters with faults, each with what must be said and what the marks stand under.
#[test]
fn faults_are_shown_where_they_are_typed() {
    let shelf = shelf();
    let base = side(&shelf);
    let table = std::fs::read_to_string(project().join("tests/sweep_faults.txt")).unwrap();
    let bless = std::env::var_os("FORDEL_BLESS").is_some();
    let mut said = String::new();
    for typed in table.lines().filter_map(|line| line.strip_prefix("$ ")) {
        let (way, text) = typed.split_once(' ').unwrap();
        let way = if way == "--over" { Way::Over } else { Way::Draw };
        let faults = read(&[(way, text)], &base).expect_err(typed);
        assert!(faults.contains("^"), "{typed}: {faults}");
        said.push_str(&format!("$ {typed}\n{faults}\n"));
    }
    if bless {
        std::fs::write(project().join("tests/sweep_faults.txt"), &said).unwrap();
    }
    assert_eq!(said, table, "FORDEL_BLESS=1 writes what is said now");
    let twice =
        [(Way::Over, "assumptions.equal_part=0.5"), (Way::Draw, "assumptions.\"equal_part\"=choice(0)")];
    assert!(read(&twice, &base).unwrap_err().contains("double-parameter"));
}

#[test]
fn more_runs_than_anybody_waits_for_are_refused() {
    let shelf = shelf();
    let base = side(&shelf);
    let typed = [
        (Way::Over, "measures.it.amount.2024=1..1_000 by 1"),
        (Way::Over, "measures.it.amount.2025=1..1_000 by 1"),
    ];
    let parameters = read(&typed, &base).unwrap();
    let plan = SweepPlan { parameters: &parameters, draws: 1000, seed: 1 };
    assert_eq!(plan.run_count(), Err(1_000_000));
    let plan = SweepPlan { parameters: &parameters[..1], draws: 1000, seed: 1 };
    assert_eq!(plan.run_count(), Ok(1000), "draws count only where something is drawn");
}
