//! The environment of a hook: plain values, and sources of secrets.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::codes;
use super::meant::shown;
use super::source::Span;
use super::tree::NodeKind;
use super::value::Value;
use crate::hook::EnvValue;
use crate::vars::is_own_variable;

/// Reads the variables of an environment, a mapping or a list of `KEY=value`.
pub(super) fn variables(environment: Value<'_>) -> BTreeMap<String, EnvValue> {
    let mut out = BTreeMap::new();
    let mut add = |name: &str, name_at: Span, value: EnvValue| {
        let report = environment.report;
        if name.is_empty() || name.contains(['=', '\0']) {
            let message = format!("{} can't be the name of a variable", shown(name));
            report.error(name_at, codes::BAD_VALUE, message);
        } else if is_own_variable(name) {
            let message = format!("{} is a variable that hookd sets", shown(name));
            report
                .error(name_at, codes::BAD_VALUE, message)
                .help("give it another name");
        } else if out.insert(name.to_owned(), value).is_some() {
            let message = format!("variable {} is set twice", shown(name));
            report
                .error(name_at, codes::DUPLICATE_KEY, message)
                .help("remove one");
        }
    };
    if let NodeKind::Sequence(_) = environment.node.kind {
        for item in environment.list().into_iter().flatten() {
            let Some(text) = item.text() else { continue };
            let Some((name, value)) = text.split_once('=') else {
                item.reject(
                    format!("{} is no variable", shown(text)),
                    "write `KEY=value`",
                );
                continue;
            };
            if let Some(value) = item.without_nul(value) {
                add(name, item.key, EnvValue::Plain(value.to_owned()));
            }
        }
    } else {
        let expected = "a mapping of variables, or a list of `KEY=value`";
        for (name, value) in environment.free_mapping(expected).unwrap_or_default() {
            if let Some(read) = env_value(value) {
                add(name, value.key, read);
            }
        }
    }
    out
}

/// Reads a plain value, or the source from which the value is read when the hook runs.
fn env_value(value: Value<'_>) -> Option<EnvValue> {
    if !matches!(value.node.kind, NodeKind::Mapping(_)) {
        let text = value.without_nul(value.text()?)?;
        return Some(EnvValue::Plain(text.to_owned()));
    }
    let source = value.mapping("the value of a variable", |mapping| {
        match (mapping.get("fromEnv"), mapping.get("fromFile")) {
            (Some(variable), None) => {
                let name = variable.text().filter(|name| !name.is_empty())?;
                Some(EnvValue::FromEnv(name.to_owned()))
            }
            (None, Some(path)) => file(path).map(EnvValue::FromFile),
            _ => {
                value.reject(
                    "a value comes from one place",
                    "write a text, `{ fromEnv: NAME }`, or `{ fromFile: /path }`",
                );
                None
            }
        }
    });
    source.flatten()
}

/// Reads the path of a file with a value: absolute, or below the folder of systemd's
/// credentials.
fn file(value: Value<'_>) -> Option<PathBuf> {
    let text = value.without_nul(value.text()?)?;
    let credentials = EnvValue::CREDENTIALS;
    if !text.starts_with('/') && !text.starts_with(&format!("{credentials}/")) {
        value.reject(
            format!("{} is no absolute path", shown(text)),
            format!("begin it with `/`, or with `{credentials}/` for a credential of systemd"),
        );
        return None;
    }
    Some(PathBuf::from(text))
}
