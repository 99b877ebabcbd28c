//! Norwegian names for the words of the language, in one table. A rule may use either.

/// Norwegian word, English word.
pub const ALIASES: [(&str, &str); 44] = [
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
    ("minst", "at_least"),
    ("innenfor", "within"),
    ("av_fjoråret", "of_last_year"),
    ("av_beløpet", "of_amount"),
    ("fases_over_til", "phased_to"),
    ("med_merke", "of_tag"),
    ("uten_merke", "except_tag"),
    ("overføringer", "transfers"),
    ("forholdsmessig", "pro_rata"),
    ("tilskuddssats", "match_rate"),
    ("med_egeninnsats", "with_in_kind"),
    ("forskuddsvis", "prepaid"),
    ("indeksert", "indexed"),
    ("indeksert_fra_publisert", "indexed_from_published"),
    ("indeksert_årlig", "indexed_yearly"),
    ("avrundet_til", "rounded_to"),
    ("indeks", "index"),
    ("parameter", "param"),
    ("sum_av", "sum_of"),
    ("av_tilsagn", "of_award"),
    ("tilbakebetal", "repay"),
];

/// The English word of a Norwegian one.
pub fn english(word: &str) -> Option<&'static str> {
    ALIASES.iter().find(|(norwegian, _)| *norwegian == word).map(|(_, english)| *english)
}
