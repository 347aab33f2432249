//! What an expression can be worth.

use std::any::Any;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::Value as Json;

use super::model::{IntType, StructType};
use super::time::Time;

/// A value. What it borrows lives as long as the template and its data.
#[derive(Clone, Debug)]
pub enum Value<'a> {
    /// No value at all, as of a key that a map does not have.
    Absent,
    /// An interface that holds nothing.
    Nil,
    /// A truth value.
    Bool(bool),
    /// An integer of any signed or unsigned type of up to 64 bits.
    Int(i64, &'static IntType),
    /// A `float64`.
    Float(f64),
    /// A `complex128`.
    Complex(f64, f64),
    /// A string.
    Str(Text<'a>),
    /// A slice.
    List(List<'a>),
    /// A map with strings as keys.
    Map(Map<'a>),
    /// A struct, or a pointer to one.
    Object(Object<'a>),
    /// A pointer to no struct.
    NilPointer(&'static StructType),
    /// A point in time.
    Time(Time),
}

/// The bytes of a string.
#[derive(Clone, Debug)]
pub enum Text<'a> {
    /// In the template or in the data.
    Borrowed(&'a [u8]),
    /// Made while the template ran: a part of shared bytes.
    Shared(Rc<Vec<u8>>, u32, u32),
}

impl Text<'_> {
    /// The bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        match self {
            Text::Borrowed(bytes) => bytes,
            Text::Shared(bytes, start, end) => bytes
                .get(*start as usize..*end as usize)
                .unwrap_or_default(),
        }
    }

    /// The part from one index to another; empty if it does not fit.
    #[must_use]
    pub fn part(&self, from: usize, to: usize) -> Self {
        match self {
            Text::Borrowed(bytes) => Text::Borrowed(bytes.get(from..to).unwrap_or_default()),
            Text::Shared(bytes, start, _) => {
                Text::Shared(bytes.clone(), start + from as u32, start + to as u32)
            }
        }
    }
}

/// A struct in the host's data.
#[derive(Clone, Copy, Debug)]
pub struct Object<'a> {
    /// What it is.
    pub ty: &'static StructType,
    /// Where it is.
    pub data: &'a dyn Any,
    /// Whether the value is a pointer to it.
    pub pointer: bool,
}

/// A slice: some elements, and more that reslicing can bring back.
#[derive(Clone, Copy, Debug)]
pub struct List<'a> {
    items: Items<'a>,
    length: u32,
    nil: bool,
}

#[derive(Clone, Copy, Debug)]
enum Items<'a> {
    Strings(&'a [String]),
    Any(&'a [Json]),
}

impl<'a> List<'a> {
    /// A `[]string`; nil if it is empty.
    #[must_use]
    pub fn strings(items: &'a [String]) -> Self {
        List {
            items: Items::Strings(items),
            length: items.len() as u32,
            nil: items.is_empty(),
        }
    }

    /// A `[]any`.
    #[must_use]
    pub fn any(items: &'a [Json]) -> Self {
        List {
            items: Items::Any(items),
            length: items.len() as u32,
            nil: false,
        }
    }

    /// How many elements it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.length as usize
    }

    /// Whether it has no elements.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// How many elements it can be resliced to.
    #[must_use]
    pub fn capacity(&self) -> usize {
        match self.items {
            Items::Strings(items) => items.len(),
            Items::Any(items) => items.len(),
        }
    }

    /// Whether it is nil, and not just empty.
    #[must_use]
    pub fn is_nil(&self) -> bool {
        self.nil
    }

    /// Whether its elements are strings, and not of any type.
    #[must_use]
    pub fn is_strings(&self) -> bool {
        matches!(self.items, Items::Strings(_))
    }

    /// An element; no value behind the end.
    #[must_use]
    pub fn get(&self, index: usize) -> Value<'a> {
        let item = match self.items {
            _ if index >= self.len() => None,
            Items::Strings(items) => items.get(index).map(|s| Value::from(s.as_str())),
            Items::Any(items) => items.get(index).map(Value::from),
        };
        item.unwrap_or(Value::Absent)
    }

    /// `list[from:to:max]`, of which the caller knows that it fits.
    #[must_use]
    pub fn part(&self, from: usize, to: usize, max: usize) -> Self {
        let items = match self.items {
            Items::Strings(items) => Items::Strings(items.get(from..max).unwrap_or_default()),
            Items::Any(items) => Items::Any(items.get(from..max).unwrap_or_default()),
        };
        List {
            items,
            length: (to - from) as u32,
            nil: self.nil,
        }
    }

    /// The elements.
    pub fn iter(&self) -> impl Iterator<Item = Value<'a>> + use<'a> {
        let list = *self;
        (0..list.len()).map(move |i| list.get(i))
    }
}

