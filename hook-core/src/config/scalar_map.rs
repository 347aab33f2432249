//! Where in the file each character of a scalar's text stands.
//!
//! A fault in a script is known by its line and column in the script; people look for
//! it in the file. The parser gives a scalar's text and the place of the whole, so the
//! way from one to the other is walked again here. Flow scalars (plain and quoted, JSON
//! included) are decoded anew and compared with the parser's text; block scalars are
//! aligned with their source, from which they differ in white space alone.

use super::source::{Source, Span};
use super::tree::{Node, Scalar, ScalarStyle};
use crate::source_location::TextMap;

/// The map of the text of a scalar that `node` holds.
pub(crate) fn text_map(source: &Source<'_>, node: &Node, scalar: &Scalar) -> TextMap {
    let raw = source.slice(node.span);
    let base = node.span.start;
    let offsets = match scalar.style {
        ScalarStyle::Literal | ScalarStyle::Folded => align(source, node.span, &scalar.text),
        style => decode(behind_anchor(raw), style)
            .filter(|chars| chars.chars().eq(scalar.text.chars()))
            .map(|chars| chars.offsets(base + raw.len() - behind_anchor(raw).len())),
    };
    let mut offsets = offsets.unwrap_or_default();
    // What is wrong at the end is shown on the last line, not on the one after it.
    if let ([.., newline, end], true) = (offsets.as_mut_slice(), scalar.text.ends_with('\n')) {
        *end = *newline;
    }
    let places = source.positions(offsets.into_iter());
    let places = places.map(|place| (place.line, place.column));
    TextMap::new(&scalar.text, places, source.range(node.span))
}

/// The characters of a flow scalar and where each stands, and where the last ends.
struct Decoded {
    chars: Vec<(char, usize)>,
    end: usize,
}

impl Decoded {
    fn chars(&self) -> impl Iterator<Item = char> {
        self.chars.iter().map(|(c, _)| *c)
    }

    fn offsets(&self, base: usize) -> Vec<usize> {
        let starts = self.chars.iter().map(|(_, at)| *at);
        starts.chain([self.end]).map(|at| base + at).collect()
    }
}

/// A scalar without the anchor that may stand before it.
fn behind_anchor(raw: &str) -> &str {
    match raw.strip_prefix('&') {
        Some(rest) => rest
            .find([' ', '\t', '\n', '\r'])
            .map_or("", |i| rest[i..].trim_start_matches(BLANK)),
        None => raw,
    }
}

/// The characters of a flow scalar that is all of `raw`, quotes included.
fn decode(raw: &str, style: ScalarStyle) -> Option<Decoded> {
    let (body, at) = match style {
        ScalarStyle::Plain => (raw, 0),
        ScalarStyle::Single => (raw.strip_prefix('\'')?.strip_suffix('\'')?, 1),
        _ => (raw.strip_prefix('"')?.strip_suffix('"')?, 1),
    };
    let escapes = matches!(style, ScalarStyle::Double | ScalarStyle::Json);
    let mut chars = Vec::new();
    let mut rest = body;
    let offset = |rest: &str| at + body.len() - rest.len();
    while let Some(c) = rest.chars().next() {
        let here = offset(rest);
        if escapes && c == '\\' {
            rest = &rest[1..];
            if rest.starts_with(['\n', '\r']) {
                let (breaks, after) = line_breaks(rest);
                chars.extend((1..breaks).map(|_| ('\n', here)));
                rest = after;
                continue;
            }
            let (c, after) = unescape(rest, style)?;
            chars.push((c, here));
            rest = after;
        } else if c == '\'' && style == ScalarStyle::Single {
            chars.push((c, here));
            rest = rest.strip_prefix("''")?;
        } else if matches!(c, ' ' | '\t' | '\n' | '\r') && style != ScalarStyle::Json {
            let blank = rest.len() - rest.trim_start_matches([' ', '\t']).len();
            let after = &rest[blank..];
            if after.starts_with(['\n', '\r']) {
                let here = offset(after);
                let (breaks, after) = line_breaks(after);
                match breaks {
                    1 => chars.push((' ', here)),
                    n => chars.extend((1..n).map(|_| ('\n', here))),
                }
                rest = after;
            } else {
                chars.extend(rest[..blank].char_indices().map(|(i, c)| (c, here + i)));
                rest = after;
            }
        } else {
            chars.push((c, here));
            rest = &rest[c.len_utf8()..];
        }
    }
    let end = at + body.len();
    Some(Decoded { chars, end })
}

/// How many line breaks follow, blank lines included, and what comes after them and the
/// indentation of the line.
fn line_breaks(mut rest: &str) -> (usize, &str) {
    let mut breaks = 0;
    loop {
        let after = rest
            .strip_prefix("\r\n")
            .or_else(|| rest.strip_prefix(['\n', '\r']));
        match after {
            Some(after) => {
                breaks += 1;
                rest = after.trim_start_matches([' ', '\t']);
            }
            None => return (breaks, rest),
        }
    }
}

