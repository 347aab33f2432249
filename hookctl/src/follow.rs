//! Following a run's journal: messages about lost connections, and failures.

use std::time::Duration;

use hookd_client::{Advice, Interrupted, Reason, Refusal, RunError};
pub(crate) use hookd_client::{Source, Update, follow};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{Out, Tone, safe};
use crate::times;

/// Reports once that the connection is lost, and once that it is restored.
#[derive(Debug, Default)]
pub(crate) struct Outage {
    is_known: bool,
}

impl Outage {
    /// Reports a lost connection, but no further failed attempts.
    pub(crate) fn begin(&mut self, out: &mut Out, why: &str, wait: Duration) {
        if !std::mem::replace(&mut self.is_known, true) {
            let (why, wait) = (safe::text(why), times::human(wait));
            let label = Tone::Warn.paint("no connection");
            out.remark(&format!("{label}: {why}; trying again in {wait}"));
        }
    }

    /// Returns whether the connection is lost.
    pub(crate) fn is_known(&self) -> bool {
        self.is_known
    }

    /// Reports that the connection is restored, if it was lost.
    pub(crate) fn end(&mut self, out: &mut Out) {
        if std::mem::take(&mut self.is_known) {
            out.remark("hookd is there again");
        }
    }
}

impl From<RunError> for Failure {
    fn from(error: RunError) -> Failure {
        let message = error.to_string();
        match error {
            RunError::Refused(refusal) => refusal.into(),
            RunError::Interrupted(interrupted) => self::interrupted(&interrupted),
            RunError::Forgotten { .. } => Failure::new(Exit::Unavailable, message)
                .help("a store on disk keeps runs across restarts: `hookd serve --store sqlite`"),
            RunError::Lost {
                run_id,
                tried,
                cause,
            } => given_up(tried, &cause)
                .help(format!("the run may go on: `hookctl logs -f {run_id}`")),
            RunError::NotStarted {
                request_id,
                tried,
                cause,
            } => {
                let mut help =
                    format!("the same command with `--request-id {request_id}` runs no hook twice");
                if *cause.reason() == Reason::Connection {
                    help.insert_str(0, "start hookd, or name another address with --addr; ");
                }
                given_up(tried, &cause).help(help)
            }
            RunError::UnknownDecision(_) => {
                Failure::other(message).help("update hookctl to the version of hookd")
            }
            RunError::NoDecision => Failure::other(message),
        }
    }
}

/// Returns the failure of a call after its last attempt.
fn given_up(tried: Duration, cause: &Refusal) -> Failure {
    let what = match cause.reason() {
        Reason::Connection => "no connection to hookd",
        _ => "hookd could not be asked",
    };
    let message = format!("{what} for {}: {cause}", times::human(tried));
    Failure::new(Exit::Unavailable, message)
}

/// Returns the failure of a run during which hookd died; hookd's advice determines the exit code.
fn interrupted(interrupted: &Interrupted) -> Failure {
    let then = match interrupted.advice {
        Advice::Fail => "the operation counts as failed".to_owned(),
        Advice::Retry { after } => {
            let when = times::human(after);
            format!("try the operation again in {when}, with a new request id")
        }
    };
    Failure::new(exit(interrupted.advice), interrupted.to_string())
        .help(format!("{then}; `hookctl show` says how far the run came"))
}

/// Like [`interrupted`], without the reason and the advice, which the user has seen already.
pub(crate) fn shown_interrupted(interrupted: &Interrupted) -> Failure {
    Failure::new(exit(interrupted.advice), "the run was interrupted")
        .help("`hookctl show` says how far it came")
}

fn exit(advice: Advice) -> Exit {
    match advice {
        Advice::Fail => Exit::Fail,
        Advice::Retry { .. } => Exit::Retry,
    }
}
