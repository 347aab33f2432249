//! Values that hooks get from outside the config.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use crate::file;
use crate::hook::{CommandAction, EnvValue};
use crate::run::config_mask::FileValues;

/// Most bytes of a file that a value is read from.
const MAX_FILE: u64 = 1 << 20;

/// Value that is not available.
#[derive(Debug, thiserror::Error)]
#[error("variable {name}: {problem}")]
pub struct MissingValue {
    /// The name of the hook's variable.
    pub name: String,
    /// The problem, with the remedy.
    pub problem: String,
    #[source]
    source: Option<io::Error>,
}

/// Returns the variables of a hook with their values at this moment. Blocks while it reads files.
/// Fails if a value is not available. The hook must not run without it.
pub fn resolve(command: &CommandAction) -> Result<BTreeMap<String, String>, MissingValue> {
    let resolved = command.env.iter().map(|(name, value)| {
        let value = value_of(value).map_err(|(problem, source)| MissingValue {
            name: name.clone(),
            problem,
            source,
        })?;
        Ok((name.clone(), value))
    });
    resolved.collect()
}

fn value_of(value: &EnvValue) -> Result<String, (String, Option<io::Error>)> {
    match value {
        EnvValue::Plain(value) => Ok(value.clone()),
        EnvValue::FromEnv(from) => std::env::var(from).map_err(|_| {
            let problem = format!("hookd's environment has no {from}, which `fromEnv` names");
            (problem, None)
        }),
        EnvValue::FromFile(path) => {
            let path = below_credentials(path).ok_or_else(|| {
                let problem = "systemd gave hookd no credentials (set LoadCredential= in its unit)";
                (problem.to_owned(), None)
            })?;
            read(&path).map_err(|error| {
                let problem = format!("cannot read {}, which `fromFile` names", path.display());
                (problem, Some(error))
            })
        }
    }
}

/// Returns the path with `$CREDENTIALS_DIRECTORY` at its beginning replaced by the folder of
/// systemd's credentials; `None` if there is none.
pub(crate) fn below_credentials(path: &Path) -> Option<PathBuf> {
    match path.strip_prefix(EnvValue::CREDENTIALS) {
        Err(_) => Some(path.to_owned()),
        Ok(rest) => Some(PathBuf::from(std::env::var_os("CREDENTIALS_DIRECTORY")?).join(rest)),
    }
}

fn read(path: &Path) -> io::Result<String> {
    let text = String::from_utf8(file::read_trusted(path, MAX_FILE)?);
    let mut text = text.map_err(|_| io::Error::other("it is not valid UTF-8"))?;
    let end = text.trim_end_matches('\n').trim_end_matches('\r').len();
    text.truncate(end);
    Ok(text)
}

/// Returns the present value in a file that another hook names; only of a regular file, as
/// reading could take it away from that hook.
/// Fails if there is none.
pub fn peek(path: &Path) -> io::Result<String> {
    let path = below_credentials(path).ok_or(io::ErrorKind::NotFound)?;
    if !path.metadata()?.is_file() {
        return Err(io::ErrorKind::Unsupported.into());
    }
    read(&path)
}

/// Returns the values of a hook that come from files, by path.
#[must_use]
pub fn values_of_files(command: &CommandAction, values: &BTreeMap<String, String>) -> FileValues {
    let of_files = command.env.iter().filter_map(|(name, value)| match value {
        EnvValue::FromFile(path) => Some((path.clone(), values.get(name)?.clone())),
        EnvValue::Plain(_) | EnvValue::FromEnv(_) => None,
    });
    of_files.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::template::{Engine, Template};

    fn command(env: &[(&str, EnvValue)]) -> CommandAction {
        CommandAction {
            template: Template::parse(Engine::None, "true\n").expect("a script"),
            text_map: Default::default(),
            via: None,
            env: env
                .iter()
                .map(|(n, v)| ((*n).to_owned(), v.clone()))
                .collect(),
            clean_env: false,
            privileges: Default::default(),
            working_directory: None,
        }
    }

    #[test]
    fn values_come_from_files_and_the_environment() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), "from file\r\n\n").expect("written");
        let command = command(&[
            ("A", EnvValue::Plain("plain".to_owned())),
            ("B", EnvValue::FromFile(file.path().to_owned())),
            ("C", EnvValue::FromEnv("CARGO_PKG_NAME".to_owned())),
        ]);
        let values = resolve(&command).expect("all are there");
        assert_eq!(values["B"], "from file");
        assert_eq!(values["C"], "hook-core");
        let of_files = values_of_files(&command, &values);
        assert_eq!(of_files[file.path()], "from file");
        assert_eq!(of_files.len(), 1);
    }

    #[test]
    fn a_value_that_is_not_there_is_named() {
        for (value, says) in [
            (
                EnvValue::FromEnv("HOOKD_NO_SUCH".to_owned()),
                "HOOKD_NO_SUCH",
            ),
            (
                EnvValue::FromFile("/nonexistent/secret".into()),
                "/nonexistent/secret",
            ),
            (EnvValue::FromFile("/dev/zero".into()), "/dev/zero"),
        ] {
            let error = resolve(&command(&[("A", value)])).expect_err("it is not there");
            assert!(error.to_string().contains(says), "{error}");
        }
    }
}
