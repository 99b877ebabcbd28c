//! The long table: every figure of a budget as a row of year, figure, subject, party and amount. What
//! `--format csv` writes and what `expected.csv` is compared with.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::engine::budget::{Budget, GrantLedger, Lot, YearBudget};
use crate::engine::walk::Outcome;
use crate::ground::money::{Money, TooLarge};
use crate::model::measure::{INSTALMENTS_MAX, MeasureIx};
use crate::model::scenario::Scenario;
use crate::model::years::Year;

use super::scope::Scope;

/// What a row is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FigureKind {
    /// What is to be covered, of a measure.
    Gross,
    /// The sum of the cost lines of a measure, or one of them, whose name then stands under party.
    Lines,
    /// The gross cost of the lines with a tag, which stands under party; of a measure or of all.
    Tagged,
    /// The value of work in kind, of a measure.
    InKind,
    /// What other measures charged to a measure.
    Received,
    /// What a measure charged to another, which stands under party.
    Charge,
    /// What a measure drew from a grant or reserve, whose id stands under party.
    Draw,
    /// Gross + received − charges − draws, of a measure.
    Net,
    /// The sum of the shares of a measure.
    Billed,
    /// Billed − net, of a measure.
    Residual,
    /// What a party pays for a measure.
    Share,
    /// One of the instalments of a share, counted from 1.
    Instalment(u8),
    /// Gross by the actual figures, of a measure that is settled.
    ActualGross,
    /// Net by the actual figures.
    ActualNet,
    /// Share by the actual figures.
    ActualShare,
    /// Actual share − billed share.
    Settlement,
    /// What a party pays of the settlement of the year before.
    BroughtForward,
    /// What a newcomer pays for what was invested earlier, or another party gets for it.
    BuyIn,
    /// Brought in from the year before, of a grant or reserve.
    Opening,
    /// Awarded this year, of a grant.
    Award,
    /// Put into a reserve.
    Deposit,
    /// Used, of a grant or reserve.
    Drawn,
    /// Paid out of a reserve to a party that left.
    Payout,
    /// Carried into the next year, of a grant.
    Carried,
    /// Paid back, of a grant.
    Repaid,
    /// Lapsed, of a grant.
    Lapsed,
    /// Earned from a funder, of a grant whose payments are followed.
    Earned,
    /// Paid by the funder.
    Paid,
    /// Earned and not yet paid at the end of the year.
    Receivable,
    /// Brought into the next year, of a grant or reserve.
    Closing,
    /// Over all measures, of a party or of all.
    Total,
    /// Shares, buy-ins and what is brought forward, less payouts: of a party or of all.
    Payable,
}

/// Every kind of figure with its word in tables; instalments aside, which are counted.
const WORDS: [(FigureKind, &str); 31] = [
    (FigureKind::Gross, "gross"),
    (FigureKind::Lines, "lines"),
    (FigureKind::Tagged, "tagged"),
    (FigureKind::InKind, "in_kind"),
    (FigureKind::Received, "received"),
    (FigureKind::Charge, "charge"),
    (FigureKind::Draw, "draw"),
    (FigureKind::Net, "net"),
    (FigureKind::Billed, "billed"),
    (FigureKind::Residual, "residual"),
    (FigureKind::Share, "share"),
    (FigureKind::ActualGross, "actual_gross"),
    (FigureKind::ActualNet, "actual_net"),
    (FigureKind::ActualShare, "actual_share"),
    (FigureKind::Settlement, "settlement"),
    (FigureKind::BroughtForward, "brought_forward"),
    (FigureKind::BuyIn, "buy_in"),
    (FigureKind::Opening, "opening"),
    (FigureKind::Award, "award"),
    (FigureKind::Deposit, "deposit"),
    (FigureKind::Drawn, "drawn"),
    (FigureKind::Payout, "payout"),
    (FigureKind::Carried, "carried"),
    (FigureKind::Repaid, "repaid"),
    (FigureKind::Lapsed, "lapsed"),
    (FigureKind::Earned, "earned"),
    (FigureKind::Paid, "paid"),
    (FigureKind::Receivable, "receivable"),
    (FigureKind::Closing, "closing"),
    (FigureKind::Total, "total"),
    (FigureKind::Payable, "payable"),
];

