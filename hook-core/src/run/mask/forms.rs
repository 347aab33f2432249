//! Forms: the spellings in which a secret can turn up in an output.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

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
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut forms = vec![hex.to_ascii_uppercase(), hex];
    for before in 0..3 {
        let padded = [&[0; 2][..before], bytes].concat();
        // The characters that these bytes determine alone, all six bits of them.
        let determined = (before * 8).div_ceil(6)..padded.len() * 8 / 6;
        for alphabet in [STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
            forms.push(alphabet.encode(&padded)[determined.clone()].to_owned());
        }
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
