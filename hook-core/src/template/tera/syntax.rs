//! The parts of a template that Tera has parsed, for the check and the lints.
//!
//! Tera does not expose its syntax tree. This tokenizer separates text, values and tags of a valid
//! template, and finds the names in an expression.

use std::collections::BTreeSet;
use std::ops::Range;

/// A part of a template.
#[derive(Debug)]
pub(crate) struct Part<'s> {
    pub(crate) kind: PartKind,
    /// The beginning in the source, in bytes.
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// Its text without trimmed white space; for a value, without the braces.
    pub(crate) text: &'s str,
    pub(crate) tokens: Vec<Token<'s>>,
    /// The number of open blocks around it that may be skipped at rendering.
    pub(crate) depth: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PartKind {
    /// Text, and the text of `{% raw %}`.
    Text,
    /// `{{ … }}`
    Value,
    /// `{% … %}`
    Tag,
    /// `{# … #}`
    Comment,
}

/// A token of an expression, as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token<'s> {
    pub(crate) text: &'s str,
    /// The beginning in the source, in bytes.
    pub(crate) start: usize,
}

impl Token<'_> {
    /// Returns whether it is a name or a keyword.
    pub(crate) fn is_name(&self) -> bool {
        self.text
            .starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
    }
}

/// Reads the parts of a valid template.
pub(crate) fn parts(source: &str) -> Vec<Part<'_>> {
    let mut parts: Vec<Part<'_>> = Vec::new();
    let (mut start, mut depth, mut trims) = (0, 0_usize, false);
    while start < source.len() {
        let mut tokens = Vec::new();
        let rest = &source[start..];
        let (kind, end) = match rest.get(..2) {
            Some("{{") => (PartKind::Value, tokenize(source, start, "}}", &mut tokens)),
            Some("{%") => (PartKind::Tag, tokenize(source, start, "%}", &mut tokens)),
            Some("{#") => {
                let end = rest[2..].find("#}").map(|end| start + end + 4);
                (PartKind::Comment, end.unwrap_or(source.len()))
            }
            _ => (PartKind::Text, text_end(source, start)),
        };
        let mut part = Part {
            kind,
            start,
            end,
            text: &source[start..end],
            tokens,
            depth,
        };
        let word = part.tokens.first().map_or("", |t| t.text);
        match (kind, word) {
            (PartKind::Tag, "if" | "for" | "component") => depth += 1,
            (PartKind::Tag, "endif" | "endfor" | "endcomponent") => depth = depth.saturating_sub(1),
            (PartKind::Tag, "raw") => {
                (part.text, part.end) = raw(source, end);
                part.kind = PartKind::Text;
                part.tokens.clear();
            }
            (PartKind::Value, _) => {
                let inner = part.text.get(2..part.text.len() - 2).unwrap_or_default();
                part.text = inner.trim_start_matches('-').trim_end_matches('-').trim();
            }
            (PartKind::Text, _) => {
                if trims {
                    part.text = part.text.trim_start();
                }
                if source.as_bytes().get(end + 2) == Some(&b'-') {
                    part.text = part.text.trim_end();
                }
            }
            _ => {}
        }
        start = part.end;
        trims = part.kind != PartKind::Text || word == "raw";
        trims &= source.as_bytes().get(start.wrapping_sub(3)) == Some(&b'-');
        parts.push(part);
    }
    parts
}

/// Returns the end of the text that begins at `from`.
fn text_end(source: &str, from: usize) -> usize {
    let opens = |pair: &[u8]| matches!(pair, b"{{" | b"{%" | b"{#");
    let bytes = source.as_bytes().get(from..).unwrap_or_default();
    let end = bytes.windows(2).position(opens);
    end.map_or(source.len(), |end| from + end)
}

/// Returns the text between `{% raw %}`, which ends at `from`, and `{% endraw %}`, and the end of
/// the latter.
fn raw(source: &str, from: usize) -> (&str, usize) {
    let mut at = from;
    while let Some(tag) = source[at..].find("{%").map(|i| at + i) {
        let mut tokens = Vec::new();
        let end = tokenize(source, tag, "%}", &mut tokens);
        if tokens.iter().map(|t| t.text).eq(["endraw"]) {
            let mut text = &source[from..tag];
            if source[..from].ends_with("-%}") {
                text = text.trim_start();
            }
            if source[tag..].starts_with("{%-") {
                text = text.trim_end();
            }
            return (text, end);
        }
        at = tag + 2;
    }
    (&source[from..], source.len())
}

