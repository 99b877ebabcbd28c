//! A part of a scenario that is walked apart: some groups of measures with their grants and reserves, as a scenario
//! and a plan of their own. Measures that name none of these by position are shared and not copied.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::model::charge::ChargedTo;
use crate::model::grant::GrantIx;
use crate::model::measure::{Measure, MeasureIx, PaidBy, Residual};
use crate::model::reserve::ReserveIx;
use crate::model::scenario::{FundSource, Scenario};
use crate::model::settlement::{Settle, SettlementPolicy};
use crate::rules::plan::{DrawPlan, Plan};

use super::groups::Selection;

/// A part of a scenario, with what its rules declared.
#[derive(Clone, Debug)]
pub struct Part {
    /// The scenario of its own.
    pub scenario: Scenario,
    /// Its plan.
    pub plan: Plan,
}

/// Takes a part out of a scenario.
pub fn part(scenario: &Scenario, plan: &Plan, selection: &Selection) -> Part {
    let renumbering = Renumbering::new(selection);
    let measures = selection.measures.iter().map(|index| renumbering.measure(&scenario.measures[index.0]));
    let scenario = Scenario {
        title: String::new(),
        source: None,
        currency: String::new(),
        years: scenario.years,
        rules_ahead: scenario.rules_ahead,
        rules: vec![],
        assumptions: BTreeMap::new(),
        parameters: BTreeMap::new(),
        parties: Arc::clone(&scenario.parties),
        drivers: Arc::default(),
        measures: measures.collect(),
        grants: selection.grants.iter().map(|grant| Arc::clone(&scenario.grants[*grant])).collect(),
        reserves: selection.reserves.iter().map(|reserve| scenario.reserves[*reserve].clone()).collect(),
        indexes: vec![],
        circles: scenario.circles,
        round_to: scenario.round_to,
        place: scenario.place.clone(),
    };
    let Selection { measures, grants, reserves } = selection;
    let plan = plan.part(measures, grants, reserves, |draws| renumbering.draws(draws));
    Part { scenario, plan }
}

/// From positions in the whole to positions in the part. Everything that a part names is in it.
struct Renumbering {
    measures: BTreeMap<MeasureIx, MeasureIx>,
    grants: BTreeMap<GrantIx, GrantIx>,
    reserves: BTreeMap<ReserveIx, ReserveIx>,
}

impl Renumbering {
    fn new(selection: &Selection) -> Renumbering {
        let Selection { measures, grants, reserves } = selection;
        Renumbering {
            measures: measures.iter().enumerate().map(|(new, old)| (*old, MeasureIx(new))).collect(),
            grants: grants.iter().enumerate().map(|(new, old)| (GrantIx(*old), GrantIx(new))).collect(),
            reserves: reserves
                .iter()
                .enumerate()
                .map(|(new, old)| (ReserveIx(*old), ReserveIx(new)))
                .collect(),
        }
    }

    fn measure(&self, measure: &Arc<Measure>) -> Arc<Measure> {
        let names_nothing = measure.settlement.is_none()
            && !matches!(measure.residual, Some(Residual::Reserve(_)))
            && measure.lines.iter().all(|line| line.to_reserve.is_none())
            && matches!(measure.paid_by, PaidBy::Parties(_));
        if names_nothing {
            return Arc::clone(measure);
        }
        let mut own = Measure::clone(measure);
        own.settlement = own.settlement.map(|policy| SettlementPolicy {
            overspend: self.settle(policy.overspend),
            underspend: self.settle(policy.underspend),
        });
        own.residual = own.residual.map(|residual| match residual {
            Residual::Reserve(reserve) => Residual::Reserve(self.reserves[&reserve]),
            other => other,
        });
        for line in &mut own.lines {
            line.to_reserve = line.to_reserve.map(|reserve| self.reserves[&reserve]);
        }
        own.paid_by = match own.paid_by {
            PaidBy::Measures(ChargedTo::Weights(weights)) => {
                let renumbered = weights.into_iter().map(|(payer, weight)| (self.measures[&payer], weight));
                PaidBy::Measures(ChargedTo::Weights(renumbered.collect()))
            }
            PaidBy::Measures(ChargedTo::ByCost(payers)) => {
                PaidBy::Measures(ChargedTo::ByCost(payers.iter().map(|payer| self.measures[payer]).collect()))
            }
            by_parties => by_parties,
        };
        Arc::new(own)
    }

    fn settle(&self, settle: Settle) -> Settle {
        match settle {
            Settle::Reserve(reserve) => Settle::Reserve(self.reserves[&reserve]),
            other => other,
        }
    }

    fn draws(&self, draws: &[DrawPlan]) -> Arc<[DrawPlan]> {
        let renumbered = draws.iter().map(|draw| DrawPlan {
            source: match draw.source {
                FundSource::Grant(grant) => FundSource::Grant(self.grants[&grant]),
                FundSource::Reserve(reserve) => FundSource::Reserve(self.reserves[&reserve]),
            },
            ..draw.clone()
        });
        renumbered.collect()
    }
}
