//! Lists of hooks, and the parts of each hook.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use super::defaults::{self, Defaults};
use super::lock_names::{LockHolder, LockNames};
use super::mapping::Mapping;
use super::tree::PlainValue;
use super::unique::UniqueNames;
use super::value::Value;
use super::{action, codes, entities, exit_codes};
use crate::condition::Condition;
use crate::hook::{Hook, HookSource, Retries, Scope};

/// The bounds of the delay before a retry of a hook.
const RETRY_DELAY: std::ops::RangeInclusive<Duration> =
    Duration::ZERO..=Duration::from_secs(86_400);
/// The defaults of the settings in `retries`.
const RETRY_DEFAULTS: Retries = Retries {
    times: 1,
    delay: Duration::from_secs(10),
    factor: 2.0,
    max_delay: Duration::from_secs(3600),
};

/// The most hooks in one list, which bounds the size of messages that name all hooks of a run.
const MAX_HOOKS: usize = 500;

/// Names that the config has used so far.
#[derive(Default)]
pub(crate) struct UsedNames {
    pub(crate) hooks: UniqueNames,
    pub(crate) locks: LockNames,
}

/// Reads a list of hooks, without those that have faults.
pub(crate) fn read(
    value: Value<'_>,
    scope: &Scope,
    defaults: &Defaults,
    names: &mut UsedNames,
) -> Vec<Arc<Hook>> {
    let report = value.report;
    let Some(mut items) = value.list() else {
        return Vec::new();
    };
    let count = items.len();
    if count > MAX_HOOKS {
        if let Some(first) = items.nth(MAX_HOOKS) {
            let message = format!("a list of {count} hooks, more than {MAX_HOOKS}");
            first
                .fault(codes::TOO_LARGE, message)
                .help("have one script do what several hooks do");
        }
        return Vec::new();
    }
    let mut hooks = Vec::new();
    for (index, item) in items.enumerate() {
        let default_name = match scope {
            Scope::Global => format!("hook/{index}"),
            Scope::Repo(id) => format!("repo/{id}/hook/{index}"),
            Scope::Plan(id) => format!("plan/{id}/hook/{index}"),
        };
        report.set_hook(Some(default_name.clone()));
        let before = report.errors();
        let hook = item.mapping("a hook", |mapping| {
            hook(mapping, scope, default_name, defaults.clone(), names)
        });
        let valid = hook.flatten().filter(|_| report.errors() == before);
        hooks.extend(valid.map(Arc::new));
        report.set_hook(None);
    }
    hooks
}

fn hook(
    mapping: &mut Mapping<'_>,
    scope: &Scope,
    default_name: String,
    defaults: Defaults,
    names: &mut UsedNames,
) -> Option<Hook> {
    mapping.set_hint(misplaced);
    let report = mapping.report;
    let name = name(mapping, default_name, &mut names.hooks);
    let enabled = mapping.boolean("enabled").unwrap_or(true);
    let conditions = conditions(mapping);
    let on_error = mapping.get("onError");
    let exit_codes = mapping.get("exitCodes");
    let retries = mapping.get("retries");
    let max_attempts = mapping.get("maxAttempts");
    let lock = names.locks.read(mapping, LockHolder::Hook);
    let settings = defaults::settings(mapping, defaults);
    let limits = settings.limits;
    let action = action::read(mapping, enabled, &conditions, settings);
    let policy =
        |value: Value<'_>| value.named("an error behaviour", codes::UNKNOWN_POLICY, "ON_ERROR_");
    let range = |value: Option<Value<'_>>| value.map(|value| report.source.range(value.key));
    Some(Hook {
        name,
        scope: scope.clone(),
        enabled,
        conditions,
        on_error: on_error.and_then(policy).unwrap_or_default(),
        exit_codes: exit_codes.map(exit_codes::read).unwrap_or_default(),
        retries: retries.and_then(read_retries),
        max_attempts: max_attempts
            .and_then(|value| value.integer(1..=i64::from(u32::MAX)))
            .and_then(NonZeroU32::new),
        limits,
        lock,
        action: action?,
        source: HookSource {
            file: report.source.file.clone(),
            range: report.source.range(mapping.span),
            on_error: range(on_error),
            exit_codes: range(exit_codes),
            max_attempts: range(max_attempts),
        },
    })
}

