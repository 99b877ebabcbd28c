//! The plan: what the rules of a run declared, as plain data. It can be compared, shown and handed over.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::ground::column::Column;
use crate::ground::money::Money;
use crate::ground::ratio::Ratio;
use crate::ground::source::Place;
use crate::model::driver::DriverIx;
use crate::model::grant::GrantIx;
use crate::model::measure::MeasureIx;
use crate::model::party::PartyIx;
use crate::model::reserve::ReserveIx;
use crate::model::scenario::FundSource;
use crate::model::years::Year;

use super::parameters::Parameter;
use super::shared_key::SharedKey;

/// Which of the plan's keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyIx(pub usize);

/// What the rules declared for every measure, grant and year.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// The different keys of the run; many measures and years may share one.
    pub keys: Vec<SharedKey>,
    /// By year and measure: the key, or none where nothing is split.
    pub(super) key_of: Vec<Vec<Option<KeyIx>>>,
    /// By year and measure: the key by which newcomers buy in, months not counted; none where nobody comes.
    pub(super) buy_in_key_of: Vec<Vec<Option<KeyIx>>>,
    /// By year and reserve: the key by which leavers get their part; none where nobody leaves.
    pub(super) exit_key_of: Vec<Vec<Option<KeyIx>>>,
    /// By year and measure: the funding steps in order.
    pub(super) draws_of: Vec<Vec<Arc<[DrawPlan]>>>,
    /// By grant: how its awards are paid, where that is followed.
    pub(super) payment_of: Vec<Option<PaymentPlan>>,
    /// By grant and award year.
    pub(super) carry_over_of: Vec<Vec<Arc<CarryOverPlan>>>,
    /// The parameters that rules asked for, by file and place.
    pub parameters: Vec<Parameter>,
}

/// Other keys for some measures.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyPatch {
    /// The measures, in the order of the file.
    pub measures: Vec<MeasureIx>,
    /// How many keys the plan has that it was made for. Its numbers mean nothing for any other.
    pub(super) others: usize,
    /// Keys that the plan does not have yet, in the order in which they are added to it.
    pub(super) keys: Vec<SharedKey>,
    /// By year, then by position among the measures: as in the plan once the keys have been added.
    pub(super) key_of: Vec<Vec<Option<KeyIx>>>,
    pub(super) buy_in_key_of: Vec<Vec<Option<KeyIx>>>,
}

/// A key: exact proportions, fixed amounts, or both.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyPlan {
    /// Its parts; the factors of the proportional ones sum to 1, unless there are none.
    pub parts: Vec<PartPlan>,
    /// The limits of their shares.
    pub limits: Vec<LimitPlan>,
    /// What becomes of what the fixed amounts or the maximums leave.
    pub rest: Option<Arc<KeyPlan>>,
    /// The limits of the whole share, with the rest.
    pub limits_of_all: Vec<LimitPlan>,
    /// Instead of parts: the keys of the parts of the cost that have these tags.
    pub by_tag: Vec<(String, Arc<KeyPlan>)>,
}

/// A minimum or a maximum of the shares of a key. For a negative amount it limits sizes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LimitPlan {
    /// Which of the two.
    pub side: Side,
    /// What the numbers are parts of.
    pub of: LimitBase,
    /// A number for each party that has this limit.
    pub numbers: Vec<(PartyIx, Ratio)>,
    /// The word that declared it.
    pub place: Place,
}

/// A minimum or a maximum.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// Nobody less.
    Least,
    /// Nobody more.
    Most,
}

/// What the numbers of a limit are parts of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LimitBase {
    /// Kroner.
    Kroner,
    /// The amount that is split.
    Amount,
    /// What the party was billed the year before; who was not has no such limit.
    LastYear,
}

/// A part of a key with its values worked out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartPlan {
    /// Who shares in this part, in the order of the scenario; never empty.
    pub parties: Arc<[PartyIx]>,
    /// A value for each of them: a base of the proportion, or a fixed amount in kroner.
    pub values: Column,
    /// Of a proportion: who takes part for less than a year, and for how many months. Its value is that part of 12.
    pub months: Vec<(PartyIx, u32)>,
    /// How the values are used.
    pub base: Base,
    /// The word in the rule file that declared it.
    pub place: Place,
}

