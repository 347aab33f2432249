//! Requests on the wire as domain types. Every invalid field is reported.

use std::sync::Arc;
use std::time::Duration;

use hook_core::catalog::RunRetention;
use hook_core::condition::Condition;
use hook_core::event::Event;
use hook_core::vars::{Trigger, colliding_labels};
use hookd_proto::v1;
use hookd_proto::well_known::{self, Timestamp};
use prost::Message as _;
use sha2::{Digest as _, Sha256};
use tonic::Status;
use uuid::Uuid;

use super::repair::repair;
use super::status::Violations;
use crate::limits::{MAX_EVENT_BYTES, MAX_ID_BYTES};
use crate::runs::RunRequest;
use crate::runs::record::{json, snapshot_stats};
use crate::store::RequestKey;

/// Reads a request to run hooks.
/// Fails with the reasons `INVALID_REQUEST_ID`, `INVALID_TIMEOUT` and `INVALID_EVENT`.
pub(super) fn run_request(request: v1::RunHooksRequest) -> Result<RunRequest, Status> {
    let mut invalid = Violations::default();
    let id = match &*request.request_id {
        "" => None,
        id => invalid.check("request_id", Uuid::try_parse(id).ok(), "is no UUID"),
    };
    invalid.finish("INVALID_REQUEST_ID")?;
    let mut invalid = Violations::default();
    let timeout = request.timeout.as_ref().and_then(|limit| {
        let limit = duration(limit).filter(|limit| !limit.is_zero());
        invalid.check("timeout", limit, "must be above zero")
    });
    invalid.finish("INVALID_TIMEOUT")?;
    let key = id.zip(request.event.as_ref());
    let key = key.map(|(id, event)| RequestKey {
        id,
        event: digest(event),
    });
    Ok(RunRequest {
        key,
        event: event(request.event)?,
        timeout,
        cancel_on_disconnect: request.cancel_on_disconnect,
    })
}

/// Digest of an event, by which requests with the same id are compared.
fn digest(event: &v1::Event) -> [u8; 32] {
    let mut event = event.clone();
    // An event with explicit defaults equals one that omits them.
    event.attempt = event.attempt.max(1);
    event.duration.get_or_insert_default();
    event.trigger = event.trigger().into();
    // Only an object in the error has no fixed order of encoding.
    let error = event
        .snapshot_stats
        .as_mut()
        .and_then(|stats| stats.error.take());
    let mut error = error.map_or(serde_json::Value::Null, json);
    error.sort_all_objects();
    let mut digest = Sha256::new();
    digest.update(event.encode_length_delimited_to_vec());
    digest.update(error.to_string());
    digest.finalize().into()
}

/// Reads an event. Its time is now if it is left out. What can be mended is mended, with a warning
/// in the event.
/// Fails with the reason `INVALID_EVENT`.
pub(super) fn event(event: Option<v1::Event>) -> Result<Event, Status> {
    let mut invalid = Violations::default();
    let Some(mut event) = event else {
        invalid.add("event", "is missing");
        return Err(invalid.into_status("INVALID_EVENT"));
    };
    let condition = Condition::from_number(event.condition);
    if condition.is_none() {
        let description = match event.condition {
            0 => "is CONDITION_UNKNOWN: name what happened".to_owned(),
            number => format!("{number} is no condition of this version"),
        };
        invalid.add("event.condition", description);
    }
    repair(&mut event);
    check_texts(&event, &mut invalid);
    let bytes = event.encoded_len();
    if bytes > MAX_EVENT_BYTES && invalid.is_empty() {
        let description = format!("is {bytes} bytes long, and {MAX_EVENT_BYTES} is the limit");
        invalid.add("event", description);
    }
    let elapsed = event.duration.as_ref().and_then(|length| {
        invalid.check(
            "event.duration",
            duration(length),
            "is negative or malformed",
        )
    });
    let time = invalid.time("event.time", event.time);
    match condition {
        Some(condition) if invalid.is_empty() => Ok(Event {
            condition,
            repo_id: event.repo_id,
            plan_id: event.plan_id,
            task: event.task,
            snapshot_id: event.snapshot_id,
            snapshot_stats: event.snapshot_stats.map(|s| Arc::new(snapshot_stats(s))),
            duration: elapsed.unwrap_or_default(),
            error: event.error,
            time: time.unwrap_or_else(jiff::Timestamp::now),
            attempt: event.attempt.max(1),
            trigger: Trigger::from_number(event.trigger).unwrap_or_default(),
            operation_id: event.operation_id,
            labels: event.labels,
            warnings: event.warnings,
        }),
        _ => Err(invalid.into_status("INVALID_EVENT")),
    }
}

