//! Environment of a script: inherited, set and cut variables.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};

use crate::bounds::{MAX_TEXT, MAX_VARIABLE};
use crate::environment_size::{entry_size, longest_texts, room};
use crate::{Mark, SpawnError};

/// Variables that a script sees. The default is those of this process.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    /// True to inherit only the variables that programs need to find other programs, their home
    /// folder and their language.
    pub clean: bool,
    /// Variables of this process that the script must not see, such as credentials.
    pub withheld: BTreeSet<String>,
    /// Variables with exact values, over those inherited and over [`texts`](Environment::texts).
    pub set: BTreeMap<String, String>,
    /// Variables whose values are cut, at the border of a character, to what fits into an
    /// environment.
    pub texts: BTreeMap<String, String>,
    /// The variable that gets the names of those cut, separated by spaces; `None` for none.
    pub cut_names: Option<String>,
}

/// Variable whose value was cut, because no environment could hold it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CutVariable {
    /// Its name.
    pub name: String,
    /// The length of its value.
    pub bytes: usize,
    /// The length of the beginning that the script sees.
    pub kept: usize,
}

/// Reason why a variable cannot be given to a script.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum VariableFault {
    /// No environment can hold it.
    #[error("its {bytes} bytes are too many for an environment: hand the value over in a file")]
    TooLarge {
        /// The length of its value.
        bytes: usize,
    },
    /// A value ends at a NUL byte.
    #[error("its value holds a NUL byte: hand the value over in a file")]
    Nul,
    /// A name must not be empty, nor hold `=` or NUL.
    #[error("that is no name of a variable: name it otherwise")]
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

    /// Returns all variables of a script with this mark, and those cut. The variables in `user`
    /// replace those of this process's own user.
    /// Fails if a variable with an exact value does not fit into an environment.
    pub(crate) fn resolve(
        &self,
        mark: &Mark,
        user: &[(&str, OsString)],
    ) -> Result<(BTreeMap<OsString, OsString>, Vec<CutVariable>), SpawnError> {
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
        for (name, value) in &self.set {
            check(name, value).map_err(|fault| SpawnError::Variable {
                name: name.clone(),
                fault,
            })?;
            variables.insert(name.into(), value.into());
        }
        variables.insert(mark.owner.variable.into(), mark.value().into());
        let cut = self.add_texts(&mut variables);
        Ok((variables, cut))
    }

    /// Adds the texts, cut to the room that the other variables leave; returns those cut.
    fn add_texts(&self, variables: &mut BTreeMap<OsString, OsString>) -> Vec<CutVariable> {
        let texts = self
            .texts
            .iter()
            .filter(|(name, _)| !self.set.contains_key(*name));
        let texts: Vec<_> = texts.collect();
        for (name, _) in &texts {
            variables.remove(OsStr::new(name));
        }
        let names = self.cut_names.as_ref().map_or(0, |variable| {
            let all: usize = texts.iter().map(|(name, _)| name.len() + 1).sum();
            entry_size(variable.len(), all.min(MAX_TEXT))
        });
        let taken: usize = variables
            .iter()
            .map(|(name, value)| entry_size(name.len(), value.len()))
            .chain(texts.iter().map(|(name, _)| entry_size(name.len(), 0)))
            .sum();
        let lengths = texts.iter().map(|(_, value)| value.len()).collect();
        let longest = longest_texts(lengths, room().saturating_sub(taken + names));
        let mut cut = Vec::new();
        for (name, value) in texts {
            let fits = MAX_TEXT.saturating_sub(name.len() + 2).min(longest);
            let kept = value.floor_char_boundary(fits);
            if kept < value.len() {
                cut.push(CutVariable {
                    name: name.clone(),
                    bytes: value.len(),
                    kept,
                });
            }
            variables.insert(name.into(), value[..kept].into());
        }
        if let Some(variable) = &self.cut_names {
            let names: Vec<&str> = cut.iter().map(|cut| cut.name.as_str()).collect();
            let list = names.join(" ");
            let fits = MAX_TEXT.saturating_sub(variable.len() + 2);
            variables.insert(variable.into(), whole_words(&list, fits).into());
        }
        cut
    }
}

