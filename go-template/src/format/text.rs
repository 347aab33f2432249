//! Strings and truth values.

use super::Printer;
use super::quote;

/// The character that bytes begin with and its length; a replacement character of one
/// byte where they are not UTF-8.
pub(super) fn decode(bytes: &[u8]) -> (char, usize) {
    let head = &bytes[..bytes.len().min(4)];
    let valid = match std::str::from_utf8(head) {
        Ok(text) => text,
        Err(e) => std::str::from_utf8(&head[..e.valid_up_to()]).unwrap_or_default(),
    };
    valid
        .chars()
        .next()
        .map_or((char::REPLACEMENT_CHARACTER, 1), |c| (c, c.len_utf8()))
}

/// How many characters there are; a byte that is not UTF-8 counts as one.
pub(super) fn rune_count(text: &[u8]) -> usize {
    text.utf8_chunks()
        .map(|chunk| chunk.valid().chars().count() + chunk.invalid().len())
        .sum()
}

impl Printer<'_> {
    pub(super) fn bool(&mut self, truth: bool, verb: char) -> bool {
        if matches!(verb, 't' | 'v') {
            self.pad(if truth { b"true" } else { b"false" });
            return true;
        }
        false
    }

    /// Adds a string; whether the verb can print one.
    pub(super) fn string(&mut self, text: &[u8], verb: char) -> bool {
        match verb {
            'v' if self.spec.sharp_v => self.quoted(text),
            'v' | 's' => self.pad(self.truncated(text)),
            'q' => self.quoted(text),
            'x' | 'X' => self.hex(text, verb == 'X'),
            _ => return false,
        }
        true
    }

    /// As many characters as the precision allows.
    fn truncated<'t>(&self, text: &'t [u8]) -> &'t [u8] {
        let Some(limit) = self.spec.precision.filter(|p| *p < text.len()) else {
            return text;
        };
        let mut end = 0;
        for _ in 0..limit {
            if end >= text.len() {
                break;
            }
            end += decode(&text[end..]).1;
        }
        &text[..end]
    }

    fn quoted(&mut self, text: &[u8]) {
        let text = self.truncated(text);
        let quoted = if self.spec.sharp && quote::can_backquote(text) {
            [b"`", text, b"`"].concat()
        } else {
            quote::quote(text, '"', self.spec.plus)
        };
        self.pad(&quoted);
    }

    fn hex(&mut self, text: &[u8], upper: bool) {
        let text = &text[..text.len().min(self.spec.precision.unwrap_or(usize::MAX))];
        let prefix = match (self.spec.sharp && !text.is_empty(), upper) {
            (false, _) => "",
            (true, false) => "0x",
            (true, true) => "0X",
        };
        let digits: &[u8; 16] = if upper {
            b"0123456789ABCDEF"
        } else {
            b"0123456789abcdef"
        };
        let mut hex = Vec::with_capacity(text.len() * 2 + 2);
        for (i, byte) in text.iter().enumerate() {
            if i > 0 && self.spec.space {
                hex.push(b' ');
            }
            if i == 0 || self.spec.space {
                hex.extend_from_slice(prefix.as_bytes());
            }
            hex.push(digits[usize::from(byte >> 4)]);
            hex.push(digits[usize::from(byte & 15)]);
        }
        self.pad(&hex);
    }
}
