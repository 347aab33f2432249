//! Output of a hook on its way into the journal: secrets masked, chunks bounded.

use bytes::Bytes;
use process_supervisor::bounds::MAX_CHUNK;
use process_supervisor::{Chunk, Stream};

use crate::run::mask::{MASK, Mask};

/// Masks both streams of one hook, whose chunks may cut a secret in two.
#[derive(Debug)]
pub struct MaskedOutput {
    mask: Mask,
    stdout: MaskedStream,
    stderr: MaskedStream,
}

#[derive(Debug)]
struct MaskedStream {
    stream: Stream,
    /// The last bytes, which may be the beginning of a secret.
    held_back: Vec<u8>,
    /// The same bytes with those masked that belong to a secret already.
    held_back_masked: Vec<u8>,
    /// The offset of the first byte that is held back, or of the next to come.
    offset: u64,
}

impl MaskedOutput {
    /// Returns output without any byte yet.
    #[must_use]
    pub fn new(mask: Mask) -> MaskedOutput {
        let of = |stream| MaskedStream {
            stream,
            held_back: Vec::new(),
            held_back_masked: Vec::new(),
            offset: 0,
        };
        MaskedOutput {
            mask,
            stdout: of(Stream::Stdout),
            stderr: of(Stream::Stderr),
        }
    }

    /// Takes the next chunk; returns the chunks that can be shown by now. Only bytes that
    /// may be the beginning of a secret are held back.
    pub fn push(&mut self, chunk: Chunk) -> Vec<Chunk> {
        let stream = match chunk.stream {
            Stream::Stdout => &mut self.stdout,
            Stream::Stderr => &mut self.stderr,
        };
        let mut chunks = Vec::new();
        if chunk.offset != stream.offset + stream.held_back.len() as u64 {
            // Output was dropped in between, so the bytes held back are no beginning of a
            // secret.
            chunks = stream.finish();
            stream.offset = chunk.offset;
        }
        let bytes = if stream.held_back.is_empty() {
            chunk.data
        } else {
            let mut joined = std::mem::take(&mut stream.held_back);
            joined.extend_from_slice(&chunk.data);
            Bytes::from(joined)
        };
        // Held back unmasked, so that a secret that begins there is still whole, and masked,
        // as another secret may have ended there.
        let end = bytes.len() - self.mask.held_back(&bytes);
        let mut masked = self.mask.apply(bytes.clone());
        let before = std::mem::take(&mut stream.held_back_masked);
        if before[..] != bytes[..before.len()] {
            let mut copy = masked.to_vec();
            let pairs = copy.iter_mut().zip(before);
            pairs
                .filter(|(_, before)| *before == MASK)
                .for_each(|(byte, _)| *byte = MASK);
            masked = Bytes::from(copy);
        }
        stream.held_back = bytes[end..].to_vec();
        stream.held_back_masked = masked.split_off(end).to_vec();
        chunks.extend(stream.chunks(masked));
        chunks
    }

    /// Returns the bytes held back, at the end of both streams.
    pub fn finish(&mut self) -> Vec<Chunk> {
        let mut chunks = self.stdout.finish();
        chunks.extend(self.stderr.finish());
        chunks
    }
}

impl MaskedStream {
    fn finish(&mut self) -> Vec<Chunk> {
        self.held_back.clear();
        let rest = std::mem::take(&mut self.held_back_masked);
        self.chunks(rest.into())
    }

    fn chunks(&mut self, mut data: Bytes) -> Vec<Chunk> {
        let mut chunks = Vec::new();
        while !data.is_empty() {
            let data = data.split_to(data.len().min(MAX_CHUNK));
            let (stream, offset) = (self.stream, self.offset);
            self.offset += data.len() as u64;
            chunks.push(Chunk {
                stream,
                offset,
                data,
            });
        }
        chunks
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn stream(secrets: &[&str], pieces: &[&str]) -> (String, String) {
        let mut output = MaskedOutput::new(Mask::new(secrets.iter().copied()));
        let mut shown = Vec::new();
        let mut show = |chunks: Vec<Chunk>| {
            for chunk in chunks {
                assert_eq!(chunk.offset, shown.len() as u64);
                shown.extend_from_slice(&chunk.data);
            }
            String::from_utf8_lossy(&shown).into_owned()
        };
        let mut before_end = String::new();
        let mut offset = 0;
        for piece in pieces {
            before_end = show(output.push(Chunk {
                stream: Stream::Stdout,
                offset,
                data: Bytes::copy_from_slice(piece.as_bytes()),
            }));
            offset += piece.len() as u64;
        }
        (before_end, show(output.finish()))
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
    fn a_secret_that_begins_with_another_is_masked_whole() {
        let all = |secrets: &[&str], pieces: &[&str]| stream(secrets, pieces).1;
        assert_eq!(
            all(&["hunt", "hunter22"], &["a hunt", "er22"]),
            "a ********"
        );
        assert_eq!(all(&["hunt", "hunter22"], &["hunte", "d"]), "****ed");
        assert_eq!(all(&["abab"], &["abab", "ab"]), "******");
        assert_eq!(all(&["abcd", "cdefgh"], &["abcd", "xx"]), "****xx");
        assert_eq!(all(&["abcd", "cdefgh"], &["abcd", "efgh"]), "********");
        let (before_end, _) = stream(&["hunt", "longer secret"], &["a hunt"]);
        assert_eq!(before_end, "a ****", "nothing is held back in vain");
    }

    #[test]
    fn a_gap_ends_what_is_held_back() {
        let mut output = MaskedOutput::new(Mask::new(["hunter22"]));
        let mut push = |offset, data| {
            output.push(Chunk {
                stream: Stream::Stderr,
                offset,
                data: Bytes::from_static(data),
            })
        };
        assert_eq!(push(0, b"hunt"), []);
        let chunks = push(100, b"er22");
        let shown = chunks.iter().map(|chunk| (chunk.offset, &chunk.data[..]));
        let shown: Vec<_> = shown.collect();
        assert_eq!(shown, [(0, &b"hunt"[..]), (100, b"er22")]);
    }

    #[test]
    fn only_the_beginning_of_a_secret_is_held_back() {
        assert_eq!(stream(&["hunter22"], &["password: "]).0, "password: ");
        assert_eq!(stream(&["hunter22"], &["the h"]).0, "the ");
    }

    proptest! {
        #[test]
        fn pieces_are_masked_like_the_whole(
            text in "[ab]{0,60}", cuts in prop::collection::vec(0usize..60, 0..6)
        ) {
            let secrets = ["abba", "abbabab", "baabba"];
            let mut cuts: Vec<usize> = cuts.into_iter().map(|c| c.min(text.len())).collect();
            cuts.sort_unstable();
            let mut pieces = Vec::new();
            let mut from = 0;
            for cut in cuts {
                pieces.push(&text[from..cut]);
                from = cut;
            }
            pieces.push(&text[from..]);
            let shown = stream(&secrets, &pieces).1;
            prop_assert_eq!(shown, Mask::new(secrets).apply_text(&text));
        }
    }
}
