//! The bounds of a hook, its environment, and the `defaults` section for all hooks.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use super::codes;
use super::meant::{self, shown};
use super::reader::Reader;
use super::source::Span;
use super::table::{Table, free_pairs};
use super::tree::{Kind, Node};
use crate::hook::{Limits, ScriptVia};
use crate::template::Engine;

/// How long a hook may be allowed to run.
pub(crate) const TIMEOUT: RangeInclusive<Duration> =
    Duration::from_millis(1)..=Duration::from_secs(7 * 86_400);
/// How long a hook may have between TERM and KILL.
pub(crate) const GRACE: RangeInclusive<Duration> = Duration::ZERO..=Duration::from_secs(3600);
/// How much output of one hook may be kept, in bytes.
pub(crate) const MAX_OUTPUT: RangeInclusive<u64> = 0..=1 << 30;

/// What a hook has where it does not say otherwise.
#[derive(Clone, Debug, Default)]
pub(crate) struct Defaults {
    /// The bounds of one execution.
    pub(crate) limits: Limits,
    /// The language of its template.
    pub(crate) engine: Engine,
    /// How the interpreter gets its script.
    pub(crate) via: ScriptVia,
    /// Variables set for the hook.
    pub(crate) env: BTreeMap<String, String>,
    /// The folder it runs in.
    pub(crate) working_directory: Option<PathBuf>,
}

/// Reads the `defaults` section.
pub(crate) fn read(reader: &mut Reader<'_>, node: &Node) -> Defaults {
    let base = Defaults::default();
    let Some(mut table) = Table::new(reader, node, "`defaults`") else {
        return base;
    };
    let defaults = Defaults {
        engine: engine(reader, &mut table).unwrap_or(base.engine),
        via: via(reader, &mut table).unwrap_or(base.via),
        ..settings(reader, &mut table, &base)
    };
    table.finish(reader, |_| None);
    defaults
}

/// The settings that hooks and `defaults` share, over those of `base`.
pub(crate) fn settings(
    reader: &mut Reader<'_>,
    table: &mut Table<'_>,
    base: &Defaults,
) -> Defaults {
    let timeout = table.take("timeout");
    let grace = table.take("grace");
    let max_output = table.take("maxOutput");
    let kill_leaked = table.take("killLeaked");
    let limits = Limits {
        timeout: timeout
            .and_then(|n| reader.duration(n, TIMEOUT))
            .unwrap_or(base.limits.timeout),
        grace: grace
            .and_then(|n| reader.duration(n, GRACE))
            .unwrap_or(base.limits.grace),
        max_output: max_output
            .and_then(|n| reader.size(n, MAX_OUTPUT))
            .unwrap_or(base.limits.max_output),
        kill_leaked: kill_leaked
            .and_then(|n| reader.boolean(n))
            .unwrap_or(base.limits.kill_leaked),
    };
    let mut env = base.env.clone();
    if let Some(node) = table.take("env") {
        env.extend(variables(reader, node));
    }
    let folder = table.take("workingDirectory");
    Defaults {
        limits,
        env,
        working_directory: folder
            .and_then(|n| absolute_path(reader, n))
            .or_else(|| base.working_directory.clone()),
        ..base.clone()
    }
}

/// The `templateEngine` of a table.
pub(crate) fn engine(reader: &mut Reader<'_>, table: &mut Table<'_>) -> Option<Engine> {
    let node = table.take("templateEngine")?;
    let all = Engine::ALL.map(|e| (e.config_name(), e));
    by_name(
        reader,
        node,
        "a template engine",
        codes::UNKNOWN_ENGINE,
        &all,
    )
}

/// The `scriptVia` of a table.
pub(crate) fn via(reader: &mut Reader<'_>, table: &mut Table<'_>) -> Option<ScriptVia> {
    let node = table.take("scriptVia")?;
    let all = [
        ("AUTO", ScriptVia::Auto),
        ("FILE", ScriptVia::File),
        ("STDIN", ScriptVia::Stdin),
    ];
    by_name(
        reader,
        node,
        "a way to hand over a script",
        codes::UNKNOWN_NAME,
        &all,
    )
}

/// One of a closed set that has names only.
pub(crate) fn by_name<T: Copy>(
    reader: &mut Reader<'_>,
    node: &Node,
    what: &str,
    code: &'static str,
    all: &[(&str, T)],
) -> Option<T> {
    let text = reader.text(node)?;
    let found = all.iter().find(|(name, _)| *name == text);
    if found.is_none() {
        let names: Vec<&str> = all.iter().map(|(name, _)| *name).collect();
        reader
            .error(node.span, code, format!("{} is not {what}", shown(text)))
            .help(meant::remedy(text, &names, ""));
    }
    found.map(|(_, value)| *value)
}

/// A path that does not depend on where hookd was started.
pub(crate) fn absolute_path(reader: &mut Reader<'_>, node: &Node) -> Option<PathBuf> {
    let text = reader.text(node)?;
    if !text.starts_with('/') && !cfg!(windows) {
        let message = format!("{} is no absolute path", shown(text));
        reader
            .error(node.span, codes::BAD_VALUE, message)
            .help("begin it with `/`; `~` is not resolved here");
        return None;
    }
    no_nul(reader, node.span, text)?;
    Some(PathBuf::from(text))
}

/// Variables of an environment, as a mapping or as a list of `KEY=value`.
fn variables(reader: &mut Reader<'_>, node: &Node) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    if let Kind::Sequence(items) = &node.kind {
        for item in items {
            let Some(text) = reader.text(item) else {
                continue;
            };
            match text.split_once('=') {
                Some((name, value)) => {
                    variable(reader, item.span, item.span, name, value, &mut out)
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
        if let Some(text) = reader.text(value) {
            variable(reader, key.span, value.span, name, text, &mut out);
        }
    }
    out
}

fn variable(
    reader: &mut Reader<'_>,
    name_at: Span,
    value_at: Span,
    name: &str,
    value: &str,
    out: &mut BTreeMap<String, String>,
) {
    if name.is_empty() || name.contains(['=', '\0']) {
        let message = format!("{} can't be the name of a variable", shown(name));
        reader.error(name_at, codes::BAD_VALUE, message);
        return;
    }
    if no_nul(reader, value_at, value).is_none() {
        return;
    }
    if out.insert(name.to_owned(), value.to_owned()).is_some() {
        let message = format!("variable {} is set twice", shown(name));
        reader
            .error(name_at, codes::DUPLICATE_KEY, message)
            .help("remove one");
    }
}

fn no_nul(reader: &mut Reader<'_>, span: Span, text: &str) -> Option<()> {
    if text.contains('\0') {
        reader.error(span, codes::NUL, "the value holds a NUL character");
        return None;
    }
    Some(())
}
