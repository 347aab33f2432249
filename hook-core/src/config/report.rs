//! The diagnostics of one config file, collected while it is read.

use std::cell::{Cell, RefCell};

use super::source::{Source, Span};
use crate::diagnostic::{Diagnostic, MAX_DIAGNOSTICS, Severity};
use crate::source_location::SourceRange;

/// Collects the diagnostics of one config file.
pub(crate) struct Report<'s> {
    pub(crate) source: &'s Source<'s>,
    /// The diagnostics in the order in which the file is read.
    diagnostics: RefCell<Vec<Diagnostic>>,
    errors: Cell<usize>,
    /// The hook that is being read.
    hook: RefCell<Option<String>>,
}

impl<'s> Report<'s> {
    pub(crate) fn new(source: &'s Source<'s>) -> Report<'s> {
        Report {
            source,
            diagnostics: RefCell::default(),
            errors: Cell::new(0),
            hook: RefCell::default(),
        }
    }

    /// Sets the hook that the next diagnostics refer to.
    pub(crate) fn set_hook(&self, name: Option<String>) {
        self.hook.replace(name);
    }

    pub(crate) fn error(
        &self,
        span: Span,
        code: &'static str,
        message: impl Into<String>,
    ) -> &Report<'s> {
        self.add(Severity::Error, span, code, message)
    }

    /// Adds a diagnostic for a span of the file.
    pub(crate) fn add(
        &self,
        severity: Severity,
        span: Span,
        code: &'static str,
        message: impl Into<String>,
    ) -> &Report<'s> {
        // Diagnostics beyond the limit are not shown, so their place is not needed.
        let range = match self.diagnostics.borrow().len() >= MAX_DIAGNOSTICS {
            true => SourceRange::default(),
            false => self.source.range(span),
        };
        self.add_at(severity, range, code, message)
    }

    /// Adds a diagnostic for a part of a line.
    pub(crate) fn add_at(
        &self,
        severity: Severity,
        range: SourceRange,
        code: &'static str,
        message: impl Into<String>,
    ) -> &Report<'s> {
        if severity == Severity::Error {
            self.errors.set(self.errors.get() + 1);
        }
        let mut diagnostics = self.diagnostics.borrow_mut();
        // One diagnostic beyond the limit stays, to report that there were more.
        diagnostics.truncate(MAX_DIAGNOSTICS);
        diagnostics.push(Diagnostic {
            severity,
            file: self.source.file.clone(),
            line: range.line,
            column: range.column,
            length: range.length,
            hook: self.hook.borrow().clone(),
            code,
            message: message.into(),
            remedy: None,
        });
        self
    }

    /// Adds a remedy to the last diagnostic.
    pub(crate) fn help(&self, remedy: impl Into<String>) {
        self.help_if_any(Some(remedy.into()));
    }

    /// Adds a remedy to the last diagnostic, if there is one.
    pub(crate) fn help_if_any(&self, remedy: Option<String>) {
        if let Some(last) = self.diagnostics.borrow_mut().last_mut() {
            last.remedy = remedy;
        }
    }

    /// Returns whether further diagnostics would neither be shown nor change the outcome.
    pub(crate) fn is_full(&self) -> bool {
        self.diagnostics.borrow().len() > MAX_DIAGNOSTICS && self.errors() > 0
    }

    pub(crate) fn errors(&self) -> usize {
        self.errors.get()
    }

    /// Returns all diagnostics in the order in which the file was read.
    pub(crate) fn into_diagnostics(self) -> Vec<Diagnostic> {
        self.diagnostics.into_inner()
    }
}
