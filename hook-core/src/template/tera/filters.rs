//! Tera's filters that can make much of little, and with bounds: each says how much it
//! makes before or as soon as it has made it.

use tera::{Error, Kwargs, State, StringInput, Tera, TeraResult, Value};

use super::budget::{made, size, spend};

pub(super) fn register(tera: &mut Tera) {
    tera.register_filter("replace", replace);
    tera.register_filter("join", join);
    tera.register_filter("indent", indent);
    tera.register_filter("split", split);
    tera.register_filter("unique", unique);
    tera.register_filter(
        "str",
        |value: Value, _: Kwargs, _: &State<'_>| -> TeraResult<String> {
            counted(value.to_string())
        },
    );
    tera.register_filter("escape_html", |text: &str, _: Kwargs, _: &State<'_>| {
        let mut out = Vec::new();
        tera::escape_html(text, &mut out).map_err(Error::message)?;
        counted(String::from_utf8(out).map_err(Error::message)?)
    });
    tera.register_filter("escape_xml", |text: &str, _: Kwargs, _: &State<'_>| {
        replaced(text, |c| match c {
            '&' => Some("&amp;"),
            '<' => Some("&lt;"),
            '>' => Some("&gt;"),
            '"' => Some("&quot;"),
            '\'' => Some("&apos;"),
            _ => None,
        })
    });
    tera.register_filter("newlines_to_br", |text: &str, _: Kwargs, _: &State<'_>| {
        counted(text.replace("\r\n", "<br>").replace(['\n', '\r'], "<br>"))
    });
}

fn counted(text: String) -> TeraResult<String> {
    made(text.len())?;
    Ok(text)
}

fn replaced(text: &str, entity: fn(char) -> Option<&'static str>) -> TeraResult<String> {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match entity(c) {
            Some(entity) => out.push_str(entity),
            None => out.push(c),
        }
    }
    counted(out)
}

/// A text, or one that is finished.
fn finished(text: String, is_safe: bool) -> Value {
    match is_safe {
        true => Value::safe_string(&text),
        false => Value::from(text),
    }
}

fn replace(value: StringInput<'_>, kwargs: Kwargs, state: &State<'_>) -> TeraResult<Value> {
    let from = kwargs.must_get::<&str>("from")?;
    let to = kwargs.must_get::<StringInput<'_>>("to")?;
    let is_safe = state.autoescaping_enabled() && (value.is_safe() || to.is_safe());
    let of = |text: &str, to: &str| {
        let more = text.matches(from).count().saturating_mul(to.len());
        made(text.len().saturating_add(more))?;
        Ok(finished(text.replace(from, to), is_safe))
    };
    match is_safe {
        true => of(&value.rendered(state)?, &to.rendered(state)?),
        false => of(value.as_str(), to.as_str()),
    }
}

fn join(items: &[Value], kwargs: Kwargs, state: &State<'_>) -> TeraResult<Value> {
    let sep = kwargs.get::<StringInput<'_>>("sep")?;
    let is_safe = state.autoescaping_enabled()
        && (items.iter().any(|i| i.is_string() && i.is_safe())
            || sep.as_ref().is_some_and(StringInput::is_safe));
    let between = match &sep {
        Some(sep) if is_safe => sep.rendered(state)?.into_owned(),
        Some(sep) => sep.as_str().to_owned(),
        None => String::new(),
    };
    made(between.len().saturating_mul(items.len()))?;
    let mut out = String::new();
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            out.push_str(&between);
        }
        let text = match is_safe {
            true if item.is_undefined() => String::new(),
            true => state.escape_if_needed(item)?,
            false => item.to_string(),
        };
        made(text.len())?;
        out.push_str(&text);
    }
    Ok(finished(out, is_safe))
}

fn indent(value: StringInput<'_>, kwargs: Kwargs, state: &State<'_>) -> TeraResult<Value> {
    let width = kwargs.get::<usize>("width")?.unwrap_or(4).min(1000);
    let with = kwargs.get::<StringInput<'_>>("indentation")?;
    let first = kwargs.get::<bool>("first")?.unwrap_or(false);
    let blank = kwargs.get::<bool>("blank")?.unwrap_or(false);
    if with
        .as_ref()
        .is_some_and(|w| w.as_str().chars().count() != 1)
    {
        return Err(Error::message(
            "the `indentation` argument must contain exactly one character",
        ));
    }
    let is_safe = state.autoescaping_enabled()
        && (value.is_safe() || with.as_ref().is_some_and(StringInput::is_safe));
    let text = match is_safe {
        true => value.rendered(state)?.into_owned(),
        false => value.as_str().to_owned(),
    };
    let margin = match &with {
        Some(with) if is_safe => with.rendered(state)?.repeat(width),
        Some(with) => with.as_str().repeat(width),
        None => " ".repeat(width),
    };
    let lines = text.lines().count();
    made(
        lines
            .saturating_mul(margin.len())
            .saturating_add(text.len()),
    )?;
    let mut out = String::new();
    for (i, line) in text.lines().enumerate() {
        if i > 0 {
            out.push('\n');
        }
        if (i > 0 || first) && (i == 0 || blank || !line.is_empty()) {
            out.push_str(&margin);
        }
        out.push_str(line);
    }
    if text.ends_with('\n') {
        out.push('\n');
    }
    Ok(finished(out, is_safe))
}

fn split(text: &str, kwargs: Kwargs, _: &State<'_>) -> TeraResult<Value> {
    let pat = kwargs.must_get::<&str>("pat")?;
    let parts = text.split(pat).count();
    made(text.len().saturating_add(parts.saturating_mul(16)))?;
    Ok(Value::from(
        text.split(pat).map(Value::from).collect::<Vec<_>>(),
    ))
}

fn unique(items: &[Value], _: Kwargs, _: &State<'_>) -> TeraResult<Vec<Value>> {
    let mut out: Vec<Value> = Vec::new();
    for item in items {
        let weight = 1 + size(item, 0)? / 64;
        spend((out.len() as u64).saturating_mul(weight as u64) / 8)?;
        if !out.contains(item) {
            out.push(item.clone());
        }
    }
    Ok(out)
}
