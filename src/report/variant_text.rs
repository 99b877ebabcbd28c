//! What a run was changed by, under the title of its report: the scenario and the variants it stands on, who says so and
//! why, and everything that is not as in the scenario.

use crate::model::variant_file::VariantFile;
use crate::whatif::alteration::Alteration;

use super::alteration_text;
use super::language::Language;

/// What a run was changed by.
#[derive(Clone, Debug)]
pub struct Changed {
    /// The title of the scenario, and its folder.
    pub scenario: (String, String),
    /// The variants that stand on it, the one nearest to it first.
    pub variants: Vec<VariantFile>,
    /// What was set for this once, as typed.
    pub set: Vec<String>,
    /// What is not as in the scenario.
    pub alterations: Vec<Alteration>,
}

/// Writes what a run was changed by.
pub fn write(changed: &Changed, width: usize) -> String {
    let (title, folder) = &changed.scenario;
    let below = changed.variants.iter().rev().skip(1);
    let below = below.map(|variant| format!("{} ({})", variant.title.value, variant.name));
    let chain: Vec<String> = below.chain([format!("{title} ({folder})")]).collect();
    let mut text = match changed.variants.is_empty() {
        true => String::new(),
        false => format!("A variant of {}\n", chain.join(",\n        and that of ")),
    };
    for note in changed.variants.last().map(notes).unwrap_or_default() {
        text.push_str(&format!("{note}\n"));
    }
    for set in &changed.set {
        text.push_str(&format!("--set {set}\n"));
    }
    text.push_str(&alteration_text::write(&changed.alterations, width, Language::English));
    text
}

/// Who made a variant and why, a line each; the document it is from is the source of the scenario that it gives.
pub fn notes(variant: &VariantFile) -> Vec<String> {
    let author = variant.author.as_ref().map(|author| format!("By {author}"));
    author.into_iter().chain(variant.reason.clone()).collect()
}
