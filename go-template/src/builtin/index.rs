//! `index`, `slice` and `len`.

use crate::model::{INT, UINT8};
use crate::value::Value;

pub(super) fn len<'a>(item: &Value<'_>) -> Result<Value<'a>, String> {
    let length = match item {
        Value::Str(text) => text.bytes().len(),
        Value::List(list) => list.len(),
        Value::Map(map) => map.len(),
        _ => return Err(format!("{} has no length", item.title())),
    };
    Ok(Value::Int(length as i64, &INT))
}

pub(super) fn index<'a>(item: &Value<'a>, indices: &[Value<'a>]) -> Result<Value<'a>, String> {
    if matches!(item, Value::Absent | Value::Nil) {
        return Err("nil has no elements".to_owned());
    }
    let mut item = item.clone();
    for index in indices {
        item = match &item {
            Value::Str(text) => {
                let at = position(index, text.bytes().len())?;
                let byte = text.bytes().get(at).ok_or_else(|| beyond(at))?;
                Value::Int(i64::from(*byte), &UINT8)
            }
            Value::List(list) => {
                let at = position(index, list.len())?;
                if at >= list.len() {
                    return Err(beyond(at));
                }
                list.get(at)
            }
            Value::Map(map) => match index {
                Value::Str(key) => map.get(key.bytes()).unwrap_or_else(|| map.zero()),
                _ => return Err(format!("a key must be a string, not {}", index.title())),
            },
            _ => return Err(format!("{} has no elements", item.title())),
        };
    }
    Ok(item)
}

pub(super) fn slice<'a>(item: &Value<'a>, indices: &[Value<'a>]) -> Result<Value<'a>, String> {
    let (length, capacity) = match item {
        Value::Str(_) if indices.len() > 2 => {
            return Err("a string takes at most two indices".to_owned());
        }
        Value::Str(text) => (text.bytes().len(), text.bytes().len()),
        Value::List(list) => (list.len(), list.capacity()),
        _ => return Err(format!("{} cannot be sliced", item.title())),
    };
    if indices.len() > 3 {
        return Err("too many indices".to_owned());
    }
    let mut bounds = [0, length, capacity];
    for (bound, index) in bounds.iter_mut().zip(indices) {
        *bound = position(index, capacity)?;
    }
    let [from, to, max] = bounds;
    if from > to || to > max {
        let (low, high) = if from > to { (from, to) } else { (to, max) };
        return Err(format!("the index {low} is greater than {high}"));
    }
    Ok(match item {
        Value::Str(text) => Value::Str(text.part(from, to)),
        Value::List(list) => Value::List(list.part(from, to, max)),
        _ => Value::Absent,
    })
}

/// The index, which must not be greater than `limit`.
fn position(index: &Value<'_>, limit: usize) -> Result<usize, String> {
    let Value::Int(i, _) = index else {
        return Err(format!(
            "an index must be an integer, not {}",
            index.title()
        ));
    };
    usize::try_from(*i)
        .ok()
        .filter(|at| *at <= limit)
        .ok_or_else(|| format!("the index {i} is out of range"))
}

fn beyond(at: usize) -> String {
    format!("the index {at} is out of range")
}
