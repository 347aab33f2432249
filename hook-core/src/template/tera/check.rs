//! What can be known to fail, or to be likely to, before anything is rendered.
//!
//! By the tokens of each expression: which variables and fields it names, which filters
//! get what. What tokens do not show, rendering with made-up variables does.

use std::collections::HashMap;

use super::call::literal;
use super::context::snake_case;
use super::guard::{keyword, path, tagged};
use super::known::Kind;
use super::lex::{PartKind, Parts, Token, TokenKind};
use super::scope::{locals, member};
use crate::vars::tables::VARS;
use go_template::nearest;

/// Something that is wrong with a template.
#[derive(Clone, Debug)]
pub(super) struct Flaw {
    /// Where, in bytes.
    pub(super) at: usize,
    /// How many characters are meant.
    pub(super) length: usize,
    /// The kind of flaw.
    pub(super) code: &'static str,
    /// What is wrong.
    pub(super) message: String,
    /// What may have been meant.
    pub(super) meant: Option<String>,
    /// Whether every rendering fails.
    pub(super) fails: bool,
    /// The variable without which it fails.
    pub(super) without: Option<&'static str>,
}

/// What is known to be wrong with a template that Tera can read.
pub(super) fn flaws(source: &str) -> Vec<Flaw> {
    let mut checker = Checker {
        flaws: Vec::new(),
        locals: locals(source),
        conditions: Vec::new(),
        certain: false,
        printed: false,
    };
    for part in Parts::of(source).map_while(Result::ok) {
        match part.kind {
            PartKind::Text(_) | PartKind::Comment => {}
            PartKind::Value(tokens) => {
                checker.printed = !tokens.iter().any(chooses);
                checker.certain = checker.printed && checker.conditions.is_empty();
                checker.expression(&tokens);
            }
            PartKind::Tag(tokens) => checker.tag(&tokens),
        }
    }
    checker.flaws
}

/// Whether a part of the expression may never be evaluated.
fn chooses(token: &Token<'_>) -> bool {
    ["if", "and", "or", "default", "is", "?.", "?["]
        .iter()
        .any(|t| token.is(t))
}

pub(super) struct Checker<'s> {
    flaws: Vec<Flaw>,
    locals: HashMap<&'s str, Kind>,
    /// What the blocks that are open ask for.
    conditions: Vec<Asked>,
    /// Whether what is looked at is evaluated in every rendering.
    pub(super) certain: bool,
    /// Whether what is looked at is printed, whole.
    pub(super) printed: bool,
}

