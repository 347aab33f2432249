//! Privileges: as whom a hook runs, and how much of the machine it may use.
//!
//! What is asked for is done or refused, never ignored. [`Privileges::ensure_possible`] is
//! for when a config is loaded; a start checks again, as users and kernels change.

/// As whom a hook runs and how much it may use. The default asks for nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Privileges {
    /// The name or number of a user, whose groups, home and name the hook gets too.
    pub user: Option<String>,
    /// The name or number of a group, instead of the user's own.
    pub group: Option<String>,
    /// The permissions that files made by the hook do not get; at most `0o777`.
    pub umask: Option<u32>,
    /// Its priority, from -20 (first) to 19 (last).
    pub nice: Option<i32>,
    /// Its priority at disks.
    pub io_nice: Option<IoNice>,
    /// How many bytes of memory all of its processes may use together.
    pub memory_max: Option<u64>,
    /// How much processor time all of its processes may use together, in percent of one
    /// processor: 150 is one and a half.
    pub cpu_max: Option<u32>,
    /// How many processes and threads it may have at a time.
    pub pids_max: Option<u64>,
    /// Whether programs with set-user-id give it no privileges.
    pub no_new_privileges: bool,
}

/// A priority at disks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IoNice {
    /// Before all others, at that level from 0 (first) to 7.
    Realtime(u8),
    /// As usual, at that level from 0 (first) to 7.
    BestEffort(u8),
    /// Only when nobody else wants the disk.
    Idle,
}

/// Something that was asked for and is not possible.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Impossible {
    /// No such user.
    #[error("no user `{name}` on this system: create it, or name another")]
    UnknownUser {
        /// Its name as it was given.
        name: String,
    },
    /// No such group.
    #[error("no group `{name}` on this system: create it, or name another")]
    UnknownGroup {
        /// Its name as it was given.
        name: String,
    },
    /// A value that means nothing.
    #[error("`{setting}` cannot be {value}: it must be {range}")]
    OutOfRange {
        /// The setting, as the config names it.
        setting: &'static str,
        /// Its value.
        value: i64,
        /// What it may be.
        range: &'static str,
    },
    /// hookd itself may not do that.
    #[error(
        "`{setting}` needs a right that hookd does not have: run it as root or with {capability}"
    )]
    NotAllowed {
        /// The setting, as the config names it.
        setting: &'static str,
        /// The capability that allows it.
        capability: &'static str,
    },
    /// The machine has no cgroup that could hold the hook to a limit.
    #[error(
        "`{setting}` needs a cgroup with the controller `{controller}`, which hookd cannot make here: {reason}"
    )]
    NoController {
        /// The setting, as the config names it.
        setting: &'static str,
        /// The controller.
        controller: &'static str,
        /// What stands against it.
        reason: String,
    },
    /// This operating system cannot do that.
    #[error("`{setting}` is not possible on this operating system")]
    NotHere {
        /// The setting, as the config names it.
        setting: &'static str,
    },
}

impl Privileges {
    /// Whether nothing is asked for.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Privileges::default()
    }

    /// Says whether all of it can be done here and now.
    ///
    /// # Errors
    /// Everything that cannot.
    pub fn ensure_possible(&self) -> Result<(), Vec<Impossible>> {
        let mut impossible = self.out_of_range();
        #[cfg(unix)]
        impossible.extend(super::setup::impossible(self));
        #[cfg(not(unix))]
        impossible.extend(
            self.asked_for()
                .map(|setting| Impossible::NotHere { setting }),
        );
        if impossible.is_empty() {
            Ok(())
        } else {
            Err(impossible)
        }
    }

    fn out_of_range(&self) -> Vec<Impossible> {
        let level = match self.io_nice {
            Some(IoNice::Realtime(level) | IoNice::BestEffort(level)) => i64::from(level),
            Some(IoNice::Idle) | None => 0,
        };
        let least =
            |value: Option<u64>| value.map(|value| i64::try_from(value).unwrap_or(i64::MAX));
        let checks = [
            (
                "umask",
                self.umask.map(i64::from),
                0..=0o777,
                "from 0 to 777, octal",
            ),
            ("nice", self.nice.map(i64::from), -20..=19, "from -20 to 19"),
            ("ioNice", Some(level), 0..=7, "from 0 to 7"),
            (
                "memoryMax",
                least(self.memory_max),
                1 << 20..=i64::MAX,
                "1 MiB or more",
            ),
            (
                "cpuMax",
                self.cpu_max.map(i64::from),
                1..=100_000,
                "from 1 to 100000 percent",
            ),
            ("pidsMax", least(self.pids_max), 1..=i64::MAX, "1 or more"),
        ];
        checks
            .into_iter()
            .filter_map(|(setting, value, allowed, range)| {
                let value = value.filter(|value| !allowed.contains(value))?;
                Some(Impossible::OutOfRange {
                    setting,
                    value,
                    range,
                })
            })
            .collect()
    }

    /// The settings that are there, as the config names them.
    #[cfg(not(target_os = "linux"))]
    pub(super) fn asked_for(&self) -> impl Iterator<Item = &'static str> {
        [
            ("user", self.user.is_some()),
            ("group", self.group.is_some()),
            ("umask", self.umask.is_some()),
            ("nice", self.nice.is_some()),
            ("ioNice", self.io_nice.is_some()),
            ("memoryMax", self.memory_max.is_some()),
            ("cpuMax", self.cpu_max.is_some()),
            ("pidsMax", self.pids_max.is_some()),
            ("noNewPrivileges", self.no_new_privileges),
        ]
        .into_iter()
        .filter_map(|(setting, there)| there.then_some(setting))
    }

    /// The limits that only a cgroup can hold a hook to.
    #[cfg(target_os = "linux")]
    pub(super) fn cgroup_limits(&self) -> CgroupLimits {
        CgroupLimits {
            memory: self.memory_max,
            cpu: self.cpu_max,
            pids: self.pids_max,
        }
    }
}

/// Limits on all processes of a hook together.
#[cfg(target_os = "linux")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct CgroupLimits {
    /// In bytes.
    pub(super) memory: Option<u64>,
    /// In percent of one processor.
    pub(super) cpu: Option<u32>,
    /// In processes and threads.
    pub(super) pids: Option<u64>,
}

#[cfg(target_os = "linux")]
impl CgroupLimits {
    pub(super) fn is_empty(self) -> bool {
        self == CgroupLimits::default()
    }
}
