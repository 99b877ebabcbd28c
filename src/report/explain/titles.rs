//! The first line of a certificate: whose figure, of what, of which year, and what it is.

use crate::ground::money::Money;
use crate::ground::numerals::money_norwegian;
use crate::report::figures::{FigureKey, FigureKind};
use crate::report::language::{Language, say};

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
    let year = key.year.map_or_else(
        || case.language.choose("alle år", "alle år", "all years").to_owned(),
        |year| year.to_string(),
    );
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
    let language = case.language;
    match key.kind {
        FigureKind::Share => String::new(),
        FigureKind::Lines if !key.party.is_empty() => {
            let line = &key.party;
            say!(language, "kostnadslinja {line}", "kostnadslinja {line}", "cost line {line}")
        }
        FigureKind::Tagged => {
            let tag = &key.party;
            say!(
                language,
                "bruttokostnad med merkelappen `{tag}`",
                "bruttokostnad med merkelappen `{tag}`",
                "gross cost with the tag `{tag}`",
            )
        }
        FigureKind::Charge if !key.party.is_empty() => {
            let to = measure_title(case, &key.party).unwrap_or(&key.party);
            say!(language, "belastet på {to}", "belasta på {to}", "charged to {to}")
        }
        FigureKind::Draw if !key.party.is_empty() => {
            let source = fund_title(case, &key.party).unwrap_or(&key.party);
            say!(language, "brukt av {source}", "brukt av {source}", "drawn on {source}")
        }
        FigureKind::Instalment(number) => {
            say!(language, "termin {number}", "termin {number}", "instalment {number}")
        }
        FigureKind::BroughtForward => match key.year.map(|year| year - 1) {
            Some(last) => {
                say!(language, "overført fra {last}", "overført frå {last}", "brought forward from {last}")
            }
            None => language
                .choose("overført fra året før", "overført frå året før", "brought forward")
                .to_owned(),
        },
        kind => plain_words(language, kind).to_owned(),
    }
}

/// What a figure is that is not named by anything else.
fn plain_words(language: Language, kind: FigureKind) -> &'static str {
    let (bokmaal, nynorsk, english) = match kind {
        FigureKind::Share | FigureKind::Instalment(_) | FigureKind::BroughtForward | FigureKind::Tagged => {
            ("", "", "")
        }
        FigureKind::Gross => ("bruttokostnad", "bruttokostnad", "gross cost"),
        FigureKind::Lines => ("kostnadslinjer", "kostnadslinjer", "cost lines"),
        FigureKind::InKind => ("egeninnsats", "eigeninnsats", "work in kind"),
        FigureKind::Received => {
            ("belastet av andre tiltak", "belasta av andre tiltak", "charged by other measures")
        }
        FigureKind::Charge => {
            ("belastet på andre tiltak", "belasta på andre tiltak", "charged to other measures")
        }
        FigureKind::Draw | FigureKind::Drawn => ("brukt", "brukt", "drawn"),
        FigureKind::Net => ("nettokostnad", "nettokostnad", "net cost"),
        FigureKind::Billed => ("fakturert", "fakturert", "billed"),
        FigureKind::Residual => ("rest", "rest", "residual"),
        FigureKind::ActualGross => {
            ("bruttokostnad etter regnskapet", "bruttokostnad etter rekneskapen", "actual gross cost")
        }
        FigureKind::ActualNet => {
            ("nettokostnad etter regnskapet", "nettokostnad etter rekneskapen", "actual net cost")
        }
        FigureKind::ActualShare => ("andel etter regnskapet", "del etter rekneskapen", "actual share"),
        FigureKind::Settlement => ("avregning", "avrekning", "settlement"),
        FigureKind::BuyIn => ("innkjøp", "innkjøp", "buy-in"),
        FigureKind::Opening => ("inngående balanse", "inngåande balanse", "opening"),
        FigureKind::Award => ("tilsagn", "tilsegn", "awarded"),
        FigureKind::Deposit => ("avsetning", "avsetjing", "deposits"),
        FigureKind::Payout => ("utbetalt", "utbetalt", "paid out"),
        FigureKind::Carried => ("overført", "overført", "carried over"),
        FigureKind::Repaid => {
            ("tilbakebetalt til tilskuddsgiver", "tilbakebetalt til tilskotsgivar", "paid back to the funder")
        }
        FigureKind::Lapsed => ("bortfalt", "bortfalle", "lapsed"),
        FigureKind::Earned => ("opptjent", "opptent", "earned"),
        FigureKind::Paid => {
            ("utbetalt fra tilskuddsgiver", "utbetalt frå tilskotsgivar", "paid by the funder")
        }
        FigureKind::Receivable => {
            ("opptjent og ikke utbetalt", "opptent og ikkje utbetalt", "earned and not yet paid")
        }
        FigureKind::Closing => ("utgående balanse", "utgåande balanse", "closing"),
        FigureKind::Total => ("alle andeler", "alle delar", "all shares"),
        FigureKind::Payable => ("å betale i alt", "å betale i alt", "in all"),
    };
    language.choose(bokmaal, nynorsk, english)
}
