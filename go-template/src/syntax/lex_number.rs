//! Cuts numbers out of the source.

use super::lex::{Lexer, is_word};
use super::token::{Flaw, Kind, Token};

impl Lexer<'_> {
    pub(super) fn number(&mut self) -> Token {
        let start = self.at;
        if !self.pass_number() {
            return self.flaw(Flaw::BadNumber, start);
        }
        if !matches!(self.byte(self.at), b'+' | b'-') {
            return self.token(Kind::Number, start);
        }
        // The second part of a complex number follows without a space.
        if self.pass_number() && self.byte(self.at - 1) == b'i' {
            self.token(Kind::Complex, start)
        } else {
            self.flaw(Flaw::BadNumber, start)
        }
    }

    fn accept(&mut self, any_of: &[u8]) -> bool {
        let found = self.at < self.source.len() && any_of.contains(&self.byte(self.at));
        self.at += usize::from(found);
        found
    }

    fn accept_run(&mut self, any_of: &[u8]) {
        while self.accept(any_of) {}
    }

    /// Passes over what looks like a number; whether it is one shows when it is read.
    fn pass_number(&mut self) -> bool {
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
