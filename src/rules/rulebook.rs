//! The rule files of a run, compiled: their functions with documentation, and what calls what.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use rhai::module_resolvers::DummyModuleResolver;
use rhai::{
    AST, ASTNode, Engine, EvalAltResult, Expr, Module, ModuleResolver, Position, Scope, Shared, Stmt,
};

use crate::ground::diagnostic::Diagnostics;
use crate::ground::source::{Place, SourceId, Spanned};
use crate::model::inputs::{Inputs, Shelf, TextKind};

use super::{faults, prescan};

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
    /// The functions it calls, by name.
    pub calls: BTreeSet<String>,
}

/// All rules of a run.
#[derive(Clone, Debug, Default)]
pub struct Rulebook {
    /// In the order of the files and in them.
    pub rules: Vec<Rule>,
    /// The closures of imported files, which the engine finds only when they are called together with it.
    pub imported_closures: AST,
    /// By name: the first of the rules that has it.
    by_name: BTreeMap<String, usize>,
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
                rulebook.index(&ast, source, inputs, found);
                imported.collect(&ast, &mut vec![source], shelf, inputs, engine, found);
                compiled.push((source, ast));
            }
        }
        if found.error_count() > errors_before {
            return rulebook;
        }
        for ast in imported.files.values() {
            let closures = ast.clone_functions_only_filtered(|_, _, _, name, _| name.starts_with("anon$"));
            rulebook.imported_closures.combine(closures);
        }
        engine.set_module_resolver(imported);
        for (source, ast) in compiled {
            match Module::eval_ast_as_new(Scope::new(), &ast, engine) {
                Ok(module) => {
                    engine.register_global_module(Shared::new(module));
                }
                Err(fault) => {
                    found.push(faults::script_fault(&fault, &inputs.sources, Some(source), &rulebook));
                }
            }
        }
        rulebook
    }

    /// The rule of a name.
    pub fn rule(&self, name: &str) -> Option<&Rule> {
        self.by_name.get(name).map(|rule| &self.rules[*rule])
    }

    /// Whether an expression calls no rule, and so says everything itself.
    pub fn calls_no_rule(&self, expression: &str) -> bool {
        words(expression).all(|word| self.rule(word).is_none())
    }

    /// The rules that an expression calls, directly or through other rules, the direct ones first.
    pub fn rules_called(&self, expression: &str) -> Vec<&Rule> {
        let mut called: Vec<&Rule> = Vec::new();
        let mut waiting: Vec<&str> = words(expression).collect();
        let mut next = 0;
        while next < waiting.len() {
            if let Some(rule) = self.rule(waiting[next])
                && !called.contains(&rule)
            {
                called.push(rule);
                waiting.extend(rule.calls.iter().map(String::as_str));
            }
            next += 1;
        }
        called
    }

    fn index(&mut self, ast: &AST, source: SourceId, inputs: &Inputs, found: &mut Diagnostics) {
        let text = inputs.sources.get(source);
        let called = calls_in(ast);
        let mut functions: Vec<Rule> = Vec::new();
        for function in ast.iter_fn_def().filter(|function| !function.name.starts_with("anon$")) {
            let documentation = ast
                .iter_functions()
                .find(|known| known.name == function.name && known.params.len() == function.params.len())
                .map(|known| known.comments.iter().flat_map(|comment| comment_lines(comment)).collect());
            let body_position = function.body.start_position();
            let body = text.byte_at(body_position.line().unwrap_or(1), body_position.position().unwrap_or(1));
            let line_start = text.text[..body].rfind('\n').map_or(0, |newline| newline + 1);
            let name =
                text.text[line_start..body].find(function.name.as_str()).map_or(body, |at| line_start + at);
            let place = Place { source, bytes: name..(name + function.name.len()).min(text.text.len()) };
            let within = function.body.start_position()..=function.body.end_position();
            let calls =
                called.iter().filter(|(_, position)| within.contains(position)).map(|(name, _)| name.clone());
            functions.push(Rule {
                name: function.name.to_string(),
                parameters: function.params.iter().map(ToString::to_string).collect(),
                documentation: documentation.unwrap_or_default(),
                place,
                calls: calls.collect(),
            });
        }
        functions.sort_by_key(|rule| rule.place.bytes.start);
        for rule in functions {
            if super::words::is_word(&rule.name) {
                found.push(faults::rule_named_as_a_word(&rule.place, &rule.name));
            }
            match self
                .rules
                .iter()
                .find(|known| known.name == rule.name && known.parameters.len() == rule.parameters.len())
            {
                Some(first) => found.push(faults::double_rule(&rule.place, &first.place, &rule.name)),
                None => {
                    self.by_name.entry(rule.name.clone()).or_insert(self.rules.len());
                    self.rules.push(rule);
                }
            }
        }
    }
}

