//! The rule files of a run, compiled: their functions with documentation, and what calls what.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rhai::{AST, ASTNode, Engine, Expr, Module, Position, Scope, Shared, Stmt};

use crate::ground::diagnostic::{Diagnostic, Diagnostics};
use crate::ground::source::{Place, SourceId, Spanned};
use crate::model::inputs::{Inputs, Shelf, TextKind};

use super::imports::{ImportedFiles, imports_of};
use super::plain_call::PlainCall;
use super::{faults, prescan};

/// How many rules that only pass on another are looked through; more are a circle.
const PASSED_ON_MAX: usize = 32;

/// A function of a rule file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its name.
    pub name: String,
    /// Its parameters.
    pub parameters: Vec<String>,
    /// Its documentation, without the slashes, a line each.
    pub documentation: Vec<String>,
    /// The line that defines it.
    pub place: Place,
    /// The byte after its last.
    pub end: usize,
    /// The functions it calls or hands on, by name; among them may be names of its own variables.
    pub calls: BTreeSet<String>,
    /// The rule without parameters that it only passes on, where it does nothing else.
    passes_on: Option<String>,
}

/// All rules of a run.
#[derive(Clone, Debug, Default)]
pub struct Rulebook {
    /// The files, in order.
    pub files: Vec<RuleFile>,
    /// The closures of imported files with the functions that they call, which the engine finds only when they are
    /// called together with it.
    pub imported_closures: AST,
    /// The rules of imported files.
    pub imported: Arc<[Rule]>,
    /// By name: the files and the positions in them of the rules that have it, in order.
    by_name: Arc<BTreeMap<String, Vec<(usize, usize)>>>,
}

/// A rule file, compiled.
#[derive(Clone, Debug)]
pub struct RuleFile {
    /// Its text.
    pub source: SourceId,
    /// Its rules, in order.
    pub rules: Arc<[Rule]>,
    /// What any of its rules calls, by name.
    calls: Arc<BTreeSet<String>>,
    /// Its functions, as the engine calls them.
    module: Shared<Module>,
    /// Whether it imports others.
    pub has_imports: bool,
}

impl Rulebook {
    /// Reads, looks at, compiles and registers the rule files of a scenario and what they import.
    pub fn load(
        files: &[Spanned<String>],
        shelf: &dyn Shelf,
        inputs: &mut Inputs,
        engine: &mut Engine,
        found: &mut Diagnostics,
    ) -> Rulebook {
        let errors_before = found.error_count();
        let mut rulebook = Rulebook::default();
        let mut compiled: Vec<(SourceId, AST)> = Vec::new();
        let mut imported = ImportedFiles::default();
        for file in files {
            let read = inputs.read(shelf, &file.value, TextKind::Rules, Some(&file.place));
            let Some(source) = found.take(read) else { continue };
            if compiled.iter().any(|(known, _)| *known == source) {
                continue;
            }
            if let Some(ast) = compile(source, inputs, engine, found) {
                let rules = rules_of(&ast, source, inputs);
                let rules = rulebook.index(rulebook.files.len(), rules, found);
                let has_imports = !imports_of(&ast).is_empty();
                rulebook
                    .files
                    .push(RuleFile { has_imports, ..RuleFile::new(source, rules, Shared::default()) });
                imported.collect(&ast, &mut vec![source], shelf, inputs, engine, found);
                compiled.push((source, ast));
            }
        }
        if found.error_count() > errors_before {
            return rulebook;
        }
        imported.check_closures(&compiled, inputs, found);
        if found.error_count() > errors_before {
            return rulebook;
        }
        rulebook.imported = std::mem::take(&mut imported.rules).into();
        rulebook.imported_closures = imported.closures();
        engine.set_module_resolver(imported);
        let modules = compiled.iter().map(|(source, ast)| module(*source, ast, inputs, engine, &rulebook));
        let modules: Vec<_> = modules.collect();
        for (file, made) in rulebook.files.iter_mut().zip(modules) {
            if let Some(module) = found.take(made) {
                engine.register_global_module(Shared::clone(&module));
                file.module = module;
            }
        }
        rulebook
    }

