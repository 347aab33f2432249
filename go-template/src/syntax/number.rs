//! Numbers in the notation of Go.

use super::ast::{NaturalType, Number};

/// Parses an integer, a floating-point number, or an imaginary number such as `2i`.
pub(super) fn number(text: &str) -> Result<Number, String> {
    if let Some(imaginary) = text.strip_suffix('i')
        && let Some(f) = float(imaginary)
    {
        return Ok(complex_number(0.0, f));
    }
    let mut n = Number {
        int: int(text),
        uint: uint(text),
        ..Number::default()
    };
    if n.int == Some(0) {
        n.uint = Some(0); // `-0`
    }
    n.float = match (n.int, n.uint) {
        (Some(i), _) => Some(i as f64),
        (None, Some(u)) => Some(u as f64),
        (None, None) => {
            let f = float(text).ok_or_else(|| format!("`{text}` is not a number"))?;
            if !text.contains(['.', 'e', 'E', 'p', 'P']) {
                return Err(format!("the integer `{text}` is too large"));
            }
            fill_integers(&mut n, f);
            Some(f)
        }
    };
    n.natural = if looks_like_float(text) {
        NaturalType::Float
    } else if n.int.is_some() {
        NaturalType::Int
    } else {
        NaturalType::TooLarge
    };
    Ok(n)
}

/// Parses a complex number such as `1+2i`.
pub(super) fn complex(text: &str) -> Result<Number, String> {
    let no_number = || format!("`{text}` is not a number");
    let body = text.strip_suffix('i').ok_or_else(no_number)?;
    let signs = body
        .char_indices()
        .skip(1)
        .filter(|(_, c)| matches!(c, '+' | '-'));
    for (at, _) in signs {
        if let (Some(re), Some(im)) = (float(&body[..at]), float(&body[at..])) {
            return Ok(complex_number(re, im));
        }
    }
    Err(no_number())
}

/// The number of a character.
pub(super) fn character(code: i64) -> Number {
    Number {
        int: Some(code),
        uint: Some(code as u64),
        float: Some(code as f64),
        ..Number::default()
    }
}

fn complex_number(re: f64, im: f64) -> Number {
    let mut n = Number {
        complex: Some((re, im)),
        natural: NaturalType::Complex,
        ..Number::default()
    };
    if im == 0.0 {
        n.float = Some(re);
        fill_integers(&mut n, re);
    }
    n
}

/// Adds the integers that equal a floating-point number.
fn fill_integers(n: &mut Number, f: f64) {
    const TWO_63: f64 = 9_223_372_036_854_775_808.0;
    if f.trunc() != f {
        return;
    }
    if n.int.is_none() && (-TWO_63..TWO_63).contains(&f) {
        n.int = Some(f as i64);
    }
    if n.uint.is_none() && (0.0..2.0 * TWO_63).contains(&f) {
        n.uint = Some(f as u64);
    }
}

fn looks_like_float(text: &str) -> bool {
    let digits = text.trim_start_matches(['+', '-']);
    let hex = digits.starts_with("0x") || digits.starts_with("0X");
    match hex {
        true if text.len() == digits.len() => text.contains(['p', 'P']),
        _ => text.contains(['.', 'e', 'E', 'p', 'P']),
    }
}

/// Splits off the sign: whether it is negative, and the rest.
fn signed(text: &str) -> (bool, &str) {
    match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    }
}

fn int(text: &str) -> Option<i64> {
    let (negative, digits) = signed(text);
    let magnitude = i128::from(uint(digits)?);
    i64::try_from(if negative { -magnitude } else { magnitude }).ok()
}

fn uint(text: &str) -> Option<u64> {
    let bytes = text.as_bytes();
    let (radix, digits) = match (bytes.first()?, bytes.get(1)) {
        (b'0', Some(b'x' | b'X')) => (16, &text[2..]),
        (b'0', Some(b'o' | b'O')) => (8, &text[2..]),
        (b'0', Some(b'b' | b'B')) => (2, &text[2..]),
        (b'0', Some(_)) => (8, &text[1..]),
        _ => (10, text),
    };
    if digits.starts_with(['+', '-']) || (digits.contains('_') && !underscores_fit(text)) {
        return None;
    }
    u64::from_str_radix(&digits.replace('_', ""), radix).ok()
}