/// How the values of a part are used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Base {
    /// A fraction of the amount in proportion to the values; their sum is above zero.
    Proportional {
        /// The fraction of the amount, above 0 and at most 1.
        factor: Ratio,
        /// What the values are.
        by: Proportion,
        /// Where given, the rate per unit of the base is rounded to a multiple of this, in kroner.
        rate_unit: Option<Ratio>,
    },
    /// Fixed amounts in kroner, whatever there is to split.
    Fixed(Tariff),
    /// Amounts in kroner that sum to zero, and are rounded so that they still do.
    Transfers,
}

/// What a proportional part is proportional to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proportion {
    /// Everybody the same.
    Equal,
    /// A driver's values of a year; without a year those that hold for all years.
    Driver(DriverIx, Option<Year>),
    /// Numbers computed by a rule.
    Computed,
    /// Percentages that sum to 100; those who take part and are not named have 0.
    Percent(Vec<PartyIx>),
    /// Given weights; those who take part and are not named have 0.
    Weights(Vec<PartyIx>),
}

/// Where fixed amounts come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tariff {
    /// An amount for each party by name.
    Named,
    /// The same amount for everybody.
    Each,
    /// A rate in kroner times a driver's value of a year.
    Rate(Ratio, DriverIx, Option<Year>),
    /// Amounts computed by a rule.
    Computed,
}

/// A funding step: a draw on a grant or reserve.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DrawPlan {
    /// The part of the eligible cost it may cover, from 0 to 1.
    pub rate: Ratio,
    /// The positions of the cost lines that are eligible; `None` for the whole gross cost.
    pub lines: Option<Vec<usize>>,
    /// Where the money comes from.
    pub source: FundSource,
    /// The most it may draw in a year.
    pub ceiling: Option<Money>,
    /// The most it may be of itself and the own contribution of the parties.
    pub match_rate: Option<Ratio>,
    /// Whether work in kind is own contribution.
    pub with_in_kind: bool,
    /// Whether it shares what the source has with others that ask pro rata.
    pub pro_rata: bool,
    /// The word that declared it.
    pub place: Place,
}

/// What happens to the unused part of an award at year end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CarryOverPlan {
    /// How many years after its own an award may be used; `None` without end.
    pub years: Option<u32>,
    /// The most that is carried into the next year, as a part of the award.
    pub at_most: Option<Ratio>,
    /// Whether what is not carried over is paid back to the funder; else it lapses.
    pub repay: bool,
    /// The word that declared it; `None` where the grant has no rule and nothing is carried over.
    pub place: Option<Place>,
}

/// How the awards of a grant are paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentPlan {
    /// The part of the awards that may be paid before the final report, from 0 to 1.
    pub prepaid: Ratio,
    /// The word that declared it.
    pub place: Place,
}

impl KeyPatch {
    /// Which of its own keys the measure at a position has in a year.
    pub fn key(&self, year_index: usize, position: usize) -> Option<KeyIx> {
        self.key_of[year_index][position].and_then(|key| key.0.checked_sub(self.others)).map(KeyIx)
    }

    /// Its keys.
    pub fn keys(&self) -> &[SharedKey] {
        &self.keys
    }
}

impl Plan {
    /// The key of a measure in the year at this position, where anything is split.
    pub fn key(&self, year_index: usize, measure: MeasureIx) -> Option<&KeyPlan> {
        self.key_ix(year_index, measure).map(|key| self.keys[key.0].plan.as_ref())
    }

    /// The keys of all measures in the year at this position.
    pub fn keys_of_year(&self, year_index: usize) -> &[Option<KeyIx>] {
        &self.key_of[year_index]
    }

    /// Which key it is.
    pub fn key_ix(&self, year_index: usize, measure: MeasureIx) -> Option<KeyIx> {
        self.key_of[year_index][measure.0]
    }

