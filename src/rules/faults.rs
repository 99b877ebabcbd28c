//! The faults of scripts: one constructor each. A fault inside a script is shown at the word that failed, with
//! the calls that led there. The faults of what scripts declare are in [`plan_faults`](super::plan_faults).

use rhai::{EvalAltResult, ParseError, ParseErrorType, Position};

use crate::ground::diagnostic::Diagnostic;
use crate::ground::source::{Place, SourceId, Sources};
use crate::ground::suggest::{did_you_mean, nearest};

use super::declared::WordFault;
use super::rulebook::Rulebook;
use super::words::{self, example, is_word};

/// The code of a rule that does not come to an end.
pub const RUNAWAY: &str = "runaway-rule";

/// The place of a line and column in a source.
pub fn place_in(sources: &Sources, source: SourceId, position: Position) -> Place {
    let text = sources.get(source);
    let byte = text.byte_at(position.line().unwrap_or(1), position.position().unwrap_or(1));
    let mut bytes = text.word_at(byte);
    if text.text[bytes.clone()] == *"." {
        bytes.end = text.word_at(bytes.end).end;
    }
    Place { source, bytes }
}

/// A sign that a word processor put there.
pub fn pasted_sign(place: &Place, sign: char, name: &str, instead: &str) -> Diagnostic {
    let message = format!("{name} ({sign}, U+{:04X}) was probably pasted from a document", u32::from(sign));
    Diagnostic::error("pasted-sign", message).at(place, format!("type {instead} instead"))
}

/// A comment without an end.
pub fn open_comment(place: &Place) -> Diagnostic {
    Diagnostic::error("open-comment", "this comment is not closed, so the rest of the file would be lost")
        .at(place, "close it with */")
}

/// A word longer than any name.
pub fn long_word(place: &Place) -> Diagnostic {
    Diagnostic::error("long-word", "no name or number has more than 100 characters").at(place, "")
}

/// A line longer than any rule.
pub fn long_line(place: &Place) -> Diagnostic {
    Diagnostic::error("long-line", "this line has more than 20 000 bytes")
        .at(place, "")
        .help("put long lists in a table")
}

/// A call with too many arguments.
pub fn many_arguments(place: &Place) -> Diagnostic {
    Diagnostic::error("many-arguments", "no rule takes more than 100 arguments").at(place, "")
}

/// A number that would be rounded.
pub fn long_number(place: &Place) -> Diagnostic {
    Diagnostic::error("long-number", "a number with more than 28 digits would be rounded").at(place, "")
}

/// `0,3`.
pub fn comma_decimal(place: &Place, written: &str) -> Diagnostic {
    Diagnostic::error("decimal-comma", "numbers in rules have a decimal point")
        .at(place, format!("write {}", written.replace(',', ".")))
}

/// `700 000`.
pub fn space_in_number(place: &Place, written: &str) -> Diagnostic {
    Diagnostic::error("space-in-number", "a number in a rule has no spaces")
        .at(place, format!("write {}", written.replace(' ', "_")))
}

/// `30%`.
pub fn percent_sign(place: &Place, number: &str) -> Diagnostic {
    Diagnostic::error("percent-sign", "the percent sign is not used in rules")
        .at(place, format!("write {number}.percent"))
}

/// A letter of another alphabet.
pub fn lookalike(place: &Place, word: &str, strange: char) -> Diagnostic {
    let message =
        format!("`{word}` has a letter of another alphabet in it: {strange} (U+{:04X})", u32::from(strange));
    Diagnostic::error("lookalike-letter", message).at(place, "type the word again")
}

/// A rule with the name of a word.
pub fn rule_named_as_a_word(place: &Place, name: &str) -> Diagnostic {
    Diagnostic::error(
        "rule-named-as-a-word",
        format!("`{name}` is a word of the language and cannot name a rule"),
    )
    .at(place, "")
    .help("give the rule another name")
}

/// A rule file that imports itself, directly or through others.
pub fn import_cycle(place: &Place, name: &str) -> Diagnostic {
    Diagnostic::error("import-cycle", format!("`{name}` imports itself, directly or through others"))
        .at(place, "")
}

/// The same rule twice.
pub fn double_rule(place: &Place, first: &Place, name: &str) -> Diagnostic {
    Diagnostic::error("double-rule", format!("two rules are called `{name}`"))
        .at(place, "again")
        .also(first, "first here")
}

/// A function that closures of an imported file call, and that another file has as well.
pub fn function_of_closures_twice(place: &Place, other: &Place, name: &str) -> Diagnostic {
    Diagnostic::error("ambiguous-function", format!("closures of this file might call another `{name}`"))
        .at(place, "")
        .also(other, "this one")
        .help("closures see the functions of all files: give one of the two another name")
}

