//! Exit codes: a stable interface, for scripts that call hookctl.

use std::process::ExitCode;

use hookd_client::Decision;

/// What hookctl ends with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done; for a run: go on with the operation.
    Proceed,
    /// Something failed that no other code stands for.
    Other,
    /// The command line is wrong.
    Usage,
    /// The run decided to cancel the operation.
    Cancel,
    /// The run decided that the operation fails.
    Fail,
    /// The run decided that the operation is to be tried again later.
    Retry,
    /// A template, variables, statistics or an event are wrong.
    BadData,
    /// hookd cannot be reached, or cannot serve.
    Unavailable,
    /// hookd does not let us.
    NotPermitted,
    /// The config is wrong.
    BadConfig,
    /// Ended by Ctrl-C.
    Interrupted,
}

/// The codes, for `--help`.
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

impl Exit {
    /// The number.
    #[must_use]
    pub(crate) const fn code(self) -> u8 {
        match self {
            Exit::Proceed => 0,
            Exit::Other => 1,
            Exit::Usage => 2,
            Exit::Cancel => 20,
            Exit::Fail => 21,
            Exit::Retry => 22,
            Exit::BadData => 65,
            Exit::Unavailable => 69,
            Exit::NotPermitted => 77,
            Exit::BadConfig => 78,
            Exit::Interrupted => 130,
        }
    }

    /// What a run's decision comes to.
    #[must_use]
    pub(crate) const fn of_decision(decision: &Decision) -> Exit {
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
        ExitCode::from(exit.code())
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
            assert_eq!(exit.code(), code);
            assert!(
                HELP.contains(&format!("\n  {code:<4} ")),
                "{code} is not in the help"
            );
        }
        assert_eq!(HELP.lines().count(), table.len() + 1);
    }
}