/// The word of an instalment, before its number.
const INSTALMENT: &str = "instalment_";

impl FigureKind {
    /// Its word in tables.
    pub fn word(self) -> Cow<'static, str> {
        let known = WORDS.iter().find(|(kind, _)| *kind == self).map(|(_, word)| Cow::Borrowed(*word));
        known.unwrap_or_else(|| match self {
            FigureKind::Instalment(number) => Cow::Owned(format!("{INSTALMENT}{number}")),
            _ => Cow::Borrowed(""),
        })
    }

    /// The figure of a word.
    pub fn of_word(word: &str) -> Option<FigureKind> {
        let counted = || {
            let number = word.strip_prefix(INSTALMENT)?.parse::<u8>().ok()?;
            (1..=INSTALMENTS_MAX).contains(&number).then_some(FigureKind::Instalment(number))
        };
        WORDS.iter().find(|(_, known)| *known == word).map(|(kind, _)| *kind).or_else(counted)
    }

    /// The words of all kinds, for suggestions.
    pub fn words() -> impl Iterator<Item = &'static str> {
        WORDS.iter().map(|(_, word)| *word)
    }

    /// Whether it is of a grant or reserve.
    pub fn is_of_a_fund(self) -> bool {
        use FigureKind as F;
        matches!(
            self,
            F::Opening
                | F::Award
                | F::Deposit
                | F::Drawn
                | F::Payout
                | F::Carried
                | F::Repaid
                | F::Lapsed
                | F::Earned
                | F::Paid
                | F::Receivable
                | F::Closing
        )
    }

    /// Whether it is a balance, which means nothing summed over years.
    fn is_balance(self) -> bool {
        use FigureKind as F;
        matches!(self, F::Opening | F::Carried | F::Receivable | F::Closing)
    }
}

/// The kinds whose sum over parties, sources or payers can be asked for.
const SUMMED_OVER_PARTIES: [FigureKind; 4] =
    [FigureKind::Draw, FigureKind::Settlement, FigureKind::Charge, FigureKind::Payout];

/// What names a figure.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FigureKey {
    /// The year; `None` over all years.
    pub year: Option<Year>,
    /// What it is.
    pub kind: FigureKind,
    /// Of which measure, grant or reserve; empty for totals.
    pub subject: String,
    /// Of which party (or source, or cost line); empty where there is none.
    pub party: String,
}

/// The figures of a budget, in the order in which they are written.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    /// The rows of `--format csv`.
    pub rows: Vec<(FigureKey, Money)>,
    index: BTreeMap<FigureKey, Money>,
}

impl Figures {
    /// Lists the figures of an outcome.
    ///
    /// # Errors
    /// [`TooLarge`] when a total does not fit.
    pub fn of(outcome: &Outcome) -> Result<Figures, TooLarge> {
        Figures::of_some(outcome, &Scope::default())
    }

    /// Lists some of the figures of an outcome, which may have millions.
    ///
    /// # Errors
    /// [`TooLarge`] when a total does not fit.
    pub fn of_some(outcome: &Outcome, scope: &Scope) -> Result<Figures, TooLarge> {
        let mut figures = Figures::default();
        let Outcome { scenario, budget, .. } = outcome;
        for (year_index, walked) in budget.billed.iter().enumerate() {
            figures.measures(scenario, budget, year_index, scope)?;
            let closing = budget.closing_walk(year_index);
            figures.grants(scenario, closing)?;
            figures.reserves(scenario, closing);
            for (party, entry) in scenario.parties.iter() {
                figures.add(Some(walked.year), FigureKind::Total, "", &entry.id, walked.party_total(party)?);
            }
            figures.add(Some(walked.year), FigureKind::Total, "", "", walked.total()?);
            if budget.has_more_than_shares() {
                figures.payable(scenario, walked, closing)?;
            }
            figures.tags(scenario, walked)?;
        }
        figures.all_years(budget.years.count() > 1)?;
        figures.sums_over_parties(scope)?;
        figures.cost_lines(scenario, budget, scope)?;
        Ok(figures)
    }

