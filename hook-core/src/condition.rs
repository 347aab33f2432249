//! Conditions: what can happen to a backup, and what each report implies.

use std::fmt;
use std::str::FromStr;

/// What happened, in the words a backup agent reports it.
///
/// Names and numbers are Backrest's, so that its hooks work unchanged. Its
/// `CONDITION_UNKNOWN` (0) is not a condition that can occur and has no value here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(i32)]
pub enum Condition {
    /// Any operation failed.
    AnyError = 1,
    /// A snapshot is about to be made.
    SnapshotStart = 2,
    /// A snapshot ended, however it ended.
    SnapshotEnd = 3,
    /// A snapshot failed.
    SnapshotError = 4,
    /// A snapshot was made, with parts of the source unreadable.
    SnapshotWarning = 5,
    /// A snapshot was made.
    SnapshotSuccess = 6,
    /// No snapshot was made because nothing had changed.
    SnapshotSkipped = 7,
    /// A prune is about to start.
    PruneStart = 100,
    /// A prune failed.
    PruneError = 101,
    /// A prune succeeded.
    PruneSuccess = 102,
    /// A check is about to start.
    CheckStart = 200,
    /// A check failed.
    CheckError = 201,
    /// A check succeeded.
    CheckSuccess = 202,
    /// A forget is about to start.
    ForgetStart = 300,
    /// A forget failed.
    ForgetError = 301,
    /// A forget succeeded.
    ForgetSuccess = 302,
}

/// What the agent was doing when it reported a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operation {
    /// Making a snapshot.
    Snapshot,
    /// Pruning a repository.
    Prune,
    /// Checking a repository.
    Check,
    /// Forgetting snapshots.
    Forget,
    /// Something else, known only to have failed.
    Other,
}

/// A name that is no condition.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown condition `{name}`")]
pub struct UnknownCondition {
    /// The name as it was given.
    pub name: String,
}

impl Condition {
    /// Every condition, by number.
    pub const ALL: [Condition; 16] = [
        Condition::AnyError,
        Condition::SnapshotStart,
        Condition::SnapshotEnd,
        Condition::SnapshotError,
        Condition::SnapshotWarning,
        Condition::SnapshotSuccess,
        Condition::SnapshotSkipped,
        Condition::PruneStart,
        Condition::PruneError,
        Condition::PruneSuccess,
        Condition::CheckStart,
        Condition::CheckError,
        Condition::CheckSuccess,
        Condition::ForgetStart,
        Condition::ForgetError,
        Condition::ForgetSuccess,
    ];

    /// The full name, as in Backrest's config: `CONDITION_SNAPSHOT_START`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Condition::AnyError => "CONDITION_ANY_ERROR",
            Condition::SnapshotStart => "CONDITION_SNAPSHOT_START",
            Condition::SnapshotEnd => "CONDITION_SNAPSHOT_END",
            Condition::SnapshotError => "CONDITION_SNAPSHOT_ERROR",
            Condition::SnapshotWarning => "CONDITION_SNAPSHOT_WARNING",
            Condition::SnapshotSuccess => "CONDITION_SNAPSHOT_SUCCESS",
            Condition::SnapshotSkipped => "CONDITION_SNAPSHOT_SKIPPED",
            Condition::PruneStart => "CONDITION_PRUNE_START",
            Condition::PruneError => "CONDITION_PRUNE_ERROR",
            Condition::PruneSuccess => "CONDITION_PRUNE_SUCCESS",
            Condition::CheckStart => "CONDITION_CHECK_START",
            Condition::CheckError => "CONDITION_CHECK_ERROR",
            Condition::CheckSuccess => "CONDITION_CHECK_SUCCESS",
            Condition::ForgetStart => "CONDITION_FORGET_START",
            Condition::ForgetError => "CONDITION_FORGET_ERROR",
            Condition::ForgetSuccess => "CONDITION_FORGET_SUCCESS",
        }
    }

    /// The number, as in Backrest's protobuf enum.
    #[must_use]
    pub const fn number(self) -> i32 {
        self as i32
    }

    /// The condition of that number, if there is one.
    #[must_use]
    pub fn from_number(number: i32) -> Option<Condition> {
        Condition::ALL.into_iter().find(|c| c.number() == number)
    }

    /// Everything that a report of this condition fires, in order.
    #[must_use]
    pub const fn fires(self) -> &'static [Condition] {
        use Condition as C;
        match self {
            C::SnapshotSuccess => &[C::SnapshotSuccess, C::SnapshotEnd],
            C::SnapshotWarning => &[C::SnapshotWarning, C::SnapshotEnd],
            C::SnapshotSkipped => &[C::SnapshotSkipped, C::SnapshotSuccess, C::SnapshotEnd],
            C::SnapshotError => &[C::SnapshotError, C::AnyError, C::SnapshotEnd],
            C::PruneError => &[C::PruneError, C::AnyError],
            C::CheckError => &[C::CheckError, C::AnyError],
            C::ForgetError => &[C::ForgetError, C::AnyError],
            C::AnyError => &[C::AnyError],
            C::SnapshotStart => &[C::SnapshotStart],
            C::SnapshotEnd => &[C::SnapshotEnd],
            C::PruneStart => &[C::PruneStart],
            C::PruneSuccess => &[C::PruneSuccess],
            C::CheckStart => &[C::CheckStart],
            C::CheckSuccess => &[C::CheckSuccess],
            C::ForgetStart => &[C::ForgetStart],
            C::ForgetSuccess => &[C::ForgetSuccess],
        }
    }

    /// The operation that the condition belongs to.
    #[must_use]
    pub const fn operation(self) -> Operation {
        match self.number() / 100 {
            0 if self.number() == Condition::AnyError as i32 => Operation::Other,
            0 => Operation::Snapshot,
            1 => Operation::Prune,
            2 => Operation::Check,
            _ => Operation::Forget,
        }
    }

    /// Whether the operation has not begun yet: only then can a hook steer it.
    #[must_use]
    pub const fn is_start(self) -> bool {
        matches!(
            self,
            Condition::SnapshotStart
                | Condition::PruneStart
                | Condition::CheckStart
                | Condition::ForgetStart
        )
    }

    /// Whether the condition itself says that something failed.
    #[must_use]
    pub const fn is_error(self) -> bool {
        matches!(
            self,
            Condition::AnyError
                | Condition::SnapshotError
                | Condition::PruneError
                | Condition::CheckError
                | Condition::ForgetError
        )
    }
}

impl Operation {
    /// What a failed operation of this kind fires: the error phase.
    #[must_use]
    pub const fn failure(self) -> &'static [Condition] {
        match self {
            Operation::Snapshot => Condition::SnapshotError.fires(),
            Operation::Prune => Condition::PruneError.fires(),
            Operation::Check => Condition::CheckError.fires(),
            Operation::Forget => Condition::ForgetError.fires(),
            Operation::Other => Condition::AnyError.fires(),
        }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Condition {
    type Err = UnknownCondition;

    /// Reads the full name; `CONDITION_UNKNOWN` is refused like any other name.
    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Condition::ALL
            .into_iter()
            .find(|c| c.name() == name)
            .ok_or_else(|| UnknownCondition {
                name: name.to_owned(),
            })
    }
}
