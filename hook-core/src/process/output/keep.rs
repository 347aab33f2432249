//! Which part of an output is kept: its first and its last bytes.
//!
//! An error stands at the end of a flood more often than in its middle, and often on the
//! stream that does not flood: so neither stream can push the other's end out.

use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};

use crate::process::bounds::{MAX_CHUNK, TAIL, TAIL_PIECES};
use crate::process::ended::Chunk;
use crate::run::journal::Stream;

/// Sorts an output's pieces into those kept at once, those kept if they turn out to be
/// among the last, and those dropped.
#[derive(Debug)]
pub(super) struct Keep {
    /// How many more bytes are kept at once.
    head: u64,
    /// How many of the last bytes are kept, of both streams together.
    tail: u64,
    stdout: Side,
    stderr: Side,
    /// How many pieces arrived so far.
    arrived: u64,
}

/// The last pieces of one stream.
#[derive(Debug)]
struct Side {
    stream: Stream,
    pieces: VecDeque<Last>,
    /// How many bytes those are.
    held: u64,
}

#[derive(Debug)]
struct Last {
    /// Its place among the pieces of both streams.
    arrival: u64,
    offset: u64,
    data: BytesMut,
}

impl Keep {
    /// Keeps that many bytes, both streams together.
    pub(super) fn new(max_output: u64) -> Keep {
        let tail = (max_output / 4).min(TAIL);
        let side = |stream| Side {
            stream,
            pieces: VecDeque::new(),
            held: 0,
        };
        Keep {
            head: max_output - tail,
            tail,
            stdout: side(Stream::Stdout),
            stderr: side(Stream::Stderr),
            arrived: 0,
        }
    }

    /// Takes the next piece; returns what of it is kept at once.
    pub(super) fn offer(&mut self, stream: Stream, offset: u64, mut data: Bytes) -> Option<Chunk> {
        let fits = usize::try_from(self.head)
            .unwrap_or(usize::MAX)
            .min(data.len());
        self.head -= fits as u64;
        let now = data.split_to(fits);
        if !data.is_empty() {
            self.push(stream, offset + fits as u64, &data);
        }
        (!now.is_empty()).then_some(Chunk {
            stream,
            offset,
            data: now,
        })
    }

    /// The next of the last pieces in their order, when the output is over.
    pub(super) fn next_of_tail(&mut self) -> Option<Chunk> {
        let first = |side: &Side| side.pieces.front().map_or(u64::MAX, |piece| piece.arrival);
        let side = if first(&self.stdout) < first(&self.stderr) {
            &mut self.stdout
        } else {
            &mut self.stderr
        };
        side.pop()
    }

    fn push(&mut self, stream: Stream, offset: u64, data: &[u8]) {
        let side = match stream {
            Stream::Stdout => &mut self.stdout,
            Stream::Stderr => &mut self.stderr,
        };
        side.held += data.len() as u64;
        match side.pieces.back_mut() {
            Some(last)
                if last.arrival == self.arrived
                    && last.offset + last.data.len() as u64 == offset
                    && last.data.len() + data.len() <= MAX_CHUNK =>
            {
                last.data.extend_from_slice(data);
            }
            _ => {
                self.arrived += 1;
                side.pieces.push_back(Last {
                    arrival: self.arrived,
                    offset,
                    data: data.into(),
                });
            }
        }
        while self.stdout.pieces.len() + self.stderr.pieces.len() > TAIL_PIECES {
            let longer = self.larger(|side| side.pieces.len());
            longer.pop();
        }
        while self.stdout.held + self.stderr.held > self.tail {
            let over = self.stdout.held + self.stderr.held - self.tail;
            let half = self.tail / 2;
            let larger = self.larger(|side| side.held);
            larger.drop_first(over.min(larger.held - half));
        }
    }

    /// The side that has more.
    fn larger<N: Ord>(&mut self, of: impl Fn(&Side) -> N) -> &mut Side {
        if of(&self.stdout) >= of(&self.stderr) {
            &mut self.stdout
        } else {
            &mut self.stderr
        }
    }
}

impl Side {
    fn pop(&mut self) -> Option<Chunk> {
        let piece = self.pieces.pop_front()?;
        self.held -= piece.data.len() as u64;
        Some(Chunk {
            stream: self.stream,
            offset: piece.offset,
            data: piece.data.freeze(),
        })
    }

    /// Drops that many bytes, or the first piece if it has fewer.
    fn drop_first(&mut self, bytes: u64) {
        match self.pieces.front_mut() {
            Some(first) if first.data.len() as u64 > bytes => {
                // Copies, so that the dropped part's memory is free.
                first.data = first.data[bytes as usize..].into();
                first.offset += bytes;
                self.held -= bytes;
            }
            _ => {
                self.pop();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Feeds pieces of those lengths, stdout for even ones; returns what is kept and all.
    fn feed(max_output: u64, lengths: &[usize]) -> (Vec<Chunk>, [Vec<u8>; 2]) {
        let mut keep = Keep::new(max_output);
        let mut kept = Vec::new();
        let mut all = [Vec::new(), Vec::new()];
        for (i, length) in lengths.iter().enumerate() {
            let (stream, written) = match length % 2 {
                0 => (Stream::Stdout, &mut all[0]),
                _ => (Stream::Stderr, &mut all[1]),
            };
            let data: Vec<u8> = (0..*length).map(|b| (b + i) as u8).collect();
            kept.extend(keep.offer(stream, written.len() as u64, data.clone().into()));
            written.extend(data);
        }
        while let Some(chunk) = keep.next_of_tail() {
            kept.push(chunk);
        }
        assert_eq!(keep.stdout.held + keep.stderr.held, 0);
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
        let mut keep = Keep::new(4 * TAIL);
        keep.head = 0;
        let mut offsets = [0, 0];
        for length in lengths {
            let (stream, at) = if length == 1 {
                (Stream::Stdout, 0)
            } else {
                (Stream::Stderr, 1)
            };
            let data = vec![b'x'; length];
            assert_eq!(keep.offer(stream, offsets[at], data.into()), None);
            offsets[at] += length as u64;
        }
        let pieces = keep.stdout.pieces.len() + keep.stderr.pieces.len();
        assert_eq!(pieces, TAIL_PIECES);
    }

    #[test]
    fn a_flood_pushes_no_error_of_the_other_stream_out() {
        // The error was read first, as the flood before it was still in its pipe.
        for (flooding, quiet) in [
            (Stream::Stdout, Stream::Stderr),
            (Stream::Stderr, Stream::Stdout),
        ] {
            let mut keep = Keep::new(4096);
            keep.head = 0;
            let error = Bytes::from_static(b"the error\n");
            keep.offer(quiet, 0, error.clone());
            for piece in 0..100 {
                keep.offer(flooding, piece * 1000, vec![b'.'; 1000].into());
            }
            let kept: Vec<Chunk> = std::iter::from_fn(|| keep.next_of_tail()).collect();
            assert_eq!((kept[0].stream, &kept[0].data), (quiet, &error));
            let flood: usize = kept[1..].iter().map(|chunk| chunk.data.len()).sum();
            assert_eq!(flood + error.len(), 1024);
        }
    }
}
