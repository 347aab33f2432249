//! Interpreters, working directories and values that are not on this machine.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use process_supervisor::{Script, find_program};

use super::{shebang_range, warning};
use crate::catalog::Catalog;
use crate::diagnostic::Diagnostic;
use crate::hook::{Action, CommandAction, EnvValue, Hook};
use crate::run::secrets::{below_credentials, peek};
use crate::samples::{self, samples};

pub(crate) const NO_INTERPRETER: &str = "no-interpreter";
pub(crate) const NO_DIRECTORY: &str = "no-working-directory";
pub(crate) const NO_VALUE: &str = "no-value";

/// Time for looking at all places. A folder on a network mount may never answer.
const LIMIT: Duration = Duration::from_secs(2);

/// Place that a hook needs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Directory(PathBuf),
    Program {
        name: String,
        path: Option<OsString>,
        working_directory: PathBuf,
    },
    /// File that `fromFile` names.
    Value(PathBuf),
}

/// Returns a warning for each interpreter, working directory and file with a value that an enabled
/// hook needs and that is not on this machine. Blocks for two seconds at most.
#[must_use]
pub fn absent(catalog: &Catalog) -> Vec<Diagnostic> {
    let deadline = Instant::now() + samples::LIMIT;
    let mut hooks_of: BTreeMap<Place, Vec<&Arc<Hook>>> = BTreeMap::new();
    for hook in catalog.all_hooks().filter(|hook| hook.enabled) {
        let Action::Command(command) = &hook.action else {
            continue;
        };
        for place in places(catalog, hook, command, deadline) {
            hooks_of.entry(place).or_default().push(hook);
        }
    }
    let faults = faults(hooks_of.keys().cloned().collect());
    let warnings = hooks_of.iter().filter_map(|(place, hooks)| {
        let (message, remedy) = faults.get(place)?;
        let warn = |hook: &&Arc<Hook>| {
            let (code, range) = match (place, &hook.action) {
                (Place::Program { .. }, Action::Command(command)) => {
                    (NO_INTERPRETER, shebang_range(command))
                }
                (Place::Value(_), _) => (NO_VALUE, None),
                _ => (NO_DIRECTORY, None),
            };
            warning(hook, range, code, message.clone(), remedy.clone())
        };
        Some(hooks.iter().map(warn).collect::<Vec<_>>())
    });
    warnings.flatten().collect()
}

/// Returns the places that a hook needs.
fn places(
    catalog: &Catalog,
    hook: &Hook,
    command: &CommandAction,
    deadline: Instant,
) -> Vec<Place> {
    let directory = command.working_directory.clone();
    let path = match command.env.get("PATH") {
        None => Some(std::env::var_os("PATH")),
        Some(EnvValue::Plain(path)) => Some(Some(path.into())),
        Some(EnvValue::FromEnv(_) | EnvValue::FromFile(_)) => None,
    };
    let mut places: Vec<Place> = directory
        .clone()
        .map(Place::Directory)
        .into_iter()
        .collect();
    places.extend(command.env.values().filter_map(|value| match value {
        EnvValue::FromFile(path) => below_credentials(path).map(Place::Value),
        EnvValue::Plain(_) | EnvValue::FromEnv(_) => None,
    }));
    let working_directory = directory.unwrap_or_else(|| PathBuf::from("/"));
    for sample in samples(catalog, hook, command, deadline) {
        let script = sample.script.ok();
        let script = script.and_then(|text| Script::parse(&text, command.via).ok());
        for name in script.map(|script| script.programs()).unwrap_or_default() {
            if let Some(path) = path.clone().or_else(|| name.contains('/').then_some(None)) {
                let working_directory = working_directory.clone();
                places.push(Place::Program {
                    name,
                    path,
                    working_directory,
                });
            }
        }
    }
    places.sort();
    places.dedup();
    places
}

