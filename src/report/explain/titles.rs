//! The first line of a certificate: whose figure, of what, of which year, and what it is.

use crate::ground::money::Money;
use crate::ground::numerals::money_norwegian;
use crate::report::figures::{FigureKey, FigureKind};

use super::Case;

/// The first line of the certificate of a figure.
pub fn title(case: &Case<'_>, key: &FigureKey, amount: Money) -> String {
    let scenario = case.scenario();
    let names_a_party = !matches!(key.kind, FigureKind::Draw | FigureKind::Charge | FigureKind::Tagged);
    let party = case.party_of(key).filter(|_| names_a_party).map(|party| case.party_name(party));
    let subject = if key.kind.is_of_a_fund() {
        fund_title(case, &key.subject)
    } else {
        measure_title(case, &key.subject)
    };
    let year = key.year.map_or_else(|| "all years".to_owned(), |year| year.to_string());
    let names: Vec<&str> = party.into_iter().chain(subject).chain([year.as_str()]).collect();
    let what = words(case, key);
    let what = if what.is_empty() { what } else { format!(": {what}") };
    format!("{}{what} = {} {}", names.join(" · "), money_norwegian(amount), scenario.currency)
}

fn measure_title<'c>(case: &Case<'c>, id: &str) -> Option<&'c str> {
    let measures = &case.outcome.scenario.measures;
    measures.iter().find(|measure| measure.id == id).map(|measure| measure.title.as_str())
}

fn fund_title<'c>(case: &Case<'c>, id: &str) -> Option<&'c str> {
    let scenario = &case.outcome.scenario;
    let grants = scenario.grants.iter().map(|grant| (&grant.id, &grant.title));
    let mut funds = grants.chain(scenario.reserves.iter().map(|reserve| (&reserve.id, &reserve.title)));
    funds.find(|(own, _)| *own == id).map(|(_, title)| title.as_str())
}

/// What a figure is, in words; nothing for a share, which is what is asked for most.
fn words(case: &Case<'_>, key: &FigureKey) -> String {
    let to = || measure_title(case, &key.party).unwrap_or(&key.party);
    let source = || fund_title(case, &key.party).unwrap_or(&key.party);
    let last_year = || key.year.map_or_else(String::new, |year| format!(" from {}", year - 1));
    match key.kind {
        FigureKind::Share => String::new(),
        FigureKind::Gross => "gross cost".to_owned(),
        FigureKind::Lines if key.party.is_empty() => "cost lines".to_owned(),
        FigureKind::Lines => format!("cost line {}", key.party),
        FigureKind::Tagged => format!("gross cost with the tag `{}`", key.party),
        FigureKind::InKind => "work in kind".to_owned(),
        FigureKind::Received => "charged by other measures".to_owned(),
        FigureKind::Charge if key.party.is_empty() => "charged to other measures".to_owned(),
        FigureKind::Charge => format!("charged to {}", to()),
        FigureKind::Draw if key.party.is_empty() => "drawn".to_owned(),
        FigureKind::Draw => format!("drawn on {}", source()),
        FigureKind::Net => "net cost".to_owned(),
        FigureKind::Billed => "billed".to_owned(),
        FigureKind::Residual => "residual".to_owned(),
        FigureKind::Instalment(number) => format!("instalment {number}"),
        FigureKind::ActualGross => "actual gross cost".to_owned(),
        FigureKind::ActualNet => "actual net cost".to_owned(),
        FigureKind::ActualShare => "actual share".to_owned(),
        FigureKind::Settlement => "settlement".to_owned(),
        FigureKind::BroughtForward => format!("brought forward{}", last_year()),
        FigureKind::BuyIn => "buy-in".to_owned(),
        FigureKind::Opening => "opening".to_owned(),
        FigureKind::Award => "awarded".to_owned(),
        FigureKind::Deposit => "deposits".to_owned(),
        FigureKind::Drawn => "drawn".to_owned(),
        FigureKind::Payout => "paid out".to_owned(),
        FigureKind::Carried => "carried over".to_owned(),
        FigureKind::Repaid => "paid back to the funder".to_owned(),
        FigureKind::Lapsed => "lapsed".to_owned(),
        FigureKind::Earned => "earned".to_owned(),
        FigureKind::Paid => "paid by the funder".to_owned(),
        FigureKind::Receivable => "earned and not yet paid".to_owned(),
        FigureKind::Closing => "closing".to_owned(),
        FigureKind::Total => "all shares".to_owned(),
        FigureKind::Payable => "in all".to_owned(),
    }
}
