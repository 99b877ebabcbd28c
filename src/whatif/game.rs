//! The game behind an attribution: some players change something together, and each is to get its part of the
//! change.
//!
//! Who changes what first decides what it seems to do: a new key does more at the new, higher cost than at the old
//! one. No order is the right one, so every order is tried, and each player gets the average of what it did in all
//! of them. This is the value that Shapley gave a game in 1953; among all ways to divide a change it is the only one
//! where the parts sum to the change, players that always do the same get the same, one that never does anything
//! gets nothing, and the parts of two games added up are those of the sum. Where an order is stated, each player gets
//! what it does in that order.
//!
//! Some sets of players may not be able to change without the others. Players that such a set keeps apart cannot be
//! told apart, and play as one.
//!
//! Deliberately absent: what the players are, money, and any rounding. Amounts are exact fractions.

use num_traits::Zero;
use rayon::prelude::{IntoParallelIterator, ParallelIterator};

use crate::ground::ratio::{self, Ratio};

/// Some of the players of a game, one bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Players(u32);

/// In which order the players change something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order<'o> {
    /// In every order; each part is the average over all of them.
    Every,
    /// In this one, which names each player once.
    Stated(&'o [usize]),
}

/// What one player, or several that cannot be told apart, did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part<F> {
    /// Who.
    pub players: Players,
    /// How much of each amount.
    pub amounts: Vec<Ratio>,
    /// Why they play as one, where there are several.
    pub joined_by: Option<Joined<F>>,
}

/// Why players cannot be told apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Joined<F> {
    /// These cannot change without the others.
    pub without_others: Players,
    /// What stands in the way.
    pub fault: F,
}

impl Players {
    /// Nobody.
    pub const NONE: Players = Players(0);

    /// This one alone.
    pub fn only(player: usize) -> Players {
        Players(1 << player)
    }

    /// So many, from the first on.
    pub fn first(count: usize) -> Players {
        Players((1 << count) - 1)
    }

    /// These and those.
    #[must_use]
    pub fn and(self, others: Players) -> Players {
        Players(self.0 | others.0)
    }

    /// Whether this one is among them.
    pub fn has(self, player: usize) -> bool {
        self.0 >> player & 1 == 1
    }

    /// How many they are.
    pub fn count(self) -> u32 {
        self.0.count_ones()
    }

    /// All of them, in order.
    pub fn iter(self) -> impl Iterator<Item = usize> {
        (0..32).filter(move |player| self.has(*player))
    }

    fn has_all(self, others: Players) -> bool {
        self.0 & others.0 == others.0
    }

    /// Whether some of these, and not all, are among those.
    fn is_split_by(self, those: Players) -> bool {
        ![0, self.0].contains(&(self.0 & those.0))
    }

    fn index(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }
}

/// Plays a game of so many players. `worth` says what each amount comes to when these have changed and the others
/// have not, or why these cannot change without the others. The parts of each amount sum to its whole change.
///
/// ```
/// use fordel::ground::ratio::whole;
/// use fordel::whatif::game::{Order, Players, play};
/// // Player 0 makes 3 apples 5, player 1 makes their price 10 instead of 4: from 12 to 50.
/// let worth = |changed: Players| -> Result<_, ()> {
///     let (apples, price) = (if changed.has(0) { 5 } else { 3 }, if changed.has(1) { 10 } else { 4 });
///     Ok(vec![whole(apples * price)])
/// };
/// let parts = play(2, Order::Every, worth).unwrap();
/// assert_eq!([&parts[0].amounts[0], &parts[1].amounts[0]], [&whole(14), &whole(24)]);
/// let parts = play(2, Order::Stated(&[0, 1]), worth).unwrap();
/// assert_eq!([&parts[0].amounts[0], &parts[1].amounts[0]], [&whole(8), &whole(30)]);
/// ```
///
/// # Errors
/// What stands in the way when nobody, or when everybody, has changed: then there is nothing to divide.
pub fn play<F: Clone + Send + Sync>(
    count: usize,
    order: Order<'_>,
    worth: impl Fn(Players) -> Result<Vec<Ratio>, F> + Sync,
) -> Result<Vec<Part<F>>, F> {
    match order {
        Order::Every => in_every_order(count, worth),
        Order::Stated(order) => in_stated_order(order, worth),
    }
}

