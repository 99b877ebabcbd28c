//! `fordel explain`: the certificate of any figure.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use crate::engine::walk::Outcome;
use crate::ground::diagnostic::{Diagnostic, Diagnostics};
use crate::model::inputs::Inputs;
use crate::report::diagnostic_text;
use crate::report::explain::node::Node;
use crate::report::explain::question::{self, Question};
use crate::report::explain::{Case, annex, certificate, certificate_json, tree};
use crate::report::figures::Figures;
use crate::report::language::Language;

use super::subject::SubjectArguments;
use super::{output, terminal};

/// What `fordel explain` is asked.
#[derive(Args)]
pub struct ExplainArguments {
    #[command(flatten)]
    of: SubjectArguments,
    /// Whose share: the id, name or number of a party; alone: all that it pays
    #[arg(long, value_name = "P")]
    party: Option<String>,
    /// Of which measure, by id or title; alone: the whole measure
    #[arg(long, value_name = "M")]
    measure: Option<String>,
    /// What the measure drew on this grant or reserve
    #[arg(long, value_name = "SOURCE")]
    from: Option<String>,
    /// The year of a grant, award by award
    #[arg(long, value_name = "G")]
    grant: Option<String>,
    /// The year of a reserve
    #[arg(long, value_name = "R")]
    reserve: Option<String>,
    /// Any figure of `fordel run --format csv`, by its word: net, settlement, carried …
    #[arg(long, value_name = "NAME")]
    figure: Option<String>,
    /// What stands in its column subject, with --figure
    #[arg(long, value_name = "S")]
    subject: Option<String>,
    /// In which year; without it in every year, and `all` for the sum over all years
    #[arg(long)]
    year: Option<String>,
    /// How to write it; without it the ending of --out decides, else a tree
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// In which language
    #[arg(long, value_enum, default_value_t = Lang::En)]
    lang: Lang,
    /// Write to this file (.txt or .json) instead of the terminal
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// How a certificate is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For reading on a screen
    Tree,
    /// Numbered lines, for an annex to a paper
    Text,
    /// For other programs, schema fordel.explain/1
    Json,
}

/// The language of an explanation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Lang {
    /// Bokmål
    Nb,
    /// Nynorsk
    Nn,
    /// English
    En,
}

impl Lang {
    fn language(self) -> Language {
        match self {
            Lang::Nb => Language::Bokmaal,
            Lang::Nn => Language::Nynorsk,
            Lang::En => Language::English,
        }
    }
}

/// Explains figures; whether there was anything to explain.
pub fn explain(arguments: &ExplainArguments) -> bool {
    let Some(format) = format_of(arguments.format, arguments.out.as_deref()) else { return false };
    let asked = &arguments.of;
    let Some(subject) = terminal::open_aloud(&asked.scenario, &asked.set) else { return false };
    let walked = terminal::walk_aloud(&subject);
    let Some(outcome) = &walked.outcome else { return false };
    match write(arguments, outcome, &walked.inputs, format) {
        Ok(text) => match &arguments.out {
            None => {
                terminal::print(&text);
                true
            }
            Some(path) => output::write_out(path, &subject.folders(), &text, "explanation"),
        },
        Err(fault) => {
            let mut found = Diagnostics::default();
            found.push(fault);
            terminal::tell(&diagnostic_text::write(&found, &walked.inputs.sources, terminal::colour()));
            false
        }
    }
}

fn write(
    arguments: &ExplainArguments,
    outcome: &Outcome,
    inputs: &Inputs,
    format: Format,
) -> Result<String, Diagnostic> {
    let too_large = |fault: crate::ground::money::TooLarge| {
        Diagnostic::error("amount-too-large", format!("a total: {fault}"))
    };
    let question = Question {
        party: arguments.party.clone(),
        measure: arguments.measure.clone(),
        grant: arguments.grant.clone(),
        reserve: arguments.reserve.clone(),
        from: arguments.from.clone(),
        figure: arguments.figure.clone(),
        subject: arguments.subject.clone(),
        year: arguments.year.clone(),
    };
    let figures = Figures::of_some(outcome, &question::scope(&question, outcome)).map_err(too_large)?;
    let language = arguments.lang.language();
    let case = Case { outcome, inputs, figures: &figures, language };
    let mut nodes: Vec<Node> = Vec::new();
    for key in question::figures(&question, outcome, &figures)? {
        nodes.extend(certificate(&case, &key).map_err(too_large)?);
    }
    let (sources, seals) = (&inputs.sources, inputs.seals());
    Ok(match format {
        Format::Tree => nodes.iter().map(|node| tree::write(node, sources)).collect::<Vec<_>>().join("\n"),
        Format::Text => annex::write(&nodes, outcome, sources, &seals, language),
        Format::Json => certificate_json::write(&nodes, outcome, sources, &seals),
    })
}

fn format_of(format: Option<Format>, out: Option<&Path>) -> Option<Format> {
    let Some(path) = out else { return Some(format.unwrap_or(Format::Tree)) };
    let of_ending = match path.extension().and_then(|ending| ending.to_str()) {
        Some("txt") => Some(Format::Text),
        Some("json") => Some(Format::Json),
        _ => None,
    };
    let shown = path.display();
    match (format, of_ending) {
        // A tree is text as well.
        (Some(Format::Tree), Some(Format::Text)) => Some(Format::Tree),
        (Some(format), Some(ending)) if format != ending => {
            terminal::tell(&format!(
                "error[two-formats]: the ending of {shown} says another format than --format\n"
            ));
            None
        }
        (None, None) => {
            let help = "end it in .txt or .json, or add --format";
            terminal::tell(&format!(
                "error[unknown-format]: the ending of {shown} says no format\n  help: {help}\n"
            ));
            None
        }
        (format, ending) => format.or(ending),
    }
}
