//! The enums that mirror Backrest's, name for name and number for number, and those that
//! stubs elsewhere already know: no number ever changes its meaning.

use hookd_proto::v1::{Condition, DecisionKind, OnError, OutputStream, RunState, Trigger};

/// The enum has these values and no others.
macro_rules! check {
    ($enum:ident, $prefix:literal, $table:expr) => {
        let table: &[(&str, i32)] = &$table;
        for (name, number) in table {
            let value = $enum::try_from(*number).unwrap();
            assert_eq!(value.as_str_name(), format!("{}_{name}", $prefix));
            assert_eq!($enum::from_str_name(value.as_str_name()), Some(value));
        }
        let numbers = (-1..=10_000).filter(|number| $enum::try_from(*number).is_ok());
        let known: Vec<i32> = table.iter().map(|(_, number)| *number).collect();
        assert_eq!(numbers.collect::<Vec<_>>(), known, "{}", $prefix);
    };
}

#[test]
fn backrest_numbers_are_kept() {
    check!(
        Condition,
        "CONDITION",
        [
            ("UNKNOWN", 0),
            ("ANY_ERROR", 1),
            ("SNAPSHOT_START", 2),
            ("SNAPSHOT_END", 3),
            ("SNAPSHOT_ERROR", 4),
            ("SNAPSHOT_WARNING", 5),
            ("SNAPSHOT_SUCCESS", 6),
            ("SNAPSHOT_SKIPPED", 7),
            ("PRUNE_START", 100),
            ("PRUNE_ERROR", 101),
            ("PRUNE_SUCCESS", 102),
            ("CHECK_START", 200),
            ("CHECK_ERROR", 201),
            ("CHECK_SUCCESS", 202),
            ("FORGET_START", 300),
            ("FORGET_ERROR", 301),
            ("FORGET_SUCCESS", 302),
        ]
    );
    check!(
        OnError,
        "ON_ERROR",
        [
            ("IGNORE", 0),
            ("CANCEL", 1),
            ("FATAL", 2),
            ("RETRY_1MINUTE", 100),
            ("RETRY_10MINUTES", 101),
            ("RETRY_EXPONENTIAL_BACKOFF", 103),
        ]
    );
}

#[test]
fn what_agents_decide_by_is_kept() {
    check!(
        DecisionKind,
        "DECISION_KIND",
        [
            ("UNSPECIFIED", 0),
            ("PROCEED", 1),
            ("CANCEL", 2),
            ("FAIL", 3),
            ("RETRY", 4)
        ]
    );
    check!(
        RunState,
        "RUN_STATE",
        [
            ("UNSPECIFIED", 0),
            ("QUEUED", 1),
            ("RUNNING", 2),
            ("FINISHED", 3),
            ("INTERRUPTED", 4)
        ]
    );
    check!(
        Trigger,
        "TRIGGER",
        [("UNSPECIFIED", 0), ("MANUAL", 1), ("SCHEDULED", 2)]
    );
    check!(
        OutputStream,
        "OUTPUT_STREAM",
        [("UNSPECIFIED", 0), ("STDOUT", 1), ("STDERR", 2)]
    );
}
