//! The command line: load a workload, run one mode a few times, print one JSON line.
//!
//! Reading order of the modules: what comes in, what is computed from it the plain way and the fast way, what is
//! done with the fast way, and how all of it is measured.

mod workload;

mod funding;
mod plain;
mod proof;

mod kernel;
mod keys;
mod pages;

mod run;
mod sweep;
mod verify;

mod measure;

use std::path::Path;
use std::process::ExitCode;

use measure::Report;
use workload::Workload;

const USAGE: &str = "usage: fordel-native-bound DIR MODE REPS
DIR   a folder written by benches/peers/generate.py
MODE  one-thread, two-threads   the whole workload with the vector kernels
      plain                     the same by i128 division and sorting, on one thread
      sweep-amount, sweep-key   1000 what-if variants, on two threads
      verify                    random rows and the workload: vector kernel == plain
REPS  how often to repeat; the median is printed";

/// Runs the program. The caller has made sure that the processor has AVX2 and FMA.
pub fn command() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, mode, repetitions] = arguments.as_slice() else { return refuse(USAGE) };
    let Some(repetitions) = repetitions.parse().ok().filter(|count| *count > 0) else {
        return refuse("REPS must be a whole number above zero");
    };
    let workload = match Workload::load(Path::new(folder)) {
        Ok(workload) => workload,
        Err(fault) => {
            eprintln!("{fault}");
            return ExitCode::FAILURE;
        }
    };
    // Two threads on any machine, so that the numbers of two machines can be compared.
    rayon::ThreadPoolBuilder::new().num_threads(2).build_global().expect("a pool of two threads");
    let report = match mode.as_str() {
        "one-thread" => whole(&workload, repetitions, || run::on_one_thread(&workload)),
        "two-threads" => whole(&workload, repetitions, || run::on_two_threads(&workload)),
        "plain" => whole(&workload, repetitions, || plain::run(&workload)),
        "sweep-amount" => sweep::amounts(&workload, repetitions),
        "sweep-key" => sweep::keys(&workload, repetitions),
        "verify" => verify::all(&workload, repetitions),
        _ => return refuse(USAGE),
    };
    println!("{}", report.line(mode, &workload));
    ExitCode::SUCCESS
}

/// Times whole runs; the checksum of the last one is made afterwards.
fn whole(workload: &Workload, repetitions: usize, run: impl FnMut() -> proof::Books) -> Report {
    let (times, books) = measure::repeat(repetitions, run);
    let peak_mb = measure::peak_mb();
    Report { times, peak_mb, result_id: proof::result_id(workload, &books), more: Vec::new() }
}

fn refuse(message: &str) -> ExitCode {
    eprintln!("{message}");
    ExitCode::from(2)
}
