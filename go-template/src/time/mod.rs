//! Times and durations, with Go's methods and texts.

mod calendar;
mod duration;
mod layout;
mod methods;

pub use duration::Duration;
pub use methods::DURATION;
pub(crate) use methods::METHODS;

use calendar::{Civil, SECONDS_PER_DAY};

const NANOS: i64 = 1_000_000_000;
/// The first second of the year 1, in seconds since the start of 1970.
const YEAR_ONE: i64 = -62_135_596_800;

/// Go's `time.Time`: a point in time to the nanosecond, with an offset from UTC, which is fixed or
/// that of the machine's time zone.
///
/// The default is Go's zero time: the first second of the year 1 in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Time {
    seconds: i64,
    nanos: u32,
    offset: Option<i32>,
    /// `true` if the offset is that of the machine's time zone, which has a name.
    is_local: bool,
}

impl Default for Time {
    fn default() -> Self {
        Time::new(YEAR_ONE, 0, None)
    }
}

impl Time {
    /// The time `seconds` and `nanos` after the start of 1970, in UTC (`None`) or at an offset
    /// in seconds east of UTC.
    #[must_use]
    pub const fn new(seconds: i64, nanos: u32, offset: Option<i32>) -> Time {
        Time {
            seconds,
            nanos: nanos % NANOS as u32,
            offset,
            is_local: false,
        }
    }

    /// Seconds since the start of 1970.
    #[must_use]
    pub const fn unix(self) -> i64 {
        self.seconds
    }

    /// Nanoseconds within the second.
    #[must_use]
    pub const fn nanosecond(self) -> u32 {
        self.nanos
    }

    /// Seconds east of UTC. `None` in UTC.
    #[must_use]
    pub const fn offset(self) -> Option<i32> {
        self.offset
    }

    /// The same point in time, in UTC.
    const fn utc(self) -> Time {
        Time {
            offset: None,
            is_local: false,
            ..self
        }
    }

    /// The same point in time, in the time zone of the machine.
    #[must_use]
    pub fn local(self) -> Time {
        let zone = jiff::tz::TimeZone::system();
        let offset = jiff::Timestamp::new(self.seconds, 0).map(|t| zone.to_offset(t).seconds());
        Time {
            offset: offset.ok().filter(|o| *o != 0),
            is_local: true,
            ..self
        }
    }

    /// The same point in time: if it is local, at the offset that is in force then.
    fn at_its_offset(self) -> Time {
        if self.is_local { self.local() } else { self }
    }

    /// The abbreviation of the machine's time zone, such as `CEST`, and whether it is daylight
    /// saving time; `None` for another zone, and if the zone has no name.
    fn zone_name(self) -> Option<(String, bool)> {
        let zone = jiff::tz::TimeZone::system();
        let point = jiff::Timestamp::new(self.seconds, 0).ok()?;
        let info = zone.to_offset_info(point);
        (self.is_local && !zone.is_unknown())
            .then(|| (info.abbreviation().to_owned(), info.dst().is_dst()))
    }

    /// `true` if this is Go's zero time.
    const fn is_zero(self) -> bool {
        self.seconds == YEAR_ONE && self.nanos == 0
    }

    fn plus(self, duration: Duration) -> Time {
        let nanos = i64::from(self.nanos) + duration.0.rem_euclid(NANOS);
        let seconds = self.seconds.saturating_add(duration.0.div_euclid(NANOS));
        Time {
            seconds: seconds.saturating_add(nanos / NANOS),
            nanos: (nanos % NANOS) as u32,
            ..self
        }
        .at_its_offset()
    }

    /// The duration since another time, limited to the range of durations.
    fn since(self, other: Time) -> Duration {
        let nanos = (i128::from(self.seconds) - i128::from(other.seconds)) * i128::from(NANOS)
            + i128::from(self.nanos)
            - i128::from(other.nanos);
        Duration(nanos.clamp(i64::MIN.into(), i64::MAX.into()) as i64)
    }

