//! The faults of this floor: one constructor each, so that every text is found in one place.

use crate::ground::diagnostic::Diagnostic;
use crate::ground::money::NotMoney;
use crate::ground::numerals::NumeralFault;
use crate::ground::source::{Place, SourceId};
use crate::ground::suggest::did_you_mean;

use super::inputs::{ReadFault, SCENARIO_FILE};
use super::ron_tree::GrammarFault;
use super::years::{Year, Years};

/// A file that could not be read.
pub fn unreadable_file(name: &str, fault: &ReadFault, wanted_at: Option<&Place>) -> Diagnostic {
    let diagnostic = match fault {
        ReadFault::Missing(there) => {
            let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
            let same_ending = there
                .iter()
                .map(String::as_str)
                .filter(|other| other.ends_with(ending) && *other != SCENARIO_FILE);
            let hint = did_you_mean(name, same_ending);
            Diagnostic::error("missing-file", format!("there is no file `{name}`")).help(hint)
        }
        ReadFault::Outside => {
            Diagnostic::error("outside-file", format!("`{name}` is outside the folders of this scenario"))
                .help("tables lie in the scenario's folder, rule files there or in a folder `rules` above it")
        }
        ReadFault::Unreadable(reason) => {
            Diagnostic::error("unreadable-file", format!("`{name}` could not be read: {reason}"))
        }
    };
    match wanted_at {
        Some(place) => diagnostic.at(place, "named here"),
        None => diagnostic,
    }
}

/// A file above its size limit.
pub fn too_large_file(name: &str, bytes: usize, limit: usize) -> Diagnostic {
    Diagnostic::error("too-large-file", format!("`{name}` has {bytes} bytes; the limit is {limit}"))
}

/// A workbook where a text is needed.
pub fn workbook(name: &str) -> Diagnostic {
    Diagnostic::error("workbook", format!("`{name}` is a workbook (or another zip file), not a text"))
        .help("in the spreadsheet, save the sheet as CSV UTF-8 and name that file here")
}

/// A file that is not text at all.
pub fn not_text(name: &str, byte: usize) -> Diagnostic {
    Diagnostic::error("not-text", format!("`{name}` is not a text file (byte {byte})"))
}

/// A scenario or rule file in another encoding.
pub fn not_utf8(name: &str, bytes: &[u8], byte: usize) -> Diagnostic {
    let line = bytes[..byte].iter().filter(|byte| **byte == b'\n').count() + 1;
    Diagnostic::error(
        "not-utf8",
        format!("`{name}` is not UTF-8: line {line} has a byte {:#04x}", bytes[byte]),
    )
    .help("save the file again as UTF-8 (in Notepad: Save as, Encoding, UTF-8)")
}

/// RON that does not parse, with a guess at why.
pub fn grammar(what: &str, source: SourceId, text: &str, fault: &GrammarFault) -> Diagnostic {
    let byte = fault.byte.min(text.len());
    let around = text[..byte].chars().next_back().into_iter().chain(text[byte..].chars().take(2));
    let signs: Vec<char> = around.collect();
    let (remark, help) = match signs.iter().find_map(|sign| pasted(*sign)) {
        Some((_, name, instead)) => (format!("{name}, probably pasted"), format!("type {instead} instead")),
        None => {
            let (remark, help) = grammar_remedy(&text[..byte], &text[byte..], &fault.said);
            (remark.to_owned(), help.to_owned())
        }
    };
    let end = text[byte..].chars().next().map_or(byte, |sign| byte + sign.len_utf8());
    let message = format!("{what} cannot be read: {}", fault.said.to_lowercase());
    Diagnostic::error("ron-grammar", message).at(&Place { source, bytes: byte..end }, remark).help(help)
}

/// A guess at what was meant where RON does not parse: a remark and a remedy.
fn grammar_remedy(before: &str, after: &str, said: &str) -> (&'static str, &'static str) {
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = before[line_start..].trim_end();
    let after_digit = line.ends_with(|sign: char| sign.is_ascii_digit());
    let digit_follows = after.starts_with(|sign: char| sign.is_ascii_digit());
    let rest = after.trim_start();
    match rest.chars().next() {
        None if before.trim().is_empty() => ("the file is empty", "see the README for a first scenario"),
        Some('=') => ("an equals sign", "a colon stands between a field and its value, as in id: \"drift\""),
        Some('%') => ("a percent sign", "write the number without it"),
        Some('\'') => ("a single quotation mark", "type \" instead"),
        Some('}' | ',') if line.ends_with(':') => {
            ("nothing stands after the colon", "write the figure, or remove its year")
        }
        _ if said.contains("end of string") => ("opened here and not closed", "a quotation mark is missing"),
        _ if after_digit && digit_follows => ("a space inside a number", "write 1_000_000 or 1000000"),
        Some('}' | ',' | ']') if line.ends_with(',') || after_digit => {
            ("is a comma meant as the decimal sign here?", "numbers have a decimal point: 1.5")
        }
        _ if said.contains("trailing") => ("here", "something stands after the last bracket"),
        _ if said.contains("Expected comma") => {
            ("here", "is a comma missing before this, or a bracket not closed?")
        }
        _ if said.contains("Expected float") => {
            ("this is not a number", "write 1_000_000.50: one decimal point, and underscores to group")
        }
        _ => ("here", "compare brackets, quotation marks and commas up to this place"),
    }
}

