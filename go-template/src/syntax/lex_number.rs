//! The tokens of numbers.

use super::lex::{Lexer, is_word};
use super::token::{Token, TokenKind};

impl Lexer<'_> {
    /// Reads a number. Later, [`super::number`] checks whether it is valid.
    pub(super) fn number(&mut self) -> Token {
        let start = self.at;
        let is_number = self.skip_number();
        if is_number && !matches!(self.byte(self.at), b'+' | b'-') {
            return self.token(TokenKind::Number, start);
        }
        // The imaginary part of a complex number follows without a space.
        if is_number && self.skip_number() && self.byte(self.at - 1) == b'i' {
            return self.token(TokenKind::Complex, start);
        }
        let text = self.token(TokenKind::Error, start).span.of(self.source);
        self.error(start, format!("`{text}` is not a number"))
    }

    /// Skips one of the bytes, if it is next.
    fn accept(&mut self, any_of: &[u8]) -> bool {
        let found = self.at < self.source.len() && any_of.contains(&self.byte(self.at));
        self.at += usize::from(found);
        found
    }

    fn accept_run(&mut self, any_of: &[u8]) {
        while self.accept(any_of) {}
    }

    /// Skips the characters of a number. `false` if a letter follows.
    fn skip_number(&mut self) -> bool {
        const DECIMAL: &[u8] = b"0123456789_";
        self.accept(b"+-");
        let mut digits = DECIMAL;
        let mut exponent: &[u8] = b"eE";
        if self.accept(b"0") {
            if self.accept(b"xX") {
                (digits, exponent) = (b"0123456789abcdefABCDEF_", b"pP");
            } else if self.accept(b"oO") {
                (digits, exponent) = (b"01234567_", b"");
            } else if self.accept(b"bB") {
                (digits, exponent) = (b"01_", b"");
            }
        }
        self.accept_run(digits);
        if self.accept(b".") {
            self.accept_run(digits);
        }
        if self.accept(exponent) {
            self.accept(b"+-");
            self.accept_run(DECIMAL);
        }
        self.accept(b"i");
        match self.char().filter(|c| is_word(*c)) {
            Some(c) => {
                self.at += c.len_utf8();
                false
            }
            None => true,
        }
    }
}
