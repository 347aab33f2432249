//! Run: the hooks that match an event, their order, their execution, and the decision.
//!
//! [`course`] holds the rules as a state machine without processes or clocks, together with
//! [`matching`], [decision] and [retry]. [`execute`] executes a course: it [launches](launch)
//! one hook after another, and appends every fact to the [journal].

pub mod address_secrets;
pub mod config_mask;
pub mod config_secrets;
pub mod course;
pub mod decision;
pub mod execute;
pub mod journal;
pub mod launch;
pub mod locks;
pub mod mask;
pub mod matching;
pub mod outcome;
pub mod retry;
pub mod secret_names;
pub mod secrets;
pub mod setting;
pub mod stop;
pub mod variables;

#[cfg(test)]
mod tests;
