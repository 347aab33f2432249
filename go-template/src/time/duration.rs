//! Lengths of time.

use std::fmt;

use super::NANOS;

const MINUTE: i64 = 60 * NANOS;
const HOUR: i64 = 60 * MINUTE;

/// A length of time in nanoseconds, which may be negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Duration(pub i64);

impl Duration {
    /// In hours.
    #[must_use]
    pub fn hours(self) -> f64 {
        self.in_units(HOUR)
    }

    /// In minutes.
    #[must_use]
    pub fn minutes(self) -> f64 {
        self.in_units(MINUTE)
    }

    /// In seconds.
    #[must_use]
    pub fn seconds(self) -> f64 {
        self.in_units(NANOS)
    }

    /// Whole units and the rest apart, as Go adds them up.
    fn in_units(self, unit: i64) -> f64 {
        (self.0 / unit) as f64 + (self.0 % unit) as f64 / unit as f64
    }

    /// Rounded towards zero to a multiple of `unit`.
    #[must_use]
    pub fn truncate(self, unit: Duration) -> Duration {
        if unit.0 <= 0 {
            self
        } else {
            Duration(self.0 - self.0 % unit.0)
        }
    }

    /// Rounded to the nearest multiple of `unit`, away from zero on a tie.
    #[must_use]
    pub fn round(self, unit: Duration) -> Duration {
        if unit.0 <= 0 {
            return self;
        }
        let (d, unit) = (i128::from(self.0), i128::from(unit.0));
        let rest = d % unit;
        let rounded = if rest.abs() * 2 < unit {
            d - rest
        } else {
            d - rest + unit * d.signum()
        };
        let limit = if d < 0 { i64::MIN } else { i64::MAX };
        Duration(i64::try_from(rounded).unwrap_or(limit))
    }
}

/// As Go prints it: `1h2m3.5s`, `1.5ms`, `0s`.
impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text())
    }
}

impl Duration {
    /// The text that it prints as.
    pub(super) fn text(self) -> String {
        let nanos = self.0.unsigned_abs();
        let mut out = String::with_capacity(32);
        if self.0 < 0 {
            out.push('-');
        }
        match nanos {
            0 => out.push_str("0s"),
            1..1_000 => {
                push_number(&mut out, nanos);
                out.push_str("ns");
            }
            1_000..1_000_000 => {
                push_decimal::<1_000>(&mut out, nanos);
                out.push_str("µs");
            }
            1_000_000..1_000_000_000 => {
                push_decimal::<1_000_000>(&mut out, nanos);
                out.push_str("ms");
            }
            _ => {
                let (minute, hour) = (MINUTE as u64, HOUR as u64);
                let (minutes, hours) = (nanos / minute % 60, nanos / hour);
                if hours > 0 {
                    push_number(&mut out, hours);
                    out.push('h');
                }
                if hours > 0 || minutes > 0 {
                    push_number(&mut out, minutes);
                    out.push('m');
                }
                push_decimal::<1_000_000_000>(&mut out, nanos % minute);
                out.push('s');
            }
        }
        out
    }
}

/// Adds `number / UNIT` without trailing zeros. Constant units need no division.
fn push_decimal<const UNIT: u64>(out: &mut String, number: u64) {
    push_number(out, number / UNIT);
    let mut rest = number % UNIT;
    if rest > 0 {
        out.push('.');
    }
    while rest > 0 {
        rest *= 10;
        push_digit(out, rest / UNIT);
        rest %= UNIT;
    }
}

/// Adds a whole number.
fn push_number(out: &mut String, number: u64) {
    if number >= 10 {
        push_number(out, number / 10);
    }
    push_digit(out, number % 10);
}

fn push_digit(out: &mut String, digit: u64) {
    out.push(char::from(b'0' + digit as u8));
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
