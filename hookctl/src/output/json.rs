//! Protobuf JSON, as machines read it and terminals bear it.

use serde::Serialize;

use super::safe;
use crate::failure::Failure;

/// One object or array over several lines, with a line break at its end.
///
/// # Errors
/// If a message holds what JSON cannot say, such as an enum value of the future.
pub(crate) fn pretty<T: Serialize>(value: &T) -> Result<String, Failure> {
    serde_json::to_string_pretty(value)
        .map(|json| tame(&json))
        .map_err(|error| unsayable(&error))
}

/// One object on one line, with a line break at its end.
///
/// # Errors
/// As for [`pretty`].
pub(crate) fn compact<T: Serialize>(value: &T) -> Result<String, Failure> {
    serde_json::to_string(value)
        .map(|json| tame(&json))
        .map_err(|error| unsayable(&error))
}

/// [`compact`] without the line break, as a part of a larger object.
///
/// # Errors
/// As for [`pretty`].
pub(crate) fn bare<T: Serialize>(value: &T) -> Result<String, Failure> {
    let mut line = compact(value)?;
    line.truncate(line.trim_end_matches('\n').len());
    Ok(line)
}

/// Escapes what JSON would let through and a terminal could obey.
///
/// Outside of strings JSON is ASCII, so every such character stands within a string,
/// where an escape means the same.
fn tame(json: &str) -> String {
    let mut tamed = String::with_capacity(json.len() + 1);
    for character in json.chars() {
        if character == '\x7f' || safe::is_deceptive(character) {
            tamed.push_str(&format!("\\u{:04x}", u32::from(character)));
        } else {
            tamed.push(character);
        }
    }
    tamed.push('\n');
    tamed
}

fn unsayable(error: &serde_json::Error) -> Failure {
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
        assert_eq!(json, "\"a\\u001b[31m\\u009b\\u007f\\u202e€\\n\"\n");
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
        assert_eq!(pretty(&[1]).unwrap(), "[\n  1\n]\n");
    }
}
