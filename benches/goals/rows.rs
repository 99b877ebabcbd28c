//! The rows of the table of goals.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use cpu_time::ProcessTime;
use fordel::engine::budget::Budget;
use fordel::engine::keys::ReadyKeys;
use fordel::rules::threads;
use rayon::ThreadPool;

use crate::bound::{Bound, project};
use crate::loaded::Loaded;
use crate::workload::{Size, result_id};

/// How often the bound and the program take turns.
const TURNS: usize = 9;

/// How often walks that are compared with each other take turns.
const WALK_TURNS: usize = 21;

/// What rows can be asked for by.
const GROUPS: [&str; 9] =
    ["S walk", "M walk", "L walk", "scaling", "L reload", "L copies", "L process", "S process", "M read"];

/// What a row measures against.
struct Bench {
    bound: Option<Bound>,
    tables: PathBuf,
    alone: ThreadPool,
    together: ThreadPool,
    words: Vec<String>,
}

/// Measures the groups of rows whose names hold one of the words; all without words.
pub fn measure(words: &[&str]) {
    if let Some(word) = words.iter().find(|word| GROUPS.iter().all(|group| !group.contains(**word))) {
        println!("no rows are called `{word}`: there are {}", GROUPS.join(", "));
        return;
    }
    let pool = |count| threads::pool(count).expect("threads");
    let bound = Bound::build().map_err(|fault| println!("{fault}; rows are without ratios")).ok();
    let words = words.iter().map(|word| (*word).to_owned()).collect();
    let tables = project().join("target/workload");
    let bench = Bench { bound, tables, alone: pool(1), together: pool(2), words };
    println!("| row | fordel | bound | ratio | goal |\n|---|---:|---:|---:|---|");
    bench.alone.install(|| bench.walks());
    bench.scaling();
    bench.reloads();
    bench.copies();
    bench.processes();
}

/// Loads and walks a size and prints the most memory that this process has had.
pub fn print_peak(size: &str) {
    let loaded = Loaded::new(Size::named(size).expect("a size"));
    let before = peak_kb();
    let (_, plan) = loaded.ask();
    drop(loaded.walk(&plan));
    println!("{before} {}", peak_kb());
}

/// Does one thing again and again, on one thread, for a profiler; prints the median and the least CPU time.
pub fn repeat(size: &str, what: &str, count: usize) {
    let loaded = Loaded::new(Size::named(size).expect("a size"));
    let (mut sitting, mut standing) = loaded.standing();
    let plan = standing.plan.clone();
    let keys = ReadyKeys::new(&plan, &loaded.scenario.parties);
    let alone = threads::pool(1).expect("a thread");
    let mut once = |turn: usize| match what {
        "read" => loaded.read_again(),
        "ask" => drop(loaded.ask()),
        "keys" => drop(ReadyKeys::new(&plan, &loaded.scenario.parties)),
        "walk" => drop(loaded.walk_by(&plan, &keys)),
        "reload-one" => {
            drop(loaded.reload(&mut sitting, &mut standing, &loaded.edited_key(2, 1 + turn % 998)));
        }
        "reload" => {
            drop(loaded.reload(&mut sitting, &mut standing, &loaded.edited_shared_key(1 + turn % 998)));
        }
        "amounts" => drop(loaded.copies_of_amounts(&standing, 1_000)),
        "copies" => drop(loaded.copies_of_keys(&sitting, &standing, 10)),
        other => panic!("{other}: read, ask, keys, walk, reload-one, reload, amounts or copies"),
    };
    let mut times: Vec<f64> =
        (0..count).map(|turn| alone.install(|| cpu(|| once(turn))).as_secs_f64() * 1e3).collect();
    println!("{size} {what}: {:.3} ms, at least {:.3} ms", median(&mut times), times[0]);
}

impl Bench {
    fn wants(&self, group: &str) -> bool {
        self.words.is_empty() || self.words.iter().any(|word| group.contains(word.as_str()))
    }