fn in_every_order<F: Clone + Send + Sync>(
    count: usize,
    worth: impl Fn(Players) -> Result<Vec<Ratio>, F> + Sync,
) -> Result<Vec<Part<F>>, F> {
    let everybody = Players::first(count);
    let worths: Vec<Result<Vec<Ratio>, F>> =
        (0..=everybody.0).into_par_iter().map(|bits| worth(Players(bits))).collect();
    for end in [Players::NONE, everybody] {
        worths[end.index()].as_ref().map_err(F::clone)?;
    }
    let faults = || {
        let fault =
            |(bits, worth): (u32, &Result<_, F>)| Some((Players(bits), worth.as_ref().err()?.clone()));
        (0..).zip(&worths).filter_map(fault)
    };
    let groups = groups_that_can_be_told_apart(count, |players| worths[players.index()].is_ok());
    let known = |players: Players| worths[players.index()].as_deref().unwrap_or_default();
    let part = |group: &Players| Part {
        players: *group,
        amounts: average_over_all_orders(*group, &groups, known),
        joined_by: faults()
            .filter(|(players, _)| group.is_split_by(*players))
            .min_by_key(|(players, _)| (players.count(), *players))
            .map(|(without_others, fault)| Joined { without_others, fault }),
    };
    Ok(groups.iter().map(part).collect())
}

/// What a group adds to each amount, as an average over all orders of the groups. The groups before it in an order
/// are some of the others; every set of them stands before it in equally many orders as any other set of that size.
fn average_over_all_orders<'w>(
    group: Players,
    groups: &[Players],
    worth: impl Fn(Players) -> &'w [Ratio],
) -> Vec<Ratio> {
    let others: Vec<Players> = groups.iter().copied().filter(|other| *other != group).collect();
    let mut by_size = vec![vec![Ratio::zero(); worth(Players::NONE).len()]; groups.len()];
    for before in sets_of(&others) {
        let size = others.iter().filter(|other| before.has_all(**other)).count();
        let added = worth(before.and(group)).iter().zip(worth(before));
        for (sum, (with, without)) in by_size[size].iter_mut().zip(added) {
            *sum += with - without;
        }
    }
    // Each size of the set before the group is equally likely, and each set of that size.
    let mut average = vec![Ratio::zero(); worth(Players::NONE).len()];
    for (size, sums) in by_size.iter().enumerate() {
        let how_often = ratio::whole(groups.len()) * ratio::whole(sets_of_size(others.len(), size));
        for (average, sum) in average.iter_mut().zip(sums) {
            *average += sum / &how_often;
        }
    }
    average
}

fn in_stated_order<F>(
    order: &[usize],
    worth: impl Fn(Players) -> Result<Vec<Ratio>, F>,
) -> Result<Vec<Part<F>>, F> {
    let mut parts = Vec::new();
    let mut before = worth(Players::NONE)?;
    let (mut changed, mut group, mut joined_by) = (Players::NONE, Players::NONE, None);
    for (position, player) in order.iter().enumerate() {
        changed = changed.and(Players::only(*player));
        group = group.and(Players::only(*player));
        match worth(changed) {
            Ok(after) => {
                let amounts = after.iter().zip(&before).map(|(after, before)| after - before).collect();
                parts.push(Part { players: group, amounts, joined_by: joined_by.take() });
                (before, group) = (after, Players::NONE);
            }
            Err(fault) if position + 1 == order.len() => return Err(fault),
            // The next one in the order has to change as well before there is anything to compare.
            Err(fault) => joined_by = joined_by.or(Some(Joined { without_others: changed, fault })),
        }
    }
    Ok(parts)
}

/// The most groups of players such that any of them can change without the others. Of several ways to make as many,
/// the one that joins earlier players.
fn groups_that_can_be_told_apart(count: usize, can_change: impl Fn(Players) -> bool) -> Vec<Players> {
    let told_apart = |groups: &Vec<Players>| sets_of(groups).all(&can_change);
    let mut best: Vec<Players> = vec![];
    for groups in groupings(count) {
        if groups.len() > best.len() && told_apart(&groups) {
            best = groups;
        }
    }
    best
}

/// All ways to put players into groups, those that join earlier players first.
fn groupings(count: usize) -> Vec<Vec<Players>> {
    let mut all: Vec<Vec<Players>> = vec![vec![]];
    for player in 0..count {
        let with_player = |groups: &Vec<Players>| {
            let mut ways: Vec<Vec<Players>> = Vec::with_capacity(groups.len() + 1);
            for position in 0..groups.len() {
                let mut joined = groups.clone();
                joined[position] = joined[position].and(Players::only(player));
                ways.push(joined);
            }
            ways.push(groups.iter().copied().chain([Players::only(player)]).collect());
            ways
        };
        all = all.iter().flat_map(with_player).collect();
    }
    all
}

/// All sets that can be made of whole groups.
fn sets_of(groups: &[Players]) -> impl Iterator<Item = Players> {
    (0..1_u32 << groups.len()).map(|chosen| {
        let members = groups.iter().enumerate().filter(|(position, _)| chosen >> position & 1 == 1);
        members.fold(Players::NONE, |set, (_, group)| set.and(*group))
    })
}

/// In how many ways so many can be chosen out of a number.
fn sets_of_size(out_of: usize, size: usize) -> usize {
    (0..size).fold(1, |ways, chosen| ways * (out_of - chosen) / (chosen + 1))
}
