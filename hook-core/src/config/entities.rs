//! Repos and plans, with every key that Backrest gives them.
//!
//! Keys that templates can't use (schedules, retention, policies) are accepted and ignored.

use super::codes;
use super::mapping::Mapping;
use super::meant::shown;
use super::source::Span;
use super::tree::{NodeKind, PlainValue};
use super::value::Value;
use crate::named_enum::NamedEnum;
use crate::vars::{CommandPrefix, PlanVars, PrunePolicy, RepoVars};

/// The longest id or name, in characters.
const MAX_NAME: usize = 200;

/// Reads the id of a repo or plan, and its span.
pub(crate) fn id(mapping: &mut Mapping<'_>) -> Option<(String, Span)> {
    let value = mapping.require("id")?;
    Some((name(value, "an id")?, value.node.span))
}

/// Reads a name: one line, not empty, at most [`MAX_NAME`] characters.
pub(crate) fn name(value: Value<'_>, what: &str) -> Option<String> {
    let text = value.text()?;
    let fault = if text.trim().is_empty() {
        format!("{what} can't be empty")
    } else if text.trim() != text || text.chars().any(char::is_control) {
        format!("{what} can't begin or end with a space, or hold a control character")
    } else if text.chars().count() > MAX_NAME {
        format!("{what} can't be longer than {MAX_NAME} characters")
    } else {
        return Some(text.to_owned());
    };
    value.fault(codes::BAD_VALUE, fault);
    None
}

/// Reads a repo except for its id and hooks.
pub(crate) fn repo(mapping: &mut Mapping<'_>, id: String) -> RepoVars {
    let vars = RepoVars {
        id,
        uri: mapping.text("uri").unwrap_or_default(),
        guid: mapping.text("guid").unwrap_or_default(),
        password: mapping.text("password").unwrap_or_default(),
        env: mapping.get("env").and_then(repo_env).unwrap_or_default(),
        flags: mapping.texts("flags"),
        prune_policy: mapping.get("prunePolicy").and_then(prune_policy),
        auto_unlock: mapping.boolean("autoUnlock").unwrap_or_default(),
        auto_initialize: mapping.boolean("autoInitialize").unwrap_or_default(),
        shared: mapping.boolean("shared").unwrap_or_default(),
        command_prefix: mapping.get("commandPrefix").and_then(command_prefix),
        origin_instance_id: mapping.text("originInstanceId").unwrap_or_default(),
    };
    skip_mappings(mapping, ["checkPolicy", "forgetPolicy"]);
    vars
}

/// Reads a plan except for its id, repo and hooks.
pub(crate) fn plan(mapping: &mut Mapping<'_>, id: String, repo: String) -> PlanVars {
    let vars = PlanVars {
        id,
        repo,
        paths: mapping.texts("paths"),
        excludes: mapping.texts("excludes"),
        iexcludes: mapping.texts("iexcludes"),
        backup_flags: mapping.texts("backupFlags"),
        skip_if_unchanged: mapping.boolean("skipIfUnchanged").unwrap_or_default(),
    };
    skip_mappings(mapping, ["schedule", "retention"]);
    vars
}

/// Reads the environment of a repo: `KEY=value` pairs, or `KEY` alone to pass one on.
fn repo_env(value: Value<'_>) -> Option<Vec<String>> {
    if matches!(value.node.kind, NodeKind::Mapping(_)) {
        value
            .wrong_type("a list")
            .help("the environment of a repo is a list, as in `[\"KEY=value\"]`");
        return None;
    }
    value.texts()
}

/// Checks that sections are mappings, without reading them.
fn skip_mappings(mapping: &mut Mapping<'_>, keys: [&'static str; 2]) {
    for value in keys.into_iter().filter_map(|key| mapping.get(key)) {
        if !matches!(value.node.kind, NodeKind::Mapping(_)) {
            value.wrong_type("a mapping");
        }
    }
}

fn prune_policy(value: Value<'_>) -> Option<PrunePolicy> {
    value.mapping("a prune policy", |mapping| {
        mapping.skip(&["schedule", "maxFrequencyDays"]);
        let percent = mapping.get("maxUnusedPercent");
        PrunePolicy {
            max_unused_bytes: mapping
                .get("maxUnusedBytes")
                .and_then(int64)
                .unwrap_or_default(),
            max_unused_percent: percent
                .and_then(|percent| percent.number(0.0..=100.0))
                .unwrap_or_default(),
        }
    })
}

/// Reads a number of bytes; protobuf's JSON writes 64-bit numbers as text.
fn int64(value: Value<'_>) -> Option<i64> {
    let Some(scalar) = value.scalar() else {
        value.wrong_type("a number of bytes");
        return None;
    };
    let read = match scalar.plain() {
        PlainValue::Int(value) => Some(value),
        PlainValue::Text => scalar.text.parse().ok(),
        _ => None,
    };
    if read.is_none() {
        let message = format!("{} is no number of bytes", shown(&scalar.text));
        value.fault(codes::BAD_SIZE, message);
    }
    read
}

fn command_prefix(value: Value<'_>) -> Option<CommandPrefix> {
    value.mapping("a command prefix", |mapping| CommandPrefix {
        io_nice: nice(mapping.get("ioNice"), "an I/O priority"),
        cpu_nice: nice(mapping.get("cpuNice"), "a CPU priority"),
    })
}

fn nice<T: NamedEnum + Default>(value: Option<Value<'_>>, what: &str) -> T {
    let nice = value.and_then(|value| value.named(what, codes::UNKNOWN_NAME, ""));
    nice.unwrap_or_default()
}
