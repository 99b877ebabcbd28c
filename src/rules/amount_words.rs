//! The words for fixed amounts, tariffs and transfers.

use rhai::{Dynamic, FnPtr, Map, NativeCallContext};

use super::declared::{DeclaredBase, DeclaredKey, Word};
use super::key_words::{driver_name, named_numbers, number};
use super::vocabulary::Vocabulary;

/// Registers the words.
pub fn register(words: &mut Vocabulary) {
    words.register_fn("amounts", |context: NativeCallContext, amounts: Map| -> Word<DeclaredKey> {
        Ok(DeclaredKey::of_part(DeclaredBase::Amounts(named_numbers("amounts", amounts)?), &context))
    });
    words.register_fn("amounts", |context: NativeCallContext, rule: FnPtr| {
        DeclaredKey::of_part(DeclaredBase::ComputedAmounts(rule), &context)
    });
    words.register_fn("amounts_each", |context: NativeCallContext, amount: Dynamic| -> Word<DeclaredKey> {
        Ok(DeclaredKey::of_part(DeclaredBase::AmountEach(number("amounts_each", &amount)?), &context))
    });
    words.register_fn("transfers", |context: NativeCallContext, amounts: Map| -> Word<DeclaredKey> {
        Ok(DeclaredKey::of_part(DeclaredBase::Transfers(named_numbers("transfers", amounts)?), &context))
    });
    words.register_fn("transfers", |context: NativeCallContext, rule: FnPtr| {
        DeclaredKey::of_part(DeclaredBase::ComputedTransfers(rule), &context)
    });
    words.register_fn(
        "rate",
        |context: NativeCallContext, rate: Dynamic, driver: &str| -> Word<DeclaredKey> {
            let base = DeclaredBase::Rate(number("rate", &rate)?, driver_name(driver));
            Ok(DeclaredKey::of_part(base, &context))
        },
    );
}
