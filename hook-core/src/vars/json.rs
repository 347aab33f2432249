//! Reads the variables from JSON and writes them. A missing key, or null, stands for the zero
//! value; zero values are not written.

use std::sync::Arc;

use go_template::nearest;
use serde::de::{Error, Unexpected};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use super::time::{read_duration, read_time, write_duration};
use super::{Duration, Time, Vars, VarsError};
use crate::condition::Condition;

impl Vars {
    /// Reads the variables from JSON text.
    /// Fails if the text is not JSON, or has an unknown key or a value of the wrong type.
    pub fn from_json(text: &str) -> Result<Vars, VarsError> {
        let value: Value = serde_json::from_str(text).map_err(|e| VarsError {
            path: String::new(),
            message: format!("not valid JSON: {e}"),
            suggestion: None,
        })?;
        Vars::from_value(&value)
    }

    /// Reads the variables from a JSON object.
    /// Fails if it has an unknown key or a value of the wrong type.
    pub fn from_value(value: &Value) -> Result<Vars, VarsError> {
        let mut value = value.clone();
        if let Some(path) = list_for_struct(&value, "") {
            let message = "expected an object, found a list".to_owned();
            let suggestion = None;
            return Err(VarsError {
                path,
                message,
                suggestion,
            });
        }
        if let Value::Object(map) = &mut value {
            retain(map, false, |value| !value.is_null());
        }
        serde_path_to_error::deserialize(value).map_err(|e| {
            let path = Some(e.path().to_string()).filter(|path| path != ".");
            let message = e.inner().to_string();
            // `unknown field …, expected one of …`, with each name in backticks.
            let names = message.split('`').skip(1).step_by(2);
            let (name, known) = (names.clone().next().unwrap_or_default(), names.skip(1));
            let suggestion = match message.starts_with("unknown ") {
                true => nearest(name, known),
                false => None,
            };
            let short = message.split(", expected ").next();
            VarsError {
                path: path.unwrap_or_default(),
                message: match (&suggestion, short) {
                    (Some(_), Some(short)) => short.to_owned(),
                    _ => message.clone(),
                },
                suggestion,
            }
        })
    }

    /// Returns the variables as a JSON object that [`Vars::from_value`] reads back.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut value = serde_json::to_value(self).unwrap_or_default();
        if let Value::Object(map) = &mut value {
            retain(map, false, |value| !is_zero(value));
        }
        value
    }
}

/// The keys of structs.
const STRUCTS: [&str; 5] = [
    "repo",
    "plan",
    "snapshotStats",
    "prunePolicy",
    "commandPrefix",
];

/// Returns the path of a list in the place of a struct, which serde would accept as the list of its
/// fields.
fn list_for_struct(value: &Value, path: &str) -> Option<String> {
    match value {
        Value::Array(_) => Some(path.to_owned()),
        Value::Object(map) => {
            let mut structs = map
                .iter()
                .filter(|(key, _)| STRUCTS.contains(&key.as_str()) && path != "plan");
            structs.find_map(|(key, value)| {
                let inner = format!("{path}.{key}");
                list_for_struct(value, inner.trim_start_matches('.'))
            })
        }
        _ => None,
    }
}

/// Removes the values for which `keep` is false, in all structs. Empty structs stay, and so does
/// the `error` of statistics, in which zero has a meaning.
fn retain(map: &mut Map<String, Value>, is_stats: bool, keep: fn(&Value) -> bool) {
    map.retain(|key, value| match (key.as_str(), value) {
        ("error", value) if is_stats => !value.is_null(),
        (name, Value::Object(inner)) if STRUCTS.contains(&name) => {
            retain(inner, key == "snapshotStats", keep);
            true
        }
        (_, value) => keep(value),
    });
}

fn is_zero(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Number(n) => n.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.is_empty(),
        Value::Bool(true) => false,
    }
}

/// Reads an integer, which JSON may also give as a string.
pub(super) fn integer<'de, D: Deserializer<'de>>(from: D) -> Result<i64, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "expected an integer of 64 bits")]
    enum Integer {
        Number(i64),
        Text(String),
    }
    match Integer::deserialize(from)? {
        Integer::Number(number) => Ok(number),
        Integer::Text(text) => text
            .parse()
            .map_err(|_| invalid(&text, "an integer of 64 bits")),
    }
}

/// Reads the number of an attempt as [`integer`] does.
pub(super) fn attempt<'de, D: Deserializer<'de>>(from: D) -> Result<u32, D::Error> {
    let number = integer(from)?;
    u32::try_from(number).map_err(|_| D::Error::custom(format!("{number} is out of range")))
}

fn invalid<E: Error>(found: &str, expected: &str) -> E {
    E::invalid_value(Unexpected::Str(found), &expected)
}

/// Declares the conversions of a value from and to a JSON string or null.
macro_rules! as_text {
    ($name:ident: $type:ty, $expected:literal, $read:expr, $write:expr) => {
        pub(super) mod $name {
            use super::*;

            pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
                from: D,
            ) -> Result<$type, D::Error> {
                let text = String::deserialize(from)?;
                let read: fn(&str) -> Option<$type> = $read;
                read(&text).ok_or_else(|| invalid(&text, $expected))
            }

            pub(crate) fn serialize<S: Serializer>(
                value: &$type,
                to: S,
            ) -> Result<S::Ok, S::Error> {
                let write: fn(&$type) -> Option<String> = $write;
                write(value).serialize(to)
            }
        }
    };
}

