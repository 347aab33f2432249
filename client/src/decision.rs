//! The decision or other end of a run, for the agent.

use std::time::Duration;

use hookd_proto::v1::journal_entry::Entry;
use hookd_proto::v1::{self, DecisionKind, JournalEntry};
use hookd_proto::well_known;

use crate::error::RunError;

/// Decision of a run: the next step of the agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Go on.
    Proceed {
        /// Warnings, one sentence a hook.
        warnings: Vec<String>,
    },
    /// Do not run the operation; this is no failure and raises no alarm.
    Cancel {
        /// The cause.
        cause: Cause,
        /// Warnings, one sentence a hook.
        warnings: Vec<String>,
    },
    /// Do not run the operation, or count it as failed if it has run.
    Fail {
        /// The cause.
        cause: Cause,
        /// Warnings, one sentence a hook.
        warnings: Vec<String>,
    },
    /// Try the operation again, as the next attempt.
    Retry {
        /// The wait before the next attempt.
        after: Duration,
        /// The attempt that failed, from 1.
        attempt: u32,
        /// The cause.
        cause: Cause,
        /// Warnings, one sentence a hook.
        warnings: Vec<String>,
    },
}

/// Cause of a decision.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cause {
    /// The deciding hook.
    pub hook: String,
    /// The reason, for people.
    pub reason: String,
}

/// hookd died during the run. Hooks may have run, and none runs again for this request.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the run was interrupted: {reason}")]
pub struct Interrupted {
    /// The advice of the config.
    pub advice: Advice,
    /// The reason, for people.
    pub reason: String,
}

/// Advice to the agent after an interrupted run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Advice {
    /// Do not run the operation, or count it as failed if it has run.
    Fail,
    /// Try again, with a new request id.
    Retry {
        /// The wait before the next attempt.
        after: Duration,
    },
}

/// A kind of decision that this version does not know. The agent must not proceed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("hookd decided something that this version does not know ({kind}): it is newer")]
pub struct UnknownDecision {
    /// The number of the kind.
    pub kind: i32,
}

/// The end of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The run came to a decision.
    Decided(Decision),
    /// The run came to no decision.
    Interrupted(Interrupted),
    /// The run came to a decision that this version does not know.
    Unknown(UnknownDecision),
}

impl Ending {
    /// Returns the end of the run; `None` if the entry is not the last.
    #[must_use]
    pub fn of(entry: &JournalEntry) -> Option<Ending> {
        match entry.entry.as_ref()? {
            Entry::RunFinished(finished) => {
                let decision = finished.decision.clone().unwrap_or_default();
                Some(match Decision::try_from(decision) {
                    Ok(decision) => Ending::Decided(decision),
                    Err(unknown) => Ending::Unknown(unknown),
                })
            }
            Entry::RunInterrupted(interrupted) => {
                let after = duration(interrupted.retry_after.as_ref());
                Some(Ending::Interrupted(Interrupted {
                    advice: match interrupted.advice() {
                        DecisionKind::Retry => Advice::Retry { after },
                        // Failing is the safe choice for advice of later versions.
                        _ => Advice::Fail,
                    },
                    reason: interrupted.reason.clone(),
                }))
            }
            _ => None,
        }
    }

    /// Returns the decision.
    ///
    /// # Errors
    /// Fails if the run was interrupted, or the decision is not known.
    pub fn decision(self) -> Result<Decision, RunError> {
        match self {
            Ending::Decided(decision) => Ok(decision),
            Ending::Interrupted(interrupted) => Err(interrupted.into()),
            Ending::Unknown(unknown) => Err(unknown.into()),
        }
    }
}

impl TryFrom<v1::Decision> for Decision {
    type Error = UnknownDecision;

