//! Protobuf JSON without characters that control a terminal.

use serde::Serialize;

use super::safe;
use crate::failure::{Failure, Result};

/// Returns a value over several lines, with a line break at the end. Fails if a message has
/// a value without a JSON form, such as one of a later version.
pub(crate) fn pretty<T: Serialize>(value: &T) -> Result<String> {
    let json = serde_json::to_string_pretty(value).map_err(|error| inexpressible(&error))?;
    Ok(format!("{}\n", escaped(&json)))
}

/// Like [`pretty`], on one line and without a line break.
pub(crate) fn compact<T: Serialize>(value: &T) -> Result<String> {
    let json = serde_json::to_string(value).map_err(|error| inexpressible(&error))?;
    Ok(escaped(&json))
}

/// Escapes the characters that could control a terminal.
///
/// JSON is ASCII outside of strings, so every such character is within a string, where an escape
/// has the same meaning.
fn escaped(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for character in json.chars() {
        if character == '\x7f' || safe::is_deceptive(character) {
            escaped.push_str(&format!("\\u{:04x}", u32::from(character)));
        } else {
            escaped.push(character);
        }
    }
    escaped
}

fn inexpressible(error: &serde_json::Error) -> Failure {
    Failure::other(format!("hookd's answer cannot be said in JSON: {error}"))
        .help("hookd may be newer than hookctl: `hookctl info` shows its version")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_survive_and_terminals_too() {
        let text = "a\x1b[31m\u{9b}\x7f\u{202e}€\n";
        let json = compact(&text).unwrap();
        assert_eq!(json, "\"a\\u001b[31m\\u009b\\u007f\\u202e€\\n\"");
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
        assert_eq!(pretty(&[1]).unwrap(), "[\n  1\n]\n");
    }
}
