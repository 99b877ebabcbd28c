//! The words that rules of all scenarios have in common. They are registered once and shared by every engine, since
//! an engine is built anew for each run, each edited rule and each of a thousand variants. Words that ask something
//! of a scenario are registered with the engine of that scenario, in [`super::sandbox`].

use rhai::{FuncRegistration, Identifier, Module, RhaiNativeFunc, Variant};

/// Words being registered.
#[derive(Default)]
pub struct Vocabulary(Module);

impl Vocabulary {
    /// Adds a word.
    pub fn register_fn<A, const N: usize, const X: bool, R, const F: bool, W>(
        &mut self,
        name: impl Into<Identifier>,
        word: W,
    ) where
        A: 'static,
        R: Variant + Clone,
        W: RhaiNativeFunc<A, N, X, R, F> + Send + Sync + 'static,
    {
        FuncRegistration::new(name).in_global_namespace().set_into_module(&mut self.0, word);
    }

    /// Adds a word that stands after a point without brackets, as in `40.percent`.
    pub fn register_get<A, const X: bool, R, const F: bool, W>(&mut self, name: &str, word: W)
    where
        A: 'static,
        R: Variant + Clone,
        W: RhaiNativeFunc<A, 1, X, R, F> + Send + Sync + 'static,
    {
        FuncRegistration::new_getter(name).set_into_module(&mut self.0, word);
    }

    /// Says what a kind of value is called in messages.
    pub fn register_type_with_name<T: Variant + Clone>(&mut self, name: &str) {
        self.0.set_custom_type::<T>(name);
    }

    /// The words as engines take them.
    pub fn module(mut self) -> Module {
        self.0.build_index();
        self.0
    }
}
