//! The faults of changes, variant files and `--set`.

use std::collections::BTreeSet;

use crate::ground::diagnostic::Diagnostic;
use crate::ground::source::Place;
use crate::ground::suggest::nearest;

use super::inputs::ReadFault;
use super::years::Year;

/// A word that is no change.
pub fn unknown_change<'k>(
    place: &Place,
    written: &str,
    known: impl Iterator<Item = &'k str> + Clone,
) -> Diagnostic {
    let words = known.clone().collect::<Vec<_>>().join(", ");
    let fault = Diagnostic::error("unknown-change", "expected a change, as in Cost(…) or Key(…)");
    match nearest(written, known) {
        Some(word) => fault.at(place, format!("did you mean `{word}`?")),
        None => fault.at(place, "").help(format!("the changes are {words}")),
    }
}

/// A change after which everything is as it was.
pub fn nothing_changed(place: &Place) -> Diagnostic {
    Diagnostic::notice("nothing-changed", "this change changes nothing: all of it is so already")
        .at(place, "")
}

/// A cost line changed where the decided amount, which is not, is split.
pub fn decided_amount_stands(place: &Place, measure: &str, year: Year) -> Diagnostic {
    let message =
        format!("the amount of {year} that was decided for `{measure}` stands, so no share changes");
    Diagnostic::notice("decided-amount-stands", message)
        .at(place, "changes what the lines come to")
        .help("change `amount` as well, or let the sum of the lines count: Amount(…, amount: SumOfLines)")
}

/// A new thing with the name of one that is there.
pub fn already_there(place: &Place, what: &str, name: &str) -> Diagnostic {
    Diagnostic::error("already-there", format!("there is {what} `{name}` already"))
        .at(place, "")
        .help("leave out `Add` to change it")
}

/// Figures to be scaled, and none there.
pub fn nothing_to_scale(place: &Place, of_actual: bool) -> Diagnostic {
    let (kind, help) = match of_actual {
        true => ("actual", "compare `years` with the years of the figures"),
        false => (
            "budget",
            "compare `years` with the years of the figures; actual figures are scaled with figures: Actual",
        ),
    };
    Diagnostic::error("nothing-to-scale", format!("there are no {kind} figures here to scale"))
        .at(place, "")
        .help(help)
}

/// Figures to follow an index, and no year that would.
pub fn nothing_to_index(place: &Place, first: Option<Year>, last: Year, is_line: bool) -> Diagnostic {
    let fault = Diagnostic::error("nothing-to-index", "no figure would follow this index").at(place, "");
    match (first, is_line) {
        (Some(first), _) if first >= last => fault.help(format!("{last} is the last year, and none follows")),
        (Some(first), _) => fault.help(format!(
            "written figures stand, and every year has one; with after: {first} the later ones follow the index"
        )),
        (None, true) => fault.help("the line has no budget figure to start from"),
        (None, false) => fault.help("no amount is decided for this measure; name one of its cost lines with `line`"),
    }
}

/// A measure that ends when the scenario does.
pub fn ends_with_the_scenario(place: &Place, year: Year, last: Year) -> Diagnostic {
    Diagnostic::error("nothing-to-end", format!("nothing ends after {year}"))
        .at(place, format!("the last year of the scenario is {last}"))
}

/// A change of no measure at all.
pub fn no_measure_named(place: &Place) -> Diagnostic {
    Diagnostic::error("no-measure-named", "this change names no measure")
        .at(place, "")
        .help("write measures: All, or the measures that are meant")
}

/// A value of one year for a driver that is the same in every year.
pub fn value_of_a_year(place: &Place, driver: &str) -> Diagnostic {
    Diagnostic::error("driver-of-every-year", format!("`{driver}` is the same in every year"))
        .at(place, "")
        .help("give one value for every year, as in {\"Rana\": 27_000} or drivers.inhabitants.Rana=27_000")
}

/// A value of a year that a driver does not have.
pub fn value_of_a_new_year(place: &Place, driver: &str, year: Year, known: &BTreeSet<Year>) -> Diagnostic {
    let years = known.iter().map(Year::to_string).collect::<Vec<_>>().join(", ");
    Diagnostic::error("driver-without-year", format!("`{driver}` has no values of {year}"))
        .at(place, format!("it has those of {years}"))
        .help("change one of those years, or give a value for every party")
}

/// A base, or a variant, that cannot be read.
pub fn unreadable_base(path: &str, fault: &ReadFault, wanted_at: Option<&Place>) -> Diagnostic {
    let diagnostic = match fault {
        ReadFault::Missing(there) => {
            // Variants are files of this kind, and scenarios folders.
            let could_be = |name: &&String| name.ends_with(".ron") || !name.contains('.');
            let file_name = path.rsplit('/').next().unwrap_or(path);
            let near = nearest(file_name, there.iter().filter(could_be).map(String::as_str));
            Diagnostic::error("missing-base", format!("there is no scenario and no variant `{path}`"))
                .help(near.map_or_else(String::new, |near| format!("did you mean `{near}`?")))
        }
        ReadFault::Outside => Diagnostic::error("missing-base", format!("`{path}` may not be read")),
        ReadFault::Unreadable(reason) => Diagnostic::error("missing-base", reason.clone()),
    };
    match wanted_at {
        Some(place) => diagnostic.at(place, "").help(
            "a base is a path from the folder of this file: \"..\" for the scenario above it, or another variant",
        ),
        None => diagnostic,
    }
}

/// Variants that stand on each other in a circle.
pub fn circle_of_bases(place: &Place, names: &[&str]) -> Diagnostic {
    let message = match names {
        [_] => "this variant is its own base".to_owned(),
        _ => {
            let path = names.iter().chain(names.first()).copied().collect::<Vec<_>>().join(" → ");
            format!("these variants are each other's base: {path}")
        }
    };
    Diagnostic::error("circle-of-bases", message).at(place, "").help("one of them has to stand on a scenario")
}

/// More variants on each other than anybody can follow.
pub fn too_many_variants(place: &Place, most: usize) -> Diagnostic {
    Diagnostic::error("too-many-variants", format!("more than {most} variants stand on each other"))
        .at(place, "")
}

/// A text that is no path and value.
pub fn not_a_setting(place: &Place) -> Diagnostic {
    Diagnostic::error("not-a-setting", "expected path=value, as in measures.drift.amount.2024=4_570_000")
        .at(place, "")
}

/// A figure of all measures at once.
pub fn figure_of_all(place: &Place) -> Diagnostic {
    Diagnostic::error("figure-of-all", "a figure is of one measure")
        .at(place, "name the measure")
        .help("* stands for all of them in scale, key, round_to and other settings")
}

/// A name in a path where another is expected.
pub fn unknown_path(place: &Place, written: &str, known: &[&str]) -> Diagnostic {
    let fault = Diagnostic::error("unknown-path", format!("there is no `{written}` here to set"));
    match nearest(written, known.iter().copied()) {
        Some(near) => fault.at(place, format!("did you mean `{near}`?")),
        None if known.is_empty() => fault.at(place, "nothing follows here"),
        None => fault.at(place, "").help(format!("what can be set here: {}", known.join(", "))),
    }
}

/// A path that stops before it comes to a value.
pub fn unfinished_path(place: &Place, known: &[&str]) -> Diagnostic {
    Diagnostic::error("unfinished-path", "this path stops too early")
        .at(place, format!("add one of: {}", known.join(", ")))
}
