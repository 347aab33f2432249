//! The pieces of a Tera template.
//!
//! Tera's own syntax tree is not to be had, so its text is read anew, as far as decides
//! what stands where: text, `{{ … }}`, `{% … %}`, `{# … #}`, and which tags branch. Every
//! interpolation is one word of the shell, unless a filter says that it is finished text.

use super::chars::Chars;
use super::piece::{Hole, Literal, Piece, Value};
use super::vocabulary::{Shape, Vocabulary};
use crate::template::Template;

/// How deep blocks are followed.
const MAX_DEPTH: usize = 64;

/// The pieces of a template; `None` if it has tags that this does not follow.
pub(super) fn pieces(template: &Template, vocabulary: &Vocabulary) -> Option<Vec<Piece>> {
    let mut reader = Reader {
        source: template.source(),
        at: 0,
        trim_next: false,
        vocabulary,
    };
    let (pieces, end) = reader.block(0)?;
    end.is_empty().then_some(pieces)
}

struct Reader<'t> {
    source: &'t str,
    at: usize,
    /// Whether the last delimiter takes the white space behind it away.
    trim_next: bool,
    vocabulary: &'t Vocabulary,
}

/// A part of the source.
enum Token<'t> {
    Text(&'t str),
    Value { start: usize, inner: &'t str },
    Tag(&'t str),
    Comment,
}

impl<'t> Reader<'t> {
    /// Pieces up to a tag that ends or parts a block, and that tag; empty at the end.
    fn block(&mut self, depth: usize) -> Option<(Vec<Piece>, &'t str)> {
        if depth > MAX_DEPTH {
            return None;
        }
        let mut pieces = Vec::new();
        while let Some(token) = self.token()? {
            match token {
                Token::Text(text) => pieces.push(Piece::Text(text.to_owned())),
                Token::Comment => {}
                Token::Value { start, inner } => pieces.push(Piece::Hole(Hole {
                    start,
                    end: self.at,
                    shown: inner.trim().to_owned(),
                    value: self.value(inner.trim()),
                })),
                Token::Tag(tag) => match tag.split_whitespace().next().unwrap_or_default() {
                    // A block that keeps its text in a variable has no `=`.
                    "set" | "set_global" if tag.contains('=') => {}
                    "break" | "continue" => {}
                    "raw" => pieces.push(Piece::Text(self.raw()?.to_owned())),
                    "if" => pieces.push(self.branches(depth)?),
                    "for" => pieces.push(self.turns(depth)?),
                    "elif" | "else" | "endif" | "endfor" => return Some((pieces, tag)),
                    _ => return None,
                },
            }
        }
        Some((pieces, ""))
    }

    fn branches(&mut self, depth: usize) -> Option<Piece> {
        let mut arms = Vec::new();
        let mut has_else = false;
        loop {
            let (pieces, tag) = self.block(depth + 1)?;
            arms.push(pieces);
            match tag.split_whitespace().next()? {
                "elif" => {}
                "else" => has_else = true,
                _ => break,
            }
        }
        if !has_else {
            arms.push(Vec::new());
        }
        Some(Piece::Fork(arms))
    }

    fn turns(&mut self, depth: usize) -> Option<Piece> {
        let (body, tag) = self.block(depth + 1)?;
        let mut arms = vec![vec![Piece::Loop(body)]];
        if tag.starts_with("else") {
            arms.push(self.block(depth + 1)?.0);
        }
        Some(Piece::Fork(arms))
    }

    /// The next part; `Some(None)` at the end, `None` if the source makes no sense.
    fn token(&mut self) -> Option<Option<Token<'t>>> {
        let rest = &self.source[self.at..];
        if rest.is_empty() {
            return Some(None);
        }
        let opening = ["{{", "{%", "{#"]
            .into_iter()
            .filter_map(|d| rest.find(d))
            .min();
        if opening != Some(0) {
            let end = opening.unwrap_or(rest.len());
            let mut text = &rest[..end];
            if std::mem::take(&mut self.trim_next) {
                text = text.trim_start();
            }
            if rest.as_bytes().get(end + 2) == Some(&b'-') {
                text = text.trim_end();
            }
            self.at += end;
            return Some(Some(Token::Text(text)));
        }
        self.trim_next = false;
        let start = self.at;
        let comment = rest.starts_with("{#");
        let closing = match &rest[..2] {
            "{{" => "}}",
            "{%" => "%}",
            _ => "#}",
        };
        let end = closing_at(&rest[2..], closing, !comment)? + 2;
        self.at += end + 2;
        self.trim_next = rest[..end].ends_with('-');
        let inner = rest[2..end].trim_start_matches('-').trim_end_matches('-');
        Some(Some(match closing {
            "}}" => Token::Value { start, inner },
            "%}" => Token::Tag(inner.trim()),
            _ => Token::Comment,
        }))
    }

    /// The text up to `{% endraw %}`.
    fn raw(&mut self) -> Option<&'t str> {
        let from = self.at;
        let mut at = from;
        loop {
            at += self.source[at..].find("{%")?;
            let after = self.source[at + 2..].trim_start_matches('-').trim_start();
            if let Some(after) = after.strip_prefix("endraw") {
                let close = after.find("%}")?;
                self.at = self.source.len() - after.len() + close + 2;
                return Some(&self.source[from..at]);
            }
            at += 2;
        }
    }

    /// What an expression can come to.
    fn value(&self, expression: &str) -> Value {
        let mut parts = expression.split('|').map(str::trim);
        let head = parts.next().unwrap_or_default();
        let mut value = self.head(head).unwrap_or_else(Value::free);
        let mut finished = false;
        for filter in parts {
            let name = filter.split('(').next().unwrap_or_default().trim();
            match name {
                "raw" | "safe" => finished = true,
                "shell_escape" => {
                    value.escapes += 1;
                    finished = true;
                }
                "powershell_escape" => {
                    value = literal(&value, Literal::PowerShell, Chars::SINGLE);
                    finished = true;
                }
                "applescript_escape" => {
                    let quotes = Chars::DOUBLE.and(Chars::BACKSLASH);
                    value = literal(&value, Literal::AppleScript, quotes);
                    finished = true;
                }
                "url_escape" => {
                    value = Value::safe();
                    finished = true;
                }
                "json_marshal" => {
                    let quotes = Chars::DOUBLE.and(Chars::BACKSLASH);
                    value = literal(&value, Literal::Json, quotes);
                    value.chars = value.chars.without(Chars::NEWLINE);
                }
                "format_size_bytes" | "format_duration" | "event_name" | "is_error" | "length"
                | "format_time" => value = Value::safe(),
                // What another filter makes can be anything, but only from something.
                _ if value.chars.is_none() && !filter.contains(['"', '\'']) => {}
                _ => {
                    value = Value {
                        escapes: value.escapes,
                        ..Value::free()
                    }
                }
            }
        }
        if !finished {
            value.escapes += 1;
            value.inner = Some(expression.to_owned());
        }
        value
    }

    /// The variable that a path names: `plan.id`.
    fn head(&self, path: &str) -> Option<Value> {
        let is_path = path
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '_' | '.'));
        if !is_path || path.is_empty() {
            return None;
        }
        if path.starts_with(|c: char| c.is_ascii_digit()) {
            return Some(Value::safe());
        }
        let mut shape = Shape::Root;
        for name in path.split('.') {
            let name = match shape {
                Shape::Labels => name.to_owned(),
                _ => camel_case(name),
            };
            shape = self.vocabulary.member(&shape, &name);
        }
        Some(self.vocabulary.printed(&shape))
    }
}

fn literal(value: &Value, literal: Literal, quotes: Chars) -> Value {
    let added = if value.chars.is_none() {
        Chars::NONE
    } else {
        quotes
    };
    Value {
        literal: Some(literal),
        ..Value::of(value.chars.and(added))
    }
}

/// Where a delimiter closes, strings passed over.
fn closing_at(text: &str, closing: &str, strings: bool) -> Option<usize> {
    let mut quote = None;
    for (i, c) in text.char_indices() {
        match quote {
            None if text[i..].starts_with(closing) => return Some(i),
            None if strings && matches!(c, '"' | '\'' | '`') => quote = Some(c),
            Some(open) if c == open => quote = None,
            _ => {}
        }
    }
    None
}

/// `snapshot_stats` as `SnapshotStats`.
fn camel_case(name: &str) -> String {
    let words = name.split('_').map(|word| {
        let mut chars = word.chars();
        let first = chars.next().map(|c| c.to_ascii_uppercase());
        first.into_iter().chain(chars).collect::<String>()
    });
    words.collect()
}
