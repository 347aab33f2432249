//! Every bound on waiting and on memory that is not configured per hook.

use std::time::Duration;

pub use crate::run::journal::MAX_CHUNK;

/// How many chunks the channel to the journal should hold: half a MiB of output.
pub const CHUNK_QUEUE: usize = 16;

/// How long output is read after the exit while some process still holds the pipes.
pub const DRAIN: Duration = Duration::from_secs(1);

/// How long after the exit a receiver that takes nothing can hold up the end. What it has
/// not taken by then counts as dropped.
pub const DELIVERY: Duration = Duration::from_secs(10);

/// How many bytes a stream that is still held is read for after [`DRAIN`]: what can be in
/// its pipe, which root can make larger than the usual 64 KiB.
pub const SWEEP: usize = 1 << 20;

/// How long killed processes have to disappear. One that waits for a dead disk may not.
pub const KILL_WAIT: Duration = Duration::from_secs(5);

/// How long a thread waits for what it killed because its supervision was dropped.
pub const DROP_WAIT: Duration = Duration::from_millis(50);

/// How long processes have to stop before they are asked to end, so that none that is being
/// started goes unasked.
pub const HOLD: Duration = Duration::from_secs(1);

/// The first and the longest pause between two looks at whether a tree is gone: nothing
/// reports the end of processes that are not our children.
pub const LOOK: (Duration, Duration) = (Duration::from_millis(5), Duration::from_millis(100));

/// How much of the output over `max_output` is kept from its end: a quarter of
/// `max_output`, but at most this many bytes. A stream that ends with less than half of
/// that has all of it kept.
pub const TAIL: u64 = 256 << 10;

/// How many pieces the end of the output is kept in at most. Pieces are of one stream, so
/// a script that writes single bytes in turns to both fills them first.
pub const TAIL_PIECES: usize = 4096;

/// How often a spawn is tried when the interpreter's file is being written to, and the
/// first pause, which doubles. Another thread's fork can hold it open for a moment.
pub const TEXT_BUSY: (u32, Duration) = (6, Duration::from_millis(5));

/// The longest `NAME=value` in an environment, with its NUL: what Linux accepts.
pub const MAX_VARIABLE: usize = 128 << 10;
