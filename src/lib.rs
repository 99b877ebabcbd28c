//! fordel splits shared costs and grants between the parties of a cooperation by rules written as text:
//! exactly, over several years, with proof. `src/README.md` is the map of the code.
//!
//! Data walks through the floors once, lowest first:
//! folder → [`Inputs`](model::inputs) → as written → [`Scenario`](model::scenario::Scenario) →
//! [`Plan`](rules::plan::Plan) → [`Budget`](engine::budget::Budget) → report → bytes.
//! A module uses its own floor and lower ones, never upward; `tests/tidy.rs` enforces it.

pub mod cli;
pub mod engine;
pub mod ground;
pub mod model;
pub mod report;
pub mod rules;
pub mod web;
pub mod whatif;

/// Scenarios, plans and budgets are many small pieces that come and go together; this allocator hands them out in
/// half the time of the system's, and gives back what a reading has used.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
