//! Errors as gRPC statuses that a client can act on.
//!
//! Every status carries a `google.rpc.ErrorInfo` with the domain `hookd` and a reason that
//! does not change between versions.

use std::collections::HashMap;
use std::fmt::Display;

use hookd_proto::v1::DecisionKind;
use tonic::Code::{
    Aborted, DeadlineExceeded, FailedPrecondition, InvalidArgument, NotFound, ResourceExhausted,
    Unavailable,
};
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

use crate::backup::BackupError;
use crate::limits::{MAX_ANSWER_BYTES, MAX_CALLS, OWN_CALLS, REQUEST_TIMEOUT, RETRY_DELAY};
use crate::run_setting::{UnknownTarget, meant};
use crate::runs::{ReadError, StartError};
use crate::store::StoreError;

/// The domain of every reason.
const DOMAIN: &str = "hookd";

/// The invalid fields of a request, collected so that all are reported at once.
#[derive(Debug, Default)]
pub(super) struct Violations(Vec<(String, String)>);

impl Violations {
    /// Adds a field, such as `event.condition`, and what it should be.
    pub(super) fn add(&mut self, field: &str, description: impl Into<String>) {
        self.0.push((field.to_owned(), description.into()));
    }

    /// Adds the field if the value is `None`, which means that it is invalid.
    pub(super) fn check<T>(
        &mut self,
        field: &str,
        value: Option<T>,
        description: &str,
    ) -> Option<T> {
        if value.is_none() {
            self.add(field, description);
        }
        value
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// # Errors
    /// Fails if a field is invalid.
    pub(super) fn finish(self, reason: &str) -> Result<(), Status> {
        if self.is_empty() {
            return Ok(());
        }
        Err(self.into_status(reason))
    }

    /// `INVALID_ARGUMENT` that names all fields.
    pub(super) fn into_status(self, reason: &str) -> Status {
        let mut details = error_info(reason, &[]);
        for (field, description) in &self.0 {
            details.add_bad_request_violation(field, description);
        }
        let all: Vec<String> = self.0.iter().map(|(f, d)| format!("{f}: {d}")).collect();
        let message = all.join("; ");
        Status::with_error_details(InvalidArgument, message, details)
    }
}

/// `NOT_FOUND` for an unknown run.
pub(super) fn run_not_found(id: &str) -> Status {
    let message = format!("no run `{id}`");
    status(NotFound, "RUN_NOT_FOUND", &[("run_id", id)], message)
}

/// `NOT_FOUND` for a hook that the config does not have.
pub(super) fn hook_not_found(name: &str, nearest: Option<&str>) -> Status {
    let message = format!("no hook `{name}` in the config{}", meant(nearest));
    status(NotFound, "HOOK_NOT_FOUND", &[("hook", name)], message)
}

/// `NOT_FOUND` for a name that neither the config has nor any run that is kept; `field` is that
/// of the request.
pub(super) fn unknown_name(kind: &str, field: &str, name: &str, nearest: Option<&str>) -> Status {
    let reason = match field {
        "repo_id" => "REPO_NOT_FOUND",
        "plan_id" => "PLAN_NOT_FOUND",
        _ => "HOOK_NOT_FOUND",
    };
    let meant = meant(nearest);
    let message = format!("no {kind} `{name}` in the config, nor in past runs{meant}");
    status(NotFound, reason, &[(field, name)], message)
}

/// `DEADLINE_EXCEEDED` for a stream that outlasts the deadline of its call.
pub(super) fn deadline_exceeded(run_id: &str) -> Status {
    let message = "the call's deadline passed; the run goes on and can be watched";
    let of_run = [("run_id", run_id)];
    status(DeadlineExceeded, "DEADLINE_EXCEEDED", &of_run, message)
}

/// `UNAVAILABLE` for a stream that ends with the daemon.
pub(super) fn closing(run_id: &str) -> Status {
    let message = "hookd is shutting down";
    transient(Unavailable, "DRAINING", &[("run_id", run_id)], message)
}

impl From<StartError> for Status {
    fn from(error: StartError) -> Status {
        match &error {
            StartError::UnknownTarget(target) => target.clone().into(),
            StartError::QueueFull(waiting) => {
                let metadata = [("waiting", &*waiting.to_string())];
                transient(ResourceExhausted, "QUEUE_FULL", &metadata, error)
            }
            StartError::EventsTooLarge => transient(ResourceExhausted, "QUEUE_FULL", &[], error),
            StartError::PlanQueueFull { holder, most } => {
                let metadata = [("waiting", &*most.to_string()), ("holder", holder)];
                transient(ResourceExhausted, "QUEUE_FULL", &metadata, &error)
            }
            StartError::Draining => transient(Unavailable, "DRAINING", &[], error),
            StartError::Store(error) => (&**error).into(),
            StartError::RequestIdReused => {
                let mut details = error_info("REQUEST_ID_REUSED", &[]);
                details.add_bad_request_violation("request_id", error.to_string());
                Status::with_error_details(InvalidArgument, error.to_string(), details)
            }
        }
    }
}

impl From<&StoreError> for Status {
    fn from(error: &StoreError) -> Status {
        match error {
            StoreError::Unsupported(_) => {
                status(FailedPrecondition, "STORE_UNSUPPORTED", &[], error)
            }
            // Retries do not help until an admin has followed the message.
            StoreError::Full(_)
            | StoreError::ReadOnly(_)
            | StoreError::Gone(_)
            | StoreError::Damaged(_) => status(Unavailable, "STORE_FAILED", &[], error),
            StoreError::Failed(_) | StoreError::Closed => {
                transient(Unavailable, "STORE_FAILED", &[], error)
            }
        }
    }
}

impl From<StoreError> for Status {
    fn from(error: StoreError) -> Status {
        (&error).into()
    }
}

impl From<BackupError> for Status {
    fn from(error: BackupError) -> Status {
        match error {
            BackupError::Store(error) => error.into(),
            error => transient(Unavailable, "STORE_FAILED", &[], error),
        }
    }
}

impl From<UnknownTarget> for Status {
    fn from(target: UnknownTarget) -> Status {
        match &target {
            UnknownTarget::Repo { id, .. } => {
                status(NotFound, "REPO_NOT_FOUND", &[("repo_id", id)], &target)
            }
            UnknownTarget::Plan { id, .. } => {
                status(NotFound, "PLAN_NOT_FOUND", &[("plan_id", id)], &target)
            }
            UnknownTarget::RepoMismatch { .. } => {
                let mut invalid = Violations::default();
                invalid.add("event.repo_id", target.to_string());
                invalid.into_status("INVALID_EVENT")
            }
        }
    }
}

/// Returns the status for a journal that does not end with a decision.
pub(super) fn read_error(run_id: &str, error: &ReadError) -> Status {
    let metadata = [("run_id", run_id)];
    match error {
        ReadError::Interrupted(interruption) => {
            let retry = interruption.advice() == DecisionKind::Retry;
            let advice = match retry {
                true => DecisionKind::Retry.as_str_name(),
                false => DecisionKind::Fail.as_str_name(),
            };
            let mut details = error_info("RUN_INTERRUPTED", &[metadata[0], ("advice", advice)]);
            if retry {
                let delay = interruption.retry_after.and_then(|d| d.try_into().ok());
                details.set_retry_info(Some(delay.unwrap_or(RETRY_DELAY)));
            }
            Status::with_error_details(Aborted, error.to_string(), details)
        }
        ReadError::Unstored(_) | ReadError::Store(_) => {
            transient(Unavailable, "STORE_FAILED", &metadata, error)
        }
        ReadError::Removed => run_not_found(run_id),
    }
}

/// `RESOURCE_EXHAUSTED` for a call beyond those that may be under way.
pub(crate) fn too_many_calls() -> Status {
    let message = format!(
        "too many calls are under way: a connection has {OWN_CALLS} for itself, and all share {MAX_CALLS} more"
    );
    transient(ResourceExhausted, "TOO_MANY_CALLS", &[], message)
}

/// `DEADLINE_EXCEEDED` for a request that was not complete in time.
pub(crate) fn slow_request() -> Status {
    let message = format!(
        "the request was not complete within {} s",
        REQUEST_TIMEOUT.as_secs()
    );
    status(DeadlineExceeded, "SLOW_REQUEST", &[], message)
}

/// `DEADLINE_EXCEEDED` for a call whose own deadline passed before it was answered.
pub(crate) fn late() -> Status {
    let message = "the call's deadline passed";
    status(DeadlineExceeded, "DEADLINE_EXCEEDED", &[], message)
}

/// `RESOURCE_EXHAUSTED` for a second copy of the store at the same time.
pub(super) fn backup_under_way() -> Status {
    let message = "another copy of the store is being made or fetched";
    transient(ResourceExhausted, "BACKUP_UNDER_WAY", &[], message)
}

/// `RESOURCE_EXHAUSTED` for an answer that exceeds the limit of clients. The remedy names a
/// smaller request.
pub(super) fn answer_too_large(bytes: usize, remedy: &str) -> Status {
    let metadata = [("bytes", &*bytes.to_string()), ("remedy", remedy)];
    let message = format!(
        "the answer has {bytes} bytes, and {MAX_ANSWER_BYTES} are what any client takes: {remedy}"
    );
    status(ResourceExhausted, "ANSWER_TOO_LARGE", &metadata, message)
}

fn status(code: Code, reason: &str, metadata: &[(&str, &str)], message: impl Display) -> Status {
    Status::with_error_details(code, message.to_string(), error_info(reason, metadata))
}

/// A status whose call may succeed after [`RETRY_DELAY`].
fn transient(code: Code, reason: &str, metadata: &[(&str, &str)], message: impl Display) -> Status {
    let mut details = error_info(reason, metadata);
    details.set_retry_info(Some(RETRY_DELAY));
    Status::with_error_details(code, message.to_string(), details)
}

fn error_info(reason: &str, metadata: &[(&str, &str)]) -> ErrorDetails {
    let owned = |&(key, value): &(&str, &str)| (key.to_owned(), value.to_owned());
    let metadata: HashMap<_, _> = metadata.iter().map(owned).collect();
    ErrorDetails::with_error_info(reason, DOMAIN, metadata)
}
