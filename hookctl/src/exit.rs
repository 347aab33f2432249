//! Exit codes: a stable interface for scripts that call hookctl.

use std::process::ExitCode;

use hookd_client::Decision;

/// Exit code of hookctl, as [`HELP`] describes it; the discriminant is the number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    Proceed = 0,
    Other = 1,
    Usage = 2,
    Cancel = 20,
    Fail = 21,
    Retry = 22,
    BadData = 65,
    Unavailable = 69,
    NotPermitted = 77,
    BadConfig = 78,
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