/// Signs that word processors put in place of the typed ones: the sign, its name, what to type.
pub fn pasted(sign: char) -> Option<(char, &'static str, &'static str)> {
    let (name, instead) = match sign {
        '\u{2212}' | '\u{2013}' | '\u{2014}' => ("a long minus sign", "-"),
        '\u{201c}' | '\u{201d}' | '\u{201e}' | '\u{ab}' | '\u{bb}' => ("a curly quotation mark", "\""),
        '\u{2018}' | '\u{2019}' => ("a curly apostrophe", "\""),
        '\u{a0}' | '\u{202f}' | '\u{2009}' | '\u{2007}' => ("a no-break space", "an ordinary space"),
        '\u{ad}' | '\u{200b}' | '\u{feff}' => ("an invisible sign", "nothing"),
        '\u{d7}' => ("a multiplication cross", "*"),
        _ => return None,
    };
    Some((sign, name, instead))
}

/// Something else was expected here.
pub fn expected(place: &Place, what: &str) -> Diagnostic {
    Diagnostic::error("wrong-shape", format!("expected {what}")).at(place, "")
}

/// A word that is none of the choices.
pub fn unknown_variant(place: &Place, written: &str, known: &[&str]) -> Diagnostic {
    let names = known.iter().map(|name| name.split('(').next().unwrap_or(name));
    let remark =
        crate::ground::suggest::nearest(written, names).map(|name| format!("did you mean `{name}`?"));
    let expected = if known.len() == 1 { "expected" } else { "expected one of" };
    Diagnostic::error("unknown-choice", format!("{expected} {}", known.join(", ")))
        .at(place, remark.unwrap_or_default())
}

/// A field that the thing does not have.
pub fn unknown_field(place: &Place, name: &str, what: &str, known: &[&str]) -> Diagnostic {
    let diagnostic = Diagnostic::error("unknown-field", format!("{what} has no field `{name}`"));
    match crate::ground::suggest::nearest(name, known.iter().copied()) {
        Some(near) => diagnostic.at(place, format!("did you mean `{near}`?")),
        None => diagnostic.at(place, "").help(format!("its fields are {}", known.join(", "))),
    }
}

/// The same field twice.
pub fn double_field(place: &Place, name: &str, what: &str) -> Diagnostic {
    Diagnostic::error("double-field", format!("{what} has the field `{name}` twice")).at(place, "again")
}

/// The same key twice.
pub fn double_key(place: &Place, first: &Place) -> Diagnostic {
    Diagnostic::error("double-key", "the same key twice: one of the two values would be lost")
        .at(place, "again")
        .also(first, "first here")
}

/// A field that must be there.
pub fn missing_field(place: &Place, name: &str, what: &str) -> Diagnostic {
    let help = match (what, name) {
        ("a measure", "key") => "or `charged_to`, if other measures pay for it",
        ("a grant", "awards") => "or `opening`, if something is left of earlier awards",
        _ => "",
    };
    Diagnostic::error("missing-field", format!("{what} needs a field `{name}`"))
        .at(place, "in this one")
        .help(help)
}

/// A text that cannot be a name.
pub fn bad_name(place: &Place, written: &str, reason: &str) -> Diagnostic {
    let shown: String = written.chars().take(40).flat_map(char::escape_debug).collect();
    Diagnostic::error("bad-name", format!("\"{shown}\" cannot be a name: {reason}")).at(place, "")
}

/// A text that is not a number.
pub fn bad_number(place: &Place, written: &str, fault: NumeralFault) -> Diagnostic {
    Diagnostic::error("bad-number", format!("`{written}` cannot be read as a number: {fault}")).at(place, "")
}

/// A number that is not an amount.
pub fn not_money(place: &Place, fault: NotMoney) -> Diagnostic {
    match fault {
        NotMoney::FractionOfOre => Diagnostic::error("fraction-of-ore", "an amount has at most two decimals")
            .at(place, "")
            .help("round it yourself, so that the rounding is yours and can be seen"),
        NotMoney::TooLarge => {
            Diagnostic::error("amount-too-large", super::super::ground::money::TooLarge.to_string())
                .at(place, "")
        }
    }
}

