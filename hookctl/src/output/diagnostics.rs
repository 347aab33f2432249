//! Diagnostics of a config, shown as a compiler shows its own.

use hookd::diagnostic_text;
use hookd_proto::v1::{Diagnostic, Severity};

use super::words;

/// Formats a diagnostic, with the source line that it is about where the source is at hand.
pub(crate) fn show(diagnostic: &Diagnostic, source: Option<&[u8]>) -> String {
    diagnostic_text::render(diagnostic, source, true)
}

/// Returns the numbers of errors and warnings in words.
pub(crate) fn summary(diagnostics: &[Diagnostic]) -> String {
    let (errors, warnings) = (
        count(diagnostics, Severity::Error),
        count(diagnostics, Severity::Warning),
    );
    format!(
        "{}, {}",
        words::count(errors, "error"),
        words::count(warnings, "warning")
    )
}

/// Returns the number of diagnostics of this severity.
pub(crate) fn count(diagnostics: &[Diagnostic], severity: Severity) -> usize {
    let this = |diagnostic: &&Diagnostic| diagnostic.severity() == severity;
    diagnostics.iter().filter(this).count()
}
