//! The end of a certificate: the rules with their documentation and the paragraphs that it cites, and which branches
//! they took.

use crate::engine::books::Books;
use crate::ground::source::Spanned;
use crate::model::grant::GrantIx;
use crate::model::measure::{Measure, MeasureIx};
use crate::model::party::PartyIx;
use crate::model::period::MONTHS;
use crate::model::reserve::ReserveIx;
use crate::model::scenario::FundSource;
use crate::model::years::Year;
use crate::report::language::{Language, say};
use crate::rules::deliberation::{self, Branch, Decision, Deliberation, Question};
use crate::rules::facts::Fact;
use crate::rules::parameters::Given;

use super::Case;
use super::node::Node;
use super::rounding::{other_names, some_names};

/// What stands before the number of a paragraph.
const CITING: [&str; 7] = ["§", "article ", "articles ", "artikkel ", "chapter ", "kapittel ", "sak "];
/// How many characters of a branch are shown.
const BODY_CHARACTERS_MAX: usize = 72;
/// How many decisions of one question are shown.
const DECISIONS_MAX: usize = 24;

/// The rules of a measure's key, funding and indexes.
pub fn of_measure(case: &Case<'_>, books: &Books<'_>, index: MeasureIx) -> Option<Node> {
    let measure = books.measure(index);
    let expressions = measure.key().into_iter().chain(&measure.funding).chain(indexes(measure));
    node(case, expressions, index_branches(case, measure))
}

/// The rules that decide what a measure costs.
pub fn of_cost(case: &Case<'_>, books: &Books<'_>, index: MeasureIx) -> Option<Node> {
    let measure = books.measure(index);
    node(case, measure.funding.iter().chain(indexes(measure)), index_branches(case, measure))
}

/// The rules of a measure's draws.
pub fn of_funding(case: &Case<'_>, books: &Books<'_>, index: MeasureIx) -> Option<Node> {
    node(case, books.measure(index).funding.iter(), vec![])
}

/// The rules of a grant, and of the draws on it.
pub fn of_grant(case: &Case<'_>, books: &Books<'_>, index: GrantIx) -> Option<Node> {
    let grant = &case.outcome.scenario.grants[index.0];
    let first = case.scenario().years.first();
    let payment = grant.payment.as_ref().and_then(|rule| branches_of(case, rule, first));
    let draws = books.walked.draws.iter().filter(|draw| draw.source == FundSource::Grant(index));
    let funding = draws.filter_map(|draw| books.measure(draw.measure).funding.get(draw.step));
    node(case, grant.carry_over.iter().chain(&grant.payment).chain(funding), payment.into_iter().collect())
}

/// The rules of the draws on a reserve, and of its exit key.
pub fn of_reserve(case: &Case<'_>, books: &Books<'_>, index: ReserveIx) -> Option<Node> {
    let draws = books.walked.draws.iter().filter(|draw| draw.source == FundSource::Reserve(index));
    let funding = draws.filter_map(|draw| books.measure(draw.measure).funding.get(draw.step));
    let exit_key = books.scenario.reserves[index.0].exit_key.as_ref();
    let paid_out = books.walked.payouts.iter().any(|payout| payout.reserve == index);
    node(case, funding.chain(exit_key.filter(|_| paid_out)), vec![])
}

/// The indexes that figures of a measure follow.
fn indexes(measure: &Measure) -> impl Iterator<Item = &Spanned<String>> {
    let lines = measure.lines.iter().map(|line| &line.budget);
    std::iter::once(&measure.decided).chain(lines).filter_map(|figures| figures.index.as_ref())
}

/// Which branches the rules of indexes took; they are asked once, for the first year.
fn index_branches(case: &Case<'_>, measure: &Measure) -> Vec<Node> {
    let first = case.scenario().years.first();
    let mut nodes: Vec<Node> = Vec::new();
    for node in indexes(measure).filter_map(|rule| branches_of(case, rule, first)) {
        if nodes.iter().all(|known| known.text != node.text) {
            nodes.push(node);
        }
    }
    nodes
}

