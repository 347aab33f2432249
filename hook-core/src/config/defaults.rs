//! The bounds of a hook, its environment, and the `defaults` section for all hooks.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use process_supervisor::{Limits, Privileges, ScriptVia};

use super::codes;
use super::environment;
use super::meant::{self, shown};
use super::privileges;
use super::reader::Reader;
use super::source::Span;
use super::table::Table;
use super::tree::Node;
use crate::hook::EnvValue;
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
    pub(crate) env: BTreeMap<String, EnvValue>,
    /// Whether hookd's own environment is kept from it.
    pub(crate) clean_env: bool,
    /// As whom it runs, and how much of the machine it may use.
    pub(crate) privileges: Privileges,
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
        env.extend(environment::variables(reader, node));
    }
    let clean_env = table.take("cleanEnv").and_then(|n| reader.boolean(n));
    let privileges = privileges::read(reader, table, &base.privileges);
    let folder = table.take("workingDirectory");
    Defaults {
        limits,
        env,
        clean_env: clean_env.unwrap_or(base.clean_env),
        privileges,
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

/// Notes a NUL, which no path and no environment can hold.
pub(super) fn no_nul(reader: &mut Reader<'_>, span: Span, text: &str) -> Option<()> {
    if text.contains('\0') {
        reader.error(span, codes::NUL, "the value holds a NUL character");
        return None;
    }
    Some(())
}