    /// The amount of a figure, where the budget has it.
    pub fn get(&self, key: &FigureKey) -> Option<Money> {
        self.index.get(key).copied()
    }

    /// What names each figure that can be asked for, also those that are not written.
    pub fn keys(&self) -> impl Iterator<Item = &FigureKey> {
        self.index.keys()
    }

    fn add(&mut self, year: Option<Year>, kind: FigureKind, subject: &str, party: &str, amount: Money) {
        let key = FigureKey { year, kind, subject: subject.to_owned(), party: party.to_owned() };
        self.index.insert(key.clone(), amount);
        self.rows.push((key, amount));
    }

    fn measures(
        &mut self,
        scenario: &Scenario,
        budget: &Budget,
        year_index: usize,
        scope: &Scope,
    ) -> Result<(), TooLarge> {
        let walked = &budget.billed[year_index];
        let year = Some(walked.year);
        let active = |index: MeasureIx| {
            let of_accounts = budget.actual[year_index].as_ref();
            walked.measures[index.0].active
                || of_accounts.is_some_and(|actual| actual.measures[index.0].active)
        };
        let wanted = |index: MeasureIx| scope.has_measure(index) && active(index);
        for (index, measure) in scenario.measures().filter(|(index, _)| wanted(*index)) {
            let figures = &walked.measures[index.0];
            self.add(year, FigureKind::Gross, &measure.id, "", figures.gross);
            if let Some(lines) = figures.lines {
                self.add(year, FigureKind::Lines, &measure.id, "", lines);
            }
            if measure.lines.iter().any(|line| line.in_kind) {
                self.add(year, FigureKind::InKind, &measure.id, "", figures.in_kind);
            }
            if scenario.is_charged(index) {
                self.add(year, FigureKind::Received, &measure.id, "", figures.received);
            }
            for charge in walked.charges.iter().filter(|charge| charge.from == index) {
                let to = &scenario.measures[charge.to.0].id;
                self.add(year, FigureKind::Charge, &measure.id, to, charge.amount);
            }
            let mut by_source: BTreeMap<_, Money> = BTreeMap::new();
            for draw in walked.draws_of(index) {
                let sum = by_source.entry(draw.source).or_default();
                *sum = sum.plus(draw.amount)?;
            }
            for (source, amount) in by_source {
                self.add(year, FigureKind::Draw, &measure.id, scenario.source_id(source), amount);
            }
            self.add(year, FigureKind::Net, &measure.id, "", figures.net);
            if measure.key().is_some() {
                self.add(year, FigureKind::Billed, &measure.id, "", figures.billed);
                self.add(year, FigureKind::Residual, &measure.id, "", figures.residual);
                self.shares(scenario, budget, (year_index, index), scope)?;
            }
        }
        Ok(())
    }

