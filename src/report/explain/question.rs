//! From what is asked on the command line or the page to the figures of the long table that answer it. The columns of
//! the table are the general form; party, measure, grant and reserve are shorter ways to the figures asked for most.

use std::collections::BTreeMap;

use crate::engine::groups::Groups;
use crate::engine::walk::Outcome;
use crate::ground::diagnostic::Diagnostic;
use crate::ground::money::Money;
use crate::model::measure::{Measure, MeasureIx};
use crate::model::table::clean;
use crate::model::years::Year;
use crate::report::figures::{FigureKey, FigureKind, Figures};
use crate::report::scope::Scope;

use super::faults;

/// What is asked: names as they are written.
#[derive(Clone, Debug, Default)]
pub struct Question {
    /// A party, or what else stands in the column party.
    pub party: Option<String>,
    /// A measure.
    pub measure: Option<String>,
    /// A grant.
    pub grant: Option<String>,
    /// A reserve.
    pub reserve: Option<String>,
    /// The source that a measure drew on.
    pub from: Option<String>,
    /// A figure by its word.
    pub figure: Option<String>,
    /// What stands in the column subject.
    pub subject: Option<String>,
    /// A year, or `all` for the sum over all years; every year without it.
    pub year: Option<String>,
}

/// The figures of each party, which are of no use where no party is asked for.
const OF_PARTIES: [FigureKind; 3] = [FigureKind::Share, FigureKind::ActualShare, FigureKind::Settlement];

/// The figures that can have to do with a question: of the measure that is asked for and those it depends on, or the
/// shares of one party. A budget may have millions of others.
pub fn scope(question: &Question, outcome: &Outcome) -> Scope {
    let Outcome { scenario, plan, .. } = outcome;
    let written = |name: &Option<String>| name.as_deref().and_then(clean);
    let asked: Vec<String> = [&question.measure, &question.subject].into_iter().filter_map(written).collect();
    let is_asked = |measure: &Measure| asked.iter().any(|name| [&measure.id, &measure.title].contains(&name));
    let measures: Vec<MeasureIx> =
        scenario.measures().filter(|(_, measure)| is_asked(measure)).map(|(index, _)| index).collect();
    if !measures.is_empty() {
        let around = Groups::new(scenario, plan).around(&measures, &[], &[]);
        return Scope { measures: Some(around.measures.into_iter().collect()), parties: None };
    }
    let party = written(&question.party).and_then(|name| scenario.parties.find(&name));
    let kind = question.figure.as_deref().and_then(FigureKind::of_word);
    let of_each =
        kind.is_some_and(|kind| OF_PARTIES.contains(&kind) || matches!(kind, FigureKind::Instalment(_)));
    match party {
        None if of_each => Scope::default(),
        party => Scope { measures: None, parties: Some(party.into_iter().collect()) },
    }
}

/// Which years are asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Years {
    Each,
    One(Year),
    Sum,
}

/// The figures that answer a question, in the order of the files; there is at least one.
///
/// # Errors
/// Names that are not known, options that do not go together, figures that the budget does not have.
pub fn figures(
    question: &Question,
    outcome: &Outcome,
    figures: &Figures,
) -> Result<Vec<FigureKey>, Diagnostic> {
    let asker = Asker { question, outcome, figures };
    let years = asker.years()?;
    let kind = asker.kind()?;
    let subject = asker.subject(kind)?;
    let (kind, is_whole_party) = match kind {
        Some(kind) => (kind, false),
        None => asker.kind_by_default(subject.as_deref())?,
    };
    let party = asker.party(kind, subject.as_deref())?;
    let keys = match (&party, is_whole_party) {
        (Some(party), true) => asker.all_of_party(party, years),
        _ => asker.matching(kind, subject.as_deref(), party.as_deref(), years),
    };
    if keys.is_empty() {
        Err(asker.nothing(kind, subject.as_deref(), party.as_deref(), years))
    } else {
        Ok(keys)
    }
}

