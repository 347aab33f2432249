//! Terminal safety: control sequences in text of hooks and daemons are shown, not executed.
//!
//! A script's output can hold control sequences that move the cursor, retitle the window, fake a
//! prompt or answer on behalf of the terminal. Such characters are replaced by escapes; all other
//! text stays as it is.

/// Returns bytes as one line of safe text: no control character but tab.
///
/// Bytes that are not UTF-8 become `\xff`, line breaks `\n` and `\r`.
pub(crate) fn line(bytes: &[u8]) -> String {
    let mut safe = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            match character {
                '\t' => safe.push('\t'),
                '\n' => safe.push_str("\\n"),
                '\r' => safe.push_str("\\r"),
                '\0'..='\x7f' if character.is_control() => {
                    safe.push_str(&format!("\\x{:02x}", u32::from(character)));
                }
                _ if is_deceptive(character) => {
                    safe.push_str(&format!("\\u{{{:x}}}", u32::from(character)));
                }
                _ => safe.push(character),
            }
        }
        for byte in chunk.invalid() {
            safe.push_str(&format!("\\x{byte:02x}"));
        }
    }
    safe
}

/// Like [`line()`], for text.
pub(crate) fn text(text: &str) -> String {
    line(text.as_bytes())
}

/// Like [`line()`], but line feeds stay.
pub(crate) fn lines(bytes: &[u8]) -> String {
    let lines = bytes.split(|byte| *byte == b'\n').map(line);
    lines.collect::<Vec<_>>().join("\n")
}

/// Returns whether a character beyond ASCII controls the terminal or the order of the text.
///
/// C1 controls begin sequences in some terminals; bidirectional controls and the Unicode line
/// breaks make text look like other text.
pub(crate) const fn is_deceptive(character: char) -> bool {
    matches!(
        character,
        '\u{80}'..='\u{9f}'
            | '\u{61c}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2066}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn shows_and_never_obeys() {
        let table: &[(&[u8], &str)] = &[
            (b"plain", "plain"),
            ("grüße 日本 🦀".as_bytes(), "grüße 日本 🦀"),
            (b"tab\tstays", "tab\tstays"),
            (b"\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"),
            (b"\x1b]0;title\x07", "\\x1b]0;title\\x07"),
            (b"50%\r100%", "50%\\r100%"),
            (b"a\nb", "a\\nb"),
            (b"nul\0", "nul\\x00"),
            (b"del\x7f", "del\\x7f"),
            ("csi\u{9b}31m".as_bytes(), "csi\\u{9b}31m"),
            (b"bad\xff\xfe", "bad\\xff\\xfe"),
            (b"cut \xe2\x82", "cut \\xe2\\x82"),
            (b"raw c1 \x9b31m", "raw c1 \\x9b31m"),
            ("rtl \u{202e}gpj".as_bytes(), "rtl \\u{202e}gpj"),
        ];
        for (given, expected) in table {
            assert_eq!(line(given), *expected, "{given:?}");
        }
        assert_eq!(lines(b"a\n\x1bb\n"), "a\n\\x1bb\n");
    }

    proptest! {
        #[test]
        fn nothing_steers_the_terminal(bytes: Vec<u8>) {
            for shown in line(&bytes).chars() {
                prop_assert!(shown == '\t' || !shown.is_control(), "{shown:?}");
                prop_assert!(!is_deceptive(shown), "{shown:?}");
            }
            for shown in lines(&bytes).chars() {
                prop_assert!(shown == '\t' || shown == '\n' || !shown.is_control());
            }
        }

        #[test]
        fn harmless_text_stays_as_it_is(text in "[a-zA-Z0-9 äöü€日🦀\t]*") {
            prop_assert_eq!(super::text(&text), text);
        }
    }
}
