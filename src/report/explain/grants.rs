//! The year of a grant, award by award: what was left of it, what was drawn by whom, what went on, back or lapsed, by
//! which rule; and what the funder has paid.

use crate::engine::books::Books;
use crate::engine::budget::{GrantLedger, Lot, PaymentLedger};
use crate::ground::money::{Money, TooLarge};
use crate::ground::numerals::{exact_norwegian, money_norwegian, percent_norwegian};
use crate::ground::ratio::Ratio;
use crate::model::grant::{Grant, GrantIx};
use crate::model::scenario::FundSource;
use crate::report::figures::FigureKind;
use crate::report::language::{Language, say};
use crate::rules::plan::CarryOverPlan;

use super::node::{Node, Number, Role};
use super::{Case, draws, rules};

/// A grant in a year.
struct Year<'y> {
    case: &'y Case<'y>,
    books: &'y Books<'y>,
    index: usize,
    grant: &'y Grant,
    ledger: &'y GrantLedger,
}

/// The certificate of a figure of a grant.
///
/// # Errors
/// [`TooLarge`] when a number does not fit.
pub fn figure(case: &Case<'_>, books: &Books<'_>, kind: FigureKind, index: usize) -> Result<Node, TooLarge> {
    let (grant, ledger) = (&case.outcome.scenario.grants[index], &books.walked.grants[index]);
    let year = Year { case, books, index, grant, ledger };
    let payment = ledger.payment.as_ref();
    let node = match (kind, payment) {
        (FigureKind::Opening, _) => Node::new("").with(year.lots(is_old, &|lot| year.opening(lot))),
        (FigureKind::Award, _) => Node::new("").with(year.lots(is_new, &|lot| year.award(lot))),
        (FigureKind::Drawn, _) | (FigureKind::Earned, _) => year.drawn()?,
        (FigureKind::Carried, _) => Node::new("").with(year.closed(|lot| lot.carried)?),
        (FigureKind::Repaid, _) => Node::new("").with(year.closed(|lot| lot.repaid)?),
        (FigureKind::Lapsed, _) => Node::new("").with(year.closed(|lot| lot.lapsed)?),
        (FigureKind::Paid, Some(payment)) => year.paid(payment)?,
        (FigureKind::Receivable, Some(payment)) => year.receivable(payment)?,
        _ => year.whole()?,
    };
    Ok(node.with(rules::of_grant(case, books, GrantIx(index))))
}