/// Tokenizes the part that begins at `start`; returns its end.
fn tokenize<'s>(
    source: &'s str,
    start: usize,
    closing: &str,
    tokens: &mut Vec<Token<'s>>,
) -> usize {
    let mut at = start + 2;
    at += usize::from(source[at..].starts_with('-'));
    loop {
        at += source[at..].len() - source[at..].trim_start().len();
        let rest = &source[at..];
        let Some(first) = rest.chars().next() else {
            return source.len();
        };
        if rest.strip_prefix('-').unwrap_or(rest).starts_with(closing) {
            return at + 2 + usize::from(first == '-');
        }
        let run = |is: fn(char) -> bool| rest.find(|c| !is(c)).unwrap_or(rest.len());
        let length = match first {
            '"' | '\'' | '`' => string(rest, first),
            '0'..='9' => run(|c| c.is_ascii_digit()),
            'a'..='z' | 'A'..='Z' | '_' => run(|c| c.is_ascii_alphanumeric() || c == '_'),
            _ => ["...", "//", "**", "==", "!=", ">=", "<=", "</", "?.", "?["]
                .iter()
                .find(|symbol| rest.starts_with(**symbol))
                .map_or(first.len_utf8(), |symbol| symbol.len()),
        };
        tokens.push(Token {
            text: &rest[..length],
            start: at,
        });
        at += length;
    }
}

/// Returns the length of the string literal at the beginning of a text.
fn string(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (i, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return i + 1,
            _ => {}
        }
    }
    text.len()
}

/// Returns the expression of a tag, without the tag's name and the declared names.
pub(crate) fn expression<'t, 's>(tag: &'t [Token<'s>]) -> &'t [Token<'s>] {
    let after = |text: &str| {
        let at = tag.iter().position(|t| t.text == text);
        at.and_then(|at| tag.get(at + 1..)).unwrap_or_default()
    };
    match tag.first().map_or("", |t| t.text) {
        "set" | "set_global" => after("="),
        "for" => after("in"),
        _ => tag.get(1..).unwrap_or_default(),
    }
}

/// Returns the names that a tag declares.
pub(crate) fn declares<'t, 's>(
    tag: &'t [Token<'s>],
) -> impl Iterator<Item = &'s str> + use<'t, 's> {
    let count = match tag.first().map_or("", |t| t.text) {
        "set" | "set_global" => 2,
        "for" => tag.iter().position(|t| t.text == "in").unwrap_or(0),
        _ => 0,
    };
    let names = tag.iter().take(count).skip(1).filter(|t| t.is_name());
    names.map(|t| t.text)
}

/// Returns the names that a template declares.
pub(crate) fn declared<'s>(parts: &[Part<'s>]) -> BTreeSet<&'s str> {
    let tags = parts.iter().filter(|p| p.kind == PartKind::Tag);
    tags.flat_map(|part| declares(&part.tokens)).collect()
}

/// Returns the position of the first use of a variable.
pub(crate) fn first_use(parts: &[Part<'_>], name: &str) -> Option<Range<usize>> {
    parts.iter().find_map(|part| {
        let is_use = |i: &usize| path(&part.tokens, *i).is_some_and(|p| p[0] == name);
        let at = (0..part.tokens.len()).find(is_use)?;
        let start = part.tokens.get(at)?.start;
        Some(start..start + name.len())
    })
}

/// Returns the variable at a token, followed by its fields.
pub(crate) fn path<'s>(tokens: &[Token<'s>], at: usize) -> Option<Vec<&'s str>> {
    const KEYWORDS: &str = " and or not in is if else true True false False none None null loop ";
    let first = tokens.get(at).filter(|t| t.is_name())?;
    let text = |i: Option<usize>| i.and_then(|i| tokens.get(i)).map_or("", |t| t.text);
    let is_named = matches!(text(at.checked_sub(1)), "." | "?." | "|" | "is")
        || (text(at.checked_sub(1)), text(at.checked_sub(2))) == ("not", "is");
    let is_called = matches!(text(at.checked_add(1)), "(" | "=");
    if is_named || is_called || KEYWORDS.contains(&format!(" {} ", first.text)) {
        return None;
    }
    let mut path = vec![first.text];
    let mut rest = &tokens[at + 1..];
    while let [dot, name, more @ ..] = rest {
        if !matches!(dot.text, "." | "?.") || !name.is_name() {
            break;
        }
        path.push(name.text);
        rest = more;
    }
    Some(path)
}
