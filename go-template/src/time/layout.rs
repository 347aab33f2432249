//! Time as text, in a layout that is written as Go's reference time:
//! Monday the second of January 2006, 15:04:05, seven hours west of UTC.

use super::Time;
use super::calendar::{Civil, month_name, weekday_name};

/// A part of a layout that stands for something.
#[derive(Clone, Copy)]
enum Part {
    Year {
        short: bool,
    },
    Month(Form),
    Weekday {
        short: bool,
    },
    Day(Form),
    YearDay(Form),
    Hour24,
    Hour12(Form),
    Minute(Form),
    Second(Form),
    /// Digits of the second behind a separator; `trim` drops zeros at the end.
    Fraction {
        separator: char,
        digits: usize,
        trim: bool,
    },
    Noon {
        upper: bool,
    },
    Zone {
        z: bool,
        colon: bool,
        parts: u8,
    },
    ZoneName,
}

#[derive(Clone, Copy)]
enum Form {
    Long,
    Short,
    Plain,
    Zeros,
    Spaces,
}

/// The words of a layout. Where one is the beginning of another, the longer comes first.
const WORDS: &[(&str, Part)] = &[
    ("2006", Part::Year { short: false }),
    ("January", Part::Month(Form::Long)),
    ("Jan", Part::Month(Form::Short)),
    ("Monday", Part::Weekday { short: false }),
    ("Mon", Part::Weekday { short: true }),
    ("MST", Part::ZoneName),
    ("002", Part::YearDay(Form::Zeros)),
    ("01", Part::Month(Form::Zeros)),
    ("02", Part::Day(Form::Zeros)),
    ("03", Part::Hour12(Form::Zeros)),
    ("04", Part::Minute(Form::Zeros)),
    ("05", Part::Second(Form::Zeros)),
    ("06", Part::Year { short: true }),
    ("15", Part::Hour24),
    ("1", Part::Month(Form::Plain)),
    ("__2", Part::YearDay(Form::Spaces)),
    ("_2", Part::Day(Form::Spaces)),
    ("2", Part::Day(Form::Plain)),
    ("3", Part::Hour12(Form::Plain)),
    ("4", Part::Minute(Form::Plain)),
    ("5", Part::Second(Form::Plain)),
    ("PM", Part::Noon { upper: true }),
    ("pm", Part::Noon { upper: false }),
    (
        "-07:00:00",
        Part::Zone {
            z: false,
            colon: true,
            parts: 3,
        },
    ),
    (
        "-070000",
        Part::Zone {
            z: false,
            colon: false,
            parts: 3,
        },
    ),
    (
        "-07:00",
        Part::Zone {
            z: false,
            colon: true,
            parts: 2,
        },
    ),
    (
        "-0700",
        Part::Zone {
            z: false,
            colon: false,
            parts: 2,
        },
    ),
    (
        "-07",
        Part::Zone {
            z: false,
            colon: false,
            parts: 1,
        },
    ),
    (
        "Z07:00:00",
        Part::Zone {
            z: true,
            colon: true,
            parts: 3,
        },
    ),
    (
        "Z070000",
        Part::Zone {
            z: true,
            colon: false,
            parts: 3,
        },
    ),
    (
        "Z07:00",
        Part::Zone {
            z: true,
            colon: true,
            parts: 2,
        },
    ),
    (
        "Z0700",
        Part::Zone {
            z: true,
            colon: false,
            parts: 2,
        },
    ),
    (
        "Z07",
        Part::Zone {
            z: true,
            colon: false,
            parts: 1,
        },
    ),
];

