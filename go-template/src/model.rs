//! How the host describes its data: types, fields and methods.
//!
//! The host writes tables of these, and hands a value of a described type to the
//! template as its dot. The tables are all that evaluation and the check go by.

use std::any::Any;
use std::borrow::Cow;
use std::fmt;

use super::names::hash;
use super::value::Value;

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
    /// What a value is called in messages, with its article.
    pub title: &'static str,
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
    /// What a value is called in messages, with its article.
    pub title: &'static str,
    /// The fields, in their order.
    pub fields: &'static [Field],
    /// The methods.
    pub methods: &'static [Method],
    /// Whether every field `X` has a method `GetX` that gives a zero value if the
    /// struct is not there.
    pub getters: bool,
    /// Where to find a field or method by the hash of its name.
    index: Index,
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
        title: "an integer",
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

/// How many places an [`Index`] has, a power of two: more than twice what the largest
/// struct fills, so that a search soon meets its name or an empty place.
const PLACES: usize = 64;

/// A hash table of the fields, then the methods: one more than the position of each, in
/// the first empty place from its hash on. Zero is an empty place.
type Index = [u8; PLACES];

const fn index(fields: &[Field], methods: &[Method]) -> Index {
    let count = fields.len() + methods.len();
    assert!(count < PLACES, "a search must meet an empty place");
    let mut index = [0; PLACES];
    let mut i = 0;
    while i < count {
        let hash = hash_at(fields, methods, i);
        let mut place = place(hash);
        while index[place] != 0 {
            let other = hash_at(fields, methods, index[place] as usize - 1);
            assert!(hash != other, "two members have the same hash");
            place = (place + 1) % PLACES;
        }
        i += 1;
        index[place] = i as u8;
    }
    index
}

const fn hash_at(fields: &[Field], methods: &[Method], i: usize) -> u32 {
    match i < fields.len() {
        true => fields[i].hash,
        false => methods[i - fields.len()].hash,
    }
}

/// Where the search for a hash begins.
const fn place(hash: u32) -> usize {
    (hash ^ hash >> 16) as usize % PLACES
}

const STRING: u32 = hash(b"String");

pub(super) fn method(methods: &'static [Method], name: &str, hash: u32) -> Option<Member> {
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
    /// Describes a struct, by its name with its package and by what a value of it is called.
    #[must_use]
    pub const fn new(
        name: &'static str,
        title: &'static str,
        fields: &'static [Field],
        methods: &'static [Method],
    ) -> StructType {
        StructType {
            name,
            title,
            fields,
            methods,
            getters: false,
            index: index(fields, methods),
        }
    }

    /// Every field `X` has a method `GetX`.
    #[must_use]
    pub const fn with_getters(mut self) -> StructType {
        self.getters = true;
        self
    }

    /// The field or method of that name and hash.
    #[must_use]
    pub fn member(&'static self, name: &str, hash: u32) -> Option<Member> {
        match self.by_hash(hash) {
            Some(Member::Field(field)) if field.name == name => Some(Member::Field(field)),
            Some(Member::Method(method)) if method.name == name => Some(Member::Method(method)),
            _ => self.getter(name),
        }
    }

    /// The only field or method that the hash can stand for.
    fn by_hash(&'static self, hash: u32) -> Option<Member> {
        let mut place = place(hash);
        loop {
            let i = usize::from(self.index[place]).checked_sub(1)?;
            if let Some(field) = self.fields.get(i) {
                if field.hash == hash {
                    return Some(Member::Field(field));
                }
            } else {
                let method = self.methods.get(i - self.fields.len())?;
                if method.hash == hash {
                    return Some(Member::Method(method));
                }
            }
            place = (place + 1) % PLACES;
        }
    }

    #[cold]
    fn getter(&'static self, name: &str) -> Option<Member> {
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
