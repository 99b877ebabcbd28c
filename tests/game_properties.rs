//! What must always hold of the game behind an attribution, on random games, against the definition written out:
//! the average over all orders of the players.

use fordel::ground::ratio::{self, Ratio};
use fordel::whatif::game::{Order, Part, Players, play};

use crate::support::Random;

const PLAYERS_MAX: u64 = 5;

/// A game by its table: what each amount comes to for every set of players, or that it cannot be played.
struct Game {
    players: usize,
    worths: Vec<Result<Vec<Ratio>, String>>,
}

impl Game {
    /// Two amounts, worths of all kinds of fractions.
    fn random(random: &mut Random) -> Game {
        let players = usize::try_from(random.below(PLAYERS_MAX + 1)).unwrap();
        let number = |random: &mut Random| {
            ratio::fraction(i64::try_from(random.below(2_001)).unwrap() - 1_000, random.below(12) + 1)
        };
        let worths = (0..1 << players).map(|_| Ok(vec![number(random), number(random)]));
        Game { players, worths: worths.collect() }
    }

    /// The same game where some sets cannot be played; nobody and everybody always can.
    fn with_faults(mut self, random: &mut Random, one_in: u64) -> Game {
        let last = self.worths.len() - 1;
        for set in 1..last.max(1) {
            if random.below(one_in) == 0 {
                self.worths[set] = Err(format!("set {set}"));
            }
        }
        self
    }

    /// The game of those that have not changed yet: from the end back to the beginning.
    fn mirrored(&self) -> Game {
        Game { players: self.players, worths: self.worths.iter().rev().cloned().collect() }
    }

    /// The same with other worths, by what the set of each is turned into.
    fn through(&self, turned: impl Fn(usize) -> usize) -> Game {
        let worths = (0..self.worths.len()).map(|set| self.worths[turned(set)].clone());
        Game { players: self.players, worths: worths.collect() }
    }

    fn worth(&self, players: Players) -> Result<Vec<Ratio>, String> {
        self.worths[players.iter().map(|player| 1 << player).sum::<usize>()].clone()
    }

    fn play(&self, order: Order<'_>) -> Vec<Part<String>> {
        play(self.players, order, |players| self.worth(players)).unwrap()
    }

    fn change(&self) -> Vec<Ratio> {
        let (before, after) =
            (self.worths[0].clone().unwrap(), self.worths.last().cloned().unwrap().unwrap());
        after.iter().zip(&before).map(|(after, before)| after - before).collect()
    }
}

fn sum(parts: &[Part<String>]) -> Vec<Ratio> {
    (0..2).map(|amount| parts.iter().map(|part| &part.amounts[amount]).sum()).collect()
}

fn orders(players: usize) -> Vec<Vec<usize>> {
    let mut orders = vec![vec![]];
    for _ in 0..players {
        let longer = |order: &Vec<usize>| {
            let next = (0..players).filter(|player| !order.contains(player));
            next.map(|player| order.iter().copied().chain([player]).collect()).collect::<Vec<_>>()
        };
        orders = orders.iter().flat_map(longer).collect();
    }
    orders
}

#[test]
fn each_part_is_the_average_over_all_orders_and_they_sum_to_the_change() {
    for round in 0..1_000 {
        let game = Game::random(&mut Random(round));
        let parts = game.play(Order::Every);
        assert_eq!(sum(&parts), game.change(), "round {round}");
        assert_eq!(parts.len(), game.players, "round {round}");
        let orders = orders(game.players);
        let mut average = vec![vec![ratio::whole(0), ratio::whole(0)]; game.players];
        for order in &orders {
            let stated = game.play(Order::Stated(order));
            assert_eq!(sum(&stated), game.change(), "round {round}: {order:?}");
            for part in stated {
                let player = part.players.iter().next().unwrap();
                for (average, amount) in average[player].iter_mut().zip(part.amounts) {
                    *average += amount / ratio::whole(orders.len());
                }
            }
        }
        let played: Vec<Vec<Ratio>> = parts.into_iter().map(|part| part.amounts).collect();
        assert_eq!(played, average, "round {round}");
    }
}

#[test]
fn players_that_do_the_same_get_the_same_and_one_that_does_nothing_gets_nothing() {
    for round in 0..1_000 {
        let game = Game::random(&mut Random(10_000 + round));
        if game.players < 2 {
            continue;
        }
        // Only how many of the first two have changed counts.
        let alike = game.through(|set| if set & 0b11 == 0b10 { set ^ 0b11 } else { set }).play(Order::Every);
        assert_eq!(alike[0].amounts, alike[1].amounts, "round {round}");
        let idle = game.through(|set| set & !0b10).play(Order::Every);
        assert_eq!(idle[1].amounts, [ratio::whole(0), ratio::whole(0)], "round {round}");
    }
}

