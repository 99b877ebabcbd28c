//! All tests, in one binary. Most of them are data: folders of scenarios, words and bad inputs.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    reason = "tests fail loudly, read the disk, and say what they measured"
)]

mod live_server;
mod support;

mod attribution;
mod attribution_properties;
mod bad_inputs;
mod budgets;
mod cells;
mod changes;
mod command_line;
mod explain;
mod game_properties;
mod incremental_properties;
mod languages;
mod limit_properties;
mod live_browser;
mod live_crowd;
mod live_http;
mod live_saves;
mod page;
mod parameters;
mod participants;
mod readme;
mod scenario_properties;
mod schemas;
mod split_properties;
mod sweep;
mod threads;
mod tidy;
mod variant_properties;
mod words;
mod years_properties;
