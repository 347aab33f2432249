//! A run's journal as hookd-client reads it, and what it means for the user if that fails.

use std::time::Duration;

use hookd_client::{Advice, Interrupted, Reason, Refusal, RunError};
pub(crate) use hookd_client::{Source, Update, follow};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{Out, Tone, safe};
use crate::{status, times};

/// Whether the connection is lost, and the user knows.
#[derive(Debug, Default)]
pub(crate) struct Outage(bool);

impl Outage {
    /// The connection is lost, or a further try failed, which is no news.
    pub(crate) fn lost(&mut self, out: &mut Out, why: &str, wait: Duration) {
        if !std::mem::replace(&mut self.0, true) {
            let (why, wait) = (safe::text(why), times::human(wait));
            let label = out.err_paint.text(Tone::Warn, "no connection");
            out.remark(&format!("{label}: {why}; trying again in {wait}"));
        }
    }

    /// Something came in.
    pub(crate) fn over(&mut self, out: &mut Out) {
        if std::mem::take(&mut self.0) {
            out.remark("hookd is there again");
        }
    }
}

impl From<RunError> for Failure {
    fn from(error: RunError) -> Failure {
        let no_connection = |tried, cause: &Refusal| {
            let what = match cause.reason() {
                Reason::Connection => "no connection to hookd",
                _ => "hookd could not be asked",
            };
            let what = format!("{what} for {}: {cause}", times::human(tried));
            Failure::new(Exit::Unavailable, what)
        };
        match error {
            RunError::Refused(refusal) => status::failure(refusal.status()),
            RunError::Interrupted(interrupted) => self::interrupted(&interrupted),
            RunError::Forgotten { .. } => Failure::new(Exit::Unavailable, error.to_string())
                .help("a store on disk keeps runs across restarts: `hookd serve --store sqlite`"),
            RunError::Lost {
                run_id,
                tried,
                cause,
            } => no_connection(tried, &cause)
                .help(format!("the run may go on: `hookctl logs -f {run_id}`")),
            RunError::NotStarted {
                request_id,
                tried,
                cause,
            } => {
                let again =
                    format!("the same command with `--request-id {request_id}` runs no hook twice");
                no_connection(tried, &cause).help(match cause.reason() {
                    Reason::Connection => {
                        format!("start hookd, or name another address with --addr; {again}")
                    }
                    _ => again,
                })
            }
            RunError::UnknownDecision(_) => {
                Failure::other(error.to_string()).help("update hookctl to the version of hookd")
            }
            RunError::NoDecision => Failure::other(error.to_string()),
        }
    }
}

/// hookd died during the run: its advice is the exit code.
#[must_use]
pub(crate) fn interrupted(interrupted: &Interrupted) -> Failure {
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

/// The same, once the user has read why and what is advised.
#[must_use]
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
