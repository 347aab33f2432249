//! The lexer, which splits the source into tokens.

use memchr::memchr;

use super::ast::Keyword;
use super::token::{Token, TokenKind};

const RIGHT: &[u8] = b"}}";

pub(super) struct Lexer<'s> {
    pub(super) source: &'s str,
    pub(super) at: usize,
    /// `true` if the position is inside `{{…}}`.
    inside: bool,
    parens: u32,
    /// The message of a [`TokenKind::Error`].
    pub(super) error: String,
}

pub(super) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

/// `true` if a character can be part of a name: a letter, a decimal digit or `_`.
pub(super) fn is_word(c: char) -> bool {
    if c.is_ascii() {
        return c == '_' || c.is_ascii_alphanumeric();
    }
    if c.is_numeric() {
        !c.is_alphabetic() && unicode_ident::is_xid_continue(c)
    } else {
        c.is_alphabetic() && unicode_ident::is_xid_start(c)
    }
}

impl<'s> Lexer<'s> {
    pub(super) fn new(source: &'s str) -> Self {
        Lexer {
            source,
            at: 0,
            inside: false,
            parens: 0,
            error: String::new(),
        }
    }

    pub(super) fn next(&mut self) -> Token {
        match self.inside {
            true => self.word(),
            false => self.text(),
        }
    }

    /// The byte at an index. 0 after the end.
    pub(super) fn byte(&self, at: usize) -> u8 {
        self.source.as_bytes().get(at).copied().unwrap_or(0)
    }

