//! Moments and spans of time: as users type them, and as they read them.

use std::time::Duration;

use hookd::duration::{self, InvalidDuration};
use hookd_proto::well_known;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, ZonedDateTime};

/// Reads a moment: RFC 3339, a date or a date with a time in the local zone, `now`,
/// `today`, `yesterday`, or a span such as `2h` or `3d` back from now.
///
/// # Errors
/// Says what can be read.
pub(crate) fn moment(text: &str) -> Result<well_known::Timestamp, String> {
    moment_at(text, &ZonedDateTime::now()).map(to_wire)
}

fn moment_at(text: &str, now: &ZonedDateTime) -> Result<Timestamp, String> {
    let text = text.trim();
    let unreadable = || {
        format!(
            "`{text}` is no time: give RFC 3339 (2026-01-31T08:00:00Z), a date (2026-01-31), \
             a local time (2026-01-31 08:00), or how long ago (2h, 3d)"
        )
    };
    let day = match text {
        "now" => return Ok(now.timestamp()),
        "today" => Some(now.date()),
        "yesterday" => now.date().yesterday().ok(),
        _ => text
            .parse::<Date>()
            .ok()
            .filter(|_| text.len() <= "2026-01-31".len()),
    };
    let local = |civil: DateTime| {
        civil
            .to_zoned_datetime(now.time_zone().clone())
            .map(|at| at.timestamp())
    };
    if let Some(day) = day {
        return local(day.into()).map_err(|_| unreadable());
    }
    if let Ok(timestamp) = text.parse::<Timestamp>() {
        return Ok(timestamp);
    }
    if let Ok(civil) = text.parse::<DateTime>() {
        return local(civil).map_err(|_| unreadable());
    }
    let span: Span = text.parse().map_err(|_| unreadable())?;
    // `2h` and `2h ago` both look back: nothing has run in the future.
    now.checked_sub(span.abs())
        .map(|then| then.timestamp())
        .map_err(|_| unreadable())
}

/// Parses a duration for a field of a message.
///
/// # Errors
/// Fails if the text is no duration with units.
pub(crate) fn wire_duration(text: &str) -> Result<well_known::Duration, InvalidDuration> {
    duration::parse(text).map(well_known::Duration::from)
}

/// A moment in the local time zone; `-` for none.
#[must_use]
pub(crate) fn local(at: Option<&well_known::Timestamp>) -> String {
    local_in(at, TimeZone::system())
}

/// The day of a moment in the local time zone; `-` for none.
#[must_use]
pub(crate) fn date(at: Option<&well_known::Timestamp>) -> String {
    local(at).chars().take("2026-01-31".len()).collect()
}

fn local_in(at: Option<&well_known::Timestamp>, zone: TimeZone) -> String {
    match at.and_then(from_wire) {
        Some(at) => at
            .to_zoned_datetime(zone)
            .strftime("%Y-%m-%d %H:%M:%S")
            .to_string(),
        None => "-".to_owned(),
    }
}

/// The time between two moments, if both are known.
#[must_use]
pub(crate) fn between(
    from: Option<&well_known::Timestamp>,
    to: Option<&well_known::Timestamp>,
) -> Option<Duration> {
    let span = from_wire(to?)?.duration_since(from_wire(from?)?);
    Duration::try_from(span).ok()
}

/// The time since a moment.
#[must_use]
pub(crate) fn since(from: Option<&well_known::Timestamp>) -> Option<Duration> {
    between(from, Some(&now()))
}

/// A duration of a message; nothing if it is negative.
#[must_use]
pub(crate) fn from_wire_duration(duration: &well_known::Duration) -> Option<Duration> {
    let seconds = u64::try_from(duration.seconds).ok()?;
    let nanos = u32::try_from(duration.nanos).ok()?;
    Some(Duration::from_secs(seconds).saturating_add(Duration::from_nanos(nanos.into())))
}

/// A duration for people: two units at most.
#[must_use]
pub(crate) fn human(duration: Duration) -> String {
    let seconds = duration.as_secs();
    if duration < Duration::from_millis(1) {
        if duration.is_zero() {
            "0 s".to_owned()
        } else {
            "<1 ms".to_owned()
        }
    } else if seconds == 0 {
        format!("{} ms", duration.as_millis())
    } else if seconds < 60 {
        let tenths = duration.subsec_millis() / 100;
        if tenths == 0 {
            format!("{seconds} s")
        } else {
            format!("{seconds}.{tenths} s")
        }
    } else if seconds < 3_600 {
        two(seconds / 60, "m", seconds % 60, "s")
    } else if seconds < 86_400 {
        two(seconds / 3_600, "h", seconds / 60 % 60, "m")
    } else {
        two(seconds / 86_400, "d", seconds / 3_600 % 24, "h")
    }
}

