//! What an error of the service means for the user.

use std::error::Error as _;
use std::time::Duration;

use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::times;

/// The failure that a status stands for.
#[must_use]
pub(crate) fn failure(status: &Status) -> Failure {
    let mut what = if status.message().is_empty() {
        status.code().description().to_owned()
    } else {
        status.message().to_owned()
    };
    if let Some(request) = status.get_details_bad_request() {
        for violation in request.field_violations {
            // The message often quotes the violation already.
            if !what.contains(&violation.description) {
                what.push_str(&format!(
                    "\n  {}: {}",
                    violation.field, violation.description
                ));
            }
        }
    }
    let failure = Failure::new(exit(status), what);
    match remedy(status) {
        Some(help) => failure.help(help),
        None => failure,
    }
}

/// Why a connection broke, or what the service said, in one line.
#[must_use]
pub(crate) fn cause(status: &Status) -> String {
    let mut deepest = status.source();
    while let Some(next) = deepest.and_then(std::error::Error::source) {
        deepest = Some(next);
    }
    match deepest {
        Some(cause) => cause.to_string(),
        None if status.message().is_empty() => status.code().description().to_owned(),
        None => status.message().to_owned(),
    }
}

/// When the service asks to be tried again, if it does.
#[must_use]
pub(crate) fn retry_after(status: &Status) -> Option<Duration> {
    status.get_details_retry_info()?.retry_delay
}

/// Whether a status says that the connection broke, or that the service cannot serve
/// just now: the same call may succeed later.
#[must_use]
pub(crate) fn may_pass(status: &Status) -> bool {
    match status.code() {
        Code::Unavailable => true,
        Code::ResourceExhausted => retry_after(status).is_some(),
        // A broken connection shows as one of these, with the cause as its source.
        // What the service itself answered has no source.
        Code::Unknown | Code::Internal | Code::Cancelled => status.source().is_some(),
        _ => false,
    }
}

fn exit(status: &Status) -> Exit {
    match status.code() {
        _ if may_pass(status) => Exit::Unavailable,
        Code::NotFound
        | Code::InvalidArgument
        | Code::OutOfRange
        | Code::AlreadyExists
        | Code::FailedPrecondition => Exit::BadData,
        Code::PermissionDenied | Code::Unauthenticated => Exit::NotPermitted,
        Code::Aborted | Code::DeadlineExceeded | Code::ResourceExhausted | Code::Cancelled => {
            Exit::Unavailable
        }
        _ => Exit::Other,
    }
}

fn remedy(status: &Status) -> Option<String> {
    let info = status.get_details_error_info();
    if let Some(remedy) = info.as_ref().and_then(|info| info.metadata.get("remedy")) {
        return Some(remedy.clone());
    }
    let later = || match retry_after(status) {
        Some(delay) => format!("try again in {}", times::human(delay)),
        None => "try again later".to_owned(),
    };
    let reason = info.as_ref().map_or("", |info| info.reason.as_str());
    let help = match (reason, status.code()) {
        ("REPO_NOT_FOUND" | "PLAN_NOT_FOUND", _) => {
            "`hookctl hooks` shows what is configured; `hookctl reload` loads a changed config"
                .to_owned()
        }
        ("RUN_NOT_FOUND", _) => "`hookctl runs` shows the runs that are kept".to_owned(),
        ("REQUEST_ID_REUSED", _) => {
            "a request id belongs to one event: leave --request-id out for a new one".to_owned()
        }
        ("QUEUE_FULL", _) => format!("hookd is busy: {}", later()),
        ("DRAINING", _) => format!("hookd is shutting down: {}", later()),
        ("RUN_INTERRUPTED", _) => {
            "hookd died during the run; `hookctl show` says how far it came".to_owned()
        }
        (_, Code::PermissionDenied | Code::Unauthenticated) => {
            "run hookctl as a user that hookd knows".to_owned()
        }
        (_, Code::Unimplemented) => {
            "hookd may be older than hookctl: `hookctl info` shows its version".to_owned()
        }
        (_, Code::Unavailable) => later(),
        _ => return None,
    };
    Some(help)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::io;

    use tonic_types::ErrorDetails;

    use super::*;

    #[test]
    fn codes_map_to_exits() {
        let table = [
            (Code::NotFound, 65),
            (Code::InvalidArgument, 65),
            (Code::FailedPrecondition, 65),
            (Code::PermissionDenied, 77),
            (Code::Unauthenticated, 77),
            (Code::Unavailable, 69),
            (Code::ResourceExhausted, 69),
            (Code::DeadlineExceeded, 69),
            (Code::Aborted, 69),
            (Code::Internal, 1),
            (Code::Unknown, 1),
            (Code::Unimplemented, 1),
        ];
        for (code, exit) in table {
            let failure = failure(&Status::new(code, "x"));
            assert_eq!(failure.exit().code(), exit, "{code:?}");
        }
    }

    #[test]
    fn a_broken_connection_may_pass_and_an_answer_may_not() {
        let broken = Status::from_error(Box::new(io::Error::from(io::ErrorKind::ConnectionReset)));
        assert!(may_pass(&broken), "{broken:?}");
        assert_eq!(failure(&broken).exit(), Exit::Unavailable);
        assert!(!may_pass(&Status::unknown("no")));
        assert!(!may_pass(&Status::resource_exhausted("message too large")));
        let busy = Status::with_error_details(
            Code::ResourceExhausted,
            "the queue is full",
            ErrorDetails::with_retry_info(Some(Duration::from_secs(5))),
        );
        assert!(may_pass(&busy));
        assert_eq!(retry_after(&busy), Some(Duration::from_secs(5)));
    }

    #[test]
    fn details_become_help() {
        let mut details = ErrorDetails::with_error_info("PLAN_NOT_FOUND", "hookd", HashMap::new());
        details.add_bad_request_violation("event.plan_id", "no plan `hom`");
        let status = Status::with_error_details(Code::NotFound, "unknown plan", details);
        let failure = failure(&status);
        assert_eq!(
            failure.what(),
            "unknown plan\n  event.plan_id: no plan `hom`"
        );
        assert!(failure.remedy().contains("hookctl hooks"));

        let metadata = HashMap::from([("remedy".to_owned(), "do this".to_owned())]);
        let details = ErrorDetails::with_error_info("ANY", "hookd", metadata);
        let status = Status::with_error_details(Code::Internal, "x", details);
        assert_eq!(super::failure(&status).remedy(), "do this");
    }
}
