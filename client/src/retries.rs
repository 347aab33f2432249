//! The client's rule of delay: waits between tries to reach hookd.
//!
//! It is one of three rules. The other two are in `hook-core/src/run/retry.rs`: the delay before
//! the agent's next attempt at an operation, by the policy of the failed hook, and the delay before
//! hookd's next try of a hook, by the hook's own `retries`.

use std::time::Duration;

use tokio::time::Instant;

/// The first wait; each further one is twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(200);
/// The longest wait.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// Failed tries in a row.
#[derive(Debug)]
pub(crate) struct Retries {
    limit: Duration,
    /// The time of the first of them.
    since: Option<Instant>,
    wait: Duration,
}

impl Retries {
    /// Returns a state without failed tries; tries are allowed for `limit`.
    pub(crate) fn new(limit: Duration) -> Retries {
        Retries {
            limit,
            since: None,
            wait: FIRST_WAIT,
        }
    }

    /// Returns the time for which tries are allowed.
    pub(crate) fn limit(&self) -> Duration {
        self.limit
    }

    /// Resets the failures after an entry was received.
    pub(crate) fn progress(&mut self) {
        self.since = None;
        self.wait = FIRST_WAIT;
    }

    /// Returns the wait before the next try, which is `asked` if hookd asked for one; `None` if the
    /// time is up.
    pub(crate) fn next(&mut self, asked: Option<Duration>, now: Instant) -> Option<Duration> {
        let since = *self.since.get_or_insert(now);
        let left = self.limit.checked_sub(now.duration_since(since))?;
        let wait = asked.unwrap_or(self.wait);
        self.wait = (self.wait * 2).min(LONGEST_WAIT);
        // A long wait is cut so that the last try is at the limit.
        (!left.is_zero()).then(|| wait.min(left))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_up_to_the_limit() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut retries = Retries::new(Duration::from_secs(60));
        let waits: Vec<_> = (0..6).map(|_| retries.next(None, start)).collect();
        let millis = |millis| Some(Duration::from_millis(millis));
        assert_eq!(waits, [200, 400, 800, 1600, 3200, 5000].map(millis));
        assert_eq!(
            retries.next(Some(Duration::from_secs(9)), at(10)),
            millis(9_000)
        );
        assert_eq!(retries.next(None, at(58)), millis(2_000));
        assert_eq!(retries.next(None, at(60)), None);
        assert_eq!(retries.next(None, at(600)), None);
        retries.progress();
        assert_eq!(retries.next(None, at(600)), millis(200));
        assert_eq!(Retries::new(Duration::ZERO).next(None, start), None);
    }
}
