//! Tables that describe the host's data: types, fields and methods.
//!
//! Execution and the check read them; the host writes them as statics.

use std::any::Any;
use std::borrow::Cow;

use crate::value::Value;

/// The type of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// `any`
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
    /// `time.Time`
    Time,
}

/// An integer type.
pub struct IntType {
    /// The name with its package, as `%T` prints it.
    pub name: &'static str,
    /// The name of a value in messages, with an article.
    pub title: &'static str,
    /// `true` if negative numbers belong to the type.
    pub signed: bool,
    /// The number of bits.
    pub bits: u32,
    /// The type's method `String`, if it has one.
    pub text: Option<fn(i64) -> Cow<'static, str>>,
    /// The methods other than `String`.
    pub methods: &'static [Method],
}

/// A struct type.
pub struct StructType {
    /// The name with its package, as `%T` prints it.
    pub name: &'static str,
    /// The name of a value in messages, with an article.
    pub title: &'static str,
    /// The fields, in the order of the struct.
    pub fields: &'static [Field],
    /// The methods.
    pub methods: &'static [Method],
    /// `true` if every field `X` has a method `GetX`, which returns the zero value of the field
    /// for a nil pointer, as in code that a Protocol Buffers compiler generates.
    pub getters: bool,
}

/// A field of a struct.
pub struct Field {
    /// The name.
    pub name: &'static str,
    /// The type.
    pub ty: Type,
    /// The key in JSON.
    pub json: &'static str,
    /// Returns whether JSON omits this value.
    pub omitted: OmitField,
    /// Reads the field from the host's struct.
    pub get: ReadField,
}

/// Describes a [`Field`] of a struct of type `$of`: its name, its key in JSON, its type, and how
/// its value is read.
#[macro_export]
macro_rules! field {
    ($of:ty, $name:literal, $json:literal, $ty:expr, $data:ident => $value:expr) => {
        $crate::model::Field::new($name, $json, $ty, |data| match data.downcast_ref::<$of>() {
            Some($data) => $value,
            None => $crate::Value::Nil,
        })
    };
}

/// Returns whether JSON omits the value of a field.
pub type OmitField = for<'a> fn(&Value<'a>) -> bool;

/// Reads a field from the host's struct.
pub type ReadField = for<'a> fn(&'a dyn Any) -> Value<'a>;

/// A method of a struct, an integer type or `time.Time`.
pub struct Method {
    /// The name.
    pub name: &'static str,
    /// The types of the arguments.
    pub params: &'static [Type],
    /// The type of the result.
    pub result: Type,
    /// Calls the method.
    pub call: CallMethod,
}

/// Calls a method with the receiver and with arguments of the declared number and types.
/// Returns the result, or an error as a lower-case fragment.
pub type CallMethod = for<'a> fn(&Value<'a>, &[Value<'a>]) -> Result<Value<'a>, String>;

/// A field or a method.
#[derive(Clone, Copy)]
pub(crate) enum Member {
    Field(&'static Field),
    Method(&'static Method),
    /// The method `GetX` of a field.
    Getter(&'static Field),
}

/// The method `String` of an integer type with a text.
pub(crate) static STRING: Method = Method::new("String", &[], Type::Str, |value, _| match value {
    Value::Int(
        i,
        IntType {
            text: Some(text), ..
        },
    ) => Ok(text(*i).into()),
    _ => Ok(Value::Absent),
});

/// `int`
pub static INT: IntType = IntType::new("int", "an integer", 64);
/// `int32`
pub static INT32: IntType = IntType::new("int32", "an integer", 32);
/// `int64`
pub static INT64: IntType = IntType::new("int64", "an integer", 64);
/// `uint64`
pub static UINT64: IntType = IntType::unsigned("uint64", 64);
/// `uint8`, the type of a byte of a string.
pub static UINT8: IntType = IntType::unsigned("uint8", 8);

impl IntType {
    /// A signed type without methods.
    #[must_use]
    pub const fn new(name: &'static str, title: &'static str, bits: u32) -> IntType {
        IntType {
            name,
            title,
            signed: true,
            bits,
            text: None,
            methods: &[],
        }
    }

    const fn unsigned(name: &'static str, bits: u32) -> IntType {
        IntType {
            signed: false,
            ..IntType::new(name, "an integer", bits)
        }
    }

    /// Adds a method `String`.
    #[must_use]
    pub const fn with_text(self, text: fn(i64) -> Cow<'static, str>) -> IntType {
        IntType {
            text: Some(text),
            ..self
        }
    }

    /// Adds other methods.
    #[must_use]
    pub const fn with_methods(self, methods: &'static [Method]) -> IntType {
        IntType { methods, ..self }
    }
}

impl StructType {
    /// A struct, without getters.
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
        }
    }

    /// Adds a method `GetX` for every field `X`.
    #[must_use]
    pub const fn with_getters(self) -> StructType {
        StructType {
            getters: true,
            ..self
        }
    }

    /// The field or method of this name.
    pub(crate) fn member(&'static self, name: &str) -> Option<Member> {
        let field = |name: &str| self.fields.iter().find(|f| f.name == name);
        if let Some(field) = field(name) {
            return Some(Member::Field(field));
        }
        find_method(self.methods, name).or_else(|| {
            let name = name.strip_prefix("Get").filter(|_| self.getters)?;
            field(name).map(Member::Getter)
        })
    }

    /// The names of all fields and methods but for getters.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        let fields = self.fields.iter().map(|f| f.name);
        fields.chain(self.methods.iter().map(|m| m.name))
    }
}

pub(crate) fn find_method(methods: &'static [Method], name: &str) -> Option<Member> {
    let method = methods.iter().find(|m| m.name == name)?;
    Some(Member::Method(method))
}

impl Field {
    /// A field. JSON omits a zero value.
    #[must_use]
    pub const fn new(name: &'static str, json: &'static str, ty: Type, get: ReadField) -> Field {
        Field {
            name,
            ty,
            json,
            omitted: |value| !value.truth(),
            get,
        }
    }

    /// Makes JSON show a zero value, too.
    #[must_use]
    pub const fn always(self) -> Field {
        self.omitted_if(|_| false)
    }

    /// Makes JSON omit these values, and no others.
    #[must_use]
    pub const fn omitted_if(self, omitted: OmitField) -> Field {
        Field { omitted, ..self }
    }
}

impl Method {
    /// A method.
    #[must_use]
    pub const fn new(
        name: &'static str,
        params: &'static [Type],
        result: Type,
        call: CallMethod,
    ) -> Method {
        Method {
            name,
            params,
            result,
            call,
        }
    }
}
