//! Tables that describe the variables to the template engines.
//!
//! The names of the types are those that `%T` prints in Backrest's hooks.

use std::borrow::Cow;

use super::methods::{
    apple_script_escape, event_name, format_duration, format_size_bytes, is_error, json_marshal,
    power_shell_escape, shell_escape, url_escape,
};
use super::{
    CommandPrefix, CpuNice, IoNice, PlanVars, PrunePolicy, RepoVars, SnapshotStats, Trigger, Vars,
};
use crate::condition::Condition;
use crate::named_enum::NamedEnum;
use go_template::model::{INT, INT32, INT64, IntType, Method, StructType, Type};
use go_template::{DURATION, Data, Duration, Map, Value, field};

const STR: Type = Type::Str;

impl Data for Vars {
    fn value(&self) -> Value<'_> {
        Value::object(&VARS, self)
    }
}

fn text(text: &str) -> Value<'_> {
    Value::from(text)
}

/// The type of all variables.
pub(crate) static VARS: StructType = StructType::new(
    "tasks.HookVars",
    "the variables",
    &[
        field!(Vars, "Task", "Task", STR, v => text(&v.task)).always(),
        field!(Vars, "Event", "Event", Type::Int(&EVENT), v => {
            Value::Int(v.event.map_or(0, Condition::number).into(), &EVENT)
        })
        .always(),
        field!(Vars, "Repo", "Repo", Type::Pointer(&REPO), v => Value::pointer(&REPO, v.repo.as_deref()))
            .always(),
        field!(Vars, "Plan", "Plan", Type::Pointer(&PLAN), v => Value::pointer(&PLAN, v.plan.as_deref()))
            .always(),
        field!(Vars, "SnapshotId", "SnapshotId", STR, v => text(&v.snapshot_id)).always(),
        field!(Vars, "SnapshotStats", "SnapshotStats", Type::Pointer(&STATS), v => {
            Value::pointer(&STATS, v.snapshot_stats.as_deref())
        })
        .always(),
        field!(Vars, "CurTime", "CurTime", Type::Time, v => Value::Time(v.cur_time)).always(),
        field!(Vars, "Duration", "Duration", Type::Int(&DURATION), v => {
            Value::Int(v.duration.0, &DURATION)
        })
        .always(),
        field!(Vars, "Error", "Error", STR, v => text(&v.error)).always(),
        // Not in Backrest. Where they say nothing, JSON is that of Backrest.
        field!(Vars, "Labels", "Labels", Type::StringMap, v => Value::Map(Map::Strings(&v.labels))),
        field!(Vars, "Attempt", "Attempt", Type::Int(&INT), v => {
            Value::Int(v.attempt.into(), &INT)
        })
        .omitted_if(|attempt| attempt.int() <= 1),
        field!(Vars, "Trigger", "Trigger", STR, v => text(v.trigger.name()))
            .omitted_if(|trigger| trigger.bytes() == Trigger::Unknown.name().as_bytes()),
        field!(Vars, "OperationId", "OperationId", STR, v => text(&v.operation_id)),
    ],
    &[
        Method::new("Summary", &[], STR, |v, _| {
            Ok(v.data::<Vars>().map_or(text(""), |v| v.summary().into()))
        }),
        Method::new("ShellEscape", &[STR], STR, |_, a| {
            Ok(shell_escape(a[0].bytes()).into())
        }),
        Method::new("FormatTime", &[Type::Time], STR, |_, a| {
            Ok(a[0].time().rfc3339().into())
        }),
        Method::new("FormatDuration", &[Type::Int(&DURATION)], STR, |_, a| {
            Ok(format_duration(Duration(a[0].int())).into())
        }),
        Method::new("FormatSizeBytes", &[Type::Any], STR, |_, a| {
            let bytes = match &a[0] {
                Value::Int(i, ty) if [&INT, &INT32, &INT64].contains(ty) => *i,
                _ => 0,
            };
            format_size_bytes(bytes).map(Value::from)
        }),
        Method::new("EventName", &[Type::Int(&EVENT)], STR, |_, a| {
            Ok(event_name(event(a)).into())
        }),
        Method::new("IsError", &[Type::Int(&EVENT)], Type::Bool, |_, a| {
            Ok(is_error(event(a)).into())
        }),
        Method::new("JsonMarshal", &[Type::Any], STR, |_, a| {
            Ok(json_marshal(&a[0]).into())
        }),
        // Not in Backrest.
        Method::new("PowerShellEscape", &[STR], STR, |_, a| {
            Ok(power_shell_escape(&String::from_utf8_lossy(a[0].bytes())).into())
        }),
        Method::new("AppleScriptEscape", &[STR], STR, |_, a| {
            Ok(apple_script_escape(a[0].bytes()).into())
        }),
        Method::new("UrlEscape", &[STR], STR, |_, a| {
            Ok(url_escape(a[0].bytes()).into())
        }),
    ],
);

static EVENT: IntType = IntType::new("v1.Hook_Condition", "a condition", 32)
    .with_text(|number| match number {
        0 => "CONDITION_UNKNOWN".into(),
        _ => enum_text::<Condition>(number),
    })
    .with_methods(&ENUM_METHODS);

pub(super) static IO_NICE: IntType =
    IntType::new("v1.CommandPrefix_IONiceLevel", "an I/O priority", 32)
        .with_text(enum_text::<IoNice>)
        .with_methods(&ENUM_METHODS);

pub(super) static CPU_NICE: IntType =
    IntType::new("v1.CommandPrefix_CPUNiceLevel", "a CPU priority", 32)
        .with_text(enum_text::<CpuNice>)
        .with_methods(&ENUM_METHODS);

/// Returns the name of an enum's number, or the number if it has none.
fn enum_text<T: NamedEnum>(number: i64) -> Cow<'static, str> {
    let known = T::VALUES.iter().find(|(_, n, _)| i64::from(*n) == number);
    known.map_or_else(|| number.to_string().into(), |(name, ..)| (*name).into())
}

static ENUM_NUMBER: IntType = IntType::new("protoreflect.EnumNumber", "an integer", 32);

static ENUM_METHODS: [Method; 1] = [Method::new(
    "Number",
    &[],
    Type::Int(&ENUM_NUMBER),
    |e, _| Ok(Value::Int(e.int(), &ENUM_NUMBER)),
)];

pub(crate) static REPO: StructType =
    StructType::new("v1.Repo", "the repo", RepoVars::FIELDS, &[]).with_getters();

pub(super) static PRUNE_POLICY: StructType = StructType::new(
    "v1.PrunePolicy",
    "the prune policy",
    PrunePolicy::FIELDS,
    &[],
)
.with_getters();

pub(super) static PREFIX: StructType = StructType::new(
    "v1.CommandPrefix",
    "the command prefix",
    CommandPrefix::FIELDS,
    &[],
)
.with_getters();

pub(crate) static PLAN: StructType =
    StructType::new("v1.Plan", "the plan", PlanVars::FIELDS, &[]).with_getters();

pub(crate) static STATS: StructType = StructType::new(
    "restic.BackupProgressEntry",
    "the snapshot statistics",
    SnapshotStats::FIELDS,
    &[],
);

fn event(args: &[Value<'_>]) -> Option<Condition> {
    i32::try_from(args[0].int())
        .ok()
        .and_then(Condition::from_number)
}