impl<'s> Checker<'s> {
    fn tag(&mut self, tokens: &[Token<'s>]) {
        let inner = tagged(tokens).unwrap_or_default();
        self.certain = false;
        self.printed = false;
        match keyword(tokens) {
            "if" => {
                self.expression(inner);
                self.conditions.push(asked(inner));
            }
            "elif" => {
                self.expression(inner);
                if let Some(open) = self.conditions.last_mut() {
                    for (open, more) in open.iter_mut().zip(asked(inner)) {
                        *open |= more;
                    }
                }
            }
            "for" => {
                self.expression(inner);
                self.conditions.push(asked(inner));
            }
            "endif" | "endfor" => {
                self.conditions.pop();
            }
            "set" | "set_global" => {
                self.certain = self.conditions.is_empty() && !inner.iter().any(chooses);
                self.expression(inner);
            }
            _ => {}
        }
    }

    /// Follows an expression.
    pub(super) fn expression(&mut self, tokens: &[Token<'s>]) {
        let mut kind = Kind::Any;
        let mut i = 0;
        while let Some(token) = tokens.get(i) {
            let next_is = |text: &str| tokens.get(i + 1).is_some_and(|t| t.is(text));
            if let Some(names) = path(tokens, i) {
                let first = i == 0;
                i += names.len() * 2 - 1;
                let after = tokens.get(i);
                let alone = self.printed && first && after.is_none_or(|t| t.is("|"));
                kind = self.path(&names, alone && i >= tokens.len(), alone);
                continue;
            }
            let named = |i: usize| tokens.get(i).filter(|t| t.kind == TokenKind::Name);
            if token.is("|")
                && let Some(name) = named(i + 1)
            {
                (i, kind) = self.call("filter", name, tokens, i + 2, Some(kind));
            } else if token.is("is") && (named(i + 1)).is_some() {
                let at = i + 1 + usize::from(next_is("not"));
                match named(at) {
                    Some(name) => (i, kind) = self.call("test", name, tokens, at + 1, Some(kind)),
                    None => i = at,
                }
            } else if token.kind == TokenKind::Name && next_is("(") {
                (i, kind) = self.call("function", token, tokens, i + 1, None);
            } else {
                kind = literal(token).unwrap_or(Kind::Any);
                if tokens.get(i.wrapping_sub(1)).is_some_and(|t| t.is("-")) {
                    kind = Kind::Any;
                }
                i += 1;
            }
        }
    }

    /// A variable and its fields.
    fn path(&mut self, names: &[Token<'s>], whole: bool, printed: bool) -> Kind {
        let Some((first, fields)) = names.split_first() else {
            return Kind::Any;
        };
        let known = member(&VARS, first.text);
        let mut kind = match self.locals.get(first.text) {
            Some(_) if known.is_some() => return Kind::Any,
            Some(local) => *local,
            None => match known {
                Some(kind) => kind,
                None if self.is_full("unknown-variable") => return Kind::Any,
                None => {
                    let local = self.locals.keys().copied().map(str::to_owned);
                    let known = VARS.fields.iter().map(|f| snake_case(f.name)).chain(local);
                    let known: Vec<String> = known.chain(["summary".to_owned()]).collect();
                    let message = format!("there is no variable `{}`", first.text);
                    let meant = nearest(first.text, known.iter().map(String::as_str));
                    self.flaw(first, "unknown-variable", message, meant, whole);
                    return Kind::Any;
                }
            },
        };
        for (depth, field) in fields.iter().enumerate() {
            let Kind::Struct(ty) = kind else {
                kind = match kind {
                    Kind::Map => Kind::Text,
                    Kind::Any => Kind::Any,
                    of => {
                        let message = format!("`{}`: {} has no fields", field.text, of.title());
                        self.flaw(field, "unknown-field", message, None, whole);
                        return Kind::Any;
                    }
                };
                continue;
            };
            let Some(of) = member(ty, field.text) else {
                let all: Vec<String> = ty.fields.iter().map(|f| snake_case(f.name)).collect();
                let message = format!("{} has no field `{}`", ty.title, field.text);
                let meant = nearest(field.text, all.iter().map(String::as_str));
                self.flaw(field, "unknown-field", message, meant, whole);
                return Kind::Any;
            };
            kind = of;
            if depth == 0 && printed {
                self.nil_prone(first, field, ty.title);
            }
        }
        kind
    }

    /// A field of what may not be there, without a condition that asks for it.
    fn nil_prone(&mut self, of: &Token<'s>, field: &Token<'s>, title: &str) {
        let Some(at) = MISSING.iter().position(|root| *root == of.text) else {
            return;
        };
        if self.conditions.iter().any(|asked| asked[at]) {
            return;
        }
        let message = format!(
            "there is no `{}` without {title}, which may be missing",
            field.text
        );
        self.flaw(field, "may-be-nil", message, None, false);
        if let Some(flaw) = self.flaws.last_mut() {
            flaw.without = Some(MISSING[at]);
        }
    }

    /// Whether enough is known: all that is wrong with a script can be very much.
    fn is_full(&self, code: &str) -> bool {
        self.flaws.len() >= MAX_FLAWS && code != UNKNOWN_CALL
            || self.flaws.last().is_some_and(|f| f.code == UNKNOWN_CALL)
    }

    pub(super) fn flaw(
        &mut self,
        token: &Token<'_>,
        code: &'static str,
        message: String,
        meant: Option<String>,
        fails: bool,
    ) {
        if self.is_full(code) {
            return;
        }
        self.flaws.push(Flaw {
            at: token.start,
            length: token.text.chars().count(),
            code,
            message,
            meant,
            fails: fails && (self.certain || code == UNKNOWN_CALL),
            without: None,
        });
    }
}

/// How many flaws of a template are told.
const MAX_FLAWS: usize = 100;

/// What Tera itself refuses.
pub(super) const UNKNOWN_CALL: &str = "unknown-call";

/// What may be missing.
const MISSING: [&str; 3] = ["snapshot_stats", "repo", "plan"];

/// Which of these a condition asks for.
type Asked = [bool; 3];

fn asked(tokens: &[Token<'_>]) -> Asked {
    MISSING.map(|root| tokens.iter().any(|token| token.is(root)))
}
