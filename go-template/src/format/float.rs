//! Floating-point and complex numbers.

use super::ValuePrinter;
use crate::syntax::round_bits;

impl ValuePrinter<'_> {
    /// Appends a floating-point number. `false` if the verb does not print one.
    pub(super) fn float(&mut self, number: f64, verb: char) -> bool {
        let (form, precision) = match verb {
            'v' => ('g', None),
            'b' | 'g' | 'G' | 'x' | 'X' => (verb, None),
            'f' | 'F' => ('f', Some(6)),
            'e' | 'E' => (verb, Some(6)),
            _ => return false,
        };
        let precision = self.spec.precision.or(precision);
        let mut text = format_float(number, form, precision);
        if !text.starts_with(['-', '+']) {
            text.insert(0, '+');
        }
        if self.spec.space && !self.spec.plus && text.starts_with('+') {
            text.replace_range(..1, " ");
        }
        let unsigned = text.strip_prefix('+').filter(|_| !self.spec.plus);
        if !number.is_finite() {
            self.pad_with_spaces(unsigned.unwrap_or(&text).as_bytes());
            return true;
        }
        if self.spec.sharp && verb != 'b' {
            let digits = match form {
                'g' | 'G' | 'x' => precision.unwrap_or(6),
                _ => 0,
            };
            text = with_point(&text, digits, matches!(form, 'x' | 'X'));
        }
        if !self.spec.plus && text.starts_with('+') {
            self.pad(&text.as_bytes()[1..]);
        } else if self.spec.zero && !self.spec.minus {
            // The sign goes before the zeros.
            self.out.push(text.as_bytes()[0]);
            let missing = self.spec.width.unwrap_or(0).saturating_sub(text.len());
            self.push_padding(missing);
            self.push(&text[1..]);
        } else {
            self.pad(text.as_bytes());
        }
        true
    }

    /// Appends a complex number. `false` if the verb does not print one.
    pub(super) fn complex(&mut self, re: f64, im: f64, verb: char) -> bool {
        if !"vbgGxXfFeE".contains(verb) {
            return false;
        }
        self.push("(");
        self.float(re, verb);
        let plus = std::mem::replace(&mut self.spec.plus, true);
        self.float(im, verb);
        self.push("i)");
        self.spec.plus = plus;
        true
    }
}

/// Adds a decimal point, and zeros up to a number of significant digits.
fn with_point(text: &str, digits: usize, hex: bool) -> String {
    let exponent: &[char] = if hex { &['p', 'P'] } else { &['e', 'E'] };
    let (number, tail) = text.split_at(text.find(exponent).unwrap_or(text.len()));
    let body = number.trim_start_matches(['+', '-', ' ']);
    let has_point = body.contains('.');
    let significant = body.trim_start_matches(['0', '.']);
    let mut shown = significant.chars().filter(|c| *c != '.').count();
    if !has_point && body == "0" {
        shown += 1;
    }
    let point = if has_point { "" } else { "." };
    format!(
        "{number}{point}{}{tail}",
        "0".repeat(digits.saturating_sub(shown))
    )
}

/// A number in one of Go's forms. Without a precision, it has the fewest digits that parse as
/// the same number.
pub(crate) fn format_float(number: f64, form: char, precision: Option<usize>) -> String {
    let sign = match number {
        f64::INFINITY => return "+Inf".to_owned(),
        f64::NEG_INFINITY => return "-Inf".to_owned(),
        _ if number.is_nan() => return "NaN".to_owned(),
        _ if number.is_sign_negative() => "-",
        _ => "",
    };
    let size = number.abs();
    let body = match (form, precision) {
        ('f', None) => {
            let (digits, exponent) = digits_of(size, None);
            plain(&digits, exponent)
        }
        ('f', Some(precision)) => fixed(size, precision),
        ('e' | 'E', _) => {
            let (digits, exponent) = digits_of(size, precision);
            scientific(&digits, exponent, form)
        }
        ('g' | 'G', _) => general(size, form, precision),
        ('b', _) => binary(size),
        _ => hexadecimal(size, form, precision),
    };
    format!("{sign}{body}")
}

/// More digits than any number has, in total or after the point.
const MOST_DIGITS: usize = 1100;

fn fixed(size: f64, precision: usize) -> String {
    let digits = precision.min(MOST_DIGITS);
    format!("{size:.digits$}") + &"0".repeat(precision - digits)
}

/// The decimal digits, `precision` of them after the first, and the exponent of the first.
fn digits_of(size: f64, precision: Option<usize>) -> (String, i32) {
    let text = match precision.map(|p| p.min(MOST_DIGITS)) {
        Some(digits) => format!("{size:.digits$e}"),
        None => shortest(size),
    };
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let mut digits = mantissa.replace('.', "");
    if let Some(precision) = precision {
        digits += &"0".repeat((precision + 1).saturating_sub(digits.len()));
    }
    (digits, exponent.parse().unwrap_or(0))
}

