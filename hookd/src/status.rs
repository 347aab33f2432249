//! From what went wrong to a gRPC status that a client can act on.
//!
//! Every status carries a `google.rpc.ErrorInfo` with domain `hookd` and a reason that
//! does not change between versions.

use std::collections::HashMap;

use hookd_proto::v1;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

use crate::backup::BackupError;
use crate::convert;
use crate::limits::{MAX_ANSWER_BYTES, RETRY_DELAY};
use crate::runs::{Broken, StartError};
use crate::setting::UnknownTarget;
use crate::store::StoreError;

/// The domain of every reason.
pub const DOMAIN: &str = "hookd";

/// A field of a request that hookd cannot take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldViolation {
    /// The field's path, such as `event.condition`.
    pub field: String,
    /// What is wrong with it and what it should be.
    pub description: String,
}

/// A status for a malformed request; names every field that is wrong.
#[must_use]
pub fn invalid(reason: &str, violations: &[FieldViolation]) -> Status {
    let mut details = info(reason, &[]);
    for violation in violations {
        details.add_bad_request_violation(&violation.field, &violation.description);
    }
    let all: Vec<String> = violations
        .iter()
        .map(|v| format!("{}: {}", v.field, v.description))
        .collect();
    Status::with_error_details(Code::InvalidArgument, all.join("; "), details)
}

/// A status for a run that hookd does not know.
#[must_use]
pub fn run_not_found(id: &str) -> Status {
    let details = info("RUN_NOT_FOUND", &[("run_id", id)]);
    Status::with_error_details(Code::NotFound, format!("no run `{id}`"), details)
}

/// A status for a hook that the config does not have.
#[must_use]
pub fn hook_not_found(name: &str) -> Status {
    let details = info("HOOK_NOT_FOUND", &[("hook", name)]);
    Status::with_error_details(
        Code::NotFound,
        format!("no hook `{name}` in the config"),
        details,
    )
}

/// A status for a call whose own deadline passed before its stream ended.
#[must_use]
pub fn deadline_exceeded(run_id: &str) -> Status {
    let message = "the call's deadline passed; the run goes on and can be watched";
    let details = info("DEADLINE_EXCEEDED", &[("run_id", run_id)]);
    Status::with_error_details(Code::DeadlineExceeded, message, details)
}

/// A status for a stream that ends because the daemon does.
#[must_use]
pub fn closing(run_id: &str) -> Status {
    let mut details = info("DRAINING", &[("run_id", run_id)]);
    details.set_retry_info(Some(RETRY_DELAY));
    Status::with_error_details(Code::Unavailable, "hookd is shutting down", details)
}

/// A status for a request that did not start a run.
#[must_use]
pub fn not_started(error: &StartError) -> Status {
    let message = error.to_string();
    match error {
        StartError::UnknownTarget(target) => unknown_target(target),
        StartError::QueueFull { waiting } => {
            let mut details = info("QUEUE_FULL", &[("waiting", &waiting.to_string())]);
            details.set_retry_info(Some(RETRY_DELAY));
            Status::with_error_details(Code::ResourceExhausted, message, details)
        }
        StartError::Draining => {
            let mut details = info("DRAINING", &[]);
            details.set_retry_info(Some(RETRY_DELAY));
            Status::with_error_details(Code::Unavailable, message, details)
        }
        StartError::Store(error) => store(error),
        StartError::RequestIdReused => {
            let mut details = info("REQUEST_ID_REUSED", &[]);
            details.add_bad_request_violation("request_id", &message);
            Status::with_error_details(Code::InvalidArgument, message, details)
        }
    }
}

