//! The keys of a JSON object, read one by one, with errors that name their path.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::str::FromStr;

use serde_json::{Map, Value};

use super::VarsError;
use crate::condition::Condition;
use go_template::nearest;

pub(super) fn wrong(path: String, message: impl Into<String>) -> VarsError {
    VarsError {
        path,
        message: message.into(),
        suggestion: None,
    }
}

/// The keys of one object, and which of them were asked for.
pub(super) struct Keys<'j> {
    path: String,
    map: &'j Map<String, Value>,
    asked: RefCell<Vec<&'static str>>,
}

impl<'j> Keys<'j> {
    pub(super) fn of(path: String, value: &'j Value) -> Result<Self, VarsError> {
        match value {
            Value::Object(map) => Ok(Keys {
                path,
                map,
                asked: Vec::new().into(),
            }),
            _ => Err(wrong(
                path,
                format!("expected an object, found {}", kind(value)),
            )),
        }
    }

    fn path_to(&self, key: &str) -> String {
        if self.path.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.path)
        }
    }

    /// The value of a key; a null counts as missing.
    pub(super) fn get(&self, key: &'static str) -> Option<&'j Value> {
        self.asked.borrow_mut().push(key);
        self.map.get(key).filter(|v| !v.is_null())
    }

    fn expected<T>(&self, key: &str, what: &str, found: &Value) -> Result<T, VarsError> {
        let shown = match found {
            Value::String(text) => format!("{text:?}"),
            _ => kind(found).to_owned(),
        };
        Err(wrong(
            self.path_to(key),
            format!("expected {what}, found {shown}"),
        ))
    }

    /// Fails if the object has a key that nothing asked for.
    pub(super) fn no_others(&self) -> Result<(), VarsError> {
        let asked = self.asked.borrow();
        match self.map.keys().find(|k| !asked.contains(&k.as_str())) {
            None => Ok(()),
            Some(key) => Err(VarsError {
                path: self.path_to(key),
                message: "unknown key".to_owned(),
                suggestion: nearest(key, asked.iter().copied()),
            }),
        }
    }

    pub(super) fn object<T>(
        &self,
        key: &'static str,
        read: impl Fn(&Keys<'_>) -> Result<T, VarsError>,
    ) -> Result<Option<T>, VarsError> {
        let Some(value) = self.get(key) else {
            return Ok(None);
        };
        let keys = Keys::of(self.path_to(key), value)?;
        let object = read(&keys)?;
        keys.no_others()?;
        Ok(Some(object))
    }

    pub(super) fn text(&self, key: &'static str) -> Result<String, VarsError> {
        match self.get(key) {
            None => Ok(String::new()),
            Some(Value::String(text)) => Ok(text.clone()),
            Some(other) => self.expected(key, "a string", other),
        }
    }

    pub(super) fn truth(&self, key: &'static str) -> Result<bool, VarsError> {
        match self.get(key) {
            None => Ok(false),
            Some(Value::Bool(truth)) => Ok(*truth),
            Some(other) => self.expected(key, "true or false", other),
        }
    }

    pub(super) fn number(&self, key: &'static str) -> Result<f64, VarsError> {
        match self.get(key) {
            None => Ok(0.0),
            Some(Value::Number(n)) => Ok(n.as_f64().unwrap_or_default()),
            Some(other) => self.expected(key, "a number", other),
        }
    }

    /// An integer of 64 bits, which JSON may also give as a string.
    pub(super) fn integer(&self, key: &'static str) -> Result<i64, VarsError> {
        let Some(value) = self.get(key) else {
            return Ok(0);
        };
        let number = match value {
            Value::Number(n) => n.as_i64(),
            Value::String(text) => text.parse().ok(),
            _ => None,
        };
        number.map_or_else(|| self.expected(key, "an integer of 64 bits", value), Ok)
    }

    pub(super) fn attempt(&self, key: &'static str) -> Result<u32, VarsError> {
        let number = self.integer(key)?;
        let too_large = || wrong(self.path_to(key), format!("{number} is out of range"));
        u32::try_from(number).map_err(|_| too_large())
    }

    pub(super) fn list(&self, key: &'static str) -> Result<Vec<String>, VarsError> {
        let items = match self.get(key) {
            None => return Ok(Vec::new()),
            Some(Value::Array(items)) => items,
            Some(other) => return self.expected(key, "a list of strings", other),
        };
        let item = |(i, item): (usize, &Value)| match item {
            Value::String(text) => Ok(text.clone()),
            _ => {
                let path = format!("{}[{i}]", self.path_to(key));
                Err(wrong(
                    path,
                    format!("expected a string, found {}", kind(item)),
                ))
            }
        };
        items.iter().enumerate().map(item).collect()
    }

    pub(super) fn labels(&self, key: &'static str) -> Result<BTreeMap<String, String>, VarsError> {
        let Some(value) = self.get(key) else {
            return Ok(BTreeMap::new());
        };
        let labels = Keys::of(self.path_to(key), value)?;
        let entry = |(name, value): (&String, &Value)| match value {
            Value::String(text) => Ok((name.clone(), text.clone())),
            _ => labels.expected(name, "a string", value),
        };
        labels.map.iter().map(entry).collect()
    }

    pub(super) fn parsed<T: Default>(
        &self,
        key: &'static str,
        what: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<T, VarsError> {
        match self.get(key) {
            None => Ok(T::default()),
            Some(value) => value
                .as_str()
                .and_then(parse)
                .map_or_else(|| self.expected(key, what, value), Ok),
        }
    }

    pub(super) fn name<T: FromStr + Default>(
        &self,
        key: &'static str,
        names: impl Iterator<Item = &'static str>,
    ) -> Result<T, VarsError> {
        let Some(value) = self.get(key) else {
            return Ok(T::default());
        };
        let text = value.as_str().unwrap_or_default();
        text.parse().or_else(|_| {
            let names: Vec<_> = names.collect();
            let what = format!("one of {}", names.join(", "));
            self.expected(key, &what, value)
                .map_err(|e: VarsError| VarsError {
                    suggestion: nearest(text, names),
                    ..e
                })
        })
    }

    pub(super) fn event(&self, key: &'static str) -> Result<Option<Condition>, VarsError> {
        match self.get(key) {
            None => Ok(None),
            Some(Value::String(name)) if name == "CONDITION_UNKNOWN" => Ok(None),
            Some(value) => {
                let text = value.as_str().unwrap_or_default();
                text.parse().map(Some).or_else(|_| {
                    self.expected(key, "the name of a condition", value)
                        .map_err(|e: VarsError| VarsError {
                            suggestion: nearest(text, Condition::ALL.iter().map(|c| c.name())),
                            ..e
                        })
                })
            }
        }
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a truth value",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
