//! Points in time and lengths of time, as templates see them.

pub use go_template::{Duration, Time};

const NANOS: i128 = 1_000_000_000;

/// Reads an RFC 3339 time with an offset. `Z` means UTC.
pub(crate) fn read_time(text: &str) -> Option<Time> {
    use jiff::fmt::temporal::{Pieces, PiecesOffset};
    let pieces = Pieces::parse(text).ok()?;
    let offset = match pieces.offset()? {
        PiecesOffset::Zulu => None,
        offset => Some(offset.to_numeric_offset()),
    };
    let local = pieces.date().to_datetime(pieces.time()?);
    let point = offset
        .unwrap_or(jiff::tz::Offset::UTC)
        .to_timestamp(local)
        .ok()?;
    let utc = Time::from(point);
    Some(Time::new(
        utc.unix(),
        utc.nanosecond(),
        offset.map(|o| o.seconds()),
    ))
}

/// Reads seconds with up to nine decimal places: `42.751s`, `-1.500s`.
pub(super) fn read_duration(text: &str) -> Option<Duration> {
    let seconds = text.strip_suffix('s')?;
    let (negative, seconds) = match seconds.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, seconds),
    };
    let (whole, fraction) = seconds.split_once('.').unwrap_or((seconds, "0"));
    let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(fraction) || fraction.len() > 9 {
        return None;
    }
    let nanos = whole.parse::<i128>().ok()?.checked_mul(NANOS)?
        + format!("{fraction:0<9}").parse::<i128>().ok()?;
    i64::try_from(if negative { -nanos } else { nanos })
        .ok()
        .map(Duration)
}

/// Formats a duration for [`read_duration`].
pub(super) fn write_duration(duration: Duration) -> String {
    let nanos = duration.0.unsigned_abs();
    let sign = if duration.0 < 0 { "-" } else { "" };
    let (whole, fraction) = (nanos / 1_000_000_000, nanos % 1_000_000_000);
    if fraction == 0 {
        return format!("{sign}{whole}s");
    }
    let fraction = format!("{fraction:09}");
    format!("{sign}{whole}.{}s", fraction.trim_end_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        let check = |text: &str, nanos: Option<i64>| {
            assert_eq!(read_duration(text), nanos.map(Duration), "{text}");
        };
        check("42.751s", Some(42_751_000_000));
        check("-1.500s", Some(-1_500_000_000));
        check("0s", Some(0));
        check("1m", None);
        check("s", None);
        check("1.s", None);
        check("99999999999999s", None);
        assert_eq!(write_duration(Duration(-1_500_000_000)), "-1.5s");
    }

    #[test]
    fn times() {
        let check = |text: &str, expect: Option<&str>| {
            assert_eq!(
                read_time(text).map(|t| t.to_string()).as_deref(),
                expect,
                "{text}"
            );
        };
        check(
            "2025-03-09T14:05:06.5Z",
            Some("2025-03-09 14:05:06.5 +0000 UTC"),
        );
        check(
            "2025-11-30T23:59:58+01:00",
            Some("2025-11-30 23:59:58 +0100 +0100"),
        );
        check("2025-11-30T23:59:58", None);
        check("yesterday", None);
    }
}