/// An expression with the branches that its rules took; none where there were none to take.
fn branches_of(case: &Case<'_>, expression: &Spanned<String>, year: Year) -> Option<Node> {
    let told = told(case, &deliberation(case, expression, year, None, None));
    (!told.is_empty()).then(|| Node::new(&expression.value).at(&expression.place).with(told))
}

/// The rules that expressions call, with their documentation.
fn node<'e>(
    case: &Case<'_>,
    expressions: impl Iterator<Item = &'e Spanned<String>>,
    mut under: Vec<Node>,
) -> Option<Node> {
    let language = case.language;
    let mut rules = Vec::new();
    for rule in expressions.flat_map(|expression| case.outcome.rulebook.rules_called(&expression.value)) {
        if !rules.contains(&rule) {
            rules.push(rule);
        }
    }
    under.extend(rules.iter().map(|rule| {
        let lines = rule.documentation.iter().map(Node::new);
        let cited = citations(&rule.documentation);
        let cited = (!cited.is_empty()).then(|| {
            let cited = cited.join(" · ");
            Node::new(say!(language, "viser til {cited}", "viser til {cited}", "cites {cited}"))
        });
        Node::new(&rule.name).at(&rule.place).with(lines).with(cited)
    }));
    (!under.is_empty()).then(|| Node::new(language.choose("regler", "reglar", "rules")).with(under))
}

/// The paragraphs that a documentation cites: `agreement § 7`.
fn citations(documentation: &[String]) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for line in documentation {
        let marks = CITING.iter().flat_map(|mark| line.match_indices(mark));
        for (at, _) in marks.filter(|(at, _)| !line[..*at].ends_with(char::is_alphanumeric)) {
            let before = line[..at].trim_end_matches('§');
            // In brackets, what is in them; else the word before and the number after.
            let open = before.rfind('(').filter(|open| !before[*open..].contains(')'));
            let cited = match open {
                Some(open) => line[open + 1..].split(')').next().unwrap_or_default().to_owned(),
                None => {
                    let word = before.split_whitespace().next_back().unwrap_or_default();
                    let after = line[before.len()..].split_whitespace().take(2);
                    let after = after.collect::<Vec<_>>().join(" ");
                    let after = after.trim_end_matches(|sign: char| !sign.is_alphanumeric());
                    format!("{word} {after}").trim().to_owned()
                }
            };
            if cited.contains(|sign: char| sign.is_ascii_digit()) && !found.contains(&cited) {
                found.push(cited);
            }
        }
    }
    found
}

/// How the rules came to their answer.
pub fn deliberation(
    case: &Case<'_>,
    expression: &Spanned<String>,
    year: Year,
    measure: Option<MeasureIx>,
    party: Option<PartyIx>,
) -> Deliberation {
    let scenario = case.scenario();
    let months = |party| measure.map_or(MONTHS, |measure| scenario.months(measure, party, year));
    let question = Question {
        scenario,
        rulebook: &case.outcome.rulebook,
        inputs: case.inputs,
        parameters: &case.outcome.plan.parameters,
        expression,
        year,
        measure,
        party: party.map(|party| (party, months(party))),
    };
    deliberation::deliberation(&question)
}

/// What rules looked up and which branches they took, outside of closures.
pub fn told(case: &Case<'_>, told: &Deliberation) -> Vec<Node> {
    let decisions = decision_nodes(case, &told.decisions);
    let unknown = told.is_unknown.then(|| {
        Node::new(case.language.choose(
            "hvilke grener reglene valgte, kan ikke vises",
            "kva greiner reglane valde, kan ikkje visast",
            "which branches its rules took cannot be shown",
        ))
    });
    facts(case.language, &told.facts).into_iter().chain(decisions).chain(unknown).collect()
}

