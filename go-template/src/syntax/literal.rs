//! Strings and characters in the notation of Go.

/// The bytes of a string: `"…"` with escapes, or a raw `` `…` ``. `None` if it is malformed.
pub(super) fn unquote(literal: &str) -> Option<Vec<u8>> {
    let quote = literal.chars().next()?;
    let inner = literal.get(1..)?.strip_suffix(quote)?;
    if quote == '`' {
        return Some(inner.bytes().filter(|b| *b != b'\r').collect());
    }
    let mut out = Vec::with_capacity(inner.len());
    let mut rest = inner;
    while !rest.is_empty() {
        let (unit, tail) = next_char(rest, '"')?;
        unit.push_to(&mut out);
        rest = tail;
    }
    Some(out)
}

/// The number of a character constant `'c'`. `None` if it is malformed.
pub(super) fn unquote_char(literal: &str) -> Option<i64> {
    let (unit, tail) = next_char(literal.strip_prefix('\'')?, '\'')?;
    (tail == "'").then_some(match unit {
        CharOrByte::Char(c) => i64::from(u32::from(c)),
        CharOrByte::Byte(b) => i64::from(b),
    })
}

/// A character or an escape.
enum CharOrByte {
    Char(char),
    Byte(u8),
}

impl CharOrByte {
    fn push_to(self, out: &mut Vec<u8>) {
        match self {
            CharOrByte::Char(c) => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
            CharOrByte::Byte(b) => out.push(b),
        }
    }
}

/// The character or escape at the start of a text, and the text after it. `None` for the
/// quote, a line end or an unknown escape.
fn next_char(text: &str, quote: char) -> Option<(CharOrByte, &str)> {
    let mut chars = text.chars();
    let c = chars.next()?;
    if c != '\\' {
        return (c != quote && c != '\n').then_some((CharOrByte::Char(c), chars.as_str()));
    }
    let escape = chars.next()?;
    let tail = chars.as_str();
    let (digits, radix) = match escape {
        'x' => (2, 16),
        'u' => (4, 16),
        'U' => (8, 16),
        '0'..='7' => (3, 8),
        _ => {
            let c = match escape {
                'a' => '\u{7}',
                'b' => '\u{8}',
                'f' => '\u{c}',
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'v' => '\u{b}',
                '\\' => '\\',
                '\'' | '"' if escape == quote => escape,
                _ => return None,
            };
            return Some((CharOrByte::Char(c), tail));
        }
    };
    let from = if radix == 8 { text.get(1..)? } else { tail };
    let code = from.get(..digits)?;
    if !code.bytes().all(|b| (b as char).is_digit(radix)) {
        return None;
    }
    let code = u32::from_str_radix(code, radix).ok()?;
    let unit = match escape {
        'u' | 'U' => CharOrByte::Char(char::from_u32(code)?),
        _ => CharOrByte::Byte(u8::try_from(code).ok()?),
    };
    Some((unit, from.get(digits..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings() {
        let check = |literal: &str, expect: Option<&[u8]>| {
            assert_eq!(unquote(literal).as_deref(), expect, "{literal}");
        };
        check(r#""a\tb""#, Some(b"a\tb"));
        check(
            r#""\xff\377\u00e9\U0001F600""#,
            Some(b"\xff\xff\xc3\xa9\xf0\x9f\x98\x80"),
        );
        check("`a\\n\r`", Some(b"a\\n"));
        check(r#""\400""#, None);
        check(r#""\ud800""#, None);
        check(r#""\u4e1""#, None);
        check(r#""\'""#, None);
        check(r#""\"""#, Some(b"\""));
    }

    #[test]
    fn characters() {
        let check = |literal: &str, expect| assert_eq!(unquote_char(literal), expect, "{literal}");
        check("'a'", Some(97));
        check(r"'\''", Some(39));
        check(r"'\xff'", Some(255));
        check("'世'", Some(0x4e16));
        check("''", None);
        check("'ab'", None);
        check(r#"'\"'"#, None);
    }
}
