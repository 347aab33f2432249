//! The event of a run as it is stored.

use hook_core::event::Event;
use hook_core::vars::SnapshotStats;
use hookd_proto::v1::{self, SnapshotStats as WireStats};
use hookd_proto::well_known::{ListValue, Struct, Value, value::Kind};

/// Event on the wire.
pub(crate) fn event(event: Event) -> v1::Event {
    v1::Event {
        condition: event.condition.number(),
        repo_id: event.repo_id,
        plan_id: event.plan_id,
        task: event.task,
        snapshot_id: event.snapshot_id,
        snapshot_stats: event.snapshot_stats.as_deref().map(stats_on_wire),
        duration: Some(event.duration.into()),
        error: event.error,
        time: Some(event.time.into()),
        attempt: event.attempt,
        trigger: event.trigger.number(),
        operation_id: event.operation_id,
        labels: event.labels,
        warnings: event.warnings,
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

/// Reads the statistics of a snapshot.
pub(crate) fn snapshot_stats(stats: v1::SnapshotStats) -> SnapshotStats {
    let error = stats.error.clone().map_or(serde_json::Value::Null, json);
    same_fields!(stats, SnapshotStats, { error: error })
}

fn stats_on_wire(stats: &SnapshotStats) -> v1::SnapshotStats {
    let error = (!stats.error.is_null()).then(|| json_on_wire(&stats.error));
    same_fields!(stats, WireStats, { error: error })
}

/// Reads a JSON value. Its depth is bounded: protobuf's decoder allows a hundred levels.
pub(crate) fn json(value: Value) -> serde_json::Value {
    match value.kind {
        None | Some(Kind::NullValue(_)) => serde_json::Value::Null,
        Some(Kind::BoolValue(b)) => b.into(),
        Some(Kind::NumberValue(n)) => n.into(),
        Some(Kind::StringValue(s)) => s.into(),
        Some(Kind::ListValue(list)) => list.values.into_iter().map(json).collect(),
        Some(Kind::StructValue(object)) => object
            .fields
            .into_iter()
            .map(|(k, v)| (k, json(v)))
            .collect(),
    }
}

fn json_on_wire(value: &serde_json::Value) -> Value {
    let kind = match value {
        serde_json::Value::Null => Kind::NullValue(0),
        serde_json::Value::Bool(b) => Kind::BoolValue(*b),
        serde_json::Value::Number(n) => Kind::NumberValue(n.as_f64().unwrap_or_default()),
        serde_json::Value::String(s) => Kind::StringValue(s.clone()),
        serde_json::Value::Array(list) => Kind::ListValue(ListValue {
            values: list.iter().map(json_on_wire).collect(),
        }),
        serde_json::Value::Object(object) => Kind::StructValue(Struct {
            fields: object
                .iter()
                .map(|(k, v)| (k.clone(), json_on_wire(v)))
                .collect(),
        }),
    };
    Value { kind: Some(kind) }
}
