//! Texts of an event: bytes from the command line or a file, as UTF-8 without NUL, cut to a length
//! that an event can hold.

use std::borrow::Cow;

use crate::input::{Ends, Input};

/// Most bytes that are read of each end of an error's file.
const END: u32 = 256 << 10;

/// A text of an event that can be cut.
#[derive(Debug)]
pub(crate) struct LongText {
    /// The name of the text in warnings.
    what: String,
    text: String,
    gap: Option<Gap>,
}

/// Bytes of a text that were not read.
#[derive(Debug)]
struct Gap {
    /// The index in the text at which they are missing.
    at: usize,
    /// The number of these bytes, at least.
    length: u64,
    is_endless: bool,
}

impl LongText {
    pub(crate) fn new(what: impl Into<String>, text: String) -> LongText {
        LongText {
            what: what.into(),
            text,
            gap: None,
        }
    }

    /// Length in bytes of what was read.
    pub(crate) fn len(&self) -> usize {
        self.text.len()
    }

    /// Returns the beginning and the end of the text, of `most` bytes together, with a warning; the
    /// whole text if it is not longer.
    pub(crate) fn within(self, most: usize) -> (String, Option<String>) {
        let LongText { what, text, gap } = self;
        if gap.is_none() && text.len() <= most {
            return (text, None);
        }
        let unread = gap.as_ref().map_or(0, |gap| gap.length);
        let (before, after) = gap.as_ref().map_or((text.len(), 0), |gap| (gap.at, gap.at));
        let head = text.floor_char_boundary(before.min(most / 2));
        let tail = text.ceil_char_boundary(after.max(text.len().saturating_sub(most / 2)));
        let left_out = unread + (tail - head) as u64;
        let total = unread + text.len() as u64;
        let at_least = match gap {
            Some(Gap {
                is_endless: true, ..
            }) => "at least ",
            _ => "",
        };
        let (head, tail) = (&text[..head], &text[tail..]);
        let warning = format!(
            "{what} has {at_least}{total} bytes, of which the first {} and the last {} are reported",
            head.len(),
            tail.len()
        );
        let cut = format!("{head}\n… {at_least}{left_out} bytes …\n{tail}");
        (cut, Some(warning))
    }
}

/// Returns the bytes as text, with U+FFFD for what is not UTF-8 and for NUL, and whether anything
/// was replaced.
pub(crate) fn text(bytes: &[u8]) -> (String, bool) {
    let text = String::from_utf8_lossy(bytes);
    let replaced = matches!(text, Cow::Owned(_)) || text.contains('\0');
    (text.replace('\0', "\u{fffd}"), replaced)
}

/// Reads the error of an event from a file, without line breaks at its end. Returns it with
/// warnings. An error that cannot be read is an error of its own, so that no hook takes it for
/// success.
pub(crate) fn read_error(input: &Input) -> (LongText, Vec<String>) {
    let what = format!("the error in {input}");
    match input.read_ends(END, END) {
        Ok(ends) => {
            let (text, replaced) = error(what.clone(), ends);
            (
                text,
                replaced.then(|| replacement(&what)).into_iter().collect(),
            )
        }
        Err(fault) => {
            let message = format!("the error cannot be read from {input}: {fault}");
            (LongText::new(what, message.clone()), vec![message])
        }
    }
}

/// Returns the error that a file holds, and whether anything in it was replaced.
fn error(what: String, ends: Ends) -> (LongText, bool) {
    let Ends {
        mut head,
        mut tail,
        left_out: mut length,
        is_endless,
    } = ends;
    let is_cut = length > 0 || is_endless;
    if is_cut {
        // The ends may begin and end within a character.
        while let Some(byte) = head.pop_if(|b| is_inner(*b) || *b >= 0xc0) {
            length += 1;
            if !is_inner(byte) {
                break;
            }
        }
        let rest = tail.iter().take(3).take_while(|b| is_inner(**b)).count();
        length += rest as u64;
        tail.drain(..rest);
    } else {
        head.append(&mut tail);
    }
    let (mut text, replaced_in_head) = self::text(&head);
    let at = text.len();
    let (tail, replaced_in_tail) = self::text(&tail);
    text.push_str(&tail);
    let trimmed = text.trim_end_matches(['\n', '\r']).len();
    text.truncate(trimmed);
    let gap = is_cut.then(|| Gap {
        at: at.min(trimmed),
        length,
        is_endless,
    });
    (
        LongText { what, text, gap },
        replaced_in_head || replaced_in_tail,
    )
}

/// True for the bytes of a character in UTF-8 after its first.
fn is_inner(byte: u8) -> bool {
    byte & 0xc0 == 0x80
}

/// Returns the warning about a text in which something was replaced.
pub(crate) fn replacement(what: &str) -> String {
    format!("{what} is not UTF-8, or holds a NUL: such bytes are replaced by U+FFFD")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_no_text_can_hold_are_replaced() {
        for (bytes, expect, replaced) in [
            (&b"a\xffb"[..], "a\u{fffd}b", true),
            (b"a\0b", "a\u{fffd}b", true),
            ("ü\u{fffd}".as_bytes(), "ü\u{fffd}", false),
        ] {
            assert_eq!(text(bytes), (expect.to_owned(), replaced));
        }
    }

    #[test]
    fn a_long_text_keeps_its_beginning_and_its_end() {
        let text = |text: &str| LongText::new("it", text.to_owned());
        assert_eq!(text("abcdef").within(6), ("abcdef".to_owned(), None));
        let (cut, warning) = text("abüdefüh").within(6);
        assert_eq!(cut, "ab\n… 5 bytes …\nüh");
        let warning = warning.unwrap();
        assert_eq!(
            warning,
            "it has 10 bytes, of which the first 2 and the last 3 are reported"
        );
    }

    #[test]
    fn no_character_is_torn_where_a_file_was_not_read() {
        let ends = |is_endless| Ends {
            head: b"a\xc3".to_vec(),
            tail: b"\xbcbc\n".to_vec(),
            left_out: 7,
            is_endless,
        };
        for (is_endless, most, expect) in [
            (false, 99, "a\n… 9 bytes …\nbc"),
            (false, 2, "a\n… 10 bytes …\nc"),
            (false, 0, "\n… 12 bytes …\n"),
            (true, 99, "a\n… at least 9 bytes …\nbc"),
        ] {
            let (text, replaced) = error("it".to_owned(), ends(is_endless));
            assert_eq!((&*text.within(most).0, replaced), (expect, false));
        }
        let whole = Ends {
            left_out: 0,
            ..ends(false)
        };
        let (text, replaced) = error("it".to_owned(), whole);
        assert_eq!((text.within(99).0, replaced), ("aübc".to_owned(), false));
    }
}
