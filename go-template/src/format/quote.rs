//! Strings as Go source.

use super::text::decode;

/// `true` if Go prints a character without an escape: letters, marks, numbers, punctuation,
/// symbols and the ASCII space.
pub(crate) fn is_printable(c: char) -> bool {
    if c.is_ascii() {
        return matches!(c, ' '..='~');
    }
    // Rust's debug strings show the same characters without an escape; marks only after
    // another character.
    let mut text = [b'a'; 5];
    let length = c.encode_utf8(&mut text[1..]).len();
    let text = std::str::from_utf8(&text[..=length]).unwrap_or_default();
    text.escape_debug().nth(1) == Some(c)
}

/// `true` if text can be in a raw string.
pub(super) fn can_backquote(text: &[u8]) -> bool {
    std::str::from_utf8(text).is_ok_and(|text| {
        text.chars().all(|c| match c {
            '\u{feff}' | '`' | '\u{7f}' => false,
            '\t' => true,
            _ => c >= ' ',
        })
    })
}

/// Text in quotes, with escapes for characters that are not printable, or not ASCII.
pub(crate) fn quote(text: &[u8], quote: char, ascii: bool) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + 2);
    out.push(quote as u8);
    let mut rest = text;
    while !rest.is_empty() {
        let (c, size) = decode(rest);
        if c == char::REPLACEMENT_CHARACTER && size == 1 {
            out.extend_from_slice(format!("\\x{:02x}", rest[0]).as_bytes());
        } else {
            push_char(&mut out, c, quote, ascii);
        }
        rest = &rest[size..];
    }
    out.push(quote as u8);
    out
}

fn push_char(out: &mut Vec<u8>, c: char, quote: char, ascii: bool) {
    if c == quote || c == '\\' {
        out.extend([b'\\', c as u8]);
        return;
    }
    if is_printable(c) && (c.is_ascii() || !ascii) {
        out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        return;
    }
    let escape = match c {
        '\u{7}' => "\\a",
        '\u{8}' => "\\b",
        '\u{c}' => "\\f",
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        '\u{b}' => "\\v",
        '\0'..' ' | '\u{7f}' => &format!("\\x{:02x}", c as u32),
        '\u{10000}'.. => &format!("\\U{:08x}", c as u32),
        _ => &format!("\\u{:04x}", c as u32),
    };
    out.extend_from_slice(escape.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printable() {
        let check = |c, expect| assert_eq!(is_printable(c), expect, "{c:?}");
        for c in ['a', 'é', '世', '😀', '\u{301}', '\u{fffd}', '½', '\u{20dd}'] {
            check(c, true);
        }
        for c in [
            '\u{a0}', '\u{ad}', '\u{200b}', '\u{2028}', '\u{e000}', '\u{378}', '\u{3000}',
        ] {
            check(c, false);
        }
    }

    #[test]
    fn quoting() {
        let check = |text: &[u8], ascii, expect: &str| {
            assert_eq!(String::from_utf8(quote(text, '"', ascii)).unwrap(), expect);
        };
        check("é\"\\\n\x01".as_bytes(), false, r#""é\"\\\n\x01""#);
        check("é😀".as_bytes(), true, r#""\u00e9\U0001f600""#);
        check(b"\xff\xe4\xb8", false, r#""\xff\xe4\xb8""#);
    }
}
