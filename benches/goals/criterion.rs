//! Benchmarks of the reference workload over the real entry points: reading, asking the rules, walking, reloading an
//! edited rule, copies in which something is changed, and writing reports.

#![allow(missing_docs, reason = "criterion's macros make items without documentation")]
#![allow(
    dead_code,
    clippy::panic,
    clippy::expect_used,
    clippy::disallowed_methods,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "shares its workload with the goals, and stops where anything is wrong"
)]

mod loaded;
mod workload;

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use fordel::cli::disk::ScenarioFolder;
use fordel::engine::keys::ReadyKeys;
use fordel::report::figures::Figures;
use fordel::report::{budget_text, long_csv};

use loaded::Loaded;
use workload::Size;

fn loaded(size: &str) -> Loaded {
    Loaded::new(Size::named(size).expect("a size"))
}

/// From the folder to the scenario, from there to the plan, and the walk with its proof.
fn stages(criterion: &mut Criterion) {
    for size in ["S", "M", "L"] {
        let loaded = loaded(size);
        let (_, plan) = loaded.ask();
        let keys = ReadyKeys::new(&plan, &loaded.scenario.parties);
        let mut group = criterion.benchmark_group(size);
        group.sample_size(10);
        group.throughput(Throughput::Elements(loaded.workload.size.shares() as u64));
        group.bench_function("read: RON and CSV to scenario", |bencher| bencher.iter(|| loaded.read_again()));
        group.bench_function("ask: engine, compile, all keys", |bencher| bencher.iter(|| loaded.ask()));
        group.bench_function("walk: shares, totals, proof", |bencher| {
            bencher.iter(|| loaded.walk_by(black_box(&plan), &keys));
        });
        group.finish();
    }
}

/// A rule edited that one measure has, and one that 250 have; copies in which an amount or a key is changed.
fn changes(criterion: &mut Criterion) {
    let loaded = loaded("L");
    let (mut sitting, mut standing) = loaded.standing();
    let mut group = criterion.benchmark_group("L changed");
    group.sample_size(10);
    let mut part = 0;
    group.bench_function("reload: the key of one measure", |bencher| {
        bencher.iter(|| {
            part = part % 900 + 1;
            loaded.reload(&mut sitting, &mut standing, &loaded.edited_key(2, part))
        });
    });
    group.bench_function("reload: the key of 250 measures", |bencher| {
        bencher.iter(|| {
            part = part % 900 + 1;
            loaded.reload(&mut sitting, &mut standing, &loaded.edited_shared_key(part))
        });
    });
    group.bench_function("1 000 copies, one amount changed", |bencher| {
        bencher.iter(|| loaded.copies_of_amounts(&standing, 1_000));
    });
    group.bench_function("20 copies, one key of 250 measures changed", |bencher| {
        bencher.iter(|| loaded.copies_of_keys(&sitting, &standing, 20));
    });
    group.finish();
}

/// Reports of a council-size scenario.
fn reports(criterion: &mut Criterion) {
    let loaded = loaded("S");
    let walk = ScenarioFolder::new(&loaded.folder).walk();
    let seals = walk.inputs.seals();
    let outcome = walk.outcome.expect("a sound scenario");
    let mut group = criterion.benchmark_group("S report");
    group.bench_function("table", |bencher| {
        bencher.iter(|| budget_text::write(black_box(&outcome), "", &seals, 120).expect("totals that fit"));
    });
    group.bench_function("CSV", |bencher| {
        bencher.iter(|| long_csv::write(&Figures::of(black_box(&outcome)).expect("totals that fit"), false));
    });
    group.finish();
}

criterion_group!(benches, stages, changes, reports);
criterion_main!(benches);
