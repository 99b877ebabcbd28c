//! The words of the language, each with an example, for suggestions and remedies.

/// Each word with how it is written.
pub const WORDS: [(&str, &str); 32] = [
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
    ("carry_over", "carry_over()"),
    ("for_years", "carry_over().for_years(2)"),
    ("at_most", "carry_over().at_most(50.percent).of_award()"),
    ("of_award", "carry_over().at_most(50.percent).of_award()"),
    ("then_repay", "carry_over().for_years(2).then_repay()"),
    ("repay", "repay()"),
    ("assumption", "assumption(\"equal_part\")"),
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

/// Whether a name is a word of the language.
pub fn is_word(name: &str) -> bool {
    names().any(|word| word == name)
}

/// How a word is written.
pub fn example(name: &str) -> Option<&'static str> {
    WORDS.iter().find(|(word, _)| *word == name).map(|(_, example)| *example)
}
