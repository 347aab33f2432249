//! The variables as Tera sees them. They are read from the same tables as for the Go dialect, so
//! that both languages have the same variables.

use tera::{Context, Map, Value};

use crate::vars::tables::VARS;
use crate::vars::{Duration, Vars};
use go_template::Value as Described;

/// Returns the variables for rendering. `duration` is in seconds, `cur_time` in RFC 3339.
pub(super) fn of(vars: &Vars) -> Context {
    let mut context = Context::new();
    for field in VARS.fields {
        let value = match field.name {
            "Duration" => Value::from(Duration(vars.duration.0).seconds()),
            _ => value(&(field.get)(vars)),
        };
        context.insert_value(snake_case(field.name), value);
    }
    context.insert_value("summary", Value::from(vars.summary()));
    context
}

pub(crate) fn names() -> Vec<String> {
    let fields = VARS.fields.iter().map(|field| snake_case(field.name));
    fields.chain(["summary".to_owned()]).collect()
}

fn value(described: &Described<'_>) -> Value {
    match described {
        Described::Absent | Described::Nil | Described::NilPointer(_) => Value::none(),
        Described::Bool(truth) => Value::from(*truth),
        Described::Int(i, ty) => match ty.text {
            Some(text) => Value::from(text(*i)),
            None => Value::from(*i),
        },
        Described::Float(f) | Described::Complex(f, _) => Value::from(*f),
        Described::Str(text) => Value::from(String::from_utf8_lossy(text.bytes())),
        Described::List(list) => Value::from(list.iter().map(|v| value(&v)).collect::<Vec<_>>()),
        Described::Map(map) => {
            let entries = map.sorted().into_iter();
            Value::from(
                entries
                    .map(|(k, v)| (k.to_owned().into(), value(&v)))
                    .collect::<Map>(),
            )
        }
        Described::Object(object) => {
            let fields = object.ty.fields.iter();
            let entries = fields.map(|f| (snake_case(f.name).into(), value(&(f.get)(object.data))));
            Value::from(entries.collect::<Map>())
        }
        Described::Time(time) => Value::from(time.rfc3339_nano()),
    }
}

/// Converts `SnapshotStats` to `snapshot_stats`.
pub(crate) fn snake_case(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 4);
    for (i, c) in name.chars().enumerate() {
        if c.is_uppercase() && i > 0 {
            out.push('_');
        }
        out.extend(c.to_lowercase());
    }
    out
}

/// Turns `snapshot_stats` into `SnapshotStats`.
pub(crate) fn camel_case(name: &str) -> String {
    let words = name.split('_').map(|word| {
        let mut chars = word.chars();
        let first = chars.next().map(|c| c.to_ascii_uppercase());
        first.into_iter().chain(chars).collect::<String>()
    });
    words.collect()
}
