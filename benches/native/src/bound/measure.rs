//! Clocks, medians and the one line that is printed.

use std::fs;
use std::time::Instant;

use serde_json::{Value, json};

use crate::bound::workload::Workload;

/// What each repetition took, in milliseconds.
#[derive(Default)]
pub struct Times {
    cpu_ms: Vec<f64>,
    wall_ms: Vec<f64>,
}

/// Everything that a mode found out.
pub struct Report {
    pub times: Times,
    pub peak_mb: f64,
    pub result_id: String,
    /// What only this mode knows.
    pub more: Vec<(&'static str, Value)>,
}

impl Report {
    pub fn line(&self, mode: &str, workload: &Workload) -> String {
        let mut line = json!({
            "peer": "native bound",
            "mode": mode,
            "size": workload.size,
            "cpu_ms": rounded(median(&self.times.cpu_ms)),
            "cpu_min_ms": rounded(self.times.cpu_ms.iter().copied().fold(f64::INFINITY, f64::min)),
            "wall_ms": rounded(median(&self.times.wall_ms)),
            "reps": self.times.wall_ms.len(),
            "peak_mb": rounded(self.peak_mb),
            "shares": workload.share_count(),
            "result_id": self.result_id,
        });
        for (name, value) in &self.more {
            line[name] = value.clone();
        }
        line.to_string()
    }
}

/// Repeats a run; the result before is freed outside the timed part.
pub fn repeat<T>(repetitions: usize, mut run: impl FnMut() -> T) -> (Times, T) {
    let mut times = Times::default();
    let mut last = None;
    for _ in 0..repetitions {
        drop(last.take());
        let (cpu_before, started) = (cpu_ms(), Instant::now());
        let result = run();
        times.wall_ms.push(started.elapsed().as_secs_f64() * 1e3);
        times.cpu_ms.push(cpu_ms() - cpu_before);
        last = Some(result);
    }
    (times, last.expect("at least one repetition"))
}

/// The most memory that the process has held so far, in MiB.
pub fn peak_mb() -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kib = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
    kib.and_then(|kib| kib.parse::<f64>().ok()).map_or(f64::NAN, |kib| kib / 1024.0)
}

/// Processor time of all threads: on a shared machine the wall clock counts the neighbours too.
fn cpu_ms() -> f64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the call writes to `time` alone, which is ours.
    let status = unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &mut time) };
    assert_eq!(status, 0, "the system has no clock for processor time");
    time.tv_sec as f64 * 1e3 + time.tv_nsec as f64 / 1e6
}

fn median(times: &[f64]) -> f64 {
    let mut sorted = times.to_vec();
    sorted.sort_by(f64::total_cmp);
    f64::midpoint(sorted[(sorted.len() - 1) / 2], sorted[sorted.len() / 2])
}

fn rounded(number: f64) -> f64 {
    (number * 1e3).round() / 1e3
}
