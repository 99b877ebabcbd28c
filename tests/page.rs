//! What the live page shows: every text is an amount of the budget, in three languages; large scenarios are paged; what
//! is compared is told as it is.

use std::collections::BTreeMap;
use std::path::Path;

use fordel::cli::subject::Subject;
use fordel::engine::walk::{Outcome, Walk};
use fordel::ground::money::Money;
use fordel::ground::numerals::{parse_machine, parse_table};
use fordel::ground::ratio;
use fordel::report::figures::{FigureKey, FigureKind, Figures};
use fordel::report::language::Language;
use fordel::report::page::asked::{Asked, Cells, Unit};
use fordel::report::page::cell::{Cell, FigureRef, Tone};
use fordel::report::page::geometry::{Scale, heat};
use fordel::report::page::numbers::{Manner, per_unit, whole_thousands};
use fordel::report::page::words::{Words, filled};
use fordel::report::page::{Against, View, view};
use fordel::whatif::alteration;

use crate::support::{MemoryShelf, Random, folders, project};

fn walked(path: &Path) -> Walk {
    Subject::open(path, &[]).unwrap_or_else(|_| panic!("{}", path.display())).walk()
}

fn seen(walk: &Walk, asked: &Asked) -> View {
    view(walk.outcome.as_ref().unwrap(), &walk.inputs, None, asked).unwrap()
}

fn compared(now: &Walk, before: &Walk, asked: &Asked) -> View {
    let (new, old) = (now.outcome.as_ref().unwrap(), before.outcome.as_ref().unwrap());
    let alterations = alteration::of_scenarios(&old.scenario, &new.scenario);
    let against = Against { outcome: old, label: "before".to_owned(), alterations: &alterations };
    view(new, &now.inputs, Some(&against), asked).unwrap()
}

fn cells(view: &View) -> impl Iterator<Item = &Cell> {
    view.matrix.rows.iter().flat_map(|row| &row.cells)
}

/// The amount of a figure by the long table.
fn amount(figures: &Figures, figure: &FigureRef) -> Option<Money> {
    figures.get(&FigureKey {
        year: (figure.year != "all").then(|| figure.year.parse().unwrap()),
        kind: FigureKind::of_word(figure.figure).unwrap(),
        subject: figure.subject.clone(),
        party: figure.party.clone(),
    })
}

fn manner(language: Language, unit: Unit) -> Manner {
    Manner { language, unit, with_ore: false }
}

#[test]
fn numbers_are_written_as_the_language_writes_them() {
    let amounts = |language, unit| {
        [-123_456_789, 0, 5, 100_000, -49_999].map(|ore| manner(language, unit).money(Money::from_ore(ore)))
    };
    let norwegian = ["−1\u{a0}234\u{a0}567,89", "0", "0,05", "1\u{a0}000", "−499,99"];
    assert_eq!(amounts(Language::Bokmaal, Unit::Kroner), norwegian);
    assert_eq!(amounts(Language::Nynorsk, Unit::Kroner), norwegian);
    assert_eq!(amounts(Language::English, Unit::Kroner), ["−1,234,567.89", "0", "0.05", "1,000", "−499.99"]);
    assert_eq!(amounts(Language::English, Unit::Thousands), ["−1,235", "0", "0", "1", "0"]);
    assert_eq!(amounts(Language::English, Unit::Ore), ["−123,456,789", "0", "5", "100,000", "−49,999"]);
    let own = manner(Language::Bokmaal, Unit::Kroner);
    assert_eq!(own.change(Money::from_ore(100)), "+1");
    assert_eq!(own.change(Money::from_ore(-100)), "−1");
    assert_eq!(manner(Language::Bokmaal, Unit::Thousands).change(Money::from_ore(100)), "0");
    let percent = |before, change| own.change_percent(Money::from_ore(before), Money::from_ore(change));
    assert_eq!(percent(1000, 21), Some("+2,1\u{a0}%".to_owned()));
    assert_eq!(percent(-1000, -5), Some("−0,5\u{a0}%".to_owned()));
    assert_eq!(percent(3, 1), Some("+33,3\u{a0}%".to_owned()));
    assert_eq!(percent(0, 1), None);
    assert_eq!(Manner { with_ore: true, ..own }.money(Money::from_ore(700)), "7,00");
    assert_eq!(per_unit(Money::from_ore(1000), &ratio::whole(3)), Some(Money::from_ore(333)));
    assert_eq!(per_unit(Money::from_ore(-1000), &ratio::fraction(16, 5)), Some(Money::from_ore(-313)));
    assert_eq!(per_unit(Money::from_ore(1000), &ratio::whole(0)), None);
    let huge = ratio::whole(num_bigint::BigInt::from(10).pow(30));
    assert_eq!(per_unit(Money::from_ore(1000), &huge), Some(Money::ZERO));
    assert_eq!(per_unit(Money::from_ore(1000), &(huge.recip() * ratio::whole(2))), None, "does not fit");
}

