//! Privileges of a script: the user it runs as, and its resource limits and priorities.
//!
//! A privilege is granted or refused, never ignored. [`Privileges::ensure_possible`] checks them
//! when they are configured; a start checks again, as users and kernels change.

/// User, resource limits and priorities of a script. All are optional.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Privileges {
    /// The name or number of a user, whose groups, home and name the script gets too.
    pub user: Option<String>,
    /// The name or number of a group, instead of the user's own.
    pub group: Option<String>,
    /// The permissions that files made by the script do not get; at most `0o777`.
    pub umask: Option<u32>,
    /// The CPU priority, from -20 (first) to 19 (last).
    pub nice: Option<i32>,
    /// The I/O priority.
    pub io_nice: Option<IoNice>,
    /// The memory that all of its processes may use together, in bytes.
    pub memory_max: Option<u64>,
    /// The CPU time that all of its processes may use together, in percent of one CPU: 150
    /// is one and a half.
    pub cpu_max: Option<u32>,
    /// The number of processes and threads that it may have at a time.
    pub pids_max: Option<u64>,
    /// True to gain no privileges from set-user-id programs.
    pub no_new_privileges: bool,
}

/// I/O priority.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IoNice {
    /// Before all other processes, at this level from 0 (first) to 7.
    Realtime(u8),
    /// The usual class, at this level from 0 (first) to 7.
    BestEffort(u8),
    /// Only while no other process needs the disk.
    Idle,
}

/// Privilege that cannot be granted. `setting` is the name of the privilege in camel case.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PrivilegeError {
    /// There is no such user.
    #[error("no user `{name}` on this system: create it, or name another")]
    UnknownUser {
        /// The name as it was given.
        name: String,
    },
    /// There is no such group.
    #[error("no group `{name}` on this system: create it, or name another")]
    UnknownGroup {
        /// The name as it was given.
        name: String,
    },
    /// The value is out of range.
    #[error("`{setting}` cannot be {value}: it must be {range}")]
    OutOfRange {
        /// The setting.
        setting: &'static str,
        /// Its value.
        value: i64,
        /// The values that it may have.
        range: &'static str,
    },
    /// This process lacks the right to grant it.
    #[error(
        "`{setting}` needs a right that this process does not have: run it as root or with {capability}"
    )]
    NotAllowed {
        /// The setting.
        setting: &'static str,
        /// The capability that allows it.
        capability: &'static str,
    },
    /// The machine has no cgroup that could enforce a limit.
    #[error(
        "`{setting}` needs a cgroup with the controller `{controller}`, which cannot be made here: {reason}"
    )]
    NoController {
        /// The setting.
        setting: &'static str,
        /// The controller.
        controller: &'static str,
        /// The cause.
        reason: String,
    },
    /// This operating system cannot grant it.
    #[error("`{setting}` is not possible on this operating system")]
    NotHere {
        /// The setting.
        setting: &'static str,
    },
}

impl PrivilegeError {
    /// Returns the name of the privilege.
    #[must_use]
    pub fn setting(&self) -> &'static str {
        match self {
            PrivilegeError::UnknownUser { .. } => "user",
            PrivilegeError::UnknownGroup { .. } => "group",
            PrivilegeError::OutOfRange { setting, .. }
            | PrivilegeError::NotAllowed { setting, .. }
            | PrivilegeError::NoController { setting, .. }
            | PrivilegeError::NotHere { setting } => setting,
        }
    }
}

