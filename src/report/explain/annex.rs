//! Certificates as plain text, fit for an annex to a council paper: numbered lines of 78 characters at most, no
//! drawing, the document's title at the top and its seal at the end.

use crate::engine::walk::Outcome;
use crate::ground::source::Sources;
use crate::report::language::{Language, say};

use super::node::Node;

/// How many characters a line has at most.
const WIDTH: usize = 78;
/// Numbers of lines are indented by so many characters a level.
const INDENT: usize = 2;
/// Deeper levels are not indented any more, so that there is room for words.
const LEVELS_INDENTED: usize = 6;

/// Writes certificates; `seals` are those of the rules and of the data.
pub fn write(
    nodes: &[Node],
    outcome: &Outcome,
    sources: &Sources,
    seals: &(String, String),
    language: Language,
) -> String {
    let scenario = &outcome.scenario;
    let mut text = wrapped(&scenario.title, "", "");
    if let Some(source) = &scenario.source {
        text.push_str(&wrapped(source, "", ""));
    }
    for node in nodes {
        let head = wrapped(&node.text, "", "");
        let width = head.lines().map(|line| line.chars().count()).max().unwrap_or(0);
        text.push_str(&format!("\n{head}{}\n\n", "-".repeat(width)));
        write_under(node, "", 0, sources, &mut text);
    }
    let (rules, data) = seals;
    let version = env!("CARGO_PKG_VERSION");
    text.push_str(&say!(
        language,
        "\nregler {rules} · data {data} · fordel {version}\n",
        "\nreglar {rules} · data {data} · fordel {version}\n",
        "\nrules {rules} · data {data} · fordel {version}\n",
    ));
    text
}

fn write_under(node: &Node, number: &str, level: usize, sources: &Sources, out: &mut String) {
    for (index, child) in node.under.iter().enumerate() {
        let number =
            if number.is_empty() { format!("{}", index + 1) } else { format!("{number}.{}", index + 1) };
        let indent = " ".repeat(INDENT * level.min(LEVELS_INDENTED));
        let first = format!("{indent}{number} ");
        let place = child.place.as_ref().map(|place| format!(" [{}]", sources.locate_line(place)));
        let line = format!("{}{}", child.text, place.unwrap_or_default());
        let rest = " ".repeat(first.chars().count());
        out.push_str(&wrapped(&line, &first, &rest));
        write_under(child, &number, level + 1, sources, out);
    }
}

/// A text in lines that are short enough; `first` stands before the first line and `rest` before the others.
fn wrapped(text: &str, first: &str, rest: &str) -> String {
    let mut lines = String::new();
    let mut line = first.to_owned();
    let mut has_words = false;
    for word in text.split(' ') {
        if has_words && line.chars().count() + 1 + word.chars().count() > WIDTH {
            lines.push_str(line.trim_end());
            lines.push('\n');
            line = rest.to_owned();
            has_words = false;
        }
        if has_words {
            line.push(' ');
        }
        line.push_str(word);
        has_words = true;
    }
    lines.push_str(line.trim_end());
    lines.push('\n');
    lines
}
