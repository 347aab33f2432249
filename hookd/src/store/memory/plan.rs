//! What is kept of one plan.

use jiff::Timestamp;
use uuid::Uuid;

use super::run::Run;
use crate::store::Retention;

/// What retention makes of the runs of one plan, given newest first.
pub(super) struct Plan {
    retention: Retention,
    ended: u64,
    ended_bytes: u64,
    pub(super) left: u64,
    pub(super) gone: Vec<Uuid>,
    pub(super) gone_bytes: u64,
}

impl Plan {
    pub(super) fn new(retention: Retention) -> Plan {
        Plan {
            retention,
            ended: 0,
            ended_bytes: 0,
            left: 0,
            gone: Vec::new(),
            gone_bytes: 0,
        }
    }

    pub(super) fn add(&mut self, id: Uuid, run: &Run, now: Timestamp) {
        self.left += 1;
        let Some((_, at)) = run.end else { return };
        self.ended += 1;
        self.ended_bytes += run.bytes as u64;
        let Retention {
            max_age,
            max_runs,
            max_bytes,
        } = self.retention;
        let age = now.duration_since(at).unsigned_abs();
        let goes = max_age.is_some_and(|max| at < now && age > max)
            || max_runs.is_some_and(|max| self.ended > max)
            || max_bytes.is_some_and(|max| self.ended_bytes > max);
        if goes {
            self.left -= 1;
            self.gone_bytes += run.bytes as u64;
            self.gone.push(id);
        }
    }
}
