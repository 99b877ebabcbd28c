//! A progress bar for what takes long: on the terminal alone, and only when somebody has begun to wait.

use std::io::{self, IsTerminal};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// Before this nobody waits.
const PATIENCE: Duration = Duration::from_millis(300);

/// How far something is.
pub struct Progress {
    bar: OnceLock<ProgressBar>,
    done: AtomicU64,
    total: u64,
    start: Instant,
    is_seen: bool,
}

impl Progress {
    /// Nothing done of so much.
    pub fn new(total: usize) -> Progress {
        Progress {
            bar: OnceLock::new(),
            done: AtomicU64::new(0),
            total: u64::try_from(total).unwrap_or(u64::MAX),
            start: Instant::now(),
            is_seen: io::stderr().is_terminal(),
        }
    }

    /// One more is done.
    pub fn tick(&self) {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        if self.is_seen && self.start.elapsed() > PATIENCE {
            self.bar.get_or_init(|| self.bar()).set_position(done);
        }
    }

    fn bar(&self) -> ProgressBar {
        let bar = ProgressBar::new(self.total);
        let style = ProgressStyle::with_template("{bar:40} {pos} of {len} runs, {eta} left");
        bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
    }
}

/// The bar goes when there is nothing to wait for any more.
impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = self.bar.get() {
            bar.finish_and_clear();
        }
    }
}
