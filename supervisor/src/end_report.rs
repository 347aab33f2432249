//! Results of a script: chunks of output, and the report on its end.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;

use crate::Containment;

/// Stream that a script writes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// Piece of output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chunk {
    /// The stream it was written to.
    pub stream: Stream,
    /// The number of bytes written to that stream before. A gap to the previous chunk is
    /// output that was dropped.
    pub offset: u64,
    /// The bytes; never empty, at most [`MAX_CHUNK`](crate::bounds::MAX_CHUNK).
    pub data: Bytes,
}

/// Reason for the end of a script; `R` is the caller's reason to stop it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EndReason<R> {
    /// It exited by itself with that code.
    Exited(i32),
    /// It was ended by a signal of that name, which the supervisor did not send.
    Signaled(String),
    /// It reached its timeout.
    TimedOut,
    /// The caller stopped it.
    Stopped(R),
}

/// Signal by which a tree of processes was ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Termination {
    /// TERM: all processes ended within the grace.
    Term,
    /// KILL: some had to be killed.
    Kill,
    /// Neither: some processes were still there when the wait after KILL ended.
    Survived,
}

/// Limit that the processes of a script reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LimitHit {
    /// The name of the limit: `memoryMax` or `pidsMax`.
    pub setting: &'static str,
    /// The number of processes killed, or forks refused, because of it.
    pub times: u64,
}

impl fmt::Display for LimitHit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let LimitHit { setting, times } = self;
        let times = match times {
            1 => "once".to_owned(),
            times => format!("{times} times"),
        };
        match *setting {
            "memoryMax" => write!(
                f,
                "`{setting}` was reached and a process killed for it, {times}: raise it, or use less memory"
            ),
            _ => write!(
                f,
                "`{setting}` was reached and a fork refused (EAGAIN), {times}: raise it, or have fewer processes at a time"
            ),
        }
    }
}

/// Report on an ended script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndReport<R> {
    /// The reason.
    pub reason: EndReason<R>,
    /// The signal, if the supervisor ended the script or processes that it left behind.
    pub termination: Option<Termination>,
    /// The containment of its processes.
    pub containment: Containment,
    /// The time from its start to its exit.
    pub elapsed: Duration,
    /// The number of bytes read from both streams.
    pub output_bytes: u64,
    /// The number of those bytes that were not sent as chunks.
    pub dropped_bytes: u64,
    /// True if a process that held its pipes outlived it.
    pub leaked: bool,
    /// The limits that its processes reached.
    pub limit_hits: Vec<LimitHit>,
}
