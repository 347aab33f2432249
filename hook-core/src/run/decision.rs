//! Decision of a run: the rules from the outcome of a hook to the answer to the agent.
//!
//! | word | of | meaning |
//! |---|---|---|
//! | [`Outcome`] | one execution of a hook | how it ended, such as exit code 3 |
//! | [`Verdict`] | the same | its meaning by the hook's config: success, warning, or a failure with a policy |
//! | [`Effect`] | the same | its effect on the run: none, a warning, a retry, or a decision |
//! | [`Decision`] | the run | the instruction to the agent: the worst decision of any hook |

use std::fmt;
use std::time::Duration;

use crate::hook::{Hook, Verdict};
use crate::on_error::OnError;
use crate::run::outcome::Outcome;

/// Answer to the agent, from the best to the worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DecisionKind {
    /// Go on.
    Proceed,
    /// Try the operation again after a delay.
    Retry,
    /// Do not run the operation; this is no failure and raises no alarm.
    Cancel,
    /// Do not run the operation; it counts as failed.
    Fail,
}

/// Decision of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The answer to the agent.
    pub kind: DecisionKind,
    /// The hook that decided so; empty for [`DecisionKind::Proceed`] and for a cancelled
    /// run.
    pub hook: String,
    /// The reason, for people; empty for [`DecisionKind::Proceed`].
    pub reason: String,
    /// The delay before the next try, for [`DecisionKind::Retry`].
    pub retry_after: Option<Duration>,
    /// The attempt that this decides about, from 1.
    pub attempt: u32,
    /// Warnings for people, one sentence each: those of the event, and those about hooks.
    pub warnings: Vec<String>,
}

/// Effect of one execution of a hook on its run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// None: it succeeded.
    None,
    /// A warning in the decision.
    Warning,
    /// None: it failed, and its policy ignores that here.
    Ignored,
    /// It failed, and the same hook runs again after the delay.
    RetriedAfter(Duration),
    /// It failed and leads to this decision.
    Decides(DecisionKind),
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Effect::None => f.write_str("none"),
            Effect::Warning => f.write_str("warning"),
            Effect::Ignored => f.write_str("ignored"),
            Effect::RetriedAfter(delay) => write!(f, "again after {delay:?}"),
            Effect::Decides(kind) => kind.fmt(f),
        }
    }
}

/// Returns the verdict on the outcome of a hook, by the hook's config.
///
/// `exitCodes` win over `onError`; for an outcome without an exit code only `onError` counts.
/// Before the operation, a hook whose set-up is broken has given no answer: if any of its
/// policies would cancel or retry, by exit code or else, that counts as [`OnError::Fatal`], so
/// that the hooks for failures run.
#[must_use]
pub fn verdict(hook: &Hook, outcome: &Outcome, is_start: bool) -> Verdict {
    match outcome {
        Outcome::Exited { code } => match (hook.exit_codes.verdict(*code), code) {
            (Some(verdict), _) => verdict,
            (None, 0) => Verdict::Ok,
            (None, _) => Verdict::Failed(hook.on_error),
        },
        _ if is_start
            && outcome.is_broken_setup()
            && hook.policies().any(|policy| policy != OnError::Ignore) =>
        {
            Verdict::Failed(OnError::Fatal)
        }
        _ => Verdict::Failed(hook.on_error),
    }
}

/// Returns the decision of a failed hook; `None` if it has no effect.
///
/// A hook that runs after the operation decides only by [`OnError::Fatal`]. A retry policy
/// whose attempts are used up counts as [`OnError::Fatal`].
#[must_use]
pub fn decision_of(
    hook: &Hook,
    policy: OnError,
    is_start: bool,
    attempt: u32,
) -> Option<DecisionKind> {
    let used_up = hook.max_attempts.is_some_and(|max| attempt >= max.get());
    match policy {
        OnError::Ignore => None,
        OnError::Fatal => Some(DecisionKind::Fail),
        _ if !is_start => None,
        OnError::Cancel => Some(DecisionKind::Cancel),
        _ if used_up => Some(DecisionKind::Fail),
        _ => Some(DecisionKind::Retry),
    }
}

impl fmt::Display for DecisionKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            DecisionKind::Proceed => "proceed",
            DecisionKind::Retry => "retry",
            DecisionKind::Cancel => "cancel",
            DecisionKind::Fail => "fail",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worse_decision_is_greater() {
        use DecisionKind::{Cancel, Fail, Proceed, Retry};
        assert!(Fail > Cancel && Cancel > Retry && Retry > Proceed);
    }
}
