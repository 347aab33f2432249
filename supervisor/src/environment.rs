//! Environment of a script: inherited, set and omitted variables.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};

use crate::Mark;
use crate::bounds::MAX_VARIABLE;

/// Variables that a script sees. The default is those of this process.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    /// True to inherit only the variables that programs need to find other programs, their home
    /// folder and their language.
    pub clean: bool,
    /// Variables of this process that the script must not see, such as credentials.
    pub withheld: BTreeSet<String>,
    /// Variables with exact values, over those inherited.
    pub set: BTreeMap<String, String>,
}

/// Variable that could not be given to the script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OmittedVariable {
    /// Its name.
    pub name: String,
    /// The reason.
    pub reason: OmitReason,
}

/// Reason why a variable was not given to a script.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum OmitReason {
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

/// Variables with which a service manager controls its service. A script that used them would speak
/// for this process.
const SERVICE_MANAGER: [&str; 6] = [
    "NOTIFY_SOCKET",
    "LISTEN_FDS",
    "LISTEN_FDNAMES",
    "LISTEN_PID",
    "WATCHDOG_PID",
    "WATCHDOG_USEC",
];

impl Environment {
    /// Variables that a clean environment inherits.
    pub const NEEDED: [&str; 9] = [
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

    /// Returns all variables of a script with this mark, and those omitted. The variables in `user`
    /// replace those of this process's own user.
    pub(crate) fn resolve(
        &self,
        mark: &Mark,
        user: &[(&str, OsString)],
    ) -> (BTreeMap<OsString, OsString>, Vec<OmittedVariable>) {
        let visible = |name: &OsStr| match name.to_str() {
            Some(name) if self.withheld.contains(name) => false,
            Some(name) if self.clean => Environment::NEEDED.contains(&name),
            Some(name) => !SERVICE_MANAGER.contains(&name),
            None => !self.clean,
        };
        let mut variables: BTreeMap<OsString, OsString> =
            std::env::vars_os().filter(|(n, _)| visible(n)).collect();
        variables.extend(
            user.iter()
                .map(|(name, value)| (name.into(), value.clone())),
        );
        let mut omitted = Vec::new();
        for (name, value) in &self.set {
            match check(name, value) {
                Ok(()) => {
                    variables.insert(name.into(), value.into());
                }
                Err(reason) => {
                    // If the variable stayed, the script would take its inherited value for the one
                    // that was set.
                    variables.remove(OsStr::new(name));
                    omitted.push(OmittedVariable {
                        name: name.clone(),
                        reason,
                    });
                }
            }
        }
        variables.insert(mark.owner.variable.into(), mark.value().into());
        (variables, omitted)
    }
}

fn check(name: &str, value: &str) -> Result<(), OmitReason> {
    if name.is_empty() || name.contains(['=', '\0']) {
        Err(OmitReason::BadName)
    } else if value.contains('\0') {
        Err(OmitReason::Nul)
    } else if name.len() + value.len() + 2 > MAX_VARIABLE {
        Err(OmitReason::TooLarge { bytes: value.len() })
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Owner;

    fn mark() -> Mark {
        Mark {
            owner: Owner {
                application: "app",
                variable: "APP_MARK",
                instance: "test".to_owned(),
            },
            execution: "1".to_owned(),
        }
    }

    #[test]
    fn variables_that_fit_no_environment_are_omitted() {
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
        let (variables, omitted) = environment.resolve(&mark(), &[]);
        assert_eq!(variables[OsStr::new("A")].len(), fits.len());
        assert!(!variables.contains_key(OsStr::new("PATH")));
        let reasons: Vec<_> = omitted
            .iter()
            .map(|omitted| (omitted.name.as_str(), omitted.reason))
            .collect();
        let bytes = fits.len() + 1;
        assert_eq!(
            reasons,
            [
                ("", OmitReason::BadName),
                ("B", OmitReason::TooLarge { bytes }),
                ("C=D", OmitReason::BadName),
                ("PATH", OmitReason::Nul),
            ]
        );
    }

    #[test]
    fn credentials_are_not_inherited() {
        let withheld = BTreeSet::from(["PATH".to_owned()]);
        let environment = Environment {
            withheld,
            ..Environment::default()
        };
        let (variables, _) = environment.resolve(&mark(), &[]);
        assert!(!variables.contains_key(OsStr::new("PATH")));
        assert!(variables.len() > 1);
    }

    #[test]
    fn a_clean_environment_has_only_what_is_needed() {
        let environment = Environment {
            clean: true,
            set: BTreeMap::from([("A".to_owned(), "1".to_owned())]),
            ..Environment::default()
        };
        let (variables, _) = environment.resolve(&mark(), &[]);
        assert!(variables.contains_key(OsStr::new("PATH")));
        assert_eq!(variables[OsStr::new("A")], "1");
        assert_eq!(variables[OsStr::new("APP_MARK")], "test:1");
        assert!(
            !variables
                .keys()
                .any(|n| n.to_string_lossy().starts_with("CARGO"))
        );
    }
}
