//! What the generated JSON needs beside it.

use serde::Serialize;

/// An enum's value in JSON: its name, or its number where a later version of the contract
/// gave it one that this version does not know.
#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum EnumValue<E> {
    /// Its name.
    Name(E),
    /// Its number.
    Number(i32),
}
