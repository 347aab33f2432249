//! The text of a config file, and positions in it.

use std::sync::Arc;

use super::codes;
use crate::diagnostic::{Diagnostic, Severity};
use crate::source_location::SourceRange;

/// The maximum size of a config file in bytes.
pub(crate) const MAX_BYTES: usize = 4 << 20;

/// A range of bytes of a config file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) start: usize,
    /// The byte after the last; never before `start`.
    pub(crate) end: usize,
}

/// A position in a config file, as editors show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Position {
    /// The line, from 1.
    pub(crate) line: u32,
    /// The column in characters, from 1.
    pub(crate) column: u32,
}

#[derive(Debug)]
pub(crate) struct Source<'t> {
    pub(crate) file: Arc<str>,
    /// Its text, without a byte order mark.
    pub(crate) text: &'t str,
    /// The offset of each line's first byte.
    lines: Vec<usize>,
}

impl Span {
    pub(crate) fn at(offset: usize) -> Span {
        Span {
            start: offset,
            end: offset,
        }
    }
}

impl<'t> Source<'t> {
    /// Reads bytes as the text of a config file.
    /// Fails if the file is too large, is not UTF-8, or holds a NUL.
    pub(crate) fn new(file: &str, bytes: &'t [u8]) -> Result<Source<'t>, Box<Diagnostic>> {
        let file: Arc<str> = file.into();
        let fault = |offset: usize, code, message: String, remedy: &str| {
            let before = String::from_utf8_lossy(&bytes[..offset]);
            let source = Source::of_text(file.clone(), &before);
            let place = source.position(before.len());
            Box::new(Diagnostic {
                severity: Severity::Error,
                file: file.clone(),
                line: place.line,
                column: place.column,
                length: 1,
                hook: None,
                code,
                message,
                remedy: Some(remedy.to_owned()),
            })
        };
        if bytes.len() > MAX_BYTES {
            let message = format!("the file has {} bytes, more than 4 MiB", bytes.len());
            let remedy = "keep long scripts in files of their own and call them";
            return Err(fault(0, codes::TOO_LARGE, message, remedy));
        }
        if let Some(name) = foreign_encoding(bytes) {
            let message = format!("the file is {name}, not UTF-8");
            let remedy = "save it as UTF-8";
            return Err(fault(0, codes::NOT_UTF8, message, remedy));
        }
        let text = std::str::from_utf8(bytes).map_err(|e| {
            let message = format!("byte 0x{:02x} is not UTF-8", bytes[e.valid_up_to()]);
            fault(
                e.valid_up_to(),
                codes::NOT_UTF8,
                message,
                "save the file as UTF-8",
            )
        })?;
        if let Some(offset) = text.find('\0') {
            let message = "the file holds a NUL character".to_owned();
            let remedy = "remove it: no script or setting can hold one";
            return Err(fault(offset, codes::NUL, message, remedy));
        }
        // A byte order mark would be taken as part of the first key.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        Ok(Source::of_text(file, text))
    }

    fn of_text(file: Arc<str>, text: &str) -> Source<'_> {
        let bytes = text.as_bytes();
        let mut lines = vec![0];
        for (i, byte) in bytes.iter().enumerate() {
            let ends = *byte == b'\n' || (*byte == b'\r' && bytes.get(i + 1) != Some(&b'\n'));
            if ends {
                lines.push(i + 1);
            }
        }
        Source { file, text, lines }
    }

    /// Returns the line and column of an offset; for one beyond the text, those of the end.
    pub(crate) fn position(&self, offset: usize) -> Position {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let line = self.lines.partition_point(|start| *start <= offset);
        let start = self.lines.get(line.wrapping_sub(1)).copied().unwrap_or(0);
        Position {
            line: u32::try_from(line).unwrap_or(u32::MAX),
            column: count(&self.text[start..offset]).saturating_add(1),
        }
    }

