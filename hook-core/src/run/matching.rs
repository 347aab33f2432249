//! Matching: the hooks that fired conditions trigger, and their order.

use std::sync::Arc;

use crate::condition::Condition;
use crate::hook::Hook;

/// Hook that matches, and the condition that it sees as `.Event`.
#[derive(Clone, Debug)]
pub struct Match {
    /// The hook.
    pub hook: Arc<Hook>,
    /// The first of the fired conditions that it subscribes to.
    pub condition: Condition,
}

/// Returns the hooks that subscribe to any fired condition, each once, in the given order.
///
/// The order is that of the hooks, not of the conditions, as in Backrest: a hook that
/// subscribes to two fired conditions runs once.
#[must_use]
pub fn matching(hooks: &[Arc<Hook>], fired: &[Condition]) -> Vec<Match> {
    hooks
        .iter()
        .filter_map(|hook| {
            let condition = *fired.iter().find(|c| hook.conditions.contains(c))?;
            Some(Match {
                hook: Arc::clone(hook),
                condition,
            })
        })
        .collect()
}

/// Returns the conditions that trigger a hook when an agent reports them.
#[must_use]
pub fn triggered_by(hook: &Hook) -> Vec<Condition> {
    Condition::ALL
        .into_iter()
        .filter(|reported| reported.fires().iter().any(|c| hook.conditions.contains(c)))
        .collect()
}
