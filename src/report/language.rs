//! The languages of reports, and the way in which a sentence is written in all of them: side by side, so that one that is
//! not translated does not compile. Absent: languages of rules and files, which have words of their own.

/// A language.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Language {
    /// Norwegian bokmål.
    #[default]
    Bokmaal,
    /// Norwegian nynorsk.
    Nynorsk,
    /// English.
    English,
}

impl Language {
    /// All of them.
    pub const ALL: [Language; 3] = [Language::Bokmaal, Language::Nynorsk, Language::English];

    /// Its code: `nb`, `nn`, `en`.
    pub fn code(self) -> &'static str {
        self.choose("nb", "nn", "en")
    }

    /// Its own name.
    pub fn name(self) -> &'static str {
        self.choose("bokmål", "nynorsk", "English")
    }

    /// The language of a code.
    pub fn of_code(code: &str) -> Option<Language> {
        Language::ALL.into_iter().find(|language| language.code() == code)
    }

    /// What is said in bokmål, nynorsk or English.
    pub fn choose<T>(self, bokmaal: T, nynorsk: T, english: T) -> T {
        match self {
            Language::Bokmaal => bokmaal,
            Language::Nynorsk => nynorsk,
            Language::English => english,
        }
    }
}

/// A sentence in bokmål, nynorsk and English, each a template as for `format!`, with names of the place in braces.
macro_rules! say {
    ($language:expr, $bokmaal:literal, $nynorsk:literal, $english:literal $(,)?) => {
        match $language {
            $crate::report::language::Language::Bokmaal => format!($bokmaal),
            $crate::report::language::Language::Nynorsk => format!($nynorsk),
            $crate::report::language::Language::English => format!($english),
        }
    };
}
pub(crate) use say;
