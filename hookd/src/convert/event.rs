//! Events: from what an agent sent to what the domain takes, with every fault named.

use std::sync::Arc;

use hook_core::condition::Condition;
use hook_core::event::Event;
use hook_core::vars::{SnapshotStats, Trigger};
use hookd_proto::v1::{self, SnapshotStats as WireStats};
use hookd_proto::well_known::{self, value::Kind};
use prost::Message as _;
use uuid::Uuid;

use super::{duration, duration_from_wire, time_from_wire, timestamp, trigger};
use crate::limits::{MAX_EVENT_BYTES, MAX_ID_BYTES, MAX_LABELS};
use crate::status::FieldViolation;

/// An event as an agent reported it.
#[derive(Clone, Debug)]
pub struct Reported {
    /// The event; its time is now where the agent gave none.
    pub event: Event,
    /// Whether the agent gave the time.
    pub timed: bool,
}

/// Collects what is wrong with a request.
struct Faults(Vec<FieldViolation>);

impl Faults {
    fn add(&mut self, field: &str, description: impl Into<String>) {
        let (field, description) = (field.to_owned(), description.into());
        self.0.push(FieldViolation { field, description });
    }

    fn text(&mut self, field: &str, text: &str, limit: usize) {
        if text.len() > limit {
            self.add(
                field,
                format!("is {} bytes long, and {limit} is the limit", text.len()),
            );
        }
        if text.contains('\0') {
            self.add(field, "contains a NUL, which no script can be given");
        }
    }
}

/// Reads an event.
///
/// # Errors
/// Every field that is wrong.
pub fn event_from_wire(event: Option<v1::Event>) -> Result<Reported, Vec<FieldViolation>> {
    let mut faults = Faults(Vec::new());
    let Some(event) = event else {
        faults.add("event", "is missing");
        return Err(faults.0);
    };
    let condition = Condition::from_number(event.condition);
    if condition.is_none() {
        let why = match event.condition {
            0 => "is CONDITION_UNKNOWN: name what happened".to_owned(),
            number => format!("{number} is no condition of this version"),
        };
        faults.add("event.condition", why);
    }
    for (field, id) in [
        ("event.repo_id", &event.repo_id),
        ("event.plan_id", &event.plan_id),
        ("event.snapshot_id", &event.snapshot_id),
        ("event.operation_id", &event.operation_id),
    ] {
        faults.text(field, id, MAX_ID_BYTES);
    }
    // Scripts use it without quotes, as in `restic -r … ls {{ .SnapshotId }}`.
    let plain = |c: char| c.is_ascii_alphanumeric() || "._:@+=/-".contains(c);
    if event.snapshot_id.starts_with('-') || !event.snapshot_id.chars().all(plain) {
        let why = "may hold letters, digits and any of ._:@+=/- and not begin with a dash";
        faults.add("event.snapshot_id", why);
    }
    faults.text("event.task", &event.task, MAX_EVENT_BYTES);
    faults.text("event.error", &event.error, MAX_EVENT_BYTES);
    if event.labels.len() > MAX_LABELS {
        faults.add(
            "event.labels",
            format!("has more than {MAX_LABELS} entries"),
        );
    }
    for (name, value) in &event.labels {
        if name.is_empty() {
            faults.add("event.labels", "has an empty name");
        }
        faults.text("event.labels", name, MAX_ID_BYTES);
        faults.text(&format!("event.labels[\"{name}\"]"), value, MAX_EVENT_BYTES);
    }
    let bytes = event.encoded_len();
    if bytes > MAX_EVENT_BYTES && faults.0.is_empty() {
        let why = format!("is {bytes} bytes long, and {MAX_EVENT_BYTES} is the limit");
        faults.add("event", why);
    }
    let duration = event.duration.as_ref().map(duration_from_wire);
    if duration == Some(None) {
        faults.add("event.duration", "is negative or malformed");
    }
    let time = event.time.as_ref().map(time_from_wire);
    if time == Some(None) {
        faults.add("event.time", "is out of range");
    }
    let trigger = v1::Trigger::try_from(event.trigger).unwrap_or(v1::Trigger::Unspecified);
    match condition {
        Some(condition) if faults.0.is_empty() => Ok(Reported {
            timed: event.time.is_some(),
            event: Event {
                condition,
                repo_id: event.repo_id,
                plan_id: event.plan_id,
                task: event.task,
                snapshot_id: event.snapshot_id,
                snapshot_stats: event.snapshot_stats.map(|s| Arc::new(stats_from_wire(s))),
                duration: duration.flatten().unwrap_or_default(),
                error: event.error,
                time: time.flatten().unwrap_or_else(jiff::Timestamp::now),
                attempt: event.attempt.max(1),
                trigger: match trigger {
                    v1::Trigger::Unspecified => Trigger::Unknown,
                    v1::Trigger::Manual => Trigger::Manual,
                    v1::Trigger::Scheduled => Trigger::Scheduled,
                },
                operation_id: event.operation_id,
                labels: event.labels,
            },
        }),
        _ => Err(faults.0),
    }
}

