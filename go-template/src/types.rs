//! What can be said of a type: its zero value, its members, its name.

use std::collections::BTreeMap;
use std::fmt;

use super::model::{IntType, Member, Type, method};
use super::time::{METHODS, Time};
use super::value::{List, Map, Value};

impl Type {
    /// What a value of this type is called in messages, with its article.
    #[must_use]
    pub fn described(self) -> &'static str {
        match self {
            Type::Any => "any value",
            Type::Bool => "a truth value",
            Type::Int(ty) => ty.title,
            Type::Float => "a floating-point number",
            Type::Complex => "a complex number",
            Type::Str => "a string",
            Type::Strings | Type::List => "a list",
            Type::StringMap | Type::Map => "a map",
            Type::Struct(ty) | Type::Pointer(ty) => ty.title,
            Type::Time => "a time",
        }
    }

    /// The zero value.
    #[must_use]
    pub fn zero<'a>(self) -> Value<'a> {
        static NONE: BTreeMap<String, String> = BTreeMap::new();
        match self {
            Type::Any | Type::List | Type::Map | Type::Struct(_) => Value::Nil,
            Type::Bool => Value::Bool(false),
            Type::Int(ty) => Value::Int(0, ty),
            Type::Float => Value::Float(0.0),
            Type::Complex => Value::Complex(0.0, 0.0),
            Type::Str => Value::from(""),
            Type::Strings => Value::List(List::strings(&[])),
            Type::StringMap => Value::Map(Map::Strings(&NONE)),
            Type::Pointer(ty) => Value::NilPointer(ty),
            Type::Time => Value::Time(Time::default()),
        }
    }

    /// The field or method of that name and hash, with or without an instance.
    #[must_use]
    pub fn member(self, name: &str, hash: u32) -> Option<Member> {
        match self {
            Type::Int(ty) => ty.member(name, hash),
            Type::Struct(ty) | Type::Pointer(ty) => ty.member(name, hash),
            Type::Time => method(METHODS, name, hash),
            _ => None,
        }
    }

    /// Whether its values have a text of their own.
    #[must_use]
    pub fn has_text(self) -> bool {
        matches!(self, Type::Int(IntType { text: Some(_), .. }) | Type::Time)
    }

    /// The names of the fields and methods, for suggestions.
    #[must_use]
    pub fn names(self) -> Vec<&'static str> {
        match self {
            Type::Int(ty) => {
                let string = ty.text.map(|_| "String");
                ty.methods.iter().map(|m| m.name).chain(string).collect()
            }
            Type::Struct(ty) | Type::Pointer(ty) => ty.names().collect(),
            Type::Time => METHODS.iter().map(|m| m.name).collect(),
            _ => Vec::new(),
        }
    }
}

/// The name as Go's `%T` prints it.
impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Type::Any => "interface {}",
            Type::Bool => "bool",
            Type::Int(ty) => ty.name,
            Type::Float => "float64",
            Type::Complex => "complex128",
            Type::Str => "string",
            Type::Strings => "[]string",
            Type::List => "[]interface {}",
            Type::StringMap => "map[string]string",
            Type::Map => "map[string]interface {}",
            Type::Struct(ty) => ty.name,
            Type::Pointer(ty) => return write!(f, "*{}", ty.name),
            Type::Time => "time.Time",
        })
    }
}

impl Value<'_> {
    /// What it is called in messages, with its article.
    #[must_use]
    pub fn described(&self) -> &'static str {
        match self {
            Value::Absent | Value::Nil => "nil",
            _ => self.ty().described(),
        }
    }

    /// The type; of an empty interface `any`.
    #[must_use]
    pub fn ty(&self) -> Type {
        match self {
            Value::Absent | Value::Nil => Type::Any,
            Value::Bool(_) => Type::Bool,
            Value::Int(_, ty) => Type::Int(ty),
            Value::Float(_) => Type::Float,
            Value::Complex(..) => Type::Complex,
            Value::Str(_) => Type::Str,
            Value::List(list) if list.is_strings() => Type::Strings,
            Value::List(_) => Type::List,
            Value::Map(Map::Strings(_)) => Type::StringMap,
            Value::Map(Map::Any(_)) => Type::Map,
            Value::Object(object) if object.pointer => Type::Pointer(object.ty),
            Value::Object(object) => Type::Struct(object.ty),
            Value::NilPointer(ty) => Type::Pointer(ty),
            Value::Time(_) => Type::Time,
        }
    }
}
