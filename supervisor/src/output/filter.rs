//! Filter of output: a place to replace bytes before any of them is dropped.

use std::fmt;

use crate::{Chunk, Stream};

/// Filter that all output of a script passes before `max_output` cuts it.
///
/// It replaces bytes and keeps their number: the chunks of a stream that it returns have the
/// offsets of those that it takes, without gaps.
pub trait OutputFilter: fmt::Debug + Send {
    /// Takes the next chunk of a stream; returns the bytes that need not wait for those to come.
    fn push(&mut self, chunk: Chunk) -> Option<Chunk>;

    /// Returns the bytes that were held back at the end of a stream.
    fn finish(&mut self, stream: Stream) -> Option<Chunk>;
}
