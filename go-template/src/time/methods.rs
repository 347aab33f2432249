//! The methods that templates can call on times and durations.

use super::calendar::{Civil, days_to, month_name, weekday_name};
use super::{Duration, Time};
use crate::model::{INT, INT64, IntType, Method, Type};
use crate::value::Value;

/// `time.Duration`
pub static DURATION: IntType = IntType {
    name: "time.Duration",
    title: "a duration",
    signed: true,
    bits: 64,
    text: Some(|nanos| Duration(nanos).text().into()),
    methods: &DURATION_METHODS,
};

/// `time.Month`
static MONTH: IntType = IntType {
    name: "time.Month",
    title: "a month",
    signed: true,
    bits: 64,
    text: Some(|month| month_name(month).into()),
    methods: &[],
};

/// `time.Weekday`
static WEEKDAY: IntType = IntType {
    name: "time.Weekday",
    title: "a weekday",
    signed: true,
    bits: 64,
    text: Some(|day| weekday_name(day).into()),
    methods: &[],
};

const STR: Type = Type::Str;
const INTEGER: Type = Type::Int(&INT);
const LONG: Type = Type::Int(&INT64);

fn time(value: &Value<'_>) -> Time {
    if let Value::Time(time) = value {
        *time
    } else {
        Time::default()
    }
}

