//! Values as JSON, as Go's `json.Marshal` writes it.

use crate::format::float_text;
use crate::value::{Object, Value};

/// Appends a value as JSON, with the keys of maps in order and `<`, `>` and `&` escaped.
/// Fails for a value that JSON cannot hold; `out` then has a part of the JSON.
pub fn marshal(out: &mut Vec<u8>, value: &Value<'_>) -> Result<(), String> {
    match value {
        _ if value.is_nil() => push(out, "null"),
        Value::Absent | Value::Nil | Value::NilPointer(_) => {}
        Value::Bool(truth) => push(out, if *truth { "true" } else { "false" }),
        Value::Int(i, _) => push(out, &i.to_string()),
        Value::Float(f) => push(out, &number(*f)?),
        Value::Complex(..) => return Err("JSON has no complex numbers".to_owned()),
        Value::Str(text) => string(out, text.bytes()),
        Value::List(list) => {
            out.push(b'[');
            for (i, element) in list.iter().enumerate() {
                push(out, if i > 0 { "," } else { "" });
                marshal(out, &element)?;
            }
            out.push(b']');
        }
        Value::Map(map) => object(out, map.sorted())?,
        Value::Object(object_value) => object(out, shown_fields(object_value))?,
        Value::Time(time) => {
            let text = time.rfc3339_nano();
            if text.find('-') != Some(4) {
                return Err("JSON has no such year".to_owned());
            }
            string(out, text.as_bytes());
        }
    }
    Ok(())
}

/// The fields of a struct, without those that JSON omits.
fn shown_fields<'a>(object: &Object<'a>) -> Vec<(&'static str, Value<'a>)> {
    let fields = object.ty.fields.iter();
    fields
        .map(|field| (field, (field.get)(object.data)))
        .filter(|(field, value)| !(field.omitted)(value))
        .map(|(field, value)| (field.json, value))
        .collect()
}

fn object(out: &mut Vec<u8>, entries: Vec<(&str, Value<'_>)>) -> Result<(), String> {
    out.push(b'{');
    for (i, (key, value)) in entries.into_iter().enumerate() {
        push(out, if i > 0 { "," } else { "" });
        string(out, key.as_bytes());
        out.push(b':');
        marshal(out, &value)?;
    }
    out.push(b'}');
    Ok(())
}

fn push(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(text.as_bytes());
}

fn number(f: f64) -> Result<String, String> {
    if !f.is_finite() {
        return Err("JSON has no infinite numbers".to_owned());
    }
    if f == 0.0 || (1e-6..1e21).contains(&f.abs()) {
        return Ok(float_text(f, 'f'));
    }
    // JSON's exponents have no leading zero.
    Ok(float_text(f, 'e').replace("e-0", "e-").replace("e+0", "e+"))
}

fn string(out: &mut Vec<u8>, text: &[u8]) {
    out.push(b'"');
    for chunk in text.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '"' => push(out, "\\\""),
                '\\' => push(out, "\\\\"),
                '\u{8}' => push(out, "\\b"),
                '\u{c}' => push(out, "\\f"),
                '\n' => push(out, "\\n"),
                '\r' => push(out, "\\r"),
                '\t' => push(out, "\\t"),
                '\0'..' ' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                    push(out, &format!("\\u{:04x}", c as u32));
                }
                _ => push(out, c.encode_utf8(&mut [0; 4])),
            }
        }
        for _ in chunk.invalid() {
            push(out, "\\ufffd");
        }
    }
    out.push(b'"');
}