/// What was looked up.
pub fn facts(language: Language, facts: &[Fact]) -> Vec<Node> {
    let fact = |fact: &Fact| {
        let Fact { name, year, value, given, place, .. } = fact;
        let line = match (year, given) {
            (Some(year), _) => {
                say!(
                    language,
                    "{name} i {year} = {value}",
                    "{name} i {year} = {value}",
                    "{name} of {year} = {value}"
                )
            }
            (None, Some(given)) => format!("{name} = {value} ({})", from(language, given)),
            (None, None) => format!("{name} = {value}"),
        };
        Node { place: place.clone(), ..Node::new(line) }
    };
    facts.iter().map(fact).collect()
}

/// The `if`s that were asked, with all their branches.
pub fn decision_nodes(case: &Case<'_>, decisions: &[Decision]) -> Vec<Node> {
    let more = decisions.len().saturating_sub(DECISIONS_MAX);
    let shown = decisions.iter().take(DECISIONS_MAX);
    let mut nodes: Vec<Node> = shown.map(|decision| decision_node(case, decision)).collect();
    if more > 0 {
        nodes.push(Node::new(say!(case.language, "og {more} til", "og {more} til", "and {more} more",)));
    }
    nodes
}

fn decision_node(case: &Case<'_>, decision: &Decision) -> Node {
    let language = case.language;
    let rule = decision
        .rule
        .as_ref()
        .map_or_else(String::new, |rule| say!(language, " i {rule}", " i {rule}", " in {rule}"));
    let others = decision.others.iter().map(|party| case.party_name(*party).to_owned());
    let others = match decision.others.len() {
        0 => String::new(),
        _ => format!(", for {}", some_names(others, |more| other_names(language, more))),
    };
    let branches = decision.branches.iter().enumerate();
    let nodes = branches.map(|(index, branch)| branch_node(language, branch, index == 0));
    let text = match decision.branches.iter().find(|branch| branch.taken) {
        Some(branch) => {
            let body = shortened(&branch.body);
            say!(
                language,
                "valgt gren{rule}{others}: {{ {body} }}",
                "vald grein{rule}{others}: {{ {body} }}",
                "branch taken{rule}{others}: {{ {body} }}",
            )
        }
        None => say!(
            language,
            "ingen gren er valgt{rule}{others}",
            "inga grein er vald{rule}{others}",
            "no branch is taken{rule}{others}",
        ),
    };
    Node::new(text).with(nodes)
}

fn branch_node(language: Language, branch: &Branch, is_first: bool) -> Node {
    let values: Vec<String> = branch.values.iter().map(|(name, value)| format!("{name} = {value}")).collect();
    let values = if values.is_empty() { String::new() } else { format!(" ({})", values.join(", ")) };
    let condition = match (&branch.condition, branch.holds) {
        (None, _) => "else".to_owned(),
        (Some(condition), holds) => {
            let word = if is_first { "if" } else { "else if" };
            let holds = match holds {
                Some(true) => language.choose(" stemmer", " stemmer", " is true"),
                Some(false) => language.choose(" stemmer ikke", " stemmer ikkje", " is false"),
                None => language.choose(" er ikke vurdert", " er ikkje vurdert", " is not asked"),
            };
            format!("{word} {condition}{holds}{values}")
        }
    };
    let verdict = if branch.taken {
        language.choose("valgt", "vald", "taken").to_owned()
    } else {
        let body = shortened(&branch.body);
        say!(language, "ikke valgt: {{ {body} }}", "ikkje vald: {{ {body} }}", "not taken: {{ {body} }}",)
    };
    Node::new(format!("{condition}; {verdict}")).at(&branch.place)
}

fn shortened(body: &str) -> String {
    match body.char_indices().nth(BODY_CHARACTERS_MAX) {
        Some((byte, _)) => format!("{}…", body[..byte].trim_end()),
        None => body.to_owned(),
    }
}

/// What a parameter is from, in words.
fn from(language: Language, given: &Given) -> &'static str {
    match given {
        Given::Default => language.choose("standardverdien", "standardverdien", given.words()),
        Given::Assumption => {
            language.choose("forutsetningen med samme navn", "føresetnaden med same namn", given.words())
        }
        Given::Set(_) => language.choose("satt av en endring", "sett av ei endring", given.words()),
    }
}
