//! What a party pays in all: its shares, and what it pays or gets besides.

use crate::engine::books::Books;
use crate::ground::money::{Money, TooLarge};
use crate::report::figures::{FigureKey, FigureKind};
use crate::report::language::say;

use super::node::Node;
use super::{Case, reserves};

/// What a party pays in a year, or all of them: over all measures, or with everything besides.
///
/// # Errors
/// [`TooLarge`] when a sum does not fit.
pub fn in_all(case: &Case<'_>, books: &Books<'_>, key: &FigureKey) -> Result<Node, TooLarge> {
    let year = books.walked.year;
    let scenario = case.scenario();
    let Some(party) = case.party_of(key) else {
        let of_party = |party: &str, name: &str| {
            Some(case.reference(&case.key(year, key.kind, "", party), name)?.plus())
        };
        let parties = scenario.parties.iter();
        return Ok(Node::new("").with(parties.filter_map(|(_, party)| of_party(&party.id, &party.name))));
    };
    let mut node = Node::new("");
    let mut add = |kind: FigureKind, words: &dyn Fn(&str) -> String| {
        for measure in &scenario.measures {
            let key = case.key(year, kind, &measure.id, &key.party);
            let nothing = case.figures.get(&key).is_none_or(Money::is_zero);
            let line = case.reference(&key, &words(&measure.title)).filter(|_| !nothing);
            node.under.extend(line.map(Node::plus));
        }
    };
    add(FigureKind::Share, &str::to_owned);
    if key.kind == FigureKind::Payable {
        let (language, last) = (case.language, year - 1);
        add(FigureKind::BuyIn, &|title| {
            say!(language, "innkjøp, {title}", "innkjøp, {title}", "buy-in, {title}")
        });
        add(FigureKind::BroughtForward, &|title| {
            say!(
                language,
                "overført fra {last}, {title}",
                "overført frå {last}, {title}",
                "brought forward from {last}, {title}",
            )
        });
        let closing = Books::closing(case.outcome, books.year_index);
        for payout in closing.walked.payouts.iter().filter(|payout| payout.party == party) {
            node.under.push(reserves::taken(reserves::payout_node(case, &closing, payout)?));
        }
    }
    Ok(node)
}
