//! Tokens: the words that a template consists of.

use super::ast::Keyword;
use crate::fault::Span;

/// A word of the source.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) span: Span,
}

impl Token {
    pub(super) fn new(kind: TokenKind, start: usize, end: usize) -> Token {
        Token {
            kind,
            span: Span::new(start, end),
        }
    }
}

/// The kind of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// The lexer failed; the message is in the lexer. No token follows.
    Error,
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
