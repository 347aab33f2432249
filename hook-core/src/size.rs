//! Numbers of bytes as text, as the config file and the command lines write them.

/// A text that is not a number of bytes, or exceeds 64 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("write a whole number of bytes, or one with a unit: KB, MB, GB, KiB, MiB, GiB")]
pub struct InvalidSize;

/// The units and their bytes.
const UNITS: [(&str, u64); 9] = [
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

/// Parses a number of bytes: a whole number, with a unit or without, as in `16MiB`, `64KB`
/// or `512`.
/// Fails if the text is no such number, or beyond 64 bits.
pub fn parse(text: &str) -> Result<u64, InvalidSize> {
    let end = text.find(|c: char| !c.is_ascii_digit());
    let (digits, unit) = text.split_at(end.unwrap_or(text.len()));
    let unit = UNITS.iter().find(|(name, _)| *name == unit.trim_start());
    let number = digits.parse::<u64>().ok();
    number
        .zip(unit)
        .and_then(|(number, (_, factor))| number.checked_mul(*factor))
        .ok_or(InvalidSize)
}

/// Formats a number of bytes as [`parse`] reads it, in the largest unit that fits evenly.
pub(crate) fn format(bytes: u64) -> String {
    let fits = |(_, factor): &&(&str, u64)| bytes >= *factor && bytes.is_multiple_of(*factor);
    let unit = UNITS.iter().filter(|(name, _)| name.len() == 3).rfind(fits);
    match unit {
        Some((name, factor)) => format!("{}{name}", bytes / factor),
        None => format!("{bytes}B"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_strictly() {
        assert_eq!(parse("16MiB"), Ok(16 << 20));
        assert_eq!(parse("64KB"), Ok(64_000));
        assert_eq!(parse("64 kB"), Ok(64_000));
        assert_eq!(parse("512"), Ok(512));
        for bad in ["", "MiB", "16M", "16mib", "1.5MiB", "-1", "1MiB2"] {
            assert_eq!(parse(bad), Err(InvalidSize), "{bad:?}");
        }
        assert_eq!(parse("18446744073709551615KB"), Err(InvalidSize));
    }

    #[test]
    fn formatted_sizes_are_read_back() {
        for bytes in [0, 1, 1000, 1024, 1 << 20, 3 << 30, (1 << 20) + 1] {
            assert_eq!(parse(&format(bytes)), Ok(bytes));
        }
        assert_eq!(format(16 << 20), "16MiB");
    }
}