pub(super) fn format(time: Time, layout: &str) -> String {
    let civil = time.civil();
    let mut out = String::with_capacity(layout.len() + 8);
    let mut rest = layout;
    while let Some(c) = rest.chars().next() {
        if let Some((part, tail)) = next_part(rest) {
            write(&mut out, part, time, &civil);
            rest = tail;
        } else {
            out.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    out
}

/// The part that a layout begins with, and the layout behind it.
fn next_part(layout: &str) -> Option<(Part, &str)> {
    if layout.starts_with(['.', ',']) {
        return fraction(layout);
    }
    if layout.starts_with("_2006") {
        return None; // the underscore is text, the year follows
    }
    let (word, part) = WORDS.iter().find(|(word, _)| layout.starts_with(word))?;
    let tail = &layout[word.len()..];
    let in_a_word =
        matches!(*word, "Jan" | "Mon") && tail.starts_with(|c: char| c.is_ascii_lowercase());
    (!in_a_word).then_some((*part, tail))
}

/// `.000` or `.999`, if no other digit follows.
fn fraction(layout: &str) -> Option<(Part, &str)> {
    let mut chars = layout.chars();
    let separator = chars.next()?;
    let digit = chars.next().filter(|c| matches!(c, '0' | '9'))?;
    let tail = layout[1..].trim_start_matches(digit);
    let digits = layout.len() - 1 - tail.len();
    let ends = !tail.starts_with(|c: char| c.is_ascii_digit());
    ends.then_some((
        Part::Fraction {
            separator,
            digits,
            trim: digit == '9',
        },
        tail,
    ))
}

fn write(out: &mut String, part: Part, time: Time, civil: &Civil) {
    match part {
        Part::Year { short: true } => number(out, civil.year.abs() % 100, Form::Zeros),
        Part::Year { short: false } if civil.year < 0 => {
            out.push_str(&format!("-{:04}", -civil.year));
        }
        Part::Year { short: false } => out.push_str(&format!("{:04}", civil.year)),
        Part::Month(Form::Long) => out.push_str(&month_name(civil.month)),
        Part::Month(Form::Short) => out.push_str(&month_name(civil.month)[..3]),
        Part::Month(form) => number(out, civil.month, form),
        Part::Weekday { short: false } => out.push_str(&weekday_name(civil.weekday)),
        Part::Weekday { short: true } => out.push_str(&weekday_name(civil.weekday)[..3]),
        Part::Day(form) => number(out, civil.day, form),
        Part::YearDay(Form::Zeros) => out.push_str(&format!("{:03}", civil.year_day)),
        Part::YearDay(_) => out.push_str(&format!("{:3}", civil.year_day)),
        Part::Hour24 => number(out, civil.hour, Form::Zeros),
        Part::Hour12(form) => number(out, (civil.hour + 11) % 12 + 1, form),
        Part::Minute(form) => number(out, civil.minute, form),
        Part::Second(form) => number(out, civil.second, form),
        Part::Fraction {
            separator,
            digits,
            trim,
        } => {
            let nanos = format!("{:09}", time.nanos);
            let nanos = &nanos[..digits.min(9)];
            let nanos = if trim {
                nanos.trim_end_matches('0')
            } else {
                nanos
            };
            if !nanos.is_empty() {
                out.push(separator);
                out.push_str(nanos);
            }
        }
        Part::Noon { upper } => out.push_str(match (civil.hour >= 12, upper) {
            (true, true) => "PM",
            (true, false) => "pm",
            (false, true) => "AM",
            (false, false) => "am",
        }),
        Part::Zone { z, colon, parts } => zone(out, time.offset.unwrap_or(0), z, colon, parts),
        Part::ZoneName => match time.offset {
            None => out.push_str("UTC"),
            Some(offset) => zone(out, offset, false, false, 2),
        },
    }
}

fn number(out: &mut String, number: i64, form: Form) {
    out.push_str(&match form {
        Form::Zeros => format!("{number:02}"),
        Form::Spaces => format!("{number:2}"),
        _ => number.to_string(),
    });
}

fn zone(out: &mut String, offset: i32, z: bool, colon: bool, parts: u8) {
    if z && offset == 0 {
        out.push('Z');
        return;
    }
    // The sign is that of the whole minutes.
    out.push(if offset / 60 < 0 { '-' } else { '+' });
    let offset = offset.abs();
    let numbers = [offset / 3600, offset / 60 % 60, offset % 60];
    for (i, n) in numbers.iter().take(parts as usize).enumerate() {
        if colon && i > 0 {
            out.push(':');
        }
        out.push_str(&format!("{n:02}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layouts() {
        let time = Time::new(1_741_529_106, 987_000_000, Some(-12_600));
        let check =
            |layout: &str, expect: &str| assert_eq!(time.format(layout), expect, "{layout}");
        check("2006-01-02T15:04:05Z07:00", "2025-03-09T10:35:06-03:30");
        check(
            "Mon Monday Jan January Janu Mond",
            "Sun Sunday Mar March Janu Mond",
        );
        check("3:04PM 03 pm", "10:35AM 10 am");
        check("_2 __2 002 _2006 06", " 9  68 068 _2025 25");
        check("05.000 05.999999 05,9 .0001", "06.987 06.987 06,9 .0003");
        check(
            "-07 -0700 -07:00:00 Z0700 MST",
            "-03 -0330 -03:30:00 -0330 -0330",
        );
    }
}
