//! Why a template could not be read or rendered.

use go_template::Fault;

/// When a template failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TemplatePhase {
    /// While it was read: it can never work.
    Parse,
    /// While it was rendered: it did not work with these variables.
    Render,
}

/// A template that could not be read or rendered, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{line}:{column}: {message}")]
pub struct TemplateError {
    /// When it failed.
    pub phase: TemplatePhase,
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
    /// What is wrong, as a lower-case fragment.
    pub message: String,
    /// What may have been meant.
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
