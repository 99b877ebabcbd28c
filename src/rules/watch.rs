//! Rule texts in which every condition is watched: `if year < 2026 {` becomes `if __branch 7 year < 2026 {`, where
//! `__branch` is a word that hands its condition on as it is and remembers what came of it. The script engine itself
//! decides which branch is taken, so closures, `else if` and conditional expressions need nothing of their own.
//!
//! For explanations only: no other engine knows the word.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, Mutex};

use num_traits::Signed;
use rhai::{
    AST, ASTNode, Dynamic, Engine, EvalContext, Expr, Expression, FlowControl, INT, Position, Stmt, StmtBlock,
};

use crate::ground::numerals::exact_norwegian;
use crate::ground::ratio;
use crate::ground::source::{Place, SourceText};
use crate::model::party::PartyIx;

use super::numbers;
use super::party_view::PartyView;

/// The word that is put in front of every condition.
const WATCH: &str = "__branch";

/// Whole numbers below this are written without spaces, as years are.
const SMALL_NUMBER: i64 = 10_000;

/// An `if` as it is written.
#[derive(Clone, Debug)]
pub struct WrittenIf {
    /// Where it stands.
    pub place: Place,
    /// The condition.
    pub condition: String,
    /// What is done where it is true.
    pub body: Block,
    /// What is done where it is false.
    pub otherwise: Otherwise,
}

/// What stands between two braces, and where.
#[derive(Clone, Debug)]
pub struct Block {
    /// Its text, on one line.
    pub text: String,
    /// Its opening brace.
    pub place: Place,
}

/// What an `if` does where its condition is false.
#[derive(Clone, Debug)]
pub enum Otherwise {
    /// Nothing.
    Nothing,
    /// `else if`, by the number of that one.
    If(usize),
    /// `else`.
    Else(Block),
}

/// A condition that was asked.
#[derive(Clone, Debug)]
pub struct Event {
    /// The number of its `if`.
    pub number: usize,
    /// What it came to.
    pub holds: bool,
    /// The simple things in it with their values: `p.inhabitants`, 8 512.
    pub values: Vec<(String, String)>,
    /// The party that a closure was asked for.
    pub party: Option<PartyIx>,
}

/// The texts that are watched and what has been seen in them.
#[derive(Default)]
pub struct Watch {
    /// By number: the `if`s of all texts.
    pub ifs: Vec<WrittenIf>,
    /// By the name that the engine gives a closure: its parameters, those first that it brings with it.
    pub closures: BTreeMap<String, Vec<String>>,
    events: Arc<Mutex<Vec<Event>>>,
}

/// A text with the words that were put into it.
struct Watched {
    text: SourceText,
    /// Where in the text something was put, and how many bytes.
    inserted: Vec<(usize, usize)>,
}

impl Watch {
    /// Teaches an engine the word.
    pub fn register(&self, engine: &mut Engine) {
        let events = Arc::clone(&self.events);
        let hand_on = move |context: &mut EvalContext<'_, '_, '_, '_, '_, '_>, inputs: &[Expression<'_>]| {
            let value = context.eval_expression_tree(&inputs[1])?;
            let number = inputs[0].get_literal_value::<INT>().and_then(|number| usize::try_from(number).ok());
            if let (Some(number), Ok(holds)) = (number, value.as_bool()) {
                let values = values(context, &inputs[1]);
                let views = context.scope().iter().filter_map(|(_, _, value)| value.try_cast::<PartyView>());
                let party = views.last().map(|view| view.party);
                if let Ok(mut events) = events.lock() {
                    events.push(Event { number, holds, values, party });
                }
            }
            Ok(value)
        };
        // The word and its markers are well formed, so that there is nothing to refuse.
        let _ = engine.register_custom_syntax([WATCH, "$int$", "$expr$"], false, hand_on);
    }

