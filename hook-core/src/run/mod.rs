//! Run: the hooks that match an event, their order, their execution, and the decision.
//!
//! [`course`] holds the rules as a state machine without processes or clocks, with those of
//! [`matching`], of the [decision] and of [retry]. [`execute`] carries a course out: it
//! [launches](launch) one hook after another, and tells the [journal] what happens.

pub mod course;
pub mod decision;
pub mod execute;
pub mod journal;
pub mod launch;
pub mod locks;
pub mod mask;
pub mod masked_output;
pub mod matching;
pub mod outcome;
pub mod retry;
pub mod secrets;
pub mod setting;
pub mod stop;
#[cfg(test)]
mod tests;
pub mod variables;
