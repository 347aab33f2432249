//! The course of a run: which hooks match, in what order, what they do, and what
//! follows.
//!
//! [`matching`] and [`course`] are the rules, without processes or clocks;
//! [`execute`] carries them out and tells a [journal] what happens.

pub mod course;
pub mod execute;
pub mod journal;
pub mod launch;
pub mod locks;
pub mod mask;
pub mod matching;
pub mod output;
pub mod secrets;
pub mod stop;
#[cfg(test)]
mod tests;
pub mod variables;
pub mod verdict;
