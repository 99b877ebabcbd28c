//! External funding with carry-over: what is left of every measure's cost for the parties to share.

use crate::bound::workload::Workload;

/// Both `[measure][year]`, in øre.
pub struct Funding {
    pub net: Vec<i64>,
    pub drawn: Vec<i64>,
}

/// Draws on each award in the order of the years; what is unused goes on to the next year.
pub fn fund(workload: &Workload) -> Funding {
    let cells = workload.costs.len();
    let mut funding = Funding { net: Vec::with_capacity(cells), drawn: Vec::with_capacity(cells) };
    let by_measure = workload.costs.chunks(workload.years).zip(workload.awards.chunks(workload.years));
    for ((costs, awards), cofund_bp) in by_measure.zip(&workload.cofund_bp) {
        let mut carried = 0;
        for (cost, award) in costs.iter().zip(awards) {
            let available = award + carried;
            let eligible = (cost * cofund_bp + 5000) / 10_000;
            let drawn = eligible.min(available);
            carried = available - drawn;
            funding.net.push(cost - drawn);
            funding.drawn.push(drawn);
        }
    }
    funding
}
