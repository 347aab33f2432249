//! Ranges of run ids. Ids sort by time, so a time or a prefix limits the runs to examine.

use jiff::Timestamp;
use uuid::Uuid;

use super::RunFilter;

/// The largest difference in milliseconds between the time in a run's id and its beginning.
const SLACK: i64 = 60_000;

/// Ids from the lowest to the highest, both included.
#[derive(Clone, Copy, Debug)]
pub(super) struct IdRange {
    low: u128,
    high: u128,
}

impl IdRange {
    /// Returns the range of ids for a page; `None` if no run can match.
    pub(super) fn of(filter: &RunFilter, before: Option<Uuid>) -> Option<IdRange> {
        let prefix = filter.id_prefix.as_deref().unwrap_or_default();
        let mut range = IdRange::of_prefix(prefix)?;
        range.limit(filter.since, filter.until, SLACK);
        if let Some(before) = before {
            range.high = range.high.min(before.as_u128().checked_sub(1)?);
        }
        (range.low <= range.high).then_some(range)
    }

    /// Returns the ids of runs whose hooks began within a time, if each began at most `delay`
    /// milliseconds after its run.
    pub(super) fn within(
        since: Option<Timestamp>,
        until: Option<Timestamp>,
        delay: i64,
    ) -> IdRange {
        let (low, high) = (0, u128::MAX);
        let mut range = IdRange { low, high };
        range.limit(since, until, delay);
        range
    }

    /// Returns the bounds as columns have them.
    pub(super) fn values(&self) -> [Vec<u8>; 2] {
        [self.low, self.high].map(|id| id.to_be_bytes().to_vec())
    }

    fn limit(&mut self, since: Option<Timestamp>, until: Option<Timestamp>, delay: i64) {
        let lowest_id = |at: Timestamp, away| {
            let millis = at.as_millisecond().saturating_add(away);
            u128::try_from(millis).unwrap_or(0).min((1 << 48) - 1) << 80
        };
        if let Some(since) = since {
            self.low = self.low.max(lowest_id(since, -delay));
        }
        if let Some(until) = until {
            self.high = self.high.min(lowest_id(until, SLACK));
        }
    }

    /// Returns the ids that begin with a text; `None` if no id can.
    fn of_prefix(prefix: &str) -> Option<IdRange> {
        let padded = |with: &str| {
            let text = format!("{prefix}{}", with.get(prefix.len()..)?);
            let id = Uuid::try_parse(&text).ok()?;
            // Other spellings, such as capitals, match no id.
            (id.to_string() == text).then(|| id.as_u128())
        };
        Some(IdRange {
            low: padded("00000000-0000-0000-0000-000000000000")?,
            high: padded("ffffffff-ffff-ffff-ffff-ffffffffffff")?,
        })
    }
}
