//! Trust in the clock, by which runs are removed when they are old: a wrong time that passes
//! for a later one would remove them all.

use std::time::{Duration, Instant};

use jiff::Timestamp;

/// Longest plausible step of the clock.
const JUMP: Duration = Duration::from_secs(24 * 60 * 60);

/// Time after which a later look confirms a jump.
const CONFIRMED: Duration = Duration::from_secs(60 * 60);

/// Compares the clock with the time that has passed since it was looked at before.
#[derive(Debug)]
pub(crate) struct ClockCheck {
    trusted: Option<Look>,
    /// The first look after a jump that is not confirmed.
    jumped: Option<Look>,
}

/// The time by the clock, and the moment at which it was read.
#[derive(Clone, Copy, Debug)]
struct Look {
    time: Timestamp,
    at: Instant,
}

impl Look {
    /// Returns the time by which the clock should have come if it went on from here.
    fn expected(self, now: Instant) -> Timestamp {
        let passed = now.saturating_duration_since(self.at);
        self.time.saturating_add(passed).unwrap_or(Timestamp::MAX)
    }
}

impl ClockCheck {
    /// Returns a check that trusts this time, which was known at this moment; without one, it
    /// trusts the first look.
    pub(crate) fn new(known: Option<Timestamp>, at: Instant) -> ClockCheck {
        ClockCheck {
            trusted: known.map(|time| Look { time, at }),
            jumped: None,
        }
    }

    /// Returns whether this time can be trusted: it is no more than a day later than it
    /// should be, or has been for an hour.
    pub(crate) fn trusts(&mut self, time: Timestamp, at: Instant) -> bool {
        let now = Look { time, at };
        let is_jump = |from: Look| time.duration_since(from.expected(at)) > signed(JUMP);
        let is_back = |from: Look| from.expected(at).duration_since(time) > signed(JUMP);
        let trusted = match self
            .jumped
            .filter(|jumped| !is_jump(*jumped) && !is_back(*jumped))
        {
            Some(jumped) => at.saturating_duration_since(jumped.at) >= CONFIRMED,
            None => !self.trusted.is_some_and(is_jump),
        };
        if trusted {
            *self = ClockCheck {
                trusted: Some(now),
                jumped: None,
            };
        } else if self
            .jumped
            .is_none_or(|jumped| is_jump(jumped) || is_back(jumped))
        {
            self.jumped = Some(now);
        }
        trusted
    }
}

fn signed(duration: Duration) -> jiff::SignedDuration {
    jiff::SignedDuration::try_from(duration).unwrap_or(jiff::SignedDuration::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60;
    const HOUR: i64 = 60 * MINUTE;
    const DAY: i64 = 24 * HOUR;

    /// Looks at the clock at these moments, in seconds: by a clock that is right, and by this
    /// one. Returns whether it was trusted each time.
    fn check(known: Option<i64>, looks: &[(i64, i64)], expect: &[bool]) {
        let (begin, moment) = (Timestamp::UNIX_EPOCH, Instant::now());
        let time = |seconds| begin + jiff::SignedDuration::from_secs(seconds);
        let mut clock = ClockCheck::new(known.map(time), moment);
        let trusted = looks.iter().map(|(passed, shown)| {
            let passed = Duration::from_secs(passed.unsigned_abs());
            clock.trusts(time(*shown), moment + passed)
        });
        assert_eq!(trusted.collect::<Vec<_>>(), expect, "{known:?} {looks:?}");
    }

    #[test]
    fn a_clock_that_goes_on_is_trusted() {
        check(None, &[(0, 0), (600, 600), (DAY, DAY)], &[true; 3]);
        check(None, &[(0, 0), (600, 600 + DAY)], &[true; 2]);
        check(Some(0), &[(0, 0)], &[true]);
        // A clock that is set back removes too little.
        check(None, &[(0, 90 * DAY), (600, 0), (1200, 600)], &[true; 3]);
    }

    #[test]
    fn a_jump_is_trusted_an_hour_later() {
        let year = 365 * DAY;
        let looks = [
            (0, 0),
            (600, year),
            (600 + HOUR - 1, year + HOUR - 1),
            (600 + HOUR, year + HOUR),
            (601 + HOUR, year + HOUR + 1),
        ];
        check(None, &looks, &[true, false, false, true, true]);
        // At the first look, too: hookd may have been off for long, or the clock is wrong.
        check(
            Some(0),
            &[(0, 2 * DAY), (HOUR, 2 * DAY + HOUR)],
            &[false, true],
        );
    }

    #[test]
    fn a_jump_that_is_corrected_or_followed_by_another_is_not_trusted() {
        let year = 365 * DAY;
        check(
            None,
            &[(0, 0), (600, year), (1200, 1200)],
            &[true, false, true],
        );
        let two = [
            (0, 0),
            (600, year),
            (600 + HOUR, 2 * year),
            (600 + 2 * HOUR, 2 * year + HOUR),
        ];
        check(None, &two, &[true, false, false, true]);
    }
}
