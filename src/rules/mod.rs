//! Floor 2: the sandboxed rule language, its vocabulary, and the plan that the rules declare.
//!
//! A rule never sees an amount being split. It returns a value that *describes* a key, a draw or a
//! carry-over ([`declared`]); [`planner`] asks every rule once per measure and year, works out closures to
//! numbers per party, checks what can be checked before any money is split, and leaves a [`plan`]: plain
//! data, no scripts. Deliberately absent: clock, files, network and randomness, for rules and for this floor.

pub mod aliases;
pub mod amount_words;
mod answers;
pub mod declared;
pub mod deliberation;
pub mod facts;
pub mod funding_words;
pub mod index_words;
pub mod key_words;
pub mod limit_words;
pub mod numbers;
pub mod parameter_text;
pub mod parameters;
pub mod party_view;
pub mod plain_call;
pub mod plan;
pub mod prescan;
pub mod rulebook;
pub mod sandbox;
pub mod shared_key;
pub mod sitting;
pub mod threads;
pub mod vocabulary;
pub mod watch;
pub mod words;

pub mod expression;
pub mod faults;
pub mod fund_plan;
mod imports;
pub mod indexing;
pub mod key_plan;
pub mod limit_plan;
pub mod plan_faults;
pub mod planner;
