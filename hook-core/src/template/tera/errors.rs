//! Tera's errors, with their place in the template.

use std::ops::Range;

use go_template::{Span, nearest};
use tera::{ErrorKind, ReportError};

use crate::template::{TemplateError, TemplatePhase};

/// The names of Tera's own filters, tests and functions, which Tera does not list.
const BUILT_IN: &str = "safe default upper lower wordcount escape escape_html escape_xml \
    newlines_to_br pluralize trim trim_start trim_end replace capitalize title truncate indent \
    str int float length reverse split abs round first last nth join sort unique get values \
    keys pairs group_by string number map bool array integer none iterable defined undefined \
    odd even divisible_by starting_with ending_with containing range throw summary";

/// Tera's message for a template that ends too early.
const END: &str = "Unexpected end of input";
const EXTENDS: &str = "extends";

/// A fault of a template and its place.
#[derive(Clone, Debug)]
pub(super) struct TeraFault {
    pub(super) line: u32,
    pub(super) column: u32,
    /// The range in bytes; empty if it is unknown.
    pub(super) range: Range<usize>,
    pub(super) message: String,
    /// True if the fault is a missing field of a value that has other fields.
    pub(super) has_fields: bool,
    pub(super) suggestion: Option<String>,
}

impl TeraFault {
    /// Returns a fault of the template as a whole.
    pub(super) fn without_place(message: &str) -> TeraFault {
        TeraFault {
            line: 1,
            column: 1,
            range: 0..0,
            message: uncapitalized(message),
            has_fields: false,
            suggestion: None,
        }
    }

    /// Returns a fault at a place in bytes.
    pub(super) fn at(source: &str, range: Range<usize>, message: &str) -> TeraFault {
        let (line, column) = Span::new(range.start, range.end).line_column(source);
        TeraFault {
            line,
            column,
            range,
            ..TeraFault::without_place(message)
        }
    }

    /// Returns the fault of a template that could not be parsed.
    pub(super) fn of_parsing(error: &tera::Error, source: &str) -> TeraFault {
        match error.kind() {
            // Tera names the last word before the end.
            ErrorKind::SyntaxError(report) if report.message() == END => {
                let end = source.trim_end_matches(['\r', '\n']).len();
                TeraFault::at(source, end..end, END)
            }
            ErrorKind::MissingParent { .. } | ErrorKind::CircularExtend { .. } => {
                let start = source.find(EXTENDS).unwrap_or_default();
                let message = "a script's template stands alone: there is none to extend";
                TeraFault::at(source, start..start + EXTENDS.len(), message)
            }
            _ => TeraFault::from(error),
        }
    }

    pub(super) fn into_error(self, phase: TemplatePhase) -> TemplateError {
        TemplateError {
            phase,
            line: self.line,
            column: self.column,
            message: self.message,
            suggestion: self.suggestion,
        }
    }

    fn reported(report: &ReportError) -> TeraFault {
        let mut parts = report.message().split(". Available ");
        let message = parts.next().unwrap_or_default();
        let available = parts.next().and_then(|list| list.split_once(": "));
        let suggestion = available
            .zip(named(message))
            .and_then(|((_, names), name)| nearest(name, names.split(", ")));
        let span = report.span();
        TeraFault {
            line: number(span.start_line).max(1),
            column: number(span.start_col).saturating_add(1),
            range: span.range.clone(),
            has_fields: available.is_some(),
            suggestion,
            ..TeraFault::without_place(message)
        }
    }

    /// Parses the first of several reports in text form, which have a line `error: unknown filter
    /// …` and a line `--> template.hook:LINE:COLUMN`.
    fn of_reports(text: &str) -> TeraFault {
        let message = text.lines().find_map(|l| l.strip_prefix("error: "));
        let message = message.unwrap_or(text);
        let place = text.split_once("--> ").and_then(|(_, rest)| {
            let mut parts = rest.lines().next()?.rsplitn(3, ':');
            let column = parts.next()?.trim().parse().ok()?;
            Some((parts.next()?.parse().ok()?, column))
        });
        let (line, column) = place.unwrap_or((1, 1));
        let known = BUILT_IN.split_whitespace();
        let known = known.chain(super::helpers::HELPERS.iter().map(|(name, _)| *name));
        TeraFault {
            line,
            column,
            suggestion: named(message).and_then(|name| nearest(name, known)),
            ..TeraFault::without_place(message)
        }
    }
}

impl From<&tera::Error> for TeraFault {
    fn from(error: &tera::Error) -> TeraFault {
        match error.kind() {
            ErrorKind::SyntaxError(report) | ErrorKind::RenderingError(report) => {
                TeraFault::reported(report)
            }
            ErrorKind::Msg(text) => TeraFault::of_reports(text),
            kind => TeraFault::without_place(&kind.to_string()),
        }
    }
}

/// Returns the first name in backticks in a message.
fn named(message: &str) -> Option<&str> {
    message.split('`').nth(1)
}

fn number(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

fn uncapitalized(message: &str) -> String {
    let message = message.trim_end_matches('.');
    let mut chars = message.chars();
    match chars.next() {
        Some(first) => first.to_lowercase().chain(chars).collect(),
        None => String::new(),
    }
}