    /// Returns the positions of several offsets; faster if they are in ascending order.
    pub(crate) fn positions(
        &self,
        offsets: impl Iterator<Item = usize>,
    ) -> impl Iterator<Item = Position> {
        let mut last = (0, Position { line: 1, column: 1 });
        offsets.map(move |offset| {
            let place = match self.text.get(last.0..offset) {
                Some(between) if !between.contains(['\n', '\r']) => Position {
                    column: last.1.column.saturating_add(count(between)),
                    ..last.1
                },
                _ => self.position(offset),
            };
            last = (offset, place);
            place
        })
    }

    /// Returns the offset of a line and a byte in that line, both from 1.
    pub(crate) fn offset(&self, line: usize, column: usize) -> usize {
        let start = self.lines.get(line.saturating_sub(1));
        start.map_or(self.text.len(), |start| start + column.saturating_sub(1))
    }

    /// Returns a span as the range of a diagnostic.
    pub(crate) fn range(&self, span: Span) -> SourceRange {
        let Position { line, column } = self.position(span.start);
        SourceRange {
            line,
            column,
            length: self.length(span),
        }
    }

    pub(crate) fn slice(&self, span: Span) -> &'t str {
        self.text.get(span.start..span.end).unwrap_or("")
    }

    /// Returns the number of characters of a span on its first line, at least 1.
    pub(crate) fn length(&self, span: Span) -> u32 {
        let text = self.slice(span);
        let line = text.split(['\n', '\r']).next().unwrap_or("");
        count(line.trim_end()).max(1)
    }
}

fn count(text: &str) -> u32 {
    u32::try_from(text.chars().count()).unwrap_or(u32::MAX)
}

/// Returns the name of another encoding than UTF-8 that the first bytes indicate.
fn foreign_encoding(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0xff, 0xfe, ..] => Some("UTF-16 (little endian)"),
        [0xfe, 0xff, ..] => Some("UTF-16 (big endian)"),
        [a, 0, b, 0, ..] if *a > 0 && *b > 0 => Some("UTF-16 (little endian)"),
        [0, a, 0, b, ..] if *a > 0 && *b > 0 => Some("UTF-16 (big endian)"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_at_any_line_break_and_columns_count_characters() {
        let source = Source::new("f", "a\nüb\r\nc\rd".as_bytes()).unwrap();
        let at = |needle: char| {
            let place = source.position(source.text.find(needle).unwrap());
            (place.line, place.column)
        };
        assert_eq!(
            [at('a'), at('b'), at('c'), at('d')],
            [(1, 1), (2, 2), (3, 1), (4, 1)]
        );
        assert_eq!(source.position(999), Position { line: 4, column: 2 });
    }

    #[test]
    fn bytes_that_are_no_text_are_refused_with_their_place() {
        let cases: [(&[u8], &str); 4] = [
            (
                b"a: 1\nb: \xff",
                "f:2:4: error[not-utf8]: byte 0xff is not UTF-8",
            ),
            (
                b"\xff\xfea\0",
                "f:1:1: error[not-utf8]: the file is UTF-16 (little endian), not UTF-8",
            ),
            (
                b"\0a\0b\0c",
                "f:1:1: error[not-utf8]: the file is UTF-16 (big endian), not UTF-8",
            ),
            (
                b"a: 1\n\nb\0",
                "f:3:2: error[nul]: the file holds a NUL character",
            ),
        ];
        for (bytes, want) in cases {
            assert_eq!(Source::new("f", bytes).unwrap_err().to_string(), want);
        }
        let large = vec![b'#'; MAX_BYTES + 1];
        assert_eq!(Source::new("f", &large).unwrap_err().code, "too-large");
    }

    #[test]
    fn a_byte_order_mark_is_not_part_of_the_text() {
        assert_eq!(Source::new("f", b"\xef\xbb\xbfa").unwrap().text, "a");
    }
}
