//! The long table: every figure of a budget as a row of year, figure, subject, party and amount. What
//! `--format csv` writes and what `expected.csv` is compared with.

use std::collections::BTreeMap;

use crate::engine::budget::{Budget, GrantLedger, Lot, YearBudget};
use crate::engine::walk::Outcome;
use crate::ground::money::{Money, TooLarge};
use crate::model::scenario::Scenario;
use crate::model::years::Year;

/// What a row is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FigureKind {
    /// What is to be covered, of a measure.
    Gross,
    /// The sum of the cost lines of a measure, or one of them, whose name then stands under party.
    Lines,
    /// What a measure drew from a grant or reserve, whose id stands under party.
    Draw,
    /// Gross − draws, of a measure.
    Net,
    /// The sum of the shares of a measure.
    Billed,
    /// Billed − net, of a measure.
    Residual,
    /// What a party pays for a measure.
    Share,
    /// Actual share − billed share.
    Settlement,
    /// Brought in from the year before, of a grant or reserve.
    Opening,
    /// Awarded this year, of a grant.
    Award,
    /// Put into a reserve.
    Deposit,
    /// Used, of a grant or reserve.
    Drawn,
    /// Carried into the next year, of a grant.
    Carried,
    /// Paid back, of a grant.
    Repaid,
    /// Lapsed, of a grant.
    Lapsed,
    /// Brought into the next year, of a grant or reserve.
    Closing,
    /// Over all measures, of a party or of all.
    Total,
}

impl FigureKind {
    /// All of them, in the order in which they are written.
    pub const ALL: [FigureKind; 17] = [
        FigureKind::Gross,
        FigureKind::Lines,
        FigureKind::Draw,
        FigureKind::Net,
        FigureKind::Billed,
        FigureKind::Residual,
        FigureKind::Share,
        FigureKind::Settlement,
        FigureKind::Opening,
        FigureKind::Award,
        FigureKind::Deposit,
        FigureKind::Drawn,
        FigureKind::Carried,
        FigureKind::Repaid,
        FigureKind::Lapsed,
        FigureKind::Closing,
        FigureKind::Total,
    ];

    /// Its word in tables.
    pub fn word(self) -> &'static str {
        match self {
            FigureKind::Gross => "gross",
            FigureKind::Lines => "lines",
            FigureKind::Draw => "draw",
            FigureKind::Net => "net",
            FigureKind::Billed => "billed",
            FigureKind::Residual => "residual",
            FigureKind::Share => "share",
            FigureKind::Settlement => "settlement",
            FigureKind::Opening => "opening",
            FigureKind::Award => "award",
            FigureKind::Deposit => "deposit",
            FigureKind::Drawn => "drawn",
            FigureKind::Carried => "carried",
            FigureKind::Repaid => "repaid",
            FigureKind::Lapsed => "lapsed",
            FigureKind::Closing => "closing",
            FigureKind::Total => "total",
        }
    }

    /// The figure of a word.
    pub fn of_word(word: &str) -> Option<FigureKind> {
        FigureKind::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// Whether it is a balance, which means nothing summed over years.
    fn is_balance(self) -> bool {
        matches!(self, FigureKind::Opening | FigureKind::Carried | FigureKind::Closing)
    }
}

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
        let mut figures = Figures::default();
        let Outcome { scenario, budget, .. } = outcome;
        for (year_index, walked) in budget.billed.iter().enumerate() {
            figures.measures(scenario, budget, year_index)?;
            let closing = budget.closing_walk(year_index);
            figures.grants(scenario, closing)?;
            figures.reserves(scenario, closing);
            for (party, entry) in scenario.parties.iter() {
                figures.add(Some(walked.year), FigureKind::Total, "", &entry.id, walked.party_total(party)?);
            }
            figures.add(Some(walked.year), FigureKind::Total, "", "", walked.total()?);
        }
        figures.all_years(budget.years.count() > 1)?;
        figures.sums_over_parties()?;
        figures.cost_lines(scenario, budget)?;
        Ok(figures)
    }

    /// The amount of a figure, where the budget has it.
    pub fn get(&self, key: &FigureKey) -> Option<Money> {
        self.index.get(key).copied()
    }

    fn add(&mut self, year: Option<Year>, kind: FigureKind, subject: &str, party: &str, amount: Money) {
        let key = FigureKey { year, kind, subject: subject.to_owned(), party: party.to_owned() };
        self.index.insert(key.clone(), amount);
        self.rows.push((key, amount));
    }

    fn measures(&mut self, scenario: &Scenario, budget: &Budget, year_index: usize) -> Result<(), TooLarge> {
        let walked = &budget.billed[year_index];
        let year = Some(walked.year);
        for (index, measure) in scenario.measures().filter(|(index, _)| walked.measures[index.0].active) {
            let figures = &walked.measures[index.0];
            self.add(year, FigureKind::Gross, &measure.id, "", figures.gross);
            if let Some(lines) = figures.lines {
                self.add(year, FigureKind::Lines, &measure.id, "", lines);
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
            self.add(year, FigureKind::Billed, &measure.id, "", figures.billed);
            self.add(year, FigureKind::Residual, &measure.id, "", figures.residual);
            let participants = scenario.participants(index, walked.year);
            let settled = budget.is_settled(year_index, measure, index);
            for (party, entry) in scenario.parties.iter() {
                let share = walked.share(index, party);
                if participants.contains(&party) || !share.is_zero() {
                    self.add(year, FigureKind::Share, &measure.id, &entry.id, share);
                }
                if let Some(settlement) = budget.settlement(year_index, index, party)?
                    && settled
                    && (participants.contains(&party) || !settlement.is_zero())
                {
                    self.add(year, FigureKind::Settlement, &measure.id, &entry.id, settlement);
                }
            }
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
        }
        Ok(())
    }

    fn reserves(&mut self, scenario: &Scenario, walked: &YearBudget) {
        for (reserve, ledger) in scenario.reserves.iter().zip(&walked.reserves) {
            let year = Some(walked.year);
            self.add(year, FigureKind::Opening, &reserve.id, "", ledger.opening);
            self.add(year, FigureKind::Deposit, &reserve.id, "", ledger.deposit);
            self.add(year, FigureKind::Drawn, &reserve.id, "", ledger.drawn);
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
            if several && key.kind == FigureKind::Total {
                self.rows.push((key.clone(), amount));
            }
            self.index.insert(key, amount);
        }
        Ok(())
    }

    /// The sum of a measure's draws and settlements can be asked for, with nothing under party.
    fn sums_over_parties(&mut self) -> Result<(), TooLarge> {
        let mut sums: BTreeMap<FigureKey, Money> = BTreeMap::new();
        for (key, amount) in &self.index {
            if matches!(key.kind, FigureKind::Draw | FigureKind::Settlement) {
                let sum = sums.entry(FigureKey { party: String::new(), ..key.clone() }).or_default();
                *sum = sum.plus(*amount)?;
            }
        }
        self.index.extend(sums);
        Ok(())
    }

    /// Single cost lines can be asked for, by name under party, and are not written.
    fn cost_lines(&mut self, scenario: &Scenario, budget: &Budget) -> Result<(), TooLarge> {
        for measure in &scenario.measures {
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
