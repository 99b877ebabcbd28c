//! Benchmarks over the real entry points: the split, and the whole walk from folder to proved budget.

#![allow(missing_docs, reason = "criterion's macros make items without documentation")]

use std::hint::black_box;
use std::path::Path;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use fordel::cli::disk::ScenarioFolder;
use fordel::ground::split::{Weights, split};

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

/// The whole walk of historical budgets: one measure, 38 measures, three years of grants.
fn walks(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("walk");
    for name in ["helgeland-2024", "kongsbergregionen-2014", "nord-troms-digital-innbygger", "us-house-1900"]
    {
        let folder = ScenarioFolder::new(&Path::new("scenarios").join(name));
        group.bench_function(name, |bencher| {
            bencher.iter(|| black_box(&folder).walk().outcome.expect("a sound scenario").proof.check_count());
        });
    }
    group.finish();
}

criterion_group!(benches, splits, walks);
criterion_main!(benches);
