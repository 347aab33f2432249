//! Points in time and lengths of time, as templates see them.

/// A point in time to the nanosecond, with the offset it is told in. The default is
/// the first second of the year 1, UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Time {
    seconds: i64,
    nanos: u32,
    offset: Option<i32>,
}

/// A length of time in nanoseconds, which may be negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Duration(pub i64);

impl Default for Time {
    fn default() -> Self {
        Time {
            seconds: -62_135_596_800,
            nanos: 0,
            offset: None,
        }
    }
}

impl Time {
    /// A point `seconds` and `nanos` after 1970 (nanos below a billion), told in UTC
    /// (`None`) or at an offset in seconds east of it.
    #[must_use]
    pub const fn new(seconds: i64, nanos: u32, offset: Option<i32>) -> Time {
        Time {
            seconds,
            nanos,
            offset,
        }
    }
}

impl From<jiff::Timestamp> for Time {
    fn from(t: jiff::Timestamp) -> Time {
        let t = t.as_nanosecond();
        let nanos = t.rem_euclid(1_000_000_000);
        Time::new(((t - nanos) / 1_000_000_000) as i64, nanos as u32, None)
    }
}

impl From<std::time::Duration> for Duration {
    fn from(d: std::time::Duration) -> Duration {
        Duration(i64::try_from(d.as_nanos()).unwrap_or(i64::MAX))
    }
}