fn check_texts(event: &v1::Event, invalid: &mut Violations) {
    for (field, id) in [
        ("event.repo_id", &event.repo_id),
        ("event.plan_id", &event.plan_id),
        ("event.snapshot_id", &event.snapshot_id),
        ("event.operation_id", &event.operation_id),
    ] {
        check_length(invalid, field, id, MAX_ID_BYTES);
        if id.contains('\0') {
            invalid.add(field, "contains a NUL, which no id can hold");
        }
    }
    // Scripts use the id without quotes, as in `restic -r … ls {{ .SnapshotId }}`.
    let plain = |c: char| c.is_ascii_alphanumeric() || "._:@+=/-".contains(c);
    if event.snapshot_id.starts_with('-') || !event.snapshot_id.chars().all(plain) {
        let description = "may hold letters, digits and any of ._:@+=/- and not begin with a dash";
        invalid.add("event.snapshot_id", description);
    }
    check_length(invalid, "event.task", &event.task, MAX_EVENT_BYTES);
    check_length(invalid, "event.error", &event.error, MAX_EVENT_BYTES);
    if let Some((one, other, variable)) = colliding_labels(event.labels.keys()) {
        let description = format!("`{one}` and `{other}` both become {variable}: rename one");
        invalid.add("event.labels", description);
    }
    for (name, value) in &event.labels {
        if name.is_empty() {
            invalid.add("event.labels", "has an empty name");
        }
        check_length(invalid, "event.labels", name, MAX_ID_BYTES);
        let field = format!("event.labels[\"{name}\"]");
        check_length(invalid, &field, value, MAX_EVENT_BYTES);
    }
}

fn check_length(invalid: &mut Violations, field: &str, text: &str, limit: usize) {
    if text.len() > limit {
        let description = format!("is {} bytes long, and {limit} is the limit", text.len());
        invalid.add(field, description);
    }
}

/// Reads the bounds of a request to prune runs; 0 is no bound.
/// Fails with the reason `INVALID_RETENTION`.
pub(super) fn retention(request: &v1::PruneRunsRequest) -> Result<RunRetention, Status> {
    let mut invalid = Violations::default();
    let max_age = request
        .max_age
        .as_ref()
        .and_then(|age| invalid.check("max_age", duration(age), "is negative or out of range"));
    invalid.finish("INVALID_RETENTION")?;
    let bound = |number: u64| Some(number).filter(|number| *number > 0);
    Ok(RunRetention {
        max_age,
        max_runs: bound(request.max_runs),
        max_bytes: bound(request.max_bytes),
    })
}

/// Reads a duration; `None` if it is negative or malformed.
fn duration(duration: &well_known::Duration) -> Option<Duration> {
    let valid = Some(*duration).filter(|duration| duration.nanos < 1_000_000_000);
    valid?.try_into().ok()
}

impl Violations {
    /// Reads a time; `None` if it is absent. A time out of range is reported as a violation.
    pub(super) fn time(&mut self, field: &str, time: Option<Timestamp>) -> Option<jiff::Timestamp> {
        self.check(field, time?.try_into().ok(), "is out of range")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use hookd_proto::well_known::{Struct, Value, value::Kind};

    use super::*;

    /// Returns an event with a label, whose error is an object with these fields.
    fn event(error: &[(&str, f64)]) -> v1::Event {
        let number = |number| Value {
            kind: Some(Kind::NumberValue(number)),
        };
        let fields = error
            .iter()
            .map(|(name, value)| ((*name).to_owned(), number(*value)));
        let error = Value {
            kind: Some(Kind::StructValue(Struct {
                fields: fields.collect(),
            })),
        };
        v1::Event {
            condition: v1::Condition::SnapshotSuccess.into(),
            labels: BTreeMap::from([("a".to_owned(), "b".to_owned())]),
            snapshot_stats: Some(v1::SnapshotStats {
                error: Some(error),
                ..v1::SnapshotStats::default()
            }),
            ..v1::Event::default()
        }
    }

    #[test]
    fn a_digest_tells_events_apart_and_nothing_else() {
        let one = event(&[("a", 1.0), ("b", 2.0), ("c", 3.0)]);
        let same = event(&[("c", 3.0), ("b", 2.0), ("a", 1.0)]);
        assert_eq!(digest(&one), digest(&same));
        let spelled_out = v1::Event {
            attempt: 1,
            duration: Some(well_known::Duration::default()),
            ..one.clone()
        };
        assert_eq!(digest(&one), digest(&spelled_out));
        let other = event(&[("a", 1.0), ("b", 2.0), ("c", 4.0)]);
        assert_ne!(digest(&one), digest(&other));
        let at = |seconds| v1::Event {
            time: Some(Timestamp { seconds, nanos: 0 }),
            ..one.clone()
        };
        assert_ne!(digest(&at(1)), digest(&at(2)), "the time counts if given");
    }
}
