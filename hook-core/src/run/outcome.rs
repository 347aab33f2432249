//! Outcome of a hook: the end of one execution of it.

use std::fmt;

use process_supervisor::EndReason;

use crate::run::stop::{CancelCause, StopReason};

/// Outcome of one execution of a hook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It exited by itself.
    Exited {
        /// Its exit code.
        code: i32,
    },
    /// It was ended by a signal that hookd did not send.
    Signaled {
        /// The signal's name, such as `SIGSEGV`.
        signal: String,
    },
    /// It reached a time limit and was ended.
    TimedOut {
        /// The limit.
        limit: TimeLimit,
    },
    /// The run was cancelled, which ended the hook.
    Cancelled {
        /// The cause.
        cause: CancelCause,
    },
    /// It did not get its lock within its time limit, and was not started.
    LockNotFree {
        /// The lock and its holder.
        message: String,
    },
    /// Its interpreter could not be started.
    FailedToStart {
        /// The reason and the remedy.
        message: String,
    },
    /// Its script could not be rendered.
    FailedToRender {
        /// The reason.
        message: String,
        /// The line in the template, from 1.
        line: u32,
        /// The column in the template, from 1.
        column: u32,
    },
}

/// Limit on time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TimeLimit {
    /// The hook's own `timeout`.
    Hook,
    /// The run's `timeout`, as requested by the agent.
    Run,
}

impl Outcome {
    /// Returns whether the hook could not begin because its set-up is broken. Such an end is no
    /// answer of its script.
    #[must_use]
    pub fn is_broken_setup(&self) -> bool {
        matches!(
            self,
            Outcome::FailedToStart { .. } | Outcome::FailedToRender { .. }
        )
    }

    /// Returns the usual meaning of an exit code by which a shell says that it could not run
    /// a command.
    #[must_use]
    pub fn unrun_command(&self) -> Option<&'static str> {
        match self {
            Outcome::Exited { code: 126 } => Some("a command in it could not be executed"),
            Outcome::Exited { code: 127 } => Some("a command in it was not found"),
            _ => None,
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

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Outcome::Exited { code } => write!(f, "exit code {code}"),
            Outcome::Signaled { signal } => write!(f, "killed by {signal}"),
            Outcome::TimedOut { limit } => f.write_str(match limit {
                TimeLimit::Hook => "timed out",
                TimeLimit::Run => "the run's time was up",
            }),
            Outcome::Cancelled { cause } => f.write_str(match cause {
                CancelCause::Requested => "cancelled",
                CancelCause::Disconnected => "cancelled because the caller went away",
                CancelCause::Shutdown => "cancelled because hookd shut down",
            }),
            Outcome::LockNotFree { message } => f.write_str(message),
            Outcome::FailedToStart { message } => write!(f, "could not start: {message}"),
            Outcome::FailedToRender {
                message,
                line,
                column,
            } => write!(f, "could not render: {line}:{column}: {message}"),
        }
    }
}
