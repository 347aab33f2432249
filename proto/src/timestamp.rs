//! `google.protobuf.Timestamp`, whose JSON is the canonical one.

use std::fmt;

use jiff::fmt::temporal::DateTimePrinter;
use serde::de::{Deserialize, Deserializer, Visitor};
use serde::ser::{Error as _, Serialize, Serializer};

/// A point in time. In JSON it is RFC 3339 with `Z` and 0, 3, 6 or 9 digits of a second,
/// as the protobuf mapping has it; what is read may have any offset.
#[derive(Clone, Copy, PartialEq, Eq, Hash, ::prost::Message)]
pub struct Timestamp {
    /// Seconds since 1970.
    #[prost(int64, tag = "1")]
    pub seconds: i64,
    /// Nanoseconds after that, from 0 to 999,999,999.
    #[prost(int32, tag = "2")]
    pub nanos: i32,
}

impl prost::Name for Timestamp {
    const NAME: &'static str = "Timestamp";
    const PACKAGE: &'static str = "google.protobuf";
}

/// A timestamp that is no point in time: its year is out of range, or its nanoseconds are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutOfRange;

impl fmt::Display for OutOfRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a timestamp is out of range")
    }
}

impl std::error::Error for OutOfRange {}

impl TryFrom<Timestamp> for jiff::Timestamp {
    type Error = OutOfRange;

    fn try_from(at: Timestamp) -> Result<jiff::Timestamp, OutOfRange> {
        if !(0..1_000_000_000).contains(&at.nanos) {
            return Err(OutOfRange);
        }
        jiff::Timestamp::new(at.seconds, at.nanos).map_err(|_| OutOfRange)
    }
}

impl From<jiff::Timestamp> for Timestamp {
    fn from(at: jiff::Timestamp) -> Timestamp {
        // Before 1970, both parts of the other are negative.
        let borrowed = at.subsec_nanosecond() < 0;
        Timestamp {
            seconds: at.as_second() - i64::from(borrowed),
            nanos: at.subsec_nanosecond() + i32::from(borrowed) * 1_000_000_000,
        }
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let at = jiff::Timestamp::try_from(*self).map_err(S::Error::custom)?;
        let digits = match self.nanos {
            0 => 0,
            nanos if nanos % 1_000_000 == 0 => 3,
            nanos if nanos % 1_000 == 0 => 6,
            _ => 9,
        };
        let printer = DateTimePrinter::new().precision(Some(digits));
        serializer.serialize_str(&printer.timestamp_to_string(&at))
    }
}

struct Text;

impl Visitor<'_> for Text {
    type Value = Timestamp;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a time as RFC 3339 has it")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Timestamp, E> {
        let at: jiff::Timestamp = text.parse().map_err(E::custom)?;
        Ok(at.into())
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
        deserializer.deserialize_str(Text)
    }
}

#[cfg(test)]
mod tests {
    use prost::Message as _;

    use super::*;

    #[test]
    fn json_is_the_canonical_one() {
        let table = [
            (0, 0, "1970-01-01T00:00:00Z"),
            (1_764_083_490, 0, "2025-11-25T15:11:30Z"),
            (1_764_083_490, 120_000_000, "2025-11-25T15:11:30.120Z"),
            (1_764_083_490, 123_450_000, "2025-11-25T15:11:30.123450Z"),
            (1_764_083_490, 1, "2025-11-25T15:11:30.000000001Z"),
            (-1, 500_000_000, "1969-12-31T23:59:59.500Z"),
            (-62_135_596_800, 0, "0001-01-01T00:00:00Z"),
            (
                253_402_207_200,
                999_999_999,
                "9999-12-30T22:00:00.999999999Z",
            ),
        ];
        for (seconds, nanos, json) in table {
            let at = Timestamp { seconds, nanos };
            let json = format!("\"{json}\"");
            assert_eq!(serde_json::to_string(&at).ok(), Some(json.clone()));
            assert_eq!(serde_json::from_str(&json).ok(), Some(at));
        }
    }

    #[test]
    fn any_offset_is_read_and_nonsense_is_not() {
        let at: Timestamp =
            serde_json::from_str("\"1970-01-01T02:00:01+02:00\"").unwrap_or_default();
        assert_eq!((at.seconds, at.nanos), (1, 0));
        for text in ["\"soon\"", "\"\"", "1", "\"1970-01-01\""] {
            assert!(serde_json::from_str::<Timestamp>(text).is_err(), "{text}");
        }
        for (seconds, nanos) in [(i64::MAX, 0), (0, -1), (0, 1_000_000_000)] {
            assert!(serde_json::to_string(&Timestamp { seconds, nanos }).is_err());
        }
    }

    #[test]
    fn the_wire_is_that_of_every_other_language() {
        let at = Timestamp {
            seconds: -5,
            nanos: 7,
        };
        let other = pbjson_types::Timestamp {
            seconds: -5,
            nanos: 7,
        };
        assert_eq!(at.encode_to_vec(), other.encode_to_vec());
    }
}
