//! The reference workload of `benches/WORKLOAD.md` in memory: generated, written as a scenario folder with a Rhai
//! key for every measure, and the id of a result.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use fordel::engine::budget::Budget;
use fordel::ground::money::Money;
use fordel::model::measure::MeasureIx;
use fordel::model::party::PartyIx;
use sha2::{Digest, Sha256};

/// The first calendar year.
pub const FIRST_YEAR: i64 = 2026;

/// How many rule functions stand in one file.
const KEYS_PER_FILE: usize = 20;

/// A size of the workload, with the id of its result where it is published.
#[derive(Clone, Debug)]
pub struct Size {
    /// Its name: `S`, `M`, `L`, or `parties,measures,years`.
    pub name: String,
    pub parties: usize,
    pub measures: usize,
    pub years: usize,
    pub result_id: Option<&'static str>,
}

/// The inputs of the workload.
pub struct Workload {
    pub size: Size,
    /// By party, then by year.
    inhabitants: Vec<Vec<u64>>,
    measures: Vec<Measure>,
}

struct Measure {
    kind: Kind,
    is_funded: bool,
    /// By year, in øre.
    costs: Vec<u64>,
    awards: Vec<u64>,
}

/// How a measure is split.
enum Kind {
    /// Fixed parts of a million, by party.
    Fixed(Vec<u64>),
    /// 40 % equally, 60 % by inhabitants.
    FortySixty,
    /// By inhabitants.
    Inhabitants,
    /// Equally among those who have opted in.
    OptedIn(Vec<usize>),
}

/// The generator of pseudo-random numbers of the definition.
struct Generator(u64);

impl Generator {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

impl Size {
    /// A size by name.
    pub fn named(name: &str) -> Option<Size> {
        let of = |parties, measures, years, result_id| {
            Some(Size { name: name.to_owned(), parties, measures, years, result_id })
        };
        match name {
            "S" => of(16, 40, 4, Some("8fb8a152e329b79b468ee3903fb656e515d0476e03a37f3d14002c69da7631c0")),
            "M" => of(357, 200, 10, Some("ca02986da2cc5eafc51a4984c77b25bf27cff3b866ac7570ef40878bd40e49b8")),
            "L" => {
                of(357, 1_000, 30, Some("5e54d94d19e7f5bc5b91a81719c6fe0c43af75859ed2e1579869e90ccaf2122b"))
            }
            other => {
                let numbers: Vec<usize> = other.split(',').filter_map(|part| part.parse().ok()).collect();
                let [parties, measures, years] = numbers[..] else { return None };
                of(parties, measures, years, None)
            }
        }
    }

    /// How many shares there are.
    pub fn shares(&self) -> usize {
        self.parties * self.measures * self.years
    }
}

impl Workload {
    /// Generates a size, draw by draw in the order of the definition.
    pub fn generate(size: Size) -> Workload {
        let mut generator = Generator(20_260_101);
        let inhabitants = (0..size.parties)
            .map(|party| {
                let (draw, growth) = (generator.below(1_000), generator.below(31) + 1_000 - 10);
                let first = if party == 0 { 717_710 } else { 200 + draw * draw * draw / 15_000 };
                std::iter::successors(Some(first), |last| Some(last * growth / 1_000))
                    .take(size.years)
                    .collect()
            })
            .collect();
        let measures =
            (0..size.measures).map(|measure| Measure::generate(measure, &size, &mut generator)).collect();
        Workload { size, inhabitants, measures }
    }

    /// Writes the workload as a scenario folder, with a rule of its own for each measure.
    pub fn write(&self, folder: &Path) -> io::Result<()> {
        fs::create_dir_all(folder)?;
        let mut rule_files = vec!["shared.rhai".to_owned()];
        fs::write(folder.join("shared.rhai"), SHARED_RULES)?;
        for (number, keys) in (0..self.size.measures).collect::<Vec<_>>().chunks(KEYS_PER_FILE).enumerate() {
            let name = format!("keys-{number:02}.rhai");
            let rules: String = keys.iter().map(|measure| self.rule(*measure)).collect();
            fs::write(folder.join(&name), rules)?;
            rule_files.push(name);
        }
        fs::write(folder.join("inhabitants.csv"), self.inhabitants_table())?;
        fs::write(folder.join("percent.csv"), self.percent_table())?;
        fs::write(folder.join("scenario.ron"), self.scenario(&rule_files))
    }

