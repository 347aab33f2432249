//! Structs whose fields templates see.

use go_template::model::{INT64, Type};
use go_template::{List, Value};
use serde::{Deserialize, Deserializer};

use super::tables::{CPU_NICE, IO_NICE, PREFIX, PRUNE_POLICY};
use super::{CommandPrefix, CpuNice, IoNice, PrunePolicy, json};

/// Type of a field of a [`template_struct`].
pub(super) trait TemplateField: for<'de> Deserialize<'de> {
    /// The type in Go.
    const TYPE: Type;

    /// Returns the value that templates see.
    fn value(&self) -> Value<'_>;

    /// Reads the field from JSON.
    fn read<'de, D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Self::deserialize(from)
    }
}

macro_rules! template_field {
    ($ty:ty, $go:expr, $field:ident => $value:expr) => {
        impl TemplateField for $ty {
            const TYPE: Type = $go;

            fn value(&self) -> Value<'_> {
                let $field = self;
                $value
            }
        }
    };
}

template_field!(String, Type::Str, text => text.as_str().into());
template_field!(Vec<String>, Type::Strings, items => Value::List(List::strings(items)));
template_field!(bool, Type::Bool, truth => (*truth).into());
template_field!(f64, Type::Float, number => Value::Float(*number));
template_field!(serde_json::Value, Type::Any, json => json.into());
template_field!(IoNice, Type::Int(&IO_NICE), nice => Value::Int(nice.number().into(), &IO_NICE));
template_field!(CpuNice, Type::Int(&CPU_NICE), nice => Value::Int(nice.number().into(), &CPU_NICE));
template_field!(Option<PrunePolicy>, Type::Pointer(&PRUNE_POLICY), policy => {
    Value::pointer(&PRUNE_POLICY, policy.as_ref())
});
template_field!(Option<CommandPrefix>, Type::Pointer(&PREFIX), prefix => {
    Value::pointer(&PREFIX, prefix.as_ref())
});

impl TemplateField for i64 {
    const TYPE: Type = Type::Int(&INT64);

    fn value(&self) -> Value<'_> {
        Value::Int(*self, &INT64)
    }

    fn read<'de, D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        json::integer(from)
    }
}

/// Declares a struct with the names of its fields in Go, and their table. JSON omits zero
/// values if `omit_empty` is true.
macro_rules! template_struct {
    ($(#[$meta:meta])* $name:ident, omit_empty: $omit:literal {
        $($(#[$field_meta:meta])* $field:ident $go:literal: $ty:ty,)*
    }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
        #[serde(default, deny_unknown_fields, rename_all = "camelCase")]
        pub struct $name {$(
            $(#[$field_meta])*
            #[serde(deserialize_with = "super::template_struct::TemplateField::read")]
            pub $field: $ty,
        )*}

        impl $name {
            pub(super) const FIELDS: &'static [go_template::model::Field] = &[$({
                use super::template_struct::TemplateField;
                let read: go_template::model::ReadField = |data| {
                    let data = data.downcast_ref::<$name>();
                    data.map_or(go_template::Value::Nil, |data| data.$field.value())
                };
                let ty = <$ty as TemplateField>::TYPE;
                let field = go_template::model::Field::new($go, stringify!($field), ty, read);
                if $omit { field } else { field.always() }
            }),*];
        }
    };
}

pub(super) use template_struct;
