//! The faults of a question for a certificate: each says what was asked for, and what there is instead.

use crate::ground::diagnostic::Diagnostic;
use crate::ground::suggest::did_you_mean;
use crate::model::party::Party;
use crate::model::years::{Year, Years};

/// Nothing was asked for.
pub fn what_to_explain() -> Diagnostic {
    Diagnostic::error("what-to-explain", "say what to explain")
        .help("a share: --party P --measure M; all that a party pays: --party P")
        .help("a measure: --measure M; what it drew: --measure M --from SOURCE; a grant: --grant G; a reserve: --reserve R")
        .help("any figure of `fordel run --format csv`: --figure, --subject, --party and --year, as its columns")
}

/// A name of something that the scenario does not have.
pub fn unknown<'k>(
    code: &'static str,
    kind: &str,
    written: &str,
    known: impl IntoIterator<Item = &'k str>,
) -> Diagnostic {
    let fault = Diagnostic::error(code, format!("there is no {kind} `{written}`"));
    fault.help(did_you_mean(written, known))
}

/// A year that is not walked.
pub fn year_outside(year: Year, years: Years) -> Diagnostic {
    let (first, last) = (years.first(), years.last());
    let message = format!("{year} is outside the years of this scenario, {first} to {last}");
    Diagnostic::error("year-outside", message)
}

/// A year that is no number.
pub fn not_a_year(written: &str) -> Diagnostic {
    let fault = Diagnostic::error("not-a-year", format!("`{written}` is no year"));
    fault.help("write a year, as in --year 2024, or --year all for the sum over all years")
}

/// Options that do not go together.
pub fn not_together(message: &str, help: &str) -> Diagnostic {
    Diagnostic::error("not-together", message).help(help)
}

/// A party without a share in what was asked for.
pub fn takes_no_part(party: &Party) -> Diagnostic {
    let years = match (party.period.since, party.period.until) {
        (_, Some(until)) => format!(" (it is a party until {until})"),
        (Some(since), None) => format!(" (it is a party since {since})"),
        (None, None) => String::new(),
    };
    let message = format!("{} takes no part in what was asked for{years}", party.name);
    Diagnostic::error("nothing-to-explain", message)
}

/// A measure that parties do not pay for.
pub fn paid_by_measures(id: &str) -> Diagnostic {
    let message = format!("`{id}` is paid by other measures and not by parties: explain those");
    Diagnostic::error("nothing-to-explain", message).help("or the measure itself, by --measure alone")
}

/// A figure that the budget does not have; `names` are what was asked for, and `help` what there is.
pub fn no_such_figure(names: &[String], help: String) -> Diagnostic {
    let message = format!("the budget has no figure {}", names.join(", "));
    Diagnostic::error("nothing-to-explain", message).help(help)
}
