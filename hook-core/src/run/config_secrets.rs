//! Secrets of a config: the values that must not be kept or shown, wherever they turn up.

use std::collections::BTreeSet;
use std::path::PathBuf;

use process_supervisor::Environment;

use crate::hook::{Action, EnvValue, Hook};
use crate::run::address_secrets::secrets_of_settings;
use crate::run::secret_names::{is_reference, is_secret, is_secret_name};
use crate::vars::RepoVars;

/// Values that are settings, and words of ordinary output.
const SETTINGS: [&str; 5] = ["auto", "false", "none", "null", "true"];

/// Secrets of a config, and the places that have more of them.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ConfigSecrets {
    /// The secrets in the config and in hookd's environment.
    pub values: BTreeSet<String>,
    /// The files that `fromFile` names.
    pub files: BTreeSet<PathBuf>,
    /// The variables of hookd's environment that `fromEnv` names.
    pub variables: BTreeSet<String>,
}

impl ConfigSecrets {
    /// Adds the secrets of a repository: its password, those in its address, and the values of
    /// its environment.
    pub fn add_repo(&mut self, repo: &RepoVars) {
        self.values.insert(repo.password.clone());
        self.values.extend(secrets_of_settings(&repo.uri));
        for variable in &repo.env {
            match variable.split_once('=') {
                Some((name, value)) if is_secret(name, value) || !is_setting(name, value) => {
                    self.values.insert(value.to_owned());
                }
                Some((_, value)) => self.values.extend(secrets_of_settings(value)),
                None if is_secret_name(variable) => self.values.extend(std::env::var(variable)),
                None => {}
            }
        }
    }

    /// Adds the secrets of a hook: values from outside the config, values of variables with the
    /// name of a secret, and secrets within other values.
    pub fn add_hook(&mut self, hook: &Hook) {
        let Action::Command(command) = &hook.action else {
            return;
        };
        for (name, value) in &command.env {
            match value {
                EnvValue::Plain(value) if is_secret(name, value) => {
                    self.values.insert(value.clone());
                }
                EnvValue::Plain(value) => self.values.extend(secrets_of_settings(value)),
                // Programs need these, and they are no secrets.
                EnvValue::FromEnv(from) if Environment::NEEDED.contains(&from.as_str()) => {}
                EnvValue::FromEnv(from) => {
                    self.values.extend(std::env::var(from));
                    self.variables.insert(from.clone());
                }
                EnvValue::FromFile(path) => {
                    self.files.insert(path.clone());
                }
            }
        }
    }

    /// Returns the variables of hookd's environment that are secrets of other hooks.
    #[must_use]
    pub fn withheld_from(&self, hook: &Hook) -> BTreeSet<String> {
        let mut own = ConfigSecrets::default();
        own.add_hook(hook);
        self.variables.difference(&own.variables).cloned().collect()
    }
}

/// Shows no secret.
impl std::fmt::Debug for ConfigSecrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ConfigSecrets")
            .field("values", &self.values.len())
            .field("files", &self.files)
            .field("variables", &self.variables)
            .finish()
    }
}

/// Returns whether a variable of a repository's environment has an ordinary word as its value, or
/// tells where to get a secret. Such a value is a secret only if its name says so.
#[must_use]
pub fn is_setting(name: &str, value: &str) -> bool {
    SETTINGS.contains(&value) || is_reference(name, value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_in_the_environment_of_a_repository_are_no_secrets() {
        let mut secrets = ConfigSecrets::default();
        secrets.add_repo(&RepoVars {
            env: [
                "COMPRESSION=auto",
                "ACCOUNT=4711",
                "TOKEN=true",
                "HOME",
                "RESTIC_PASSWORD_FILE=/etc/restic/pw",
                "RESTIC_PASSWORD_COMMAND=pass show restic",
                "CACHE=/var/cache/restic",
            ]
            .map(str::to_owned)
            .to_vec(),
            ..RepoVars::default()
        });
        assert_eq!(Vec::from_iter(&secrets.values), ["", "4711", "true"]);
    }
}