    /// Writes the workload as the tables of the definition, which the native bound and the peers read.
    pub fn write_tables(&self, folder: &Path) -> io::Result<()> {
        fs::create_dir_all(folder)?;
        let mut tables: Vec<(&str, String)> = vec![
            ("population.csv", "party,year,inhabitants\n".to_owned()),
            ("measures.csv", "measure,kind,cofund_bp\n".to_owned()),
            ("costs.csv", "measure,year,cost_ore,award_ore\n".to_owned()),
            ("percent.csv", "measure,party,ppm\n".to_owned()),
            ("optin.csv", "measure,party\n".to_owned()),
        ];
        for (party, by_year) in self.inhabitants.iter().enumerate() {
            for (year, inhabitants) in (FIRST_YEAR..).zip(by_year) {
                let _ = writeln!(tables[0].1, "{party},{year},{inhabitants}");
            }
        }
        for (index, measure) in self.measures.iter().enumerate() {
            let cofund_bp = if measure.is_funded { 5_000 } else { 0 };
            let _ = writeln!(tables[1].1, "{index},{},{cofund_bp}", index % 4);
            for (year, (cost, award)) in (FIRST_YEAR..).zip(measure.costs.iter().zip(&measure.awards)) {
                let _ = writeln!(tables[2].1, "{index},{year},{cost},{award}");
            }
            match &measure.kind {
                Kind::Fixed(parts) => parts.iter().enumerate().for_each(|(party, part)| {
                    let _ = writeln!(tables[3].1, "{index},{party},{part}");
                }),
                Kind::OptedIn(parties) => parties.iter().for_each(|party| {
                    let _ = writeln!(tables[4].1, "{index},{party}");
                }),
                Kind::FortySixty | Kind::Inhabitants => {}
            }
        }
        let mut hash = Sha256::new();
        for (name, text) in &tables {
            hash.update(text.as_bytes());
            fs::write(folder.join(name), text)?;
        }
        let input_id: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        let meta = serde_json::json!({
            "size": self.size.name, "parties": self.size.parties, "measures": self.size.measures,
            "years": self.size.years, "first_year": FIRST_YEAR, "seed": 20_260_101, "input_sha256": input_id,
        });
        fs::write(folder.join("meta.json"), meta.to_string())
    }

    /// The rule of a measure, as it is written to its file.
    pub fn rule(&self, measure: usize) -> String {
        let body = match &self.measures[measure].kind {
            Kind::Fixed(_) => format!("by(\"{}\")", measure_id(measure)),
            Kind::FortySixty => "forty_sixty()".to_owned(),
            Kind::Inhabitants => "by(\"inhabitants\")".to_owned(),
            Kind::OptedIn(_) => "equally()".to_owned(),
        };
        format!("fn key{measure:04}() {{ {body} }}\n")
    }

    /// The file that the rule of a measure stands in.
    pub fn rule_file(&self, folder: &Path, measure: usize) -> PathBuf {
        folder.join(format!("keys-{:02}.rhai", measure / KEYS_PER_FILE))
    }

    fn inhabitants_table(&self) -> String {
        let years = (0..self.size.years).map(|year| (FIRST_YEAR + year as i64).to_string());
        let mut text = format!("party,{}\n", years.collect::<Vec<_>>().join(","));
        for (party, by_year) in self.inhabitants.iter().enumerate() {
            let cells: Vec<String> = by_year.iter().map(u64::to_string).collect();
            let _ = writeln!(text, "{},{}", party_id(party), cells.join(","));
        }
        text
    }

    fn percent_table(&self) -> String {
        let fixed: Vec<(usize, &Vec<u64>)> = self.of_kind(|kind| match kind {
            Kind::Fixed(parts) => Some(parts),
            _ => None,
        });
        let ids: Vec<String> = fixed.iter().map(|(measure, _)| measure_id(*measure)).collect();
        let mut text = format!("party,{}\n", ids.join(","));
        for party in 0..self.size.parties {
            let cells: Vec<String> = fixed.iter().map(|(_, parts)| parts[party].to_string()).collect();
            let _ = writeln!(text, "{},{}", party_id(party), cells.join(","));
        }
        text
    }

    fn of_kind<'w, T>(&'w self, pick: impl Fn(&'w Kind) -> Option<T>) -> Vec<(usize, T)> {
        let measures = self.measures.iter().enumerate();
        measures.filter_map(|(index, measure)| Some((index, pick(&measure.kind)?))).collect()
    }

