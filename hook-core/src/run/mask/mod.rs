//! Mask: replacing secrets in everything that is kept or shown.
//!
//! `forms` lists the spellings in which a secret can turn up, `matcher` finds all of them
//! at once, and [`stream`] does so in output, whose chunks may cut a secret in two.

mod escapes;
pub mod event;
mod forms;
mod matcher;
pub mod stream;

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;

use crate::run::mask::forms::{LONGEST, SHORTEST};
use crate::run::mask::matcher::Matcher;

pub use forms::{LONGEST as MAX_PATTERN, can_be_masked};

/// Byte that replaces each byte of a secret.
const MASK: u8 = b'*';

/// Replaces every form of a set of secrets, byte for byte, so that lengths and offsets stay as
/// they were. A clone is cheap.
#[derive(Clone, Default)]
pub struct Mask(Option<Arc<Matcher>>);

impl Mask {
    /// Returns a mask over those secrets. A secret of several lines is also masked line by
    /// line, as scripts print it.
    #[must_use]
    pub fn new<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Mask {
        let patterns = forms::patterns(secrets);
        Mask((!patterns.is_empty()).then(|| Arc::new(Matcher::new(&patterns))))
    }

    /// Masks every secret in bytes.
    #[must_use]
    pub fn apply(&self, bytes: Bytes) -> Bytes {
        self.mask_complete(bytes).0
    }

    /// Masks every secret in a text, character for character, and the beginning of one that the
    /// text cuts with `…`.
    #[must_use]
    pub fn apply_text(&self, text: &str) -> String {
        let Some(matcher) = &self.0 else {
            return text.to_owned();
        };
        let mut is_secret = vec![false; text.len()];
        matcher.scan(text.as_bytes(), |found| is_secret[found].fill(true));
        for (cut, _) in text.match_indices('…') {
            let from = text.floor_char_boundary(cut.saturating_sub(LONGEST));
            let begun = matcher.scan(&text.as_bytes()[from..cut], |_| {});
            if begun >= SHORTEST {
                is_secret[cut - begun..cut].fill(true);
            }
        }
        let shown = text.char_indices().map(|(at, c)| match is_secret[at] {
            true => char::from(MASK),
            false => c,
        });
        shown.collect()
    }

    /// Masks every secret in words.
    #[must_use]
    pub fn apply_words(&self, words: &[String]) -> Vec<String> {
        words.iter().map(|word| self.apply_text(word)).collect()
    }

    /// Masks every secret in the words of a command, also one that is several words.
    #[must_use]
    pub fn apply_command(&self, words: &[String]) -> Vec<String> {
        let mut masked = self.apply(Bytes::from(words.join(" ")));
        let next = |word: &String| {
            let shown = masked.split_to(word.len());
            // The space behind it.
            masked = masked.slice(masked.len().min(1)..);
            String::from_utf8_lossy(&shown).into_owned()
        };
        words.iter().map(next).collect()
    }

    /// Masks the secrets that end within the bytes. Also returns the number of bytes at the
    /// end that are the beginning of a secret.
    fn mask_complete(&self, bytes: Bytes) -> (Bytes, usize) {
        let Some(matcher) = &self.0 else {
            return (bytes, 0);
        };
        let mut masked: Option<Vec<u8>> = None;
        let pending = matcher.scan(&bytes, |found| {
            masked.get_or_insert_with(|| bytes.to_vec())[found].fill(MASK);
        });
        (masked.map_or(bytes, Bytes::from), pending)
    }

    /// Returns the bytes of memory that the mask takes.
    #[must_use]
    pub fn memory(&self) -> usize {
        self.0.as_ref().map_or(0, |matcher| matcher.memory())
    }
}

/// Shows no secret.
impl fmt::Debug for Mask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mask").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