/// A status for a run whose journal cannot be read to its end.
#[must_use]
pub fn broken(run_id: &str, broken: &Broken) -> Status {
    let message = broken.to_string();
    match broken {
        Broken::Interrupted {
            advice,
            retry_after,
            ..
        } => {
            let advice = v1::DecisionKind::try_from(*advice).unwrap_or_default();
            let metadata = [("run_id", run_id), ("advice", advice.as_str_name())];
            let mut details = info("RUN_INTERRUPTED", &metadata);
            if advice == v1::DecisionKind::Retry {
                let after = retry_after.as_ref().and_then(convert::duration_from_wire);
                details.set_retry_info(Some(after.unwrap_or(RETRY_DELAY)));
            }
            Status::with_error_details(Code::Aborted, message, details)
        }
        Broken::Unstored(_) | Broken::Store(_) => store_failed(&message, &[("run_id", run_id)]),
        Broken::Removed => run_not_found(run_id),
    }
}

/// A status for something that the store could not do, and may do later.
#[must_use]
pub fn store_failed(message: &str, metadata: &[(&str, &str)]) -> Status {
    let mut details = info("STORE_FAILED", metadata);
    details.set_retry_info(Some(RETRY_DELAY));
    Status::with_error_details(Code::Unavailable, message, details)
}

/// A status for what a store said instead of an answer.
#[must_use]
pub fn store(error: &StoreError) -> Status {
    let message = error.to_string();
    match error {
        StoreError::Unsupported { .. } => {
            let details = info("STORE_UNSUPPORTED", &[]);
            Status::with_error_details(Code::FailedPrecondition, message, details)
        }
        // None of it mends itself: somebody has to do what the message says.
        StoreError::Full { .. } | StoreError::ReadOnly { .. } | StoreError::Damaged { .. } => {
            let details = info("STORE_FAILED", &[]);
            Status::with_error_details(Code::Unavailable, message, details)
        }
        StoreError::Failed { .. } | StoreError::Closed => store_failed(&message, &[]),
    }
}

/// A status for a copy of the store that cannot be made.
#[must_use]
pub fn not_backed_up(error: &BackupError) -> Status {
    match error {
        BackupError::Store(error) => store(error),
        BackupError::File(_) | BackupError::Ended => store_failed(&error.to_string(), &[]),
    }
}

/// A status for a copy of the store while others are made.
#[must_use]
pub fn backup_under_way() -> Status {
    let mut details = info("BACKUP_UNDER_WAY", &[]);
    details.set_retry_info(Some(RETRY_DELAY));
    let message = "another copy of the store is being made or fetched";
    Status::with_error_details(Code::ResourceExhausted, message, details)
}

/// A status for an answer that clients could not take; `remedy` is what to ask for instead.
#[must_use]
pub fn answer_too_large(bytes: usize, remedy: &str) -> Status {
    let metadata = [("bytes", &*bytes.to_string()), ("remedy", remedy)];
    let details = info("ANSWER_TOO_LARGE", &metadata);
    let message = format!(
        "the answer has {bytes} bytes, and {MAX_ANSWER_BYTES} are what any client takes: {remedy}"
    );
    Status::with_error_details(Code::ResourceExhausted, message, details)
}

/// A status for an event whose repository or plan is not in the config.
#[must_use]
pub fn unknown_target(target: &UnknownTarget) -> Status {
    let message = target.to_string();
    match target {
        UnknownTarget::Repo { id } => {
            let details = info("REPO_NOT_FOUND", &[("repo_id", id)]);
            Status::with_error_details(Code::NotFound, message, details)
        }
        UnknownTarget::Plan { id } => {
            let details = info("PLAN_NOT_FOUND", &[("plan_id", id)]);
            Status::with_error_details(Code::NotFound, message, details)
        }
        UnknownTarget::RepoMismatch { .. } => {
            let field = "event.repo_id".to_owned();
            invalid(
                "INVALID_EVENT",
                &[FieldViolation {
                    field,
                    description: message,
                }],
            )
        }
    }
}

fn info(reason: &str, metadata: &[(&str, &str)]) -> ErrorDetails {
    let metadata: HashMap<String, String> = metadata
        .iter()
        .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
        .collect();
    ErrorDetails::with_error_info(reason, DOMAIN, metadata)
}
