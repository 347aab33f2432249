//! The words that a template is made of.

use super::ast::Keyword;
use crate::fault::Span;

/// One word of the source.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) span: Span,
}

/// What a word is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Flaw(Flaw),
    Eof,
    Text,
    LeftDelim,
    RightDelim,
    Space,
    Dot,
    Field,
    Variable,
    Identifier,
    Bool,
    Nil,
    Number,
    Complex,
    Char,
    Str,
    RawStr,
    LeftParen,
    RightParen,
    Pipe,
    Assign,
    Declare,
    Keyword(Keyword),
    /// Any other printable ASCII character.
    Other(char),
}

/// Why the source could not be cut into words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flaw {
    UnclosedAction,
    UnclosedComment,
    CommentNotAlone,
    UnclosedParen,
    StrayParen,
    ColonWithoutEquals,
    UnexpectedChar(char),
    BadChar(char),
    UnclosedChar,
    UnclosedString,
    UnclosedRawString,
    BadNumber,
}

impl Flaw {
    /// What is wrong, as a lower-case fragment.
    pub(super) fn message(self, text: &str) -> String {
        match self {
            Flaw::UnclosedAction => "the action is not closed by `}}`".to_owned(),
            Flaw::UnclosedComment => "the comment is not closed by `*/`".to_owned(),
            Flaw::CommentNotAlone => {
                "a comment must fill its action, from `{{/*` to `*/}}`".to_owned()
            }
            Flaw::UnclosedParen => "a `(` is not closed".to_owned(),
            Flaw::StrayParen => "a `)` without a `(`".to_owned(),
            Flaw::ColonWithoutEquals => "expected `:=`".to_owned(),
            Flaw::UnexpectedChar(c) => format!("unexpected character {c:?}"),
            Flaw::BadChar(c) => format!("unexpected character {c:?} after `{text}`"),
            Flaw::UnclosedChar => "the character constant is not closed by `'`".to_owned(),
            Flaw::UnclosedString => "the string is not closed by `\"` on its line".to_owned(),
            Flaw::UnclosedRawString => "the raw string is not closed by a backquote".to_owned(),
            Flaw::BadNumber => format!("`{text}` is not a number"),
        }
    }
}
