//! All tests, in one binary. Most of them are data: folders of scenarios, words and bad inputs.

mod support;

mod bad_inputs;
mod budgets;
mod command_line;
mod readme;
mod scenario_properties;
mod split_properties;
mod tidy;
