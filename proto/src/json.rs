//! Support for the generated JSON.

use serde::Serialize;

/// The value of an enum in JSON: its name, or its number if only a later version of the
/// contract knows it.
#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum EnumValue<E> {
    /// The name of a known value.
    Name(E),
    /// The number of an unknown value.
    Number(i32),
}
