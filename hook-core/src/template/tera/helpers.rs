//! What templates can call: each helper is a filter (`{{ x | url_escape }}`) and a
//! function (`{{ url_escape(value=x) }}`).

use tera::{Error, Kwargs, State, Tera, TeraResult, Value};

use super::budget::{made, size};
use crate::condition::Condition;
use crate::vars::methods::{
    event_name, format_duration, format_size_bytes, is_error, json_marshal,
};
use crate::vars::{apple_script_escape, power_shell_escape, shell_escape, time, url_escape};
use go_template::{Duration, Time, Value as Described};

/// What a number of a list weighs, in bytes.
const NUMBER: usize = 16;

type Helper = fn(&Value, &Kwargs) -> TeraResult<Value>;

const HELPERS: &[(&str, Helper)] = &[
    ("raw", |v, _| Ok(Value::safe_string(&v.to_string()))),
    ("shell_escape", |v, _| {
        // A list becomes as many words as it has elements.
        let words = match v.as_array() {
            Some(items) => items.iter().map(|i| quoted(&i.to_string())).collect(),
            None => vec![quoted(&v.to_string())],
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
        let bytes = v
            .as_i64()
            .ok_or_else(|| Error::message("expected a whole number of bytes"))?;
        Ok(Value::from(
            format_size_bytes(bytes).map_err(Error::message)?,
        ))
    }),
    ("format_duration", |v, _| {
        let seconds = v
            .as_f64()
            .ok_or_else(|| Error::message("expected seconds"))?;
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
            weighed(helper(&defined(value)?, &kwargs)?)
        });
        tera.register_function(name, move |kwargs: Kwargs, state: &State<'_>| {
            let value = match kwargs.get::<Value>("value")? {
                Some(value) => value,
                None => implied(name, state)?,
            };
            weighed(helper(&defined(value)?, &kwargs)?)
        });
    }
    tera.register_function(
        "summary",
        |_: Kwargs, state: &State<'_>| -> TeraResult<Value> {
            let summary = state.get::<Value>("summary")?;
            weighed(summary.unwrap_or_else(Value::undefined))
        },
    );
    tera.register_function("range", range);
}

/// What a function is about when it is not told.
fn implied(name: &'static str, state: &State<'_>) -> TeraResult<Value> {
    let variable = match name {
        "event_name" | "is_error" => "event",
        "format_time" => "cur_time",
        "format_duration" => "duration",
        _ => {
            return Err(Error::message(format!(
                "`{name}` needs an argument `value`"
            )));
        }
    };
    state
        .get::<Value>(variable)
        .map(|v| v.unwrap_or_else(Value::undefined))
}

fn defined(value: Value) -> TeraResult<Value> {
    match value.is_undefined() {
        true => Err(Error::message("the value is not defined")),
        false => Ok(value),
    }
}

/// What was made, once it is paid for.
fn weighed(value: Value) -> TeraResult<Value> {
    made(size(&value, 0)?)?;
    Ok(value)
}

fn quoted(text: &str) -> String {
    String::from_utf8_lossy(&shell_escape(text.as_bytes())).into_owned()
}

fn event(value: &Value) -> Option<Condition> {
    value.as_str()?.parse().ok()
}

/// As Tera's own, but paid for before it is made.
fn range(kwargs: Kwargs, _: &State<'_>) -> TeraResult<Vec<i64>> {
    let start: i64 = kwargs.get("start")?.unwrap_or(0);
    let end: i64 = kwargs.must_get("end")?;
    let step: i64 = kwargs.get("step_by")?.unwrap_or(1);
    if step == 0 {
        return Err(Error::message("`step_by` must not be 0"));
    }
    let (from, to) = if step > 0 { (start, end) } else { (end, start) };
    let span = i128::from(to) - i128::from(from);
    let stride = i128::from(step).abs();
    let count = usize::try_from((span.max(0) + stride - 1) / stride).unwrap_or(usize::MAX);
    made(count.saturating_mul(NUMBER))?;
    let numbers = (0..count).map(|i| i128::from(start) + i128::from(step) * i as i128);
    Ok(numbers.filter_map(|n| i64::try_from(n).ok()).collect())
}