/// The same closure at the same position of two files, whose imports may differ.
pub fn closure_twice(place: &Place, other: &Place) -> Diagnostic {
    Diagnostic::error("ambiguous-closure", "this closure cannot be told from one in another file")
        .at(place, "")
        .also(other, "it has the same text at the same line and column")
        .help("put an empty line before one of the two")
}

/// A statement outside any function.
pub fn loose_statement(place: &Place) -> Diagnostic {
    Diagnostic::error("loose-statement", "a rule file holds functions, and this stands outside of them")
        .at(place, "")
        .help("put it into a function: fn my_rule() { … }")
}

/// A text that does not compile.
pub fn parse_fault(
    place: &Place,
    fault: &ParseError,
    before: &str,
    rulebook: Option<&Rulebook>,
) -> Diagnostic {
    match fault.err_type() {
        ParseErrorType::VariableUndefined(name) => {
            let diagnostic = Diagnostic::error("unknown-word", format!("`{name}` is not known here"));
            if ["year", "measure"].contains(&name.as_str()) {
                let help = format!(
                    "a rule knows its own parameters only: write fn my_rule({name}) and, in the scenario, my_rule({name})"
                );
                return diagnostic.at(place, "").help(help);
            }
            let rules = rulebook.into_iter().flat_map(Rulebook::rules).map(|rule| rule.name.as_str());
            match nearest(name, rules.chain(words::suggestions())) {
                Some(word) if word == name => diagnostic.at(place, format!("write {word}()")),
                Some(word) => diagnostic.at(place, format!("did you mean `{word}()`?")),
                None => diagnostic
                    .at(place, "")
                    .help("put names of parties, drivers and grants in quotation marks"),
            }
        }
        ParseErrorType::DuplicatedProperty(name) => Diagnostic::error(
            "double-key",
            format!("`{name}` stands twice in this list: one of the two values would be lost"),
        )
        .at(place, "again"),
        ParseErrorType::FnDuplicatedDefinition(name, _) => {
            Diagnostic::error("double-rule", format!("two rules are called `{name}`")).at(place, "again")
        }
        ParseErrorType::BadInput(rhai::LexError::UnterminatedString) => {
            Diagnostic::error("open-text", "this text is not closed").at(place, "a quotation mark is missing")
        }
        ParseErrorType::Reserved(word) if word != "switch" && word.starts_with(char::is_alphabetic) => {
            Diagnostic::error("rule-grammar", format!("`{word}` is a reserved word, and rules cannot use it"))
                .at(place, "")
                .help(format!("where it is meant as a name, choose another one, such as {word}_key"))
        }
        other => {
            if ["'switch'", "'**'"].iter().any(|word| other.to_string().contains(word)) {
                return Diagnostic::error(
                    "rule-grammar",
                    "`switch` and powers are not used in rules, since they are not exact",
                )
                .at(place, "")
                .help("write if … { … } else if … { … } else { … }, or multiply");
            }
            if other.to_string().contains("'#'") {
                return Diagnostic::error("rule-grammar", "a comment starts with // and not with #")
                    .at(place, "");
            }
            let comma_decimal = before.trim_end().ends_with(',');
            let help = if comma_decimal {
                "numbers have a decimal point: 0.3"
            } else {
                "compare brackets, commas and semicolons up to this place"
            };
            Diagnostic::error(
                "rule-grammar",
                format!("the rule cannot be read: {}", sentence(&other.to_string())),
            )
            .at(place, "")
            .help(help)
        }
    }
}

/// A fault while a rule ran: at the innermost word, with the calls that led there.
pub fn script_fault(
    fault: &EvalAltResult,
    sources: &Sources,
    outer: Option<SourceId>,
    rulebook: &Rulebook,
) -> Diagnostic {
    let mut calls = Vec::new();
    let mut source = outer;
    let mut innermost = fault;
    while let EvalAltResult::ErrorInFunctionCall(name, inner_source, inner, position) = innermost {
        if let Some(source) = source {
            calls.push((place_in(sources, source, *position), name.clone()));
        }
        source = sources.by_name(inner_source).or(source);
        innermost = inner;
    }
    let mut diagnostic = describe(innermost, rulebook);
    if innermost.position().is_none()
        && let Some((place, name)) = calls.pop()
    {
        diagnostic = diagnostic.at(&place, format!("in `{name}`"));
    } else if let Some(source) = source {
        let place = place_in(sources, source, innermost.position());
        let remark = if diagnostic.help.first().is_some_and(|help| help.starts_with("did you mean")) {
            diagnostic.help.remove(0)
        } else {
            String::new()
        };
        diagnostic = diagnostic.at(&place, remark);
    }
    let named = calls.into_iter().filter(|(_, name)| !name.starts_with("anon$"));
    named.fold(diagnostic, |diagnostic, (place, name)| {
        diagnostic.also(&place, format!("`{name}` is called here"))
    })
}