/// Years that run backwards.
pub fn years_backwards(first: &Place, last: &Place) -> Diagnostic {
    Diagnostic::error("years-backwards", "the last year is before the first")
        .at(last, "")
        .also(first, "the first year")
}

/// A year that the scenario does not have.
pub fn year_outside(place: &Place, year: Year, years: Years) -> Diagnostic {
    Diagnostic::error("year-outside", format!("{year} is outside the years of this scenario"))
        .at(place, format!("the scenario has {} to {}", years.first(), years.last()))
        .help("change `years` or remove the figure; it would count nowhere")
}

/// A figure of a year in which its measure has ended.
pub fn figure_after_end(place: &Place, measure: &str, year: Year, last: Year) -> Diagnostic {
    Diagnostic::error("figure-after-end", format!("`{measure}` has a figure of {year} and ends after {last}"))
        .at(place, "")
        .help("remove the figure, which would count nowhere, or let the measure end later")
}

/// The same id for two things.
pub fn double_id(place: &Place, first: &Place, what: &str, id: &str) -> Diagnostic {
    Diagnostic::error("double-id", format!("two {what} are called `{id}`"))
        .at(place, "again")
        .also(first, "first here")
}

/// A name of nothing.
pub fn unknown_name<'k>(
    place: &Place,
    what: &'static str,
    written: &str,
    known: impl IntoIterator<Item = &'k str>,
) -> Diagnostic {
    let code = match what {
        "party" => "unknown-party",
        "driver" => "unknown-driver",
        "grant" => "unknown-grant",
        "reserve" => "unknown-reserve",
        "line" => "unknown-line",
        "tag" => "unknown-tag",
        "index" => "unknown-index",
        "measure" => "unknown-measure",
        "assumption" => "unknown-assumption",
        "rule file" => "unknown-rule-file",
        _ => "unknown-name",
    };
    Diagnostic::error(code, format!("there is no {what} `{written}`")).at(place, did_you_mean(written, known))
}

/// A party of a table that the scenario does not have.
pub fn unknown_party(place: &Place, written: &str) -> Diagnostic {
    Diagnostic::error("unknown-party", format!("there is no party `{written}`")).at(place, "")
}

/// An amount below zero where there cannot be one.
pub fn negative(place: &Place, what: &str) -> Diagnostic {
    Diagnostic::error("negative-amount", format!("{what} cannot be below zero")).at(place, "")
}

/// A time that ends before it begins.
pub fn period_backwards(place: &Place) -> Diagnostic {
    Diagnostic::error("party-backwards", "this party leaves (`until`) before it comes (`since`)")
        .at(place, "")
}

/// A list of participants with nobody in it.
pub fn nobody_takes_part(place: &Place, measure: &str) -> Diagnostic {
    Diagnostic::error("no-participants", format!("nobody takes part in `{measure}`")).at(place, "")
}

/// A scenario without parties or measures.
pub fn nothing_there(place: &Place, what: &str) -> Diagnostic {
    Diagnostic::error("nothing-there", format!("a scenario needs at least one {what}")).at(place, "")
}

/// A fault of a table as a whole.
pub fn bad_table(place: &Place, message: impl Into<String>, help: &str) -> Diagnostic {
    Diagnostic::error("bad-table", message.into()).at(place, "").help(help)
}

/// A reserve that opens below its minimum.
pub fn opening_below_minimum(opening: &Place, minimum: &Place) -> Diagnostic {
    Diagnostic::error("below-minimum", "this reserve opens below its minimum")
        .at(opening, "")
        .also(minimum, "the minimum")
}

/// What is left of an award of a year of the scenario.
pub fn opening_of_a_year(place: &Place, year: Year, years: Years) -> Diagnostic {
    let message =
        format!("`opening` is of awards before the first year, and {year} is not before {}", years.first());
    Diagnostic::error("opening-inside", message).at(place, "").help("write it under `awards`")
}

/// More left of an award than there was.
pub fn more_left_than_awarded(left: &Place, award: &Place) -> Diagnostic {
    Diagnostic::error("opening-above-award", "more is left of this award than was awarded")
        .at(left, "")
        .also(award, "awarded")
}

/// A growth index that leaves out a year.
pub fn growth_gap(place: &Place, year: Year) -> Diagnostic {
    Diagnostic::error("index-gap", format!("the growth of {year} is missing"))
        .at(place, "")
        .help("growth is on the year before, so every year from the first to the last is needed")
}

