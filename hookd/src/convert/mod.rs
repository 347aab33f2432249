//! Between the wire and the domain: the only place that knows both.

mod config;
mod event;
mod journal;
mod list;
mod record;
mod run;
mod store;

pub(crate) use config::hand_over;
pub use config::{config_info, configured_hook, diagnostic, diagnostics, engine};
pub use event::{Reported, event_from_wire, event_to_wire, request_id, timeout};
pub use journal::{decision, entry, outcome};
pub use list::{Filter, filter};
pub use record::{digest, interrupted, record, recorded};
pub use run::Glance;
pub use store::store_info;

use hook_core::condition::Condition;
use hookd_proto::v1;
use hookd_proto::well_known::{Duration, Timestamp};

/// A condition on the wire: the numbers are the same.
#[must_use]
pub fn condition(condition: Condition) -> i32 {
    condition.number()
}

pub(crate) fn conditions(conditions: &[Condition]) -> Vec<i32> {
    conditions.iter().copied().map(condition).collect()
}

/// A point in time on the wire.
#[must_use]
pub fn timestamp(time: jiff::Timestamp) -> Timestamp {
    let nanos = time.as_nanosecond().rem_euclid(1_000_000_000);
    let seconds = time.as_nanosecond().div_euclid(1_000_000_000);
    Timestamp {
        seconds: i64::try_from(seconds).unwrap_or_default(),
        nanos: i32::try_from(nanos).unwrap_or_default(),
    }
}

/// A length of time on the wire.
#[must_use]
pub fn duration(duration: std::time::Duration) -> Duration {
    Duration {
        seconds: i64::try_from(duration.as_secs()).unwrap_or(i64::MAX),
        nanos: i32::try_from(duration.subsec_nanos()).unwrap_or_default(),
    }
}

fn time_from_wire(time: &Timestamp) -> Option<jiff::Timestamp> {
    let nanos = (0..1_000_000_000)
        .contains(&time.nanos)
        .then_some(time.nanos)?;
    jiff::Timestamp::new(time.seconds, nanos).ok()
}

pub(crate) fn duration_from_wire(duration: &Duration) -> Option<std::time::Duration> {
    let seconds = u64::try_from(duration.seconds).ok()?;
    let nanos = u32::try_from(duration.nanos)
        .ok()
        .filter(|n| *n < 1_000_000_000)?;
    Some(std::time::Duration::new(seconds, nanos))
}

/// A trigger on the wire.
fn trigger(trigger: hook_core::vars::Trigger) -> v1::Trigger {
    match trigger {
        hook_core::vars::Trigger::Unknown => v1::Trigger::Unspecified,
        hook_core::vars::Trigger::Manual => v1::Trigger::Manual,
        hook_core::vars::Trigger::Scheduled => v1::Trigger::Scheduled,
    }
}
