//! The four big numbers: what there is to share, whom it hits and whom it helps, and whether the books close.

use serde::Serialize;

use crate::engine::proof::Proof;
use crate::ground::money::{Money, TooLarge};

use super::numbers::Manner;
use super::pictures::of_all;
use super::sides::{Amounts, Sides};
use super::words::{Words, filled};

/// A big number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Number {
    /// Which: `net`, `most`, `least`, `books`.
    pub id: &'static str,
    /// What it is.
    pub label: &'static str,
    /// The number, or whose it is.
    pub text: String,
    /// What there is to say of it.
    pub detail: String,
    /// `plain`, `up`, `down`, `good` or `bad`.
    pub tone: &'static str,
}

/// The four big numbers.
///
/// # Errors
/// [`TooLarge`] when a sum does not fit.
pub fn numbers(
    sides: &Sides<'_>,
    proof: &Proof,
    manner: Manner,
    words: &Words,
) -> Result<Vec<Number>, TooLarge> {
    let mut of_parties = Vec::with_capacity(sides.parties.len());
    for party in &sides.parties {
        of_parties.push((party.title, sides.party(party)?));
    }
    let mut numbers = vec![net(sides, manner, words)?];
    numbers.extend(if sides.is_compared() {
        changes(&of_parties, manner, words)?
    } else {
        payers(&of_parties, manner, words)?
    });
    let (checks, failures) = (proof.check_count(), proof.failures.len());
    let (holds, checks) = (manner.count(checks - failures.min(checks)), manner.count(checks));
    numbers.push(Number {
        id: "books",
        label: words.books,
        text: if proof.holds() { words.books_close } else { words.books_open }.to_owned(),
        detail: filled(words.checks_hold, &[("holds", &holds), ("checks", &checks)]),
        tone: if proof.holds() { "good" } else { "bad" },
    });
    Ok(numbers)
}

fn net(sides: &Sides<'_>, manner: Manner, words: &Words) -> Result<Number, TooLarge> {
    let (gross, drawn) = (sides.over_measures(|own| own.gross)?, sides.over_measures(|own| own.drawn)?);
    let net = sides.over_measures(|own| own.net)?;
    let manner = of_all([gross.now, drawn.now, net.now].into_iter(), manner);
    let mut details = Vec::new();
    if let Some(change) = net.change()?.filter(|change| !change.is_zero()) {
        details.push(changed(net.before.unwrap_or_default(), change, manner));
    }
    if !drawn.now.is_zero() {
        let drawn = manner.money(Money::ZERO.minus(drawn.now)?);
        details.push(filled(words.gross_less, &[("gross", &manner.money(gross.now)), ("drawn", &drawn)]));
    }
    Ok(Number {
        id: "net",
        label: words.net_to_share,
        text: manner.money(net.now),
        detail: details.join(" · "),
        tone: "plain",
    })
}

/// Whose share rose most and whose fell most.
fn changes(of_parties: &[(&str, Amounts)], manner: Manner, words: &Words) -> Result<Vec<Number>, TooLarge> {
    let mut changes = Vec::with_capacity(of_parties.len());
    for (title, own) in of_parties {
        changes.push((*title, own.before.unwrap_or_default(), own.change()?.unwrap_or_default()));
    }
    let manner = of_all(changes.iter().map(|(_, _, change)| *change), manner);
    let number = |id, label, found: Option<&(&str, Money, Money)>, tone| match found {
        Some((title, before, change)) => {
            let detail = changed(*before, *change, manner);
            Number { id, label, text: (*title).to_owned(), detail, tone }
        }
        None => Number { id, label, text: words.nobody.to_owned(), detail: String::new(), tone: "plain" },
    };
    // The first in the order of the file, where several changed by the same.
    let most = changes.iter().rev().max_by_key(|(_, _, change)| *change);
    let least = changes.iter().min_by_key(|(_, _, change)| *change);
    Ok(vec![
        number("most", words.largest_rise, most.filter(|(_, _, change)| *change > Money::ZERO), "up"),
        number("least", words.largest_fall, least.filter(|(_, _, change)| change.is_negative()), "down"),
    ])
}

/// Who pays most and who pays least.
fn payers(of_parties: &[(&str, Amounts)], manner: Manner, words: &Words) -> Result<Vec<Number>, TooLarge> {
    let manner = of_all(of_parties.iter().map(|(_, own)| own.now), manner);
    let all = Money::sum(of_parties.iter().map(|(_, own)| own.now))?;
    let number = |id, label, found: Option<&(&str, Amounts)>| {
        let (text, detail) = match found {
            Some((title, own)) => {
                let part = manner.part_percent(own.now, all);
                let part = part.map_or_else(String::new, |part| format!(" · {part} {}", words.of_all));
                ((*title).to_owned(), format!("{}{part}", manner.money(own.now)))
            }
            None => (words.nobody.to_owned(), String::new()),
        };
        Number { id, label, text, detail, tone: "plain" }
    };
    let most = of_parties.iter().rev().max_by_key(|(_, own)| own.now);
    let paying = of_parties.iter().filter(|(_, own)| !own.now.is_zero());
    let least = paying.min_by_key(|(_, own)| own.now);
    Ok(vec![number("most", words.largest_payer, most), number("least", words.smallest_payer, least)])
}

fn changed(before: Money, change: Money, manner: Manner) -> String {
    let percent = manner.change_percent(before, change);
    format!(
        "{}{}",
        manner.change(change),
        percent.map_or_else(String::new, |percent| format!(" ({percent})"))
    )
}
