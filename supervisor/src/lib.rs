//! Runs scripts, and ends each with every process that it started.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use process_supervisor::{EndReason, Mark, Owner, Script, ScriptSpec, bounds, start};
//!
//! let folder = tempfile::tempdir()?;
//! let script = Script::parse(b"#!/bin/sh -e\necho hello\nexit 3\n", None)?;
//! let instance = "one".to_owned();
//! let owner = Owner { application: "app", variable: "APP_MARK", instance };
//! let mark = Mark { owner, execution: "1".to_owned() };
//! let spec = ScriptSpec::new(script, folder.path().to_owned(), mark);
//! let (sender, mut chunks) = tokio::sync::mpsc::channel(bounds::CHUNK_QUEUE);
//! let stop = std::future::pending::<()>();
//! let report = start(spec).await?.supervise(stop, sender).await;
//! assert_eq!(report.reason, EndReason::Exited(3));
//! assert_eq!(chunks.recv().await.map(|chunk| chunk.data), Some("hello\n".into()));
//! # Ok(())
//! # }
//! ```
//!
//! # Theory of operation
//!
//! [`Script::parse`] reads the `#!` line of a script and decides how its interpreter gets
//! it: as the path of a private file, or on stdin. [`start`] turns a [`ScriptSpec`] into a
//! [`RunningScript`], and [`RunningScript::supervise`] sees that through to its
//! [`EndReport`].
//!
//! ## Owner of the child
//!
//! A [`RunningScript`] owns the interpreter's process, its pipes and its private files.
//! `supervise` consumes it and is one future with one wait at a time, which moves input and
//! output while it waits:
//!
//! ```text
//! running ──exits──────────────────────────────▶ drain ──▶ deliver the tail ──▶ reap
//!    └──timeout, stop──▶ TERM ─grace─▶ KILL ──────▲
//! ```
//!
//! The interpreter leads a process group of its own and is reaped last of all. Until then
//! its id, which is the group's too, cannot be given to another process, so no signal can
//! hit a stranger. Dropping a `RunningScript`, or the future of `supervise`, kills the
//! whole tree.
//!
//! Output leaves as [`Chunk`]s over a bounded channel. A full channel stops reading, not
//! waiting: timeouts and stops work even if the receiver takes nothing.
//!
//! ## End of a tree
//!
//! A tree is ended at its timeout, when the caller's stop future completes, or, if
//! [`ScriptLimits::kill_leaked`] is set, when processes outlive the interpreter. It gets TERM,
//! then KILL after [`ScriptLimits::grace`], until a scan finds none of its processes.
//! [`EndReason`] says why a script ended, and [`Termination`] says what that took.
//! Processes that a script leaves behind when it exits by itself are left alone by default
//! and reported as leaked if they hold its pipes.
//!
//! ## Containment
//!
//! | [`Containment`] | where | escapes |
//! |---|---|---|
//! | `Cgroup` | Linux with a writable unified hierarchy | a process that moves to another cgroup, and drops its mark and its parent |
//! | `Descent` | other Linux | a process without parent, group and mark, once the interpreter is gone |
//! | `Job` | Windows | what is started before the interpreter is in the job |
//! | `Group` | other Unix | what leaves the process group |
//!
//! Every process also carries a [`Mark`] in its environment. By it [`find_leftovers`] finds
//! what a supervisor that was killed has left running.
//!
//! Every wait, queue and buffer has a bound: those of a script are its [`ScriptLimits`], all
//! others are in [`bounds`].

#[cfg(unix)]
mod account;
pub mod bounds;
#[cfg(unix)]
mod child_setup;
#[cfg(unix)]
mod contain;
mod end_report;
mod environment;
mod environment_size;
mod find_program;
mod interpreter;
mod leader;
mod leftovers;
mod options;
mod output;
mod private_files;
mod privileges;
mod script;
mod shebang;
mod spawn;
mod spawn_error;
mod spec;
mod supervise;
#[cfg(unix)]
mod sys;
mod tree;
mod wrapper;

#[cfg(unix)]
pub use child_setup::SetupStep;
pub use end_report::{Chunk, EndReason, EndReport, LimitHit, Stream, Termination};
pub use environment::{CutVariable, Environment, VariableFault};
pub use find_program::find_program;
pub use interpreter::StdinDoubt;
pub use leftovers::{Leftover, find_leftovers, own_entries, remove_leftover_files};
pub use output::OutputFilter;
pub use private_files::{new_private_folder, temporary_folder};
pub use privileges::{IoNice, PrivilegeError, Privileges};
pub use script::{HandOver, Script};
pub use shebang::{MAX_SHEBANG, ShebangError};
pub use spawn::{RunningScript, start};
pub use spawn_error::SpawnError;
pub use spec::{Mark, Owner, ScriptLimits, ScriptSpec};
#[cfg(unix)]
pub use sys::{reset_signals, seal_descriptors};
pub use tree::Containment;
