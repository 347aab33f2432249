//! Bounds on waits, queues and memory that are the same for all scripts.

use std::time::Duration;

/// Most bytes of one [`Chunk`](crate::Chunk).
pub const MAX_CHUNK: usize = 32 << 10;

/// Capacity of a channel of chunks: half a MiB of output.
pub const CHUNK_QUEUE: usize = 16;

/// Time for which output is read after the exit while some process still holds the pipes.
pub const DRAIN: Duration = Duration::from_secs(1);

/// Time after the exit for which a receiver that does not read can delay the end. Output that it
/// has not received by then counts as dropped.
pub const DELIVERY: Duration = Duration::from_secs(10);

/// Bytes that are read after [`DRAIN`] from a pipe that is still held: the capacity of a pipe,
/// which root can raise above the usual 64 KiB.
pub const SWEEP: usize = 1 << 20;

/// Time for killed processes to disappear. A process that waits for an unresponsive disk may stay
/// longer.
pub const KILL_WAIT: Duration = Duration::from_secs(5);

/// Time for which a thread waits for killed processes when their supervision was dropped.
pub const DROP_WAIT: Duration = Duration::from_millis(50);

/// Time for all processes of a tree to stop before the tree gets TERM. Stopped processes start no
/// others, so that TERM reaches all of them.
pub const HOLD: Duration = Duration::from_secs(1);

/// First and longest pause between two scans for the processes of a tree. The kernel reports only
/// the end of this process's own children.
pub const SCAN_PAUSE: (Duration, Duration) = (Duration::from_millis(5), Duration::from_millis(100));

/// Most bytes that are kept from the end of an output over `max_output`; a quarter of
/// `max_output` if that is less. A stream that writes less than half of this is kept whole.
pub const TAIL: u64 = 256 << 10;

/// Most pieces in which the end of the output is kept. A piece is of one stream, so a
/// script that writes single bytes to both in turns reaches this before [`TAIL`].
pub const TAIL_PIECES: usize = 4096;

/// Number of tries to spawn an interpreter whose file is open for writing, and the pause after the
/// first try, which doubles. The fork of another thread can hold the file open for a moment.
pub const TEXT_BUSY: (u32, Duration) = (6, Duration::from_millis(5));

/// Longest `NAME=value` in an environment, with its NUL: the limit of Linux.
pub const MAX_VARIABLE: usize = 128 << 10;

/// Longest `NAME=value` of a text, with its NUL. The rest is for a script that puts the value into
/// a longer argument, for which the same limit holds.
pub const MAX_TEXT: usize = MAX_VARIABLE - (4 << 10);
