//! Properties of types: names, members, zero values.

use std::collections::BTreeMap;
use std::fmt;

use crate::collection::{List, Map};
use crate::model::{Field, IntType, Member, Method, STRING, StructType, Type, find_method};
use crate::time::{METHODS, Time};
use crate::value::Value;

impl Type {
    /// The name of a value of this type in messages, with its article.
    pub(crate) fn title(self) -> &'static str {
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

    pub(crate) fn zero<'a>(self) -> Value<'a> {
        static EMPTY: BTreeMap<String, String> = BTreeMap::new();
        match self {
            Type::Any | Type::List | Type::Map | Type::Struct(_) => Value::Nil,
            Type::Bool => Value::Bool(false),
            Type::Int(ty) => Value::Int(0, ty),
            Type::Float => Value::Float(0.0),
            Type::Complex => Value::Complex(0.0, 0.0),
            Type::Str => Value::from(""),
            Type::Strings => Value::List(List::strings(&[])),
            Type::StringMap => Value::Map(Map::Strings(&EMPTY)),
            Type::Pointer(ty) => Value::NilPointer(ty),
            Type::Time => Value::Time(Time::default()),
        }
    }

    /// `true` if `nil` is a value of this type.
    pub(crate) fn has_nil(self) -> bool {
        matches!(
            self,
            Type::Pointer(_) | Type::Strings | Type::List | Type::StringMap | Type::Map
        )
    }

    pub(crate) fn member(self, name: &str) -> Option<Member> {
        match self {
            Type::Int(ty) if name == "String" && ty.text.is_some() => Some(Member::Method(&STRING)),
            Type::Int(ty) => find_method(ty.methods, name),
            Type::Struct(ty) | Type::Pointer(ty) => ty.member(name),
            Type::Time => find_method(METHODS, name),
            _ => None,
        }
    }

    /// `true` if the type has a method `String`.
    pub(crate) fn has_text(self) -> bool {
        matches!(self, Type::Int(IntType { text: Some(_), .. }) | Type::Time)
    }

    pub(crate) fn names(self) -> Vec<&'static str> {
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

    /// The class within which values can be compared.
    pub(crate) fn comparison_class(self) -> ComparisonClass {
        match self {
            Type::Bool => ComparisonClass::Bool,
            Type::Int(_) => ComparisonClass::Int,
            Type::Float => ComparisonClass::Float,
            Type::Complex => ComparisonClass::Complex,
            Type::Str => ComparisonClass::Str,
            Type::Strings | Type::List => ComparisonClass::List,
            Type::StringMap | Type::Map => ComparisonClass::Map,
            Type::Pointer(_) => ComparisonClass::Pointer,
            Type::Struct(_) | Type::Time | Type::Any => ComparisonClass::Struct,
        }
    }
}

/// The kinds of values that can be compared with each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ComparisonClass {
    Bool,
    Int,
    Float,
    Complex,
    Str,
    List,
    Map,
    Pointer,
    Struct,
}

impl ComparisonClass {
    /// `true` if values of this class can be ordered, as `lt` does.
    pub(crate) fn has_order(self) -> bool {
        matches!(
            self,
            ComparisonClass::Int | ComparisonClass::Float | ComparisonClass::Str
        )
    }
}

/// The name as `%T` prints it.
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
    /// The name of the value in messages, with its article.
    pub(crate) fn title(&self) -> &'static str {
        match self {
            Value::Absent | Value::Nil => "nil",
            _ => self.ty().title(),
        }
    }

    /// The type. That of an interface that holds nothing is `any`.
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

macro_rules! compare_by_address {
    ($($ty:ident)*) => {$(
        /// Two types are the same if they are the same table.
        impl PartialEq for $ty {
            fn eq(&self, other: &Self) -> bool {
                std::ptr::eq(self, other)
            }
        }

        impl Eq for $ty {}
    )*};
}

compare_by_address!(IntType StructType);

macro_rules! debug_by_name {
    ($($ty:ident)*) => {$(
        impl fmt::Debug for $ty {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_tuple(stringify!($ty)).field(&self.name).finish()
            }
        }
    )*};
}

debug_by_name!(IntType StructType Field Method);
