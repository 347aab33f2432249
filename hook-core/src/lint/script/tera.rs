//! The pieces of a Tera template.
//!
//! Tera's own syntax tree is not to be had, so its text is read anew, as far as decides
//! what stands where: text, `{{ … }}`, `{% … %}`, `{# … #}`, and which tags branch. Every
//! interpolation is one word of the shell, unless a filter says that it is finished text.

use std::collections::HashMap;

use super::chars::Chars;
use super::piece::{Hole, Literal, Piece, Value};
use super::vocabulary::{Shape, Vocabulary};
use crate::template::Template;
use crate::template::tera::guard::{keyword, path, tagged};
use crate::template::tera::lex::{Part, PartKind, Parts, Token, TokenKind};

/// How deep blocks are followed.
const MAX_DEPTH: usize = 64;

/// How often it is gone through what variables are set to.
const MAX_ROUNDS: usize = 8;

/// The pieces of a template; `None` if it has tags that this does not follow.
pub(super) fn pieces(template: &Template, vocabulary: &Vocabulary) -> Option<Vec<Piece>> {
    let mut reader = Reader {
        source: template.source(),
        parts: Parts::of(template.source()),
        locals: HashMap::new(),
        vocabulary,
    };
    reader.declare()?;
    let (pieces, end) = reader.block(0)?;
    end.is_empty().then_some(pieces)
}

struct Reader<'t> {
    source: &'t str,
    parts: Parts<'t>,
    /// What the template's own variables can hold.
    locals: HashMap<&'t str, Printed>,
    vocabulary: &'t Vocabulary,
}

/// What an expression comes to.
#[derive(Clone, PartialEq)]
struct Printed {
    value: Value,
    /// Whether it is printed as it is, and not quoted.
    finished: bool,
}

impl Printed {
    fn plain(value: Value) -> Printed {
        let finished = false;
        Printed { value, finished }
    }

    /// Of whatever comes of an expression that holds something finished.
    fn free(finished: bool) -> Printed {
        let value = Value::free();
        Printed { value, finished }
    }
}

