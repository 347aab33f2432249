//! Cuts a stream of bytes, which arrives in arbitrary pieces, into lines.

/// Longest line in bytes that is kept until it is complete. Output without line breaks must not
/// fill the memory.
const LONGEST: usize = 16 * 1024;

/// End of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LineEnd {
    Break,
    /// A line longer than [`LONGEST`], which continues in the next.
    Continued,
    /// The stream ended without a line break.
    Missing,
}

/// The part of a stream after its last line break.
#[derive(Debug, Default)]
pub(crate) struct LineSplitter {
    held: Vec<u8>,
}

impl LineSplitter {
    /// Takes the next piece of the stream and calls `each` with every line that it completes,
    /// without its line break, which is `\n` or `\r\n`.
    pub(crate) fn push(&mut self, piece: &[u8], mut each: impl FnMut(&[u8], LineEnd)) {
        self.held.extend_from_slice(piece);
        let mut rest = &*self.held;
        loop {
            let found = rest.iter().position(|byte| *byte == b'\n');
            let line = &rest[..found.unwrap_or(rest.len())];
            let line = match found {
                Some(_) => line.strip_suffix(b"\r").unwrap_or(line),
                None => line,
            };
            if line.len() > LONGEST {
                let (head, tail) = rest.split_at(character_border(line, LONGEST));
                each(head, LineEnd::Continued);
                rest = tail;
            } else if let Some(at) = found {
                each(line, LineEnd::Break);
                rest = &rest[at + 1..];
            } else {
                break;
            }
        }
        let handed_on = self.held.len() - rest.len();
        self.held.drain(..handed_on);
    }

    /// Calls `each` with the rest at the end of the stream.
    pub(crate) fn finish(&mut self, mut each: impl FnMut(&[u8], LineEnd)) {
        if !self.held.is_empty() {
            each(&self.held, LineEnd::Missing);
            self.held.clear();
        }
    }
}

/// Returns the last index up to `at` that is not within a UTF-8 character.
fn character_border(bytes: &[u8], at: usize) -> usize {
    // A character has at most three continuation bytes; more of them are no UTF-8, which
    // can be cut anywhere.
    (at.saturating_sub(3)..=at)
        .rev()
        .find(|index| bytes.get(*index).is_none_or(|byte| byte & 0xc0 != 0x80))
        .unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn split(pieces: &[&[u8]]) -> Vec<(Vec<u8>, LineEnd)> {
        let mut lines = Vec::new();
        let mut splitter = LineSplitter::default();
        for piece in pieces {
            splitter.push(piece, |line, end| lines.push((line.to_vec(), end)));
        }
        splitter.finish(|line, end| lines.push((line.to_vec(), end)));
        lines
    }

    fn line(text: &str, end: LineEnd) -> (Vec<u8>, LineEnd) {
        (text.as_bytes().to_vec(), end)
    }

    #[test]
    fn lines_cross_pieces() {
        use LineEnd::{Break, Missing};
        assert_eq!(
            split(&[b"one\ntw", b"o\r", b"\n", b"\nthree"]),
            [
                line("one", Break),
                line("two", Break),
                line("", Break),
                line("three", Missing),
            ]
        );
        assert_eq!(split(&[b"", b""]), []);
        assert_eq!(split(&[b"end\n"]), [line("end", Break)]);
        // A character that is split between two pieces is joined again.
        assert_eq!(
            split(&[b"\xe2\x82", b"\xac\n"]),
            [line("€", LineEnd::Break)]
        );
    }

    #[test]
    fn a_stream_without_breaks_is_shown_in_pieces() {
        let long = "€".repeat(LONGEST);
        let lines = split(&[long.as_bytes()]);
        assert!(lines.len() > 2);
        for (line, _) in &lines {
            assert!(line.len() <= LONGEST);
            assert!(str::from_utf8(line).is_ok(), "cut within a character");
        }
        let together: Vec<u8> = lines.into_iter().flat_map(|(line, _)| line).collect();
        assert_eq!(together, long.as_bytes());
    }

    proptest! {
        #[test]
        fn pieces_make_no_difference(
            text in "[a€\n🦀]{0,200}",
            cuts in proptest::collection::vec(0usize..600, 0..6),
        ) {
            let bytes = text.as_bytes();
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(bytes.len())).collect();
            cuts.sort_unstable();
            let mut pieces = Vec::new();
            let mut from = 0;
            for cut in cuts {
                pieces.push(&bytes[from..cut]);
                from = cut;
            }
            pieces.push(&bytes[from..]);
            let lines = split(&pieces);
            prop_assert_eq!(&lines, &split(&[bytes]));
            for (line, _) in lines {
                prop_assert!(str::from_utf8(&line).is_ok());
            }
        }

        #[test]
        fn nothing_is_lost(bytes in proptest::collection::vec(any::<u8>(), 0..40_000)) {
            let mut kept = Vec::new();
            for (line, end) in split(&[&bytes]) {
                kept.extend_from_slice(&line);
                if end == LineEnd::Break {
                    kept.push(b'\n');
                }
            }
            let without = |bytes: &[u8]| -> Vec<u8> {
                bytes.iter().copied().filter(|byte| *byte != b'\r').collect()
            };
            prop_assert_eq!(without(&kept), without(&bytes));
        }
    }
}
