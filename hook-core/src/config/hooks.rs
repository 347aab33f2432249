//! Hooks: lists of them, and what each is made of.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use super::action;
use super::codes;
use super::defaults::{self, Defaults};
use super::entities;
use super::exit_codes;
use super::meant::shown;
use super::reader::{NamedSet, Reader};
use super::source::Span;
use super::table::{Found, Table};
use super::tree::{Kind, Node, Plain};
use crate::condition::Condition;
use crate::hook::{Hook, HookSource, Retries, Scope};
use crate::on_error::OnError;

/// How long a retry of a hook may wait.
const RETRY_DELAY: std::ops::RangeInclusive<Duration> =
    Duration::ZERO..=Duration::from_secs(86_400);
/// What a retry has where it does not say otherwise.
const RETRY_DEFAULTS: Retries = Retries {
    times: 1,
    delay: Duration::from_secs(10),
    factor: 2.0,
    max_delay: Duration::from_secs(3600),
};

/// How many hooks one list may have, so that what names all hooks of a run fits a message.
const MAX_HOOKS: usize = 500;

/// Reads a list of hooks; those with faults are left out.
pub(crate) fn read(
    reader: &mut Reader<'_>,
    node: &Node,
    scope: &Scope,
    defaults: &Defaults,
    names: &mut HashMap<String, Span>,
) -> Vec<Arc<Hook>> {
    let items = reader.list(node).unwrap_or_default();
    if let Some(first) = items.get(MAX_HOOKS) {
        let message = format!("a list of {} hooks, more than {MAX_HOOKS}", items.len());
        reader
            .error(first.span, codes::TOO_LARGE, message)
            .help("have one script do what several hooks do");
        return Vec::new();
    }
    let mut hooks = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let default_name = match scope {
            Scope::Global => format!("hook/{index}"),
            Scope::Repo(id) => format!("repo/{id}/hook/{index}"),
            Scope::Plan(id) => format!("plan/{id}/hook/{index}"),
        };
        reader.hook = Some(default_name.clone());
        let read = hook(reader, item, scope, default_name, defaults, names);
        reader.hook = None;
        hooks.extend(read.map(Arc::new));
    }
    hooks
}

fn hook(
    reader: &mut Reader<'_>,
    node: &Node,
    scope: &Scope,
    default_name: String,
    defaults: &Defaults,
    names: &mut HashMap<String, Span>,
) -> Option<Hook> {
    let before = reader.errors();
    let mut table = Table::new(reader, node, "a hook")?;
    let name = name(reader, &mut table, default_name, names);
    let enabled = table
        .take("enabled")
        .and_then(|n| reader.boolean(n))
        .unwrap_or(true);
    let conditions = conditions(reader, &mut table);
    let on_error = table.find("onError");
    let exit_codes = table.find("exitCodes");
    let retries = table.find("retries");
    let max_attempts = table.find("maxAttempts");
    let lock = entities::lock(reader, &mut table);
    let settings = defaults::settings(reader, &mut table, defaults);
    let limits = settings.limits;
    let action = action::read(reader, &mut table, enabled, &conditions, settings);
    let policy = on_error.and_then(|f| policy(reader, f.value));
    let verdicts = exit_codes.map(|f| exit_codes::read(reader, f.value));
    let retries = retries.and_then(|f| read_retries(reader, f.value));
    let attempts = max_attempts.and_then(|f| attempts(reader, f.value));
    table.finish(reader, misplaced);
    if reader.errors() > before {
        return None;
    }
    let action = action?;
    let source = reader.source;
    let range = |found: Option<Found<'_>>| found.map(|found| source.range(found.at));
    Some(Hook {
        name,
        scope: scope.clone(),
        enabled,
        conditions,
        on_error: policy.unwrap_or_default(),
        exit_codes: verdicts.unwrap_or_default(),
        retries,
        max_attempts: attempts,
        limits,
        lock,
        action,
        source: HookSource {
            file: source.file.clone(),
            range: source.range(node.span),
            on_error: range(on_error),
            exit_codes: range(exit_codes),
            max_attempts: range(max_attempts),
        },
    })
}

/// The name of a hook, which no other hook of the config has.
fn name(
    reader: &mut Reader<'_>,
    table: &mut Table<'_>,
    default_name: String,
    names: &mut HashMap<String, Span>,
) -> String {
    let node = table.take("name");
    let given = node.and_then(|node| entities::name(reader, node, "the name of a hook"));
    let at = node.map_or(table.span, |node| node.span);
    let name = given.unwrap_or(default_name);
    reader.hook = Some(name.clone());
    match names.get(&name) {
        Some(first) => {
            let line = reader.source.position(first.start).line;
            let message = format!("a second hook has the name {}", shown(&name));
            reader
                .error(at, codes::DUPLICATE_NAME, message)
                .help(format!("the first is in line {line}: rename one"));
        }
        None => {
            names.insert(name.clone(), at);
        }
    }
    name
}

