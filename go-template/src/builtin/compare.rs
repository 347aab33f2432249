//! `eq`, `lt` and their like.

use std::cmp::Ordering;

use crate::model::{StructType, Type};
use crate::value::Value;

/// What kinds of values can be compared by size or content.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Basic {
    Bool,
    Complex,
    Float,
    Signed,
    Unsigned,
    Str,
    /// Everything else, and nothing.
    Other,
}

fn basic(value: &Value<'_>) -> Basic {
    match value {
        Value::Bool(_) => Basic::Bool,
        Value::Complex(..) => Basic::Complex,
        Value::Float(_) => Basic::Float,
        Value::Int(_, ty) if ty.signed => Basic::Signed,
        Value::Int(..) => Basic::Unsigned,
        Value::Str(_) => Basic::Str,
        _ => Basic::Other,
    }
}

fn is_absent(value: &Value<'_>) -> bool {
    matches!(value, Value::Absent | Value::Nil)
}

fn incomparable(a: &Value<'_>, b: &Value<'_>) -> String {
    format!("{} and {} cannot be compared", a.described(), b.described())
}

/// Whether the first value equals any of the others.
pub(super) fn equal<'a>(first: &Value<'_>, rest: &[Value<'_>]) -> Result<Value<'a>, String> {
    if rest.is_empty() {
        return Err("there is nothing to compare with".to_owned());
    }
    for other in rest {
        if is_equal(first, other)? {
            return Ok(true.into());
        }
    }
    Ok(false.into())
}

pub(super) fn not_equal<'a>(a: &Value<'_>, b: &Value<'_>) -> Result<Value<'a>, String> {
    is_equal(a, b).map(|t| Value::Bool(!t))
}

fn is_equal(a: &Value<'_>, b: &Value<'_>) -> Result<bool, String> {
    if basic(a) != basic(b) && !are_integers(a, b) {
        let comparable = is_absent(a) || is_absent(b);
        return if comparable {
            Ok(false)
        } else {
            Err(incomparable(a, b))
        };
    }
    Ok(match (a, b) {
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::Complex(a, i), Value::Complex(b, j)) => a == b && i == j,
        (Value::Float(a), Value::Float(b)) => a == b,
        (Value::Int(a, _), Value::Int(b, _)) => a == b,
        (Value::Str(a), Value::Str(b)) => a.bytes() == b.bytes(),
        _ => return is_same(a, b),
    })
}

/// Equality of what is no number, string or truth value.
fn is_same(a: &Value<'_>, b: &Value<'_>) -> Result<bool, String> {
    if !is_absent(a) && !is_absent(b) && shape(a) != shape(b) {
        return Err(incomparable(a, b));
    }
    if a.is_nil() || b.is_nil() {
        return Ok(a.is_nil() == b.is_nil());
    }
    match (a, b) {
        (Value::Time(a), Value::Time(b)) => Ok(a == b),
        (_, Value::Object(object)) if !object.pointer && !is_comparable(object.ty) => {
            Err(format!("{} can only be compared with nil", b.described()))
        }
        (Value::Object(a), Value::Object(b)) => {
            Ok(a.ty == b.ty && std::ptr::addr_eq(a.data, b.data))
        }
        (Value::List(_) | Value::Map(_), _) => {
            Err(format!("{} can only be compared with nil", a.described()))
        }
        _ => Ok(false),
    }
}

/// Whether structs of a type can be compared: not if they hold what cannot.
fn is_comparable(ty: &StructType) -> bool {
    let holds = |ty| matches!(ty, Type::Strings | Type::List | Type::StringMap | Type::Map);
    !ty.fields.iter().any(|field| holds(field.ty))
}

/// Only values of the same shape can be compared at all.
fn shape(value: &Value<'_>) -> u8 {
    match value {
        Value::List(_) => 1,
        Value::Map(_) => 2,
        Value::NilPointer(_) => 3,
        Value::Object(object) if object.pointer => 3,
        Value::Object(_) | Value::Time(_) => 4,
        _ => 0,
    }
}

/// Integers compare by value, whatever their types.
fn are_integers(a: &Value<'_>, b: &Value<'_>) -> bool {
    matches!((a, b), (Value::Int(..), Value::Int(..)))
}

pub(super) fn less(a: &Value<'_>, b: &Value<'_>) -> Result<bool, String> {
    ordering(a, b).map(|o| o == Some(Ordering::Less))
}

pub(super) fn less_or_equal(a: &Value<'_>, b: &Value<'_>) -> Result<bool, String> {
    ordering(a, b).map(|o| matches!(o, Some(Ordering::Less | Ordering::Equal)))
}

fn ordering(a: &Value<'_>, b: &Value<'_>) -> Result<Option<Ordering>, String> {
    match (a, b) {
        (Value::Float(a), Value::Float(b)) => Ok(a.partial_cmp(b)),
        (Value::Int(a, _), Value::Int(b, _)) => Ok(Some(a.cmp(b))),
        (Value::Str(a), Value::Str(b)) => Ok(Some(a.bytes().cmp(b.bytes()))),
        _ if basic(a) != basic(b) => Err(incomparable(a, b)),
        _ => Err(format!("{} has no order", a.described())),
    }
}
