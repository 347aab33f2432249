//! `eq`, `lt` and the other comparisons.

use std::cmp::Ordering;

use crate::model::{StructType, Type};
use crate::types::ComparisonClass;
use crate::value::Value;

fn is_absent(value: &Value<'_>) -> bool {
    matches!(value, Value::Absent | Value::Nil)
}

fn incomparable(a: &Value<'_>, b: &Value<'_>) -> String {
    format!("{} and {} cannot be compared", a.title(), b.title())
}

pub(super) fn equal(a: &Value<'_>, b: &Value<'_>) -> Result<bool, String> {
    match (a, b) {
        (Value::Bool(a), Value::Bool(b)) => return Ok(a == b),
        (Value::Complex(a, i), Value::Complex(b, j)) => return Ok(a == b && i == j),
        (Value::Float(a), Value::Float(b)) => return Ok(a == b),
        (Value::Int(a, _), Value::Int(b, _)) => return Ok(a == b),
        (Value::Str(a), Value::Str(b)) => return Ok(a.bytes() == b.bytes()),
        _ => {}
    }
    if is_absent(a) || is_absent(b) {
        // Basic values differ from nil, the others can be nil.
        return Ok(a.is_nil() && b.is_nil());
    }
    let class = a.ty().comparison_class();
    if class != b.ty().comparison_class() {
        return Err(incomparable(a, b));
    }
    if a.is_nil() || b.is_nil() {
        return Ok(a.is_nil() == b.is_nil());
    }
    match (a, b) {
        (Value::Time(a), Value::Time(b)) => Ok(a == b),
        (_, Value::Object(object)) if !object.pointer && !is_comparable(object.ty) => {
            Err(format!("{} can only be compared with nil", b.title()))
        }
        (Value::Object(a), Value::Object(b)) => {
            Ok(a.ty == b.ty && std::ptr::addr_eq(a.data, b.data))
        }
        _ if matches!(class, ComparisonClass::List | ComparisonClass::Map) => {
            Err(format!("{} can only be compared with nil", a.title()))
        }
        _ => Ok(false),
    }
}

/// `true` if all fields of a struct can be compared.
fn is_comparable(ty: &StructType) -> bool {
    let holds = |ty| matches!(ty, Type::Strings | Type::List | Type::StringMap | Type::Map);
    !ty.fields.iter().any(|field| holds(field.ty))
}

pub(super) fn less(a: &Value<'_>, b: &Value<'_>) -> Result<bool, String> {
    ordering(a, b).map(|o| o == Some(Ordering::Less))
}

pub(super) fn less_or_equal(a: &Value<'_>, b: &Value<'_>) -> Result<bool, String> {
    ordering(a, b).map(|o| matches!(o, Some(Ordering::Less | Ordering::Equal)))
}

/// The order of two values. `None` if one is NaN.
fn ordering(a: &Value<'_>, b: &Value<'_>) -> Result<Option<Ordering>, String> {
    match (a, b) {
        (Value::Float(a), Value::Float(b)) => Ok(a.partial_cmp(b)),
        (Value::Int(a, _), Value::Int(b, _)) => Ok(Some(a.cmp(b))),
        (Value::Str(a), Value::Str(b)) => Ok(Some(a.bytes().cmp(b.bytes()))),
        _ if a.ty().comparison_class() != b.ty().comparison_class() => Err(incomparable(a, b)),
        _ => Err(format!("{} has no order", a.title())),
    }
}