    /// By which key newcomers buy in to a measure in the year at this position.
    pub fn buy_in_key(&self, year_index: usize, measure: MeasureIx) -> Option<KeyIx> {
        self.buy_in_key_of[year_index][measure.0]
    }

    /// By which key those who leave at the end of the year at this position get their part of a reserve.
    pub fn exit_key(&self, year_index: usize, reserve: ReserveIx) -> Option<KeyIx> {
        self.exit_key_of[year_index][reserve.0]
    }

    /// How the awards of a grant are paid, where that is followed.
    pub fn payment(&self, grant: GrantIx) -> Option<&PaymentPlan> {
        self.payment_of[grant.0].as_ref()
    }

    /// The funding steps of a measure in the year at this position, in order.
    pub fn draws(&self, year_index: usize, measure: MeasureIx) -> &[DrawPlan] {
        &self.draws_of[year_index][measure.0]
    }

    /// What happens to what is unused of the award of the year at this position; an award of an earlier year
    /// follows the rule of the first.
    pub fn carry_over(&self, grant: GrantIx, award_year_index: Option<usize>) -> &CarryOverPlan {
        &self.carry_over_of[grant.0][award_year_index.unwrap_or(0)]
    }
}

impl Plan {
    /// The plan for some measures, grants and reserves alone, by their positions; `renumber` turns their draws into
    /// those of the part.
    pub fn part(
        &self,
        measures: &[MeasureIx],
        grants: &[usize],
        reserves: &[usize],
        renumber: impl Fn(&[DrawPlan]) -> Arc<[DrawPlan]>,
    ) -> Plan {
        let mut new_of: BTreeMap<KeyIx, KeyIx> = BTreeMap::new();
        let mut keys = Vec::new();
        let mut key = |old: &Option<KeyIx>| {
            old.map(|old| {
                *new_of.entry(old).or_insert_with(|| {
                    keys.push(old);
                    KeyIx(keys.len() - 1)
                })
            })
        };
        let of_measures = |row: &Vec<Option<KeyIx>>, key: &mut dyn FnMut(&Option<KeyIx>) -> Option<KeyIx>| {
            measures.iter().map(|measure| key(&row[measure.0])).collect::<Vec<_>>()
        };
        let key_of = self.key_of.iter().map(|row| of_measures(row, &mut key)).collect();
        let buy_in_key_of = self.buy_in_key_of.iter().map(|row| of_measures(row, &mut key)).collect();
        let exit_row =
            |row: &Vec<Option<KeyIx>>| reserves.iter().map(|reserve| key(&row[*reserve])).collect();
        let exit_key_of = self.exit_key_of.iter().map(exit_row).collect();
        // Steps that say the same in every year are one list, and are turned once.
        let mut turned: BTreeMap<*const DrawPlan, Arc<[DrawPlan]>> = BTreeMap::new();
        let mut draws = |old: &Arc<[DrawPlan]>| match old.is_empty() {
            true => Arc::default(),
            false => Arc::clone(turned.entry(old.as_ptr()).or_insert_with(|| renumber(old))),
        };
        let draws_of = self.draws_of.iter().map(|row| measures.iter().map(|at| draws(&row[at.0])).collect());
        Plan {
            draws_of: draws_of.collect(),
            key_of,
            buy_in_key_of,
            exit_key_of,
            payment_of: grants.iter().map(|grant| self.payment_of[*grant].clone()).collect(),
            carry_over_of: grants.iter().map(|grant| self.carry_over_of[*grant].clone()).collect(),
            keys: keys.iter().map(|old| self.keys[old.0].clone()).collect(),
            parameters: vec![],
        }
    }

    /// The same with the draws, carry-overs and payments of another plan of the same years, measures and funds.
    #[must_use]
    pub fn with_funds_of(self, other: Plan) -> Plan {
        let Plan { draws_of, payment_of, carry_over_of, .. } = other;
        Plan { draws_of, payment_of, carry_over_of, ..self }
    }

