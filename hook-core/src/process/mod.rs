//! Processes: from a script to the end of everything it started.
//!
//! # Theory of operation
//! [`start`] turns a [`Spec`] into a [`Running`] process: it resolves the interpreter,
//! hands the script over as a private file or on stdin, and spawns the interpreter as
//! leader of its own process group. [`Running::supervise`] then owns that process. It is
//! one task with one wait at a time, and while it waits it moves output:
//!
//! ```text
//! running ──exits──────────────────────────────▶ drain ──▶ deliver the tail ──▶ reap
//!    └──time limit, Stop──▶ TERM ─grace─▶ KILL ───▲
//! ```
//!
//! The process is reaped last of all. Until then its id, which names the group too,
//! cannot be given to another process, so that no signal of ours can hit a stranger.
//!
//! Output goes out as [`Chunk`]s over a bounded channel. A full channel stops reading, not
//! waiting: time limits and stops work whatever the receiver does. All bounds are in
//! [`bounds`].
//!
//! Reason and method of an end are kept apart: [`End`] says why, [`Ending`] and
//! [`Method`] say how.

#[cfg(unix)]
mod account;
pub mod bounds;
mod contain;
mod ended;
mod error;
mod leader;
mod leftover;
mod output;
mod private;
mod privileges;
mod program;
#[cfg(unix)]
mod setup;
mod spawn;
mod spec;
mod supervise;
#[cfg(unix)]
mod sys;
mod tree;

pub use ended::{Chunk, End, Ended, Ending, Reached, Stop};
pub use error::StartError;
pub use leftover::{LeftOver, left_over, remove_left_over_files};
pub use privileges::{Impossible, IoNice, Privileges};
#[cfg(unix)]
pub use setup::Step;
pub use spawn::{Running, start};
pub use spec::{Base, Environment, LeftOut, LeftOutReason, Mark, Spec};
#[cfg(unix)]
pub use sys::seal_descriptors;
pub use tree::Method;
