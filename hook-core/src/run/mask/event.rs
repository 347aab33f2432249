//! Event of an agent with the secrets masked that its texts hold.

use std::sync::Arc;

use super::Mask;
use crate::event::Event;
use crate::vars::SnapshotStats;

/// Returns the event as it is kept and shown.
#[must_use]
pub fn masked_event(mask: &Mask, event: &Event) -> Event {
    let labels = event.labels.iter();
    Event {
        task: mask.apply_text(&event.task),
        error: mask.apply_text(&event.error),
        labels: labels
            .map(|(name, value)| (name.clone(), mask.apply_text(value)))
            .collect(),
        warnings: mask.apply_words(&event.warnings),
        snapshot_stats: event.snapshot_stats.as_ref().map(|stats| {
            Arc::new(SnapshotStats {
                error: masked_json(mask, &stats.error),
                during: mask.apply_text(&stats.during),
                item: mask.apply_text(&stats.item),
                current_files: mask.apply_words(&stats.current_files),
                exit_error: mask.apply_text(&stats.exit_error),
                message: mask.apply_text(&stats.message),
                ..SnapshotStats::clone(stats)
            })
        }),
        ..event.clone()
    }
}

fn masked_json(mask: &Mask, value: &serde_json::Value) -> serde_json::Value {
    use serde_json::Value;
    match value {
        Value::String(text) => Value::String(mask.apply_text(text)),
        Value::Array(values) => values
            .iter()
            .map(|value| masked_json(mask, value))
            .collect(),
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| (name.clone(), masked_json(mask, value)))
            .collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}
