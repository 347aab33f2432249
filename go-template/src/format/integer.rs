//! Integers.

use super::ValuePrinter;
use super::quote::{is_printable, quote};
use crate::model::IntType;

impl ValuePrinter<'_> {
    /// Appends an integer. `false` if the verb does not print one.
    pub(super) fn integer(&mut self, number: i64, ty: &IntType, verb: char) -> bool {
        let negative = ty.signed && number < 0;
        let size = if negative {
            number.unsigned_abs()
        } else {
            number as u64
        };
        match verb {
            'v' if self.spec.sharp_v && !ty.signed => {
                let sharp = std::mem::replace(&mut self.spec.sharp, true);
                self.digits(negative, size, 16, verb);
                self.spec.sharp = sharp;
            }
            'v' | 'd' => self.digits(negative, size, 10, verb),
            'b' => self.digits(negative, size, 2, verb),
            'o' | 'O' => self.digits(negative, size, 8, verb),
            'x' | 'X' => self.digits(negative, size, 16, verb),
            'c' => self.pad(rune(number as u64).encode_utf8(&mut [0; 4]).as_bytes()),
            'q' => {
                let c = rune(number as u64);
                let text = quote(c.encode_utf8(&mut [0; 4]).as_bytes(), '\'', self.spec.plus);
                self.pad(&text);
            }
            'U' => self.code_point(number as u64),
            _ => return false,
        }
        true
    }

    fn digits(&mut self, negative: bool, size: u64, base: u32, verb: char) {
        let spec = self.spec;
        let sign = match negative {
            true => "-",
            false if spec.plus => "+",
            false if spec.space => " ",
            false => "",
        };
        let wanted = match (spec.precision, spec.width) {
            (Some(0), _) if size == 0 => {
                let spaces = spec.width.unwrap_or(0);
                self.out.resize(self.out.len() + spaces, b' ');
                return;
            }
            (Some(precision), _) => precision,
            (None, Some(width)) if spec.zero && !spec.minus => width.saturating_sub(sign.len()),
            _ => 0,
        };
        let digits = match base {
            2 => format!("{size:b}"),
            8 => format!("{size:o}"),
            16 if verb == 'X' => format!("{size:X}"),
            16 => format!("{size:x}"),
            _ => size.to_string(),
        };
        let zeros = "0".repeat(wanted.saturating_sub(digits.len()));
        let prefix = match base {
            _ if verb == 'O' && spec.sharp && zeros.is_empty() && !digits.starts_with('0') => "0o0",
            _ if verb == 'O' => "0o",
            2 if spec.sharp => "0b",
            8 if spec.sharp && zeros.is_empty() && !digits.starts_with('0') => "0",
            16 if spec.sharp && verb == 'X' => "0X",
            16 if spec.sharp => "0x",
            _ => "",
        };
        self.pad_with_spaces(format!("{sign}{prefix}{zeros}{digits}").as_bytes());
    }

    fn code_point(&mut self, number: u64) {
        let digits = format!("{number:X}");
        let wanted = self.spec.precision.unwrap_or(0).max(4);
        let zeros = "0".repeat(wanted.saturating_sub(digits.len()));
        let mut text = format!("U+{zeros}{digits}");
        let c = u32::try_from(number).ok().and_then(char::from_u32);
        if let Some(c) = c.filter(|c| self.spec.sharp && is_printable(*c)) {
            text.push_str(&format!(" '{c}'"));
        }
        self.pad_with_spaces(text.as_bytes());
    }
}

/// The character with a number, or a replacement character.
fn rune(number: u64) -> char {
    let c = u32::try_from(number).ok().and_then(char::from_u32);
    c.unwrap_or(char::REPLACEMENT_CHARACTER)
}
