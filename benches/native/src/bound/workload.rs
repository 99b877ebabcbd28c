//! The workload as it lies in memory: one array per column, so that a kernel reads straight on.

use std::fs;
use std::path::Path;

use serde_json::Value;

/// Fixed percentages: the weights are parts per million.
pub const KIND_PERCENT: u8 = 0;
/// 40 % equally, 60 % by inhabitants of the year.
pub const KIND_MIXED: u8 = 1;
/// By inhabitants of the year.
pub const KIND_INHABITANTS: u8 = 2;
/// Equally among those who opted in.
pub const KIND_OPTED_IN: u8 = 3;

/// Everything that comes in; amounts in øre. `[a][b]` after a field says how its array is laid out.
pub struct Workload {
    pub size: String,
    pub parties: usize,
    pub measures: usize,
    pub years: usize,
    pub first_year: i64,
    /// `[year][party]`
    pub inhabitants: Vec<i64>,
    /// `[measure]`, one of the four kinds above
    pub kinds: Vec<u8>,
    /// `[measure]`, the co-funded part in basis points
    pub cofund_bp: Vec<i64>,
    /// `[measure][year]`
    pub costs: Vec<i64>,
    /// `[measure][year]`
    pub awards: Vec<i64>,
    /// `[slot][party]`, of the measures with percentages only
    pub percents: Vec<i64>,
    /// `[slot][party]`, 1 or 0, of the measures with opting in only
    pub opted_in: Vec<i64>,
    /// `[measure]`: which row of `percents` or `opted_in` is its own
    pub slots: Vec<usize>,
}

impl Workload {
    /// Reads the five tables and `meta.json` of a generated folder.
    pub fn load(folder: &Path) -> Result<Self, String> {
        let meta: Value = serde_json::from_str(&read(folder, "meta.json")?)
            .map_err(|fault| format!("meta.json of {}: {fault}", folder.display()))?;
        let mut workload = Self::empty(&meta)?;
        let (parties, years, first_year) = (workload.parties, workload.years, workload.first_year);
        let at = |row: i64, width: usize, column: i64| index(row) * width + index(column);
        table(folder, "population.csv", |[party, year, count]| {
            workload.inhabitants[at(year - first_year, parties, party)] = count;
        })?;
        table(folder, "measures.csv", |[measure, kind, cofund_bp]| {
            workload.kinds[index(measure)] = u8::try_from(kind).expect("a kind from 0 to 3");
            workload.cofund_bp[index(measure)] = cofund_bp;
        })?;
        table(folder, "costs.csv", |[measure, year, cost, award]| {
            let cell = at(measure, years, year - first_year);
            workload.costs[cell] = cost;
            workload.awards[cell] = award;
        })?;
        workload.percents = vec![0; parties * workload.give_slots(KIND_PERCENT)];
        workload.opted_in = vec![0; parties * workload.give_slots(KIND_OPTED_IN)];
        table(folder, "percent.csv", |[measure, party, ppm]| {
            workload.percents[workload.slots[index(measure)] * parties + index(party)] = ppm;
        })?;
        table(folder, "optin.csv", |[measure, party]| {
            workload.opted_in[workload.slots[index(measure)] * parties + index(party)] = 1;
        })?;
        Ok(workload)
    }

    fn empty(meta: &Value) -> Result<Self, String> {
        let number = |name: &str| meta[name].as_i64().ok_or(format!("meta.json has no number `{name}`"));
        let (parties, measures, years) =
            (index(number("parties")?), index(number("measures")?), index(number("years")?));
        Ok(Self {
            size: meta["size"].as_str().unwrap_or_default().to_owned(),
            parties,
            measures,
            years,
            first_year: number("first_year")?,
            inhabitants: vec![0; years * parties],
            kinds: vec![0; measures],
            cofund_bp: vec![0; measures],
            costs: vec![0; measures * years],
            awards: vec![0; measures * years],
            percents: Vec::new(),
            opted_in: Vec::new(),
            slots: vec![0; measures],
        })
    }

    /// Numbers the measures of one kind; returns how many there are.
    fn give_slots(&mut self, kind: u8) -> usize {
        let mut next = 0;
        for (slot, own_kind) in self.slots.iter_mut().zip(&self.kinds) {
            if *own_kind == kind {
                *slot = next;
                next += 1;
            }
        }
        next
    }

    /// The cells of the whole result.
    pub fn share_count(&self) -> usize {
        self.parties * self.measures * self.years
    }

    pub fn inhabitants_of(&self, year: usize) -> &[i64] {
        &self.inhabitants[year * self.parties..][..self.parties]
    }

    pub fn percents_of(&self, measure: usize) -> &[i64] {
        &self.percents[self.slots[measure] * self.parties..][..self.parties]
    }

    pub fn opted_in_of(&self, measure: usize) -> &[i64] {
        &self.opted_in[self.slots[measure] * self.parties..][..self.parties]
    }
}

fn index(number: i64) -> usize {
    usize::try_from(number).expect("a number that counts something")
}

fn read(folder: &Path, name: &str) -> Result<String, String> {
    let path = folder.join(name);
    fs::read_to_string(&path).map_err(|fault| format!("{}: {fault}", path.display()))
}

/// Gives every row of a table of whole numbers to `take`.
fn table<const COLUMNS: usize>(
    folder: &Path,
    name: &str,
    mut take: impl FnMut([i64; COLUMNS]),
) -> Result<(), String> {
    for (line_index, line) in read(folder, name)?.lines().enumerate().skip(1) {
        let mut cells = line.split(',').map(str::parse::<i64>);
        let mut row = [0; COLUMNS];
        for cell in &mut row {
            let Some(Ok(number)) = cells.next() else {
                return Err(format!("{name}:{}: expected {COLUMNS} whole numbers", line_index + 1));
            };
            *cell = number;
        }
        take(row);
    }
    Ok(())
}
