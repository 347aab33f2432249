//! Errors in templates, and their positions.

/// A part of the source, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Span {
    /// The first byte.
    pub start: u32,
    /// The byte after the last one.
    pub end: u32,
}

impl Span {
    /// The bytes from `start` to `end`.
    #[must_use]
    pub fn new(start: usize, end: usize) -> Span {
        Span {
            start: start as u32,
            end: end as u32,
        }
    }

    /// The text of this part. Empty if the span does not fit the source.
    #[must_use]
    pub fn of(self, source: &str) -> &str {
        source
            .get(self.start as usize..self.end as usize)
            .unwrap_or_default()
    }

    /// The line of the first byte and its column in characters, both from 1.
    #[must_use]
    pub fn line_column(self, source: &str) -> (u32, u32) {
        let start = source.floor_char_boundary(self.start as usize);
        let before = &source[..start];
        let line = before.bytes().filter(|b| *b == b'\n').count() as u32 + 1;
        let line_start = before.rfind('\n').map_or(0, |i| i + 1);
        (line, before[line_start..].chars().count() as u32 + 1)
    }

    /// The part from the start of this span to the end of another.
    #[must_use]
    pub fn to(self, other: Span) -> Span {
        Span {
            start: self.start,
            end: other.end.max(self.start),
        }
    }

    /// This span if it begins on the line of `reported`, and else `reported`, because Go reports
    /// only lines.
    pub(crate) fn on_line_of(self, reported: Span, source: &str) -> Span {
        let between = Span {
            start: self.start.min(reported.start),
            end: self.start.max(reported.start),
        };
        match between.of(source).contains('\n') {
            true => reported,
            false => self,
        }
    }
}

/// An error in a template, found while parsing or executing it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Fault {
    /// The part of the source that is wrong.
    pub span: Span,
    /// The error as a lower-case fragment.
    pub message: String,
    /// A similar name that exists.
    pub suggestion: Option<String>,
    /// The unknown function that was called, if that is the error.
    pub unknown_function: Option<String>,
}

impl Fault {
    pub(crate) fn new(span: Span, message: impl Into<String>) -> Box<Fault> {
        Box::new(Fault {
            span,
            message: message.into(),
            suggestion: None,
            unknown_function: None,
        })
    }

    pub(crate) fn suggest(mut self: Box<Self>, name: Option<String>) -> Box<Fault> {
        self.suggestion = name;
        self
    }
}

/// The result of work on a template.
pub(crate) type Faulty<T> = Result<T, Box<Fault>>;
