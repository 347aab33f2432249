//! What the names in a template stand for.

use std::collections::HashMap;

use super::context::snake_case;
use super::guard::{path, tagged};
use super::known::Kind;
use super::lex::{PartKind, Parts, Token, TokenKind};
use crate::vars::tables::VARS;
use go_template::model::StructType;

/// The names that the template declares. One that is declared twice can be anything.
pub(super) fn locals(source: &str) -> HashMap<&str, Kind> {
    let mut locals = HashMap::new();
    let mut declare = |name, kind| {
        locals
            .entry(name)
            .and_modify(|known| *known = Kind::Any)
            .or_insert(kind);
    };
    for part in Parts::of(source).map_while(Result::ok) {
        let PartKind::Tag(tokens) = part.kind else {
            continue;
        };
        match tokens.as_slice() {
            [tag, name, rest @ ..] if tag.is("set") || tag.is("set_global") => {
                let kind = match rest {
                    [assign, ..] if assign.is("=") => path_alone(&rest[1..]),
                    _ => None,
                };
                declare(name.text, kind.unwrap_or(Kind::Any));
            }
            [tag, rest @ ..] if tag.is("for") => {
                let target = tagged(&tokens).unwrap_or_default();
                let texts =
                    |of: &[&str]| of.iter().any(|t| target.first().is_some_and(|f| f.is(t)));
                let item = match path_alone(target) {
                    Some(Kind::List | Kind::Map) if texts(&["plan", "repo", "labels"]) => {
                        Kind::Text
                    }
                    _ => Kind::Any,
                };
                for name in rest.iter().take_while(|t| !t.is("in")) {
                    if name.kind == TokenKind::Name {
                        declare(name.text, item);
                    }
                }
            }
            _ => {}
        }
    }
    locals
}

/// The kind of an expression that is a path of variables and nothing else.
fn path_alone(tokens: &[Token<'_>]) -> Option<Kind> {
    let names = path(tokens, 0)?;
    (names.len() * 2 == tokens.len() + 1).then(|| {
        let mut kind = Kind::Struct(&VARS);
        for name in &names {
            kind = match kind {
                Kind::Struct(ty) => member(ty, name.text).unwrap_or(Kind::Any),
                _ => Kind::Any,
            };
        }
        kind
    })
}

/// The kind of a field.
pub(super) fn member(ty: &'static StructType, name: &str) -> Option<Kind> {
    if std::ptr::eq(ty, &raw const VARS) && name == "summary" {
        return Some(Kind::Text);
    }
    let field = ty.fields.iter().find(|f| snake_case(f.name) == name)?;
    Some(Kind::of(field.ty))
}
