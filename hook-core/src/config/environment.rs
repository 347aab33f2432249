//! The environment of a hook: values, and where secrets come from.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::codes;
use super::defaults::no_nul;
use super::meant::shown;
use super::reader::Reader;
use super::source::Span;
use super::table::{Table, free_pairs};
use super::tree::{Kind, Node};
use crate::hook::EnvValue;

/// Variables of an environment, as a mapping or as a list of `KEY=value`.
pub(super) fn variables(reader: &mut Reader<'_>, node: &Node) -> BTreeMap<String, EnvValue> {
    let mut out = BTreeMap::new();
    if let Kind::Sequence(items) = &node.kind {
        for item in items {
            let Some(text) = reader.text(item) else {
                continue;
            };
            match text.split_once('=') {
                Some((name, value)) => {
                    if no_nul(reader, item.span, value).is_some() {
                        let value = EnvValue::Plain(value.to_owned());
                        variable(reader, item.span, name, value, &mut out);
                    }
                }
                None => {
                    let message = format!("{} is no variable", shown(text));
                    reader
                        .error(item.span, codes::BAD_VALUE, message)
                        .help("write `KEY=value`");
                }
            }
        }
        return out;
    }
    let expected = "a mapping of variables, or a list of `KEY=value`";
    for (name, key, value) in free_pairs(reader, node, expected).unwrap_or_default() {
        if let Some(value) = value_of(reader, value) {
            variable(reader, key.span, name, value, &mut out);
        }
    }
    out
}

fn variable(
    reader: &mut Reader<'_>,
    name_at: Span,
    name: &str,
    value: EnvValue,
    out: &mut BTreeMap<String, EnvValue>,
) {
    if name.is_empty() || name.contains(['=', '\0']) {
        let message = format!("{} can't be the name of a variable", shown(name));
        reader.error(name_at, codes::BAD_VALUE, message);
        return;
    }
    if out.insert(name.to_owned(), value).is_some() {
        let message = format!("variable {} is set twice", shown(name));
        reader
            .error(name_at, codes::DUPLICATE_KEY, message)
            .help("remove one");
    }
}

/// A value as it stands, or where it is taken from when the hook runs.
fn value_of(reader: &mut Reader<'_>, node: &Node) -> Option<EnvValue> {
    if !matches!(node.kind, Kind::Mapping(_)) {
        let text = reader.text(node)?;
        no_nul(reader, node.span, text)?;
        return Some(EnvValue::Plain(text.to_owned()));
    }
    let mut table = Table::new(reader, node, "the value of a variable")?;
    let from_env = table.take("fromEnv");
    let from_file = table.take("fromFile");
    let value = match (from_env, from_file) {
        (Some(node), None) => {
            let name = reader.text(node).filter(|name| !name.is_empty());
            name.map(|name| EnvValue::FromEnv(name.to_owned()))
        }
        (None, Some(node)) => file(reader, node).map(EnvValue::FromFile),
        _ => {
            reader
                .error(node.span, codes::BAD_VALUE, "a value comes from one place")
                .help("write a text, `{ fromEnv: NAME }`, or `{ fromFile: /path }`");
            None
        }
    };
    table.finish(reader, |_| None);
    value
}

/// A file with a value: an absolute path, or one below the folder of systemd's
/// credentials.
fn file(reader: &mut Reader<'_>, node: &Node) -> Option<PathBuf> {
    let text = reader.text(node)?;
    no_nul(reader, node.span, text)?;
    if !text.starts_with('/') && !text.starts_with(&format!("{}/", EnvValue::CREDENTIALS)) {
        let message = format!("{} is no absolute path", shown(text));
        reader
            .error(node.span, codes::BAD_VALUE, message)
            .help(format!(
                "begin it with `/`, or with `{}/` for a credential of systemd",
                EnvValue::CREDENTIALS
            ));
        return None;
    }
    Some(PathBuf::from(text))
}
