//! The config file: repos, plans and hooks.
//!
//! A file is read in three steps, and each knows nothing of the next: text becomes a
//! tree whose values know their place (`yaml.rs`, `json.rs`); a walk turns the tree into
//! domain types and reports **every** fault on its way, not only the first; the valid
//! rest becomes a [`Catalog`], in which nothing has to be checked again.
//! [`load`](crate::load) has a catalog linted, too.
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
mod mapping;
mod meant;
mod privileges;
mod report;
mod retention;
mod scalar_text_map;
mod source;
mod tree;
mod unique;
mod value;
mod walk;
mod yaml;

pub use mapping::Mapping;
pub use meant::shown;
pub use retention::run_retention;
pub use value::Value;

use std::rc::Rc;

use report::Report;
use source::{Source, Span};
use tree::Node;
use yaml::SyntaxFault;

use crate::catalog::{self, Catalog};
use crate::diagnostic::Diagnostic;

/// All that a config file says.
#[derive(Debug)]
pub(crate) struct Reading<S> {
    /// The repos, plans and hooks without faults; valid as a whole if there are no
    /// errors. `None` if the file is no config at all.
    pub(crate) catalog: Option<Catalog>,
    pub(crate) server: S,
    /// Its faults, and warnings, in no order.
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// The number of errors, including those that `diagnostics` has no room for.
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
                errors: 1,
            };
        }
    };
    let report = Report::new(&source);
    let read = match tree(&source) {
        Ok(root) => walk::config(Value::new(&root, &report), catalog::etag(text), read_server),
        Err(fault) => {
            report
                .error(fault.span, fault.code, fault.message)
                .help_if_any(fault.remedy);
            None
        }
    };
    let (catalog, server) = read.unzip();
    Reading {
        catalog,
        server: server.unwrap_or_default(),
        errors: report.errors(),
        diagnostics: report.into_diagnostics(),
    }
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