    /// The text in a layout that is written as Go's reference time, `Mon Jan 2 15:04:05 2006`.
    #[must_use]
    pub fn format(self, layout: &str) -> String {
        layout::format(self, layout)
    }

    /// The text of RFC 3339, to the second.
    #[must_use]
    pub fn rfc3339(self) -> String {
        self.format("2006-01-02T15:04:05Z07:00")
    }

    /// The text of RFC 3339, to the nanosecond, without zeros at the end.
    #[must_use]
    pub fn rfc3339_nano(self) -> String {
        self.format("2006-01-02T15:04:05.999999999Z07:00")
    }

    /// Seconds since the start of the year 1.
    pub(crate) const fn since_year_one(self) -> i64 {
        self.seconds.saturating_sub(YEAR_ONE)
    }

    fn civil(self) -> Civil {
        Civil::of(
            self.seconds
                .saturating_add(i64::from(self.offset.unwrap_or(0))),
        )
    }

    /// The time that a clock at the same offset shows, as days since 1970 and seconds.
    fn of_civil(self, days: i64, second: i64) -> Time {
        let local = days.saturating_mul(SECONDS_PER_DAY).saturating_add(second);
        let at = |offset: Option<i32>| Time {
            seconds: local.saturating_sub(i64::from(offset.unwrap_or(0))),
            ..self
        };
        // On another day the machine's offset can be another one.
        at(at(self.offset).at_its_offset().offset).at_its_offset()
    }

    /// The remainder of the time since the year 1 after division by `unit`, which must be
    /// positive.
    fn remainder(self, unit: Duration) -> Duration {
        let since = (i128::from(self.seconds) - i128::from(YEAR_ONE)) * i128::from(NANOS);
        let since = since + i128::from(self.nanos);
        Duration(since.rem_euclid(i128::from(unit.0)) as i64)
    }

    fn truncate(self, unit: Duration) -> Time {
        match unit.0 {
            1.. => self.plus(Duration(-self.remainder(unit).0)),
            _ => self,
        }
    }

    fn round(self, unit: Duration) -> Time {
        if unit.0 <= 0 {
            return self;
        }
        let rest = self.remainder(unit).0;
        let up = if i128::from(rest) * 2 < i128::from(unit.0) {
            0
        } else {
            unit.0
        };
        self.plus(Duration(up - rest))
    }

    /// Time since the start of 1970, in units of which a second has `per_second`. Wraps around
    /// beyond the range, as in Go.
    fn since_1970(self, per_second: i64) -> i64 {
        let of_second = i64::from(self.nanos) / (NANOS / per_second);
        self.seconds
            .wrapping_mul(per_second)
            .wrapping_add(of_second)
    }

    /// The point in time, to compare with another.
    fn instant(self) -> (i64, u32) {
        (self.seconds, self.nanos)
    }

    /// The Go source of this time, for `%#v`.
    pub(crate) fn go_source(self) -> String {
        let c = self.civil();
        let zone = match self.offset {
            _ if self.is_local => "time.Local",
            None => "time.UTC",
            Some(_) => "time.Location(\"\")",
        };
        let (month, nanos) = (calendar::month_name(c.month), self.nanos);
        format!(
            "time.Date({}, time.{month}, {}, {}, {}, {}, {nanos}, {zone})",
            c.year, c.day, c.hour, c.minute, c.second
        )
    }
}

/// The text that Go prints.
impl std::fmt::Display for Time {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&self.format("2006-01-02 15:04:05.999999999 -0700 MST"))
    }
}

impl From<jiff::Timestamp> for Time {
    fn from(t: jiff::Timestamp) -> Time {
        let nanos = t.as_nanosecond();
        let second = nanos.div_euclid(NANOS.into()) as i64;
        Time::new(second, nanos.rem_euclid(NANOS.into()) as u32, None)
    }
}
