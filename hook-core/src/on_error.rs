//! What a failed hook means for the operation, and when a retry is due.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// What the agent is told to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DecisionKind {
    /// Go on.
    Proceed,
    /// Try the operation again after a delay.
    Retry,
    /// Do not do the operation; this is no failure and alarms nobody.
    Cancel,
    /// Do not do the operation; it counts as failed.
    Fail,
}

/// What follows when a hook fails. Names and numbers are Backrest's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[repr(i32)]
pub enum OnError {
    /// The failure is recorded and changes nothing.
    #[default]
    Ignore = 0,
    /// A START hook cancels the operation without an alarm.
    Cancel = 1,
    /// The operation fails, and the hooks for failures run.
    Fatal = 2,
    /// A START hook has the operation tried again in a minute.
    Retry1Minute = 100,
    /// A START hook has the operation tried again in ten minutes.
    Retry10Minutes = 101,
    /// A START hook has the operation tried again after a growing delay.
    RetryExponentialBackoff = 103,
}

/// A name that is no policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown error behaviour `{name}`")]
pub struct UnknownOnError {
    /// The name as it was given.
    pub name: String,
}

/// The first delay of the growing back-off.
const BACKOFF_BASE: Duration = Duration::from_secs(10);
/// The longest delay of the growing back-off.
const BACKOFF_MAX: Duration = Duration::from_secs(3600);

impl OnError {
    /// Every policy, by number.
    pub const ALL: [OnError; 6] = [
        OnError::Ignore,
        OnError::Cancel,
        OnError::Fatal,
        OnError::Retry1Minute,
        OnError::Retry10Minutes,
        OnError::RetryExponentialBackoff,
    ];

    /// The full name, as in Backrest's config: `ON_ERROR_CANCEL`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            OnError::Ignore => "ON_ERROR_IGNORE",
            OnError::Cancel => "ON_ERROR_CANCEL",
            OnError::Fatal => "ON_ERROR_FATAL",
            OnError::Retry1Minute => "ON_ERROR_RETRY_1MINUTE",
            OnError::Retry10Minutes => "ON_ERROR_RETRY_10MINUTES",
            OnError::RetryExponentialBackoff => "ON_ERROR_RETRY_EXPONENTIAL_BACKOFF",
        }
    }

    /// The number, as in Backrest's protobuf enum.
    #[must_use]
    pub const fn number(self) -> i32 {
        self as i32
    }

    /// The policy of that number, if there is one.
    #[must_use]
    pub fn from_number(number: i32) -> Option<OnError> {
        OnError::ALL.into_iter().find(|p| p.number() == number)
    }

    /// How long the agent waits before its next attempt, if the policy is a retry.
    ///
    /// `attempt` is the agent's, from 1; 0 counts as 1. The growing back-off is
    /// 10 s · 2^(attempt−1), at most an hour, whatever the attempt.
    #[must_use]
    pub fn retry_after(self, attempt: u32) -> Option<Duration> {
        match self {
            OnError::Retry1Minute => Some(Duration::from_secs(60)),
            OnError::Retry10Minutes => Some(Duration::from_secs(600)),
            OnError::RetryExponentialBackoff => {
                let factor = 1u32
                    .checked_shl(attempt.saturating_sub(1))
                    .unwrap_or(u32::MAX);
                Some(BACKOFF_BASE.saturating_mul(factor).min(BACKOFF_MAX))
            }
            OnError::Ignore | OnError::Cancel | OnError::Fatal => None,
        }
    }

    /// Whether the policy has an effect only on hooks that run before the operation.
    #[must_use]
    pub const fn steers_start_only(self) -> bool {
        !matches!(self, OnError::Ignore | OnError::Fatal)
    }
}

impl fmt::Display for OnError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for OnError {
    type Err = UnknownOnError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        OnError::ALL
            .into_iter()
            .find(|p| p.name() == name)
            .ok_or_else(|| UnknownOnError {
                name: name.to_owned(),
            })
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
    fn retry_delays_follow_the_table_and_never_overflow() {
        let after = |p: OnError, n| p.retry_after(n).map(|d| d.as_secs());
        assert_eq!(after(OnError::Retry1Minute, 9), Some(60));
        assert_eq!(after(OnError::Retry10Minutes, 9), Some(600));
        let backoff = OnError::RetryExponentialBackoff;
        for (attempt, secs) in [(0, 10), (1, 10), (2, 20), (3, 40), (9, 2560), (10, 3600)] {
            assert_eq!(after(backoff, attempt), Some(secs), "attempt {attempt}");
        }
        for attempt in [31, 32, 33, 64, u32::MAX] {
            assert_eq!(after(backoff, attempt), Some(3600), "attempt {attempt}");
        }
        for policy in [OnError::Ignore, OnError::Cancel, OnError::Fatal] {
            assert_eq!(after(policy, 1), None);
        }
    }

    #[test]
    fn a_worse_decision_is_greater() {
        use DecisionKind::{Cancel, Fail, Proceed, Retry};
        assert!(Fail > Cancel && Cancel > Retry && Retry > Proceed);
    }
}