    /// Takes over other keys, and gives what puts the old ones back.
    ///
    /// # Panics
    /// When the patch was made for another plan, which is a fault of the caller.
    pub fn apply(&mut self, patch: KeyPatch) -> KeyPatch {
        self.assert_made_for(&patch);
        let KeyPatch { measures, keys, mut key_of, mut buy_in_key_of, .. } = patch;
        self.keys.extend(keys);
        let rows = self.key_of.iter_mut().zip(&mut key_of);
        for (own, others) in rows.chain(self.buy_in_key_of.iter_mut().zip(&mut buy_in_key_of)) {
            for (index, other) in measures.iter().zip(others) {
                std::mem::swap(&mut own[index.0], other);
            }
        }
        KeyPatch { measures, others: self.keys.len(), keys: vec![], key_of, buy_in_key_of }
    }

    /// Stops where a patch was made for another plan: its numbers would name other keys, and nobody would see it.
    pub fn assert_made_for(&self, patch: &KeyPatch) {
        assert!(patch.others == self.keys.len(), "a patch is for the plan that it was made for");
    }

    /// The keys that a patch names and the plan has, one after the other.
    pub fn named_in(&self, patch: &KeyPatch) -> Vec<&SharedKey> {
        let rows = patch.key_of.iter().chain(&patch.buy_in_key_of);
        let mut numbers: Vec<KeyIx> = rows.flatten().flatten().copied().collect();
        // Many measures have the same one.
        numbers.dedup();
        numbers.into_iter().filter_map(|key| self.keys.get(key.0)).collect()
    }

    /// Forgets the keys that nothing uses any more; the others keep their order.
    pub fn forget_unused_keys(&mut self) {
        let mut used = vec![false; self.keys.len()];
        self.numbers_mut().for_each(|key| used[key.0] = true);
        let new = |next: &mut usize, used: &bool| {
            let number = KeyIx(*next);
            *next += usize::from(*used);
            Some(number)
        };
        let renumbered: Vec<KeyIx> = used.iter().scan(0, new).collect();
        self.numbers_mut().for_each(|key| *key = renumbered[key.0]);
        let mut used = used.into_iter();
        self.keys.retain(|_| used.next().unwrap_or(true));
    }

    /// All places in which a key is named by its number.
    fn numbers_mut(&mut self) -> impl Iterator<Item = &mut KeyIx> {
        let rows = self.key_of.iter_mut().chain(&mut self.buy_in_key_of).chain(&mut self.exit_key_of);
        rows.flatten().flatten()
    }

    /// Takes over other keys in the plan of a part, which has these of the measures; the patch was made for the whole.
    ///
    /// # Panics
    /// When it was made for another plan, which is a fault of the caller.
    pub fn apply_to_part(&mut self, patch: &KeyPatch, whole: &Plan, measures: &[MeasureIx]) {
        whole.assert_made_for(patch);
        let mut turned: BTreeMap<KeyIx, KeyIx> = BTreeMap::new();
        let keys = &mut self.keys;
        let mut turn = |old: KeyIx| {
            *turned.entry(old).or_insert_with(|| {
                let new = old.0.checked_sub(whole.keys.len());
                keys.push(new.map_or_else(|| &whole.keys[old.0], |new| &patch.keys[new]).clone());
                KeyIx(keys.len() - 1)
            })
        };
        let rows = self.key_of.iter_mut().zip(&patch.key_of);
        for (own, others) in rows.chain(self.buy_in_key_of.iter_mut().zip(&patch.buy_in_key_of)) {
            for (index, other) in patch.measures.iter().zip(others) {
                if let Ok(position) = measures.binary_search(index) {
                    own[position] = other.map(&mut turn);
                }
            }
        }
    }

    /// Whether another plan of the same years says the same of a measure.
    pub fn agrees_on_measure(&self, other: &Plan, measure: MeasureIx) -> bool {
        (0..self.key_of.len()).all(|year| {
            let keys = |plan: &Plan| [plan.key_of[year][measure.0], plan.buy_in_key_of[year][measure.0]];
            let same = |(own, others): (Option<KeyIx>, Option<KeyIx>)| match (own, others) {
                (Some(own), Some(others)) => self.keys[own.0] == other.keys[others.0],
                (own, others) => own == others,
            };
            keys(self).into_iter().zip(keys(other)).all(same)
                && self.draws_of[year][measure.0] == other.draws_of[year][measure.0]
        })
    }