impl Privileges {
    /// Returns whether no privilege is set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Privileges::default()
    }

    /// Checks that all privileges can be granted on this machine by this process.
    ///
    /// # Errors
    /// Returns every privilege that cannot.
    pub fn ensure_possible(&self) -> Result<(), Vec<PrivilegeError>> {
        let mut errors = self.out_of_range();
        #[cfg(unix)]
        errors.extend(self.not_allowed());
        #[cfg(target_os = "linux")]
        errors.extend(crate::tree::unavailable_limits(self));
        #[cfg(not(target_os = "linux"))]
        errors.extend(self.not_here());
        if errors.is_empty() {
            Ok(())
        } else {
            Err(errors)
        }
    }

    fn out_of_range(&self) -> Vec<PrivilegeError> {
        let level = match self.io_nice {
            Some(IoNice::Realtime(level) | IoNice::BestEffort(level)) => i64::from(level),
            Some(IoNice::Idle) | None => 0,
        };
        let signed =
            |value: Option<u64>| value.map(|value| i64::try_from(value).unwrap_or(i64::MAX));
        let umask = self.umask.map(i64::from);
        let (memory, pids) = (signed(self.memory_max), signed(self.pids_max));
        let cpu = self.cpu_max.map(i64::from);
        let checks = [
            ("umask", umask, 0..=0o777, "from 0 to 777, octal"),
            ("nice", self.nice.map(i64::from), -20..=19, "from -20 to 19"),
            ("ioNice", Some(level), 0..=7, "from 0 to 7"),
            ("memoryMax", memory, 1 << 20..=i64::MAX, "1 MiB or more"),
            ("cpuMax", cpu, 1..=100_000, "from 1 to 100000 percent"),
            ("pidsMax", pids, 1..=i64::MAX, "1 or more"),
        ];
        let checks = checks.into_iter();
        let errors = checks.filter_map(|(setting, value, allowed, range)| {
            let value = value.filter(|value| !allowed.contains(value))?;
            Some(PrivilegeError::OutOfRange {
                setting,
                value,
                range,
            })
        });
        errors.collect()
    }

    /// Returns the privileges that this process has no right to grant.
    #[cfg(unix)]
    fn not_allowed(&self) -> Vec<PrivilegeError> {
        use crate::account::Account;
        let account = Account::find(self);
        let other = account.as_ref().ok().and_then(Option::as_ref);
        let own_nice = rustix::process::getpriority_process(None).unwrap_or(0);
        let mut errors: Vec<_> = account.as_ref().err().cloned().into_iter().collect();
        let mut check = |setting, needed: bool, capability| {
            if needed && !crate::account::is_capable(capability) {
                errors.push(PrivilegeError::NotAllowed {
                    setting,
                    capability,
                });
            }
        };
        let (user, group) = (
            |a: &Account| !a.is_own_user(),
            |a: &Account| !a.is_own_group(),
        );
        check("user", other.is_some_and(user), "CAP_SETUID");
        check("group", other.is_some_and(group), "CAP_SETGID");
        let lower = self.nice.is_some_and(|nice| nice < own_nice);
        check("nice", lower, "CAP_SYS_NICE");
        let realtime = matches!(self.io_nice, Some(IoNice::Realtime(_)));
        check("ioNice", realtime, "CAP_SYS_ADMIN");
        errors
    }

    /// Returns the privileges that this operating system cannot grant.
    #[cfg(not(target_os = "linux"))]
    pub(crate) fn not_here(&self) -> impl Iterator<Item = PrivilegeError> {
        [
            ("user", cfg!(windows) && self.user.is_some()),
            ("group", cfg!(windows) && self.group.is_some()),
            ("umask", cfg!(windows) && self.umask.is_some()),
            ("nice", cfg!(windows) && self.nice.is_some()),
            ("ioNice", self.io_nice.is_some()),
            ("memoryMax", self.memory_max.is_some()),
            ("cpuMax", self.cpu_max.is_some()),
            ("pidsMax", self.pids_max.is_some()),
            ("noNewPrivileges", self.no_new_privileges),
        ]
        .into_iter()
        .filter(|(_, asked_for)| *asked_for)
        .map(|(setting, _)| PrivilegeError::NotHere { setting })
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    #[test]
    fn values_without_meaning_are_refused_at_once() {
        let privileges = Privileges {
            user: Some("no such user".to_owned()),
            group: Some("no such group".to_owned()),
            umask: Some(0o1000),
            nice: Some(20),
            io_nice: Some(IoNice::BestEffort(8)),
            memory_max: Some(0),
            cpu_max: Some(0),
            pids_max: Some(0),
            no_new_privileges: true,
        };
        let errors = privileges.ensure_possible().unwrap_err();
        for setting in ["umask", "nice", "ioNice", "memoryMax", "cpuMax", "pidsMax"] {
            assert!(
                errors.iter().any(
                    |e| matches!(e, PrivilegeError::OutOfRange { setting: s, .. } if *s == setting)
                ),
                "{setting}"
            );
        }
        assert!(errors.contains(&PrivilegeError::UnknownUser {
            name: "no such user".to_owned()
        }));
        let group = Privileges {
            group: Some("no such group".to_owned()),
            ..Privileges::default()
        };
        assert_eq!(
            group.ensure_possible(),
            Err(vec![PrivilegeError::UnknownGroup {
                name: "no such group".to_owned()
            }])
        );
    }

    #[test]
    fn asking_for_nothing_is_possible() {
        assert_eq!(Privileges::default().ensure_possible(), Ok(()));
    }
}