fn time_at(args: &[Value<'_>], index: usize) -> Time {
    args.get(index).map(time).unwrap_or_default()
}

fn int(value: &Value<'_>) -> i64 {
    if let Value::Int(i, _) = value { *i } else { 0 }
}

fn int_at(args: &[Value<'_>], index: usize) -> i64 {
    args.get(index).map_or(0, int)
}

/// The time in a layout of any bytes, of which those that are no text stay as they are.
fn formatted(time: Time, args: &[Value<'_>]) -> Vec<u8> {
    let mut out = Vec::new();
    if let Some(Value::Str(layout)) = args.first() {
        for chunk in layout.bytes().utf8_chunks() {
            out.extend_from_slice(time.format(chunk.valid()).as_bytes());
            out.extend_from_slice(chunk.invalid());
        }
    }
    out
}

/// A method without arguments that shows something of the calendar or the clock.
macro_rules! shows {
    ($name:literal, $ty:expr, $civil:ident => $shown:expr) => {
        Method::new($name, &[], Type::Int($ty), |t, _| {
            let $civil = time(t).civil();
            Ok(Value::Int($shown, $ty))
        })
    };
}

/// A method without arguments that counts from 1970.
macro_rules! counts {
    ($name:literal, $time:ident => $count:expr) => {
        Method::new($name, &[], LONG, |t, _| {
            let $time = time(t);
            Ok(Value::Int($count, &INT64))
        })
    };
}

/// The methods of `time.Time`.
pub(crate) static METHODS: &[Method] = &[
    Method::new("Format", &[STR], STR, |t, a| {
        Ok(formatted(time(t), a).into())
    }),
    Method::new("String", &[], STR, |t, _| Ok(time(t).to_string().into())),
    Method::new("GoString", &[], STR, |t, _| Ok(time(t).go_source().into())),
    counts!("Unix", t => t.seconds),
    counts!("UnixMilli", t => t.seconds.wrapping_mul(1_000) + i64::from(t.nanos / 1_000_000)),
    counts!("UnixMicro", t => t.seconds.wrapping_mul(1_000_000) + i64::from(t.nanos / 1_000)),
    counts!("UnixNano", t => t.seconds.wrapping_mul(1_000_000_000).wrapping_add(t.nanos.into())),
    shows!("Year", &INT, c => c.year),
    shows!("Month", &MONTH, c => c.month),
    shows!("Day", &INT, c => c.day),
    shows!("YearDay", &INT, c => c.year_day),
    shows!("Weekday", &WEEKDAY, c => c.weekday),
    shows!("Hour", &INT, c => c.hour),
    shows!("Minute", &INT, c => c.minute),
    shows!("Second", &INT, c => c.second),
    Method::new("Nanosecond", &[], INTEGER, |t, _| {
        Ok(Value::Int(time(t).nanos.into(), &INT))
    }),
    Method::new("UTC", &[], Type::Time, |t, _| {
        Ok(Value::Time(time(t).utc()))
    }),
    Method::new("Local", &[], Type::Time, |t, _| {
        Ok(Value::Time(time(t).local()))
    }),
    Method::new("IsZero", &[], Type::Bool, |t, _| {
        Ok(time(t).is_zero().into())
    }),
    Method::new("IsDST", &[], Type::Bool, |_, _| Ok(false.into())),
    Method::new("Add", &[Type::Int(&DURATION)], Type::Time, |t, a| {
        Ok(Value::Time(time(t).plus(Duration(int_at(a, 0)))))
    }),
    Method::new(
        "AddDate",
        &[INTEGER, INTEGER, INTEGER],
        Type::Time,
        |t, a| {
            Ok(Value::Time(add_date(
                time(t),
                int_at(a, 0),
                int_at(a, 1),
                int_at(a, 2),
            )))
        },
    ),
    Method::new("Sub", &[Type::Time], Type::Int(&DURATION), |t, a| {
        Ok(Value::Int(time(t).since(time_at(a, 0)).0, &DURATION))
    }),
    Method::new("Before", &[Type::Time], Type::Bool, |t, a| {
        Ok(instant(time(t)).lt(&instant(time_at(a, 0))).into())
    }),
    Method::new("After", &[Type::Time], Type::Bool, |t, a| {
        Ok(instant(time(t)).gt(&instant(time_at(a, 0))).into())
    }),
    Method::new("Equal", &[Type::Time], Type::Bool, |t, a| {
        Ok(instant(time(t)).eq(&instant(time_at(a, 0))).into())
    }),
    Method::new("Compare", &[Type::Time], INTEGER, |t, a| {
        Ok(Value::Int(
            instant(time(t)).cmp(&instant(time_at(a, 0))) as i64,
            &INT,
        ))
    }),
    Method::new("Truncate", &[Type::Int(&DURATION)], Type::Time, |t, a| {
        Ok(Value::Time(time(t).truncate(Duration(int_at(a, 0)))))
    }),
    Method::new("Round", &[Type::Int(&DURATION)], Type::Time, |t, a| {
        Ok(Value::Time(time(t).round(Duration(int_at(a, 0)))))
    }),
];

static DURATION_METHODS: [Method; 9] = [
    Method::new("Hours", &[], Type::Float, |d, _| {
        Ok(Value::Float(Duration(int(d)).hours()))
    }),
    Method::new("Minutes", &[], Type::Float, |d, _| {
        Ok(Value::Float(Duration(int(d)).minutes()))
    }),
    Method::new("Seconds", &[], Type::Float, |d, _| {
        Ok(Value::Float(Duration(int(d)).seconds()))
    }),
    Method::new("Milliseconds", &[], LONG, |d, _| {
        Ok(Value::Int(int(d) / 1_000_000, &INT64))
    }),
    Method::new("Microseconds", &[], LONG, |d, _| {
        Ok(Value::Int(int(d) / 1_000, &INT64))
    }),
    Method::new("Nanoseconds", &[], LONG, |d, _| {
        Ok(Value::Int(int(d), &INT64))
    }),
    Method::new("Abs", &[], Type::Int(&DURATION), |d, _| {
        Ok(Value::Int(int(d).saturating_abs(), &DURATION))
    }),
    Method::new(
        "Round",
        &[Type::Int(&DURATION)],
        Type::Int(&DURATION),
        |d, a| {
            Ok(Value::Int(
                Duration(int(d)).round(Duration(int_at(a, 0))).0,
                &DURATION,
            ))
        },
    ),
    Method::new(
        "Truncate",
        &[Type::Int(&DURATION)],
        Type::Int(&DURATION),
        |d, a| {
            Ok(Value::Int(
                Duration(int(d)).truncate(Duration(int_at(a, 0))).0,
                &DURATION,
            ))
        },
    ),
];

/// What counts when points in time are compared.
fn instant(time: Time) -> (i64, u32) {
    (time.seconds, time.nanos)
}

fn add_date(time: Time, years: i64, months: i64, days: i64) -> Time {
    // Beyond this no calendar is of use, and nothing below can overflow.
    let within = |n: i64| n.clamp(-1_000_000_000_000, 1_000_000_000_000);
    let Civil {
        year, month, day, ..
    } = time.civil();
    let days = days_to(
        year + within(years),
        month + within(months),
        day + within(days),
    );
    time.of_civil(days, time.civil().second_of_day())
}