/// A measure with both a key and other measures that pay.
pub fn two_payers(key: &Place) -> Diagnostic {
    Diagnostic::error("two-payers", "a measure that is charged to other measures has no key")
        .at(key, "")
        .help("remove `key` or `charged_to`")
}

/// Funding of a measure that others pay for.
pub fn funding_of_a_charged_measure(place: &Place) -> Diagnostic {
    Diagnostic::error("funding-of-charged", "a measure that is charged to other measures has no funding")
        .at(place, "")
        .help("let the measures that pay for it draw on the grant")
}

/// A measure charged to no measure.
pub fn charged_to_nobody(place: &Place, measure: &str) -> Diagnostic {
    Diagnostic::error("charged-to-nobody", format!("`{measure}` is charged to no measure")).at(place, "")
}

/// A measure charged to itself.
pub fn charged_to_itself(place: &Place, measure: &str) -> Diagnostic {
    Diagnostic::error("charge-circle", format!("`{measure}` is charged to itself")).at(place, "")
}

/// A reserve that is bound to another purpose than that of the measure that settles with it.
pub fn other_purpose(place: &Place, reserve: &str, bound_to: &str, measure: &str) -> Diagnostic {
    Diagnostic::error(
        "other-purpose",
        format!(
            "the reserve `{reserve}` is bound to `{bound_to}`, and the measure `{measure}` is not for it"
        ),
    )
    .at(place, "")
    .help(format!("if the measure serves it, write purpose: \"{bound_to}\" on the measure"))
}

/// A field that a measure which others pay for cannot have.
pub fn field_of_a_charged_measure(place: &Place, measure: &str, field: &str) -> Diagnostic {
    Diagnostic::error(
        "field-of-charged",
        format!("`{measure}` is charged to other measures and so has no `{field}`"),
    )
    .at(place, "")
    .help("the measures that pay for it have")
}

/// A party that takes part in a measure when it is no party.
pub fn never_takes_part(place: &Place, party: &str) -> Diagnostic {
    Diagnostic::error("never-takes-part", format!("{party} takes part in no year of this scenario"))
        .at(place, "")
        .help("compare `since` and `until` here with those of the party and with the years of the scenario")
}

/// A driver with a name that closures use for something else.
pub fn reserved_driver(place: &Place, id: &str) -> Diagnostic {
    Diagnostic::error(
        "reserved-name",
        format!("`{id}` cannot name a driver: in |p| … `p.{id}` is something else"),
    )
    .at(place, "")
    .help("give the driver another id")
}

/// A growth that looks like a level.
pub fn growth_like_a_level(place: &Place) -> Diagnostic {
    Diagnostic::error("growth-or-level", "a growth of 100 % or more doubles every amount")
        .at(place, "")
        .help("if these are levels, write Levels({…}); growth is in percent on the year before, as in Growth({2025: 4.1})")
}

/// A growth that takes the index to nothing.
pub fn growth_below_nothing(place: &Place) -> Diagnostic {
    Diagnostic::error("growth-or-level", "this growth takes the index to zero or below")
        .at(place, "")
        .help("growth is in percent on the year before, as in Growth({2025: 4.1})")
}

/// A final report of a grant whose payments are not followed.
pub fn report_without_payment(place: &Place) -> Diagnostic {
    Diagnostic::error(
        "report-without-payment",
        "`final_report` ends a prepayment, and this grant has no `payment`",
    )
    .at(place, "")
    .help("add payment: \"prepaid(75.percent)\", or remove `final_report`")
}

/// Investments by tag of a measure whose cost is a decided amount.
pub fn tag_of_a_decided_amount(place: &Place) -> Diagnostic {
    Diagnostic::error(
        "tags-of-what",
        "investments go by the tags of cost lines, and the decided amount has none",
    )
    .at(place, "")
    .help("leave out the tag: then all of the net cost is an investment")
}

/// Work in kind that is put into a reserve.
pub fn in_kind_to_reserve(place: &Place) -> Diagnostic {
    Diagnostic::error("in-kind-to-reserve", "work in kind is not paid, and so cannot be put into a reserve")
        .at(place, "")
}

/// Measures that charge each other in a circle.
pub fn charge_circle(place: &Place, ids: &[&str]) -> Diagnostic {
    let path = ids.iter().chain(ids.first()).map(|id| format!("`{id}`")).collect::<Vec<_>>().join(" → ");
    Diagnostic::error("charge-circle", format!("these measures charge each other in a circle: {path}"))
        .at(place, "")
        .help("to charge them out one after the other in the order of the file, write charges: InOrder in the scenario; to solve the circle exactly, write charges: Solved")
}
