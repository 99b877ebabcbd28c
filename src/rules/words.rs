//! The words of the language, each with an example, for suggestions and remedies.

use super::aliases::ALIASES;

/// Each word with how it is written.
pub const WORDS: [(&str, &str); 51] = [
    ("equally", "equally()"),
    ("by", "by(\"inhabitants\")"),
    ("percent", "percent(#{ \"Lyngen\": 60, \"Rana\": 40 })"),
    ("weights", "weights(#{ \"Lyngen\": 2, \"Rana\": 1 })"),
    ("among", ".among([\"Lyngen\", \"Rana\"])"),
    ("except", ".except([\"Lyngen\"])"),
    ("where", ".where(|p| p.inhabitants > 2000)"),
    ("lag", ".lag(1)"),
    ("as_of", ".as_of(2023)"),
    ("rate_rounded_to", ".rate_rounded_to(1)"),
    ("amounts", "amounts(#{ \"Lyngen\": 100_000 })"),
    ("amounts_each", "amounts_each(15_000)"),
    ("rate", "rate(3.08, \"inhabitants\")"),
    ("rest", "amounts_each(15_000).rest(equally())"),
    ("cover", "cover(50.percent).from(\"grant\")"),
    ("of", ".of([\"Salaries\"])"),
    ("from", ".from(\"grant\")"),
    ("from_reserve", ".from_reserve(\"reserve\")"),
    ("up_to", ".up_to(700_000)"),
    ("pro_rata", "cover(50.percent).from(\"grant\").pro_rata()"),
    ("match_rate", "cover(all).from(\"grant\").match_rate(50.percent)"),
    ("with_in_kind", "cover(all).from(\"grant\").match_rate(50.percent).with_in_kind()"),
    ("except_tag", "cover(all).from(\"grant\").except_tag(\"vat\")"),
    ("prepaid", "prepaid(75.percent)"),
    ("carry_over", "carry_over()"),
    ("for_years", "carry_over().for_years(2)"),
    ("at_least", ".at_least(15_000)"),
    ("at_most", ".at_most(1_000_000)"),
    ("within", ".within(5.percent).of_last_year()"),
    ("of_last_year", ".at_most(110.percent).of_last_year()"),
    ("of_amount", ".at_most(95.percent).of_amount()"),
    ("per", ".at_most(200).per(\"inhabitants\")"),
    ("phased_to", ".phased_to(equally(), 2023, 2026)"),
    ("of_tag", ".of_tag(\"operating\")"),
    ("transfers", "transfers(#{ \"Lyngen\": 100, \"Rana\": -100 })"),
    ("of_award", "carry_over().at_most(50.percent).of_award()"),
    ("then_repay", "carry_over().for_years(2).then_repay()"),
    ("repay", "repay()"),
    ("indexed", "indexed(\"deflator\")"),
    ("indexed_from_published", "indexed_from_published(\"deflator\")"),
    ("indexed_yearly", "indexed_yearly(\"deflator\")"),
    ("rounded_to", "indexed(\"deflator\").rounded_to(1000)"),
    ("index", "index(\"deflator\", 2023, 2024)"),
    ("assumption", "assumption(\"equal_part\")"),
    ("param", "param(\"equal_part\", 40.percent, 0.percent..100.percent)"),
    ("sum_of", "sum_of(\"inhabitants\", year)"),
    ("min", "min(a, b)"),
    ("max", "max(a, b)"),
    ("round_down", "round_down(x, 100)"),
    ("round_up", "round_up(x, 100)"),
    ("round_to", "round_to(x, 100)"),
];

/// The words alone.
pub fn names<'w>() -> impl Iterator<Item = &'w str> {
    WORDS.iter().map(|(word, _)| *word)
}

/// The words and the Norwegian ones, for suggestions.
pub fn suggestions<'w>() -> impl Iterator<Item = &'w str> {
    names().chain(ALIASES.iter().map(|(norwegian, _)| *norwegian))
}

/// Whether a name is a word of the language.
pub fn is_word(name: &str) -> bool {
    names().any(|word| word == name)
}

/// How a word is written.
pub fn example(name: &str) -> Option<&'static str> {
    WORDS.iter().find(|(word, _)| *word == name).map(|(_, example)| *example)
}