/// The character that an escape stands for, and what comes after it; `rest` begins after
/// the backslash.
pub(crate) fn unescape(rest: &str, style: ScalarStyle) -> Option<(char, &str)> {
    let c = rest.chars().next()?;
    let after = &rest[c.len_utf8()..];
    let hex = |digits: usize| -> Option<(u32, &str)> {
        let text = after.get(..digits)?;
        if !text.bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        Some((u32::from_str_radix(text, 16).ok()?, &after[digits..]))
    };
    let simple = match c {
        '"' | '\\' | '/' => c,
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'u' => {
            let (high, after) = hex(4)?;
            if !(0xd800..0xdc00).contains(&high) || style != ScalarStyle::Json {
                return Some((char::from_u32(high)?, after));
            }
            // JSON writes a character beyond the first plane as two escapes.
            let low = after.strip_prefix("\\u")?.get(..4)?;
            let low = u32::from_str_radix(low, 16).ok()?;
            let low = low.checked_sub(0xdc00).filter(|low| *low < 0x400)?;
            let c = char::from_u32(0x1_0000 + ((high - 0xd800) << 10) + low)?;
            return Some((c, &after[6..]));
        }
        _ if style == ScalarStyle::Json => return None,
        '0' => '\0',
        'a' => '\u{7}',
        '\t' | ' ' => c,
        'v' => '\u{b}',
        'e' => '\u{1b}',
        'N' => '\u{85}',
        '_' => '\u{a0}',
        'L' => '\u{2028}',
        'P' => '\u{2029}',
        'x' | 'U' => {
            let (value, after) = hex(if c == 'x' { 2 } else { 8 })?;
            return Some((char::from_u32(value)?, after));
        }
        _ => return None,
    };
    Some((simple, after))
}

const BLANK: [char; 4] = [' ', '\t', '\n', '\r'];

/// Where the characters of a block scalar stand: its ink in order, the white space
/// between by its line breaks.
fn align(source: &Source<'_>, span: Span, text: &str) -> Option<Vec<usize>> {
    // The parser's span begins at the first ink; blank lines and indentation are before.
    let line_start = |offset: usize| {
        let before = &source.text[..offset];
        before.rfind(['\n', '\r']).map_or(0, |i| i + 1)
    };
    let mut start = line_start(span.start);
    let blank = &text[..text.len() - text.trim_start_matches(BLANK).len()];
    for _ in blank.matches('\n') {
        let before = &source.text[..start];
        let break_length = if before.ends_with("\r\n") { 2 } else { 1 };
        let end = start.saturating_sub(break_length);
        let previous = line_start(end);
        if !source.text[previous..end].trim().is_empty() {
            break;
        }
        start = previous;
    }
    align_from(source, Span { start, ..span }, text).or_else(|| {
        // With an anchor it begins there, and the text begins in the next line.
        let raw = source.slice(span);
        let header = raw.find('\n').filter(|_| raw.starts_with('&'))?;
        let start = span.start + header + 1;
        align_from(source, Span { start, ..span }, text)
    })
}

fn align_from(source: &Source<'_>, span: Span, text: &str) -> Option<Vec<usize>> {
    let (start, raw) = (span.start, source.slice(span));
    let mut offsets = Vec::with_capacity(text.len());
    let (mut raw_at, mut text_at) = (0, 0);
    loop {
        let blanks = |s: &str| s.len() - s.trim_start_matches(BLANK).len();
        let raw_run = &raw[raw_at..raw_at + blanks(&raw[raw_at..])];
        let run = &text[text_at..text_at + blanks(&text[text_at..])];
        align_blanks(run, raw_run, start + raw_at, &mut offsets);
        raw_at += raw_run.len();
        text_at += run.len();
        let Some(c) = text[text_at..].chars().next() else {
            offsets.push(start + raw_at);
            return Some(offsets);
        };
        if !raw[raw_at..].starts_with(c) {
            return None;
        }
        offsets.push(start + raw_at);
        raw_at += c.len_utf8();
        text_at += c.len_utf8();
    }
}

/// Where the white space of a run between two characters stands, line by line: what
/// ends the first line on the left of its source, what begins any other behind its
/// indentation, on the right.
fn align_blanks(run: &str, raw: &str, base: usize, offsets: &mut Vec<usize>) {
    let leading = offsets.is_empty();
    let mut raw_lines = Vec::new();
    let mut at = 0;
    for line in raw.split('\n') {
        raw_lines.push((at, at + line.trim_end_matches('\r').len()));
        at += line.len() + 1;
    }
    let last = run.matches('\n').count();
    for (i, line) in run.split('\n').enumerate() {
        // Folding takes line breaks away: the last line is the last line all the same.
        let from_end = if i == last { raw_lines.len() - 1 } else { i };
        let (start, end) = *raw_lines.get(from_end).unwrap_or(&(raw.len(), raw.len()));
        let first = if i == 0 && !leading {
            raw_lines[0].0
        } else {
            end.saturating_sub(line.len()).max(start)
        };
        let blanks = (0..line.len()).map(|n| base + (first + n).min(raw.len()));
        offsets.extend(blanks);
        if i < last {
            offsets.push(base + end);
        }
    }
}