/// Returns the first words of a list that fit into this number of bytes.
fn whole_words(list: &str, fits: usize) -> &str {
    if list.len() <= fits {
        return list;
    }
    let words = &list[..list.floor_char_boundary(fits)];
    words.rsplit_once(' ').map_or("", |(whole, _)| whole)
}

fn check(name: &str, value: &str) -> Result<(), VariableFault> {
    if name.is_empty() || name.contains(['=', '\0']) {
        Err(VariableFault::BadName)
    } else if value.contains('\0') {
        Err(VariableFault::Nul)
    } else if name.len() + value.len() + 2 > MAX_VARIABLE {
        Err(VariableFault::TooLarge { bytes: value.len() })
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

    fn with_texts(texts: &[(&str, String)]) -> Environment {
        let texts = texts
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()));
        Environment {
            texts: texts.collect(),
            cut_names: Some("CUT".to_owned()),
            ..Environment::default()
        }
    }

    #[test]
    fn a_variable_that_fits_no_environment_is_an_error() {
        let fits = "x".repeat(MAX_VARIABLE - 3);
        let bytes = fits.len() + 1;
        for (name, value, expect) in [
            ("A", fits.clone(), None),
            (
                "B",
                format!("{fits}x"),
                Some(VariableFault::TooLarge { bytes }),
            ),
            ("PATH", "a\0b".to_owned(), Some(VariableFault::Nul)),
            ("", "a".to_owned(), Some(VariableFault::BadName)),
            ("C=D", "a".to_owned(), Some(VariableFault::BadName)),
        ] {
            let set = BTreeMap::from([(name.to_owned(), value)]);
            let environment = Environment {
                set,
                ..Environment::default()
            };
            let fault = match environment.resolve(&mark(), &[]) {
                Err(SpawnError::Variable { fault, .. }) => Some(fault),
                _ => None,
            };
            assert_eq!(fault, expect, "{name}");
        }
    }

    #[test]
    fn a_text_is_cut_between_characters_and_named() {
        let long = "ü".repeat(MAX_TEXT);
        let environment = with_texts(&[("A", long.clone()), ("B", "b".to_owned())]);
        let (variables, cut) = environment.resolve(&mark(), &[]).unwrap();
        let kept = (MAX_TEXT - 3) / 2 * 2;
        assert_eq!(variables[OsStr::new("A")], *OsStr::new(&long[..kept]));
        assert_eq!(variables[OsStr::new("B")], "b");
        assert_eq!(variables[OsStr::new("CUT")], "A");
        let (name, bytes) = ("A".to_owned(), long.len());
        assert_eq!(cut, [CutVariable { name, bytes, kept }]);
        let (variables, cut) = with_texts(&[]).resolve(&mark(), &[]).unwrap();
        assert_eq!(
            (&*variables[OsStr::new("CUT")], cut.len()),
            (OsStr::new(""), 0)
        );
    }

    #[test]
    fn an_exact_value_wins_over_a_text() {
        let mut environment = with_texts(&[("A", "x".repeat(MAX_TEXT))]);
        environment.set.insert("A".to_owned(), "1".to_owned());
        let (variables, cut) = environment.resolve(&mark(), &[]).unwrap();
        assert_eq!(
            (&*variables[OsStr::new("A")], cut.len()),
            (OsStr::new("1"), 0)
        );
    }

    #[test]
    fn credentials_are_not_inherited() {
        let withheld = BTreeSet::from(["PATH".to_owned()]);
        let environment = Environment {
            withheld,
            ..Environment::default()
        };
        let (variables, _) = environment.resolve(&mark(), &[]).unwrap();
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
        let (variables, _) = environment.resolve(&mark(), &[]).unwrap();
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
