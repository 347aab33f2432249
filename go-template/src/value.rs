//! Values of expressions.

use std::any::Any;
use std::borrow::Cow;
use std::rc::Rc;

use serde_json::Value as Json;

use crate::collection::{List, Map};
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
    /// A range of bytes that the template made.
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

impl<'a> Value<'a> {
    /// A struct of the host.
    #[must_use]
    pub fn object(ty: &'static StructType, data: &'a dyn Any) -> Self {
        Value::Object(Object {
            ty,
            data,
            pointer: false,
        })
    }

    /// A pointer to a struct of the host, or nil.
    #[must_use]
    pub fn pointer<T: Any>(ty: &'static StructType, data: Option<&'a T>) -> Self {
        data.map_or(Value::NilPointer(ty), |data| {
            Value::Object(Object {
                ty,
                data,
                pointer: true,
            })
        })
    }

    /// The struct of the host. `None` for other values.
    #[must_use]
    pub fn data<T: Any>(&self) -> Option<&'a T> {
        match self {
            Value::Object(object) => object.data.downcast_ref(),
            _ => None,
        }
    }

    /// The number of an integer. 0 for other values.
    #[must_use]
    pub fn int(&self) -> i64 {
        match self {
            Value::Int(i, _) => *i,
            _ => 0,
        }
    }

    /// The bytes of a string. Empty for other values.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        match self {
            Value::Str(text) => text.bytes(),
            _ => &[],
        }
    }

    /// The time. Go's zero time for other values.
    #[must_use]
    pub fn time(&self) -> Time {
        match self {
            Value::Time(time) => *time,
            _ => Time::default(),
        }
    }

    /// `true` if `if` treats the value as true.
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
