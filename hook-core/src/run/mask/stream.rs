//! Masked output of a hook on its way to the journal.

use bytes::Bytes;
use process_supervisor::{Chunk, OutputFilter, Stream};

use super::{MASK, Mask};

/// Masks both streams of one hook, whose chunks may cut a secret in two. Holds back only bytes
/// that are the beginning of a secret.
#[derive(Debug)]
pub struct MaskedOutput {
    mask: Mask,
    stdout: HeldBack,
    stderr: HeldBack,
}

/// Last bytes of a stream, which may be the beginning of a secret.
#[derive(Debug, Default)]
struct HeldBack {
    /// The bytes as they were written, so that a secret that begins there is still found.
    written: Vec<u8>,
    /// The last of these bytes, those that are not shown yet, with all masked that belong to a
    /// secret already.
    masked: Vec<u8>,
    /// The offset of the first byte that is not shown yet.
    offset: u64,
}

impl MaskedOutput {
    /// Returns output without any byte yet.
    #[must_use]
    pub fn new(mask: Mask) -> MaskedOutput {
        MaskedOutput {
            mask,
            stdout: HeldBack::default(),
            stderr: HeldBack::default(),
        }
    }
}

impl OutputFilter for MaskedOutput {
    fn push(&mut self, chunk: Chunk) -> Option<Chunk> {
        let held = match chunk.stream {
            Stream::Stdout => &mut self.stdout,
            Stream::Stderr => &mut self.stderr,
        };
        // Bytes that are shown already: they were masked, and a longer secret may begin there.
        let shown = held.written.len() - held.masked.len();
        let mut written = std::mem::take(&mut held.written);
        let written = match written.is_empty() {
            true => chunk.data,
            false => {
                written.extend_from_slice(&chunk.data);
                Bytes::from(written)
            }
        };
        let (masked, pending) = self.mask.mask_complete(written.clone());
        let mut masked = masked.slice(shown..);
        if held.masked.contains(&MASK) {
            // Another secret ended in what was held back.
            let mut copy = masked.to_vec();
            let pairs = copy.iter_mut().zip(&held.masked);
            let ended = pairs.filter(|(_, before)| **before == MASK);
            ended.for_each(|(byte, _)| *byte = MASK);
            masked = Bytes::from(copy);
        }
        let hold = written.len() - pending;
        held.written = written[hold..].to_vec();
        // A byte that is masked need not wait.
        let end = hold.saturating_sub(shown);
        let stars = masked[end..].iter().take_while(|byte| **byte == MASK);
        held.masked = masked.split_off(end + stars.count()).to_vec();
        held.release(chunk.stream, masked)
    }

    fn finish(&mut self, stream: Stream) -> Option<Chunk> {
        let held = match stream {
            Stream::Stdout => &mut self.stdout,
            Stream::Stderr => &mut self.stderr,
        };
        held.written.clear();
        let rest = std::mem::take(&mut held.masked);
        held.release(stream, rest.into())
    }
}

impl HeldBack {
    fn release(&mut self, stream: Stream, data: Bytes) -> Option<Chunk> {
        let offset = self.offset;
        self.offset += data.len() as u64;
        (!data.is_empty()).then_some(Chunk {
            stream,
            offset,
            data,
        })
    }
}

#[cfg(test)]
mod tests;
