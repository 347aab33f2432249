//! The error of a template that could not be parsed or rendered.

use go_template::Fault;

/// The phase in which a template failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TemplatePhase {
    /// While it was parsed: it can never work.
    Parse,
    /// While it was rendered: it fails with these variables.
    Render,
}

/// Error of a template that could not be parsed or rendered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{line}:{column}: {message}")]
pub struct TemplateError {
    /// The phase in which it failed.
    pub phase: TemplatePhase,
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
    /// The fault, as a lower-case fragment.
    pub message: String,
    /// The most similar existing name.
    pub suggestion: Option<String>,
}

impl TemplateError {
    pub(super) fn of_go(phase: TemplatePhase, source: &str, fault: Fault) -> TemplateError {
        let (line, column) = fault.span.line_column(source);
        TemplateError {
            phase,
            line,
            column,
            message: fault.message,
            suggestion: fault.suggestion,
        }
    }
}
