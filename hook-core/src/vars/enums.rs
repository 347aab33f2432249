//! The small closed sets of names among the variables.

use crate::named_enum::named_enum;

named_enum! {
    /// Cause of an operation.
    #[derive(Default)]
    Trigger {
        /// Not known.
        #[default]
        Unknown = 0, "UNKNOWN";
        /// A person asked for it.
        Manual = 1, "MANUAL";
        /// Its schedule came due.
        Scheduled = 2, "SCHEDULED";
    }
}

named_enum! {
    /// I/O priority that a repo's commands run with.
    #[derive(Default)]
    IoNice {
        /// As inherited.
        #[default]
        Default = 0, "IO_DEFAULT";
        /// Best effort, low.
        BestEffortLow = 1, "IO_BEST_EFFORT_LOW";
        /// Best effort, high.
        BestEffortHigh = 2, "IO_BEST_EFFORT_HIGH";
        /// Only when no other process needs the disk.
        Idle = 3, "IO_IDLE";
    }
}

named_enum! {
    /// CPU priority that a repo's commands run with.
    #[derive(Default)]
    CpuNice {
        /// As inherited.
        #[default]
        Default = 0, "CPU_DEFAULT";
        /// Higher.
        High = 1, "CPU_HIGH";
        /// Lower.
        Low = 2, "CPU_LOW";
    }
}

impl Trigger {
    pub(super) fn is_unknown(&self) -> bool {
        *self == Trigger::Unknown
    }
}
