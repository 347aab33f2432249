//! Output: from a script's pipes to a bounded channel, without blocking the script.

mod filter;
mod retention;

use std::cell::RefCell;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use tokio::io::{AsyncRead, ReadBuf};
use tokio::process::{ChildStderr, ChildStdout};
use tokio::sync::mpsc;
use tokio::task::coop::unconstrained;
use tokio::time::Instant;

use crate::bounds::{MAX_CHUNK, SWEEP};
use crate::{Chunk, Stream};
use retention::OutputRetention;

pub use filter::OutputFilter;

thread_local! {
    /// Buffer for reading all pipes in turn, so that a silent script needs no buffer.
    static SCRATCH: RefCell<Box<[u8]>> = RefCell::new(vec![0; MAX_CHUNK].into_boxed_slice());
}

/// Both output streams of a script, and the channel that they go to.
#[derive(Debug)]
pub(crate) struct Output {
    stdout: OutputPipe<ChildStdout>,
    stderr: OutputPipe<ChildStderr>,
    /// True if stderr is tried first the next time.
    stderr_first: bool,
    filter: Option<Box<dyn OutputFilter>>,
    retention: OutputRetention,
    /// The chunk that waits for the receiver. Nothing is read meanwhile, so that chunks stay in the
    /// order of their arrival.
    pending: Option<Chunk>,
    /// `None` once the receiver is gone.
    chunks: Option<mpsc::Sender<Chunk>>,
    delivered: u64,
}

/// Result of reading from a pipe.
#[derive(Debug)]
enum PipeRead {
    Chunk(Chunk),
    End(Stream),
}

/// Pipe of one output stream.
#[derive(Debug)]
struct OutputPipe<P> {
    /// `None` once it has ended.
    pipe: Option<P>,
    stream: Stream,
    /// The number of bytes read so far.
    read: u64,
}

impl Output {
    pub(crate) fn new(
        stdout: Option<ChildStdout>,
        stderr: Option<ChildStderr>,
        filter: Option<Box<dyn OutputFilter>>,
        chunks: mpsc::Sender<Chunk>,
        max_output: u64,
    ) -> Output {
        Output {
            stdout: OutputPipe::new(stdout, Stream::Stdout),
            stderr: OutputPipe::new(stderr, Stream::Stderr),
            stderr_first: false,
            filter,
            retention: OutputRetention::new(max_output),
            pending: None,
            chunks: Some(chunks),
            delivered: 0,
        }
    }

    /// Returns the number of bytes read.
    pub(crate) fn bytes(&self) -> u64 {
        self.stdout.read + self.stderr.read
    }

    /// Returns the number of bytes read and not delivered.
    pub(crate) fn dropped(&self) -> u64 {
        self.bytes() - self.delivered
    }

    /// Returns whether both pipes have ended: no process holds them any more.
    pub(crate) fn ended(&self) -> bool {
        self.stdout.pipe.is_none() && self.stderr.pipe.is_none()
    }

    /// Returns whether no chunk waits for the receiver.
    pub(crate) fn is_clear(&self) -> bool {
        self.pending.is_none()
    }

    /// Delivers the pending chunk, or else reads a chunk or the end of a stream. Waits
    /// forever if both have ended and no chunk is pending. Cancel safe.
    pub(crate) async fn step(&mut self) {
        if self.pending.is_some() {
            self.deliver().await;
        } else {
            let read = poll_fn(|cx| self.poll_read(cx)).await;
            self.retain(read);
        }
    }

    /// Reads until both pipes have ended and everything is delivered. Cancel safe.
    pub(crate) async fn drain(&mut self) {
        while !self.ended() || self.pending.is_some() {
            self.step().await;
        }
    }

    /// Reads the present content of the pipes, and waits only for the receiver. Cancel safe.
    pub(crate) async fn sweep(&mut self) {
        let enough = self.bytes() + 2 * SWEEP as u64;
        while self.bytes() < enough {
            self.deliver().await;
            // If the task's cooperative budget is used up, a read returns pending, which would look
            // like an empty pipe.
            let read = unconstrained(poll_fn(|cx| Poll::Ready(self.poll_read(cx))));
            let Poll::Ready(read) = read.await else {
                return;
            };
            self.retain(read);
        }
    }

    /// Delivers the kept end of an output that was too long, until the given time.
    pub(crate) async fn finish(&mut self, until: Instant) {
        let deliver = async {
            self.deliver().await;
            // A process that outlived the script may still hold the pipes.
            for stream in [Stream::Stdout, Stream::Stderr] {
                self.retain(PipeRead::End(stream));
                self.deliver().await;
            }
            while let Some(chunk) = self.retention.next_of_tail() {
                self.pending = Some(chunk);
                self.deliver().await;
            }
        };
        // The rest is dropped, and counts as such.
        drop(tokio::time::timeout_at(until, deliver).await);
    }

    /// Sends the pending chunk. Cancel safe.
    async fn deliver(&mut self) {
        while self.pending.is_some() {
            if let Some(chunks) = &self.chunks
                && let Ok(permit) = chunks.reserve().await
                && let Some(mut chunk) = self.pending.take()
            {
                let rest = chunk.data.split_off(chunk.data.len().min(MAX_CHUNK));
                let sent = chunk.data.len() as u64;
                self.delivered += sent;
                self.pending = (!rest.is_empty()).then_some(Chunk {
                    stream: chunk.stream,
                    offset: chunk.offset + sent,
                    data: rest,
                });
                permit.send(chunk);
            } else {
                self.chunks = None;
                self.pending = None;
            }
        }
    }

    /// Keeps the part of what was read that the filter releases and the retention admits.
    fn retain(&mut self, read: PipeRead) {
        let released = match (read, &mut self.filter) {
            (PipeRead::Chunk(chunk), None) => Some(chunk),
            (PipeRead::Chunk(chunk), Some(filter)) => filter.push(chunk),
            (PipeRead::End(_), None) => None,
            (PipeRead::End(stream), Some(filter)) => filter.finish(stream),
        };
        self.pending = released.and_then(|chunk| self.retention.offer(chunk));
    }

    /// Reads from one of the streams, alternating if both are ready. Also pending if both have ended.
    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<PipeRead> {
        let first = self.stderr_first;
        for stderr in [first, !first] {
            let read = if stderr {
                self.stderr.poll_read(cx)
            } else {
                self.stdout.poll_read(cx)
            };
            if read.is_ready() {
                self.stderr_first = !stderr;
                return read;
            }
        }
        Poll::Pending
    }
}

impl<P: AsyncRead + Unpin> OutputPipe<P> {
    fn new(pipe: Option<P>, stream: Stream) -> OutputPipe<P> {
        OutputPipe {
            pipe,
            stream,
            read: 0,
        }
    }

    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<PipeRead> {
        let Some(pipe) = &mut self.pipe else {
            return Poll::Pending;
        };
        let data = SCRATCH.with_borrow_mut(|scratch| {
            let mut buffer = ReadBuf::new(scratch);
            Pin::new(pipe).poll_read(cx, &mut buffer).map(|result| {
                // A pipe that cannot be read counts as ended.
                result.map_or(Bytes::new(), |()| Bytes::copy_from_slice(buffer.filled()))
            })
        });
        data.map(|data| {
            if data.is_empty() {
                self.pipe = None;
                return PipeRead::End(self.stream);
            }
            let offset = self.read;
            self.read += data.len() as u64;
            PipeRead::Chunk(Chunk {
                stream: self.stream,
                offset,
                data,
            })
        })
    }
}
