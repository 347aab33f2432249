//! Runs: admitting them, carrying them out, keeping, finding and watching them.

mod admission;
mod health;
mod journal;
mod keep;
mod recover;
mod registry;
mod run;
mod runner;
mod start;
mod watch;

pub use health::Health;
pub use recover::{CutOff, close, cut_off};
pub use registry::Counts;
pub use run::{Run, State};
pub use runner::{Keeping, Runner};
pub use start::{Request, StartError};
pub use watch::{Broken, Known, watch};
