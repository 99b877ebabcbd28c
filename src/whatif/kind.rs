//! The kinds of change that a difference is attributed to. What is rounded is none of them: rounding is what is left
//! of a difference when all kinds have their parts.

/// A kind of change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// What the measures cost: cost lines, decided amounts, indexes that they follow; which measures there are, and
    /// which years.
    Cost,
    /// The counted facts that keys are built on.
    Drivers,
    /// How costs are split: keys and the rules that they call, which measures charge which, and what becomes of
    /// residuals, settlements and newcomers.
    Key,
    /// The numbers that rules ask for: assumptions, parameters of the rules, and indexes where a rule asks for one.
    Parameters,
    /// Who helps to pay: grants, reserves, funding steps, and their order.
    Grants,
    /// Who pays: the parties, and who takes part in which measure.
    Participants,
}

impl Kind {
    /// All kinds, in the order in which they are shown.
    pub const ALL: [Kind; 6] =
        [Kind::Cost, Kind::Drivers, Kind::Key, Kind::Parameters, Kind::Grants, Kind::Participants];

    /// Its name.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Cost => "cost",
            Kind::Drivers => "drivers",
            Kind::Key => "key",
            Kind::Parameters => "parameters",
            Kind::Grants => "grants",
            Kind::Participants => "participants",
        }
    }

    /// The kind of a name.
    pub fn of_word(word: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// The names of kinds in one sentence: `cost, drivers and key`.
pub fn names(kinds: &[Kind]) -> String {
    let words: Vec<&str> = kinds.iter().map(|kind| kind.word()).collect();
    match words.split_last() {
        Some((last, others)) if !others.is_empty() => format!("{} and {last}", others.join(", ")),
        _ => words.concat(),
    }
}
