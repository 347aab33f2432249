//! A refused call: its exit code, its message and the remedy.

use hookd_client::{Reason, Refusal};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::times;

/// Remedy for a user without access to hookd.
pub(crate) const PERMISSION: &str = "run hookctl as the user that hookd runs as, or as root";

impl From<Status> for Failure {
    fn from(status: Status) -> Failure {
        Refusal::from(status).into()
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Failure {
        let failure = Failure::new(exit(&refusal), message(&refusal));
        match remedy(&refusal) {
            Some(help) => failure.help(help),
            None => failure,
        }
    }
}

fn message(refusal: &Refusal) -> String {
    let status = refusal.status();
    let mut message = match status.message() {
        "" => status.code().description().to_owned(),
        message => message.to_owned(),
    };
    if *refusal.reason() == Reason::StoreFailed {
        message.insert_str(0, "hookd's store does not work: ");
    }
    let violations = status.get_details_bad_request();
    for violation in violations.map_or(Vec::new(), |details| details.field_violations) {
        // The message often quotes the violation already.
        if !message.contains(&violation.description) {
            message.push_str(&format!(
                "\n  {}: {}",
                violation.field, violation.description
            ));
        }
    }
    message
}

fn exit(refusal: &Refusal) -> Exit {
    match refusal.status().code() {
        _ if *refusal.reason() == Reason::NotPermitted => Exit::NotPermitted,
        _ if refusal.may_pass() => Exit::Unavailable,
        Code::NotFound
        | Code::InvalidArgument
        | Code::OutOfRange
        | Code::AlreadyExists
        | Code::FailedPrecondition => Exit::BadData,
        Code::Unavailable
        | Code::Aborted
        | Code::DeadlineExceeded
        | Code::ResourceExhausted
        | Code::Cancelled => Exit::Unavailable,
        _ => Exit::Other,
    }
}

/// Returns the remedy from hookd's answer, else a remedy for the reason or the code.
fn remedy(refusal: &Refusal) -> Option<String> {
    if let Some(remedy) = refusal.remedy() {
        return Some(remedy);
    }
    let later = match refusal.retry_after() {
        Some(delay) => format!("try again in {}", times::human(delay)),
        None => "try again later".to_owned(),
    };
    let help = match (refusal.reason(), refusal.status().code()) {
        (Reason::RepoNotFound(_) | Reason::PlanNotFound(_), _) => {
            "`hookctl hooks` shows what is configured; `hookctl reload` loads a changed config"
        }
        (Reason::Other(reason), _) if reason == "HOOK_NOT_FOUND" => {
            "`hookctl hooks` shows what is configured, `hookctl stats` what has run"
        }
        (Reason::RunNotFound(_), _) => "`hookctl runs` shows the runs that are kept",
        (Reason::RequestIdReused, _) => {
            "a request id belongs to one event: leave --request-id out for a new one"
        }
        (Reason::QueueFull, _) => return Some(format!("hookd is busy: {later}")),
        (Reason::Draining, _) => return Some(format!("hookd is shutting down: {later}")),
        (Reason::StoreFailed, _) => "`hookctl info` says what is wrong with hookd's store",
        (Reason::RunInterrupted, _) => {
            "hookd died during the run; `hookctl show` says how far it came"
        }
        (Reason::NotPermitted, _) => PERMISSION,
        (_, Code::Unimplemented) => {
            "hookd may be older than hookctl: `hookctl info` shows its version"
        }
        (_, Code::Unavailable) => return Some(later),
        _ => return None,
    };
    Some(help.to_owned())
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
            let failure = Failure::from(Status::new(code, "x"));
            assert_eq!(failure.exit as u8, exit, "{code:?}");
        }
    }

    #[test]
    fn a_broken_connection_is_no_failure_of_the_service() {
        let broken = |kind| {
            let error = io::Error::from(kind);
            Failure::from(Status::from_error(Box::new(error))).exit
        };
        assert_eq!(broken(io::ErrorKind::ConnectionReset), Exit::Unavailable);
        assert_eq!(broken(io::ErrorKind::PermissionDenied), Exit::NotPermitted);
    }

    #[test]
    fn a_failed_store_is_told_as_such() {
        let details = ErrorDetails::with_error_info("STORE_FAILED", "hookd", HashMap::new());
        let status = Status::with_error_details(Code::Unavailable, "the disk is full", details);
        let failure = Failure::from(status);
        assert_eq!(failure.exit, Exit::Unavailable);
        assert_eq!(
            failure.message,
            "hookd's store does not work: the disk is full"
        );
        assert!(failure.help.contains("hookctl info"));
    }

    #[test]
    fn details_become_help() {
        let mut details = ErrorDetails::with_error_info("PLAN_NOT_FOUND", "hookd", HashMap::new());
        details.add_bad_request_violation("event.plan_id", "no plan `hom`");
        let status = Status::with_error_details(Code::NotFound, "unknown plan", details);
        let failure = Failure::from(status);
        assert_eq!(
            failure.message,
            "unknown plan\n  event.plan_id: no plan `hom`"
        );
        assert!(failure.help.contains("hookctl hooks"));

        let metadata = HashMap::from([("remedy".to_owned(), "do this".to_owned())]);
        let details = ErrorDetails::with_error_info("ANY", "hookd", metadata);
        let status = Status::with_error_details(Code::Internal, "x", details);
        assert_eq!(Failure::from(status).help, "do this");
    }
}