fn conditions(reader: &mut Reader<'_>, table: &mut Table<'_>) -> Vec<Condition> {
    let Some(found) = table.find("conditions") else {
        reader
            .error(
                table.span,
                codes::NO_CONDITION,
                "nothing triggers this hook",
            )
            .help("add `conditions`, such as `[CONDITION_SNAPSHOT_END]`");
        return Vec::new();
    };
    let node = found.value;
    if let Kind::Scalar(scalar) = &node.kind {
        let remedy = format!("write `[{}]`", scalar.text.escape_debug());
        reader.wrong(node, "a list of conditions").help(remedy);
        return Vec::new();
    }
    let all = Condition::ALL.map(|c| (c.name(), c.number(), c));
    let set = NamedSet {
        what: "a condition",
        code: codes::UNKNOWN_CONDITION,
        prefix: "CONDITION_",
        all: &all,
    };
    let items = reader.list(node).unwrap_or_default();
    if items.is_empty() && matches!(node.kind, Kind::Sequence(_)) {
        reader
            .error(node.span, codes::NO_CONDITION, "nothing triggers this hook")
            .help("name at least one condition, such as `CONDITION_SNAPSHOT_END`");
    }
    let mut conditions = Vec::new();
    for item in items {
        if is_unknown(item) {
            reader
                .error(
                    item.span,
                    codes::UNKNOWN_CONDITION,
                    "`CONDITION_UNKNOWN` never happens",
                )
                .help("name what triggers the hook, such as `CONDITION_SNAPSHOT_START`");
            continue;
        }
        let Some(condition) = reader.named(item, &set) else {
            continue;
        };
        if conditions.contains(&condition) {
            let message = format!("`{condition}` stands here twice");
            reader
                .error(item.span, codes::DUPLICATE_CONDITION, message)
                .help("remove one: a hook runs once for an event");
            continue;
        }
        conditions.push(condition);
    }
    conditions
}

/// Whether a value is Backrest's placeholder for no condition.
fn is_unknown(node: &Node) -> bool {
    let Kind::Scalar(scalar) = &node.kind else {
        return false;
    };
    scalar.text == "CONDITION_UNKNOWN" || scalar.plain() == Plain::Int(0)
}

fn policy(reader: &mut Reader<'_>, node: &Node) -> Option<OnError> {
    let all = OnError::ALL.map(|p| (p.name(), p.number(), p));
    let set = NamedSet {
        what: "an error behaviour",
        code: codes::UNKNOWN_POLICY,
        prefix: "ON_ERROR_",
        all: &all,
    };
    reader.named(node, &set)
}

fn read_retries(reader: &mut Reader<'_>, node: &Node) -> Option<Retries> {
    let mut table = Table::new(reader, node, "`retries`")?;
    let times = table.require(reader, "times");
    let times = times.and_then(|n| reader.integer(n, 1..=1000));
    let delay = table
        .take("delay")
        .and_then(|n| reader.duration(n, RETRY_DELAY));
    let factor = table
        .take("factor")
        .and_then(|n| reader.number(n, 1.0..=100.0));
    let delay = delay.unwrap_or(RETRY_DEFAULTS.delay);
    let max_node = table.take("maxDelay");
    let max_delay = max_node.and_then(|n| reader.duration(n, RETRY_DELAY));
    if let (Some(node), Some(max)) = (max_node, max_delay)
        && max < delay
    {
        let message = "the longest delay is shorter than the first";
        reader.error(node.span, codes::OUT_OF_RANGE, message);
    }
    table.finish(reader, |_| None);
    Some(Retries {
        times: u32::try_from(times?).ok()?,
        delay,
        factor: factor.unwrap_or(RETRY_DEFAULTS.factor),
        max_delay: max_delay.unwrap_or(RETRY_DEFAULTS.max_delay.max(delay)),
    })
}

fn attempts(reader: &mut Reader<'_>, node: &Node) -> Option<NonZeroU32> {
    let value = reader.integer(node, 1..=i64::from(u32::MAX))?;
    NonZeroU32::new(u32::try_from(value).ok()?)
}

/// What to say of keys that other systems, or people in a hurry, give a hook.
fn misplaced(key: &str) -> Option<String> {
    let remedy = match key {
        "id" => "write `name`",
        "disabled" => "write `enabled: false`",
        "command" | "script" | "templateEngine" | "scriptVia" => {
            "it belongs into `actionCommand`: `actionCommand: { command: … }`"
        }
        "condition" | "events" | "event" | "on" | "when" => {
            "write `conditions`, a list such as `[CONDITION_SNAPSHOT_END]`"
        }
        _ => return None,
    };
    Some(remedy.to_owned())
}
