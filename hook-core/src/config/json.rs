//! Rewrites JSON as YAML that the parser accepts.
//!
//! JSON is a subset of YAML with two exceptions: it may write a character beyond U+FFFF as two
//! escapes, and it allows tabs as indentation.

use super::codes;
use super::source::{Source, Span};
use super::yaml::{ParserInput, SyntaxFault};

/// Returns the text of a file for the YAML parser, rewritten if it is JSON.
/// Fails if the file's name says that it is JSON, and it is not.
pub(crate) fn parser_input<'t>(source: &Source<'t>) -> Result<ParserInput<'t>, SyntaxFault> {
    let extension = std::path::Path::new(&*source.file).extension();
    let by_name = extension.is_some_and(|e| e.eq_ignore_ascii_case("json"));
    if !by_name && !source.text.trim_start().starts_with('{') {
        return Ok(ParserInput::as_it_is(source.text));
    }
    match serde_json::from_str::<serde::de::IgnoredAny>(source.text) {
        Ok(_) => Ok(rewrite(source.text)),
        Err(error) if by_name => {
            let offset = match error.is_eof() {
                true => source.text.len(),
                false => source.offset(error.line(), error.column()),
            };
            let message = error.to_string();
            let message = message.split(" at line ").next().unwrap_or_default();
            Err(SyntaxFault::new(Span::at(offset), codes::SYNTAX, message))
        }
        // A YAML file can begin with a brace, too.
        Err(_) => Ok(ParserInput::as_it_is(source.text)),
    }
}

/// Rewrites valid JSON.
fn rewrite(json: &str) -> ParserInput<'static> {
    let mut input = ParserInput::default();
    let mut in_text = false;
    let mut rest = json;
    while let Some(c) = rest.chars().next() {
        let at = json.len() - rest.len();
        let mut length = c.len_utf8();
        match c {
            '\\' => match surrogate_pair(rest) {
                Some(meant) => {
                    input.push(meant, at);
                    length = 12;
                }
                None => {
                    input.push(c, at);
                    let escaped = rest[1..].chars().next().unwrap_or_default();
                    input.push(escaped, at + 1);
                    length += escaped.len_utf8();
                }
            },
            '"' => {
                in_text = !in_text;
                input.push(c, at);
            }
            '\t' | '\n' | '\r' if !in_text => input.push(' ', at),
            ':' if !in_text => {
                input.push(c, at);
                input.push(' ', at);
            }
            _ => input.push(c, at),
        }
        rest = &rest[length..];
    }
    input
}

/// Returns the first escape of half a character beyond U+FFFF that the other half does not follow,
/// and its offset.
pub(crate) fn lone_surrogate(text: &str) -> Option<(usize, &str)> {
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        rest = &rest[at..];
        let unit = rest.get(2..6).filter(|_| rest.starts_with("\\u"));
        let unit = unit.and_then(|digits| u16::from_str_radix(digits, 16).ok());
        let length = match unit {
            _ if surrogate_pair(rest).is_some() => 12,
            Some(0xd800..=0xdfff) => return Some((text.len() - rest.len(), &rest[..6])),
            _ => 1 + rest[1..].chars().next().map_or(0, char::len_utf8),
        };
        rest = &rest[length..];
    }
    None
}

/// Returns the character that two surrogate escapes encode.
fn surrogate_pair(escapes: &str) -> Option<char> {
    let unit = |at: usize| {
        let digits = escapes.get(at..at + 6)?.strip_prefix("\\u")?;
        u16::from_str_radix(digits, 16).ok()
    };
    let decoded = char::decode_utf16([unit(0)?, unit(6)?]).next()?;
    decoded.ok().filter(|c| u32::from(*c) > 0xffff)
}