    /// The rulebook with another text for one of its files, which imports nothing; the engine gets all rules. None
    /// where the new text has faults, or names that only a rulebook loaded from the start can judge.
    pub fn with_file(
        &self,
        source: SourceId,
        inputs: &Inputs,
        engine: &mut Engine,
        found: &mut Diagnostics,
    ) -> Option<Rulebook> {
        let position = self.files.iter().position(|file| file.source == source)?;
        let ast = compile(source, inputs, engine, found)?;
        let mut rulebook = self.clone();
        let mut rules = rules_of(&ast, source, inputs);
        let signatures =
            |rules: &[Rule]| rules.iter().map(|rule| (rule.name.clone(), rule.parameters.len())).collect();
        let (old, new): (Vec<_>, Vec<_>) = (signatures(&self.files[position].rules), signatures(&rules));
        if old != new {
            let by_name = Arc::make_mut(&mut rulebook.by_name);
            by_name.values_mut().for_each(|rules| rules.retain(|(file, _)| *file != position));
            let errors_before = found.error_count();
            rules = rulebook.index(position, rules, found);
            if found.error_count() > errors_before {
                return None;
            }
        }
        if !imports_of(&ast).is_empty() {
            return None;
        }
        let module = found.take(module(source, &ast, inputs, engine, &rulebook))?;
        rulebook.files[position] = RuleFile::new(source, rules, module);
        for file in &rulebook.files {
            engine.register_global_module(Shared::clone(&file.module));
        }
        Some(rulebook)
    }

    /// The names of all rules that are not the same in another rulebook, of those that call them, and so on.
    pub fn changed(&self, inputs: &Inputs, other: &Rulebook, other_inputs: &Inputs) -> BTreeSet<String> {
        let text = |rule: &Rule, inputs: &Inputs| {
            inputs.sources.get(rule.place.source).text[rule.place.bytes.start..rule.end].to_owned()
        };
        let mut changed = BTreeSet::new();
        for (own, others) in self.files.iter().zip(&other.files) {
            if Arc::ptr_eq(&own.rules, &others.rules) {
                continue;
            }
            let same = |rule: &Rule, rules: &[Rule], inputs_of: (&Inputs, &Inputs)| {
                rules.iter().any(|known| known == rule && text(rule, inputs_of.0) == text(known, inputs_of.1))
            };
            let gone = own.rules.iter().filter(|rule| !same(rule, &others.rules, (inputs, other_inputs)));
            let new = others.rules.iter().filter(|rule| !same(rule, &own.rules, (other_inputs, inputs)));
            changed.extend(gone.chain(new).map(|rule| rule.name.clone()));
        }
        loop {
            let calls = |rule: &&Rule| rule.calls.iter().any(|name| changed.contains(name));
            // A file that is the same has its rules in both.
            let own = self
                .files
                .iter()
                .zip(&other.files)
                .filter(|(own, others)| !Arc::ptr_eq(&own.rules, &others.rules));
            let may_call = |file: &&RuleFile| changed.iter().any(|name| file.calls.contains(name));
            let more: Vec<String> = own
                .map(|(own, _)| own)
                .chain(&other.files)
                .filter(may_call)
                .flat_map(|file| file.rules.iter())
                .filter(|rule| !changed.contains(&rule.name))
                .filter(calls)
                .map(|rule| rule.name.clone())
                .collect();
            if more.is_empty() {
                return changed;
            }
            changed.extend(more);
        }
    }