as_text!(time: Time, "an RFC 3339 time with an offset", read_time,
    |time| (*time != Time::default()).then(|| time.rfc3339_nano()));
as_text!(duration: Duration, "seconds such as \"42.751s\"", read_duration,
    |duration| (duration.0 != 0).then(|| write_duration(*duration)));

pub(super) mod condition {
    use super::*;

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<Condition>, D::Error> {
        let name = String::deserialize(from)?;
        if name == "CONDITION_UNKNOWN" {
            return Ok(None);
        }
        let condition = Condition::from_name(&name).ok_or_else(|| {
            let all = Condition::ALL.map(|condition| format!("`{condition}`"));
            let all = all.join(", ");
            D::Error::custom(format!("unknown condition `{name}`, expected one of {all}"))
        })?;
        Ok(Some(condition))
    }

    pub(crate) fn serialize<S: Serializer>(
        value: &Option<Condition>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        value.map(Condition::name).serialize(to)
    }
}

/// Reads and writes an `Arc` like its content.
pub(super) mod shared {
    use super::*;

    pub(crate) fn deserialize<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<Arc<T>>, D::Error> {
        Ok(Option::deserialize(from)?.map(Arc::new))
    }

    pub(crate) fn serialize<T: Serialize, S: Serializer>(
        value: &Option<Arc<T>>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        value.as_deref().serialize(to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        let text = r#"{"task":"t","event":"CONDITION_PRUNE_ERROR","repo":{"id":"r",
            "prunePolicy":{},"commandPrefix":{"ioNice":"IO_IDLE","cpuNice":"CPU_LOW"}},
            "plan":{"id":"p","paths":["/a"]},"snapshotStats":{"filesNew":3,"error":""},
            "curTime":"2025-11-30T23:59:58.5+01:00","duration":"-1.5s","attempt":2,
            "labels":{"a":"b"},"trigger":"MANUAL","operationId":"x"}"#;
        let vars = Vars::from_json(text).unwrap();
        let json: Value = serde_json::from_str(text).unwrap();
        assert_eq!(vars.to_json(), json);
        assert_eq!(Vars::from_value(&vars.to_json()).unwrap(), vars);
        assert_eq!(Vars::default().to_json(), serde_json::json!({}));
    }

    #[test]
    fn errors() {
        let check = |json: &str, expect: &str| {
            assert_eq!(
                Vars::from_json(json).unwrap_err().to_string(),
                expect,
                "{json}"
            );
        };
        check(
            r#"{"repo": {"prunePolicy": {"maxUnusedByte": 1}}}"#,
            "`repo.prunePolicy.maxUnusedByte`: unknown field `maxUnusedByte`, \
             did you mean `maxUnusedBytes`?",
        );
        check(
            r#"{"task": 1}"#,
            "`task`: invalid type: integer `1`, expected a string",
        );
        check(
            r#"{"plan": {"paths": ["a", 2]}}"#,
            "`plan.paths[1]`: invalid type: integer `2`, expected a string",
        );
        check(
            r#"{"duration": "1m"}"#,
            "`duration`: invalid value: string \"1m\", expected seconds such as \"42.751s\"",
        );
        check(
            r#"{"event": "CONDITION_SNAPSHOT_STRAT"}"#,
            "`event`: unknown condition `CONDITION_SNAPSHOT_STRAT`, \
             did you mean `CONDITION_SNAPSHOT_START`?",
        );
        check(
            r#"{"trigger": "MANUEL"}"#,
            "`trigger`: unknown variant `MANUEL`, did you mean `MANUAL`?",
        );
        check(
            r#"{"snapshotStats": {"dirsNew": true}}"#,
            "`snapshotStats.dirsNew`: expected an integer of 64 bits",
        );
        check(r#"{"attempt": -1}"#, "`attempt`: -1 is out of range");
        check(
            r#"{"plan": {"repo": ["r"]}}"#,
            "`plan.repo`: invalid type: sequence, expected a string",
        );
        check("[]", "expected an object, found a list");
        check(
            r#"{"repo": {"prunePolicy": [1]}}"#,
            "`repo.prunePolicy`: expected an object, found a list",
        );
        check(r#""x""#, "invalid type: string \"x\", expected struct Vars");
    }

    #[test]
    fn integers_as_strings_and_nulls() {
        let text = r#"{"task": null, "attempt": "3", "snapshotStats": {
            "dataAdded": "9007199254740993", "error": {"n": null}, "item": null}}"#;
        let vars = Vars::from_json(text).unwrap();
        assert_eq!(vars.attempt, 3);
        let stats = vars.snapshot_stats.unwrap();
        assert_eq!(stats.data_added, 9_007_199_254_740_993);
        assert_eq!(stats.error, serde_json::json!({"n": null}));
    }
}