/// Reads the id by which a repeated request is known; empty is none.
///
/// # Errors
/// If it is no UUID.
pub fn request_id(id: &str) -> Result<Option<Uuid>, Vec<FieldViolation>> {
    if id.is_empty() {
        return Ok(None);
    }
    Uuid::try_parse(id).map(Some).map_err(|_| {
        let description = "is no UUID".to_owned();
        vec![FieldViolation {
            field: "request_id".to_owned(),
            description,
        }]
    })
}

/// Reads the time limit of a run; absent is none.
///
/// # Errors
/// If it is not above zero.
pub fn timeout(
    timeout: Option<&well_known::Duration>,
) -> Result<Option<std::time::Duration>, Vec<FieldViolation>> {
    timeout
        .map(|limit| duration_from_wire(limit).filter(|d| !d.is_zero()))
        .map(|limit| {
            limit.ok_or_else(|| {
                let description = "must be above zero".to_owned();
                vec![FieldViolation {
                    field: "timeout".to_owned(),
                    description,
                }]
            })
        })
        .transpose()
}

/// An event on the wire.
#[must_use]
pub fn event_to_wire(event: &Event) -> v1::Event {
    v1::Event {
        condition: event.condition.number(),
        repo_id: event.repo_id.clone(),
        plan_id: event.plan_id.clone(),
        task: event.task.clone(),
        snapshot_id: event.snapshot_id.clone(),
        snapshot_stats: event.snapshot_stats.as_deref().map(stats_to_wire),
        duration: Some(duration(event.duration)),
        error: event.error.clone(),
        time: Some(timestamp(event.time)),
        attempt: event.attempt,
        trigger: trigger(event.trigger).into(),
        operation_id: event.operation_id.clone(),
        labels: event.labels.clone(),
    }
}

macro_rules! same_fields {
    ($from:expr, $to:ident, { $($own:ident: $value:expr),* }) => {
        $to {
            $($own: $value,)*
            message_type: $from.message_type.clone(),
            during: $from.during.clone(),
            item: $from.item.clone(),
            files_new: $from.files_new,
            files_changed: $from.files_changed,
            files_unmodified: $from.files_unmodified,
            dirs_new: $from.dirs_new,
            dirs_changed: $from.dirs_changed,
            dirs_unmodified: $from.dirs_unmodified,
            data_blobs: $from.data_blobs,
            tree_blobs: $from.tree_blobs,
            data_added: $from.data_added,
            total_files_processed: $from.total_files_processed,
            total_bytes_processed: $from.total_bytes_processed,
            total_duration: $from.total_duration,
            snapshot_id: $from.snapshot_id.clone(),
            percent_done: $from.percent_done,
            total_files: $from.total_files,
            files_done: $from.files_done,
            total_bytes: $from.total_bytes,
            bytes_done: $from.bytes_done,
            current_files: $from.current_files.clone(),
            action: $from.action.clone(),
            exit_error: $from.exit_error.clone(),
            message: $from.message.clone(),
        }
    };
}

fn stats_from_wire(stats: v1::SnapshotStats) -> SnapshotStats {
    let error = stats
        .error
        .clone()
        .map_or(serde_json::Value::Null, json_from_wire);
    same_fields!(stats, SnapshotStats, { error: error })
}

fn stats_to_wire(stats: &SnapshotStats) -> v1::SnapshotStats {
    let error = (!stats.error.is_null()).then(|| json_to_wire(&stats.error));
    same_fields!(stats, WireStats, { error: error })
}

/// Any JSON value. The depth is bounded: protobuf's own decoder allows no more than a
/// hundred levels.
fn json_from_wire(value: well_known::Value) -> serde_json::Value {
    match value.kind {
        None | Some(Kind::NullValue(_)) => serde_json::Value::Null,
        Some(Kind::BoolValue(b)) => b.into(),
        Some(Kind::NumberValue(n)) => n.into(),
        Some(Kind::StringValue(s)) => s.into(),
        Some(Kind::ListValue(list)) => list.values.into_iter().map(json_from_wire).collect(),
        Some(Kind::StructValue(object)) => object
            .fields
            .into_iter()
            .map(|(k, v)| (k, json_from_wire(v)))
            .collect(),
    }
}

fn json_to_wire(value: &serde_json::Value) -> well_known::Value {
    let kind = match value {
        serde_json::Value::Null => Kind::NullValue(0),
        serde_json::Value::Bool(b) => Kind::BoolValue(*b),
        serde_json::Value::Number(n) => Kind::NumberValue(n.as_f64().unwrap_or_default()),
        serde_json::Value::String(s) => Kind::StringValue(s.clone()),
        serde_json::Value::Array(list) => Kind::ListValue(well_known::ListValue {
            values: list.iter().map(json_to_wire).collect(),
        }),
        serde_json::Value::Object(object) => Kind::StructValue(well_known::Struct {
            fields: object
                .iter()
                .map(|(k, v)| (k.clone(), json_to_wire(v)))
                .collect(),
        }),
    };
    well_known::Value { kind: Some(kind) }
}