impl<'t> Reader<'t> {
    /// Pieces up to a tag that ends or parts a block, and that tag; empty at the end.
    fn block(&mut self, depth: usize) -> Option<(Vec<Piece>, &'t str)> {
        if depth > MAX_DEPTH {
            return None;
        }
        let mut pieces = Vec::new();
        while let Some(part) = self.parts.next() {
            let Part { kind, start, end } = part.ok()?;
            match kind {
                PartKind::Text(text) => pieces.push(Piece::Text(text.to_owned())),
                PartKind::Comment => {}
                PartKind::Value(tokens) => {
                    let inner = &self.source[start + 2..end - 2];
                    let shown = inner.trim_start_matches('-').trim_end_matches('-').trim();
                    let mut printed = self.expression(&tokens);
                    if !printed.finished {
                        printed.value.escapes += 1;
                        printed.value.inner = Some(shown.to_owned());
                    }
                    pieces.push(Piece::Hole(Hole {
                        start,
                        end,
                        shown: shown.to_owned(),
                        value: printed.value,
                    }));
                }
                PartKind::Tag(tokens) => match keyword(&tokens) {
                    "set" | "set_global" | "break" | "continue" => {}
                    "if" => pieces.push(self.branches(depth)?),
                    "for" => pieces.push(self.turns(depth)?),
                    tag @ ("elif" | "else" | "endif" | "endfor") => return Some((pieces, tag)),
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
            match tag {
                "elif" => {}
                "else" => has_else = true,
                "" => return None,
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
        if tag == "else" {
            arms.push(self.block(depth + 1)?.0);
        }
        Some(Piece::Fork(arms))
    }

    /// Learns what the template's variables can hold, whatever the order in which they
    /// are set.
    fn declare(&mut self) -> Option<()> {
        for _ in 0..MAX_ROUNDS {
            let before = self.locals.clone();
            for part in Parts::of(self.source) {
                let PartKind::Tag(tokens) = part.ok()?.kind else {
                    continue;
                };
                let inner = tagged(&tokens).ok()?;
                match tokens.as_slice() {
                    [tag, name, ..] if tag.is("set") || tag.is("set_global") => {
                        let printed = self.expression(inner);
                        self.set(name.text, printed);
                    }
                    [tag, rest @ ..] if tag.is("for") => {
                        let finished = self.holds_finished(inner);
                        let names = rest.iter().take_while(|t| !t.is("in"));
                        for name in names.filter(|t| t.kind == TokenKind::Name) {
                            self.set(name.text, Printed::free(finished));
                        }
                    }
                    _ => {}
                }
            }
            if self.locals == before {
                return Some(());
            }
        }
        // Never settled: anything may be anything.
        for local in self.locals.values_mut() {
            *local = Printed::free(true);
        }
        Some(())
    }

    fn set(&mut self, name: &'t str, printed: Printed) {
        let either = match self.locals.get(name) {
            Some(known) if *known != printed => Printed::free(known.finished || printed.finished),
            _ => printed,
        };
        self.locals.insert(name, either);
    }

    /// What an expression can come to.
    fn expression(&self, tokens: &[Token<'t>]) -> Printed {
        let mut parts = split(tokens, |t| t.is("|")).into_iter();
        let head = parts.next().unwrap_or_default();
        if is_composed(tokens) {
            // Texts put together, numbers and truth values are quoted; a choice may be of
            // something that is finished.
            let choice = ["if", "and", "or"];
            let chooses = tokens.iter().any(|t| choice.iter().any(|c| t.is(c)));
            return Printed::free(chooses && self.holds_finished(tokens));
        }
        let mut printed = self.head(head);
        for filter in parts {
            if let Some((name, args)) = filter.split_first() {
                printed.finished |= self.holds_finished(args);
                filtered(&mut printed, name.text, args);
            }
        }
        printed
    }

    /// Whether something in an expression is finished.
    fn holds_finished(&self, tokens: &[Token<'t>]) -> bool {
        tokens.iter().any(|t| {
            let of_local = self.locals.get(t.text).is_some_and(|l| l.finished);
            t.kind == TokenKind::Name && (of_local || FINISHING.contains(&t.text))
        })
    }

    /// What stands before the filters: a variable, a call, or something in parentheses.
    fn head(&self, tokens: &[Token<'t>]) -> Printed {
        match tokens {
            [open, inner @ .., close] if open.is("(") && close.is(")") => self.expression(inner),
            [number] if number.kind == TokenKind::Number => Printed::plain(Value::safe()),
            [name, open, args @ .., _] if name.kind == TokenKind::Name && open.is("(") => {
                let value = split(args, |t| t.is(","))
                    .into_iter()
                    .find(|arg| arg.first().is_some_and(|name| name.is("value")));
                let mut printed = match value {
                    Some([_, _, value @ ..]) => self.expression(value),
                    _ => Printed::plain(Value::free()),
                };
                filtered(&mut printed, name.text, args);
                printed
            }
            _ => match path(tokens, 0) {
                Some(names) if names.len() * 2 == tokens.len() + 1 => self.variable(&names),
                _ => Printed::free(self.holds_finished(tokens)),
            },
        }
    }

    /// The variable that a path names: `plan.id`.
    fn variable(&self, names: &[Token<'t>]) -> Printed {
        if let [first, fields @ ..] = names
            && let Some(local) = self.locals.get(first.text)
        {
            return match fields {
                [] => local.clone(),
                _ => Printed::free(local.finished),
            };
        }
        let mut shape = Shape::Root;
        for name in names {
            let name = match shape {
                Shape::Labels => name.text.to_owned(),
                _ => camel_case(name.text),
            };
            shape = self.vocabulary.member(&shape, &name);
        }
        Printed::plain(self.vocabulary.printed(&shape))
    }
}

/// Filters after which a text is printed as it is.
const FINISHING: [&str; 7] = [
    "raw",
    "safe",
    "escape",
    "shell_escape",
    "powershell_escape",
    "applescript_escape",
    "url_escape",
];

/// What a filter makes of a value.
fn filtered(printed: &mut Printed, name: &str, args: &[Token<'_>]) {
    let quotes = Chars::DOUBLE.and(Chars::BACKSLASH);
    let value = &mut printed.value;
    match name {
        "raw" | "safe" => {}
        // What is finished stays as it is.
        "escape" if printed.finished => {}
        "shell_escape" | "escape" => value.escapes += 1,
        "powershell_escape" => *value = literal(value, Literal::PowerShell, Chars::SINGLE),
        "applescript_escape" => *value = literal(value, Literal::AppleScript, quotes),
        "url_escape" => *value = Value::safe(),
        "json_marshal" => {
            *value = literal(value, Literal::Json, quotes);
            value.chars = value.chars.without(Chars::NEWLINE);
            printed.finished = false;
        }
        "format_size_bytes" | "format_duration" | "event_name" | "is_error" | "length" => {
            *value = Value::safe();
        }
        "format_time" if args.is_empty() => *value = Value::safe(),
        // What another filter makes can be anything, but only from something.
        _ if value.chars.is_none() && !args.iter().any(|t| t.kind == TokenKind::Text) => {}
        _ => {
            *value = Value {
                escapes: value.escapes,
                ..Value::free()
            }
        }
    }
    printed.finished |= FINISHING.contains(&name);
}

/// Whether there is an operator other than filters outside all brackets.
fn is_composed(tokens: &[Token<'_>]) -> bool {
    const WORDS: [&str; 7] = ["and", "or", "not", "in", "is", "if", "else"];
    let mut depth = 0_usize;
    tokens.iter().any(|token| match token.kind {
        TokenKind::Symbol => match token.text {
            "(" | "[" | "{" | "?[" => {
                depth += 1;
                false
            }
            ")" | "]" | "}" => {
                depth = depth.saturating_sub(1);
                false
            }
            "|" | "." | "?." => false,
            _ => depth == 0,
        },
        TokenKind::Name => depth == 0 && WORDS.contains(&token.text),
        TokenKind::Text | TokenKind::Number => false,
    })
}

/// Tokens parted at those outside all brackets.
fn split<'t, 's>(tokens: &'t [Token<'s>], at: fn(&Token<'s>) -> bool) -> Vec<&'t [Token<'s>]> {
    let mut depth = 0_usize;
    tokens
        .split(|token| {
            if token.kind == TokenKind::Symbol {
                match token.text {
                    "(" | "[" | "{" | "?[" => depth += 1,
                    ")" | "]" | "}" => depth = depth.saturating_sub(1),
                    _ => {}
                }
            }
            depth == 0 && at(token)
        })
        .collect()
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

/// `snapshot_stats` as `SnapshotStats`.
fn camel_case(name: &str) -> String {
    let words = name.split('_').map(|word| {
        let mut chars = word.chars();
        let first = chars.next().map(|c| c.to_ascii_uppercase());
        first.into_iter().chain(chars).collect::<String>()
    });
    words.collect()
}
