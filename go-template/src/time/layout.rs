//! Times as text, in a layout that is written as Go's reference time:
//! Monday the second of January 2006, 15:04:05, seven hours west of UTC.

use super::Time;
use super::calendar::{Civil, month_name, weekday_name};

/// A part of a layout that stands for a part of the time.
#[derive(Clone, Copy)]
enum Element {
    Year(Style),
    Month(Style),
    Weekday(Style),
    Day(Style),
    YearDay(Style),
    Hour24,
    Hour12(Style),
    Minute(Style),
    Second(Style),
    /// The fraction of the second: its separator, its number of digits, and `true` to remove
    /// zeros at the end.
    Fraction(char, usize, bool),
    /// `PM` if `true`, or `pm` if `false`.
    Noon(bool),
    /// The offset from UTC: `true` to show UTC as `Z`, `true` for colons, and the number of
    /// numbers.
    Offset(bool, bool, usize),
    ZoneName,
}

/// The style of an element.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    Long,
    Short,
    Plain,
    Zeros,
    Spaces,
}

use Element::*;
use Style::*;

/// The elements of a layout. If one is a prefix of another, the longer one comes first.
const WORDS: &[(&str, Element)] = &[
    ("2006", Year(Long)),
    ("January", Month(Long)),
    ("Jan", Month(Short)),
    ("Monday", Weekday(Long)),
    ("Mon", Weekday(Short)),
    ("MST", ZoneName),
    ("002", YearDay(Zeros)),
    ("01", Month(Zeros)),
    ("02", Day(Zeros)),
    ("03", Hour12(Zeros)),
    ("04", Minute(Zeros)),
    ("05", Second(Zeros)),
    ("06", Year(Short)),
    ("15", Hour24),
    ("1", Month(Plain)),
    ("__2", YearDay(Spaces)),
    ("_2", Day(Spaces)),
    ("2", Day(Plain)),
    ("3", Hour12(Plain)),
    ("4", Minute(Plain)),
    ("5", Second(Plain)),
    ("PM", Noon(true)),
    ("pm", Noon(false)),
    ("-07:00:00", Offset(false, true, 3)),
    ("-070000", Offset(false, false, 3)),
    ("-07:00", Offset(false, true, 2)),
    ("-0700", Offset(false, false, 2)),
    ("-07", Offset(false, false, 1)),
    ("Z07:00:00", Offset(true, true, 3)),
    ("Z070000", Offset(true, false, 3)),
    ("Z07:00", Offset(true, true, 2)),
    ("Z0700", Offset(true, false, 2)),
    ("Z07", Offset(true, false, 1)),
];

pub(super) fn format(time: Time, layout: &str) -> String {
    let civil = time.civil();
    let mut out = String::with_capacity(layout.len() + 8);
    let mut rest = layout;
    while let Some(c) = rest.chars().next() {
        if let Some((element, tail)) = next_element(rest) {
            out.push_str(&text(element, time, &civil));
            rest = tail;
        } else {
            out.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    out
}

/// The element at the start of a layout, and the layout after it.
fn next_element(layout: &str) -> Option<(Element, &str)> {
    if layout.starts_with(['.', ',']) {
        return fraction(layout);
    }
    if layout.starts_with("_2006") {
        return None; // the underscore is text, the year follows
    }
    let (word, element) = WORDS.iter().find(|(word, _)| layout.starts_with(word))?;
    let tail = &layout[word.len()..];
    let in_a_word =
        matches!(*word, "Jan" | "Mon") && tail.starts_with(|c: char| c.is_ascii_lowercase());
    (!in_a_word).then_some((*element, tail))
}

/// `.000` or `.999`, if no other digit follows.
fn fraction(layout: &str) -> Option<(Element, &str)> {
    let mut chars = layout.chars();
    let separator = chars.next()?;
    let digit = chars.next().filter(|c| matches!(c, '0' | '9'))?;
    let tail = layout[1..].trim_start_matches(digit);
    let element = Fraction(separator, layout.len() - 1 - tail.len(), digit == '9');
    (!tail.starts_with(|c: char| c.is_ascii_digit())).then_some((element, tail))
}

fn text(element: Element, time: Time, civil: &Civil) -> String {
    match element {
        Year(Short) => number(civil.year.abs() % 100, Zeros),
        Year(_) if civil.year < 0 => format!("-{:04}", -civil.year),
        Year(_) => format!("{:04}", civil.year),
        Month(Long) => month_name(civil.month).into_owned(),
        Month(Short) => month_name(civil.month)[..3].to_owned(),
        Month(style) => number(civil.month, style),
        Weekday(Short) => weekday_name(civil.weekday)[..3].to_owned(),
        Weekday(_) => weekday_name(civil.weekday).into_owned(),
        Day(style) => number(civil.day, style),
        YearDay(Zeros) => format!("{:03}", civil.year_day),
        YearDay(_) => format!("{:3}", civil.year_day),
        Hour24 => number(civil.hour, Zeros),
        Hour12(style) => number((civil.hour + 11) % 12 + 1, style),
        Minute(style) => number(civil.minute, style),
        Second(style) => number(civil.second, style),
        Fraction(separator, digits, trim) => {
            let nanos = format!("{:09}", time.nanos);
            match &nanos[..digits.min(9)] {
                digits if trim && digits.bytes().all(|b| b == b'0') => String::new(),
                digits if trim => format!("{separator}{}", digits.trim_end_matches('0')),
                digits => format!("{separator}{digits}"),
            }
        }
        Noon(upper) => {
            let noon = if civil.hour >= 12 { "PM" } else { "AM" };
            match upper {
                true => noon.to_owned(),
                false => noon.to_lowercase(),
            }
        }
        Offset(true, ..) if time.offset.unwrap_or(0) == 0 => "Z".to_owned(),
        Offset(_, colon, numbers) => offset_text(time.offset.unwrap_or(0), colon, numbers),
        ZoneName => match (time.zone_name(), time.offset) {
            (Some((name, _)), _) => name,
            (None, None) => "UTC".to_owned(),
            (None, Some(offset)) => offset_text(offset, false, 2),
        },
    }
}

fn number(number: i64, style: Style) -> String {
    match style {
        Zeros => format!("{number:02}"),
        Spaces => format!("{number:2}"),
        _ => number.to_string(),
    }
}

fn offset_text(offset: i32, colon: bool, numbers: usize) -> String {
    // The sign is determined by the whole minutes.
    let sign = if offset / 60 < 0 { '-' } else { '+' };
    let offset = offset.abs();
    let all = [offset / 3600, offset / 60 % 60, offset % 60];
    let texts: Vec<String> = all[..numbers].iter().map(|n| format!("{n:02}")).collect();
    format!("{sign}{}", texts.join(if colon { ":" } else { "" }))
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
