//! Values as JSON, the way Go writes it.

use super::format::float_text;
use super::model::Field;
use super::value::{Object, Value};

/// Adds a value as JSON: keys in order, `<`, `>` and `&` escaped. Fails for what JSON
/// cannot hold.
pub fn marshal(out: &mut Vec<u8>, value: &Value<'_>) -> Result<(), String> {
    match value {
        Value::Absent | Value::Nil | Value::NilPointer(_) => push(out, "null"),
        Value::Bool(truth) => push(out, if *truth { "true" } else { "false" }),
        Value::Int(i, _) => push(out, &i.to_string()),
        Value::Float(f) => push(out, &number(*f)?),
        Value::Complex(..) => return Err("JSON has no complex numbers".to_owned()),
        Value::Str(text) => string(out, text.bytes()),
        Value::List(list) if list.is_nil() => push(out, "null"),
        Value::List(list) => {
            out.push(b'[');
            for (i, element) in list.iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                marshal(out, &element)?;
            }
            out.push(b']');
        }
        Value::Map(map) if map.is_nil() => push(out, "null"),
        Value::Map(map) => {
            out.push(b'{');
            for (i, (key, element)) in map.sorted().into_iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                string(out, key.as_bytes());
                out.push(b':');
                marshal(out, &element)?;
            }
            out.push(b'}');
        }
        Value::Object(object) => fields(out, object)?,
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

fn fields(out: &mut Vec<u8>, object: &Object<'_>) -> Result<(), String> {
    out.push(b'{');
    let mut first = true;
    for field in object.ty.fields {
        let value = (field.get)(object.data);
        if is_left_out(field, &value) {
            continue;
        }
        if !first {
            out.push(b',');
        }
        first = false;
        string(out, field.json.as_bytes());
        out.push(b':');
        marshal(out, &value)?;
    }
    out.push(b'}');
    Ok(())
}

fn is_left_out(field: &Field, value: &Value<'_>) -> bool {
    field.omit_empty && !value.truth()
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
    // Exponents have no leading zero here.
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