fn words(expression: &str) -> impl Iterator<Item = &str> {
    expression.split(|sign: char| !(sign.is_alphanumeric() || sign == '_'))
}

/// Looks at and compiles one rule file.
fn compile(source: SourceId, inputs: &Inputs, engine: &Engine, found: &mut Diagnostics) -> Option<AST> {
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

/// Every function call in the functions of a file, with its position.
fn calls_in(ast: &AST) -> Vec<(String, Position)> {
    let mut calls = Vec::new();
    ast.walk(&mut |nodes: &[ASTNode<'_>]| {
        if let Some(
            ASTNode::Expr(Expr::FnCall(call, position) | Expr::MethodCall(call, position))
            | ASTNode::Stmt(Stmt::FnCall(call, position)),
        ) = nodes.last()
        {
            calls.push((call.name.to_string(), *position));
        }
        true
    });
    calls
}

/// The files that rule files import, read before anything runs, so that the resolver needs no disk.
#[derive(Default)]
struct ImportedFiles {
    files: BTreeMap<String, AST>,
    /// Each file is evaluated once, however often it is imported.
    modules: Mutex<BTreeMap<String, Shared<Module>>>,
}

impl ImportedFiles {
    fn collect(
        &mut self,
        ast: &AST,
        path: &mut Vec<SourceId>,
        shelf: &dyn Shelf,
        inputs: &mut Inputs,
        engine: &Engine,
        found: &mut Diagnostics,
    ) {
        let Some(importer) = path.last().copied() else { return };
        for (name, position) in imports_of(ast) {
            let file = if name.ends_with(".rhai") { name.clone() } else { format!("{name}.rhai") };
            let place = faults::place_in(&inputs.sources, importer, position);
            let read = inputs.read(shelf, &file, TextKind::Rules, Some(&place));
            let Some(source) = found.take(read) else { continue };
            if path.contains(&source) {
                found.push(faults::import_cycle(&place, &name));
                continue;
            }
            if self.files.contains_key(&name) {
                continue;
            }
            let Some(ast) = compile(source, inputs, engine, found) else { continue };
            self.files.insert(name, ast.clone());
            path.push(source);
            self.collect(&ast, path, shelf, inputs, engine, found);
            path.pop();
        }
    }
}

fn imports_of(ast: &AST) -> Vec<(String, Position)> {
    let import = |statement: &Stmt| match statement {
        Stmt::Import(import, _) => match &import.0 {
            Expr::StringConstant(name, position) => Some((name.to_string(), *position)),
            _ => None,
        },
        _ => None,
    };
    ast.statements().iter().filter_map(import).collect()
}

impl ModuleResolver for ImportedFiles {
    fn resolve(
        &self,
        engine: &Engine,
        source: Option<&str>,
        path: &str,
        position: Position,
    ) -> Result<Shared<Module>, Box<EvalAltResult>> {
        let Some(ast) = self.files.get(path) else {
            return DummyModuleResolver::new().resolve(engine, source, path, position);
        };
        let known = self.modules.lock().ok().and_then(|modules| modules.get(path).cloned());
        if let Some(module) = known {
            return Ok(module);
        }
        let module = Shared::new(Module::eval_ast_as_new(Scope::new(), ast, engine)?);
        if let Ok(mut modules) = self.modules.lock() {
            modules.insert(path.to_owned(), Shared::clone(&module));
        }
        Ok(module)
    }
}
