//! Repos and plans, with every key that Backrest gives them.
//!
//! Keys that templates can't use (retention, policies) are accepted and ignored; so are schedules,
//! with a warning, since hookd keeps none.

use super::codes;
use super::mapping::Mapping;
use super::meant::shown;
use super::source::Span;
use super::tree::{Node, NodeKind, PlainValue};
use super::value::Value;
use crate::diagnostic::Severity;
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
    if let Some(schedule) = skip_mapping(mapping, "checkPolicy").and_then(schedule_in) {
        warn_of_schedule(schedule, "CHECK_START");
    }
    skip_mapping(mapping, "forgetPolicy");
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
    if let Some(schedule) = mapping.get("schedule") {
        warn_of_schedule(schedule, "SNAPSHOT_START");
    }
    skip_mapping(mapping, "retention");
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

/// Returns a section after a check that it is a mapping, without reading it.
fn skip_mapping<'c>(mapping: &mut Mapping<'c>, key: &'static str) -> Option<Value<'c>> {
    let value = mapping.get(key)?;
    if !matches!(value.node.kind, NodeKind::Mapping(_)) {
        value.wrong_type("a mapping");
    }
    Some(value)
}

/// Warns of a schedule in any form, unless it says that it is off. `event` is the event that the
/// scheduled operation begins with.
fn warn_of_schedule(schedule: Value<'_>, event: &str) {
    let is_off = pair(schedule.node, "disabled").is_some_and(|(_, value)| {
        matches!(&value.kind, NodeKind::Scalar(scalar) if scalar.plain() == PlainValue::Bool(true))
    });
    if !is_off {
        let (report, at) = (schedule.report, schedule.key);
        let message = "hookd does not schedule: nothing happens at these times";
        report
            .add(Severity::Warning, at, codes::SCHEDULE, message)
            .help(format!(
                "remove it, and start the operation by cron or a systemd timer, in a script that \
                 begins with `hookctl run {event}`"
            ));
    }
}

/// Returns the schedule in a policy.
fn schedule_in(policy: Value<'_>) -> Option<Value<'_>> {
    let (key, node) = pair(policy.node, "schedule")?;
    Some(Value {
        node,
        key: key.span,
        report: policy.report,
    })
}

/// Returns the key and the value of that name in a mapping.
fn pair<'n>(mapping: &'n Node, name: &str) -> Option<(&'n Node, &'n Node)> {
    let NodeKind::Mapping(pairs) = &mapping.kind else {
        return None;
    };
    let is_named = |key: &Node| matches!(&key.kind, NodeKind::Scalar(key) if key.text == name);
    let (key, value) = pairs.iter().find(|(key, _)| is_named(key))?;
    Some((key, value))
}

fn prune_policy(value: Value<'_>) -> Option<PrunePolicy> {
    value.mapping("a prune policy", |mapping| {
        if let Some(schedule) = mapping.get("schedule") {
            warn_of_schedule(schedule, "PRUNE_START");
        }
        mapping.skip(&["maxFrequencyDays"]);
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
