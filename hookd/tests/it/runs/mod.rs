//! Runs through the real daemon, seen by a plain client of the generated stub.

mod callers;
mod course;