/// A text for people reads back as the amount; thousands are never more than half a thousand away.
#[test]
fn texts_read_back_as_their_amounts() {
    let mut random = Random(6);
    for _ in 0..20_000 {
        let digits = random.below(62);
        let size = i64::try_from(random.bits() >> (63 - digits).max(1)).unwrap();
        let amount = Money::from_ore(if random.below(2) == 0 { size } else { -size });
        let text = manner(Language::Nynorsk, Unit::Kroner).money(amount);
        assert_eq!(Money::from_kroner(&parse_table(&text).unwrap()), Ok(amount), "{text}");
        let english = manner(Language::English, Unit::Kroner).money(amount);
        let plain = english.replace(',', "").replace('−', "-");
        assert_eq!(Money::from_kroner(&parse_machine(&plain).unwrap()), Ok(amount), "{english}");
        let away = i128::from(whole_thousands(amount)) * 100_000 - i128::from(amount.ore());
        assert!(away.abs() <= 50_000, "{amount}");
    }
}

#[test]
fn lengths_are_per_mille_of_the_picture() {
    let scale = Scale::of([-25, 75].map(Money::from_ore).into_iter());
    assert_eq!(scale.position(Money::ZERO), 250);
    assert_eq!(scale.stretch(Money::ZERO, Money::from_ore(75)), (250, 750));
    assert_eq!(scale.stretch(Money::ZERO, Money::from_ore(-25)), (0, 250));
    assert_eq!(Scale::of([Money::from_ore(i64::MAX)].into_iter()).stretch(Money::ZERO, Money::ORE), (0, 1));
    assert_eq!([0, 1, 25, 26, 100].map(|ore| heat(Money::from_ore(ore), 100)), [0, 1, 1, 2, 4]);
}

/// The published shares of Helgeland 2024, as the page shows them.
#[test]
fn the_matrix_shows_the_published_shares() {
    let walk = walked(&project().join("scenarios/helgeland-2024"));
    let published = std::fs::read_to_string(project().join("scenarios/helgeland-2024/expected.csv")).unwrap();
    let shares: BTreeMap<&str, &str> = published
        .lines()
        .filter_map(|line| line.strip_prefix("2024,share,drift,"))
        .filter_map(|rest| rest.split_once(','))
        .map(|(party, rest)| (party, rest.trim_end_matches(',')))
        .collect();
    let page = seen(&walk, &Asked::default());
    assert!(page.matrix.upright, "one measure stands upright");
    let parties: Vec<_> = page.matrix.rows.iter().filter(|row| row.head.kind == "party").collect();
    assert_eq!(parties.len(), shares.len());
    for row in parties {
        let cell = &row.cells[0];
        assert_eq!(cell.machine, shares[row.head.title.as_str()]);
        assert_eq!(Money::from_kroner(&parse_table(&cell.text).unwrap()).unwrap().to_string(), cell.machine);
    }
    let figure = |id: &str| &page.matrix.rows.iter().find(|row| row.head.id == id).unwrap().cells[0];
    assert_eq!(figure("figure:gross").text, "3\u{a0}972\u{a0}000");
    assert_eq!(figure("figure:billed").machine, "3981447");
    assert_eq!(figure("figure:residual").text, "9\u{a0}447");
    assert_eq!(page.numbers[1].text, "Rana");
    assert_eq!(page.numbers[2].text, "Vevelstad");
    assert!(page.reconciliation.ok);
}

