//! The methods of times and durations.

use super::calendar::{Civil, days_to, month_name, weekday_name};
use super::duration::{HOUR, MINUTE};
use super::{Duration, Time};
use crate::model::{INT, INT64, IntType, Method, Type};
use crate::value::Value;

/// `time.Duration`
pub static DURATION: IntType = IntType::new("time.Duration", "a duration", 64)
    .with_text(|nanos| Duration(nanos).to_string().into())
    .with_methods(&DURATION_METHODS);

/// `time.Month`
static MONTH: IntType = IntType::new("time.Month", "a month", 64).with_text(month_name);

/// `time.Weekday`
static WEEKDAY: IntType = IntType::new("time.Weekday", "a weekday", 64).with_text(weekday_name);

const STR: Type = Type::Str;
const INTEGER: Type = Type::Int(&INT);
const LONG: Type = Type::Int(&INT64);
const LENGTH: Type = Type::Int(&DURATION);

/// A method: its name, the types of its arguments, the type of its result, the receiver with its
/// conversion, the arguments, and the result.
macro_rules! method {
    ($name:literal, $params:expr, $result:expr, $on:ident: $of:path, $args:pat => $value:expr) => {
        Method::new($name, &$params, $result, |value, $args| {
            let $on = $of(value);
            Ok($value)
        })
    };
}

/// A method of a time without arguments whose result is an integer.
macro_rules! shows {
    ($name:literal, $ty:expr, $time:ident => $value:expr) => {
        method!($name, [], Type::Int($ty), $time: Value::time, _ => Value::Int($value, $ty))
    };
}

fn duration(value: &Value<'_>) -> Duration {
    Duration(value.int())
}

pub(crate) static METHODS: &[Method] = &[
    method!("Format", [STR], STR, t: Value::time, a => formatted(t, a[0].bytes()).into()),
    method!("String", [], STR, t: Value::time, _ => t.to_string().into()),
    method!("GoString", [], STR, t: Value::time, _ => t.go_source().into()),
    shows!("Unix", &INT64, t => t.seconds),
    shows!("UnixMilli", &INT64, t => t.since_1970(1_000)),
    shows!("UnixMicro", &INT64, t => t.since_1970(1_000_000)),
    shows!("UnixNano", &INT64, t => t.since_1970(1_000_000_000)),
    shows!("Year", &INT, t => t.civil().year),
    shows!("Month", &MONTH, t => t.civil().month),
    shows!("Day", &INT, t => t.civil().day),
    shows!("YearDay", &INT, t => t.civil().year_day),
    shows!("Weekday", &WEEKDAY, t => t.civil().weekday),
    shows!("Hour", &INT, t => t.civil().hour),
    shows!("Minute", &INT, t => t.civil().minute),
    shows!("Second", &INT, t => t.civil().second),
    shows!("Nanosecond", &INT, t => t.nanos.into()),
    method!("UTC", [], Type::Time, t: Value::time, _ => Value::Time(t.utc())),
    method!("Local", [], Type::Time, t: Value::time, _ => Value::Time(t.local())),
    method!("IsZero", [], Type::Bool, t: Value::time, _ => t.is_zero().into()),
    method!("IsDST", [], Type::Bool, t: Value::time, _ => {
        t.zone_name().is_some_and(|(_, is_dst)| is_dst).into()
    }),
    method!("Add", [LENGTH], Type::Time, t: Value::time, a => Value::Time(t.plus(duration(&a[0])))),
    method!("AddDate", [INTEGER, INTEGER, INTEGER], Type::Time, t: Value::time, a => {
        Value::Time(add_date(t, a[0].int(), a[1].int(), a[2].int()))
    }),
    method!("Sub", [Type::Time], LENGTH, t: Value::time, a => {
        Value::Int(t.since(a[0].time()).0, &DURATION)
    }),
    method!("Before", [Type::Time], Type::Bool, t: Value::time, a => {
        (t.instant() < a[0].time().instant()).into()
    }),
    method!("After", [Type::Time], Type::Bool, t: Value::time, a => {
        (t.instant() > a[0].time().instant()).into()
    }),
    method!("Equal", [Type::Time], Type::Bool, t: Value::time, a => {
        (t.instant() == a[0].time().instant()).into()
    }),
    method!("Compare", [Type::Time], INTEGER, t: Value::time, a => {
        Value::Int(t.instant().cmp(&a[0].time().instant()) as i64, &INT)
    }),
    method!("Truncate", [LENGTH], Type::Time, t: Value::time, a => {
        Value::Time(t.truncate(duration(&a[0])))
    }),
    method!("Round", [LENGTH], Type::Time, t: Value::time, a => {
        Value::Time(t.round(duration(&a[0])))
    }),
];

static DURATION_METHODS: [Method; 9] = [
    method!("Hours", [], Type::Float, d: duration, _ => Value::Float(d.in_units(HOUR))),
    method!("Minutes", [], Type::Float, d: duration, _ => Value::Float(d.in_units(MINUTE))),
    method!("Seconds", [], Type::Float, d: duration, _ => Value::Float(d.seconds())),
    method!("Milliseconds", [], LONG, d: duration, _ => Value::Int(d.0 / 1_000_000, &INT64)),
    method!("Microseconds", [], LONG, d: duration, _ => Value::Int(d.0 / 1_000, &INT64)),
    method!("Nanoseconds", [], LONG, d: duration, _ => Value::Int(d.0, &INT64)),
    method!("Abs", [], Type::Int(&DURATION), d: duration, _ => {
        Value::Int(d.0.saturating_abs(), &DURATION)
    }),
    method!("Round", [Type::Int(&DURATION)], Type::Int(&DURATION), d: duration, a => {
        Value::Int(d.round(duration(&a[0])).0, &DURATION)
    }),
    method!("Truncate", [Type::Int(&DURATION)], Type::Int(&DURATION), d: duration, a => {
        Value::Int(d.truncate(duration(&a[0])).0, &DURATION)
    }),
];

/// The time in a layout. Bytes of the layout that are not UTF-8 stay as they are.
fn formatted(time: Time, layout: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for chunk in layout.utf8_chunks() {
        out.extend_from_slice(time.format(chunk.valid()).as_bytes());
        out.extend_from_slice(chunk.invalid());
    }
    out
}

fn add_date(time: Time, years: i64, months: i64, days: i64) -> Time {
    // Larger numbers have no meaning in a calendar, and with this bound the sums below cannot
    // overflow.
    let within = |n: i64| n.clamp(-1_000_000_000_000, 1_000_000_000_000);
    let civil = time.civil();
    let Civil {
        year, month, day, ..
    } = civil;
    let days = days_to(
        year + within(years),
        month + within(months),
        day + within(days),
    );
    time.of_civil(days, civil.second_of_day())
}
