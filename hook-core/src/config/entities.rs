//! Repos and plans, with every key that Backrest gives them.
//!
//! What templates can't see (schedules, retention, policies) is known and not read.

use super::codes;
use super::meant::shown;
use super::reader::{NamedSet, Reader};
use super::source::Span;
use super::table::Table;
use super::tree::{Kind, Node, Plain};
use crate::vars::{CommandPrefix, CpuNice, IoNice, PlanVars, PrunePolicy, RepoVars};

/// The longest id or name, in characters.
pub(crate) const MAX_NAME: usize = 200;

/// The id of a repo or plan and where it stands.
pub(crate) fn id(reader: &mut Reader<'_>, table: &mut Table<'_>) -> Option<(String, Span)> {
    let node = table.require(reader, "id")?;
    let id = name(reader, node, "an id")?;
    Some((id, node.span))
}

/// A name that people and programs use: not empty, not long, on one line.
pub(crate) fn name(reader: &mut Reader<'_>, node: &Node, what: &str) -> Option<String> {
    let text = reader.text(node)?;
    let fault = if text.trim().is_empty() {
        format!("{what} can't be empty")
    } else if text.trim() != text || text.chars().any(char::is_control) {
        format!("{what} can't begin or end with a space, or hold a control character")
    } else if text.chars().count() > MAX_NAME {
        format!("{what} can't be longer than {MAX_NAME} characters")
    } else {
        return Some(text.to_owned());
    };
    reader.error(node.span, codes::BAD_VALUE, fault);
    None
}

/// The name of the lock that a hook or plan holds.
pub(crate) fn lock(reader: &mut Reader<'_>, table: &mut Table<'_>) -> Option<String> {
    let node = table.take("lock")?;
    name(reader, node, "the name of a lock")
}

/// The rest of a repo, whose id and hooks were read.
pub(crate) fn repo(reader: &mut Reader<'_>, mut table: Table<'_>, id: String) -> RepoVars {
    let vars = RepoVars {
        id,
        uri: text(reader, &mut table, "uri"),
        guid: text(reader, &mut table, "guid"),
        password: text(reader, &mut table, "password"),
        env: env_list(reader, &mut table),
        flags: texts(reader, &mut table, "flags"),
        prune_policy: table
            .take("prunePolicy")
            .and_then(|node| prune_policy(reader, node)),
        auto_unlock: flag(reader, &mut table, "autoUnlock"),
        auto_initialize: flag(reader, &mut table, "autoInitialize"),
        shared: flag(reader, &mut table, "shared"),
        command_prefix: table
            .take("commandPrefix")
            .and_then(|node| command_prefix(reader, node)),
        origin_instance_id: text(reader, &mut table, "originInstanceId"),
    };
    opaque(reader, &mut table, &["checkPolicy", "forgetPolicy"]);
    table.finish(reader, |_| None);
    vars
}

/// The rest of a plan, whose id, repo and hooks were read.
pub(crate) fn plan(
    reader: &mut Reader<'_>,
    mut table: Table<'_>,
    id: String,
    repo: String,
) -> PlanVars {
    let vars = PlanVars {
        id,
        repo,
        paths: texts(reader, &mut table, "paths"),
        excludes: texts(reader, &mut table, "excludes"),
        iexcludes: texts(reader, &mut table, "iexcludes"),
        backup_flags: texts(reader, &mut table, "backupFlags"),
        skip_if_unchanged: flag(reader, &mut table, "skipIfUnchanged"),
    };
    opaque(reader, &mut table, &["schedule", "retention"]);
    table.finish(reader, |_| None);
    vars
}

fn text(reader: &mut Reader<'_>, table: &mut Table<'_>, key: &'static str) -> String {
    let value = table.take(key).and_then(|node| reader.text(node));
    value.unwrap_or_default().to_owned()
}

fn texts(reader: &mut Reader<'_>, table: &mut Table<'_>, key: &'static str) -> Vec<String> {
    let value = table.take(key).and_then(|node| reader.texts(node));
    value.unwrap_or_default()
}

fn flag(reader: &mut Reader<'_>, table: &mut Table<'_>, key: &'static str) -> bool {
    let value = table.take(key).and_then(|node| reader.boolean(node));
    value.unwrap_or_default()
}

/// The environment of a repo: `KEY=value` pairs, or `KEY` alone to pass one on.
fn env_list(reader: &mut Reader<'_>, table: &mut Table<'_>) -> Vec<String> {
    let Some(node) = table.take("env") else {
        return Vec::new();
    };
    if matches!(node.kind, Kind::Mapping(_)) {
        reader
            .wrong(node, "a list")
            .help("the environment of a repo is a list, as in `[\"KEY=value\"]`");
        return Vec::new();
    }
    reader.texts(node).unwrap_or_default()
}

/// Sections that are known to be mappings and not read.
fn opaque(reader: &mut Reader<'_>, table: &mut Table<'_>, keys: &[&'static str]) {
    for key in keys {
        if let Some(node) = table.take(key)
            && !matches!(node.kind, Kind::Mapping(_))
        {
            reader.wrong(node, "a mapping");
        }
    }
}

fn prune_policy(reader: &mut Reader<'_>, node: &Node) -> Option<PrunePolicy> {
    let mut table = Table::new(reader, node, "a prune policy")?;
    let bytes = table.take("maxUnusedBytes");
    let percent = table.take("maxUnusedPercent");
    let policy = PrunePolicy {
        max_unused_bytes: bytes.and_then(|n| int64(reader, n)).unwrap_or_default(),
        max_unused_percent: percent
            .and_then(|n| reader.number(n, 0.0..=100.0))
            .unwrap_or_default(),
    };
    table.skip(&["schedule", "maxFrequencyDays"]);
    table.finish(reader, |_| None);
    Some(policy)
}

/// A number of bytes; protobuf's JSON writes 64-bit numbers as text.
fn int64(reader: &mut Reader<'_>, node: &Node) -> Option<i64> {
    let Kind::Scalar(scalar) = &node.kind else {
        reader.wrong(node, "a number of bytes");
        return None;
    };
    let value = match scalar.plain() {
        Plain::Int(value) => Some(value),
        Plain::Text => scalar.text.parse().ok(),
        _ => None,
    };
    if value.is_none() {
        let message = format!("{} is no number of bytes", shown(&scalar.text));
        reader.error(node.span, codes::BAD_SIZE, message);
    }
    value
}

fn command_prefix(reader: &mut Reader<'_>, node: &Node) -> Option<CommandPrefix> {
    let mut table = Table::new(reader, node, "a command prefix")?;
    let io = IoNice::ALL.iter().map(|v| (v.name(), v.number(), *v));
    let cpu = CpuNice::ALL.iter().map(|v| (v.name(), v.number(), *v));
    let prefix = CommandPrefix {
        io_nice: nice(
            reader,
            table.take("ioNice"),
            "an I/O priority",
            &io.collect::<Vec<_>>(),
        ),
        cpu_nice: nice(
            reader,
            table.take("cpuNice"),
            "a CPU priority",
            &cpu.collect::<Vec<_>>(),
        ),
    };
    table.finish(reader, |_| None);
    Some(prefix)
}

fn nice<T: Copy + Default>(
    reader: &mut Reader<'_>,
    node: Option<&Node>,
    what: &'static str,
    all: &[(&'static str, i32, T)],
) -> T {
    let set = NamedSet {
        what,
        code: codes::UNKNOWN_NAME,
        prefix: "",
        all,
    };
    node.and_then(|node| reader.named(node, &set))
        .unwrap_or_default()
}