fn describe(fault: &EvalAltResult, rulebook: &Rulebook) -> Diagnostic {
    match fault {
        EvalAltResult::ErrorRuntime(value, _) => match value.clone().try_cast::<WordFault>() {
            Some(word) if word.help.is_empty() => Diagnostic::error(word.code, word.message),
            Some(word) => Diagnostic::error(word.code, word.message).help(word.help),
            None => Diagnostic::error("rule-threw", format!("the rule gave up: {value}")),
        },
        EvalAltResult::ErrorFunctionNotFound(signature, _) => unknown_function(signature, rulebook),
        EvalAltResult::ErrorTooManyOperations(_) | EvalAltResult::ErrorTerminated(..) => {
            Diagnostic::error(RUNAWAY, "this rule does not come to an end")
                .help("is there a loop without an end?")
        }
        EvalAltResult::ErrorStackOverflow(_) => {
            Diagnostic::error(RUNAWAY, "this rule calls itself without end")
        }
        EvalAltResult::ErrorVariableNotFound(name, _) => {
            Diagnostic::error("unknown-word", format!("`{name}` is not known here"))
                .help(did_you_mean(name, words::suggestions()))
        }
        EvalAltResult::ErrorPropertyNotFound(name, _) => {
            Diagnostic::error("unknown-word", format!("there is no `{name}` here"))
        }
        other => {
            let text = other.to_string();
            let word = text.split('\'').nth(1).filter(|word| text.contains("getter") && is_word(word));
            if let Some(word) = word {
                return Diagnostic::error("rule-failed", format!("`{word}` needs brackets"))
                    .help(format!("as in {}", example(word).unwrap_or_default()));
            }
            let text = text.rsplit_once(" (line").map_or(text.as_str(), |(message, _)| message);
            Diagnostic::error("rule-failed", format!("the rule failed: {}", sentence(text)))
        }
    }
}

fn unknown_function(signature: &str, rulebook: &Rulebook) -> Diagnostic {
    let (name, arguments) = signature.split_once(" (").unwrap_or((signature, ")"));
    let arguments = arguments.trim_end_matches(')');
    let rules = rulebook.rules().map(|rule| rule.name.as_str());
    if let Some(rule) = rulebook.rule(name) {
        let takes = rule.parameters.join(", ");
        return Diagnostic::error(
            "wrong-arguments",
            format!("`{name}` does not take ({})", people_words(arguments)),
        )
        .help(format!("it is written {name}({takes})"));
    }
    if is_word(name) || !name.starts_with(|sign: char| sign.is_alphabetic()) {
        let diagnostic = Diagnostic::error(
            "wrong-arguments",
            format!("`{name}` cannot be used with ({})", people_words(arguments)),
        );
        let on_a_draw = arguments.starts_with("draw") && ["at_most", "at_least", "within"].contains(&name);
        if on_a_draw {
            return diagnostic.help("a draw has a ceiling: .up_to(700_000)");
        }
        return diagnostic.help(match example(name) {
            Some(example) => format!("it is used as in {example}"),
            None => "numbers are calculated with numbers, and keys with keys".to_owned(),
        });
    }
    if let Some(property) = name.strip_prefix("get$") {
        return Diagnostic::error("unknown-word", format!("there is no `{property}` here"));
    }
    if name.starts_with("anon$") {
        let message = "what is written as |p| … takes one parameter, the party";
        return Diagnostic::error("wrong-arguments", message).help("as in by(|p| 2 * p.inhabitants)");
    }
    Diagnostic::error("unknown-word", format!("there is no rule or word `{name}`"))
        .help(did_you_mean(name, rules.chain(words::suggestions())))
}

/// Type names of the script engine as words for people.
pub(super) fn people_words(types: &str) -> String {
    let words = types.split(", ").map(|name| match name {
        "i64" | "decimal" | "number" => "number",
        name if name.contains("String") || name.contains("str") => "text",
        "map" => "#{…}",
        "array" => "[…]",
        "Fn" => "|p| …",
        name if name == "range" || name.contains("Range") => "a range",
        "()" => "nothing",
        "key" => "a key",
        "draw" => "a draw",
        "carry-over" => "a carry-over",
        "payment" => "a payment",
        "indexing" => "an indexing",
        "bool" => "true or false",
        name => name,
    });
    words.collect::<Vec<_>>().join(", ")
}

fn sentence(text: &str) -> String {
    let mut signs = text.chars();
    signs.next().map(|first| first.to_lowercase().chain(signs).collect()).unwrap_or_default()
}