    /// A row that is compared with the bound on one thread: CPU time, in turns.
    fn row(&self, row: &str, size: &str, goal: &str, mut own: impl FnMut() -> Duration) {
        let (mut fordel, mut bound) = (Vec::new(), Vec::new());
        for _ in 0..TURNS {
            if let Some(program) = &self.bound {
                bound.push(program.cpu_ms(&self.tables.join(size), 3).expect("the bound runs"));
            }
            // As the bound does: the median of three.
            fordel.push(median_of(3, &mut own));
        }
        let own = median(&mut fordel);
        match self.bound {
            Some(_) => {
                let bound = median(&mut bound);
                println!("| {row} | {own:.2} ms | {bound:.2} ms | {:.2} | {goal} |", own / bound);
            }
            None => println!("| {row} | {own:.2} ms | | | {goal} |"),
        }
    }

    /// A row with a goal of its own: time on the wall.
    fn timed(row: &str, goal: &str, turns: usize, mut own: impl FnMut() -> Duration) {
        let mut times: Vec<f64> = (0..turns).map(|_| own().as_secs_f64() * 1e3).collect();
        println!("| {row} | {:.2} ms | | | {goal} |", median(&mut times));
    }

    fn load(&self, size: &str) -> Loaded {
        let loaded = Loaded::new(Size::named(size).expect("a size"));
        loaded.workload.write_tables(&self.tables.join(size)).expect("a folder that can be written");
        loaded
    }

    fn walks(&self) {
        for size in ["S", "M", "L"].into_iter().filter(|size| self.wants(&format!("{size} walk"))) {
            let loaded = self.load(size);
            let (_, plan) = loaded.ask();
            let (budget, proof) = loaded.walk(&plan);
            assert!(proof.holds(), "the books close");
            check_id(&loaded, &budget);
            drop(budget);
            let keys = ReadyKeys::new(&plan, &loaded.scenario.parties);
            let goal = if size == "L" { "≤ 2.5" } else { "" };
            let own = || cpu(|| loaded.walk_by(&plan, &keys));
            self.row(&format!("{size} walk: shares, totals, proof, 1 thread, CPU"), size, goal, own);
            let goal = if size == "M" { "≤ 4" } else { "" };
            let own = || cpu(|| loaded.walk(&loaded.ask().1));
            let row = format!("{size} walk with engine, compiling and asking all keys, CPU");
            self.row(&row, size, goal, own);
            if size == "L" {
                let walk = || wall(|| loaded.walk_by(&plan, &keys)).as_secs_f64() * 1e3;
                // In turns, so that a slower minute of the machine slows both.
                let turns = (0..WALK_TURNS).map(|_| (walk(), self.together.install(walk)));
                let (mut one, mut two): (Vec<f64>, Vec<f64>) = turns.unzip();
                let (one, two) = (median(&mut one), median(&mut two));
                println!(
                    "| L walk on 2 threads, wall | {two:.2} ms | own {one:.2} ms | {:.2} | ≤ 0.7 |",
                    two / one
                );
            }
        }
    }

    /// The cost of a share when measures, years or parties double.
    fn scaling(&self) {
        if !self.wants("scaling") {
            return;
        }
        let base = "357,500,15";
        let sizes = [base, "714,500,15", "357,1000,15", "357,500,30"];
        let loaded = sizes.map(|size| {
            let loaded = self.load(size);
            let (_, plan) = loaded.ask();
            let keys = ReadyKeys::new(&plan, &loaded.scenario.parties);
            (loaded, plan, keys)
        });
        // In turns, so that a slower minute of the machine slows all of them.
        let mut shares = sizes.map(|_| Vec::new());
        for _ in 0..WALK_TURNS {
            for ((loaded, plan, keys), shares) in loaded.iter().zip(&mut shares) {
                let time = self.alone.install(|| cpu(|| loaded.walk_by(plan, keys)));
                shares.push(time.as_secs_f64() * 1e9 / loaded.workload.size.shares() as f64);
            }
        }
        let shares = shares.map(|mut shares| median(&mut shares));
        for (size, share) in sizes.iter().zip(shares) {
            let change = (share / shares[0] - 1.0) * 100.0;
            println!("| scaling: {size} | {share:.2} ns a share | {base} | {change:+.0} % | ± 15 % |");
        }
    }

