//! Who takes part: a rule that measures have in common is worked out for the participants of each, whoever came before.

use fordel::engine::budget::YearBudget;
use fordel::engine::walk::Outcome;
use fordel::model::measure::MeasureIx;

use crate::support::MemoryShelf;

const PARTIES: [&str; 4] = ["Bodø", "Fauske", "Saltdal", "Sørfold"];
const MEASURES: usize = 60;

/// A measure in which one of the parties takes no part, and another only from the last year on, when it buys in.
fn measure(index: usize) -> String {
    let mut others = PARTIES.to_vec();
    others.remove(index % PARTIES.len());
    let newcomer = others.remove(index / PARTIES.len() % others.len());
    format!(
        "(id: \"m{index:02}\", amount: {{2024: 1_000_000, 2025: 300_000, 2026: 300_000}}, key: \"common()\",\n\
         participants: Only([\"{}\", (party: \"{newcomer}\", since: 2026)]), buy_in: (years: 10)),",
        others.join("\", \"")
    )
}

fn walked(measures: impl Iterator<Item = usize>) -> Outcome {
    let measures: String = measures.map(measure).collect();
    let text = format!(
        "(title: \"t\", years: (first: 2024, last: 2026), round_to: 1, parties: [\"{}\"], measures: [{measures}],\n\
         drivers: [(id: \"inhabitants\", values: Fixed({{\"Bodø\": 52_803, \"Fauske\": 9_600,\n\
         \"Saltdal\": 4_650, \"Sørfold\": 1_860}}))], rules: [\"keys.rhai\"])",
        PARTIES.join("\", \"")
    );
    let rules = "fn common() { by(\"inhabitants\") }";
    let walk = MemoryShelf::of([("scenario.ron", text.as_str()), ("keys.rhai", rules)]).walk();
    let outcome = walk.outcome.unwrap_or_else(|| panic!("{:?}", walk.diagnostics));
    assert!(outcome.proof.holds(), "{:?}", outcome.proof.failures);
    outcome
}

#[test]
fn a_rule_in_common_is_worked_out_for_the_participants_of_each_measure() {
    let together = walked(0..MEASURES);
    for index in 0..MEASURES {
        let alone = walked(index..index + 1);
        for (all, one) in together.budget.billed.iter().zip(&alone.budget.billed) {
            let (own, only) = (MeasureIx(index), MeasureIx(0));
            let shares = |year: &YearBudget, measure| year.shares(measure).iter().collect::<Vec<_>>();
            assert_eq!(shares(all, own), shares(one, only), "m{index:02} in {}", all.year);
            assert_eq!(all.buy_ins.get(&own), one.buy_ins.get(&only), "m{index:02} in {}", all.year);
        }
        assert!(!alone.budget.billed[2].buy_ins.is_empty(), "somebody buys in to m{index:02}");
    }
}