    /// Whether another plan says the same of a grant.
    pub fn agrees_on_grant(&self, other: &Plan, grant: usize) -> bool {
        self.payment_of[grant] == other.payment_of[grant]
            && self.carry_over_of[grant] == other.carry_over_of[grant]
    }

    /// Whether another plan of the same years says the same of a reserve.
    pub fn agrees_on_reserve(&self, other: &Plan, reserve: usize) -> bool {
        let key =
            |plan: &Plan, year: usize| plan.exit_key_of[year][reserve].map(|key| plan.keys[key.0].clone());
        (0..self.exit_key_of.len()).all(|year| key(self, year) == key(other, year))
    }
}

impl KeyPlan {
    /// Whether it bills exactly what there is to split: proportions without rounded rates, or fixed amounts
    /// whose rest is shared so.
    pub fn shares_exactly(&self) -> bool {
        let exact = |part: &PartPlan| matches!(part.base, Base::Proportional { rate_unit: None, .. });
        match &self.rest {
            Some(rest) => rest.shares_exactly(),
            None => self.parts.iter().all(exact) && self.by_tag.iter().all(|(_, key)| key.shares_exactly()),
        }
    }

    /// Whether it is proportions that bill exactly what there is to split and have no limits, so that a
    /// party's part of any amount is one fraction.
    pub fn is_one_proportion(&self) -> bool {
        let free = self.rest.is_none() && self.limits.is_empty() && self.by_tag.is_empty();
        free && self.shares_exactly()
    }

    /// Whether anything in it has limits.
    pub fn has_limits(&self) -> bool {
        !self.limits.is_empty()
            || !self.limits_of_all.is_empty()
            || self.rest.as_ref().is_some_and(|rest| rest.has_limits())
            || self.by_tag.iter().any(|(_, key)| key.has_limits())
    }

    /// All limits of it.
    pub fn all_limits(&self) -> Vec<&LimitPlan> {
        let rest = self.rest.iter().flat_map(|rest| rest.all_limits());
        let by_tag = self.by_tag.iter().flat_map(|(_, key)| key.all_limits());
        self.limits.iter().chain(&self.limits_of_all).chain(rest).chain(by_tag).collect()
    }

    /// Whether a part of it, also of the rest or of a tag, is so.
    pub fn has_part(&self, is_so: fn(&PartPlan) -> bool) -> bool {
        self.parts.iter().any(is_so)
            || self.rest.as_ref().is_some_and(|rest| rest.has_part(is_so))
            || self.by_tag.iter().any(|(_, key)| key.has_part(is_so))
    }

    /// All parts of it, also those of the rest and of tags.
    pub fn all_parts(&self) -> Vec<&PartPlan> {
        let rest = self.rest.iter().flat_map(|rest| rest.all_parts());
        let by_tag = self.by_tag.iter().flat_map(|(_, key)| key.all_parts());
        self.parts.iter().chain(rest).chain(by_tag).collect()
    }

    /// Who shares in any part of it, in the order of the scenario.
    pub fn parties(&self) -> Vec<PartyIx> {
        let parties = self.all_parts().into_iter().flat_map(|part| part.parties.iter().copied());
        parties.collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// Whether it is fixed amounts alone, which are billed whatever there is to split.
    pub fn is_tariff(&self) -> bool {
        let fixed = |part: &PartPlan| matches!(part.base, Base::Fixed(_) | Base::Transfers);
        self.rest.is_none() && self.by_tag.is_empty() && self.parts.iter().all(fixed)
    }
}

impl CarryOverPlan {
    /// The meaning of a grant without a rule: what is unused lapses at the end of its year.
    pub const LAPSE: CarryOverPlan =
        CarryOverPlan { years: Some(0), at_most: None, repay: false, place: None };
}