    fn reloads(&self) {
        if !self.wants("L reload") {
            return;
        }
        let loaded = self.load("L");
        let (mut sitting, mut standing) = self.together.install(|| loaded.standing());
        check_id(&loaded, &standing.budget);
        let mut part = 0;
        for (what, count, goal, turns) in
            [("one measure", 1, "≤ 1 ms", 51), ("250 measures", 250, "≤ 20 ms", 21)]
        {
            let mut walked = 0;
            let own = || {
                part += 1;
                let file = match count {
                    1 => loaded.edited_key(2, 100 + part),
                    _ => loaded.edited_shared_key(100 + part),
                };
                let start = Instant::now();
                (_, walked) = self.together.install(|| loaded.reload(&mut sitting, &mut standing, &file));
                start.elapsed()
            };
            Self::timed(&format!("L reload: a key of {what} edited → new totals, wall"), goal, turns, own);
            assert_eq!(walked, count, "measures were walked again");
            assert!(standing.budget == loaded.walk(&standing.plan).0, "what stands is what a walk gives");
        }
    }

    fn copies(&self) {
        if !self.wants("L copies") {
            return;
        }
        let loaded = self.load("L");
        let (sitting, standing) = self.together.install(|| loaded.standing());
        check_id(&loaded, &standing.budget);
        let amounts = || self.together.install(|| wall(|| loaded.copies_of_amounts(&standing, 1_000)));
        Self::timed("L copies: 1 000 with one amount changed, 2 threads, wall", "≤ 60 ms", 7, amounts);
        let keys = || self.together.install(|| wall(|| loaded.copies_of_keys(&sitting, &standing, 1_000)));
        Self::timed("L copies: 1 000 with one key changed, 2 threads, wall", "≤ 6 000 ms", 3, keys);
    }

    /// Whole processes: from their start to their end.
    fn processes(&self) {
        let fordel = env!("CARGO_BIN_EXE_fordel");
        if self.wants("L process") {
            let loaded = self.load("L");
            let check = || process(fordel, &["check", &loaded.folder.to_string_lossy()]);
            Self::timed(
                "L process: cold start, `fordel check` of the folder, wall",
                "≤ 350 ms",
                TURNS,
                check,
            );
            let own = std::env::current_exe().expect("this program");
            let output = Command::new(own).args(["--peak", "L"]).output().expect("this program runs");
            let said = String::from_utf8_lossy(&output.stdout).into_owned();
            let peak: f64 = said.split_whitespace().last().and_then(|kb| kb.parse().ok()).expect("a number");
            let bytes = peak * 1024.0 / loaded.workload.size.shares() as f64;
            println!(
                "| L process: memory at its peak | {:.0} MB | | {bytes:.1} bytes a share | ≤ 12 |",
                peak / 1024.0
            );
        }
        if self.wants("S process") {
            let loaded = self.load("S");
            let run = || process(fordel, &["run", &loaded.folder.to_string_lossy()]);
            Self::timed("S process: start to printed table, `fordel run`, wall", "≤ 20 ms", 31, run);
        }
        if self.wants("M read") {
            let loaded = self.load("M");
            Self::timed("M read: scenario folder to scenario, wall", "", TURNS, || {
                wall(|| loaded.read_again())
            });
        }
    }
}

/// Stops where a result is not the published one.
fn check_id(loaded: &Loaded, budget: &Budget) {
    assert_eq!(Some(result_id(budget, &loaded.workload.size).as_str()), loaded.workload.size.result_id);
}

fn process(program: &str, arguments: &[&str]) -> Duration {
    let start = Instant::now();
    let status = Command::new(program).args(arguments).stdout(Stdio::null()).status().expect("it runs");
    assert!(status.success(), "{program} {arguments:?}");
    start.elapsed()
}

fn cpu<T>(work: impl FnOnce() -> T) -> Duration {
    let start = ProcessTime::now();
    let done = work();
    let time = start.elapsed();
    drop(done);
    time
}

fn wall<T>(work: impl FnOnce() -> T) -> Duration {
    let start = Instant::now();
    let done = work();
    let time = start.elapsed();
    drop(done);
    time
}

fn median_of(turns: usize, mut work: impl FnMut() -> Duration) -> f64 {
    median(&mut (0..turns).map(|_| work().as_secs_f64() * 1e3).collect::<Vec<_>>())
}

fn median(times: &mut [f64]) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// The most memory that this process has had, in kilobytes.
fn peak_kb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kb| kb.parse().ok()).unwrap_or(0)
}
