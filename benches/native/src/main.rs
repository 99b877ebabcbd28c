//! The native bound: how fast the reference workload of `benches/WORKLOAD.md` can be split at best, by kernels
//! written by hand for one kind of processor, so that any other time can be read as a multiple of it.
//!
//! Deliberately absent: rules, scenarios, explanations, limits, and amounts from 2^50 on. It is a yardstick,
//! not a second way to make a budget.

use std::process::ExitCode;

#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
mod bound;

/// The exit code on a machine that cannot run the kernels.
const UNABLE: u8 = 3;

fn main() -> ExitCode {
    #[cfg(all(target_arch = "x86_64", target_os = "linux"))]
    if std::is_x86_feature_detected!("avx2") && std::is_x86_feature_detected!("fma") {
        return bound::command();
    }
    eprintln!(
        "the native bound needs Linux on an x86-64 processor with AVX2 and FMA; this machine is not one"
    );
    ExitCode::from(UNABLE)
}
