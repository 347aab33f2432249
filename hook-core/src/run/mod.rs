//! The course of a run: which hooks match, in what order, and what follows.

pub mod journal;