    /// A text with every condition watched; as it is where it does not compile. `place` is that of its byte.
    pub fn watched(
        &mut self,
        text: &str,
        compile: impl Fn(&str) -> Option<AST>,
        place: impl Fn(Range<usize>) -> Place,
    ) -> String {
        let name = String::new();
        let mut watched = Watched { text: SourceText { name, text: text.to_owned() }, inserted: vec![] };
        let first = self.ifs.len();
        let mut next = first;
        // Two closures that read the same are one function until their conditions are numbered.
        loop {
            let Some(ast) = compile(&watched.text.text) else { return text.to_owned() };
            let mut bare = Vec::new();
            each_if(&ast, &mut |flow, position| {
                if number_of(flow).is_none() {
                    bare.push(watched.byte(position));
                }
            });
            if bare.is_empty() {
                break;
            }
            bare.sort_unstable();
            bare.dedup();
            for at in bare.into_iter().rev() {
                watched.insert(at + "if".len(), &format!(" {WATCH} {next} "));
                next += 1;
            }
        }
        let Some(ast) = compile(&watched.text.text) else { return text.to_owned() };
        let mut ifs: Vec<(usize, WrittenIf)> = Vec::new();
        each_if(&ast, &mut |flow, position| {
            ifs.extend(
                number_of(flow).map(|number| (number, written(flow, position, &watched, text, &place))),
            );
        });
        ifs.sort_by_key(|(number, _)| *number);
        ifs.dedup_by_key(|(number, _)| *number);
        if !ifs.iter().map(|(number, _)| *number).eq(first..next) {
            return text.to_owned();
        }
        self.ifs.extend(ifs.into_iter().map(|(_, written)| written));
        let closures = ast.iter_functions().filter(|known| known.name.starts_with("anon$"));
        self.closures.extend(closures.map(|closure| {
            (closure.name.to_owned(), closure.params.iter().map(ToString::to_string).collect())
        }));
        watched.text.text
    }

    /// What has been seen since it was asked last.
    pub fn events(&self) -> Vec<Event> {
        self.events.lock().map(|mut events| std::mem::take(&mut *events)).unwrap_or_default()
    }
}

impl Watched {
    fn byte(&self, position: Position) -> usize {
        self.text.byte_at(position.line().unwrap_or(1), position.position().unwrap_or(1))
    }

    fn insert(&mut self, at: usize, words: &str) {
        self.text.text.insert_str(at, words);
        for (known, _) in self.inserted.iter_mut().filter(|(known, _)| *known >= at) {
            *known += words.len();
        }
        self.inserted.push((at, words.len()));
    }

    /// The byte of the text as it was written.
    fn original(&self, byte: usize) -> usize {
        let before = self.inserted.iter().filter(|(at, _)| *at < byte);
        byte - before.map(|(at, length)| (*length).min(byte - at)).sum::<usize>()
    }
}

/// Calls for every `if` of a text.
fn each_if(ast: &AST, call: &mut dyn FnMut(&FlowControl, Position)) {
    ast.walk(&mut |nodes: &[ASTNode<'_>]| {
        if let Some(ASTNode::Stmt(Stmt::If(flow, position))) = nodes.last() {
            call(flow, *position);
        }
        true
    });
}

/// The number of an `if` that is watched.
fn number_of(flow: &FlowControl) -> Option<usize> {
    let Expr::Custom(custom, _) = &flow.expr else { return None };
    match (custom.tokens.first().map(rhai::ImmutableString::as_str), custom.inputs.first()) {
        (Some(WATCH), Some(Expr::IntegerConstant(number, _))) => usize::try_from(*number).ok(),
        _ => None,
    }
}

fn written(
    flow: &FlowControl,
    position: Position,
    watched: &Watched,
    text: &str,
    place: &impl Fn(Range<usize>) -> Place,
) -> WrittenIf {
    let byte = |position: Position| watched.original(watched.byte(position)).min(text.len());
    let block = |block: &StmtBlock| {
        let (open, close) = (byte(block.position()), byte(block.end_position()));
        let inner = text.get(open..close).unwrap_or_default().trim_start_matches('{');
        Block { text: on_one_line(inner), place: place(open..open + 1) }
    };
    let start = byte(position);
    let body = block(&flow.body);
    let condition = text.get(start + "if".len()..byte(flow.body.position())).unwrap_or_default();
    let branch = flow.branch.position();
    let otherwise = match flow.branch.statements() {
        _ if branch.is_none() => Otherwise::Nothing,
        // A block of its own begins at its brace.
        [Stmt::If(next, at)] if *at == branch => number_of(next).map_or(Otherwise::Nothing, Otherwise::If),
        _ => Otherwise::Else(block(&flow.branch)),
    };
    WrittenIf { place: place(start..start + "if".len()), condition: on_one_line(condition), body, otherwise }
}

