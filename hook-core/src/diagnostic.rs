//! Errors and warnings about a config file.

use std::fmt;
use std::sync::Arc;

/// The severity of a [`Diagnostic`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// The config is refused.
    Error,
    /// The config is accepted, but probably does not do what its author meant.
    Warning,
}

/// A fault of a config file, or a part of it that may not do what it seems to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Error or warning.
    pub severity: Severity,
    /// The file, as it was named.
    pub file: Arc<str>,
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
    /// The number of characters from there that are at fault, at least 1.
    pub length: u32,
    /// The name of the hook that it is about, if any.
    pub hook: Option<String>,
    /// A stable code, such as `unknown-key`.
    pub code: &'static str,
    /// The fault, as a lower-case fragment.
    pub message: String,
    /// Advice on how to mend it.
    pub remedy: Option<String>,
}

/// The most diagnostics for one file, which could have millions of faults.
pub(crate) const MAX_DIAGNOSTICS: usize = 1000;

/// Returns the diagnostics of a file by place, duplicates removed; those beyond
/// [`MAX_DIAGNOSTICS`] become one that says so.
pub(crate) fn sorted(
    mut diagnostics: Vec<Diagnostic>,
    file: &str,
    has_errors: bool,
) -> Vec<Diagnostic> {
    if diagnostics.len() > MAX_DIAGNOSTICS {
        diagnostics.truncate(MAX_DIAGNOSTICS);
        diagnostics.push(Diagnostic {
            severity: match has_errors {
                true => Severity::Error,
                false => Severity::Warning,
            },
            file: file.into(),
            line: 1,
            column: 1,
            length: 1,
            hook: None,
            code: "too-large",
            message: format!(
                "there is more to say than {MAX_DIAGNOSTICS} things; the rest is not shown"
            ),
            remedy: None,
        });
    }
    diagnostics.sort_by_key(|d| (d.line, d.column, d.severity));
    // The walk reads an aliased value once for each alias.
    diagnostics.dedup();
    diagnostics
}

/// `file:line:column: error[code]: message`.
impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Diagnostic {
            severity,
            file,
            line,
            column,
            code,
            message,
            ..
        } = self;
        write!(f, "{file}:{line}:{column}: {severity}[{code}]: {message}")
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
        })
    }
}
