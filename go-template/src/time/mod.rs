//! Points in time and lengths of time, with Go's methods and Go's text forms.

mod calendar;
mod duration;
mod layout;
mod methods;

pub use duration::Duration;
pub use methods::DURATION;
pub(super) use methods::METHODS;

use std::time::SystemTime;

use calendar::{Civil, SECONDS_PER_DAY};

const NANOS: i64 = 1_000_000_000;
/// The first second of the year 1, counted from 1970.
const YEAR_ONE: i64 = -62_135_596_800;

/// A point in time to the nanosecond, with the offset that it is told in.
///
/// The default is Go's zero time: the first second of the year 1 in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Time {
    seconds: i64,
    nanos: u32,
    offset: Option<i32>,
}

impl Default for Time {
    fn default() -> Self {
        Time::new(YEAR_ONE, 0, None)
    }
}

impl Time {
    /// A point `seconds` and `nanos` after 1970, told in UTC (`None`) or at an offset in
    /// seconds east of it.
    #[must_use]
    pub const fn new(seconds: i64, nanos: u32, offset: Option<i32>) -> Time {
        Time {
            seconds,
            nanos: nanos % NANOS as u32,
            offset,
        }
    }

    /// Now, in UTC.
    #[must_use]
    pub fn now() -> Time {
        SystemTime::now().into()
    }

    /// Seconds since 1970.
    #[must_use]
    pub const fn unix(self) -> i64 {
        self.seconds
    }

    /// Nanoseconds within the second.
    #[must_use]
    pub const fn nanosecond(self) -> u32 {
        self.nanos
    }

    /// Seconds east of UTC; `None` if it is told in UTC.
    #[must_use]
    pub const fn offset(self) -> Option<i32> {
        self.offset
    }

    /// The same point, told in UTC.
    #[must_use]
    pub const fn utc(self) -> Time {
        Time {
            offset: None,
            ..self
        }
    }

    /// The same point, told in the time zone of the machine.
    #[must_use]
    pub fn local(self) -> Time {
        let zone = jiff::tz::TimeZone::system();
        let offset = jiff::Timestamp::new(self.seconds, 0).map(|t| zone.to_offset(t).seconds());
        Time {
            offset: offset.ok().filter(|o| *o != 0),
            ..self
        }
    }

    /// Whether it is Go's zero time.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.seconds == YEAR_ONE && self.nanos == 0
    }

    /// A point so much later.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Time {
        let nanos = i64::from(self.nanos) + duration.0.rem_euclid(NANOS);
        let seconds = self.seconds.saturating_add(duration.0.div_euclid(NANOS));
        Time {
            seconds: seconds.saturating_add(nanos / NANOS),
            nanos: (nanos % NANOS) as u32,
            offset: self.offset,
        }
    }

    /// How much later it is than another point, within what a duration can hold.
    #[must_use]
    pub fn since(self, other: Time) -> Duration {
        let nanos = (i128::from(self.seconds) - i128::from(other.seconds)) * i128::from(NANOS)
            + i128::from(self.nanos)
            - i128::from(other.nanos);
        Duration(nanos.clamp(i64::MIN.into(), i64::MAX.into()) as i64)
    }

    /// The text in a layout that is written as Go's reference time.
    #[must_use]
    pub fn format(self, layout: &str) -> String {
        layout::format(self, layout)
    }

    /// RFC 3339 to the second.
    #[must_use]
    pub fn rfc3339(self) -> String {
        self.format("2006-01-02T15:04:05Z07:00")
    }

    /// RFC 3339 with as many digits of the second as there are.
    #[must_use]
    pub fn rfc3339_nano(self) -> String {
        self.format("2006-01-02T15:04:05.999999999Z07:00")
    }

    /// Seconds since the first of the year 1.
    pub(super) const fn since_year_one(self) -> i64 {
        self.seconds.saturating_sub(YEAR_ONE)
    }

    fn civil(self) -> Civil {
        Civil::of(
            self.seconds
                .saturating_add(i64::from(self.offset.unwrap_or(0))),
        )
    }

    /// The point at which a clock with the same offset shows this.
    fn of_civil(self, days: i64, second: i64) -> Time {
        let local = days.saturating_mul(SECONDS_PER_DAY).saturating_add(second);
        let seconds = local.saturating_sub(i64::from(self.offset.unwrap_or(0)));
        Time { seconds, ..self }
    }

    /// Time since the year 1 beyond a multiple of `unit`, which must be positive.
    fn beyond(self, unit: Duration) -> Duration {
        let since = (i128::from(self.seconds) - i128::from(YEAR_ONE)) * i128::from(NANOS);
        let since = since + i128::from(self.nanos);
        Duration(since.rem_euclid(i128::from(unit.0)) as i64)
    }

    fn truncate(self, unit: Duration) -> Time {
        if unit.0 <= 0 {
            self
        } else {
            self.plus(Duration(-self.beyond(unit).0))
        }
    }

    fn round(self, unit: Duration) -> Time {
        if unit.0 <= 0 {
            return self;
        }
        let beyond = self.beyond(unit).0;
        let less_than_half = i128::from(beyond) * 2 < i128::from(unit.0);
        self.plus(Duration(if less_than_half {
            -beyond
        } else {
            unit.0 - beyond
        }))
    }

    /// How Go writes it in source, for `%#v`.
    pub(super) fn go_source(self) -> String {
        let c = self.civil();
        let zone = if self.offset.is_none() {
            "time.UTC"
        } else {
            "time.Location(\"\")"
        };
        let (month, nanos) = (calendar::month_name(c.month), self.nanos);
        format!(
            "time.Date({}, time.{month}, {}, {}, {}, {}, {nanos}, {zone})",
            c.year, c.day, c.hour, c.minute, c.second
        )
    }
}

/// As Go prints it.
impl std::fmt::Display for Time {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&self.format("2006-01-02 15:04:05.999999999 -0700 MST"))
    }
}

impl From<SystemTime> for Time {
    fn from(time: SystemTime) -> Time {
        let epoch = Time::new(0, 0, None);
        match time.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(after) => Time::new(after.as_secs() as i64, after.subsec_nanos(), None),
            Err(before) => epoch.plus(Duration(
                Duration::from(before.duration()).0.saturating_neg(),
            )),
        }
    }
}

impl From<jiff::Timestamp> for Time {
    fn from(t: jiff::Timestamp) -> Time {
        let nanos = t.as_nanosecond();
        let second = nanos.div_euclid(NANOS.into()) as i64;
        Time::new(second, nanos.rem_euclid(NANOS.into()) as u32, None)
    }
}

impl From<&jiff::ZonedDateTime> for Time {
    fn from(t: &jiff::ZonedDateTime) -> Time {
        let utc = Time::from(t.timestamp());
        Time::new(utc.unix(), utc.nanosecond(), Some(t.offset().seconds()))
    }
}
