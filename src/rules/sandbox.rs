//! The script engine with what rules need and nothing else. A rule can neither read nor wait nor draw lots,
//! and it is stopped when it runs away.
//!
//! Built from the raw engine: a word that is not registered here does not exist. So no text padding or
//! replacing (they can take gigabytes in one call), no trigonometry, no clock, no `eval`.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};

use rhai::packages::{ArithmeticPackage, BasicIteratorPackage, LogicPackage, Package};
use rhai::{Array, Dynamic, Engine, Map, Module, OptimizationLevel, Shared, Token};

use crate::model::scenario::Scenario;

use super::declared::{Word, refuse};
use super::parameters::{self, Asked};
use super::vocabulary::Vocabulary;
use super::{aliases, amount_words, funding_words, index_words, key_words, limit_words, numbers, party_view};

/// Operations a rule may take in one call.
const OPERATIONS_MAX: u64 = 1_000_000;
/// Time a rule may take in one call, in milliseconds.
const CALL_MS_MAX: u64 = 500;
/// Time all rules of a run may take, in milliseconds.
const RUN_MS_MAX: u64 = 20_000;
/// How often the clock is read, in operations.
const OPERATIONS_BETWEEN_LOOKS: u64 = 1024;
/// The stack of the thread that runs rules, in bytes; the system only gives what is touched.
pub const STACK_BYTES: usize = 256 << 20;

/// The language and its words, made once: every engine has them in common. What stands last wins.
static PACKAGES: LazyLock<[Shared<Module>; 4]> = LazyLock::new(|| {
    let mut words = Vocabulary::default();
    numbers::register(&mut words);
    key_words::register(&mut words);
    amount_words::register(&mut words);
    limit_words::register(&mut words);
    funding_words::register(&mut words);
    index_words::register(&mut words);
    register_lists(&mut words);
    [
        ArithmeticPackage::new().as_shared_module(),
        LogicPackage::new().as_shared_module(),
        BasicIteratorPackage::new().as_shared_module(),
        Shared::new(words.module()),
    ]
});

/// The clock that stops a runaway rule. The command line brings a real one; a result never depends on it.
pub trait Clock: Send + Sync {
    /// Milliseconds since some fixed moment.
    fn now_ms(&self) -> u64;
}

/// A clock that stands still: rules are stopped by the number of their operations alone.
#[derive(Clone, Copy, Debug, Default)]
pub struct StillClock;

impl Clock for StillClock {
    fn now_ms(&self) -> u64 {
        0
    }
}

/// The engine with its stopwatch.
pub struct Sandbox {
    /// The engine.
    pub engine: Engine,
    /// The parameters that rules have asked for.
    pub asked: Asked,
    clock: Arc<dyn Clock>,
    deadline_ms: Arc<AtomicU64>,
    run_deadline_ms: u64,
}

impl Sandbox {
    /// Builds the engine for the rules of a scenario, or for only looking at rules.
    pub fn new(scenario: Option<&Arc<Scenario>>, clock: Arc<dyn Clock>) -> Sandbox {
        let mut engine = Engine::new_raw();
        for package in PACKAGES.iter() {
            engine.register_global_module(Arc::clone(package));
        }
        set_limits(&mut engine);
        let asked = Asked::default();
        if let Some(scenario) = scenario {
            parameters::register(&mut engine, scenario, asked.clone());
            party_view::register(&mut engine, scenario);
            register_assumptions(&mut engine, scenario);
            index_words::register_levels(&mut engine, scenario);
        }
        translate_words(&mut engine);
        let deadline_ms = Arc::new(AtomicU64::new(u64::MAX));
        let (watched, watch) = (Arc::clone(&deadline_ms), Arc::clone(&clock));
        engine.on_progress(move |operations| {
            let look = operations % OPERATIONS_BETWEEN_LOOKS == 0;
            (look && watch.now_ms() > watched.load(Ordering::Relaxed)).then(|| Dynamic::from("time"))
        });
        let run_deadline_ms = clock.now_ms().saturating_add(RUN_MS_MAX);
        Sandbox { engine, asked, clock, deadline_ms, run_deadline_ms }
    }