/// [`human`] for a field of a message; nothing for none.
#[must_use]
pub(crate) fn human_wire(duration: Option<&well_known::Duration>) -> Option<String> {
    duration.and_then(from_wire_duration).map(human)
}

fn two(large: u64, large_unit: &str, small: u64, small_unit: &str) -> String {
    if small == 0 {
        format!("{large} {large_unit}")
    } else {
        format!("{large} {large_unit} {small:02} {small_unit}")
    }
}

/// This moment, in the contract's terms.
#[must_use]
pub(crate) fn now() -> well_known::Timestamp {
    to_wire(Timestamp::now())
}

fn to_wire(at: Timestamp) -> well_known::Timestamp {
    let (mut seconds, mut nanos) = (at.as_second(), at.subsec_nanosecond());
    if nanos < 0 {
        // On the wire nanoseconds count forwards, before 1970 too.
        seconds -= 1;
        nanos += 1_000_000_000;
    }
    well_known::Timestamp { seconds, nanos }
}

fn from_wire(at: &well_known::Timestamp) -> Option<Timestamp> {
    Timestamp::new(at.seconds, at.nanos).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> ZonedDateTime {
        "2026-03-10T12:00:00+01:00[Europe/Berlin]".parse().unwrap()
    }

    #[test]
    fn moments_are_read() {
        let table = [
            ("2026-01-31T08:00:00Z", "2026-01-31T08:00:00Z"),
            ("2026-01-31T08:00:00+02:00", "2026-01-31T06:00:00Z"),
            ("2026-01-31", "2026-01-30T23:00:00Z"),
            ("2026-01-31 08:00", "2026-01-31T07:00:00Z"),
            ("2026-01-31T08:00:30", "2026-01-31T07:00:30Z"),
            ("now", "2026-03-10T11:00:00Z"),
            ("today", "2026-03-09T23:00:00Z"),
            ("yesterday", "2026-03-08T23:00:00Z"),
            ("2h", "2026-03-10T09:00:00Z"),
            ("2h ago", "2026-03-10T09:00:00Z"),
            ("90 minutes", "2026-03-10T09:30:00Z"),
            ("1d12h", "2026-03-08T23:00:00Z"),
            ("1w", "2026-03-03T11:00:00Z"),
        ];
        for (text, expected) in table {
            let expected: Timestamp = expected.parse().unwrap();
            assert_eq!(moment_at(text, &now()), Ok(expected), "{text}");
        }
        for text in ["", "soon", "2026-13-01", "2", "25:00", "99999999y"] {
            assert!(moment_at(text, &now()).is_err(), "{text}");
        }
    }

    #[test]
    fn durations_are_shown() {
        let table = [
            (0, "0 s"),
            (400, "<1 ms"),
            (12_000, "12 ms"),
            (1_000_000, "1 s"),
            (1_260_000, "1.2 s"),
            (65_000_000, "1 m 05 s"),
            (3_600_000_000, "1 h"),
            (3_720_000_000, "1 h 02 m"),
            (90_000_000_000, "1 d 01 h"),
        ];
        for (micros, shown) in table {
            assert_eq!(human(Duration::from_micros(micros)), shown);
        }
    }

    #[test]
    fn moments_are_shown_in_the_local_zone() {
        let at = to_wire("2026-01-31T08:00:00.5Z".parse().unwrap());
        let berlin = TimeZone::get("Europe/Berlin").unwrap();
        assert_eq!(local_in(Some(&at), berlin), "2026-01-31 09:00:00");
        assert_eq!(local(None), "-");
    }

    #[test]
    fn the_wire_keeps_moments() {
        for text in ["2026-01-31T08:00:00.25Z", "1969-12-31T23:59:59.75Z"] {
            let at: Timestamp = text.parse().unwrap();
            let wire = to_wire(at);
            assert!((0..1_000_000_000).contains(&wire.nanos));
            assert_eq!(from_wire(&wire), Some(at));
        }
    }
}
