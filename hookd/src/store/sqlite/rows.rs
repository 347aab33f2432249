//! How values of a run stand in rows.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use jiff::Timestamp;
use rusqlite::types::Value;
use uuid::Uuid;

use crate::store::{Ended, HookResult, Record, StoreError};

/// How a run ended, if not with a decision: more than any number of a decision.
const INTERRUPTED: i64 = 1 << 32;
/// How many bits of a place in the journal are the sequence number's.
pub(super) const SEQUENCE_BITS: u32 = 24;

/// How a run ended, as a number.
pub(super) fn ended_number(ended: Ended) -> i64 {
    match ended {
        Ended::Decided(decision) => decision.into(),
        Ended::Interrupted => INTERRUPTED,
    }
}

/// How a run ended, from its number.
pub(super) fn ended_of(number: i64) -> Ended {
    i32::try_from(number).map_or(Ended::Interrupted, Ended::Decided)
}

/// What a hook came to, as a number.
pub(super) fn result_number(result: HookResult) -> i64 {
    match result {
        HookResult::Succeeded => 0,
        HookResult::Warned => 1,
        HookResult::Ignored => 2,
        HookResult::Failed => 3,
        HookResult::Skipped => SKIPPED,
    }
}

/// The number of a hook that did not run.
pub(super) const SKIPPED: i64 = 4;

/// What a hook came to, from its number.
pub(super) fn result_of(number: i64) -> HookResult {
    match number {
        0 => HookResult::Succeeded,
        1 => HookResult::Warned,
        2 => HookResult::Ignored,
        3 => HookResult::Failed,
        _ => HookResult::Skipped,
    }
}

/// The id of an operation; null if there is none.
pub(super) fn operation_value(operation: &str) -> Value {
    match Uuid::try_parse(operation) {
        _ if operation.is_empty() => Value::Null,
        // Only what comes back the same.
        Ok(id) if id.to_string() == operation => Value::Blob(id.as_bytes().to_vec()),
        _ => Value::Text(operation.to_owned()),
    }
}

/// How many microseconds after the time in a run's id something was.
pub(super) fn after(id: Uuid, at: Timestamp) -> i64 {
    at.as_microsecond().saturating_sub(micros_in(id))
}

/// What was so many microseconds after the time in a run's id.
pub(super) fn at(id: Uuid, after: i64) -> Timestamp {
    let micros = micros_in(id).saturating_add(after);
    Timestamp::from_microsecond(micros).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// The time in the id of a run, in microseconds since 1970.
pub(super) fn micros_in(id: Uuid) -> i64 {
    (id.as_u128() >> 80) as i64 * 1000
}

/// The lowest id with a time in it that is so many milliseconds away from this one.
pub(super) fn lowest_id(at: Timestamp, away: i64) -> u128 {
    let millis = at.as_millisecond().saturating_add(away);
    let millis = u128::try_from(millis).unwrap_or(0);
    millis.min((1 << 48) - 1) << 80
}

/// A duration in microseconds.
pub(super) fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

/// A duration of so many microseconds.
pub(super) fn duration(micros: i64) -> Duration {
    Duration::from_micros(micros.unsigned_abs())
}

/// Where the record of that sequence number stands in the journal, or would stand if a row
/// began with it. Nothing if a run cannot have so many records.
pub(super) fn place(n: i64, sequence: u64) -> Option<i64> {
    let sequence = i64::try_from(sequence).ok()?;
    (sequence < 1 << SEQUENCE_BITS && n < 1 << (63 - SEQUENCE_BITS))
        .then_some((n << SEQUENCE_BITS) | sequence)
}

/// The first and the last place that a run can have in the journal.
pub(super) fn places(n: i64) -> (i64, i64) {
    let first = n << SEQUENCE_BITS;
    (first, first | ((1 << SEQUENCE_BITS) - 1))
}

/// The sequence number of the first record of the row at that place.
pub(super) fn first_at(place: i64) -> u64 {
    (place & ((1 << SEQUENCE_BITS) - 1)).unsigned_abs()
}

/// Records one after another, each after its length. What such rows say together is what
/// one with all of their bytes says.
pub(super) fn pack(records: &[Record]) -> Vec<u8> {
    let bytes: usize = records.iter().map(|record| record.bytes.len() + 4).sum();
    let mut packed = Vec::with_capacity(bytes);
    for record in records {
        put_number(&mut packed, record.bytes.len());
        packed.extend_from_slice(&record.bytes);
    }
    packed
}

/// The records of a row whose first has that sequence number.
///
/// # Errors
/// If it is not what [`pack`] makes.
pub(super) fn unpack(first: u64, packed: Vec<u8>) -> Result<Vec<Record>, StoreError> {
    let mut rest = Bytes::from(packed);
    let mut records = Vec::new();
    for sequence in first.. {
        if rest.is_empty() {
            break;
        }
        let bytes = prost::decode_length_delimiter(&mut rest)
            .ok()
            .filter(|length| *length <= rest.len())
            .map(|length| rest.split_to(length))
            .ok_or_else(|| StoreError::Damaged {
                message: "a row of a journal ends within a record".into(),
            })?;
        records.push(Record { sequence, bytes });
    }
    Ok(records)
}

/// Numbers one after another.
pub(super) fn pack_numbers(numbers: impl IntoIterator<Item = i64>) -> Vec<u8> {
    let mut packed = Vec::new();
    for number in numbers {
        put_number(&mut packed, usize::try_from(number).unwrap_or(0));
    }
    packed
}

/// What [`pack_numbers`] made a row of.
pub(super) fn unpack_numbers(packed: &[u8]) -> Vec<i64> {
    let mut rest = packed;
    let mut numbers = Vec::new();
    while !rest.is_empty()
        && let Ok(number) = prost::decode_length_delimiter(&mut rest)
    {
        numbers.push(i64::try_from(number).unwrap_or(0));
    }
    numbers
}

fn put_number(packed: &mut Vec<u8>, number: usize) {
    let mut encoded = BytesMut::with_capacity(10);
    // Cannot fail: a number takes ten bytes at most.
    let _ = prost::encode_length_delimiter(number, &mut encoded);
    packed.extend_from_slice(&encoded);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn rows_say_together_what_they_say_one_by_one(
            texts in prop::collection::vec(".{0,200}", 0..20), cut in 0usize..20
        ) {
            let records: Vec<_> = (1..)
                .zip(&texts)
                .map(|(sequence, text)| Record { sequence, bytes: Bytes::from(text.clone()) })
                .collect();
            let (left, right) = records.split_at(cut.min(records.len()));
            let mut packed = pack(left);
            packed.extend(pack(right));
            prop_assert_eq!(unpack(1, packed).unwrap(), records);
        }

        #[test]
        fn no_row_makes_it_panic(row in prop::collection::vec(any::<u8>(), 0..100)) {
            let _ = unpack(1, row.clone());
            unpack_numbers(&row);
        }

        #[test]
        fn times_are_kept_to_the_microsecond(id: u128, second in 0i64..4_000_000_000, micro in 0i64..1_000_000) {
            let id = Uuid::from_u128(id);
            let time = Timestamp::from_microsecond(second * 1_000_000 + micro).unwrap();
            prop_assert_eq!(at(id, after(id, time)), time);
        }
    }
}
