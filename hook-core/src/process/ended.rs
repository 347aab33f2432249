//! What comes out of a process: chunks of output, and how it ended.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;

use super::tree::Method;
use crate::run::journal::{CancelCause, Outcome, Stream, TimeLimit};

/// A reason from outside to end a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stop {
    /// The run's time is up.
    RunTimeLimit,
    /// The run is cancelled.
    Cancel(CancelCause),
}

/// A piece of output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chunk {
    /// Where it was written.
    pub stream: Stream,
    /// How many bytes were written to that stream before. A gap to the chunk before is
    /// output that was dropped.
    pub offset: u64,
    /// What was written; never empty, at most [`MAX_CHUNK`](super::bounds::MAX_CHUNK) bytes.
    pub data: Bytes,
}

/// Why a process ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// It exited by itself with that code.
    Exited(i32),
    /// A signal of that name that was not ours ended it.
    Signaled(String),
    /// It ran past its own time limit.
    HookTimedOut,
    /// It was stopped from outside.
    Stopped(Stop),
}

/// What it took to end a tree of processes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ending {
    /// All of it went after TERM, within the grace.
    Term,
    /// Some of it had to be killed.
    Kill,
    /// Some of it was still there when the wait after KILL was over.
    Survived,
}

/// A limit on all processes of a script that they came up against.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Reached {
    /// The setting, as the config names it.
    pub setting: &'static str,
    /// How many processes were killed or refused because of it.
    pub times: u64,
}

impl fmt::Display for Reached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Reached { setting, times } = self;
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

/// How a process ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Why.
    pub end: End,
    /// What it took, if we ended it or what it left behind.
    pub ending: Option<Ending>,
    /// How its tree of processes was held together.
    pub method: Method,
    /// From its start to its exit.
    pub elapsed: Duration,
    /// How many bytes it wrote to both streams, as far as they were read.
    pub output_bytes: u64,
    /// How many of them were not sent as chunks.
    pub dropped_bytes: u64,
    /// Whether a process outlived it that held its pipes.
    pub leaked: bool,
    /// The limits on its processes that were reached.
    pub reached: Vec<Reached>,
}

impl From<End> for Outcome {
    fn from(end: End) -> Outcome {
        match end {
            End::Exited(code) => Outcome::Exited { code },
            End::Signaled(signal) => Outcome::Signaled { signal },
            End::HookTimedOut => Outcome::TimedOut {
                limit: TimeLimit::Hook,
            },
            End::Stopped(Stop::RunTimeLimit) => Outcome::TimedOut {
                limit: TimeLimit::Run,
            },
            End::Stopped(Stop::Cancel(cause)) => Outcome::Cancelled { cause },
        }
    }
}
