//! Policies for the failure of a hook.

use crate::named_enum::named_enum;

named_enum! {
    /// Policy for the failure of a hook. Names and numbers are Backrest's.
    ///
    /// A START hook whose script cannot be rendered or started has given no answer: a policy
    /// that would cancel or retry then counts as [`Fatal`](OnError::Fatal).
    #[derive(Default)]
    OnError {
        /// The failure is recorded and changes nothing.
        #[default]
        Ignore = 0, "ON_ERROR_IGNORE";
        /// A START hook cancels the operation without an alarm.
        Cancel = 1, "ON_ERROR_CANCEL";
        /// The operation fails, and the hooks for failures run.
        Fatal = 2, "ON_ERROR_FATAL";
        /// The agent tries the operation of a START hook again in a minute.
        Retry1Minute = 100, "ON_ERROR_RETRY_1MINUTE";
        /// The agent tries the operation of a START hook again in ten minutes.
        Retry10Minutes = 101, "ON_ERROR_RETRY_10MINUTES";
        /// The agent tries the operation of a START hook again after a growing delay.
        RetryExponentialBackoff = 103, "ON_ERROR_RETRY_EXPONENTIAL_BACKOFF";
    }
}

impl OnError {
    /// Returns whether the policy has an effect only on hooks that run before the operation.
    #[must_use]
    pub const fn needs_start(self) -> bool {
        !matches!(self, OnError::Ignore | OnError::Fatal)
    }

    /// Returns whether the agent is to try the operation again.
    #[must_use]
    pub const fn is_retry(self) -> bool {
        self.needs_start() && !matches!(self, OnError::Cancel)
    }
}
