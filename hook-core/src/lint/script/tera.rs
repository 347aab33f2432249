//! The pieces of a Tera template. Every interpolation is one word of the shell, unless a
//! filter says that it is finished text.

use std::collections::HashMap;

use super::piece::{Hole, Literal, Piece, ValueTraits};
use super::vocabulary::{Shape, Vocabulary};
use crate::template::Template;
use crate::template::tera::camel_case;
use crate::template::tera::syntax::{self, Part, PartKind, Token, path};

/// Most passes over `set` and `for` tags that determine the values of variables. If a pass still
/// finds new values then, a variable may have any value.
const MAX_PASSES: usize = 8;

/// Filters whose output is not quoted.
const FINISHING: [&str; 7] = [
    "raw",
    "safe",
    "escape",
    "shell_escape",
    "powershell_escape",
    "applescript_escape",
    "url_escape",
];

/// Returns the pieces of a template; `None` if it has tags that the lints do not support.
pub(super) fn pieces(template: &Template, vocabulary: &Vocabulary) -> Option<Vec<Piece>> {
    let parts = syntax::parts(template.source());
    let mut reader = TeraPieces {
        parts: parts.iter(),
        locals: HashMap::new(),
        vocabulary,
        source: template.source(),
    };
    let is_complete = (0..MAX_PASSES).any(|_| {
        let before = reader.locals.clone();
        let tags = parts.iter().filter(|part| part.kind == PartKind::Tag);
        tags.for_each(|tag| reader.declare(&tag.tokens));
        reader.locals == before
    });
    if !is_complete {
        let any = PrintedValue::new(ValueTraits::free(), true);
        reader.locals.values_mut().for_each(|v| *v = any.clone());
    }
    let (pieces, end) = reader.block()?;
    end.is_empty().then_some(pieces)
}

struct TeraPieces<'t> {
    parts: std::slice::Iter<'t, Part<'t>>,
    /// The values of the template's own variables.
    locals: HashMap<&'t str, PrintedValue>,
    vocabulary: &'t Vocabulary,
    source: &'t str,
}

/// The value of an expression.
#[derive(Clone, PartialEq)]
struct PrintedValue {
    value: ValueTraits,
    /// True if it is printed as it is, without shell quoting.
    finished: bool,
}

impl PrintedValue {
    fn new(value: ValueTraits, finished: bool) -> PrintedValue {
        PrintedValue { value, finished }
    }
}

impl<'t> TeraPieces<'t> {
    /// Returns the pieces up to a tag that ends or splits a block, and that tag, which is
    /// empty at the end of the template. Tera limits the nesting of blocks.
    fn block(&mut self) -> Option<(Vec<Piece>, &'t str)> {
        let mut pieces = Vec::new();
        while let Some(part) = self.parts.next() {
            let tag = part.tokens.first().map_or("", |t| t.text);
            match (part.kind, tag) {
                (PartKind::Comment, _) => {}
                (PartKind::Text, _) => pieces.push(Piece::Text {
                    start: self.text_start(part),
                    text: part.text.to_owned(),
                }),
                (PartKind::Value, "<") => return None,
                (PartKind::Value, _) => {
                    let PrintedValue {
                        mut value,
                        finished,
                    } = self.expression(&part.tokens);
                    if !finished {
                        value.escapes += 1;
                        value.inner = Some(part.text.to_owned());
                    }
                    pieces.push(Piece::Hole(Hole {
                        start: part.start,
                        end: part.end,
                        shown: part.text.to_owned(),
                        is_variable: false,
                        value,
                    }));
                }
                (PartKind::Tag, "set" | "set_global") if is_assignment(&part.tokens) => {}
                (PartKind::Tag, "set" | "set_global") => {
                    // The name of a block is optional in its end tag.
                    self.block().filter(|(_, end)| *end == "endset")?;
                }
                (PartKind::Tag, "block" | "endblock" | "break" | "continue") => {}
                (PartKind::Tag, "if") => pieces.push(self.branches()?),
                (PartKind::Tag, "for") => {
                    let (body, end) = self.block()?;
                    let mut arms = vec![vec![Piece::Loop(body)]];
                    if end == "else" {
                        arms.push(self.block()?.0);
                    }
                    pieces.push(Piece::Fork(arms));
                }
                (PartKind::Tag, "elif" | "else" | "endif" | "endfor" | "endset") => {
                    return Some((pieces, tag));
                }
                (PartKind::Tag, _) => return None,
            }
        }
        Some((pieces, ""))
    }

    /// Returns the beginning of a part's text in the template, without white space that is
    /// trimmed.
    fn text_start(&self, part: &Part<'_>) -> usize {
        let whole = self.source.get(part.start..part.end);
        part.start + whole.and_then(|whole| whole.find(part.text)).unwrap_or(0)
    }

