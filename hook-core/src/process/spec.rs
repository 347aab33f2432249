//! What to run: the script, and all that surrounds it.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use super::bounds::MAX_VARIABLE;
use super::privileges::Privileges;
use crate::hook::Limits;
use crate::script::Script;

/// What to run.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Spec {
    /// The script.
    pub script: Script,
    /// Its environment.
    pub environment: Environment,
    /// The folder it runs in.
    pub working_directory: PathBuf,
    /// Its bounds.
    pub limits: Limits,
    /// A folder that only we can look into, for script files.
    pub script_dir: PathBuf,
    /// By what its processes are recognised.
    pub mark: Mark,
    /// As whom it runs, and how much it may use.
    pub privileges: Privileges,
    /// What it is handed as files, by the variable that gets the file's path. Only its user
    /// can read them, and they are gone when it is.
    pub files: BTreeMap<String, Vec<u8>>,
    /// Whether they may be held together by a cgroup, where the kernel lets us.
    pub cgroups: bool,
}

impl Spec {
    /// That script with hookd's own environment, in `/`, within the default limits.
    #[must_use]
    pub fn new(script: Script, script_dir: PathBuf, mark: Mark) -> Spec {
        Spec {
            script,
            environment: Environment::default(),
            working_directory: PathBuf::from("/"),
            limits: Limits::default(),
            script_dir,
            mark,
            privileges: Privileges::default(),
            files: BTreeMap::new(),
            cgroups: true,
        }
    }
}

/// What every process of a hook run carries in its environment, so that it is found
/// wherever it went.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Mark {
    /// Which daemon it belongs to; the same after a restart.
    pub instance: String,
    /// Which execution of which hook it belongs to; never used twice.
    pub execution: String,
}

impl Mark {
    /// The variable that holds the mark.
    pub const VARIABLE: &'static str = "HOOKD_RUN";

    /// The variable's value.
    #[must_use]
    pub fn value(&self) -> String {
        format!("{}:{}", self.instance, self.execution)
    }
}

/// The variables that a script sees.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    /// What it starts from.
    pub base: Base,
    /// Variables with exact values, over those of the base.
    pub set: BTreeMap<String, String>,
}

/// The variables that are there before any is set.
#[derive(Clone, Debug)]
pub enum Base {
    /// Those of this process, but for some.
    Inherited {
        /// The names of those that a script must not see, such as credentials.
        without: BTreeSet<String>,
    },
    /// Only what a program needs to find other programs, its home and its language.
    Clean,
}

impl Default for Base {
    fn default() -> Base {
        Base::Inherited {
            without: BTreeSet::new(),
        }
    }
}

/// A variable that could not be given to the script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// Its name.
    pub name: String,
    /// Why.
    pub reason: LeftOutReason,
}

/// Why a variable could not be given to a script.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum LeftOutReason {
    /// No environment can hold it.
    #[error("its {bytes} bytes are too many for an environment")]
    TooLarge {
        /// The length of its value.
        bytes: usize,
    },
    /// A value ends at a NUL byte.
    #[error("it holds a NUL byte")]
    Nul,
    /// A name must not be empty, nor hold `=` or NUL.
    #[error("that is no name of a variable")]
    BadName,
}

/// What [`Base::Clean`] keeps.
const KEPT: [&str; 9] = [
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "SHELL",
    "LANG",
    "TZ",
    // Windows programs do not start without these.
    "SystemRoot",
    "TEMP",
];

/// How a service manager talks to the daemon itself; a script that used them would speak
/// in its name.
const SERVICE_MANAGER: [&str; 6] = [
    "NOTIFY_SOCKET",
    "LISTEN_FDS",
    "LISTEN_FDNAMES",
    "LISTEN_PID",
    "WATCHDOG_PID",
    "WATCHDOG_USEC",
];

