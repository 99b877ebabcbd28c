//! The goals of speed, measured: each as a ratio to the native bound, run in turn with it. Writes a table in Markdown.
//!
//! `cargo bench --bench goals` measures all rows; `cargo bench --bench goals -- L reload` the groups of rows whose
//! names hold a word; `cargo bench --bench goals -- --write FOLDER M` only writes the workload of a size; `-- --repeat M ask 100`
//! does one thing again and again, for a profiler.

#![allow(missing_docs, reason = "a program, and no library")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::expect_used,
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    clippy::float_arithmetic,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "measures time, prints it, and stops where anything is wrong"
)]

mod bound;
mod loaded;
mod rows;
mod workload;

use std::path::Path;

use workload::{Size, Workload};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["--write", folder, size] => write(Path::new(folder), size),
        ["--peak", size] => rows::print_peak(size),
        ["--repeat", size, what, count] => rows::repeat(size, what, count.parse().expect("a number")),
        ref words => rows::measure(words),
    }
}

/// Writes a size as the tables of the definition and as a scenario folder.
fn write(folder: &Path, size: &str) {
    let size = Size::named(size).expect("S, M, L or parties,measures,years");
    let workload = Workload::generate(size);
    workload.write_tables(&folder.join(&workload.size.name)).expect("a folder that can be written");
    workload
        .write(&folder.join("scenarios").join(&workload.size.name))
        .expect("a folder that can be written");
    println!(
        "wrote {} and {}",
        folder.join(&workload.size.name).display(),
        folder.join("scenarios").display()
    );
}
