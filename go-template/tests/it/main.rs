//! The tests of go-template, in one program.

mod check;
mod differential;
mod language;
mod limits;
mod oracle;
mod properties;
mod skips;
mod templates;
mod vectors;
