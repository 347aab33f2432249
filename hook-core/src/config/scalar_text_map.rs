//! Maps each character of a scalar's text to its position in the file.
//!
//! A fault in a script has a line and column of the script, and diagnostics need those of the file.
//! The parser gives only the text and the span of the whole scalar.

use std::iter::repeat_n;

use super::source::{Source, Span};
use super::tree::{Node, Scalar, ScalarStyle};
use crate::source_location::TextMap;

const BLANK: [char; 4] = [' ', '\t', '\n', '\r'];
const LINE_BREAK: [char; 2] = ['\n', '\r'];

/// Returns the map of the text of a scalar that `node` holds.
pub(crate) fn text_map(source: &Source<'_>, node: &Node, scalar: &Scalar) -> TextMap {
    let text = scalar.text.as_str();
    let offsets = match scalar.style {
        ScalarStyle::Literal | ScalarStyle::Folded => block_offsets(source, node.span, text),
        style => flow_offsets(source, node.span, style),
    };
    let found = offsets.filter(|offsets| offsets.len() == text.chars().count() + 1);
    let mut offsets = found.unwrap_or_default();
    // A fault at the end is shown on the last line, not on the one after it.
    if let ([.., newline, end], true) = (offsets.as_mut_slice(), text.ends_with('\n')) {
        *end = *newline;
    }
    let places = source.positions(offsets.into_iter());
    let places = places.map(|place| (place.line, place.column));
    TextMap::new(text, places, source.range(node.span))
}

/// Returns the offset of each character of a plain or quoted scalar, and of its end.
fn flow_offsets(source: &Source<'_>, span: Span, style: ScalarStyle) -> Option<Vec<usize>> {
    let raw = source.slice(span);
    let mut body = raw;
    if raw.starts_with('&') {
        body = raw[raw.find(BLANK)?..].trim_start_matches(BLANK);
    }
    let mut at = span.start + raw.len() - body.len();
    if let ScalarStyle::Single | ScalarStyle::Double = style {
        body = body.get(1..body.len().saturating_sub(1))?;
        at += 1;
    }
    let mut offsets = Vec::with_capacity(body.len() + 1);
    while !body.is_empty() {
        let (length, count) = piece(body, style);
        offsets.extend(repeat_n(at, count));
        at += length;
        body = body.get(length..)?;
    }
    offsets.push(at);
    Some(offsets)
}

/// Returns the length in bytes of the first indivisible piece of a flow scalar, and the number of
/// characters that it encodes.
fn piece(body: &str, style: ScalarStyle) -> (usize, usize) {
    let escape = body.strip_prefix('\\');
    let escape = escape.filter(|_| style == ScalarStyle::Double);
    let rest = escape.unwrap_or(body);
    let run = &rest[..rest.len() - rest.trim_start_matches(BLANK).len()];
    let breaks = run.matches(LINE_BREAK).count() - run.matches("\r\n").count();
    match escape {
        // Lines are joined by a space, and blank lines between them stay line breaks.
        None if breaks == 1 => (run.len(), 1),
        None if breaks > 1 => (run.len(), breaks - 1),
        Some(escape) if escape.starts_with(LINE_BREAK) => (1 + run.len(), breaks - 1),
        Some(escape) => (1 + escape_length(escape), 1),
        None if style == ScalarStyle::Single && body.starts_with("''") => (2, 1),
        None => (body.chars().next().map_or(1, char::len_utf8), 1),
    }
}

/// Returns the length of an escape without its backslash. JSON writes a character beyond U+FFFF as
/// two escapes.
fn escape_length(escape: &str) -> usize {
    let is_pair = |digits: &str| {
        let high = u32::from_str_radix(digits, 16);
        high.is_ok_and(|high| (0xd800..0xdc00).contains(&high))
    };
    match escape.as_bytes().first() {
        Some(b'x') => 3,
        Some(b'u') if escape.get(1..5).is_some_and(is_pair) => 11,
        Some(b'u') => 5,
        Some(b'U') => 9,
        _ => escape.chars().next().map_or(0, char::len_utf8),
    }
}

/// Returns the offset of each character of a block scalar, and of its end.
///
/// The text of a block scalar differs from its source only in white space: by indentation and
/// folded lines.
fn block_offsets(source: &Source<'_>, span: Span, text: &str) -> Option<Vec<usize>> {
    let file = source.text;
    // The span begins at the anchor, or at the first character that is not blank. The text begins
    // on the line after the header.
    let header = match source.slice(span).starts_with('&') {
        true => span.start,
        false => file.get(..span.start)?.trim_end_matches(BLANK).len(),
    };
    let mut at = header + file.get(header..)?.find('\n')? + 1;
    let first = at + blanks(&file[at..]);
    let column = first - file[..first].rfind(LINE_BREAK).map_or(0, |i| i + 1);
    let leading = &text[..blanks(text)];
    let own = leading.len() - leading.rfind('\n').map_or(0, |i| i + 1);
    let indentation = column.saturating_sub(own);
    let indented = |at: usize| {
        let line = file[at..].bytes().take(indentation);
        at + line.take_while(|byte| *byte == b' ').count()
    };
    at = indented(at);
    let mut offsets = Vec::with_capacity(text.len() + 1);
    for c in text.chars() {
        if !BLANK.contains(&c) {
            at += blanks(&file[at..]);
        }
        offsets.push(at);
        let rest = &file[at..];
        if c == '\n' && rest.starts_with(LINE_BREAK) {
            at = indented(at + if rest.starts_with("\r\n") { 2 } else { 1 });
        } else if rest.starts_with(c) {
            at += c.len_utf8();
        } else if !BLANK.contains(&c) {
            return None;
        }
    }
    offsets.push(at);
    Some(offsets)
}

/// Returns the length of the white space at the beginning of a text.
fn blanks(text: &str) -> usize {
    text.len() - text.trim_start_matches(BLANK).len()
}
