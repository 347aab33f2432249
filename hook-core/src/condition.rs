//! Conditions: the events of a backup, and the further conditions that each event implies.

use crate::named_enum::named_enum;

named_enum! {
    /// Event of a backup, as an agent reports it.
    ///
    /// Names and numbers are Backrest's, so that its hooks work unchanged. Its
    /// `CONDITION_UNKNOWN` (0) cannot occur and has no variant here.
    Condition {
        /// Any operation failed.
        AnyError = 1, "CONDITION_ANY_ERROR";
        /// A snapshot is about to be made.
        SnapshotStart = 2, "CONDITION_SNAPSHOT_START";
        /// A snapshot ended, successfully or not.
        SnapshotEnd = 3, "CONDITION_SNAPSHOT_END";
        /// A snapshot failed.
        SnapshotError = 4, "CONDITION_SNAPSHOT_ERROR";
        /// A snapshot was made, with parts of the source unreadable.
        SnapshotWarning = 5, "CONDITION_SNAPSHOT_WARNING";
        /// A snapshot was made.
        SnapshotSuccess = 6, "CONDITION_SNAPSHOT_SUCCESS";
        /// No snapshot was made because nothing had changed.
        SnapshotSkipped = 7, "CONDITION_SNAPSHOT_SKIPPED";
        /// A prune is about to start.
        PruneStart = 100, "CONDITION_PRUNE_START";
        /// A prune failed.
        PruneError = 101, "CONDITION_PRUNE_ERROR";
        /// A prune succeeded.
        PruneSuccess = 102, "CONDITION_PRUNE_SUCCESS";
        /// A check is about to start.
        CheckStart = 200, "CONDITION_CHECK_START";
        /// A check failed.
        CheckError = 201, "CONDITION_CHECK_ERROR";
        /// A check succeeded.
        CheckSuccess = 202, "CONDITION_CHECK_SUCCESS";
        /// A forget is about to start.
        ForgetStart = 300, "CONDITION_FORGET_START";
        /// A forget failed.
        ForgetError = 301, "CONDITION_FORGET_ERROR";
        /// A forget succeeded.
        ForgetSuccess = 302, "CONDITION_FORGET_SUCCESS";
    }
}

/// Operation of an agent that a condition belongs to.
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
    /// Any other operation; only its failure is reported.
    Other,
}

impl Condition {
    /// Returns all conditions that are fired when an agent reports this one, in order.
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

    /// Returns the operation that the condition belongs to.
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

    /// Returns whether the condition is reported before the operation. Only then can a hook
    /// prevent the operation.
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

    /// Returns whether the condition says that an operation failed. Its event has an error.
    #[must_use]
    pub const fn is_failure(self) -> bool {
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
    /// Returns the conditions that are fired when the operation fails because of a hook.
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
