//! Escapes in JSON that name half a character.

use std::borrow::Cow;

/// Replaces escapes that no text can hold by that of U+FFFD. Python programs such as borg write the
/// bytes of a path that is not UTF-8 so.
pub(crate) fn without_lone_surrogates(json: &str) -> Cow<'_, str> {
    if !json.contains("\\ud") && !json.contains("\\uD") {
        return json.into();
    }
    let unit = |at: &str| u16::from_str_radix(at.strip_prefix("\\u")?.get(..4)?, 16).ok();
    let mut out = String::with_capacity(json.len());
    let mut rest = json;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let units = unit(rest).map(|first| (first, rest.get(6..).and_then(unit)));
        let length = match units {
            Some((0xd800..=0xdbff, Some(0xdc00..=0xdfff))) => 12,
            Some((0xd800..=0xdfff, _)) => {
                out.push_str("\\ufffd");
                rest = &rest[6..];
                continue;
            }
            _ => 1 + rest[1..].chars().next().map_or(0, char::len_utf8),
        };
        out.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    out.push_str(rest);
    out.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lone_surrogates_are_replaced() {
        for (json, expect) in [
            (r"\udce4", r"\ufffd"),
            (r"\ud83d\ude00", r"\ud83d\ude00"),
            (r"\ud83d\u0041\uDC00", r"\ufffd\u0041\ufffd"),
            (r"\\udce4 \ud83d", r"\\udce4 \ufffd"),
            (r"\ud8", r"\ud8"),
        ] {
            assert_eq!(without_lone_surrogates(json), expect, "{json}");
        }
    }
}
