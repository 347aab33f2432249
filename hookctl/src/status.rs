//! What an error of the service means for the user.

use hookd_client::{Reason, Refusal};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::times;

/// The failure that a status stands for.
#[must_use]
pub(crate) fn failure(status: &Status) -> Failure {
    let refusal = Refusal::from(status.clone());
    let mut what = what(&refusal);
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
    let failure = Failure::new(exit(&refusal), what);
    match remedy(&refusal) {
        Some(help) => failure.help(help),
        None => failure,
    }
}

fn what(refusal: &Refusal) -> String {
    let status = refusal.status();
    let said = if status.message().is_empty() {
        status.code().description()
    } else {
        status.message()
    };
    match refusal.reason() {
        Reason::StoreFailed => format!("hookd's store does not work: {said}"),
        _ => said.to_owned(),
    }
}

fn exit(refusal: &Refusal) -> Exit {
    match (refusal.reason(), refusal.status().code()) {
        (Reason::NotPermitted, _) => Exit::NotPermitted,
        _ if refusal.may_pass() => Exit::Unavailable,
        (
            _,
            Code::NotFound
            | Code::InvalidArgument
            | Code::OutOfRange
            | Code::AlreadyExists
            | Code::FailedPrecondition,
        ) => Exit::BadData,
        (
            _,
            Code::Unavailable
            | Code::Aborted
            | Code::DeadlineExceeded
            | Code::ResourceExhausted
            | Code::Cancelled,
        ) => Exit::Unavailable,
        _ => Exit::Other,
    }
}

fn remedy(refusal: &Refusal) -> Option<String> {
    if let Some(remedy) = refusal.remedy() {
        return Some(remedy);
    }
    let later = || match refusal.retry_after() {
        Some(delay) => format!("try again in {}", times::human(delay)),
        None => "try again later".to_owned(),
    };
    let help = match (refusal.reason(), refusal.status().code()) {
        (Reason::RepoNotFound(_) | Reason::PlanNotFound(_), _) => {
            "`hookctl hooks` shows what is configured; `hookctl reload` loads a changed config"
                .to_owned()
        }
        (Reason::RunNotFound(_), _) => "`hookctl runs` shows the runs that are kept".to_owned(),
        (Reason::RequestIdReused, _) => {
            "a request id belongs to one event: leave --request-id out for a new one".to_owned()
        }
        (Reason::QueueFull, _) => format!("hookd is busy: {}", later()),
        (Reason::Draining, _) => format!("hookd is shutting down: {}", later()),
        (Reason::StoreFailed, _) => {
            "`hookctl info` says what is wrong with hookd's store".to_owned()
        }
        (Reason::RunInterrupted, _) => {
            "hookd died during the run; `hookctl show` says how far it came".to_owned()
        }
        (Reason::NotPermitted, _) => {
            "run hookctl as the user that hookd runs as, or as root".to_owned()
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
    fn a_broken_connection_is_no_failure_of_the_service() {
        let broken = |kind| {
            let error = io::Error::from(kind);
            failure(&Status::from_error(Box::new(error))).exit()
        };
        assert_eq!(broken(io::ErrorKind::ConnectionReset), Exit::Unavailable);
        assert_eq!(broken(io::ErrorKind::PermissionDenied), Exit::NotPermitted);
    }

    #[test]
    fn a_failed_store_is_told_as_such() {
        let details = ErrorDetails::with_error_info("STORE_FAILED", "hookd", HashMap::new());
        let status = Status::with_error_details(Code::Unavailable, "the disk is full", details);
        let failure = failure(&status);
        assert_eq!(failure.exit(), Exit::Unavailable);
        assert_eq!(
            failure.what(),
            "hookd's store does not work: the disk is full"
        );
        assert!(failure.remedy().contains("hookctl info"));
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
