//! Which hooks a list of fired conditions triggers, and in what order.

use std::sync::Arc;

use crate::condition::Condition;
use crate::hook::Hook;

/// A hook, and the condition that it sees as `.Event`.
#[derive(Clone, Debug)]
pub struct Match {
    /// The hook.
    pub hook: Arc<Hook>,
    /// The first condition of the fired list that it subscribes to.
    pub condition: Condition,
}

/// The hooks that subscribe to any fired condition, each once, in the given order.
///
/// Hooks are walked, not conditions, as in Backrest: a hook that subscribes to two
/// fired conditions runs once.
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

/// The conditions that an agent can report and that trigger a hook.
#[must_use]
pub fn triggered_by(hook: &Hook) -> Vec<Condition> {
    Condition::ALL
        .into_iter()
        .filter(|reported| reported.fires().iter().any(|c| hook.conditions.contains(c)))
        .collect()
}