    /// What the parties pay for a measure, by the budget and by the actual figures.
    fn shares(
        &mut self,
        scenario: &Scenario,
        budget: &Budget,
        (year_index, index): (usize, MeasureIx),
        scope: &Scope,
    ) -> Result<(), TooLarge> {
        let walked = &budget.billed[year_index];
        let (year, measure) = (Some(walked.year), &scenario.measures[index.0]);
        let settled = budget.is_settled(year_index, measure, index);
        let actual = budget.actual[year_index].as_ref().filter(|_| settled);
        if let Some(actual) = actual {
            let figures = &actual.measures[index.0];
            self.add(year, FigureKind::ActualGross, &measure.id, "", figures.gross);
            self.add(year, FigureKind::ActualNet, &measure.id, "", figures.net);
        }
        let participants = scenario.participants(index, walked.year);
        for (party, entry) in scenario.parties.iter().filter(|(party, _)| scope.has_party(*party)) {
            let takes_part = participants.contains(&party);
            let mut add = |kind: FigureKind, amount: Money| {
                if takes_part || !amount.is_zero() {
                    self.add(year, kind, &measure.id, &entry.id, amount);
                }
            };
            add(FigureKind::Share, walked.share(index, party));
            for (number, amount) in (1..).zip(walked.instalments(measure, index, party)) {
                add(FigureKind::Instalment(number), amount);
            }
            if let Some(actual) = actual {
                add(FigureKind::ActualShare, actual.share(index, party));
                let settlement = budget.settlement(year_index, index, party)?;
                add(FigureKind::Settlement, settlement.unwrap_or_default());
            }
        }
        Ok(())
    }

    /// What newcomers and the settlements of the year before come to, and with them what everybody has to pay by
    /// the budget; payouts are those of the actual figures where there are any.
    fn payable(
        &mut self,
        scenario: &Scenario,
        walked: &YearBudget,
        closing: &YearBudget,
    ) -> Result<(), TooLarge> {
        let year = Some(walked.year);
        let buy_ins = walked.buy_ins.iter().map(|(measure, buy_in)| (measure, &buy_in.amounts));
        let kinds = walked
            .brought_forward
            .iter()
            .map(|row| (FigureKind::BroughtForward, row))
            .chain(buy_ins.map(|row| (FigureKind::BuyIn, row)));
        for (kind, (measure, amounts)) in kinds {
            let id = &scenario.measures[measure.0].id;
            for (party, entry) in scenario.parties.iter() {
                let amount = amounts[party.0];
                if scenario.months(*measure, party, walked.year) > 0 || !amount.is_zero() {
                    self.add(year, kind, id, &entry.id, amount);
                }
            }
        }
        let mut all = Vec::new();
        for (party, entry) in scenario.parties.iter() {
            let payable = walked.payable(party, &closing.payouts)?;
            all.push(payable);
            self.add(year, FigureKind::Payable, "", &entry.id, payable);
        }
        self.add(year, FigureKind::Payable, "", "", Money::sum(all)?);
        Ok(())
    }

    /// The gross cost of each tag, by measure and over all.
    fn tags(&mut self, scenario: &Scenario, walked: &YearBudget) -> Result<(), TooLarge> {
        let mut of_all: BTreeMap<&str, Money> = BTreeMap::new();
        for measure in &scenario.measures {
            for (tag, amount) in measure.tagged(walked.version, walked.year)? {
                let sum = of_all.entry(tag).or_default();
                *sum = sum.plus(amount)?;
                self.add(Some(walked.year), FigureKind::Tagged, &measure.id, tag, amount);
            }
        }
        for (tag, amount) in of_all {
            self.add(Some(walked.year), FigureKind::Tagged, "", tag, amount);
        }
        Ok(())
    }

    fn grants(&mut self, scenario: &Scenario, walked: &YearBudget) -> Result<(), TooLarge> {
        type LotFigure = fn(&Lot) -> Money;
        let columns: [(FigureKind, LotFigure); 7] = [
            (FigureKind::Opening, |lot| lot.opening),
            (FigureKind::Award, |lot| lot.award),
            (FigureKind::Drawn, |lot| lot.drawn),
            (FigureKind::Carried, |lot| lot.carried),
            (FigureKind::Repaid, |lot| lot.repaid),
            (FigureKind::Lapsed, |lot| lot.lapsed),
            (FigureKind::Closing, |lot| lot.carried),
        ];
        for (grant, ledger) in scenario.grants.iter().zip(&walked.grants) {
            let ledger: &GrantLedger = ledger;
            for (kind, figure) in columns {
                self.add(Some(walked.year), kind, &grant.id, "", ledger.sum(figure)?);
            }
            if let Some(payment) = &ledger.payment {
                self.add(Some(walked.year), FigureKind::Earned, &grant.id, "", payment.earned);
                self.add(Some(walked.year), FigureKind::Paid, &grant.id, "", payment.paid);
                self.add(Some(walked.year), FigureKind::Receivable, &grant.id, "", payment.receivable);
            }
        }
        Ok(())
    }

