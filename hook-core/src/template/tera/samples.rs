//! Variables made up to see whether a template works with them.

use crate::condition::Condition;
use crate::template::{Facts, Presence};
use crate::vars::Vars;

/// What is tried where any condition may come: one of each kind.
const TYPICAL: [Condition; 3] = [
    Condition::SnapshotStart,
    Condition::SnapshotSuccess,
    Condition::AnyError,
];

/// Variables to try: each condition, with and without what may be absent.
pub(super) fn of(facts: &Facts) -> Vec<Vars> {
    let conditions = match facts.conditions.as_slice() {
        [] => &TYPICAL,
        some => some,
    };
    let choices = |presence| match presence {
        Presence::Always => vec![true],
        Presence::Never => vec![false],
        Presence::Maybe => vec![true, false],
    };
    let mut samples = Vec::new();
    for condition in conditions {
        for stats in choices(facts.snapshot_stats) {
            for repo in choices(facts.repo) {
                for plan in choices(facts.plan) {
                    for error in ["", "error"] {
                        samples.push(Vars {
                            task: "task".to_owned(),
                            event: Some(*condition),
                            repo: repo.then(Default::default),
                            plan: plan.then(Default::default),
                            snapshot_stats: stats.then(Default::default),
                            error: error.to_owned(),
                            ..Vars::default()
                        });
                    }
                }
            }
        }
    }
    samples
}