impl Year<'_> {
    /// Everything there is to know of the year: it closes with what is carried over.
    fn whole(&self) -> Result<Node, TooLarge> {
        let language = self.language();
        let line = |amount: Money, text: fn(Language, &str) -> String| {
            Node::money(amount, text(language, &money_norwegian(amount)))
        };
        let sum = |figure: fn(&Lot) -> Money| self.ledger.sum(figure);
        let (opening, award, drawn) = (sum(|lot| lot.opening)?, sum(|lot| lot.award)?, sum(|lot| lot.drawn)?);
        let opened = line(opening, |language, amount| {
            say!(language, "inngående balanse {amount}", "inngåande balanse {amount}", "opening {amount}")
        });
        let awarded = line(award, |language, amount| {
            say!(language, "+ {amount} i tilsagn", "+ {amount} i tilsegn", "+ {amount} awarded")
        });
        let used = line(drawn, |language, amount| {
            say!(language, "− {amount} brukt", "− {amount} brukt", "− {amount} drawn")
        });
        let mut node = Node::new("").with([opened.with(self.lots(is_old, &|lot| self.opening(lot))).plus()]);
        if !award.is_zero() {
            node.under.push(awarded.with(self.lots(is_new, &|lot| self.award(lot))).plus());
        }
        node.under.push(used.with(self.drawn()?.under).minus());
        for (amount, words) in
            [(sum(|lot| lot.repaid)?, repaid(language)), (sum(|lot| lot.lapsed)?, lapsed(language))]
        {
            if !amount.is_zero() {
                let text = format!("− {} {words}", money_norwegian(amount));
                node.under.push(Node::money(amount, text).minus());
            }
        }
        if !self.ledger.lots.is_empty() {
            let carried = line(sum(|lot| lot.carried)?, |language, amount| {
                say!(
                    language,
                    "overført {amount}, tilsagn for tilsagn",
                    "overført {amount}, tilsegn for tilsegn",
                    "carried over {amount}, award by award",
                )
            });
            node.under.push(carried.with(self.closed(|lot| lot.carried)?));
        }
        if let Some(payment) = &self.ledger.payment {
            let paid = line(payment.paid, |language, amount| {
                say!(
                    language,
                    "utbetalt fra tilskuddsgiver {amount}",
                    "utbetalt frå tilskotsgivar {amount}",
                    "paid by the funder {amount}",
                )
            });
            node.under.push(paid.with(self.paid(payment)?.under));
            let receivable = line(payment.receivable, |language, amount| {
                say!(
                    language,
                    "opptjent og ikke utbetalt {amount}",
                    "opptent og ikkje utbetalt {amount}",
                    "earned and not yet paid {amount}",
                )
            });
            node.under.push(receivable.with(self.receivable(payment)?.under));
        }
        Ok(node)
    }

    fn language(&self) -> Language {
        self.case.language
    }

    /// The lots that are wanted, as terms.
    fn lots(&self, wanted: fn(&Lot) -> bool, node: &dyn Fn(&Lot) -> Node) -> Vec<Node> {
        self.ledger.lots.iter().filter(|lot| wanted(lot)).map(|lot| node(lot).plus()).collect()
    }

    fn opening(&self, lot: &Lot) -> Node {
        let amount = money_norwegian(lot.opening);
        let last_year = self.books.walked.year - 1;
        let is_first = self.books.year_index == 0;
        let written = self.grant.opening.get(&lot.award_year).filter(|_| is_first);
        let year = lot.award_year;
        let text = match written {
            Some(_) => say!(
                self.language(),
                "tilsagn for {year}: {amount} var igjen",
                "tilsegn for {year}: {amount} var att",
                "award of {year}: {amount} was left of it",
            ),
            None => say!(
                self.language(),
                "tilsagn for {year}: {amount} overført fra {last_year}",
                "tilsegn for {year}: {amount} overført frå {last_year}",
                "award of {year}: {amount} carried over from {last_year}",
            ),
        };
        let node = Node::money(lot.opening, text);
        match written {
            Some(left) => node.at(&left.place),
            None => node,
        }
    }

    fn award(&self, lot: &Lot) -> Node {
        let (year, amount) = (lot.award_year, money_norwegian(lot.award));
        let text = say!(
            self.language(),
            "tilsagn for {year} på {amount}",
            "tilsegn for {year} på {amount}",
            "award of {year} {amount}",
        );
        let node = Node::money(lot.award, text);
        match self.grant.awards.get(&lot.award_year) {
            Some(award) => node.at(&award.place),
            None => node,
        }
    }

    fn drawn(&self) -> Result<Node, TooLarge> {
        let source = FundSource::Grant(GrantIx(self.index));
        let mut nodes = draws::on_source(self.case, self.books, source)?;
        if nodes.is_empty() {
            nodes.push(Node::new(self.language().choose(
                "ingen tiltak har brukt av tilskuddet",
                "ingen tiltak har brukt av tilskotet",
                "no measure drew on it",
            )));
        }
        Ok(Node::new("").with(nodes))
    }

    /// What each award closes with, and why.
    fn closed(&self, figure: fn(&Lot) -> Money) -> Result<Vec<Node>, TooLarge> {
        let nodes = self.ledger.lots.iter().map(|lot| self.closed_lot(lot, figure(lot)));
        nodes.map(|node| Ok(node?.plus())).collect()
    }

    /// What an award closes with: `amount` of what is left of it, by its rule.
    fn closed_lot(&self, lot: &Lot, amount: Money) -> Result<Node, TooLarge> {
        let (money, language) = (money_norwegian, self.language());
        let rule = self.rule(lot);
        let left = lot.left()?;
        let (year, amount_text) = (lot.award_year, money(amount));
        let text = say!(
            language,
            "tilsagn for {year}: {amount_text}",
            "tilsegn for {year}: {amount_text}",
            "award of {year}: {amount_text}",
        );
        let (before, drawn) = (lot.opening.plus(lot.award)?, lot.drawn);
        let (before_text, drawn_text, left_text) = (money(before), money(drawn), money(left));
        let left_line = say!(
            language,
            "{before_text} − {drawn_text} brukt = {left_text} er igjen",
            "{before_text} − {drawn_text} brukt = {left_text} er att",
            "{before_text} − {drawn_text} drawn = {left_text} is left of it",
        );
        let left_node = Node::money(left, left_line).sum_of([before.kroner(), -drawn.kroner()]);
        let mut node = Node::money(amount, text).with([left_node]);
        node.under.push(self.rule_node(lot, rule));
        node.under.extend(rule.at_most.as_ref().map(|part| self.most_node(lot, part)));
        let carried = language.choose("overført", "overført", "carried over");
        let ends = [(carried, lot.carried), (repaid(language), lot.repaid), (lapsed(language), lot.lapsed)];
        let (words, terms): (Vec<String>, Vec<_>) = ends
            .iter()
            .filter(|(_, amount)| !amount.is_zero())
            .map(|(word, amount)| (format!("{} {word}", money(*amount)), amount.kroner()))
            .unzip();
        let text = match words.as_slice() {
            [] => return Ok(node),
            [all] => say!(language, "alt: {all}", "alt: {all}", "all of it: {all}"),
            several => format!("{} = {left_text}", several.join(" + ")),
        };
        node.under.push(Node::money(left, text).sum_of(terms));
        Ok(node)
    }

    /// The part of an award that may be carried over at most.
    fn most_node(&self, lot: &Lot, part: &Ratio) -> Node {
        let exact = lot.awarded.kroner() * part;
        let (most, percent) = (exact_norwegian(&exact), percent_norwegian(part));
        let award = money_norwegian(lot.awarded);
        let words = say!(
            self.language(),
            "høyst {percent} av tilsagnet på {award} = {most}",
            "høgst {percent} av tilsegna på {award} = {most}",
            "at most {percent} of the award of {award} = {most}",
        );
        Node::exact(exact, words).times([part.clone(), lot.awarded.kroner()])
    }

    fn rule(&self, lot: &Lot) -> &CarryOverPlan {
        let award_year = self.books.scenario.years.index(lot.award_year);
        self.books.plan.carry_over(GrantIx(self.index), award_year)
    }

    /// What the rule says of an award at the end of this year.
    fn rule_node(&self, lot: &Lot, rule: &CarryOverPlan) -> Node {
        let language = self.language();
        let Some(place) = &rule.place else {
            return Node::new(language.choose(
                "tilskuddet har ingen regel for ubrukte midler, så de bortfaller ved utgangen av året",
                "tilskotet har ingen regel for ubrukte midlar, så dei fell bort ved utgangen av året",
                "the grant has no rule for it, so what is unused lapses at the end of its year",
            ));
        };
        let until = rule.years.map(|years| i64::from(lot.award_year) + i64::from(years));
        let this_year = i64::from(self.books.walked.year);
        let words = match until {
            None => language
                .choose(
                    "etter regelen kan midlene brukes i senere år",
                    "etter regelen kan midlane brukast i seinare år",
                    "by its rule it may be used in later years",
                )
                .to_owned(),
            Some(until) if until > this_year => say!(
                language,
                "etter regelen kan midlene brukes til og med {until}",
                "etter regelen kan midlane brukast til og med {until}",
                "by its rule it may be used until {until}",
            ),
            Some(until) if rule.years == Some(0) => say!(
                language,
                "etter regelen overføres ingenting av midlene fra {until}",
                "etter regelen blir ingenting av midlane overført frå {until}",
                "by its rule nothing of it is carried over from {until}",
            ),
            Some(until) => say!(
                language,
                "etter regelen kunne midlene brukes til og med {until}",
                "etter regelen kunne midlane brukast til og med {until}",
                "by its rule it could be used until {until}",
            ),
        };
        // Each award follows the rule as it is in its own year.
        let asked_for = lot.award_year.max(self.books.scenario.years.first());
        let expression = self.grant.carry_over.as_ref();
        let told = expression.map(|rule| rules::deliberation(self.case, rule, asked_for, None, None));
        Node::new(words).at(place).with(rules::told(self.case, &told.unwrap_or_default()))
    }

    /// What the funder pays this year: all that is earned, as far as it may be paid.
    fn paid(&self, payment: &PaymentLedger) -> Result<Node, TooLarge> {
        let (money, language) = (money_norwegian, self.language());
        let before = payment.paid_so_far.minus(payment.paid)?;
        let earned = payment.paid_so_far.plus(payment.receivable)?;
        let (paid_text, earned_text, before_text) =
            (money(payment.paid_so_far), money(earned), money(before));
        let text = say!(
            language,
            "{paid_text} kan være utbetalt så langt, det minste av disse beløpene",
            "{paid_text} kan vere utbetalt så langt, det minste av desse beløpa",
            "{paid_text} may be paid until now, the least of these",
        );
        let mut so_far = Node::money(payment.paid_so_far, text);
        let words = say!(
            language,
            "opptjent ved bruk så langt {earned_text}",
            "opptent ved bruk så langt {earned_text}",
            "earned by draws so far {earned_text}",
        );
        so_far.under.push(Node::money(earned, words).with(self.earned_so_far(earned)?).role(Role::Limit));
        so_far.under.push(self.ceiling(payment)?);
        let text = say!(
            language,
            "− {before_text} allerede utbetalt",
            "− {before_text} allereie utbetalt",
            "− {before_text} paid before",
        );
        Ok(Node::new("").with([so_far.plus(), Node::money(before, text).minus()]))
    }

    /// What was earned in each year until now, where there are several.
    fn earned_so_far(&self, earned: Money) -> Result<Vec<Node>, TooLarge> {
        let this_year = self.books.walked.year;
        let years = self.books.scenario.years.iter().filter(|year| *year <= this_year);
        let of_year = |year: i32| {
            let key = self.case.key(year, FigureKind::Earned, &self.grant.id, "");
            Some(self.case.reference(&key, &year.to_string())?.plus())
        };
        let mut nodes: Vec<Node> = years.filter_map(of_year).collect();
        let known = nodes.iter().filter_map(|node| match node.number {
            Some(Number::Money(amount)) => Some(amount),
            _ => None,
        });
        let before = earned.minus(Money::sum(known)?)?;
        if !before.is_zero() {
            let amount = money_norwegian(before);
            let text = say!(
                self.language(),
                "av tidligere tilsagn, før det første året {amount}",
                "av tidlegare tilsegner, før det første året {amount}",
                "of earlier awards before the first year {amount}",
            );
            nodes.insert(0, Node::money(before, text).plus());
        }
        Ok(if nodes.len() > 1 { nodes } else { vec![] })
    }

    fn ceiling(&self, payment: &PaymentLedger) -> Result<Node, TooLarge> {
        let (money, language) = (money_norwegian, self.language());
        let rule = self.books.plan.payment(GrantIx(self.index));
        let (Some(ceiling), Some(rule)) = (payment.ceiling, rule) else {
            return Ok(Node::new(match self.grant.final_report {
                Some(year) => say!(
                    language,
                    "fra og med sluttrapporten i {year} kan alt som er opptjent, utbetales",
                    "frå og med sluttrapporten i {year} kan alt som er opptent, betalast ut",
                    "from the final report of {year} on everything that is earned may be paid",
                ),
                None => language
                    .choose(
                        "fra og med sluttrapporten kan alt som er opptjent, utbetales",
                        "frå og med sluttrapporten kan alt som er opptent, betalast ut",
                        "from the final report on everything that is earned may be paid",
                    )
                    .to_owned(),
            }));
        };
        let year = self.books.walked.year;
        let whole = |award: &i32, left: Money| self.grant.awards.get(award).map_or(left, |award| award.value);
        let earlier = self.grant.opening.iter().map(|(award, left)| whole(award, left.value));
        let years = self.books.scenario.years.iter().filter(|own| *own <= year);
        let awarded = years.filter_map(|year| self.grant.awards.get(&year).map(|award| award.value));
        let awards: Vec<Money> = earlier.chain(awarded).collect();
        let all = Money::sum(awards.iter().copied())?;
        let exact = all.kroner() * &rule.prepaid;
        let (part, all_text, most) = (percent_norwegian(&rule.prepaid), money(all), money(ceiling));
        let text = say!(
            language,
            "fram til sluttrapporten {part} av tilsagnene så langt, {all_text}: {most}",
            "fram til sluttrapporten {part} av tilsegnene så langt, {all_text}: {most}",
            "until the final report {part} of the awards so far, {all_text}: {most}",
        );
        let node =
            Node::money(ceiling, text).rounded_from(&exact).times([rule.prepaid.clone(), all.kroner()]);
        let words: Vec<String> = awards.iter().map(|award| money(*award)).collect();
        let sum = Node::money(all, format!("{} = {}", words.join(" + "), money(all)));
        let sum = sum.sum_of(awards.iter().map(|award| award.kroner()));
        let node = node.role(Role::Limit).at(&rule.place);
        Ok(if awards.len() > 1 { node.with([sum]) } else { node })
    }

    /// What is earned and not paid at the end of the year.
    fn receivable(&self, payment: &PaymentLedger) -> Result<Node, TooLarge> {
        let (money, language) = (money_norwegian, self.language());
        let (opening, earned, paid) = (money(payment.opening), money(payment.earned), money(payment.paid));
        let before = say!(
            language,
            "til gode fra før {opening}",
            "til gode frå før {opening}",
            "receivable before {opening}",
        );
        let earned = say!(
            language,
            "+ {earned} opptjent ved bruk",
            "+ {earned} opptent ved bruk",
            "+ {earned} earned by draws",
        );
        let paid = say!(
            language,
            "− {paid} utbetalt fra tilskuddsgiver",
            "− {paid} utbetalt frå tilskotsgivar",
            "− {paid} paid by the funder",
        );
        Ok(Node::new("").with([
            Node::money(payment.opening, before).plus(),
            Node::money(payment.earned, earned).plus(),
            Node::money(payment.paid, paid).minus(),
        ]))
    }
}

fn repaid(language: Language) -> &'static str {
    language.choose(
        "tilbakebetalt til tilskuddsgiver",
        "tilbakebetalt til tilskotsgivar",
        "paid back to the funder",
    )
}

fn lapsed(language: Language) -> &'static str {
    language.choose("bortfalt", "bortfalle", "lapsed")
}

/// Whether an award is of an earlier year.
fn is_old(lot: &Lot) -> bool {
    !is_new(lot)
}

/// Whether an award is of this year.
fn is_new(lot: &Lot) -> bool {
    lot.opening.is_zero()
}
