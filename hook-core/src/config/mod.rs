//! The config file: repos, plans, hooks and the server's own settings.
//!
//! A file is read in three steps, and each knows nothing of the next: text becomes a
//! tree whose values know their place (`yaml.rs`, `json.rs`); a hand-written walk
//! turns the tree into domain types and notes **every** fault on its way, not only the
//! first; what is valid becomes a [`Catalog`], in which nothing has to be checked again.
//! [`load`](crate::load) has a catalog linted, too.

pub mod codes;

mod action;
mod defaults;
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

pub use origin::{InvalidOrigin, Origin};
pub use server::{Durability, OnInterrupted, OnStoreFailure, ServerSettings, StoreKind};
pub use units::{InvalidSize, size};

use std::rc::Rc;

use reader::Reader;
use source::{Source, Span};
use tree::Node;
use yaml::SyntaxFault;

use crate::catalog::{self, Catalog};
use crate::diagnostic::Diagnostic;

/// All that a config file says.
#[derive(Debug)]
pub(crate) struct Reading {
    /// The repos, plans and hooks without faults; valid as a whole if there are no
    /// errors. `None` if the file is no config at all.
    pub(crate) catalog: Option<Catalog>,
    /// Its `server` section.
    pub(crate) server: ServerSettings,
    /// Its faults, and warnings, in no order.
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// How many errors there are; more than among `diagnostics` if these are too many.
    pub(crate) errors: usize,
}

/// Reads the content of a config file; `file` names it in diagnostics.
pub(crate) fn read(file: &str, text: &[u8]) -> Reading {
    let source = match Source::new(file, text) {
        Ok(source) => source,
        Err(fault) => {
            return Reading {
                catalog: None,
                server: ServerSettings::default(),
                diagnostics: vec![*fault],
                errors: 1,
            };
        }
    };
    let mut reader = Reader::new(&source);
    let read = match tree(&source) {
        Ok(root) => walk::config(&mut reader, &root, catalog::etag(text)),
        Err(fault) => {
            let noted = reader.error(fault.span, fault.code, fault.message);
            noted.remedy = fault.remedy;
            None
        }
    };
    let (catalog, server) = read.unzip();
    Reading {
        catalog,
        server: server.unwrap_or_default(),
        errors: reader.errors(),
        diagnostics: reader.into_notes(),
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
