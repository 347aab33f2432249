//! The config file: repos, plans, hooks and the server's own settings.
//!
//! A file is read in three steps, and each knows nothing of the next: text becomes a
//! tree whose values know their place (`yaml.rs`, `json.rs`); a hand-written walk
//! turns the tree into domain types and notes **every** fault on its way, not only the
//! first; what is valid becomes a [`Catalog`], in which nothing has to be checked again.

pub mod codes;

mod action;
mod catalog;
mod defaults;
mod diagnostic;
mod entities;
mod environment;
mod exit_codes;
mod hooks;
mod json;
mod meant;
mod origin;
mod privileges;
mod reader;
mod scalar_map;
mod server;
mod source;
mod table;
mod tree;
mod units;
mod walk;
mod yaml;

#[cfg(test)]
mod tests;

pub use catalog::Catalog;
pub use diagnostic::{Diagnostic, Severity};
pub use origin::{InvalidOrigin, Origin};
pub use server::{
    Durability, OnInterrupted, OnStoreFailure, RunRetention, ServerSettings, StoreKind,
};
pub use units::{InvalidSize, size};

use std::path::{Path, PathBuf};
use std::rc::Rc;

use reader::Reader;
use source::{Source, Span};
use tree::Node;
use yaml::SyntaxFault;

/// A valid config.
#[derive(Debug)]
pub struct Loaded {
    /// Its repos, plans and hooks.
    pub catalog: Catalog,
    /// What may not do what it seems to, by place.
    pub warnings: Vec<Diagnostic>,
    /// Its `server` section.
    pub server: ServerSettings,
}

/// Why there is no config.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The file could not be read.
    #[error("could not read config file `{}`", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        cause: std::io::Error,
    },
    /// The file is no valid config; warnings may stand among the errors.
    #[error("{}", summary(.0))]
    Invalid(Vec<Diagnostic>),
}

/// Reads a config file.
///
/// # Errors
/// If the file can't be read, or has faults: then all of them.
pub fn load(path: &Path) -> Result<Loaded, LoadError> {
    let bytes = std::fs::read(path).map_err(|cause| LoadError::Unreadable {
        path: path.to_owned(),
        cause,
    })?;
    parse(&path.display().to_string(), &bytes).map_err(LoadError::Invalid)
}

/// Reads the content of a config file; `file` names it in diagnostics.
///
/// # Errors
/// If it has faults: all of them, and its warnings, by place.
pub fn parse(file: &str, text: &[u8]) -> Result<Loaded, Vec<Diagnostic>> {
    let source = Source::new(file, text).map_err(|fault| vec![*fault])?;
    let mut reader = Reader::new(&source);
    let read = match tree(&source) {
        Ok(root) => walk::config(&mut reader, &root, catalog::etag(text)),
        Err(fault) => {
            let noted = reader.error(fault.span, fault.code, fault.message);
            noted.remedy = fault.remedy;
            None
        }
    };
    let valid = reader.errors() == 0;
    let warnings = reader.into_notes();
    match read {
        Some((catalog, server)) if valid => Ok(Loaded {
            catalog,
            warnings,
            server,
        }),
        _ => Err(warnings),
    }
}

/// The tree of a file that is JSON or YAML.
fn tree(source: &Source<'_>) -> Result<Rc<Node>, SyntaxFault> {
    if json::is_meant(source) {
        match json::parse(source) {
            Ok(root) => return Ok(root),
            Err(fault) if json::is_json_file(source) => return Err(fault),
            // A YAML file can begin with a brace, too.
            Err(_) => {}
        }
    }
    match yaml::parse(source)? {
        Some(root) if !root.is_null() => Ok(root),
        _ => {
            let fault =
                SyntaxFault::new(Span::at(0), codes::EMPTY_FILE, "the file holds no config");
            Err(fault.with("a config without hooks is `hooks: []`"))
        }
    }
}

/// How many faults, and the first.
fn summary(faults: &[Diagnostic]) -> String {
    let errors = || faults.iter().filter(|d| d.severity == Severity::Error);
    match (errors().next(), errors().count()) {
        (None, _) => "the config is not valid".to_owned(),
        (Some(first), 1) => first.to_string(),
        (Some(first), n) => format!("{first} (and {} more)", n - 1),
    }
}