    fn try_from(decision: v1::Decision) -> Result<Decision, UnknownDecision> {
        let (kind, warnings) = (decision.kind, decision.warnings);
        let cause = Cause {
            hook: decision.hook,
            reason: decision.reason,
        };
        match DecisionKind::try_from(kind) {
            Ok(DecisionKind::Proceed) => Ok(Decision::Proceed { warnings }),
            Ok(DecisionKind::Cancel) => Ok(Decision::Cancel { cause, warnings }),
            Ok(DecisionKind::Fail) => Ok(Decision::Fail { cause, warnings }),
            Ok(DecisionKind::Retry) => Ok(Decision::Retry {
                after: duration(decision.retry_after.as_ref()),
                attempt: decision.attempt,
                cause,
                warnings,
            }),
            Ok(DecisionKind::Unspecified) | Err(_) => Err(UnknownDecision { kind }),
        }
    }
}

impl Decision {
    /// Returns the warnings, one sentence a hook.
    #[must_use]
    pub fn warnings(&self) -> &[String] {
        match self {
            Decision::Proceed { warnings }
            | Decision::Cancel { warnings, .. }
            | Decision::Fail { warnings, .. }
            | Decision::Retry { warnings, .. } => warnings,
        }
    }
}

/// Reads a duration, which is zero if absent or negative.
fn duration(wire: Option<&well_known::Duration>) -> Duration {
    let duration = wire.and_then(|wire| Duration::try_from(*wire).ok());
    duration.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wire(kind: i32) -> v1::Decision {
        v1::Decision {
            kind,
            hook: "battery".to_owned(),
            retry_after: Some(well_known::Duration {
                seconds: 60,
                nanos: 5,
            }),
            attempt: 2,
            warnings: vec!["look".to_owned()],
            ..v1::Decision::default()
        }
    }

    #[test]
    fn every_kind_of_decision_is_read() {
        for kind in [
            DecisionKind::Proceed,
            DecisionKind::Cancel,
            DecisionKind::Fail,
            DecisionKind::Retry,
        ] {
            let decision = Decision::try_from(wire(kind.into())).unwrap();
            assert_eq!(decision.warnings(), ["look"]);
            let read = match &decision {
                Decision::Proceed { .. } => DecisionKind::Proceed,
                Decision::Cancel { .. } => DecisionKind::Cancel,
                Decision::Fail { .. } => DecisionKind::Fail,
                Decision::Retry { after, attempt, .. } => {
                    assert_eq!((*after, *attempt), (Duration::new(60, 5), 2));
                    DecisionKind::Retry
                }
            };
            assert_eq!(read, kind);
        }
    }

    #[test]
    fn what_is_unknown_is_never_leave_to_proceed() {
        for kind in [0, 5, 99, -1] {
            let unknown = Decision::try_from(wire(kind)).unwrap_err();
            assert_eq!(unknown, UnknownDecision { kind });
        }
        let finished = |decision| JournalEntry {
            entry: Some(Entry::RunFinished(v1::RunFinished { decision })),
            ..JournalEntry::default()
        };
        let unknown = |kind| Some(Ending::Unknown(UnknownDecision { kind }));
        assert_eq!(Ending::of(&finished(None)), unknown(0));
        assert_eq!(Ending::of(&finished(Some(wire(99)))), unknown(99));
        assert_eq!(Ending::of(&JournalEntry::default()), None);
    }

    #[test]
    fn advice_that_is_unknown_is_to_fail() {
        for (advice, expected) in [
            (DecisionKind::Fail.into(), Advice::Fail),
            (
                DecisionKind::Retry.into(),
                Advice::Retry {
                    after: Duration::ZERO,
                },
            ),
            (99, Advice::Fail),
            (0, Advice::Fail),
        ] {
            let interrupted = v1::RunInterrupted {
                advice,
                retry_after: Some(well_known::Duration {
                    seconds: -1,
                    nanos: 0,
                }),
                ..v1::RunInterrupted::default()
            };
            let entry = JournalEntry {
                entry: Some(Entry::RunInterrupted(interrupted)),
                ..JournalEntry::default()
            };
            let Some(Ending::Interrupted(read)) = Ending::of(&entry) else {
                panic!("{entry:?}");
            };
            assert_eq!(read.advice, expected);
        }
    }
}
