//! Points in time and durations: parsing and formatting.

use std::time::Duration;

use hookd_proto::v1::{Run, RunState};
use hookd_proto::well_known;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, ZonedDateTime};

/// Parses a point in time: RFC 3339, a date or a date with a time in the local zone, `now`,
/// `today`, `yesterday`, or a span such as `2h` or `3d` before now.
pub(crate) fn moment(text: &str) -> Result<well_known::Timestamp, String> {
    let text = text.trim();
    let found = moment_at(text, &ZonedDateTime::now()).ok_or_else(|| {
        format!(
            "`{text}` is no time: give RFC 3339 (2026-01-31T08:00:00Z), a date (2026-01-31), \
             a local time (2026-01-31 08:00), or how long ago (2h, 3d)"
        )
    })?;
    Ok(found.into())
}

fn moment_at(text: &str, now: &ZonedDateTime) -> Option<Timestamp> {
    let local = |civil: DateTime| civil.to_zoned_datetime(now.time_zone().clone()).ok();
    let zoned = match text {
        "now" => now.clone(),
        "today" => local(now.date().into())?,
        "yesterday" => local(now.date().yesterday().ok()?.into())?,
        _ => {
            let timestamp = text.parse::<Timestamp>().ok();
            let civil = text.parse::<DateTime>().ok();
            // `2h` and `2h ago` mean the same, as no run is in the future.
            let span = || text.parse::<Span>().ok().map(Span::abs);
            match (timestamp, civil) {
                (Some(timestamp), _) => return Some(timestamp),
                (None, Some(civil)) => local(civil)?,
                (None, None) => now.checked_sub(span()?).ok()?,
            }
        }
    };
    Some(zoned.timestamp())
}

/// Returns the date and time in the local zone; `-` for `None`.
pub(crate) fn local(at: Option<&well_known::Timestamp>) -> String {
    local_in(at, TimeZone::system())
}

/// Returns the date and time in the local zone without the year and the seconds; of a year before
/// this one the date alone.
pub(crate) fn brief(at: Option<&well_known::Timestamp>) -> String {
    let whole = local(at);
    let this_year = local(Some(&now()));
    match whole.get(..4) {
        Some(year) if this_year.starts_with(year) => whole.chars().skip(5).take(11).collect(),
        _ => whole.chars().take("2026-01-31".len()).collect(),
    }
}

/// Returns the date and time in the local zone with milliseconds; `-` for `None`.
pub(crate) fn precise(at: Option<&well_known::Timestamp>) -> String {
    let millis = at.map_or(0, |at| at.nanos / 1_000_000);
    match local(at) {
        unknown if unknown == "-" => unknown,
        whole => format!("{whole}.{millis:03}"),
    }
}

/// Returns the date in the local zone; `-` for `None`.
pub(crate) fn date(at: Option<&well_known::Timestamp>) -> String {
    local(at).chars().take("2026-01-31".len()).collect()
}

fn local_in(at: Option<&well_known::Timestamp>, zone: TimeZone) -> String {
    match at.and_then(|at| Timestamp::try_from(*at).ok()) {
        Some(at) => {
            let zoned = at.to_zoned_datetime(zone);
            zoned.strftime("%Y-%m-%d %H:%M:%S").to_string()
        }
        None => "-".to_owned(),
    }
}

/// Returns the duration from one point in time to a later one; `None` if either is unknown.
pub(crate) fn between(
    from: Option<&well_known::Timestamp>,
    to: Option<&well_known::Timestamp>,
) -> Option<Duration> {
    let [from, to] = [from, to].map(|at| Timestamp::try_from(*at?).ok());
    Duration::try_from(to?.duration_since(from?)).ok()
}

/// Returns the duration from a point in time to now.
pub(crate) fn since(from: Option<&well_known::Timestamp>) -> Option<Duration> {
    between(from, Some(&now()))
}

/// Returns the duration that a message holds; `None` if it is absent or negative.
pub(crate) fn span(duration: Option<&well_known::Duration>) -> Option<Duration> {
    Duration::try_from(*duration?).ok()
}

/// Returns the duration of a run so far; `None` if it is unknown.
pub(crate) fn elapsed(run: &Run) -> Option<Duration> {
    let started = run.started_at.as_ref();
    match run.state() {
        RunState::Running | RunState::Queued => since(started),
        // An interrupted run finishes when hookd starts again.
        RunState::Interrupted => None,
        _ => between(started, run.finished_at.as_ref()),
    }
}

/// Returns a duration as [`human`] does; `-` for `None`.
pub(crate) fn human_or_dash(duration: Option<Duration>) -> String {
    duration.map_or_else(|| "-".to_owned(), human)
}

/// Returns a duration for people, in at most two units.
pub(crate) fn human(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let two = |large: u64, unit: &str, small: u64, small_unit: &str| match small {
        0 => format!("{large} {unit}"),
        _ => format!("{large} {unit} {small:02} {small_unit}"),
    };
    match seconds {
        0 if duration.is_zero() => "0 s".to_owned(),
        0 if duration < Duration::from_millis(1) => "<1 ms".to_owned(),
        0 => format!("{} ms", duration.as_millis()),
        1..60 => match duration.subsec_millis() / 100 {
            0 => format!("{seconds} s"),
            tenths => format!("{seconds}.{tenths} s"),
        },
        60..3_600 => two(seconds / 60, "m", seconds % 60, "s"),
        3_600..86_400 => two(seconds / 3_600, "h", seconds / 60 % 60, "m"),
        _ => two(seconds / 86_400, "d", seconds / 3_600 % 24, "h"),
    }
}

/// Returns now, as messages hold it.
pub(crate) fn now() -> well_known::Timestamp {
    Timestamp::now().into()
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
            assert_eq!(moment_at(text, &now()), Some(expected), "{text}");
        }
        for text in ["", "soon", "2026-13-01", "2", "25:00", "99999999y"] {
            assert_eq!(moment_at(text, &now()), None, "{text}");
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
        let at: Timestamp = "2026-01-31T08:00:00.5Z".parse().unwrap();
        let berlin = TimeZone::get("Europe/Berlin").unwrap();
        assert_eq!(local_in(Some(&at.into()), berlin), "2026-01-31 09:00:00");
        assert_eq!(local(None), "-");
    }
}
