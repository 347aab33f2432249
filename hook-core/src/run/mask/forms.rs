//! Forms: the spellings in which a secret can turn up in an output.

use std::collections::BTreeSet;
use std::iter;

use base64::Engine as _;
use base64::engine::general_purpose::{GeneralPurpose, STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use super::escapes::{ENCLOSING, NESTING, OTHERS};

/// Bytes of the shortest pattern. A shorter one would often occur in output by chance.
pub(super) const SHORTEST: usize = 4;
/// Bytes of the longest pattern; a longer form becomes several. So the bytes that are held back
/// are bounded.
pub const LONGEST: usize = 256;
/// Bytes of the longest secret that is masked in all its forms.
const LONG_SECRET: usize = 16 << 10;
/// Lengths of the lines into which `base64`, `openssl base64` and `xxd -p` break their output.
const LINES: [usize; 3] = [76, 64, 60];

/// Number of bytes in a line of `od` and `hexdump`.
const DUMPED: usize = 16;
/// Lengths of the lines into which programs break base64.
const BASE64_LINES: [usize; 2] = [76, 64];
/// Bytes of the longest secret whose base64 is masked as a whole with line breaks anywhere.
const BROKEN_AS_A_WHOLE: usize = 64;
/// Bytes of the longest secret whose base64 is masked in pieces, with line breaks anywhere.
const BROKEN_IN_PIECES: usize = 4 << 10;
/// Characters of base64 that do not occur in output by chance.
const PIECE: usize = 8;

/// Returns whether a secret is long enough to be masked.
#[must_use]
pub fn can_be_masked(secret: &str) -> bool {
    secret.trim().len() >= SHORTEST
}

/// Returns the byte strings to mask.
pub(super) fn patterns<'a>(secrets: impl IntoIterator<Item = &'a str>) -> BTreeSet<Vec<u8>> {
    let mut patterns = BTreeSet::new();
    for secret in secrets.into_iter().filter(|secret| can_be_masked(secret)) {
        let is_long = secret.len() > LONG_SECRET;
        let lines = secret.lines().map(str::trim);
        let lines = lines.filter(|line| line.len() >= SHORTEST);
        if is_long {
            // A list or a certificate store: the text of each line, and the file as a whole.
            for line in lines {
                add_texts(line, &mut patterns);
            }
            add_encoded(secret.as_bytes(), &mut patterns);
        } else {
            let values: BTreeSet<&str> = lines.chain([secret, secret.trim()]).collect();
            for value in values {
                add_texts(value, &mut patterns);
                add_encoded(value.as_bytes(), &mut patterns);
            }
            add_broken_base64(secret.as_bytes(), &mut patterns);
            add_broken_base64(secret.trim().as_bytes(), &mut patterns);
        }
    }
    patterns
}

/// Adds the text itself, and its spellings within quotes.
fn add_texts(text: &str, patterns: &mut BTreeSet<Vec<u8>>) {
    let mut forms = BTreeSet::from([text.to_owned()]);
    for escape in NESTING {
        let nested = escape(text);
        forms.extend(ENCLOSING.map(|escape| escape(&nested)));
        forms.insert(nested);
    }
    forms.extend(OTHERS.map(|escape| escape(text)));
    for form in forms {
        add(&form, patterns);
    }
}

/// Adds the bytes in hex, and in base64 with zero, one or two bytes before them in their group
/// of three.
fn add_encoded(bytes: &[u8], patterns: &mut BTreeSet<Vec<u8>>) {
    let digits: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let lines = digits.chunks(DUMPED).filter(|line| line.len() >= SHORTEST);
    let dumped = lines.map(|line| line.join(" "));
    for form in dumped.chain([digits.join(" "), digits.join(":")]) {
        add(&form, patterns);
        add(&form.to_ascii_uppercase(), patterns);
    }
    let hex = digits.concat();
    let mut forms = vec![hex.to_ascii_uppercase(), hex];
    for alphabet in [STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
        forms.extend(base64_alignments(bytes, &alphabet));
    }
    for form in forms {
        add(&form, patterns);
        for length in LINES.into_iter().filter(|length| form.len() > *length) {
            let lines = form.as_bytes().chunks(length);
            let lines = lines.filter(|line| line.len() >= SHORTEST);
            patterns.extend(lines.map(<[u8]>::to_vec));
        }
    }
}

/// Returns the bytes in base64 with zero, one or two bytes before them in their group of three:
/// the characters that these bytes determine alone, all six bits of them.
fn base64_alignments(bytes: &[u8], alphabet: &GeneralPurpose) -> [String; 3] {
    [0, 1, 2].map(|before| {
        let padded = [&[0; 2][..before], bytes].concat();
        let determined = (before * 8).div_ceil(6)..padded.len() * 8 / 6;
        alphabet.encode(&padded)[determined].to_owned()
    })
}

/// Adds the bytes in base64 of which a line ends within them, wherever that is.
fn add_broken_base64(bytes: &[u8], patterns: &mut BTreeSet<Vec<u8>>) {
    for form in base64_alignments(bytes, &STANDARD_NO_PAD) {
        let end = form.len();
        if bytes.len() <= BROKEN_AS_A_WHOLE {
            for length in BASE64_LINES {
                for first in 1..end.min(length + 1) {
                    let (line, rest) = form.as_bytes().split_at(first);
                    let lines = iter::once(line).chain(rest.chunks(length));
                    patterns.insert(lines.collect::<Vec<_>>().join(&b'\n'));
                }
            }
        } else if bytes.len() <= BROKEN_IN_PIECES {
            // The number of bytes in whole forms grows with the square of their length. All
            // pieces mask all but the ends, of which a shorter piece is on another line.
            patterns.extend(form.as_bytes().windows(PIECE).map(<[u8]>::to_vec));
            for at in (1..PIECE).chain(end - PIECE + 1..end) {
                let before = &form[at.saturating_sub(PIECE)..at];
                let after = &form[at..end.min(at + PIECE)];
                patterns.insert(format!("{before}\n{after}").into_bytes());
            }
        }
    }
}

/// Adds a form, in pieces if it is long.
fn add(form: &str, patterns: &mut BTreeSet<Vec<u8>>) {
    let mut from = 0;
    while form.len() - from > LONGEST {
        let end = form.floor_char_boundary(from + LONGEST);
        patterns.insert(form.as_bytes()[from..end].to_vec());
        // The last piece is as long as the others: a few bytes alone could be ordinary text.
        from = end.min(form.ceil_char_boundary(form.len() - LONGEST));
    }
    if form.len() >= SHORTEST {
        patterns.insert(form.as_bytes()[from..].to_vec());
    }
}
