//! How the host describes its data: types, fields and methods.
//!
//! The host writes tables of these, and hands a value of a described type to the
//! template as its dot. The tables are all that evaluation and the check go by.

use std::any::Any;
use std::borrow::Cow;
use std::fmt;

use super::names::hash;
use super::time;
use super::value::{List, Map, Value};

/// The type of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// `any`: whatever it holds.
    Any,
    /// `bool`
    Bool,
    /// An integer type, named or not.
    Int(&'static IntType),
    /// `float64`
    Float,
    /// `complex128`
    Complex,
    /// `string`
    Str,
    /// `[]string`
    Strings,
    /// `[]any`
    List,
    /// `map[string]string`
    StringMap,
    /// `map[string]any`
    Map,
    /// A struct.
    Struct(&'static StructType),
    /// A pointer to a struct.
    Pointer(&'static StructType),
    /// A point in time.
    Time,
}

/// An integer type.
pub struct IntType {
    /// The name, with its package.
    pub name: &'static str,
    /// Whether it has a sign.
    pub signed: bool,
    /// How many bits it has.
    pub bits: u32,
    /// What its `String` method says of a number, if it has one.
    pub text: Option<fn(i64) -> Cow<'static, str>>,
    /// Its methods; `String` is added by itself.
    pub methods: &'static [Method],
}

/// A struct type.
pub struct StructType {
    /// The name, with its package.
    pub name: &'static str,
    /// The fields, in their order.
    pub fields: &'static [Field],
    /// The methods.
    pub methods: &'static [Method],
    /// Whether every field `X` has a method `GetX` that gives a zero value if the
    /// struct is not there.
    pub getters: bool,
}

/// A field of a struct.
pub struct Field {
    /// The name.
    pub name: &'static str,
    /// The hash of the name.
    pub hash: u32,
    /// The type.
    pub ty: Type,
    /// The key in JSON.
    pub json: &'static str,
    /// Whether it is left out of JSON when it is zero.
    pub omit_empty: bool,
    /// Reads it from the host's struct.
    pub get: Getter,
}

/// Reads a field from the host's struct.
pub type Getter = for<'a> fn(&'a dyn Any) -> Value<'a>;

/// A method of a struct, an integer type or the time.
pub struct Method {
    /// The name.
    pub name: &'static str,
    /// The hash of the name.
    pub hash: u32,
    /// The types of the arguments.
    pub params: &'static [Type],
    /// The type of the result.
    pub result: Type,
    /// Calls it, with arguments of the right types.
    pub call: Call,
}

/// Calls a method: the receiver and the arguments give the result or an error text.
pub type Call = for<'a> fn(&Value<'a>, &[Value<'a>]) -> Result<Value<'a>, String>;

impl Field {
    /// Describes a field. JSON leaves it out when it is zero.
    #[must_use]
    pub const fn new(name: &'static str, json: &'static str, ty: Type, get: Getter) -> Field {
        Field {
            name,
            hash: hash(name.as_bytes()),
            ty,
            json,
            omit_empty: true,
            get,
        }
    }

    /// JSON shows the field even when it is zero.
    #[must_use]
    pub const fn always(mut self) -> Field {
        self.omit_empty = false;
        self
    }
}

impl Method {
    /// Describes a method.
    #[must_use]
    pub const fn new(
        name: &'static str,
        params: &'static [Type],
        result: Type,
        call: Call,
    ) -> Method {
        Method {
            name,
            hash: hash(name.as_bytes()),
            params,
            result,
            call,
        }
    }
}

/// The integers without a name of their own.
pub static INT: IntType = plain("int", true, 64);
/// `int32`
pub static INT32: IntType = plain("int32", true, 32);
/// `int64`
pub static INT64: IntType = plain("int64", true, 64);
/// `uint64`
pub static UINT64: IntType = plain("uint64", false, 64);
/// `uint8`, a byte of a string.
pub static UINT8: IntType = plain("uint8", false, 8);

const fn plain(name: &'static str, signed: bool, bits: u32) -> IntType {
    IntType {
        name,
        signed,
        bits,
        text: None,
        methods: &[],
    }
}

/// A field or a method.
#[derive(Clone, Copy, Debug)]
pub enum Member {
    /// A field.
    Field(&'static Field),
    /// A method.
    Method(&'static Method),
    /// The method `GetX` of a field.
    Getter(&'static Field),
    /// The method `String` of an integer type.
    String(&'static IntType),
}

const STRING: u32 = hash(b"String");

fn method(methods: &'static [Method], name: &str, hash: u32) -> Option<Member> {
    methods
        .iter()
        .find(|m| m.hash == hash && m.name == name)
        .map(Member::Method)
}

impl IntType {
    /// The method of that name and hash.
    #[must_use]
    pub fn member(&'static self, name: &str, hash: u32) -> Option<Member> {
        if hash == STRING && name == "String" && self.text.is_some() {
            return Some(Member::String(self));
        }
        method(self.methods, name, hash)
    }
}

impl StructType {
    /// The field or method of that name and hash.
    #[must_use]
    pub fn member(&'static self, name: &str, hash: u32) -> Option<Member> {
        if let Some(field) = self
            .fields
            .iter()
            .find(|f| f.hash == hash && f.name == name)
        {
            return Some(Member::Field(field));
        }
        if let Some(member) = method(self.methods, name, hash) {
            return Some(member);
        }
        let field = name.strip_prefix("Get").filter(|_| self.getters)?;
        self.fields
            .iter()
            .find(|f| f.name == field)
            .map(Member::Getter)
    }

    /// The names of all fields and methods, for suggestions.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.fields
            .iter()
            .map(|f| f.name)
            .chain(self.methods.iter().map(|m| m.name))
    }
}

impl Type {
    /// The zero value.
    #[must_use]
    pub fn zero<'a>(self) -> Value<'a> {
        static NONE: std::collections::BTreeMap<String, String> = std::collections::BTreeMap::new();
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
            Type::Time => Value::Time(time::Time::default()),
        }
    }

    /// The field or method of that name and hash, with or without an instance.
    #[must_use]
    pub fn member(self, name: &str, hash: u32) -> Option<Member> {
        match self {
            Type::Int(ty) => ty.member(name, hash),
            Type::Struct(ty) | Type::Pointer(ty) => ty.member(name, hash),
            Type::Time => method(time::METHODS, name, hash),
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
            Type::Time => time::METHODS.iter().map(|m| m.name).collect(),
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

// Two descriptions are the same if they are the same table.
impl PartialEq for IntType {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

impl Eq for IntType {}

impl PartialEq for StructType {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

impl Eq for StructType {}

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
