//! What the end of one hook means: the rules between an outcome and its effect.

use process_supervisor::EndReason;

use crate::hook::{Hook, Verdict};
use crate::on_error::{DecisionKind, OnError};
use crate::run::journal::{Outcome, TimeLimit};
use crate::run::stop::{CancelCause, StopReason};

/// What a hook's end means by its own config, before it is known what it may steer.
///
/// `exitCodes` win over `onError`; an end without a code has only `onError`.
#[must_use]
pub fn verdict(hook: &Hook, outcome: &Outcome) -> Verdict {
    match outcome {
        Outcome::Exited { code } => match (hook.exit_codes.verdict(*code), code) {
            (Some(verdict), _) => verdict,
            (None, 0) => Verdict::Ok,
            (None, _) => Verdict::Failed(hook.on_error),
        },
        _ => Verdict::Failed(hook.on_error),
    }
}

/// Whether the same hook may run again before its failure counts: its failure was not
/// one that the config gives a meaning of its own, nor one that would only repeat.
#[must_use]
pub fn worth_retrying(hook: &Hook, outcome: &Outcome) -> bool {
    match outcome {
        Outcome::Exited { code } => hook.exit_codes.verdict(*code).is_none() && *code != 0,
        Outcome::Signaled { .. } | Outcome::FailedToStart { .. } => true,
        Outcome::TimedOut { limit } => *limit == TimeLimit::Hook,
        Outcome::Cancelled { .. } | Outcome::FailedToRender { .. } => false,
    }
}

/// What a failure decides, if anything.
///
/// Only hooks that run before the operation steer it; after it, only
/// [`OnError::Fatal`] has an effect. A retry policy whose attempts are used up counts
/// as [`OnError::Fatal`].
#[must_use]
pub fn decides(hook: &Hook, policy: OnError, is_start: bool, attempt: u32) -> Option<DecisionKind> {
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

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Outcome::Exited { code } => write!(f, "exit code {code}"),
            Outcome::Signaled { signal } => write!(f, "killed by {signal}"),
            Outcome::TimedOut {
                limit: TimeLimit::Hook,
            } => f.write_str("timed out"),
            Outcome::TimedOut {
                limit: TimeLimit::Run,
            } => f.write_str("the run's time was up"),
            Outcome::Cancelled { cause } => f.write_str(match cause {
                CancelCause::Requested => "cancelled",
                CancelCause::Disconnected => "cancelled because the caller went away",
                CancelCause::Shutdown => "cancelled because hookd shut down",
            }),
            Outcome::FailedToStart { message } => write!(f, "could not start: {message}"),
            Outcome::FailedToRender {
                message,
                line,
                column,
            } => {
                write!(f, "could not render: {line}:{column}: {message}")
            }
        }
    }
}

impl From<EndReason<StopReason>> for Outcome {
    fn from(reason: EndReason<StopReason>) -> Outcome {
        let limit = match reason {
            EndReason::Exited(code) => return Outcome::Exited { code },
            EndReason::Signaled(signal) => return Outcome::Signaled { signal },
            EndReason::Stopped(StopReason::Cancelled(cause)) => {
                return Outcome::Cancelled { cause };
            }
            EndReason::TimedOut => TimeLimit::Hook,
            EndReason::Stopped(StopReason::RunTimeLimit) => TimeLimit::Run,
        };
        Outcome::TimedOut { limit }
    }
}
