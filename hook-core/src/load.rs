//! Loading a config: it is read and linted.
//!
//! [`config`] reads a file into a catalog, [`lint`] looks at a catalog; neither knows the
//! other, and both are called here.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use crate::catalog::Catalog;
use crate::config::{self, Value};
use crate::diagnostic::{self, Diagnostic, Severity};
use crate::lint::{self, may_fail};
use crate::run::mask::Mask;
use crate::{exposed, file};

/// Largest config file, in bytes.
pub const MAX_CONFIG: u64 = 64 << 20;

/// A valid config, with its `server` section as `S`.
#[derive(Debug)]
pub struct Loaded<S = ()> {
    /// The repos, plans and hooks.
    pub catalog: Catalog,
    /// The warnings, by place.
    pub warnings: Vec<Diagnostic>,
    /// The `server` section.
    pub server: S,
}

/// The error of a config that could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The file could not be read.
    #[error("could not read config file `{}`", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The reason.
        #[source]
        cause: std::io::Error,
    },
    /// The file is not a valid config; contains all errors, and the warnings too.
    #[error("{}", summary(.0))]
    Invalid(Vec<Diagnostic>),
}

/// Reads and lints a config file, and its `server` section with `read_server`.
/// Fails if the file can't be read, or has faults; reports all of them.
pub fn load<S: Default>(
    path: &Path,
    read_server: impl FnOnce(Value<'_>) -> S,
) -> Result<Loaded<S>, LoadError> {
    let bytes = file::read(path, MAX_CONFIG).map_err(|cause| LoadError::Unreadable {
        path: path.to_owned(),
        cause,
    })?;
    let file = path.display().to_string();
    let mut loaded = parse_with(&file, &bytes, read_server).map_err(LoadError::Invalid)?;
    loaded.warnings.splice(..0, exposed::check(path, &bytes));
    Ok(loaded)
}

/// Reads and lints the content of a config file but for its `server` section; `file`
/// names it in diagnostics.
/// Fails with all faults and warnings, by place, if there is a fault.
pub fn parse(file: &str, text: &[u8]) -> Result<Loaded, Vec<Diagnostic>> {
    parse_with(file, text, |_| ())
}

/// Reads and lints the content of a config file, and its `server` section with
/// `read_server`; `file` names it in diagnostics.
/// Fails with all faults and warnings, by place, if there is a fault.
pub fn parse_with<S: Default>(
    file: &str,
    text: &[u8],
    read_server: impl FnOnce(Value<'_>) -> S,
) -> Result<Loaded<S>, Vec<Diagnostic>> {
    let config::Reading {
        catalog,
        server,
        mut diagnostics,
        secrets,
        errors,
    } = config::read(file, text, read_server);
    // The check of a template finds some of the faults without rendering it.
    let place = |found: &Diagnostic| (found.line, found.column);
    let known: HashSet<_> = diagnostics.iter().map(place).collect();
    let lints = catalog.iter().flat_map(lint::check);
    diagnostics
        .extend(lints.filter(|lint| lint.code != may_fail::CODE || !known.contains(&place(lint))));
    let mut diagnostics = diagnostic::sorted(diagnostics, file, errors > 0);
    if !diagnostics.is_empty() {
        let mask = Mask::new(secrets.iter().map(String::as_str));
        for diagnostic in &mut diagnostics {
            diagnostic.message = mask.apply_text(&diagnostic.message);
            diagnostic.remedy = diagnostic.remedy.take().map(|text| mask.apply_text(&text));
        }
    }
    match catalog {
        Some(catalog) if errors == 0 => Ok(Loaded {
            catalog,
            warnings: diagnostics,
            server,
        }),
        _ => Err(diagnostics),
    }
}

/// Returns the text of a config file as it may be shown: its secrets are masked, and each
/// character is at its place. The config may be faulty.
#[must_use]
pub fn masked_text(text: &[u8]) -> String {
    let secrets = config::secrets(text);
    Mask::new(secrets.iter().map(String::as_str)).apply_text(&String::from_utf8_lossy(text))
}

/// Returns the first error and how many more there are.
fn summary(faults: &[Diagnostic]) -> String {
    let errors = || faults.iter().filter(|d| d.severity == Severity::Error);
    match (errors().next(), errors().count()) {
        (None, _) => "the config is not valid".to_owned(),
        (Some(first), 1) => first.to_string(),
        (Some(first), n) => format!("{first} (and {} more)", n - 1),
    }
}
