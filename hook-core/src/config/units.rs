//! Lengths of time and sizes as text.

use std::time::Duration;

/// Text that is no length of time or no size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadUnit {
    /// A number without a unit.
    Missing,
    /// Anything else.
    Malformed,
    /// More than can be counted.
    TooLarge,
}

/// The units of time, in milliseconds, the longest first.
const TIME_UNITS: [(&str, u64); 5] = [
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1_000),
    ("ms", 1),
];

/// The units of size, in bytes.
const SIZE_UNITS: [(&str, u64); 9] = [
    ("", 1),
    ("B", 1),
    ("kB", 1_000),
    ("KB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
];

/// A length of time: whole numbers with units, the longest unit first and none twice, as
/// in `1h30m`, `10s`, `500ms`.
pub(crate) fn duration(text: &str) -> Result<Duration, BadUnit> {
    let mut rest = text;
    let mut units = TIME_UNITS.iter();
    let mut total: u64 = 0;
    if text.is_empty() {
        return Err(BadUnit::Malformed);
    }
    while !rest.is_empty() {
        let (number, after) = whole_number(rest)?;
        let letters = after.find(|c: char| !c.is_ascii_alphabetic());
        let (unit, after) = after.split_at(letters.unwrap_or(after.len()));
        if unit.is_empty() && after.is_empty() {
            return Err(BadUnit::Missing);
        }
        let (_, factor) = units
            .find(|(name, _)| *name == unit)
            .ok_or(BadUnit::Malformed)?;
        let part = number.checked_mul(*factor).ok_or(BadUnit::TooLarge)?;
        total = total.checked_add(part).ok_or(BadUnit::TooLarge)?;
        rest = after;
    }
    Ok(Duration::from_millis(total))
}

/// A number of bytes: a whole number, with a unit or without, as in `16MiB`, `64KB`, `512`.
///
/// # Errors
/// If it is no such number, or more than can be counted.
pub fn size(text: &str) -> Result<u64, BadUnit> {
    let (number, unit) = whole_number(text)?;
    let found = SIZE_UNITS
        .iter()
        .find(|(name, _)| *name == unit.trim_start());
    let (_, factor) = found.ok_or(BadUnit::Malformed)?;
    number.checked_mul(*factor).ok_or(BadUnit::TooLarge)
}

fn whole_number(text: &str) -> Result<(u64, &str), BadUnit> {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    if digits.is_empty() {
        return Err(BadUnit::Malformed);
    }
    let number = digits.parse().map_err(|_| BadUnit::TooLarge)?;
    Ok((number, rest))
}

/// A length of time the way [`duration`] reads it, to the millisecond.
pub(crate) fn show_duration(duration: Duration) -> String {
    let mut rest = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    let mut out = String::new();
    for (unit, factor) in TIME_UNITS {
        if rest >= factor {
            out.push_str(&format!("{}{unit}", rest / factor));
            rest %= factor;
        }
    }
    if out.is_empty() { "0s".to_owned() } else { out }
}

/// A number of bytes the way [`size`] reads it, in the largest unit that fits evenly.
pub(crate) fn show_size(bytes: u64) -> String {
    let fits = |(_, factor): &&(&str, u64)| bytes >= *factor && bytes.is_multiple_of(*factor);
    let unit = SIZE_UNITS
        .iter()
        .filter(|(name, _)| name.len() == 3)
        .rfind(fits);
    match unit {
        Some((name, factor)) => format!("{}{name}", bytes / factor),
        None => format!("{bytes}B"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_strictly() {
        let ms = |text| duration(text).map(|d| d.as_millis());
        assert_eq!(ms("1h30m"), Ok(5_400_000));
        assert_eq!(ms("10s"), Ok(10_000));
        assert_eq!(ms("1d2h3m4s5ms"), Ok(93_784_005));
        assert_eq!(ms("0s"), Ok(0));
        assert_eq!(ms("300"), Err(BadUnit::Missing));
        assert_eq!(ms("1h30"), Err(BadUnit::Missing));
        for bad in [
            "", "h", "10 s", "1.5s", "-1s", "1m1h", "1s1s", "10sec", "1H", "s10",
        ] {
            assert_eq!(ms(bad), Err(BadUnit::Malformed), "{bad:?}");
        }
        for huge in ["99999999999999999999s", "18446744073709551615d"] {
            assert_eq!(ms(huge), Err(BadUnit::TooLarge), "{huge:?}");
        }
    }

    #[test]
    fn sizes_are_read_strictly() {
        assert_eq!(size("16MiB"), Ok(16 << 20));
        assert_eq!(size("64KB"), Ok(64_000));
        assert_eq!(size("64 kB"), Ok(64_000));
        assert_eq!(size("512"), Ok(512));
        for bad in ["", "MiB", "16M", "16mib", "1.5MiB", "-1", "1MiB2"] {
            assert_eq!(size(bad), Err(BadUnit::Malformed), "{bad:?}");
        }
        assert_eq!(size("18446744073709551615KB"), Err(BadUnit::TooLarge));
    }

    #[test]
    fn what_is_shown_reads_back() {
        for ms in [0, 1, 999, 1000, 61_001, 86_400_000, 90_061_001] {
            let d = Duration::from_millis(ms);
            assert_eq!(duration(&show_duration(d)), Ok(d));
        }
        for bytes in [0, 1, 1000, 1024, 1 << 20, 3 << 30, (1 << 20) + 1] {
            assert_eq!(size(&show_size(bytes)), Ok(bytes));
        }
        assert_eq!(show_size(16 << 20), "16MiB");
    }
}