/// A text without its line breaks and the remarks after `//`.
fn on_one_line(text: &str) -> String {
    let lines = text.lines().map(|line| {
        let is_quoted = |at: usize| line[..at].matches('"').count() % 2 == 1;
        let remark = line.match_indices("//").map(|(at, _)| at).find(|at| !is_quoted(*at));
        &line[..remark.unwrap_or(line.len())]
    });
    lines.flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ")
}

/// The values of the simple things in a condition.
fn values(context: &mut EvalContext<'_, '_, '_, '_, '_, '_>, condition: &Expr) -> Vec<(String, String)> {
    let mut simple = Vec::new();
    collect_simple(condition, &mut simple);
    let mut values: Vec<(String, String)> = Vec::new();
    for (name, expression) in simple {
        if values.iter().any(|(known, _)| *known == name) {
            continue;
        }
        // What the condition did not come to may have no value, and is not told.
        let value = context.eval_expression_tree(&Expression::from(expression)).ok();
        values.extend(value.as_ref().and_then(value_text).map(|value| (name, value)));
    }
    values
}

/// A number, a text or a truth as people write it; years and other small whole numbers as rules do.
pub(super) fn value_text(value: &Dynamic) -> Option<String> {
    if let Some(number) = numbers::exact_value(value) {
        let is_small = number.is_integer() && number.abs() < ratio::whole(SMALL_NUMBER);
        return Some(if is_small { number.to_string() } else { exact_norwegian(&number) });
    }
    match value.as_bool() {
        Ok(truth) => Some(truth.to_string()),
        Err(_) => value.clone().into_string().ok().map(|text| format!("\"{text}\"")),
    }
}

/// The things in an expression that have a name of their own: variables, what a party has, calls that are no
/// operators. Numbers that are written out say what they are.
fn collect_simple<'e>(expression: &'e Expr, simple: &mut Vec<(String, &'e Expr)>) {
    if let Some(name) = name_of(expression) {
        if !is_written_out(expression) {
            simple.push((name, expression));
        }
        return;
    }
    match expression {
        Expr::FnCall(call, _) => call.args.iter().for_each(|argument| collect_simple(argument, simple)),
        Expr::And(parts, _) | Expr::Or(parts, _) | Expr::Coalesce(parts, _) => {
            parts.iter().for_each(|part| collect_simple(part, simple));
        }
        Expr::Dot(pair, ..) | Expr::Index(pair, ..) => collect_simple(&pair.lhs, simple),
        _ => {}
    }
}

/// How a simple thing is written; none for what is put together by operators.
fn name_of(expression: &Expr) -> Option<String> {
    let arguments = |arguments: &[Expr]| {
        let names: Option<Vec<String>> = arguments.iter().map(name_of).collect();
        names.map(|names| names.join(", "))
    };
    match expression {
        Expr::Variable(variable, ..) => Some(variable.1.to_string()),
        Expr::Property(property, _) => Some(property.2.to_string()),
        Expr::IntegerConstant(number, _) => Some(number.to_string()),
        Expr::StringConstant(text, _) => Some(format!("\"{text}\"")),
        Expr::DynamicConstant(value, _) => numbers::exact_value(value).map(|_| value.to_string()),
        Expr::Dot(pair, ..) => Some(format!("{}.{}", name_of(&pair.lhs)?, name_of(&pair.rhs)?)),
        Expr::Index(pair, ..) => Some(format!("{}[{}]", name_of(&pair.lhs)?, name_of(&pair.rhs)?)),
        Expr::FnCall(call, _) if !call.is_operator_call() && !call.is_qualified() => {
            Some(format!("{}({})", call.name, arguments(&call.args)?))
        }
        Expr::MethodCall(call, _) => Some(format!("{}({})", call.name, arguments(&call.args)?)),
        _ => None,
    }
}

/// Whether nothing in it has to be looked up: `2_000`, `40.percent`.
fn is_written_out(expression: &Expr) -> bool {
    match expression {
        Expr::Variable(..) | Expr::FnCall(..) | Expr::MethodCall(..) => false,
        Expr::Dot(pair, ..) | Expr::Index(pair, ..) => is_written_out(&pair.lhs),
        _ => true,
    }
}