impl Environment {
    /// All variables for a script with that mark, and those left out. Those of `user`
    /// stand for those that this process has of its own user.
    pub(super) fn resolve(
        &self,
        mark: &Mark,
        user: &[(&str, OsString)],
    ) -> (BTreeMap<OsString, OsString>, Vec<LeftOut>) {
        let visible = |name: &OsStr| {
            let name = name.to_str();
            match &self.base {
                Base::Clean => name.is_some_and(|name| KEPT.contains(&name)),
                Base::Inherited { without } => name
                    .is_none_or(|name| !without.contains(name) && !SERVICE_MANAGER.contains(&name)),
            }
        };
        let mut variables: BTreeMap<OsString, OsString> =
            std::env::vars_os().filter(|(n, _)| visible(n)).collect();
        variables.extend(
            user.iter()
                .map(|(name, value)| (name.into(), value.clone())),
        );
        let mut left_out = Vec::new();
        for (name, value) in &self.set {
            match check(name, value) {
                Ok(()) => {
                    variables.insert(name.into(), value.into());
                }
                Err(reason) => {
                    // An inherited value would pass for the one that was meant.
                    variables.remove(OsStr::new(name));
                    left_out.push(LeftOut {
                        name: name.clone(),
                        reason,
                    });
                }
            }
        }
        variables.insert(Mark::VARIABLE.into(), mark.value().into());
        (variables, left_out)
    }
}

fn check(name: &str, value: &str) -> Result<(), LeftOutReason> {
    if name.is_empty() || name.contains(['=', '\0']) {
        Err(LeftOutReason::BadName)
    } else if value.contains('\0') {
        Err(LeftOutReason::Nul)
    } else if name.len() + value.len() + 2 > MAX_VARIABLE {
        Err(LeftOutReason::TooLarge { bytes: value.len() })
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark() -> Mark {
        Mark {
            instance: "test".to_owned(),
            execution: "1".to_owned(),
        }
    }

    #[test]
    fn what_fits_no_environment_is_left_out_with_a_note() {
        let mut environment = Environment::default();
        let fits = "x".repeat(MAX_VARIABLE - 3);
        for (name, value) in [
            ("A", fits.as_str()),
            ("B", &format!("{fits}x")),
            ("PATH", "a\0b"),
            ("", "a"),
            ("C=D", "a"),
        ] {
            environment.set.insert(name.to_owned(), value.to_owned());
        }
        let (variables, left_out) = environment.resolve(&mark(), &[]);
        assert_eq!(variables[OsStr::new("A")].len(), fits.len());
        assert!(!variables.contains_key(OsStr::new("PATH")));
        let reasons: Vec<_> = left_out
            .iter()
            .map(|l| (l.name.as_str(), l.reason))
            .collect();
        let bytes = fits.len() + 1;
        assert_eq!(
            reasons,
            [
                ("", LeftOutReason::BadName),
                ("B", LeftOutReason::TooLarge { bytes }),
                ("C=D", LeftOutReason::BadName),
                ("PATH", LeftOutReason::Nul),
            ]
        );
    }

    #[test]
    fn credentials_are_not_inherited() {
        let without = BTreeSet::from(["PATH".to_owned()]);
        let environment = Environment {
            base: Base::Inherited { without },
            set: BTreeMap::new(),
        };
        let (variables, _) = environment.resolve(&mark(), &[]);
        assert!(!variables.contains_key(OsStr::new("PATH")));
        assert!(variables.len() > 1);
    }

    #[test]
    fn a_clean_environment_has_only_what_is_needed() {
        let environment = Environment {
            base: Base::Clean,
            set: BTreeMap::from([("A".to_owned(), "1".to_owned())]),
        };
        let (variables, _) = environment.resolve(&mark(), &[]);
        assert!(variables.contains_key(OsStr::new("PATH")));
        assert_eq!(variables[OsStr::new("A")], "1");
        assert_eq!(variables[OsStr::new(Mark::VARIABLE)], "test:1");
        assert!(
            !variables
                .keys()
                .any(|n| n.to_string_lossy().starts_with("CARGO"))
        );
    }
}
