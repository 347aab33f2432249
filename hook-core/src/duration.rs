//! Durations as text, as the config file and the command lines write them.

use std::time::Duration;

use jiff::fmt::friendly::{Spacing, SpanPrinter};
use jiff::{Span, SpanRelativeTo, SpanRound, Unit};

/// The longest duration that can be written with one number.
const LONGEST: &str = "7304484d";

/// A text that is no duration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {}", self.problem(), self.remedy())]
pub struct InvalidDuration {
    text: String,
}

impl InvalidDuration {
    /// The fault, as a fragment that quotes the text.
    #[must_use]
    pub fn problem(&self) -> String {
        let text = self.text.escape_debug();
        if self.lacks_unit() {
            format!("`{text}` has no unit")
        } else if self.is_too_long() {
            format!("`{text}` is too long for a duration")
        } else {
            format!("`{text}` is no duration")
        }
    }

    /// The way to write it instead.
    #[must_use]
    pub fn remedy(&self) -> String {
        let text = &self.text;
        if self.lacks_unit() {
            format!("write `{text}s` for seconds, `{text}m` for minutes or `{text}d` for days")
        } else if self.is_too_long() {
            format!("the longest is `{LONGEST}`")
        } else {
            "write numbers with units, as in `90s`, `1h30m`, `500ms` or `7d`".to_owned()
        }
    }

    /// Returns whether this would be a duration if its numbers were smaller.
    fn is_too_long(&self) -> bool {
        let mut small = String::new();
        for c in self.text.chars() {
            match c.is_ascii_digit() {
                true if small.ends_with('1') => {}
                true => small.push('1'),
                false => small.push(c),
            }
        }
        small.len() < self.text.len() && parse(&small).is_ok()
    }

    fn lacks_unit(&self) -> bool {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '.';
        self.text.starts_with(|c: char| c.is_ascii_digit())
            && self.text.ends_with(|c: char| c.is_ascii_digit())
            && self.text.chars().all(plain)
    }
}

/// Parses a duration: numbers with units, the longest unit first, as in `90s`, `1h30m`,
/// `1.5s` or `7d`. A day has 24 hours.
/// Fails if a number has no unit, if the duration is negative, or if it names months or
/// years, which differ in length.
pub fn parse(text: &str) -> Result<Duration, InvalidDuration> {
    let span = text.trim().parse::<Span>();
    let exact = span.and_then(|span| span.to_duration(SpanRelativeTo::days_are_24_hours()));
    exact
        .and_then(Duration::try_from)
        .map_err(|_| InvalidDuration {
            text: text.trim().to_owned(),
        })
}

/// Formats a duration as [`parse`] reads it, in days at most.
pub(crate) fn format(duration: Duration) -> String {
    let days = SpanRound::new().largest(Unit::Day).days_are_24_hours();
    let span = Span::try_from(duration).and_then(|span| span.round(days));
    let printer = SpanPrinter::new().spacing(Spacing::None);
    printer.span_to_string(&span.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_numbers_with_units() {
        for (text, millis) in [
            ("90s", 90_000),
            (" 10 s ", 10_000),
            ("1h30m", 5_400_000),
            ("1d2h3m4s5ms", 93_784_005),
            ("500ms", 500),
            ("1.5s", 1_500),
            ("0s", 0),
            ("1w", 604_800_000),
            ("90 minutes", 5_400_000),
            ("PT2M", 120_000),
        ] {
            assert_eq!(parse(text), Ok(Duration::from_millis(millis)), "{text}");
        }
        for text in [
            "", "h", "-1", "-5s", "soon", "1m1h", "1s1s", "s10", "NaN", "1 month",
        ] {
            let error = parse(text).unwrap_err();
            assert_eq!(error.problem(), format!("`{text}` is no duration"));
        }
    }

    #[test]
    fn a_duration_that_is_too_long_is_refused_with_the_longest() {
        for text in [
            "99999999999h",
            "99999999999999999999s",
            "1h99999999999m",
            "7304485d",
        ] {
            let error = parse(text).unwrap_err().to_string();
            let want = format!("`{text}` is too long for a duration: the longest is `7304484d`");
            assert_eq!(error, want);
        }
        assert_eq!(parse(LONGEST).map(format), Ok(LONGEST.to_owned()));
    }

    #[test]
    fn a_number_without_a_unit_is_refused_with_the_remedy() {
        for text in ["90", "0", "1.5", "1h30"] {
            let error = parse(text).unwrap_err().to_string();
            let want = format!(
                "`{text}` has no unit: write `{text}s` for seconds, `{text}m` for minutes or \
                 `{text}d` for days"
            );
            assert_eq!(error, want);
        }
    }

    #[test]
    fn formatted_durations_are_read_back() {
        for (millis, text) in [
            (0, "0s"),
            (1, "1ms"),
            (61_001, "1m1s1ms"),
            (3_600_000, "1h"),
            (604_800_000, "7d"),
            (90_061_001, "1d1h1m1s1ms"),
        ] {
            let duration = Duration::from_millis(millis);
            assert_eq!(format(duration), text);
            assert_eq!(parse(text), Ok(duration));
        }
    }
}