    fn scenario(&self, rule_files: &[String]) -> String {
        let last = FIRST_YEAR + self.size.years as i64 - 1;
        let quoted =
            |names: &[String]| names.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ");
        let parties: Vec<String> = (0..self.size.parties).map(party_id).collect();
        let mut text = format!(
            "(\n    title: \"Reference workload {}\",\n    source: \"benches/WORKLOAD.md\",\n    years: (first: {FIRST_YEAR}, last: {last}),\n    rules: [{}],\n    parties: [{}],\n",
            self.size.name,
            quoted(rule_files),
            quoted(&parties),
        );
        text.push_str("    drivers: [\n        (id: \"inhabitants\", values: Csv(\"inhabitants.csv\")),\n");
        for (measure, ()) in self.of_kind(|kind| matches!(kind, Kind::Fixed(_)).then_some(())) {
            let id = measure_id(measure);
            let _ = writeln!(text, "        (id: \"{id}\", values: Column(\"percent.csv\", \"{id}\")),");
        }
        text.push_str("    ],\n    grants: [\n");
        for (index, measure) in self.measures.iter().enumerate().filter(|(_, measure)| measure.is_funded) {
            let awards = by_year(&measure.awards);
            let _ = writeln!(
                text,
                "        (id: \"g{index:04}\", awards: {{{awards}}}, carry_over: \"carry_over()\"),"
            );
        }
        text.push_str("    ],\n    measures: [\n");
        for (index, measure) in self.measures.iter().enumerate() {
            let (id, amounts) = (measure_id(index), by_year(&measure.costs));
            let participants = match &measure.kind {
                Kind::OptedIn(parties) => {
                    let ids: Vec<String> = parties.iter().copied().map(party_id).collect();
                    format!(" participants: Only([{}]),", quoted(&ids))
                }
                _ => String::new(),
            };
            let funding = if measure.is_funded {
                format!(" funding: [\"half(\\\"g{index:04}\\\")\"],")
            } else {
                String::new()
            };
            let _ = writeln!(
                text,
                "        (id: \"{id}\", amount: {{{amounts}}},{participants} key: \"key{index:04}()\",{funding}),"
            );
        }
        text.push_str("    ],\n)\n");
        text
    }
}

impl Measure {
    fn generate(measure: usize, size: &Size, generator: &mut Generator) -> Measure {
        let is_funded = measure.is_multiple_of(3);
        let base = 1_000_000 + generator.below(500_000_000);
        let (mut costs, mut awards) = (Vec::new(), Vec::new());
        for _ in 0..size.years {
            let (zero, part) = (generator.below(16), 90 + generator.below(21));
            let (extra, award) = (generator.below(10_000), 30 + generator.below(41));
            costs.push(if zero == 0 { 0 } else { base * part / 100 + extra });
            awards.push(if is_funded { base * award / 100 } else { 0 });
        }
        let kind = match measure % 4 {
            0 => Kind::Fixed(fixed_parts(size.parties, generator)),
            1 => Kind::FortySixty,
            2 => Kind::Inhabitants,
            _ => Kind::OptedIn((0..size.parties).filter(|_| generator.below(100) < 80).collect()),
        };
        Measure { kind, is_funded, costs, awards }
    }
}

/// Parts of a million in proportion to random numbers; what is missing goes to the first parties.
fn fixed_parts(parties: usize, generator: &mut Generator) -> Vec<u64> {
    let raw: Vec<u64> = (0..parties).map(|_| 1 + generator.below(1_000)).collect();
    let sum: u64 = raw.iter().sum();
    let mut parts: Vec<u64> = raw.iter().map(|number| 1_000_000 * number / sum).collect();
    let missing = 1_000_000 - parts.iter().sum::<u64>();
    (0..missing as usize).for_each(|party| parts[party] += 1);
    parts
}

/// The rules that many measures share.
pub const SHARED_RULES: &str = "\
/// Half of the cost, from the measure's own grant.
fn half(grant) { cover(50.percent).from(grant) }

/// 40 % equally, 60 % by inhabitants.
fn forty_sixty() { 40.percent * equally() + 60.percent * by(\"inhabitants\") }
";

fn party_id(party: usize) -> String {
    format!("p{party:03}")
}

fn measure_id(measure: usize) -> String {
    format!("m{measure:04}")
}

fn by_year(amounts: &[u64]) -> String {
    let entry = |(year, ore): (i64, &u64)| format!("{year}: {}.{:02}", ore / 100, ore % 100);
    (FIRST_YEAR..).zip(amounts).map(entry).collect::<Vec<_>>().join(", ")
}

/// The id of a result: the hash of every party's total and moment in every year.
pub fn result_id(budget: &Budget, size: &Size) -> String {
    let mut text = String::new();
    // By party: its total and its moment of each year.
    let mut by_party = vec![Vec::with_capacity(size.years); size.parties];
    for walked in &budget.billed {
        let mut moments = vec![0i128; size.parties];
        for measure in 0..size.measures {
            let shares = walked.shares(MeasureIx(measure)).iter();
            for (moment, share) in moments.iter_mut().zip(shares) {
                *moment += (measure as i128 + 1) * i128::from(share.ore());
            }
        }
        for ((party, moment), of_party) in moments.into_iter().enumerate().zip(&mut by_party) {
            let total = walked.party_total(PartyIx(party)).map_or(0, Money::ore);
            of_party.push((total, moment));
        }
    }
    for (party, years) in by_party.iter().enumerate() {
        for (year, (total, moment)) in (FIRST_YEAR..).zip(years) {
            let _ = writeln!(text, "{party},{year},{total},{moment}");
        }
    }
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}