    fn branches(&mut self) -> Option<Piece> {
        let mut arms = Vec::new();
        let mut has_else = false;
        loop {
            let (pieces, tag) = self.block()?;
            arms.push(pieces);
            match tag {
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

    /// Records the values of the variables that a tag sets.
    fn declare(&mut self, tag: &'t [Token<'t>]) {
        let inner = syntax::expression(tag);
        let is_loop = tag.first().is_some_and(|t| t.text == "for");
        let printed = match is_assignment(tag) {
            true => self.expression(inner),
            // The body of a `set` block is printed without shell quoting.
            false => PrintedValue::new(ValueTraits::free(), !is_loop || self.is_finished(inner)),
        };
        for name in syntax::declares(tag) {
            let either = match self.locals.get(name) {
                Some(known) if *known != printed => {
                    PrintedValue::new(ValueTraits::free(), known.finished || printed.finished)
                }
                _ => printed.clone(),
            };
            self.locals.insert(name, either);
        }
    }

    /// Returns whether the value of a part of an expression is printed without shell quoting.
    fn is_finished(&self, tokens: &[Token<'t>]) -> bool {
        tokens.iter().any(|t| {
            let of_local = self.locals.get(t.text).is_some_and(|l| l.finished);
            of_local || FINISHING.contains(&t.text)
        })
    }

    fn expression(&self, tokens: &[Token<'t>]) -> PrintedValue {
        const OPERATORS: [&str; 7] = ["and", "or", "not", "in", "is", "if", "else"];
        let is_operator = |t: &Token<'_>| match t.is_name() {
            true => OPERATORS.contains(&t.text),
            false => is_symbol(t) && !["|", ".", "?.", ")", "]", "}"].contains(&t.text),
        };
        if split(tokens, is_operator).len() > 1 {
            // Concatenations, numbers and booleans are quoted; a choice may have an operand
            // that is not.
            let chooses = tokens.iter().any(|t| matches!(t.text, "if" | "and" | "or"));
            return PrintedValue::new(ValueTraits::free(), chooses && self.is_finished(tokens));
        }
        let mut parts = split(tokens, |t| t.text == "|").into_iter();
        let mut printed = self.head(parts.next().unwrap_or_default());
        for filter in parts {
            if let Some((name, args)) = filter.split_first() {
                printed.finished |= self.is_finished(args);
                filtered(&mut printed, name.text, args);
            }
        }
        printed
    }

    /// Returns the value before the filters: of a variable, a call, or an expression in
    /// parentheses.
    fn head(&self, tokens: &[Token<'t>]) -> PrintedValue {
        match tokens {
            [open, inner @ .., close] if open.text == "(" && close.text == ")" => {
                self.expression(inner)
            }
            [number] if number.text.starts_with(|c: char| c.is_ascii_digit()) => {
                PrintedValue::new(ValueTraits::safe(), false)
            }
            [name, open, args @ .., _] if name.is_name() && open.text == "(" => {
                let mut args_of = split(args, |t| t.text == ",").into_iter();
                let value = args_of.find(|arg| arg.first().is_some_and(|n| n.text == "value"));
                let mut printed = match value {
                    Some([_, _, value @ ..]) => self.expression(value),
                    _ => PrintedValue::new(ValueTraits::free(), false),
                };
                filtered(&mut printed, name.text, args);
                printed
            }
            _ => match path(tokens, 0).as_deref() {
                Some([first, fields @ ..]) if fields.len() * 2 + 1 == tokens.len() => {
                    self.variable(first, fields)
                }
                _ => PrintedValue::new(ValueTraits::free(), self.is_finished(tokens)),
            },
        }
    }

    fn variable(&self, first: &str, fields: &[&str]) -> PrintedValue {
        if let Some(local) = self.locals.get(first) {
            return match fields {
                [] => local.clone(),
                _ => PrintedValue::new(ValueTraits::free(), local.finished),
            };
        }
        let mut shape = Shape::Root;
        for name in [&first].into_iter().chain(fields) {
            let name = match shape {
                Shape::Labels => (*name).to_owned(),
                _ => camel_case(name),
            };
            shape = self.vocabulary.member(&shape, &name);
        }
        PrintedValue::new(self.vocabulary.printed(&shape), false)
    }
}

/// Applies a filter to a value.
fn filtered(printed: &mut PrintedValue, name: &str, args: &[Token<'_>]) {
    let value = &mut printed.value;
    match name {
        "raw" | "safe" => {}
        // Tera does not escape text that is safe already.
        "escape" if printed.finished => {}
        "shell_escape" | "escape" => value.escapes += 1,
        "powershell_escape" => *value = value.as_literal(Literal::PowerShell),
        "applescript_escape" => *value = value.as_literal(Literal::AppleScript),
        "url_escape" => *value = ValueTraits::safe(),
        "json_marshal" => {
            *value = value.as_literal(Literal::Json);
            printed.finished = false;
        }
        "format_size_bytes" | "format_duration" | "event_name" | "is_error" | "length" => {
            *value = ValueTraits::safe();
        }
        "format_time" if args.is_empty() => *value = ValueTraits::safe(),
        // Any other filter may return any text, except that a harmless value stays harmless.
        _ if value.chars.is_empty()
            && !args.iter().any(|t| t.text.starts_with(['"', '\'', '`'])) => {}
        _ => {
            *value = ValueTraits {
                escapes: value.escapes,
                ..ValueTraits::free()
            }
        }
    }
    printed.finished |= FINISHING.contains(&name);
}

/// Returns whether a `set` tag has an expression, and no body.
fn is_assignment(tag: &[Token<'_>]) -> bool {
    matches!(tag, [set, _, assign, ..] if set.text.starts_with("set") && assign.text == "=")
}

fn is_symbol(token: &Token<'_>) -> bool {
    !token
        .text
        .starts_with(|c: char| c.is_ascii_alphanumeric() || "_\"'`".contains(c))
}

/// Splits tokens at those that `at` accepts outside all brackets.
fn split<'t, 's>(tokens: &'t [Token<'s>], at: impl Fn(&Token<'s>) -> bool) -> Vec<&'t [Token<'s>]> {
    let mut depth = 0_usize;
    tokens
        .split(|token| {
            match token.text {
                "(" | "[" | "{" | "?[" => depth += 1,
                ")" | "]" | "}" => depth = depth.saturating_sub(1),
                _ => {}
            }
            depth == 0 && at(token)
        })
        .collect()
}
