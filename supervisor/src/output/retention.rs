//! Retention of output: its first and its last bytes are kept.
//!
//! At the end of a flood an error is more likely than in its middle, and often on the stream that
//! does not flood. So neither stream can displace the end of the other.

use std::collections::VecDeque;

use bytes::BytesMut;

use crate::bounds::{MAX_CHUNK, TAIL, TAIL_PIECES};
use crate::{Chunk, Stream};

/// Divides the chunks of an output into those kept at once, those kept if they are among the last,
/// and those dropped.
#[derive(Debug)]
pub(super) struct OutputRetention {
    /// The number of further bytes that are kept at once.
    head: u64,
    /// The number of last bytes that are kept, of both streams together.
    tail: u64,
    stdout: StreamTail,
    stderr: StreamTail,
    /// The number of pieces that arrived so far.
    arrived: u64,
}

/// Last pieces of one stream.
#[derive(Debug)]
struct StreamTail {
    stream: Stream,
    pieces: VecDeque<TailPiece>,
    /// The number of bytes in the pieces.
    held: u64,
}

#[derive(Debug)]
struct TailPiece {
    /// Its position among the pieces of both streams.
    arrival: u64,
    offset: u64,
    data: BytesMut,
}

impl OutputRetention {
    /// Returns a retention of `max_output` bytes, of both streams together.
    pub(super) fn new(max_output: u64) -> OutputRetention {
        let tail = (max_output / 4).min(TAIL);
        let of = |stream| StreamTail {
            stream,
            pieces: VecDeque::new(),
            held: 0,
        };
        OutputRetention {
            head: max_output - tail,
            tail,
            stdout: of(Stream::Stdout),
            stderr: of(Stream::Stderr),
            arrived: 0,
        }
    }

    /// Takes the next chunk; returns the part of it that is kept at once.
    pub(super) fn offer(&mut self, mut chunk: Chunk) -> Option<Chunk> {
        let head = usize::try_from(self.head).unwrap_or(usize::MAX);
        let rest = chunk.data.split_off(head.min(chunk.data.len()));
        let kept = chunk.data.len() as u64;
        self.head -= kept;
        if !rest.is_empty() {
            self.push(chunk.stream, chunk.offset + kept, &rest);
        }
        (kept > 0).then_some(chunk)
    }

    /// Returns the next of the last pieces in their order, after the end of the output.
    pub(super) fn next_of_tail(&mut self) -> Option<Chunk> {
        let first = |of: &StreamTail| of.pieces.front().map_or(u64::MAX, |piece| piece.arrival);
        if first(&self.stdout) < first(&self.stderr) {
            self.stdout.pop()
        } else {
            self.stderr.pop()
        }
    }

    fn push(&mut self, stream: Stream, offset: u64, data: &[u8]) {
        let of_stream = match stream {
            Stream::Stdout => &mut self.stdout,
            Stream::Stderr => &mut self.stderr,
        };
        of_stream.held += data.len() as u64;
        match of_stream.pieces.back_mut() {
            Some(last)
                if last.arrival == self.arrived
                    && last.offset + last.data.len() as u64 == offset
                    && last.data.len() + data.len() <= MAX_CHUNK =>
            {
                last.data.extend_from_slice(data);
            }
            _ => {
                self.arrived += 1;
                of_stream.pieces.push_back(TailPiece {
                    arrival: self.arrived,
                    offset,
                    data: data.into(),
                });
            }
        }
        while self.stdout.pieces.len() + self.stderr.pieces.len() > TAIL_PIECES {
            self.larger(|of| of.pieces.len()).pop();
        }
        while self.stdout.held + self.stderr.held > self.tail {
            let over = self.stdout.held + self.stderr.held - self.tail;
            let half = self.tail / 2;
            let larger = self.larger(|of| of.held);
            larger.drop_first(over.min(larger.held - half));
        }
    }

    /// Returns the larger one of the two tails, by `size`.
    fn larger<N: Ord>(&mut self, size: impl Fn(&StreamTail) -> N) -> &mut StreamTail {
        if size(&self.stdout) >= size(&self.stderr) {
            &mut self.stdout
        } else {
            &mut self.stderr
        }
    }
}

impl StreamTail {
    fn pop(&mut self) -> Option<Chunk> {
        let piece = self.pieces.pop_front()?;
        self.held -= piece.data.len() as u64;
        Some(Chunk {
            stream: self.stream,
            offset: piece.offset,
            data: piece.data.freeze(),
        })
    }