#[test]
fn back_from_the_end_is_the_mirror_image() {
    for round in 0..2_000 {
        let mut random = Random(20_000 + round);
        let game = Game::random(&mut random).with_faults(&mut random, 4);
        let (forth, back) = (game.play(Order::Every), game.mirrored().play(Order::Every));
        assert_eq!(forth.len(), back.len(), "round {round}");
        for (forth, back) in forth.iter().zip(&back) {
            assert_eq!(forth.players, back.players, "round {round}");
            let mirrored: Vec<Ratio> = back.amounts.iter().map(|amount| -amount).collect();
            assert_eq!(forth.amounts, mirrored, "round {round}");
        }
    }
}

#[test]
fn who_cannot_change_without_others_plays_as_one_with_them_and_nobody_else_does() {
    let mut joined = 0;
    for round in 0..2_000 {
        let mut random = Random(30_000 + round);
        let game = Game::random(&mut random).with_faults(&mut random, 3);
        let parts = game.play(Order::Every);
        assert_eq!(sum(&parts), game.change(), "round {round}");
        let all = parts.iter().fold(Players::NONE, |all, part| all.and(part.players));
        assert_eq!(all, Players::first(game.players), "round {round}");
        assert_eq!(parts.iter().map(|part| part.players.count()).sum::<u32>(), all.count(), "round {round}");
        for chosen in 0..1 << parts.len() {
            let members = parts.iter().enumerate().filter(|(position, _)| chosen >> position & 1 == 1);
            let set = members.fold(Players::NONE, |set, (_, part)| set.and(part.players));
            assert!(game.worth(set).is_ok(), "round {round}: {set:?} cannot change");
        }
        for part in &parts {
            assert_eq!(part.joined_by.is_some(), part.players.count() > 1, "round {round}");
            if let Some(reason) = &part.joined_by {
                assert_eq!(game.worth(reason.without_others), Err(reason.fault.clone()), "round {round}");
                let there = part.players.iter().filter(|player| reason.without_others.has(*player)).count();
                assert!(there > 0 && there < usize::try_from(part.players.count()).unwrap(), "round {round}");
                joined += 1;
            }
        }
        let stated: Vec<usize> = random.shuffled(&(0..game.players).collect::<Vec<_>>());
        let stated = game.play(Order::Stated(&stated));
        assert_eq!(sum(&stated), game.change(), "round {round}");
        assert!(stated.iter().all(|part| part.joined_by.is_some() == (part.players.count() > 1)));
    }
    assert!(joined > 500, "only {joined} groups");
}

#[test]
fn a_key_that_needs_its_participants_leaves_the_others_apart() {
    // Players 1 and 2 change together or not at all; 0 and 3 are free.
    let worth = |set: Players| match (set.has(1), set.has(2)) {
        (true, false) => Err("1 without 2"),
        (false, true) => Err("2 without 1"),
        _ => Ok(vec![ratio::whole(
            set.iter().map(|player| 10_i64.pow(u32::try_from(player).unwrap())).sum::<i64>(),
        )]),
    };
    let parts = play(4, Order::Every, worth).unwrap();
    let amounts: Vec<&Ratio> = parts.iter().map(|part| &part.amounts[0]).collect();
    assert_eq!(amounts, [&ratio::whole(1), &ratio::whole(110), &ratio::whole(1_000)]);
    assert_eq!(parts[1].joined_by.as_ref().unwrap().fault, "1 without 2");
    let stated = play(4, Order::Stated(&[2, 0, 1, 3]), worth).unwrap();
    let amounts: Vec<&Ratio> = stated.iter().map(|part| &part.amounts[0]).collect();
    assert_eq!(amounts, [&ratio::whole(111), &ratio::whole(1_000)], "in this order 0 stands between");
}

#[test]
fn without_a_beginning_or_an_end_there_is_nothing_to_divide() {
    for (missing, order) in
        [(0, Order::Every), (2, Order::Every), (0, Order::Stated(&[0, 1])), (2, Order::Stated(&[0, 1]))]
    {
        let worth = |set: Players| if set.count() == missing { Err("no") } else { Ok(vec![ratio::whole(1)]) };
        assert_eq!(play(2, order, worth), Err("no"));
    }
}
