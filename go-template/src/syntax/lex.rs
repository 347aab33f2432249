//! Cuts the source into words.

use memchr::memchr;

use super::ast::Keyword;
use super::token::{Flaw, Kind, Token};
use crate::fault::Span;

const RIGHT: &[u8] = b"}}";

/// Reads one word after the other.
pub(super) struct Lexer<'s> {
    pub(super) source: &'s str,
    pub(super) at: usize,
    /// Inside `{{…}}`.
    inside: bool,
    parens: u32,
}

pub(super) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

/// Whether a character can be part of a name: a letter, a decimal digit or `_`.
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
        }
    }

    /// The next word. Behind a flaw or the end there is nothing more to read.
    pub(super) fn next(&mut self) -> Token {
        if self.inside {
            self.word()
        } else {
            self.text()
        }
    }

    pub(super) fn byte(&self, at: usize) -> u8 {
        self.source.as_bytes().get(at).copied().unwrap_or(0)
    }

    fn rest(&self) -> &'s [u8] {
        self.source.as_bytes().get(self.at..).unwrap_or_default()
    }

    pub(super) fn char(&self) -> Option<char> {
        let byte = *self.source.as_bytes().get(self.at)?;
        if byte.is_ascii() {
            return Some(byte as char);
        }
        self.source.get(self.at..)?.chars().next()
    }

    pub(super) fn token(&self, kind: Kind, start: usize) -> Token {
        Token {
            kind,
            span: Span::new(start, self.at),
        }
    }

    pub(super) fn flaw(&self, flaw: Flaw, start: usize) -> Token {
        self.token(Kind::Flaw(flaw), start)
    }

    fn skip_spaces(&mut self) {
        while is_space(self.byte(self.at)) {
            self.at += 1;
        }
    }

    /// Reads text up to the next action, and the delimiter if there is no text.
    fn text(&mut self) -> Token {
        loop {
            let start = self.at;
            let Some(delim) = self.left_delim() else {
                self.at = self.source.len();
                let kind = if start < self.at {
                    Kind::Text
                } else {
                    Kind::Eof
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
                return Token {
                    kind: Kind::Text,
                    span: Span::new(start, end),
                };
            }
            let inner = delim + if trims { 4 } else { 2 };
            if !self
                .source
                .as_bytes()
                .get(inner..)
                .is_some_and(|r| r.starts_with(b"/*"))
            {
                self.at = delim + 2;
                let token = self.token(Kind::LeftDelim, delim);
                self.at = inner;
                self.inside = true;
                self.parens = 0;
                return token;
            }
            if let Err(flaw) = self.comment(inner) {
                return self.flaw(flaw, inner);
            }
        }
    }

    /// Where the next action begins.
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

    /// Passes over a comment, which must be alone in its action.
    fn comment(&mut self, start: usize) -> Result<(), Flaw> {
        let inner = self.source.get(start + 2..).ok_or(Flaw::UnclosedComment)?;
        let length = inner.find("*/").ok_or(Flaw::UnclosedComment)?;
        self.at = start + 2 + length + 2;
        let trims = self.right_delim().ok_or(Flaw::CommentNotAlone)?;
        self.close(trims);
        Ok(())
    }

    /// Whether the action ends here, and whether it trims the text behind it.
    fn right_delim(&self) -> Option<bool> {
        let rest = self.rest();
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
                return self.flaw(Flaw::UnclosedParen, start);
            }
            let delim = start + if trims { 2 } else { 0 };
            self.close(trims);
            return Token {
                kind: Kind::RightDelim,
                span: Span::new(delim, delim + 2),
            };
        }
        let Some(c) = self.char() else {
            return self.flaw(Flaw::UnclosedAction, start);
        };
        match c {
            ' ' | '\t' | '\r' | '\n' => self.space(),
            '"' => self.quoted('"', Kind::Str, Flaw::UnclosedString),
            '\'' => self.quoted('\'', Kind::Char, Flaw::UnclosedChar),
            '`' => self.raw(),
            '$' => self.dollar_or_dot(Kind::Variable, Kind::Variable),
            '.' if !self.byte(start + 1).is_ascii_digit() => {
                self.dollar_or_dot(Kind::Field, Kind::Dot)
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
            '=' => Kind::Assign,
            ':' if self.byte(self.at) == b'=' => {
                self.at += 1;
                Kind::Declare
            }
            ':' => Kind::Flaw(Flaw::ColonWithoutEquals),
            '|' => Kind::Pipe,
            '(' => {
                self.parens += 1;
                Kind::LeftParen
            }
            ')' if self.parens == 0 => Kind::Flaw(Flaw::StrayParen),
            ')' => {
                self.parens -= 1;
                Kind::RightParen
            }
            '!'..='~' => Kind::Other(c),
            _ => Kind::Flaw(Flaw::UnexpectedChar(c)),
        };
        self.token(kind, start)
    }

    /// Spaces; the last one may belong to a trimming delimiter.
    fn space(&mut self) -> Token {
        let start = self.at;
        self.skip_spaces();
        if self.byte(self.at) == b'-' && self.source.as_bytes()[self.at + 1..].starts_with(RIGHT) {
            self.at -= 1;
        }
        self.token(Kind::Space, start)
    }

    fn quoted(&mut self, quote: char, kind: Kind, flaw: Flaw) -> Token {
        let start = self.at;
        self.at += 1;
        loop {
            match self.byte(self.at) {
                b'\\'
                    if !matches!(self.byte(self.at + 1), 0 | b'\n')
                        || (self.byte(self.at + 1) == 0 && self.at + 1 < self.source.len()) =>
                {
                    self.at += 2;
                }
                b'\\' | b'\n' => return self.flaw(flaw, start),
                0 if self.at >= self.source.len() => return self.flaw(flaw, start),
                byte => {
                    self.at += 1;
                    if byte == quote as u8 {
                        return self.token(kind, start);
                    }
                }
            }
        }
    }

    fn raw(&mut self) -> Token {
        let start = self.at;
        match memchr(b'`', &self.rest()[1..]) {
            Some(length) => {
                self.at += length + 2;
                self.token(Kind::RawStr, start)
            }
            None => self.flaw(Flaw::UnclosedRawString, start),
        }
    }

    fn pass_word(&mut self) {
        loop {
            let byte = self.byte(self.at);
            if byte == b'_' || byte.is_ascii_alphanumeric() {
                self.at += 1;
                continue;
            }
            match self.char().filter(|c| !c.is_ascii() && is_word(*c)) {
                Some(c) => self.at += c.len_utf8(),
                None => return,
            }
        }
    }

    /// What may directly follow a name.
    fn at_terminator(&self) -> Option<Flaw> {
        match self.char() {
            None | Some(' ' | '\t' | '\r' | '\n' | '.' | ',' | '|' | ':' | '(' | ')') => None,
            Some(_) if self.rest().starts_with(RIGHT) => None,
            Some(c) => Some(Flaw::BadChar(c)),
        }
    }

    fn named(&self, kind: Kind, start: usize) -> Token {
        self.token(self.at_terminator().map_or(kind, Kind::Flaw), start)
    }

    /// `$name`, `$`, `.name` or `.`.
    fn dollar_or_dot(&mut self, named: Kind, alone: Kind) -> Token {
        let start = self.at;
        self.at += 1;
        if self.at_terminator().is_none() {
            return self.token(alone, start);
        }
        self.pass_word();
        self.named(named, start)
    }

    fn identifier(&mut self) -> Token {
        let start = self.at;
        self.pass_word();
        let word = self.source.get(start..self.at).unwrap_or_default();
        let kind = match word {
            "true" | "false" => Kind::Bool,
            "nil" => Kind::Nil,
            _ => Keyword::parse(word).map_or(Kind::Identifier, Kind::Keyword),
        };
        self.named(kind, start)
    }
}
