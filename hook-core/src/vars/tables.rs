//! Tables that describe the variables to the template engines.
//!
//! The names of the types are those that `%T` prints in Backrest's hooks.

use super::methods::{
    apple_script_escape, event_name, format_duration, format_size_bytes, is_error, json_marshal,
    power_shell_escape, shell_escape, url_escape,
};
use super::{CommandPrefix, CpuNice, IoNice, PlanVars, PrunePolicy, RepoVars, SnapshotStats, Vars};
use crate::condition::Condition;
use go_template::model::{INT, INT32, INT64, IntType, Method, StructType, Type};
use go_template::{DURATION, Data, Duration, List, Map, Value, field};

const STR: Type = Type::Str;
const LONG: Type = Type::Int(&INT64);

impl Data for Vars {
    fn value(&self) -> Value<'_> {
        Value::object(&VARS, self)
    }
}

fn text(text: &str) -> Value<'_> {
    Value::from(text)
}

fn list(items: &[String]) -> Value<'_> {
    Value::List(List::strings(items))
}

fn long<'a>(number: i64) -> Value<'a> {
    Value::Int(number, &INT64)
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
        field!(Vars, "Labels", "Labels", Type::StringMap, v => Value::Map(Map::Strings(&v.labels)))
            .always(),
        field!(Vars, "Attempt", "Attempt", Type::Int(&INT), v => {
            Value::Int(v.attempt.into(), &INT)
        })
        .always(),
        field!(Vars, "Trigger", "Trigger", STR, v => text(v.trigger.name())).always(),
        field!(Vars, "OperationId", "OperationId", STR, v => text(&v.operation_id)).always(),
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
    .with_text(
        |number| match i32::try_from(number).ok().and_then(Condition::from_number) {
            Some(condition) => condition.name().into(),
            None if number == 0 => "CONDITION_UNKNOWN".into(),
            None => number.to_string().into(),
        },
    )
    .with_methods(&ENUM_METHODS);

static IO_NICE: IntType = IntType::new("v1.CommandPrefix_IONiceLevel", "an I/O priority", 32)
    .with_text(|number| {
        let known = IoNice::ALL.iter().find(|n| i64::from(n.number()) == number);
        known.map_or_else(|| number.to_string().into(), |n| n.name().into())
    })
    .with_methods(&ENUM_METHODS);

static CPU_NICE: IntType = IntType::new("v1.CommandPrefix_CPUNiceLevel", "a CPU priority", 32)
    .with_text(|number| {
        let known = CpuNice::ALL
            .iter()
            .find(|n| i64::from(n.number()) == number);
        known.map_or_else(|| number.to_string().into(), |n| n.name().into())
    })
    .with_methods(&ENUM_METHODS);

static ENUM_NUMBER: IntType = IntType::new("protoreflect.EnumNumber", "an integer", 32);

static ENUM_METHODS: [Method; 1] = [Method::new(
    "Number",
    &[],
    Type::Int(&ENUM_NUMBER),
    |e, _| Ok(Value::Int(e.int(), &ENUM_NUMBER)),
)];

pub(crate) static REPO: StructType = StructType::new(
    "v1.Repo",
    "the repo",
    &[
        field!(RepoVars, "Id", "id", STR, r => text(&r.id)),
        field!(RepoVars, "Uri", "uri", STR, r => text(&r.uri)),
        field!(RepoVars, "Guid", "guid", STR, r => text(&r.guid)),
        field!(RepoVars, "Password", "password", STR, r => text(&r.password)),
        field!(RepoVars, "Env", "env", Type::Strings, r => list(&r.env)),
        field!(RepoVars, "Flags", "flags", Type::Strings, r => list(&r.flags)),
        field!(RepoVars, "PrunePolicy", "prune_policy", Type::Pointer(&PRUNE_POLICY), r => {
            Value::pointer(&PRUNE_POLICY, r.prune_policy.as_ref())
        }),
        field!(RepoVars, "AutoUnlock", "auto_unlock", Type::Bool, r => r.auto_unlock.into()),
        field!(RepoVars, "AutoInitialize", "auto_initialize", Type::Bool, r => {
            r.auto_initialize.into()
        }),
        field!(RepoVars, "Shared", "shared", Type::Bool, r => r.shared.into()),
        field!(RepoVars, "CommandPrefix", "command_prefix", Type::Pointer(&PREFIX), r => {
            Value::pointer(&PREFIX, r.command_prefix.as_ref())
        }),
        field!(RepoVars, "OriginInstanceId", "origin_instance_id", STR, r => {
            text(&r.origin_instance_id)
        }),
    ],
    &[],
)
.with_getters();

static PRUNE_POLICY: StructType = StructType::new(
    "v1.PrunePolicy",
    "the prune policy",
    &[
        field!(PrunePolicy, "MaxUnusedBytes", "max_unused_bytes", LONG, p => {
            long(p.max_unused_bytes)
        }),
        field!(PrunePolicy, "MaxUnusedPercent", "max_unused_percent", Type::Float, p => {
            Value::Float(p.max_unused_percent)
        }),
    ],
    &[],
)
.with_getters();

static PREFIX: StructType = StructType::new(
    "v1.CommandPrefix",
    "the command prefix",
    &[
        field!(CommandPrefix, "IoNice", "io_nice", Type::Int(&IO_NICE), p => {
            Value::Int(p.io_nice.number().into(), &IO_NICE)
        }),
        field!(CommandPrefix, "CpuNice", "cpu_nice", Type::Int(&CPU_NICE), p => {
            Value::Int(p.cpu_nice.number().into(), &CPU_NICE)
        }),
    ],
    &[],
)
.with_getters();

pub(crate) static PLAN: StructType = StructType::new(
    "v1.Plan",
    "the plan",
    &[
        field!(PlanVars, "Id", "id", STR, p => text(&p.id)),
        field!(PlanVars, "Repo", "repo", STR, p => text(&p.repo)),
        field!(PlanVars, "Paths", "paths", Type::Strings, p => list(&p.paths)),
        field!(PlanVars, "Excludes", "excludes", Type::Strings, p => list(&p.excludes)),
        field!(PlanVars, "Iexcludes", "iexcludes", Type::Strings, p => list(&p.iexcludes)),
        field!(PlanVars, "BackupFlags", "backup_flags", Type::Strings, p => list(&p.backup_flags)),
        field!(PlanVars, "SkipIfUnchanged", "skip_if_unchanged", Type::Bool, p => {
            p.skip_if_unchanged.into()
        }),
    ],
    &[],
)
.with_getters();

/// Declares a field of the statistics, which JSON shows even if it is zero.
macro_rules! stat {
    ($name:literal, $json:literal, $ty:expr, $s:ident => $value:expr) => {
        field!(SnapshotStats, $name, $json, $ty, $s => $value).always()
    };
}

pub(crate) static STATS: StructType = StructType::new(
    "restic.BackupProgressEntry",
    "the snapshot statistics",
    &[
        stat!("MessageType", "message_type", STR, s => text(&s.message_type)),
        stat!("Error", "error", Type::Any, s => Value::from(&s.error)),
        stat!("During", "during", STR, s => text(&s.during)),
        stat!("Item", "item", STR, s => text(&s.item)),
        stat!("FilesNew", "files_new", LONG, s => long(s.files_new)),
        stat!("FilesChanged", "files_changed", LONG, s => long(s.files_changed)),
        stat!("FilesUnmodified", "files_unmodified", LONG, s => long(s.files_unmodified)),
        stat!("DirsNew", "dirs_new", LONG, s => long(s.dirs_new)),
        stat!("DirsChanged", "dirs_changed", LONG, s => long(s.dirs_changed)),
        stat!("DirsUnmodified", "dirs_unmodified", LONG, s => long(s.dirs_unmodified)),
        stat!("DataBlobs", "data_blobs", LONG, s => long(s.data_blobs)),
        stat!("TreeBlobs", "tree_blobs", LONG, s => long(s.tree_blobs)),
        stat!("DataAdded", "data_added", LONG, s => long(s.data_added)),
        stat!("TotalFilesProcessed", "total_files_processed", LONG, s => {
            long(s.total_files_processed)
        }),
        stat!("TotalBytesProcessed", "total_bytes_processed", LONG, s => {
            long(s.total_bytes_processed)
        }),
        stat!("TotalDuration", "total_duration", Type::Float, s => Value::Float(s.total_duration)),
        stat!("SnapshotId", "snapshot_id", STR, s => text(&s.snapshot_id)),
        stat!("PercentDone", "percent_done", Type::Float, s => Value::Float(s.percent_done)),
        stat!("TotalFiles", "total_files", LONG, s => long(s.total_files)),
        stat!("FilesDone", "files_done", LONG, s => long(s.files_done)),
        stat!("TotalBytes", "total_bytes", LONG, s => long(s.total_bytes)),
        stat!("BytesDone", "bytes_done", LONG, s => long(s.bytes_done)),
        stat!("CurrentFiles", "current_files", Type::Strings, s => list(&s.current_files)),
        stat!("Action", "action", STR, s => text(&s.action)),
        stat!("ExitError", "exit_error", STR, s => text(&s.exit_error)),
        stat!("Message", "message", STR, s => text(&s.message)),
    ],
    &[],
);

fn event(args: &[Value<'_>]) -> Option<Condition> {
    i32::try_from(args[0].int())
        .ok()
        .and_then(Condition::from_number)
}
