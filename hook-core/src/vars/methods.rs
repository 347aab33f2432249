//! The methods that templates can call on the variables.

use crate::condition::Condition;
use go_template::{Duration, Value, json};

/// Returns the name of a condition in lower-case words: `snapshot success`; `error` for any
/// error.
#[must_use]
pub(crate) fn event_name(event: Option<Condition>) -> String {
    match event {
        None => "unknown".to_owned(),
        Some(Condition::AnyError) => "error".to_owned(),
        Some(event) => {
            let name = event.name().strip_prefix("CONDITION_").unwrap_or_default();
            name.to_lowercase().replace('_', " ")
        }
    }
}

/// Returns whether the event is `ANY_ERROR` or a failed snapshot. As in Backrest, failed prunes,
/// checks and forgets do not count.
#[must_use]
pub(crate) const fn is_error(event: Option<Condition>) -> bool {
    matches!(event, Some(Condition::AnyError | Condition::SnapshotError))
}

/// Formats a duration to the millisecond.
#[must_use]
pub(crate) fn format_duration(duration: Duration) -> String {
    duration.truncate(Duration(1_000_000)).to_string()
}

/// Formats a number of bytes in a unit that keeps it at or below 1000.
pub(crate) fn format_size_bytes(bytes: i64) -> Result<String, String> {
    const UNITS: [&str; 6] = ["B", "KB", "MB", "GB", "TB", "PB"];
    let mut size = bytes as f64;
    let mut unit = 0;
    while size > 1000.0 {
        size /= 1000.0;
        unit += 1;
    }
    let name = UNITS.get(unit).ok_or("more than 1000 PB")?;
    Ok(format!("{size:.3} {name}"))
}

/// Returns a value as JSON; empty if JSON cannot hold it.
#[must_use]
pub(crate) fn json_marshal(value: &Value<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    if json::marshal(&mut out, value).is_err() {
        out.clear();
    }
    out
}

/// Quotes a text as one word of a POSIX shell, if it needs quotes.
#[must_use]
pub fn shell_escape(text: &[u8]) -> Vec<u8> {
    if !text.is_empty() && text.iter().all(|b| is_plain(*b)) {
        return text.to_vec();
    }
    let mut out = Vec::with_capacity(text.len() + 8);
    out.push(b'\'');
    let mut rest = text;
    while let Some(at) = memchr::memchr(b'\'', rest) {
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(br#"'"'"'"#);
        rest = &rest[at + 1..];
    }
    out.extend_from_slice(rest);
    out.push(b'\'');
    out
}

/// Returns whether a byte has no special meaning in a word of a POSIX shell.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"@%+=:,./_-".contains(&byte)
}

/// Returns a text as a PowerShell string in single quotes.
#[must_use]
pub fn power_shell_escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('\'');
    for c in text.chars() {
        // PowerShell treats typographic quotes like plain ones.
        if matches!(c, '\'' | '\u{2018}' | '\u{2019}' | '\u{201a}' | '\u{201b}') {
            out.push(c);
        }
        out.push(c);
    }
    out.push('\'');
    out
}

/// Returns a text as an AppleScript string in double quotes.
#[must_use]
pub fn apple_script_escape(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + 8);
    out.push(b'"');
    for byte in text {
        match byte {
            b'"' | b'\\' => out.extend([b'\\', *byte]),
            _ => out.push(*byte),
        }
    }
    out.push(b'"');
    out
}

/// Percent-encodes a text for a URL: everything except letters, digits, `-`, `.`, `_`, `~`.
#[must_use]
pub fn url_escape(text: &[u8]) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for byte in text {
        match byte {
            b'-' | b'.' | b'_' | b'~' => out.push(char::from(*byte)),
            _ if byte.is_ascii_alphanumeric() => out.push(char::from(*byte)),
            _ => out += &format!("%{byte:02X}"),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn event_names() {
        assert_eq!(
            event_name(Some(Condition::SnapshotSuccess)),
            "snapshot success"
        );
        assert_eq!(event_name(Some(Condition::AnyError)), "error");
        assert_eq!(event_name(None), "unknown");
    }

    #[test]
    fn sizes() {
        let check =
            |bytes, expect: &str| assert_eq!(format_size_bytes(bytes).as_deref(), Ok(expect));
        check(0, "0.000 B");
        check(1000, "1000.000 B");
        check(1001, "1.001 KB");
        check(123_456_789, "123.457 MB");
        check(-5000, "-5000.000 B");
        assert!(format_size_bytes(2_000_000_000_000_000_000).is_err());
    }

    #[test]
    fn escapes() {
        assert_eq!(shell_escape(b""), b"''");
        assert_eq!(shell_escape(b"it's"), br#"'it'"'"'s'"#);
        assert_eq!(shell_escape(b"/a-b_c"), b"/a-b_c");
        assert_eq!(
            power_shell_escape("it's \u{2019}"),
            "'it''s \u{2019}\u{2019}'"
        );
        assert_eq!(apple_script_escape(br#"a"b\"#), br#""a\"b\\""#);
        assert_eq!(url_escape("a b/ü".as_bytes()), "a%20b%2F%C3%BC");
    }
}