    /// All rules, in the order of the files and in them.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.files.iter().flat_map(|file| file.rules.iter())
    }

    /// The rule of a name.
    pub fn rule(&self, name: &str) -> Option<&Rule> {
        let (file, position) = self.by_name.get(name)?.first()?;
        Some(&self.files[*file].rules[*position])
    }

    /// Whether any file imports others.
    pub fn has_imports(&self) -> bool {
        self.files.iter().any(|file| file.has_imports)
    }

    /// Whether there is a rule of a name with so many parameters.
    pub fn has_rule(&self, name: &str, parameters: usize) -> bool {
        let rules = self.by_name.get(name).into_iter().flatten();
        rules
            .map(|(file, position)| &self.files[*file].rules[*position])
            .any(|rule| rule.parameters.len() == parameters)
    }

    /// The rule that a place is in, also one of an imported file.
    pub fn rule_at(&self, place: &Place) -> Option<&Rule> {
        let holds = |rule: &&Rule| {
            let bytes = rule.place.bytes.start..rule.end;
            rule.place.source == place.source && bytes.contains(&place.bytes.start)
        };
        self.rules().chain(self.imported.iter()).find(holds)
    }

    /// Whether an expression calls no rule, and so says everything itself.
    pub fn calls_no_rule(&self, expression: &str) -> bool {
        words(expression).all(|word| self.rule(word).is_none())
    }

    /// The call that comes to the same as an expression which only calls a rule that passes on another one.
    pub fn passed_on(&self, expression: &str) -> Option<String> {
        let called = PlainCall::read(expression).and_then(PlainCall::bare_name)?;
        let next = |name: &str| {
            let passed_on = self.rule(name).filter(|rule| rule.parameters.is_empty())?.passes_on.as_ref()?;
            self.has_rule(passed_on, 0).then_some(passed_on)
        };
        let last = std::iter::successors(next(&called), |name| next(name)).take(PASSED_ON_MAX).last()?;
        Some(format!("{last}()"))
    }

    /// The rules that an expression calls, directly or through other rules, the direct ones first; also those of
    /// imported files.
    pub fn rules_called(&self, expression: &str) -> Vec<&Rule> {
        let imported = |name: &str| self.imported.iter().find(|rule| rule.name == name);
        let mut called: Vec<&Rule> = Vec::new();
        let mut waiting: Vec<&str> = words(expression).collect();
        let mut next = 0;
        while next < waiting.len() {
            if let Some(rule) = self.rule(waiting[next]).or_else(|| imported(waiting[next]))
                && !called.contains(&rule)
            {
                called.push(rule);
                waiting.extend(rule.calls.iter().map(String::as_str));
            }
            next += 1;
        }
        called
    }

    /// Lists the rules of a file, which is to have this position, by name; gives those that nobody has yet.
    fn index(&mut self, position: usize, listed: Vec<Rule>, found: &mut Diagnostics) -> Vec<Rule> {
        let mut rules: Vec<Rule> = Vec::new();
        for rule in listed {
            if super::words::is_word(&rule.name) {
                found.push(faults::rule_named_as_a_word(&rule.place, &rule.name));
            }
            let arity = rule.parameters.len();
            let alike = |known: &&Rule| known.name == rule.name && known.parameters.len() == arity;
            let named = self.by_name.get(&rule.name).into_iter().flatten();
            let mut named = named.map(|(file, at)| match *file == position {
                true => &rules[*at],
                false => &self.files[*file].rules[*at],
            });
            let first = named.find(alike);
            if let Some(first) = first {
                found.push(faults::double_rule(&rule.place, &first.place, &rule.name));
                continue;
            }
            let named = Arc::make_mut(&mut self.by_name).entry(rule.name.clone()).or_default();
            named.push((position, rules.len()));
            named.sort_unstable();
            rules.push(rule);
        }
        rules
    }
}

impl RuleFile {
    /// A file that imports no others.
    fn new(source: SourceId, rules: Vec<Rule>, module: Shared<Module>) -> RuleFile {
        let calls = rules.iter().flat_map(|rule| rule.calls.iter().cloned()).collect();
        RuleFile { source, rules: rules.into(), calls: Arc::new(calls), module, has_imports: false }
    }
}

/// The functions of a file as the engine calls them.
fn module(
    source: SourceId,
    ast: &AST,
    inputs: &Inputs,
    engine: &Engine,
    rulebook: &Rulebook,
) -> Result<Shared<Module>, Diagnostic> {
    let made = Module::eval_ast_as_new(Scope::new(), ast, engine);
    made.map(Shared::new)
        .map_err(|fault| faults::script_fault(&fault, &inputs.sources, Some(source), rulebook))
}