/// Every cell that names a figure shows that figure, in every scenario, year and kind of sum.
#[test]
fn every_cell_is_its_figure_of_the_long_table() {
    let mut count = 0;
    for folder in folders(&project().join("scenarios")) {
        let walk = walked(&folder);
        let Some(outcome) = &walk.outcome else { continue };
        let figures = Figures::of(outcome).unwrap();
        for year in outcome.budget.years.iter().map(Some).chain([None]) {
            let page = seen(&walk, &Asked { year, ..Asked::default() });
            for cell in cells(&page).filter(|cell| cell.figure.is_some()) {
                let figure = cell.figure.as_ref().unwrap();
                let known = amount(&figures, figure);
                let is_funds = figure.figure == "net";
                if let Some(known) = known.filter(|_| !is_funds) {
                    assert_eq!(cell.machine, known.to_string(), "{} {figure:?}", folder.display());
                    count += 1;
                } else {
                    assert!(is_funds || cell.machine == "0", "{} {figure:?}: {cell:?}", folder.display());
                }
            }
            let billed = page.waterfall.steps.last().unwrap();
            let total = FigureRef {
                year: page.year.clone(),
                figure: "total",
                subject: String::new(),
                party: String::new(),
            };
            assert_eq!(billed.machine, amount(&figures, &total).unwrap().to_string(), "{}", folder.display());
        }
    }
    assert!(count > 2000, "only {count} cells were compared");
}

#[test]
fn thousands_have_a_footnote_where_they_do_not_add_up() {
    let walk = walked(&project().join("scenarios/helgeland-2024"));
    for language in Language::ALL {
        let note = Words::of(language).rounded_note;
        let notes = |unit| seen(&walk, &Asked { unit, language, ..Asked::default() }).matrix.footnotes;
        assert!(notes(Unit::Thousands).iter().any(|own| own == note));
        assert!(notes(Unit::Kroner).iter().all(|own| own != note));
    }
    let even = MemoryShelf::of([(
        "scenario.ron",
        "(title: \"t\", years: (first: 2026, last: 2026), parties: [\"A\", \"B\"], measures: [\
         (id: \"m\", costs: [(line: \"l\", budget: {2026: 4_000})], key: \"equally()\")])",
    )]);
    let page = seen(&even.walk(), &Asked { unit: Unit::Thousands, ..Asked::default() });
    assert_eq!(page.matrix.footnotes, Vec::<String>::new());
}

#[test]
fn a_variant_is_compared_with_its_scenario() {
    let folder = project().join("scenarios/helgeland-2024");
    let (before, now) = (walked(&folder), walked(&folder.join("variants/alternative-2.ron")));
    let changes = compared(&now, &before, &Asked { cells: Cells::Change, ..Asked::default() });
    assert_eq!(changes.matrix.cells, "change");
    let (old, new) = (before.outcome.as_ref().unwrap(), now.outcome.as_ref().unwrap());
    let mut rises = 0;
    for row in changes.matrix.rows.iter().filter(|row| row.head.kind == "party") {
        let cell = &row.cells[0];
        let party = new.scenario.parties.find(&row.head.title).unwrap();
        let share = |outcome: &Outcome| outcome.budget.billed[0].party_total(party).unwrap();
        let change = share(new).minus(share(old)).unwrap();
        assert_eq!(cell.machine, change.to_string());
        assert_eq!(cell.text.starts_with('+'), change > Money::ZERO, "{}", cell.text);
        assert_eq!(cell.tone == Tone::Up, change > Money::ZERO);
        assert_eq!(cell.was.is_some(), !change.is_zero());
        rises += usize::from(cell.tone == Tone::Up);
    }
    assert!(rises > 0 && changes.numbers[1].tone == "up" && changes.numbers[1].detail.starts_with('+'));
    assert!(!changes.alterations.is_empty());
    let percent = compared(&now, &before, &Asked { cells: Cells::Percent, ..Asked::default() });
    assert!(cells(&percent).any(|cell| cell.text.ends_with("\u{a0}%")));
    // Without anything to compare with, changes cannot be shown, and the page says so.
    let alone = seen(&now, &Asked { cells: Cells::Change, ..Asked::default() });
    assert_eq!((alone.cells, alone.matrix.cells), ("change", "amounts"));
    assert_eq!(alone.matrix.footnotes[0], Words::of(Language::Bokmaal).no_baseline);
}

/// 357 parties and 1 000 measures in two years.
fn large() -> Walk {
    let parties: Vec<String> = (1..=357).map(|number| format!("\"P{number}\"")).collect();
    let measures: Vec<String> = (1..=1000)
        .map(|number| {
            format!(
                "(id: \"m{number}\", title: \"Tiltak {number}\", costs: [(line: \"l\", budget: \
                 {{2026: {number}_001, 2027: {number}_002}})], key: \"equally()\")"
            )
        })
        .collect();
    let scenario = format!(
        "(title: \"t\", years: (first: 2026, last: 2027), parties: [{}], measures: [{}])",
        parties.join(","),
        measures.join(",")
    );
    MemoryShelf::of([("scenario.ron", scenario.as_str())]).walk()
}

