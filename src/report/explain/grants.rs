//! The year of a grant, award by award: what was left of it, what was drawn by whom, what went on, back or lapsed, by
//! which rule; and what the funder has paid.

use crate::engine::books::Books;
use crate::engine::budget::{GrantLedger, Lot, PaymentLedger};
use crate::ground::money::{Money, TooLarge};
use crate::ground::numerals::{money_norwegian, percent_norwegian};
use crate::model::grant::{Grant, GrantIx};
use crate::model::scenario::FundSource;
use crate::report::figures::FigureKind;
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
        let money = money_norwegian;
        let sum = |figure: fn(&Lot) -> Money| self.ledger.sum(figure);
        let (opening, award, drawn) = (sum(|lot| lot.opening)?, sum(|lot| lot.award)?, sum(|lot| lot.drawn)?);
        let opened = Node::money(opening, format!("opening {}", money(opening)));
        let awarded = Node::money(award, format!("+ {} awarded", money(award)));
        let used = Node::money(drawn, format!("− {} drawn", money(drawn)));
        let mut node = Node::new("").with([opened.with(self.lots(is_old, &|lot| self.opening(lot))).plus()]);
        if !award.is_zero() {
            node.under.push(awarded.with(self.lots(is_new, &|lot| self.award(lot))).plus());
        }
        node.under.push(used.with(self.drawn()?.under).minus());
        for (figure, words) in [
            ((|lot: &Lot| lot.repaid) as fn(&Lot) -> Money, "paid back to the funder"),
            (|lot: &Lot| lot.lapsed, "lapsed"),
        ] {
            let amount = sum(figure)?;
            if !amount.is_zero() {
                node.under.push(Node::money(amount, format!("− {} {words}", money(amount))).minus());
            }
        }
        let carried = sum(|lot| lot.carried)?;
        if !self.ledger.lots.is_empty() {
            let text = format!("carried over {}, award by award", money(carried));
            node.under.push(Node::money(carried, text).with(self.closed(|lot| lot.carried)?));
        }
        if let Some(payment) = &self.ledger.payment {
            let text = format!("paid by the funder {}", money(payment.paid));
            node.under.push(Node::money(payment.paid, text).with(self.paid(payment)?.under));
            let text = format!("earned and not yet paid {}", money(payment.receivable));
            node.under.push(Node::money(payment.receivable, text).with(self.receivable(payment)?.under));
        }
        Ok(node)
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
        let text = match written {
            Some(_) => format!("award of {}: {amount} was left of it", lot.award_year),
            None => format!("award of {}: {amount} carried over from {last_year}", lot.award_year),
        };
        let node = Node::money(lot.opening, text);
        match written {
            Some(left) => node.at(&left.place),
            None => node,
        }
    }

    fn award(&self, lot: &Lot) -> Node {
        let text = format!("award of {} {}", lot.award_year, money_norwegian(lot.award));
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
            nodes.push(Node::new("no measure drew on it"));
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
        let money = money_norwegian;
        let rule = self.rule(lot);
        let left = lot.left()?;
        let text = format!("award of {}: {}", lot.award_year, money(amount));
        let (before, drawn) = (lot.opening.plus(lot.award)?, lot.drawn);
        let left_text = format!("{} − {} drawn = {} is left of it", money(before), money(drawn), money(left));
        let left_node = Node::money(left, left_text).sum_of([before.kroner(), -drawn.kroner()]);
        let mut node = Node::money(amount, text).with([left_node]);
        node.under.push(self.rule_node(lot, rule));
        if let Some(part) = &rule.at_most {
            let exact = lot.awarded.kroner() * part;
            let most = crate::ground::numerals::exact_norwegian(&exact);
            let words = format!(
                "at most {} of the award of {} = {most}",
                percent_norwegian(part),
                money(lot.awarded)
            );
            node.under.push(Node::exact(exact, words).times([part.clone(), lot.awarded.kroner()]));
        }
        let ends =
            [("carried over", lot.carried), ("paid back to the funder", lot.repaid), ("lapsed", lot.lapsed)];
        let (words, terms): (Vec<String>, Vec<_>) = ends
            .iter()
            .filter(|(_, amount)| !amount.is_zero())
            .map(|(word, amount)| (format!("{} {word}", money(*amount)), amount.kroner()))
            .unzip();
        let text = match words.as_slice() {
            [] => return Ok(node),
            [all] => format!("all of it: {all}"),
            several => format!("{} = {}", several.join(" + "), money(left)),
        };
        node.under.push(Node::money(left, text).sum_of(terms));
        Ok(node)
    }

    fn rule(&self, lot: &Lot) -> &CarryOverPlan {
        let award_year = self.books.scenario.years.index(lot.award_year);
        self.books.plan.carry_over(GrantIx(self.index), award_year)
    }

    /// What the rule says of an award at the end of this year.
    fn rule_node(&self, lot: &Lot, rule: &CarryOverPlan) -> Node {
        let Some(place) = &rule.place else {
            return Node::new(
                "the grant has no rule for it, so what is unused lapses at the end of its year",
            );
        };
        let until = rule.years.map(|years| i64::from(lot.award_year) + i64::from(years));
        let this_year = i64::from(self.books.walked.year);
        let words = match until {
            None => "by its rule it may be used in later years".to_owned(),
            Some(until) if until > this_year => format!("by its rule it may be used until {until}"),
            Some(until) if rule.years == Some(0) => {
                format!("by its rule nothing of it is carried over from {until}")
            }
            Some(until) => format!("by its rule it could be used until {until}"),
        };
        // Each award follows the rule as it is in its own year.
        let asked_for = lot.award_year.max(self.books.scenario.years.first());
        let expression = self.grant.carry_over.as_ref();
        let told = expression.map(|rule| rules::deliberation(self.case, rule, asked_for, None, None));
        Node::new(words).at(place).with(rules::told(self.case, &told.unwrap_or_default()))
    }

    /// What the funder pays this year: all that is earned, as far as it may be paid.
    fn paid(&self, payment: &PaymentLedger) -> Result<Node, TooLarge> {
        let money = money_norwegian;
        let before = payment.paid_so_far.minus(payment.paid)?;
        let earned = payment.paid_so_far.plus(payment.receivable)?;
        let text = format!("{} may be paid until now, the least of these", money(payment.paid_so_far));
        let mut so_far = Node::money(payment.paid_so_far, text);
        let words = format!("earned by draws so far {}", money(earned));
        so_far.under.push(Node::money(earned, words).with(self.earned_so_far(earned)?).role(Role::Limit));
        so_far.under.push(self.ceiling(payment)?);
        let text = format!("− {} paid before", money(before));
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
            let text = format!("of earlier awards before the first year {}", money_norwegian(before));
            nodes.insert(0, Node::money(before, text).plus());
        }
        Ok(if nodes.len() > 1 { nodes } else { vec![] })
    }

    fn ceiling(&self, payment: &PaymentLedger) -> Result<Node, TooLarge> {
        let money = money_norwegian;
        let rule = self.books.plan.payment(GrantIx(self.index));
        let (Some(ceiling), Some(rule)) = (payment.ceiling, rule) else {
            let report = self.grant.final_report.map_or_else(String::new, |year| format!(" of {year}"));
            let text = format!("from the final report{report} on everything that is earned may be paid");
            return Ok(Node::new(text));
        };
        let year = self.books.walked.year;
        let whole = |award: &i32, left: Money| self.grant.awards.get(award).map_or(left, |award| award.value);
        let earlier = self.grant.opening.iter().map(|(award, left)| whole(award, left.value));
        let years = self.books.scenario.years.iter().filter(|own| *own <= year);
        let awarded = years.filter_map(|year| self.grant.awards.get(&year).map(|award| award.value));
        let awards: Vec<Money> = earlier.chain(awarded).collect();
        let all = Money::sum(awards.iter().copied())?;
        let exact = all.kroner() * &rule.prepaid;
        let text = format!(
            "until the final report {} of the awards so far, {}: {}",
            percent_norwegian(&rule.prepaid),
            money(all),
            money(ceiling)
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
        let money = money_norwegian;
        let line = |amount: Money, words: String| Node::money(amount, words);
        Ok(Node::new("").with([
            line(payment.opening, format!("receivable before {}", money(payment.opening))).plus(),
            line(payment.earned, format!("+ {} earned by draws", money(payment.earned))).plus(),
            line(payment.paid, format!("− {} paid by the funder", money(payment.paid))).minus(),
        ]))
    }
}

/// Whether an award is of an earlier year.
fn is_old(lot: &Lot) -> bool {
    !is_new(lot)
}

/// Whether an award is of this year.
fn is_new(lot: &Lot) -> bool {
    lot.opening.is_zero()
}
