//! hookd's own filters and functions: each helper is a filter (`{{ x | url_escape }}`) and a
//! function (`{{ url_escape(value=x) }}`).

use go_template::{Duration, Time, Value as Described};
use tera::{Error, ErrorKind, Kwargs, State, Tera, TeraResult, Value};

use crate::condition::Condition;
use crate::vars::methods::{
    event_name, format_duration, format_size_bytes, is_error, json_marshal,
};
use crate::vars::{apple_script_escape, power_shell_escape, shell_escape, time, url_escape};

type Helper = fn(&Value, &Kwargs) -> TeraResult<Value>;

/// Every helper and its name.
pub(super) const HELPERS: &[(&str, Helper)] = &[
    ("raw", |v, _| Ok(Value::safe_string(&v.to_string()))),
    ("shell_escape", |v, _| {
        // Each element of a list becomes a word.
        let words = match v.as_array() {
            Some(items) => items.iter().map(quoted).collect(),
            None => vec![quoted(v)],
        };
        Ok(Value::safe_string(&words.join(" ")))
    }),
    ("powershell_escape", |v, _| {
        Ok(Value::safe_string(&power_shell_escape(&v.to_string())))
    }),
    ("applescript_escape", |v, _| {
        let text = apple_script_escape(v.to_string().as_bytes());
        Ok(Value::safe_string(&String::from_utf8_lossy(&text)))
    }),
    ("url_escape", |v, _| {
        Ok(Value::safe_string(&url_escape(v.to_string().as_bytes())))
    }),
    ("format_size_bytes", |v, _| {
        let bytes = v.as_i64().ok_or_else(|| wrong("a number of bytes", v))?;
        Ok(Value::from(
            format_size_bytes(bytes).map_err(Error::message)?,
        ))
    }),
    ("format_duration", |v, _| {
        let seconds = v.as_f64().ok_or_else(|| wrong("a number of seconds", v))?;
        Ok(Value::from(format_duration(Duration(
            (seconds * 1e9).round() as i64,
        ))))
    }),
    ("format_time", |v, kwargs| {
        let parsed: Option<Time> = v.as_str().and_then(time::read_time);
        let time = parsed.ok_or_else(|| Error::message("expected an RFC 3339 time"))?;
        let layout: Option<String> = kwargs.get("layout")?;
        Ok(Value::from(layout.map_or_else(
            || time.rfc3339(),
            |layout| time.format(&layout),
        )))
    }),
    ("event_name", |v, _| Ok(Value::from(event_name(event(v))))),
    ("is_error", |v, _| Ok(Value::from(is_error(event(v))))),
    ("json_marshal", |v, _| {
        let json = serde_json::to_value(v).map_err(Error::message)?;
        let text = json_marshal(&Described::from(&json));
        Ok(Value::from(String::from_utf8_lossy(&text)))
    }),
];

pub(super) fn register(tera: &mut Tera) {
    for &(name, helper) in HELPERS {
        tera.register_filter(name, move |value: Value, kwargs: Kwargs, _: &State<'_>| {
            helper(&defined(value)?, &kwargs)
        });
        tera.register_function(name, move |kwargs: Kwargs, state: &State<'_>| {
            let value = match (kwargs.get::<Value>("value")?, implied(name)) {
                (Some(value), _) => value,
                (None, Some(variable)) => variable_of(state, variable)?,
                (None, None) => {
                    return Err(Error::new(ErrorKind::MissingArgument {
                        arg_name: "value".to_owned(),
                    }));
                }
            };
            helper(&defined(value)?, &kwargs)
        });
    }
    tera.register_function("summary", |_: Kwargs, state: &State<'_>| {
        variable_of(state, "summary")
    });
}

/// Returns the variable that a function uses if it has no argument.
fn implied(function: &str) -> Option<&'static str> {
    match function {
        "event_name" | "is_error" => Some("event"),
        "format_time" => Some("cur_time"),
        "format_duration" => Some("duration"),
        _ => None,
    }
}

fn variable_of(state: &State<'_>, name: &str) -> TeraResult<Value> {
    let value = state.get::<Value>(name)?;
    Ok(value.unwrap_or_else(Value::undefined))
}

fn defined(value: Value) -> TeraResult<Value> {
    match value.is_undefined() {
        true => Err(Error::message("the value is not defined")),
        false => Ok(value),
    }
}

fn wrong(expected: &str, value: &Value) -> Error {
    Error::new(ErrorKind::InvalidArgument {
        expected_type: expected.to_owned(),
        actual_type: value.name().to_owned(),
    })
}

fn quoted(value: &Value) -> String {
    String::from_utf8_lossy(&shell_escape(value.to_string().as_bytes())).into_owned()
}

fn event(value: &Value) -> Option<Condition> {
    value.as_str().and_then(Condition::from_name)
}
