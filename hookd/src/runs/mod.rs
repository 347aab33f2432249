//! Runs: admitting them, carrying them out, finding and watching them.

mod admission;
mod journal;
mod registry;
mod run;
mod runner;
mod watch;

pub use registry::{Counts, MAX_KEPT_RUNS};
pub use run::{Run, State};
pub use runner::{Request, Runner, StartError};
pub use watch::watch;
