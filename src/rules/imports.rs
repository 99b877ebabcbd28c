//! The files that rule files import, read before anything runs, so that the resolver needs no disk.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use rhai::module_resolvers::DummyModuleResolver;
use rhai::{
    AST, Engine, EvalAltResult, Expr, Module, ModuleResolver, Position, Scope, ScriptFuncDef, Shared, Stmt,
};

use crate::ground::diagnostic::Diagnostics;
use crate::ground::source::SourceId;
use crate::model::inputs::{Inputs, Shelf, TextKind};

use super::faults;
use super::rulebook::{Named, Rule, compile, names_in, rules_of};
use super::words::is_word;

/// The files that rule files import.
#[derive(Default)]
pub(super) struct ImportedFiles {
    files: BTreeMap<String, (SourceId, AST)>,
    pub(super) rules: Vec<Rule>,
    /// Each file is evaluated once, however often it is imported.
    modules: Mutex<BTreeMap<String, Shared<Module>>>,
}

impl ImportedFiles {
    /// Reads what a file imports, and what that imports.
    pub(super) fn collect(
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
            for rule in rules_of(&ast, source, inputs) {
                if is_word(&rule.name) {
                    found.push(faults::rule_named_as_a_word(&rule.place, &rule.name));
                }
                self.rules.push(rule);
            }
            self.files.insert(name, (source, ast.clone()));
            path.push(source);
            self.collect(&ast, path, shelf, inputs, engine, found);
            path.pop();
        }
    }

    /// The closures of all imported files with the functions that they call or that are handed on by name.
    pub(super) fn closures(&self) -> AST {
        let mut closures = AST::empty();
        for (_, ast) in self.files.values() {
            let reached = reached(ast);
            let mut own = ast.clone_functions_only();
            own.retain_functions(|_, _, name, _| is_closure(name) || reached.contains(name));
            closures.combine(own);
        }
        closures
    }

    /// Closures are called together with those of all other files, where a function is known by its name alone and a
    /// closure by its text and position. Refuses what one of them could take for something else.
    pub(super) fn check_closures(
        &self,
        compiled: &[(SourceId, AST)],
        inputs: &Inputs,
        found: &mut Diagnostics,
    ) {
        let place = |(source, function): (SourceId, &ScriptFuncDef)| {
            faults::place_in(&inputs.sources, source, function.body.start_position())
        };
        let imported: Vec<&(SourceId, AST)> = self.files.values().collect();
        let all: Vec<&(SourceId, AST)> = compiled.iter().chain(imported.iter().copied()).collect();
        let functions = all.iter().flat_map(|(source, ast)| ast.iter_fn_def().map(|own| (*source, &**own)));
        let functions: Vec<(SourceId, &ScriptFuncDef)> = functions.collect();
        for (source, ast) in &imported {
            let reached = reached(ast);
            for own in ast.iter_fn_def().filter(|own| reached.contains(own.name.as_str())) {
                let alike = |(other, function): &&(SourceId, &ScriptFuncDef)| {
                    other != source && function.name == own.name && function.params.len() == own.params.len()
                };
                if let Some(other) = functions.iter().find(alike) {
                    let name = own.name.as_str();
                    found.push(faults::function_of_closures_twice(
                        &place((*source, own)),
                        &place(*other),
                        name,
                    ));
                }
            }
        }
        let mut first: BTreeMap<&str, (SourceId, &ScriptFuncDef)> = BTreeMap::new();
        for (source, ast) in all {
            for own in ast.iter_fn_def().filter(|own| is_closure(&own.name)) {
                let known = *first.entry(own.name.as_str()).or_insert((*source, own));
                // Without another file's functions in them they do the same.
                if known.0 != *source && names_of(ast, &own.name).iter().any(|named| named.is_qualified) {
                    found.push(faults::closure_twice(&place((*source, own)), &place(known)));
                }
            }
        }
    }
}

fn is_closure(name: &str) -> bool {
    name.starts_with("anon$")
}

/// The names in the function of a file that is called so. It is looked at alone: the engine does not say where a closure
/// ends, so what is in it cannot be told by its place.
fn names_of(ast: &AST, function: &str) -> Vec<Named> {
    let mut own = ast.clone_functions_only();
    own.retain_functions(|_, _, name, _| name == function);
    names_in(&own)
}

/// The functions of a file that its closures call, at once or through others, and those that are handed on by name.
fn reached(ast: &AST) -> BTreeSet<String> {
    let unqualified = |function: &str| {
        names_of(ast, function).into_iter().filter(|named| !named.is_qualified).map(|named| named.name)
    };
    let handed_on = names_in(ast).into_iter().filter(|named| !named.is_called).map(|named| named.name);
    let closures = ast.iter_fn_def().filter(|function| is_closure(&function.name));
    let called = closures.flat_map(|function| unqualified(&function.name));
    let mut waiting: Vec<String> = called.chain(handed_on).collect();
    let mut reached = BTreeSet::new();
    while let Some(name) = waiting.pop() {
        if ast.iter_fn_def().any(|function| function.name == name) && reached.insert(name.clone()) {
            waiting.extend(unqualified(&name));
        }
    }
    reached
}

/// What a file imports, by name.
pub(super) fn imports_of(ast: &AST) -> Vec<(String, Position)> {
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
        let Some((_, ast)) = self.files.get(path) else {
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