/// The number with the fewest digits that parse as the same number; of two as near, the even
/// one.
fn shortest(size: f64) -> String {
    let short = format!("{size:e}");
    let digits = short.bytes().take_while(|b| *b != b'e');
    let behind = digits.filter(u8::is_ascii_digit).count().saturating_sub(1);
    let nearest = format!("{size:.behind$e}");
    if nearest.parse() == Ok(size) {
        nearest
    } else {
        short
    }
}

fn scientific(digits: &str, exponent: i32, form: char) -> String {
    let e = if form.is_ascii_uppercase() { 'E' } else { 'e' };
    let (first, rest) = digits.split_at(1);
    let point = if rest.is_empty() { "" } else { "." };
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{first}{point}{rest}{e}{sign}{:02}", exponent.abs())
}

fn general(size: f64, form: char, precision: Option<usize>) -> String {
    let significant = precision.map(|p| p.max(1));
    let wanted = significant.map(|s| (s - 1).min(MOST_DIGITS));
    let (digits, exponent) = digits_of(size, wanted);
    let digits = match digits.trim_end_matches('0') {
        "" => "0",
        trimmed => trimmed,
    };
    // The exponent from which on the scientific form is used.
    let shown = digits.len() as i32;
    let limit = match significant {
        None => 6,
        Some(wanted) if wanted as i32 > shown && shown > exponent => shown,
        Some(wanted) => wanted as i32,
    };
    if exponent < -4 || exponent >= limit {
        return scientific(digits, exponent, form);
    }
    plain(digits, exponent)
}

/// Digits as a number without an exponent.
fn plain(digits: &str, exponent: i32) -> String {
    if exponent < 0 {
        return format!("0.{}{digits}", "0".repeat(-exponent as usize - 1));
    }
    let whole = exponent as usize + 1;
    if digits.len() <= whole {
        return format!("{digits}{}", "0".repeat(whole - digits.len()));
    }
    format!("{}.{}", &digits[..whole], &digits[whole..])
}

/// The mantissa as an integer, and the binary exponent.
fn split(size: f64) -> (u64, i32) {
    let bits = size.to_bits();
    let mantissa = bits & ((1 << 52) - 1);
    match (bits >> 52) as i32 {
        0 => (mantissa, -1074),
        exponent => (mantissa | 1 << 52, exponent - 1075),
    }
}

fn binary(size: f64) -> String {
    let (mantissa, exponent) = split(size);
    format!("{mantissa}p{exponent:+}")
}

fn hexadecimal(size: f64, form: char, precision: Option<usize>) -> String {
    let (mantissa, mut exponent) = split(size);
    // The leading one is moved to bit 60, so that whole hexadecimal digits follow it.
    let shift = mantissa.leading_zeros() as i32 - 3;
    let mut bits = 0;
    if mantissa == 0 {
        exponent = 0;
    } else {
        bits = mantissa << shift;
        exponent += 60 - shift;
    }
    if let Some(precision) = precision.filter(|p| *p < 15) {
        let drop = 60 - 4 * precision as u64;
        bits = (round_bits(bits.into(), drop) as u64) << drop;
        if bits >> 61 != 0 {
            bits >>= 1;
            exponent += 1;
        }
    }
    let fraction = format!("{:015x}", bits & ((1 << 60) - 1));
    let fraction = match precision {
        None => fraction.trim_end_matches('0').to_owned(),
        Some(precision) => format!("{fraction:0<precision$.precision$}"),
    };
    let point = if fraction.is_empty() { "" } else { "." };
    let sign = if exponent < 0 { '-' } else { '+' };
    let (whole, exponent) = (bits >> 60, exponent.abs());
    let text = format!("0x{whole}{point}{fraction}p{sign}{exponent:02}");
    match form {
        'X' => text.to_uppercase(),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        let check = |number, form, precision, expect: &str| {
            assert_eq!(format_float(number, form, precision), expect);
        };
        check(1e6, 'g', Some(6), "1e+06");
        check(0.5, 'x', None, "0x1p-01");
        check(1.0, 'b', None, "4503599627370496p-52");
        check(123_456.789, 'g', Some(3), "1.23e+05");
        check(-0.0, 'g', None, "-0");
        check(2.5, 'f', Some(0), "2");
        check(0.0, 'x', Some(3), "0x0.000p+00");
        check(1.999_999, 'x', Some(0), "0x1p+01");
        check(5e-324, 'e', None, "5e-324");
    }
}