    /// Starts the stopwatch for one call of a rule.
    pub fn start_call(&self) {
        let call = self.clock.now_ms().saturating_add(CALL_MS_MAX);
        self.deadline_ms.store(call.min(self.run_deadline_ms), Ordering::Relaxed);
    }
}

fn set_limits(engine: &mut Engine) {
    // The optimiser drops undefined names and changes values; nothing here is slow enough to need it.
    engine.set_optimization_level(OptimizationLevel::None);
    engine.set_strict_variables(true);
    engine.set_fail_on_invalid_map_property(true);
    engine.set_allow_shadowing(false);
    // Otherwise the built-in operators win over the exact ones and 1/3 is 0.
    engine.set_fast_operators(false);
    engine.set_max_operations(OPERATIONS_MAX);
    engine.set_max_call_levels(32);
    engine.set_max_expr_depths(64, 32);
    engine.set_max_string_size(1 << 10);
    engine.set_max_array_size(5_000);
    engine.set_max_map_size(2_000);
    engine.set_max_variables(200);
    engine.set_max_functions(400);
    engine.set_max_modules(32);
    // `switch` does not use the exact equality of numbers, and powers and shifts round or lose digits.
    for symbol in
        ["eval", "try", "export", "Fn", "curry", "exit", "switch", "**", "**=", "<<", ">>", "<<=", ">>="]
    {
        engine.disable_symbol(symbol);
    }
}

/// What rules need of lists and maps: their length and whether something is in them.
fn register_lists(words: &mut Vocabulary) {
    words.register_fn("len", |list: &mut Array| i64::try_from(list.len()).unwrap_or(i64::MAX));
    words.register_fn("len", |map: &mut Map| i64::try_from(map.len()).unwrap_or(i64::MAX));
    words.register_fn("contains", |map: &mut Map, key: &str| map.contains_key(key));
    words.register_fn("contains", |list: &mut Array, item: Dynamic| {
        let text = item.clone().into_string().ok();
        let number = numbers::exact_value(&item);
        list.iter().any(|own| match (&text, &number) {
            (Some(text), _) => own.clone().into_string().is_ok_and(|own| own == *text),
            (None, Some(number)) => numbers::exact_value(own).is_some_and(|own| own == *number),
            (None, None) => false,
        })
    });
}

fn register_assumptions(engine: &mut Engine, scenario: &Arc<Scenario>) {
    let scenario = Arc::clone(scenario);
    engine.register_fn("assumption", move |name: &str| assumption(&scenario, name));
}

/// A number that the scenario assumes.
///
/// # Errors
/// A name that is not known.
pub(super) fn assumption(scenario: &Scenario, name: &str) -> Word<Dynamic> {
    match scenario.assumptions.get(name) {
        Some(number) => Ok(numbers::to_dynamic(number)),
        None => {
            let known = scenario.assumptions.keys().map(String::as_str);
            let help = crate::ground::suggest::did_you_mean(name, known);
            refuse("unknown-assumption", format!("the scenario has no assumption `{name}`"), help)
        }
    }
}

/// Turns Norwegian words into English ones, and `all`, which strict mode would take for a variable, into
/// what `cover` knows.
fn translate_words(engine: &mut Engine) {
    #[expect(
        deprecated,
        reason = "the hook is volatile, not deprecated; the tests of the aliases would notice"
    )]
    engine.on_parse_token(|token, _, _| match token {
        Token::Identifier(word) => match aliases::english(&word).unwrap_or(&word) {
            funding_words::ALL => Token::StringConstant(Box::new(funding_words::ALL.into())),
            english => Token::Identifier(Box::new(english.into())),
        },
        token => token,
    });
}
