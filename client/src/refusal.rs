//! Errors of the service, with their meaning for a program.

use std::error::Error as _;
use std::fmt;
use std::io;
use std::time::Duration;

use tonic::{Code, Status};
use tonic_types::{ErrorInfo, StatusExt as _};

use crate::client::{connection_error, io_kind};

/// The domain of hookd's reasons.
const DOMAIN: &str = "hookd";

/// The reason of a failed call.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// The config does not have the plan with this id.
    PlanNotFound(String),
    /// The config does not have the repository with this id.
    RepoNotFound(String),
    /// There is no run with this id.
    RunNotFound(String),
    /// The request id belongs to another event.
    RequestIdReused,
    /// The queue of runs is full.
    QueueFull,
    /// hookd is shutting down.
    Draining,
    /// hookd cannot store runs: its disk is full, read-only or broken. No script ran.
    StoreFailed,
    /// hookd died during the run.
    RunInterrupted,
    /// This user has no access.
    NotPermitted,
    /// There is no connection, or it broke.
    Connection,
    /// Another reason, by the name that hookd gives it; empty if it gives none.
    Other(String),
}

/// A failed call: its gRPC status, and the reason.
#[derive(Clone, Debug)]
pub struct Refusal {
    status: Status,
    reason: Reason,
}

impl From<Status> for Refusal {
    fn from(status: Status) -> Refusal {
        let reason = reason(&status);
        Refusal { status, reason }
    }
}

fn reason(status: &Status) -> Reason {
    // Only errors of the connection have a source, answers of the service do not.
    if let Some(source) = status.source() {
        return match io_kind(source) {
            Some(io::ErrorKind::PermissionDenied) => Reason::NotPermitted,
            _ => Reason::Connection,
        };
    }
    if matches!(
        status.code(),
        Code::PermissionDenied | Code::Unauthenticated
    ) {
        return Reason::NotPermitted;
    }
    let Some(info) = error_info(status) else {
        return Reason::Other(String::new());
    };
    let about = |key: &str| info.metadata.get(key).cloned().unwrap_or_default();
    match info.reason.as_str() {
        "PLAN_NOT_FOUND" => Reason::PlanNotFound(about("plan_id")),
        "REPO_NOT_FOUND" => Reason::RepoNotFound(about("repo_id")),
        "RUN_NOT_FOUND" => Reason::RunNotFound(about("run_id")),
        "REQUEST_ID_REUSED" => Reason::RequestIdReused,
        "QUEUE_FULL" => Reason::QueueFull,
        "DRAINING" => Reason::Draining,
        "STORE_FAILED" => Reason::StoreFailed,
        "RUN_INTERRUPTED" => Reason::RunInterrupted,
        _ => Reason::Other(info.reason),
    }
}

fn error_info(status: &Status) -> Option<ErrorInfo> {
    let info = status.get_details_error_info()?;
    (info.domain == DOMAIN).then_some(info)
}

impl Refusal {
    /// Returns the refusal for an interrupted run whose stream did not end with one.
    pub(crate) fn interrupted(message: &str) -> Refusal {
        Refusal {
            status: Status::aborted(message),
            reason: Reason::RunInterrupted,
        }
    }

    /// Returns the reason.
    #[must_use]
    pub fn reason(&self) -> &Reason {
        &self.reason
    }

    /// Returns the gRPC status.
    #[must_use]
    pub fn status(&self) -> &Status {
        &self.status
    }

    /// Returns the wait before the next try, if hookd asks for one.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.status.get_details_retry_info()?.retry_delay
    }

    /// Returns hookd's remedy, for people.
    #[must_use]
    pub fn remedy(&self) -> Option<String> {
        error_info(&self.status)?.metadata.remove("remedy")
    }

    /// Returns whether the same call may succeed later: the connection was lost, or hookd is not
    /// ready.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        match (&self.reason, self.status.code()) {
            (Reason::NotPermitted, _) => false,
            (Reason::Connection, code) => matches!(
                code,
                Code::Unavailable | Code::Unknown | Code::Internal | Code::Cancelled
            ),
            // A full disk needs an admin. For other causes hookd sends a delay with the error.
            (Reason::StoreFailed, _) | (_, Code::ResourceExhausted) => self.retry_after().is_some(),
            (_, code) => code == Code::Unavailable,
        }
    }
}

/// One line: the error of the connection, or the message of hookd.
impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.status.source() {
            Some(source) => f.write_str(&connection_error(source)),
            None if self.status.message().is_empty() => {
                f.write_str(self.status.code().description())
            }
            None => f.write_str(self.status.message()),
        }
    }
}

impl std::error::Error for Refusal {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.status.source()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use tonic_types::ErrorDetails;

    use super::*;

    fn refused(code: Code, reason: &str, domain: &str, about: &[(&str, &str)]) -> Refusal {
        let about: HashMap<String, String> = about
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect();
        let details = ErrorDetails::with_error_info(reason, domain, about);
        Status::with_error_details(code, "said", details).into()
    }

    #[test]
    fn reasons_are_read_from_error_info() {
        let plan = refused(
            Code::NotFound,
            "PLAN_NOT_FOUND",
            "hookd",
            &[("plan_id", "hom")],
        );
        assert_eq!(plan.reason(), &Reason::PlanNotFound("hom".to_owned()));
        let repo = refused(
            Code::NotFound,
            "REPO_NOT_FOUND",
            "hookd",
            &[("repo_id", "n")],
        );
        assert_eq!(repo.reason(), &Reason::RepoNotFound("n".to_owned()));
        // Reasons of other services are ignored, reasons of later versions are kept.
        let other = refused(Code::NotFound, "PLAN_NOT_FOUND", "elsewhere", &[]);
        assert_eq!(other.reason(), &Reason::Other(String::new()));
        let later = refused(Code::Aborted, "NEW", "hookd", &[("remedy", "do this")]);
        assert_eq!(later.reason(), &Reason::Other("NEW".to_owned()));
        assert_eq!(later.remedy().as_deref(), Some("do this"));
        assert_eq!(later.to_string(), "said");
    }

    #[test]
    fn a_broken_connection_may_pass_and_an_answer_may_not() {
        let broken = |kind| {
            let error = io::Error::from(kind);
            Refusal::from(Status::from_error(Box::new(error)))
        };
        let reset = broken(io::ErrorKind::ConnectionReset);
        assert_eq!(reset.reason(), &Reason::Connection);
        assert!(reset.may_pass());
        assert!(!broken(io::ErrorKind::PermissionDenied).may_pass());
        let answered = |status| Refusal::from(status);
        assert!(!answered(Status::unknown("no")).may_pass());
        assert!(!answered(Status::resource_exhausted("message too large")).may_pass());
        assert!(answered(Status::unavailable("not now")).may_pass());
    }

    #[test]
    fn a_failed_store_may_pass_only_if_hookd_says_so() {
        let failed = refused(Code::Unavailable, "STORE_FAILED", "hookd", &[]);
        assert_eq!(failed.reason(), &Reason::StoreFailed);
        assert!(!failed.may_pass());
        let mut details = ErrorDetails::with_error_info("STORE_FAILED", "hookd", HashMap::new());
        details.set_retry_info(Some(Duration::from_secs(5)));
        let soon = Status::with_error_details(Code::Unavailable, "soon", details);
        let soon = Refusal::from(soon);
        assert!(soon.may_pass());
        assert_eq!(soon.retry_after(), Some(Duration::from_secs(5)));
    }
}
