//! Which part of an output is kept: its first and its last bytes.
//!
//! An error stands at the end of a flood more often than in its middle.

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
    /// How many of the last bytes are kept.
    tail: u64,
    last: VecDeque<Last>,
    /// How many bytes `last` holds.
    held: u64,
}

#[derive(Debug)]
struct Last {
    stream: Stream,
    offset: u64,
    data: BytesMut,
}

impl Keep {
    /// Keeps that many bytes, both streams together.
    pub(super) fn new(max_output: u64) -> Keep {
        let tail = (max_output / 4).min(TAIL);
        Keep {
            head: max_output - tail,
            tail,
            last: VecDeque::new(),
            held: 0,
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

    /// The next of the last pieces, when the output is over.
    pub(super) fn next_of_tail(&mut self) -> Option<Chunk> {
        let last = self.last.pop_front()?;
        self.held -= last.data.len() as u64;
        Some(Chunk {
            stream: last.stream,
            offset: last.offset,
            data: last.data.freeze(),
        })
    }

    fn push(&mut self, stream: Stream, offset: u64, data: &[u8]) {
        self.held += data.len() as u64;
        match self.last.back_mut() {
            Some(last)
                if last.stream == stream
                    && last.offset + last.data.len() as u64 == offset
                    && last.data.len() + data.len() <= MAX_CHUNK =>
            {
                last.data.extend_from_slice(data);
            }
            _ => self.last.push_back(Last {
                stream,
                offset,
                data: data.into(),
            }),
        }
        while self.last.len() > TAIL_PIECES {
            self.next_of_tail();
        }
        while self.held > self.tail {
            let over = self.held - self.tail;
            match self.last.front_mut() {
                Some(first) if first.data.len() as u64 > over => {
                    // Copies, so that the dropped part's memory is free.
                    first.data = first.data[over as usize..].into();
                    first.offset += over;
                    self.held -= over;
                }
                _ => {
                    self.next_of_tail();
                }
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
        assert_eq!(keep.held, 0);
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
        assert_eq!(keep.last.len(), TAIL_PIECES);
    }
}
