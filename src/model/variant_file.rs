//! Variant files: a base, what is changed in it, and who says so and why. A base is a scenario or another variant, so
//! variants stand on each other; the way down ends at a scenario.

use crate::ground::diagnostic::Diagnostics;
use crate::ground::source::{Place, SourceId, Spanned};

use super::change::{Change, What};
use super::decode::Decoder;
use super::inputs::{Found, Inputs, ReadFault, TextKind};
use super::ron_tree::{self, Node};
use super::{change_faults, change_file, faults};

/// How many variants may stand on each other.
const VARIANTS_MAX: usize = 32;

/// A variant file.
#[derive(Clone, Debug)]
pub struct VariantFile {
    /// Its name, as a person would type it.
    pub name: String,
    /// What it is called.
    pub title: Spanned<String>,
    /// Who made it.
    pub author: Option<String>,
    /// The document it is from.
    pub reference: Option<String>,
    /// Why it is looked at.
    pub reason: Option<String>,
    /// What it is a variant of: a path from its own folder.
    pub base: Spanned<String>,
    /// What is changed, in order; the title and the document before all else.
    pub changes: Vec<Change>,
}

/// A scenario and the variants that stand on it.
#[derive(Clone, Debug)]
pub struct Stack {
    /// The folder of the scenario.
    pub scenario: String,
    /// The variants, the one nearest to the scenario first.
    pub variants: Vec<VariantFile>,
}

/// Where scenarios and variants are found. The command line brings the disk, tests bring maps.
pub trait Library {
    /// What is at a path that is written in the file `named_in`, or typed where there is none.
    ///
    /// # Errors
    /// [`ReadFault`] when there is neither a scenario nor a file.
    fn open(&self, path: &str, named_in: Option<&str>) -> Result<Opened, ReadFault>;
}

/// What is at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opened {
    /// A scenario: the path of its folder.
    Scenario(String),
    /// A file, which should be a variant.
    Variant(Found),
}

impl Stack {
    /// Reads a variant and what it stands on. Faults go to `found`; where there are any, there is no stack.
    pub fn read(
        library: &dyn Library,
        typed: &str,
        inputs: &mut Inputs,
        found: &mut Diagnostics,
    ) -> Option<Stack> {
        let errors_before = found.error_count();
        let mut variants: Vec<VariantFile> = Vec::new();
        loop {
            let named_in = variants.last();
            let path = named_in.map_or(typed, |variant| variant.base.value.as_str());
            let place = named_in.map(|variant| variant.base.place.clone());
            match library.open(path, named_in.map(|variant| variant.name.as_str())) {
                Err(fault) => {
                    found.push(change_faults::unreadable_base(path, &fault, place.as_ref()));
                    return None;
                }
                Ok(Opened::Scenario(scenario)) => {
                    variants.reverse();
                    return (found.error_count() == errors_before).then_some(Stack { scenario, variants });
                }
                Ok(Opened::Variant(file)) => {
                    let circle = variants.iter().position(|variant| variant.name == file.shown_name);
                    if let (Some(start), Some(place)) = (circle, &place) {
                        let names = variants[start..].iter().map(|variant| variant.name.as_str());
                        found.push(change_faults::circle_of_bases(place, &names.collect::<Vec<_>>()));
                        return None;
                    }
                    if let Some(place) = place.as_ref().filter(|_| variants.len() >= VARIANTS_MAX) {
                        found.push(change_faults::too_many_variants(place, VARIANTS_MAX));
                        return None;
                    }
                    let source = inputs.add_file(&file, TextKind::Scenario, place.as_ref());
                    let source = found.take(source)?;
                    variants.push(VariantFile::read(inputs, source, found)?);
                }
            }
        }
    }

    /// All changes, those of the variant nearest to the scenario first.
    pub fn changes(&self) -> impl Iterator<Item = &Change> {
        self.variants.iter().flat_map(|variant| &variant.changes)
    }
}

impl VariantFile {
    /// Reads a variant file. Faults go to `found`; without a base that can be read there is no variant.
    pub fn read(inputs: &Inputs, source: SourceId, found: &mut Diagnostics) -> Option<VariantFile> {
        let text = inputs.sources.get(source);
        let node = match ron_tree::parse(&text.text) {
            Ok(node) => node,
            Err(fault) => {
                found.push(faults::grammar("the variant file", source, &text.text, &fault));
                return None;
            }
        };
        let mut decoder = Decoder::new(source);
        let variant = variant(&mut decoder, &node, &text.name);
        found.append(decoder.faults);
        variant
    }
}

fn variant(d: &mut Decoder, node: &Node, name: &str) -> Option<VariantFile> {
    let known = ["base", "title", "author", "reference", "reason", "changes"];
    let fields = d.fields(node, "a variant", &known)?;
    let base = fields.required(d, "base", Decoder::text);
    let title = fields.required(d, "title", Decoder::name);
    let author = fields.optional(d, "author", Decoder::text);
    let reference = fields.optional(d, "reference", Decoder::text);
    let reason = fields.optional(d, "reason", Decoder::text);
    let changes = fields.required(d, "changes", |d, node| d.list(node, change_file::change));
    let base = base?;
    let title = title.unwrap_or_else(|| Spanned { value: String::new(), place: base.place.clone() });
    let text = |text: Option<Option<Spanned<String>>>| text.flatten().map(|text| text.value);
    let reference = text(reference);
    let whole = Place { bytes: title.place.bytes.clone(), ..base.place.clone() };
    let named = Change { what: What::Title(title.value.clone(), reference.clone()), place: whole };
    Some(VariantFile {
        name: name.to_owned(),
        author: text(author),
        reference,
        reason: text(reason),
        base,
        changes: std::iter::once(named).chain(changes.unwrap_or_default()).collect(),
        title,
    })
}
