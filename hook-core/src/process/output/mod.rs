//! Output: from a script's pipes to a bounded channel, never in the script's way.

mod keep;

use std::cell::RefCell;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use tokio::io::{AsyncRead, ReadBuf};
use tokio::process::{ChildStderr, ChildStdout};
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::bounds::{MAX_CHUNK, SWEEP};
use super::ended::Chunk;
use crate::run::journal::Stream;
use keep::Keep;

thread_local! {
    /// Where pipes are read into, one after another, so that a silent hook needs no buffer.
    static SCRATCH: RefCell<Box<[u8]>> = RefCell::new(vec![0; MAX_CHUNK].into_boxed_slice());
}

/// Both output streams of a process, and where they go.
#[derive(Debug)]
pub(super) struct Output {
    stdout: Source<ChildStdout>,
    stderr: Source<ChildStderr>,
    /// Which stream is looked at first, in turns.
    stderr_first: bool,
    keep: Keep,
    /// Read and to be kept, but not taken by the receiver yet. Nothing is read meanwhile,
    /// so that chunks stay in order of arrival.
    pending: Option<Chunk>,
    /// `None` once the receiver is gone.
    chunks: Option<mpsc::Sender<Chunk>>,
    delivered: u64,
}

/// One pipe.
#[derive(Debug)]
struct Source<P> {
    /// `None` once it has ended.
    pipe: Option<P>,
    stream: Stream,
    read: u64,
}

/// What a pipe gave.
enum Read {
    Piece(Piece),
    End,
}

/// A piece as it was read.
struct Piece {
    stream: Stream,
    offset: u64,
    data: Bytes,
}

impl Output {
    pub(super) fn new(
        stdout: Option<ChildStdout>,
        stderr: Option<ChildStderr>,
        chunks: mpsc::Sender<Chunk>,
        max_output: u64,
    ) -> Output {
        Output {
            stdout: Source {
                pipe: stdout,
                stream: Stream::Stdout,
                read: 0,
            },
            stderr: Source {
                pipe: stderr,
                stream: Stream::Stderr,
                read: 0,
            },
            stderr_first: false,
            keep: Keep::new(max_output),
            pending: None,
            chunks: Some(chunks),
            delivered: 0,
        }
    }

    /// How many bytes were read.
    pub(super) fn bytes(&self) -> u64 {
        self.stdout.read + self.stderr.read
    }

    /// How many bytes were read and not delivered.
    pub(super) fn dropped(&self) -> u64 {
        self.bytes() - self.delivered
    }

    /// Whether both pipes have ended: nobody holds them any more.
    pub(super) fn ended(&self) -> bool {
        self.stdout.pipe.is_none() && self.stderr.pipe.is_none()
    }

    /// Whether nothing waits for the receiver.
    pub(super) fn is_clear(&self) -> bool {
        self.pending.is_none()
    }

    /// Delivers what is pending, or else reads a piece or the end of a stream. Waits
    /// forever if both have ended and nothing is pending. Cancel safe.
    pub(super) async fn step(&mut self) {
        if self.pending.is_some() {
            self.deliver().await;
        } else {
            let read = poll_fn(|cx| self.poll_read(cx)).await;
            self.sort(read);
        }
    }

    /// Reads until both pipes have ended and all is delivered. Cancel safe.
    pub(super) async fn drain(&mut self) {
        while !self.ended() || self.pending.is_some() {
            self.step().await;
        }
    }

    /// Reads what is in the pipes by now, and waits for the receiver alone. Cancel safe.
    pub(super) async fn sweep(&mut self) {
        let enough = self.bytes() + 2 * SWEEP as u64;
        loop {
            self.deliver().await;
            // A spent budget of the task's turn would look like an empty pipe.
            let read = tokio::task::coop::unconstrained(poll_fn(|cx| {
                Poll::Ready(match self.poll_read(cx) {
                    Poll::Ready(read) => Some(read),
                    Poll::Pending => None,
                })
            }));
            let Some(read) = read.await else {
                return;
            };
            self.sort(read);
            if self.bytes() >= enough {
                return;
            }
        }
    }

    /// Delivers the end of an output that was too long, until that time.
    pub(super) async fn finish(&mut self, until: Instant) {
        let deliver = async {
            self.deliver().await;
            while let Some(chunk) = self.keep.next_of_tail() {
                self.pending = Some(chunk);
                self.deliver().await;
            }
        };
        // What is left then is dropped, and counted so.
        drop(tokio::time::timeout_at(until, deliver).await);
    }

    /// Hands over the pending chunk. Cancel safe.
    async fn deliver(&mut self) {
        if self.pending.is_none() {
            return;
        }
        let taken = match &self.chunks {
            None => false,
            Some(chunks) => match chunks.reserve().await {
                Ok(permit) => {
                    if let Some(chunk) = self.pending.take() {
                        self.delivered += chunk.data.len() as u64;
                        permit.send(chunk);
                    }
                    true
                }
                Err(_) => false,
            },
        };
        if !taken {
            self.chunks = None;
            self.pending = None;
        }
    }

    fn sort(&mut self, read: Read) {
        if let Read::Piece(piece) = read {
            self.pending = self.keep.offer(piece.stream, piece.offset, piece.data);
        }
    }

    /// Reads from one of the streams, in turns if both have something; pending also if
    /// both have ended.
    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<Read> {
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

impl<P: AsyncRead + Unpin> Source<P> {
    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<Read> {
        let Some(pipe) = &mut self.pipe else {
            return Poll::Pending;
        };
        let data = SCRATCH.with_borrow_mut(|scratch| {
            let mut buffer = ReadBuf::new(scratch);
            match Pin::new(pipe).poll_read(cx, &mut buffer) {
                Poll::Pending => Poll::Pending,
                Poll::Ready(Ok(())) => Poll::Ready(Bytes::copy_from_slice(buffer.filled())),
                // A pipe that cannot be read has nothing more for us.
                Poll::Ready(Err(_)) => Poll::Ready(Bytes::new()),
            }
        });
        data.map(|data| {
            if data.is_empty() {
                self.pipe = None;
                return Read::End;
            }
            let offset = self.read;
            self.read += data.len() as u64;
            Read::Piece(Piece {
                stream: self.stream,
                offset,
                data,
            })
        })
    }
}