/// Returns the places that are not there, each with the fault and the remedy.
///
/// A thread looks at them, as one on a dead network mount blocks it for ever.
fn faults(places: Vec<Place>) -> BTreeMap<Place, (String, String)> {
    let deadline = Instant::now() + LIMIT;
    let (sender, looked_at) = mpsc::channel();
    let mut faults = BTreeMap::new();
    let all = places.clone();
    let looks = std::thread::Builder::new()
        .name("places".to_owned())
        .spawn(move || all.iter().all(|place| sender.send(fault(place)).is_ok()));
    if looks.is_err() {
        return faults;
    }
    for place in places {
        let left = deadline.saturating_duration_since(Instant::now());
        match looked_at.recv_timeout(left) {
            Ok(Some(fault)) => {
                faults.insert(place, fault);
            }
            Ok(None) => {}
            Err(RecvTimeoutError::Timeout) => {
                let message = format!("{} does not answer within {LIMIT:?}", shown(&place));
                let remedy = "mount it anew; a hook that needs it cannot start".to_owned();
                faults.insert(place, (message, remedy));
                break;
            }
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    faults
}

fn shown(place: &Place) -> String {
    match place {
        Place::Directory(path) => format!("working directory `{}`", path.display()),
        Place::Program { name, .. } => format!("program `{name}`"),
        Place::Value(path) => format!("file `{}` of `fromFile`", path.display()),
    }
}

fn fault(place: &Place) -> Option<(String, String)> {
    match place {
        Place::Directory(path) => directory_fault(path),
        Place::Value(path) => value_fault(path),
        Place::Program {
            name,
            path,
            working_directory,
        } => {
            let found = find_program(name, path.as_deref(), working_directory);
            let told = found.err()?.to_string();
            let (message, remedy) = told.rsplit_once(": ").unwrap_or((&told, "install it"));
            Some((message.to_owned(), remedy.to_owned()))
        }
    }
}

fn directory_fault(path: &Path) -> Option<(String, String)> {
    let shown = path.display();
    let fault = match std::fs::metadata(path) {
        Ok(found) if found.is_dir() => return None,
        Ok(_) => (
            format!("working directory `{shown}` is not a directory"),
            "name a directory as `workingDirectory`".to_owned(),
        ),
        Err(error) if error.kind() == io::ErrorKind::NotFound => (
            format!("working directory `{shown}` does not exist"),
            format!("create it: `mkdir -p {}`", quoted(path)),
        ),
        // Another user may be able to look.
        Err(_) => return None,
    };
    Some(fault)
}

fn value_fault(path: &Path) -> Option<(String, String)> {
    let file = shown(&Place::Value(path.to_owned()));
    let write = format!(
        "write the value into it: `(umask 077; cat > {})`",
        quoted(path)
    );
    match std::fs::metadata(path) {
        Ok(found) if found.is_dir() => Some((
            format!("{file} is a directory"),
            "name the file in it that has the value".to_owned(),
        )),
        // A value has no newline at its end.
        Ok(found) if found.len() <= 2 && peek(path).is_ok_and(|value| value.is_empty()) => {
            Some((format!("{file} is empty"), write))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Some((format!("{file} does not exist"), write))
        }
        // Another user may be able to look.
        Ok(_) | Err(_) => None,
    }
}

/// Returns a warning for each variable that `fromEnv` of an enabled hook names and that the
/// environment of this process lacks.
#[must_use]
pub fn unset_sources(catalog: &Catalog) -> Vec<Diagnostic> {
    let mut warnings = Vec::new();
    for hook in catalog.all_hooks().filter(|hook| hook.enabled) {
        let Action::Command(command) = &hook.action else {
            continue;
        };
        for value in command.env.values() {
            let EnvValue::FromEnv(from) = value else {
                continue;
            };
            if std::env::var_os(from).is_none() {
                let message = format!("`{from}`, which `fromEnv` names, is not set here");
                let remedy = format!(
                    "start hookd with it, as by `Environment={from}=…` in its unit; \
                     the hook cannot start without it"
                );
                warnings.push(warning(hook, None, NO_VALUE, message, remedy));
            }
        }
    }
    warnings
}

fn quoted(path: &Path) -> String {
    let path = path.to_string_lossy();
    shlex::try_quote(&path).map_or_else(|_| path.to_string(), |quoted| quoted.into_owned())
}
