//! Durations.

use std::fmt::{self, Write as _};

use super::NANOS;

pub(super) const MINUTE: i64 = 60 * NANOS;
pub(super) const HOUR: i64 = 60 * MINUTE;

/// Go's `time.Duration`: nanoseconds, which may be negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Duration(pub i64);

impl Duration {
    /// The duration in seconds.
    #[must_use]
    pub fn seconds(self) -> f64 {
        self.in_units(NANOS)
    }

    /// Adds whole units and the rest, as Go does, for the same rounding.
    pub(super) fn in_units(self, unit: i64) -> f64 {
        (self.0 / unit) as f64 + (self.0 % unit) as f64 / unit as f64
    }

    /// Rounds towards zero to a multiple of `unit`, if that is positive.
    #[must_use]
    pub fn truncate(self, unit: Duration) -> Duration {
        match unit.0 {
            1.. => Duration(self.0 - self.0 % unit.0),
            _ => self,
        }
    }

    /// Rounds to the nearest multiple of `unit`, if that is positive; away from zero if two
    /// are as near.
    pub(super) fn round(self, unit: Duration) -> Duration {
        if unit.0 <= 0 {
            return self;
        }
        let (d, unit) = (i128::from(self.0), i128::from(unit.0));
        let rest = d % unit;
        let up = if rest.abs() * 2 < unit { 0 } else { d.signum() };
        let rounded = d - rest + unit * up;
        Duration(rounded.clamp(i64::MIN.into(), i64::MAX.into()) as i64)
    }
}

/// The text that Go prints: `1h2m3.5s`, `1.5ms`, `0s`.
impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nanos = self.0.unsigned_abs();
        f.write_str(if self.0 < 0 { "-" } else { "" })?;
        match nanos {
            0 => f.write_str("0s"),
            1..1_000 => write!(f, "{nanos}ns"),
            1_000..1_000_000 => decimal(f, nanos, 1_000, "µs"),
            1_000_000..1_000_000_000 => decimal(f, nanos, 1_000_000, "ms"),
            _ => {
                let (minute, hour) = (MINUTE as u64, HOUR as u64);
                if nanos >= hour {
                    write!(f, "{}h", nanos / hour)?;
                }
                if nanos >= minute {
                    write!(f, "{}m", nanos / minute % 60)?;
                }
                decimal(f, nanos % minute, NANOS as u64, "s")
            }
        }
    }
}

/// Writes `number / unit` without zeros at the end, and the name of the unit.
fn decimal(f: &mut fmt::Formatter<'_>, number: u64, unit: u64, name: &str) -> fmt::Result {
    write!(f, "{}", number / unit)?;
    let mut rest = number % unit;
    f.write_str(if rest > 0 { "." } else { "" })?;
    while rest > 0 {
        rest *= 10;
        f.write_char(char::from(b'0' + (rest / unit) as u8))?;
        rest %= unit;
    }
    f.write_str(name)
}

impl From<std::time::Duration> for Duration {
    fn from(d: std::time::Duration) -> Duration {
        Duration(i64::try_from(d.as_nanos()).unwrap_or(i64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text() {
        let check = |nanos, expect: &str| assert_eq!(Duration(nanos).to_string(), expect);
        check(0, "0s");
        check(1, "1ns");
        check(1_500, "1.5µs");
        check(-1_500_000, "-1.5ms");
        check(42_751_000_000, "42.751s");
        check(3_600_000_000_000, "1h0m0s");
        check(60_000_000_001, "1m0.000000001s");
        check(i64::MIN, "-2562047h47m16.854775808s");
    }

    #[test]
    fn rounding() {
        let check = |nanos, unit, expect| {
            assert_eq!(Duration(nanos).round(Duration(unit)), Duration(expect));
        };
        check(15, 10, 20);
        check(-15, 10, -20);
        check(14, 10, 10);
        check(i64::MAX, 2, i64::MAX);
        check(i64::MIN, 10, i64::MIN);
        check(7, 0, 7);
    }
}
