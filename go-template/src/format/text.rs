//! Strings and truth values.

use super::ValuePrinter;
use super::quote;

/// The first character of bytes, and its length. A replacement character of one byte if they
/// are not UTF-8.
pub(super) fn decode(bytes: &[u8]) -> (char, usize) {
    let head = &bytes[..bytes.len().min(4)];
    let first = head.utf8_chunks().next();
    let c = first.and_then(|chunk| chunk.valid().chars().next());
    c.map_or((char::REPLACEMENT_CHARACTER, 1), |c| (c, c.len_utf8()))
}

/// The number of characters. A byte that is not UTF-8 counts as one.
pub(super) fn rune_count(text: &[u8]) -> usize {
    text.utf8_chunks()
        .map(|chunk| chunk.valid().chars().count() + chunk.invalid().len())
        .sum()
}

impl ValuePrinter<'_> {
    /// Appends a truth value. `false` if the verb does not print one.
    pub(super) fn bool(&mut self, truth: bool, verb: char) -> bool {
        if matches!(verb, 't' | 'v') {
            self.pad(if truth { b"true" } else { b"false" });
            return true;
        }
        false
    }

    /// Appends a string. `false` if the verb does not print one.
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

    /// The text up to the precision, in characters.
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
        let mut hex = String::with_capacity(text.len() * 2 + 2);
        for (i, byte) in text.iter().enumerate() {
            if i > 0 && self.spec.space {
                hex.push(' ');
            }
            if i == 0 || self.spec.space {
                hex.push_str(prefix);
            }
            hex += &match upper {
                true => format!("{byte:02X}"),
                false => format!("{byte:02x}"),
            };
        }
        self.pad(hex.as_bytes());
    }
}