/// `true` if all underscores are between digits, or between a prefix such as `0x` and digits.
fn underscores_fit(text: &str) -> bool {
    let (_, text) = signed(text);
    let bytes = text.as_bytes();
    let prefixed = bytes.len() >= 2 && bytes[0] == b'0' && bytes[1].is_ascii_alphabetic() && {
        matches!(bytes[1].to_ascii_lowercase(), b'x' | b'o' | b'b')
    };
    let hex = prefixed && bytes[1].eq_ignore_ascii_case(&b'x');
    let is_digit = |b: u8| b.is_ascii_digit() || (hex && b.is_ascii_hexdigit());
    bytes.iter().enumerate().all(|(i, b)| {
        let before = i > 0 && (is_digit(bytes[i - 1]) || (prefixed && i == 2));
        let after = bytes.get(i + 1).is_some_and(|b| is_digit(*b));
        *b != b'_' || (before && after)
    })
}

fn float(text: &str) -> Option<f64> {
    if text.contains('_') && !underscores_fit(text) {
        return None;
    }
    let plain = text.replace('_', "");
    let (negative, digits) = signed(&plain);
    let value = match digits.strip_prefix("0x").or(digits.strip_prefix("0X")) {
        Some(hex) => hex_float(hex)?,
        // Rust also parses `inf` and `nan`.
        None if !digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') => return None,
        None => digits.parse().ok()?,
    };
    value
        .is_finite()
        .then_some(if negative { -value } else { value })
}

/// Parses the part after `0x`, which needs an exponent. Rounds to the nearest number, of two
/// to the even one.
fn hex_float(text: &str) -> Option<f64> {
    let (mantissa, exponent) = text.split_once(['p', 'P'])?;
    let exponent: i64 = match exponent.strip_prefix('+') {
        Some(digits) if digits.starts_with(|c: char| c.is_ascii_digit()) => digits,
        Some(_) => return None,
        None => exponent,
    }
    .parse::<i128>()
    .ok()?
    .clamp(-1_000_000, 1_000_000) as i64;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let (mut bits, mut scale) = (0u128, 0i64);
    for (at, digit) in whole.chars().chain(fraction.chars()).enumerate() {
        let digit = u128::from(digit.to_digit(16)?);
        if bits >> 120 == 0 {
            bits = bits << 4 | digit;
            scale -= if at >= whole.len() { 4 } else { 0 };
        } else {
            bits |= u128::from(digit != 0); // only matters for rounding
            scale += if at >= whole.len() { 0 } else { 4 };
        }
    }
    Some(scaled(bits, scale.saturating_add(exponent)))
}

/// Returns `bits * 2^exponent`, rounded once.
fn scaled(bits: u128, exponent: i64) -> f64 {
    if bits == 0 {
        return 0.0;
    }
    let top = 128 - i64::from(bits.leading_zeros());
    // The exponent of the last bit of a float of this size.
    let last = (top + exponent - 53).max(-1074);
    let kept = match last - exponent {
        drop @ 1.. => round_bits(bits, drop as u64),
        shift => bits << -shift,
    };
    match u64::try_from(last + 1074) {
        Ok(biased @ ..2046) => f64::from_bits((biased << 52) + kept as u64),
        _ => f64::INFINITY,
    }
}

/// Removes the last bits. Rounds to the nearest number, of two to the even one.
pub(crate) fn round_bits(bits: u128, drop: u64) -> u128 {
    if drop > 127 {
        return 0;
    }
    let kept = bits >> drop;
    let (rest, half) = (bits & ((1 << drop) - 1), 1u128 << (drop - 1));
    kept + u128::from(rest > half || (rest == half && kept & 1 == 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn natural_kinds() {
        let check =
            |text: &str, expect| assert_eq!(number(text).unwrap().natural, expect, "{text}");
        check("0x1e", NaturalType::Int);
        check("0x1p4", NaturalType::Float);
        check("1e3", NaturalType::Float);
        check("18446744073709551615", NaturalType::TooLarge);
        check("-9223372036854775808", NaturalType::Int);
        check("2i", NaturalType::Complex);
    }

    #[test]
    fn values() {
        let check = |text: &str, expect| assert_eq!(number(text).unwrap().float, expect, "{text}");
        check("0x1.8p1", Some(3.0));
        check("0x_1Fp-2", Some(7.75));
        check("1_000.5", Some(1000.5));
        check("017", Some(15.0));
        check("0x1p-1074", Some(5e-324));
        check("0x1.fffffffffffffp1023", Some(f64::MAX));
        assert_eq!(number("1e2").unwrap().int, Some(100));
    }

    #[test]
    fn none() {
        for text in [
            "1__0",
            "08",
            "0x",
            "1e",
            "-",
            "1e1000",
            "1000000000000000000001",
            "0x1.8",
        ] {
            assert!(number(text).is_err(), "{text}");
        }
        assert!(complex("1+2").is_err());
        assert_eq!(complex("1e+1-2i").unwrap().complex, Some((10.0, -2.0)));
    }
}
