//! Delays before a new try.
//!
//! Three things are tried again, each by another party and after a delay of its own:
//!
//! | tried again | by | configured as | delay |
//! |---|---|---|---|
//! | the operation, such as a backup | the agent | the hook's `onError: ON_ERROR_RETRY_…` | [`operation_delay`], told in [`Decision::retry_after`](super::decision::Decision::retry_after) |
//! | one hook, within its run | the run | the hook's `retries` | [`hook_delay`] |
//! | a call to hookd | the client | built in | `client/src/retries.rs` of the crate `hookd-client` |

use std::time::Duration;

use crate::hook::{Hook, Retries};
use crate::on_error::OnError;
use crate::run::outcome::{Outcome, TimeLimit};

/// First delay of `ON_ERROR_RETRY_EXPONENTIAL_BACKOFF`.
const BACKOFF_BASE: Duration = Duration::from_secs(10);
/// Longest delay of `ON_ERROR_RETRY_EXPONENTIAL_BACKOFF`.
const BACKOFF_MAX: Duration = Duration::from_secs(3600);

/// Returns the delay before the agent tries the operation again; `None` if the policy is no
/// retry.
///
/// `attempt` is the agent's, from 1; 0 counts as 1. The growing delay is
/// 10 s · 2^(attempt−1), at most an hour.
#[must_use]
pub fn operation_delay(policy: OnError, attempt: u32) -> Option<Duration> {
    match policy {
        OnError::Retry1Minute => Some(Duration::from_secs(60)),
        OnError::Retry10Minutes => Some(Duration::from_secs(600)),
        OnError::RetryExponentialBackoff => {
            let factor = 1u32.checked_shl(attempt.saturating_sub(1));
            let delay = BACKOFF_BASE.saturating_mul(factor.unwrap_or(u32::MAX));
            Some(delay.min(BACKOFF_MAX))
        }
        OnError::Ignore | OnError::Cancel | OnError::Fatal => None,
    }
}

/// Returns the delay before the run executes the same hook again; `None` if its failure
/// counts.
///
/// `attempt` is the hook's, from 1. The delay is `delay · factor^(attempt−1)`, at most
/// `max_delay`. A hook is not retried if the config gives its exit code a verdict, or if
/// another try could only fail alike.
#[must_use]
pub fn hook_delay(hook: &Hook, outcome: &Outcome, attempt: u32) -> Option<Duration> {
    let retries = hook.retries.filter(|retries| attempt <= retries.times)?;
    let worth_it = match outcome {
        Outcome::Exited { code } => hook.exit_codes.verdict(*code).is_none() && *code != 0,
        Outcome::Signaled { .. } | Outcome::LockNotFree { .. } | Outcome::FailedToStart { .. } => {
            true
        }
        Outcome::TimedOut { limit } => *limit == TimeLimit::Hook,
        Outcome::Cancelled { .. } | Outcome::FailedToRender { .. } => false,
    };
    worth_it.then(|| delay_of(&retries, attempt))
}

fn delay_of(retries: &Retries, attempt: u32) -> Duration {
    let exponent = i32::try_from(attempt.saturating_sub(1)).unwrap_or(i32::MAX);
    let delay = retries.delay.as_secs_f64() * retries.factor.powi(exponent);
    Duration::try_from_secs_f64(delay)
        .unwrap_or(retries.max_delay)
        .min(retries.max_delay)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operation_delays_follow_the_table_and_never_overflow() {
        let after = |p: OnError, n| operation_delay(p, n).map(|d| d.as_secs());
        assert_eq!(after(OnError::Retry1Minute, 9), Some(60));
        assert_eq!(after(OnError::Retry10Minutes, 9), Some(600));
        let backoff = OnError::RetryExponentialBackoff;
        for (attempt, secs) in [(0, 10), (1, 10), (2, 20), (3, 40), (9, 2560), (10, 3600)] {
            assert_eq!(after(backoff, attempt), Some(secs), "attempt {attempt}");
        }
        for attempt in [31, 32, 33, 64, u32::MAX] {
            assert_eq!(after(backoff, attempt), Some(3600), "attempt {attempt}");
        }
        for policy in OnError::ALL {
            assert_eq!(after(policy, 1).is_some(), policy.is_retry(), "{policy}");
        }
    }
}
