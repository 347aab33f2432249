//! Texts of an event: bytes from the command line or a file, as UTF-8 without NUL, of a length that
//! an event can hold.

use std::borrow::Cow;

use crate::input::Input;

/// Most bytes of an error from a file. An event may have 1 MiB in all.
const MAX_ERROR: usize = 512 << 10;

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
pub(crate) fn read_error(input: &Input) -> (String, Vec<String>) {
    let bytes = match input.read() {
        Ok(bytes) => bytes,
        Err(error) => {
            let message = format!("the error cannot be read from {input}: {error}");
            return (message.clone(), vec![message]);
        }
    };
    let (mut text, replaced) = text(&bytes);
    text.truncate(text.trim_end_matches(['\n', '\r']).len());
    let mut warnings = Vec::new();
    if replaced {
        warnings.push(replacement(&format!("the error in {input}")));
    }
    if let Some(cut) = without_middle(&text) {
        warnings.push(format!(
            "the error in {input} has {} bytes, of which the first and the last {} are reported",
            text.len(),
            MAX_ERROR / 2
        ));
        text = cut;
    }
    (text, warnings)
}

/// Returns the warning about a text in which something was replaced.
pub(crate) fn replacement(what: &str) -> String {
    format!("{what} is not UTF-8, or holds a NUL: such bytes are replaced by U+FFFD")
}

/// Returns the beginning and the end of a text that is too long; `None` if it is not.
fn without_middle(text: &str) -> Option<String> {
    if text.len() <= MAX_ERROR {
        return None;
    }
    let head = text.floor_char_boundary(MAX_ERROR / 2);
    let tail = text.ceil_char_boundary(text.len() - MAX_ERROR / 2);
    let left_out = tail - head;
    let (head, tail) = (&text[..head], &text[tail..]);
    Some(format!("{head}\n… {left_out} bytes …\n{tail}"))
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
    fn a_long_error_keeps_its_beginning_and_its_end() {
        assert_eq!(without_middle(&"x".repeat(MAX_ERROR)), None);
        let text = format!("first {} last", "ü".repeat(MAX_ERROR));
        let cut = without_middle(&text).unwrap();
        assert!(cut.starts_with("first ü") && cut.ends_with("ü last"));
        assert!(cut.contains("ü\n… 524300 bytes …\nü"), "{}", cut.len());
        assert!(cut.len() < MAX_ERROR + 40);
    }
}
