//! From declared draws, carry-overs and payments to planned ones: grants, reserves and cost lines looked up.

use crate::ground::diagnostic::Diagnostic;
use crate::ground::money::Money;
use crate::ground::source::{Place, Spanned};
use crate::model::faults::{not_money, unknown_name};
use crate::model::grant::GrantIx;
use crate::model::measure::{CostLine, MeasureIx};
use crate::model::reserve::ReserveIx;
use crate::model::scenario::FundSource;
use crate::model::years::Year;

use super::answers::mentions;
use super::declared::{AtMost, DeclaredCarryOver, DeclaredDraw, DeclaredPayment, SourceKind};
use super::expression::YEAR;
use super::plan::{CarryOverPlan, DrawPlan, PaymentPlan};
use super::plan_faults as faults;
use super::planner::Planner;

impl Planner<'_> {
    /// Asks a funding step.
    ///
    /// # Errors
    /// The fault, where it stands.
    pub(super) fn draw(
        &self,
        measure: MeasureIx,
        year: Year,
        expression: &Spanned<String>,
    ) -> Result<DrawPlan, Diagnostic> {
        let answer = self.expressions.ask(expression, year, Some(measure))?;
        let draw = self.expressions.cast::<DeclaredDraw>(answer.value, "draw", expression)?;
        let plan = self.draw_plan(measure, &draw, self.expressions.locate(&draw.place, expression));
        plan.map_err(|fault| self.expressions.asked_for(fault, expression))
    }

    fn draw_plan(
        &self,
        measure: MeasureIx,
        draw: &DeclaredDraw,
        place: Place,
    ) -> Result<DrawPlan, Diagnostic> {
        let Some((kind, id)) = &draw.source else { return Err(faults::draw_without_source(&place)) };
        let source = self.fund_source(*kind, id, &place)?;
        self.check_purpose(measure, source, &place)?;
        let lines = self.line_positions(measure, draw, &place)?;
        let ceiling = draw.ceiling.as_ref().map(Money::from_kroner).transpose();
        let ceiling = ceiling.map_err(|fault| not_money(&place, fault))?;
        Ok(DrawPlan {
            rate: draw.rate.clone(),
            lines,
            source,
            ceiling,
            match_rate: draw.match_rate.clone(),
            with_in_kind: draw.with_in_kind,
            pro_rata: draw.pro_rata,
            place,
        })
    }

    fn fund_source(&self, kind: SourceKind, id: &str, place: &Place) -> Result<FundSource, Diagnostic> {
        let grants = || self.scenario.grants.iter().map(|grant| grant.id.as_str());
        let reserves = || self.scenario.reserves.iter().map(|reserve| reserve.id.as_str());
        let (found, other, remedy) = match kind {
            SourceKind::Grant => {
                let found = grants().position(|known| known == id).map(|at| FundSource::Grant(GrantIx(at)));
                (found, reserves().any(|known| known == id), "it is a reserve: write .from_reserve(…)")
            }
            SourceKind::Reserve => {
                let found =
                    reserves().position(|known| known == id).map(|at| FundSource::Reserve(ReserveIx(at)));
                (found, grants().any(|known| known == id), "it is a grant: write .from(…)")
            }
        };
        found.ok_or_else(|| {
            let fault = match kind {
                SourceKind::Grant => unknown_name(place, "grant", id, grants()),
                SourceKind::Reserve => unknown_name(place, "reserve", id, reserves()),
            };
            if other { fault.help(remedy) } else { fault }
        })
    }

    /// A reserve that is bound to a purpose pays for nothing else.
    fn check_purpose(&self, measure: MeasureIx, source: FundSource, place: &Place) -> Result<(), Diagnostic> {
        let FundSource::Reserve(ReserveIx(reserve)) = source else { return Ok(()) };
        let reserve = &self.scenario.reserves[reserve];
        let measure = &self.scenario.measures[measure.0];
        match &reserve.purpose {
            Some(purpose) if measure.purpose.as_ref() != Some(purpose) => Err(faults::other_purpose(
                place,
                &reserve.id,
                purpose,
                &measure.id,
                measure.purpose.as_deref(),
            )),
            _ => Ok(()),
        }
    }

    /// The positions of the lines that a draw names, by name or by tags; none for the whole cost.
    fn line_positions(
        &self,
        measure: MeasureIx,
        draw: &DeclaredDraw,
        place: &Place,
    ) -> Result<Option<Vec<usize>>, Diagnostic> {
        let lines = &self.scenario.measures[measure.0].lines;
        let known = self.scenario.tags();
        if let Some((tag, _)) = draw.tags.iter().find(|(tag, _)| !known.contains(tag.as_str())) {
            return Err(unknown_name(place, "tag", tag, known));
        }
        let position = |name: &String| {
            lines.iter().position(|line| line.name == name.trim()).ok_or_else(|| {
                let known = lines.iter().map(|line| line.name.as_str());
                unknown_name(place, "line", name, known)
            })
        };
        let mut positions: Vec<usize> = match &draw.lines {
            None if draw.tags.is_empty() => return Ok(None),
            None => (0..lines.len()).filter(|position| !lines[*position].in_kind).collect(),
            Some(names) => names.iter().map(position).collect::<Result<_, _>>()?,
        };
        let has = |line: &CostLine, tag: &String| line.tags.contains(tag);
        positions.retain(|at| draw.tags.iter().all(|(tag, wanted)| has(&lines[*at], tag) == *wanted));
        if draw.lines.is_some() && positions.is_empty() {
            return Err(faults::no_line_with_tag(place, &self.scenario.measures[measure.0].id));
        }
        positions.sort_unstable();
        positions.dedup();
        Ok(Some(positions))
    }

    /// Asks what happens to the unused part of an award.
    ///
    /// # Errors
    /// The fault, where it stands.
    pub(super) fn carry_over(
        &self,
        expression: &Spanned<String>,
        year: Year,
    ) -> Result<CarryOverPlan, Diagnostic> {
        let answer = self.expressions.ask(expression, year, None)?;
        if answer.value.clone().try_cast::<AtMost>().is_some() {
            return Err(faults::wrong_result(&expression.place, "carry-over", "an unfinished one")
                .help("end it with .of_award(), as in carry_over().at_most(50.percent).of_award()"));
        }
        let declared = self.expressions.cast::<DeclaredCarryOver>(answer.value, "carry-over", expression)?;
        Ok(CarryOverPlan {
            years: declared.years,
            at_most: declared.at_most,
            repay: declared.repay,
            place: Some(self.expressions.locate(&declared.place, expression)),
        })
    }

    /// Asks how the awards of a grant are paid.
    ///
    /// # Errors
    /// The fault, where it stands.
    pub(super) fn payment(&self, expression: &Spanned<String>) -> Result<PaymentPlan, Diagnostic> {
        if mentions(&expression.value, YEAR) {
            return Err(faults::asked_once(&expression.place, "payment"));
        }
        let answer = self.expressions.ask(expression, self.scenario.years.first(), None)?;
        let declared = self.expressions.cast::<DeclaredPayment>(answer.value, "payment", expression)?;
        let place = self.expressions.locate(&declared.place, expression);
        Ok(PaymentPlan { prepaid: declared.prepaid, place })
    }
}
