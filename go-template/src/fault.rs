//! What is wrong with a template, and where.

/// A part of the source, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Span {
    /// The first byte.
    pub start: u32,
    /// The byte behind the last one.
    pub end: u32,
}

impl Span {
    pub(super) fn new(start: usize, end: usize) -> Span {
        Span {
            start: start as u32,
            end: end as u32,
        }
    }

    /// The text of this part, empty if it does not fit the source.
    #[must_use]
    pub fn of(self, source: &str) -> &str {
        source
            .get(self.start as usize..self.end as usize)
            .unwrap_or_default()
    }

    /// The line of the first byte, from 1, and its column in characters, from 1.
    #[must_use]
    pub fn line_column(self, source: &str) -> (u32, u32) {
        let mut at = (self.start as usize).min(source.len());
        while !source.is_char_boundary(at) {
            at -= 1;
        }
        let before = &source[..at];
        let line = before.bytes().filter(|b| *b == b'\n').count() as u32 + 1;
        let start = before.rfind('\n').map_or(0, |i| i + 1);
        (line, before[start..].chars().count() as u32 + 1)
    }

    /// From the start of this part to the end of the other.
    #[must_use]
    pub fn to(self, other: Span) -> Span {
        Span {
            start: self.start,
            end: other.end.max(self.start),
        }
    }
}

/// A fault in a template, found while it was read or while it ran.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Fault {
    /// The part of the source that is at fault.
    pub span: Span,
    /// What is wrong, as a lower-case fragment.
    pub message: String,
    /// What may have been meant.
    pub suggestion: Option<String>,
    /// The name that was called as a function and is none.
    pub unknown_function: Option<String>,
}

impl Fault {
    pub(super) fn new(span: Span, message: impl Into<String>) -> Box<Fault> {
        Box::new(Fault {
            span,
            message: message.into(),
            suggestion: None,
            unknown_function: None,
        })
    }

    pub(super) fn suggest(mut self: Box<Self>, meant: Option<String>) -> Box<Fault> {
        self.suggestion = meant;
        self
    }
}

/// Something that can fail at a place in the template.
pub(super) type Faulty<T> = Result<T, Box<Fault>>;