#[test]
fn a_large_scenario_is_paged_and_searched() {
    let walk = large();
    let page = |number: usize, find: &str| {
        seen(&walk, &Asked { page: number, find: find.to_owned(), ..Asked::default() }).matrix
    };
    let first = page(1, "");
    assert_eq!((first.paging.pages, first.paging.rows), (20 * 6, 1000));
    assert_eq!(first.rows.len(), 51);
    assert_eq!(first.columns.len(), 2 + 60);
    assert_eq!(first.paging.measures.text, "Tiltak 1–50 av 1\u{a0}000");
    assert_eq!((first.paging.measures.next, first.paging.parties.next), (Some(2), Some(21)));
    let last = page(usize::MAX, "");
    assert_eq!(last.paging.page, 120);
    assert_eq!(last.paging.parties.text, "Parter 301–357 av 357");
    assert_eq!((last.paging.measures.next, last.paging.parties.next), (None, None));
    // Sums are of all measures, whatever page is looked at.
    let sum = |matrix: &fordel::report::page::matrix::Matrix, id: &str| {
        let column = matrix.columns.iter().position(|own| own.id == id).unwrap();
        matrix.rows.last().unwrap().cells[column].machine.clone()
    };
    assert_eq!(sum(&first, "figure:gross"), sum(&last, "figure:gross"));
    assert_eq!(sum(&first, "figure:gross"), "1001003000");
    let found = page(1, "tiltak 99");
    assert_eq!(found.rows.len(), 12);
    assert_eq!(found.rows.last().unwrap().head.title, "Sum av 11 tiltak");
    assert_eq!(sum(&found, "party:P1"), {
        let shares = found.rows[..11]
            .iter()
            .map(|row| Money::from_kroner(&parse_machine(&row.cells[2].machine).unwrap()).unwrap());
        Money::sum(shares).unwrap().to_string()
    });
    assert_eq!(page(1, "p357").columns.len(), 3);
    assert!(page(1, "nobody").rows.is_empty());
}

/// Each language has its own words, and what is put into them is the same in all.
#[test]
fn words_are_translated() {
    let of = |language| serde_json::to_value(Words::of(language)).unwrap().as_object().unwrap().clone();
    let english = of(Language::English);
    let names = |text: &str| {
        let parts = text.split('{').skip(1).filter_map(|part| part.split_once('}'));
        parts.map(|(name, _)| name.to_owned()).collect::<std::collections::BTreeSet<String>>()
    };
    for language in [Language::Bokmaal, Language::Nynorsk] {
        let own = of(language);
        let same = own.iter().filter(|(field, text)| english[*field] == **text).count();
        assert!(same < english.len() / 6, "{same} labels of {} are English", language.code());
        for (field, text) in &own {
            let (text, other) = (text.as_str().unwrap(), english[field].as_str().unwrap());
            assert!(!text.is_empty());
            assert_eq!(names(text), names(other), "{field}");
        }
    }
    assert_eq!(filled("{a} and {b", &[("a", "1")]), "1 and {b");
}

/// A view of every scenario in every language, unit and kind of cell; nothing is empty that must not be.
#[test]
fn every_scenario_can_be_seen_in_every_way() {
    for folder in folders(&project().join("scenarios")) {
        let walk = walked(&folder);
        if walk.outcome.is_none() {
            continue;
        }
        for (language, unit, cells) in [
            (Language::Bokmaal, Unit::Kroner, Cells::Amounts),
            (Language::Nynorsk, Unit::Thousands, Cells::Per),
            (Language::English, Unit::Ore, Cells::Percent),
        ] {
            let page = compared(&walk, &walk, &Asked { language, unit, cells, ..Asked::default() });
            assert_eq!(page.numbers.len(), 4);
            assert!(page.numbers.iter().all(|own| !own.text.is_empty() && !own.label.is_empty()));
            assert!(self::cells(&page).all(|cell| !cell.text.is_empty() && cell.tone == Tone::None));
            assert!(page.alterations.is_empty());
            for row in &page.matrix.rows {
                assert_eq!(row.cells.len(), page.matrix.columns.len());
            }
            for table in page.ledgers.iter().chain(&page.besides).chain(&page.settlement) {
                assert!(table.rows.iter().all(|row| row.cells.len() == table.columns.len()), "{}", table.id);
            }
        }
    }
}
