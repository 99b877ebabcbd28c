//! A certificate as a tree of nodes: a line of words, the number that it states, how that number is made from others,
//! and its place in a file. Writers turn it into a terminal's tree, an annex or JSON, and know nothing of budgets.

use crate::ground::money::Money;
use crate::ground::numerals::{exact_norwegian, money_norwegian};
use crate::ground::ratio::Ratio;
use crate::ground::source::Place;
use crate::report::figures::FigureKey;

/// A line of a certificate with what hangs under it.
#[derive(Clone, Debug, Default)]
pub struct Node {
    /// The line, with its number in it.
    pub text: String,
    /// The number that the line states.
    pub number: Option<Number>,
    /// What the number was before it was rounded, in kroner, where it was.
    pub exact: Option<Ratio>,
    /// The numbers in the line whose product the number is.
    pub factors: Vec<Ratio>,
    /// The numbers in the line whose sum the number is.
    pub terms: Vec<Ratio>,
    /// What the line is to the one above it.
    pub role: Role,
    /// The figure of the long table that the number is.
    pub figure: Option<FigureKey>,
    /// Where it is written.
    pub place: Option<Place>,
    /// What hangs under it.
    pub under: Vec<Node>,
}

/// A number in a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Number {
    /// An amount.
    Money(Money),
    /// An exact number: kroner before rounding, a part, a driver's value.
    Exact(Ratio),
}

/// What a line is to the one above it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Role {
    /// Something to know about it.
    #[default]
    Remark,
    /// A term of its sum.
    Plus,
    /// A term that is taken away.
    Minus,
    /// One of the amounts of which it is the least.
    Limit,
    /// What it comes to.
    Result,
}

impl Number {
    /// As an exact number, in kroner.
    pub fn ratio(&self) -> Ratio {
        match self {
            Number::Money(amount) => amount.kroner(),
            Number::Exact(number) => number.clone(),
        }
    }

    /// As people write it.
    pub fn text(&self) -> String {
        match self {
            Number::Money(amount) => money_norwegian(*amount),
            Number::Exact(number) => exact_norwegian(number),
        }
    }
}

impl Node {
    /// A line of words.
    pub fn new(text: impl Into<String>) -> Node {
        Node { text: text.into(), ..Node::default() }
    }

    /// A line of words that states an amount, in it.
    pub fn money(amount: Money, text: impl Into<String>) -> Node {
        Node { number: Some(Number::Money(amount)), ..Node::new(text) }
    }

    /// A line of words that states an exact number, in it.
    pub fn exact(number: Ratio, text: impl Into<String>) -> Node {
        Node { number: Some(Number::Exact(number)), ..Node::new(text) }
    }

    /// With what hangs under it.
    #[must_use]
    pub fn with(mut self, under: impl IntoIterator<Item = Node>) -> Node {
        self.under.extend(under);
        self
    }

    /// At a place.
    #[must_use]
    pub fn at(self, place: &Place) -> Node {
        Node { place: Some(place.clone()), ..self }
    }

    /// As something to the line above.
    #[must_use]
    pub fn role(self, role: Role) -> Node {
        Node { role, ..self }
    }

    /// As a term of the sum above.
    #[must_use]
    pub fn plus(self) -> Node {
        self.role(Role::Plus)
    }

    /// As a term that is taken away above.
    #[must_use]
    pub fn minus(self) -> Node {
        self.role(Role::Minus)
    }

    /// As a product of numbers that are in the line.
    #[must_use]
    pub fn times(self, factors: impl IntoIterator<Item = Ratio>) -> Node {
        Node { factors: factors.into_iter().collect(), ..self }
    }

    /// As a sum of numbers that are in the line.
    #[must_use]
    pub fn sum_of(self, terms: impl IntoIterator<Item = Ratio>) -> Node {
        Node { terms: terms.into_iter().collect(), ..self }
    }

    /// With the number that was rounded, where rounding changed it.
    #[must_use]
    pub fn rounded_from(self, exact: &Ratio) -> Node {
        let changed = self.number.as_ref().is_some_and(|number| number.ratio() != *exact);
        Node { exact: changed.then(|| exact.clone()), ..self }
    }

    /// As a figure of the long table.
    #[must_use]
    pub fn figure(self, figure: FigureKey) -> Node {
        Node { figure: Some(figure), ..self }
    }
}
