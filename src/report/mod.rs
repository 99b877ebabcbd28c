//! Floor 5: from a budget to neutral tables, and from those to text, CSV and JSON.
//!
//! The writers know nothing of budgets and the tables nothing of terminals. Deliberately absent: policy,
//! rounding, and any arithmetic beyond adding up for a total that is shown.

pub mod alteration_text;
pub mod alteration_words;
pub mod attribution_data;
pub mod attribution_text;
pub mod besides_text;
pub mod budget_text;
pub mod catalogue;
pub mod diagnostic_text;
pub mod difference_csv;
pub mod difference_json;
pub mod difference_text;
pub mod expected;
pub mod explain;
pub mod figures;
pub mod grid;
pub mod json;
pub mod language;
pub mod ledger_text;
pub mod long_csv;
pub mod notes;
pub mod page;
pub mod scope;
pub mod signed;
pub mod sweep_csv;
pub mod sweep_json;
pub mod sweep_text;
pub mod variant_text;
pub mod verdict;
pub mod year_notes;