    fn reserves(&mut self, scenario: &Scenario, walked: &YearBudget) {
        for (index, (reserve, ledger)) in scenario.reserves.iter().zip(&walked.reserves).enumerate() {
            let year = Some(walked.year);
            self.add(year, FigureKind::Opening, &reserve.id, "", ledger.opening);
            self.add(year, FigureKind::Deposit, &reserve.id, "", ledger.deposit);
            self.add(year, FigureKind::Drawn, &reserve.id, "", ledger.drawn);
            for payout in walked.payouts.iter().filter(|payout| payout.reserve.0 == index) {
                let party = &scenario.parties.get(payout.party).id;
                self.add(year, FigureKind::Payout, &reserve.id, party, payout.amount);
            }
            self.add(year, FigureKind::Closing, &reserve.id, "", ledger.closing);
        }
    }

    /// Sums over all years can always be asked for; only the totals are written, and only of several years.
    fn all_years(&mut self, several: bool) -> Result<(), TooLarge> {
        let mut sums: Vec<(FigureKey, Money)> = Vec::new();
        let mut places: BTreeMap<FigureKey, usize> = BTreeMap::new();
        for (key, amount) in self.rows.iter().filter(|(key, _)| !key.kind.is_balance()) {
            let key = FigureKey { year: None, ..key.clone() };
            match places.get(&key) {
                Some(place) => sums[*place].1 = sums[*place].1.plus(*amount)?,
                None => {
                    places.insert(key.clone(), sums.len());
                    sums.push((key, *amount));
                }
            }
        }
        for (key, amount) in sums {
            if several && matches!(key.kind, FigureKind::Total | FigureKind::Payable) {
                self.rows.push((key.clone(), amount));
            }
            self.index.insert(key, amount);
        }
        Ok(())
    }

    /// The sum of a measure's draws and settlements can be asked for, with nothing under party.
    fn sums_over_parties(&mut self, scope: &Scope) -> Result<(), TooLarge> {
        let mut sums: BTreeMap<FigureKey, Money> = BTreeMap::new();
        for (key, amount) in &self.index {
            // What some parties settle is no sum of all.
            let is_whole = key.kind != FigureKind::Settlement || scope.parties.is_none();
            if is_whole && SUMMED_OVER_PARTIES.contains(&key.kind) {
                let sum = sums.entry(FigureKey { party: String::new(), ..key.clone() }).or_default();
                *sum = sum.plus(*amount)?;
            }
        }
        self.index.extend(sums);
        Ok(())
    }

    /// Single cost lines can be asked for, by name under party, and are not written.
    fn cost_lines(&mut self, scenario: &Scenario, budget: &Budget, scope: &Scope) -> Result<(), TooLarge> {
        for (_, measure) in scenario.measures().filter(|(index, _)| scope.has_measure(*index)) {
            for line in &measure.lines {
                let mut all_years = Money::ZERO;
                for walked in &budget.billed {
                    let version = measure.version_standing_for(walked.version, walked.year);
                    let Some(amount) = line.amount(version, walked.year) else { continue };
                    all_years = all_years.plus(amount)?;
                    self.index.insert(line_key(Some(walked.year), &measure.id, &line.name), amount);
                }
                self.index.insert(line_key(None, &measure.id, &line.name), all_years);
            }
        }
        Ok(())
    }
}

fn line_key(year: Option<Year>, measure: &str, line: &str) -> FigureKey {
    FigureKey { year, kind: FigureKind::Lines, subject: measure.to_owned(), party: line.to_owned() }
}