/// A map with strings as keys.
#[derive(Clone, Copy, Debug)]
pub enum Map<'a> {
    /// A `map[string]string`; nil if it is empty.
    Strings(&'a BTreeMap<String, String>),
    /// A `map[string]any`.
    Any(&'a serde_json::Map<String, Json>),
}

impl<'a> Map<'a> {
    /// How many entries it has.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Map::Strings(map) => map.len(),
            Map::Any(map) => map.len(),
        }
    }

    /// Whether it has no entries.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether it is nil, and not just empty.
    #[must_use]
    pub fn is_nil(&self) -> bool {
        matches!(self, Map::Strings(map) if map.is_empty())
    }

    /// The value of a key, if it has one.
    #[must_use]
    pub fn get(&self, key: &[u8]) -> Option<Value<'a>> {
        let key = std::str::from_utf8(key).ok()?;
        match self {
            Map::Strings(map) => map.get(key).map(|s| Value::from(s.as_str())),
            Map::Any(map) => map.get(key).map(Value::from),
        }
    }

    /// What a lookup gives for a key that it does not have.
    #[must_use]
    pub fn zero(&self) -> Value<'a> {
        match self {
            Map::Strings(_) => Value::from(""),
            Map::Any(_) => Value::Nil,
        }
    }

    /// The entries, by key.
    #[must_use]
    pub fn sorted(&self) -> Vec<(&'a str, Value<'a>)> {
        let mut entries: Vec<_> = match self {
            Map::Strings(map) => map
                .iter()
                .map(|(k, v)| (k.as_str(), Value::from(v.as_str())))
                .collect(),
            Map::Any(map) => map
                .iter()
                .map(|(k, v)| (k.as_str(), Value::from(v)))
                .collect(),
        };
        entries.sort_by_key(|(key, _)| *key);
        entries
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Value::Str(Text::Borrowed(text.as_bytes()))
    }
}

impl From<Vec<u8>> for Value<'_> {
    fn from(bytes: Vec<u8>) -> Self {
        let end = bytes.len() as u32;
        Value::Str(Text::Shared(Rc::new(bytes), 0, end))
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        text.into_bytes().into()
    }
}

impl<'a> From<Cow<'a, str>> for Value<'a> {
    fn from(text: Cow<'a, str>) -> Self {
        match text {
            Cow::Borrowed(text) => text.into(),
            Cow::Owned(text) => text.into(),
        }
    }
}

impl From<bool> for Value<'_> {
    fn from(truth: bool) -> Self {
        Value::Bool(truth)
    }
}

/// JSON as Go decodes it: every number is a `float64`.
impl<'a> From<&'a Json> for Value<'a> {
    fn from(json: &'a Json) -> Self {
        match json {
            Json::Null => Value::Nil,
            Json::Bool(truth) => Value::Bool(*truth),
            Json::Number(n) => Value::Float(n.as_f64().unwrap_or_default()),
            Json::String(text) => text.as_str().into(),
            Json::Array(items) => Value::List(List::any(items)),
            Json::Object(map) => Value::Map(Map::Any(map)),
        }
    }
}

impl Value<'_> {
    /// What `if` makes of it.
    #[must_use]
    pub fn truth(&self) -> bool {
        match self {
            Value::Absent | Value::Nil | Value::NilPointer(_) => false,
            Value::Bool(truth) => *truth,
            Value::Int(i, _) => *i != 0,
            Value::Float(f) => *f != 0.0,
            Value::Complex(re, im) => *re != 0.0 || *im != 0.0,
            Value::Str(text) => !text.bytes().is_empty(),
            Value::List(list) => !list.is_empty(),
            Value::Map(map) => !map.is_empty(),
            Value::Object(_) | Value::Time(_) => true,
        }
    }

    /// Whether it equals the constant `nil`.
    #[must_use]
    pub fn is_nil(&self) -> bool {
        match self {
            Value::Absent | Value::Nil | Value::NilPointer(_) => true,
            Value::List(list) => list.is_nil(),
            Value::Map(map) => map.is_nil(),
            _ => false,
        }
    }
}
