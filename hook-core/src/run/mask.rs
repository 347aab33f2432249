//! Masks: replacing secrets in the journal.

use bytes::Bytes;
use memchr::memmem;

/// Byte that replaces each byte of a secret.
pub(super) const MASK: u8 = b'*';
/// Length of the shortest secret that is masked. A shorter one would often occur in output by
/// chance.
const SHORTEST_SECRET: usize = 4;

/// Replaces secrets, byte for byte, so that lengths and offsets stay as they were.
#[derive(Clone, Debug, Default)]
pub struct Mask {
    /// Longest first, so that a secret within another does not uncover the rest.
    secrets: Vec<Vec<u8>>,
}

impl Mask {
    /// Returns a mask over those secrets. A secret of several lines is also masked line by
    /// line, as scripts print it.
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

    /// Masks every secret in bytes.
    #[must_use]
    pub fn apply(&self, bytes: Bytes) -> Bytes {
        let mut masked: Option<Vec<u8>> = None;
        for secret in &self.secrets {
            let mut from = 0;
            while let Some(at) = memmem::find(&bytes[from..], secret) {
                let start = from + at;
                let copy = masked.get_or_insert_with(|| bytes.to_vec());
                copy[start..start + secret.len()].fill(MASK);
                from = start + 1;
            }
        }
        masked.map_or(bytes, Bytes::from)
    }

    /// Masks every secret in a text.
    #[must_use]
    pub fn apply_text(&self, text: &str) -> String {
        String::from_utf8_lossy(&self.apply(Bytes::copy_from_slice(text.as_bytes()))).into_owned()
    }

    /// Masks every secret in words.
    #[must_use]
    pub fn apply_words(&self, words: &[String]) -> Vec<String> {
        words.iter().map(|word| self.apply_text(word)).collect()
    }

    /// Returns the number of bytes at the end that could be the beginning of a secret, and
    /// are not all of it.
    pub(super) fn held_back(&self, bytes: &[u8]) -> usize {
        let longest = self.secrets.first().map_or(0, Vec::len).saturating_sub(1);
        let first = bytes.len().saturating_sub(longest);
        (first..bytes.len())
            .map(|start| &bytes[start..])
            .find(|end| {
                let mut longer = self.secrets.iter().filter(|s| s.len() > end.len());
                longer.any(|secret| secret.starts_with(end))
            })
            .map_or(0, <[u8]>::len)
    }
}
