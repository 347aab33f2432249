//! Values of expressions.

use std::any::Any;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::Value as Json;

use crate::model::{IntType, StructType};
use crate::time::Time;

/// A value. It borrows from the template and from the host's data.
#[derive(Clone, Debug)]
pub enum Value<'a> {
    /// No value, such as that of a missing key of a map.
    Absent,
    /// An interface that holds nothing.
    Nil,
    /// A `bool`.
    Bool(bool),
    /// An integer. One of type `uint64` has the same bits here.
    Int(i64, &'static IntType),
    /// A `float64`.
    Float(f64),
    /// A `complex128`: its real and its imaginary part.
    Complex(f64, f64),
    /// A string.
    Str(Text<'a>),
    /// A slice.
    List(List<'a>),
    /// A map with strings as keys.
    Map(Map<'a>),
    /// A struct, or a pointer to one.
    Object(Object<'a>),
    /// A nil pointer to a struct.
    NilPointer(&'static StructType),
    /// A point in time.
    Time(Time),
}

/// Data that a template can be executed with.
pub trait Data: Sync {
    /// The data as the dot of the template.
    fn value(&self) -> Value<'_>;
}

/// Any JSON, whose keys are the names in the template.
impl Data for Json {
    fn value(&self) -> Value<'_> {
        self.into()
    }
}

/// The bytes of a string, which need not be UTF-8.
#[derive(Clone, Debug)]
pub enum Text<'a> {
    /// Bytes of the template or of the data.
    Borrowed(&'a [u8]),
    /// Bytes made by the template: those from one index to another.
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

    /// The bytes from one index to another. Empty if they do not exist.
    pub(crate) fn part(&self, from: usize, to: usize) -> Self {
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
    /// The type.
    pub ty: &'static StructType,
    /// The host's struct.
    pub data: &'a dyn Any,
    /// `true` if the value is a pointer to the struct.
    pub pointer: bool,
}

/// A slice: its elements, and more up to its capacity.
#[derive(Clone, Copy, Debug)]
pub struct List<'a> {
    items: Items<'a>,
    length: usize,
    nil: bool,
}

/// The elements of a slice up to its capacity.
#[derive(Clone, Copy, Debug)]
enum Items<'a> {
    Strings(&'a [String]),
    Any(&'a [Json]),
}

impl<'a> List<'a> {
    /// A `[]string`. Nil if it is empty.
    #[must_use]
    pub fn strings(items: &'a [String]) -> Self {
        List {
            items: Items::Strings(items),
            length: items.len(),
            nil: items.is_empty(),
        }
    }

    pub(crate) fn any(items: &'a [Json]) -> Self {
        List {
            items: Items::Any(items),
            length: items.len(),
            nil: false,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.length
    }

    /// The length up to which the list can be resliced.
    pub(crate) fn capacity(&self) -> usize {
        match self.items {
            Items::Strings(items) => items.len(),
            Items::Any(items) => items.len(),
        }
    }

    /// `true` if the slice is nil, and not just empty.
    pub(crate) fn is_nil(&self) -> bool {
        self.nil
    }

    pub(crate) fn is_strings(&self) -> bool {
        matches!(self.items, Items::Strings(_))
    }

    /// The element at an index. [`Value::Absent`] if there is none.
    pub(crate) fn get(&self, index: usize) -> Value<'a> {
        let item = match self.items {
            _ if index >= self.length => None,
            Items::Strings(items) => items.get(index).map(|s| Value::from(s.as_str())),
            Items::Any(items) => items.get(index).map(Value::from),
        };
        item.unwrap_or(Value::Absent)
    }

    /// `list[from:to:max]`. The indices must fit the capacity.
    pub(crate) fn part(&self, from: usize, to: usize, max: usize) -> Self {
        let items = match self.items {
            Items::Strings(items) => Items::Strings(items.get(from..max).unwrap_or_default()),
            Items::Any(items) => Items::Any(items.get(from..max).unwrap_or_default()),
        };
        List {
            items,
            length: to - from,
            nil: self.nil,
        }
    }

    /// The elements.
    pub fn iter(&self) -> impl Iterator<Item = Value<'a>> + use<'a> {
        let list = *self;
        (0..list.length).map(move |i| list.get(i))
    }
}

/// A map with strings as keys.
#[derive(Clone, Copy, Debug)]
pub enum Map<'a> {
    /// A `map[string]string`. Nil if it is empty.
    Strings(&'a BTreeMap<String, String>),
    /// A `map[string]any`.
    Any(&'a serde_json::Map<String, Json>),
}

impl<'a> Map<'a> {
    pub(crate) fn len(&self) -> usize {
        match self {
            Map::Strings(map) => map.len(),
            Map::Any(map) => map.len(),
        }
    }

    /// `true` if the map is nil, and not just empty.
    pub(crate) fn is_nil(&self) -> bool {
        matches!(self, Map::Strings(map) if map.is_empty())
    }

    /// The value of a key. `None` if the key is missing.
    #[must_use]
    pub fn get(&self, key: &[u8]) -> Option<Value<'a>> {
        let key = std::str::from_utf8(key).ok()?;
        match self {
            Map::Strings(map) => map.get(key).map(|s| Value::from(s.as_str())),
            Map::Any(map) => map.get(key).map(Value::from),
        }
    }

    /// The value that `index` returns for a missing key.
    pub(crate) fn zero(&self) -> Value<'a> {
        match self {
            Map::Strings(_) => Value::from(""),
            Map::Any(_) => Value::Nil,
        }
    }

    /// The entries in the order of their keys.
    #[must_use]
    pub fn sorted(&self) -> Vec<(&'a str, Value<'a>)> {
        let mut entries: Vec<(&str, Value<'_>)> = match self {
            Map::Strings(map) => map.iter().map(|(k, v)| (&**k, Value::from(&**v))).collect(),
            Map::Any(map) => map.iter().map(|(k, v)| (&**k, Value::from(v))).collect(),
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

/// JSON as Go decodes it into an `any`: every number is a `float64`.
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
    /// `true` if `if` takes the value for true.
    #[must_use]
    pub fn truth(&self) -> bool {
        match self {
            Value::Absent | Value::Nil | Value::NilPointer(_) => false,
            Value::Bool(truth) => *truth,
            Value::Int(i, _) => *i != 0,
            Value::Float(f) => *f != 0.0,
            Value::Complex(re, im) => *re != 0.0 || *im != 0.0,
            Value::Str(text) => !text.bytes().is_empty(),
            Value::List(list) => list.len() > 0,
            Value::Map(map) => map.len() > 0,
            Value::Object(_) | Value::Time(_) => true,
        }
    }

    /// `true` if the value equals the constant `nil`.
    pub(crate) fn is_nil(&self) -> bool {
        match self {
            Value::Absent | Value::Nil | Value::NilPointer(_) => true,
            Value::List(list) => list.is_nil(),
            Value::Map(map) => map.is_nil(),
            _ => false,
        }
    }

    /// The value as an action prints it: a pointer as the struct, no value as a note.
    pub(crate) fn printed(&self) -> Self {
        match self {
            Value::Absent | Value::Nil => "<no value>".into(),
            Value::Object(object) => Value::Object(Object {
                pointer: false,
                ..*object
            }),
            _ => self.clone(),
        }
    }
}
