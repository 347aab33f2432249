//! What Tera says, at the place in the template that it means.

use tera::{ErrorKind, ReportError};

use super::check::Flaw;
use super::guard::Guarded;
use crate::diagnostic::Severity;
use crate::template::{Finding, Phase, TemplateError};

/// A template, and where it differs from what Tera got.
pub(super) struct Source {
    text: String,
    places: Vec<(usize, usize)>,
}

impl Source {
    /// A template that Tera gets as it is.
    pub(super) fn plain(text: &str) -> Source {
        Source::guarded(text, Vec::new())
    }

    /// A template into which something was put, at these places and of these lengths.
    pub(super) fn guarded(text: &str, places: Vec<(usize, usize)>) -> Source {
        Source {
            text: text.to_owned(),
            places,
        }
    }

    /// An error of Tera's.
    pub(super) fn error(&self, phase: Phase, error: &tera::Error) -> TemplateError {
        match error.kind() {
            ErrorKind::SyntaxError(report) | ErrorKind::RenderingError(report) => {
                self.reported(phase, report)
            }
            // Several reports as one text, of which the first is enough.
            ErrorKind::Msg(text) => {
                let (line, column) = place(text).unwrap_or((1, 1));
                let first = text.lines().find_map(|l| l.strip_prefix("error: "));
                error_at(phase, line, column, first.unwrap_or(text))
            }
            kind => error_at(phase, 1, 1, &kind.to_string()),
        }
    }

    fn reported(&self, phase: Phase, report: &ReportError) -> TemplateError {
        // What the template has of variables and fields is in the reference, not here.
        let message = report.message();
        let message = message.split(". Available ").next().unwrap_or(message);
        let span = report.span();
        if self.places.is_empty() {
            // The end of the input has a line and a column, and no place of its own.
            let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
            let (line, column) = (number(span.start_line).max(1), number(span.start_col));
            return error_at(phase, line, column.saturating_add(1), message);
        }
        let place = Guarded::original(&self.places, span.range.start);
        at(&self.text, phase, place, message)
    }

    /// A flaw with its place.
    pub(super) fn finding(&self, flaw: &Flaw) -> Finding {
        let (line, column) = line_column(&self.text, flaw.at);
        let meant = flaw.meant.as_ref().map(|m| format!("did you mean `{m}`?"));
        let guard = flaw
            .without
            .map(|root| format!("ask first: `{{% if {root} %}}…{{% endif %}}`"));
        Finding {
            severity: match flaw.fails {
                true => Severity::Error,
                false => Severity::Warning,
            },
            line,
            column,
            length: u32::try_from(flaw.length).unwrap_or(1).max(1),
            code: flaw.code,
            message: flaw.message.clone(),
            remedy: meant.or(guard),
            certain: flaw.fails,
        }
    }
}

/// An error at a place, in bytes.
pub(super) fn at(text: &str, phase: Phase, place: usize, message: &str) -> TemplateError {
    let (line, column) = line_column(text, place);
    error_at(phase, line, column, message)
}

/// Line and column, from 1, of a place.
fn line_column(text: &str, place: usize) -> (u32, u32) {
    let before = text.get(..place).unwrap_or(text);
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let line = before.matches('\n').count() + 1;
    let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
    (number(line), number(column))
}

/// An error at a line and column.
pub(super) fn error_at(phase: Phase, line: u32, column: u32, message: &str) -> TemplateError {
    TemplateError {
        phase,
        line,
        column,
        message: uncapitalized(message),
        suggestion: None,
    }
}

/// The place that a report in text form names: `--> template.hook:LINE:COLUMN`.
fn place(text: &str) -> Option<(u32, u32)> {
    let mut parts = text.split_once("--> ")?.1.lines().next()?.rsplitn(3, ':');
    let column = parts.next()?.trim().parse().ok()?;
    Some((parts.next()?.parse().ok()?, column))
}

fn uncapitalized(message: &str) -> String {
    let message = message.trim_end_matches('.');
    let mut chars = message.chars();
    match chars.next() {
        Some(first) => first.to_lowercase().chain(chars).collect(),
        None => String::new(),
    }
}