/// Reads the name of a hook, which must be unique in the config.
fn name(mapping: &mut Mapping<'_>, default_name: String, names: &mut UniqueNames) -> String {
    let given = mapping.get("name");
    let at = given.map_or(mapping.span, |given| given.node.span);
    let given = given.and_then(|given| entities::name(given, "the name of a hook"));
    let name = given.unwrap_or(default_name);
    mapping.report.set_hook(Some(name.clone()));
    let second = "a second hook has the name";
    names.claim(mapping.report, &name, at, codes::DUPLICATE_NAME, second);
    name
}

fn conditions(mapping: &mut Mapping<'_>) -> Vec<Condition> {
    let Some(value) = mapping.get("conditions") else {
        mapping
            .report
            .error(
                mapping.span,
                codes::NO_CONDITION,
                "nothing triggers this hook",
            )
            .help("add `conditions`, such as `[CONDITION_SNAPSHOT_END]`");
        return Vec::new();
    };
    if let Some(scalar) = value.scalar() {
        let remedy = format!("write `[{}]`", scalar.text.escape_debug());
        value.wrong_type("a list of conditions").help(remedy);
        return Vec::new();
    }
    let Some(items) = value.list() else {
        return Vec::new();
    };
    if items.len() == 0 {
        value
            .fault(codes::NO_CONDITION, "nothing triggers this hook")
            .help("name at least one condition, such as `CONDITION_SNAPSHOT_END`");
    }
    let mut conditions = Vec::new();
    for item in items {
        if is_placeholder(item) {
            item.fault(
                codes::UNKNOWN_CONDITION,
                "`CONDITION_UNKNOWN` never happens",
            )
            .help("name what triggers the hook, such as `CONDITION_SNAPSHOT_START`");
            continue;
        }
        let condition = item.named("a condition", codes::UNKNOWN_CONDITION, "CONDITION_");
        let Some(condition) = condition else {
            continue;
        };
        if conditions.contains(&condition) {
            let message = format!("`{condition}` stands here twice");
            item.fault(codes::DUPLICATE_CONDITION, message)
                .help("remove one: a hook runs once for an event");
            continue;
        }
        conditions.push(condition);
    }
    conditions
}

/// Returns whether a value is Backrest's placeholder for no condition.
fn is_placeholder(value: Value<'_>) -> bool {
    value.scalar().is_some_and(|scalar| {
        scalar.text == "CONDITION_UNKNOWN" || scalar.plain() == PlainValue::Int(0)
    })
}

fn read_retries(value: Value<'_>) -> Option<Retries> {
    let retries = value.mapping("`retries`", |mapping| {
        let times = mapping.require("times");
        let times = times.and_then(|times| times.integer(1..=1000));
        let delay = mapping.duration("delay", RETRY_DELAY);
        let delay = delay.unwrap_or(RETRY_DEFAULTS.delay);
        let factor = mapping.get("factor");
        let longest = mapping.get("maxDelay");
        let max_delay = longest.and_then(|longest| longest.duration(RETRY_DELAY));
        if let (Some(longest), Some(true)) = (longest, max_delay.map(|max| max < delay)) {
            let message = "the longest delay is shorter than the first";
            longest.fault(codes::OUT_OF_RANGE, message);
        }
        let factor = factor.and_then(|factor| factor.number(1.0..=100.0));
        Some(Retries {
            times: times?,
            delay,
            factor: factor.unwrap_or(RETRY_DEFAULTS.factor),
            max_delay: max_delay.unwrap_or(RETRY_DEFAULTS.max_delay.max(delay)),
        })
    });
    retries.flatten()
}

/// Returns the remedy for a key that is often given to a hook by mistake.
fn misplaced(key: &str) -> Option<&'static str> {
    Some(match key {
        "id" => "write `name`",
        "disabled" => "write `enabled: false`",
        "command" | "script" | "templateEngine" | "scriptVia" => {
            "it belongs into `actionCommand`: `actionCommand: { command: … }`"
        }
        "condition" | "events" | "event" | "on" | "when" => {
            "write `conditions`, a list such as `[CONDITION_SNAPSHOT_END]`"
        }
        _ => return None,
    })
}