struct Asker<'a> {
    question: &'a Question,
    outcome: &'a Outcome,
    figures: &'a Figures,
}

impl Asker<'_> {
    fn years(&self) -> Result<Years, Diagnostic> {
        let years = self.outcome.scenario.years;
        match self.question.year.as_deref() {
            None => Ok(Years::Each),
            Some("all") => Ok(Years::Sum),
            Some(written) => match written.parse::<Year>() {
                Ok(year) if years.contains(year) => Ok(Years::One(year)),
                Ok(year) => Err(faults::year_outside(year, years)),
                Err(_) => Err(faults::not_a_year(written)),
            },
        }
    }

    fn kind(&self) -> Result<Option<FigureKind>, Diagnostic> {
        let Some(word) = self.question.figure.as_deref() else { return Ok(None) };
        let known = FigureKind::words().chain(["instalment_1"]);
        let unknown = || faults::unknown("unknown-figure", "figure", word, known);
        FigureKind::of_word(word).ok_or_else(unknown).map(Some)
    }

    /// The id of the measure, grant or reserve that is asked for.
    fn subject(&self, kind: Option<FigureKind>) -> Result<Option<String>, Diagnostic> {
        let Question { measure, grant, reserve, subject, .. } = self.question;
        let given: Vec<&String> = [measure, grant, reserve, subject].into_iter().flatten().collect();
        if given.len() > 1 {
            let help = "give one of --measure, --grant, --reserve and --subject";
            return Err(faults::not_together("only one thing can be explained at a time", help));
        }
        let of_measures = self.measures();
        let (of_grants, of_reserves) = (self.grants(), self.reserves());
        if let Some(written) = measure {
            return named("unknown-measure", "measure", written, &of_measures).map(Some);
        }
        if let Some(written) = grant {
            return named("unknown-grant", "grant", written, &of_grants).map(Some);
        }
        if let Some(written) = reserve {
            return named("unknown-reserve", "reserve", written, &of_reserves).map(Some);
        }
        let Some(written) = subject else { return Ok(None) };
        let funds = [of_grants, of_reserves].concat();
        let all = match kind {
            Some(kind) if kind.is_of_a_fund() => funds,
            Some(_) => of_measures,
            None => [of_measures, funds].concat(),
        };
        named("unknown-subject", "measure, grant or reserve", written, &all).map(Some)
    }

    /// What is asked for where no figure is named, and whether it is all that a party pays.
    fn kind_by_default(&self, subject: Option<&str>) -> Result<(FigureKind, bool), Diagnostic> {
        let Question { party, from, .. } = self.question;
        let is =
            |named: &[(String, String)]| subject.is_some_and(|id| named.iter().any(|(own, _)| own == id));
        let is_measure =
            self.question.grant.is_none() && self.question.reserve.is_none() && is(&self.measures());
        match (from, party, subject) {
            (Some(_), None, Some(_)) if is_measure => Ok((FigureKind::Draw, false)),
            (Some(_), _, _) => {
                let help = "as in --measure M --from SOURCE";
                Err(faults::not_together(
                    "--from is what a measure drew, and goes with --measure alone",
                    help,
                ))
            }
            (None, None, None) => Err(faults::what_to_explain()),
            (None, Some(_), None) => Ok((FigureKind::Share, true)),
            (None, Some(_), Some(_)) if is_measure => Ok((FigureKind::Share, false)),
            (None, Some(_), Some(_)) => Ok((FigureKind::Payout, false)),
            (None, None, Some(id)) if is_measure => {
                let mut measures = self.outcome.scenario.measures.iter();
                let has_key = measures.any(|measure| measure.id == id && measure.key().is_some());
                Ok((if has_key { FigureKind::Billed } else { FigureKind::Net }, false))
            }
            (None, None, Some(_)) => Ok((FigureKind::Closing, false)),
        }
    }

    /// What stands in the column party.
    fn party(&self, kind: FigureKind, subject: Option<&str>) -> Result<Option<String>, Diagnostic> {
        let scenario = &self.outcome.scenario;
        let Some(written) = self.question.from.as_ref().or(self.question.party.as_ref()) else {
            return Ok(None);
        };
        let plain = |names: Vec<&str>| {
            names.into_iter().map(|name| (name.to_owned(), name.to_owned())).collect::<Vec<_>>()
        };
        let found = match kind {
            FigureKind::Draw => {
                let sources = [self.grants(), self.reserves()].concat();
                named("unknown-source", "grant or reserve", written, &sources)?
            }
            FigureKind::Charge => named("unknown-measure", "measure", written, &self.measures())?,
            FigureKind::Tagged => {
                named("unknown-tag", "tag", written, &plain(scenario.tags().into_iter().collect()))?
            }
            FigureKind::Lines => {
                let measures = scenario.measures.iter();
                let own = measures.filter(|measure| subject.is_none_or(|id| measure.id == id));
                let lines = own.flat_map(|measure| measure.lines.iter().map(|line| line.name.as_str()));
                named("unknown-line", "cost line", written, &plain(lines.collect()))?
            }
            _ => {
                let parties = &scenario.parties;
                let unknown = || faults::unknown("unknown-party", "party", written, parties.ids());
                let party = clean(written).and_then(|name| parties.find(&name)).ok_or_else(unknown)?;
                parties.get(party).id.clone()
            }
        };
        Ok(Some(found))
    }

    /// The figures of a kind with this subject and party. Where one of them is not asked for, the figure over all of
    /// them, if there is one.
    fn matching(
        &self,
        kind: FigureKind,
        subject: Option<&str>,
        party: Option<&str>,
        years: Years,
    ) -> Vec<FigureKey> {
        let of_years = |key: &&FigureKey| match years {
            Years::Each => key.year.is_some(),
            Years::One(year) => key.year == Some(year),
            Years::Sum => key.year.is_none(),
        };
        let fits = |key: &&FigureKey| {
            key.kind == kind
                && subject.is_none_or(|subject| key.subject == subject)
                && party.is_none_or(|party| key.party == party)
        };
        let mut keys: Vec<&FigureKey> = self.figures.keys().filter(of_years).filter(fits).collect();
        if subject.is_none() && keys.iter().any(|key| key.subject.is_empty()) {
            keys.retain(|key| key.subject.is_empty());
        }
        if party.is_none() && keys.iter().any(|key| key.party.is_empty()) {
            keys.retain(|key| key.party.is_empty());
        }
        let written: BTreeMap<&FigureKey, usize> =
            self.figures.rows.iter().enumerate().map(|(position, (key, _))| (key, position)).collect();
        keys.sort_by_key(|key| written.get(key).copied().unwrap_or(usize::MAX));
        keys.into_iter().cloned().collect()
    }

    /// All that a party pays: its shares one by one, and what they come to with everything besides.
    fn all_of_party(&self, party: &str, years: Years) -> Vec<FigureKey> {
        let scenario = &self.outcome.scenario;
        let has = |key: &FigureKey| self.figures.get(key).is_some_and(|amount| !amount.is_zero());
        let mut keys = Vec::new();
        let walked: Vec<Option<Year>> = match years {
            Years::Each => scenario.years.iter().map(Some).collect(),
            Years::One(year) => vec![Some(year)],
            Years::Sum => vec![None],
        };
        for year in walked {
            let key = |kind, subject: &str| {
                let (subject, party) = (subject.to_owned(), party.to_owned());
                FigureKey { year, kind, subject, party }
            };
            let mut terms = 0;
            for measure in &scenario.measures {
                let share = key(FigureKind::Share, &measure.id);
                let more = [FigureKind::BuyIn, FigureKind::BroughtForward].map(|kind| key(kind, &measure.id));
                terms += more.iter().chain([&share]).filter(|key| has(key)).count();
                match self.figures.get(&share) {
                    Some(_) => keys.push(share),
                    None => keys.extend(more.into_iter().filter(has)),
                }
            }
            let payable = key(FigureKind::Payable, "");
            let all = if has(&payable) { payable } else { key(FigureKind::Total, "") };
            let paid_out: Option<Money> = scenario
                .reserves
                .iter()
                .find_map(|reserve| self.figures.get(&key(FigureKind::Payout, &reserve.id)));
            // What a single share comes to has been said.
            if terms + usize::from(paid_out.is_some()) > 1 && self.figures.get(&all).is_some() {
                keys.push(all);
            }
        }
        keys
    }

    /// Why there is no figure to explain.
    fn nothing(
        &self,
        kind: FigureKind,
        subject: Option<&str>,
        party: Option<&str>,
        years: Years,
    ) -> Diagnostic {
        let scenario = &self.outcome.scenario;
        let measure = scenario.measures.iter().find(|measure| Some(measure.id.as_str()) == subject);
        let of_shares = kind == FigureKind::Share;
        if let Some(measure) = measure.filter(|measure| of_shares && measure.key().is_none()) {
            return faults::paid_by_measures(&measure.id);
        }
        let mut parties = scenario.parties.iter();
        let asked = parties.find(|(_, own)| of_shares && Some(own.id.as_str()) == party);
        if let Some((_, party)) = asked {
            return faults::takes_no_part(party);
        }
        let mut names = vec![format!("`{}`", kind.word())];
        names.extend(subject.map(|subject| format!("of `{subject}`")));
        names.extend(party.map(|party| format!("for `{party}`")));
        match years {
            Years::Each => {}
            Years::One(year) => names.push(format!("in {year}")),
            Years::Sum => names.push("over all years".to_owned()),
        }
        let other_years = self.matching(kind, subject, party, Years::Each);
        let mut other_years: Vec<String> =
            other_years.iter().filter_map(|key| key.year).map(|year| year.to_string()).collect();
        other_years.dedup();
        let of_subject = self.figures.keys().filter(|key| subject.is_none_or(|own| key.subject == own));
        let words: std::collections::BTreeSet<String> =
            of_subject.map(|key| key.kind.word().into_owned()).collect();
        let words: Vec<String> = words.into_iter().collect();
        let help = if other_years.is_empty() {
            format!("there is: {}", words.join(", "))
        } else {
            format!("there is one in {}", other_years.join(", "))
        };
        faults::no_such_figure(&names, help)
    }

    /// The ids and titles of all measures.
    fn measures(&self) -> Vec<(String, String)> {
        let measures = self.outcome.scenario.measures.iter();
        measures.map(|measure| (measure.id.clone(), measure.title.clone())).collect()
    }

    fn grants(&self) -> Vec<(String, String)> {
        let grants = self.outcome.scenario.grants.iter();
        grants.map(|grant| (grant.id.clone(), grant.title.clone())).collect()
    }

    fn reserves(&self) -> Vec<(String, String)> {
        let reserves = self.outcome.scenario.reserves.iter();
        reserves.map(|reserve| (reserve.id.clone(), reserve.title.clone())).collect()
    }
}

/// The id of what is named by its id, or by a title that only one has.
fn named(
    code: &'static str,
    kind: &str,
    written: &str,
    known: &[(String, String)],
) -> Result<String, Diagnostic> {
    let written = clean(written).unwrap_or_default();
    if let Some((id, _)) = known.iter().find(|(id, _)| *id == written) {
        return Ok(id.clone());
    }
    let mut titled = known.iter().filter(|(_, title)| *title == written);
    match (titled.next(), titled.next()) {
        (Some((id, _)), None) => Ok(id.clone()),
        _ => Err(faults::unknown(code, kind, &written, known.iter().map(|(id, _)| id.as_str()))),
    }
}
