//! When to try again, and until when.

use std::time::Duration;

use tokio::time::Instant;

/// The first wait before a lost connection is taken up again; each further one is
/// twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(200);
/// The longest wait between two tries.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// The tries in a row that failed.
#[derive(Debug)]
pub(crate) struct Retries {
    limit: Duration,
    /// When the first of them failed.
    since: Option<Instant>,
    wait: Duration,
}

impl Retries {
    /// None so far; `limit` is how long they may go on.
    pub(crate) fn new(limit: Duration) -> Retries {
        Retries {
            limit,
            since: None,
            wait: FIRST_WAIT,
        }
    }

    /// How long they may go on.
    pub(crate) fn limit(&self) -> Duration {
        self.limit
    }

    /// Something came through: the next loss is a new one.
    pub(crate) fn progress(&mut self) {
        self.since = None;
        self.wait = FIRST_WAIT;
    }

    /// How long to wait before the next try, or nothing if it is time to give up.
    pub(crate) fn next(&mut self, asked: Option<Duration>, now: Instant) -> Option<Duration> {
        let since = *self.since.get_or_insert(now);
        let left = self.limit.checked_sub(now.duration_since(since))?;
        let wait = asked.unwrap_or(self.wait);
        self.wait = (self.wait * 2).min(LONGEST_WAIT);
        // The last try takes place just before the limit, however long the wait was to be.
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