    /// Drops this number of bytes, or the first piece if it is shorter.
    fn drop_first(&mut self, bytes: u64) {
        match self.pieces.front_mut() {
            Some(first) if first.data.len() as u64 > bytes => {
                // Copied, so that the memory of the dropped part is freed.
                first.data = first.data[bytes as usize..].into();
                first.offset += bytes;
                self.held -= bytes;
            }
            _ => drop(self.pop()),
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use proptest::prelude::*;

    use super::*;

    impl OutputRetention {
        fn offer_bytes(&mut self, stream: Stream, offset: u64, data: Bytes) -> Option<Chunk> {
            self.offer(Chunk {
                stream,
                offset,
                data,
            })
        }
    }

    /// Feeds pieces of these lengths, even ones on stdout; returns the kept chunks and all chunks.
    fn feed(max_output: u64, lengths: &[usize]) -> (Vec<Chunk>, [Vec<u8>; 2]) {
        let mut retention = OutputRetention::new(max_output);
        let mut kept = Vec::new();
        let mut all = [Vec::new(), Vec::new()];
        for (i, length) in lengths.iter().enumerate() {
            let (stream, written) = match length % 2 {
                0 => (Stream::Stdout, &mut all[0]),
                _ => (Stream::Stderr, &mut all[1]),
            };
            let data: Vec<u8> = (0..*length).map(|b| (b + i) as u8).collect();
            kept.extend(retention.offer_bytes(stream, written.len() as u64, data.clone().into()));
            written.extend(data);
        }
        while let Some(chunk) = retention.next_of_tail() {
            kept.push(chunk);
        }
        assert_eq!(retention.stdout.held + retention.stderr.held, 0);
        (kept, all)
    }

    proptest! {
        #[test]
        fn nothing_is_lost_twice_or_reordered(
            max_output in 0u64..4000,
            lengths in proptest::collection::vec(1usize..300, 0..60),
        ) {
            let (kept, all) = feed(max_output, &lengths);
            let total: usize = lengths.iter().sum();
            let kept_bytes: usize = kept.iter().map(|chunk| chunk.data.len()).sum();
            prop_assert_eq!(kept_bytes as u64, max_output.min(total as u64));
            let mut next = [0; 2];
            for chunk in &kept {
                let stream = usize::from(chunk.stream == Stream::Stderr);
                let (start, end) = (chunk.offset as usize, chunk.offset as usize + chunk.data.len());
                prop_assert!(!chunk.data.is_empty() && chunk.data.len() <= MAX_CHUNK);
                prop_assert!(start >= next[stream]);
                prop_assert_eq!(&all[stream][start..end], &chunk.data[..]);
                next[stream] = end;
            }
        }

        #[test]
        fn first_and_last_survive(lengths in proptest::collection::vec(1usize..300, 20..60)) {
            let total: usize = lengths.iter().sum();
            let max_output = (total as u64 / 2).max(4);
            let (kept, all) = feed(max_output, &lengths);
            prop_assert_eq!(kept[0].offset, 0);
            let last = &kept[kept.len() - 1];
            let stream = usize::from(last.stream == Stream::Stderr);
            prop_assert_eq!(last.offset as usize + last.data.len(), all[stream].len());
        }
    }

    #[test]
    fn single_bytes_in_turns_are_bounded() {
        let lengths: Vec<usize> = (0..3 * TAIL_PIECES).map(|i| 1 + i % 2).collect();
        let mut retention = OutputRetention::new(4 * TAIL);
        retention.head = 0;
        let mut offsets = [0, 0];
        for length in lengths {
            let (stream, at) = if length == 1 {
                (Stream::Stdout, 0)
            } else {
                (Stream::Stderr, 1)
            };
            let data = vec![b'x'; length];
            assert_eq!(
                retention.offer_bytes(stream, offsets[at], data.into()),
                None
            );
            offsets[at] += length as u64;
        }
        let pieces = retention.stdout.pieces.len() + retention.stderr.pieces.len();
        assert_eq!(pieces, TAIL_PIECES);
    }

    #[test]
    fn a_flood_pushes_no_error_of_the_other_stream_out() {
        // The error was read first, because the flood was still in its pipe.
        for (flooding, quiet) in [
            (Stream::Stdout, Stream::Stderr),
            (Stream::Stderr, Stream::Stdout),
        ] {
            let mut retention = OutputRetention::new(4096);
            retention.head = 0;
            let error = Bytes::from_static(b"the error\n");
            retention.offer_bytes(quiet, 0, error.clone());
            for piece in 0..100 {
                retention.offer_bytes(flooding, piece * 1000, vec![b'.'; 1000].into());
            }
            let kept: Vec<Chunk> = std::iter::from_fn(|| retention.next_of_tail()).collect();
            assert_eq!((kept[0].stream, &kept[0].data), (quiet, &error));
            let flood: usize = kept[1..].iter().map(|chunk| chunk.data.len()).sum();
            assert_eq!(flood + error.len(), 1024);
        }
    }
}
