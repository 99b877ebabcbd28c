//! Benchmarks over the real entry points: the split, and the whole walk from folder to proved budget.

#![allow(missing_docs, reason = "criterion's macros make items without documentation")]

use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use fordel::cli::disk::ScenarioFolder;
use fordel::ground::diagnostic::Diagnostics;
use fordel::ground::limits::{Bounds, split_within};
use fordel::ground::memory::split_with_memory;
use fordel::ground::ratio::whole;
use fordel::ground::rows::{RowWeights, Splitter, row_width};
use fordel::ground::split::{Weights, split};
use fordel::model::inputs::Inputs;
use fordel::model::parameter::{Way, read_all};
use fordel::rules::sandbox::{Clock, StillClock};
use fordel::whatif::side::Side;
use fordel::whatif::sweep::{Look, Sweep, SweepPlan};

/// One split of 16 and of 357 parties, by weights like inhabitants.
fn splits(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("split");
    for parties in [16u32, 357] {
        let weights: Vec<u64> =
            (1..=u64::from(parties)).map(|party| 200 + party * party * 37 % 90_000).collect();
        let weights = Weights::from_integers(&weights).expect("weights");
        let ranks: Vec<u32> = (0..parties).collect();
        group.throughput(Throughput::Elements(u64::from(parties)));
        group.bench_with_input(BenchmarkId::from_parameter(parties), &parties, |bencher, _| {
            bencher.iter(|| split(black_box(123_456_789), &weights, &ranks));
        });
    }
    group.finish();
}

/// One row of 357 parties, where a key is used for many amounts: by weights like inhabitants, and equally.
fn rows(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("row");
    group.throughput(Throughput::Elements(357));
    let ranks: Arc<[u32]> = (0..357).collect();
    let by_inhabitants: Vec<u64> = (1..=357).map(|party| 200 + party * party * 37 % 90_000).collect();
    for (name, weights) in [("by inhabitants", by_inhabitants), ("equally", vec![1; 357])] {
        let weights = Weights::from_integers(&weights).expect("weights");
        let weights = RowWeights::new((0..357).collect(), weights, &ranks);
        let (mut splitter, mut row) = (Splitter::new(357), vec![0; row_width(357)]);
        let mut amount = 123_456_789;
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                amount += 7_919;
                splitter.split(black_box(amount), &weights, &mut row);
            });
        });
    }
    group.finish();
}

/// The same under limits that hold a third of the parties, and with memory.
fn limits(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("limits");
    for parties in [16u32, 357] {
        let weights: Vec<u64> =
            (1..=u64::from(parties)).map(|party| 200 + party * party * 37 % 90_000).collect();
        let mean = 123_456_789 / i128::from(parties);
        let bounds = vec![Bounds { least: mean / 2, most: Some(2 * mean) }; weights.len()];
        let weights = Weights::from_integers(&weights).expect("weights");
        let ranks: Vec<u32> = (0..parties).collect();
        let behind = vec![whole(0); ranks.len()];
        group.throughput(Throughput::Elements(u64::from(parties)));
        group.bench_with_input(BenchmarkId::new("within", parties), &parties, |bencher, _| {
            bencher.iter(|| split_within(black_box(123_456_789), &weights, &ranks, &bounds));
        });
        group.bench_with_input(BenchmarkId::new("with memory", parties), &parties, |bencher, _| {
            bencher.iter(|| split_with_memory(black_box(123_456_789), &weights, &ranks, &behind));
        });
    }
    group.finish();
}

/// The whole walk of historical budgets: one measure, 38 measures, three years of grants, newcomers, limits,
/// transfers, closures.
fn walks(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("walk");
    for name in [
        "helgeland-2024",
        "kongsbergregionen-2014",
        "nord-troms-digital-innbygger",
        "fosen-buy-in",
        "un-scale-2025-2027",
        "income-equalisation",
        "us-house-1900",
    ] {
        let folder = ScenarioFolder::new(&Path::new("scenarios").join(name));
        group.bench_function(name, |bencher| {
            bencher.iter(|| black_box(&folder).walk().outcome.expect("a sound scenario").proof.check_count());
        });
    }
    group.finish();
}

/// A thousand variants of a council-size scenario: drawn, walked, and put in order.
fn sweeps(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("sweep");
    group.sample_size(10);
    let folder = ScenarioFolder::new(Path::new("scenarios/helgeland-2024"));
    let clock: Arc<dyn Clock> = Arc::new(StillClock);
    let base =
        Side::read(&folder, Inputs::default(), &[], Arc::clone(&clock)).ok().expect("a sound scenario");
    let typed = [
        (Way::Draw, "drivers.inhabitants.Rana.2023=uniform(24_000, 27_000)"),
        (Way::Draw, "measures.drift.amount.2024=triangular(3_500_000, 3_972_000, 4_500_000)"),
    ];
    let (mut inputs, mut found) = (base.inputs.clone(), Diagnostics::default());
    let parameters = read_all(&typed, &base.file, &mut inputs, &mut found);
    let plan = SweepPlan { parameters: &parameters, draws: 1000, seed: 42 };
    group.throughput(Throughput::Elements(1000));
    group.bench_function("1000 variants of helgeland-2024", |bencher| {
        bencher.iter(|| {
            let sweep = Sweep::of(&base, black_box(&plan), &Look::default(), &clock, &|| ());
            sweep.expect("amounts that fit").spread(0).expect("a run that can be split")
        });
    });
    group.finish();
}

criterion_group!(benches, splits, rows, limits, walks, sweeps);
criterion_main!(benches);
