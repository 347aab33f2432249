//! Exit codes: a stable interface for scripts that call hookctl.

use std::process::ExitCode;

use hookd_client::Decision;

/// Exit code of hookctl; the discriminant is the number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    /// Success; for a run: proceed with the operation.
    Proceed = 0,
    /// Any failure without a code of its own.
    Other = 1,
    /// Wrong usage.
    Usage = 2,
    /// The run decided to cancel the operation.
    Cancel = 20,
    /// The run decided that the operation fails.
    Fail = 21,
    /// The run decided to retry the operation later.
    Retry = 22,
    /// Faulty template, variables, statistics or event.
    BadData = 65,
    /// hookd cannot be reached, or cannot serve.
    Unavailable = 69,
    /// hookd denies access.
    NotPermitted = 77,
    /// Faulty config.
    BadConfig = 78,
    /// Ended by Ctrl-C.
    Interrupted = 130,
}

/// The exit codes, for `--help`.
pub(crate) const HELP: &str = "\
Exit codes:
  0    done; for a run: proceed
  20   run: cancel the operation, without alarm
  21   run: the operation fails
  22   run: try the operation again later
  1    any failure that has no code of its own
  2    wrong usage
  65   bad data: a template, variables, statistics, an unknown repo, plan, hook or run
  69   hookd is unavailable
  77   not permitted
  78   bad config
  130  interrupted";

impl From<&Decision> for Exit {
    fn from(decision: &Decision) -> Exit {
        match decision {
            Decision::Proceed { .. } => Exit::Proceed,
            Decision::Cancel { .. } => Exit::Cancel,
            Decision::Fail { .. } => Exit::Fail,
            Decision::Retry { .. } => Exit::Retry,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_stable_and_documented() {
        let table = [
            (Exit::Proceed, 0),
            (Exit::Other, 1),
            (Exit::Usage, 2),
            (Exit::Cancel, 20),
            (Exit::Fail, 21),
            (Exit::Retry, 22),
            (Exit::BadData, 65),
            (Exit::Unavailable, 69),
            (Exit::NotPermitted, 77),
            (Exit::BadConfig, 78),
            (Exit::Interrupted, 130),
        ];
        for (exit, code) in table {
            assert_eq!(exit as u8, code);
            assert!(
                HELP.contains(&format!("\n  {code:<4} ")),
                "{code} is not in the help"
            );
        }
        assert_eq!(HELP.lines().count(), table.len() + 1);
    }
}
