//! Norwegian names for the words of the language, in one table. A rule may use either.

/// Norwegian word, English word.
pub const ALIASES: [(&str, &str); 25] = [
    ("likt", "equally"),
    ("etter", "by"),
    ("prosent", "percent"),
    ("vekter", "weights"),
    ("blant", "among"),
    ("unntatt", "except"),
    ("der", "where"),
    ("sats_avrundet_til", "rate_rounded_to"),
    ("beløp", "amounts"),
    ("beløp_hver", "amounts_each"),
    ("sats", "rate"),
    ("resten", "rest"),
    ("forskjøvet", "lag"),
    ("per_år", "as_of"),
    ("dekk", "cover"),
    ("alt", "all"),
    ("av", "of"),
    ("fra", "from"),
    ("fra_fond", "from_reserve"),
    ("inntil", "up_to"),
    ("overfør", "carry_over"),
    ("i_år", "for_years"),
    ("høyst", "at_most"),
    ("av_tilsagn", "of_award"),
    ("tilbakebetal", "repay"),
];

/// The English word of a Norwegian one.
pub fn english(word: &str) -> Option<&'static str> {
    ALIASES.iter().find(|(norwegian, _)| *norwegian == word).map(|(_, english)| *english)
}
