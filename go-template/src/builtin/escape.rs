//! `html`, `js` and `urlquery`.

use crate::format::is_printable;

/// Appends text escaped for HTML.
pub(super) fn html(out: &mut Vec<u8>, text: &[u8]) {
    for byte in text {
        let escape: &[u8] = match byte {
            0 => "\u{fffd}".as_bytes(),
            b'"' => b"&#34;",
            b'\'' => b"&#39;",
            b'&' => b"&amp;",
            b'<' => b"&lt;",
            b'>' => b"&gt;",
            _ => std::slice::from_ref(byte),
        };
        out.extend_from_slice(escape);
    }
}

/// Appends text escaped for a string in JavaScript.
pub(super) fn js(out: &mut Vec<u8>, text: &[u8]) {
    for chunk in text.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '\\' | '\'' | '"' => out.extend([b'\\', c as u8]),
                '<' | '>' | '&' | '=' | '\0'..' ' => {
                    out.extend_from_slice(format!("\\u{:04X}", c as u32).as_bytes());
                }
                _ if c.is_ascii() || is_printable(c) => {
                    out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                }
                _ => out.extend_from_slice(format!("\\u{:04X}", c as u32).as_bytes()),
            }
        }
        out.extend_from_slice(chunk.invalid());
    }
}

/// Appends text escaped for the query of a URL.
pub(super) fn url_query(out: &mut Vec<u8>, text: &[u8]) {
    for byte in text {
        match byte {
            b' ' => out.push(b'+'),
            b'-' | b'_' | b'.' | b'~' => out.push(*byte),
            _ if byte.is_ascii_alphanumeric() => out.push(*byte),
            _ => out.extend_from_slice(format!("%{byte:02X}").as_bytes()),
        }
    }
}