/// The rules of a compiled file, in order.
pub(super) fn rules_of(ast: &AST, source: SourceId, inputs: &Inputs) -> Vec<Rule> {
    let text = inputs.sources.get(source);
    let named = names_in(ast);
    let comments: BTreeMap<(&str, usize), Vec<String>> = ast
        .iter_functions()
        .map(|known| {
            let lines = known.comments.iter().flat_map(|comment| comment_lines(comment)).collect();
            ((known.name, known.params.len()), lines)
        })
        .collect();
    let lines = text.lines();
    let byte =
        |position: Position| lines.byte_at(position.line().unwrap_or(1), position.position().unwrap_or(1));
    let mut rules: Vec<Rule> = Vec::new();
    for function in ast.iter_fn_def().filter(|function| !function.name.starts_with("anon$")) {
        let body = byte(function.body.start_position());
        let line_start = text.text[..body].rfind('\n').map_or(0, |newline| newline + 1);
        // After `fn`, in which a rule named `n` would be found as well.
        let after_fn = text.text[line_start..body].find("fn").map_or(line_start, |at| line_start + at + 2);
        let name = text.text[after_fn..body].find(function.name.as_str()).map_or(body, |at| after_fn + at);
        let place = Place { source, bytes: name..(name + function.name.len()).min(text.text.len()) };
        let within = function.body.start_position()..=function.body.end_position();
        let is_parameter = |name: &str| function.params.iter().any(|parameter| *parameter == name);
        let named = named.iter().filter(|named| within.contains(&named.position));
        let calls = named.filter(|named| named.is_called || !is_parameter(&named.name));
        let calls = calls.map(|named| named.name.clone());
        let arity = function.params.len();
        let end = byte(function.body.end_position()).max(place.bytes.end);
        let inner = text.text.get(body + 1..end).map_or("", str::trim);
        rules.push(Rule {
            name: function.name.to_string(),
            parameters: function.params.iter().map(ToString::to_string).collect(),
            documentation: comments.get(&(function.name.as_str(), arity)).cloned().unwrap_or_default(),
            end,
            place,
            calls: calls.collect(),
            passes_on: PlainCall::read(inner).filter(|_| arity == 0).and_then(PlainCall::bare_name),
        });
    }
    rules.sort_by_key(|rule| rule.place.bytes.start);
    rules
}

/// The words of an expression, among them the names that it calls.
pub fn words(expression: &str) -> impl Iterator<Item = &str> {
    expression.split(|sign: char| !(sign.is_alphanumeric() || sign == '_'))
}

/// Looks at and compiles one rule file.
pub(super) fn compile(
    source: SourceId,
    inputs: &Inputs,
    engine: &Engine,
    found: &mut Diagnostics,
) -> Option<AST> {
    let text = inputs.sources.get(source);
    let errors_before = found.error_count();
    prescan::scan(source, &text.text, found);
    if found.error_count() > errors_before {
        return None;
    }
    match engine.compile(&text.text) {
        Ok(mut ast) => {
            ast.set_source(text.name.as_str());
            if let Some(statement) = ast
                .statements()
                .iter()
                .find(|statement| !matches!(statement, Stmt::Import(..) | Stmt::Noop(_)))
            {
                found.push(faults::loose_statement(&faults::place_in(
                    &inputs.sources,
                    source,
                    statement.position(),
                )));
            }
            Some(ast)
        }
        Err(fault) => {
            let place = faults::place_in(&inputs.sources, source, fault.position());
            found.push(faults::parse_fault(&place, &fault, &text.text[..place.bytes.start], None));
            None
        }
    }
}

/// The lines of a documentation comment without its slashes or stars.
fn comment_lines(comment: &str) -> Vec<String> {
    let inner = comment.strip_prefix("/**").and_then(|rest| rest.strip_suffix("*/"));
    let lines = inner.unwrap_or(comment).lines();
    lines
        .map(|line| line.trim().trim_start_matches("///").trim_start_matches('*').trim().to_owned())
        .collect()
}

/// A name in a function that may be that of another function.
pub(super) struct Named {
    pub(super) name: String,
    pub(super) position: Position,
    /// Whether it is called; else it may be handed on, as in `by(weight)`.
    pub(super) is_called: bool,
    /// Whether it names the file as well, as in `other::key()`.
    pub(super) is_qualified: bool,
}

/// Every name of a function in the functions of a file, called or handed on.
pub(super) fn names_in(ast: &AST) -> Vec<Named> {
    let mut names = Vec::new();
    ast.walk(&mut |nodes: &[ASTNode<'_>]| {
        match nodes.last() {
            Some(
                ASTNode::Expr(Expr::FnCall(call, position) | Expr::MethodCall(call, position))
                | ASTNode::Stmt(Stmt::FnCall(call, position)),
            ) => names.push(Named {
                name: call.name.to_string(),
                position: *position,
                is_called: true,
                is_qualified: call.is_qualified(),
            }),
            Some(ASTNode::Expr(Expr::Variable(variable, _, position))) => names.push(Named {
                name: variable.1.to_string(),
                position: *position,
                is_called: false,
                is_qualified: !variable.2.is_empty(),
            }),
            _ => {}
        }
        true
    });
    names
}