    fn rest(&self, at: usize) -> &'s [u8] {
        self.source.as_bytes().get(at..).unwrap_or_default()
    }

    pub(super) fn char(&self) -> Option<char> {
        self.source.get(self.at..)?.chars().next()
    }

    /// A token from `start` to the current position.
    pub(super) fn token(&self, kind: TokenKind, start: usize) -> Token {
        Token::new(kind, start, self.at)
    }

    pub(super) fn error(&mut self, start: usize, message: impl Into<String>) -> Token {
        self.error = message.into();
        self.token(TokenKind::Error, start)
    }

    fn skip_spaces(&mut self) {
        while is_space(self.byte(self.at)) {
            self.at += 1;
        }
    }

    /// Reads the text before the next action, or else its left delimiter.
    fn text(&mut self) -> Token {
        loop {
            let start = self.at;
            let Some(delim) = self.left_delim() else {
                self.at = self.source.len();
                let kind = match start < self.at {
                    true => TokenKind::Text,
                    false => TokenKind::Eof,
                };
                return self.token(kind, start);
            };
            let trims = self.byte(delim + 2) == b'-' && is_space(self.byte(delim + 3));
            let mut end = delim;
            while trims && end > start && is_space(self.byte(end - 1)) {
                end -= 1;
            }
            self.at = delim;
            if end > start {
                return Token::new(TokenKind::Text, start, end);
            }
            let inner = delim + if trims { 4 } else { 2 };
            if !self.rest(inner).starts_with(b"/*") {
                self.at = inner;
                self.inside = true;
                self.parens = 0;
                return Token::new(TokenKind::LeftDelim, delim, delim + 2);
            }
            if let Err(message) = self.comment(inner) {
                return self.error(inner, message);
            }
        }
    }

    /// The position of the next action.
    fn left_delim(&self) -> Option<usize> {
        let mut at = self.at;
        loop {
            at += memchr(b'{', self.source.as_bytes().get(at..)?)?;
            if self.byte(at + 1) == b'{' {
                return Some(at);
            }
            at += 1;
        }
    }

    /// Skips a comment, which must be alone in its action.
    fn comment(&mut self, start: usize) -> Result<(), &'static str> {
        let inner = self.source.get(start + 2..).unwrap_or_default();
        let length = inner
            .find("*/")
            .ok_or("the comment is not closed by `*/`")?;
        self.at = start + 2 + length + 2;
        let trims = self
            .right_delim()
            .ok_or("a comment must fill its action, from `{{/*` to `*/}}`")?;
        self.close(trims);
        Ok(())
    }

    /// `true` if the right delimiter here trims the text after it. `None` if there is no right
    /// delimiter.
    fn right_delim(&self) -> Option<bool> {
        let rest = self.rest(self.at);
        match rest {
            [space, b'-', tail @ ..] if is_space(*space) && tail.starts_with(RIGHT) => Some(true),
            _ => rest.starts_with(RIGHT).then_some(false),
        }
    }

    fn close(&mut self, trims: bool) {
        self.at += if trims { 4 } else { 2 };
        if trims {
            self.skip_spaces();
        }
        self.inside = false;
    }

    fn word(&mut self) -> Token {
        let start = self.at;
        if let Some(trims) = self.right_delim() {
            if self.parens > 0 {
                return self.error(start, "a `(` is not closed");
            }
            let delim = start + if trims { 2 } else { 0 };
            self.close(trims);
            return Token::new(TokenKind::RightDelim, delim, delim + 2);
        }
        let Some(c) = self.char() else {
            return self.error(start, "the action is not closed by `}}`");
        };
        match c {
            ' ' | '\t' | '\r' | '\n' => self.space(),
            '"' => self.quoted(
                TokenKind::Str,
                "the string is not closed by `\"` on its line",
            ),
            '\'' => self.quoted(
                TokenKind::Char,
                "the character constant is not closed by `'`",
            ),
            '`' => self.raw(),
            '$' => self.dollar_or_dot(TokenKind::Variable, TokenKind::Variable),
            '.' if !self.byte(start + 1).is_ascii_digit() => {
                self.dollar_or_dot(TokenKind::Field, TokenKind::Dot)
            }
            '.' | '+' | '-' | '0'..='9' => self.number(),
            _ if is_word(c) => self.identifier(),
            _ => self.sign(c),
        }
    }

    fn sign(&mut self, c: char) -> Token {
        let start = self.at;
        self.at += c.len_utf8();
        let kind = match c {
            '=' => TokenKind::Assign,
            ':' if self.byte(self.at) == b'=' => {
                self.at += 1;
                TokenKind::Declare
            }
            ':' => return self.error(start, "expected `:=`"),
            '|' => TokenKind::Pipe,
            '(' => {
                self.parens += 1;
                TokenKind::LeftParen
            }
            ')' if self.parens == 0 => return self.error(start, "a `)` without a `(`"),
            ')' => {
                self.parens -= 1;
                TokenKind::RightParen
            }
            '!'..='~' => TokenKind::Other(c),
            _ => return self.error(start, format!("unexpected character {c:?}")),
        };
        self.token(kind, start)
    }

    /// Reads spaces. The last one may belong to a delimiter that trims.
    fn space(&mut self) -> Token {
        let start = self.at;
        self.skip_spaces();
        if self.byte(self.at) == b'-' && self.rest(self.at + 1).starts_with(RIGHT) {
            self.at -= 1;
        }
        self.token(TokenKind::Space, start)
    }

    fn quoted(&mut self, kind: TokenKind, unclosed: &str) -> Token {
        let start = self.at;
        let quote = self.byte(start);
        self.at += 1;
        loop {
            match self.rest(self.at) {
                [] | [b'\n', ..] | [b'\\'] | [b'\\', b'\n', ..] => {
                    return self.error(start, unclosed);
                }
                [b'\\', ..] => self.at += 2,
                [byte, ..] => {
                    self.at += 1;
                    if *byte == quote {
                        return self.token(kind, start);
                    }
                }
            }
        }
    }

    fn raw(&mut self) -> Token {
        let start = self.at;
        match memchr(b'`', self.rest(start + 1)) {
            Some(length) => {
                self.at += length + 2;
                self.token(TokenKind::RawStr, start)
            }
            None => self.error(start, "the raw string is not closed by a backquote"),
        }
    }

    /// Reads the rest of a name as a token. Fails for a character that cannot follow a name.
    fn name(&mut self, kind: TokenKind, start: usize) -> Token {
        while let Some(c) = self.char().filter(|c| is_word(*c)) {
            self.at += c.len_utf8();
        }
        if self.at_terminator() {
            return self.token(kind, start);
        }
        let token = self.token(kind, start);
        let (c, text) = (self.char().unwrap_or_default(), token.span.of(self.source));
        self.error(start, format!("unexpected character {c:?} after `{text}`"))
    }

    /// `true` if the next character can directly follow a name.
    fn at_terminator(&self) -> bool {
        match self.char() {
            None | Some(' ' | '\t' | '\r' | '\n' | '.' | ',' | '|' | ':' | '(' | ')') => true,
            Some(_) => self.rest(self.at).starts_with(RIGHT),
        }
    }

    /// Reads `$name`, `$`, `.name` or `.`.
    fn dollar_or_dot(&mut self, named: TokenKind, alone: TokenKind) -> Token {
        let start = self.at;
        self.at += 1;
        match self.at_terminator() {
            true => self.token(alone, start),
            false => self.name(named, start),
        }
    }

    fn identifier(&mut self) -> Token {
        let start = self.at;
        let token = self.name(TokenKind::Identifier, start);
        let kind = match token.span.of(self.source) {
            _ if token.kind == TokenKind::Error => TokenKind::Error,
            "true" | "false" => TokenKind::Bool,
            "nil" => TokenKind::Nil,
            word => Keyword::parse(word).map_or(TokenKind::Identifier, TokenKind::Keyword),
        };
        self.token(kind, start)
    }
}
