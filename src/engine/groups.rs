//! Which measures depend on each other: those that draw on one grant or reserve, put money into one, or charge each
//! other. Measures of different groups can be walked apart, and come to the same.

use crate::model::measure::{MeasureIx, PaidBy, Residual};
use crate::model::reserve::ReserveIx;
use crate::model::scenario::{FundSource, Scenario};
use crate::model::settlement::Settle;
use crate::rules::plan::Plan;

/// A scenario divided into groups.
#[derive(Clone, Debug)]
pub struct Groups {
    /// By measure, then by grant, then by reserve: the number of the group.
    group_of: Vec<usize>,
    measures: usize,
    grants: usize,
}

/// Some measures with everything that they depend on, in the order of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// The measures.
    pub measures: Vec<MeasureIx>,
    /// The grants, by position.
    pub grants: Vec<usize>,
    /// The reserves, by position.
    pub reserves: Vec<usize>,
}

impl Groups {
    /// Divides a scenario.
    pub fn new(scenario: &Scenario, plan: &Plan) -> Groups {
        let (measures, grants) = (scenario.measures.len(), scenario.grants.len());
        let group_of = (0..measures + grants + scenario.reserves.len()).collect();
        let mut groups = Groups { group_of, measures, grants };
        groups.join_by(scenario, plan);
        groups
    }

    /// Puts together what depends on each other in a scenario of the same measures, grants and reserves as well.
    pub fn join_by(&mut self, scenario: &Scenario, plan: &Plan) {
        let groups = self;
        for year_index in 0..scenario.years.count() {
            for (index, _) in scenario.measures() {
                for draw in plan.draws(year_index, index) {
                    groups.join(index.0, groups.node(draw.source));
                }
            }
        }
        for (index, measure) in scenario.measures() {
            let settled = measure.settlement.iter().flat_map(|policy| [policy.overspend, policy.underspend]);
            let settled = settled.filter_map(|settle| match settle {
                Settle::Reserve(reserve) => Some(reserve),
                Settle::Refund | Settle::CarryForward => None,
            });
            let residual = match measure.residual {
                Some(Residual::Reserve(reserve)) => Some(reserve),
                _ => None,
            };
            let lines = measure.lines.iter().filter_map(|line| line.to_reserve);
            for reserve in settled.chain(residual).chain(lines) {
                groups.join(index.0, groups.node(FundSource::Reserve(reserve)));
            }
            if let PaidBy::Measures(charged) = &measure.paid_by {
                charged.payers().into_iter().for_each(|payer| groups.join(index.0, payer.0));
            }
        }
        groups.settle();
    }

    /// The groups that hold any of these.
    pub fn around(&self, measures: &[MeasureIx], grants: &[usize], reserves: &[usize]) -> Selection {
        let grant_nodes = grants.iter().map(|grant| self.measures + grant);
        let reserve_nodes = reserves.iter().map(|reserve| self.measures + self.grants + reserve);
        let nodes = measures.iter().map(|measure| measure.0).chain(grant_nodes).chain(reserve_nodes);
        let mut wanted = vec![false; self.group_of.len()];
        nodes.for_each(|node| wanted[self.group_of[node]] = true);
        let chosen = |from: usize, to: usize| {
            (from..to).filter(|node| wanted[self.group_of[*node]]).map(move |node| node - from)
        };
        let funds = self.measures + self.grants;
        Selection {
            measures: chosen(0, self.measures).map(MeasureIx).collect(),
            grants: chosen(self.measures, funds).collect(),
            reserves: chosen(funds, self.group_of.len()).collect(),
        }
    }

    fn node(&self, source: FundSource) -> usize {
        match source {
            FundSource::Grant(grant) => self.measures + grant.0,
            FundSource::Reserve(ReserveIx(reserve)) => self.measures + self.grants + reserve,
        }
    }

    /// Puts two groups together: each node names another of its group, the last one itself.
    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.last(a), self.last(b));
        self.group_of[a.max(b)] = a.min(b);
    }

    fn last(&mut self, mut node: usize) -> usize {
        while self.group_of[node] != node {
            self.group_of[node] = self.group_of[self.group_of[node]];
            node = self.group_of[node];
        }
        node
    }

    fn settle(&mut self) {
        for node in 0..self.group_of.len() {
            self.group_of[node] = self.last(node);
        }
    }
}
