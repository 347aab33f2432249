//! A hook's output on its way into the journal: secrets masked, pieces bounded.

use bytes::Bytes;
use process_supervisor::bounds::MAX_CHUNK;
use process_supervisor::{Chunk, Stream};

use crate::run::mask::{Mask, MaskedStream};

/// Both streams of one hook.
#[derive(Debug)]
pub struct MaskedOutput {
    stdout: Side,
    stderr: Side,
}

/// A piece of a stream: which, how many bytes came before it, and the bytes.
pub type Piece = (Stream, u64, Bytes);

#[derive(Debug)]
struct Side {
    stream: Stream,
    masked: MaskedStream,
    /// The offset of the first byte that has not come out yet.
    next: u64,
    /// The offset after the last byte that went in.
    end: u64,
}

impl MaskedOutput {
    /// Output that is masked so.
    #[must_use]
    pub fn new(mask: &Mask) -> MaskedOutput {
        let side = |stream| Side {
            stream,
            masked: MaskedStream::new(mask.clone()),
            next: 0,
            end: 0,
        };
        MaskedOutput {
            stdout: side(Stream::Stdout),
            stderr: side(Stream::Stderr),
        }
    }

    /// A chunk goes in; the pieces that can be written down come out.
    pub fn push(&mut self, chunk: Chunk) -> Vec<Piece> {
        let side = match chunk.stream {
            Stream::Stdout => &mut self.stdout,
            Stream::Stderr => &mut self.stderr,
        };
        let mut pieces = Vec::new();
        if chunk.offset != side.end {
            // Output was dropped in between, so what was held back is no secret's start.
            pieces = side.finish();
            side.next = chunk.offset;
        }
        side.end = chunk.offset + chunk.data.len() as u64;
        let shown = side.masked.push(chunk.data);
        pieces.extend(side.pieces(shown));
        pieces
    }

    /// What was held back, at the end of both streams.
    pub fn finish(&mut self) -> Vec<Piece> {
        let mut pieces = self.stdout.finish();
        pieces.extend(self.stderr.finish());
        pieces
    }
}

impl Side {
    fn finish(&mut self) -> Vec<Piece> {
        let rest = self.masked.finish();
        self.pieces(rest)
    }

    fn pieces(&mut self, mut data: Bytes) -> Vec<Piece> {
        let mut pieces = Vec::new();
        while !data.is_empty() {
            let piece = data.split_to(data.len().min(MAX_CHUNK));
            let offset = self.next;
            self.next += piece.len() as u64;
            pieces.push((self.stream, offset, piece));
        }
        pieces
    }
}
