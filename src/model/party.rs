//! Parties: who pays a share.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::period::{Months, Period};
use super::years::Year;

/// Which party of the scenario, by its position in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PartyIx(pub usize);

/// A party.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Party {
    /// The name that tables and rules use; ties are broken by it in byte order.
    pub id: String,
    /// The name for people.
    pub name: String,
    /// The official number (kommunenummer), where one is given.
    pub number: Option<String>,
    /// When it is a party.
    pub period: Period,
}

/// The parties of a scenario, in the order of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parties {
    list: Vec<Party>,
    ranks: Arc<[u32]>,
    by_name: BTreeMap<String, PartyIx>,
    are_steady: bool,
}

impl Party {
    /// Whether it is a party in this year, or in a part of it.
    pub fn is_active(&self, year: Year) -> bool {
        self.period.months(year) != Months::NONE
    }
}

impl Parties {
    /// Takes parties of different ids.
    pub fn new(list: Vec<Party>) -> Parties {
        let mut order: Vec<usize> = (0..list.len()).collect();
        order.sort_by(|&a, &b| list[a].id.as_bytes().cmp(list[b].id.as_bytes()));
        let mut ranks = vec![0; list.len()];
        for (rank, &index) in (0u32..).zip(&order) {
            ranks[index] = rank;
        }
        let mut by_name = BTreeMap::new();
        // Ids last, so that an id wins over another party's name or number.
        for (index, party) in list.iter().enumerate() {
            by_name.extend(party.number.iter().map(|number| (number.clone(), PartyIx(index))));
            by_name.insert(party.name.clone(), PartyIx(index));
        }
        by_name.extend(list.iter().enumerate().map(|(index, party)| (party.id.clone(), PartyIx(index))));
        let are_steady = list.iter().all(|party| party.period == Period::ALWAYS);
        Parties { list, ranks: ranks.into(), by_name, are_steady }
    }

    /// The party of an index.
    pub fn get(&self, party: PartyIx) -> &Party {
        &self.list[party.0]
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.list.len()
    }

    /// All of them with their indexes, in the order of the file.
    pub fn iter(&self) -> impl Iterator<Item = (PartyIx, &Party)> {
        self.list.iter().enumerate().map(|(index, party)| (PartyIx(index), party))
    }

    /// Whether all of them are parties in all years, for all of each.
    pub fn are_steady(&self) -> bool {
        self.are_steady
    }

    /// The place of a party's id in byte order, which breaks ties.
    pub fn rank(&self, party: PartyIx) -> u32 {
        self.ranks[party.0]
    }

    /// The places of all ids in byte order, by party.
    pub fn ranks(&self) -> &Arc<[u32]> {
        &self.ranks
    }

    /// The party of this id, name or number, or of "number name" as a statistics bank writes it.
    pub fn find(&self, written: &str) -> Option<PartyIx> {
        let known = |name: &str| self.by_name.get(name).copied();
        known(written).or_else(|| {
            let (number, name) = written.split_once(' ')?;
            let is_number = number.len() == 4 && number.bytes().all(|byte| byte.is_ascii_digit());
            let party = known(name.trim()).filter(|_| is_number)?;
            let somebody_else = known(number).is_some_and(|owner| owner != party);
            let fits = self.get(party).number.as_deref().is_none_or(|own| own == number);
            (fits && !somebody_else).then_some(party)
        })
    }

    /// All ids, for suggestions.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.list.iter().map(|party| party.id.as_str())
    }
}
