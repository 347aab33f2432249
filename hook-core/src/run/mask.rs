//! Keeping secrets out of the journal.

use bytes::Bytes;

/// What stands in the place of each byte of a secret.
const MASK: u8 = b'*';
/// A shorter secret is not masked: it would stand in half of all output by chance.
const SHORTEST_SECRET: usize = 4;

/// Replaces secrets, byte for byte, so that lengths and offsets stay what they were.
#[derive(Clone, Debug, Default)]
pub struct Mask {
    /// Longest first, so that a secret within another does not uncover the rest.
    secrets: Vec<Vec<u8>>,
}

impl Mask {
    /// A mask over those secrets. Secrets of several lines are also masked line by
    /// line, as scripts print them.
    #[must_use]
    pub fn new<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Mask {
        let mut secrets: Vec<Vec<u8>> = secrets
            .into_iter()
            .flat_map(|secret| std::iter::once(secret).chain(secret.lines()))
            .filter(|secret| secret.len() >= SHORTEST_SECRET)
            .map(|secret| secret.as_bytes().to_vec())
            .collect();
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        secrets.dedup();
        Mask { secrets }
    }

    /// The bytes with every secret masked.
    #[must_use]
    pub fn apply(&self, bytes: Bytes) -> Bytes {
        let mut masked: Option<Vec<u8>> = None;
        for secret in &self.secrets {
            let mut from = 0;
            while let Some(at) = find(&bytes[from..], secret) {
                let start = from + at;
                let copy = masked.get_or_insert_with(|| bytes.to_vec());
                copy[start..start + secret.len()].fill(MASK);
                from = start + 1;
            }
        }
        masked.map_or(bytes, Bytes::from)
    }

    /// The text with every secret masked.
    #[must_use]
    pub fn apply_text(&self, text: &str) -> String {
        String::from_utf8_lossy(&self.apply(Bytes::copy_from_slice(text.as_bytes()))).into_owned()
    }

    /// Words with every secret masked.
    #[must_use]
    pub fn apply_words(&self, words: &[String]) -> Vec<String> {
        words.iter().map(|word| self.apply_text(word)).collect()
    }

    /// How many bytes at the end could be the beginning of a secret.
    fn held_back(&self, bytes: &[u8]) -> usize {
        let longest = self.secrets.first().map_or(0, Vec::len).saturating_sub(1);
        let first = bytes.len().saturating_sub(longest);
        (first..bytes.len())
            .find(|start| self.secrets.iter().any(|s| s.starts_with(&bytes[*start..])))
            .map_or(0, |start| bytes.len() - start)
    }
}

/// Masks a stream whose pieces may cut a secret in two.
#[derive(Debug)]
pub struct MaskedStream {
    mask: Mask,
    pending: Vec<u8>,
}

impl MaskedStream {
    /// A stream that begins here.
    #[must_use]
    pub fn new(mask: Mask) -> MaskedStream {
        MaskedStream {
            mask,
            pending: Vec::new(),
        }
    }

    /// The next piece goes in, and what can be shown of all so far comes out. Only what
    /// may be the beginning of a secret is held back.
    pub fn push(&mut self, data: Bytes) -> Bytes {
        if self.mask.secrets.is_empty() {
            return data;
        }
        let joined = if self.pending.is_empty() {
            data
        } else {
            let mut joined = std::mem::take(&mut self.pending);
            joined.extend_from_slice(&data);
            Bytes::from(joined)
        };
        // What is held back is looked at unmasked, so that its secret is still whole.
        let keep = self.mask.held_back(&joined);
        let end = joined.len() - keep;
        let mut masked = self.mask.apply(joined.clone());
        // A secret that ends within the tail was complete: the tail holds nothing back.
        if masked[end..] != joined[end..] {
            return masked;
        }
        self.pending = joined[end..].to_vec();
        masked.truncate(end);
        masked
    }

    /// What was held back, at the end of the stream.
    pub fn finish(&mut self) -> Bytes {
        Bytes::from(std::mem::take(&mut self.pending))
    }
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack
        .windows(needle.len())
        .position(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn stream(secrets: &[&str], pieces: &[&str]) -> (String, String) {
        let mut stream = MaskedStream::new(Mask::new(secrets.iter().copied()));
        let mut shown = Vec::new();
        for piece in pieces {
            shown.extend_from_slice(&stream.push(Bytes::copy_from_slice(piece.as_bytes())));
        }
        let before_end = String::from_utf8_lossy(&shown).into_owned();
        shown.extend_from_slice(&stream.finish());
        (before_end, String::from_utf8_lossy(&shown).into_owned())
    }

    #[test]
    fn a_secret_is_masked_also_across_pieces() {
        let all = |secrets: &[&str], pieces: &[&str]| stream(secrets, pieces).1;
        assert_eq!(all(&["hunter22"], &["a hunter22 b"]), "a ******** b");
        assert_eq!(
            all(&["hunter22"], &["a hun", "ter", "22 b"]),
            "a ******** b"
        );
        assert_eq!(all(&["hunter22"], &["a hun", "t b"]), "a hunt b");
        assert_eq!(all(&["abcd", "abcdefgh"], &["xabcdefghx"]), "x********x");
        assert_eq!(all(&["abab"], &["ababab"]), "******");
        assert_eq!(all(&["abc"], &["abc"]), "abc", "too short to mask");
        assert_eq!(all(&["line one\nline two"], &["line two"]), "********");
    }

    #[test]
    fn only_the_beginning_of_a_secret_is_held_back() {
        assert_eq!(stream(&["hunter22"], &["password: "]).0, "password: ");
        assert_eq!(stream(&["hunter22"], &["the h"]).0, "the ");
    }

    proptest! {
        #[test]
        fn no_byte_is_lost_and_no_secret_shown(
            text in "[ab]{0,60}", cuts in prop::collection::vec(0usize..60, 0..6)
        ) {
            let secret = "abba";
            let mut cuts: Vec<usize> = cuts.into_iter().map(|c| c.min(text.len())).collect();
            cuts.sort_unstable();
            let mut pieces = Vec::new();
            let mut from = 0;
            for cut in cuts {
                pieces.push(&text[from..cut]);
                from = cut;
            }
            pieces.push(&text[from..]);
            let shown = stream(&[secret], &pieces).1;
            prop_assert_eq!(shown.len(), text.len());
            prop_assert!(!shown.contains(secret));
        }
    }
}
