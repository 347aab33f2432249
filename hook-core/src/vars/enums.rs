//! The small closed sets of names among the variables.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! names {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $number:literal, $text:literal;)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[derive(Deserialize, Serialize)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $text)] $variant = $number,)* }

        impl $name {
            /// Every value, by number.
            pub const ALL: &'static [$name] = &[$($name::$variant,)*];

            /// The name as it is written in JSON and printed by templates.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $($name::$variant => $text,)* }
            }

            /// The number.
            #[must_use]
            pub const fn number(self) -> i32 {
                self as i32
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.name())
            }
        }
    };
}

names! {
    /// What made the operation run.
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

names! {
    /// The I/O priority that a repo's commands run with.
    IoNice {
        /// As inherited.
        #[default]
        Default = 0, "IO_DEFAULT";
        /// Best effort, low.
        BestEffortLow = 1, "IO_BEST_EFFORT_LOW";
        /// Best effort, high.
        BestEffortHigh = 2, "IO_BEST_EFFORT_HIGH";
        /// Only when nothing else wants the disk.
        Idle = 3, "IO_IDLE";
    }
}

names! {
    /// The CPU priority that a repo's commands run with.
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
