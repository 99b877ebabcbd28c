//! Faults and notices as text: `file:line:column`, the line with marks under it, the remedy.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use crate::ground::diagnostic::{Diagnostic, Diagnostics, Severity};
use crate::ground::source::Sources;

/// How many faults are shown; more of them have one cause.
const SHOWN_MAX: usize = 30;

/// Writes all faults and notices, faults first.
pub fn write(diagnostics: &Diagnostics, sources: &Sources, colour: bool) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let mut all: Vec<&Diagnostic> = diagnostics.iter().collect();
    all.sort_by_key(|diagnostic| diagnostic.severity);
    let mut text = String::new();
    for diagnostic in all.iter().take(SHOWN_MAX) {
        text.push_str(&renderer.render(&[group(diagnostic, sources)]));
        text.push_str("\n\n");
    }
    if all.len() > SHOWN_MAX {
        text.push_str(&format!("and {} more\n\n", all.len() - SHOWN_MAX));
    }
    text
}

/// Writes a single fault or notice, plain.
pub fn one(diagnostic: &Diagnostic, sources: &Sources) -> String {
    Renderer::plain().render(&[group(diagnostic, sources)]).to_string()
}

fn group<'d>(diagnostic: &'d Diagnostic, sources: &'d Sources) -> Group<'d> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Notice => Level::NOTE,
    };
    let title = level.primary_title(visible(&diagnostic.message)).id(diagnostic.code);
    let mut group = Group::with_title(title);
    if let Some((place, remark)) = &diagnostic.place {
        let source = sources.get(place.source);
        let mut mark = AnnotationKind::Primary.span(source.whole_signs(&place.bytes));
        if !remark.is_empty() {
            mark = mark.label(visible(remark));
        }
        let mut snippet = Snippet::source(source.text.as_str()).path(source.name.as_str()).annotation(mark);
        for (other, remark) in diagnostic.related.iter().filter(|(other, _)| other.source == place.source) {
            snippet = snippet.annotation(
                AnnotationKind::Context.span(source.whole_signs(&other.bytes)).label(visible(remark)),
            );
        }
        group = group.element(snippet);
        for (other, remark) in diagnostic.related.iter().filter(|(other, _)| other.source != place.source) {
            let source = sources.get(other.source);
            let mark = AnnotationKind::Context.span(source.whole_signs(&other.bytes)).label(visible(remark));
            group = group
                .element(Snippet::source(source.text.as_str()).path(source.name.as_str()).annotation(mark));
        }
    }
    let help = diagnostic.help.iter().map(|sentence| Level::HELP.message(visible(sentence)));
    group.elements(help)
}

/// Text that comes from files, with control signs and signs that turn the writing direction made visible.
pub fn visible(text: &str) -> String {
    let shown = |sign: char| {
        let turns = ('\u{202a}'..='\u{202e}').contains(&sign) || ('\u{2066}'..='\u{2069}').contains(&sign);
        if sign.is_control() || turns { sign.escape_unicode().to_string() } else { sign.to_string() }
    };
    text.chars().map(shown).collect()
}
