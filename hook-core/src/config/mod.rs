//! The config file: repos, plans and hooks.
//!
//! A file is read in three independent steps. Text becomes a tree whose values have spans
//! (`yaml.rs`, `json.rs`). A walk turns the tree into domain types and reports **every** fault, not
//! only the first. The valid rest becomes a [`Catalog`], which needs no further checks.
//! [`load`](crate::load) also lints the catalog.
//!
//! The `server` section is read by the caller, by means of [`Value`] and [`Mapping`].

pub mod codes;

mod action;
mod defaults;
mod entities;
mod environment;
mod exit_codes;
mod hooks;
mod json;
mod lock_names;
mod mapping;
mod meant;
mod other_engine;
mod other_template;
mod privileges;
mod report;
mod retention;
mod scalar_text_map;
mod secrets;
mod separation_tabs;
mod source;
mod tree;
mod unique;
mod value;
mod walk;
mod yaml;

pub use mapping::Mapping;
pub use meant::{closest, shown};
pub use retention::run_retention;
pub use value::Value;

use std::collections::BTreeSet;
use std::rc::Rc;

use report::Report;
use source::{Source, Span};
use tree::Node;
use yaml::SyntaxFault;

use crate::catalog::{self, Catalog};
use crate::diagnostic::Diagnostic;

/// The content of a config file.
#[derive(Debug)]
pub(crate) struct Reading<S> {
    /// The repos, plans and hooks without faults; valid as a whole if there are no errors. `None`
    /// if the file cannot be parsed as a config.
    pub(crate) catalog: Option<Catalog>,
    pub(crate) server: S,
    /// The errors and warnings, in no order.
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// The secrets in the text, which no message may show.
    pub(crate) secrets: BTreeSet<String>,
    /// The number of errors, including those beyond the limit of `diagnostics`.
    pub(crate) errors: usize,
}

/// Reads the content of a config file; `file` names it in diagnostics.
pub(crate) fn read<S: Default>(
    file: &str,
    text: &[u8],
    read_server: impl FnOnce(Value<'_>) -> S,
) -> Reading<S> {
    let source = match Source::new(file, text) {
        Ok(source) => source,
        Err(fault) => {
            return Reading {
                catalog: None,
                server: S::default(),
                diagnostics: vec![*fault],
                secrets: secrets::of_text(&String::from_utf8_lossy(text)),
                errors: 1,
            };
        }
    };
    let report = Report::new(&source);
    let (read, secrets) = match tree(&source) {
        Ok(root) => {
            let found = secrets::of_tree(&root);
            secrets::warn_of_short(&found, &report);
            let root = Value::new(&root, &report);
            let read = walk::config(root, catalog::etag(text), read_server);
            (read, secrets::texts(&found, &source))
        }
        Err(fault) => {
            report
                .error(fault.span, fault.code, fault.message)
                .help_if_any(fault.remedy);
            (None, secrets::of_text(source.text))
        }
    };
    let (catalog, server) = read.unzip();
    Reading {
        catalog,
        server: server.unwrap_or_default(),
        errors: report.errors(),
        diagnostics: report.into_diagnostics(),
        secrets,
    }
}

/// Returns the secrets in the text of a config file, faulty or not.
pub(crate) fn secrets(text: &[u8]) -> BTreeSet<String> {
    let lossy = || secrets::of_text(&String::from_utf8_lossy(text));
    Source::new("", text).map_or_else(
        |_| lossy(),
        |source| match tree(&source) {
            Ok(root) => secrets::texts(&secrets::of_tree(&root), &source),
            Err(_) => lossy(),
        },
    )
}

/// Returns the tree of a file that is JSON or YAML.
fn tree(source: &Source<'_>) -> Result<Rc<Node>, SyntaxFault> {
    match yaml::parse(source, &json::parser_input(source)?)? {
        Some(root) if !root.is_null() => Ok(root),
        _ => {
            let fault =
                SyntaxFault::new(Span::at(0), codes::EMPTY_FILE, "the file holds no config");
            Err(fault.with("a config without hooks is `hooks: []`"))
        }
    }
}

#[cfg(test)]
mod tests;
